"""Rows, exceptions and hit policies: how the rows of one decision table make one result.

See ``docs/semantics.md``, *Rows and tables*, and DMN 1.5, §8.2.10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import combinations
from typing import NamedTuple, assert_never, cast

from engine.evaluate import Glossary, Meaning, Situation, meaning
from engine.model import DecisionTable, Grant, HitPolicy, Rule
from engine.truth import NO, UNKNOWN, YES, Truth
from engine.types import CodeList
from engine.values import Number, Range, Value, add, high_of, low_of, span


class RowResult(NamedTuple):
    """One row on one case.

    ``own`` is the conjunction of ``cells`` (one truth for each condition); ``truth`` is what
    remains after exceptions and the hit policy, and ``blockers`` are the rows that changed it.
    """

    rule: Rule
    cells: tuple[Truth, ...]
    own: Truth
    truth: Truth
    blockers: tuple[Rule, ...] = ()


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
    that exclude each other); ``pending`` the unknown rows that keep it open or make it a range.
    """

    table: DecisionTable
    rows: tuple[RowResult, ...]
    state: State
    values: tuple[Value | None, ...] = ()
    standing: tuple[RowResult, ...] = ()
    pending: tuple[RowResult, ...] = ()


class Closing(NamedTuple):
    """A table that is closed, and what follows from that alone.

    ``rows`` are those in force of each measure, ``holding`` says of every row of the table whether
    its own cells hold. ``verdicts`` and ``proofs`` are those by measure that rest on no other fact;
    ``engine.verdicts`` and ``engine.proof`` keep them. A closing is shared by the cases in which
    the tests come out alike.
    """

    result: TableResult
    holding: bytes
    rows: Mapping[str, Sequence[RowResult]]
    verdicts: dict[str, object]
    proofs: dict[str, object]


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """A decision table ready to be applied to cases: conclusions by rule, defaults, ranks."""

    table: DecisionTable
    conclusions: Mapping[str, tuple[Meaning, ...]]
    defaults: tuple[Meaning | None, ...]
    ranks: Mapping[Value, int]
    overriding: bool


def compile_table(
    table: DecisionTable, glossary: Glossary, list_of_output: CodeList | None
) -> CompiledTable:
    """Prepare a table; ``list_of_output`` ranks the first output of an 优先 table."""
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
        any(rule.overrides for rule in table.rules),
    )


def close_table(
    compiled: CompiledTable, rows: list[RowResult], situation: Situation
) -> TableResult:
    """Work out a table from its rows in force, each as its own cells decide."""
    if compiled.overriding:
        rows = _with_exceptions(rows)
    if not compiled.table.outputs:
        return _close_measures(compiled.table, rows)
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


def _with_exceptions(rows: list[RowResult]) -> list[RowResult]:
    """Let each row with 例外于 displace the rows it names, exceptions to exceptions first."""
    overriders: dict[str, list[str]] = {}
    for row in rows:
        for name in row.rule.overrides:
            overriders.setdefault(name, []).append(row.rule.id)
    by_id = {row.rule.id: row for row in rows}
    settled: dict[str, RowResult] = {}

    def settle(name: str) -> RowResult:
        if name not in settled:
            row = by_id[name]
            above = [settle(each) for each in overriders.get(name, ())]
            settled[name] = _overridden(row, above)
        return settled[name]

    return [settle(row.rule.id) for row in rows]


def _overridden(row: RowResult, above: list[RowResult]) -> RowResult:
    if row.truth is NO:
        return row
    holding = tuple(each.rule for each in above if each.truth is YES)
    if holding:
        return row._replace(truth=NO, blockers=holding)
    open_ = tuple(each.rule for each in above if each.truth is UNKNOWN)
    return row._replace(truth=UNKNOWN, blockers=open_) if open_ else row


# --- measure tables: the policy turns rows, the amounts come later --------------------------------


