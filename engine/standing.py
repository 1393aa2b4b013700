"""Which rows of a table must hold, and which must fail, for it to come out as wanted.

Every way is put to ``close_table`` itself, so that exceptions and hit policies mean here what they
mean everywhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, combinations, islice
from typing import TypeAlias

from engine.evaluate import Situation
from engine.model import HitPolicy
from engine.tables import CompiledTable, RowResult, State, TableResult, close_table
from engine.truth import NO, UNKNOWN, YES

MOST_TURNED = 3
MOST_WAYS = 256
MOST_TRIED = 24

Turns: TypeAlias = Mapping[str, bool]
"""By the id of a rule, whether its own conditions must hold."""

FOLDING = (HitPolicy.COLLECT, HitPolicy.COUNT, HitPolicy.SUM, HitPolicy.MIN, HitPolicy.MAX)
"""The hit policies of derivations that make one value of all true rows."""


def to_decide(
    row: RowResult, result: TableResult, compiled: CompiledTable, situation: Situation
) -> Iterator[Turns]:
    """What must hold and fail for a row to count, in each of several ways.

    Whatever stands in its way is made to fail, one row after the other, or an exception to it is
    made to hold.
    """
    first = {row.rule.id: True}
    if not (result.table.outputs or compiled.exceptions) and (
        result.table.hit_policy is HitPolicy.COLLECT
    ):
        yield first
        return
    waiting: deque[Turns] = deque([first])
    for _ in range(MOST_TRIED):
        if not waiting:
            return
        turns = waiting.popleft()
        closed = _closed(result, turns, compiled, situation)
        if closed.state is State.DECIDED and any(
            each.rule is row.rule and each.truth is YES for each in closed.standing
        ):
            yield turns
            continue
        rival = next(_in_the_way(row, closed, turns), None)
        if rival is not None:
            waiting.append({**turns, rival: False})
            for other in result.rows:
                if rival in other.rule.overrides and other.rule.id not in turns:
                    waiting.append({**turns, other.rule.id: True})


def to_default(result: TableResult) -> Turns:
    """What must fail for a table to come to its default."""
    return {row.rule.id: False for row in result.rows if row.own is not NO}


def to_fold(
    result: TableResult,
    compiled: CompiledTable,
    situation: Situation,
    passes: Callable[[TableResult], bool],
) -> Iterator[Turns]:
    """The fewest rows to turn for a table that folds its rows into one value."""
    for count in range(1, MOST_TURNED + 1):
        found = False
        for rows in islice(combinations(result.rows, count), MOST_WAYS):
            turns = {row.rule.id: row.own is not YES for row in rows}
            if passes(_closed(result, turns, compiled, situation)):
                found = True
                yield turns
        if found:
            return


def _closed(
    result: TableResult, turns: Turns, compiled: CompiledTable, situation: Situation
) -> TableResult:
    rows = []
    for row in result.rows:
        own = turns.get(row.rule.id, row.own)
        rows.append(RowResult(row.rule, row.cells, own, own))
    return close_table(compiled, rows, situation)


def _in_the_way(row: RowResult, closed: TableResult, turns: Turns) -> Iterator[str]:
    """The rows that keep one from counting: exceptions to it, earlier, equal and higher rows."""
    here = next(each for each in closed.rows if each.rule is row.rule)
    for rule in here.blockers:
        if rule.id not in turns:
            yield rule.id
    agreeing = closed.table.hit_policy is HitPolicy.ANY
    for other in (*closed.standing, *_open(closed)):
        same = (other.rule.conclusions, other.rule.grant) == (row.rule.conclusions, row.rule.grant)
        if other.rule.id not in turns and not (same and agreeing):
            yield other.rule.id


def _open(closed: TableResult) -> list[RowResult]:
    """The unknown rows that keep a table open."""
    if closed.table.outputs:
        return list(dict.fromkeys(chain.from_iterable(closed.pending)))
    return [row for row in closed.rows if row.truth is UNKNOWN]
