"""Selections over many cases: quotas, rankings, share constraints.

Most winners first, then the lexicographically best ranks, tier by tier. Which candidates can win
together is a matter of matching them with places; such sets form a transversal matroid, so a share
constraint can be met exactly when enough can win at all, and enough of those who count for it
(matroid intersection; J. Edmonds, 1970).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from typing import TypeAlias, cast

from engine.cases import ExpectedPlace, GoldenContest
from engine.expressions import Expression
from engine.model import ByCaseNumber, Quota, Selection, ShareConstraint, Tier
from engine.outcome import Outcome
from engine.seating import Kind, give, nobody_seated, seat
from engine.simulate import Engine, simulate
from engine.truth import NO, UNKNOWN, YES
from engine.values import Number, round_fen
from engine.worked import is_open, missing_for_field, missing_inputs


class Standing(StrEnum):
    """Why a case is in or out."""

    WON = "won"
    NO_CANDIDATE = "no_candidate"
    OUTRANKED = "outranked"
    """Better ranks fill the places of its tiers."""
    SHARE = "share"
    """A place of its tiers went to a lower rank, or to nobody, so that the constraint holds."""


TieValue: TypeAlias = Number | str | None
"""What separates cases of the same score: a number, the case's own, or nothing that is known."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """What a selection asks of one case; the outcome that it was asked of is no longer needed.

    ``scores`` are those in the tiers that it is a candidate of, ``ties`` what separates it there
    from others of the same score, ``fitting`` the tiers whose constraint it satisfies (None: that
    of all tiers together). ``missing`` are the fields that leave it open whether it is a
    candidate, or with what score. ``bases`` are the bases of quotas that it gives, with the fields
    that are missing for them.
    """

    case: str
    scores: Mapping[int, Number]
    ties: Mapping[int, TieValue]
    fitting: frozenset[int | None]
    missing: tuple[str, ...] | None
    bases: Mapping[str, tuple[Number | None, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One case in the result: the tier it won, or why it did not; ``score`` ranked it.

    ``rank`` is its place among the candidates of ``ran_for``: the tier that it won, or else the
    last one that it is a candidate of; those who won an earlier tier are counted.

    ``tied``: of it and another with the same score only one won a tier, and the tie-break does not
    separate the two, because it is not stated, or the same for both, or missing for one.
    ``passed_over`` names the earlier tiers of a winner in which a place went to a lower rank, or to
    nobody, so that the constraint holds.
    """

    case: str
    tier: str | None
    standing: Standing
    score: Number | None
    tied: bool = False
    rank: int | None = None
    ran_for: str | None = None
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """What keeps a selection from running, and the fields that are missing for it.

    A case of which the candidacy or the score is unknown; None for the base of a quota, which no
    case gives, or which they give differently.
    """

    case: str | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SelectionResult:
    """The result of one selection.

    With anything ``open`` there is nothing else. ``places`` and ``shortfall`` count the places of
    each tier and those left empty.
    """

    selection: Selection
    entries: tuple[Entry, ...]
    open: tuple[Gap, ...]
    places: Mapping[str, int]
    shortfall: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A case that won otherwise: ``actual`` is "" for nothing, None where nothing is decided."""

    expected: ExpectedPlace
    actual: str | None


def select(selection: Selection, outcomes: Sequence[Outcome]) -> SelectionResult:
    """Run a selection over worked-out cases.

    Raises:
        ValueError: a constraint over all tiers stands beside one of a single tier.
    """
    return select_among(selection, [enter(selection, outcome) for outcome in outcomes])


def enter(selection: Selection, outcome: Outcome) -> Entrant:
    """What a selection asks of a case."""
    worked = outcome.worked
    scores: dict[int, Number] = {}
    unknown: list[Expression] = []
    for index, tier in enumerate(selection.tiers):
        candidate = worked.truth(tier.candidate)
        if candidate is NO:
            continue
        score = worked.value(tier.ranking)
        if candidate is UNKNOWN:
            unknown.append(tier.candidate)
        if is_open(score):
            unknown.append(tier.ranking)
        else:
            scores[index] = cast(Number, score)
    constraints = {None: selection.constraint} | {
        index: selection.tiers[index].constraint for index in scores
    }
    return Entrant(
        outcome.case.id,
        {} if unknown else scores,
        {index: _tie_value(outcome, selection.tiers[index]) for index in scores},
        frozenset(
            index
            for index, constraint in constraints.items()
            if constraint is None or worked.truth(constraint.condition) is YES
        ),
        tuple(missing_inputs(unknown, worked)) if unknown else None,
        {
            base: _base(base, outcome)
            for tier in selection.tiers
            if (base := tier.quota.base) is not None
        },
    )


def select_among(selection: Selection, entrants: Sequence[Entrant]) -> SelectionResult:
    """Run a selection over those who enter it.

    Raises:
        ValueError: a constraint over all tiers stands beside one of a single tier.
    """
    if selection.constraint and any(tier.constraint for tier in selection.tiers):
        raise ValueError(selection.name)
    gaps = [Gap(each.case, each.missing) for each in entrants if each.missing is not None]
    runners = [each for each in entrants if each.scores]
    quotas = {
        index: _places(tier.quota, sum(index in runner.scores for runner in runners), entrants)
        for index, tier in enumerate(selection.tiers)
    }
    open_ = [*gaps, *(each for each in quotas.values() if isinstance(each, Gap))]
    if open_:
        return SelectionResult(selection, (), tuple(dict.fromkeys(open_)), {}, {})
    places = {index: each for index, each in quotas.items() if isinstance(each, int)}
    ranked = {
        index: _ranked([runner for runner in runners if index in runner.scores], index)
        for index in range(len(selection.tiers))
    }
    won = _winners(selection, runners, ranked, places)
    left = {index: count - list(won.values()).count(index) for index, count in places.items()}
    return SelectionResult(
        selection,
        tuple(_entries(selection, entrants, ranked, won, left)),
        (),
        {selection.tiers[index].name: count for index, count in places.items()},
        {selection.tiers[index].name: count for index, count in left.items()},
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


def _base(field: str, outcome: Outcome) -> tuple[Number | None, tuple[str, ...]]:
    """The base of a quota as a case gives it (a range is an open one), and what is missing."""
    value = outcome.worked.situation.facts.get(field)
    return cast("Number | None", value), tuple(missing_for_field(field, outcome.worked))


def _places(quota: Quota, candidates: int, entrants: Sequence[Entrant]) -> int | Gap:
    """How many places a tier has.

    The base of a share is the number of candidates, or a field that all cases that give it give
    alike.
    """
    if quota.places is not None:
        return quota.places
    base: Number = candidates
    if quota.base is not None:
        values = {entrant.bases[quota.base][0] for entrant in entrants} - {None}
        given = values.pop() if len(values) == 1 else None
        if is_open(given):
            missing = [field for entrant in entrants for field in entrant.bases[quota.base][1]]
            return Gap(None, tuple(dict.fromkeys(missing)) or (quota.base,))
        base = cast(Number, given)
    return max(0, round_fen(Fraction(base) * Fraction(quota.share or 0), quota.rounding))


# --- ranks ----------------------------------------------------------------------------------------


def _ranked(runners: list[Entrant], index: int) -> list[Entrant]:
    """The runners of a tier, best first: by score, tie-break and number; the missing last."""

    def rank(runner: Entrant) -> tuple[Number, bool, Number, tuple[tuple[int, str], ...], str]:
        value = runner.ties[index]
        number = 0 if value is None or isinstance(value, str) else value
        return -runner.scores[index], value is None, -number, _in_order(runner.case), runner.case

    return sorted(runners, key=rank)


def _tie_value(outcome: Outcome, tier: Tier) -> TieValue:
    if tier.tie_break is None:
        return None
    if isinstance(tier.tie_break, ByCaseNumber):
        return outcome.case.id
    value = outcome.worked.value(tier.tie_break)
    return None if is_open(value) else cast(Number, value)


def _in_order(number: str) -> tuple[tuple[int, str], ...]:
    """A case number such that 项目9 stands before 项目10, however long its figures are."""
    parts = re.split(r"([0-9]+)", number)
    figures = (part.lstrip("0") if at % 2 else "" for at, part in enumerate(parts))
    return tuple((len(each), each or part) for each, part in zip(figures, parts, strict=True))


def _tied(
    selection: Selection, ranked: Mapping[int, list[Entrant]], won: Mapping[str, int]
) -> frozenset[str]:
    """The cases in a tie that the tie-break leaves, one of which won and the other did not."""
    found: set[str] = set()
    for index in range(len(selection.tiers)):
        running = [each for each in ranked[index] if won.get(each.case, index) >= index]
        for _, equals in groupby(running, key=lambda each: each.scores[index]):
            values = {each.case: each.ties[index] for each in equals}
            ins = {case: value for case, value in values.items() if won.get(case) == index}
            outs = {case: value for case, value in values.items() if case not in ins}
            for some, others in ((ins, outs), (outs, ins)):
                against = set(others.values())
                found |= {
                    case
                    for case, value in some.items()
                    if against and (value is None or value in against or None in against)
                }
    return frozenset(found)


# --- winners --------------------------------------------------------------------------------------


def _winners(
    selection: Selection,
    runners: Sequence[Entrant],
    ranked: Mapping[int, list[Entrant]],
    places: Mapping[int, int],
) -> dict[str, int]:
    """The tier that each winner wins: one tier after the other, or all of them at once."""
    if selection.constraint is not None:
        return _fill(runners, places, ranked, selection.constraint, None)
    won: dict[str, int] = {}
    for index, tier in enumerate(selection.tiers):
        left = [runner for runner in runners if runner.case not in won]
        won |= _fill(left, {index: places[index]}, ranked, tier.constraint, index)
    return won


def _fill(
    runners: Sequence[Entrant],
    places: Mapping[int, int],
    ranked: Mapping[int, list[Entrant]],
    constraint: ShareConstraint | None,
    scope: int | None,
) -> dict[str, int]:
    """Fill places tier by tier, best first, keeping the greatest number of winners in reach.

    That number can still be reached while enough can be seated, and enough of those who satisfy
    the constraint; a case of which that is unknown does not.
    """
    kinds = {each.case: frozenset(places.keys() & each.scores.keys()) for each in runners}
    satisfying = {each.case for each in runners if scope in each.fitting}
    share = Fraction(0 if constraint is None else constraint.share)
    room = sum(places.values())
    everyone = seat(nobody_seated(kinds.values(), places), room)
    fitting = seat(nobody_seated((kinds[case] for case in satisfying), places), room)
    winners = next(
        count
        for count in range(everyone.size, -1, -1)
        if count - int(count * (1 - share)) <= fitting.size
    )
    others = int(winners * (1 - share))
    won: dict[str, int] = {}
    for tier, left in places.items():
        refused: set[tuple[Kind, bool]] = set()
        for runner in ranked[tier]:
            case = runner.case
            fits = case in satisfying
            if left == 0 or len(won) == winners:
                break
            if case not in kinds or case in won or (kinds[case], fits) in refused:
                continue
            goal, allowed = winners - len(won) - 1, others - (not fits)
            everyone_else = seat(give(everyone, tier, kinds[case]), goal)
            fitting_else = seat(give(fitting, tier, kinds[case] if fits else None), goal - allowed)
            if allowed < 0 or everyone_else.size < goal or fitting_else.size < goal - allowed:
                refused.add((kinds[case], fits))
                continue
            won[case] = tier
            left -= 1
            everyone, fitting, others = everyone_else, fitting_else, allowed
    return won


def _entries(
    selection: Selection,
    entrants: Sequence[Entrant],
    ranked: Mapping[int, list[Entrant]],
    won: Mapping[str, int],
    left: Mapping[int, int],
) -> Iterator[Entry]:
    ranks = {
        (runner.case, index): rank
        for index, runners in ranked.items()
        for rank, runner in enumerate(runners, start=1)
    }
    passed_over: dict[str, list[int]] = {}
    for index, runners in ranked.items():
        behind = left[index] > 0
        for runner in reversed(runners):
            if won.get(runner.case) == index:
                behind = True
            elif behind:
                passed_over.setdefault(runner.case, []).append(index)
    tied = _tied(selection, ranked, won)
    for entrant in entrants:
        case, scores = entrant.case, entrant.scores
        if not scores:
            yield Entry(case, None, Standing.NO_CANDIDATE, None)
        elif case in won:
            tier = won[case]
            name = selection.tiers[tier].name
            rank = ranks[case, tier]
            before = [each for each in passed_over.get(case, ()) if each < tier]
            yield Entry(
                case,
                name,
                Standing.WON,
                scores[tier],
                case in tied,
                rank,
                name,
                tuple(selection.tiers[each].name for each in before),
            )
        else:
            why = Standing.SHARE if case in passed_over else Standing.OUTRANKED
            last = max(scores)
            name, rank = selection.tiers[last].name, ranks[case, last]
            yield Entry(case, None, why, scores[last], case in tied, rank, name)
