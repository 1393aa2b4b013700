"""How words are compared: normalised, and what an author probably meant when a word is unknown."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

from authoring.numerals import NUMERAL, whole

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
MOST_OFFERED = 3
MAX_CANDIDATES = 1000
MAX_LENGTH = 80
"""Beyond these, looking for a likely word would take longer than reading the book, and keeping the
compared spelling would fill the memory."""

_DOTS = str.maketrans(dict.fromkeys("・•‧∙⋅", "·"))


def tidy(text: str) -> str:
    """The text as it is shown: without invisible characters and the blanks around it."""
    return _INVISIBLE.sub("", text).strip()


def key(text: str) -> str:
    """The text as it is compared: NFKC, one kind of middle dot, without any blanks."""
    return _known_key(text) if len(text) <= MAX_LENGTH else _key(text)


def _key(text: str) -> str:
    normal = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return "".join(normal.translate(_DOTS).split())


_NUMERALS = re.compile(f"[0-9]+|{NUMERAL}+")


def nearest_number(number: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """The candidates that spell the same number another way: 第六条 is 六, and never 十六.

    Numbers (编号) that differ in a digit are different things, however alike they look.
    """
    wanted = _numerals(number)
    same = [each for each in candidates if _numerals(each) == wanted]
    return nearest(number, same) or (tuple(same[:1]) if wanted else ())


def _numerals(text: str) -> tuple[int | None, ...]:
    return tuple(whole(found[0]) for found in _NUMERALS.finditer(key(text)))


_known_key = lru_cache(maxsize=1 << 14)(_key)


def close_matches(word: str, candidates: Iterable[str], cutoff: float) -> list[str]:
    """The best three that ``difflib`` would find; of several that are equally good all or none.

    Comparing takes long. What a candidate can score at most is known from the letters that it has
    in common with the word: the likeliest come first, and those that can no longer win not at all.
    """
    shared = frozenset(word).__contains__
    likely: list[tuple[float, str]] = []
    for candidate in candidates:
        limit = 2 * sum(map(shared, candidate)) / (len(word) + len(candidate) or 1)
        if limit >= cutoff:
            likely.append((limit, candidate))
    matcher = difflib.SequenceMatcher()
    matcher.set_seq2(word)
    best: list[tuple[float, str]] = []
    for limit, candidate in sorted(likely, reverse=True):
        if len(best) > MOST_OFFERED and limit < best[-1][0]:
            break
        matcher.set_seq1(candidate)
        score = matcher.ratio()
        if score >= cutoff:
            best = sorted([*best, (score, candidate)], reverse=True)[: MOST_OFFERED + 1]
    beaten = best[MOST_OFFERED][0] if len(best) > MOST_OFFERED else 0
    return [candidate for score, candidate in best if score > beaten]


def nearest_in_length(word: str, candidates: Iterable[str]) -> list[str]:
    """The candidates that add least to a word or leave out least of it.

    At most three; of several that are equally near all or none, since a few would be arbitrary.
    """
    by_length: dict[int, list[str]] = {}
    for each in candidates:
        by_length.setdefault(abs(len(each) - len(word)), []).append(each)
    found: list[str] = []
    for _, alike in sorted(by_length.items()):
        if len(found) + len(alike) > MOST_OFFERED:
            break
        found += alike
    return found


def is_slip(word: str, name: str) -> bool:
    """Whether a word is likelier a slip of a name than a word of its own."""
    written, meant = key(word)[:MAX_LENGTH], key(name)[:MAX_LENGTH]
    return written in meant or meant in written or bool(close_matches(written, [meant], 0.6))


def nearest(word: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """The candidates that look most like a word, best first, at most three."""
    wanted = key(word)[:MAX_LENGTH]
    letters = set(wanted)
    spelled: dict[str, str] = {}
    for each in islice(candidates, MAX_CANDIDATES):
        if letters & set(key(each)):
            spelled.setdefault(key(each)[:MAX_LENGTH], each)
    found = close_matches(wanted, spelled, 0.5)
    if not found and len(wanted) > 1:
        found = nearest_in_length(
            wanted,
            [each for each in spelled if wanted in each or (len(each) > 1 and each in wanted)],
        )
    return tuple(spelled[each] for each in found[:3])
