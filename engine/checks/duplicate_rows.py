"""T321: two rows with the same conditions that say the same.

What: rows of one 支持项, or of one table that derives, with equal conditions (however they are
spelled) and, where they derive, equal conclusions. In 唯一 and 首个 tables such rows are
reported as rows that hold together, or that never count.
Why: where rows add up, the same is paid or counted twice. Elsewhere one of them is idle; most
often a row was copied and then not changed.
Wrong: the same row twice in a 收集 table with 同项多行 求和.
Right: one of the two deleted, or given the conditions that were meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.space.scenes import Row, Survey
from engine.checks.space.tiers import groups
from engine.findings import Finding, Severity
from engine.model import Combination, HitPolicy

_ADDING = (HitPolicy.COUNT, HitPolicy.SUM)
_ELSEWHERE = (HitPolicy.UNIQUE, HitPolicy.FIRST)


def duplicate_rows(survey: Survey) -> Iterator[Finding]:
    """Name the rows that repeat another."""
    summed = {
        measure.id for measure in survey.policy.measures if measure.combination is Combination.SUM
    }
    for table in survey.policy.tables:
        if table.hit_policy in _ELSEWHERE:
            continue
        found: dict[str, Finding] = {}
        for scene in survey.scenes[table.name]:
            for group in groups(scene):
                first: dict[object, Row] = {}
                for row in group:
                    other = first.setdefault(_meaning(row), row)
                    if other is row or not row.perhaps or row.rule.id in found:
                        continue
                    grant = row.rule.grant
                    adds = table.hit_policy in _ADDING or (
                        grant is not None and grant.measure in summed
                    )
                    found[row.rule.id] = _finding(table.name, other, row, adds)
        yield from found.values()


def _meaning(row: Row) -> object:
    """What makes two rows the same."""
    where = row.rule.conditions if row.intricate else frozenset(row.perhaps)
    measure = None if row.rule.grant is None else row.rule.grant.measure
    return where, row.undecided, measure, row.rule.conclusions, row.rule.overrides


def _finding(table: str, first: Row, second: Row, adds: bool) -> Finding:
    params = {
        "table": table,
        "first": first.rule.id,
        "first_cell": str(first.rule.at),
        "second": second.rule.id,
    }
    related = () if first.rule.at is None else (first.rule.at,)
    return Finding(
        "T321",
        second.rule.at,
        params,
        Severity.WARNING if adds else Severity.ADVICE,
        related=related,
    )
