"""The smallest repair: the fewest changed facts that would turn a refusal, replayed before shown.

Candidates come from the failed conditions, through derived facts down to what can be reported or
judged. Fields marked 不可改 stay as they are. Fewest changes first, then the least relative change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from engine.agenda.pure import PureAgenda
from engine.changes import Changes, to_stand
from engine.constraints import violated
from engine.model import Measure
from engine.nearest import relative_change
from engine.outcome import Amount, Granted, Outcome, Referred, Refused
from engine.values import Value
from engine.verdicts import judge, rows_of
from engine.worked import Worked, worked_through

MOST_REPLAYS = 24


@dataclass(frozen=True, slots=True)
class Change:
    """One fact to change, from what it is (None: not given) to what would do."""

    field: str
    before: Value | None
    after: Value


@dataclass(frozen=True, slots=True)
class Repair:
    """Changes after which the measure is granted or referred, and what it would then be worth."""

    measure: str
    changes: tuple[Change, ...]
    amount: Amount


def smallest_repair(outcome: Outcome, measure: Measure) -> Repair | None:
    """Find the smallest repair of a refused measure, or None where none was found."""
    worked = outcome.worked
    verdict = next(each.verdict for each in outcome.measures if each.measure is measure)
    if not isinstance(verdict, Refused):
        return None
    result = worked.results[measure.table]
    candidates = [
        changes
        for row in rows_of(measure, worked)
        for changes in to_stand(row, result, worked)
        if changes
    ]
    candidates.sort(key=lambda changes: _size(changes, worked))
    agenda = PureAgenda(worked.program)
    for changes in candidates[:MOST_REPLAYS]:
        amount = _replay(agenda, worked, measure, changes)
        if amount is not None:
            return Repair(
                measure.id,
                tuple(
                    Change(name, worked.situation.facts.get(name), value)
                    for name, value in changes.items()
                ),
                amount,
            )
    return None


def _size(changes: Changes, worked: Worked) -> tuple[int, Fraction]:
    facts = worked.situation.facts
    return len(changes), sum(
        (relative_change(facts.get(name), value) for name, value in changes.items()),
        start=Fraction(0),
    )


def _replay(
    agenda: PureAgenda, worked: Worked, measure: Measure, changes: Changes
) -> Amount | None:
    """What the measure would be worth with the changes; None when it would not be granted."""
    case = replace(worked.case, facts={**worked.case.facts, **changes})
    if violated(worked.program.policy, case):
        return None
    chain = agenda.run(case)
    again = worked_through(worked.program, case, chain.situation, chain.closings, worked.notes)
    match judge(measure, again):
        case Granted(amount=amount):
            return amount
        case Referred(judgements=(), amount=amount):
            return amount
        case _:
            return None
