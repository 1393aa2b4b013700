"""Where a condition holds: as boxes of the values of the fields that it tests.

What cannot be told from fixed limits (an expression of other fields) is undecidable here. What is
asked for decides what becomes of it: where something surely is so, an undecidable condition has no
place; where something may be so, it has every place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import Enum, auto
from functools import reduce
from itertools import combinations
from math import comb
from typing import TypeAlias, assert_never

from engine.checks.space.dimensions import (
    Axis,
    Points,
    constant,
    everything,
    is_partial,
    known_size,
)
from engine.checks.space.lines import covered, spans_of
from engine.evaluate import Glossary, Situation, check, condition
from engine.expressions import (
    AllOf,
    AnyOf,
    Anything,
    AtLeast,
    Comparator,
    Compare,
    Comparison,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
    Inverse,
    Literal,
    Not,
    OneOf,
    Present,
    Satisfies,
    UnaryTest,
)
from engine.model import WhenMissing
from engine.truth import NO, YES, Truth
from engine.types import ChoiceType, MultiChoiceType
from engine.values import Value

Region: TypeAlias = Mapping[str, int]
"""A box that names only the fields that it limits."""
Split: TypeAlias = tuple[int, int]
"""The pieces where a test holds, and those where it does not; on others it is unknown."""

MOST_BOXES = 64


class TooIntricate(Exception):
    """A condition falls into more boxes than are worth looking at."""


class Where(Enum):
    """What is asked of a condition."""

    TRUE = auto()
    FALSE = auto()
    PERHAPS_TRUE = auto()
    PERHAPS_FALSE = auto()
    NOT_FALSE = auto()
    """True, unknown (as a parent code is for its children), or undecidable."""
    NOT_TRUE = auto()


_DENIED = {
    Where.TRUE: Where.FALSE,
    Where.PERHAPS_TRUE: Where.PERHAPS_FALSE,
    Where.NOT_FALSE: Where.NOT_TRUE,
}
_DENIED |= {denied: plain for plain, denied in _DENIED.items()}
_PLAIN = (Where.TRUE, Where.PERHAPS_TRUE, Where.NOT_FALSE)
_SURE = (Where.TRUE, Where.FALSE)
_FLIPPED = {
    Comparator.LESS: Comparator.GREATER,
    Comparator.GREATER: Comparator.LESS,
    Comparator.AT_MOST: Comparator.AT_LEAST,
    Comparator.AT_LEAST: Comparator.AT_MOST,
}


def tested(node: Expression, glossary: Glossary) -> tuple[str, UnaryTest] | None:
    """The one field that a condition tests, and how; None when it is another kind of condition."""
    match node:
        case Satisfies(field=field, test=test):
            return field, test
        case FieldRef(field=field):
            return field, OneOf((True,))
        case Comparison(comparator=sign, left=FieldRef(field=field), right=bound) if (
            constant(bound, glossary) is not None
        ):
            return field, Compare(sign, bound)
        case Comparison(comparator=sign, left=bound, right=FieldRef(field=field)) if (
            constant(bound, glossary) is not None
        ):
            return field, Compare(_FLIPPED.get(sign, sign), bound)
    return None


def tests_in(
    node: Expression, glossary: Glossary, *, denied: bool
) -> Iterator[tuple[str, UnaryTest, bool]]:
    """Every test of a field in a condition, with whether it is denied."""
    match node:
        case Conjunction(operands=parts) | Disjunction(operands=parts) | AtLeast(conditions=parts):
            for part in parts:
                yield from tests_in(part, glossary, denied=denied)
        case Inverse(operand=operand):
            yield from tests_in(operand, glossary, denied=not denied)
        case _:
            found = tested(node, glossary)
            if found is not None:
                yield (*found, denied)


class Locator:
    """Finds where conditions hold, on given axes and on one day; equal tests are located once."""

    def __init__(self, axes: Mapping[str, Axis], glossary: Glossary, day: date) -> None:
        self._axes = axes
        self._glossary = glossary
        self._situation = Situation({}, {}, day)
        self._splits: dict[tuple[str, UnaryTest], Split | None] = {}
        self._told: dict[int, tuple[Expression, str, Split]] = {}
        self._families: dict[str, tuple[dict[Value, int], dict[Value, int]]] = {}

    def locate(self, node: Expression, where: Where) -> list[Region]:
        """The regions where a condition is as asked.

        Raises:
            TooIntricate: there are too many.
        """
        told = self._tell(node)
        if told is not None:
            _, field, split = told
            if where not in _SURE and is_partial(self._axes[field]):
                return [{}]
            mask = self._mask(field, split, where)
            return [{field: mask}] if mask else []
        match node:
            case Literal(value=bool(value)):
                return [{}] if value is (where in _PLAIN) else []
            case Conjunction(operands=parts):
                return self._at_least(len(parts), parts, where)
            case Disjunction(operands=parts):
                return self._at_least(1, parts, where)
            case AtLeast(count=count, conditions=parts):
                return self._at_least(count, parts, where)
            case Inverse(operand=operand):
                return self.locate(operand, _DENIED[where])
        return [] if where in _SURE else [{}]

    def decides(self, node: Expression) -> bool:
        """Whether it can be told everywhere whether a condition holds."""
        told = self._tell(node)
        if told is not None:
            return not is_partial(self._axes[told[1]])
        match node:
            case Literal():
                return True
            case Conjunction(operands=parts) | Disjunction(operands=parts):
                return all(map(self.decides, parts))
            case AtLeast(conditions=parts):
                return all(map(self.decides, parts))
            case Inverse(operand=operand):
                return self.decides(operand)
        return False

    def _tell(self, node: Expression) -> tuple[Expression, str, Split] | None:
        """The field that a condition tests, and where; None when it is undecidable or of others.

        What is told of a condition is kept by its identity, together with the condition.
        """
        told = self._told.get(id(node))
        if told is None and (found := tested(node, self._glossary)) is not None:
            split = self.split(*found)
            if split is not None:
                told = self._told[id(node)] = node, found[0], split
        return told

    def _mask(self, field: str, split: Split, where: Where) -> int:
        holds, fails = split
        match where:
            case Where.TRUE | Where.PERHAPS_TRUE:
                return holds
            case Where.FALSE | Where.PERHAPS_FALSE:
                return fails
            case Where.NOT_FALSE:
                return everything(self._axes[field]) & ~fails
            case Where.NOT_TRUE:
                return everything(self._axes[field]) & ~holds
            case _:
                assert_never(where)

    def _at_least(self, count: int, parts: Sequence[Expression], where: Where) -> list[Region]:
        """Where so many of the parts hold; denied: where so many fail that fewer hold."""
        needed = count if where in _PLAIN else len(parts) - count + 1
        if needed <= 0:
            return [{}]
        located = [self.locate(part, where) for part in parts]
        if comb(len(parts), needed) > MOST_BOXES:
            raise TooIntricate
        return _united(
            region for chosen in combinations(located, needed) for region in _shared(chosen)
        )

    # --- tests of one field

    def split(self, field: str, test: UnaryTest) -> Split | None:
        """Where a test holds and where it fails; None when it is undecidable."""
        key = (field, test)
        known = self._splits.get(key)
        if known is None and key not in self._splits:
            axis = self._axes[field]
            found = self._split(axis, test)
            if found is not None and axis.missing:
                holds = self._of_missing(axis, test)
                bit = 1 << known_size(axis)
                found = (found[0] | bit * (holds is YES), found[1] | bit * (holds is NO))
            known = self._splits[key] = found
        return known

    def _split(self, axis: Axis, test: UnaryTest) -> Split | None:
        full = (1 << known_size(axis)) - 1
        match test:
            case Anything():
                return full, 0
            case Present(absent=absent):
                return (0, full) if absent else (full, 0)
            case AnyOf(tests=tests) | AllOf(tests=tests):
                splits = [self._split(axis, each) for each in tests]
                if None in splits:
                    return None
                every = isinstance(test, AllOf)
                holds, fails = zip(*(each for each in splits if each is not None), strict=True)
                return (
                    reduce(int.__and__ if every else int.__or__, holds),
                    reduce(int.__or__ if every else int.__and__, fails),
                )
            case Not(test=inner):
                split = self._split(axis, inner)
                return None if split is None else (split[1], split[0])
        if not isinstance(axis.values, Points):
            spans = spans_of(test, lambda bound: constant(bound, self._glossary))
            if spans is None:
                return None
            mask = covered(axis.values, spans)
            return mask, full & ~mask
        if isinstance(test, OneOf) and not isinstance(axis.field.type, MultiChoiceType):
            return self._among(axis, axis.values, test.values)
        if isinstance(test, Compare):
            bound = constant(test.bound, self._glossary)
            if bound is None:
                return None
            test = Compare(test.comparator, Literal(bound, axis.field.type))
        holds_for = check(test, axis.field.name, self._glossary)
        truths = [holds_for(value, self._situation) for value in axis.values.values]
        return _bits(truths, YES), _bits(truths, NO)

    def _among(self, axis: Axis, points: Points, values: tuple[Value, ...]) -> Split:
        """Where a single value is one of some: a child counts as its parent, not the reverse."""
        below, above = self._family(axis, points)
        holds = reduce(int.__or__, (below.get(value, 0) for value in values), 0)
        unknown = reduce(int.__or__, (above.get(value, 0) for value in values), 0)
        full = (1 << known_size(axis)) - 1
        return holds, full & ~(holds | unknown)

    def _family(
        self, axis: Axis, points: Points
    ) -> tuple[Mapping[Value, int], Mapping[Value, int]]:
        """For each value the pieces that count as it, and those of the codes above it."""
        name = axis.field.name
        if name not in self._families:
            below = {value: 1 << number for number, value in enumerate(points.values)}
            above: dict[Value, int] = {}
            if isinstance(axis.field.type, ChoiceType):
                codes = self._glossary.code_lists[axis.field.type.code_list].codes
                parents = {code.value: code.parent for code in codes}
                own = dict(below)
                for code in parents:
                    for ancestor in _ancestors(code, parents):
                        below[ancestor] = below.get(ancestor, 0) | own.get(code, 0)
                        above[code] = above.get(code, 0) | own.get(ancestor, 0)
            self._families[name] = (below, above)
        return self._families[name]

    def _of_missing(self, axis: Axis, test: UnaryTest) -> Truth:
        """What a test says when the field is blank, its declared default considered."""
        field = axis.field
        assumed: dict[WhenMissing, Value | None] = {
            WhenMissing.UNKNOWN: None,
            WhenMissing.ZERO: 0,
            WhenMissing.FALSE: (
                frozenset[str]() if isinstance(field.type, MultiChoiceType) else False
            ),
        }
        facts = {field.name: assumed[field.when_missing]}
        holds = condition(Satisfies(field.name, test), self._glossary)
        return holds(Situation(facts, {}, self._situation.date))


def _ancestors(code: str, parents: Mapping[str, str | None]) -> list[str]:
    found: list[str] = []
    above = parents.get(code)
    while above is not None and above not in found:
        found.append(above)
        above = parents.get(above)
    return found


def _bits(truths: Iterable[Truth], wanted: Truth) -> int:
    return sum(1 << number for number, each in enumerate(truths) if each is wanted)


# --- regions --------------------------------------------------------------------------------------


def _shared(parts: Sequence[Sequence[Region]]) -> list[Region]:
    """What regions share, one of each part."""
    found: list[Region] = [{}]
    for regions in parts:
        found = [
            common
            for one in found
            for other in regions
            if (common := narrowed(one, other)) is not None
        ]
        if len(found) > MOST_BOXES:
            raise TooIntricate
    return found


def narrowed(one: Region, other: Region) -> Region | None:
    """What two regions share; None when that is nothing."""
    common = dict(one)
    for field, mask in other.items():
        common[field] = common[field] & mask if field in common else mask
        if not common[field]:
            return None
    return common


def _united(regions: Iterable[Region]) -> list[Region]:
    """Regions without those that say the same; those of one field alone become one."""
    found: list[Region] = []
    single: dict[str, int] = {}
    for region in regions:
        if len(region) == 1:
            ((field, mask),) = region.items()
            single[field] = single.get(field, 0) | mask
        elif region not in found:
            found.append(region)
        if len(found) > MOST_BOXES:
            raise TooIntricate
    return [*({field: mask} for field, mask in single.items()), *found]
