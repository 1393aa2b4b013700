"""Amounts of money over many projects: as numbers in 万元, and in words."""

from __future__ import annotations

import math
from decimal import Decimal

from engine.phrase import phrase_money
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
    if money.low == money.high or (not money.low and money.high == math.inf):
        return phrase_money(money.high)
    if not money.low:
        return word("amount.at_most") + phrase_money(money.high)
    return word("total.range", low=phrase_money(money.low), high=phrase_money(money.high))
