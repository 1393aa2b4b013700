"""Types of fields as drafters name them, and the units that measure them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import assert_never

from authoring.grammar import (
    ExchangeUnit,
    MoneyUnit,
    PriceUnit,
    QuantityUnit,
    RateUnit,
    Unit,
)
from engine.findings import Finding
from engine.model import Field
from engine.types import (
    ChoiceType,
    DateType,
    ExchangeRateType,
    FieldType,
    MoneyType,
    MultiChoiceType,
    QuantityType,
    RateType,
    TextType,
    UnitPriceType,
    YesNoType,
)
from engine.values import Value

DISAGREE = frozenset({"C103", "C105", "C106", "C119", "C133", "C140", "C147"})
"""What is said of a cell that does not go with the type or the unit of its field."""


def beside(field: Field, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings of a cell; those of its type point to the field, which may be what is wrong."""
    return tuple(
        replace(each, related=(field.at,))
        if each.code in DISAGREE and field.at is not None and not each.related
        else each
        for each in findings
    )


def type_measured_in(unit: Unit) -> FieldType:
    """The type of a field whose bare numbers take a unit."""
    match unit:
        case MoneyUnit(currency=currency):
            return MoneyType(currency)
        case RateUnit():
            return RateType()
        case PriceUnit(money=MoneyUnit(currency=currency), per=per):
            return UnitPriceType(currency, per)
        case ExchangeUnit(source=source, target=target):
            return ExchangeRateType(source, target)
        case QuantityUnit(word=word):
            return QuantityType(word)
        case _:
            assert_never(unit)


def type_name_of(field_type: FieldType) -> str:
    """类型, as sheet 指标 spells it."""
    match field_type:
        case MoneyType():
            return "金额"
        case RateType():
            return "比例"
        case UnitPriceType():
            return "单价"
        case ExchangeRateType():
            return "汇率"
        case QuantityType():
            return "数量"
        case DateType():
            return "日期"
        case YesNoType():
            return "是否"
        case ChoiceType():
            return "单选"
        case MultiChoiceType():
            return "多选"
        case TextType():
            return "文本"
        case _:
            assert_never(field_type)


def measures(unit: Unit, field_type: FieldType) -> bool:
    """Whether bare numbers of a field may take a unit (of a heading)."""
    return type_measured_in(unit) == field_type


def exceeds(left: Value, right: Value) -> bool:
    """Whether one number or day is beyond another; values of other kinds never are."""
    if isinstance(left, int | Fraction) and isinstance(right, int | Fraction):
        return left > right
    return isinstance(left, date) and isinstance(right, date) and left > right
