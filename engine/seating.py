"""How many can have a place at once, when each may have one only in some tiers.

A matching of candidates with places, in which candidates of the same tiers are one kind. A place
is found along an augmenting path (C. Berge, 1957), so the work grows with kinds and tiers, not with
their combinations.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias, TypeVar

K = TypeVar("K")
Kind: TypeAlias = frozenset[int]
"""The tiers in which a candidate may have a place."""


@dataclass(frozen=True, slots=True)
class Seating:
    """How many sit in each tier, of each kind; who has no seat, and which places are free."""

    size: int
    waiting: Mapping[Kind, int]
    free: Mapping[int, int]
    seated: Mapping[int, Mapping[Kind, int]]


def nobody_seated(kinds: Iterable[Kind], places: Mapping[int, int]) -> Seating:
    """Every candidate waits, every place is free."""
    return Seating(0, Counter(kinds), dict(places), {tier: {} for tier in places})


def seat(seating: Seating, goal: int) -> Seating:
    """Seat more, moving some to other tiers, until ``goal`` sit or no more can."""
    while seating.size < goal:
        path = _path(seating)
        if path is None:
            break
        seating = _moved(seating, *path, goal - seating.size)
    return seating


def give(seating: Seating, tier: int, kind: Kind | None) -> Seating:
    """Give a place away for good: to one of a kind, or (None) to someone who is not counted here.

    Who sits where may change, and whoever loses a seat waits.
    """
    size, waiting, free = seating.size, dict(seating.waiting), dict(seating.free)
    seated = dict(seating.seated)
    if kind is not None and waiting[kind] > 0:
        waiting[kind] -= 1
    elif kind is not None:
        left = tier if seated[tier].get(kind) else next(at for at in kind if seated[at].get(kind))
        seated[left] = _changed(seated[left], kind, -1)
        free[left] += 1
        size -= 1
    if free[tier] == 0:
        other = next(each for each, count in seated[tier].items() if count)
        seated[tier] = _changed(seated[tier], other, -1)
        waiting[other] += 1
        free[tier] += 1
        size -= 1
    free[tier] -= 1
    return Seating(size, waiting, free, seated)


def _path(seating: Seating) -> tuple[list[Kind], list[int]] | None:
    """Who takes a seat where: the first waits, each next leaves it to the one before."""
    came: dict[int, tuple[Kind, int | None]] = {}
    ahead: deque[int] = deque()

    def reach(kind: Kind, leaving: int | None) -> None:
        for tier in kind:
            if tier not in came:
                came[tier] = (kind, leaving)
                ahead.append(tier)

    for kind, count in seating.waiting.items():
        if count and len(came) < len(seating.free):
            reach(kind, None)
    while ahead:
        tier = ahead.popleft()
        if seating.free[tier]:
            return _traced(tier, came)
        for kind, count in seating.seated[tier].items():
            if count and len(came) < len(seating.free):
                reach(kind, tier)
    return None


def _traced(tier: int, came: Mapping[int, tuple[Kind, int | None]]) -> tuple[list[Kind], list[int]]:
    kinds, tiers = [], []
    at: int | None = tier
    while at is not None:
        tiers.append(at)
        kind, at = came[at]
        kinds.append(kind)
    return kinds[::-1], tiers[::-1]


def _moved(seating: Seating, kinds: list[Kind], tiers: list[int], most: int) -> Seating:
    """Let as many as can go along a path."""
    leaving = [(kind, tier) for (_, kind), tier in zip(pairwise(kinds), tiers, strict=False)]
    count = min(
        most,
        seating.waiting[kinds[0]],
        seating.free[tiers[-1]],
        *(seating.seated[tier][kind] for kind, tier in leaving),
    )
    seated = dict(seating.seated)
    for kind, tier in zip(kinds, tiers, strict=True):
        seated[tier] = _changed(seated[tier], kind, count)
    for kind, tier in leaving:
        seated[tier] = _changed(seated[tier], kind, -count)
    return Seating(
        seating.size + count,
        _changed(seating.waiting, kinds[0], -count),
        _changed(seating.free, tiers[-1], -count),
        seated,
    )


def _changed(counts: Mapping[K, int], key: K, by: int) -> dict[K, int]:
    return {**counts, key: counts.get(key, 0) + by}
