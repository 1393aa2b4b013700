"""Rows that hold together where they must not, each pair with a project if one was found.

Of rows with a condition that fixed limits do not decide (one fact compared with another) it is not
known whether they hold together: such pairs are tried after all others, and are ``doubtful``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain, islice

from engine.amounts import amount_of, high_end, is_settled, low_end, same_worth
from engine.checks.space.boxes import (
    TOUCH,
    Box,
    Effort,
    TooMuchWork,
    meet,
    meeting_pairs,
    uncovered,
)
from engine.checks.space.dimensions import is_partial
from engine.checks.space.opposites import exclude_each_other
from engine.checks.space.projects import Project, Rehearsal
from engine.checks.space.scenes import Row, Scene, Survey, own_box
from engine.dependencies import amounts, fields_read, grant_expressions
from engine.evaluate import Situation, meaning
from engine.expressions import (
    Arithmetic,
    Comparator,
    Comparison,
    Expression,
    Literal,
    Operator,
)
from engine.findings import Finding, Severity
from engine.model import Condition, DecisionTable, Grant, Rule
from engine.tables import TableResult
from engine.truth import NO, YES
from engine.values import Bound, Value
from engine.worked import Worked

MOST_SHOWN = 5
MOST_TRIED = 20
MOST_DOUBTFUL = 12
MOST_COUNTED = 1000
"""So many pairs of a table are shown, for so many a project is looked for (of the doubtful ones,
for so many), so many are counted."""
MOST_PROVED = 6
"""After so many proved pairs of one group no more are looked for."""
WORK = 30_000_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows and a box in which both hold, or where that is ``doubtful``."""

    first: Row
    second: Row
    box: Box
    doubtful: bool

    @property
    def ids(self) -> tuple[str, str]:
        return self.first.rule.id, self.second.rule.id


@dataclass(frozen=True, slots=True)
class Clash:
    """Two rows that hold together in a box; ``project`` is one that was found there, or None.

    ``apart`` is by how much the amounts differ that they grant it. ``doubtful``: fixed limits do
    not tell that both hold; ``unclear`` are the conditions to blame where no project was found.
    """

    scene: Scene
    first: Rule
    second: Rule
    project: Project | None
    apart: Bound = 0
    doubtful: bool = False
    unclear: tuple[Condition, ...] = ()


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
            for pair in search.pairs(scene.rows):
                if not tries:
                    more.add(pair.ids)
                    if len(more) >= MOST_COUNTED:
                        break
                elif pair.ids not in found or found[pair.ids].project is None:
                    clash = search.clash(pair)
                    tries -= 1
                    if clash is not None:
                        found[pair.ids] = clash
        for scene in survey.scenes[table.name]:
            search = _Search(scene, survey, must_differ)
            for clash in search.doubtful_clashes(scene.rows, found.keys() | more):
                found.setdefault((clash.first.id, clash.second.id), clash)
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
) -> Mapping[str, tuple[Clash, ...]]:
    """For each group of rows the clashes of two that conclude differently.

    They are the proved ones, those first of which the amounts differ most; or, where none was
    proved, one that was not. Rows without a group do not take part, nor do the pairs that are
    passed over.
    """
    found: dict[str, dict[frozenset[str], Clash]] = {}
    try:
        for scene in survey.scenes[table.name]:
            search = _Search(scene, survey, must_differ=True)
            for group, rows in _grouped(scene.rows, group_of).items():
                known = found.setdefault(group, {})
                for clash in search.clashes(rows, passed_over):
                    ids = frozenset((clash.first.id, clash.second.id))
                    if ids not in known or known[ids].project is None:
                        known[ids] = clash
    except TooMuchWork:
        survey.give_up(table)
    return {group: _told(tuple(known.values())) for group, known in found.items() if known}


def _told(clashes: tuple[Clash, ...]) -> tuple[Clash, ...]:
    proved = [each for each in clashes if each.project is not None]
    proved.sort(key=lambda clash: clash.apart, reverse=True)
    return tuple(proved) or clashes[:1]


