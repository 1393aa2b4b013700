"""One function for each kind of cell: text in, a typed tree or findings out. Nothing raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from authoring.grammar.vocabulary import Vocabulary
from engine.cells import CellRef
from engine.expressions import Expression, UnaryTest
from engine.findings import Finding
from engine.model import Benefit, Field
from engine.values import Value

T = TypeVar("T")

Reading: TypeAlias = tuple[T | None, tuple[Finding, ...]]
"""The result and what there is to say of it. The result is None exactly when a finding is an ERROR."""


@dataclass(frozen=True, slots=True)
class AmountReading:
    """What one 金额 cell says: the benefit, and the limits written in the same cell."""

    benefit: Benefit
    floor: Expression | None = None
    caps: tuple[Expression, ...] = ()


def read_condition(
    text: str, field: Field, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[UnaryTest]:
    """Read one condition cell of a field's column; ``—`` gives ``Anything()``.

    ``unit`` is what the heading's brackets say; "" falls back to the field's own unit.
    """
    raise NotImplementedError


def read_requirement(
    text: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[Expression]:
    """Read a 条件式: any condition over any fields. ``—`` gives the literal 是."""
    raise NotImplementedError


def read_conclusion(
    text: str, field: Field, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[Expression]:
    """Read a conclusion of a derived table: a literal or an expression of the field's type."""
    raise NotImplementedError


def read_amount(
    text: str, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[AmountReading]:
    """Read a 金额 cell."""
    raise NotImplementedError


def read_money(
    text: str, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[Expression]:
    """Read one money expression: 最低, 封顶, 奖励上限."""
    raise NotImplementedError


def read_caps(
    text: str, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[tuple[Expression, ...]]:
    """Read 最高限额: money expressions separated by ``；``; ``—`` and ``不封顶`` give none."""
    raise NotImplementedError


def read_value(
    text: str, field: Field, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[Value]:
    """Read one fact of 用例, of a form or of a case file; never an expression."""
    raise NotImplementedError


def read_number_expression(
    text: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[Expression]:
    """Read 排序指标 of a selection: any expression that gives a number."""
    raise NotImplementedError
