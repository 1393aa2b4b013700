"""Decision tables as boxes, one scene for each time with the same rows and codes in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from engine.checks.space.boxes import Box, Effort, TooMuchWork
from engine.checks.space.conditions import Locator, Region, TooIntricate, Where, tests_in
from engine.checks.space.derived import bounds_of
from engine.checks.space.dimensions import (
    Axis,
    Bounds,
    Points,
    everything,
    leaves_of,
    make_axis,
    size,
)
from engine.dependencies import fields_read, find_cycle, levels, table_graph, table_reads
from engine.evaluate import Glossary, glossary_of, in_force
from engine.expressions import Conjunction, Expression, InCodeList, UnaryTest
from engine.model import BusinessConstraint, DecisionTable, Field, Policy, Rule

MOST_TIMES = 24
"""So many times with different rows or codes are looked at, from the first."""
MOST_UPSTREAM = 60
MOST_CONSTRAINTS = 40
"""A table that rests on more tables is looked at without them; of 业务约束 so many are kept."""
WORK = 100_000_000
"""So much work (see ``Effort``) is done for a whole book."""
SPARE = 10_000_000
"""Of that, so much for looking once more where there is a finding already, or perhaps none."""
ROOM = 4_000_000_000
"""So many bits of masks are kept for a whole book, in all its tables and at all times."""


@dataclass(frozen=True, slots=True)
class Row:
    """A rule in force, and where it holds.

    ``sure``: there it holds. ``perhaps``: elsewhere it does not hold. ``open``: elsewhere it fails.
    ``undecided`` are its conditions of which that cannot be told from fixed limits, so that the
    three differ; ``intricate``: its conditions are too many to look at.
    """

    rule: Rule
    sure: tuple[Box, ...]
    perhaps: tuple[Box, ...]
    open: tuple[Box, ...]
    undecided: frozenset[Expression] = frozenset()
    intricate: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """A table on the days from ``day`` on.

    ``axes`` are those of all fields that the table, or the tables that it rests on, or 业务约束
    about them test. The first ``own`` of them are tested by the table itself, and boxes of its rows
    have just these.
    """

    table: DecisionTable
    day: date
    dated: bool
    axes: tuple[Axis, ...]
    own: int
    rows: tuple[Row, ...]
    locator: Locator
    upstream: tuple[DecisionTable, ...]
    constraints: tuple[BusinessConstraint, ...]


def whole_box(axes: Iterable[Axis]) -> Box:
    """The box of everything."""
    return tuple(map(everything, axes))


def own_box(scene: Scene) -> Box:
    """Everything, as far as the table itself looks."""
    return whole_box(scene.axes[: scene.own])


class Survey:
    """A policy as the checks see it. Scenes are made once, when a check first asks for them."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.effort = Effort(WORK)
        self.spare = Effort(SPARE, self.effort)
        self.room = Effort(ROOM)
        self.fields: Mapping[str, Field] = {field.name: field for field in policy.fields}
        self.glossary: Glossary = glossary_of(
            policy.code_lists, {field.name: field.type for field in policy.fields}
        )
        self.unfinished: dict[str, DecisionTable] = {}
        """The tables of which not everything was looked at."""

    @cached_property
    def graph(self) -> Mapping[str, frozenset[str]]:
        """For each table the names of the tables on which it rests."""
        return table_graph(self.policy)

    @cached_property
    def circle(self) -> tuple[str, ...]:
        """The tables that depend on each other in a circle, in order, or none."""
        return find_cycle(self.graph)

    @cached_property
    def bounds(self) -> Bounds:
        """What is known of the values of derived fields."""
        return bounds_of(self.policy)

    @cached_property
    def scenes(self) -> Mapping[str, tuple[Scene, ...]]:
        """The scenes of each table; none at all where tables depend on each other in a circle."""
        if self.circle:
            return {table.name: () for table in self.policy.tables}
        ground = _ground_of(self.policy, self.graph)
        return {table.name: tuple(_scenes_of(table, self, ground)) for table in self.policy.tables}

    def give_up(self, table: DecisionTable) -> None:
        """Note that not everything of a table was looked at."""
        self.unfinished[table.name] = table


@dataclass(frozen=True, slots=True)
class _Ground:
    """What tables rest on: the tables before them, in their order, and 业务约束 by field."""

    graph: Mapping[str, frozenset[str]]
    tables: Mapping[str, DecisionTable]
    level: Mapping[str, int]
    constraints: tuple[tuple[BusinessConstraint, frozenset[str]], ...]


def _ground_of(policy: Policy, graph: Mapping[str, frozenset[str]]) -> _Ground:
    return _Ground(
        graph,
        {table.name: table for table in policy.tables},
        levels(graph),
        tuple((each, fields_read(each.condition)) for each in policy.constraints),
    )


def conditions_of(tables: Iterable[DecisionTable]) -> Iterator[Expression]:
    """Every condition in some tables."""
    for table in tables:
        for rule in table.rules:
            yield from (condition.expression for condition in rule.conditions)


