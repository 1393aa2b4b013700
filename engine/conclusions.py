"""How what several rows conclude for one output agrees, contradicts, or folds into one value.

A conclusion that is missing (None) may still be anything; one of which only the limits are known
may be anything between them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TypeAlias, cast

from engine.evaluate import compare
from engine.expressions import Comparator, Expression
from engine.truth import UNKNOWN, YES, Truth
from engine.values import Number, Range, Value, add, high_of, low_of, span

Column: TypeAlias = Sequence[Value | None]
"""What some rows conclude for one output, row by row."""

Fold: TypeAlias = Callable[[Column, Column], tuple[Value | None, list[bool]]]
"""Makes one value of what the true and the unknown rows conclude, and says of each unknown row
whether it bears on that value."""


def equal(
    one: Value | None, other: Value | None, node: Expression, other_node: Expression
) -> Truth:
    """Whether the conclusions of two rows are equal; a number known by its limits equals itself."""
    if one is None or other is None:
        return UNKNOWN
    truth = compare(Comparator.EQUAL, one, other)
    return YES if truth is UNKNOWN and node == other_node else truth


def common(column: Column, nodes: Sequence[Expression]) -> Value | None:
    """The value that all rows conclude; None unless they surely do."""
    first, node = column[0], nodes[0]
    agree = all(
        equal(first, value, node, other) is YES for value, other in zip(column, nodes, strict=True)
    )
    return first if agree else None


def contradict(column: Column) -> bool:
    """Whether some rows conclude what surely differs."""
    known = [value for value in column if value is not None]
    if any(isinstance(value, Range) for value in known):
        numbers = _numbers(known)
        return max(map(low_of, numbers)) > min(map(high_of, numbers))
    return any(value != known[0] for value in known)


def counted(sure: Column, possible: Column) -> tuple[Value | None, list[bool]]:
    """计数: how many rows there are, whatever they conclude."""
    return span(len(sure), len(sure) + len(possible)), [True] * len(possible)


def summed(sure: Column, possible: Column) -> tuple[Value | None, list[bool]]:
    """求和: what is sure, and the most that the unknown rows may take off and add."""
    bearing = [term != 0 for term in possible]
    if None in sure or None in possible:
        return None, bearing
    loose = [span(min(0, low_of(term)), max(0, high_of(term))) for term in _numbers(possible)]
    nothing: Number | Range = 0
    return reduce(add, [*_numbers(sure), *loose], nothing), bearing


def least(sure: Column, possible: Column) -> tuple[Value | None, list[bool]]:
    """最小: from the least if all unknown rows are in, to what holds if they are out."""
    if None in sure:
        return None, [True] * len(possible)
    numbers = _numbers(sure)
    low, high = min(map(low_of, numbers)), min(map(high_of, numbers))
    bearing = [term is None or low_of(_number(term)) < high for term in possible]
    if None in possible:
        return None, bearing
    return span(min([low, *map(low_of, _numbers(possible))]), high), bearing


def greatest(sure: Column, possible: Column) -> tuple[Value | None, list[bool]]:
    """最大: from what holds if all unknown rows are out, to the greatest if they are in."""
    if None in sure:
        return None, [True] * len(possible)
    numbers = _numbers(sure)
    low, high = max(map(low_of, numbers)), max(map(high_of, numbers))
    bearing = [term is None or high_of(_number(term)) > low for term in possible]
    if None in possible:
        return None, bearing
    return span(low, max([high, *map(high_of, _numbers(possible))])), bearing


def collected(sure: Column, possible: Column) -> tuple[Value | None, list[bool]]:
    """收集: the union of the codes; None when an unknown row would add to it."""
    sets = [_as_set(value) for value in sure]
    union = None if None in sets else frozenset[str]().union(*cast(list[frozenset[str]], sets))
    bearing = [
        union is None or (added := _as_set(value)) is None or not added <= union
        for value in possible
    ]
    return None if any(bearing) else union, bearing


def _numbers(column: Column) -> list[Number | Range]:
    return cast(list[Number | Range], column)


def _number(value: Value) -> Number | Range:
    return cast(Number | Range, value)


def _as_set(value: Value | None) -> frozenset[str] | None:
    if isinstance(value, str):
        return frozenset((value,))
    return value if isinstance(value, frozenset) else None
