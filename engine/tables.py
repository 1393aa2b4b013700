"""Rows, exceptions and hit policies: how the rows of one decision table make one result.

See ``docs/semantics.md``, *Rows and tables*, and DMN 1.5, §8.2.10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from graphlib import TopologicalSorter
from itertools import compress, takewhile
from typing import NamedTuple, TypeAlias, assert_never, cast

from engine.conclusions import (
    Column,
    Fold,
    collected,
    common,
    contradict,
    counted,
    equal,
    greatest,
    least,
    summed,
)
from engine.evaluate import Glossary, Meaning, Situation, meaning
from engine.model import DecisionTable, Grant, HitPolicy, Rule
from engine.truth import NO, UNKNOWN, YES, Truth
from engine.types import CodeList
from engine.values import INFINITY, Value


class RowResult(NamedTuple):
    """One row on one case.

    ``own`` is the conjunction of ``cells`` (one truth for each condition); ``truth`` is what
    remains after exceptions and the hit policy, and ``blockers`` are the rows that changed it,
    exceptions first. ``doubts`` are the exceptions of which nobody knew whether they hold, also
    where the hit policy decided afterwards.
    """

    rule: Rule
    cells: tuple[Truth, ...]
    own: Truth
    truth: Truth
    blockers: tuple[Rule, ...] = ()
    doubts: tuple[Rule, ...] = ()


def row_of(rule: Rule, cells: tuple[Truth, ...]) -> RowResult:
    """A row as its own cells decide it."""
    own = NO if NO in cells else UNKNOWN if UNKNOWN in cells else YES
    return RowResult(rule, cells, own, own)


class State(Enum):
    """How a table came out."""

    DECIDED = auto()
    DEFAULT = auto()
    OPEN = auto()
    CONFLICT = auto()
    EMPTY = auto()
    """Every row is false and there is no default."""


class TableResult(NamedTuple):
    """What a table says of one case.

    ``rows`` are the rows in force; ``standing`` those that made the result (in a conflict, those
    that exclude each other); ``pending``, for each output, the unknown rows that keep it open or
    make it a range.
    """

    table: DecisionTable
    rows: tuple[RowResult, ...]
    state: State
    values: tuple[Value | None, ...] = ()
    standing: tuple[RowResult, ...] = ()
    pending: tuple[tuple[RowResult, ...], ...] = ()


class Closing(NamedTuple):
    """A table that is closed, and what follows from that alone.

    ``rows`` are those in force of each measure, ``holding`` says of every row of the table whether
    its own cells hold. ``verdicts`` and ``proofs`` are those by measure that rest on no other fact,
    in a table that derives its own proof by its name; ``engine.verdicts`` and ``engine.proof`` keep
    them. A closing is shared by the cases in which
    the tests come out alike.
    """

    result: TableResult
    holding: bytes
    rows: Mapping[str, Sequence[RowResult]]
    verdicts: dict[str, object]
    proofs: dict[str, object]


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """A decision table ready to be applied to cases: conclusions by rule, defaults, ranks.

    ``exceptions`` are the rules that others override (例外于), each with those others, exceptions
    to exceptions first. ``grants`` numbers the grants by rule; equal ones have the same number.
    """

    table: DecisionTable
    conclusions: Mapping[str, tuple[Meaning, ...]]
    defaults: tuple[Meaning | None, ...]
    ranks: Mapping[Value, int]
    exceptions: tuple[tuple[str, tuple[str, ...]], ...]
    grants: Mapping[str, int]


def compile_table(
    table: DecisionTable, glossary: Glossary, list_of_output: CodeList | None
) -> CompiledTable:
    """Prepare a table; ``list_of_output`` ranks the first output of an 优先 table.

    Raises:
        graphlib.CycleError: its exceptions lead back to themselves (a finding of the policy).
    """
    ranks: dict[Value, int] = {}
    if list_of_output is not None:
        for position, code in enumerate(list_of_output.codes):
            ranks[code.value] = position if code.rank is None else code.rank
    return CompiledTable(
        table,
        {
            rule.id: tuple(meaning(each, glossary) for each in rule.conclusions)
            for rule in table.rules
        },
        tuple(
            None if output.default is None else meaning(output.default, glossary)
            for output in table.outputs
        ),
        ranks,
        _exceptions(table),
        _numbered_grants(table),
    )


def _exceptions(table: DecisionTable) -> tuple[tuple[str, tuple[str, ...]], ...]:
    overriders: dict[str, list[str]] = {}
    for rule in table.rules:
        for name in rule.overrides:
            overriders.setdefault(name, []).append(rule.id)
    order = TopologicalSorter(overriders).static_order()
    return tuple((name, tuple(overriders[name])) for name in order if name in overriders)


def _numbered_grants(table: DecisionTable) -> dict[str, int]:
    numbers: dict[Grant, int] = {}
    return {
        rule.id: numbers.setdefault(rule.grant, len(numbers))
        for rule in table.rules
        if rule.grant is not None
    }


def close_table(
    compiled: CompiledTable, rows: list[RowResult], situation: Situation
) -> TableResult:
    """Work out a table from its rows in force, each as its own cells decide."""
    if compiled.exceptions:
        rows = _with_exceptions(rows, compiled)
    if not compiled.table.outputs:
        return _close_measures(compiled, rows)
    conclusions = {
        row.rule.id: tuple([each(situation) for each in compiled.conclusions[row.rule.id]])
        for row in rows
        if row.truth is not NO
    }
    return _close_derivation(compiled, tuple(rows), conclusions, situation)


def rows_by_measure(rows: Iterable[RowResult]) -> dict[str, list[RowResult]]:
    """The rows of each measure, in their order."""
    found: dict[str, list[RowResult]] = {}
    for row in rows:
        if row.rule.grant is not None:
            found.setdefault(row.rule.grant.measure, []).append(row)
    return found


def _with_exceptions(rows: list[RowResult], compiled: CompiledTable) -> list[RowResult]:
    """Let each row with 例外于 displace the rows it names, exceptions to exceptions first."""
    settled = {row.rule.id: row for row in rows}
    for name, overriders in compiled.exceptions:
        if name in settled:
            above = [settled[each] for each in overriders if each in settled]
            settled[name] = _overridden(settled[name], above)
    return list(settled.values())


def _overridden(row: RowResult, above: list[RowResult]) -> RowResult:
    if row.truth is NO:
        return row
    holding = tuple(each.rule for each in above if each.truth is YES)
    if holding:
        return row._replace(truth=NO, blockers=holding)
    open_ = tuple(each.rule for each in above if each.truth is UNKNOWN)
    return row._replace(truth=UNKNOWN, blockers=open_, doubts=open_) if open_ else row


# --- measure tables: the policy turns rows, the amounts come later --------------------------------


def _close_measures(compiled: CompiledTable, rows: list[RowResult]) -> TableResult:
    table = compiled.table
    standing = tuple([row for row in rows if row.truth is YES])
    match table.hit_policy:
        case HitPolicy.UNIQUE:
            if len(standing) > 1:
                return TableResult(table, tuple(rows), State.CONFLICT, (), standing)
            if standing:
                winner = standing[0].rule
                rows = [
                    row
                    if row.truth is NO or row.rule is winner
                    else row._replace(truth=NO, blockers=(winner,))
                    for row in rows
                ]
        case HitPolicy.FIRST:
            rows = _first_only(rows, compiled.grants)
        case HitPolicy.ANY:
            if any(_measure(row) != _measure(standing[0]) for row in standing):
                return TableResult(table, tuple(rows), State.CONFLICT, (), standing)
        case _:
            pass
    standing = tuple([row for row in rows if row.truth is YES])
    return TableResult(table, tuple(rows), State.DECIDED, (), standing)


def _measure(row: RowResult) -> str:
    return cast(Grant, row.rule.grant).measure


def _first_only(rows: list[RowResult], grants: Mapping[str, int]) -> list[RowResult]:
    """After a true row the rest is false; after an unknown row of another grant it is unknown."""
    result: list[RowResult] = []
    first: Rule | None = None
    open_: list[tuple[int, Rule]] = []
    for row in rows:
        if row.truth is NO:
            result.append(row)
        elif first is not None:
            result.append(row._replace(truth=NO, blockers=(first,)))
        else:
            grant = grants[row.rule.id]
            others = tuple([rule for other, rule in open_ if other != grant])
            if row.truth is YES:
                first = row.rule
            else:
                open_.append((grant, row.rule))
            blockers = row.blockers + others
            result.append(row._replace(truth=UNKNOWN, blockers=blockers) if others else row)
    return result


# --- derivation tables ----------------------------------------------------------------------------

Concluded: TypeAlias = Mapping[str, tuple[Value | None, ...]]
"""What each row that is not false concludes for each output."""


def _close_derivation(
    compiled: CompiledTable, rows: tuple[RowResult, ...], of: Concluded, situation: Situation
) -> TableResult:
    table, outputs = compiled.table, len(compiled.table.outputs)
    true = tuple([row for row in rows if row.truth is YES])
    unknown = tuple([row for row in rows if row.truth is UNKNOWN])

    def columns(some: tuple[RowResult, ...]) -> list[Column]:
        return [[of[row.rule.id][output] for row in some] for output in range(outputs)]

    def decided(row: RowResult) -> TableResult:
        return TableResult(table, rows, State.DECIDED, of[row.rule.id], (row,))

    def open_(standing: tuple[RowResult, ...], pending: tuple[RowResult, ...]) -> TableResult:
        nothing = (None,) * outputs
        return TableResult(table, rows, State.OPEN, nothing, standing, (pending,) * outputs)

    def conflict(excluding: tuple[RowResult, ...]) -> TableResult:
        return TableResult(table, rows, State.CONFLICT, (None,) * outputs, excluding)

    def differing(some: Iterable[RowResult], *standing: RowResult) -> tuple[RowResult, ...]:
        return tuple([each for each in some if not any(_agree(each, row, of) for row in standing)])

    def folded(fold: Fold) -> TableResult:
        values, pending = [], []
        for sure, possible in zip(columns(true), columns(unknown), strict=True):
            value, bearing = fold(sure, possible)
            values.append(value)
            pending.append(tuple(compress(unknown, bearing)))
        return TableResult(table, rows, State.DECIDED, tuple(values), true, tuple(pending))

    match table.hit_policy:
        case HitPolicy.COUNT:
            return folded(counted)
        case HitPolicy.SUM:
            return folded(summed)
        case _ if not true:
            return open_((), unknown) if unknown else _default(compiled, rows, situation)
        case HitPolicy.UNIQUE:
            return decided(true[0]) if len(true) == 1 else conflict(true)
        case HitPolicy.FIRST:
            before = takewhile(lambda row: row is not true[0], rows)
            pending = differing((row for row in before if row.truth is UNKNOWN), true[0])
            return open_(true[:1], pending) if pending else decided(true[0])
        case HitPolicy.ANY:
            if any(map(contradict, columns(true))):
                return conflict(true)
            pending = differing(unknown, *true)
            if pending:
                return open_(true, pending)
            nodes = zip(*[row.rule.conclusions for row in true], strict=True)
            agreed = tuple(map(common, columns(true), nodes))
            return TableResult(table, rows, State.DECIDED, agreed, true)
        case HitPolicy.PRIORITY:
            highest, above = _highest(compiled, rows, of)
            pending = above if len(highest) > 1 else differing(above, highest[0])
            one_stands = len(highest) == 1 and not pending
            return decided(highest[0]) if one_stands else open_(highest, pending)
        case HitPolicy.COLLECT:
            return folded(collected)
        case HitPolicy.MIN:
            return folded(least)
        case HitPolicy.MAX:
            return folded(greatest)
        case _:
            assert_never(table.hit_policy)


def _default(
    compiled: CompiledTable, rows: tuple[RowResult, ...], situation: Situation
) -> TableResult:
    table = compiled.table
    if all(default is None for default in compiled.defaults):
        return TableResult(table, rows, State.EMPTY, (None,) * len(table.outputs))
    values = tuple(None if each is None else each(situation) for each in compiled.defaults)
    return TableResult(table, rows, State.DEFAULT, values)


def _agree(one: RowResult, other: RowResult, of: Concluded) -> bool:
    """Whether two rows surely conclude the same for every output."""
    nodes = one.rule.conclusions, other.rule.conclusions
    return all(
        equal(*each) is YES for each in zip(of[one.rule.id], of[other.rule.id], *nodes, strict=True)
    )


def _highest(
    compiled: CompiledTable, rows: tuple[RowResult, ...], of: Concluded
) -> tuple[tuple[RowResult, ...], tuple[RowResult, ...]]:
    """The true rows of which one stands highest, and the unknown rows that may stand above it.

    Of rows that stand equally high the first counts. A row whose own standing is not known may
    stand anywhere.
    """
    standing: dict[str, tuple[float, int]] = {}
    for position, row in enumerate(rows):
        if row.truth is not NO and (code := of[row.rule.id][0]) is not None:
            standing[row.rule.id] = compiled.ranks.get(code, INFINITY), position
    true = [row for row in rows if row.truth is YES]
    best = min(standing.get(row.rule.id, (INFINITY, len(rows))) for row in true)
    return (
        tuple([row for row in true if standing.get(row.rule.id, best) == best]),
        tuple(
            [
                row
                for row in rows
                if row.truth is UNKNOWN and standing.get(row.rule.id, best) <= best
            ]
        ),
    )
