"""Put model nodes into Chinese: canonical texts that read back to an equal tree."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import Expression, UnaryTest
from engine.model import Benefit, Field
from engine.types import FieldType
from engine.values import Bound, Value


def phrase_value(value: Value, type_: FieldType, unit: str = "") -> str:
    """Write a value in the spelling of its type."""
    raise NotImplementedError


def phrase_money(fen: Bound, currency: str = "CNY", unit: str | None = None) -> str:
    """Write an exact amount: ``200万元``, or in the unit that is asked for."""
    raise NotImplementedError


def phrase_test(test: UnaryTest, field: Field, fields: Mapping[str, Field]) -> str:
    """Write a unary test as it would stand in a condition cell of the field's column."""
    raise NotImplementedError


def phrase_expression(expression: Expression, fields: Mapping[str, Field]) -> str:
    """Write an expression as it would stand in a cell."""
    raise NotImplementedError


def phrase_amount(
    benefit: Benefit,
    floor: Expression | None,
    caps: tuple[Expression, ...],
    fields: Mapping[str, Field],
) -> str:
    """Write an amount as it would stand in a 金额 cell."""
    raise NotImplementedError


def echo_test(test: UnaryTest, field: Field, fields: Mapping[str, Field]) -> str:
    """Say how a condition was understood: ``≥ 5,000,000 元（含）``."""
    raise NotImplementedError