def _close_measures(table: DecisionTable, rows: list[RowResult]) -> TableResult:
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
            rows = _first_only(rows)
        case HitPolicy.ANY:
            if any(_grant(row) != _grant(standing[0]) for row in standing):
                return TableResult(table, tuple(rows), State.CONFLICT, (), standing)
        case _:
            pass
    return TableResult(
        table,
        tuple(rows),
        State.DECIDED,
        (),
        tuple([row for row in rows if row.truth is YES]),
        tuple([row for row in rows if row.truth is UNKNOWN]),
    )


def _grant(row: RowResult) -> Grant:
    return cast(Grant, row.rule.grant)


def _first_only(rows: list[RowResult]) -> list[RowResult]:
    """After a true row the rest is false; after an unknown row of another grant it is unknown."""
    result: list[RowResult] = []
    first: Rule | None = None
    open_: list[RowResult] = []
    for row in rows:
        if row.truth is NO:
            result.append(row)
        elif first is not None:
            result.append(row._replace(truth=NO, blockers=(first,)))
        else:
            others = tuple(each.rule for each in open_ if _grant(each) != _grant(row))
            if row.truth is YES:
                first = row.rule
            else:
                open_.append(row)
            blockers = row.blockers + others
            result.append(row._replace(truth=UNKNOWN, blockers=blockers) if others else row)
    return result


# --- derivation tables ----------------------------------------------------------------------------

Conclusions = Mapping[str, tuple[Value | None, ...]]


def _close_derivation(
    compiled: CompiledTable,
    rows: tuple[RowResult, ...],
    conclusions: Conclusions,
    situation: Situation,
) -> TableResult:
    table = compiled.table
    true = tuple(row for row in rows if row.truth is YES)
    unknown = tuple(row for row in rows if row.truth is UNKNOWN)

    def of(row: RowResult) -> tuple[Value | None, ...]:
        return conclusions[row.rule.id]

    def decided(row: RowResult) -> TableResult:
        return TableResult(table, rows, State.DECIDED, of(row), (row,))

    def open_(pending: tuple[RowResult, ...], standing: tuple[RowResult, ...] = ()) -> TableResult:
        nothing = (None,) * len(table.outputs)
        return TableResult(table, rows, State.OPEN, nothing, standing, pending)

    def conflict(excluding: tuple[RowResult, ...]) -> TableResult:
        nothing = (None,) * len(table.outputs)
        return TableResult(table, rows, State.CONFLICT, nothing, excluding)

    match table.hit_policy:
        case HitPolicy.COUNT:
            count = span(len(true), len(true) + len(unknown))
            return TableResult(
                table, rows, State.DECIDED, (count,) * len(table.outputs), true, unknown
            )
        case HitPolicy.SUM:
            return _sum(table, rows, true, unknown, of)
        case _:
            pass
    if not true:
        return open_(unknown) if unknown else _default(compiled, rows, situation)
    match table.hit_policy:
        case HitPolicy.UNIQUE:
            return decided(true[0]) if len(true) == 1 else conflict(true)
        case HitPolicy.FIRST:
            first = true[0]
            before = rows[: rows.index(first)]
            doubtful = tuple(
                row for row in before if row.truth is UNKNOWN and not _agree(of(row), of(first))
            )
            return open_(doubtful, (first,)) if doubtful else decided(first)
        case HitPolicy.ANY:
            if any(_disagree(of(one), of(other)) for one, other in combinations(true, 2)):
                return conflict(true)
            doubtful = tuple(row for row in unknown if not _agree(of(row), of(true[0])))
            if doubtful:
                return open_(doubtful, true)
            agreed = tuple(
                None if any(of(row)[output] is None for row in true) else of(true[0])[output]
                for output in range(len(table.outputs))
            )
            return TableResult(table, rows, State.DECIDED, agreed, true)
        case HitPolicy.PRIORITY:
            return _priority(compiled, true, unknown, of, decided, open_)
        case HitPolicy.COLLECT:
            return _collect(table, rows, true, unknown, of)
        case HitPolicy.MIN | HitPolicy.MAX:
            return _extreme(table, rows, true, unknown, of)
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


