"""What a grant is worth, step by step: benefit, floor, all caps, and then the one rounding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import partial
from typing import NamedTuple, TypeAlias, assert_never, cast

from engine.dependencies import grant_expressions
from engine.expressions import Expression, Literal
from engine.model import (
    Allowance,
    ByRegulation,
    Ceiling,
    Combination,
    Definite,
    Discretionary,
    Grant,
    NonMonetary,
    Spread,
    Term,
    TopUp,
    Uplift,
)
from engine.outcome import Amount, Certainty
from engine.possible import limits
from engine.truth import NO, UNKNOWN, YES, Truth
from engine.values import (
    INFINITY,
    Bound,
    Number,
    Range,
    add,
    greatest,
    high_of,
    least,
    low_of,
    multiply,
    plus,
    round_bound,
    subtract,
    total,
)
from engine.worked import Worked, is_open


class StepKind(StrEnum):
    """What a step of an amount does."""

    BASE = "base"
    FLOOR = "floor"
    CAP = "cap"
    RECEIVED = "received"
    UPLIFT = "uplift"
    YEARLY_CAP = "yearly_cap"
    CUMULATIVE_CAP = "cumulative_cap"
    ROUNDING = "rounding"


class AmountStep(NamedTuple):
    """One step of an amount: the expression that acts, its own worth, and the amount after it.

    The worth of an uplift is what it adds, that of an allowance what is left of it after what was
    ``received``.
    """

    kind: StepKind
    expression: Expression | None
    operand_low: Bound
    operand_high: Bound
    low: Bound
    high: Bound
    received: Expression | None = None


Adjust: TypeAlias = Callable[[Bound, Bound], AmountStep]
"""What makes a step of both ends of an amount."""


class Worth(NamedTuple):
    """What a grant comes to, and how; an amount without a number takes no steps."""

    amount: Amount
    steps: tuple[AmountStep, ...]


def is_settled(grant: Grant, worked: Worked) -> bool:
    """Whether every amount in a grant is known, and known to the point."""
    return is_lasting(grant, worked) or not any(
        is_open(worked.value(node)) for node in grant_expressions(grant)
    )


def is_lasting(grant: Grant, worked: Worked) -> bool:
    """Whether a grant is worth the same in every case; known once its amount was asked for."""
    return id(grant) in worked.notes.amounts


def amount_of(grant: Grant, worked: Worked) -> Amount:
    """From the least to the most that a grant may be worth in this case, in fen.

    Missing operands stand at their least and at their most.
    """
    return worth_of(grant, worked).amount


def worth_of(grant: Grant, worked: Worked) -> Worth:
    """What a grant is worth in this case, with the steps that lead there."""
    key, lasting = id(grant), worked.notes.amounts
    known = lasting.get(key) or worked.amounts.get(key)
    if known is not None:
        return cast(Worth, known)
    worth = _work_out(grant, worked)
    worked.amounts[key] = worth
    if all(isinstance(node, Literal) for node in grant_expressions(grant)):
        lasting[key] = worth
    return worth


def same_worth(one: Grant, other: Grant, worked: Worked) -> Truth:
    """Whether two grants of one measure come to the same; unknown while an amount is open."""
    if one == other:
        return YES
    if type(one.benefit) is not type(other.benefit):
        return NO
    worth, other_worth = amount_of(one, worked), amount_of(other, worked)
    if is_settled(one, worked) and is_settled(other, worked):
        return (worth.low, worth.high) == (other_worth.low, other_worth.high)
    apart = high_end(worth) < low_end(other_worth) or high_end(other_worth) < low_end(worth)
    return NO if apart else UNKNOWN


def _work_out(grant: Grant, worked: Worked) -> Worth:
    certainty = certainty_of(grant)
    if certainty in (Certainty.BY_REGULATION, Certainty.NONE):
        return Worth(Amount(None, None, certainty), ())
    steps = _first_steps(grant, worked)
    low, high = (steps[-1].low, steps[-1].high) if steps else (0, INFINITY)
    for adjust in _adjustments(grant, worked):
        steps.append(adjust(low, high))
        low, high = steps[-1].low, steps[-1].high
    rounding = worked.program.policy.rounding
    rounded_low, rounded_high = (round_bound(max(0, end), rounding) for end in (low, high))
    if (rounded_low, rounded_high) != (low, high):
        steps.append(AmountStep(StepKind.ROUNDING, None, low, high, rounded_low, rounded_high))
    return Worth(between(rounded_low, rounded_high, certainty), tuple(steps))


def _adjustments(grant: Grant, worked: Worked) -> Iterator[Adjust]:
    """What becomes of the benefit, in order."""
    uplift = grant.uplift
    if grant.floor is not None:
        yield partial(_bounded, StepKind.FLOOR, grant.floor, worked)
    if uplift is not None and not uplift.after_caps:
        yield partial(_uplifted, uplift, worked)
    for cap in grant.caps:
        yield partial(_bounded, StepKind.CAP, cap, worked)
    if uplift is not None and uplift.after_caps:
        yield partial(_uplifted, uplift, worked)
    for allowance in grant.allowances:
        yield partial(_allowed, allowance, worked)


def _bounded(
    kind: StepKind, bound: Expression, worked: Worked, low: Bound, high: Bound
) -> AmountStep:
    own = limits(bound, worked)
    pick = max if kind is StepKind.FLOOR else min
    ends = pick(low, low_of(own)), pick(high, high_of(own))
    return AmountStep(kind, bound, low_of(own), high_of(own), *ends)


def _uplifted(uplift: Uplift, worked: Worked, low: Bound, high: Bound) -> AmountStep:
    factor = greatest([0, add(1, limits(uplift.rate, worked))])
    after = multiply(Range(low, high), factor)
    ends = low_of(after), high_of(after)
    added_low, added_high = (
        0 if was == end else plus(end, -was) for was, end in zip((low, high), ends, strict=True)
    )
    return AmountStep(StepKind.UPLIFT, uplift.rate, added_low, added_high, *ends)


_TERMS = {Term.YEAR: StepKind.YEARLY_CAP, Term.ALL: StepKind.CUMULATIVE_CAP}


def _allowed(allowance: Allowance, worked: Worked, low: Bound, high: Bound) -> AmountStep:
    left = left_of(allowance.limit, allowance.received, worked)
    ends = min(low, low_of(left)), min(high, high_of(left))
    own = low_of(left), high_of(left)
    return AmountStep(_TERMS[allowance.term], allowance.limit, *own, *ends, allowance.received)


def left_of(limit: Expression, received: Expression, worked: Worked) -> Number | Range:
    """What is left of a limit after what was received; neither is less than nothing."""
    taken = greatest([0, limits(received, worked)])
    return greatest([0, subtract(limits(limit, worked), taken)])


def _first_steps(grant: Grant, worked: Worked) -> list[AmountStep]:
    """What the benefit itself gives; nothing to show for one that a person decides freely."""
    match grant.benefit:
        case Definite(amount=base):
            value = limits(base, worked)
            low, high = low_of(value), high_of(value)
            return [AmountStep(StepKind.BASE, base, low, high, low, high)]
        case Spread(low=lowest, high=highest):
            ends = [limits(lowest, worked), limits(highest, worked)]
            low, high = low_of(least(ends)), high_of(greatest(ends))
            return [AmountStep(StepKind.BASE, lowest, low, high, low, high)]
        case TopUp(target=target, received=received):
            value, left = limits(target, worked), left_of(target, received, worked)
            taken = limits(received, worked)
            low, high = low_of(value), high_of(value)
            return [
                AmountStep(StepKind.BASE, target, low, high, low, high),
                AmountStep(
                    StepKind.RECEIVED,
                    received,
                    low_of(taken),
                    high_of(taken),
                    low_of(left),
                    high_of(left),
                ),
            ]
        case Ceiling(amount=most):
            return [_up_to(most, worked)]
        case Discretionary(ceiling=most) if most is not None:
            return [_up_to(most, worked)]
        case _:
            return []


def _up_to(most: Expression, worked: Worked) -> AmountStep:
    high = high_of(limits(most, worked))
    return AmountStep(StepKind.BASE, most, high, high, 0, max(0, high))


def between(low: Bound, high: Bound, certainty: Certainty) -> Amount:
    """Make an amount: definite when its ends are the same, unless a person decides it."""
    if certainty is not Certainty.DISCRETIONARY:
        if low == high:
            certainty = Certainty.DEFINITE
        elif certainty is Certainty.DEFINITE:
            certainty = Certainty.INTERVAL
    return Amount(low, high, certainty)


def certainty_of(grant: Grant) -> Certainty:
    """What kind of amount a grant names."""
    match grant.benefit:
        case Definite() | TopUp():
            return Certainty.DEFINITE
        case Ceiling():
            return Certainty.CEILING
        case Spread():
            return Certainty.INTERVAL
        case Discretionary():
            return Certainty.DISCRETIONARY
        case ByRegulation():
            return Certainty.BY_REGULATION
        case NonMonetary():
            return Certainty.NONE
        case _:
            assert_never(grant.benefit)


class RowAmount(NamedTuple):
    """What a row may be worth; ``settled`` when no operand is open."""

    amount: Amount
    settled: bool


def combine(rows: Sequence[RowAmount], combination: Combination) -> Amount:
    """Make one amount of those of several rows: their sum, or the one that may be highest."""
    countable = [row for row in rows if row.amount.counts]
    if not countable:
        return rows[0].amount
    match combination:
        case Combination.SUM:
            return add_up([row.amount for row in countable])
        case Combination.HIGHEST:
            return _highest(countable)
        case _:
            assert_never(combination)


def _highest(rows: Sequence[RowAmount]) -> Amount:
    """What the highest of several amounts may be, whichever of the open ones it is."""
    top = max((row.amount for row in rows), key=by_worth)
    settled = [row.amount for row in rows if row.settled]
    open_ = [row.amount for row in rows if not row.settled]
    if not open_:
        return top
    sure = max([*map(high_end, settled), *map(low_end, open_)])
    able = [*([max(settled, key=by_worth)] if settled else ()), *open_]
    low = min(low_end(amount) for amount in able if high_end(amount) >= sure)
    return between(low, high_end(top), top.certainty)


def add_up(amounts: Sequence[Amount]) -> Amount:
    """Add amounts that have numbers, end by end."""
    kinds = {amount.certainty for amount in amounts}
    if len(kinds) == 1:
        certainty = kinds.pop()
    elif Certainty.DISCRETIONARY in kinds:
        certainty = Certainty.DISCRETIONARY
    else:
        certainty = Certainty.INTERVAL
    return between(total(map(low_end, amounts)), total(map(high_end, amounts)), certainty)


def by_ceiling(amount: Amount) -> tuple[Bound, Bound]:
    """The order of amounts by their upper, then by their lower end."""
    return high_end(amount), low_end(amount)


_SURER = (
    Certainty.DISCRETIONARY,
    Certainty.CEILING,
    Certainty.INTERVAL,
    Certainty.DEFINITE,
)


def by_worth(amount: Amount) -> tuple[Bound, Bound, int]:
    """The order of countable amounts by their ends, the upper first; then by how sure they are."""
    return high_end(amount), low_end(amount), _SURER.index(amount.certainty)


def low_end(amount: Amount) -> Bound:
    """The lower end; 0 for what has no number."""
    return 0 if amount.low is None else amount.low


def high_end(amount: Amount) -> Bound:
    """The upper end; 0 for what has no number."""
    return 0 if amount.high is None else amount.high
