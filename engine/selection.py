"""Selections over many cases: quotas, rankings, share constraints.

Most winners first, then the lexicographically best ranks, tier by tier. Which candidates can win
together is a matter of matching them with places; such sets form a transversal matroid, so a share
constraint can be met exactly when three ranks allow it (matroid intersection; J. Edmonds, 1970).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import chain, combinations
from typing import cast

from engine.cases import ExpectedPlace, GoldenContest
from engine.model import ConstraintScope, Quota, Selection, Tier
from engine.outcome import Outcome
from engine.simulate import Engine, simulate
from engine.truth import NO, UNKNOWN, YES, Truth
from engine.values import Number, Range, Value, round_fen


class Standing(StrEnum):
    """Why a case is in or out."""

    WON = "won"
    NO_CANDIDATE = "no_candidate"
    OUTRANKED = "outranked"
    """Its rank is behind those that fill the places."""
    SHARE = "share"
    """Better ranked than a winner, and passed over so that the share constraint holds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One case in the result: the tier it won, or why it did not; ``score`` ranked it.

    ``tied`` says that another case has the same score and that the tie-break did not separate them.
    """

    case: str
    tier: str | None
    standing: Standing
    score: Number | None
    tied: bool = False


@dataclass(frozen=True, slots=True)
class SelectionResult:
    """The result of one selection.

    ``open`` names the cases whose candidacy or score is unknown; with any, nothing is decided.
    ``places`` and ``shortfall`` count the places of each tier and those left empty.
    """

    selection: Selection
    entries: tuple[Entry, ...]
    open: tuple[str, ...]
    places: Mapping[str, int]
    shortfall: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A case that won otherwise: ``actual`` is "" for nothing, None where nothing is decided."""

    expected: ExpectedPlace
    actual: str | None


@dataclass(frozen=True, slots=True)
class _Runner:
    """A case that may win: the tiers it is a candidate of, and its scores in them."""

    case: str
    tiers: frozenset[int]
    scores: Mapping[int, Number]
    satisfies: bool


def select(selection: Selection, outcomes: Sequence[Outcome]) -> SelectionResult:
    """Run a selection over worked-out cases.

    The base of a share quota is a field that every case gives alike, or the number of candidates.
    """
    candidacies = [_candidacy(selection, outcome) for outcome in outcomes]
    open_ = tuple(
        outcome.case.id
        for outcome, candidacy in zip(outcomes, candidacies, strict=True)
        if candidacy is None
    )
    runners = [each for each in candidacies if each is not None and each.tiers]
    places = [
        _places(tier.quota, index, runners, outcomes) for index, tier in enumerate(selection.tiers)
    ]
    names = [tier.name for tier in selection.tiers]
    if open_:
        return SelectionResult(selection, (), open_, dict(zip(names, places, strict=True)), {})
    ranked = {
        index: _ranked(tier, index, runners, outcomes) for index, tier in enumerate(selection.tiers)
    }
    won = _winners(selection, runners, ranked, places)
    return SelectionResult(
        selection,
        tuple(_entry(outcome, selection, runners, ranked, won) for outcome in outcomes),
        (),
        dict(zip(names, places, strict=True)),
        {
            name: place - sum(tier == index for tier in won.values())
            for index, (name, place) in enumerate(zip(names, places, strict=True))
        },
    )


def run_contest(engine: Engine, golden: GoldenContest) -> SelectionResult:
    """Run the selection of a golden contest over its cases."""
    selection = next(each for each in engine.policy.selections if each.name == golden.selection)
    return select(selection, [simulate(engine, place.case) for place in golden.places])


def misplaced(golden: GoldenContest, result: SelectionResult) -> tuple[Misplaced, ...]:
    """The cases of a golden contest that came out otherwise than expected."""
    won = {entry.case: entry.tier or "" for entry in result.entries}
    return tuple(
        Misplaced(place, won.get(place.case.id))
        for place in golden.places
        if place.tier is not None and place.tier != won.get(place.case.id)
    )


# --- candidates and places ------------------------------------------------------------------------


def _candidacy(selection: Selection, outcome: Outcome) -> _Runner | None:
    """The tiers that a case runs for; None when that, or a score, is unknown."""
    worked = outcome.worked
    scores: dict[int, Number] = {}
    for index, tier in enumerate(selection.tiers):
        candidate: Truth = worked.truth(tier.candidate)
        if candidate is NO:
            continue
        score = worked.value(tier.ranking)
        if candidate is UNKNOWN or score is None or isinstance(score, Range):
            return None
        scores[index] = cast(Number, score)
    constraint = next((tier.constraint for tier in selection.tiers if tier.constraint), None)
    satisfies = constraint is None or worked.truth(constraint.condition) is YES
    return _Runner(outcome.case.id, frozenset(scores), scores, satisfies)


