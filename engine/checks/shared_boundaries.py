"""T316: a boundary that belongs to two tiers.

What: two rows that differ only in the limits of one number or date, and meet in a single value.
Why: by the Civil Code 以上 and 以下 include the number itself. Who stands just there gets both
tiers where rows add up; elsewhere the hit policy chooses, which as a rule nobody meant. In 唯一
and 任意 tables it is reported as rows that hold together.
Wrong: 1000万元以下 10万元, 1000万元以上 20万元.
Right: 不满1000万元 10万元, 1000万元以上 20万元.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from engine.checks.space.dimensions import Axis
from engine.checks.space.lines import Line, only_value
from engine.checks.space.scenes import Scene, Survey
from engine.checks.space.tiers import Ladder, Tier, cell_of, ladders
from engine.checks.space.wording import describe_mask
from engine.findings import Finding, Severity
from engine.model import Combination, DecisionTable, HitPolicy, Rule

_ADDING = (HitPolicy.COUNT, HitPolicy.SUM, HitPolicy.COLLECT)
_ELSEWHERE = (HitPolicy.UNIQUE, HitPolicy.ANY)
MOST_MEETINGS = 2_000
"""Of the tiers of one ladder: more findings than anybody mends."""


def shared_boundaries(survey: Survey) -> Iterator[Finding]:
    """Name the values that two neighbouring tiers share."""
    summed = {
        measure.id for measure in survey.policy.measures if measure.combination is Combination.SUM
    }
    for table in survey.policy.tables:
        if table.hit_policy in _ELSEWHERE:
            continue
        found: dict[object, Finding] = {}
        for scene in survey.scenes[table.name]:
            for ladder in ladders(scene):
                for below, above in _meetings(ladder, scene.axes[ladder.column]):
                    key = (below.row.rule.id, above.row.rule.id, ladder.column)
                    adds = _adds_up(scene, below.row.rule, summed)
                    found.setdefault(key, _finding(scene, ladder, below, above, adds, survey))
        yield from found.values()


def pairs_at_boundaries(table: DecisionTable, survey: Survey) -> frozenset[frozenset[str]]:
    """The pairs of rows of a table that meet in a boundary alone."""
    return frozenset(
        frozenset((below.row.rule.id, above.row.rule.id))
        for scene in survey.scenes[table.name]
        for ladder in ladders(scene)
        for below, above in _meetings(ladder, scene.axes[ladder.column])
    )


def _meetings(ladder: Ladder, axis: Axis) -> Iterator[tuple[Tier, Tier]]:
    """Two tiers of which the one ends with the value with which the other begins; not all of them
    where there are more than anybody reads."""
    return islice(_all_meetings(ladder, axis), MOST_MEETINGS)


def _all_meetings(ladder: Ladder, axis: Axis) -> Iterator[tuple[Tier, Tier]]:
    beginning: dict[int, list[Tier]] = {}
    for tier in ladder.tiers:
        beginning.setdefault(tier.first, []).append(tier)
    for below in ladder.tiers:
        last = below.end - 1
        if last == below.first or not _is_single(axis, last):
            continue
        for above in beginning.get(last, ()):
            if above.end > below.end and not _decided(below.row.rule, above.row.rule):
                yield below, above


def _is_single(axis: Axis, piece: int) -> bool:
    if not isinstance(axis.values, Line):
        return True
    return only_value(axis.values, piece, piece + 1) is not None


def _decided(first: Rule, second: Rule) -> bool:
    return first.id in second.overrides or second.id in first.overrides


def _adds_up(scene: Scene, rule: Rule, summed: set[str]) -> bool:
    """Whether two rows that hold count twice."""
    if rule.grant is not None:
        return scene.table.hit_policy is HitPolicy.COLLECT and rule.grant.measure in summed
    return scene.table.hit_policy in _ADDING


def _finding(
    scene: Scene, ladder: Ladder, below: Tier, above: Tier, adds: bool, survey: Survey
) -> Finding:
    axis = scene.axes[ladder.column]
    first, second = cell_of(below.row.rule, axis), cell_of(above.row.rule, axis)
    params = {
        "table": scene.table.name,
        "first": below.row.rule.id,
        "first_cell": str(first),
        "second": above.row.rule.id,
        "value": describe_mask(axis, 1 << above.first, survey),
    }
    return Finding(
        "T316",
        second,
        params,
        Severity.WARNING if adds else Severity.ADVICE,
        related=() if first is None else (first,),
    )
