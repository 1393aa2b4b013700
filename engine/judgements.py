"""Whether what is open waits for judgements (认定) alone.

It does when it will be known once they are made, whatever they are. A judgement is taken to be as
precise as what is asked of it: of codes, never a parent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias, assert_never

from engine.dependencies import operands, walk
from engine.expressions import (
    AllOf,
    AnyOf,
    Anything,
    Arithmetic,
    AtLeast,
    Call,
    Conditional,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
    Function,
    InCodeList,
    Inverse,
    Literal,
    Not,
    Operator,
    Present,
    Satisfies,
    UnaryTest,
)
from engine.model import Source
from engine.possible import limits
from engine.tables import RowResult, State, TableResult
from engine.truth import NO, UNKNOWN, YES, Truth, at_least, every, inverse, some
from engine.types import ChoiceType, MultiChoiceType
from engine.values import Value, high_of, low_of
from engine.worked import (
    Worked,
    conclusions_of,
    fields_behind,
    in_order,
    is_open,
    open_parts,
    output_of,
    pending_for,
    rows_behind,
    unfold,
    unknown_conditions,
)

Due: TypeAlias = frozenset[str]
"""The blank judgements that stand in what is open: they will not be blank when the wait is over."""


class _Future(NamedTuple):
    """What becomes of a condition: the truth that is certain already, and whether it gets one."""

    truth: Truth
    known: bool


class Wait(NamedTuple):
    """Unknown rows: those that wait for judgements alone, those that are certain to be false once
    the judgements are made, and those that may stay unknown."""

    judged: list[RowResult]
    void: list[RowResult]
    stuck: list[RowResult]


def await_judgements(rows: Sequence[RowResult], result: TableResult, worked: Worked) -> Wait:
    """Part unknown rows by what becomes of them once their judgements are made."""
    behind = rows_behind(rows, result)
    due = _due_in(behind, worked)
    futures = {row.rule.id: _future_of_row(row, due, worked) for row in behind}
    wait = Wait([], [], [])
    for row in rows:
        future = futures[row.rule.id]
        if future.known and all(futures[each.rule.id].known for each in rows_behind([row], result)):
            (wait.void if future.truth is NO else wait.judged).append(row)
        else:
            wait.stuck.append(row)
    return wait


def still_asked(wait: Wait, result: TableResult, worked: Worked) -> list[RowResult]:
    """The rows whose judgements are needed: all but the void that the others' make false."""
    due = _due_in(rows_behind(wait.judged, result), worked)
    return [
        *wait.judged,
        *(row for row in wait.void if _future_of_row(row, due, worked).truth is not NO),
    ]


def judgements_behind(nodes: Iterable[Expression], worked: Worked) -> dict[str, None]:
    """The blank judgements that open nodes wait for, also for what rows may come to conclude."""
    starts = (field for node in nodes for field in open_parts(node, worked))
    found = unfold(starts, partial(_fields_behind, worked=worked))
    return dict.fromkeys(field for field in found if _is_judged(field, worked))


def _due_in(rows: Iterable[RowResult], worked: Worked) -> Due:
    open_ = [node for row in rows for node in unknown_conditions(row)]
    return _due((field for node in open_ for field in open_parts(node, worked)), worked)


def _due(fields: Iterable[str], worked: Worked) -> Due:
    facts = worked.situation.facts
    return frozenset(
        each for each in fields if _is_judged(each, worked) and facts.get(each) is None
    )


def _is_judged(field: str, worked: Worked) -> bool:
    return worked.program.fields[field].source is Source.JUDGED


def _all_await(nodes: Iterable[Expression], due: Due, worked: Worked) -> bool:
    return all(_awaits(node, due, worked) for node in nodes if is_open(worked.value(node)))


