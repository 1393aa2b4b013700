"""What a project may receive as one number moves and everything else stays.

The curve is exact at its points. Between two points it is straight as far as the eye can see, or
there is no cliff between them; a cliff is followed down to the smallest step of the field. Values
that break a 业务约束 which the project keeps are left out, and said to be.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from engine.bends import Shape, shapes_of
from engine.breaks import Breaks, Moving, breaks_of
from engine.cases import Case
from engine.expectations import kind_of, spell
from engine.model import Field
from engine.moves import smallest_step
from engine.outcome import Granted, Outcome, Verdict
from engine.portfolio import Money, money_of
from engine.simulate import Engine, simulate
from engine.slopes import Place, Slopes, bending, chains
from engine.values import FEN_PER_YUAN, Bound, Number
from engine.varying import EVEN, Barred, bar, is_barred, limits_of, on_grid, reach_of

MOST_RUNS = 600
"""So many times the case is worked out at most."""
BENT = Fraction(1, 200)
"""A bend that is smaller than this share of the greatest amount is not looked for."""
DEEPEST = 7
"""How often a piece is halved in search of a bend."""
MOST_SWEPT = 400
"""Places that can be solved are looked at until so many runs are spent."""
MOST_BENDING = 360
"""Bends are looked for until so many runs are spent; the rest is left for jumps."""
MOST_JUMPS = 5
"""So many jumps without a turn of a verdict are followed, the greatest first."""
LONGEST = 8
"""So many neighbouring values are one place; of more, each is looked at by itself."""
_OFF_CENTRE = Fraction(5, 13)
_ROUNDING = FEN_PER_YUAN
"""An amount that grows evenly moves in steps of so much, because it is rounded."""

Tell: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Point:
    """What the project may receive at one value of the number."""

    value: Number
    money: Money


@dataclass(frozen=True, slots=True)
class Turning:
    """A measure whose verdict is another on the other side; spelled as in 用例."""

    measure: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Cliff:
    """Where a verdict turns or money jumps: the last value before, and the first one after it.

    Where no verdict turns, ``measures`` are those whose amount is another.

    ``limit`` is the number that the policy names there, if it is one of the two.
    """

    below: Point
    above: Point
    limit: Number | None
    measures: tuple[Turning, ...]


@dataclass(frozen=True, slots=True)
class Bend:
    """Where money begins to grow faster or slower, and neither a verdict turns nor money jumps.

    ``begun`` and ``ended`` say what shapes the amounts from here on, and what does no more.
    """

    below: Point
    above: Point
    begun: tuple[Shape, ...]
    ended: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """The points from the smallest value to the greatest; ``here`` is where the project stands.

    ``more`` says that there are cliffs which were not followed to their place, ``complete`` that no
    verdict turns anywhere but at the cliffs. The range ends where all that follows is ``barred``;
    inside it stretches may be.
    """

    field: Field
    points: tuple[Point, ...]
    cliffs: tuple[Cliff, ...]
    here: Point | None
    more: bool = False
    barred: tuple[Barred, ...] = ()
    bends: tuple[Bend, ...] = ()
    complete: bool = True


def draw_curve(engine: Engine, case: Case, field: Field, tell: Tell | None = None) -> Curve:
    """Vary one number of a case."""
    here = case.facts.get(field.name)
    limits = limits_of(engine.policy, field.name)
    now = here if isinstance(here, int | Fraction) and not isinstance(here, bool) else None
    step = Fraction(smallest_step(field.type))
    barred, (low, high) = bar(engine.policy, case, field, now, reach_of(field, now, limits))
    runs = _Runs(engine, case, field.name, tell)
    cuts = (low + Fraction(high - low) * number / EVEN for number in range(EVEN + 1))
    values = {on_grid(value, low, step) for value in cuts} | {low, high}
    for limit in limits:
        around = (on_grid(limit + side * step, low, step) for side in (-1, 0, 1))
        values |= {value for value in around if low <= value <= high}
    if now is not None:
        values.add(now)
    for value in sorted(values):
        runs.at(value)
    doubts = _sweep(runs, low, step)
    ordered = sorted(runs.outcomes)
    for left, right in pairwise(ordered):
        _follow(runs, runs.signs, left, right, low, step)
    for left, right in pairwise(ordered):
        if (left, right) in runs.even:
            continue
        _bend(runs, left, right, low, step, DEEPEST)
    jumps = _likely_jumps(runs, step)
    for left, right in jumps[:MOST_JUMPS]:
        _close_in(runs, left, right, low, step)
    for left, right in pairwise(sorted(runs.outcomes)):
        _follow(runs, lambda value: runs.shapes(value).keys(), left, right, low, step)
    ordered = sorted(runs.outcomes)
    beside = [
        (left, right)
        for left, right in pairwise(ordered)
        if right - left <= step and not (is_barred(barred, left) or is_barred(barred, right))
    ]
    steep = [pair for pair in beside if _is_cliff(runs, *pair, (low, ordered[-1]), step)]
    bends = _bends(runs, beside, steep, low, step)
    cliffs = tuple(_cliff(runs, *pair, limits) for pair in steep)
    points = tuple(runs.point(value) for value in sorted(runs.outcomes))
    more = len(jumps) > MOST_JUMPS or runs.spent
    place = None if now is None else runs.point(now)
    doubts += _unsettled(runs, ordered, steep, step)
    complete = all(is_barred(barred, *doubt) for doubt in doubts)
    return Curve(field, points, cliffs, place, more, barred, bends, complete)


def _unsettled(
    runs: _Runs, values: Sequence[Number], steep: Iterable[tuple[Number, Number]], step: Fraction
) -> Iterator[tuple[Number, Number]]:
    """Turns that were not followed to their place, and stretches in which rounding decides who
    displaces whom and no cliff is told."""
    for left, right in pairwise(values):
        if right - left > step and runs.signs(left) != runs.signs(right):
            yield left, right
    for left, right in _joined(runs.close, step):
        if not any(left <= cliff[1] and cliff[0] <= right for cliff in steep):
            yield left, right


def _joined(
    stretches: Iterable[tuple[Number, Number]], step: Fraction
) -> list[tuple[Number, Number]]:
    """Stretches that lie beside each other, or one probed place apart, made one."""
    found: list[tuple[Number, Number]] = []
    for left, right in sorted(stretches):
        if found and left - found[-1][1] <= 2 * step:
            found[-1] = found[-1][0], right
        else:
            found.append((left, right))
    return found


class _Runs:
    """The case worked out at the values that were asked for, each once."""

    def __init__(self, engine: Engine, case: Case, field: str, tell: Tell | None) -> None:
        self.outcomes: dict[Number, Outcome] = {}
        self.even: set[tuple[Number, Number]] = set()
        """Pairs of values between which all amounts follow lines."""
        self.close: list[tuple[Number, Number]] = []
        """Pairs of values between which rounding decides who displaces whom."""
        self._shapes: dict[Number, Mapping[Hashable, Shape]] = {}
        self._engine, self._case, self._field, self._tell = engine, case, field, tell
        self._moving = Moving(engine.policy, case, field)

    @property
    def spent(self) -> bool:
        """Whether no more may be worked out."""
        return len(self.outcomes) >= MOST_RUNS

    @property
    def rounding(self) -> int:
        """What the rounding of amounts alone can bring about."""
        policy = self._engine.policy
        return policy.rounding.step * (len(policy.measures) + 1)

    @property
    def noise(self) -> int:
        """What rounding alone can bring about from one value to the next."""
        return _ROUNDING * len(self._engine.policy.measures)

    def at(self, value: Number) -> Outcome:
        """The outcome at a value."""
        whole = int(value) if Fraction(value).denominator == 1 else value
        if whole not in self.outcomes:
            facts = {**self._case.facts, self._field: whole}
            self.outcomes[whole] = simulate(self._engine, replace(self._case, facts=facts))
            if self._tell is not None:
                self._tell(len(self.outcomes), MOST_RUNS)
        return self.outcomes[whole]

    def point(self, value: Number) -> Point:
        """What the project may receive at a value."""
        return Point(value, money_of(self.at(value)))

    def changes(self, left: Number, right: Number) -> tuple[Number, Number]:
        """By how much either end of the amount differs at two values; endless ones do not."""
        before, after = self.ends(left), self.ends(right)
        return _change(before[0], after[0]), _change(before[1], after[1])

    def change(self, left: Number, right: Number) -> Number:
        """By how much the amounts differ at two values."""
        return max(self.changes(left, right))

    def signs(self, value: Number) -> tuple[object, ...]:
        """The verdicts at a value, with the rules that grant."""
        return tuple(_sign(each.verdict) for each in self.at(value).measures)

    def ends(self, value: Number) -> tuple[Bound, Bound]:
        """The least and the most in all at a value."""
        money = self.point(value).money
        return money.low, money.high

    def breaks(self, value: Number, step: Fraction) -> Breaks:
        """Where what is worked out just above a value comes to follow something else."""
        return breaks_of(self.at(value), self._moving, value + step / 2)

    def shapes(self, value: Number) -> Mapping[Hashable, Shape]:
        """What shapes the amounts at a value."""
        if value not in self._shapes:
            self._shapes[value] = shapes_of(self.at(value))
        return self._shapes[value]


def _change(before: Bound, after: Bound) -> Number:
    if isinstance(before, float) or isinstance(after, float):
        return 0
    return max(after - before, before - after)


def _sign(verdict: Verdict) -> tuple[str, tuple[str, ...]]:
    rules = tuple(rule.id for rule in verdict.rules) if isinstance(verdict, Granted) else ()
    return kind_of(verdict), rules


def _sweep(runs: _Runs, low: Number, step: Fraction) -> list[tuple[Number, Number]]:
    """Work the case out around every place where something may turn or break.

    Returns the stretches of which it cannot be said that no verdict turns inside.
    """
    doubts = []
    waiting = list(pairwise(sorted(runs.outcomes)))
    while waiting:
        left, right = waiting.pop()
        if right - left <= step:
            continue
        if len(runs.outcomes) >= MOST_SWEPT:
            doubts.append((left, right))
            continue
        found = runs.breaks(left, step)
        around = set()
        for place in found.places:
            if left <= place <= right:
                near = on_grid(place, low, step)
                around |= {near, _less(near, -step)} | (
                    {_less(near, step)} if near == place else set()
                )
        inside = sorted(value for value in around if left < value < right)
        for value in inside:
            runs.at(value)
        if inside:
            waiting += pairwise((left, *inside, right))
            continue
        if not found.sure:
            doubts.append((left, right))
        if found.close:
            runs.close.append((left, right))
        if found.even:
            runs.even.add((left, right))
    return doubts


def _follow(
    runs: _Runs,
    trait: Callable[[Number], object],
    left: Number,
    right: Number,
    low: Number,
    step: Fraction,
) -> None:
    """Halve until every difference of a trait lies between two neighbouring values."""
    waiting = [(left, right)]
    while waiting and not runs.spent:
        near, far = waiting.pop()
        if far - near <= step or trait(near) == trait(far):
            continue
        middle = on_grid((near + far) / Fraction(2), low, step)
        if middle in (near, far):
            continue
        runs.at(middle)
        waiting += [(near, middle), (middle, far)]


def _bend(
    runs: _Runs, left: Number, right: Number, low: Number, step: Fraction, depth: int
) -> None:
    """Halve where the amount between two points does not lie on the line between them."""
    middle = on_grid((left + right) / Fraction(2), low, step)
    if depth == 0 or middle in (left, right) or runs.signs(left) != runs.signs(right):
        return
    if len(runs.outcomes) >= MOST_BENDING:
        return
    tried = [middle]
    if depth == DEEPEST:
        # Equal stairs may meet the line in the middle.
        tried.append(on_grid(left + (right - left) * _OFF_CENTRE, low, step))
    if not all(_is_straight(runs, left, each, right) for each in tried):
        _bend(runs, left, middle, low, step, depth - 1)
        _bend(runs, middle, right, low, step, depth - 1)


def _is_straight(runs: _Runs, left: Number, middle: Number, right: Number) -> bool:
    """Whether an amount lies on the line between two others; what has no end is not looked at."""
    moneys = [runs.point(each).money for each in (left, right, middle)]
    for name in ("low", "high"):
        first, last, found = (getattr(each, name) for each in moneys)
        if any(isinstance(each, float) for each in (first, last, found)):
            return True
        share = Fraction(middle - left) / Fraction(right - left)
        expected = first + (last - first) * share
        if abs(found - expected) > max(1, BENT * max(first, last, found)):
            return False
    return True


def _likely_jumps(runs: _Runs, step: Fraction) -> list[tuple[Number, Number]]:
    """Where money changes more than on both sides, and no verdict turns; the greatest first.

    Where two straight pieces meet, the change lies between those of both.
    """
    pieces = [
        (left, right)
        for left, right in pairwise(sorted(runs.outcomes))
        if right - left > step and runs.signs(left) == runs.signs(right)
    ]
    slopes = [runs.change(left, right) / Fraction(right - left) for left, right in pieces]
    found = []
    for number, (left, right) in enumerate(pieces):
        beside = [slopes[at] for at in (number - 1, number + 1) if 0 <= at < len(slopes)]
        if runs.change(left, right) > max(beside, default=0) * (right - left) + runs.noise:
            found.append((left, right))
    return sorted(found, key=lambda piece: -runs.change(*piece))


def _close_in(runs: _Runs, left: Number, right: Number, low: Number, step: Fraction) -> None:
    """Halve towards the greater change, down to two neighbouring values."""
    while right - left > step and not runs.spent:
        middle = on_grid((left + right) / Fraction(2), low, step)
        if middle in (left, right):
            return
        if runs.change(left, middle) > runs.change(middle, right):
            right = middle
        else:
            left = middle


def _is_cliff(
    runs: _Runs, left: Number, right: Number, ends: tuple[Number, Number], step: Fraction
) -> bool:
    """Whether money jumps or a verdict turns from one value to the next.

    Where no verdict turns, it is no jump if money changes as much one step before or after.
    """
    if runs.signs(left) == runs.signs(right):
        around = ((_less(left, step), left), (right, _less(right, -step)))
        changes = runs.changes(left, right)
        if max(changes) <= runs.noise:
            return False
        beside = [runs.changes(a, b) for a, b in around if ends[0] <= a and b <= ends[1]]
        return any(
            change > runs.noise and all(change > each[end] + runs.noise for each in beside)
            for end, change in enumerate(changes)
        )
    kinds = [[kind_of(each.verdict) for each in runs.at(value).measures] for value in (left, right)]
    return kinds[0] != kinds[1] or runs.change(left, right) > 1


def _less(value: Number, step: Fraction) -> Number:
    found = Fraction(value) - step
    return int(found) if found.denominator == 1 else found


def _cliff(runs: _Runs, left: Number, right: Number, limits: Iterable[Number]) -> Cliff:
    named = set(limits)
    limit = right if right in named else left if left in named else None
    same = runs.signs(left) == runs.signs(right)
    told = spell if same else _sign
    turns = tuple(
        Turning(before.measure.id, before.measure.name, spell(before.verdict), spell(after.verdict))
        for before, after in zip(runs.at(left).measures, runs.at(right).measures, strict=True)
        if told(before.verdict) != told(after.verdict)
    )
    return Cliff(runs.point(left), runs.point(right), limit, turns)


def _bends(
    runs: _Runs,
    beside: Iterable[tuple[Number, Number]],
    steep: Sequence[tuple[Number, Number]],
    low: Number,
    step: Fraction,
) -> tuple[Bend, ...]:
    """Where money grows otherwise on both sides, and what begins or ends to shape it there."""
    walls, ends = set(steep), (low, max(runs.outcomes))
    slopes = Slopes(runs.ends, lambda value: on_grid(value, low, step), step, runs.rounding)
    found: list[Place] = []
    values = sorted({value for pair in beside if pair not in walls for value in pair})
    for near in chains(values, step):
        pairs = [pair for pair in pairwise(near) if pair not in walls]
        shaped = [pair for pair in pairs if _turns(runs, *pair)]
        corners = list(slopes.corners(near, walls))
        if corners:
            found += (
                Place(first, last, *_told(first, last, near, shaped)) for first, last in corners
            )
        elif len(near) <= LONGEST and len(pairs) == len(near) - 1:
            told = shaped[0] if shaped else pairs[len(pairs) // 2]
            found.append(Place(near[0], near[-1], *told, named=bool(shaped)))
        else:
            found += (Place(*pair, *pair, named=True) for pair in shaped)
    return tuple(_bend_at(runs, place) for place in bending(slopes, found, steep, ends))


def _told(
    first: Number,
    last: Number,
    near: Sequence[Number],
    shaped: Iterable[tuple[Number, Number]],
) -> tuple[Number, Number]:
    """Between which neighbours a corner is told: where something begins or ends, if it does."""
    touching = [pair for pair in shaped if pair[1] >= first and pair[0] <= last]
    at = near.index(first)
    return touching[0] if touching else (near[at], near[at + 1])


def _turns(runs: _Runs, left: Number, right: Number) -> bool:
    return runs.shapes(left).keys() != runs.shapes(right).keys()


def _bend_at(runs: _Runs, place: Place) -> Bend:
    sides = min(place.left, place.below), max(place.right, place.above)
    before, after = map(runs.shapes, sides)
    begun = tuple(shape for key, shape in after.items() if key not in before)
    ended = tuple(shape for key, shape in before.items() if key not in after)
    return Bend(runs.point(place.below), runs.point(place.above), begun, ended)
