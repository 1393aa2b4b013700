"""T340: rows that add up, each with the same limit, so that their sum goes beyond it.

What: two rows of one 支持项 with 求和 in 同项多行 have the same 最高限额, 年度上限 or 累计上限 and
hold together. The project shown was played through by the engine: the sum of the two is above the
limit. Without such a project nothing is said.
Why: 最高限额 and the others belong to the row: each row is cut to the limit, and then they are
added. A clause that says 累计不超过1000万元 means the sum.
Wrong: 外资的1% and, for growth, 外资的0.5% as two rows with 求和, 年度上限 1000万元 in both.
Right: a 同类组 of the rule 合计封顶 with 封顶 1000万元 (less what was received),
named by the 支持项, and no limit in the rows; or one row with 如果 … 则 … 否则 ….
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.shared_boundaries import pairs_at_boundaries
from engine.checks.space.clashes import Clash, clashes_beyond
from engine.checks.space.scenes import Survey
from engine.checks.space.wording import tell
from engine.expressions import Expression
from engine.findings import Finding, Severity
from engine.model import Combination, Grant, HitPolicy, Rule
from engine.phrase import phrase_expression, phrase_money
from engine.values import Bound


def caps_of_each_row(survey: Survey) -> Iterator[Finding]:
    """Name of each 支持项 two rows of which the sum goes beyond the limit of each."""
    summed = {each.id for each in survey.policy.measures if each.combination is Combination.SUM}

    def adding(rule: Rule) -> str | None:
        grant = rule.grant
        return None if grant is None or grant.measure not in summed else grant.measure

    for table in survey.policy.tables:
        if table.hit_policy is HitPolicy.COLLECT:
            tiers = pairs_at_boundaries(table, survey)
            found = clashes_beyond(table, survey, adding, common_limit, tiers)
            for measure, (clash, together) in found.items():
                yield _finding(measure, clash, together, survey)


def common_limit(first: Rule, second: Rule) -> Expression | None:
    """What neither of two rows may go beyond, each by itself."""
    if first.grant is None or second.grant is None:
        return None
    others = list(_limits(second.grant))
    return next((each for kind, each in _limits(first.grant) if (kind, each) in others), None)


def _limits(grant: Grant) -> Iterator[tuple[str, Expression]]:
    for cap in grant.caps:
        yield "", cap
    for allowance in grant.allowances:
        yield allowance.term, allowance.limit


def _finding(measure: str, clash: Clash, together: Bound, survey: Survey) -> Finding:
    first, second = clash.first, clash.second
    limit = common_limit(first, second)
    assert limit is not None
    assert clash.project is not None
    params = {
        "measure": measure,
        "first": first.id,
        "first_cell": str(first.at),
        "second": second.id,
        "limit": phrase_expression(limit, survey.fields),
        "sum": phrase_money(together),
        "project": tell(clash.project, clash.scene, survey),
    }
    related = () if first.at is None else (first.at,)
    return Finding("T340", second.at, params, Severity.WARNING, related=related)
