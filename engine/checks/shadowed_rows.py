"""T320: a row that never counts, because others always come before it.

What: in a 首个 table the rows above cover all that a row covers; in an 优先 table the rows with
a higher conclusion do.
Why: the row looks as if it decided something. Most often it stands in the wrong place, or a row
above was written too wide.
Wrong: 总投资 ≥ 1000万元 → 一档, and below it 总投资 ≥ 5000万元 → 二档.
Right: the narrower row above the wider one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from engine.checks.space.boxes import Box, Effort, TooMuchWork, contains, touching, uncovered
from engine.checks.space.scenes import Row, Scene, Survey
from engine.expressions import Literal
from engine.findings import Finding, Severity
from engine.model import DecisionTable, HitPolicy
from engine.types import ChoiceType
from engine.values import Value
from engine.words import word

_Cover: TypeAlias = tuple[Row, Box]

WORK = 30_000_000
MOST_NAMED = 3
MOST_WEIGHED = 12
"""Of so many covering rows those are found out that are needed."""


def shadowed_rows(survey: Survey) -> Iterator[Finding]:
    """Name the rows that other rows always forestall."""
    for table in survey.policy.tables:
        if table.hit_policy in (HitPolicy.FIRST, HitPolicy.PRIORITY):
            yield from _check(table, survey)


def _check(table: DecisionTable, survey: Survey) -> Iterator[Finding]:
    scenes = survey.scenes[table.name]
    counting: set[str] = set()
    covering: dict[str, Sequence[Row]] = {}
    effort = Effort(WORK, survey.effort)
    try:
        for scene in scenes:
            for row, before in _with_covers(scene, survey):
                if row.rule.id in counting or not row.perhaps:
                    continue
                covers = _covers(row, before, effort)
                if covers:
                    covering[row.rule.id] = covers
                else:
                    counting.add(row.rule.id)
    except TooMuchWork:
        survey.give_up(table)
        return
    for rule in table.rules:
        covers = covering.get(rule.id, ())
        if covers and rule.id not in counting:
            names = "、".join(each.rule.id for each in covers[:MOST_NAMED])
            more = word("checks.others") if len(covers) > MOST_NAMED else ""
            params = {"table": table.name, "rule": rule.id, "rules": names + more}
            related = tuple(each.rule.at for each in covers if each.rule.at is not None)
            yield Finding("T320", rule.at, params, Severity.WARNING, related=related)


def _with_covers(scene: Scene, survey: Survey) -> Iterator[tuple[Row, Sequence[_Cover]]]:
    """Each row with where rows hold that come before it.

    A row that has exceptions does not always keep others out, and is left aside.
    """
    if scene.table.hit_policy is HitPolicy.FIRST:
        place = {row.rule.id: number for number, row in enumerate(scene.rows)}
    else:
        place = _ranks(scene, survey)
    excepted = {name for row in scene.rows for name in row.rule.overrides}
    firm = [row for row in scene.rows if row.rule.id in place and row.rule.id not in excepted]
    firm.sort(key=lambda row: place[row.rule.id])
    covers = [(row, box) for row in firm for box in row.sure]
    places = [place[row.rule.id] for row, _ in covers]
    for row in scene.rows:
        if row.rule.id in place:
            yield row, covers[: bisect_left(places, place[row.rule.id])]


def _ranks(scene: Scene, survey: Survey) -> dict[str, int]:
    """How high the conclusions of an 优先 table stand, by rule, as far as they are fixed."""
    type_ = survey.fields[scene.table.outputs[0].field].type
    if not isinstance(type_, ChoiceType):
        return {}
    codes = survey.glossary.code_lists[type_.code_list].codes
    ranks: dict[Value, int] = {
        code.value: position if code.rank is None else code.rank
        for position, code in enumerate(codes)
    }
    first = {row.rule.id: row.rule.conclusions[0] for row in scene.rows}
    return {
        name: ranks[node.value]
        for name, node in first.items()
        if isinstance(node, Literal) and node.value in ranks
    }


def _covers(row: Row, before: Sequence[_Cover], effort: Effort) -> Sequence[Row]:
    """The rows that together hold wherever a row may hold; none when they do not."""
    boxes = [box for _, box in before]
    columns = range(len(boxes[0])) if boxes else ()
    touched = {each for box in row.perhaps for each in touching(box, boxes, columns, effort)}
    near = list(
        {before[number][0].rule.id: before[number][0] for number in sorted(touched)}.values()
    )
    for other in near:
        if all(any(contains(cover, box) for cover in other.sure) for box in row.perhaps):
            return [other]
    if not near or not _all_covered(row, near, effort):
        return ()
    needed = near
    for other in near if len(near) <= MOST_WEIGHED else ():
        rest = [each for each in needed if each is not other]
        if _all_covered(row, rest, effort):
            needed = rest
    return needed


def _all_covered(row: Row, covers: Sequence[Row], effort: Effort) -> bool:
    boxes = [box for other in covers for box in other.sure]
    return all(uncovered(box, boxes, effort) is None for box in row.perhaps)
