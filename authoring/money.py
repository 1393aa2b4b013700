"""Amounts of money over many projects: as numbers in 万元, and in words."""

from __future__ import annotations

from decimal import Decimal

from engine.explain.wording import money_beside, money_sum
from engine.portfolio import Money
from engine.values import Bound
from engine.words import word

FEN_PER_WAN = 1_000_000


def in_wan(bound: Bound) -> Decimal | str:
    """An amount in 万元 as an exact number; a text where it has no end."""
    if isinstance(bound, float):
        return word("amount.unbounded")
    return Decimal(bound.numerator) / Decimal(bound.denominator * FEN_PER_WAN)


def phrase_sum(money: Money) -> str:
    """An amount, what it is at most, or from what to what, spelled as verdicts spell it."""
    return money_sum(money.low, money.high)


def phrase_aside(amount: Bound, money: Money) -> str:
    """What is told beside a sum, in its unit where that is exact."""
    return money_beside(amount, money.low, money.high)