def clashes_beyond(
    table: DecisionTable,
    survey: Survey,
    group_of: Callable[[Rule], str | None],
    limit_of: Callable[[Rule, Rule], Expression | None],
    passed_over: frozenset[frozenset[str]],
) -> Mapping[str, tuple[Clash, Bound]]:
    """For each group of rows a proved clash of two that together come to more than their limit.

    With it goes what they come to. Pairs without a limit do not take part, nor do those that are
    passed over.
    """
    found: dict[str, tuple[Clash, Bound]] = {}
    try:
        for scene in survey.scenes[table.name]:
            search = _Search(scene, survey, must_differ=False)
            groups: dict[str, list[Row]] = {}
            for row in scene.rows:
                groups.setdefault(group_of(row.rule) or "", []).append(row)
            for group, rows in groups.items():
                if group and group not in found:
                    beyond = search.beyond(rows, limit_of, passed_over)
                    if beyond is not None:
                        found[group] = beyond
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
            where = row.sure, row.perhaps, row.undecided
            alike = _concluded(row.rule), where, row.rule.overrides
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
        self._partial = {axis.field.name for axis in scene.axes[: scene.own] if is_partial(axis)}
        self._agreed: set[tuple[str, str]] = set()
        """Rows that were seen to grant the same, and do so in every project."""

    @cached_property
    def _rehearsal(self) -> Rehearsal:
        return Rehearsal(self._scene, self._survey)

    def clashes(
        self, rows: Sequence[Row], passed_over: frozenset[frozenset[str]]
    ) -> Iterator[Clash]:
        """Clashes of two of some rows, as many as are tried; the doubtful ones at last."""
        proved: set[frozenset[str]] = set()
        pairs = (pair for pair in self.pairs(rows) if frozenset(pair.ids) not in passed_over)
        for pair in islice(pairs, MOST_TRIED):
            if frozenset(pair.ids) in proved:
                continue
            clash = self.clash(pair, more=bool(proved))
            if clash is None:
                continue
            yield clash
            if clash.project is not None:
                proved.add(frozenset(pair.ids))
            if len(proved) == MOST_PROVED:
                return
        yield from self.doubtful_clashes(rows, map(tuple, passed_over | proved))

    def beyond(
        self,
        rows: Sequence[Row],
        limit_of: Callable[[Rule, Rule], Expression | None],
        passed_over: frozenset[frozenset[str]],
    ) -> tuple[Clash, Bound] | None:
        """A proved clash of two of some rows that together come to more than their limit."""
        limited = [
            row
            for row in rows
            if any(limit_of(row.rule, each.rule) for each in rows if each != row)
        ]
        pairs = (
            (pair, limit)
            for pair in chain(self.pairs(limited), self.pairs(limited, doubtful=True))
            if frozenset(pair.ids) not in passed_over
            and (limit := limit_of(pair.first.rule, pair.second.rule)) is not None
        )
        for pair, limit in islice(pairs, MOST_DOUBTFUL):
            found = self._beyond(pair, limit)
            if found is not None:
                project, together = found
                first, second = pair.first.rule, pair.second.rule
                return Clash(self._scene, first, second, project, 0, pair.doubtful), together
        return None

    def _beyond(self, pair: Pair, limit: Expression) -> tuple[Project, Bound] | None:
        """A project for which two rows come to more than a limit, and to how much."""
        first, second = pair.first.rule, pair.second.rule
        one, other = first.grant, second.grant
        if one is None or other is None or not (amounts(one.benefit) and amounts(other.benefit)):
            return None
        sums = Arithmetic(Operator.ADD, amounts(one.benefit)[-1], amounts(other.benefit)[-1])
        wished: list[Expression] = [Comparison(Comparator.GREATER, sums, limit)]
        if pair.doubtful:
            wished += [*pair.first.undecided, *pair.second.undecided]
        tested = fields_read(*(each.expression for each in _conditions(first, second)))
        needed = tested | fields_read(*_expressions(first), *_expressions(second))
        together: Bound = 0

        def exceeds(worked: Worked, result: TableResult) -> bool:
            nonlocal together
            holding = {row.rule.id for row in result.rows if row.truth is YES}
            most = worked.value(limit)
            if not {first.id, second.id} <= holding or not isinstance(most, int | Fraction):
                return False
            if not (is_settled(one, worked) and is_settled(other, worked)):
                return False
            together = low_end(amount_of(one, worked)) + low_end(amount_of(other, worked))
            return together > most

        project = self._rehearsal.find(pair.box, needed, exceeds, wished, self._survey.spare)
        return None if project is None else (project, together)

    def doubtful_clashes(
        self, rows: Sequence[Row], passed_over: Iterable[tuple[str, ...]]
    ) -> Iterator[Clash]:
        """Clashes of two of some rows of which fixed limits do not tell whether both hold."""
        left = MOST_DOUBTFUL
        done = set(map(frozenset, passed_over))
        for pair in self.pairs(rows, doubtful=True):
            if frozenset(pair.ids) in done:
                continue
            if not left:
                self._survey.give_up(self._scene.table)
                return
            left -= 1
            clash = self.clash(pair, more=True)
            if clash is not None:
                yield clash
                if clash.project is not None:
                    done.add(frozenset(pair.ids))

    def pairs(self, rows: Sequence[Row], *, doubtful: bool = False) -> Iterator[Pair]:
        """Two of some rows and a box in which both hold, again and again.

        Doubtful ones are those of which at least one has a condition that cannot be told.
        """
        unclear = {id(row) for row in rows if doubtful and self._is_unclear(row)}
        if doubtful and not unclear:
            return
        boxes = [
            (row, box) for row in rows for box in (row.perhaps if id(row) in unclear else row.sure)
        ]
        full = own_box(self._scene)
        for one, other in meeting_pairs([box for _, box in boxes], full, self._effort):
            (first, here), (second, there) = boxes[one], boxes[other]
            shared = meet(here, there)
            if first is second or shared is None or _is_exception(first.rule, second.rule):
                continue
            if self._must_differ and _concluded(first.rule) == _concluded(second.rule):
                continue
            if not doubtful:
                yield Pair(first, second, shared, doubtful)
            elif not unclear.isdisjoint((id(first), id(second))):
                self._effort.spend(TOUCH)
                conditions = _conditions(first.rule, second.rule)
                if not exclude_each_other(conditions, self._survey.glossary):
                    yield Pair(first, second, shared, doubtful)

    def _is_unclear(self, row: Row) -> bool:
        """Whether a row may hold where it does not surely, all its fields being looked at whole."""
        return (
            bool(row.undecided)
            and not row.intricate
            and fields_read(*row.undecided) <= self._survey.fields.keys() - self._partial
        )

    def clash(self, pair: Pair, *, more: bool = False) -> Clash | None:
        """The clash of two rows in a box; None where 例外于 of other rows may well decide.

        Of what is looked for besides (``more``) the work is limited for the whole book.
        """
        first, second = pair.first.rule, pair.second.rule
        above = self._above(first, second)
        free = uncovered(pair.box, [each for row in above for each in row.open], self._effort)
        place = free
        if place is None:
            sure = [each for row in above for each in row.sure]
            place = uncovered(pair.box, sure, self._effort)
        effort = self._survey.spare if more else self._survey.effort
        found = None if place is None else self._project(pair, place, effort)
        if found is not None:
            project, apart = found
            return Clash(self._scene, first, second, project, apart, pair.doubtful)
        if free is None or pair.ids in self._agreed:
            return None
        unclear = pair.first.undecided | pair.second.undecided if pair.doubtful else frozenset()
        conditions = tuple(
            each for each in _conditions(first, second) if each.expression in unclear
        )
        return Clash(self._scene, first, second, None, 0, pair.doubtful, conditions)

    def _above(self, first: Rule, second: Rule) -> list[Row]:
        """The rows that are exceptions of one of two."""
        pair = {first.id, second.id}
        return [row for row in self._scene.rows if not pair.isdisjoint(row.rule.overrides)]

    def _project(self, pair: Pair, box: Box, effort: Effort) -> tuple[Project, Bound] | None:
        """A project that both rows catch, and by how much the amounts differ that they grant it."""
        first, second = pair.first.rule, pair.second.rule
        concluding, testing = frozenset[str](), frozenset[str]()
        if self._must_differ:
            concluding = fields_read(*_expressions(first), *_expressions(second))
        for rule in (first, second, *(row.rule for row in self._above(first, second))):
            testing |= fields_read(*(each.expression for each in rule.conditions))
        wished = (*pair.first.undecided, *pair.second.undecided) if pair.doubtful else ()
        apart: Bound = 0

        def caught(worked: Worked, result: TableResult) -> bool:
            nonlocal apart
            holding = {row.rule.id for row in result.rows if row.truth is YES}
            if not {first.id, second.id} <= holding:
                return False
            if self._must_differ and not self._differ(first, second, worked):
                return False
            apart = _apart(first, second, worked)
            return True

        # A test that every value passes, or an exception that none does, is unknown of a blank.
        asked = [concluding | testing] if pair.doubtful else [concluding, concluding | testing]
        for needed in asked:
            project = self._rehearsal.find(box, needed, caught, wished, effort)
            if project is not None:
                return project, apart
        return None

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


def _apart(first: Rule, second: Rule, worked: Worked) -> Bound:
    """By how much the upper ends of two amounts differ; 0 of what has none."""
    if first.grant is None or second.grant is None:
        return 0
    one, other = (high_end(amount_of(grant, worked)) for grant in (first.grant, second.grant))
    if one == other:
        return 0
    return one - other if one > other else other - one


def _conditions(first: Rule, second: Rule) -> tuple[Condition, ...]:
    return (*first.conditions, *second.conditions)


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


def perhaps_together(clash: Clash) -> Finding:
    """A word on two rows of which nobody can say whether they hold together."""
    first, second = clash.first, clash.second
    params = {
        "table": clash.scene.table.name,
        "first": first.id,
        "first_cell": str(first.at),
        "second": second.id,
        "conditions": tuple(f"{each.text}（{each.at}）" for each in clash.unclear),
    }
    related = () if first.at is None else (first.at,)
    return Finding("T307", second.at, params, Severity.ADVICE, related=related)
