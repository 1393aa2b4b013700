"""How a fact may move: which way, how far, and on which number it comes to rest.

See ``docs/semantics.md``, *Repairs*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple, cast

from engine import notation
from engine.evaluate import in_force
from engine.expressions import OneOf
from engine.model import Field, Movement, Source
from engine.truth import YES
from engine.types import (
    ChoiceType,
    DateType,
    FieldType,
    MoneyType,
    MultiChoiceType,
    QuantityType,
    RateType,
    UnitPriceType,
)
from engine.values import FEN_PER_YUAN, Number, Value
from engine.worked import Worked

WHOLE = 10**12
"""The parts in which the size of a move is counted."""
ANSWER = WHOLE // 2
"""An answer, a code or a blank counts as much as a number that is doubled or halved."""
DAYS_OF_A_YEAR = 365
SMALLEST_SHARE = Fraction(1, 10_000)
DECIMALS = 2
CLOSE = Fraction(1, 100)


class Aim(NamedTuple):
    """What a fact should become, and how big a move that is (in parts of ``WHOLE``).

    ``judged``: it is not a fact but a person's judgement. ``less``: a number or a set gets smaller,
    a 是 becomes 否, a day comes earlier.
    """

    value: Value
    size: int
    judged: bool
    less: bool


def aim(field: Field, before: Value | None, value: Value, edge: Value | None = None) -> Aim:
    """Aim at a value; the move is measured to the ``edge``, the exact point where enough begins."""
    size = size_of(before, value if edge is None else edge)
    less = before is not None and _is_less(before, value)
    return Aim(value, size, field.source is Source.JUDGED, less)


# --- which way ------------------------------------------------------------------------------------


def is_movable(field: Field, worked: Worked) -> bool:
    """Whether a repair may touch a field: an input that is not fixed, nor a day that has passed.

    A judgement that nobody has made yet is left to whoever makes it, and a field that a table
    derives is not overruled by hand.
    """
    if field.movement is Movement.FIXED or field.source is Source.DERIVED:
        return False
    given = worked.case.facts.get(field.name)
    if field.source is Source.DERIVED_OR_REPORTED:
        return given is not None
    if field.source is Source.JUDGED:
        return worked.situation.facts.get(field.name) is not None
    return not isinstance(given, date) or given > worked.case.date


def may_become(field: Field, before: Value | None, after: Value, worked: Worked) -> bool:
    """Whether a movable field may go from one value (None: not given) to another."""
    if before == after:
        return False
    if isinstance(after, str | frozenset):
        possible = _stands_in_list(after, field, worked)
    else:
        possible = isinstance(after, bool) or _within_bounds(field, before, after, worked)
    if not possible or before is None or field.movement is Movement.FREE:
        return possible
    if isinstance(field.type, ChoiceType) and _refines(field, before, after, worked):
        return True
    return growth(before, after, field, worked) == (1 if field.movement is Movement.GROWS else -1)


def growth(before: Value, after: Value, field: Field, worked: Worked) -> int:
    """1 when a value becomes more, -1 when it becomes less, 0 when neither can be said."""
    if isinstance(before, frozenset) and isinstance(after, frozenset):
        return (before < after) - (after < before)
    if isinstance(field.type, ChoiceType):
        codes = worked.program.glossary.code_lists[field.type.code_list].codes
        ranks = {code.value: code.rank for code in codes}
        first, then = ranks.get(cast(str, before)), ranks.get(cast(str, after))
        return 0 if first is None or then is None else (then > first) - (then < first)
    if isinstance(before, str) or isinstance(after, str):
        return 0
    left, right = cast(Number, before), cast(Number, after)
    return (right > left) - (right < left)


def steps_between(before: Value, after: Value, field: Field, worked: Worked) -> int:
    """How many steps of 次序 lead from one code to another; one where they have no order."""
    if not isinstance(field.type, ChoiceType):
        return 1
    codes = worked.program.glossary.code_lists[field.type.code_list].codes
    ranks = {code.value: code.rank for code in codes}
    first, last = ranks.get(cast(str, before)), ranks.get(cast(str, after))
    if first is None or last is None:
        return 1
    low, high = sorted((first, last))
    return len({rank for rank in ranks.values() if rank is not None and low < rank <= high})


def _stands_in_list(value: str | frozenset[str], field: Field, worked: Worked) -> bool:
    if not isinstance(field.type, ChoiceType | MultiChoiceType):
        return True
    code_list = worked.program.glossary.code_lists[field.type.code_list]
    known = {code.value for code in code_list.codes if in_force(code, worked.case.date)}
    held = worked.situation.facts.get(field.name)
    known |= held if isinstance(held, frozenset) else set()
    return value <= known if isinstance(value, frozenset) else value in known


def bounds_of(field: Field, worked: Worked) -> tuple[Value, Value | None]:
    """The least and the most that a number or a day may become (None: no end).

    Not below zero without a 最小; no day that has passed.
    """
    if isinstance(field.type, DateType):
        low = cast(date, field.minimum or date.min)
        return max(low, worked.case.date), field.maximum or date.max
    return (0 if field.minimum is None else field.minimum), field.maximum


def _within_bounds(field: Field, before: Value | None, after: Value, worked: Worked) -> bool:
    """Inside the bounds, or coming nearer to them."""
    low, high = cast(tuple[Number, Number | None], bounds_of(field, worked))
    value, was = cast(Number, after), cast(Number | None, before)
    if value < low and (was is None or value < was):
        return False
    return high is None or value <= high or (was is not None and value < was)


def _refines(field: Field, before: Value, after: Value, worked: Worked) -> bool:
    """Whether a code says the same as before, more precisely."""
    return worked.passes(field.name, OneOf((before,)), after) is YES


# --- how far --------------------------------------------------------------------------------------


def size_of(before: Value | None, after: Value) -> int:
    """How big a move is, in parts of ``WHOLE``.

    The change of a number as a share of the larger of the two, that of a day in years; half for
    anything else, for a set half for each code.
    """
    if before is None or isinstance(before, bool) or isinstance(after, bool):
        return ANSWER
    if isinstance(before, date) and isinstance(after, date):
        return abs((after - before).days) * WHOLE // DAYS_OF_A_YEAR
    if isinstance(before, frozenset) and isinstance(after, frozenset):
        return ANSWER * len(before ^ after)
    if isinstance(before, int | Fraction) and isinstance(after, int | Fraction):
        larger = max(_magnitude(before), _magnitude(after))
        return _magnitude(after - before) * WHOLE // larger if larger else 0
    return ANSWER


def _magnitude(number: Number) -> Number:
    return max(number, -number)


def _is_less(before: Value, after: Value) -> bool:
    if isinstance(before, str) or isinstance(after, str):
        return False
    if isinstance(before, frozenset) and isinstance(after, frozenset):
        return not before <= after
    return bool(after < before)  # type: ignore[operator]


# --- where it comes to rest -----------------------------------------------------------------------


def come_to_rest(
    edges: Sequence[Number],
    before: Number | None,
    field: Field,
    holds: Callable[[Number], bool],
) -> list[tuple[Number, Number]]:
    """The nearest readable number above and below that holds, each with the edge it lies at.

    ``edges`` are where something may begin or cease to hold. From a blank, the two nearest to zero.
    """
    found = [
        (value, edge)
        for edge in dict.fromkeys(edges)
        for side in (1, -1)
        if (value := _land(edge, side, field, holds)) is not None
    ]
    if before is None:
        return sorted(dict.fromkeys(found), key=lambda each: (_magnitude(each[0]), each[0] < 0))[:2]
    above = min((each for each in found if each[0] > before), default=None)
    below = max((each for each in found if each[0] < before), default=None)
    return [each for each in (above, below) if each is not None]


def smallest_step(type_: FieldType) -> Number:
    """The smallest difference that a policy can mean: a fen, 0.01%, one of what is counted."""
    match type_:
        case MoneyType():
            return 1
        case QuantityType(unit=unit):
            return 1 if unit in notation.INDIVISIBLE else Fraction(1, 10**DECIMALS)
        case _:
            return SMALLEST_SHARE


def _land(edge: Number, side: int, field: Field, holds: Callable[[Number], bool]) -> Number | None:
    """The edge itself where it is a short number, else the roundest number close beyond it."""
    step, unit = smallest_step(field.type), _unit_of(field)
    short = edge * 10**DECIMALS % unit == 0 and edge % step == 0
    if short and holds(edge):
        return edge
    nearest = _beyond(edge, side, step)
    if not holds(nearest):
        return None
    for grid in _grids(unit, step):
        value = _beyond(edge, side, grid)
        close = not edge or _magnitude(value - edge) <= CLOSE * _magnitude(edge)
        if close and holds(value):
            return value
    return nearest


def _beyond(edge: Number, side: int, grid: Number) -> Number:
    """The next multiple of a grid above or below, never the edge itself."""
    return (edge // grid + 1 if side > 0 else -(-edge // grid) - 1) * grid


def _grids(unit: Number, step: Number) -> Iterator[Number]:
    """The unit, its tenth, its hundredth …, down to the smallest step."""
    grid = unit
    while grid > step:
        yield grid
        grid = grid // 10 if grid % 10 == 0 else Fraction(grid, 10)


def _unit_of(field: Field) -> Number:
    """What one of the field's unit is: of 万元, a million fen."""
    match field.type:
        case MoneyType(currency=currency):
            for word, code in notation.CURRENCY_WORDS.items():
                multiplier = field.unit.removesuffix(word)
                if code == currency and multiplier in notation.MULTIPLIERS:
                    return notation.MULTIPLIERS[multiplier] * FEN_PER_YUAN
            return FEN_PER_YUAN
        case RateType():
            return notation.RATE_WORDS.get(field.unit, notation.RATE_WORDS["%"])
        case UnitPriceType():
            return FEN_PER_YUAN
        case _:
            return 1
