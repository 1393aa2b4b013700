"""Numbers and days on a line, cut at every limit that a test names.

A cut lies just before (0) or just after (1) a value, so that open and closed ends need no other
distinction. Where only whole values occur, a cut is moved to just before the next whole value: more
than 10 people is at least 11, and nothing lies between.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from engine.expressions import Comparator, Compare, Expression, OneOf, UnaryTest, Within
from engine.values import INFINITY, Bound, Number, Value

Cut: TypeAlias = tuple[Bound, int]
Span: TypeAlias = tuple[Cut, Cut]
"""From a cut to a later one; empty when the later one is not later."""

START: Cut = (-INFINITY, 0)
END: Cut = (INFINITY, 1)
ZERO: Cut = (0, 0)
FIRST_DAY: Cut = (date.min.toordinal(), 0)
LAST_DAY: Cut = (date.max.toordinal(), 1)
SOME_DAY = date(2024, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Line:
    """The values from the first cut to the last; piece ``n`` lies between cuts ``n`` and ``n + 1``.

    ``spelled`` gives a cut that was moved as the drafter wrote it. ``day``: the numbers are days.
    """

    cuts: tuple[Cut, ...]
    whole: bool
    day: bool
    spelled: Mapping[Cut, Cut]


def position_of(value: Value) -> Number | None:
    """Where a value lies on its line; None when it lies on none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, date):
        return value.toordinal()
    return value if isinstance(value, int | Fraction) else None


def value_at(position: Number, line: Line) -> Value:
    """The value at a position."""
    return date.fromordinal(int(position)) if line.day else position


def spans_of(
    test: UnaryTest, constant: Callable[[Expression], Value | None]
) -> tuple[Span, ...] | None:
    """The spans in which a test holds; None when that is not a matter of fixed limits."""
    match test:
        case OneOf(values=values):
            points = [position_of(value) for value in values]
            return (
                None
                if None in points
                else tuple(_point(each) for each in points if each is not None)
            )
        case Compare(comparator=comparator, bound=bound):
            limit = _limit(bound, constant)
            return None if limit is None else _compared(comparator, limit)
        case Within(low=low, high=high, low_closed=low_closed, high_closed=high_closed):
            first, last = _limit(low, constant), _limit(high, constant)
            if first is None or last is None:
                return None
            return (((first, int(not low_closed)), (last, int(high_closed))),)
    return None


def _limit(bound: Expression, constant: Callable[[Expression], Value | None]) -> Number | None:
    value = constant(bound)
    return None if value is None else position_of(value)


def _point(position: Number) -> Span:
    return (position, 0), (position, 1)


def _compared(comparator: Comparator, limit: Number) -> tuple[Span, ...]:
    before, after = _point(limit)
    match comparator:
        case Comparator.LESS:
            return ((START, before),)
        case Comparator.AT_MOST:
            return ((START, after),)
        case Comparator.GREATER:
            return ((after, END),)
        case Comparator.AT_LEAST:
            return ((before, END),)
        case Comparator.EQUAL:
            return ((before, after),)
        case Comparator.NOT_EQUAL:
            return (START, before), (after, END)


def cut_line(
    spans: Iterable[Span], low: Bound | None, high: Bound | None, *, whole: bool, day: bool
) -> Line:
    """Cut the values from ``low`` to ``high`` at the ends of spans.

    Without ``low`` numbers begin at zero, unless a span speaks of what is below.
    """
    spans = tuple(spans)
    start, end = (FIRST_DAY, LAST_DAY) if day else (ZERO, END)
    if low is not None:
        start = (low, 0)
    elif not day and any(last <= ZERO or START < first < ZERO for first, last in spans):
        start = START
    if high is not None:
        end = (high, 1)
    spelled: dict[Cut, Cut] = {}
    for cut in (start, *(cut for span in spans for cut in span), end):
        spelled.setdefault(_moved(cut, whole), cut)
    first, last = _moved(start, whole), _moved(end, whole)
    inside = sorted(cut for cut in spelled if first < cut < last)
    return Line((first, *inside, last), whole, day, spelled)


