"""Whether what is unknown waits for judgements (认定) alone.

It does when it will be known once they are made, whatever they are. A judgement is taken to be as
precise as what is asked of it: of codes, never a parent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from engine.dependencies import operands, walk
from engine.expressions import (
    AllOf,
    AnyOf,
    Arithmetic,
    Call,
    Conditional,
    Expression,
    FieldRef,
    Function,
    InCodeList,
    Literal,
    Not,
    Operator,
    Satisfies,
    UnaryTest,
)
from engine.model import Source
from engine.possible import limits
from engine.tables import State, TableResult
from engine.truth import UNKNOWN, YES
from engine.types import ChoiceType, MultiChoiceType
from engine.values import Value, high_of, low_of
from engine.worked import (
    Worked,
    conclusions_of,
    conditions_behind,
    in_order,
    is_open,
    open_parts,
    output_of,
    pending_for,
    unfold,
)


def await_judgements(nodes: Iterable[Expression], worked: Worked) -> bool:
    """Whether those of some expressions that are open wait for judgements alone."""
    return all(_awaits(node, worked) for node in nodes if is_open(worked.value(node)))


def _awaits(node: Expression, worked: Worked) -> bool:
    """Whether an open expression waits for judgements alone: all of its open parts do."""
    match node:
        case FieldRef(field=field):
            return _field_awaits(field, worked)
        case Satisfies(field=field, test=test) if is_open(worked.situation.facts.get(field)):
            if not (_field_awaits(field, worked) and _decides(test, field, worked)):
                return False
            return await_judgements(operands(node), worked)
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            holds = worked.truth(condition)
            if holds is UNKNOWN:
                return await_judgements((condition, then, otherwise), worked)
            return _awaits(then if holds is YES else otherwise, worked)
        case _:
            parts = [each for each in operands(node) if is_open(worked.value(each))]
            return bool(parts) and not _may_fail(node, worked) and await_judgements(parts, worked)


def _field_awaits(field: str, worked: Worked) -> bool:
    """Whether an open field waits for judgements alone."""
    if field not in worked.awaiting:
        behind = partial(_fields_behind, worked=worked)
        for each in in_order(field, behind, worked.awaiting, worked):
            worked.awaiting[each] = _table_awaits(each, worked)
        judged = worked.program.fields[field].source is Source.JUDGED
        worked.awaiting.setdefault(field, judged)
    return worked.awaiting[field]


def _table_awaits(field: str, worked: Worked) -> bool:
    """Whether the rows that keep a table's field open wait so, and all that may come of them."""
    if worked.program.fields[field].source is not Source.DERIVED:
        return False
    if worked.deriving[field].state is State.CONFLICT:
        return False
    open_ = [each for each in _nodes_behind(field, worked) if is_open(worked.value(each))]
    return bool(open_) and await_judgements(open_, worked)


def _fields_behind(field: str, worked: Worked) -> Iterator[str]:
    if field in worked.deriving:
        for node in _nodes_behind(field, worked):
            yield from open_parts(node, worked)


def _nodes_behind(field: str, worked: Worked) -> list[Expression]:
    """The conditions that keep a table's field open, and all that may be concluded for it."""
    result = worked.deriving[field]
    pending = pending_for(field, result)
    return [
        *conditions_behind(pending, result),
        *conclusions_of((*result.standing, *pending), field, result),
        *_default(field, result),
    ]


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
