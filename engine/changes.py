"""Sets of changed facts that may make a row stand: candidates for a repair.

A condition is made to hold, or to fail, by moving one of its facts just across a threshold, through
derived facts down to what can be reported or judged. The candidates are guesses, fewest changes
first; ``engine.repair`` replays them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, islice, product
from typing import TypeAlias, cast

from engine.dependencies import fields_read
from engine.evaluate import Meaning, meaning
from engine.expressions import (
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
    Satisfies,
    UnaryTest,
    Within,
)
from engine.model import Field, HitPolicy, Source
from engine.nearest import satisfying_values, smallest_step
from engine.tables import RowResult, TableResult
from engine.truth import NO, YES
from engine.types import NUMERIC_TYPES
from engine.values import Number, Range, Value
from engine.worked import Worked

MOST_CANDIDATES = 48
MOST_COMBINATIONS = 2048
DEEPEST = 6

Changes: TypeAlias = Mapping[str, Value]

OPPOSITE = {
    Comparator.EQUAL: Comparator.NOT_EQUAL,
    Comparator.NOT_EQUAL: Comparator.EQUAL,
    Comparator.LESS: Comparator.AT_LEAST,
    Comparator.AT_LEAST: Comparator.LESS,
    Comparator.GREATER: Comparator.AT_MOST,
    Comparator.AT_MOST: Comparator.GREATER,
}


def to_stand(
    row: RowResult, result: TableResult, worked: Worked, depth: int = DEEPEST
) -> list[Changes]:
    """Changes that may make a row hold, and fail the rows of its table that stand in its way."""
    conditions = [each.expression for each in row.rule.conditions]
    return _together(
        [_to_be(node, True, worked, depth) for node in conditions]
        + [_to_fall(rival, worked, depth) for rival in _rivals(row, result)]
    )


def _rivals(row: RowResult, result: TableResult) -> list[RowResult]:
    """The rows that must fail for this one to count: exceptions to it, and by the hit policy."""
    before = result.rows[: result.rows.index(row)]
    others = [each for each in result.rows if each is not row]
    match result.table.hit_policy:
        case HitPolicy.FIRST:
            rivals = list(before)
        case HitPolicy.UNIQUE:
            rivals = others
        case _:
            rivals = []
    rivals += [each for each in others if row.rule.id in each.rule.overrides]
    return [each for each in dict.fromkeys(rivals) if each.own is not NO]


def _to_fall(row: RowResult, worked: Worked, depth: int) -> list[Changes]:
    """Changes that may make a row fail."""
    return _best(
        changes
        for condition in row.rule.conditions
        for changes in _to_be(condition.expression, False, worked, depth)
    )


def _to_be(node: Expression, wanted: bool, worked: Worked, depth: int) -> list[Changes]:
    """Changes that may give a condition the wanted truth."""
    if worked.truth(node) is wanted:
        return [{}]
    match node:
        case Conjunction(operands=parts) | Disjunction(operands=parts):
            options = [_to_be(part, wanted, worked, depth) for part in parts]
            every = isinstance(node, Conjunction) is wanted
            return _together(options) if every else _best(each for one in options for each in one)
        case AtLeast(count=count, conditions=parts):
            needed = count if wanted else len(parts) - count + 1
            open_ = [part for part in parts if worked.truth(part) is not wanted]
            still = needed - (len(parts) - len(open_))
            return _best(
                changes
                for chosen in islice(combinations(open_, still), MOST_CANDIDATES)
                for changes in _together([_to_be(each, wanted, worked, depth) for each in chosen])
            )
        case Inverse(operand=operand):
            return _to_be(operand, not wanted, worked, depth)
        case Satisfies(field=field, test=test):
            return _to_pass(field, test if wanted else Not(test), worked, depth)
        case Comparison(comparator=comparator, left=left, right=right):
            wished = comparator if wanted else OPPOSITE[comparator]
            return _to_compare(wished, left, right, worked)
        case FieldRef(field=field) if _may_change(worked.program.fields[field]):
            return [{field: wanted}]
        case _:
            return []


def _to_pass(name: str, test: UnaryTest, worked: Worked, depth: int) -> list[Changes]:
    """Changes that may let a field pass a test: its own value, or what derives it."""
    field = worked.program.fields[name]
    found: list[Changes] = []
    if _may_change(field) and field.source is not Source.DERIVED_OR_REPORTED:
        found += [{name: value} for value in satisfying_values(test, field, worked)]
    for comparator, bound in _comparisons(test):
        found += _to_compare(comparator, FieldRef(name), bound, worked)
    result = worked.deriving.get(name)
    if result is not None and depth > 0:
        found += _through_table(name, test, result, worked, depth - 1)
    return _best(found)


def _through_table(
    name: str, test: UnaryTest, result: TableResult, worked: Worked, depth: int
) -> list[Changes]:
    output = [each.field for each in result.table.outputs].index(name)
    found: list[Changes] = []
    for row in result.rows:
        conclusion = row.rule.conclusions[output]
        value = worked.value(conclusion)
        if value is None or worked.passes(name, test, value) is YES:
            found += to_stand(row, result, worked, depth)
        elif row.truth is YES and not isinstance(conclusion, Literal):
            for comparator, bound in _comparisons(test):
                found += _to_compare(comparator, conclusion, bound, worked)
    default = result.table.outputs[output].default
    fallback = None if default is None else worked.value(default)
    if fallback is not None and worked.passes(name, test, fallback) is YES:
        in_the_way = [row for row in result.rows if row.own is not NO]
        found += _together([_to_fall(row, worked, depth) for row in in_the_way])
    return found


def _comparisons(test: UnaryTest) -> Iterator[tuple[Comparator, Expression]]:
    """The bounds that a test sets, as comparisons."""
    match test:
        case Compare(comparator=comparator, bound=bound):
            yield comparator, bound
        case Not(test=Compare(comparator=comparator, bound=bound)):
            yield OPPOSITE[comparator], bound
        case Within(low=low, high=high):
            yield Comparator.AT_LEAST, low
            yield Comparator.AT_MOST, high
        case _:
            return


def _to_compare(
    comparator: Comparator, left: Expression, right: Expression, worked: Worked
) -> list[Changes]:
    """Move one reported field to just where a comparison holds, as if both sides were linear."""
    found: list[Changes] = []
    for name in fields_read(left) | fields_read(right):
        field = worked.program.fields[name]
        if _may_change(field) and isinstance(field.type, NUMERIC_TYPES):
            step = smallest_step(field.type)
            for value in _crossings(name, step, left, right, worked):
                near = (value, value + step, value - step)
                found += [
                    {name: each} for each in near[: 1 if comparator is Comparator.EQUAL else 3]
                ]
        elif _may_change(field) and left == FieldRef(name):
            limit = worked.value(right)
            found += [] if limit is None or isinstance(limit, Range) else [{name: limit}]
    return _best(found)


def _crossings(
    name: str, step: Number, left: Expression, right: Expression, worked: Worked
) -> Iterator[Number]:
    """Where the two sides meet when one field moves, on both neighbouring steps of its unit."""
    present = worked.situation.facts.get(name)
    if isinstance(present, Range | bool):
        return
    start = cast(Number, present) if present is not None else 0
    glossary = worked.program.glossary
    sides = (meaning(left, glossary), meaning(right, glossary))
    here, next_ = (_gap({name: start + move}, sides, worked) for move in (0, step))
    if here is None or next_ is None or here == next_:
        return
    steps = Fraction(here) / (here - next_)
    for whole in {steps.__floor__(), steps.__ceil__()}:
        yield start + whole * step


def _gap(changes: Changes, sides: tuple[Meaning, Meaning], worked: Worked) -> Number | None:
    """By how much the left side exceeds the right one after some changes."""
    situation = replace(worked.situation, facts={**worked.situation.facts, **changes})
    values = [side(situation) for side in sides]
    if any(isinstance(each, bool) or not isinstance(each, int | Fraction) for each in values):
        return None
    return cast(Number, values[0]) - cast(Number, values[1])


def _may_change(field: Field) -> bool:
    return field.changeable and field.source is not Source.DERIVED


def _together(options: Sequence[list[Changes]]) -> list[Changes]:
    """Pick one set of each option, and join them where they do not contradict each other."""
    if not all(options):
        return []
    several = sum(len(each) > 1 for each in options)
    width = max(2, round(MOST_COMBINATIONS ** (1 / max(1, several))))
    picks = islice(product(*(each[:width] for each in options)), MOST_COMBINATIONS)
    return _best(joined for pick in picks if (joined := _joined(pick)) is not None)


def _joined(parts: Iterable[Changes]) -> Changes | None:
    joined: dict[str, Value] = {}
    for part in parts:
        for name, value in part.items():
            if joined.setdefault(name, value) != value:
                return None
    return joined


def _best(found: Iterable[Changes]) -> list[Changes]:
    """The smaller sets first, without repeats, not too many."""
    unique = {frozenset(changes.items()): changes for changes in found}
    return sorted(unique.values(), key=len)[:MOST_CANDIDATES]
