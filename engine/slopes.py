"""Whether an amount grows otherwise on one side of a place than on the other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from engine.values import Bound, Number

DEEPEST = 12
"""How often a piece is halved until what lies on it is straight."""
CLOSE = 20_000
"""Places less than this part of the range apart are one."""
CURVED = 8
"""What is straight within rounding may still curve by so many times as much."""
_OFF_CENTRE = Fraction(5, 13)

Ends: TypeAlias = tuple[Bound, Bound]
"""The least and the most of an amount."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an amount may begin to grow faster or slower: somewhere from ``left`` to ``right``.

    It is told of the two values ``below`` and ``above``; ``named`` where something is known to
    begin or end between these.
    """

    left: Number
    right: Number
    below: Number
    above: Number
    named: bool = False


@dataclass(frozen=True, slots=True)
class Slopes:
    """An amount over a number: ``at`` tells it, ``snap`` finds the value at or below a number.

    ``noise`` is what rounding alone may take from the amount or add to it.
    """

    at: Callable[[Number], Ends]
    snap: Callable[[Number], Number]
    step: Fraction
    noise: int

    def differ(self, place: Place, start: Number, end: Number) -> bool:
        """Whether the amount changes otherwise left of a place, back to ``start``, than right of
        it, up to ``end``, by more than rounding can make of it."""
        back = self._straight(place.left, start)
        on = self._straight(place.right, end)
        if back is None or on is None:
            return False
        common = min(place.left - back, on - place.right)
        sides = ((back, place.left), (place.right, on))
        before, after = ([self._slope(end, *side) for end in (0, 1)] for side in sides)
        return any(
            was is not None and now is not None and abs(now - was) * common > CURVED * self.noise
            for was, now in zip(before, after, strict=True)
        )

    def corners(
        self, near: Sequence[Number], walls: Collection[tuple[Number, Number]]
    ) -> Iterator[tuple[Number, Number]]:
        """Where neighbouring values alone show a bend: from the first to the last of them."""
        first: Number | None = None
        for before, here, after in zip(near, near[1:], near[2:], strict=False):
            bent = not ((before, here) in walls or (here, after) in walls) and any(
                not isinstance(was, float)
                and not isinstance(is_, float)
                and not isinstance(then, float)
                and abs(then - 2 * is_ + was) > CURVED * self.noise
                for was, is_, then in zip(*map(self.at, (before, here, after)), strict=True)
            )
            if bent and first is None:
                first = here
            if first is not None and not bent:
                yield first, before
                first = None
        if first is not None:
            yield first, near[-2]

    def _straight(self, here: Number, there: Number) -> Number | None:
        """How far towards another value the amount lies on one line; None where it does not."""
        reach = Fraction(there - here)
        for _ in range(DEEPEST):
            far = self.snap(here + reach)
            if far == here:
                return None
            between = {self.snap(here + (far - here) * part) for part in (_OFF_CENTRE, _HALF)}
            between -= {here, far}
            if (between or far == there) and all(
                self._is_on_line(here, each, far) for each in between
            ):
                return far
            reach /= 2
        return None

    def _is_on_line(self, one: Number, between: Number, other: Number) -> bool:
        share = Fraction(between - one) / Fraction(other - one)
        for first, found, last in zip(self.at(one), self.at(between), self.at(other), strict=True):
            if isinstance(first, float) or isinstance(found, float) or isinstance(last, float):
                continue
            if abs(found - first - (last - first) * share) > self.noise:
                return False
        return True

    def _slope(self, end: int, left: Number, right: Number) -> Fraction | None:
        first, last = self.at(left)[end], self.at(right)[end]
        if isinstance(first, float) or isinstance(last, float):
            return None
        return Fraction(last - first) / Fraction(right - left)


_HALF = Fraction(1, 2)


def bending(
    slopes: Slopes,
    places: Iterable[Place],
    walls: Iterable[tuple[Number, Number]],
    ends: tuple[Number, Number],
) -> list[Place]:
    """The places at which the amount bends; across ``walls`` it jumps.

    Those that lie closest together are looked at first: where one of them is no bend, the piece
    beside it reaches as far as the next.
    """
    fixed = [Place(left, right, left, right) for left, right in walls]
    waiting = _merged(sorted(places, key=_order), fixed, Fraction(ends[1] - ends[0]) / CLOSE)
    kept: list[Place] = []

    def piece(place: Place) -> tuple[Number, Number]:
        others = [each for each in (*fixed, *kept, *waiting) if each is not place]
        start = max((each.right for each in others if each.right <= place.left), default=ends[0])
        end = min((each.left for each in others if each.left >= place.right), default=ends[1])
        return start, end

    def room(place: Place) -> Number:
        start, end = piece(place)
        return min(place.left - start, end - place.right)

    while waiting:
        closest = min(waiting, key=room)
        start, end = piece(closest)
        waiting.remove(closest)
        if slopes.differ(closest, start, end):
            kept.append(closest)
    return sorted(kept, key=_order)


def _standing(place: Place) -> tuple[int, bool]:
    return max(map(_zeros, (place.below, place.above))), place.named


def _zeros(value: Number) -> int:
    """How many noughts a number ends with."""
    digits = str(value)
    return len(digits) - len(digits.rstrip("0")) if value else len(digits)


def _order(place: Place) -> Number:
    return place.left


def _merged(places: Sequence[Place], walls: Sequence[Place], close: Fraction) -> list[Place]:
    """Neighbouring places that nobody can tell apart made one, told where the value is roundest."""
    merged: list[Place] = []
    for place in places:
        last = merged[-1] if merged else None
        if (
            last is not None
            and place.left - last.right <= close
            and not any(last.right <= each.left and each.right <= place.left for each in walls)
        ):
            told = max(last, place, key=_standing)
            merged[-1] = replace(told, left=last.left, right=max(last.right, place.right))
        else:
            merged.append(place)
    return merged


def chains(values: Sequence[Number], step: Fraction) -> list[list[Number]]:
    """Runs of neighbouring values, each of two or more."""
    found: list[list[Number]] = []
    for left, right in pairwise(values):
        if right - left > step:
            continue
        if found and found[-1][-1] == left:
            found[-1].append(right)
        else:
            found.append([left, right])
    return found
