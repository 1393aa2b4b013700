"""The proof of a verdict: a tree from the measure down to the facts that were given.

Nodes hold nodes of the model, so that an explanation reaches the cell and the sentence of the
policy without a look-up. The tree is unfolded on demand from what the run left behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from engine.agenda.program import Kind
from engine.amounts import amount_of, is_settled
from engine.expressions import (
    AtLeast,
    Conjunction,
    Disjunction,
    Expression,
    Inverse,
)
from engine.model import (
    Ceiling,
    Definite,
    Discretionary,
    Field,
    Grant,
    Source,
    Spread,
)
from engine.outcome import Amount, MeasureOutcome, Outcome
from engine.possible import limits
from engine.tables import RowResult, TableResult
from engine.truth import NO, YES, Truth
from engine.values import Bound, Value, high_of, low_of, round_bound
from engine.verdicts import grant_of, rows_of
from engine.worked import Worked


class Origin(StrEnum):
    """Where the value of a field comes from."""

    REPORTED = "reported"
    JUDGED = "judged"
    BY_HAND = "by_hand"
    """Given by hand although a table derives it."""
    ASSUMED = "assumed"
    """Not given; the field declares what a missing value counts as."""
    MISSING = "missing"


class Given(NamedTuple):
    """A fact of the case."""

    field: Field
    value: Value | None
    origin: Origin


class Derived(NamedTuple):
    """A fact that a table derived, with the rules of that table."""

    field: Field
    value: Value | None
    result: TableResult
    rules: tuple[RuleProof, ...]


class Tested(NamedTuple):
    """One condition on some facts. ``muted``: another branch already decided."""

    expression: Expression
    truth: Truth
    facts: tuple[Given | Derived, ...]
    muted: bool


class Junction(StrEnum):
    """How the parts of a condition are joined."""

    ALL = "all"
    ANY = "any"
    NOT = "not"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class Joined:
    """A condition made of several; ``count`` is the k of 至少(k, …)."""

    junction: Junction
    expression: Expression
    truth: Truth
    parts: tuple[Tested | Joined, ...]
    muted: bool
    count: int = 0


ConditionProof: TypeAlias = Tested | Joined


class RuleProof(NamedTuple):
    """One row and its conditions; ``firing`` is its step in the agenda's log, from 1."""

    row: RowResult
    firing: int | None
    conditions: tuple[ConditionProof, ...]


class StepKind(StrEnum):
    """What a step of an amount does."""

    BASE = "base"
    FLOOR = "floor"
    CAP = "cap"
    ROUNDING = "rounding"


class AmountStep(NamedTuple):
    """One step of an amount: the expression that acts, its own worth, and the amount after it."""

    kind: StepKind
    expression: Expression | None
    operand_low: Bound
    operand_high: Bound
    low: Bound
    high: Bound


class AmountProof(NamedTuple):
    """How one row's amount comes about; ``exact`` when every operand is known."""

    row: RowResult
    steps: tuple[AmountStep, ...]
    amount: Amount
    exact: bool


class MeasureProof(NamedTuple):
    """Why a measure has its verdict: its rules, and the amounts of those that count."""

    outcome: MeasureOutcome
    rules: tuple[RuleProof, ...]
    amounts: tuple[AmountProof, ...]


def prove(outcome: Outcome, measure: MeasureOutcome) -> MeasureProof:
    """Unfold the proof of one measure."""
    return Unfolding(outcome).measure(measure)


def prove_all(outcome: Outcome) -> tuple[MeasureProof, ...]:
    """Unfold the proof of every measure; they share what they rest on."""
    return tuple(map(Unfolding(outcome).measure, outcome.measures))


def firing_steps(outcome: Outcome) -> dict[str, int]:
    """For each rule that fired, its step in the log, counted from 1."""
    program = outcome.worked.program
    return {
        program.rows[rule.subject].rule.id: step
        for step, number in enumerate(outcome.log, start=1)
        if (rule := program.rules[number]).kind is Kind.ROW
    }


class _Facts(dict[str, Given | Derived]):
    """The facts of one outcome, each unfolded when it is first asked for."""

    def __init__(self, unfolding: Unfolding) -> None:
        self._unfolding = unfolding

    def __missing__(self, name: str) -> Given | Derived:
        found = self[name] = self._unfolding.fact(name)
        return found


