"""Values, amounts and places as JSON, exact: money is yuan in decimal strings, other numbers are
decimal strings or fractions (``1/3``), days are ISO dates.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TypeAlias, assert_never

from engine.cells import Place
from engine.fingerprint import fingerprint
from engine.model import Field, Policy
from engine.truth import NO, YES, Truth
from engine.types import MoneyType, UnitPriceType
from engine.values import FEN_PER_YUAN, Bound, Number, Range, Value

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"
Object: TypeAlias = dict[str, Json]


def policy_json(policy: Policy) -> Json:
    """Which policy something is about, and in which version."""
    return {"id": policy.id, "title": policy.title, "fingerprint": fingerprint(policy)}


def place_json(place: Place | None) -> Json:
    """A place as ``外资奖励!D7``; None where there is no cell."""
    return None if place is None else str(place)


def truth_json(truth: Truth) -> str:
    """Yes, no or unknown."""
    if truth is YES:
        return "yes"
    return "no" if truth is NO else "unknown"


def yuan(fen: Bound | None) -> str | None:
    """Yuan with two decimals; None for no number, and for what is unbounded (不封顶).

    An amount between two fen (an unrounded step of a proof) is a decimal with more digits, or a
    fraction.
    """
    if fen is None or isinstance(fen, float):
        return None
    exact = Fraction(fen) / FEN_PER_YUAN
    return number_json(exact, decimals=2)


def number_json(number: Number, decimals: int = 0) -> str:
    """An exact number: decimal digits (at least ``decimals`` of them), or a fraction ``1/3``."""
    exact = Fraction(number)
    places, rest = decimals, exact.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{exact.numerator}/{exact.denominator}"
    places = max(decimals, twos, fives)
    digits = str(abs(exact.numerator) * 10**places // exact.denominator).rjust(places + 1, "0")
    sign = "-" if exact < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def value_json(value: Value | None, field: Field) -> Json:
    """The value of a field: money in whole units of its currency, codes and texts as they are."""
    match value:
        case None | bool() | str():
            return value
        case frozenset():
            return [*sorted(value)]
        case date():
            return value.isoformat()
        case Range():
            return {"min": _bound_json(value.low, field), "max": _bound_json(value.high, field)}
        case int() | Fraction():
            return _bound_json(value, field)
        case _:
            assert_never(value)


def _bound_json(bound: Bound, field: Field) -> str | None:
    if isinstance(bound, float):
        return None
    match field.type:
        case MoneyType() | UnitPriceType():
            return yuan(bound)
        case _:
            return number_json(bound)