def _moved(cut: Cut, whole: bool) -> Cut:
    value, side = cut
    if not whole or isinstance(value, float):
        return cut
    return (value // 1 + 1, 0) if side else (-(-value // 1), 0)


def pieces(line: Line) -> int:
    """How many pieces there are."""
    return len(line.cuts) - 1


def covered(line: Line, spans: Iterable[Span]) -> int:
    """The pieces inside spans, as a mask."""
    mask = 0
    for first, last in spans:
        begin = min(bisect_left(line.cuts, _moved(first, line.whole)), pieces(line))
        end = min(bisect_left(line.cuts, _moved(last, line.whole)), pieces(line))
        if begin < end:
            mask |= (1 << end) - (1 << begin)
    return mask


def piece_at(line: Line, position: Number) -> int:
    """The piece in which a position lies, as a mask; 0 when it lies in none."""
    if line.whole and position != position // 1:
        return 0
    number = bisect_right(line.cuts, (position, 0)) - 1
    return 1 << number if 0 <= number < pieces(line) else 0


def runs(mask: int) -> Iterator[tuple[int, int]]:
    """The runs of neighbouring pieces in a mask: the first, and the one behind the last."""
    begin = 0
    while mask:
        zeros = (mask & -mask).bit_length() - 1
        mask >>= zeros
        ones = (~mask & (mask + 1)).bit_length() - 1
        begin += zeros
        yield begin, begin + ones
        mask >>= ones
        begin += ones


def only_value(line: Line, first: int, last: int) -> Number | None:
    """The value of a run that holds just one."""
    (low, side), (high, other) = line.cuts[first], line.cuts[last]
    if isinstance(low, float) or isinstance(high, float):
        return None
    if line.whole:
        return low if high == low + 1 else None
    return low if low == high and (side, other) == (0, 1) else None


def values_in(line: Line, first: int, last: int, some: Number) -> Iterator[Number]:
    """A few values of a run: a round one, then those at closed ends.

    ``some`` is a usual size, for a run that goes from nothing to anything.
    """
    (low, side), (high, other) = line.cuts[first], line.cuts[last]
    if line.whole and not isinstance(high, float):
        high, other = high - 1, 1
    ends = [
        end
        for end, closed in ((low, side == 0), (high, other == 1))
        if closed and not isinstance(end, float)
    ]
    if line.day:
        far = FIRST_DAY[0], LAST_DAY[0]
        found = [end for end in ends if end not in far] or [SOME_DAY, *ends]
    elif low <= 0 < high:
        least = some if isinstance(high, float) else Fraction(high) / 10
        found = [_roundest(least, high, True, other == 1), *ends]
    else:
        found = [_roundest(low, high, low in ends, high in ends), *ends]
    yield from dict.fromkeys(found)


def rounder(position: Number) -> Iterator[Number]:
    """The next number above a positive one, and below it, that is written with fewer digits."""
    if position > 0:
        yield _roundest(position, INFINITY, False, False)
        digits = Fraction(10) ** (len(str(int(position))) - 1)
        below = position // digits * digits
        yield int(below) if below.denominator == 1 else below


def _roundest(low: Bound, high: Bound, low_closed: bool, high_closed: bool) -> Number:
    """The number between two ends that is written with the fewest digits."""
    if low == 0 and low_closed:
        return 0
    if high <= 0:
        return -_roundest(-high, -low, high_closed, low_closed)
    bottom = Fraction(low)
    step = Fraction(10) ** (len(str(int(bottom))) - 1)
    while True:
        found = -(-bottom // step) * step
        if found == bottom and not low_closed:
            found += step
        if found < high or (found == high and high_closed):
            return int(found) if found.denominator == 1 else found
        step /= 10
