"""The smallest repair: the fewest changed facts that would turn a refusal, replayed before shown.

``docs/semantics.md``, *Repairs*, says what counts as one and which of several is the smallest.
The search puts the smallest set of changes to the test, and where that falls short goes on from
there, until one turns the verdict.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from itertools import combinations, count

from engine.amounts import high_end
from engine.change_sets import Changes, Standpoint, all_of, weight
from engine.changes import to_come_out, to_count
from engine.evaluate import Situation, condition
from engine.expressions import Expression
from engine.model import Field, Measure
from engine.moves import WHOLE, aim, is_movable, may_become, size_of, steps_between
from engine.outcome import (
    Change,
    Displaced,
    Granted,
    MeasureOutcome,
    Outcome,
    Referred,
    Refused,
    Repair,
    Undecided,
    Verdict,
)
from engine.rehearsal import may_matter, rehearse
from engine.settle import NOTHING, settle
from engine.thresholds import imagine
from engine.truth import NO
from engine.values import Bound, Value
from engine.verdicts import judge, rows_of
from engine.worked import Worked

MOST_CHANGES = 4
MOST_REHEARSALS = 48

NEAR_CHANGES = 2
NEAR_SIZE = WHOLE * 3 // 10


def repairs_of(outcome: Outcome) -> Mapping[str, Repair | None]:
    """The smallest repair of each refused measure, None where none was found; looked for once."""
    if not outcome.repairs:
        start = Standpoint(outcome.worked, outcome.worked.situation.facts)
        found = {
            each.measure.id: _Search(outcome, each.measure, start).smallest()
            for each in outcome.measures
            if isinstance(each.verdict, Refused)
        }
        outcome.repairs.update(found)
    return outcome.repairs


class _Search:
    """The search for the smallest repair of one measure."""

    def __init__(self, outcome: Outcome, measure: Measure, start: Standpoint) -> None:
        self.outcome = outcome
        self.measure = measure
        self.start = start
        self.worked = start.worked
        self.before = start.before
        self.rehearsals = 0

    def smallest(self) -> Repair | None:
        """Take up the smallest set of changes so far, and go on from it unless it is a repair."""
        waiting: list[tuple[object, int, Changes]] = []
        met: set[frozenset[object]] = {frozenset()}
        order = count()

        def take_in(found: Iterable[Changes], so_far: Changes) -> None:
            for changes in found:
                joined = {**so_far, **changes}
                key = frozenset(joined.items())
                if key not in met and len(joined) <= MOST_CHANGES:
                    met.add(key)
                    heappush(waiting, (weight(joined), next(order), joined))

        take_in(self._ways_on(self.start, []), {})
        while waiting and self.rehearsals < MOST_REHEARSALS:
            changes = heappop(waiting)[2]
            broken = self._broken(changes)
            worked = self._rehearse(changes)
            if not broken and self._turns(worked):
                return self._repair(*self._least_part(changes, worked))
            take_in(self._ways_on(Standpoint(worked, self.before), broken), changes)
        return None

    # --- going on ---

    def _rehearse(self, changes: Changes) -> Worked:
        self.rehearsals += 1
        return rehearse(self.measure, self.worked, _facts(changes))

    def _turns(self, worked: Worked) -> bool:
        return isinstance(judge(self.measure, worked), Granted | Referred)

    def _ways_on(self, at: Standpoint, broken: list[Expression]) -> list[Changes]:
        """What may help from here: a row that counts, with its event, and no constraint broken."""
        kept = all_of((to_come_out(each, True, at) for each in broken), at)
        if broken and self._turns(at.worked):
            return kept
        result = at.worked.results[self.measure.table]
        event = self._event(at)
        return [
            changes
            for row in rows_of(self.measure, at.worked)
            for changes in all_of((to_count(row, result, at), event, kept), at)
        ]

    def _event(self, at: Standpoint) -> list[Changes]:
        """The event of a measure that is still to come may come on the reference date."""
        name, day = self.measure.event_field, at.worked.case.date
        if name is None or at.worked.situation.facts.get(name) is not None:
            return [{}]
        field = at.worked.program.fields[name]
        free = is_movable(field, at.worked) and may_become(field, None, day, at.worked)
        return [{name: aim(field, None, day)}] if free else []

    def _broken(self, changes: Changes) -> list[Expression]:
        """The 业务约束 that the case would break with the changes and does not break without."""
        worked, given = self.worked, self.worked.case.facts
        cases = (given, {**given, **_facts(changes)})
        broken = []
        for each in worked.program.policy.constraints:
            if changes.keys().isdisjoint(worked.reads(each.condition)):
                continue
            holds = condition(each.condition, worked.program.glossary)
            was, would = (holds(Situation({**facts}, facts, worked.case.date)) for facts in cases)
            if would is NO and was is not NO:
                broken.append(each.condition)
        return broken

    # --- what was found ---

    def _least_part(self, changes: Changes, worked: Worked) -> tuple[Changes, Worked]:
        """The smallest part of a set of changes that turns the verdict, which may be all of it."""
        if len(changes) > 1:
            certain = self._certain_conditions()
            for size in range(1, len(changes)):
                for part in map(dict, combinations(changes.items(), size)):
                    if self._may_turn(part, certain) and not self._broken(part):
                        again = self._rehearse(part)
                        if self._turns(again):
                            return part, again
        return changes, worked

    def _certain_conditions(self) -> list[list[Expression]]:
        """The conditions of each row of the measure that rest on no derived fact."""
        worked = self.worked
        return [
            [
                each.expression
                for each in row.rule.conditions
                if worked.deriving.keys().isdisjoint(worked.reads(each.expression))
            ]
            for row in rows_of(self.measure, worked)
        ]

    def _may_turn(self, changes: Changes, certain: list[list[Expression]]) -> bool:
        """Whether some row is left of which no such condition fails."""
        situation = imagine(self.worked, _facts(changes))
        meaning = self.worked.meaning
        return any(all(meaning(node)(situation) is not NO for node in row) for row in certain)

    def _repair(self, changes: Changes, worked: Worked) -> Repair:
        verdict = judge(self.measure, worked)
        assert isinstance(verdict, Granted | Referred)
        made: list[Change] = []
        judged: list[Change] = []
        fields = self.worked.program.fields
        for name in filter(changes.__contains__, fields):
            change = Change(name, self.before.get(name), changes[name].value)
            (judged if changes[name].judged else made).append(change)
        lost = {each.measure.id: each for each in self._lost(changes)}
        settled = self._settled(verdict, lost)
        price: Bound = sum(_worth(each.alone) for each in lost.values())
        near = (
            1 <= len(made) <= NEAR_CHANGES
            and not judged
            and not isinstance(settled, Displaced | Undecided)
            and (not lost or price < _worth(settled))
            and all(_is_small(each, fields[each.field], self.worked) for each in made)
        )
        given_up = tuple(
            (name, each.alone.amount)
            for name, each in lost.items()
            if isinstance(each.alone, Granted)
        )
        return Repair(tuple(made), tuple(judged), verdict, settled, given_up, near)

    def _lost(self, changes: Changes) -> Iterator[MeasureOutcome]:
        """The measures of the same table that are granted, and would not be with the changes."""
        facts = _facts(changes)
        for each in self.outcome.measures:
            if (
                isinstance(each.alone, Granted)
                and each.measure.table == self.measure.table
                and may_matter(changes, each.measure, self.worked)
                and not isinstance(
                    judge(each.measure, rehearse(each.measure, self.worked, facts)), Granted
                )
            ):
                yield each

    def _settled(self, verdict: Verdict, lost: Container[str]) -> Verdict:
        """What the same-kind group makes of a verdict, those lost out of it, the others as now."""
        if self.measure.group is None:
            return verdict
        verdicts = {
            each.measure.id: NOTHING if each.measure.id in lost else each.alone
            for each in self.outcome.measures
        }
        settled, _ = settle({**verdicts, self.measure.id: verdict}, self.worked)
        return settled[self.measure.id]


def _is_small(change: Change, field: Field, worked: Worked) -> bool:
    """A number or a day moves a little, a code by one step of its order; else it is one answer."""
    before, after = change.before, change.after
    if before is None or isinstance(before, bool | frozenset):
        return True
    if isinstance(before, str):
        return steps_between(before, after, field, worked) <= 1
    return size_of(before, after) <= NEAR_SIZE


def _worth(verdict: Verdict) -> Bound:
    if isinstance(verdict, Granted | Referred) and verdict.amount.counts:
        return high_end(verdict.amount)
    return 0


def _facts(changes: Changes) -> Mapping[str, Value]:
    return {name: each.value for name, each in changes.items()}
