"""The values that a field may have, as pieces between which no test of a table distinguishes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, combinations, islice

from engine.checks.space.lines import (
    END,
    START,
    Line,
    Span,
    cut_line,
    pieces,
    position_of,
    spans_of,
)
from engine.dependencies import fields_read
from engine.evaluate import Glossary, Situation, check, in_force, meaning
from engine.expressions import (
    AllOf,
    AnyOf,
    Comparator,
    Compare,
    Expression,
    HasAll,
    InCodeList,
    Literal,
    Not,
    OneOf,
    Present,
    UnaryTest,
)
from engine.model import Field, Source
from engine.types import (
    ChoiceType,
    DateType,
    MoneyType,
    MultiChoiceType,
    QuantityType,
    TextType,
    YesNoType,
)
from engine.values import INFINITY, Range, Value

OTHER = "其他"
"""Stands for every text, or code of a list still to come, that no test names."""
COUNTED = frozenset("人家个项件次日名户台套所条辆艘架座栋幢间只篇部张批场")
"""Units of which there is no half."""
DERIVED = (Source.DERIVED, Source.DERIVED_OR_REPORTED)
"""Fields that a table may set, whatever their bounds, which are for what is reported."""
MOST_CLASSES = 10
MOST_SETS = 1024
MOST_TRIALS = 200_000
"""So many kinds of codes are combined freely; of more, so many sets are looked at, fewer when there
are many tests to put them to."""


@dataclass(frozen=True, slots=True)
class Points:
    """Values that are told one by one; ``partial`` when there are more of them."""

    values: tuple[Value, ...]
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """A field and its pieces. With ``missing``, one more piece at the end is the missing fact."""

    field: Field
    values: Line | Points
    missing: bool = False


def size(axis: Axis) -> int:
    """How many pieces an axis has, the missing fact among them."""
    return known_size(axis) + axis.missing


def known_size(axis: Axis) -> int:
    """How many pieces of known values there are."""
    return pieces(axis.values) if isinstance(axis.values, Line) else len(axis.values.values)


def everything(axis: Axis) -> int:
    """The mask of the whole axis."""
    return (1 << size(axis)) - 1


def is_ordered(axis: Axis) -> bool:
    """Whether neighbouring pieces are neighbours in size."""
    if isinstance(axis.values, Line):
        return True
    return all(position_of(value) is not None for value in axis.values.values)


def is_partial(axis: Axis) -> bool:
    """Whether the field has values that the axis leaves out."""
    return isinstance(axis.values, Points) and axis.values.partial


# --- making axes ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known of the values of fields: those that tables conclude, and whole numbers."""

    concluded: Mapping[str, tuple[Value, ...]]
    whole: frozenset[str]


def constant(bound: Expression, glossary: Glossary) -> Value | None:
    """The value of an expression that reads no field; None when it reads one or has no value."""
    if isinstance(bound, Literal):
        return None if isinstance(bound.value, Range) else bound.value
    if fields_read(bound):
        return None
    value = meaning(bound, glossary)(Situation({}, {}, date.min))
    return None if isinstance(value, Range) else value


def is_whole(field: Field) -> bool:
    """Whether a given value of a field is a whole number: fen, days, people."""
    match field.type:
        case MoneyType() | DateType():
            return True
        case QuantityType(unit=unit):
            return unit in COUNTED
    return False


def make_axis(
    field: Field,
    tests: Sequence[tuple[UnaryTest, bool]],
    bounds: Bounds,
    glossary: Glossary,
    day: date,
) -> Axis:
    """Cut the values of a field where its tests (with whether they are denied) cut them."""
    leaves = [each for test, denied in tests for each in leaves_of(test, denied=denied)]
    missing = any(isinstance(test, Present) for test, _ in leaves)
    concluded = bounds.concluded.get(field.name)
    if concluded is not None:
        return Axis(field, Points(concluded), missing)
    match field.type:
        case YesNoType():
            return Axis(field, Points((True, False)), missing)
        case ChoiceType(code_list=name):
            codes = glossary.code_lists[name]
            values = tuple(code.value for code in codes.codes if in_force(code, day))
            return Axis(field, Points((*values, OTHER) if codes.pending else values), missing)
        case MultiChoiceType():
            return Axis(field, _sets(field, leaves, glossary, day), missing)
        case TextType():
            return Axis(field, Points((*_texts(leaves, glossary), OTHER)), missing)
    day_line, derived = isinstance(field.type, DateType), field.source in DERIVED
    low = position_of(field.minimum) if not derived and field.minimum is not None else None
    high = position_of(field.maximum) if not derived and field.maximum is not None else None
    whole = day_line or (
        (field.name in bounds.whole if derived else True)
        and (field.source is Source.DERIVED or is_whole(field))
    )
    line = cut_line(
        _spans(leaves, glossary),
        -INFINITY if derived and not day_line else low,
        high,
        whole=whole,
        day=day_line,
    )
    return Axis(field, line, missing)


