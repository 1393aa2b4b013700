"""Exact arithmetic: rounding, ranges, and the calendar."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluate import compare, in_brackets
from engine.expressions import Bracket, Brackets, Comparator, Literal
from engine.types import MoneyType
from engine.values import (
    INFINITY,
    Number,
    Range,
    Rounding,
    RoundingMode,
    add,
    days_later,
    divide,
    greatest,
    growth,
    high_of,
    increase,
    least,
    low_of,
    months_later,
    multiply,
    round_fen,
    subtract,
    total,
    whole_months,
)

numbers = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=1000)
ranges = st.tuples(numbers, numbers).map(lambda ends: Range(min(ends), max(ends)))


@pytest.mark.parametrize(
    ("amount", "step", "mode", "rounded"),
    [
        (Fraction(1, 2), 1, RoundingMode.HALF_UP, 1),
        (Fraction(-1, 2), 1, RoundingMode.HALF_UP, -1),
        (Fraction(49, 100), 1, RoundingMode.HALF_UP, 0),
        (Fraction(3, 2), 1, RoundingMode.DOWN, 1),
        (Fraction(-3, 2), 1, RoundingMode.DOWN, -1),
        (Fraction(11, 10), 1, RoundingMode.UP, 2),
        (15_000_000_000_000_001, 1, RoundingMode.HALF_UP, 15_000_000_000_000_001),
        (1_499_999, 1_000_000, RoundingMode.HALF_UP, 1_000_000),
        (1_500_000, 1_000_000, RoundingMode.HALF_UP, 2_000_000),
    ],
)
def test_rounds_as_accountants_do(
    amount: Number, step: int, mode: RoundingMode, rounded: int
) -> None:
    assert round_fen(amount, Rounding(step, mode)) == rounded


@given(numbers, st.sampled_from(RoundingMode), st.integers(1, 1000))
def test_rounding_moves_less_than_a_step(amount: Fraction, mode: RoundingMode, step: int) -> None:
    rounded = round_fen(amount, Rounding(step, mode))
    assert rounded % step == 0
    assert abs(rounded - amount) < step


def inside(value: Range, share: Fraction) -> Number:
    return value.low + (value.high - value.low) * share


@given(ranges, ranges, st.fractions(0, 1, max_denominator=7), st.fractions(0, 1, max_denominator=7))
def test_a_range_holds_what_its_points_give(
    left: Range, right: Range, a: Fraction, b: Fraction
) -> None:
    x, y = inside(left, a), inside(right, b)
    for combined, point in (
        (add(left, right), x + y),
        (subtract(left, right), x - y),
        (multiply(left, right), x * y),
        (greatest([left, right]), max(x, y)),
        (least([left, right]), min(x, y)),
    ):
        assert low_of(combined) <= point <= high_of(combined)
    quotient = divide(left, right)
    if quotient is None:
        assert right.low <= 0 <= right.high
    else:
        assert low_of(quotient) <= x / y <= high_of(quotient)


def test_nothing_times_the_unbounded_is_nothing() -> None:
    assert multiply(0, Range(0, INFINITY)) == 0
    assert multiply(Fraction(1, 200), Range(0, INFINITY)) == Range(0, INFINITY)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2024, 1, 31), date(2024, 2, 28), 0),
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(2023, 1, 31), date(2023, 2, 28), 1),
        (date(2023, 9, 28), date(2024, 9, 27), 11),
        (date(2023, 9, 28), date(2024, 9, 28), 12),
        (date(2024, 9, 28), date(2023, 9, 28), -12),
    ],
)
def test_whole_months_clamp_at_the_end_of_the_month(start: date, end: date, months: int) -> None:
    assert whole_months(start, end) == months


def add_months(start: date, months: int) -> date:
    """The day ``months`` later, clamped to the month's end."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 600))
def test_a_month_is_whole_on_its_day_and_not_before(start: date, months: int) -> None:
    due = add_months(start, months)
    assert whole_months(start, due) == months
    if months:
        assert whole_months(start, due - timedelta(days=1)) == months - 1


@given(st.dates(), st.integers(0, 600))
def test_the_corresponding_day_is_so_many_months_later(start: date, months: int) -> None:
    later = months_later(start, months)
    assert later == date.max or later == add_months(start, months)
    assert months_later(start, Fraction(2 * months + 1, 2)) == later
    assert days_later(start, months) == min(start, date.max - timedelta(months)) + timedelta(months)


def test_the_calendar_has_two_ends() -> None:
    assert months_later(date(9999, 12, 1), 1) == days_later(date(9999, 12, 31), 1) == date.max
    assert months_later(date(1, 1, 31), -1) == days_later(date(1, 1, 1), -1) == date.min


def test_growth_needs_something_to_grow_from() -> None:
    assert growth(110, 100) == Fraction(1, 10)
    assert growth(90, 100) == Fraction(-1, 10)
    assert growth(90, 0) is growth(90, -100) is growth(90, Range(0, 5)) is None
    assert increase(90, 100) == 0
    assert increase(Range(90, 130), 100) == Range(0, 30)


HUGE = 10**400
"""Larger than any float."""


@pytest.mark.parametrize("huge", [HUGE, Fraction(HUGE, 3), -HUGE, Fraction(1, HUGE)])
def test_no_number_is_too_large_or_too_small_beside_the_unbounded(huge: Number) -> None:
    unbounded = Range(0, INFINITY)
    assert add(huge, unbounded) == Range(huge, INFINITY)
    assert subtract(huge, unbounded) == Range(-INFINITY, huge)
    assert multiply(huge, unbounded) == (unbounded if huge > 0 else Range(-INFINITY, 0))
    assert divide(unbounded, huge) == (unbounded if huge > 0 else Range(-INFINITY, 0))
    assert greatest([huge, unbounded]) == Range(max(huge, 0), INFINITY)
    assert compare(Comparator.LESS, huge, unbounded) is (True if huge < 0 else None)
    assert total([huge, INFINITY, huge]) == INFINITY
    assert total([huge, huge]) == 2 * huge


@pytest.mark.parametrize("base", [Range(0, INFINITY), Range(HUGE, INFINITY)])
def test_brackets_of_any_size_stand_beside_the_unbounded(base: Range) -> None:
    brackets = (Bracket(0, HUGE, Fraction(1, HUGE)), Bracket(HUGE, None, Fraction(1, HUGE)))
    earned = in_brackets(Brackets(Literal(0, MoneyType()), brackets), base)
    assert earned == Range(Fraction(base.low) / HUGE, INFINITY)
