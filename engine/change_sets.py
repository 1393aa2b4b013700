"""Sets of changed facts: which of two is smaller, and how several are joined."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import TypeAlias, cast

from engine.expressions import UnaryTest
from engine.moves import Aim, aim
from engine.values import Value
from engine.worked import Worked

MOST_SETS = 16
MOST_COMBINATIONS = 144

Changes: TypeAlias = Mapping[str, Aim]

NOTHING: list[Changes] = [{}]
"""All is as wanted already."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """A case as some changes have left it, and the facts as they were before any."""

    worked: Worked
    before: Mapping[str, Value | None]
    known: dict[tuple[int, bool], list[Changes]] = dataclasses.field(default_factory=dict)
    """Changes that were found for conditions of the policy, by their identity."""
    passing: dict[tuple[str, UnaryTest, bool], list[Changes]] = dataclasses.field(
        default_factory=dict
    )
    """Changes that were found for tests of fields."""
    nested: list[str] = dataclasses.field(default_factory=list)
    """The fields that are being looked through, each derived from the next."""


def weight(changes: Changes) -> tuple[int, int, int, int]:
    """What makes one set of changes smaller than another.

    The facts in it, the judgements among them, the size of its moves, what gets less.
    """
    judged = size = less = 0
    for each in changes.values():
        judged += each.judged
        size += each.size
        less += each.less
    return len(changes), judged, size, less


def any_of(options: Iterable[Iterable[Changes]]) -> list[Changes]:
    """The smallest sets of all options, without repeats; equal ones in the order of the policy."""
    unique = {frozenset(changes.items()): changes for each in options for changes in each}
    if len(unique) < 2:
        return list(unique.values())
    return sorted(unique.values(), key=weight)[:MOST_SETS]


def all_of(options: Iterable[list[Changes]], at: Standpoint) -> list[Changes]:
    """Pick one set of each option and join them; the smallest of what comes out."""
    needed: list[list[Changes]] = []
    for each in options:
        if not each:
            return []
        if each != NOTHING:
            needed.append(each)
    if not needed:
        return NOTHING
    if len(needed) == 1:
        return needed[0]
    several = sum(len(each) > 1 for each in needed)
    width = max(2, round(MOST_COMBINATIONS ** (1 / max(1, several))))
    picks = islice(product(*(each[:width] for each in needed)), MOST_COMBINATIONS)
    return any_of(_joined(pick, at) for pick in picks)


def _joined(parts: Iterable[Changes], at: Standpoint) -> list[dict[str, Aim]]:
    """Join sets of changes; where two want different things of one fact, each gets its way."""
    ways: list[dict[str, Aim]] = [{}]
    for part in parts:
        for name, near in part.items():
            ways = [way for before in ways for way in _with(before, name, near, at)][:MOST_SETS]
    return ways


def _with(way: dict[str, Aim], name: str, near: Aim, at: Standpoint) -> Iterator[dict[str, Aim]]:
    other = way.get(name, near)
    if isinstance(other.value, frozenset) and isinstance(near.value, frozenset):
        held = cast(frozenset[str], at.before.get(name) or frozenset())
        joined = (other.value | near.value) - (held - other.value) - (held - near.value)
        yield {**way, name: aim(at.worked.program.fields[name], held, joined)}
        return
    yield {**way, name: near}
    if other.value != near.value:
        yield way
