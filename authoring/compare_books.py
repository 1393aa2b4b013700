"""What two versions of a policy say differently: cells changed, rows that are new or gone.

A rule is known again by its number, a row of a plain sheet by its name; order matters only among
the rules of a table, where it can decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from authoring.canonical_text import statements
from authoring.headings import split_unit
from authoring.readings import AMOUNT, CAP, readings_of
from authoring.spell_book import MARKER
from engine.cells import Place
from engine.dependencies import amounts
from engine.expressions import Satisfies, UnaryTest
from engine.model import Field, Policy, Rule
from engine.tightness import Shift, shift_of_amounts, shift_of_tests


class Kind(StrEnum):
    """What became of a thing."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    """The rules of a table stand in another order."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is said differently.

    ``heading`` is "" where a whole row (or, without ``row``, a whole table) came or went; then the
    texts list what it says.
    """

    kind: Kind
    sheet: str
    row: str
    heading: str
    before: str
    after: str
    at: Place | None
    shift: Shift | None = None


_Key = tuple[str, str, str, int]
_SEPARATOR = "；"


def differences(old: Policy, new: Policy) -> tuple[Difference, ...]:
    """Everything that is said differently, as the newer version orders it, what is gone last."""
    before, after = _by_key(old), _by_key(new)
    places_before, places_after = _places(old), _places(new)
    found: list[Difference] = []
    for name, text in after.items():
        sheet, row, heading, _ = name
        at = _place(places_after, row, heading)
        if name not in before:
            if _is_new(sheet, row, before):
                if heading == "":
                    whole = _whole(after, sheet, row)
                    found.append(Difference(Kind.ADDED, sheet, row, "", "", whole, at))
            else:
                found.append(Difference(Kind.ADDED, sheet, row, heading, "", text, at))
        elif before[name] != text:
            found.append(Difference(Kind.CHANGED, sheet, row, heading, before[name], text, at))
    found += _moved(old, new)
    for name, text in before.items():
        sheet, row, heading, _ = name
        if name in after:
            continue
        at = _place(places_before, row, heading)
        if _is_new(sheet, row, after):
            if heading == "":
                whole = _whole(before, sheet, row)
                found.append(Difference(Kind.REMOVED, sheet, row, "", whole, "", at))
        else:
            found.append(Difference(Kind.REMOVED, sheet, row, heading, text, "", at))
    shifts = _Shifts(old, new)
    return tuple(replace(each, shift=shifts.of(each)) for each in found)


class _Shifts:
    """Which way the conditions and amounts of rules were changed that both versions have."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self._versions = old, new
        self._rules = [
            {rule.id: rule for table in policy.tables for rule in table.rules}
            for policy in (old, new)
        ]
        self._fields = {field.name: field for field in new.fields}

    def of(self, difference: Difference) -> Shift | None:
        """Which way, where that can be told."""
        rules = [rules.get(difference.row) for rules in self._rules]
        if None in rules or not difference.sheet.startswith(MARKER):
            return None
        before, after = (rule for rule in rules if rule is not None)
        name, _ = split_unit(difference.heading)
        if name in self._fields:
            return self._condition(before, after, self._fields[name])
        if before.grant is None or after.grant is None:
            return None
        if name == AMOUNT and type(before.grant.benefit) is type(after.grant.benefit):
            pair = [amounts(each.grant.benefit) for each in (before, after) if each.grant]
        elif name == CAP:
            pair = [each.grant.caps for each in (before, after) if each.grant]
        else:
            return None
        if [len(each) for each in pair] != [1, 1]:
            return None
        return shift_of_amounts(pair[0][0], pair[1][0])

    def _condition(self, before: Rule, after: Rule, field: Field) -> Shift | None:
        was, is_ = (_tests(rule, field.name) for rule in (before, after))
        if len(was) > 1 or len(is_) > 1 or was == is_:
            return None
        if not was or not is_:
            return Shift.LOOSER if was else Shift.TIGHTER
        return shift_of_tests(was[0], is_[0], field, *self._versions)


def _tests(rule: Rule, name: str) -> list[UnaryTest]:
    return [
        each.expression.test
        for each in rule.conditions
        if isinstance(each.expression, Satisfies) and each.expression.field == name
    ]


def _by_key(policy: Policy) -> dict[_Key, str]:
    """The statements; where a row has one heading several times, they are counted."""
    found: dict[_Key, str] = {}
    for each in statements(policy):
        number = 0
        while (name := (each.sheet, each.row, each.heading, number)) in found:
            number += 1
        found[name] = each.text
    return found


def _is_new(sheet: str, row: str, others: Mapping[_Key, str]) -> bool:
    """Whether the other version does not have the row at all."""
    return bool(row) and (sheet, row, "", 0) not in others


def _whole(said: Mapping[_Key, str], sheet: str, row: str) -> str:
    return _SEPARATOR.join(
        f"{heading}：{text}"
        for (in_sheet, in_row, heading, _), text in said.items()
        if (in_sheet, in_row) == (sheet, row) and heading
    )


def _moved(old: Policy, new: Policy) -> Iterator[Difference]:
    orders = {table.name: [rule.id for rule in table.rules] for table in old.tables}
    for table in new.tables:
        ids = [rule.id for rule in table.rules]
        before = [each for each in orders.get(table.name, []) if each in set(ids)]
        after = [each for each in ids if each in set(before)]
        if before != after:
            sheet = f"{MARKER} {table.name}"
            texts = "、".join(before), "、".join(after)
            yield Difference(Kind.MOVED, sheet, "", "", *texts, table.at)


def _places(policy: Policy) -> dict[tuple[str, str], Place]:
    """Where rows and their cells stand, by row and heading."""
    found: dict[tuple[str, str], Place] = {}
    for rule in (rule for table in policy.tables for rule in table.rules):
        if rule.at is not None:
            found[rule.id, ""] = rule.at
    for reading in readings_of(policy):
        found.setdefault((reading.rule, reading.subject), Place(reading.at))
    named = [
        *((each.name, each.at) for each in policy.fields),
        *((each.number, each.at) for each in policy.provisions),
        *((each.name, each.at) for each in policy.groups),
        *((each.id, each.at) for each in policy.constraints),
    ]
    for name, at in named:
        if at is not None:
            found.setdefault((name, ""), at)
    return found


def _place(places: Mapping[tuple[str, str], Place], row: str, heading: str) -> Place | None:
    field, _ = split_unit(heading)
    return places.get((row, field)) or places.get((row, heading)) or places.get((row, ""))
