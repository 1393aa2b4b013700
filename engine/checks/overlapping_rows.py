"""T302, T303, T306, T307: rows of a 唯一 table that hold together.

What: the conditions of two rows do not exclude each other. T302 names a project that both rows
catch, played through by the engine. T303 is a pair for which none was found: derived facts or
业务约束 may keep the rows apart. T306 counts the pairs that are not shown.
T307 is a pair with a condition that compares facts with each other (外资 ≥ 上年外资 × 120%), for
which no project was found either: nobody can say whether both can hold. It is told of 任意 and
收集 tables as well. With such a condition T302 and T304 are warnings: whether facts come together
like this in life is for the drafter to know.
Why: 唯一 promises that one row decides. Where two hold, the answer is 规则冲突 and nobody gets
one.
Wrong: a row for 总投资 1亿元以下 and one for 1亿元以上. Both include 1亿元.
Right: 不满1亿元 in the first; or 例外于, where one row is the exception; or another 命中策略.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.space.clashes import Clash, find_clashes, perhaps_together, the_rest
from engine.checks.space.scenes import Survey
from engine.checks.space.wording import tell
from engine.findings import Finding, Severity
from engine.model import HitPolicy


def overlapping_rows(survey: Survey) -> Iterator[Finding]:
    """Name the rows of 唯一 tables that hold together."""
    for table in survey.policy.tables:
        if table.hit_policy is HitPolicy.UNIQUE:
            clashes = find_clashes(table, survey, must_differ=False)
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
        return Finding("T303", second.at, params, Severity.ADVICE, related=related)
    project = tell(clash.project, clash.scene, survey)
    severity = Severity.WARNING if clash.doubtful else Severity.ERROR
    return Finding("T302", second.at, {**params, "project": project}, severity, related=related)
