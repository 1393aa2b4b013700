"""What each test and expression means: the one definition of the semantics.

A node is turned once into a function of the situation, and the function is called for every case.
Every function returns None for *unknown* (see ``docs/semantics.md``).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeAlias, assert_never, cast

from engine import truth
from engine.cases import Facts
from engine.expressions import (
    AllOf,
    AnyOf,
    Anything,
    Arithmetic,
    AtLeast,
    Brackets,
    Call,
    Comparator,
    Compare,
    Comparison,
    Conditional,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
    Function,
    HasAll,
    InCodeList,
    Inverse,
    Literal,
    Negate,
    Not,
    OneOf,
    Operator,
    Present,
    Satisfies,
    UnaryTest,
    Within,
)
from engine.truth import Truth
from engine.types import ChoiceType, CodeList, MultiChoiceType, children_in, family
from engine.values import (
    Bound,
    Number,
    Range,
    RoundingMode,
    Value,
    add,
    days_later,
    divide,
    greatest,
    growth,
    high_of,
    increase,
    least,
    low_of,
    months_later,
    multiply,
    negate,
    plus,
    span,
    subtract,
    times,
    whole_months,
    whole_units,
)


@dataclass(slots=True)
class Situation:
    """What is known while a case is worked on.

    ``facts`` grows as tables derive fields; ``given`` is what the case itself says, for 空/非空.
    """

    facts: dict[str, Value | None]
    given: Facts
    date: date


Meaning: TypeAlias = Callable[[Situation], Value | None]
Check: TypeAlias = Callable[[Value, Situation], Truth]
Numeric: TypeAlias = Number | Range


@dataclass(frozen=True, slots=True)
class Glossary:
    """What the compiler must look up: code lists by name, the codes directly above and below each
    of their codes, and the list that a field draws on."""

    code_lists: Mapping[str, CodeList]
    parents: Mapping[str, Mapping[str, str | None]]
    children: Mapping[str, Mapping[str, Sequence[str]]]
    list_of_field: Mapping[str, str]


def meaning(node: Expression, glossary: Glossary) -> Meaning:
    """Turn an expression into the function that gives its value, or None for unknown."""
    compile_ = partial(meaning, glossary=glossary)
    match node:
        case Literal(value=value):
            return lambda situation: value
        case FieldRef(field=field):
            return lambda situation: situation.facts.get(field)
        case Arithmetic(operator=sign, left=left, right=right):
            return _lifted(_ARITHMETIC[sign], (compile_(left), compile_(right)))
        case Negate(operand=operand):
            return _lifted(negate, (compile_(operand),))
        case Call(function=function, arguments=arguments):
            return _lifted(FUNCTIONS[function], tuple(map(compile_, arguments)))
        case Brackets(base=base):
            return _lifted(partial(in_brackets, node), (compile_(base),))
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            first, second = compile_(then), compile_(otherwise)
            return _conditional(compile_(condition), first, second, alike=then == otherwise)
        case Satisfies(field=field, test=test):
            return _satisfies(field, test, glossary)
        case Comparison(comparator=comparator, left=left, right=right):
            return _lifted(partial(compare, comparator), (compile_(left), compile_(right)))
        case Conjunction(operands=operands):
            every = [cast(Callable[[Situation], Truth], compile_(each)) for each in operands]
            return lambda situation: truth.every(each(situation) for each in every)
        case Disjunction(operands=operands):
            some = [cast(Callable[[Situation], Truth], compile_(each)) for each in operands]
            return lambda situation: truth.some(each(situation) for each in some)
        case Inverse(operand=operand):
            inner = cast(Callable[[Situation], Truth], compile_(operand))
            return lambda situation: truth.inverse(inner(situation))
        case AtLeast(count=count, conditions=conditions):
            counted = [cast(Callable[[Situation], Truth], compile_(each)) for each in conditions]
            return lambda situation: truth.at_least(count, (each(situation) for each in counted))
        case _:
            assert_never(node)


def condition(node: Expression, glossary: Glossary) -> Callable[[Situation], Truth]:
    """Turn a condition into the function that gives its truth."""
    return cast(Callable[[Situation], Truth], meaning(node, glossary))


def check(test: UnaryTest, field: str, glossary: Glossary) -> Check:
    """Turn a unary test of a field into a function of a known value."""
    code_list = glossary.list_of_field.get(field)
    match test:
        case Anything():
            return lambda value, situation: truth.YES
        case OneOf(values=values):
            return _is_one_of(values, code_list, glossary)
        case HasAll(values=values):
            wanted = [_is_one_of((each,), code_list, glossary) for each in values]
            return lambda value, situation: truth.every(each(value, situation) for each in wanted)
        case InCodeList(code_list=name):
            return _any_element(_stands_in(glossary.code_lists[name]))
        case Compare(comparator=comparator, bound=bound):
            return _compared(comparator, bound, glossary)
        case Within(low=low, high=high, low_closed=low_closed, high_closed=high_closed):
            above = _compared(
                Comparator.AT_LEAST if low_closed else Comparator.GREATER, low, glossary
            )
            below = _compared(
                Comparator.AT_MOST if high_closed else Comparator.LESS, high, glossary
            )
            return lambda value, situation: truth.every(
                (above(value, situation), below(value, situation))
            )
        case AnyOf(tests=tests):
            some = [check(each, field, glossary) for each in tests]
            return lambda value, situation: truth.some(each(value, situation) for each in some)
        case AllOf(tests=tests):
            every = [check(each, field, glossary) for each in tests]
            return lambda value, situation: truth.every(each(value, situation) for each in every)
        case Not(test=inner):
            positive = check(inner, field, glossary)
            return lambda value, situation: truth.inverse(positive(value, situation))
        case Present(absent=absent):
            return lambda value, situation: (situation.given.get(field) is None) is absent
        case _:
            assert_never(test)


def compare(comparator: Comparator, left: Value, right: Value) -> Truth:
    """Compare two known values; a number known only by its limits may leave it unknown."""
    if isinstance(left, Range) or isinstance(right, Range):
        return _compare_ranges(comparator, cast(Numeric, left), cast(Numeric, right))
    return cast(bool, _COMPARE[comparator](left, right))


def in_brackets(node: Brackets, base: Numeric) -> Numeric:
    """Sum what each part of the base earns in its own bracket."""

    def earned(bound: Bound) -> Bound:
        total: Bound = 0
        for bracket in node.brackets:
            if bound > bracket.low:
                top = bound if bracket.high is None else min(bound, bracket.high)
                total = plus(total, times(plus(top, -bracket.low), bracket.rate))
        return total

    return span(earned(low_of(base)), earned(high_of(base)))


def every_full(quantity: Numeric, step: Numeric) -> Numeric | None:
    """How many whole steps there are in a quantity; None where the step is or may be zero."""
    if isinstance(step, Range):
        quotient = divide(quantity, step)
        return None if quotient is None else _floor(quotient)
    return None if step == 0 else _floor(cast(Numeric, divide(quantity, step)))


def whole_years(start: date, end: date) -> int:
    """Whole years between two days, counted as whole months."""
    months = whole_months(start, end)
    return months // 12 if months >= 0 else -(-months // 12)


def _floor(value: Numeric) -> Numeric:
    def floored(bound: Bound) -> Bound:
        return bound if isinstance(bound, float) else bound // 1

    return span(floored(low_of(value)), floored(high_of(value)))


def _stepped(mode: RoundingMode, value: Numeric, step: Numeric) -> Numeric | None:
    if isinstance(step, Range) or step <= 0:
        return None
    return multiply(whole_units(value, step, mode), step)


def _counted_on(later: Callable[[date, Number], date], start: date, count: Numeric) -> date | None:
    return None if isinstance(count, Range) else later(start, count)


_ARITHMETIC: dict[Operator, Callable[..., Numeric | None]] = {
    Operator.ADD: add,
    Operator.SUBTRACT: subtract,
    Operator.MULTIPLY: multiply,
    Operator.DIVIDE: divide,
}

FUNCTIONS: dict[Function, Callable[..., Value | None]] = {
    Function.MAX: lambda *values: greatest(list(values)),
    Function.MIN: lambda *values: least(list(values)),
    Function.EVERY_FULL: every_full,
    Function.CONVERT: multiply,
    Function.MONTHS: whole_months,
    Function.YEARS: whole_years,
    Function.MONTHS_LATER: partial(_counted_on, months_later),
    Function.DAYS_LATER: partial(_counted_on, days_later),
    Function.INCREASE: increase,
    Function.GROWTH: growth,
    Function.ROUND: partial(_stepped, RoundingMode.HALF_UP),
    Function.ROUND_DOWN: partial(_stepped, RoundingMode.DOWN),
    Function.ROUND_UP: partial(_stepped, RoundingMode.UP),
}
"""What each named function does with known arguments; None is unknown."""

_COMPARE: dict[Comparator, Callable[..., object]] = {
    Comparator.EQUAL: operator.eq,
    Comparator.NOT_EQUAL: operator.ne,
    Comparator.LESS: operator.lt,
    Comparator.AT_MOST: operator.le,
    Comparator.GREATER: operator.gt,
    Comparator.AT_LEAST: operator.ge,
}


def _lifted(function: Callable[..., Value | None], arguments: tuple[Meaning, ...]) -> Meaning:
    """Apply a function once all its arguments are known."""

    def apply(situation: Situation) -> Value | None:
        values = []
        for argument in arguments:
            value = argument(situation)
            if value is None:
                return None
            values.append(value)
        return function(*values)

    return apply


def _conditional(when: Meaning, then: Meaning, otherwise: Meaning, *, alike: bool) -> Meaning:
    """Take a branch; while the condition is unknown, the value in which both surely agree."""

    def choose(situation: Situation) -> Value | None:
        holds = when(situation)
        if holds is truth.YES:
            return then(situation)
        if holds is truth.NO:
            return otherwise(situation)
        first = then(situation)
        if alike or first is None:
            return first
        second = otherwise(situation)
        agree = second is not None and compare(Comparator.EQUAL, first, second) is truth.YES
        return first if agree else None

    return choose


def _satisfies(field: str, test: UnaryTest, glossary: Glossary) -> Meaning:
    holds, of_missing = check(test, field, glossary), check_missing(test)

    def put_to_test(situation: Situation) -> Truth:
        value = situation.facts.get(field)
        return of_missing if value is None else holds(value, situation)

    return put_to_test


def check_missing(test: UnaryTest) -> Truth:
    """What a test says of a missing fact: unknown, but for ``—`` and 空/非空."""
    match test:
        case Anything():
            return truth.YES
        case Present(absent=absent):
            return absent
        case AnyOf(tests=tests):
            return truth.some(map(check_missing, tests))
        case AllOf(tests=tests):
            return truth.every(map(check_missing, tests))
        case Not(test=inner):
            return truth.inverse(check_missing(inner))
        case OneOf() | HasAll() | InCodeList() | Compare() | Within():
            return truth.UNKNOWN
        case _:
            assert_never(test)


def _any_element(single: Check) -> Check:
    """Let a test of one value ask of a set whether any element passes."""

    def test(value: Value, situation: Situation) -> Truth:
        if isinstance(value, frozenset):
            return truth.some(single(each, situation) for each in value)
        return single(value, situation)

    return test


def _is_one_of(values: tuple[Value, ...], code_list: str | None, glossary: Glossary) -> Check:
    """Ask whether a value is one of some values; of a set, whether any element is."""
    if code_list is None or code_list not in glossary.code_lists:
        wanted, ancestors = frozenset(values), frozenset[Value]()
    else:
        wanted, ancestors = _family(frozenset(values), code_list, glossary)

    def test(value: Value, situation: Situation) -> Truth:
        if value in wanted:
            return truth.YES
        if isinstance(value, frozenset):
            if not wanted.isdisjoint(value):
                return truth.YES
            return truth.NO if ancestors.isdisjoint(value) else truth.UNKNOWN
        if isinstance(value, Range):
            return truth.some(
                _compare_ranges(Comparator.EQUAL, value, cast(Number, each)) for each in wanted
            )
        return truth.UNKNOWN if value in ancestors else truth.NO

    return test


def _family(
    values: frozenset[Value], code_list: str, glossary: Glossary
) -> tuple[frozenset[Value], frozenset[Value]]:
    """The codes that count as one of the values, and the strict ancestors of the values."""
    parents, children = glossary.parents[code_list], glossary.children[code_list]
    matches = values.union(*(family(cast(str, each), children) for each in values))
    above: set[Value] = set()
    for value in values:
        ancestor = parents.get(cast(str, value))
        while ancestor is not None and ancestor not in above:
            above.add(ancestor)
            ancestor = parents.get(ancestor)
    return matches, frozenset(above - matches)


def _stands_in(code_list: CodeList) -> Check:
    codes = {code.value: code for code in code_list.codes}
    otherwise = truth.UNKNOWN if code_list.pending else truth.NO

    def test(value: Value, situation: Situation) -> Truth:
        code = codes.get(cast(str, value))
        return truth.YES if code and in_force(code, situation.date) else otherwise

    return test


def in_force(dated: object, on: date) -> bool:
    """Whether something with ``effective`` and ``expires`` (both inclusive) is in force."""
    effective: date | None = getattr(dated, "effective", None)
    expires: date | None = getattr(dated, "expires", None)
    return (effective is None or effective <= on) and (expires is None or on <= expires)


def _compared(comparator: Comparator, bound: Expression, glossary: Glossary) -> Check:
    if isinstance(bound, Literal) and not isinstance(bound.value, Range):
        compare_, fixed = _COMPARE[comparator], bound.value

        def test_fixed(value: Value, situation: Situation) -> Truth:
            if isinstance(value, Range):
                return _compare_ranges(comparator, value, cast(Number, fixed))
            return cast(bool, compare_(value, fixed))

        return test_fixed
    limit = meaning(bound, glossary)

    def test(value: Value, situation: Situation) -> Truth:
        other = limit(situation)
        return truth.UNKNOWN if other is None else compare(comparator, value, other)

    return test


def _compare_ranges(comparator: Comparator, left: Numeric, right: Numeric) -> Truth:
    low, high, other_low, other_high = low_of(left), high_of(left), low_of(right), high_of(right)
    match comparator:
        case Comparator.LESS:
            return _decide(high < other_low, low >= other_high)
        case Comparator.AT_MOST:
            return _decide(high <= other_low, low > other_high)
        case Comparator.GREATER:
            return _decide(low > other_high, high <= other_low)
        case Comparator.AT_LEAST:
            return _decide(low >= other_high, high < other_low)
        case Comparator.EQUAL:
            return _decide(
                low == high == other_low == other_high, high < other_low or other_high < low
            )
        case Comparator.NOT_EQUAL:
            return truth.inverse(_compare_ranges(Comparator.EQUAL, left, right))
        case _:
            assert_never(comparator)


def _decide(always: bool, never: bool) -> Truth:
    if always:
        return truth.YES
    return truth.NO if never else truth.UNKNOWN


def glossary_of(code_lists: tuple[CodeList, ...], fields: Mapping[str, object]) -> Glossary:
    """Collect what the compiler looks up; ``fields`` maps names to field types."""
    return Glossary(
        {each.name: each for each in code_lists},
        {each.name: {code.value: code.parent for code in each.codes} for each in code_lists},
        {each.name: children_in(each) for each in code_lists},
        {
            name: type_.code_list
            for name, type_ in fields.items()
            if isinstance(type_, ChoiceType | MultiChoiceType)
        },
    )
