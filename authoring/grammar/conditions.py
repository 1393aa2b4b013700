"""Tests of one subject: the syntax of a condition cell becomes a unary test, checked for sense."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import NamedTuple, TypeVar, assert_never, cast

from authoring.grammar import syntax as s
from authoring.grammar.coverage import contradicts, covers_all
from authoring.grammar.problems import Code, Issue, Problem, problem
from authoring.grammar.suggestions import close_words
from authoring.grammar.typed import Scope, Typed, describe, figures_of, literal, number_of
from authoring.grammar.units import QuantityUnit, RateUnit, Unit
from authoring.grammar.vocabulary import Vocabulary
from authoring.spelling import MOST_OFFERED
from engine.cells import Place
from engine.dependencies import fields_read
from engine.expressions import (
    AllOf,
    AnyOf,
    Anything,
    Call,
    Comparator,
    Compare,
    Expression,
    Function,
    HasAll,
    InCodeList,
    Literal,
    Not,
    OneOf,
    Operator,
    Present,
    UnaryTest,
    Within,
)
from engine.model import Field, Source
from engine.notation import AFTER_WORDS, AMONG, AND, INSIDE, NOTHING, SIGNS, SINCE, YES_WORD
from engine.types import (
    ChoiceType,
    DateType,
    FieldType,
    MultiChoiceType,
    QuantityType,
    TextType,
    YesNoType,
)
from engine.values import Number, Value

_T = TypeVar("_T")
_R = TypeVar("_R")
_UNORDERED = (YesNoType, ChoiceType, MultiChoiceType, TextType)
_ORDERING = frozenset(SIGNS) - {Comparator.EQUAL, Comparator.NOT_EQUAL}
_OPEN = {Comparator.AT_LEAST: Comparator.GREATER, Comparator.AT_MOST: Comparator.LESS}
_CLOSED = {open_: closed for closed, open_ in _OPEN.items()}


class Target(NamedTuple):
    """What is tested: its type, the unit that a bare number takes, the field if it is one.

    ``operand`` reads a bound, fitted to the type; ``scope`` is the cell.
    """

    type: FieldType
    unit: Unit | None
    field: Field | None
    scope: Scope
    operand: Callable[[s.Term], Typed]


def build_test(test: s.Test, target: Target) -> UnaryTest:
    """Turn the syntax of a test into a unary test. Raises ``Problem`` with all that is wrong."""
    match test:
        case s.Exactly(value=value):
            return _equal(value, target)
        case s.Relation():
            return _relation(test, target)
        case s.Stretch():
            return _stretch(test, target)
        case s.Interval():
            return _interval(test, target)
        case s.Among():
            return _among(test, target)
        case s.Denied(test=inner):
            return Not(build_test(inner, target), _place(test, target))
        case s.Blank(absent=absent):
            field = target.field
            if field is None:
                raise problem(Code.NO_SUBJECT, test.start, test.end, word=_text(test, target))
            if field.source is Source.DERIVED:
                raise problem(Code.PRESENCE_OF_DERIVED, test.start, test.end, field=field.name)
            return Present(absent, _place(test, target))
        case s.Unconstrained():
            return Anything(_place(test, target))
        case s.Tests(every=True):
            return _every(test, target)
        case s.Tests():
            return _any(test, target)
        case _:
            assert_never(test)


def collect(function: Callable[[_T], _R], items: Iterable[_T]) -> list[_R]:
    """Apply a function to each item; if some raise, raise one ``Problem`` with all their issues."""
    results: list[_R] = []
    issues: list[Issue] = []
    for item in items:
        try:
            results.append(function(item))
        except Problem as error:
            issues.extend(error.issues)
    if issues:
        raise Problem(*issues)
    return results


def _place(node: s.Test | s.Term, target: Target) -> Place | None:
    return target.scope.place(node.start, node.end)


def _text(node: s.Test | s.Term, target: Target) -> str:
    return target.scope.source.text[node.start : node.end]


def _equal(value: s.Term, target: Target, member: bool = False) -> UnaryTest:
    """A value that stands alone; the name of a code list is membership in it.

    Behind 属于 (``member``) a name that a field shares with a code list means the list.
    """
    if isinstance(value, s.Word) and not value.quoted and _is_list(value, target, member):
        return InCodeList(
            target.scope.vocabulary.names[value.text].code_list or "", _place(value, target)
        )
    if isinstance(value, s.Word) and not value.quoted and member:
        _refuse_unknown_list(value, target)
    bound = target.operand(value).expression
    if isinstance(bound, Literal) and not isinstance(bound.value, frozenset):
        return OneOf((bound.value,), bound.at)
    _refuse_itself(value, target, bound)
    return Compare(Comparator.EQUAL, bound, _place(value, target))


def _is_list(word: s.Word, target: Target, member: bool) -> bool:
    """Whether a word is the name of a code list here."""
    vocabulary = target.scope.vocabulary
    name = vocabulary.names.get(word.text)
    if name is None or name.code_list is None or not (member or name.field is None):
        return False
    if isinstance(target.type, ChoiceType | MultiChoiceType):
        return word.text not in vocabulary.codes_of(target.type.code_list)
    return isinstance(target.type, TextType)


def _refuse_unknown_list(word: s.Word, target: Target) -> None:
    """Refuse a word behind 属于 that nobody knows, where it would be read as free text.

    A code of the field's list that is misspelt is told by that list, unless a code list is nearer.
    """
    vocabulary = target.scope.vocabulary
    if word.text in vocabulary.names:
        return
    close = close_words(word.text, [n for n, name in vocabulary.names.items() if name.code_list])
    if isinstance(target.type, ChoiceType | MultiChoiceType):
        codes = vocabulary.codes_of(target.type.code_list)
        if word.text == NOTHING or not close or close_words(word.text, [*codes]):
            return
    elif not isinstance(target.type, TextType):
        return
    raise problem(Code.NO_SUCH_LIST, word.start, word.end, close[:MOST_OFFERED], word=word.text)


def _relation(test: s.Relation, target: Target) -> UnaryTest:
    comparator = test.comparator
    if comparator in _ORDERING and isinstance(target.type, _UNORDERED):
        raise problem(Code.UNORDERED, test.start, test.end, expected=describe(target.type))
    if test.also is not None and test.also is not comparator:
        raise problem(Code.CONTRADICTION, test.start, test.end, word=_text(test, target))
    if comparator is Comparator.EQUAL:
        return _equal(test.bound, target)
    if comparator is Comparator.NOT_EQUAL:
        equal = _equal(test.bound, target)
        if isinstance(equal, Compare):
            return Compare(Comparator.NOT_EQUAL, equal.bound, _place(test, target))
        return Not(equal, _place(test, target))
    bound = target.operand(test.bound)
    for inclusion in test.inclusions:
        _check_named_bound(inclusion, bound, target, test)
        comparator = _marked(comparator, inclusion.mark.included)
    _refuse_itself(test, target, bound.expression)
    return Compare(comparator, bound.expression, _place(test, target))


def _refuse_itself(node: s.Test | s.Term, target: Target, *bounds: Expression) -> None:
    """Refuse a bound that depends on the very field that is tested: it says nothing of it."""
    field = target.field
    if field is None or field.name not in fields_read(*bounds):
        return
    meant: tuple[str, ...] = ()
    if isinstance(field.type, YesNoType):
        meant = (YES_WORD,)
    elif isinstance(node, s.Word) and _is_list(node, target, member=True):
        meant = (f"{AMONG} {node.text}",)
    word = _text(node, target)
    raise problem(Code.SELF_COMPARED, node.start, node.end, meant, word=word, field=field.name)


def _of_another_day(deadline: str, target: Target) -> str:
    """The condition of another day that a deadline was to be: 申报日期 认定日期起3年内."""
    tested = target.field.name if target.field else ""
    days = [
        each.name
        for each in target.scope.vocabulary.fields.values()
        if isinstance(each.type, DateType) and each.name != tested
    ]
    return f"{days[0] if len(days) == 1 else SOME_DAY} {deadline}"


def _marked(comparator: Comparator, included: bool) -> Comparator:
    """What a mark （含） or （不含） makes of a comparison."""
    table = _CLOSED if included else _OPEN
    return table.get(comparator, comparator)


def _check_named_bound(inclusion: s.Inclusion, bound: Typed, target: Target, test: s.Test) -> None:
    """Refuse 500万元以上（含600万元）."""
    named = _named(inclusion, target)
    if inclusion.mark.both or not (named is None or named == _constant(bound)):
        raise problem(Code.STRAY_MARK, test.start, test.end, word=_text(test, target))


def _named(inclusion: s.Inclusion, target: Target) -> Value | None:
    """Return the bound that a mark names, in the target's units."""
    return None if inclusion.bound is None else _constant(target.operand(inclusion.bound))


