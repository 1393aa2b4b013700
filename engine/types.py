"""The types of fields, and the code lists that some of them draw on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from engine.cells import Place


@dataclass(frozen=True, slots=True)
class MoneyType:
    """金额: whole fen (hundredths) of one currency, given by its ISO 4217 code."""

    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class RateType:
    """比例: an exact fraction; 5‰ is 1/200."""


@dataclass(frozen=True, slots=True)
class UnitPriceType:
    """单价: fen of a currency for one unit of a quantity (``per``, e.g. 平方米)."""

    currency: str
    per: str


@dataclass(frozen=True, slots=True)
class ExchangeRateType:
    """汇率: how many units of ``target`` one unit of ``source`` buys."""

    source: str
    target: str = "CNY"


@dataclass(frozen=True, slots=True)
class QuantityType:
    """数量: an exact number of one unit (人, 月, 平方米); the unit is empty for a pure number."""

    unit: str = ""


@dataclass(frozen=True, slots=True)
class DateType:
    """日期: a day."""


@dataclass(frozen=True, slots=True)
class YesNoType:
    """是否."""


@dataclass(frozen=True, slots=True)
class ChoiceType:
    """单选: one code of a code list."""

    code_list: str


@dataclass(frozen=True, slots=True)
class MultiChoiceType:
    """多选: a set of codes of a code list; the empty set is 无, known to be none."""

    code_list: str


@dataclass(frozen=True, slots=True)
class TextType:
    """文本: free text, normalised (NFKC, trimmed)."""


FieldType: TypeAlias = (
    MoneyType
    | RateType
    | UnitPriceType
    | ExchangeRateType
    | QuantityType
    | DateType
    | YesNoType
    | ChoiceType
    | MultiChoiceType
    | TextType
)

NUMERIC_TYPES = (MoneyType, RateType, UnitPriceType, ExchangeRateType, QuantityType)


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code list. ``rank`` is 次序 (1 stands highest); dates are inclusive."""

    value: str
    parent: str | None = None
    rank: int | None = None
    effective: date | None = None
    expires: date | None = None
    source: str = ""
    at: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class CodeList:
    """代码表: the allowed values of a field, as a forest.

    A ``pending`` list (待补充) is one that the policy names and nobody has published yet: whether
    a value belongs to it is unknown unless the value stands in it.
    """

    name: str
    codes: tuple[Code, ...]
    pending: bool = False
    at: Place | None = field(default=None, compare=False)


def children_in(code_list: CodeList) -> Mapping[str, Sequence[str]]:
    """The codes directly below each code of a list that has any."""
    children: dict[str, list[str]] = {}
    for code in code_list.codes:
        if code.parent is not None:
            children.setdefault(code.parent, []).append(code.value)
    return children


def family(value: str, children: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """A code with all that stand below it: what counts as the code."""
    found, waiting = {value}, [value]
    while waiting:
        below = [child for child in children.get(waiting.pop(), ()) if child not in found]
        found.update(below)
        waiting += below
    return frozenset(found)
