"""The fingerprint of a policy: a hash of its meaning, not of how its workbook is laid out.

Positions, spellings, the order of sheets, tables, fields and provisions do not count, nor in which
column a condition stands. The order of rules counts in a 首个 or 优先 table, and the order of codes
where an 优先 table must rank codes that have no 次序.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any

from engine.expressions import conjuncts
from engine.model import Condition, DecisionTable, HitPolicy, Policy, Rule
from engine.types import ChoiceType, CodeList, MultiChoiceType

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


DECIDED_BY_ORDER = (HitPolicy.FIRST, HitPolicy.PRIORITY)
"""Under these hit policies the order of the rules of a table can decide."""


def short_print(whole: str) -> str:
    """As much of a fingerprint as tells versions apart at a glance."""
    return whole[:12]


def fingerprint(policy: Policy) -> str:
    """The SHA-256 of the canonical form of a policy, in hexadecimal."""
    return hashlib.sha256(_text(policy).encode()).hexdigest()


def ranked_by_position(policy: Policy) -> frozenset[str]:
    """The code lists in which the order of the codes can decide."""
    types = {field.name: field.type for field in policy.fields}
    ranking = set()
    for table in policy.tables:
        if table.hit_policy is HitPolicy.PRIORITY and table.outputs:
            match types.get(table.outputs[0].field):
                case ChoiceType(code_list=name) | MultiChoiceType(code_list=name):
                    ranking.add(name)
    return frozenset(
        each.name
        for each in policy.code_lists
        if each.name in ranking and any(code.rank is None for code in each.codes)
    )


def _ordered(codes: CodeList) -> CodeList:
    return replace(codes, codes=tuple(sorted(codes.codes, key=lambda code: code.value)))


def _canonical(node: object) -> object:
    match node:
        case Policy(code_lists=code_lists):
            kept = ranked_by_position(node)
            listed = (each if each.name in kept else _ordered(each) for each in code_lists)
            return _fields(replace(node, code_lists=tuple(listed)), _UNORDERED)
        case DecisionTable(hit_policy=policy):
            unordered = () if policy in DECIDED_BY_ORDER else ("rules",)
            return _fields(replace(node, inputs=()), unordered)
        case Rule(conditions=conditions):
            parts = {
                _text(part): part for each in conditions for part in conjuncts(each.expression)
            }
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
