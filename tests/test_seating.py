"""Seating against Hall's theorem, which tries every set of tiers."""

from __future__ import annotations

from itertools import chain, combinations
from random import Random

import pytest

from engine.seating import Kind, Seating, give, nobody_seated, seat


def most(seating: Seating) -> int:
    """The most that can sit: the least over all sets of tiers (P. Hall, 1935)."""
    places = {
        tier: free + sum(seating.seated[tier].values()) for tier, free in seating.free.items()
    }
    wanting = dict(seating.waiting)
    for kinds in seating.seated.values():
        for kind, count in kinds.items():
            wanting[kind] += count
    subsets = chain.from_iterable(combinations(places, size) for size in range(len(places) + 1))
    return min(
        sum(places[tier] for tier in subset)
        + sum(count for kind, count in wanting.items() if not kind <= set(subset))
        for subset in subsets
    )


def check(seating: Seating) -> None:
    """Nobody sits where they may not, and the numbers fit."""
    assert seating.size == sum(sum(kinds.values()) for kinds in seating.seated.values())
    assert min((*seating.free.values(), *seating.waiting.values()), default=0) >= 0
    for tier, kinds in seating.seated.items():
        assert all(count >= 0 and (not count or tier in kind) for kind, count in kinds.items())


@pytest.mark.parametrize("seed", range(100))
def test_seats_as_many_as_can_sit(seed: int) -> None:
    random = Random(seed)
    tiers = range(random.randint(1, 6))
    places = {tier: random.randint(0, 4) for tier in tiers}
    kinds: list[Kind] = [
        frozenset(tier for tier in tiers if random.random() < 0.4) for _ in range(12)
    ]
    seating = nobody_seated(kinds, places)
    goal = random.randint(0, 12)
    assert seat(seating, goal).size == min(goal, most(seating))
    while any(places.values()):
        seating = seat(seating, 99)
        check(seating)
        assert seating.size == most(seating)
        tier = random.choice([each for each in tiers if places[each]])
        able = [kind for kind in kinds if tier in kind]
        kind = random.choice([*able, None])
        seating = give(seating, tier, kind)
        check(seating)
        places[tier] -= 1
        if kind is not None:
            kinds.remove(kind)


def test_one_moves_to_make_room() -> None:
    """The second of two may only sit where the first sits."""
    both, one = frozenset({0, 1}), frozenset({0})
    first = seat(nobody_seated([both], {0: 1, 1: 1}), 1)
    waiting = Seating(first.size, {**first.waiting, one: 1}, first.free, first.seated)
    assert seat(waiting, 2).seated == {0: {both: 0, one: 1}, 1: {both: 1}}
