"""Derived facts under the lines that test them: each told once, where it is met first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.narrative import ConditionLine, RuleBlock

DEEPEST = 8
"""So many levels stand inside each other; what is derived from still more follows at the end."""


class Derivation(NamedTuple):
    """A derived fact and the rules that made it, or could have."""

    field: str
    rules: Sequence[RuleBlock]


class Unfolding:
    """The derivations that one measure rests on, handed out once each."""

    def __init__(
        self, derivations: Mapping[str, Sequence[RuleBlock]], told: set[str] | None = None
    ) -> None:
        """``told`` are those that other measures told before; what is told here is added to it."""
        self._left = dict(derivations)
        self._told: set[str] = set() if told is None else told
        self._put_off: list[Derivation] = []

    def take(self, line: ConditionLine, depth: int) -> list[Derivation]:
        """What stands behind a line and has not been told; it is put off when too deep."""
        fresh = [Derivation(name, self._left.pop(name)) for name in line.behind if self.left(name)]
        if depth < DEEPEST:
            return fresh
        self._put_off += fresh
        return []

    def left(self, field: str) -> bool:
        """Whether there is something to tell of a field that has not been told."""
        return bool(self._left.get(field))

    def tell_again(self, field: str) -> bool:
        """Note that a field is told; says whether another measure told it already."""
        again = field in self._told
        self._told.add(field)
        return again

    def put_off(self) -> Iterator[Derivation]:
        """What was too deep, in order; more may be put off while it is told."""
        while self._put_off:
            yield self._put_off.pop(0)