def leaves_of(test: UnaryTest, *, denied: bool) -> Iterator[tuple[UnaryTest, bool]]:
    """The tests inside a test that are not made of others, each with whether it is denied."""
    match test:
        case AnyOf(tests=tests) | AllOf(tests=tests):
            for each in tests:
                yield from leaves_of(each, denied=denied)
        case Not(test=inner):
            yield from leaves_of(inner, denied=not denied)
        case _:
            yield test, denied


def _spans(leaves: Iterable[tuple[UnaryTest, bool]], glossary: Glossary) -> Iterator[Span]:
    """The spans at whose ends to cut; a denied limit speaks of what is on its other side."""
    for test, denied in leaves:
        if isinstance(test, Compare) and test.comparator is Comparator.NOT_EQUAL:
            test = Compare(Comparator.EQUAL, test.bound)
        for first, last in spans_of(test, lambda bound: constant(bound, glossary)) or ():
            if denied and first == START:
                yield last, END
            elif denied and last == END:
                yield START, first
            else:
                yield first, last


def _texts(leaves: Iterable[tuple[UnaryTest, bool]], glossary: Glossary) -> tuple[str, ...]:
    named: list[Value | None] = []
    for test, _ in leaves:
        match test:
            case OneOf(values=values) | HasAll(values=values):
                named += values
            case Compare(bound=bound):
                named.append(constant(bound, glossary))
            case InCodeList(code_list=name):
                named += [code.value for code in glossary.code_lists[name].codes]
    return tuple(dict.fromkeys(each for each in named if isinstance(each, str) and each != OTHER))


def _sets(
    field: Field, leaves: Iterable[tuple[UnaryTest, bool]], glossary: Glossary, day: date
) -> Points:
    """Sets of codes that stand for all others: of codes that no test tells apart, one is enough."""
    situation = Situation({}, {}, day)
    code_list = glossary.code_lists[glossary.list_of_field[field.name]]
    codes = [code.value for code in code_list.codes if in_force(code, day)]
    singles: list[UnaryTest] = []
    together: list[frozenset[str]] = []
    for test, _ in leaves:
        match test:
            case HasAll(values=values):
                singles += [OneOf((value,)) for value in values]
                together.append(frozenset(map(str, values)))
            case Compare(bound=bound):
                same = constant(bound, glossary)
                together.append(same if isinstance(same, frozenset) else frozenset())
            case OneOf() | InCodeList():
                singles.append(test)
    tests = [check(each, field.name, glossary) for each in dict.fromkeys(singles)]
    named = frozenset(chain.from_iterable(together))

    def kind(code: str) -> object:
        """What the tests say of a code; a code of a set that is named whole is of its own kind."""
        truths = tuple(holds(frozenset((code,)), situation) for holds in tests)
        return truths, code if code in named else ""

    kinds: dict[object, str] = {}
    for code in codes:
        kinds.setdefault(kind(code), code)
    most = min(MOST_SETS, MOST_TRIALS // (len(tests) + 1))
    return _combined(list(kinds.values()), together, most, code_list.pending)


def _combined(codes: list[str], together: list[frozenset[str]], most: int, pending: bool) -> Points:
    if len(codes) <= MOST_CLASSES and 1 << len(codes) <= most:
        every = (combinations(codes, size) for size in range(len(codes) + 1))
        return Points(tuple(map(frozenset, chain.from_iterable(every))), partial=pending)
    named = [frozenset[str](), *(frozenset((code,)) for code in codes), *together]
    unions = (one | other for size, one in enumerate(named) for other in named[: size + 1])
    return Points(tuple(islice(dict.fromkeys(islice(unions, 4 * most)), most)), partial=True)
