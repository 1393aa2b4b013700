"""A case worked through: every table closed, ready to be asked why and what is missing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

from engine.agenda.program import Program
from engine.agenda.pure import PureAgenda
from engine.cases import Case
from engine.dependencies import fields_read, operands
from engine.evaluate import Meaning, Situation, check, in_force, meaning
from engine.expressions import (
    AtLeast,
    Conditional,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
    Inverse,
    Present,
    Satisfies,
    UnaryTest,
)
from engine.model import Rule, Source
from engine.tables import Closing, RowResult, State, TableResult
from engine.truth import UNKNOWN, Truth
from engine.values import Range, Value

COMPOSED = (Conjunction, Disjunction, AtLeast, Inverse)
"""Conditions that are made of conditions."""


class Read(NamedTuple):
    """A condition, and the fields that it reads; None when it is made of several conditions."""

    node: Expression
    fields: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Notes:
    """What was found out about nodes of the policy, by their identity. It outlives the cases."""

    meanings: dict[int, Meaning] = dataclasses.field(default_factory=dict)
    reads: dict[int, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    conditions: dict[int, tuple[Read, ...]] = dataclasses.field(default_factory=dict)
    """Of rules."""
    amounts: dict[int, object] = dataclasses.field(default_factory=dict)
    """Of the grants that are worth the same in every case; ``engine.amounts`` keeps them."""
    parted: dict[int, Expression] = dataclasses.field(default_factory=dict)
    """Of comparisons, the conditions that they amount to; ``engine.changes`` keeps them."""
    rehearsals: dict[str, PureAgenda] = dataclasses.field(default_factory=dict)
    """Of measures, what works out no more than they rest on; ``engine.rehearsal`` keeps them."""


@dataclass(frozen=True, slots=True)
class Worked:
    """The program, the case, and what every table said of it.

    ``notes`` outlive the case; ``values`` and
    ``amounts`` are what nodes and grants were worth in it.
    """

    program: Program
    case: Case
    situation: Situation
    results: dict[str, TableResult]
    deriving: dict[str, TableResult]
    closings: dict[str, Closing]
    in_force: bool
    notes: Notes
    amounts: dict[int, object] = dataclasses.field(default_factory=dict, repr=False)
    values: dict[int, Value | None] = dataclasses.field(default_factory=dict, repr=False)

    def value(self, node: Expression) -> Value | None:
        """The value in this case of an expression that stands in the policy.

        Meanings are kept by identity, so a node made on the way must not come here.
        """
        key = id(node)
        if key in self.values:
            return self.values[key]
        value = self.values[key] = self.meaning(node)(self.situation)
        return value

    def meaning(self, node: Expression) -> Meaning:
        """The function that gives the value of an expression that stands in the policy."""
        known = self.notes.meanings.get(id(node))
        if known is None:
            known = self.notes.meanings[id(node)] = meaning(node, self.program.glossary)
        return known

    def truth(self, node: Expression) -> Truth:
        """The truth of a condition of the policy in this case."""
        return cast(Truth, self.value(node))

    def reads(self, node: Expression) -> tuple[str, ...]:
        """The fields on which an expression of the policy depends, in the policy's order."""
        known = self.notes.reads.get(id(node))
        if known is None:
            fields = fields_read(node)
            known = tuple(name for name in self.program.fields if name in fields)
            self.notes.reads[id(node)] = known
        return known

    def conditions(self, rule: Rule) -> tuple[Read, ...]:
        """The conditions of a rule with the fields that each of them reads."""
        known = self.notes.conditions.get(id(rule))
        if known is None:
            nodes = [condition.expression for condition in rule.conditions]
            known = tuple(
                Read(node, None if isinstance(node, COMPOSED) else self.reads(node))
                for node in nodes
            )
            self.notes.conditions[id(rule)] = known
        return known

    def passes(self, field: str, test: UnaryTest, value: Value) -> Truth:
        """Whether a value would satisfy a test of a field, all else as it is."""
        return check(test, field, self.program.glossary)(value, self.situation)


def worked_through(
    program: Program,
    case: Case,
    situation: Situation,
    closings: Sequence[Closing],
    notes: Notes,
) -> Worked:
    """Gather what a finished chain leaves behind."""
    results = [closing.result for closing in closings]
    return Worked(
        program,
        case,
        situation,
        {result.table.name: result for result in results},
        {output.field: result for result in results for output in result.table.outputs},
        {closing.result.table.name: closing for closing in closings},
        in_force(program.policy, case.date),
        notes,
    )


