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


_NUMERAL = re.compile("[0-9]+|[零〇一二两三四五六七八九十百]+")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}
_PLACES = {"十": 10, "百": 100}


def nearest_number(number: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """The candidates that spell the same number another way: 第六条 is 六, and never 十六.

    Numbers (编号) that differ in a digit are different things, however alike they look.
    """
    wanted = _numerals(number)
    same = [each for each in candidates if _numerals(each) == wanted]
    return nearest(number, same) or (tuple(same[:1]) if wanted else ())


def _numerals(text: str) -> tuple[int, ...]:
    return tuple(_value(found[0]) for found in _NUMERAL.finditer(key(text)))


def _value(numeral: str) -> int:
    if numeral.isascii():
        return int(numeral)
    if not set(numeral) & set(_PLACES):
        return int("".join(str(_DIGITS[each]) for each in numeral))
    total = digit = 0
    for each in numeral:
        if each in _PLACES:
            total += (digit or 1) * _PLACES[each]
            digit = 0
        else:
            digit = _DIGITS[each]
    return total + digit


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
