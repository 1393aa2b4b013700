"""What a golden case expects, written as drafters write it: ``可享受 200万元``, ``被M2取代``."""

from __future__ import annotations

import re
from fractions import Fraction

from authoring.cases.facts import NOT_APPLICABLE, Known
from authoring.grammar import read_value
from authoring.spelling import key, nearest, nearest_number, tidy
from engine.cases import Expectation
from engine.cells import CellRef, Place
from engine.findings import Finding
from engine.model import Field
from engine.notation import NO_CAP
from engine.outcome import Certainty
from engine.types import MoneyType
from engine.values import INFINITY, Bound

PREFIX = "期望"
TOTAL = "合计"
DOT = "·"
WORDS = (
    "可享受",
    "上限",
    "区间",
    "按有关规定",
    "不符合",
    "待补充",
    "需人工判断",
    "不适用",
    "就高不重复",
    "同类未决",
    "规则冲突",
)
PLAIN = {
    "不符合": "refused",
    "不适用": NOT_APPLICABLE,
    "同类未决": "undecided",
    "规则冲突": "conflict",
    "就高不重复": "displaced",
}
_DISPLACED = re.compile(r"被(?P<by>.+?)(?:取代|替代)")
_WORD = re.compile(rf"(?P<word>{'|'.join(WORDS)})(?P<rest>.*)", re.S)
_RANGE = re.compile("(?P<low>.+?)(?:—+|～|~|至|到|-)(?P<high>.+)", re.S)
_AT_MOST = re.compile("(?:最高|不超过)?(?P<amount>.+)", re.S)
_NAMES = re.compile("[、，,；;\\s]+")
_MONEY = Field("金额", MoneyType())


class _Unreadable(Exception):
    """Carries the finding up to ``read_expectation``; never leaves it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def target_names(known: Known) -> tuple[str, ...]:
    """Everything of which a case may expect something."""
    policy = known.policy
    totals = tuple(f"{TOTAL}{DOT}{subject}" for subject in policy.subjects)
    return (*(measure.id for measure in policy.measures), TOTAL, *totals)


def find_target(written: str, known: Known) -> str | None:
    """The target that a drafter means, as it is documented."""
    return next((each for each in target_names(known) if key(each) == key(written)), None)


def unknown_target(written: str, known: Known, at: Place | None) -> Finding:
    """Say that nothing of that name is expected of a case."""
    if key(written) in known.disabled:
        return Finding("K421", at, {"target": written})
    near = nearest_number(written, target_names(known))
    return Finding("K420", at, {"target": written}, did_you_mean=near)


def _unknown_winner(written: str, known: Known, at: Place | None) -> Finding:
    if key(written) in known.disabled:
        return unknown_target(written, known, at)
    near = nearest_number(written, [measure.id for measure in known.policy.measures])
    offered = tuple(f"被{each}取代" for each in near)
    return Finding("K427", at, {"target": written}, did_you_mean=offered)


def read_expectation(
    target: str, text: str, known: Known, cell: CellRef | None
) -> tuple[Expectation | None, tuple[Finding, ...]]:
    """Read one cell under ``期望·<target>``; None exactly when it cannot be read."""
    at = None if cell is None else Place(cell)
    try:
        if target == TOTAL or target.startswith(f"{TOTAL}{DOT}"):
            low, high = _read_range(tidy(text), known, target, text, at)
            return Expectation(target, tidy(text), low=low, high=high, at=at), ()
        return _read_verdict(target, tidy(text), known, at), ()
    except _Unreadable as trouble:
        return None, (trouble.finding,)


def _read_verdict(target: str, text: str, known: Known, at: Place | None) -> Expectation:
    displaced = _DISPLACED.fullmatch(key(text))
    if displaced:
        winner = find_target(displaced["by"], known)
        if winner is None:
            raise _Unreadable(_unknown_winner(displaced["by"], known, at))
        return Expectation(target, text, "displaced", by=winner, at=at)
    found = _WORD.fullmatch(text)
    if found is None:
        near = nearest(text, WORDS)
        params = {"target": target, "text": text, "words": WORDS}
        raise _Unreadable(Finding("K422", at, params, did_you_mean=near))
    word, rest = found["word"], tidy(found["rest"].lstrip(" :：　"))
    if word in PLAIN:
        if rest:
            raise _Unreadable(Finding("K423", at, {"word": word, "rest": rest, "target": target}))
        return Expectation(target, text, PLAIN[word], at=at)
    match word:
        case "待补充":
            missing = _read_fields(rest, known, at)
            return Expectation(target, text, "undetermined", missing=missing, at=at)
        case "按有关规定" if not rest:
            regulation = Certainty.BY_REGULATION.value
            return Expectation(target, text, "granted", certainty=regulation, at=at)
        case "需人工判断":
            most = _AT_MOST.fullmatch(rest)
            high = _read_high(most["amount"], known, target, text, at) if most else None
            return Expectation(target, text, "referred", high=high, at=at)
        case "可享受":
            low, high = _read_range(rest, known, target, text, at) if rest else (None, None)
            return Expectation(target, text, "granted", low, high, at=at)
        case "上限" if rest:
            high = _read_high(rest, known, target, text, at)
            certainty = Certainty.CEILING.value
            return Expectation(target, text, "granted", 0, high, certainty, at=at)
        case "区间" if rest:
            low, high = _read_range(rest, known, target, text, at)
            # A ceiling with a floor is a span as well; only 0 to high could be mistaken for one.
            span = Certainty.INTERVAL.value if low == 0 else None
            return Expectation(target, text, "granted", low, high, span, at=at)
        case _:
            params = {"target": target, "text": text, "words": WORDS}
            raise _Unreadable(Finding("K422", at, params))


def _read_fields(text: str, known: Known, at: Place | None) -> tuple[str, ...]:
    names = []
    for written in filter(None, _NAMES.split(text)):
        field = known.fields.get(key(written))
        if field is None:
            near = nearest(written, [each.name for each in known.policy.fields])
            raise _Unreadable(Finding("K424", at, {"field": written}, did_you_mean=near))
        names.append(field.name)
    return tuple(names)


def _read_range(
    text: str, known: Known, target: str, whole: str, at: Place | None
) -> tuple[int, Bound]:
    found = _RANGE.fullmatch(text)
    if found is None:
        amount = _read_money(text, known, target, whole, at)
        return amount, amount
    low_text, high_text = tidy(found["low"]), tidy(found["high"])
    unit = None if _is_unbounded(high_text) else re.search(r"[^\d.,]+$", high_text)
    if unit and re.fullmatch(r"[\d.,]+", low_text):
        low_text += unit[0]
    low = _read_money(low_text, known, target, whole, at)
    high = _read_high(high_text, known, target, whole, at)
    if high < low:
        raise _Unreadable(Finding("K425", at, {"target": target, "text": whole}))
    return low, high


def _is_unbounded(text: str) -> bool:
    return key(text) == NO_CAP


def _read_high(text: str, known: Known, target: str, whole: str, at: Place | None) -> Bound:
    """The upper end of an amount, which may be 不封顶."""
    return INFINITY if _is_unbounded(text) else _read_money(text, known, target, whole, at)


def _read_money(text: str, known: Known, target: str, whole: str, at: Place | None) -> int:
    value, _ = read_value(text, _MONEY, "", known.vocabulary, None)
    if isinstance(value, int | Fraction) and Fraction(value).denominator == 1:
        return int(value)
    params = {"target": target, "text": whole, "amount": tidy(text)}
    raise _Unreadable(Finding("K426", at, params))