def unknown_parts(node: Expression, worked: Worked) -> Iterator[str]:
    """The fields that are missing, or known only by their limits, and so leave a node unknown.

    Of a condition made of several, only the unknown ones count.
    """
    if not is_open(worked.value(node)):
        return
    match node:
        case Conjunction(operands=parts) | Disjunction(operands=parts) | AtLeast(conditions=parts):
            for part in parts:
                yield from unknown_parts(part, worked)
        case Inverse(operand=operand):
            yield from unknown_parts(operand, worked)
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            holds = worked.value(condition)
            yield from unknown_parts(condition, worked)
            if holds is not False:
                yield from unknown_parts(then, worked)
            if holds is not True:
                yield from unknown_parts(otherwise, worked)
        case Satisfies(test=Present()):
            return
        case FieldRef(field=field) | Satisfies(field=field):
            if is_open(worked.situation.facts.get(field)):
                yield field
            for each in operands(node):
                yield from unknown_parts(each, worked)
        case _:
            for each in operands(node):
                yield from unknown_parts(each, worked)


def is_open(value: Value | None) -> bool:
    """Whether a value is missing or known only by its limits."""
    return value is None or isinstance(value, Range)


def unknown_conditions(row: RowResult) -> list[Expression]:
    """The conditions of a row that are unknown."""
    return [
        condition.expression
        for condition, truth in zip(row.rule.conditions, row.cells, strict=True)
        if truth is UNKNOWN
    ]


def rows_behind(row: RowResult, result: TableResult) -> list[RowResult]:
    """An unknown row and the unknown rows that keep it so: earlier rows, exceptions and theirs."""
    found = [row]
    for each in found:
        blocking = {
            rule.id for rule in each.blockers if each is row or each.rule.id in rule.overrides
        }
        found += [
            other
            for other in result.rows
            if other.rule.id in blocking
            and UNKNOWN in (other.own, other.truth)
            and other not in found
        ]
    return found


def conditions_behind(rows: Iterable[RowResult], result: TableResult) -> list[Expression]:
    """The unknown conditions of unknown rows, and of the rows that keep them so."""
    return [
        condition
        for row in rows
        for behind in rows_behind(row, result)
        for condition in unknown_conditions(behind)
    ]


def missing_inputs(nodes: Iterable[Expression], worked: Worked) -> dict[str, None]:
    """The input fields whose absence leaves some expressions unknown, in the order of discovery."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    for node in nodes:
        for field in unknown_parts(node, worked):
            _collect_missing(field, worked, found, seen)
    return found


def missing_for_rows(
    rows: Iterable[RowResult], result: TableResult, worked: Worked
) -> dict[str, None]:
    """The input fields whose absence leaves some rows unknown."""
    return missing_inputs(conditions_behind(rows, result), worked)


def missing_for_field(field: str, worked: Worked) -> dict[str, None]:
    """The input fields whose absence leaves one field open."""
    found: dict[str, None] = {}
    _collect_missing(field, worked, found, set())
    return found


def _collect_missing(field: str, worked: Worked, found: dict[str, None], seen: set[str]) -> None:
    if field in seen or not is_open(worked.situation.facts.get(field)):
        return
    seen.add(field)
    source = worked.program.fields[field].source
    if source is not Source.DERIVED:
        found[field] = None
    result = worked.deriving.get(field)
    if result is None:
        return
    for node in nodes_behind(field, result):
        for each in unknown_parts(node, worked):
            _collect_missing(each, worked, found, seen)


def nodes_behind(field: str, result: TableResult) -> list[Expression]:
    """The conditions and conclusions of a table that may leave a field it derives open."""
    nodes = conditions_behind(result.pending, result)
    output = [each.field for each in result.table.outputs].index(field)
    if result.state is not State.CONFLICT:
        nodes += [row.rule.conclusions[output] for row in result.standing]
    default = result.table.outputs[output].default
    if result.state is State.DEFAULT and default is not None:
        nodes.append(default)
    return nodes


def conflicts_behind(nodes: Iterable[Expression], worked: Worked) -> tuple[Rule, ...]:
    """The rules in conflict that leave some expressions unknown, through derived fields."""
    found: dict[str, Rule] = {}
    seen: set[str] = set()

    def visit(field: str) -> None:
        result = worked.deriving.get(field)
        if field in seen or result is None or not is_open(worked.situation.facts.get(field)):
            return
        seen.add(field)
        if result.state is State.CONFLICT:
            found.update((row.rule.id, row.rule) for row in result.standing)
            return
        for node in nodes_behind(field, result):
            for each in unknown_parts(node, worked):
                visit(each)

    for node in nodes:
        for field in unknown_parts(node, worked):
            visit(field)
    return tuple(found.values())
