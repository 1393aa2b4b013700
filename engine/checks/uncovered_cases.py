"""T310, T311, T312: projects for which a table that derives a field has no row.

What: a table without default, and values for which all of its rows fail. T310 names them, with
a project that the engine played through; T311 names those for which no such project was found,
because derived facts or 业务约束 may rule them out. T312 is a table of which it cannot be seen
whether it covers everything, since conditions compare facts with each other.
Why: the field then has no value, and what rests on it stays 待补充 though nothing is missing.
Wrong: rows for 总投资 1亿元以下 and 超过5亿元, and none for what lies between.
Right: a row for the rest, or 默认 in the first row of the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.checks.space.boxes import Box, Effort, TooMuchWork, uncovered, uncovered_regions
from engine.checks.space.projects import Project, Rehearsal
from engine.checks.space.scenes import Scene, Survey, own_box
from engine.checks.space.wording import describe_box, tell
from engine.findings import Finding, Severity
from engine.model import DecisionTable, HitPolicy
from engine.tables import TableResult
from engine.truth import NO
from engine.words import word
from engine.worked import Worked

MOST_REGIONS = 3
WORK = 30_000_000
_ZERO_BY_NATURE = (HitPolicy.COUNT, HitPolicy.SUM)


@dataclass(slots=True)
class _Gaps:
    """What no row covers, in words: with a project in it, and without."""

    proved: dict[str, str] = field(default_factory=dict)
    unproved: dict[str, None] = field(default_factory=dict)
    undecided: bool = False


def uncovered_cases(survey: Survey) -> Iterator[Finding]:
    """Name what no row of a table without default covers."""
    for table in survey.policy.tables:
        fields = tuple(output.field for output in table.outputs if output.default is None)
        if not fields or table.hit_policy in _ZERO_BY_NATURE:
            continue
        params = {"table": table.name, "fields": fields}
        gaps = _gaps_of(table, survey)
        if gaps.proved:
            told = {"gaps": _listed(gaps.proved), "project": next(iter(gaps.proved.values()))}
            yield Finding("T310", table.at, {**params, **told}, Severity.WARNING)
        elif gaps.undecided:
            yield Finding("T312", table.at, params, Severity.WARNING)
        if gaps.unproved:
            listed = _listed(gaps.unproved)
            yield Finding("T311", table.at, {**params, "gaps": listed}, Severity.ADVICE)


def _gaps_of(table: DecisionTable, survey: Survey) -> _Gaps:
    gaps = _Gaps()
    try:
        for scene in survey.scenes[table.name]:
            effort = Effort(WORK, survey.effort)
            everything = own_box(scene)
            covers = [box for row in scene.rows for box in row.open]
            regions = list(uncovered_regions(everything, covers, MOST_REGIONS + 1, effort))
            rehearsal = Rehearsal(scene, survey) if regions else None
            for region in regions:
                said = describe_box(region, scene, survey)
                project = rehearsal and _example(rehearsal, region, scene)
                if project:
                    gaps.proved.setdefault(said, tell(project, scene, survey))
                else:
                    gaps.unproved[said] = None
            decided = [box for row in scene.rows if not row.undecided for box in row.open]
            gaps.undecided |= (
                len(decided) < len(covers) and uncovered(everything, decided, effort) is not None
            )
    except TooMuchWork:
        survey.give_up(table)
    return gaps


def _example(rehearsal: Rehearsal, region: Box, scene: Scene) -> Project | None:
    """A project of a region for which indeed every row fails."""

    def all_fail(worked: Worked, result: TableResult) -> bool:
        return all(row.truth is NO for row in result.rows)

    needed = [axis.field.name for axis in scene.axes[: scene.own]]
    return rehearsal.find(region, needed, all_fail)


def _listed(gaps: dict[str, str] | dict[str, None]) -> str:
    told = word("checks.or").join(list(gaps)[:MOST_REGIONS])
    return told + word("checks.others") if len(gaps) > MOST_REGIONS else told
