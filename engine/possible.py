"""What a number may still become when facts are missing: interval arithmetic over the unknown.

A missing number runs from 0 (or its field's 最小, when that is lower) to infinity; nothing here
decides a test.
"""

from __future__ import annotations

from functools import reduce
from typing import assert_never, cast

from engine.evaluate import FUNCTIONS, in_brackets
from engine.expressions import (
    Arithmetic,
    AtLeast,
    Brackets,
    Call,
    Comparison,
    Conditional,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
    Function,
    Inverse,
    Literal,
    Negate,
    Operator,
    Satisfies,
)
from engine.model import HitPolicy
from engine.truth import NO, YES
from engine.values import (
    INFINITY,
    Bound,
    Number,
    Range,
    add,
    divide,
    greatest,
    high_of,
    least,
    low_of,
    multiply,
    negate,
    span,
    subtract,
)
from engine.worked import Worked

ANY_NUMBER = Range(-INFINITY, INFINITY)


def limits(node: Expression, worked: Worked) -> Number | Range:
    """The least and the most that a numeric expression may be worth in this case."""
    known = worked.value(node)
    if known is not None:
        return cast(Number | Range, known)
    match node:
        case Literal(value=value):
            return cast(Number, value)
        case FieldRef(field=field):
            return field_limits(field, worked)
        case Negate(operand=operand):
            return negate(limits(operand, worked))
        case Arithmetic(operator=sign, left=left, right=right):
            return _arithmetic(sign, limits(left, worked), limits(right, worked))
        case Brackets(base=base):
            return in_brackets(node, limits(base, worked))
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            truth = worked.value(condition)
            if truth is YES:
                return limits(then, worked)
            if truth is NO:
                return limits(otherwise, worked)
            return hull([limits(then, worked), limits(otherwise, worked)])
        case Call(function=function, arguments=arguments):
            return _call(function, arguments, worked)
        case Satisfies() | Comparison() | Conjunction() | Disjunction() | Inverse() | AtLeast():
            return ANY_NUMBER
        case _:
            assert_never(node)


def hull(parts: list[Number | Range]) -> Number | Range:
    """The smallest range that holds all parts."""
    return span(min(map(low_of, parts)), max(map(high_of, parts)))


def field_limits(name: str, worked: Worked) -> Number | Range:
    """The least and the most that a numeric field may be worth."""
    floor = worked.program.fields[name].minimum
    anything = Range(0 if floor is None else min(0, cast(Bound, floor)), INFINITY)
    result = worked.deriving.get(name)
    if result is None:
        return anything
    output = [each.field for each in result.table.outputs].index(name)
    possible = [row for row in result.rows if row.truth is not NO]
    parts = [limits(row.rule.conclusions[output], worked) for row in possible]
    if result.table.hit_policy is HitPolicy.SUM:
        nothing: Number | Range = 0
        terms = (
            part if row.truth is YES else hull([part, nothing])
            for row, part in zip(possible, parts, strict=True)
        )
        return reduce(add, terms, nothing)
    default = result.table.outputs[output].default
    if default is not None and all(row.truth is not YES for row in possible):
        parts.append(limits(default, worked))
    return hull(parts) if parts else anything


def _arithmetic(sign: Operator, left: Number | Range, right: Number | Range) -> Number | Range:
    match sign:
        case Operator.ADD:
            return add(left, right)
        case Operator.SUBTRACT:
            return subtract(left, right)
        case Operator.MULTIPLY:
            return multiply(left, right)
        case Operator.DIVIDE:
            quotient = divide(left, right)
            return _unbounded(left, right) if quotient is None else quotient
        case _:
            assert_never(sign)


def _unbounded(left: Number | Range, right: Number | Range) -> Range:
    """A quotient whose divisor may be zero: of one sign when both operands are."""
    positive = low_of(left) >= 0 and low_of(right) >= 0
    return Range(0, INFINITY) if positive else ANY_NUMBER


def _call(function: Function, arguments: tuple[Expression, ...], worked: Worked) -> Number | Range:
    match function:
        case Function.MAX:
            return greatest([limits(each, worked) for each in arguments])
        case Function.MIN:
            return least([limits(each, worked) for each in arguments])
        case Function.MONTHS | Function.YEARS:
            return ANY_NUMBER
        case Function.CONVERT:
            return multiply(*(limits(each, worked) for each in arguments))
        case Function.EVERY_FULL | Function.ROUND | Function.ROUND_DOWN | Function.ROUND_UP:
            parts = [limits(each, worked) for each in arguments]
            result = FUNCTIONS[function](*parts)
            if result is None:
                return _unbounded(parts[0], parts[1])
            return cast(Number | Range, result)
        case _:
            assert_never(function)