def _constant(bound: Typed) -> Value | None:
    return bound.expression.value if isinstance(bound.expression, Literal) else None


def _stretch(test: s.Stretch, target: Target) -> UnaryTest:
    """500—1000万元: both ends closed unless a mark says otherwise."""
    low, high = _ends(test.low, test.high, target)
    marks = [
        _Marked(end, inclusion)
        for end, inclusion in ((0, test.low_inclusion), (1, test.high_inclusion))
        if inclusion is not None
    ]
    closed: list[bool | None] = [None, None]
    for mark in marks:
        included = mark.inclusion.mark.included
        if mark.inclusion.mark.both:
            closed = [included, included]
            continue
        closed[_end_of(mark, low, high, target, test)] = included
    if None in closed and True in closed:
        # （含5亿元） at one end leaves the other unsaid.
        raise problem(
            Code.HALF_MARKED_RANGE, test.start, test.end, _both_readings(test, closed, target),
            word=_text(test, target),
        )  # fmt: skip
    return _within(test, low, high, closed[0] is not False, closed[1] is not False, target)


@dataclass(frozen=True, slots=True)
class _Marked:
    """A mark and the end (0 low, 1 high) behind which it stands."""

    end: int
    inclusion: s.Inclusion


def _end_of(mark: _Marked, low: Typed, high: Typed, target: Target, test: s.Stretch) -> int:
    """Which end a mark speaks of: the one that it names, else the one before it."""
    named = _named(mark.inclusion, target)
    if named is None:
        return mark.end
    for end, bound in ((1, high), (0, low)):
        if named == _constant(bound):
            return end
    raise problem(Code.STRAY_MARK, test.start, test.end, word=_text(test, target))