def _agree(left: tuple[Value | None, ...], right: tuple[Value | None, ...]) -> bool:
    """Known and equal in every output; a missing conclusion is equal to nothing."""
    return all(a is not None and a == b for a, b in zip(left, right, strict=True))


def _disagree(left: tuple[Value | None, ...], right: tuple[Value | None, ...]) -> bool:
    return any(a is not None and b is not None and a != b for a, b in zip(left, right, strict=True))


def _priority(
    compiled: CompiledTable,
    true: tuple[RowResult, ...],
    unknown: tuple[RowResult, ...],
    of: Callable[[RowResult], tuple[Value | None, ...]],
    decided: Callable[[RowResult], TableResult],
    open_: Callable[[tuple[RowResult, ...], tuple[RowResult, ...]], TableResult],
) -> TableResult:
    def rank(row: RowResult) -> int:
        first = of(row)[0]
        return -1 if first is None else compiled.ranks.get(first, len(compiled.ranks) + 1)

    best = min(true, key=rank)
    higher = tuple(
        row for row in unknown if rank(row) < rank(best) and not _agree(of(row), of(best))
    )
    return open_(higher, (best,)) if higher else decided(best)


def _collect(
    table: DecisionTable,
    rows: tuple[RowResult, ...],
    true: tuple[RowResult, ...],
    unknown: tuple[RowResult, ...],
    of: Callable[[RowResult], tuple[Value | None, ...]],
) -> TableResult:
    values: list[Value | None] = []
    pending: list[RowResult] = []
    for output in range(len(table.outputs)):
        collected: frozenset[str] | None = frozenset()
        for row in true:
            added = _as_set(of(row)[output])
            collected = None if added is None or collected is None else collected | added
        for row in unknown:
            added = _as_set(of(row)[output])
            if added is None or collected is None or not added <= collected:
                pending.append(row)
        values.append(None if pending else collected)
    if pending:
        nothing = (None,) * len(table.outputs)
        return TableResult(table, rows, State.OPEN, nothing, true, tuple(dict.fromkeys(pending)))
    return TableResult(table, rows, State.DECIDED, tuple(values), true)


def _as_set(value: Value | None) -> frozenset[str] | None:
    if isinstance(value, str):
        return frozenset((value,))
    return value if isinstance(value, frozenset) else None


def _sum(
    table: DecisionTable,
    rows: tuple[RowResult, ...],
    true: tuple[RowResult, ...],
    unknown: tuple[RowResult, ...],
    of: Callable[[RowResult], tuple[Value | None, ...]],
) -> TableResult:
    values: list[Value | None] = []
    for output in range(len(table.outputs)):
        total: Number | Range | None = 0
        for row in true:
            term = cast(Number | Range | None, of(row)[output])
            total = None if total is None or term is None else add(total, term)
        for row in unknown:
            term = cast(Number | Range | None, of(row)[output])
            if total is None or term is None:
                total = None
            else:
                total = add(total, span(min(0, low_of(term)), max(0, high_of(term))))
        values.append(total)
    return TableResult(table, rows, State.DECIDED, tuple(values), true, unknown)


def _extreme(
    table: DecisionTable,
    rows: tuple[RowResult, ...],
    true: tuple[RowResult, ...],
    unknown: tuple[RowResult, ...],
    of: Callable[[RowResult], tuple[Value | None, ...]],
) -> TableResult:
    best = max if table.hit_policy is HitPolicy.MAX else min
    values: list[Value | None] = []
    for output in range(len(table.outputs)):
        terms = [cast(Number | Range | None, of(row)[output]) for row in (*true, *unknown)]
        if any(term is None for term in terms):
            values.append(None)
            continue
        known = cast(list[Number | Range], terms)
        low, high = (best(map(end, known[: len(true)])) for end in (low_of, high_of))
        for term in known[len(true) :]:
            low = min(low, best(low, low_of(term)))
            high = max(high, best(high, high_of(term)))
        values.append(span(low, high))
    return TableResult(table, rows, State.DECIDED, tuple(values), true, unknown)
