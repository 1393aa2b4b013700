"""Whether a condition became looser or tighter, an amount higher or lower.

Said only where it can be told for certain: of tests against plain values, tried at every value
where one of them may change its mind and between any two of these, and of amounts that differ in
plain numbers. It is said of the one thing that was changed, all else being as it is.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import chain, combinations, pairwise

from engine.dependencies import amounts, bounds, fields_read
from engine.evaluate import Situation, check, check_missing, glossary_of
from engine.expressions import (
    AllOf,
    AnyOf,
    Arithmetic,
    Expression,
    FieldRef,
    HasAll,
    InCodeList,
    Literal,
    Not,
    OneOf,
    Operator,
    Present,
    UnaryTest,
)
from engine.model import (
    Benefit,
    Ceiling,
    Definite,
    Discretionary,
    Field,
    Policy,
    Source,
    TopUp,
    Uplift,
)
from engine.truth import NO, YES, Truth
from engine.types import (
    ChoiceType,
    DateType,
    MultiChoiceType,
    RateType,
    TextType,
    YesNoType,
)
from engine.values import Value

MOST_KINDS = 10
"""So many kinds of codes, told apart by the tests, are tried in every mixture."""
_FIRST, _LAST = date.min.toordinal(), date.max.toordinal()
_ANOTHER = "\0"
"""A text, or a code of a list still to come, that no test names."""


class Shift(StrEnum):
    """Which way something was changed."""

    LOOSER = "looser"
    TIGHTER = "tighter"
    HIGHER = "higher"
    LOWER = "lower"


OPPOSITE = {
    Shift.LOOSER: Shift.TIGHTER,
    Shift.TIGHTER: Shift.LOOSER,
    Shift.HIGHER: Shift.LOWER,
    Shift.LOWER: Shift.HIGHER,
}


def shift_of_tests(
    before: UnaryTest,
    after: UnaryTest,
    fields: tuple[Field, Field],
    policies: tuple[Policy, Policy],
) -> Shift | None:
    """Whether a test of a field lets more through than before, or less; None: neither, or both.

    Both tests are asked under the code lists of either version, so that what a list has gained or
    lost is not told of the test.
    """
    tests = (before, after)
    if fields[0].type != fields[1].type or not all(map(_is_plain, tests)):
        return None
    pairs = {(_rank(check_missing(before)), _rank(check_missing(after)))}
    for field, policy in zip(fields, policies, strict=True):
        found = _answers(tests, field, policy)
        if found is None:
            return None
        pairs |= found
    if all(was <= is_ for was, is_ in pairs):
        return Shift.LOOSER if any(was < is_ for was, is_ in pairs) else None
    return Shift.TIGHTER if all(was >= is_ for was, is_ in pairs) else None


def shift_of_amounts(before: Expression, after: Expression) -> Shift | None:
    """Whether an amount is more than before: a plain number, or one times the same field."""
    match before, after:
        case Literal(value=int() | Fraction() as was), Literal(value=int() | Fraction() as is_):
            if was != is_:
                return Shift.HIGHER if is_ > was else Shift.LOWER
        case (
            Arithmetic(operator=Operator.MULTIPLY, left=left, right=right),
            Arithmetic(operator=Operator.MULTIPLY, left=other_left, right=other_right),
        ):
            if left == other_left and isinstance(left, FieldRef):
                return shift_of_amounts(right, other_right)
            if right == other_right and isinstance(right, FieldRef):
                return shift_of_amounts(left, other_left)
    return None


def shift_of_demands(before: frozenset[Expression], after: frozenset[Expression]) -> Shift | None:
    """Whether more is demanded than before, or less, where the rest stays word for word."""
    if before == after:
        return None
    if before <= after:
        return Shift.TIGHTER
    return Shift.LOOSER if after <= before else None


def shift_of_days(
    before: tuple[date | None, date | None], after: tuple[date | None, date | None]
) -> Shift | None:
    """Whether a time became longer or shorter; None is an end that it does not have."""
    begins, ends = [(each[0] or date.min, each[1] or date.max) for each in (before, after)]
    if begins == ends:
        return None
    if ends[0] <= begins[0] and begins[1] <= ends[1]:
        return Shift.LOOSER
    return Shift.TIGHTER if begins[0] <= ends[0] and ends[1] <= begins[1] else None


def shift_of_benefits(before: Benefit, after: Benefit) -> Shift | None:
    """Whether a benefit is more than before at one of its ends, and at none less."""
    match before, after:
        case Ceiling(amount=was), Definite(amount=is_):
            return _unless(Shift.LOWER, was, is_)
        case Definite(amount=was), Ceiling(amount=is_):
            return _unless(Shift.HIGHER, was, is_)
        case TopUp(), TopUp():
            if before.received != after.received:
                return None
            return shift_of_amounts(before.target, after.target)
        case Discretionary(), Discretionary():
            return shift_of_limits(before.ceiling, after.ceiling)
        case _ if type(before) is type(after):
            pairs = zip(amounts(before), amounts(after), strict=True)
            shifts = {shift_of_amounts(*pair) for pair in pairs if pair[0] != pair[1]}
            return shifts.pop() if len(shifts) == 1 else None
        case _:
            return None


def shift_of_limits(before: Expression | None, after: Expression | None) -> Shift | None:
    """Whether a limit lets more through than before; None is no limit."""
    if before is None or after is None:
        if before is after:
            return None
        return Shift.LOWER if before is None else Shift.HIGHER
    return shift_of_amounts(before, after)


def shift_of_floors(before: Expression | None, after: Expression | None) -> Shift | None:
    """Whether a floor holds up more than before; None is no floor."""
    if before is None or after is None:
        if before is after:
            return None
        return Shift.HIGHER if before is None else Shift.LOWER
    return shift_of_amounts(before, after)


def shift_of_uplifts(
    before: Uplift | None, after: Uplift | None, policies: tuple[Policy, Policy]
) -> Shift | None:
    """Whether an amount rises by more than before.

    Of a share of a field it is told only where the field is never below zero: a larger share of a
    decline is less.
    """
    for each in (before, after):
        if each is not None and not all(_is_never_negative(each.rate, it) for it in policies):
            return None
    nothing = Literal(Fraction(0), RateType())
    rates = [nothing if each is None else each.rate for each in (before, after)]
    if before is not None and after is not None and before.after_caps != after.after_caps:
        return None
    return shift_of_amounts(*rates)


def _is_never_negative(rate: Expression, policy: Policy) -> bool:
    """Whether all fields that a rate reads are given, and have a 最小 of zero or more."""
    fields = {field.name: field for field in policy.fields}
    return all(
        (field := fields.get(name)) is not None
        and field.source in (Source.REPORTED, Source.JUDGED)
        and isinstance(field.minimum, int | Fraction)
        and field.minimum >= 0
        for name in fields_read(rate)
    )


def _unless(contrary: Shift, before: Expression, after: Expression) -> Shift | None:
    """The opposite of a shift, if the amounts are the same or go that way too."""
    found = OPPOSITE[contrary] if before == after else shift_of_amounts(before, after)
    return None if found is contrary else found


def _is_plain(test: UnaryTest) -> bool:
    """Whether other fields and what was given are out of it."""
    match test:
        case Present():
            return False
        case AnyOf(tests=tests) | AllOf(tests=tests):
            return all(map(_is_plain, tests))
        case Not(test=inner):
            return _is_plain(inner)
        case _:
            return all(isinstance(bound, Literal) for bound in bounds(test))


def _rank(truth: Truth) -> int:
    """否 < 未知 < 是."""
    return 2 if truth is YES else 0 if truth is NO else 1


def _answers(
    tests: tuple[UnaryTest, UnaryTest], field: Field, policy: Policy
) -> set[tuple[int, int]] | None:
    """What the tests say side by side, of every value that they may tell apart; None: too many."""
    glossary = glossary_of(policy.code_lists, {each.name: each.type for each in policy.fields})
    if any(each.code_list not in glossary.code_lists for each in _lists(tests)):
        return None
    checks = [check(test, field.name, glossary) for test in tests]
    found = set()
    for day in _days(tests, policy):
        situation = Situation({}, {}, day)

        def asked(value: Value, situation: Situation = situation) -> tuple[int, ...]:
            return tuple(_rank(holds(value, situation)) for holds in checks)

        values = _values(tests, field, policy, situation)
        if values is None:
            return None
        for value in values:
            before, after = asked(value)
            found.add((before, after))
    return found


def _days(tests: Iterable[UnaryTest], policy: Policy) -> Iterator[date]:
    """Reference days such that between two of them no list changes."""
    yield date.min
    names = {each.code_list for each in _lists(tests)}
    for codes in policy.code_lists:
        for code in codes.codes if codes.name in names else ():
            if code.effective is not None:
                yield code.effective
            if code.expires is not None and code.expires < date.max:
                yield code.expires + timedelta(1)


def _values(
    tests: Iterable[UnaryTest], field: Field, policy: Policy, situation: Situation
) -> Iterable[Value] | None:
    """Values such that of any other the tests say what they say of one of these."""
    named = list(_named(tests))
    match field.type:
        case YesNoType():
            return (True, False)
        case ChoiceType(code_list=name):
            return _codes(policy, name, tests)
        case MultiChoiceType(code_list=name):
            sets = (each for each in named if isinstance(each, frozenset))
            whole = frozenset(chain.from_iterable(sets))
            codes = _codes(policy, name, tests)
            return _mixtures(tests, field, policy, codes, whole, situation)
        case TextType():
            return (*named, _ANOTHER)
        case DateType():
            days = [each.toordinal() for each in named if isinstance(each, date)]
            around = {day + beside for day in days for beside in (-1, 0, 1)}
            return [date.fromordinal(day) for day in around if _FIRST <= day <= _LAST]
        case _:
            return list(_numbers(named))


def _numbers(named: Iterable[Value]) -> Iterator[int | Fraction]:
    """The numbers that are named, one between any two of them, and one beyond each end."""
    numbers = sorted({each for each in named if isinstance(each, int | Fraction)})
    if not numbers:
        return
    yield numbers[0] - 1
    yield from numbers
    yield from (Fraction(low + high) / 2 for low, high in pairwise(numbers))
    yield numbers[-1] + 1


def _codes(policy: Policy, name: str, tests: Iterable[UnaryTest]) -> list[str]:
    """The codes of a list; of one still to come, also those that tests may ask of, and one more."""
    codes = _listed(policy, {name})
    if any(each.name == name and each.pending for each in policy.code_lists):
        codes += _listed(policy, {each.code_list for each in _lists(tests)})
        for each in _named(tests):
            codes += sorted(each) if isinstance(each, frozenset) else [str(each)]
        codes.append(_ANOTHER)
    return list(dict.fromkeys(codes))


def _listed(policy: Policy, names: Container[str]) -> list[str]:
    return [code.value for each in policy.code_lists if each.name in names for code in each.codes]


def _mixtures(
    tests: Iterable[UnaryTest],
    field: Field,
    policy: Policy,
    codes: Iterable[str],
    whole: frozenset[str],
    situation: Situation,
) -> list[Value] | None:
    """Sets of codes: of those that no test tells apart, one stands for all.

    ``whole`` are codes of sets that are named as they are: each of them stands for itself.
    """
    glossary = glossary_of(policy.code_lists, {each.name: each.type for each in policy.fields})
    asks = [check(each, field.name, glossary) for test in tests for each in _single(test)]
    kinds: dict[object, str] = {}
    for code in codes:
        told = tuple(holds(code, situation) for holds in asks)
        kinds.setdefault((told, code if code in whole else ""), code)
    if len(kinds) > MOST_KINDS:
        return None
    return [
        frozenset(chosen)
        for size in range(len(kinds) + 1)
        for chosen in combinations(kinds.values(), size)
    ]


def _single(test: UnaryTest) -> Iterator[UnaryTest]:
    """The questions about one code of which a test of a set is made."""
    match test:
        case AnyOf(tests=tests) | AllOf(tests=tests):
            for each in tests:
                yield from _single(each)
        case Not(test=inner):
            yield from _single(inner)
        case HasAll(values=values):
            yield from (OneOf((value,)) for value in values)
        case _:
            yield test


def _lists(tests: Iterable[UnaryTest]) -> list[InCodeList]:
    return [each for test in tests for each in _single(test) if isinstance(each, InCodeList)]


def _named(tests: Iterable[UnaryTest]) -> Iterator[Value]:
    """The values that tests name."""
    for test in tests:
        for bound in bounds(test):
            if isinstance(bound, Literal):
                yield bound.value
        for each in _single(test):
            if isinstance(each, OneOf):
                yield from each.values
