"""How words are compared: normalised, and what an author probably meant when a word is unknown."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_SPACE = re.compile(r"\s+")
MAX_CANDIDATES = 1000
MAX_LENGTH = 80
"""Beyond these, looking for a likely word would take longer than reading the book."""

_DOTS = re.compile("[・•‧∙⋅]")


def tidy(text: str) -> str:
    """The text as it is shown: without invisible characters and the blanks around it."""
    return _INVISIBLE.sub("", text).strip()


@lru_cache(maxsize=1 << 16)
def key(text: str) -> str:
    """The text as it is compared: NFKC, one kind of middle dot, without any blanks."""
    normal = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return _DOTS.sub("·", _SPACE.sub("", normal))


def nearest(word: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """The candidates that look most like a word, best first, at most three."""
    wanted = key(word)[:MAX_LENGTH]
    letters = set(wanted)
    spelled: dict[str, str] = {}
    for each in islice(candidates, MAX_CANDIDATES):
        if letters & set(key(each)):
            spelled.setdefault(key(each)[:MAX_LENGTH], each)
    found = difflib.get_close_matches(wanted, list(spelled), n=3, cutoff=0.5)
    if not found and len(wanted) > 1:
        found = [each for each in spelled if wanted in each or (len(each) > 1 and each in wanted)]
    return tuple(spelled[each] for each in found[:3])
