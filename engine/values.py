"""The values that facts take, and the arithmetic on them.

Money is a whole number of fen; everything computed from it is an exact fraction of a fen until the
one rounding at the end. Binary floating point occurs only as the infinite end of a ``Range``.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

FEN_PER_YUAN = 100
INFINITY = math.inf

Number: TypeAlias = int | Fraction
Bound: TypeAlias = int | Fraction | float
"""A number, or an infinity (the only floats that occur)."""


@dataclass(frozen=True, slots=True)
class Range:
    """All that a number may still be: every value from ``low`` to ``high``, both included."""

    low: Bound
    high: Bound


Value: TypeAlias = bool | int | Fraction | Range | date | str | frozenset[str]
"""bool: 是否; int/Fraction: 金额 (fen), 比例, 单价 (fen per unit), 汇率, 数量; str: 单选, 文本;
frozenset: 多选; Range: a number of which only the limits are known. None beside it: missing."""


class RoundingMode(StrEnum):
    """How a fraction becomes a whole number of steps."""

    HALF_UP = "half_up"
    DOWN = "down"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Rounding:
    """Round to whole multiples of ``step`` fen. The default is to the fen, half away from zero."""

    step: int = 1
    mode: RoundingMode = RoundingMode.HALF_UP


def round_fen(amount: Number, rounding: Rounding) -> int:
    """Round an exact amount in fen. Half-up means half away from zero, as accountants do."""
    step = amount.denominator * rounding.step
    whole, rest = divmod(abs(amount.numerator), step)
    match rounding.mode:
        case RoundingMode.HALF_UP:
            whole += 2 * rest >= step
        case RoundingMode.UP:
            whole += rest > 0
        case RoundingMode.DOWN:
            pass
    return (whole if amount >= 0 else -whole) * rounding.step


def round_bound(amount: Bound, rounding: Rounding) -> Bound:
    """Round one end of an amount; an infinite end stays infinite."""
    return amount if isinstance(amount, float) else round_fen(amount, rounding)


def low_of(value: Number | Range) -> Bound:
    """The least that a number may be."""
    return value.low if isinstance(value, Range) else value


def high_of(value: Number | Range) -> Bound:
    """The most that a number may be."""
    return value.high if isinstance(value, Range) else value


def span(low: Bound, high: Bound) -> Number | Range:
    """The number from ``low`` to ``high``: a plain number when both are the same."""
    if low == high and not isinstance(low, float):
        return low
    return Range(low, high)


def plus(left: Bound, right: Bound) -> Bound:
    """The sum of two ends: an infinite one outweighs any number, however large."""
    if isinstance(left, float):
        return left
    return right if isinstance(right, float) else left + right


def times(left: Bound, right: Bound) -> Bound:
    """The product of two ends: nothing times the unbounded is nothing."""
    if left == 0 or right == 0:
        return 0
    if isinstance(left, float) or isinstance(right, float):
        return INFINITY if (left > 0) is (right > 0) else -INFINITY
    return left * right


def total(bounds: Iterable[Bound]) -> Bound:
    """The sum of ends, exact as long as all are finite."""
    summed: Bound = 0
    for each in bounds:
        if isinstance(each, float):
            return each
        summed += each
    return summed


def add(left: Number | Range, right: Number | Range) -> Number | Range:
    """Exact sum."""
    if isinstance(left, Range) or isinstance(right, Range):
        return span(plus(low_of(left), low_of(right)), plus(high_of(left), high_of(right)))
    return left + right


def negate(value: Number | Range) -> Number | Range:
    """Exact negative."""
    return span(-value.high, -value.low) if isinstance(value, Range) else -value


def subtract(left: Number | Range, right: Number | Range) -> Number | Range:
    """Exact difference."""
    return add(left, negate(right))


def multiply(left: Number | Range, right: Number | Range) -> Number | Range:
    """Exact product."""
    if isinstance(left, Range) or isinstance(right, Range):
        corners = [
            times(a, b)
            for a in (low_of(left), high_of(left))
            for b in (low_of(right), high_of(right))
        ]
        return span(min(corners), max(corners))
    return left * right


def divide(left: Number | Range, right: Number | Range) -> Number | Range | None:
    """Exact quotient; None where the divisor is zero or may be zero."""
    if low_of(right) <= 0 <= high_of(right):
        return None
    if isinstance(right, Range):
        return multiply(left, Range(_inverse(right.high), _inverse(right.low)))
    return multiply(left, Fraction(1) / right)


def greatest(values: list[Number | Range]) -> Number | Range:
    """The greatest of several numbers, some of them known only by their limits."""
    return span(max(map(low_of, values)), max(map(high_of, values)))


def least(values: list[Number | Range]) -> Number | Range:
    """The least of several numbers, some of them known only by their limits."""
    return span(min(map(low_of, values)), min(map(high_of, values)))


def whole_units(value: Number | Range, step: Number, mode: RoundingMode) -> Number | Range:
    """How many whole steps a number holds, counted as ``mode`` says."""
    rounding = Rounding(1, mode)

    def count(bound: Bound) -> Bound:
        return bound if isinstance(bound, float) else round_fen(Fraction(bound) / step, rounding)

    return span(count(low_of(value)), count(high_of(value)))


def whole_months(start: date, end: date) -> int:
    """Whole months from ``start`` to ``end``, negative when ``end`` comes first.

    A month is whole on the same day of a later month, or on that month's last day when it has no
    such day (Civil Code of the PRC, art. 202).
    """
    if end < start:
        return -whole_months(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    last_day = calendar.monthrange(end.year, end.month)[1]
    return months - (end.day < min(start.day, last_day))


def months_later(start: date, months: Number) -> date:
    """The corresponding day some whole months later, or the last day of a month without it.

    Parts of a month do not count. The calendar ends where ``date`` does.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months // 1, 12)
    if not date.min.year <= year <= date.max.year:
        return date.max if year > date.max.year else date.min
    last_day = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last_day))


def days_later(start: date, days: Number) -> date:
    """The day some whole days later; the calendar ends where ``date`` does."""
    there = start.toordinal() + days // 1
    return date.fromordinal(max(date.min.toordinal(), min(there, date.max.toordinal())))


def increase(now: Number | Range, before: Number | Range) -> Number | Range:
    """By how much a number is more than another."""
    return greatest([0, subtract(now, before)])


def growth(now: Number | Range, before: Number | Range) -> Number | Range | None:
    """The share by which a number is more than another; None where that is or may be nothing."""
    if low_of(before) <= 0:
        return None
    ratio = divide(now, before)
    return None if ratio is None else subtract(ratio, 1)


def _inverse(bound: Bound) -> Bound:
    return 0 if isinstance(bound, float) else Fraction(1) / bound
