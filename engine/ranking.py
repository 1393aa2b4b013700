"""Missing facts, ranked by the money that hangs on them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.amounts import high_end
from engine.outcome import Granted, MeasureOutcome, Outcome, Referred, Undetermined
from engine.settle import at_best, upper_total
from engine.values import INFINITY, Bound


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A missing field, the measures that wait for it, and what is at stake, in fen.

    ``stake`` is by how much the best possible total falls when those measures come to nothing, or
    the whole group whose cap or earlier award is missing; infinite when one is unbounded (不封顶).
    """

    field: str
    stake: Bound
    measures: tuple[str, ...]


def rank_missing(outcome: Outcome) -> tuple[MissingFact, ...]:
    """Every missing fact that keeps a measure open: unbounded first, then by falling stake."""
    waiting: dict[str, list[MeasureOutcome]] = {}
    for each in outcome.measures:
        for field in missing_of(each):
            waiting.setdefault(field, []).append(each)
    unbounded = _unbounded(outcome)
    best = _best_without(unbounded, outcome)

    def stake(measures: list[MeasureOutcome]) -> Bound:
        names = {name for each in measures for name in _hanging_with(each)}
        if names & unbounded:
            return INFINITY
        return max(0, best - _best_without(unbounded | names, outcome))

    facts = [
        MissingFact(field, stake(measures), tuple(each.measure.id for each in measures))
        for field, measures in waiting.items()
    ]
    return tuple(sorted(facts, key=lambda fact: (-fact.stake, -len(fact.measures))))


def missing_of(outcome: MeasureOutcome) -> tuple[str, ...]:
    """The fields that a measure waits for: facts, or a person's judgement."""
    match outcome.verdict:
        case Undetermined(missing=missing):
            return missing
        case Referred(judgements=judgements):
            return judgements
        case _:
            return ()


def _hanging_with(waiting: MeasureOutcome) -> tuple[str, ...]:
    """The measures that come to nothing with one that waits.

    One that was granted, alone, waits for its group: with it, all that compete there.
    """
    if isinstance(waiting.alone, Granted) and waiting.settlement is not None:
        return tuple(name for name, _ in waiting.settlement.competitors)
    return (waiting.measure.id,)


def _best_without(names: set[str], outcome: Outcome) -> Bound:
    alone = {each.measure.id: each.alone for each in outcome.measures}
    return upper_total(outcome.policy.measures, at_best(alone, outcome.worked, without=names))


def _unbounded(outcome: Outcome) -> set[str]:
    """The measures without an upper end, unless their group gives them one."""
    endless = {
        each.measure.id
        for each in outcome.measures
        if isinstance(each.alone, Undetermined | Referred)
        and high_end(each.alone.amount) == INFINITY
    }
    return {name for name in endless if _best_without(endless - {name}, outcome) == INFINITY}
