"""A condition that a project should fulfil, and the values around which it turns.

Only what is tried is drawn from here: that a project fulfils it is for the engine to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise

from engine.checks.space.lines import Line, position_of, value_at
from engine.dependencies import bounds, fields_read, walk
from engine.evaluate import Glossary, Meaning, Situation, condition, meaning
from engine.expressions import Comparison, Expression, FieldRef, Satisfies
from engine.values import Number, Value

SCALE = (0, *(10**power for power in range(15)))
"""Numbers of every size, among which a change is looked for."""
DAYS = (
    date.min.toordinal(),
    *(date(2000 + 4 * number, 1, 1).toordinal() for number in range(13)),
    date.max.toordinal(),
)


class Wish:
    """A condition, with the pairs of sides that it compares."""

    __slots__ = ("_gaps", "holds")

    def __init__(self, node: Expression, glossary: Glossary) -> None:
        self.holds = condition(node, glossary)
        self._gaps = [
            (meaning(left, glossary), meaning(right, glossary), fields_read(left, right))
            for left, right in _gaps_in(node)
        ]

    def turning_points(
        self, name: str, line: Line, facts: Mapping[str, Value | None], day: date
    ) -> Iterator[Number]:
        """Where two sides meet as a field moves: exactly when both are straight, else nearly."""
        for left, right, fields in self._gaps:
            if name in fields and all(facts.get(each) is not None for each in fields - {name}):
                gap = _Gap(left, right, name, line, facts, day)
                yield from _turning_points(gap, DAYS if line.day else SCALE)


class _Gap:
    """The difference of two sides, by the value of one field."""

    __slots__ = ("_day", "_facts", "_left", "_line", "_name", "_right")

    def __init__(
        self,
        left: Meaning,
        right: Meaning,
        name: str,
        line: Line,
        facts: Mapping[str, Value | None],
        day: date,
    ) -> None:
        self._left, self._right, self._name, self._line = left, right, name, line
        self._facts, self._day = facts, day

    def at(self, position: Number) -> Number | None:
        """The difference at a value; None where it is not known."""
        if self._line.day and not DAYS[0] <= position <= DAYS[-1]:
            return None
        facts = {**self._facts, self._name: value_at(position, self._line)}
        situation = Situation(facts, facts, self._day)
        left, right = self._left(situation), self._right(situation)
        if left is None or right is None:
            return None
        one, other = position_of(left), position_of(right)
        return None if one is None or other is None else one - other


def _turning_points(gap: _Gap, scale: Sequence[int]) -> Iterator[Number]:
    first, second = scale[3], scale[4]
    here, there = gap.at(first), gap.at(second)
    if here is not None and there is not None and here != there:
        root = first - here * Fraction(second - first) / Fraction(there - here)
        if gap.at(root) == 0:
            yield root
            return
    sizes = [(each, gap.at(each)) for each in scale]
    for (before, low), (after, high) in pairwise(sizes):
        if low is not None and high is not None and (low < 0) != (high < 0):
            yield from (after, before)


def _gaps_in(node: Expression) -> Iterator[tuple[Expression, Expression]]:
    for part in walk(node):
        match part:
            case Comparison(left=left, right=right):
                yield left, right
            case Satisfies(field=field, test=test):
                for bound in bounds(test):
                    yield FieldRef(field), bound
