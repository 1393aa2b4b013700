"""Many projects under one policy: what each may receive, and what that adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from engine.cases import Case
from engine.expectations import kind_of, spell
from engine.model import Policy
from engine.outcome import (
    Amount,
    Certainty,
    Granted,
    Outcome,
    Referred,
    Undecided,
    Undetermined,
    Verdict,
)
from engine.repair import repairs_of
from engine.selection import Entrant, SelectionResult, enter, select_among
from engine.simulate import Engine, simulate
from engine.values import Bound, plus

NEAR = "near"


@dataclass(frozen=True, slots=True)
class Money:
    """From ``low`` to ``high`` fen, of which ``certain`` is definite.

    ``at_stake`` is what all that is still open could add at most.
    """

    low: Bound = 0
    high: Bound = 0
    certain: Bound = 0
    at_stake: Bound = 0

    def __add__(self, other: Money) -> Money:
        return Money(
            plus(self.low, other.low),
            plus(self.high, other.high),
            plus(self.certain, other.certain),
            plus(self.at_stake, other.at_stake),
        )


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """One measure on one project: the key of its verdict, the verdict as in 用例, its worth.

    ``at_stake`` is what it could come to at most, by itself, where it is open; ``near``: it is
    refused, but 差一点.
    """

    kind: str
    text: str
    worth: Money | None
    at_stake: Bound = 0
    near: bool = False

    @property
    def shelf(self) -> str:
        """The key of what it is counted as: a near miss is no plain refusal."""
        return NEAR if self.near else self.kind


@dataclass(frozen=True, slots=True)
class ProjectResult:
    """One project: its total, each measure by its id, how it enters each selection, in order."""

    case: Case
    total: Money
    measures: Mapping[str, MeasureResult]
    entrants: tuple[Entrant, ...] = ()

    @property
    def counts(self) -> Counter[str]:
        """How many measures there are of each shelf."""
        return Counter(each.shelf for each in self.measures.values())


@dataclass(frozen=True, slots=True)
class MeasureTotal:
    """One measure over all projects: how many there are of each shelf, and the money.

    What is at stake is of each project by itself: of measures that exclude each other only one can
    be had, so that the sum over measures may be more than there is.
    """

    measure: str
    name: str
    beneficiary: str
    counts: Counter[str]
    money: Money


@dataclass(frozen=True, slots=True)
class VerdictTotal:
    """One shelf over all projects and measures: how many there are, and the money.

    What is at stake is of each measure by itself, as in ``MeasureTotal``.
    """

    kind: str
    count: int
    money: Money


@dataclass(frozen=True, slots=True)
class ValueTotal:
    """The projects that have one value in common (None: not given)."""

    value: str | None
    count: int
    money: Money


@dataclass(frozen=True, slots=True)
class PortfolioTotals:
    """All projects together."""

    money: Money
    measures: tuple[MeasureTotal, ...]
    counts: Counter[str]


def work_out(engine: Engine, case: Case) -> ProjectResult:
    """What one project may receive."""
    outcome = simulate(engine, case)
    repairs = repairs_of(outcome)
    return ProjectResult(
        case,
        money_of(outcome),
        {
            each.measure.id: MeasureResult(
                kind_of(each.verdict),
                spell(each.verdict),
                worth_of(each.verdict, outcome.kept.get(each.measure.id)),
                _stake_of(each.verdict),
                (repair := repairs.get(each.measure.id)) is not None and repair.near,
            )
            for each in outcome.measures
        },
        tuple(enter(selection, outcome) for selection in engine.policy.selections),
    )


def add_up(policy: Policy, projects: Iterable[ProjectResult]) -> PortfolioTotals:
    """Add up what projects may receive."""
    projects = tuple(projects)
    measures = tuple(
        MeasureTotal(
            each.id,
            each.name,
            each.beneficiary,
            Counter(project.measures[each.id].shelf for project in projects),
            _sum(project.measures[each.id] for project in projects),
        )
        for each in policy.measures
    )
    counts: Counter[str] = Counter()
    for each in measures:
        counts.update(each.counts)
    return PortfolioTotals(sum((each.total for each in projects), Money()), measures, counts)


def add_up_verdicts(projects: Iterable[ProjectResult]) -> Mapping[str, VerdictTotal]:
    """Add up by shelf, each under its key."""
    alike: dict[str, list[MeasureResult]] = {}
    for project in projects:
        for each in project.measures.values():
            alike.setdefault(each.shelf, []).append(each)
    return {kind: VerdictTotal(kind, len(each), _sum(each)) for kind, each in alike.items()}


def add_up_by(
    value_of: Callable[[ProjectResult], str | None], projects: Iterable[ProjectResult]
) -> tuple[ValueTotal, ...]:
    """Add up by a value of each project: the most money first, those without the value last."""
    groups: dict[str | None, list[ProjectResult]] = {}
    for project in projects:
        groups.setdefault(value_of(project), []).append(project)
    totals = (
        ValueTotal(value, len(group), sum((each.total for each in group), Money()))
        for value, group in groups.items()
    )
    return tuple(
        sorted(
            totals,
            key=lambda each: (
                each.value is None,
                -each.money.high,
                -each.money.at_stake,
                -each.count,
            ),
        )
    )


def run_selections(
    policy: Policy, projects: Iterable[ProjectResult]
) -> tuple[SelectionResult, ...]:
    """Run every selection of a policy over the projects of one list."""
    projects = tuple(projects)
    return tuple(
        select_among(selection, [each.entrants[number] for each in projects])
        for number, selection in enumerate(policy.selections)
    )


def _sum(results: Iterable[MeasureResult]) -> Money:
    """What is granted together, and what is at stake."""
    money = Money()
    for each in results:
        if each.worth is not None:
            money += each.worth
        if each.at_stake:
            money += Money(at_stake=each.at_stake)
    return money


def _stake_of(verdict: Verdict) -> Bound:
    match verdict:
        case Undetermined(amount=amount) | Referred(amount=amount) | Undecided(amount=amount):
            return 0 if amount.high is None else amount.high
        case _:
            return 0


def money_of(outcome: Outcome) -> Money:
    """The total of a project."""
    total = outcome.total
    return Money(total.low, total.high, total.certain, total.at_stake)


def worth_of(verdict: Verdict, kept: Bound | None = None) -> Money | None:
    """What a granted measure comes to; None for any other verdict.

    ``kept`` is what stays of it whatever becomes of open members of its group.
    """
    match verdict:
        case Granted(amount=Amount(low=low, high=high, certainty=certainty)):
            if low is None or high is None:
                return Money()
            sure = low if kept is None else kept
            return Money(low, high, sure if certainty is Certainty.DEFINITE else 0)
        case _:
            return None
