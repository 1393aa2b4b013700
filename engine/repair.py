"""The smallest repair: the fewest changed facts that would turn a refusal, replayed before shown.

Candidates come from the failed conditions, through derived facts down to what can be reported or
judged. Fields marked 不可改 stay as they are. Fewest changes first, then the least relative change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, islice, product
from typing import TypeAlias, cast

from engine.agenda.pure import PureAgenda
from engine.constraints import violated
from engine.evaluate import Meaning
from engine.expressions import (
    AtLeast,
    Comparator,
    Comparison,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
    Inverse,
    Literal,
    Not,
    Satisfies,
    UnaryTest,
)
from engine.model import Field, Measure, Rule, Source
from engine.nearest import relative_change, satisfying_values, smallest_step
from engine.outcome import Amount, Granted, Outcome, Referred, Refused
from engine.truth import YES
from engine.types import NUMERIC_TYPES
from engine.values import Number, Range, Value
from engine.verdicts import judge, rows_of
from engine.worked import Worked, worked_through

MOST_CANDIDATES = 48
MOST_REPLAYS = 24
DEEPEST = 6

Changes: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Change:
    """One fact to change, from what it is (None: not given) to what would do."""

    field: str
    before: Value | None
    after: Value


@dataclass(frozen=True, slots=True)
class Repair:
    """Changes after which the measure is granted or referred, and what it would then be worth."""

    measure: str
    changes: tuple[Change, ...]
    amount: Amount


def smallest_repair(outcome: Outcome, measure: Measure) -> Repair | None:
    """Find the smallest repair of a refused measure, or None where none was found."""
    worked = outcome.worked
    verdict = next(each.verdict for each in outcome.measures if each.measure is measure)
    if not isinstance(verdict, Refused):
        return None
    rows = rows_of(measure, worked.results[measure.table])
    candidates = [
        changes
        for row in rows
        for changes in _all_of((each.expression for each in row.rule.conditions), worked, DEEPEST)
        if changes
    ]
    candidates.sort(key=lambda changes: _size(changes, worked))
    agenda = PureAgenda(worked.program)
    for changes in candidates[:MOST_REPLAYS]:
        amount = _replay(agenda, worked, measure, changes)
        if amount is not None:
            return Repair(
                measure.id,
                tuple(
                    Change(name, worked.situation.facts.get(name), value)
                    for name, value in changes.items()
                ),
                amount,
            )
    return None


def _size(changes: Changes, worked: Worked) -> tuple[int, Fraction]:
    facts = worked.situation.facts
    return len(changes), sum(
        (relative_change(facts.get(name), value) for name, value in changes.items()),
        start=Fraction(0),
    )


def _replay(
    agenda: PureAgenda, worked: Worked, measure: Measure, changes: Changes
) -> Amount | None:
    """What the measure would be worth with the changes; None when it would not be granted."""
    case = replace(worked.case, facts={**worked.case.facts, **changes})
    if violated(worked.program.policy, case):
        return None
    chain = agenda.run(case)
    meanings: dict[int, Meaning] = worked.meanings
    again = worked_through(worked.program, case, chain.situation, chain.finish(), meanings)
    match judge(measure, again):
        case Granted(amount=amount):
            return amount
        case Referred(judgements=(), amount=amount):
            return amount
        case _:
            return None


# --- candidates: sets of changes that may make a condition true -----------------------------------


def _all_of(nodes: Iterable[Expression], worked: Worked, depth: int) -> list[Changes]:
    """Sets of changes that may make every one of some conditions true."""
    options = [_to_hold(node, worked, depth) for node in nodes]
    if not all(options):
        return []
    return _best(_merged(combination) for combination in _combinations(options))


def _combinations(options: list[list[Changes]]) -> Iterator[tuple[Changes, ...]]:
    """Pick one set of each; the number of sets to look at is bounded."""
    width = max(1, round(4096 ** (1 / max(1, sum(len(each) > 1 for each in options)))))
    return product(*(each[:width] for each in options))


def _merged(parts: Iterable[Changes]) -> Changes | None:
    merged: dict[str, Value] = {}
    for part in parts:
        for name, value in part.items():
            if merged.setdefault(name, value) != value:
                return None
    return merged


def _best(found: Iterable[Changes | None]) -> list[Changes]:
    """The smaller sets first, without repeats, not too many."""
    unique = {frozenset(changes.items()): changes for changes in found if changes is not None}
    return sorted(islice(unique.values(), 4 * MOST_CANDIDATES), key=len)[:MOST_CANDIDATES]


def _to_hold(node: Expression, worked: Worked, depth: int) -> list[Changes]:
    if worked.truth(node) is YES:
        return [{}]
    match node:
        case Conjunction(operands=parts):
            return _all_of(parts, worked, depth)
        case Disjunction(operands=parts):
            return _best(changes for part in parts for changes in _to_hold(part, worked, depth))
        case AtLeast(count=count, conditions=parts):
            open_ = [part for part in parts if worked.truth(part) is not YES]
            still = count - (len(parts) - len(open_))
            return _best(
                changes
                for chosen in islice(combinations(open_, still), MOST_CANDIDATES)
                for changes in _all_of(chosen, worked, depth)
            )
        case Inverse(operand=Satisfies(field=field, test=test)):
            return _field_to_pass(field, Not(test), worked, depth)
        case Satisfies(field=field, test=test):
            return _field_to_pass(field, test, worked, depth)
        case Comparison(comparator=comparator, left=left, right=right):
            return _to_compare(comparator, left, right, worked)
        case FieldRef(field=field):
            return [{field: True}] if _may_change(worked.program.fields[field]) else []
        case _:
            return []


def _may_change(field: Field) -> bool:
    return field.changeable and field.source is not Source.DERIVED


def _field_to_pass(name: str, test: UnaryTest, worked: Worked, depth: int) -> list[Changes]:
    field = worked.program.fields[name]
    found: list[Changes | None] = []
    if _may_change(field) and field.source is not Source.DERIVED_OR_REPORTED:
        found += [{name: value} for value in satisfying_values(test, field, worked)]
    result = worked.deriving.get(name)
    if result is not None and depth > 0:
        output = [each.field for each in result.table.outputs].index(name)
        for row in result.rows:
            if _concludes(row.rule, output, name, test, worked):
                conditions = (each.expression for each in row.rule.conditions)
                found += _all_of(conditions, worked, depth - 1)
    return _best(found)


def _concludes(rule: Rule, output: int, name: str, test: UnaryTest, worked: Worked) -> bool:
    conclusion = rule.conclusions[output]
    value = worked.value(conclusion)
    if value is None:
        return not isinstance(conclusion, Literal)
    return worked.passes(name, test, value) is YES


def _to_compare(
    comparator: Comparator, left: Expression, right: Expression, worked: Worked
) -> list[Changes]:
    """Move the field on one side to just where the comparison with the other side holds."""
    found: list[Changes | None] = []
    for side, other in ((left, right), (right, left)):
        limit = worked.value(other)
        if not isinstance(side, FieldRef) or limit is None or isinstance(limit, Range):
            continue
        field = worked.program.fields[side.field]
        if not _may_change(field):
            continue
        found.append({side.field: limit})
        if isinstance(field.type, NUMERIC_TYPES) and comparator is not Comparator.EQUAL:
            number, step = cast(Number, limit), smallest_step(field.type)
            found += [{side.field: number + step}, {side.field: number - step}]
    return _best(found)
