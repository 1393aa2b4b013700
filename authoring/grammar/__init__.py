"""The cell language: what drafters write in conditions, conclusions and amounts, read and typed."""

from authoring.grammar.amounts import AmountReading
from authoring.grammar.reading import (
    Reading,
    read_allowance,
    read_amount,
    read_cap,
    read_caps,
    read_conclusion,
    read_condition,
    read_floor,
    read_number_expression,
    read_requirement,
    read_top_up,
    read_uplift,
    read_value,
)
from authoring.grammar.units import (
    ExchangeUnit,
    MoneyUnit,
    PriceUnit,
    QuantityUnit,
    RateUnit,
    Unit,
    read_unit,
)
from authoring.grammar.vocabulary import Vocabulary, make_vocabulary

__all__ = [
    "AmountReading",
    "ExchangeUnit",
    "MoneyUnit",
    "PriceUnit",
    "QuantityUnit",
    "RateUnit",
    "Reading",
    "Unit",
    "Vocabulary",
    "make_vocabulary",
    "read_allowance",
    "read_amount",
    "read_cap",
    "read_caps",
    "read_conclusion",
    "read_condition",
    "read_floor",
    "read_number_expression",
    "read_requirement",
    "read_top_up",
    "read_unit",
    "read_uplift",
    "read_value",
]
