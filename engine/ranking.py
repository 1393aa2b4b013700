"""Missing facts, ranked by the money that hangs on them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.amounts import high_end
from engine.outcome import MeasureOutcome, Outcome, Referred, Undetermined
from engine.settle import at_best, upper_total
from engine.values import INFINITY, Bound


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A missing field, the measures that wait for it, and what is at stake, in fen.

    ``stake`` is by how much the best possible total falls when those measures come to nothing;
    infinite when one of them is unbounded (不封顶).
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
    unbounded = {each.measure.id for each in outcome.measures if _is_unbounded(each)}
    alone = {each.measure.id: each.alone for each in outcome.measures}

    def best_without(names: set[str]) -> Bound:
        return upper_total(
            outcome.policy.measures, at_best(alone, outcome.worked, without=unbounded | names)
        )

    def stake(measures: list[MeasureOutcome]) -> Bound:
        names = {each.measure.id for each in measures}
        if names & unbounded:
            return INFINITY
        return best - best_without(names)

    best = best_without(set())
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


def _is_unbounded(outcome: MeasureOutcome) -> bool:
    match outcome.alone:
        case Undetermined(amount=amount) | Referred(amount=amount):
            return high_end(amount) == INFINITY
        case _:
            return False
