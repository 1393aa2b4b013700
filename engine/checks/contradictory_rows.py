"""T322: a row whose conditions exclude each other.

What: each condition of a row can be met, but no project meets them all.
Why: the row never holds, and what it grants or concludes is never given.
Wrong: 总投资 不满1000万元 in one column, and 总投资 ≥ 5000万元 in the 条件式 of the same row.
Right: one of the two changed; or two rows, if either was meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from engine.checks.space.conditions import Locator, TooIntricate, Where
from engine.checks.space.scenes import Survey
from engine.expressions import Conjunction
from engine.findings import Finding, Severity
from engine.model import Condition, Rule


def contradictory_rows(survey: Survey) -> Iterator[Finding]:
    """Name the rows that no project meets, and the conditions that see to it."""
    for table in survey.policy.tables:
        scenes = survey.scenes[table.name]
        possible = {row.rule.id for scene in scenes for row in scene.rows if row.perhaps}
        found = {
            row.rule.id: (row.rule, scene.locator)
            for scene in reversed(scenes)  # the first one stays
            for row in scene.rows
            if row.rule.id not in possible
        }
        for rule, locator in found.values():
            excluding = _excluding(rule, locator)
            if excluding:
                params = {
                    "rule": rule.id,
                    "conditions": tuple(f"{each.text}（{each.at}）" for each in excluding),
                }
                related = tuple(each.at for each in excluding[:-1] if each.at is not None)
                at = excluding[-1].at
                yield Finding("T322", at, params, Severity.WARNING, related=related)


def _excluding(rule: Rule, locator: Locator) -> tuple[Condition, ...]:
    """The conditions that exclude each other, as few as two if two do; none if one does alone."""
    if not all(_is_possible((each,), locator) for each in rule.conditions):
        return ()
    for pair in combinations(rule.conditions, 2):
        if not _is_possible(pair, locator):
            return pair
    return rule.conditions


def _is_possible(conditions: tuple[Condition, ...], locator: Locator) -> bool:
    together = Conjunction(tuple(each.expression for each in conditions))
    try:
        return bool(locator.locate(together, Where.PERHAPS_TRUE))
    except TooIntricate:
        return True
