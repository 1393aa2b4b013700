"""A project inside a box of a scene, found by trying: the engine itself plays each one through.

What is found here is proved; that nothing is found proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TypeAlias

from engine.agenda.program import compile_program
from engine.agenda.pure import PureAgenda
from engine.cases import Case
from engine.checks.space.boxes import Box, Effort, TooMuchWork, meet, uncovered
from engine.checks.space.candidates import candidates, piece_of, values_near
from engine.checks.space.dimensions import Axis, everything, make_axis
from engine.checks.space.lines import Line
from engine.checks.space.scenes import Row, Scene, Survey, locate_row, whole_box
from engine.checks.space.wishes import Wish
from engine.dependencies import fields_read
from engine.evaluate import Situation, condition, in_force
from engine.expressions import Expression, Literal
from engine.model import DecisionTable, HitPolicy, Source
from engine.tables import TableResult
from engine.truth import NO
from engine.types import ExchangeRateType, RateType, UnitPriceType
from engine.values import Value
from engine.worked import Notes, Worked, worked_through

RATES = (RateType, ExchangeRateType, UnitPriceType)
Facts: TypeAlias = dict[str, Value | None]
Accept: TypeAlias = Callable[[Worked, TableResult], bool]

MOST_GOALS = 24
MOST_TRIALS = 8
"""So many goals are tried, and so many projects for each."""
MOST_LIKE = 3
"""So many values of another field of its type are tried for a field as well."""
MOST_STEPS = 400
"""So many values are tried for the fields of a project."""
TRIAL = 200
"""The work of playing one project, for each row."""
_ADDING = (HitPolicy.COUNT, HitPolicy.SUM, HitPolicy.COLLECT)


@dataclass(frozen=True, slots=True)
class Project:
    """The facts of a project, and what the tables make of them.

    ``shown`` are the reported facts that matter, and the derived ones that the table tests.
    """

    facts: Mapping[str, Value | None]
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Goal:
    """Where the facts of a project must lie, and which of them must be known."""

    box: Box
    needed: frozenset[str]


class Rehearsal:
    """The tables of a scene, ready to be played through with the facts of projects."""

    def __init__(self, scene: Scene, survey: Survey) -> None:
        self._scene = scene
        self._survey = survey
        self._full = whole_box(scene.axes)
        self._place = {axis.field.name: number for number, axis in enumerate(scene.axes)}
        self._sources = {
            output.field: table for table in scene.upstream for output in table.outputs
        }
        self._rows: dict[str, tuple[Row, ...]] = {}
        self._wishes: tuple[Wish, ...] = ()
        tables = (*scene.upstream, scene.table)
        program = compile_program(replace(survey.policy, tables=tables, groups=()))
        self._agenda = PureAgenda(program)
        self._notes = Notes()
        self._own = [each.table.name for each in program.tables].index(scene.table.name)
        self._work = TRIAL * (1 + len(program.rows))
        self._constraints = [
            (condition(each.condition, survey.glossary), fields_read(each.condition))
            for each in scene.constraints
        ]

    def find(
        self,
        box: Box,
        needed: Iterable[str],
        accept: Accept,
        wished: Iterable[Expression] = (),
        effort: Effort | None = None,
    ) -> Project | None:
        """A project in a box of the table's own fields, with some more facts known.

        It keeps 业务约束, fails none of the conditions that are ``wished`` as far as its reported
        facts tell, and what the engine makes of it is accepted. None when none was found.
        """
        effort = effort or self._survey.effort
        self._wishes = tuple(Wish(each, self._survey.glossary) for each in wished)
        goal = self._goal((*box, *self._full[len(box) :]), needed)
        fields = self._survey.fields
        asked = [name for name in fields if name in goal.needed and self._is_derived(name)]
        try:
            for reported in islice(self._reported(goal), MOST_GOALS):
                for facts in islice(self._projects(reported), MOST_TRIALS):
                    effort.spend(self._work)
                    case = Case("", "", self._scene.day, facts)
                    chain = self._agenda.run(case)
                    worked = worked_through(
                        chain.program, case, chain.situation, chain.closings, self._notes
                    )
                    if accept(worked, chain.results[self._own]):
                        shown = (*filter(reported.needed.__contains__, fields), *asked)
                        return Project(chain.situation.facts | facts, shown)
        except TooMuchWork:
            if effort is self._survey.effort:
                self._survey.give_up(self._scene.table)
        return None

    def _goal(self, box: Box, needed: Iterable[str]) -> _Goal:
        limited = {name for name, place in self._place.items() if box[place] != self._full[place]}
        return _Goal(box, frozenset(limited.union(needed)))

    def _is_derived(self, name: str) -> bool:
        return self._survey.fields[name].source is Source.DERIVED

    # --- from derived facts back to reported ones

    def _reported(self, goal: _Goal) -> Iterator[_Goal]:
        """Goals that speak of reported facts only and lead to a goal, one way after the other."""
        waiting = [iter((goal,))]
        while waiting:
            found = next(waiting[-1], None)
            if found is None:
                waiting.pop()
                continue
            derived = next((name for name in sorted(found.needed) if self._is_derived(name)), None)
            if derived is None:
                yield found
            elif derived in self._sources:
                waiting.append(self._ways(derived, found))

    def _ways(self, name: str, goal: _Goal) -> Iterator[_Goal]:
        """Ways for a table to derive a wanted value: by a row, by several, or by its default."""
        table = self._sources[name]
        rows = self._rows_of(table)
        place = self._place.get(name)
        wanted, box = None, goal.box
        if place is not None:
            wanted = box[place]
            box = (*box[:place], self._full[place], *box[place + 1 :])
        rest = _Goal(box, goal.needed - {name})
        number = [output.field for output in table.outputs].index(name)
        if table.hit_policy in _ADDING:
            yield from self._by_several(rest, rows)
            return
        for position, row in enumerate(rows):
            if self._suits(name, row.rule.conclusions[number], wanted):
                before = rows[:position] if table.hit_policy is HitPolicy.FIRST else ()
                for each in row.perhaps:
                    yield from self._where(rest, each, [row], before)
        default = table.outputs[number].default
        if default is not None and self._suits(name, default, wanted):
            yield from self._where(rest, self._full, [], rows)

    def _suits(self, name: str, conclusion: Expression, wanted: int | None) -> bool:
        """Whether a conclusion may be a wanted value."""
        if wanted is None or not isinstance(conclusion, Literal):
            return True
        return bool(wanted & piece_of(self._scene.axes[self._place[name]], conclusion.value))

    def _by_several(self, goal: _Goal, rows: Sequence[Row]) -> Iterator[_Goal]:
        """Ways in which more and more rows hold together, and the others not."""
        common, taken, others = self._full, list[Row](), list(rows)
        yield from self._where(goal, common, taken, others)
        for row in rows:
            meetings = [meet(common, each) for each in row.perhaps]
            if shared := next(filter(None, meetings), None):
                common = shared
                taken.append(row)
                others = [each for each in others if each is not row]
                yield from self._where(goal, common, taken, others)
                yield from self._where(goal, common, taken, ())

    def _where(
        self, goal: _Goal, box: Box, rows: Iterable[Row], none_of: Iterable[Row]
    ) -> Iterator[_Goal]:
        """A goal inside a box in which some rows hold, and others surely do not."""
        shared = meet(goal.box, box)
        if shared is None:
            return
        failing = [each for row in none_of for each in row.open]
        inside = uncovered(shared, failing, self._survey.effort)
        if inside is not None:
            read = (each for row in rows for each in (*row.undecided, *row.rule.conclusions))
            yield self._goal(inside, goal.needed | fields_read(*read))

    def _rows_of(self, table: DecisionTable) -> tuple[Row, ...]:
        if table.name not in self._rows:
            self._rows[table.name] = tuple(
                locate_row(rule, self._scene.locator, self._scene.axes)
                for rule in table.rules
                if in_force(rule, self._scene.day)
            )
        return self._rows[table.name]

    # --- from reported goals to facts

    def _projects(self, goal: _Goal) -> Iterator[Facts]:
        """Facts that reach a goal and keep 业务约束, the most ordinary first."""
        near = set(goal.needed)
        for _, fields in self._constraints:
            if not near.isdisjoint(fields):
                near |= {name for name in fields if not self._is_derived(name)}
        names = [
            *sorted(goal.needed, key=lambda name: self._rank(name, goal.box)),
            *sorted(near - goal.needed),
        ]
        try:
            yield from self._filled({}, names, goal.box, Effort(MOST_STEPS))
        except TooMuchWork:
            return

    def _rank(self, name: str, box: Box) -> tuple[bool, int]:
        """Rates first where the rest is to be fitted to them, then what has the least choice."""
        fitted = bool(self._wishes) and not isinstance(self._survey.fields[name].type, RATES)
        return fitted, self._mask(name, box).bit_count()

    def _filled(
        self, facts: Facts, names: Sequence[str], box: Box, steps: Effort
    ) -> Iterator[Facts]:
        if not names:
            yield facts
            return
        name, *rest = names
        axis = self._axis(name)
        alike = self._values_like(name, facts, rest, box)
        for value in chain(
            candidates(axis, self._mask(name, box), alike),
            self._turning(axis, self._mask(name, box), facts),
        ):
            steps.spend(1)
            filled = {**facts, name: value}
            if self._keeps_constraints(filled):
                yield from self._filled(filled, rest, box, steps)

    def _values_like(
        self, name: str, facts: Facts, rest: Iterable[str], box: Box
    ) -> list[Value | None]:
        """What other facts of the same type are, or may be: limits are often drawn by those."""
        fields = self._survey.fields
        type_ = fields[name].type
        known = [facts[other] for other in facts if fields[other].type == type_]
        for other in (each for each in rest if fields[each].type == type_):
            known += islice(candidates(self._axis(other), self._mask(other, box), ()), MOST_LIKE)
        return known

    def _axis(self, name: str) -> Axis:
        """The axis of a field; one without cuts for a field that nothing here tests."""
        if name in self._place:
            return self._scene.axes[self._place[name]]
        survey = self._survey
        field = survey.fields[name]
        return make_axis(field, (), survey.bounds, survey.glossary, self._scene.day)

    def _mask(self, name: str, box: Box) -> int:
        place = self._place.get(name)
        return everything(self._axis(name)) if place is None else box[place]

    def _keeps_constraints(self, facts: Facts) -> bool:
        situation = Situation(facts, facts, self._scene.day)
        return all(
            holds(situation) is not NO
            for holds in (
                *(holds for holds, _ in self._constraints),
                *(wish.holds for wish in self._wishes),
            )
        )

    def _turning(self, axis: Axis, mask: int, facts: Facts) -> Iterator[Value]:
        """Values around which a wished condition turns, the other facts being as they are."""
        if not isinstance(axis.values, Line):
            return
        for wish in self._wishes:
            for position in wish.turning_points(
                axis.field.name, axis.values, facts, self._scene.day
            ):
                yield from values_near(axis, mask, position)
