"""Unit words: what stands behind a number, in a cell, in a heading's brackets or in 单位."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class MoneyUnit:
    """万元: ``scale`` whole units (元, 美元) of a currency, given by its ISO 4217 code."""

    currency: str
    scale: int = 1


@dataclass(frozen=True, slots=True)
class RateUnit:
    """% or ‰: the fraction that one of it is."""

    factor: Fraction


@dataclass(frozen=True, slots=True)
class PriceUnit:
    """元/平方米: money for one ``per``."""

    money: MoneyUnit
    per: str


@dataclass(frozen=True, slots=True)
class ExchangeUnit:
    """元/美元: units of ``target`` for one unit of ``source``."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class QuantityUnit:
    """万人: ``scale`` of a counted ``word``; the word is empty for a pure number."""

    word: str
    scale: int = 1


Unit: TypeAlias = MoneyUnit | RateUnit | PriceUnit | ExchangeUnit | QuantityUnit


def read_unit(text: str) -> Unit | None:
    """Say what a unit word means; None when it is blank or no unit at all (``5元``, ``元/``)."""
    raise NotImplementedError
