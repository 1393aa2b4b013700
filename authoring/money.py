"""Amounts of money over many projects, in 万元."""

from __future__ import annotations

import math
from decimal import Decimal

from authoring.pages.words import say
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
    """An amount in 万元, what it is at most, or from what to what."""
    if money.low == money.high or (not money.low and money.high == math.inf):
        return phrase_wan(money.high)
    if not money.low:
        return word("amount.at_most") + phrase_wan(money.high)
    return f"{phrase_wan(money.low)}—{phrase_wan(money.high)}"


def phrase_wan(bound: Bound) -> str:
    """An exact amount in 万元, with every digit that it has."""
    amount = in_wan(bound)
    if not isinstance(amount, Decimal):
        return str(amount)
    return say("compare.wan", amount=f"{amount.normalize():,f}")
