"""Which way a change of a workbook goes: for the projects looser or tighter, higher or lower.

Each change is looked at by itself, as if all else stayed. One of a rule from which facts are
derived is told by what it does to the support in the end: more to be excluded is tighter.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from authoring.compare_contests import shift_of_contest
from authoring.headings import split_unit
from authoring.readings import AMOUNT, CAP, FLOOR, REQUIREMENT, UPLIFT
from authoring.spell_book import split_conditions
from engine.expressions import Expression, conjuncts
from engine.influence import Influence, adds_up
from engine.model import DecisionTable, Grant, Policy, Rule, StackingGroup, StackingMode, Term
from engine.tightness import (
    OPPOSITE,
    Shift,
    shift_of_amounts,
    shift_of_benefits,
    shift_of_days,
    shift_of_demands,
    shift_of_floors,
    shift_of_limits,
    shift_of_tests,
    shift_of_uplifts,
)

JOINED = " · "
"""Between the cells that name a row together."""
CONDITION, CONCLUSION = "条件", "结论"
BEGINS, ENDS = "生效", "失效"
IN_FORCE = ("施行日期", "失效日期")


class Shifts:
    """Which way the changes from one version to the other go."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self._versions = old, new
        self._rules = [
            {rule.id: (rule, table) for table in policy.tables for rule in table.rules}
            for policy in (old, new)
        ]
        self._fields = [{field.name: field for field in policy.fields} for policy in (old, new)]
        self._groups = [{group.name: group for group in policy.groups} for policy in (old, new)]
        self._tiers = [
            {
                JOINED.join((selection.name, tier.name)): (selection, tier.name)
                for selection in policy.selections
                for tier in selection.tiers
            }
            for policy in (old, new)
        ]
        self._influences = [Influence(policy) for policy in (old, new)]

    def of_new_rule(self, rule: str) -> Shift | None:
        """Which way a rule goes that the old version does not have."""
        return _turned(Shift.LOOSER, self._influences[1].of(rule))

    def of_lost_rule(self, rule: str) -> Shift | None:
        """Which way it goes that a rule is no more."""
        return _turned(Shift.TIGHTER, self._influences[0].of(rule))

    def of_cell(self, rule: str, role: str, heading: str) -> Shift | None:
        """Which way a cell goes of a rule that both versions have."""
        found = [rules.get(rule) for rules in self._rules]
        if found[0] is None or found[1] is None:
            return None
        before, after = found[0], found[1]
        name, _ = split_unit(heading)
        if role == CONDITION:
            return self._turned(rule, self._condition(before, after, name))
        if name in (BEGINS, ENDS):
            return self._turned(rule, _life(before[0], after[0], name))
        grants = before[0].grant, after[0].grant
        if role == CONCLUSION and grants[0] is not None and grants[1] is not None:
            if name == UPLIFT:
                uplifts = grants[0].uplift, grants[1].uplift
                return shift_of_uplifts(*uplifts, self._versions)
            return _of_grants(grants[0], grants[1], name)
        return None

    def of_policy(self, item: str) -> Shift | None:
        """Which way an item of sheet 政策 goes."""
        old, new = self._versions
        if item not in IN_FORCE or not all(adds_up(each) for each in (*old.groups, *new.groups)):
            return None
        if item == IN_FORCE[0]:
            return shift_of_days((old.effective, None), (new.effective, None))
        return shift_of_days((None, old.expires), (None, new.expires))

    def of_group(self, name: str, heading: str) -> Shift | None:
        """Which way a cell of sheet 同类组 goes."""
        before, after = (groups.get(name) for groups in self._groups)
        if before is None or after is None:
            return None
        if heading == "封顶":
            return _of_caps(before, after)
        if heading == "规则":
            modes = before.mode, after.mode
            if modes[1] is StackingMode.ADDITIVE:
                return Shift.LOOSER
            return Shift.TIGHTER if modes[0] is StackingMode.ADDITIVE else None
        return None

    def of_tier(self, tier: str, heading: str) -> Shift | None:
        """Which way a cell of sheet 评选 goes; ``tier`` is named with its contest before it."""
        before, after = (tiers.get(tier) for tiers in self._tiers)
        if before is None or after is None:
            return None
        return shift_of_contest(before[0], after[0], before[1], heading)

    def _turned(self, rule: str, shift: Shift | None) -> Shift | None:
        signs = {influence.of(rule) for influence in self._influences}
        return _turned(shift, signs.pop()) if len(signs) == 1 else None

    def _condition(
        self, before: tuple[Rule, DecisionTable], after: tuple[Rule, DecisionTable], name: str
    ) -> Shift | None:
        was, is_ = (split_conditions(rule, table.inputs) for rule, table in (before, after))
        if name == REQUIREMENT:
            return shift_of_demands(_demands(was[1]), _demands(is_[1]))
        fields = self._fields[0].get(name), self._fields[1].get(name)
        tests = was[0].get(name), is_[0].get(name)
        if tests[0] == tests[1]:
            return None
        if tests[0] is None or tests[1] is None:
            return Shift.LOOSER if tests[1] is None else Shift.TIGHTER
        if fields[0] is None or fields[1] is None:
            return None
        return shift_of_tests(tests[0], tests[1], (fields[0], fields[1]), self._versions)


def _turned(shift: Shift | None, sign: int) -> Shift | None:
    if shift is None or sign == 0:
        return None
    return shift if sign > 0 else OPPOSITE[shift]


def _demands(conditions: Iterable[Expression]) -> frozenset[Expression]:
    return frozenset(part for each in conditions for part in conjuncts(each))


def _life(before: Rule, after: Rule, name: str) -> Shift | None:
    def of(rule: Rule) -> tuple[date | None, date | None]:
        return (rule.effective, None) if name == BEGINS else (None, rule.expires)

    return shift_of_days(of(before), of(after))


def _of_grants(before: Grant, after: Grant, name: str) -> Shift | None:
    if name == AMOUNT:
        return shift_of_benefits(before.benefit, after.benefit)
    if name == FLOOR:
        return shift_of_floors(before.floor, after.floor)
    if name == CAP:
        if len(before.caps) > 1 or len(after.caps) > 1:
            return None
        was, is_ = (next(iter(each.caps), None) for each in (before, after))
        return shift_of_limits(was, is_)
    if name in set(Term):
        return _of_allowances(before, after, Term(name))
    return None


def _of_allowances(before: Grant, after: Grant, term: Term) -> Shift | None:
    found = [[each for each in grant.allowances if each.term is term] for grant in (before, after)]
    if any(len(each) > 1 for each in found):
        return None
    was, is_ = (next(iter(each), None) for each in found)
    if was is not None and is_ is not None and was.received != is_.received:
        return None
    limits = [None if each is None else each.limit for each in (was, is_)]
    return shift_of_limits(*limits)


def _of_caps(before: StackingGroup, after: StackingGroup) -> Shift | None:
    if before.cap is None or after.cap is None:
        return None
    return shift_of_amounts(before.cap, after.cap)
