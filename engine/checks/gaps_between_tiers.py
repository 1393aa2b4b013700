"""T315: a gap between two tiers of the same thing.

What: rows that differ only in the limits of one number or date, and values between two of them
that no row takes up. Tiers are those of one 支持项 in a 收集 table, else of the whole table.
Where a default takes up the rest, only a narrow gap is reported: a single value, or a twentieth
of its size. It is no more than a hint when the engine found no project in the gap.
Why: who falls between gets nothing, or the default, as a rule because nobody thought of him.
Wrong: 100—500万美元 and 501—1000万美元 leave out 500.5万美元; 不满1000万元 and 超过1000万元
leave out 1000万元.
Right: 100—500万美元 and 超过500万美元 且 不超过1000万美元.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from engine.checks.space.dimensions import Axis
from engine.checks.space.lines import Line, runs
from engine.checks.space.projects import Rehearsal
from engine.checks.space.scenes import Scene, Survey
from engine.checks.space.tiers import Ladder, Tier, cell_of, ladders, taken
from engine.checks.space.wording import describe_mask
from engine.findings import Finding, Severity
from engine.model import HitPolicy
from engine.tables import TableResult
from engine.truth import YES
from engine.worked import Worked

NARROW = 20
"""A gap is narrow when it is at most one so many-th of the value above it."""
NARROW_DAYS = 31
_ZERO_BY_NATURE = (HitPolicy.COUNT, HitPolicy.SUM)


def gaps_between_tiers(survey: Survey) -> Iterator[Finding]:
    """Name what lies between two tiers and belongs to none."""
    for table in survey.policy.tables:
        without_default = any(output.default is None for output in table.outputs)
        if without_default and table.hit_policy not in _ZERO_BY_NATURE:
            continue  # what no row covers is reported as a whole
        found: dict[object, Finding] = {}
        for scene in survey.scenes[table.name]:
            search = _Search(scene, survey)
            for ladder in ladders(scene):
                for below, above, gap in search.gaps(ladder):
                    key = (below.row.rule.id, above.row.rule.id, ladder.column)
                    if key not in found:
                        found[key] = search.finding(ladder, below, above, gap)
        yield from found.values()


class _Search:
    """Looks for gaps in one scene."""

    def __init__(self, scene: Scene, survey: Survey) -> None:
        self._scene = scene
        self._survey = survey

    @cached_property
    def _rehearsal(self) -> Rehearsal:
        return Rehearsal(self._scene, self._survey)

    def gaps(self, ladder: Ladder) -> Iterator[tuple[Tier, Tier, int]]:
        """Two tiers and the pieces between them that are left out."""
        axis = self._scene.axes[ladder.column]
        below = ladder.tiers[0]
        left = ~taken(ladder)
        for tier in ladder.tiers[1:]:
            gap = ((1 << tier.first) - (1 << below.end)) & left if tier.first > below.end else 0
            if gap and (not self._scene.table.outputs or _is_narrow(axis, gap)):
                yield below, tier, gap
            below = max(below, tier, key=lambda each: each.end)

    def finding(self, ladder: Ladder, below: Tier, above: Tier, gap: int) -> Finding:
        """Report a gap."""
        axis = self._scene.axes[ladder.column]
        first, second = cell_of(below.row.rule, axis), cell_of(above.row.rule, axis)
        params = {
            "table": self._scene.table.name,
            "first": below.row.rule.id,
            "first_cell": str(first),
            "second": above.row.rule.id,
            "gap": describe_mask(axis, gap, self._survey),
        }
        related = () if first is None else (first,)
        met = self._is_met(ladder, gap)
        return Finding(
            "T315",
            second,
            params,
            Severity.WARNING if met else Severity.ADVICE,
            related=related,
        )

    def _is_met(self, ladder: Ladder, gap: int) -> bool:
        """Whether a project was found in a gap for which no row of the group holds."""
        group = {row.rule.id for row in ladder.group}

        def none_holds(worked: Worked, result: TableResult) -> bool:
            return all(row.truth is not YES for row in result.rows if row.rule.id in group)

        column = ladder.column
        box = (*ladder.box[:column], gap, *ladder.box[column + 1 :])
        return self._rehearsal.find(box, (), none_holds) is not None


def _is_narrow(axis: Axis, gap: int) -> bool:
    if not isinstance(axis.values, Line):
        return False
    (first, end), *more = runs(gap)
    line = axis.values
    low, high = line.spelled[line.cuts[first]][0], line.spelled[line.cuts[end]][0]
    if more:
        return False
    if line.day:
        return high - low <= NARROW_DAYS
    return (high - low) * NARROW <= max(high, -high)