class Unfolding:
    """The proofs of one outcome; a fact on which many of them rest is unfolded once."""

    __slots__ = ("_facts", "_firings", "_worked")

    def __init__(self, outcome: Outcome) -> None:
        self._worked = outcome.worked
        self._firings = firing_steps(outcome)
        self._facts = _Facts(self)

    def measure(self, outcome: MeasureOutcome) -> MeasureProof:
        """Why a measure has its verdict."""
        rows = rows_of(outcome.measure, self._worked)
        return MeasureProof(
            outcome,
            tuple([self.rule(row) for row in rows]),
            tuple([_amount(row, self._worked) for row in rows if row.truth is not NO]),
        )

    def rule(self, row: RowResult) -> RuleProof:
        """A row with its conditions."""
        rule, facts = row.rule, self._facts
        conditions: list[ConditionProof] = []
        for (node, reads), truth in zip(self._worked.conditions(rule), row.cells, strict=True):
            if reads is None:
                conditions.append(self._condition(node, truth, muted=False))
            else:
                read = tuple([facts[name] for name in reads])
                conditions.append(Tested(node, truth, read, False))
        return RuleProof(row, self._firings.get(rule.id), tuple(conditions))

    def fact(self, name: str) -> Given | Derived:
        """What is known of a field, and where from."""
        worked = self._worked
        field = worked.program.fields[name]
        value = worked.situation.facts.get(name)
        given = worked.case.facts.get(name) is not None
        result = worked.deriving.get(name)
        if result is not None and not (given and field.source is Source.DERIVED_OR_REPORTED):
            return Derived(field, value, result, tuple(map(self.rule, result.rows)))
        if value is None:
            origin = Origin.MISSING
        elif not given:
            origin = Origin.ASSUMED
        elif field.source is Source.JUDGED:
            origin = Origin.JUDGED
        else:
            origin = Origin.BY_HAND if result is not None else Origin.REPORTED
        return Given(field, value, origin)

    def _condition(self, node: Expression, truth: Truth, *, muted: bool) -> ConditionProof:
        match node:
            case Conjunction(operands=parts):
                inside = self._parts(parts, truth, NO, muted=muted)
                return Joined(Junction.ALL, node, truth, inside, muted)
            case Disjunction(operands=parts):
                inside = self._parts(parts, truth, YES, muted=muted)
                return Joined(Junction.ANY, node, truth, inside, muted)
            case AtLeast(count=count, conditions=parts):
                inside = self._parts(parts, truth, YES, muted=muted)
                return Joined(Junction.AT_LEAST, node, truth, inside, muted, count)
            case Inverse(operand=operand):
                part = self._condition(operand, self._worked.truth(operand), muted=muted)
                return Joined(Junction.NOT, node, truth, (part,), muted)
            case _:
                facts = tuple([self._facts[name] for name in self._worked.reads(node)])
                return Tested(node, truth, facts, muted)

    def _parts(
        self, parts: tuple[Expression, ...], whole: Truth, deciding: Truth, *, muted: bool
    ) -> tuple[ConditionProof, ...]:
        """The parts; where one decides for all, those that do not are muted."""
        truths = map(self._worked.truth, parts)
        return tuple(
            [
                self._condition(
                    part,
                    truth,
                    muted=muted or (whole is deciding and truth is not deciding),
                )
                for part, truth in zip(parts, truths, strict=True)
            ]
        )


def _amount(row: RowResult, worked: Worked) -> AmountProof:
    grant = grant_of(row)
    amount = amount_of(grant, worked)
    steps = tuple(_steps(grant, worked)) if amount.counts else ()
    return AmountProof(row, steps, amount, is_settled(grant, worked))


def _steps(grant: Grant, worked: Worked) -> list[AmountStep]:
    match grant.benefit:
        case Definite(amount=base):
            value = limits(base, worked)
            low, high = low_of(value), high_of(value)
            steps = [AmountStep(StepKind.BASE, base, low, high, low, high)]
        case Ceiling(amount=base):
            high = high_of(limits(base, worked))
            low = 0
            steps = [AmountStep(StepKind.BASE, base, high, high, low, high)]
        case Spread(low=lowest, high=highest):
            low, high = low_of(limits(lowest, worked)), high_of(limits(highest, worked))
            steps = [AmountStep(StepKind.BASE, lowest, low, high, low, high)]
        case Discretionary(ceiling=ceiling) if ceiling is not None:
            high = high_of(limits(ceiling, worked))
            low = 0
            steps = [AmountStep(StepKind.BASE, ceiling, high, high, low, high)]
        case _:
            return []
    bounding = [] if grant.floor is None else [(StepKind.FLOOR, grant.floor)]
    bounding += [(StepKind.CAP, cap) for cap in grant.caps]
    for kind, expression in bounding:
        bound = limits(expression, worked)
        own_low, own_high = low_of(bound), high_of(bound)
        pick = max if kind is StepKind.FLOOR else min
        low, high = pick(low, own_low), pick(high, own_high)
        steps.append(AmountStep(kind, expression, own_low, own_high, low, high))
    rounding = worked.program.policy.rounding
    rounded = [round_bound(max(0, end), rounding) for end in (low, high)]
    if rounded != [low, high]:
        steps.append(AmountStep(StepKind.ROUNDING, None, low, high, rounded[0], rounded[1]))
    return steps