def _scenes_of(table: DecisionTable, survey: Survey, ground: _Ground) -> Iterator[Scene]:
    upstream = _upstream(table, ground)
    constraints = _constraints_about((table, *upstream), ground)
    tests: dict[str, dict[tuple[UnaryTest, bool], None]] = {}

    def cut(expressions: Iterable[Expression]) -> None:
        for expression in expressions:
            for field, test, denied in tests_in(expression, survey.glossary, denied=False):
                tests.setdefault(field, {})[test, denied] = None

    cut(conditions_of((table,)))
    own = len(tests)
    cut(conditions_of(upstream))
    cut(each.condition for each in constraints)
    lists = {survey.glossary.list_of_field.get(field) for field in tests} | {
        leaf.code_list
        for named in tests.values()
        for test, denied in named
        for leaf, _ in leaves_of(test, denied=denied)
        if isinstance(leaf, InCodeList)
    }
    dated = [code for each in survey.policy.code_lists if each.name in lists for code in each.codes]
    times = _times(survey.policy, (*table.rules, *dated))
    for day in times[:MOST_TIMES]:
        axes = tuple(
            make_axis(survey.fields[field], tuple(named), survey.bounds, survey.glossary, day)
            for field, named in tests.items()
        )
        try:
            survey.room.spend(sum(_room_of(axis, len(tests[axis.field.name])) for axis in axes))
        except TooMuchWork:
            survey.give_up(table)
            return
        locator = Locator({axis.field.name: axis for axis in axes}, survey.glossary, day)
        rows = tuple(
            locate_row(rule, locator, axes[:own]) for rule in table.rules if in_force(rule, day)
        )
        yield Scene(table, day, len(times) > 1, axes, own, rows, locator, upstream, constraints)
        if len(times) > MOST_TIMES or any(row.intricate for row in rows):
            survey.give_up(table)


def _room_of(axis: Axis, tests: int) -> int:
    """The bits that are kept for a field: of each test, and of codes also of each family."""
    families = size(axis) if isinstance(axis.values, Points) else 0
    return size(axis) * (2 * tests + families)


def locate_row(rule: Rule, locator: Locator, axes: Sequence[Axis]) -> Row:
    """Where a rule holds, as boxes on some axes, among which are all that it tests."""
    conditions = [condition.expression for condition in rule.conditions]
    undecided = frozenset(each for each in conditions if not locator.decides(each))
    full = whole_box(axes)
    whole = Conjunction(tuple(conditions))
    try:
        sure, perhaps, open_ = (
            tuple(as_box(region, axes, full) for region in locator.locate(whole, where))
            for where in (Where.TRUE, Where.PERHAPS_TRUE, Where.NOT_FALSE)
        )
    except TooIntricate:
        return Row(rule, (), (full,), (full,), undecided, intricate=True)
    return Row(rule, sure, perhaps, open_, undecided)


def as_box(region: Region, axes: Sequence[Axis], full: Box) -> Box:
    """A region on some axes."""
    return tuple(region.get(axis.field.name, mask) for axis, mask in zip(axes, full, strict=True))


def _upstream(table: DecisionTable, ground: _Ground) -> tuple[DecisionTable, ...]:
    """The tables on which a table rests, the first to be worked out first; none of too many."""
    found: set[str] = set()
    left = [table.name]
    while left:
        new = ground.graph[left.pop()] - found
        found |= new
        left += new
    if len(found) > MOST_UPSTREAM:
        return ()
    return tuple(ground.tables[name] for name in sorted(found, key=lambda name: ground.level[name]))


def _constraints_about(
    tables: Sequence[DecisionTable], ground: _Ground
) -> tuple[BusinessConstraint, ...]:
    """The 业务约束 that speak of fields of the tables, or are tied to such by others."""
    if not ground.constraints:
        return ()
    near: frozenset[str] = frozenset().union(*map(table_reads, tables))
    found: list[BusinessConstraint] = []
    left = list(ground.constraints)
    while len(found) < MOST_CONSTRAINTS:
        tied = [each for each in left if not near.isdisjoint(each[1])]
        if not tied:
            break
        left = [each for each in left if near.isdisjoint(each[1])]
        near = near.union(*(fields for _, fields in tied))
        found += [constraint for constraint, _ in tied]
    return tuple(found[:MOST_CONSTRAINTS])


def _times(policy: Policy, dated: Iterable[object]) -> list[date]:
    """The days of the policy's life on which something begins to be in force, or no longer is."""
    days = {policy.effective}
    for each in dated:
        begin: date | None = getattr(each, "effective", None)
        end: date | None = getattr(each, "expires", None)
        if begin is not None:
            days.add(begin)
        if end is not None and end < date.max:
            days.add(end + timedelta(1))
    last = policy.expires or date.max
    return [day for day in sorted(days) if policy.effective <= day <= last]
