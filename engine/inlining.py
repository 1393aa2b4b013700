"""Expressions and tests with derived numbers and days written out, as their tables conclude now."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import cast

from engine.expressions import (
    AllOf,
    AnyOf,
    Arithmetic,
    Brackets,
    Call,
    Compare,
    Conditional,
    Expression,
    FieldRef,
    Function,
    Literal,
    Negate,
    Not,
    Operator,
    UnaryTest,
    Within,
)
from engine.model import HitPolicy, Source
from engine.tables import State
from engine.worked import Worked

MOST_STRATA = 12
"""So many tables are looked through that stand behind each other; what is written out may double
with each of them."""


def inline(node: Expression, worked: Worked, strata: int = MOST_STRATA) -> Expression:
    """An expression with the derived fields that it reads written out; itself without any.

    Beyond so many ``strata`` they stay as they are.
    """
    match node:
        case FieldRef(field=field):
            conclusion = _conclusion(field, worked) if strata else None
            return node if conclusion is None else inline(conclusion, worked, strata - 1)
        case Arithmetic(left=left, right=right):
            one, other = inline(left, worked, strata), inline(right, worked, strata)
            return node if one is left and other is right else replace(node, left=one, right=other)
        case Negate(operand=operand):
            one = inline(operand, worked, strata)
            return node if one is operand else replace(node, operand=one)
        case Call(arguments=arguments):
            written = tuple(inline(each, worked, strata) for each in arguments)
            same = all(a is b for a, b in zip(arguments, written, strict=True))
            return node if same else replace(node, arguments=written)
        case Brackets(base=base):
            one = inline(base, worked, strata)
            return node if one is base else replace(node, base=one)
        case Conditional(then=then, otherwise=otherwise):
            one, other = inline(then, worked, strata), inline(otherwise, worked, strata)
            if one is then and other is otherwise:
                return node
            return replace(node, then=one, otherwise=other)
        case _:
            return node


def inline_test(test: UnaryTest, worked: Worked) -> UnaryTest:
    """A test with the derived numbers and days that it compares with written out."""
    match test:
        case Compare(bound=bound):
            return replace(test, bound=inline(bound, worked))
        case Within(low=low, high=high):
            return replace(test, low=inline(low, worked), high=inline(high, worked))
        case AnyOf(tests=tests) | AllOf(tests=tests):
            return replace(test, tests=tuple(inline_test(each, worked) for each in tests))
        case Not(test=inner):
            return replace(test, test=inline_test(inner, worked))
        case _:
            return test


def is_derived(name: str, worked: Worked) -> bool:
    """Whether a table gives the value of a field, not a person by hand."""
    by_hand = worked.program.fields[name].source is Source.DERIVED_OR_REPORTED
    return name in worked.deriving and not (by_hand and worked.case.facts.get(name) is not None)


def _conclusion(name: str, worked: Worked) -> Expression | None:
    """The expression that a table gives a field now; None for an input and an open table."""
    if not is_derived(name, worked):
        return None
    result = worked.deriving[name]
    outputs = result.table.outputs
    output = [each.field for each in outputs].index(name)
    if result.state is State.DEFAULT:
        return outputs[output].default
    if result.state is not State.DECIDED or not (result.standing or result.values[output] == 0):
        return None
    standing = [row.rule.conclusions[output] for row in result.standing]
    match result.table.hit_policy:
        case HitPolicy.SUM:
            return reduce(
                lambda total, each: Arithmetic(Operator.ADD, total, each),
                standing,
                cast(Expression, Literal(0, worked.program.fields[name].type)),
            )
        case HitPolicy.MIN | HitPolicy.MAX if len(standing) > 1:
            smallest = result.table.hit_policy is HitPolicy.MIN
            return Call(Function.MIN if smallest else Function.MAX, tuple(standing))
        case HitPolicy.COUNT | HitPolicy.COLLECT:
            return None
        case _:
            return standing[0]
