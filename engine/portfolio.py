"""Many projects under one policy: what each may receive, and what that adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.cases import Case
from engine.expectations import kind_of, spell
from engine.model import Policy
from engine.outcome import Amount, Certainty, Granted, Outcome, Verdict
from engine.simulate import Engine, simulate
from engine.values import Bound, plus


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
    """One measure on one project: the key of its verdict, the verdict as in 用例, its worth."""

    kind: str
    text: str
    worth: Money | None


@dataclass(frozen=True, slots=True)
class ProjectResult:
    """One project: its total, and each measure by its id."""

    case: Case
    total: Money
    measures: Mapping[str, MeasureResult]

    @property
    def counts(self) -> Counter[str]:
        """How many measures there are of each verdict."""
        return Counter(each.kind for each in self.measures.values())


@dataclass(frozen=True, slots=True)
class MeasureTotal:
    """One measure over all projects: how many there are of each verdict, and the money."""

    measure: str
    name: str
    beneficiary: str
    counts: Counter[str]
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
    return ProjectResult(
        case,
        money_of(outcome),
        {
            each.measure.id: MeasureResult(
                kind_of(each.verdict),
                spell(each.verdict),
                worth_of(each.verdict, outcome.kept.get(each.measure.id)),
            )
            for each in outcome.measures
        },
    )


def add_up(policy: Policy, projects: Iterable[ProjectResult]) -> PortfolioTotals:
    """Add up what projects may receive."""
    projects = tuple(projects)
    measures = tuple(
        MeasureTotal(
            each.id,
            each.name,
            each.beneficiary,
            Counter(project.measures[each.id].kind for project in projects),
            sum(
                (
                    worth
                    for project in projects
                    if (worth := project.measures[each.id].worth) is not None
                ),
                Money(),
            ),
        )
        for each in policy.measures
    )
    counts: Counter[str] = sum((each.counts for each in measures), Counter())
    return PortfolioTotals(sum((each.total for each in projects), Money()), measures, counts)


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
