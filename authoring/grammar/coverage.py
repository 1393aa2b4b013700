"""Tests that say nothing: a list that every value passes, a conjunction that none does.

Only literal bounds count. What cannot be decided here is never reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cmp_to_key
from typing import NamedTuple, TypeAlias

from engine.expressions import (
    AllOf,
    Comparator,
    Compare,
    Expression,
    Literal,
    Not,
    OneOf,
    UnaryTest,
    Within,
)
from engine.types import family
from engine.values import Number, Value

Point: TypeAlias = Number | date


class Span(NamedTuple):
    """From ``low`` to ``high``; None is without end."""

    low: Point | None
    high: Point | None
    low_closed: bool = False
    high_closed: bool = False


def covers_all(tests: Iterable[UnaryTest], multiple: bool, yes_no: bool) -> bool:
    """Whether every known value passes one of the tests; a set (``multiple``) rarely does."""
    tests = tuple(tests)
    values = {value for test in tests if isinstance(test, OneOf) for value in test.values}
    if yes_no:
        return values == {True, False}
    denied = [
        set(test.test.values)
        for test in tests
        if isinstance(test, Not) and isinstance(test.test, OneOf)
    ]
    if denied and not multiple and not set.intersection(*denied) - values:
        return True
    spans = [span for test in tests for span in _spans(test) or ()]
    return bool(spans) and _fill_the_line(spans)


def contradicts(tests: Iterable[UnaryTest], children: Mapping[str, Sequence[str]]) -> bool:
    """Whether no value passes all of the tests. ``children``: the codes below a code."""
    tests = tuple(tests)
    common: Span | None = Span(None, None)
    for test in tests:
        spans = _spans(test)
        if spans is not None and not spans:
            return True
        if spans is not None and len(spans) == 1 and common is not None:
            common = _intersection(common, spans[0])
    return common is None or _no_code_left(tests, children)


def _no_code_left(tests: tuple[UnaryTest, ...], children: Mapping[str, Sequence[str]]) -> bool:
    left: set[Value] | None = None
    for test in tests:
        if isinstance(test, OneOf):
            passing = _passing(test.values, children)
            left = passing if left is None else left & passing
    if left is None:
        return False
    for test in tests:
        if isinstance(test, Not) and isinstance(test.test, OneOf):
            left = left - _passing(test.test.values, children)
    return not left


def _passing(values: tuple[Value, ...], children: Mapping[str, Sequence[str]]) -> set[Value]:
    passing: set[Value] = set()
    for value in values:
        passing |= family(value, children) if isinstance(value, str) else {value}
    return passing


def _spans(test: UnaryTest) -> list[Span] | None:
    """The numbers or days that pass a test; None where that is not a matter of literals."""
    match test:
        case Compare(comparator=comparator, bound=bound):
            point = _point(bound)
            return None if point is None else _compared(comparator, point)
        case Within(low=low, high=high, low_closed=low_closed, high_closed=high_closed):
            first, last = _point(low), _point(high)
            if first is None or last is None:
                return None
            span = _valid(Span(first, last, low_closed, high_closed))
            return [] if span is None else [span]
        case OneOf(values=values):
            points = [_as_point(value) for value in values]
            return [Span(each, each, True, True) for each in points if each is not None] or None
        case Not(test=OneOf(values=(value,))):
            point = _as_point(value)
            return None if point is None else _compared(Comparator.NOT_EQUAL, point)
        case AllOf(tests=tests):
            common: Span | None = Span(None, None)
            for inner in tests:
                spans = _spans(inner)
                if spans is None or len(spans) != 1 or common is None:
                    return None
                common = _intersection(common, spans[0])
            return [] if common is None else [common]
    return None


def _compared(comparator: Comparator, point: Point) -> list[Span]:
    match comparator:
        case Comparator.LESS | Comparator.AT_MOST:
            return [Span(None, point, high_closed=comparator is Comparator.AT_MOST)]
        case Comparator.GREATER | Comparator.AT_LEAST:
            return [Span(point, None, low_closed=comparator is Comparator.AT_LEAST)]
        case Comparator.EQUAL:
            return [Span(point, point, True, True)]
        case Comparator.NOT_EQUAL:
            return [Span(None, point), Span(point, None)]


def _point(bound: Expression) -> Point | None:
    return _as_point(bound.value) if isinstance(bound, Literal) else None


def _as_point(value: object) -> Point | None:
    if isinstance(value, bool | str | frozenset):
        return None
    return value if isinstance(value, Number | date) else None


def _before(left: Point, right: Point) -> bool:
    """Whether one point lies before another; numbers and days do not mix."""
    if isinstance(left, date) and isinstance(right, date):
        return left < right
    if isinstance(left, date) or isinstance(right, date):
        return False
    return left < right


def _valid(span: Span) -> Span | None:
    if span.low is None or span.high is None or _before(span.low, span.high):
        return span
    touches = span.low == span.high and span.low_closed and span.high_closed
    return span if touches else None


def _intersection(left: Span, right: Span) -> Span | None:
    low, low_closed = _later(left, right)
    high, high_closed = _earlier(left, right)
    return _valid(Span(low, high, low_closed, high_closed))


def _later(left: Span, right: Span) -> tuple[Point | None, bool]:
    if left.low is None or right.low is None:
        chosen = right if left.low is None else left
        return chosen.low, chosen.low_closed
    if left.low == right.low:
        return left.low, left.low_closed and right.low_closed
    chosen = right if _before(left.low, right.low) else left
    return chosen.low, chosen.low_closed


def _earlier(left: Span, right: Span) -> tuple[Point | None, bool]:
    if left.high is None or right.high is None:
        chosen = right if left.high is None else left
        return chosen.high, chosen.high_closed
    if left.high == right.high:
        return left.high, left.high_closed and right.high_closed
    chosen = left if _before(left.high, right.high) else right
    return chosen.high, chosen.high_closed


def _fill_the_line(spans: list[Span]) -> bool:
    """Whether spans leave no gap between minus and plus infinity."""
    ordered = sorted(spans, key=cmp_to_key(_by_low))
    if ordered[0].low is not None:
        return False
    reach, closed = ordered[0].high, ordered[0].high_closed
    for span in ordered[1:]:
        if reach is None:
            return True
        low = span.low
        if low is not None:
            touching = low == reach and (closed or span.low_closed)
            if not (touching or _before(low, reach)):
                return False
        if span.high is None:
            return True
        if _before(reach, span.high):
            reach, closed = span.high, span.high_closed
        elif reach == span.high:
            closed = closed or span.high_closed
    return reach is None


def _by_low(left: Span, right: Span) -> int:
    if left.low is None or right.low is None:
        return (left.low is not None) - (right.low is not None)
    if left.low == right.low:
        return right.low_closed - left.low_closed
    return -1 if _before(left.low, right.low) else 1
