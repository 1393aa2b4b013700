"""Sets of changed facts that may make a row count, or a condition come out as wanted.

A condition is mended by moving its facts just across a threshold, through derived facts down to
what can be reported or judged. Each condition is looked at as if the others stayed as they are, so
the sets are guesses; ``engine.repair`` puts them to the test, and goes on where one falls short.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice

from engine.change_sets import MOST_SETS, NOTHING, Changes, Standpoint, all_of, any_of
from engine.choices import choices
from engine.dependencies import fields_read
from engine.evaluate import check, compare, meaning
from engine.expressions import (
    AtLeast,
    Call,
    Comparator,
    Comparison,
    Conditional,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
    Function,
    Inverse,
    Literal,
    OneOf,
    Satisfies,
    UnaryTest,
)
from engine.inlining import MOST_STRATA, inline, inline_test, is_derived
from engine.model import HitPolicy, Source
from engine.moves import Aim, aim, bounds_of, is_movable, may_become
from engine.nearest import limits_of
from engine.standing import FOLDING, Turns, to_decide, to_default, to_fold
from engine.tables import CompiledTable, RowResult, TableResult
from engine.thresholds import Facts, Gap, Holds, aims, imagine
from engine.truth import NO, UNKNOWN, YES
from engine.types import NUMERIC_TYPES, DateType, MultiChoiceType
from engine.values import Value
from engine.worked import Worked, missing_inputs

MEASURED = (*NUMERIC_TYPES, DateType)
SUMMING = (HitPolicy.COUNT, HitPolicy.SUM)
"""Hit policies whose empty result is zero, not the default."""

ASSERTED = OneOf((True,))
UPWARD = (Comparator.GREATER, Comparator.AT_LEAST)
MIRRORED = {
    Comparator.LESS: Comparator.GREATER,
    Comparator.AT_MOST: Comparator.AT_LEAST,
    Comparator.GREATER: Comparator.LESS,
    Comparator.AT_LEAST: Comparator.AT_MOST,
}
"""The comparators that have an order, and how they read from the other side."""


# --- rows -----------------------------------------------------------------------------------------


def to_count(row: RowResult, result: TableResult, at: Standpoint) -> list[Changes]:
    """Changes that may make a row hold, and fail the rows of its table that stand in its way."""
    ways = to_decide(row, result, _compiled(result, at.worked), at.worked.situation)
    return any_of(_to_turn(turns, result, at) for turns in ways)


def _to_turn(turns: Turns, result: TableResult, at: Standpoint) -> list[Changes]:
    """Changes that may make the conditions of some rows hold, and those of others fail."""
    rows = [row for row in result.rows if row.rule.id in turns]
    return all_of((_to_turn_row(row, turns[row.rule.id], at) for row in rows), at)


def _to_turn_row(row: RowResult, wanted: bool, at: Standpoint) -> list[Changes]:
    options = (to_come_out(each.expression, wanted, at) for each in row.rule.conditions)
    if wanted:
        return all_of(options, at)
    return NOTHING if row.own is NO else any_of(options)


def _compiled(result: TableResult, worked: Worked) -> CompiledTable:
    return next(each for each in worked.program.tables if each.table is result.table)


# --- conditions -----------------------------------------------------------------------------------


def to_come_out(node: Expression, wanted: bool, at: Standpoint) -> list[Changes]:
    """Changes that may give a condition of the policy the wanted truth.

    One that only waits for a judgement is left to it.
    """
    key = id(node), wanted
    if key not in at.known:
        at.known[key] = NOTHING if _is_settled(node, wanted, at.worked) else _ways(node, wanted, at)
    return at.known[key]


def _is_settled(node: Expression, wanted: bool, worked: Worked) -> bool:
    truth = worked.truth(node)
    if truth is not UNKNOWN:
        return truth is wanted
    missing = missing_inputs([node], worked)
    fields = worked.program.fields
    return bool(missing) and all(fields[name].source is Source.JUDGED for name in missing)


def _ways(node: Expression, wanted: bool, at: Standpoint) -> list[Changes]:
    match node:
        case Conjunction(operands=parts) | Disjunction(operands=parts):
            options = [to_come_out(part, wanted, at) for part in parts]
            every = isinstance(node, Conjunction) is wanted
            return all_of(options, at) if every else any_of(options)
        case AtLeast(count=count, conditions=parts):
            needed = count if wanted else len(parts) - count + 1
            options = [to_come_out(part, wanted, at) for part in parts]
            open_ = [each for each in options if each != NOTHING]
            still = needed - (len(parts) - len(open_))
            chosen = islice(combinations(open_, still), MOST_SETS)
            return any_of(all_of(each, at) for each in chosen)
        case Inverse(operand=operand):
            return to_come_out(operand, not wanted, at)
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return any_of(
                all_of((to_come_out(condition, truth, at), to_come_out(branch, wanted, at)), at)
                for truth, branch in ((True, then), (False, otherwise))
            )
        case Satisfies(field=field, test=test):
            return _to_pass(field, test, wanted, at)
        case FieldRef(field=field):
            return _to_pass(field, ASSERTED, wanted, at)
        case Comparison():
            parted = _parted(node, at.worked)
            if parted is not node:
                return to_come_out(parted, wanted, at)
            return _to_compare(node, wanted, at)
        case _:
            return []


def _parted(node: Comparison, worked: Worked) -> Expression:
    """A comparison with a max, a min or a 如果, as the conditions that it amounts to.

    Conditions are known by their identity, so what is made here is kept with the policy.
    """
    kept = worked.notes.parted
    if id(node) not in kept:
        kept[id(node)] = _part(node)
    return kept[id(node)]


def _part(node: Comparison) -> Expression:
    comparator = node.comparator
    mirrored = MIRRORED.get(comparator, comparator)
    for left, right, sign in (
        (node.left, node.right, comparator),
        (node.right, node.left, mirrored),
    ):
        match left:
            case Call(function=Function.MAX | Function.MIN as function, arguments=arguments) if (
                sign in MIRRORED
            ):
                parts = tuple(Comparison(sign, each, right) for each in arguments)
                one_will_do = (function is Function.MAX) is (sign in UPWARD)
                return Disjunction(parts) if one_will_do else Conjunction(parts)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                first, second = (Comparison(sign, each, right) for each in (then, otherwise))
                return Conditional(condition, first, second)
            case _:
                continue
    return node


def _to_compare(node: Comparison, wanted: bool, at: Standpoint) -> list[Changes]:
    """Move facts to just where a comparison holds, or fails."""
    worked = at.worked
    left, right = inline(node.left, worked), inline(node.right, worked)
    sides = [meaning(side, worked.program.glossary) for side in (left, right)]

    def holds(facts: Facts) -> bool:
        situation = imagine(worked, facts)
        first, second = (side(situation) for side in sides)
        if first is None or second is None:
            return False
        return compare(node.comparator, first, second) is wanted

    return any_of(
        (
            _to_move([(left, right), (right, left)], holds, at),
            _to_equal(node.left, node.right, holds, at),
            _to_equal(node.right, node.left, holds, at),
        )
    )


def _to_equal(
    node: Expression, other: Expression, holds: Holds, at: Standpoint
) -> Iterator[Changes]:
    """Let a code, an answer or a text become what it is compared with."""
    if not isinstance(node, FieldRef) or is_derived(node.field, at.worked):
        return
    field, value = at.worked.program.fields[node.field], at.worked.value(other)
    before = at.before.get(field.name)
    if value is None or isinstance(field.type, MEASURED) or not is_movable(field, at.worked):
        return
    if may_become(field, before, value, at.worked) and holds({field.name: value}):
        yield {field.name: aim(field, before, value)}


def _to_pass(name: str, test: UnaryTest, wanted: bool, at: Standpoint) -> list[Changes]:
    """Change what a field is, what derives it, or what its test compares it with."""
    key = name, test, wanted
    if key not in at.passing:
        if len(at.nested) > MOST_STRATA:
            return []
        at.nested.append(name)
        at.passing[key] = any_of(_ways_to_pass(name, test, wanted, at))
        at.nested.pop()
    return at.passing[key]


def _ways_to_pass(
    name: str, test: UnaryTest, wanted: bool, at: Standpoint
) -> Iterator[list[Changes]]:
    worked = at.worked
    field = worked.program.fields[name]
    derived = is_derived(name, worked)
    if isinstance(field.type, MEASURED):
        yield _to_move_past(FieldRef(name), name, test, wanted, at)
    elif not derived and is_movable(field, worked):
        passes = check(test, name, worked.program.glossary)

        def suits(value: Value) -> bool:
            return passes(value, imagine(worked, {name: value})) is wanted

        found = choices(field, test, at.before.get(name), suits, worked)
        yield [{name: each} for each in found]
    if derived:
        yield from _through_table(name, test, wanted, at)


# --- derived facts --------------------------------------------------------------------------------


def _through_table(
    name: str, test: UnaryTest, wanted: bool, at: Standpoint
) -> Iterator[list[Changes]]:
    """Make other rows of its table decide what a derived field is, or conclude something else."""
    worked = at.worked
    result, situation = worked.deriving[name], worked.situation
    table, compiled = result.table, _compiled(result, worked)
    output = [each.field for each in table.outputs].index(name)
    if table.hit_policy in FOLDING:
        of_value = check(test, name, worked.program.glossary)

        def passes(folded: TableResult) -> bool:
            value = folded.values[output]
            return value is not None and of_value(value, situation) is wanted

        for folding in to_fold(result, compiled, situation, passes):
            yield _to_turn(folding, result, at)
        if isinstance(worked.program.fields[name].type, MultiChoiceType):
            for row in result.rows:
                if row.truth is YES:
                    yield _to_conclude(row.rule.conclusions[output], name, test, wanted, at)
    else:
        for row in result.rows:
            ways = _to_conclude(row.rule.conclusions[output], name, test, wanted, at)
            for turns in to_decide(row, result, compiled, situation) if ways else ():
                yield all_of((_to_turn(turns, result, at), ways), at)
    default = table.outputs[output].default
    if default is not None and table.hit_policy not in SUMMING:
        ways = _to_conclude(default, name, test, wanted, at)
        if ways:
            yield all_of((_to_turn(to_default(result), result, at), ways), at)


def _to_conclude(
    node: Expression, name: str, test: UnaryTest, wanted: bool, at: Standpoint
) -> list[Changes]:
    """Changes that may bring what a table concludes to a value that passes a test of a field."""
    worked = at.worked
    field, value = worked.program.fields[name], worked.value(node)
    if value is not None and worked.passes(name, test, value) is wanted:
        return NOTHING
    match node:
        case Literal():
            return []
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return any_of(
                all_of(
                    (
                        to_come_out(condition, truth, at),
                        _to_conclude(branch, name, test, wanted, at),
                    ),
                    at,
                )
                for truth, branch in ((True, then), (False, otherwise))
            )
        case FieldRef(field=other) if worked.program.fields[other].type == field.type:
            return _to_pass(other, test, wanted, at)
        case _ if isinstance(field.type, MEASURED):
            return _to_move_past(node, name, test, wanted, at)
        case _:
            return []


# --- numbers and days -----------------------------------------------------------------------------


def _to_move_past(
    node: Expression, name: str, test: UnaryTest, wanted: bool, at: Standpoint
) -> list[Changes]:
    """Move the numbers or days of which an expression is made until it passes a test of a field."""
    worked = at.worked
    glossary = worked.program.glossary
    subject, test = inline(node, worked), inline_test(test, worked)
    value_of, passes = meaning(subject, glossary), check(test, name, glossary)

    def holds(facts: Facts) -> bool:
        situation = imagine(worked, facts)
        value = value_of(situation)
        return value is not None and passes(value, situation) is wanted

    limits = limits_of(test, worked.program.fields[name].type)
    return _to_move([(subject, limit) for limit in limits], holds, at)


def _to_move(gaps: list[Gap], holds: Holds, at: Standpoint) -> list[Changes]:
    """Move one number or day across a gap; two, the first to its limit, where one will not do."""
    worked = at.worked
    read = {name for gap in gaps for side in gap for name in fields_read(side)}
    names = [name for name in worked.program.fields if name in read]

    def found(name: str, imagined: Facts) -> list[Aim]:
        return aims(name, gaps, holds, at.before.get(name), worked, imagined)

    single: list[Changes] = [{name: near} for name in names for near in found(name, {})]
    if single or len(names) < 2:
        return single
    return [
        {first: limit, second: near}
        for first in names
        for limit in _limits(first, at)
        for second in names
        if second != first
        for near in found(second, {first: limit.value})
    ]


def _limits(name: str, at: Standpoint) -> Iterator[Aim]:
    """How far a number or a day may go; where it is blank, what is typical of it."""
    field = at.worked.program.fields[name]
    if not isinstance(field.type, MEASURED) or not is_movable(field, at.worked):
        return
    before = at.before.get(name)
    for end in (field.typical,) if before is None else bounds_of(field, at.worked):
        if end is not None and may_become(field, before, end, at.worked):
            yield aim(field, before, end)
