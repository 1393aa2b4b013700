"""The limits that a test sets, and how far a known number or day is from satisfying it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from engine.dependencies import bounds
from engine.evaluate import check
from engine.expressions import AllOf, AnyOf, Expression, Literal, Not, OneOf, UnaryTest
from engine.model import Field
from engine.moves import smallest_step
from engine.truth import YES
from engine.types import FieldType
from engine.values import Number, Range
from engine.worked import Worked


def limits_of(test: UnaryTest, type_: FieldType) -> Iterator[Expression]:
    """The expressions at which a test of a number or a day may change its mind."""
    yield from bounds(test)
    yield from _listed(test, type_)


def distance(test: UnaryTest, field: Field, worked: Worked) -> Number | None:
    """What a number lacks (positive) or has too much (negative) to satisfy a test; days for dates.

    None where the field is no number or day, its value is not known, or nothing near would do.
    """
    present: Any = worked.situation.facts.get(field.name)
    if present is None or isinstance(present, bool | str | frozenset | Range):
        return None
    step: Any = timedelta(days=1) if isinstance(present, date) else smallest_step(field.type)
    passes = check(test, field.name, worked.program.glossary)
    limits: list[Any] = [worked.value(bound) for bound in bounds(test)]
    limits += [listed.value for listed in _listed(test, field.type)]
    gaps = [
        near - present
        for limit in limits
        if limit is not None and not isinstance(limit, Range)
        for near in _around(limit, step)
        if passes(near, worked.situation) is YES
    ]
    nearest: Any = min(gaps, key=abs, default=None)
    return nearest.days if isinstance(nearest, timedelta) else nearest


def _around(limit: Any, step: Any) -> Iterator[Any]:
    """A limit and its neighbours; the calendar has a first and a last day."""
    yield limit
    if limit != date.max:
        yield limit + step
    if limit != date.min:
        yield limit - step


def _listed(test: UnaryTest, type_: FieldType) -> Iterator[Literal]:
    match test:
        case OneOf(values=values):
            for value in values:
                yield Literal(value, type_)
        case AnyOf(tests=tests) | AllOf(tests=tests):
            for each in tests:
                yield from _listed(each, type_)
        case Not(test=inner):
            yield from _listed(inner, type_)
        case _:
            return
