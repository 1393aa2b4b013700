"""Whether what is unknown waits for judgements (认定) alone.

It does when it will be known once they are made, whatever they are. A judgement is taken to be as
precise as what is asked of it: of codes, never a parent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from engine import truth
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
from engine.tables import State
from engine.truth import UNKNOWN, YES, Truth
from engine.types import ChoiceType, MultiChoiceType
from engine.values import Value, high_of, low_of
from engine.worked import (
    Worked,
    conditions_behind,
    in_order,
    is_open,
    output_of,
    pending_for,
    unfold,
    unknown_parts,
)


def await_judgements(nodes: Iterable[Expression], worked: Worked) -> bool:
    """Whether those of some expressions that are open wait for judgements alone."""
    return all(_awaits(node, worked) for node in nodes if is_open(worked.value(node)))


def _awaits(node: Expression, worked: Worked) -> bool:
    """Whether an open expression waits for judgements alone: all of its open parts do."""
    match node:
        case Conjunction() | Disjunction() | AtLeast() | Inverse() if (
            _once_judged(node, worked) is not UNKNOWN
        ):
            return True
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


def _once_judged(node: Expression, worked: Worked) -> Truth:
    """What a condition will surely be when every blank judgement is made: 空 is no then."""
    match node:
        case Conjunction(operands=parts):
            return truth.every(_once_judged(part, worked) for part in parts)
        case Disjunction(operands=parts):
            return truth.some(_once_judged(part, worked) for part in parts)
        case AtLeast(count=count, conditions=parts):
            return truth.at_least(count, (_once_judged(part, worked) for part in parts))
        case Inverse(operand=operand):
            return truth.inverse(_once_judged(operand, worked))
        case Satisfies(field=field, test=test) if _is_blank_judgement(field, worked):
            return _of_any_value(test)
        case _:
            derived = any(name in worked.deriving for name in worked.reads(node))
            return UNKNOWN if derived else worked.truth(node)


def _is_blank_judgement(field: str, worked: Worked) -> bool:
    judged = worked.program.fields[field].source is Source.JUDGED
    return judged and worked.situation.facts.get(field) is None


def _of_any_value(test: UnaryTest) -> Truth:
    """What a test says of every value, whatever it is; unknown where that depends on the value."""
    match test:
        case Present(absent=absent):
            return not absent
        case Anything():
            return YES
        case AnyOf(tests=tests):
            return truth.some(map(_of_any_value, tests))
        case AllOf(tests=tests):
            return truth.every(map(_of_any_value, tests))
        case Not(test=inner):
            return truth.inverse(_of_any_value(inner))
        case _:
            return UNKNOWN


def _field_awaits(field: str, worked: Worked) -> bool:
    """Whether an open field waits for judgements alone."""
    if field not in worked.awaiting:
        for each in in_order(field, partial(_fields_behind, worked=worked), worked):
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
    nodes = [*_conditions(field, worked), *_conclusions(field, worked)]
    open_ = [each for each in nodes if is_open(worked.value(each))]
    return bool(open_) and await_judgements(open_, worked)


def _fields_behind(field: str, worked: Worked) -> Iterator[str]:
    if field in worked.deriving and field not in worked.awaiting:
        for node in (*_conditions(field, worked), *_conclusions(field, worked)):
            yield from unknown_parts(node, worked)


def _conditions(field: str, worked: Worked) -> list[Expression]:
    """The conditions that keep a table's field open."""
    result = worked.deriving[field]
    return conditions_behind(pending_for(field, result), result)


def _conclusions(field: str, worked: Worked) -> list[Expression]:
    """What the rows of a table that count, or may, conclude for a field; else its default."""
    result = worked.deriving[field]
    output = output_of(field, result)
    rows = (*result.standing, *pending_for(field, result))
    nodes = [row.rule.conclusions[output] for row in rows]
    default = result.table.outputs[output].default
    return nodes if default is None or result.standing else [*nodes, default]


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
        elif each in worked.deriving:
            for node in _conclusions(each, worked):
                yield from (
                    inside.value
                    for inside in walk(node)
                    if isinstance(inside, Literal) and isinstance(inside.value, str | frozenset)
                )
        else:
            yield from _most_precise(each, worked)


def _fields_concluded(field: str, worked: Worked) -> Iterator[str]:
    if field in worked.deriving and worked.situation.facts.get(field) is None:
        kind = worked.program.fields[field].type
        for node in _conclusions(field, worked):
            for inside in walk(node):
                if isinstance(inside, FieldRef) and (
                    worked.program.fields[inside.field].type == kind
                ):
                    yield inside.field


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
