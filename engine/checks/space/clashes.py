"""Rows that hold together where they must not, each pair with a project if one was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from engine.amounts import is_settled, same_worth
from engine.checks.space.boxes import Box, Effort, TooMuchWork, meet, meeting_pairs, uncovered
from engine.checks.space.dimensions import is_partial
from engine.checks.space.projects import Project, Rehearsal
from engine.checks.space.scenes import Row, Scene, Survey, own_box
from engine.dependencies import fields_read, grant_expressions
from engine.evaluate import Situation, meaning
from engine.expressions import Expression, Literal
from engine.findings import Finding, Severity
from engine.model import DecisionTable, Grant, Rule
from engine.tables import TableResult
from engine.truth import NO, YES
from engine.values import Value
from engine.worked import Worked

MOST_SHOWN = 5
MOST_TRIED = 20
MOST_COUNTED = 1000
"""So many pairs of a table are shown, for so many a project is looked for, so many are counted."""
WORK = 30_000_000


@dataclass(frozen=True, slots=True)
class Clash:
    """Two rows that hold together in a box; ``project`` is one that was found there, or None."""

    scene: Scene
    first: Rule
    second: Rule
    project: Project | None


@dataclass(frozen=True, slots=True)
class Clashes:
    """The clashes of a table that are shown, proved ones first, and the number of other pairs."""

    shown: tuple[Clash, ...]
    more: int


def find_clashes(table: DecisionTable, survey: Survey, *, must_differ: bool) -> Clashes:
    """The pairs of rows that hold together; those with other conclusions only, if it matters."""
    found: dict[tuple[str, str], Clash] = {}
    more: set[tuple[str, str]] = set()
    tries = MOST_TRIED
    try:
        for scene in survey.scenes[table.name]:
            if any(map(is_partial, scene.axes[: scene.own])):
                survey.give_up(table)  # two rows may meet in a set that was not looked at
            search = _Search(scene, survey, must_differ)
            for first, second, box in search.pairs(scene.rows):
                pair = (first.rule.id, second.rule.id)
                if not tries:
                    more.add(pair)
                    if len(more) >= MOST_COUNTED:
                        break
                elif pair not in found or found[pair].project is None:
                    clash = search.clash(first, second, box)
                    tries -= 1
                    if clash is not None:
                        found[pair] = clash
    except TooMuchWork:
        survey.give_up(table)
    tried = sorted(found.values(), key=lambda clash: clash.project is None)
    shown = tried[:MOST_SHOWN]
    return Clashes(tuple(shown), len(tried) - len(shown) + len(more - found.keys()))


def clashes_within(
    table: DecisionTable,
    survey: Survey,
    group_of: Callable[[Rule], str | None],
    passed_over: frozenset[frozenset[str]],
) -> Mapping[str, Clash]:
    """For each group of rows one clash of two that conclude differently, a proved one if any.

    Rows without a group do not take part, nor do the pairs that are passed over.
    """
    found: dict[str, Clash] = {}
    try:
        for scene in survey.scenes[table.name]:
            search = _Search(scene, survey, must_differ=True)
            for group, rows in _grouped(scene.rows, group_of).items():
                if group not in found or found[group].project is None:
                    clash = search.best_clash(rows, passed_over)
                    if clash is not None:
                        found[group] = clash
    except TooMuchWork:
        survey.give_up(table)
    return found


def _grouped(
    rows: Iterable[Row], group_of: Callable[[Rule], str | None]
) -> Mapping[str, Sequence[Row]]:
    """The rows of each group in which some conclude otherwise; of rows that are alike the first."""
    groups: dict[str, dict[object, Row]] = {}
    for row in rows:
        group = group_of(row.rule)
        if group is not None:
            alike = _concluded(row.rule), row.sure, row.rule.overrides
            groups.setdefault(group, {}).setdefault(alike, row)
    return {
        group: tuple(members.values())
        for group, members in groups.items()
        if len({_concluded(row.rule) for row in members.values()}) > 1
    }


class _Search:
    """Looks for rows of one scene that hold together."""

    def __init__(self, scene: Scene, survey: Survey, must_differ: bool) -> None:
        self._scene = scene
        self._survey = survey
        self._must_differ = must_differ
        self._effort = Effort(WORK, survey.effort)
        self._agreed: set[tuple[str, str]] = set()
        """Rows that were seen to grant the same, and do so in every project."""

    @cached_property
    def _rehearsal(self) -> Rehearsal:
        return Rehearsal(self._scene, self._survey)

    def best_clash(
        self, rows: Sequence[Row], passed_over: frozenset[frozenset[str]]
    ) -> Clash | None:
        """A clash of two of some rows: the first that is proved, or else the first; or none."""
        found: list[Clash] = []
        pairs = (
            pair
            for pair in self.pairs(rows)
            if frozenset((pair[0].rule.id, pair[1].rule.id)) not in passed_over
        )
        for first, second, box in islice(pairs, MOST_TRIED):
            clash = self.clash(first, second, box)
            if clash is not None and clash.project is not None:
                return clash
            if clash is not None:
                found.append(clash)
        return found[0] if found else None

    def pairs(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Row, Box]]:
        """Two of some rows and a box in which both hold, again and again."""
        boxes = [(row, box) for row in rows for box in row.sure]
        full = own_box(self._scene)
        for one, other in meeting_pairs([box for _, box in boxes], full, self._effort):
            (first, here), (second, there) = boxes[one], boxes[other]
            shared = meet(here, there)
            if first is second or shared is None or _is_exception(first.rule, second.rule):
                continue
            if not self._must_differ or _concluded(first.rule) != _concluded(second.rule):
                yield first, second, shared

    def clash(self, first: Row, second: Row, box: Box) -> Clash | None:
        """The clash of two rows in a box; None where 例外于 of other rows may well decide."""
        above = self._above(first.rule, second.rule)
        free = uncovered(box, [each for row in above for each in row.open], self._effort)
        place = free
        if place is None:
            place = uncovered(box, [each for row in above for each in row.sure], self._effort)
        project = None if place is None else self._project(first.rule, second.rule, place)
        if project is None and (free is None or (first.rule.id, second.rule.id) in self._agreed):
            return None
        return Clash(self._scene, first.rule, second.rule, project)

    def _above(self, first: Rule, second: Rule) -> list[Row]:
        """The rows that are exceptions of one of two."""
        pair = {first.id, second.id}
        return [row for row in self._scene.rows if not pair.isdisjoint(row.rule.overrides)]

    def _project(self, first: Rule, second: Rule, box: Box) -> Project | None:
        """A project that both rows catch."""
        concluding, testing = frozenset[str](), frozenset[str]()
        if self._must_differ:
            concluding = fields_read(*_expressions(first), *_expressions(second))
        for rule in (first, second, *(row.rule for row in self._above(first, second))):
            testing |= fields_read(*(each.expression for each in rule.conditions))

        def caught(worked: Worked, result: TableResult) -> bool:
            holding = {row.rule.id for row in result.rows if row.truth is YES}
            return {first.id, second.id} <= holding and (
                not self._must_differ or self._differ(first, second, worked)
            )

        # A test that every value passes, or an exception that none does, is unknown of a blank.
        return self._rehearsal.find(box, concluding, caught) or self._rehearsal.find(
            box, concluding | testing, caught
        )

    def _differ(self, first: Rule, second: Rule, worked: Worked) -> bool:
        """Whether two rows conclude what surely differs."""
        one, other = first.grant, second.grant
        if one is None or other is None:
            values, others = (
                self._values(rule.conclusions, worked.situation) for rule in (first, second)
            )
            pairs = zip(values, others, strict=True)
            return any(each != its for each, its in pairs if None not in (each, its))
        if one.measure != other.measure or type(one.benefit) is not type(other.benefit):
            return True
        if not (is_settled(one, worked) and is_settled(other, worked)):
            return False
        same = same_worth(one, other, worked)
        if same is YES and _is_the_same_everywhere(one) and _is_the_same_everywhere(other):
            self._agreed.add((first.id, second.id))
        return same is NO

    def _values(
        self, expressions: Iterable[Expression], situation: Situation
    ) -> list[Value | None]:
        return [meaning(each, self._survey.glossary)(situation) for each in expressions]


def _is_the_same_everywhere(grant: Grant) -> bool:
    """Whether nothing that a grant comes to depends on the project."""
    return all(isinstance(node, Literal) for node in grant_expressions(grant))


def _is_exception(first: Rule, second: Rule) -> bool:
    return first.id in second.overrides or second.id in first.overrides


def _concluded(rule: Rule) -> object:
    return rule.conclusions if rule.grant is None else rule.grant


def _expressions(rule: Rule) -> tuple[Expression, ...]:
    return rule.conclusions if rule.grant is None else grant_expressions(rule.grant)


def the_rest(clashes: Clashes, table: DecisionTable) -> tuple[Finding, ...]:
    """A word on the pairs that are not shown."""
    if not clashes.more:
        return ()
    params = {"table": table.name, "count": clashes.more}
    return (Finding("T306", table.at, params, Severity.ADVICE),)
