"""The fingerprint of a policy: a hash of its meaning, not of how its workbook is laid out.

Positions, spellings, the order of sheets, tables, fields and provisions do not count, nor in which
column a condition stands; the order of rows counts only in a 首个 table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any

from engine.expressions import Conjunction, Expression
from engine.model import Condition, DecisionTable, HitPolicy, Policy, Rule

_UNORDERED = (
    "subjects",
    "provisions",
    "fields",
    "code_lists",
    "tables",
    "measures",
    "groups",
    "selections",
    "constraints",
)


_WHEN_SAID = ("uplift", "allowances", "plan")
"""What a policy may say and older ones could not: unsaid, it leaves no trace, and theirs stay."""


def fingerprint(policy: Policy) -> str:
    """The SHA-256 of the canonical form of a policy, in hexadecimal."""
    return hashlib.sha256(_text(policy).encode()).hexdigest()


def _canonical(node: object) -> object:
    match node:
        case Policy():
            return _fields(node, _UNORDERED)
        case DecisionTable(hit_policy=policy):
            unordered = () if policy is HitPolicy.FIRST else ("rules",)
            return _fields(replace(node, inputs=()), unordered)
        case Rule(conditions=conditions):
            parts = {_text(part): part for each in conditions for part in _parts(each.expression)}
            sorted_parts = [Condition(parts[each], "") for each in sorted(parts)]
            return _fields(replace(node, conditions=tuple(sorted_parts)), ("overrides",))
        case Enum():
            return node.value
        case bool() | int() | str() | None:
            return node
        case Fraction():
            return f"{node.numerator}/{node.denominator}"
        case date():
            return node.isoformat()
        case frozenset():
            return sorted(map(str, node))
        case tuple():
            return [_canonical(each) for each in node]
        case _ if is_dataclass(node) and not isinstance(node, type):
            return _fields(node, ())
        case _:
            raise TypeError(f"no canonical form for {type(node).__name__}")


def _parts(condition: Expression) -> Iterator[Expression]:
    """What a condition demands, each demand by itself."""
    if isinstance(condition, Conjunction):
        for operand in condition.operands:
            yield from _parts(operand)
    else:
        yield condition


def _text(node: object) -> str:
    return json.dumps(_canonical(node), ensure_ascii=False, sort_keys=True)


def _fields(node: object, unordered: tuple[str, ...]) -> dict[str, object]:
    kind: Any = type(node)
    result: dict[str, object] = {"": kind.__name__}
    for name in _meaning(kind):
        value = _canonical(getattr(node, name))
        if name in _WHEN_SAID and not value:
            continue
        if name in unordered and isinstance(value, list):
            value = sorted(
                value, key=lambda item: json.dumps(item, ensure_ascii=False, sort_keys=True)
            )
        result[name] = value
    return result


@cache
def _meaning(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass in which two that mean the same are equal."""
    assert is_dataclass(kind)
    return tuple(each.name for each in fields(kind) if each.compare)
