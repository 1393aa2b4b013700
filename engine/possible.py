"""What a number may still become when facts are missing: interval arithmetic over the unknown.

A missing number runs from 0 (or its field's 最小, when that is lower) to infinity; nothing here
decides a test. What a field may be is worked out once for each case, in the order in which fields
are derived.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial, reduce
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
from engine.types import NUMERIC_TYPES
from engine.values import (
    INFINITY,
    Bound,
    Number,
    Range,
    add,
    divide,
    greatest,
    growth,
    high_of,
    increase,
    least,
    low_of,
    multiply,
    negate,
    span,
    subtract,
)
from engine.worked import Worked, in_order, output_of

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
    """The least and the most that a missing numeric field may be worth."""
    if name not in worked.limits:
        read = partial(_fields_read, worked=worked)
        for each in in_order(name, read, worked.limits, worked):
            worked.limits[each] = _derived_limits(each, worked)
        worked.limits.setdefault(name, _any_input(name, worked))
    return worked.limits[name]


def _derived_limits(name: str, worked: Worked) -> Number | Range:
    conclusions = _possible_conclusions(name, worked)
    parts = [limits(node, worked) for node, _ in conclusions]
    if worked.deriving[name].table.hit_policy is HitPolicy.SUM:
        nothing: Number | Range = 0
        terms = (
            part if sure else hull([part, nothing])
            for part, (_, sure) in zip(parts, conclusions, strict=True)
        )
        return reduce(add, terms, nothing)
    return hull(parts) if parts else _any_input(name, worked)


def _any_input(name: str, worked: Worked) -> Range:
    floor = worked.program.fields[name].minimum
    return Range(0 if floor is None else min(0, cast(Bound, floor)), INFINITY)


def _possible_conclusions(name: str, worked: Worked) -> list[tuple[Expression, bool]]:
    """What the rows of a field's table that are not false conclude, and whether they are true.

    Where none is true, the default may come to count.
    """
    result = worked.deriving.get(name)
    if result is None:
        return []
    output = output_of(name, result)
    found = [
        (row.rule.conclusions[output], row.truth is YES)
        for row in result.rows
        if row.truth is not NO
    ]
    default = result.table.outputs[output].default
    adds_up = result.table.hit_policy is HitPolicy.SUM
    if default is not None and not adds_up and not any(sure for _, sure in found):
        found.append((default, False))
    return found


def _fields_read(name: str, worked: Worked) -> Iterator[str]:
    """The missing numbers that the possible conclusions of a field's table read."""
    for node, _ in _possible_conclusions(name, worked):
        for field in worked.reads(node):
            missing = worked.situation.facts.get(field) is None
            if missing and isinstance(worked.program.fields[field].type, NUMERIC_TYPES):
                yield field


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


def _grown(now: Number | Range, before: Number | Range) -> Number | Range:
    """A growth whose base may be zero has no end; what is not negative loses all at most."""
    known = growth(now, before)
    if known is not None:
        return known
    return Range(-1, INFINITY) if low_of(now) >= 0 else ANY_NUMBER


def _call(function: Function, arguments: tuple[Expression, ...], worked: Worked) -> Number | Range:
    match function:
        case Function.MAX:
            return greatest([limits(each, worked) for each in arguments])
        case Function.MIN:
            return least([limits(each, worked) for each in arguments])
        case Function.MONTHS | Function.YEARS | Function.MONTHS_LATER | Function.DAYS_LATER:
            return ANY_NUMBER
        case Function.INCREASE:
            return increase(*(limits(each, worked) for each in arguments))
        case Function.GROWTH:
            return _grown(*(limits(each, worked) for each in arguments))
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
