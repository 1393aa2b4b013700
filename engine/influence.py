"""Whether support can only grow, or only shrink, when one rule holds more often.

Truth is ordered 否 < 未知 < 是, and so is what a table derives for a 是否. Something is said only
where every step from the rule to the measures keeps that order, or turns it round: a table that
may come into conflict, an exception, and a group in which one measure drives out another do not.
Contests (评选) are left out, where whoever wins takes the place of another.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from engine.dependencies import fields_read, grant_expressions, tables_behind
from engine.evaluate import Situation, check, glossary_of
from engine.expressions import (
    AtLeast,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
    Inverse,
    Literal,
    Present,
    Satisfies,
)
from engine.model import (
    AmountComparison,
    DecisionTable,
    HitPolicy,
    Policy,
    Rule,
    StackingGroup,
    StackingMode,
)
from engine.truth import NO, YES
from engine.types import YesNoType

Sign = int
"""1: the more of the one, the more of the other; -1: the less; 0: neither can be said."""


class Influence:
    """How the rules of one policy act on what is granted."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._types = {field.name: field.type for field in policy.fields}
        self._table = {rule.id: table for table in policy.tables for rule in table.rules}
        self._rules = {rule.id: rule for table in policy.tables for rule in table.rules}
        self._readers = _readers(policy)
        self._closed = _read_otherwise(policy)
        self._glossary = glossary_of(policy.code_lists, self._types)
        self._signs: dict[str, Sign] = {}

    def of(self, rule: str) -> Sign:
        """Whether support grows (1) or shrinks (-1) when a rule holds more often."""
        if rule not in self._signs:
            self._signs[rule] = 0  # what leads back to itself is not told
            found = self._rules.get(rule)
            self._signs[rule] = 0 if found is None else self._of(found, self._table[rule])
        return self._signs[rule]

    def _of(self, rule: Rule, table: DecisionTable) -> Sign:
        if rule.overrides:
            return 0
        return self._derives(rule, table) if table.outputs else self._grants(rule, table)

    # --- measures ---------------------------------------------------------------------------------

    def _grants(self, rule: Rule, table: DecisionTable) -> Sign:
        if rule.grant is None or not _stands_alone(rule, table):
            return 0
        others = any(
            each.grant is not None and each.grant.measure == rule.grant.measure and each is not rule
            for each in table.rules
        )
        if others and self._may_conflict(fields_read(*grant_expressions(rule.grant))):
            return 0
        measure = next(each for each in self._policy.measures if each.id == rule.grant.measure)
        beside = [each for each in self._policy.measures if each.group == measure.group]
        if measure.group is None or len(beside) == 1:
            return 1
        group = next(each for each in self._policy.groups if each.name == measure.group)
        return 1 if adds_up(group) else 0

    def _may_conflict(self, fields: frozenset[str]) -> bool:
        """Whether tables behind some facts may contradict themselves, so that nothing comes out."""
        return any(
            table.hit_policy in (HitPolicy.UNIQUE, HitPolicy.ANY)
            and len({rule.conclusions for rule in table.rules})
            > (table.hit_policy is HitPolicy.ANY)
            and len(table.rules) > 1
            for table in tables_behind(fields, self._policy)
        )

    # --- derived facts ----------------------------------------------------------------------------

    def _derives(self, rule: Rule, table: DecisionTable) -> Sign:
        """The signs of all that the table derives, if they agree."""
        signs = set()
        for number, output in enumerate(table.outputs):
            if not self._is_read(output.field):
                continue
            direction = self._direction(rule, table, number)
            signs.add(direction * self._of_field(output.field) if direction else 0)
        return signs.pop() if len(signs) == 1 else 0

    def _direction(self, rule: Rule, table: DecisionTable, number: int) -> Sign:
        """Which way one output goes when the rule holds more often."""
        if not isinstance(self._types.get(table.outputs[number].field), YesNoType):
            return 0
        concluded = [_answer(each.conclusions[number]) for each in table.rules]
        own = _answer(rule.conclusions[number])
        if own is None or None in concluded:
            return 0
        alike = all(each is own for each in concluded)
        match table.hit_policy:
            case HitPolicy.FIRST if len(table.outputs) == 1:
                pass
            case HitPolicy.ANY if alike and len(table.outputs) == 1:
                pass
            case HitPolicy.UNIQUE if len(table.rules) == 1:
                pass
            case _:
                return 0
        default = table.outputs[number].default
        if default is not None and _answer(default) is not (not own):
            return 0  # an unknown rule leaves open what the default would have answered
        return 1 if own else -1

    def _is_read(self, field: str) -> bool:
        return field in self._closed or field in self._readers

    def _of_field(self, field: str) -> Sign:
        """Whether support grows or shrinks when a derived 是否 holds more often."""
        if field in self._closed:
            return 0
        signs = set()
        for rule, condition in self._readers.get(field, ()):
            sign = self._sign_in(condition, field)
            signs.add(sign * self.of(rule) if sign else 0)
        return signs.pop() if len(signs) == 1 else 0

    def _sign_in(self, node: Expression, field: str) -> Sign:
        """Whether a condition holds more often when a 是否 does."""
        match node:
            case Satisfies(field=name, test=Present()) if name == field:
                return 0
            case Satisfies(field=name, test=test) if name == field:
                holds = check(test, field, self._glossary)
                yes, no = (holds(each, _NOWHERE) for each in (True, False))
                if (yes, no) == (YES, NO):
                    return 1
                return -1 if (yes, no) == (NO, YES) else 0
            case FieldRef(field=name) if name == field:
                return 1
            case Conjunction(operands=parts) | Disjunction(operands=parts):
                return self._common(parts, field)
            case AtLeast(conditions=parts):
                return self._common(parts, field)
            case Inverse(operand=operand):
                return -self._sign_in(operand, field)
            case _:
                return 0

    def _common(self, parts: Iterable[Expression], field: str) -> Sign:
        signs = {self._sign_in(each, field) for each in parts if field in fields_read(each)}
        return signs.pop() if len(signs) == 1 else 0


