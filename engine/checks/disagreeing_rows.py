"""T304, T305: rows of an 任意 table that hold together and conclude differently.

What: two rows do not exclude each other, and what they conclude is not the same. T304 names a
project that both rows catch, played through by the engine; T305 is a pair for which none was
found.
Why: 任意 lets several rows hold only as long as they agree. Where they do not, the answer is
规则冲突.
Wrong: 高新技术企业 makes 优质企业 是, 失信 makes it 否, and a project may be both.
Right: conditions that exclude each other, 例外于, or 首个 with the weightier row above.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.space.clashes import Clash, find_clashes, perhaps_together, the_rest
from engine.checks.space.scenes import Survey
from engine.checks.space.wording import tell
from engine.findings import Finding, Severity
from engine.model import HitPolicy


def disagreeing_rows(survey: Survey) -> Iterator[Finding]:
    """Name the rows of 任意 tables that hold together and conclude differently."""
    for table in survey.policy.tables:
        if table.hit_policy is HitPolicy.ANY:
            clashes = find_clashes(table, survey, must_differ=True)
            yield from (_finding(clash, survey) for clash in clashes.shown)
            yield from the_rest(clashes, table)


def _finding(clash: Clash, survey: Survey) -> Finding:
    if clash.unclear:
        return perhaps_together(clash)
    first, second = clash.first, clash.second
    params = {
        "table": clash.scene.table.name,
        "first": first.id,
        "first_cell": str(first.at),
        "second": second.id,
    }
    related = () if first.at is None else (first.at,)
    if clash.project is None:
        return Finding("T305", second.at, params, Severity.ADVICE, related=related)
    project = tell(clash.project, clash.scene, survey)
    severity = Severity.WARNING if clash.doubtful else Severity.ERROR
    return Finding("T304", second.at, {**params, "project": project}, severity, related=related)
