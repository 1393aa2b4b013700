"""A case worked through: every table closed, ready to be asked why and what is missing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from engine.agenda.program import Program
from engine.agenda.pure import PureAgenda
from engine.cases import Case
from engine.dependencies import fields_read, operands
from engine.evaluate import Meaning, Situation, check, in_force, meaning
from engine.expressions import (
    Conditional,
    Expression,
    FieldRef,
    Present,
    Satisfies,
    UnaryTest,
)
from engine.model import HitPolicy, Rule, Source
from engine.tables import Closing, RowResult, State, TableResult
from engine.truth import UNKNOWN, Truth
from engine.values import Number, Range, Value


@dataclass(frozen=True, slots=True)
class Notes:
    """What was found out about nodes of the policy, by their identity. It outlives the cases."""

    meanings: dict[int, Meaning] = dataclasses.field(default_factory=dict)
    reads: dict[int, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    amounts: dict[int, object] = dataclasses.field(default_factory=dict)
    """Of the grants that are worth the same in every case; ``engine.amounts`` keeps them."""
    tested: dict[int, object] = dataclasses.field(default_factory=dict)
    """How each condition of a rule is proved, by its truth; ``engine.proof`` keeps them."""
    parted: dict[int, Expression] = dataclasses.field(default_factory=dict)
    """Of comparisons, the conditions that they amount to; ``engine.changes`` keeps them."""
    rehearsals: dict[str, PureAgenda] = dataclasses.field(default_factory=dict)
    """Of measures, what works out no more than they rest on; ``engine.rehearsal`` keeps them."""


@dataclass(frozen=True, slots=True)
class Worked:
    """The program, the case, and what every table said of it.

    ``notes`` outlive the case; ``values`` and ``amounts`` are what nodes and grants were worth in
    it, ``parts`` the fields that leave a node open. Of open fields, ``behind`` says what leaves
    them so, ``limits`` what they may still be, ``awaiting`` whether they wait for judgements alone.
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
    parts: dict[int, tuple[str, ...]] = dataclasses.field(default_factory=dict, repr=False)
    behind: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict, repr=False)
    limits: dict[str, Number | Range] = dataclasses.field(default_factory=dict, repr=False)
    awaiting: dict[str, bool] = dataclasses.field(default_factory=dict, repr=False)

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


def open_parts(node: Expression, worked: Worked) -> tuple[str, ...]:
    """The fields that are missing, or known only by their limits, and so leave a node unknown.

    Of a condition made of several, only the unknown ones count.
    """
    known = worked.parts.get(id(node))
    if known is None:
        known = worked.parts[id(node)] = tuple(dict.fromkeys(_open_parts(node, worked)))
    return known


def _open_parts(node: Expression, worked: Worked) -> Iterator[str]:
    if not is_open(worked.value(node)):
        return
    match node:
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            holds = worked.value(condition)
            yield from _open_parts(condition, worked)
            if holds is not False:
                yield from _open_parts(then, worked)
            if holds is not True:
                yield from _open_parts(otherwise, worked)
        case Satisfies(test=Present()):
            return
        case FieldRef(field=field) | Satisfies(field=field):
            if is_open(worked.situation.facts.get(field)):
                yield field
            for each in operands(node):
                yield from _open_parts(each, worked)
        case _:
            for each in operands(node):
                yield from _open_parts(each, worked)


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


def rows_behind(rows: Sequence[RowResult], result: TableResult) -> Iterable[RowResult]:
    """Unknown rows and the unknown rows that keep them so: earlier rows, exceptions and theirs."""
    if not any(row.blockers for row in rows):
        return rows
    of_rule = {row.rule.id: row for row in result.rows}
    found: dict[str, RowResult] = {}
    for row in rows:
        waiting = [row]
        for each in waiting:
            if each is not row and each.rule.id in found:
                continue
            found[each.rule.id] = each
            for rule in each.blockers if each is row else each.doubts:
                blocker = of_rule[rule.id]
                if rule.id not in found and (
                    blocker.doubts or UNKNOWN in (blocker.own, blocker.truth)
                ):
                    waiting.append(blocker)
    return found.values()


