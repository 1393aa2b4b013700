"""Where a comparison begins to hold, or ceases to, as one fact moves and the others stay.

Exact where both sides are polynomials or quotients of which the difference has a linear numerator
and denominator in the moving fact; elsewhere the threshold is found by halving, as if there were
one only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TypeAlias, cast

from engine.dependencies import fields_read
from engine.evaluate import Situation, compare, meaning
from engine.expressions import (
    Arithmetic,
    Call,
    Comparator,
    Expression,
    FieldRef,
    Function,
    Literal,
    Negate,
    Operator,
)
from engine.moves import (
    Aim,
    aim,
    bounds_of,
    come_to_rest,
    is_movable,
    may_become,
    smallest_step,
)
from engine.quotients import ITSELF, Quotient, breaks, constant, minus, over, plus, times
from engine.types import NUMERIC_TYPES, DateType, QuantityType
from engine.values import Number, Range, Value
from engine.worked import Worked

MOST_DOUBLINGS = 80

Facts: TypeAlias = Mapping[str, Value]
Gap: TypeAlias = tuple[Expression, Expression]
"""Two sides that are compared."""
Holds: TypeAlias = Callable[[Facts], bool]
"""Whether what is wanted would hold if some facts were these."""

Sign: TypeAlias = Callable[[Facts], object]
"""How the two sides of a gap stand to each other; None where one of them is not known."""


def imagine(worked: Worked, facts: Facts) -> Situation:
    """The situation if some facts were others; what tables derive stays as it is."""
    if not facts:
        return worked.situation
    situation = worked.situation
    return Situation({**situation.facts, **facts}, {**situation.given, **facts}, situation.date)


def aims(
    name: str,
    gaps: list[Gap],
    holds: Holds,
    before: Value | None,
    worked: Worked,
    imagined: Facts | None = None,
) -> list[Aim]:
    """The nearest values of one number or day for which something holds, one above, one below.

    ``gaps`` are the comparisons on which it hangs, derived facts written out (``engine.inlining``);
    ``imagined`` facts hold meanwhile. ``before`` is what the field was before any change.
    """
    field = worked.program.fields[name]
    if not is_movable(field, worked):
        return []
    is_day = isinstance(field.type, DateType)
    if not is_day and not isinstance(field.type, NUMERIC_TYPES):
        return []
    others = imagined or {}

    def on_axis(value: Value) -> Number:
        return value.toordinal() if isinstance(value, date) else cast(Number, value)

    def from_axis(number: Number) -> Value:
        if is_day:
            return date.fromordinal(int(number))
        return int(number) if number.denominator == 1 else number

    def holds_at(number: Number) -> bool:
        if is_day and not date.min.toordinal() <= number <= date.max.toordinal():
            return False
        value = from_axis(number)
        return may_become(field, before, value, worked) and holds({**others, name: value})

    start = None if before is None else on_axis(before)
    step = 1 if is_day else smallest_step(field.type)
    low, high = (None if end is None else on_axis(end) for end in bounds_of(field, worked))
    edges: list[Number] = []
    for gap in gaps:
        if not any(name in fields_read(side) for side in gap):
            continue
        roots = _roots(name, gap, others, worked)
        if roots is not None:
            edges += map(on_axis, roots)
            continue
        sign = _sign_of(gap, worked)

        def sign_at(number: Number, sign: Sign = sign) -> object:
            return sign({**others, name: from_axis(number)})

        edges += _by_halving(sign_at, start, step, low or 0, high)
    measured = replace(field, type=QuantityType("日")) if is_day else field
    return [
        aim(field, before, from_axis(value), from_axis(value if is_day else edge))
        for value, edge in come_to_rest(edges, start, measured, holds_at)
    ]


def _sign_of(gap: Gap, worked: Worked) -> Sign:
    left, right = (meaning(side, worked.program.glossary) for side in gap)

    def sign(facts: Facts) -> object:
        situation = imagine(worked, facts)
        first, second = left(situation), right(situation)
        if first is None or second is None:
            return None
        return [compare(each, first, second) for each in (Comparator.GREATER, Comparator.LESS)]

    return sign


def _by_halving(
    sign: Callable[[Number], object],
    before: Number | None,
    step: Number,
    low: Number,
    high: Number | None,
) -> list[Number]:
    """The steps above and below between which a gap closes, and those where it opens again."""
    start = low if before is None else before
    found: list[Number] = [start]
    for side, end in ((1, high), (-1, low)):
        most = 2**MOST_DOUBLINGS if end is None else int((end - start) * side / Fraction(step))
        near = 0
        for _ in range(2):
            here = sign(start + side * near * step)
            far = near + 1
            while far < most and sign(start + side * far * step) == here:
                near, far = far, 2 * far
            far = min(far, most)
            if far <= near or sign(start + side * far * step) == here:
                break
            while far - near > 1:
                middle = (near + far) // 2
                if sign(start + side * middle * step) == here:
                    near = middle
                else:
                    far = middle
            found += [start + side * each * step for each in (near, far)]
            near = far
    return found


# --- exact roots ----------------------------------------------------------------------------------


def _roots(name: str, gap: Gap, others: Facts, worked: Worked) -> list[Value] | None:
    """Where the two sides meet, and where one of them breaks off; None where no one can say."""
    left, right = gap
    for side, other in (gap, (right, left)):
        if side == FieldRef(name) and name not in fields_read(other):
            limit = _constant(other, others, worked)
            return [] if limit is None or isinstance(limit, Range) else [limit]
    sides = (_quotient(left, name, others, worked), _quotient(right, name, others, worked))
    if sides[0] is None or sides[1] is None:
        return None
    places = breaks(minus(sides[0], sides[1]))
    return None if places is None else list(places)


def _constant(node: Expression, others: Facts, worked: Worked) -> Value | None:
    match node:
        case Literal(value=value):
            return value
        case FieldRef(field=field):
            return others.get(field, worked.situation.facts.get(field))
        case _:
            return meaning(node, worked.program.glossary)(imagine(worked, others))


def _quotient(node: Expression, name: str, others: Facts, worked: Worked) -> Quotient | None:
    """An expression as a quotient of polynomials in one field; None where it is none."""
    if node == FieldRef(name):
        return ITSELF
    if name not in fields_read(node):
        value = _constant(node, others, worked)
        if isinstance(value, bool) or not isinstance(value, int | Fraction):
            return None
        return constant(value)
    match node:
        case Arithmetic(operator=operator, left=left, right=right):
            pass
        case Call(function=Function.CONVERT, arguments=(left, right)):
            operator = Operator.MULTIPLY
        case Negate(operand=right):
            operator, left = Operator.SUBTRACT, Literal(0, QuantityType())
        case _:
            return None
    first, second = (_quotient(each, name, others, worked) for each in (left, right))
    if first is None or second is None:
        return None
    match operator:
        case Operator.ADD:
            return plus(first, second)
        case Operator.SUBTRACT:
            return minus(first, second)
        case Operator.MULTIPLY:
            return times(first, second)
        case Operator.DIVIDE:
            return over(first, second)
