"""Boxes: one mask of values for each field. What they share, and what several leave uncovered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import and_, ne
from typing import TypeAlias

Box: TypeAlias = tuple[int, ...]

CALL, TOUCH = 10, 40
"""The work of beginning anything, and of comparing boxes in all fields; in one field it is 1."""


class TooMuchWork(Exception):
    """A check would take longer than anybody waits; it must say that it was not completed."""


class Effort:
    """How much work is left for something; what is spent here is also spent ``of`` the whole."""

    __slots__ = ("_left", "_of")

    def __init__(self, left: int, of: Effort | None = None) -> None:
        self._left = left
        self._of = of

    def spend(self, work: int) -> None:
        """Do some work.

        Raises:
            TooMuchWork: no more was left.
        """
        self._left -= work
        if self._left < 0:
            raise TooMuchWork
        if self._of is not None:
            self._of.spend(work)


def meet(one: Box, other: Box) -> Box | None:
    """What two boxes share."""
    common = tuple(map(and_, one, other))
    return common if all(common) else None


def contains(cover: Box, box: Box) -> bool:
    """Whether a box lies wholly in another."""
    return tuple(map(and_, box, cover)) == box


def meeting_pairs(
    boxes: Sequence[Box], everything: Box, effort: Effort
) -> Iterator[tuple[int, int]]:
    """The numbers of all boxes that share something, two by two.

    The fields that keep most boxes apart are looked at first.
    """
    columns = [
        [box[column] for box in boxes]
        for column, full in enumerate(everything)
        if any(box[column] != full for box in boxes)
    ]
    columns.sort(
        key=lambda column: sum(mask.bit_count() for mask in column) / max(column).bit_length()
    )
    for number in range(len(boxes)):
        later: Sequence[int] = range(number + 1, len(boxes))
        for column in columns:
            effort.spend(CALL + len(later))
            mask = column[number]
            later = [other for other in later if column[other] & mask]
            if not later:
                break
        for other in later:
            yield number, other


def uncovered(within: Box, covers: Iterable[Box], effort: Effort) -> Box | None:
    """A box inside another that none of the covers touches; None when they cover it all.

    Parts are split along the cover that splits them least, until one is found or none is left.
    """
    parts: list[tuple[Box, Sequence[Box], Sequence[int]]] = [
        (within, tuple(covers), range(len(within)))
    ]
    while parts:
        part, nearby, narrowed = parts.pop()
        near = [nearby[number] for number in touching(part, nearby, narrowed, effort)]
        effort.spend(TOUCH * (1 + len(near)))
        chosen, fewest = None, len(part) + 1
        for cover in near:
            limits = sum(map(ne, map(and_, part, cover), part))
            if not limits:
                break
            if limits < fewest:
                chosen, fewest = cover, limits
        else:
            if chosen is None:
                return part
            for each in outside(part, chosen):
                parts.append((each, near, [n for n, mask in enumerate(each) if mask != part[n]]))
    return None


def touching(
    box: Box, covers: Sequence[Box], columns: Iterable[int], effort: Effort
) -> Sequence[int]:
    """The numbers of the covers that share something with a box in some columns."""
    near: Sequence[int] = range(len(covers))
    for column in columns:
        effort.spend(CALL + len(near))
        mask = box[column]
        near = [number for number in near if covers[number][column] & mask]
    return near


def outside(box: Box, cover: Box) -> Iterator[Box]:
    """The parts of a box outside another, which do not meet."""
    for column, (mask, limit) in enumerate(zip(box, cover, strict=True)):
        beyond = mask & ~limit
        if beyond:
            yield (*box[:column], beyond, *box[column + 1 :])
            box = (*box[:column], mask & limit, *box[column + 1 :])


def widened(box: Box, within: Box, covers: Iterable[Box], effort: Effort) -> Box:
    """An uncovered box made as wide as the covers let it be, field by field."""
    covers = tuple(covers)
    for column in range(len(box)):
        effort.spend(TOUCH * len(covers))
        taken = 0
        for cover in covers:
            if all(
                mask & limit
                for other, (mask, limit) in enumerate(zip(box, cover, strict=True))
                if other != column
            ):
                taken |= cover[column]
        box = (*box[:column], within[column] & ~taken, *box[column + 1 :])
    return box


def uncovered_regions(
    within: Box, covers: Sequence[Box], most: int, effort: Effort
) -> Iterator[Box]:
    """Wide regions that no cover touches, at most so many; together with the covers they are all
    there is when they are fewer."""
    known = list(covers)
    for _ in range(most):
        part = uncovered(within, known, effort)
        if part is None:
            return
        region = widened(part, within, covers, effort)
        yield region
        known.append(region)
