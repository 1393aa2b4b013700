"""T323: a condition that no value of its field meets.

What: a condition outside 最小 and 最大 of its field, outside the codes in force, or on a value
that the table of a derived field never concludes.
Why: the row never holds. Most often a unit or a word is wrong.
Wrong: 研发占比 ≥ 150%, where 最大 is 100%. 规模 = 特大, where the table concludes only 大 and
小.
Right: the value that was meant; or the bounds, or the other table, corrected.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.space.conditions import TooIntricate, Where, tested
from engine.checks.space.dimensions import DERIVED, Axis
from engine.checks.space.scenes import Scene, Survey
from engine.checks.space.wording import describe_domain
from engine.findings import Finding, Severity
from engine.model import Condition, DecisionTable
from engine.types import ChoiceType, MultiChoiceType


def impossible_conditions(survey: Survey) -> Iterator[Finding]:
    """Name the conditions that nothing can meet."""
    for table in survey.policy.tables:
        yield from _check(table, survey)


def _check(table: DecisionTable, survey: Survey) -> Iterator[Finding]:
    scenes = survey.scenes[table.name]
    possible = {row.rule.id for scene in scenes for row in scene.rows if row.perhaps}
    for scene in scenes:
        for row in scene.rows:
            if row.rule.id not in possible:
                possible.add(row.rule.id)  # one finding is enough
                for condition in row.rule.conditions:
                    if not _is_possible(condition, scene):
                        yield _finding(row.rule.id, condition, scene, survey)


def _is_possible(condition: Condition, scene: Scene) -> bool:
    try:
        return bool(scene.locator.locate(condition.expression, Where.PERHAPS_TRUE))
    except TooIntricate:
        return True


def _finding(rule: str, condition: Condition, scene: Scene, survey: Survey) -> Finding:
    found = tested(condition.expression, survey.glossary)
    axis = next((each for each in scene.axes if found and each.field.name == found[0]), None)
    if axis is None or not _is_limited(axis, survey):
        params = {"rule": rule, "conditions": (f"{condition.text}（{condition.at}）",)}
        return Finding("T322", condition.at, params, Severity.WARNING)
    domain = describe_domain(axis, scene, survey)
    params = {"rule": rule, "condition": condition.text, "domain": domain}
    return Finding("T323", condition.at, params, Severity.WARNING)


def _is_limited(axis: Axis, survey: Survey) -> bool:
    """Whether a field cannot have just any value of its type; else a condition denies itself."""
    field = axis.field
    return (
        field.name in survey.bounds.concluded
        or isinstance(field.type, ChoiceType | MultiChoiceType)
        or (field.source not in DERIVED and (field.minimum, field.maximum) != (None, None))
    )
