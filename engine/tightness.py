"""Whether a condition became looser or tighter, an amount higher or lower.

Said only where it can be told for certain: of tests against plain values, tried at every value
where one of them may change its mind, and of amounts that differ in one plain number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from engine.dependencies import bounds
from engine.evaluate import Glossary, Situation, check, glossary_of
from engine.expressions import (
    AllOf,
    AnyOf,
    Arithmetic,
    Expression,
    FieldRef,
    HasAll,
    Literal,
    Not,
    Operator,
    Present,
    UnaryTest,
)
from engine.model import Field, Policy
from engine.truth import YES
from engine.types import NUMERIC_TYPES, ChoiceType, DateType, YesNoType
from engine.values import Value

BESIDE = Fraction(1, 1000)
"""How far beside a number it is tried: nearer than any two numbers that tests tell apart."""


class Shift(StrEnum):
    """Which way something was changed."""

    LOOSER = "looser"
    TIGHTER = "tighter"
    HIGHER = "higher"
    LOWER = "lower"


def shift_of_tests(
    before: UnaryTest, after: UnaryTest, field: Field, old: Policy, new: Policy
) -> Shift | None:
    """Whether a test of a field lets more through than before, or less; None: neither, or both."""
    tests = (before, after)
    if not all(_is_plain(each) for each in tests):
        return None
    values = list(_tries(tests, field, (old, new)))
    held = [
        {number for number, value in enumerate(values) if _holds(test, field, value, policy)}
        for test, policy in zip(tests, (old, new), strict=True)
    ]
    if held[0] < held[1]:
        return Shift.LOOSER
    return Shift.TIGHTER if held[1] < held[0] else None


def shift_of_amounts(before: Expression, after: Expression) -> Shift | None:
    """Whether an amount is more than before: a plain number, or one times the same field."""
    if type(before) is not type(after):
        return None
    match before, after:
        case Literal(value=int() | Fraction() as was), Literal(value=int() | Fraction() as is_):
            if was != is_:
                return Shift.HIGHER if is_ > was else Shift.LOWER
        case (
            Arithmetic(operator=Operator.MULTIPLY, left=left, right=right),
            Arithmetic(operator=Operator.MULTIPLY, left=other_left, right=other_right),
        ):
            if left == other_left and isinstance(left, FieldRef):
                return shift_of_amounts(right, other_right)
            if right == other_right and isinstance(right, FieldRef):
                return shift_of_amounts(left, other_left)
    return None


def _is_plain(test: UnaryTest) -> bool:
    """Whether the tests of fields and of what was given are out of it."""
    match test:
        case Present() | HasAll():
            return False
        case AnyOf(tests=tests) | AllOf(tests=tests):
            return all(map(_is_plain, tests))
        case Not(test=inner):
            return _is_plain(inner)
        case _:
            return all(isinstance(bound, Literal) for bound in bounds(test))


def _tries(tests: Iterable[UnaryTest], field: Field, policies: Iterable[Policy]) -> Iterator[Value]:
    """Values such that between two of them no test changes its mind."""
    named = [bound.value for test in tests for bound in bounds(test) if isinstance(bound, Literal)]
    match field.type:
        case YesNoType():
            yield from (True, False)
        case ChoiceType(code_list=name):
            for policy in policies:
                for codes in policy.code_lists:
                    if codes.name == name:
                        yield from (code.value for code in codes.codes)
        case DateType():
            for day in named:
                if isinstance(day, date):
                    yield from (day + timedelta(days) for days in (-1, 0, 1))
        case _ if isinstance(field.type, NUMERIC_TYPES):
            for number in named:
                if isinstance(number, int | Fraction):
                    yield from (number + side * BESIDE for side in (-1, 0, 1))


def _holds(test: UnaryTest, field: Field, value: Value, policy: Policy) -> bool:
    situation = Situation({field.name: value}, {field.name: value}, date.min)
    return check(test, field.name, _glossary(policy))(value, situation) is YES


def _glossary(policy: Policy) -> Glossary:
    return glossary_of(policy.code_lists, {field.name: field.type for field in policy.fields})
