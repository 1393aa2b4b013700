"""Ladders of tiers: rows that differ only in the limits of one number or date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.cells import Place
from engine.checks.space.boxes import Box
from engine.checks.space.dimensions import Axis, everything, is_ordered, known_size
from engine.checks.space.lines import runs
from engine.checks.space.scenes import Row, Scene
from engine.dependencies import fields_read
from engine.model import HitPolicy, Rule


@dataclass(frozen=True, slots=True)
class Tier:
    """A row with the run of pieces that it takes up: from ``first`` to before ``end``."""

    row: Row
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """Tiers on one axis, in the order in which they begin.

    ``box`` is what they share: everything on that axis. ``group`` are the rows to which they
    belong.
    """

    column: int
    box: Box
    tiers: tuple[Tier, ...]
    group: tuple[Row, ...]


def ladders(scene: Scene) -> Iterator[Ladder]:
    """Every ladder of a scene: of each 支持项 in a 收集 table, else of the whole table."""
    for group in groups(scene):
        if len(group) == 1:
            continue
        for column, axis in enumerate(scene.axes[: scene.own]):
            if is_ordered(axis):
                yield from _ladders_on(axis, column, group)


def groups(scene: Scene) -> list[tuple[Row, ...]]:
    """The rows that make one result together."""
    if scene.table.outputs or scene.table.hit_policy is not HitPolicy.COLLECT:
        return [scene.rows]
    by_measure: dict[str, list[Row]] = {}
    for row in scene.rows:
        measure = "" if row.rule.grant is None else row.rule.grant.measure
        by_measure.setdefault(measure, []).append(row)
    return [tuple(rows) for rows in by_measure.values()]


def _ladders_on(axis: Axis, column: int, group: tuple[Row, ...]) -> Iterator[Ladder]:
    full = everything(axis)
    found: dict[tuple[Box, object], list[Tier]] = {}
    for row in group:
        if len(row.perhaps) != 1:
            continue
        (box,) = row.perhaps
        stretches = list(runs(box[column]))
        if box[column] != full and len(stretches) == 1 and stretches[0][1] <= known_size(axis):
            shared = (*box[:column], full, *box[column + 1 :])
            found.setdefault((shared, row.undecided), []).append(Tier(row, *stretches[0]))
    for (shared, _), tiers in found.items():
        if len(tiers) > 1:
            tiers.sort(key=lambda tier: (tier.first, tier.end))
            yield Ladder(column, shared, tuple(tiers), group)


def taken(ladder: Ladder) -> int:
    """The pieces of the axis that some row of the group takes up, if only for some of the box."""
    pieces = 0
    for row in ladder.group:
        for box in row.open:
            if all(map(int.__and__, _without(box, ladder), _without(ladder.box, ladder))):
                pieces |= box[ladder.column]
    return pieces


def _without(box: Box, ladder: Ladder) -> Iterable[int]:
    return (*box[: ladder.column], *box[ladder.column + 1 :])


def cell_of(rule: Rule, axis: Axis) -> Place | None:
    """The cell of a rule that tests a field, or else its number."""
    cells = [
        condition.at
        for condition in rule.conditions
        if axis.field.name in fields_read(condition.expression)
    ]
    return cells[0] if cells else rule.at
