"""Cells of two parts, each with a grammar of its own: 300万元（已享受 累计奖励）, 10%（封顶后）.

A part is the whole text with all else blanked out, so that every place in it is one in the cell.
What is said around an amount (已享受, 再增加, 每年) is left out, but never a piece of the name of a
field: the vocabulary decides where a name stands (已享受奖励, 增加比例).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from authoring.grammar.lexer import tokenize
from authoring.grammar.lexicon import Kind, name_at
from authoring.grammar.problems import Code, Problem, problem
from authoring.grammar.vocabulary import Vocabulary

_RECEIVED = re.compile(r"(?:已享受|已获得?|已领取?|已兑[现付]|已得|已补助|已奖励)(?:的|:)?")
_TOP_UP = re.compile(r"(?:给予)?(?:差额)?补[足齐][至到]")
_SIDE = re.compile(r"封顶(?:以|之)?(?P<side>[前后])")
_TERM = re.compile(
    r"(?:每[家户个]?(?:企业|项目)?)?(?:累计|年度|每年|当年|本年度?)(?=最高|最多|不得?超过|上限|[0-9])"
)
_RISES = re.compile(r"(?:再|另)?(?:上浮|增加|提高|上调|加成)")
_BLANK = re.compile(r"\s*")
_GOES_ON = re.compile(r"\s*(?:[-+*/×÷的)]|$)")
"""What stands behind a name that is the word itself (上浮 × 2), and never behind the word."""
_ENDS_AN_AMOUNT = frozenset({Kind.NAME, Kind.NUMBER, Kind.WORD, Kind.RP, Kind.SUFFIX})


class Parts(NamedTuple):
    """A cell taken apart; ``second`` is None where only the first part is there."""

    first: str
    second: str | None


class Rise(NamedTuple):
    """An uplift taken apart; ``after_caps`` is None where the cell does not say."""

    rate: str
    after_caps: bool | None


class _Bracket(NamedTuple):
    """Where a bracket opens, where what counts in it begins, and where it closes."""

    first: int
    inside: int
    last: int


def tops_up(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a cell begins with 补足至."""
    return _said(_TOP_UP, text, 0, len(text), vocabulary) is not None


def less_received(text: str, vocabulary: Vocabulary) -> Parts:
    """Part an amount from what was received of it: 补足至100万元（已享受 往年奖励）."""
    rest = _without_word(_TOP_UP, text, vocabulary)
    bracket = _received(rest, vocabulary)
    if bracket is None:
        return Parts(rest, None)
    return Parts(
        _without(rest, bracket.first, bracket.last + 1), _only(text, bracket.inside, bracket.last)
    )


def allowance(text: str, vocabulary: Vocabulary) -> Parts:
    """Part 每年最高300万元（已享受 本年已享受）; the column says what is said of the time."""
    return less_received(_without_word(_TERM, text, vocabulary), vocabulary)


def uplift(text: str, vocabulary: Vocabulary) -> Rise:
    """Part a rate from what is said around it: 再增加10%（封顶后）, 封顶前上浮10%.

    Raises ``Problem`` where a cell says both sides.
    """
    sides: list[re.Match[str]] = []
    for first, last in _brackets(text):
        side = _SIDE.fullmatch(text, _after_blanks(text, first + 1), _before_blanks(text, last))
        if side:
            sides.append(side)
            text = _without(text, first, last + 1)
    side = _said(_SIDE, text, 0, len(text), vocabulary)
    if side:
        sides.append(side)
        text = _without(text, 0, side.end())
    said = {each["side"] for each in sides}
    if len(said) > 1:
        sides.sort(key=lambda each: each.start())
        start, end = sides[0].start(), sides[-1].end()
        raise problem(Code.CONTRADICTION, start, end, word=sides[0].string[start:end])
    return Rise(_without_word(_RISES, text, vocabulary), "后" in said if said else None)


def _received(text: str, vocabulary: Vocabulary) -> _Bracket | None:
    """The bracket that tells what was received: one that says so, else one behind the amount that
    holds nothing but a field, or begins with one of such a name."""
    naming: _Bracket | None = None
    for first, last in _brackets(text):
        said = _said(_RECEIVED, text, first + 1, last, vocabulary)
        if said:
            return _Bracket(first, said.end(), last)
        begins = _after_blanks(text, first + 1)
        whole = _is_field(text[begins:last].strip(), vocabulary)
        named = whole or _RECEIVED.match(text, begins, last)
        if named and _ends_an_amount(text[:first], vocabulary):
            naming = _Bracket(first, first + 1, last)
    return naming


def _ends_an_amount(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a bracket behind this can be no part of it."""
    try:
        tokens = tokenize(text, vocabulary.lexicon, ())
    except Problem:
        return True
    return bool(tokens) and tokens[-1].type in _ENDS_AN_AMOUNT


def _said(
    words: re.Pattern[str], text: str, start: int, end: int, vocabulary: Vocabulary
) -> re.Match[str] | None:
    """The words that a text begins with, unless they are a field's name or a piece of one."""
    found = words.match(text, _after_blanks(text, start), end)
    if found is None:
        return None
    name = name_at(vocabulary.lexicon, text, found.start())
    if not _is_field(text[found.start() : name], vocabulary):
        return found
    alone = name <= found.end() and not _GOES_ON.match(text, name, end)
    return found if alone else None


def _is_field(word: str, vocabulary: Vocabulary) -> bool:
    name = vocabulary.names.get(word)
    return name is not None and name.field is not None


def _without_word(words: re.Pattern[str], text: str, vocabulary: Vocabulary) -> str:
    said = _said(words, text, 0, len(text), vocabulary)
    return text if said is None else _without(text, 0, said.end())


def _after_blanks(text: str, start: int) -> int:
    found = _BLANK.match(text, start)
    return found.end() if found else start


def _before_blanks(text: str, end: int) -> int:
    return len(text[:end].rstrip())


def _brackets(text: str) -> list[tuple[int, int]]:
    """Where the outermost brackets of a text open and close."""
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    for at, character in enumerate(text):
        if character == "(":
            opened.append(at)
        elif character == ")" and opened:
            first = opened.pop()
            if not opened:
                found.append((first, at))
    return found


def _only(text: str, start: int, end: int) -> str:
    return " " * start + text[start:end] + " " * (len(text) - end)


def _without(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]
