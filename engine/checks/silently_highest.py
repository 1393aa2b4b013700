"""T336, T337: rows of one 支持项 that hold together, and nobody said what then.

What: in a 收集 table two rows of one 支持项 do not exclude each other and grant different amounts,
and 同项多行 is blank: the highest counts. T336 names the pairs, those first of which the amounts
differ most, and a project that both rows of the first catch, played through by the engine; T337 is
a pair for which none was found (T307: and nobody can say whether there is one). Rows that grant
the same are left out (two ways to one award), and so are tiers that meet in their boundary alone
(T316).
Why: whoever wanted the amounts added up loses one of them without a word; whoever wanted one tier
alone gets the right sum by luck.
Wrong: a row for 省级 with 20万元 and one for 市级 with 10万元 under one 支持项编号, and a project
may be both.
Right: 求和 or 取高 in 同项多行; 例外于 in the row that goes before the others; conditions that
exclude each other (one 单选 instead of several 是否); 分段 where each part of a sum has its own
rate.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.shared_boundaries import pairs_at_boundaries
from engine.checks.space.clashes import Clash, clashes_within, perhaps_together
from engine.checks.space.scenes import Survey
from engine.checks.space.wording import tell
from engine.findings import Finding, Severity
from engine.model import DecisionTable, HitPolicy, NonMonetary, Rule
from engine.words import word

MOST_TOLD = 3


def silently_highest(survey: Survey) -> Iterator[Finding]:
    """Name two rows of each 支持项 of which the higher counts and nobody said so."""
    unsaid = {each.id for each in survey.policy.measures if each.combination_unsaid}
    for table in survey.policy.tables:
        if table.hit_policy is HitPolicy.COLLECT:
            yield from _of_table(table, survey, unsaid)


def _of_table(table: DecisionTable, survey: Survey, unsaid: set[str]) -> Iterator[Finding]:
    def paid(rule: Rule) -> str | None:
        grant = rule.grant
        if grant is None or grant.measure not in unsaid or isinstance(grant.benefit, NonMonetary):
            return None
        return grant.measure

    at_boundaries = pairs_at_boundaries(table, survey)
    for measure, clashes in clashes_within(table, survey, paid, at_boundaries).items():
        yield _finding(measure, clashes, survey)


def _finding(measure: str, clashes: tuple[Clash, ...], survey: Survey) -> Finding:
    clash, *_ = clashes
    if clash.unclear:
        return perhaps_together(clash)
    first, second = clash.first, clash.second
    params = {
        "table": clash.scene.table.name,
        "measure": measure,
        "first": first.id,
        "first_cell": str(first.at),
        "second": second.id,
    }
    related = () if first.at is None else (first.at,)
    if clash.project is None:
        return Finding("T337", second.at, params, Severity.ADVICE, related=related)
    told = {"pairs": _pairs(clashes), "project": tell(clash.project, clash.scene, survey)}
    return Finding("T336", second.at, {**params, **told}, Severity.WARNING, related=related)


def _pairs(clashes: tuple[Clash, ...]) -> str:
    told = [
        word("checks.pair", first=each.first.id, second=each.second.id)
        for each in clashes[:MOST_TOLD]
    ]
    more = word("checks.more_pairs", count=len(clashes)) if len(clashes) > MOST_TOLD else ""
    return word("checks.pairs").join(told) + more
