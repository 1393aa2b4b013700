"""What is known beforehand of the values of derived fields, from what their tables conclude."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from engine.checks.space.dimensions import DERIVED, Bounds, is_whole
from engine.dependencies import deriving_tables
from engine.expressions import (
    Arithmetic,
    Call,
    Conditional,
    Expression,
    FieldRef,
    Function,
    Literal,
    Negate,
    Operator,
)
from engine.model import DecisionTable, Field, HitPolicy, Policy, Source
from engine.values import Range, Value

MOST_COUNTED = 64
_FOLDING = (HitPolicy.SUM, HitPolicy.COLLECT)
_WHOLE_STEPS = (Operator.ADD, Operator.SUBTRACT, Operator.MULTIPLY)
_COUNTING = (Function.EVERY_FULL, Function.MONTHS, Function.YEARS)
_CHOOSING = (Function.MAX, Function.MIN)

_Kept = TypeVar("_Kept")


def bounds_of(policy: Policy) -> Bounds:
    """The values that fields can be concluded to have, where they can be counted up."""
    fields = {field.name: field for field in policy.fields}
    concluded: dict[str, tuple[Value, ...]] = {}
    whole: set[str] = set()
    for name, table in deriving_tables(policy).items():
        field = fields[name]
        values = _values(name, table)
        if field.source is Source.DERIVED and values is not None:
            concluded[name] = values
        elif all(_stays_whole(each, fields) for each in _conclusions(name, table)):
            whole.add(name)
    return Bounds(concluded, frozenset(whole))


def _conclusions(name: str, table: DecisionTable) -> list[Expression]:
    """What the rows and the default conclude for one output."""
    number = [output.field for output in table.outputs].index(name)
    default = table.outputs[number].default
    return [rule.conclusions[number] for rule in table.rules] + ([default] if default else [])


def _values(name: str, table: DecisionTable) -> tuple[Value, ...] | None:
    if table.hit_policy is HitPolicy.COUNT:
        return tuple(range(len(table.rules) + 1)) if len(table.rules) <= MOST_COUNTED else None
    if table.hit_policy in _FOLDING:
        return None
    values: list[Value] = []
    for each in _conclusions(name, table):
        if not isinstance(each, Literal) or isinstance(each.value, Range):
            return None
        values.append(each.value)
    distinct = list(dict.fromkeys(values))
    if not distinct:
        return None
    if all(isinstance(value, bool | str | frozenset) for value in distinct):
        return tuple(distinct)
    return tuple(sorted(distinct))  # type: ignore[type-var]


def _stays_whole(node: Expression, fields: Mapping[str, Field]) -> bool:
    """Whether an expression can only come out at a whole number."""
    match node:
        case Literal(value=value):
            return isinstance(value, int)
        case FieldRef(field=name):
            return fields[name].source not in DERIVED and is_whole(fields[name])
        case Negate(operand=operand):
            return _stays_whole(operand, fields)
        case Arithmetic(operator=operator, left=left, right=right):
            both = _stays_whole(left, fields) and _stays_whole(right, fields)
            return operator in _WHOLE_STEPS and both
        case Call(function=function, arguments=arguments):
            if function in _CHOOSING:
                return all(_stays_whole(each, fields) for each in arguments)
            return function in _COUNTING
        case Conditional(then=then, otherwise=otherwise):
            return _stays_whole(then, fields) and _stays_whole(otherwise, fields)
    return False