_NOWHERE = Situation({}, {}, date.min)


def _stands_alone(rule: Rule, table: DecisionTable) -> bool:
    """Whether the rule takes nothing from others of its table when it holds."""
    match table.hit_policy:
        case HitPolicy.COLLECT:
            return True
        case HitPolicy.FIRST:
            behind = table.rules[table.rules.index(rule) + 1 :]
            return all(each.grant == rule.grant for each in behind)
        case HitPolicy.ANY | HitPolicy.UNIQUE:
            alike = all(each.grant == rule.grant for each in table.rules)
            return alike if table.hit_policy is HitPolicy.ANY else len(table.rules) == 1
        case _:
            return False


def adds_up(group: StackingGroup) -> bool:
    """Whether another member, or more of one, never makes less of the whole group."""
    if group.mode in (StackingMode.ADDITIVE, StackingMode.JOINT_CAP):
        return True
    highest = group.mode in (StackingMode.HIGHEST, StackingMode.TOP_UP)
    return highest and group.comparison is AmountComparison.BY_CEILING


def _answer(node: Expression) -> bool | None:
    """What a conclusion says, if it says 是 or 否 outright."""
    if isinstance(node, Literal) and isinstance(node.value, bool):
        return node.value
    return None


def _readers(policy: Policy) -> dict[str, list[tuple[str, Expression]]]:
    """The conditions that read each field, with their rules."""
    found: dict[str, list[tuple[str, Expression]]] = {}
    for table in policy.tables:
        for rule in table.rules:
            for condition in rule.conditions:
                for field in fields_read(condition.expression):
                    found.setdefault(field, []).append((rule.id, condition.expression))
    return found


def _read_otherwise(policy: Policy) -> frozenset[str]:
    """The fields that something else than a condition rests on."""
    nodes: list[Expression] = []
    names = {each.event_field for each in policy.measures}
    for table in policy.tables:
        nodes += [each.default for each in table.outputs if each.default is not None]
        for rule in table.rules:
            nodes += rule.conclusions
            nodes += grant_expressions(rule.grant) if rule.grant is not None else ()
    for group in policy.groups:
        names.add(group.received_field)
        nodes += [group.cap] if group.cap is not None else []
    return fields_read(*nodes) | frozenset(filter(None, names))