def _both_readings(test: s.Stretch, closed: list[bool | None], target: Target) -> tuple[str, ...]:
    source = target.scope.source.text
    low = source[test.low.start : test.low.end]
    high = source[test.high.start : test.high.end]
    words = {True: "含", False: "不含"}
    readings = []
    for other in (False, True):
        ends = [other if end is None else end for end in closed]
        readings.append(f"{low}（{words[ends[0]]}）至{high}（{words[ends[1]]}）")
    return tuple(readings)


def _interval(test: s.Interval, target: Target) -> UnaryTest:
    if isinstance(target.type, _UNORDERED):
        if test.low_closed or test.high_closed:
            raise problem(Code.UNORDERED, test.start, test.end, expected=describe(target.type))
        # (集成电路，生物医药) is a list in brackets.
        return _among(s.Among(test.start, test.end, (test.low, test.high)), target)
    low, high = _ends(test.low, test.high, target)
    return _within(test, low, high, test.low_closed, test.high_closed, target)


def _ends(low: s.Term, high: s.Term, target: Target) -> tuple[Typed, Typed]:
    """Read both ends of a range or an interval."""
    if isinstance(target.type, _UNORDERED):
        raise problem(Code.UNORDERED, low.start, high.end, expected=describe(target.type))
    low, high = both_ends(low, high)
    if isinstance(low, s.Number) and isinstance(high, s.Number):
        left_only = low.quantity.unit is not None and high.quantity.unit is None
        if left_only and number_of(high, target.scope) != 0:
            raise problem(
                Code.MISSING_UNIT, high.start, high.end, word=figures_of(high, target.scope),
                expected=describe(target.type),
            )  # fmt: skip
    first, second = collect(target.operand, (low, high))
    return first, second


def reached(low: s.Term, high: s.Term) -> s.Term:
    """Give a bare left number the unit of the right one."""
    if not (isinstance(low, s.Number) and isinstance(high, s.Number)):
        return low
    if low.quantity.unit is not None or high.quantity.unit is None:
        return low
    quantity = type(low.quantity)(low.quantity.length, high.quantity.unit)
    return s.Number(low.start, low.end, quantity)


