"""Conditions that exclude each other though fixed limits do not decide either of them.

What is compared need not be known for that: nothing is 20% more than it was and also less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from engine.checks.space.dimensions import constant
from engine.checks.space.lines import position_of
from engine.evaluate import Glossary
from engine.expressions import (
    AllOf,
    Comparator,
    Compare,
    Comparison,
    Expression,
    FieldRef,
    Inverse,
    Not,
    Satisfies,
    UnaryTest,
    Within,
    conjuncts,
)
from engine.model import Condition

_LESS, _EQUAL, _MORE = range(-1, 2)
_SIGNS = {
    Comparator.LESS: {_LESS},
    Comparator.AT_MOST: {_LESS, _EQUAL},
    Comparator.EQUAL: {_EQUAL},
    Comparator.AT_LEAST: {_EQUAL, _MORE},
    Comparator.GREATER: {_MORE},
    Comparator.NOT_EQUAL: {_LESS, _MORE},
}
_ALL = frozenset((_LESS, _EQUAL, _MORE))


class _Demand(NamedTuple):
    """How a subject must stand to a bound: less, equal or more."""

    subject: Expression
    signs: frozenset[int]
    bound: Expression


def exclude_each_other(conditions: Iterable[Condition], glossary: Glossary) -> bool:
    """Whether two of some conditions cannot both hold, whatever the facts are."""
    parts = [part for each in conditions for part in conjuncts(each.expression)]
    if any(Inverse(part) in parts for part in parts):
        return True
    demands = [demand for part in parts for demand in _demands(part)]
    return any(
        one.subject == other.subject and _are_opposed(one, other, glossary)
        for one, other in combinations(demands, 2)
    )


def _demands(node: Expression) -> Iterator[_Demand]:
    match node:
        case Comparison(comparator=sign, left=left, right=right):
            yield from _both_ways(left, frozenset(_SIGNS[sign]), right)
        case Inverse(operand=Comparison(comparator=sign, left=left, right=right)):
            yield from _both_ways(left, _ALL - _SIGNS[sign], right)
        case Satisfies(field=field, test=test):
            for signs, bound in _limits(test):
                yield from _both_ways(FieldRef(field), signs, bound)


def _limits(test: UnaryTest) -> Iterator[tuple[frozenset[int], Expression]]:
    match test:
        case Compare(comparator=sign, bound=bound):
            yield frozenset(_SIGNS[sign]), bound
        case Not(test=Compare(comparator=sign, bound=bound)):
            yield _ALL - _SIGNS[sign], bound
        case Within(low=low, high=high, low_closed=low_closed, high_closed=high_closed):
            yield frozenset({_MORE, _EQUAL} if low_closed else {_MORE}), low
            yield frozenset({_LESS, _EQUAL} if high_closed else {_LESS}), high
        case AllOf(tests=tests):
            for each in tests:
                yield from _limits(each)


def _both_ways(left: Expression, signs: frozenset[int], right: Expression) -> Iterator[_Demand]:
    yield _Demand(left, signs, right)
    yield _Demand(right, frozenset(-sign for sign in signs), left)


def _are_opposed(one: _Demand, other: _Demand, glossary: Glossary) -> bool:
    if one.bound == other.bound:
        return one.signs.isdisjoint(other.signs)
    values = [constant(each.bound, glossary) for each in (one, other)]
    limits = [None if value is None else position_of(value) for value in values]
    first, second = limits
    if first is None or second is None or first == second:
        return first == second is not None and one.signs.isdisjoint(other.signs)
    if first > second:
        one, other = other, one
    return _MORE not in one.signs and _LESS not in other.signs
