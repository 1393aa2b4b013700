"""The cell language as data: unary tests and expressions, one typed tree for every target.

Positions (``at``) do not take part in equality, so two trees are equal when they mean the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from engine.cells import Place
from engine.types import FieldType
from engine.values import Number, Value


class Comparator(StrEnum):
    """How two values are compared."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="


class Operator(StrEnum):
    """Arithmetic on two numbers."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"


class Function(StrEnum):
    """The named functions of the cell language, with the spelling that drafters use."""

    MAX = "max"
    MIN = "min"
    EVERY_FULL = "每满"
    """每满(a, b): how many whole b there are in a."""
    CONVERT = "折算"
    """折算(amount, exchange rate): the amount in the rate's target currency."""
    MONTHS = "月数"
    """月数(a, b): whole months from a to b."""
    YEARS = "年数"
    """年数(a, b): whole years from a to b."""
    MONTHS_LATER = "加月"
    """加月(a, n): the day n months after a; the month's last day where it has no such day."""
    DAYS_LATER = "加日"
    """加日(a, n): the day n days after a."""
    INCREASE = "增量"
    """增量(a, b): by how much a is more than b; nothing where it is not."""
    GROWTH = "增幅"
    """增幅(a, b): the share of b by which a is more than b; b must be more than nothing."""
    ROUND = "四舍五入"
    """四舍五入(a, step): a in whole steps, half away from zero."""
    ROUND_DOWN = "向下取整"
    ROUND_UP = "向上取整"


# --- unary tests: what one cell says of one field ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Anything:
    """``—``: does not constrain the field."""

    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of the values. For codes, a descendant of a value counts as that value.

    On 多选 it asks whether the field has any of them (属于).
    """

    values: tuple[Value, ...]
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class HasAll:
    """On 多选: has every one of the values (全部属于)."""

    values: tuple[Value, ...]
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class InCodeList:
    """The value stands in the code list. On 多选: any of the values does."""

    code_list: str
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """The field compared with an expression: ``>= 500万元``."""

    comparator: Comparator
    bound: Expression
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Within:
    """An interval, each end open or closed."""

    low: Expression
    high: Expression
    low_closed: bool = True
    high_closed: bool = True
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the tests holds."""

    tests: tuple[UnaryTest, ...]
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of the tests holds."""

    tests: tuple[UnaryTest, ...]
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The test does not hold. On a missing fact it is unknown, never true."""

    test: UnaryTest
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Present:
    """``非空`` (or, with ``absent``, ``空``): asks whether a raw value was given at all.

    The one test that a missing fact decides; refused on derived fields.
    """

    absent: bool = False
    at: Place | None = dataclasses.field(default=None, compare=False)


UnaryTest: TypeAlias = (
    Anything | OneOf | HasAll | InCodeList | Compare | Within | AnyOf | AllOf | Not | Present
)

# --- expressions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the cell, its unit already resolved."""

    value: Value
    type: FieldType
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FieldRef:
    """The value of a field."""

    field: str
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers joined by an operator."""

    operator: Operator
    left: Expression
    right: Expression
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Negate:
    """The negative of a number."""

    operand: Expression
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A named function applied to its arguments."""

    function: Function
    arguments: tuple[Expression, ...]
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Bracket:
    """The part of the base above ``low`` and up to ``high`` (None: no end) earns ``rate``."""

    low: Number
    high: Number | None
    rate: Number


@dataclass(frozen=True, slots=True)
class Brackets:
    """分段: marginal brackets; each part of the base earns its own rate."""

    base: Expression
    brackets: tuple[Bracket, ...]
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    """如果 … 则 … 否则 …. Unknown when the condition is, unless both branches agree."""

    condition: Expression
    then: Expression
    otherwise: Expression
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Satisfies:
    """A field put to a unary test: the meaning of a condition cell, and of 属于 in a 条件式."""

    field: str
    test: UnaryTest
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two expressions compared."""

    comparator: Comparator
    left: Expression
    right: Expression
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Conjunction:
    """且."""

    operands: tuple[Expression, ...]
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Disjunction:
    """或."""

    operands: tuple[Expression, ...]
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Inverse:
    """非."""

    operand: Expression
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """至少(k, …): at least ``count`` of the conditions hold."""

    count: int
    conditions: tuple[Expression, ...]
    at: Place | None = dataclasses.field(default=None, compare=False)


Expression: TypeAlias = (
    Literal
    | FieldRef
    | Arithmetic
    | Negate
    | Call
    | Brackets
    | Conditional
    | Satisfies
    | Comparison
    | Conjunction
    | Disjunction
    | Inverse
    | AtLeast
)


def conjuncts(condition: Expression) -> Iterator[Expression]:
    """What a condition demands, each demand by itself."""
    if isinstance(condition, Conjunction):
        for operand in condition.operands:
            yield from conjuncts(operand)
    else:
        yield condition