def _awaits(node: Expression, due: Due, worked: Worked) -> bool:
    """Whether an open expression will be known: all that leaves it open will."""
    match node:
        case Conjunction() | Disjunction() | AtLeast() | Inverse():
            return _future(node, due, worked).known
        case FieldRef(field=field):
            return _field_awaits(field, worked)
        case Satisfies(field=field, test=test) if is_open(worked.situation.facts.get(field)):
            return (
                _field_awaits(field, worked)
                and _decides(test, field, worked)
                and _all_await(operands(node), due, worked)
            )
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            holds = worked.truth(condition)
            if holds is UNKNOWN:
                return _all_await((condition, then, otherwise), due, worked)
            return _awaits(then if holds is YES else otherwise, due, worked)
        case _:
            parts = [each for each in operands(node) if is_open(worked.value(each))]
            return bool(parts) and not _may_fail(node, worked) and _all_await(parts, due, worked)


def _future(node: Expression, due: Due, worked: Worked) -> _Future:
    """What becomes of a condition; 空 of a field that is due is no then, and 非空 is yes."""
    match node:
        case Conjunction() | Disjunction() | AtLeast() | Inverse():
            parts = [_future(each, due, worked) for each in operands(node)]
            truth = _composed(node, [part.truth for part in parts])
            return _Future(truth, truth is not UNKNOWN or all(part.known for part in parts))
        case Satisfies(field=field, test=test) if field in due:
            truth = _of_any_value(test)
        case _:
            truth = worked.truth(node)
    return _Future(truth, truth is not UNKNOWN or _awaits(node, due, worked))


def _composed(
    node: Conjunction | Disjunction | AtLeast | Inverse, truths: Sequence[Truth]
) -> Truth:
    match node:
        case Conjunction():
            return every(truths)
        case Disjunction():
            return some(truths)
        case AtLeast(count=count):
            return at_least(count, truths)
        case Inverse():
            return inverse(truths[0])
        case _:
            assert_never(node)


def _of_any_value(test: UnaryTest) -> Truth:
    """What a test says of every value, whatever it is; unknown where that depends on the value."""
    match test:
        case Present(absent=absent):
            return not absent
        case Anything():
            return YES
        case AnyOf(tests=tests):
            return some(map(_of_any_value, tests))
        case AllOf(tests=tests):
            return every(map(_of_any_value, tests))
        case Not(test=inner):
            return inverse(_of_any_value(inner))
        case _:
            return UNKNOWN


def _future_of_row(row: RowResult, due: Due, worked: Worked) -> _Future:
    parts = [_future(each.expression, due, worked) for each in row.rule.conditions]
    truth = every([part.truth for part in parts])
    return _Future(truth, truth is NO or all(part.known for part in parts))


def _field_awaits(field: str, worked: Worked) -> bool:
    """Whether an open field will be known."""
    if field not in worked.awaiting:
        behind = partial(_fields_behind, worked=worked)
        for each in in_order(field, behind, worked.awaiting, worked):
            worked.awaiting[each] = _table_awaits(each, worked)
        worked.awaiting.setdefault(field, _is_judged(field, worked))
    return worked.awaiting[field]


def _table_awaits(field: str, worked: Worked) -> bool:
    """Whether the rows that keep a table's field open will be known, and all that comes of them."""
    result = worked.deriving[field]
    by_hand = worked.program.fields[field].source is not Source.DERIVED
    if by_hand or result.state is State.CONFLICT:
        return False
    pending = pending_for(field, result)
    due = _due(fields_behind(field, worked), worked)
    futures = {
        row.rule.id: _future_of_row(row, due, worked) for row in rows_behind(pending, result)
    }
    rows = [
        *result.standing,
        *(row for row in pending if futures[row.rule.id].truth is not NO),
    ]
    nodes = [*conclusions_of(rows, field, result), *_default(field, result)]
    open_ = [node for node in nodes if is_open(worked.value(node))]
    return (
        bool(pending or open_)
        and all(future.known for future in futures.values())
        and _all_await(open_, due, worked)
    )


