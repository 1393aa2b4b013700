"""Running the golden cases of a workbook, and which rules they reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.agenda.program import Kind
from engine.cases import GoldenCase, GoldenContest
from engine.expectations import Unmet, unmet
from engine.model import Rule
from engine.outcome import Outcome
from engine.selection import Misplaced, SelectionResult, misplaced, run_contest
from engine.simulate import Engine, simulate


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A golden case, what came out, and the expectations that were not met."""

    golden: GoldenCase
    outcome: Outcome
    unmet: tuple[Unmet, ...]

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return not self.unmet


def run_cases(engine: Engine, cases: Iterable[GoldenCase]) -> Iterator[CaseResult]:
    """Simulate golden cases one after the other."""
    for golden in cases:
        outcome = simulate(engine, golden.case)
        yield CaseResult(golden, outcome, unmet(golden, outcome))


@dataclass(frozen=True, slots=True)
class ContestResult:
    """A golden contest, its result, and the cases that came out otherwise than expected."""

    golden: GoldenContest
    result: SelectionResult
    misplaced: tuple[Misplaced, ...]

    @property
    def passed(self) -> bool:
        """Whether every case won what was expected."""
        return not self.misplaced


def run_contests(engine: Engine, contests: Iterable[GoldenContest]) -> Iterator[ContestResult]:
    """Run golden contests one after the other."""
    for golden in contests:
        result = run_contest(engine, golden)
        yield ContestResult(golden, result, misplaced(golden, result))


def fired_rules(outcome: Outcome) -> frozenset[str]:
    """The ids of the rules that fired."""
    program = outcome.worked.program
    return frozenset(
        program.rows[rule.subject].rule.id
        for number in outcome.log
        if (rule := program.rules[number]).kind is Kind.ROW
    )


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many rules there are, and those that no case made fire, in the order of the workbook."""

    rules: int
    never: tuple[Rule, ...]

    @property
    def fired(self) -> int:
        """How many rules fired at least once."""
        return self.rules - len(self.never)


def coverage(engine: Engine, results: Iterable[CaseResult]) -> Coverage:
    """Which rules the cases reached."""
    fired = {name for result in results for name in fired_rules(result.outcome)}
    rules = [rule for table in engine.policy.tables for rule in table.rules]
    return Coverage(len(rules), tuple(rule for rule in rules if rule.id not in fired))
