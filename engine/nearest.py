"""The values nearest to a given one that would satisfy a test, and how far away they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import assert_never, cast

from engine.evaluate import in_force
from engine.expressions import (
    AllOf,
    AnyOf,
    Anything,
    Comparator,
    Compare,
    Expression,
    HasAll,
    InCodeList,
    Not,
    OneOf,
    Present,
    UnaryTest,
    Within,
)
from engine.model import Field
from engine.truth import YES
from engine.types import (
    NUMERIC_TYPES,
    ChoiceType,
    CodeList,
    DateType,
    FieldType,
    MoneyType,
    MultiChoiceType,
    QuantityType,
    YesNoType,
)
from engine.values import Number, Range, Value
from engine.worked import Worked

SMALLEST_RATE = Fraction(1, 10_000)


def satisfying_values(test: UnaryTest, field: Field, worked: Worked) -> list[Value]:
    """Values that would satisfy a test of a field, nearest to its present value first.

    Not all of them: for each bound its own edge, for codes and yes/no each that passes.
    """
    present = worked.situation.facts.get(field.name)
    passing = [
        value
        for value in dict.fromkeys(_candidates(test, field, worked))
        if worked.passes(field.name, test, value) is YES
    ]
    return sorted(passing, key=lambda value: relative_change(present, value))


def relative_change(before: Value | None, after: Value) -> Fraction:
    """How big a change is: relative for numbers, in years for days, one for anything else."""
    if isinstance(before, date) and isinstance(after, date):
        return Fraction(abs((after - before).days), 365)
    if isinstance(before, bool) or isinstance(after, bool):
        return Fraction(1)
    if isinstance(before, int | Fraction) and isinstance(after, int | Fraction):
        return abs(Fraction(after) - before) / max(abs(Fraction(before)), Fraction(1))
    return Fraction(1)


def distance(test: UnaryTest, field: Field, worked: Worked) -> Number | None:
    """What a number lacks (positive) or has too much (negative) to satisfy a test; days for dates.

    None where the field is no number or day, its value is not known, or nothing near would do.
    """
    present = worked.situation.facts.get(field.name)
    if present is None or isinstance(present, bool | str | frozenset | Range):
        return None
    values = satisfying_values(test, field, worked)
    if not values:
        return None
    if isinstance(present, date):
        return (cast(date, values[0]) - present).days
    return cast(Number, values[0]) - present


def smallest_step(type_: FieldType) -> Number:
    """The smallest difference that a policy can mean: a fen, 0.1‰, one."""
    match type_:
        case MoneyType() | QuantityType():
            return 1
        case _:
            return SMALLEST_RATE


def _candidates(test: UnaryTest, field: Field, worked: Worked) -> Iterator[Value]:
    match test:
        case Compare(comparator=comparator, bound=bound):
            yield from _edges(comparator, bound, field, worked)
        case Within(low=low, high=high, low_closed=low_closed, high_closed=high_closed):
            yield from _edges(
                Comparator.AT_LEAST if low_closed else Comparator.GREATER, low, field, worked
            )
            yield from _edges(
                Comparator.AT_MOST if high_closed else Comparator.LESS, high, field, worked
            )
        case OneOf(values=values):
            for value in values:
                yield _as_member(value, field, worked)
        case HasAll(values=values):
            present = worked.situation.facts.get(field.name)
            held = present if isinstance(present, frozenset) else frozenset()
            yield held | frozenset(cast(tuple[str, ...], values))
        case InCodeList(code_list=name):
            for code in worked.program.glossary.code_lists[name].codes:
                yield _as_member(code.value, field, worked)
        case AnyOf(tests=tests) | AllOf(tests=tests):
            for each in tests:
                yield from _candidates(each, field, worked)
        case Not(test=inner):
            yield from _others(inner, field, worked)
        case Present() | Anything():
            return
        case _:
            assert_never(test)


def _edges(
    comparator: Comparator, bound: Expression, field: Field, worked: Worked
) -> Iterator[Value]:
    limit = worked.value(bound)
    if limit is None or isinstance(limit, Range):
        return
    if comparator is Comparator.EQUAL:
        yield limit
    elif isinstance(limit, date):
        step = timedelta(days=1)
        yield from (limit, limit + step, limit - step)
    elif isinstance(field.type, NUMERIC_TYPES):
        number, unit = cast(Number, limit), smallest_step(field.type)
        yield from (number, number + unit, number - unit)


def _others(inner: UnaryTest, field: Field, worked: Worked) -> Iterator[Value]:
    """Values that a negated test may let through: the other codes, the other truth, other edges."""
    match field.type:
        case YesNoType():
            yield from (True, False)
        case ChoiceType(code_list=name):
            yield from _codes_in_force(worked.program.glossary.code_lists[name], worked)
        case MultiChoiceType():
            present = worked.situation.facts.get(field.name)
            if isinstance(present, frozenset) and isinstance(inner, OneOf | HasAll):
                yield present - frozenset(cast(tuple[str, ...], inner.values))
            yield frozenset[str]()
        case _ if isinstance(field.type, (*NUMERIC_TYPES, DateType)):
            yield from _candidates(inner, field, worked)
        case _:
            return


def _codes_in_force(code_list: CodeList, worked: Worked) -> list[str]:
    return [code.value for code in code_list.codes if in_force(code, worked.case.date)]


def _as_member(value: Value, field: Field, worked: Worked) -> Value:
    """A wanted code, added to what a 多选 field already holds."""
    if not isinstance(field.type, MultiChoiceType) or not isinstance(value, str):
        return value
    present = worked.situation.facts.get(field.name)
    held = present if isinstance(present, frozenset) else frozenset()
    return held | {value}