def _fields_behind(field: str, worked: Worked) -> Iterator[str]:
    """The fields that leave a field open, and those that may once its rows are known."""
    if field in worked.deriving:
        yield from fields_behind(field, worked)
        result = worked.deriving[field]
        rows = (*result.standing, *pending_for(field, result))
        for node in (*conclusions_of(rows, field, result), *_default(field, result)):
            yield from open_parts(node, worked)


def _default(field: str, result: TableResult) -> list[Expression]:
    """The default of a table, if it may still come to count."""
    default = result.table.outputs[output_of(field, result)].default
    return [] if default is None or result.standing else [default]


def _may_fail(node: Expression, worked: Worked) -> bool:
    """Whether an operation may come to nothing although its operands are known."""
    match node:
        case (
            Arithmetic(operator=Operator.DIVIDE, right=divisor)
            | Call(function=Function.EVERY_FULL, arguments=(_, divisor))
        ):
            worth = limits(divisor, worked)
            return low_of(worth) <= 0 <= high_of(worth)
        case Call(function=Function.GROWTH, arguments=(_, base)):
            return low_of(limits(base, worked)) <= 0
        case Call(
            function=Function.ROUND | Function.ROUND_DOWN | Function.ROUND_UP, arguments=(_, step)
        ):
            return low_of(limits(step, worked)) <= 0
        case _:
            return False


def _decides(test: UnaryTest, field: str, worked: Worked) -> bool:
    """Whether a test has an answer for everything that an open field may turn out to be."""
    if not isinstance(worked.program.fields[field].type, ChoiceType | MultiChoiceType):
        return True
    return not _asks_for_pending_list(test, worked) and all(
        worked.passes(field, test, code) is not UNKNOWN for code in _codes(field, worked)
    )


def _asks_for_pending_list(test: UnaryTest, worked: Worked) -> bool:
    match test:
        case InCodeList(code_list=name):
            return worked.program.glossary.code_lists[name].pending
        case AnyOf(tests=tests) | AllOf(tests=tests):
            return any(_asks_for_pending_list(each, worked) for each in tests)
        case Not(test=inner):
            return _asks_for_pending_list(inner, worked)
        case _:
            return False


def _codes(field: str, worked: Worked) -> Iterator[Value]:
    """What an open field of codes may come to hold: what tables conclude, or a person judges."""
    for each in unfold((field,), partial(_fields_concluded, worked=worked)):
        known = worked.situation.facts.get(each)
        if known is not None:
            yield known
        elif each not in worked.deriving:
            yield from _most_precise(each, worked)
        for node in _concluded(each, worked):
            if isinstance(node, Literal) and isinstance(node.value, str | frozenset):
                yield node.value


def _fields_concluded(field: str, worked: Worked) -> Iterator[str]:
    kind = worked.program.fields[field].type
    for node in _concluded(field, worked):
        if isinstance(node, FieldRef) and worked.program.fields[node.field].type == kind:
            yield node.field


def _concluded(field: str, worked: Worked) -> Iterator[Expression]:
    """All that stands in what may be concluded for a field that is missing."""
    result = worked.deriving.get(field)
    if result is not None and worked.situation.facts.get(field) is None:
        output = output_of(field, result)
        rows = (*result.standing, *pending_for(field, result))
        for node in (*(row.rule.conclusions[output] for row in rows), *_default(field, result)):
            yield from walk(node)


def _most_precise(field: str, worked: Worked) -> Iterator[Value]:
    """The codes of a field's list that are no parents; for 多选, the sets of one and of none."""
    kind = worked.program.fields[field].type
    if not isinstance(kind, ChoiceType | MultiChoiceType):
        return
    codes = worked.program.glossary.code_lists[kind.code_list].codes
    parents = {code.parent for code in codes}
    leaves = [code.value for code in codes if code.value not in parents]
    if isinstance(kind, ChoiceType):
        yield from leaves
    else:
        yield from (frozenset[str](), *(frozenset((code,)) for code in leaves))