def _places(
    quota: Quota, tier: int, runners: Sequence[_Runner], outcomes: Sequence[Outcome]
) -> int:
    if quota.places is not None:
        return quota.places
    base: Number = sum(tier in runner.tiers for runner in runners)
    if quota.base is not None:
        given = {outcome.worked.situation.facts.get(quota.base) for outcome in outcomes}
        values = [value for value in given if value is not None]
        if len(values) != 1 or isinstance(values[0], Range):
            return 0
        base = cast(Number, values[0])
    return round_fen(Fraction(base) * Fraction(quota.share or 0), quota.rounding)


def _ranked(
    tier: Tier, index: int, runners: Sequence[_Runner], outcomes: Sequence[Outcome]
) -> list[_Runner]:
    """The runners of a tier, best first; ties by the tie-break field, then by 编号."""
    facts = {outcome.case.id: outcome.worked.situation.facts for outcome in outcomes}

    def key(runner: _Runner) -> tuple[Number, Number, str]:
        return (
            -runner.scores[index],
            -_tie_value(facts[runner.case].get(tier.tie_break)),
            runner.case,
        )

    return sorted((runner for runner in runners if index in runner.tiers), key=key)


def _tie_value(value: Value | None) -> Number:
    return value if isinstance(value, int | Fraction) else 0


# --- winners --------------------------------------------------------------------------------------


def _winners(
    selection: Selection,
    runners: Sequence[_Runner],
    ranked: Mapping[int, list[_Runner]],
    places: Sequence[int],
) -> dict[str, int]:
    """The tier that each winner wins."""
    constraints = {tier.constraint for tier in selection.tiers if tier.constraint is not None}
    overall = any(each.scope is ConstraintScope.ALL_TIERS for each in constraints)
    rounds = [range(len(places))] if overall else [range(i, i + 1) for i in range(len(places))]
    won: dict[str, int] = {}
    for tiers in rounds:
        share = next(
            (Fraction(c.share) for i in tiers if (c := selection.tiers[i].constraint) is not None),
            Fraction(0),
        )
        left = [runner for runner in runners if runner.case not in won]
        won |= _fill(left, {tier: places[tier] for tier in tiers}, ranked, share)
    return won


def _fill(
    runners: list[_Runner],
    places: dict[int, int],
    ranked: Mapping[int, list[_Runner]],
    share: Fraction,
) -> dict[str, int]:
    """Fill places tier by tier, best first, keeping the greatest number of winners in reach."""
    target = _most_winners(runners, places, share)
    others_allowed = int(target * (1 - share))
    left = {runner.case: runner for runner in runners}
    won: dict[str, int] = {}
    for tier in list(places):
        for runner in ranked[tier]:
            if runner.case not in left or not places[tier]:
                continue
            rest = [each for name, each in left.items() if name != runner.case]
            fewer = places | {tier: places[tier] - 1}
            allowed = others_allowed - (not runner.satisfies)
            if allowed >= 0 and _in_reach(rest, fewer, target - len(won) - 1, allowed):
                won[runner.case] = tier
                places, others_allowed = fewer, allowed
                del left[runner.case]
    return won


def _most_winners(runners: list[_Runner], places: Mapping[int, int], share: Fraction) -> int:
    for count in range(_matched(runners, places), 0, -1):
        if _in_reach(runners, places, count, int(count * (1 - share))):
            return count
    return 0


def _in_reach(
    runners: list[_Runner], places: Mapping[int, int], count: int, others_allowed: int
) -> bool:
    """Whether ``count`` more can win, at most ``others_allowed`` of them off the constraint."""
    if count > _matched(runners, places):
        return False
    on = _matched([runner for runner in runners if runner.satisfies], places)
    off = _matched([runner for runner in runners if not runner.satisfies], places)
    return max(0, count - on) <= min(off, others_allowed)


def _matched(runners: list[_Runner], places: Mapping[int, int]) -> int:
    """The most runners that can have a place at once: the least cut (P. Hall, 1935)."""
    wanted = Counter(runner.tiers.intersection(places) for runner in runners)
    subsets = chain.from_iterable(combinations(places, size) for size in range(len(places) + 1))
    return min(
        sum(places[tier] for tier in subset)
        + sum(count for tiers, count in wanted.items() if not tiers <= frozenset(subset))
        for subset in subsets
    )


def _entry(
    outcome: Outcome,
    selection: Selection,
    runners: Sequence[_Runner],
    ranked: Mapping[int, list[_Runner]],
    won: Mapping[str, int],
) -> Entry:
    case = outcome.case.id
    runner = next((each for each in runners if each.case == case), None)
    if runner is None:
        return Entry(case, None, Standing.NO_CANDIDATE, None)
    tier = won.get(case)
    last = max(runner.tiers) if tier is None else tier
    score = runner.scores[last]
    tied = any(
        other.case != case and other.scores[last] == score and won.get(other.case) != tier
        for other in ranked[last]
    )
    if tier is not None:
        return Entry(case, selection.tiers[tier].name, Standing.WON, score, tied)
    behind = [other for other in ranked[last] if won.get(other.case) == last]
    position = ranked[last].index(runner)
    passed = any(ranked[last].index(other) > position for other in behind)
    return Entry(case, None, Standing.SHARE if passed else Standing.OUTRANKED, score, tied)
