"""Who works now: so many at a time, and who has worked for a while goes to the end of the line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from threading import Condition
from time import monotonic

LOOK_EVERY = 0.2
"""Seconds after which one who waits looks whether somebody went away meanwhile."""


@dataclass(slots=True, eq=False)
class Turn:
    """One that works or waits. ``is_absent``: nobody looks at what it does; ``check`` raises when
    it shall not go on."""

    is_absent: Callable[[], bool]
    check: Callable[[], None]
    number: int = 0
    since: float = 0.0

    @property
    def rank(self) -> tuple[bool, int]:
        """The lower, the sooner."""
        return self.is_absent(), self.number


class Line:
    """Lets so many work at a time, each for some seconds while others wait.

    Short work is soon done however much long work there is, and nobody waits for ever; only what
    nobody looks at waits for all others.
    """

    def __init__(self, places: int, seconds: float) -> None:
        self._places, self._seconds = places, seconds
        self._changed = Condition()
        self._waiting: list[Turn] = []
        self._working: set[Turn] = set()
        self._numbers = count()

    def before(self, turn: Turn) -> int:
        """How many come before one that waits; 0: it waits no more, or not yet."""
        with self._changed:
            if turn not in self._waiting:
                return 0
            rank = turn.rank
            return len(self._working) + sum(each.rank < rank for each in self._waiting)

    @contextmanager
    def joined(self, turn: Turn) -> Iterator[None]:
        """Wait until it may work, and make room at the end."""
        self._wait(turn)
        try:
            yield
        finally:
            self._leave(turn)

    def give_way(self, turn: Turn) -> None:
        """Go to the end of the line when others wait and it has worked for a while.

        What nobody looks at gives way at once, and what somebody looks at never to such.
        """
        if not self._waiting:
            return
        with self._changed:
            first = min((each.rank[0] for each in self._waiting), default=True)
            absent = turn.is_absent()
            stays = first and not absent
            if stays or (first == absent and monotonic() - turn.since < self._seconds):
                return
        self._leave(turn)
        self._wait(turn)

    def _wait(self, turn: Turn) -> None:
        with self._changed:
            turn.number = next(self._numbers)
            self._waiting.append(turn)
            try:
                while not self._may_begin(turn):
                    turn.check()
                    self._changed.wait(LOOK_EVERY)
                turn.check()
                self._working.add(turn)
            finally:
                self._waiting.remove(turn)
                self._changed.notify_all()
            turn.since = monotonic()

    def _may_begin(self, turn: Turn) -> bool:
        free = len(self._working) < self._places
        return free and min(self._waiting, key=lambda each: each.rank) is turn

    def _leave(self, turn: Turn) -> None:
        with self._changed:
            self._working.discard(turn)
            self._changed.notify_all()