def conditions_behind(rows: Sequence[RowResult], result: TableResult) -> list[Expression]:
    """The unknown conditions of unknown rows, and of the rows that keep them so."""
    return [
        condition
        for behind in rows_behind(rows, result)
        for condition in unknown_conditions(behind)
    ]


def missing_inputs(nodes: Iterable[Expression], worked: Worked) -> dict[str, None]:
    """The input fields whose absence leaves some expressions unknown, in the order of discovery."""
    return _inputs_among(open_fields(nodes, worked), worked)


def missing_for_field(field: str, worked: Worked) -> dict[str, None]:
    """The input fields whose absence leaves one field open."""
    if not is_open(worked.situation.facts.get(field)):
        return {}
    return _inputs_among(unfold((field,), partial(fields_behind, worked=worked)), worked)


def _inputs_among(fields: Iterable[str], worked: Worked) -> dict[str, None]:
    known = worked.program.fields
    return {field: None for field in fields if known[field].source is not Source.DERIVED}


def conflicts_behind(nodes: Iterable[Expression], worked: Worked) -> tuple[Rule, ...]:
    """The rules in conflict that leave some expressions unknown, through derived fields."""
    found: dict[str, Rule] = {}
    if not any(result.state is State.CONFLICT for result in worked.deriving.values()):
        return ()
    for field in open_fields(nodes, worked):
        result = worked.deriving.get(field)
        if result is not None and result.state is State.CONFLICT:
            found.update((row.rule.id, row.rule) for row in result.standing)
    return tuple(found.values())


def open_fields(nodes: Iterable[Expression], worked: Worked) -> Iterator[str]:
    """The fields that leave some expressions open, and those that leave these fields open."""
    starts = (field for node in nodes for field in open_parts(node, worked))
    return unfold(starts, partial(fields_behind, worked=worked))


def unfold(starts: Iterable[str], behind: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Some fields and those behind them, each once, depth first, however long the chain."""
    seen: set[str] = set()
    waiting = [iter(starts)]
    while waiting:
        for field in waiting[-1]:
            if field not in seen:
                seen.add(field)
                yield field
                waiting.append(iter(behind(field)))
                break
        else:
            waiting.pop()


def in_order(
    field: str, behind: Callable[[str], Iterable[str]], done: Container[str], worked: Worked
) -> list[str]:
    """The derived ones among a field and those behind it, each after those behind it.

    Those that are done, and what is only behind them, are left out.
    """
    needed = set(unfold((field,), lambda each: () if each in done else behind(each)))
    return [each for each in worked.deriving if each in needed and each not in done]


def fields_behind(field: str, worked: Worked) -> tuple[str, ...]:
    """The fields that leave an open field open, as its table has them."""
    known = worked.behind.get(field)
    if known is None:
        result = worked.deriving.get(field)
        nodes = () if result is None else nodes_behind(field, result)
        found = dict.fromkeys(each for node in nodes for each in open_parts(node, worked))
        known = worked.behind[field] = tuple(found)
    return known


def nodes_behind(field: str, result: TableResult) -> list[Expression]:
    """The conditions and conclusions of a table that may leave a field it derives open."""
    nodes = conditions_behind(pending_for(field, result), result)
    if result.state is not State.CONFLICT:
        nodes += conclusions_of(result.standing, field, result)
    default = result.table.outputs[output_of(field, result)].default
    if result.state is State.DEFAULT and default is not None:
        nodes.append(default)
    return nodes


def conclusions_of(rows: Sequence[RowResult], field: str, result: TableResult) -> list[Expression]:
    """What some rows conclude for a field; in an 优先 table also what ranks them, if several."""
    output = output_of(field, result)
    ranked = result.table.hit_policy is HitPolicy.PRIORITY and len(rows) > 1
    outputs = (0, output) if ranked and output else (output,)
    return [row.rule.conclusions[each] for row in rows for each in outputs]


def output_of(field: str, result: TableResult) -> int:
    """Which of the outputs of a table a field is."""
    return [each.field for each in result.table.outputs].index(field)


def pending_for(field: str, result: TableResult) -> tuple[RowResult, ...]:
    """The unknown rows of a table that keep a field open or make it a range."""
    return result.pending[output_of(field, result)] if result.pending else ()
