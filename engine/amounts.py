"""What a grant is worth: benefit, then floor, then all caps, then the one rounding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never, cast

from engine.dependencies import grant_expressions
from engine.expressions import Expression, Literal
from engine.model import (
    ByRegulation,
    Ceiling,
    Combination,
    Definite,
    Discretionary,
    Grant,
    NonMonetary,
    Spread,
)
from engine.outcome import Amount, Certainty
from engine.possible import limits
from engine.truth import NO, UNKNOWN, YES, Truth
from engine.values import INFINITY, Bound, Number, Range, high_of, low_of, round_bound, total
from engine.worked import Worked, is_open


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
    key, lasting = id(grant), worked.notes.amounts
    known = lasting.get(key) or worked.amounts.get(key)
    if known is not None:
        return cast(Amount, known)
    amount = _work_out(grant, worked)
    worked.amounts[key] = amount
    if all(isinstance(node, Literal) for node in grant_expressions(grant)):
        lasting[key] = amount
    return amount


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


def _work_out(grant: Grant, worked: Worked) -> Amount:
    certainty = certainty_of(grant)
    ends = _benefit_ends(grant, worked)
    if ends is None:
        return Amount(None, None, certainty)
    low, high = ends
    if grant.floor is not None:
        floor = limits(grant.floor, worked)
        low, high = max(low, low_of(floor)), max(high, high_of(floor))
    for cap_expression in grant.caps:
        cap = limits(cap_expression, worked)
        low, high = min(low, low_of(cap)), min(high, high_of(cap))
    rounding = worked.program.policy.rounding
    low, high = (round_bound(max(0, end), rounding) for end in (low, high))
    return between(low, high, certainty)


def between(low: Bound, high: Bound, certainty: Certainty) -> Amount:
    """Make an amount; a definite one whose ends differ is an interval."""
    if certainty is Certainty.DEFINITE and low != high:
        certainty = Certainty.INTERVAL
    return Amount(low, high, certainty)


def certainty_of(grant: Grant) -> Certainty:
    """What kind of amount a grant names."""
    match grant.benefit:
        case Definite():
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


def combine(amounts: Sequence[Amount], combination: Combination) -> Amount:
    """Make one amount of those of several rows: their sum, or the one that may be highest."""
    countable = [amount for amount in amounts if amount.counts]
    if not countable:
        return amounts[0]
    match combination:
        case Combination.SUM:
            return add_up(countable)
        case Combination.HIGHEST:
            return max(countable, key=by_ceiling)
        case _:
            assert_never(combination)


def add_up(amounts: Sequence[Amount]) -> Amount:
    """Add amounts that have numbers, end by end."""
    kinds = {amount.certainty for amount in amounts}
    if len(kinds) == 1:
        certainty = kinds.pop()
    elif Certainty.DISCRETIONARY in kinds:
        certainty = Certainty.DISCRETIONARY
    else:
        certainty = Certainty.INTERVAL
    return Amount(
        total(map(low_end, amounts)),
        total(map(high_end, amounts)),
        certainty,
    )


def by_ceiling(amount: Amount) -> tuple[Bound, Bound]:
    """The order of amounts by their upper, then by their lower end."""
    return high_end(amount), low_end(amount)


def low_end(amount: Amount) -> Bound:
    """The lower end; 0 for what has no number."""
    return 0 if amount.low is None else amount.low


def high_end(amount: Amount) -> Bound:
    """The upper end; 0 for what has no number."""
    return 0 if amount.high is None else amount.high


def _benefit_ends(grant: Grant, worked: Worked) -> tuple[Bound, Bound] | None:
    match grant.benefit:
        case Definite(amount=amount):
            return _ends(amount, worked)
        case Ceiling(amount=amount):
            return 0, high_of(limits(amount, worked))
        case Spread(low=low, high=high):
            return low_of(limits(low, worked)), high_of(limits(high, worked))
        case Discretionary(ceiling=None):
            return 0, INFINITY
        case Discretionary(ceiling=ceiling) if ceiling is not None:
            return 0, high_of(limits(ceiling, worked))
        case _:
            return None


def _ends(node: Expression, worked: Worked) -> tuple[Bound, Bound]:
    value: Number | Range = limits(node, worked)
    return low_of(value), high_of(value)
