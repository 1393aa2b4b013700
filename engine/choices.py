"""The answers, codes, sets and texts that a field might take to pass a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, islice
from typing import cast

from engine.evaluate import in_force
from engine.expressions import AllOf, AnyOf, HasAll, InCodeList, Not, OneOf, UnaryTest
from engine.model import Field
from engine.moves import Aim, aim, may_become
from engine.types import ChoiceType, MultiChoiceType, YesNoType
from engine.values import Value
from engine.worked import Worked

MOST_CHOICES = 8
MOST_EXCHANGED = 3
MOST_SETS = 96


def choices(
    field: Field,
    test: UnaryTest,
    before: Value | None,
    suits: Callable[[Value], bool],
    worked: Worked,
) -> list[Aim]:
    """The values that suit and that the field may take: the nearest codes first, then as listed."""
    found = [
        value
        for value in dict.fromkeys(_candidates(field, test, before, suits, worked))
        if may_become(field, before, value, worked) and suits(value)
    ]
    if isinstance(before, frozenset):
        found.sort(key=lambda value: len(before ^ cast(frozenset[str], value)))
    elif isinstance(field.type, ChoiceType) and before is not None:
        found.sort(key=_apart(field.type, cast(str, before), worked))
    return [aim(field, before, value) for value in found[:MOST_CHOICES]]


def _candidates(
    field: Field,
    test: UnaryTest,
    before: Value | None,
    suits: Callable[[Value], bool],
    worked: Worked,
) -> Iterator[Value]:
    match field.type:
        case YesNoType():
            yield from (True, False)
        case ChoiceType(code_list=name):
            named = set(_named(test, worked))
            codes = _codes(name, worked)
            yield from (code for code in codes if code in named)
            yield from codes
        case MultiChoiceType(code_list=name):
            held = before if isinstance(before, frozenset) else frozenset[str]()
            named = set(_named(test, worked))
            codes = [code for code in _codes(name, worked) if code in named - held]
            yield from islice(_exchanges(held, codes), MOST_SETS)
            yield held | _together(test)
            yield frozenset(code for code in held if suits(frozenset({code})))
            yield frozenset()
        case _:
            yield from _named(test, worked)


def _exchanges(held: frozenset[str], codes: list[str]) -> Iterator[frozenset[str]]:
    """The codes held with a few taken away and put in: the fewest, and those put in, first."""
    for size in range(1, MOST_EXCHANGED + 1):
        for away in range(size + 1):
            for gone in combinations(sorted(held), away):
                for put in combinations(codes, size - away):
                    yield held.difference(gone).union(put)


def _codes(code_list: str, worked: Worked) -> list[str]:
    codes = worked.program.glossary.code_lists[code_list].codes
    return [code.value for code in codes if in_force(code, worked.case.date)]


def _named(test: UnaryTest, worked: Worked) -> Iterator[str]:
    """The codes or texts that a test names."""
    match test:
        case OneOf(values=values) | HasAll(values=values):
            yield from cast(tuple[str, ...], values)
        case InCodeList(code_list=name):
            yield from _codes(name, worked)
        case AnyOf(tests=tests) | AllOf(tests=tests):
            for each in tests:
                yield from _named(each, worked)
        case Not(test=inner):
            yield from _named(inner, worked)
        case _:
            return


def _together(test: UnaryTest) -> frozenset[str]:
    """The codes that a test wants all of."""
    match test:
        case HasAll(values=values):
            return frozenset(cast(tuple[str, ...], values))
        case AnyOf(tests=tests) | AllOf(tests=tests):
            return frozenset[str]().union(*map(_together, tests))
        case _:
            return frozenset()


def _apart(type_: ChoiceType, before: str, worked: Worked) -> Callable[[Value], int]:
    """How many places of 次序 lie between a code and another one."""
    codes = worked.program.glossary.code_lists[type_.code_list].codes
    ranks = {code.value: code.rank or 0 for code in codes}
    return lambda after: abs(ranks.get(cast(str, after), 0) - ranks.get(before, 0))