def both_ends(low: s.Term, high: s.Term) -> tuple[s.Term, s.Term]:
    """Give each end of a range what the other lends it.

    The unit of the right number reaches the left one (1—5亿元); the base of the left rate belongs
    to both (固定资产投资的5%—20%).
    """
    if not (isinstance(high, s.Number) and isinstance(low, s.Binary)):
        return reached(low, high), high
    if low.operator is not Operator.MULTIPLY or not isinstance(low.right, s.Number):
        return low, high
    first = reached(low.right, high)
    if not _is_rate(high) or not _is_rate(first):
        return low, high
    span = low.start, high.end
    return (
        s.Binary(low.start, low.end, low.operator, low.left, first, low.of),
        s.Binary(*span, low.operator, low.left, high, low.of),
    )


def _is_rate(term: s.Term) -> bool:
    return isinstance(term, s.Number) and isinstance(term.quantity.unit, RateUnit)


def _within(
    test: s.Stretch | s.Interval,
    low: Typed,
    high: Typed,
    low_closed: bool,
    high_closed: bool,
    target: Target,
) -> UnaryTest:
    at = _place(test, target)
    _refuse_itself(test, target, low.expression, high.expression)
    within = Within(low.expression, high.expression, low_closed, high_closed, at)
    if contradicts((within,), {}):
        raise problem(Code.EMPTY_INTERVAL, test.start, test.end, word=_text(test, target))
    return within


def _among(test: s.Among, target: Target) -> UnaryTest:
    at = _place(test, target)
    tests = collect(lambda word: _equal(word, target, member=True), test.words)
    if test.all:
        values = [value for each in tests if isinstance(each, OneOf) for value in each.values]
        if not isinstance(target.type, MultiChoiceType) or len(values) != len(tests):
            raise problem(Code.NOT_A_LIST, test.start, test.end, expected=describe(target.type))
        return HasAll(tuple(values), at)
    merged = _merged(tests)
    return merged[0] if len(merged) == 1 else AnyOf(tuple(merged), at)


def _any(test: s.Tests, target: Target) -> UnaryTest:
    tests = collect(lambda each: build_test(each, target), test.tests)
    flat = [
        inner for each in tests for inner in (each.tests if isinstance(each, AnyOf) else (each,))
    ]
    merged = _merged(flat)
    if len(merged) == 1 and not isinstance(target.type, YesNoType):
        return merged[0]
    multiple = isinstance(target.type, MultiChoiceType)
    if covers_all(merged, multiple, isinstance(target.type, YesNoType)):
        both = f" {AND} ".join(_text(each, target) for each in test.tests)
        hopeless = isinstance(target.type, YesNoType) or contradicts(merged, {})
        mended = () if hopeless else (both,)
        raise problem(Code.ALWAYS_TRUE, test.start, test.end, mended, word=_text(test, target))
    at = _place(test, target)
    return merged[0] if len(merged) == 1 else AnyOf(tuple(merged), at)


def _merged(tests: list[UnaryTest]) -> list[UnaryTest]:
    """Make one list of values of neighbouring values."""
    merged: list[UnaryTest] = []
    for are_values, neighbours in groupby(tests, lambda each: isinstance(each, OneOf)):
        first, *more = neighbours
        if are_values and more:
            lists = [each.values for each in (first, *more) if isinstance(each, OneOf)]
            first, more = OneOf(tuple(dict.fromkeys(chain(*lists))), first.at), []
        merged += first, *more
    return merged


def _every(test: s.Tests, target: Target) -> UnaryTest:
    parts = _with_deadlines(test.tests, target)
    tests = collect(
        lambda part: (
            _deadline(*part, target) if isinstance(part, _Pair) else build_test(part, target)
        ),
        parts,
    )
    if len(tests) == 1:
        return tests[0]
    flat = tuple(
        inner for each in tests for inner in (each.tests if isinstance(each, AllOf) else (each,))
    )
    multiple = isinstance(target.type, MultiChoiceType)
    if not multiple and contradicts(flat, children_of(target.type, target.scope.vocabulary)):
        raise problem(Code.EMPTY_INTERVAL, test.start, test.end, word=_text(test, target))
    return AllOf(flat, _place(test, target))


