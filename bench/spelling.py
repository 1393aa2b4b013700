"""What the translations to other engines share: ASCII names, and what they cannot say.

Money is fen, a date is a day number, a rate is a binary float (the peers have nothing exact).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from engine.cases import Case
from engine.model import DecisionTable, HitPolicy, Policy
from engine.tables import State
from engine.types import ChoiceType, CodeList, MultiChoiceType
from engine.values import Range, Value
from engine.worked import Worked

Plain: TypeAlias = bool | int | float | str | list[str]


class Inexpressible(Exception):
    """The peer has no words for a node; the rule that holds it is left out and counted."""


@dataclass(frozen=True, slots=True)
class Names:
    """ASCII names for fields and codes, in the order in which the policy names them."""

    fields: Mapping[str, str]
    codes: Mapping[str, str]
    lists: Mapping[str, CodeList]
    list_of: Mapping[str, str]


def names_of(policy: Policy) -> Names:
    """Number the fields and the codes of a policy."""
    codes = dict.fromkeys(code.value for each in policy.code_lists for code in each.codes)
    return Names(
        {field.name: f"f{number}" for number, field in enumerate(policy.fields)},
        {code: f"c{number}" for number, code in enumerate(codes)},
        {each.name: each for each in policy.code_lists},
        {
            field.name: field.type.code_list
            for field in policy.fields
            if isinstance(field.type, ChoiceType | MultiChoiceType)
        },
    )


def plain(value: Value, names: Names) -> Plain:
    """Spell a value as the peers take it."""
    match value:
        case bool():
            return value
        case int():
            return value
        case Fraction():
            return float(value)
        case date():
            return value.toordinal()
        case str():
            return names.codes.get(value, value)
        case frozenset():
            return sorted(names.codes.get(each, each) for each in value)
        case Range():
            raise Inexpressible("range")


def with_descendants(field: str, values: tuple[Value, ...], names: Names) -> list[str]:
    """The codes that count as one of the values, spelt: the peers know no hierarchy."""
    wanted = [str(each) for each in values]
    if field in names.list_of:
        parent = {code.value: code.parent for code in names.lists[names.list_of[field]].codes}
        for code in parent:
            above = parent[code]
            while above is not None and code not in wanted:
                if above in values:
                    wanted.append(code)
                above = parent.get(above)
    return [names.codes.get(each, each) for each in wanted]


def plain_case(case: Case, names: Names) -> dict[str, Plain]:
    """The facts of a case as the peers take them."""
    return {
        names.fields[name]: plain(value, names)
        for name, value in case.facts.items()
        if value is not None and name in names.fields
    }


def in_order(policy: Policy, level: Mapping[str, int]) -> list[DecisionTable]:
    """The tables in the order in which they can be worked out."""
    return sorted(policy.tables, key=lambda table: (level[table.name], table.name))


def fired(worked: Worked, names: frozenset[str]) -> list[str]:
    """The rules that make our answer, of those that a peer knows, sorted.

    Where several rows of a 任意 table agree, a peer names the first.
    """
    found: set[str] = set()
    for result in worked.results.values():
        if result.state is State.CONFLICT:
            continue
        agreeing = result.table.hit_policy is HitPolicy.ANY and result.table.outputs
        standing = result.standing[:1] if agreeing else result.standing
        found.update(row.rule.id for row in standing)
    return sorted(found & names)
