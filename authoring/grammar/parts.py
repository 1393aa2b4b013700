"""Cells of two parts, each with a grammar of its own: 300万元（已享受 累计奖励）, 10%（封顶后）.

A part is the whole text with all else blanked out, so that every place in it is one in the cell.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from authoring.grammar.vocabulary import Vocabulary

_RECEIVED = re.compile(r"\s*(?:已享受|已获得?|已领取?|已兑[现付]|已得|已补助|已奖励)(?:的|:)?")
_TOP_UP = re.compile(r"\s*(?:给予)?(?:差额)?补[足齐][至到]")
_SIDE = re.compile(r"\s*封顶(?:以|之)?(?P<side>[前后])\s*")
_TERM = re.compile(
    r"\s*(?:每[家户个]?(?:企业|项目)?)?(?:累计|年度|每年|当年|本年度?)(?=最高|最多|不得?超过|上限|[0-9])"
)
_RISES = re.compile(r"\s*(?:再|另)?(?:上浮|增加|提高|上调|加成)")


class Parts(NamedTuple):
    """A cell taken apart; ``second`` is None where only the first part is there."""

    first: str
    second: str | None


class Rise(NamedTuple):
    """An uplift taken apart; ``after_caps`` is None where the cell does not say."""

    rate: str
    after_caps: bool | None


def tops_up(text: str) -> bool:
    """Whether a cell begins with 补足至."""
    return _TOP_UP.match(text) is not None


def less_received(text: str, vocabulary: Vocabulary) -> Parts:
    """Part an amount from what was received of it: 补足至100万元（已享受 往年奖励）."""
    begun = _TOP_UP.match(text)
    start = 0 if begun is None else begun.end()
    for first, last in _brackets(text):
        said = _RECEIVED.match(text, first + 1, last)
        inside = text[first + 1 : last].strip()
        named = inside in vocabulary.names and vocabulary.names[inside].field is not None
        if named or said:
            opened = first + 1 if named or said is None else said.end()
            rest = _without(_without(text, first, last + 1), 0, start)
            return Parts(rest, _only(text, opened, last))
    return Parts(_without(text, 0, start), None)


def allowance(text: str, vocabulary: Vocabulary) -> Parts:
    """Part 每年最高300万元（已享受 本年已享受）; the column says what is said of the time."""
    said = _TERM.match(text)
    return less_received(text if said is None else _without(text, 0, said.end()), vocabulary)


def uplift(text: str) -> Rise:
    """Part a rate from what is said around it: 再增加10%（封顶后）, 封顶前上浮10%."""
    after_caps: bool | None = None
    for first, last in _brackets(text):
        side = _SIDE.fullmatch(text, first + 1, last)
        if side:
            after_caps = side["side"] == "后"
            text = _without(text, first, last + 1)
    side = _SIDE.match(text)
    if after_caps is None and side:
        after_caps = side["side"] == "后"
        text = _without(text, 0, side.end())
    rises = _RISES.match(text)
    if rises:
        text = _without(text, 0, rises.end())
    return Rise(text, after_caps)


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
