"""How words are compared: normalised, and what an author probably meant when a word is unknown."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_SPACE = re.compile(r"\s+")
_DOTS = re.compile("[・•‧∙⋅]")


def tidy(text: str) -> str:
    """The text as it is shown: without invisible characters and the blanks around it."""
    return _INVISIBLE.sub("", text).strip()


def key(text: str) -> str:
    """The text as it is compared: NFKC, one kind of middle dot, without any blanks."""
    normal = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return _DOTS.sub("·", _SPACE.sub("", normal))


def nearest(word: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """The candidates that look most like a word, best first, at most three."""
    spelled: dict[str, str] = {}
    for each in candidates:
        spelled.setdefault(key(each), each)
    wanted = key(word)
    found = difflib.get_close_matches(wanted[:80], list(spelled), n=3, cutoff=0.5)
    if not found and len(wanted) > 1:
        found = [each for each in spelled if wanted in each or (len(each) > 1 and each in wanted)][
            :3
        ]
    return tuple(spelled[each] for each in found)
