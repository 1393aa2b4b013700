"""How amounts and values are put into words."""

from __future__ import annotations

from engine.amounts import high_end, low_end
from engine.outcome import (
    Amount,
    Certainty,
    Displaced,
    Granted,
    Referred,
    Undecided,
    Undetermined,
    Verdict,
)
from engine.phrase import phrase_beside, phrase_money, phrase_value
from engine.types import FieldType, MoneyType
from engine.values import INFINITY, Bound, Range, Value
from engine.words import word

SEPARATOR = "、"


def money(fen: Bound) -> str:
    """An amount in yuan, or 不封顶."""
    return word("amount.unbounded") if fen == INFINITY else phrase_money(fen)


def money_range(low: Bound, high: Bound) -> str:
    """From one amount to another, both in one unit; a single one when they are the same."""
    if low == high:
        return money(high)
    return word("total.range", low=_beside(low, high), high=_beside(high, low))


def _beside(one: Bound, other: Bound) -> str:
    return word("amount.unbounded") if one == INFINITY else phrase_beside(one, other)


def money_sum(low: Bound, high: Bound) -> str:
    """A sum: an amount, what it is at most, or from what to what. It is spelled so everywhere."""
    if not low and high == INFINITY:
        return money(high)
    if not low and high:
        return word("amount.at_most") + money(high)
    return money_range(low, high)


def money_beside(amount: Bound, low: Bound, high: Bound) -> str:
    """What is told beside a sum, in the unit of the sum where it is exact in that."""
    return phrase_beside(amount, low, high)


def describe(amount: Amount) -> str:
    """Put an amount into words; a ceiling is never told as an award."""
    if not amount.counts:
        by_regulation = amount.certainty is Certainty.BY_REGULATION
        return word("amount.by_regulation" if by_regulation else "amount.none")
    high = money(high_end(amount))
    match amount.certainty:
        case Certainty.DEFINITE:
            return word("amount.definite", high=high)
        case Certainty.CEILING if amount.low == 0:
            return word("amount.ceiling", high=high)
        case Certainty.DISCRETIONARY:
            unbounded = high_end(amount) == INFINITY
            key = "amount.discretionary_unbounded" if unbounded else "amount.discretionary"
            return word(key, high=high)
        case _:
            low, high = _ends(amount)
            return word("amount.interval", low=low, high=high)


def _ends(amount: Amount) -> tuple[str, str]:
    """Both ends of a range, in one unit."""
    low, high = low_end(amount), high_end(amount)
    return _beside(low, high), _beside(high, low)


def worth_of_verdict(verdict: Verdict) -> str:
    """The amount of a verdict, or what a displaced one forgoes; empty where there is none."""
    match verdict:
        case Granted(amount=amount) | Referred(amount=amount) | Undecided(amount=amount):
            return describe(amount)
        case Undetermined(amount=amount):
            if not amount.counts or amount.low == amount.high:
                return describe(amount)
            low, high = _ends(amount)
            return word("amount.possible", low=low, high=high)
        case Displaced(amount=amount):
            return describe(amount)
        case _:
            return ""


def describe_value(value: Value, type_: FieldType, unit: str) -> str:
    """A value in the spelling of its field, also when only its limits are known."""
    if isinstance(value, Range):
        low, high = (_bound(end, type_, unit) for end in (value.low, value.high))
        return word("condition.range", low=low, high=high)
    return phrase_value(value, type_, unit)


def _bound(bound: Bound, type_: FieldType, unit: str) -> str:
    if isinstance(bound, float):
        return word("amount.unbounded")
    return money(bound) if isinstance(type_, MoneyType) else phrase_value(bound, type_, unit)
