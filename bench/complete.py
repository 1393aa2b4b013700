"""Complete cases: every fact given, so that no peer's treatment of missing values plays a part.

Only a field whose code list nobody has published yet stays blank.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from engine.cases import Case
from engine.dependencies import bounds, rule_expressions, walk
from engine.expressions import (
    AllOf,
    AnyOf,
    HasAll,
    Literal,
    Not,
    OneOf,
    Satisfies,
    UnaryTest,
)
from engine.model import Field, Policy, Source
from engine.types import NUMERIC_TYPES, ChoiceType, DateType, MultiChoiceType, YesNoType
from engine.values import Value


def complete_cases(policy: Policy, count: int, seed: int = 7) -> list[Case]:
    """Draw cases whose values lie on and around those that the policy mentions."""
    random = Random(seed)
    given = [field for field in policy.fields if field.source is not Source.DERIVED]
    candidates = {field.name: _candidates(field, policy) for field in given}
    return [
        Case(
            f"例{number}",
            f"例{number}",
            policy.effective + timedelta(days=30),
            {
                field.name: _draw(field, candidates[field.name], random)
                for field in given
                if candidates[field.name] or isinstance(field.type, MultiChoiceType)
            },
        )
        for number in range(count)
    ]


def _draw(field: Field, candidates: list[Value], random: Random) -> Value:
    if isinstance(field.type, MultiChoiceType):
        codes = [str(each) for each in candidates]
        return frozenset(random.sample(codes, min(len(codes), random.randint(0, 3))))
    return random.choice(candidates)


def _candidates(field: Field, policy: Policy) -> list[Value]:
    mentioned = sorted(set(_mentioned(field.name, policy)), key=str)
    match field.type:
        case YesNoType():
            return [True, False]
        case ChoiceType(code_list=name) | MultiChoiceType(code_list=name):
            return _leaves(name, policy)
        case DateType():
            days = [each for each in mentioned if isinstance(each, date)]
            near = [day + timedelta(step) for day in days for step in (-1, 0, 1)]
            return [policy.effective, policy.effective + timedelta(20), *near]
    if not isinstance(field.type, NUMERIC_TYPES):
        return [*mentioned, "别处"]
    numbers = [each for each in mentioned if isinstance(each, int | Fraction)]
    scaled = [number * factor for number in numbers for factor in (Fraction(1, 2), 1, 2)]
    whole = [each.numerator if each.denominator == 1 else each for each in map(Fraction, scaled)]
    typical = [] if field.typical is None else [field.typical]
    return [0, *whole, *typical] if whole or typical else [0, 10_000_000]


def _leaves(code_list: str, policy: Policy) -> list[Value]:
    """The codes without children: on the others a test may be unknown."""
    codes = next(each.codes for each in policy.code_lists if each.name == code_list)
    parents = {code.parent for code in codes}
    return [code.value for code in codes if code.value not in parents]


def _mentioned(field: str, policy: Policy) -> Iterator[Value]:
    for table in policy.tables:
        for rule in table.rules:
            for expression in rule_expressions(rule):
                for node in walk(expression):
                    if isinstance(node, Satisfies) and node.field == field:
                        yield from _values(node.test)


def _values(test: UnaryTest) -> Iterator[Value]:
    for bound in bounds(test):
        if isinstance(bound, Literal):
            yield bound.value
    match test:
        case OneOf(values=values) | HasAll(values=values):
            yield from values
        case Not(test=inner):
            yield from _values(inner)
        case AnyOf(tests=tests) | AllOf(tests=tests):
            for each in tests:
                yield from _values(each)
