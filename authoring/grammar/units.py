"""Unit words: what stands behind a number, in a cell, in a heading's brackets or in 单位."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from authoring.grammar.characters import normal_text
from engine.notation import COUNTING_WORDS, CURRENCY_WORDS, MULTIPLIERS, RATE_WORDS


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

MONEY_UNITS: Mapping[str, MoneyUnit] = MappingProxyType(
    {
        multiplier + word: MoneyUnit(currency, scale)
        for multiplier, scale in MULTIPLIERS.items()
        for word, currency in CURRENCY_WORDS.items()
    }
)
PERIOD_UNITS = frozenset({"年", "月", "日"})
"""The units of the times that a deadline gives."""
_RATES = {word: RateUnit(factor) for word, factor in RATE_WORDS.items()}
_SCALES = {word: QuantityUnit("", scale) for word, scale in MULTIPLIERS.items() if word}
_WORD = re.compile(r"[^\W\d_]+\d?")


@lru_cache(maxsize=1024)
def read_unit(text: str) -> Unit | None:
    """Say what a unit word means; None when it is blank or no unit at all (``5元``, ``元/``)."""
    word = normal_text(text)
    if word.count("/") == 1:
        return _ratio(*(part.strip() for part in word.split("/")))
    return _RATES.get(word) or MONEY_UNITS.get(word) or _SCALES.get(word) or _counted(word)


def counting_units(words: frozenset[str]) -> dict[str, QuantityUnit]:
    """Every spelling of the counting words, those of a policy's fields included: 万人, 平方米."""
    known = {**COUNTING_WORDS, **{word: word_of(word) for word in words if word}}
    return {
        **{
            multiplier + word: QuantityUnit(meaning, scale)
            for multiplier, scale in MULTIPLIERS.items()
            for word, meaning in known.items()
        },
        **_SCALES,
    }


def word_of(word: str) -> str:
    """Return the one word that stands for all spellings of a counting unit: 个月 is 月."""
    word = normal_text(word)
    return COUNTING_WORDS.get(word, word)


def _ratio(above: str, below: str) -> PriceUnit | ExchangeUnit | None:
    money, per = MONEY_UNITS.get(above), read_unit(below)
    match money, per:
        case (MoneyUnit(currency=target, scale=1), MoneyUnit(currency=source, scale=1)):
            return ExchangeUnit(source, target)
        case (MoneyUnit(), MoneyUnit() | QuantityUnit()):
            return PriceUnit(money, below)
    return None


def _counted(word: str) -> QuantityUnit | None:
    if not _WORD.fullmatch(word):
        return None
    for multiplier in sorted(MULTIPLIERS, key=len, reverse=True):
        rest = word.removeprefix(multiplier)
        if multiplier and word.startswith(multiplier) and rest in COUNTING_WORDS:
            return QuantityUnit(rest, MULTIPLIERS[multiplier])
    return QuantityUnit(word)
