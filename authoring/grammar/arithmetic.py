"""What comes of two numbers: the types of sums, products and quotients."""

from __future__ import annotations

from typing import assert_never

from authoring.grammar import syntax as s
from authoring.grammar.problems import Code, Problem, problem
from authoring.grammar.typed import PURE, Scope, Typed, adapt, describe, fits
from authoring.grammar.units import MoneyUnit, read_unit, word_of
from engine.expressions import Arithmetic, Call, Expression, Function, Literal, Operator
from engine.types import (
    NUMERIC_TYPES,
    ExchangeRateType,
    FieldType,
    MoneyType,
    QuantityType,
    RateType,
    UnitPriceType,
)
from engine.values import FEN_PER_YUAN


def combine(node: s.Binary, left: Typed, right: Typed, scope: Scope) -> Typed:
    """Type an arithmetic expression. Raises ``Problem`` when it makes no sense."""
    if node.operator is Operator.SUBTRACT and _is_dash(node, left, right, scope):
        raise problem(
            Code.DASH_AS_MINUS, node.start, node.end, _with_dash(node, scope),
            word=_text(node, scope),
        )  # fmt: skip
    for side in (left, right):
        if not isinstance(side.type, NUMERIC_TYPES):
            raise _cannot(node, left, right)
    match node.operator:
        case Operator.ADD | Operator.SUBTRACT:
            return _sum(node, left, right, scope)
        case Operator.MULTIPLY:
            if node.of and right.bare is not None:
                # 实缴资金的5: a share without its sign
                right = adapt(right, RateType(), None, scope)
            return _product(node, left, right, scope)
        case Operator.DIVIDE:
            return _quotient(node, left, right, scope)
        case _:
            assert_never(node.operator)


def _sum(node: s.Binary, left: Typed, right: Typed, scope: Scope) -> Typed:
    if {type(left.type), type(right.type)} == {QuantityType, RateType}:
        # 1 + 10%
        pure = left.type == PURE or right.type == PURE
        if pure:
            return _arithmetic(node, left.expression, right.expression, PURE, scope)
    left, right = alike(left, right, scope)
    return _arithmetic(node, left.expression, right.expression, left.type, scope)


def alike(left: Typed, right: Typed, scope: Scope) -> tuple[Typed, Typed]:
    """Give two values one type; a bare number takes the other's unit unless that is money."""
    if left.bare is not None and right.bare is None:
        return adapt(left, right.type, None, scope), right
    if right.bare is not None and left.bare is None:
        return left, adapt(right, left.type, None, scope)
    return left, adapt(right, left.type, None, scope)


def _is_dash(node: s.Binary, left: Typed, right: Typed, scope: Scope) -> bool:
    """Whether 500-1000 was meant for a range; only 1 - 5% with its spaces is a difference."""
    if not isinstance(right.expression, Literal):
        return False
    if isinstance(right.type, RateType) and not fits(left.type, right.type):
        # 投资额的5%-20%
        return True
    if not isinstance(left.expression, Literal):
        return False
    spaced = " - " in scope.source.text[node.left.end : node.right.start]
    return not (spaced and left.bare is not None and isinstance(right.type, RateType))


def _text(node: s.Binary, scope: Scope) -> str:
    return scope.source.text[node.start : node.end]


def _with_dash(node: s.Binary, scope: Scope) -> tuple[str, ...]:
    text = scope.source.text
    low, high = text[node.left.start : node.left.end], text[node.right.start : node.right.end]
    return (f"{low}—{high}",)


def _product(node: s.Binary, left: Typed, right: Typed, scope: Scope) -> Typed:
    if isinstance(right.type, MoneyType) and not isinstance(left.type, MoneyType):
        product = _money_times(node, right, left, scope)
    elif isinstance(left.type, MoneyType):
        product = _money_times(node, left, right, scope)
    else:
        product = _plain_product(node, left, right)
    if isinstance(product, Typed):
        return product
    return _arithmetic(node, left.expression, right.expression, product, scope)


def _money_times(node: s.Binary, money: Typed, factor: Typed, scope: Scope) -> FieldType | Typed:
    """What money times something is. Money per money needs more than a plain product."""
    match factor.type:
        case MoneyType():
            raise problem(Code.MONEY_TIMES_MONEY, node.start, node.end)
        case RateType() | QuantityType():
            return money.type
        case ExchangeRateType(source=source, target=target):
            if not isinstance(factor.expression, Literal):
                raise problem(Code.EXCHANGE, node.start, node.end)
            if money.type != MoneyType(source):
                raise _cannot(node, money, factor)
            # 出口额 × 0.015元/美元
            at = scope.place(node.start, node.end)
            call = Call(Function.CONVERT, (money.expression, factor.expression), at)
            return Typed(call, MoneyType(target), node.start, node.end)
        case UnitPriceType(currency=currency, per=per):
            unit = read_unit(per)
            if not isinstance(unit, MoneyUnit) or MoneyType(unit.currency) != money.type:
                raise _cannot(node, money, factor)
            # The price is for so many whole units, the money counts hundredths of one.
            product = _arithmetic(
                node, money.expression, factor.expression, MoneyType(currency), scope
            )
            hundredths = Literal(unit.scale * FEN_PER_YUAN, PURE)
            at = scope.place(node.start, node.end)
            whole = Arithmetic(Operator.DIVIDE, product.expression, hundredths, at)
            return product._replace(expression=whole)
    raise _cannot(node, money, factor)


def _plain_product(node: s.Binary, left: Typed, right: Typed) -> FieldType:
    match left.type, right.type:
        case (QuantityType(unit=""), other) | (other, QuantityType(unit="")):
            return other
        case RateType(), other:
            return other
        case other, RateType():
            return other
        case QuantityType(unit=a), QuantityType(unit=b):
            return QuantityType(f"{a}·{b}")
        case (UnitPriceType(currency=currency, per=per), QuantityType(unit=unit)) | (
            QuantityType(unit=unit),
            UnitPriceType(currency=currency, per=per),
        ):
            if word_of(per) == word_of(unit):
                return MoneyType(currency)
    raise _cannot(node, left, right)


def _quotient(node: s.Binary, left: Typed, right: Typed, scope: Scope) -> Typed:
    type_: FieldType
    match left.type, right.type:
        case (other, QuantityType(unit="")) | (other, RateType()):
            type_ = other
        case (found, divisor) if fits(found, divisor):
            type_ = PURE
        case MoneyType(currency=currency), QuantityType(unit=unit):
            type_ = UnitPriceType(currency, unit)
        case MoneyType(currency=a), UnitPriceType(currency=b, per=per) if a == b:
            type_ = QuantityType(per)
        case _:
            raise _cannot(node, left, right)
    return _arithmetic(node, left.expression, right.expression, type_, scope)


def _arithmetic(
    node: s.Binary, left: Expression, right: Expression, type_: FieldType, scope: Scope
) -> Typed:
    expression = Arithmetic(node.operator, left, right, scope.place(node.start, node.end))
    return Typed(expression, type_, node.start, node.end)


def _cannot(node: s.Binary, left: Typed, right: Typed) -> Problem:
    if isinstance(left.type, MoneyType) and isinstance(right.type, MoneyType):
        return problem(
            Code.MIXED_CURRENCY, node.start, node.end,
            found=describe(left.type), expected=describe(right.type),
        )  # fmt: skip
    return problem(
        Code.CANNOT_COMBINE, node.start, node.end,
        left=describe(left.type), right=describe(right.type), operator=node.operator.value,
    )  # fmt: skip
