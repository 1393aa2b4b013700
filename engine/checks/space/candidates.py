"""Values to try for a field, the most ordinary first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from engine.checks.space.dimensions import OTHER, Axis, Points, known_size
from engine.checks.space.lines import (
    Line,
    piece_at,
    position_of,
    rounder,
    runs,
    value_at,
    values_in,
)
from engine.model import Field
from engine.types import ExchangeRateType, MoneyType, RateType, TextType
from engine.values import FEN_PER_YUAN, Number, Value

MOST_RUNS = 8
MOST_POINTS = 12
"""So many runs of numbers, or single values, are tried."""


def piece_of(axis: Axis, value: Value) -> int:
    """The piece of an axis on which a value lies, as a mask; 0 when it lies on none."""
    if isinstance(axis.values, Points):
        values = axis.values.values
        return 1 << values.index(value) if value in values else 0
    position = position_of(value)
    return 0 if position is None else piece_at(axis.values, position)


def candidates(axis: Axis, mask: int, others: Iterable[Value | None]) -> Iterator[Value | None]:
    """Values in a mask: the typical one, usual ones, those of ``others`` of its type, a blank."""
    typical = axis.field.typical
    if typical is not None and piece_of(axis, typical) & mask:
        yield typical
    known = mask & ((1 << known_size(axis)) - 1)
    if isinstance(axis.values, Line):
        yield from _numbers(axis.field, axis.values, known)
        yield from (each for each in _like(others) if piece_of(axis, each) & known)
    else:
        yield from _points(axis.field, axis.values, known)
    if known != mask:
        yield None


def _numbers(field: Field, line: Line, mask: int) -> Iterator[Value]:
    """A few values of each run, from the run that is nearest to the typical value."""
    found = [list(values_in(line, first, last, _some(field))) for first, last in runs(mask)]
    usual = None if field.typical is None else position_of(field.typical)
    if usual is not None:
        found.sort(key=lambda values: _distance(values, usual))
    for values in found[:MOST_RUNS]:
        yield from (value_at(each, line) for each in values)


def _distance(values: Iterable[Number], usual: Number) -> Number:
    nearest: Number | None = None
    for each in values:
        distance = each - usual if each > usual else usual - each
        nearest = distance if nearest is None or distance < nearest else nearest
    return 0 if nearest is None else nearest


def values_near(axis: Axis, mask: int, position: Number) -> Iterator[Value]:
    """Values in a mask just beyond a position and just before it, the rounder ones first."""
    if not isinstance(axis.values, Line):
        return
    step = 1 if axis.values.whole else Fraction(1, 100)
    whole = [-(-position // step) * step, position // step * step]
    rounded = () if axis.values.day else tuple(rounder(position))
    for near in dict.fromkeys((*rounded, *whole, whole[0] + step, whole[1] - step)):
        if piece_at(axis.values, near) & mask:
            yield value_at(near, axis.values)


def _some(field: Field) -> Number:
    match field.type:
        case MoneyType():
            return 1_000_000 * FEN_PER_YUAN
        case RateType():
            return Fraction(1, 10)
        case ExchangeRateType():
            return 7
    return 100


def _like(others: Iterable[Value | None]) -> Iterator[Value]:
    """Values of other facts, and their sum: limits are often what another fact amounts to."""
    known = [each for each in others if each is not None]
    yield from dict.fromkeys(known)
    numbers = [each for each in known if isinstance(each, int | Fraction)]
    if len(numbers) > 1:
        yield sum(numbers)


def _points(field: Field, points: Points, mask: int) -> Iterator[Value]:
    taken = 0
    for number, value in enumerate(points.values):
        stands_for_others = value == OTHER and not isinstance(field.type, TextType)
        if mask >> number & 1 and taken < MOST_POINTS and not stands_for_others:
            taken += 1
            yield value
