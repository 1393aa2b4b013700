"""The fingerprint of a policy: a hash of its meaning, not of how its workbook is laid out.

Positions, the order of sheets, tables, fields and provisions do not count; the order of rows counts
only in a 首个 table.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction

from engine.model import DecisionTable, HitPolicy, Policy

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


def fingerprint(policy: Policy) -> str:
    """The SHA-256 of the canonical form of a policy, in hexadecimal."""
    canonical = json.dumps(_canonical(policy), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _canonical(node: object) -> object:
    match node:
        case Policy():
            return _fields(node, _UNORDERED)
        case DecisionTable(hit_policy=policy):
            return _fields(node, () if policy is HitPolicy.FIRST else ("rules",))
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


def _fields(node: object, unordered: tuple[str, ...]) -> dict[str, object]:
    assert is_dataclass(node)
    result: dict[str, object] = {"": type(node).__name__}
    for each in fields(node):
        if not each.compare:
            continue
        value = _canonical(getattr(node, each.name))
        if each.name in unordered and isinstance(value, list):
            value = sorted(
                value, key=lambda item: json.dumps(item, ensure_ascii=False, sort_keys=True)
            )
        result[each.name] = value
    return result