SOME_DAY = "申报日期"
"""A day of projects, where the policy does not say which."""
_BEGUN = (SINCE, *AFTER_WORDS)
_MARK_BEHIND = re.compile(r"\([^()]*\)\s*$")
_PERIODS = {"月": (Function.MONTHS_LATER, 1), "年": (Function.MONTHS_LATER, 12)} | {
    "日": (Function.DAYS_LATER, 1)
}


class _Pair(NamedTuple):
    """Two tests that are one: since a day, and inside a time."""

    since: s.Relation
    inside: s.Relation


def _with_deadlines(tests: Sequence[s.Test], target: Target) -> list[s.Test | _Pair]:
    """Put the two halves of each 认定日期起12个月内 together."""
    parts: list[s.Test | _Pair] = []
    for each in tests:
        last = parts[-1] if parts else None
        match last, each:
            case s.Relation(), s.Relation() if _is_deadline(last, each, target):
                parts[-1] = _Pair(last, each)
            case _:
                parts.append(each)
    return parts


def _is_deadline(first: s.Relation, second: s.Relation, target: Target) -> bool:
    """Whether two tests beside each other are one: 认定日期起12个月内."""
    return (
        isinstance(target.type, DateType)
        and _unmarked(first, target).endswith(_BEGUN)
        and _unmarked(second, target).endswith(INSIDE)
        and isinstance(second.bound, s.Number)
        and isinstance(second.bound.quantity.unit, QuantityUnit)
        and second.bound.quantity.unit.word in _PERIODS
    )


def _unmarked(test: s.Relation, target: Target) -> str:
    """The text of a comparison without a mark behind it: 12个月内 of 12个月内（不含）."""
    return _MARK_BEHIND.sub("", _text(test, target)).rstrip()


def _deadline(first: s.Relation, second: s.Relation, target: Target) -> UnaryTest:
    """From a day to the day so many months, years or days later, both included unless a mark says
    otherwise."""
    from_start = _is_closed(first, Comparator.AT_LEAST, target)
    to_end = _is_closed(second, Comparator.AT_MOST, target)
    start, number = target.operand(first.bound).expression, second.bound
    assert isinstance(number, s.Number)
    count = literal(number, target.scope)
    assert isinstance(count.type, QuantityType)
    assert isinstance(count.expression, Literal)
    function, times = _PERIODS[count.type.unit]
    at = target.scope.place(first.start, second.end)
    value = cast(Number, count.expression.value) * times
    counted = QuantityType("日" if function is Function.DAYS_LATER else "月")
    if value != int(value):
        told = {"expected": describe(counted), "example": f"12{counted.unit}"}
        raise problem(
            Code.NOT_A_VALUE, number.start, number.end, word=_text(number, target), **told
        )
    if target.field is not None and target.field.name in fields_read(start):
        word = target.scope.source.text[first.start : second.end]
        raise problem(
            Code.OWN_DEADLINE, first.start, second.end,
            word=word, field=target.field.name, form=_of_another_day(word, target),
        )  # fmt: skip
    end = Call(function, (start, Literal(int(value), counted, count.expression.at)), at)
    return Within(start, end, from_start, to_end, at)


def _is_closed(half: s.Relation, comparator: Comparator, target: Target) -> bool:
    """Whether one end of a deadline is included. Raises ``Problem`` where a word or a mark says
    what 起 and 内 do not."""
    if {half.comparator, half.also or half.comparator} != {comparator}:
        raise problem(Code.CONTRADICTION, half.start, half.end, word=_text(half, target))
    for inclusion in half.inclusions:
        if inclusion.mark.both or inclusion.bound is not None:
            raise problem(Code.STRAY_MARK, half.start, half.end, word=_text(half, target))
    said = [inclusion.mark.included for inclusion in half.inclusions]
    if len(set(said)) > 1:
        raise problem(Code.CONTRADICTION, half.start, half.end, word=_text(half, target))
    return all(said)


def children_of(type_: FieldType, vocabulary: Vocabulary) -> Mapping[str, Sequence[str]]:
    """The codes directly below each code that a single choice may have."""
    if not isinstance(type_, ChoiceType):
        return {}
    return vocabulary.children.get(type_.code_list, {})
