"""What is still open rests on: all of a policy that may decide it once the missing facts are given.

Two versions under which this is the same come to the same, whatever the missing facts turn out to
be. Rows that are false, conditions that hold and exact values have no more say, as long as nothing
is asked of a blank itself (空, 非空, 缺省处理).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace

from engine.dependencies import fields_read, grant_expressions, rows_of, walk
from engine.expressions import (
    AllOf,
    AnyOf,
    Expression,
    InCodeList,
    Not,
    Satisfies,
    UnaryTest,
    conjuncts,
)
from engine.fingerprint import DECIDED_BY_ORDER
from engine.model import HitPolicy, Measure, StackingGroup, StackingMode
from engine.outcome import (
    Conflict,
    Granted,
    NotApplicable,
    Outcome,
    Referred,
    Refused,
    Undetermined,
    Verdict,
)
from engine.tables import RowResult
from engine.truth import NO, YES
from engine.types import ChoiceType, CodeList, MultiChoiceType
from engine.worked import Worked, is_open


def is_final(verdict: Verdict) -> bool:
    """Whether no missing fact can turn the verdict on a measure by itself."""
    match verdict:
        case Undetermined() | Conflict():
            return False
        case Referred(judgements=judgements):
            return not judgements
        case _:
            return True


def residue(id_: str, outcome: Outcome) -> Hashable:
    """What the verdict on a measure by itself may still turn on; its amount when it is final."""
    found = next((each for each in outcome.measures if each.measure.id == id_), None)
    if found is None:
        return None
    match found.alone:
        case Refused() | NotApplicable():
            return None
        case Granted(amount=amount) | Referred(judgements=(), amount=amount):
            return amount
        case _:
            return _of_measure(found.measure, outcome.worked)


def residue_of_group(name: str, outcome: Outcome, *, single: bool) -> Hashable:
    """What a group may still make of its members; how it chooses has no say of a single one."""
    group = next(each for each in outcome.policy.groups if each.name == name)
    names = fields_read(*([] if group.cap is None else [group.cap]))
    if group.received_field is not None:
        names |= {group.received_field}
    says = _alone(group) if single else replace(group, basis="")
    return says, outcome.policy.rounding, *_of_fields(names, outcome.worked)


def is_hopeless(verdict: Verdict) -> bool:
    """Whether no missing fact can make anything of a measure."""
    return isinstance(verdict, Refused | NotApplicable)


def _alone(group: StackingGroup) -> Hashable:
    """What a group says of a member that stands alone in it."""
    joint = group.cap if group.mode is StackingMode.JOINT_CAP else None
    if group.received_field is None:
        return joint
    tops_up = group.mode is StackingMode.TOP_UP
    return joint, group.received_field, group.received_treatment, tops_up


def _of_measure(measure: Measure, worked: Worked) -> Hashable:
    policy = worked.program.policy
    result = worked.closings[measure.table].result
    numbers = {rule.id for rule in rows_of(measure, result.table).rules}
    kept = [row for row in result.rows if row.rule.id in numbers and row.own is not NO]
    names = _read_in(kept, worked)
    event: Hashable = None
    if measure.event_field is not None:
        names |= {measure.event_field}
        event = measure.event_field, policy.effective, policy.expires
    collects = result.table.hit_policy is HitPolicy.COLLECT
    return (
        measure.beneficiary,
        measure.combination if collects else None,
        event,
        policy.rounding,
        _rows(kept, result.table.hit_policy, worked),
        *_of_fields(names, worked),
    )


def _of_fields(names: Iterable[str], worked: Worked) -> Iterator[Hashable]:
    """What is known of some fields, and what those that are open are derived from, far and near."""
    fields, lists = worked.program.fields, worked.program.glossary.code_lists
    seen: set[str] = set()
    waiting = sorted(names)
    found: list[tuple[str, Hashable]] = []
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        field, value = fields[name], worked.situation.facts.get(name)
        listed: Hashable = None
        if isinstance(field.type, ChoiceType | MultiChoiceType):
            listed = _codes(field.type.code_list, lists)
        says = field.type, field.source, field.when_missing, field.minimum, listed
        behind: Hashable = None
        if is_open(value) and name in worked.deriving:
            result = worked.deriving[name]
            kept = [row for row in result.rows if row.own is not NO]
            output = [each.field for each in result.table.outputs].index(name)
            default = result.table.outputs[output].default
            first = fields[result.table.outputs[0].field].type
            order: Hashable = None
            if result.table.hit_policy is HitPolicy.PRIORITY and isinstance(
                first, ChoiceType | MultiChoiceType
            ):
                order = tuple(each.value for each in lists[first.code_list].codes)
            rows = _rows(kept, result.table.hit_policy, worked)
            behind = result.table.hit_policy, output, default, order, rows
            waiting += _read_in(kept, worked)
            waiting += [] if default is None else fields_read(default)
        found.append((name, (says, value, behind)))
    yield from sorted(found, key=lambda each: each[0])


def _rows(kept: Iterable[RowResult], hit_policy: HitPolicy, worked: Worked) -> Hashable:
    """What rows that are not false still ask, and what they lead to."""
    kept = tuple(kept)
    said = {row.rule.id: _row(row, worked) for row in kept}
    rows = [
        (said[row.rule.id], frozenset(said[each] for each in row.rule.overrides if each in said))
        for row in kept
    ]
    if hit_policy in DECIDED_BY_ORDER:
        return hit_policy, tuple(rows)
    return hit_policy, frozenset(Counter(rows).items())


def _row(row: RowResult, worked: Worked) -> Hashable:
    asked = frozenset(_asked(row, worked))
    lists = worked.program.glossary.code_lists
    named = frozenset(_codes(each, lists) for node in asked for each in _lists_in(node))
    return asked, named, row.rule.conclusions, row.rule.grant


def _asked(row: RowResult, worked: Worked) -> Iterator[Expression]:
    """The conditions of a row that are not known to hold."""
    for condition, truth in zip(row.rule.conditions, row.cells, strict=True):
        if truth is not YES:
            parts = conjuncts(condition.expression)
            yield from (each for each in parts if worked.truth(each) is not YES)


def _read_in(rows: Iterable[RowResult], worked: Worked) -> frozenset[str]:
    nodes: list[Expression] = []
    for row in rows:
        nodes += [*_asked(row, worked), *row.rule.conclusions]
        nodes += grant_expressions(row.rule.grant) if row.rule.grant is not None else ()
    return fields_read(*nodes)


def _lists_in(node: Expression) -> Iterator[str]:
    """The code lists that a condition asks about by name."""
    for each in walk(node):
        if isinstance(each, Satisfies):
            yield from _lists_of(each.test)


def _lists_of(test: UnaryTest) -> Iterator[str]:
    match test:
        case InCodeList(code_list=name):
            yield name
        case AnyOf(tests=tests) | AllOf(tests=tests):
            for each in tests:
                yield from _lists_of(each)
        case Not(test=inner):
            yield from _lists_of(inner)
        case _:
            return


def _codes(name: str, lists: Mapping[str, CodeList]) -> Hashable:
    codes = lists.get(name)
    if codes is None:
        return name
    return codes.pending, frozenset(replace(each, source="") for each in codes.codes)
