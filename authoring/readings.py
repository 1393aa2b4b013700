"""How the cells of a policy were understood: a slip of a unit, or of 以上 for 超过, shows here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from authoring.spell_book import MARKER
from engine.cells import CellRef, Place
from engine.expressions import Expression, Satisfies
from engine.model import DecisionTable, Field, Grant, Policy, Rule, Tier
from engine.phrase import echo_test, phrase_amount, phrase_expression
from engine.phrase_terms import is_capped, phrase_allowance, phrase_plan, phrase_uplift

AMOUNT, CAP, FLOOR, UPLIFT, PLAN = "金额", "最高限额", "最低", "上浮", "分期"
REQUIREMENT, DEFAULT = "条件式", "默认"


@dataclass(frozen=True, slots=True)
class Reading:
    """One cell, what it speaks of (a field, 金额, 条件式), and how it was understood.

    ``rule`` is the id of the rule, or what else the cell belongs to.
    """

    at: CellRef
    rule: str
    subject: str
    text: str


def readings_of(policy: Policy) -> tuple[Reading, ...]:
    """All conditions, conclusions and amounts of a policy, each cell once.

    A policy from a workbook with errors gives the readings of what could be understood.
    """
    found: dict[CellRef, list[Reading]] = {}
    for _, each in readings_by_sheet(policy):
        found.setdefault(each.at, []).append(each)
    return tuple(map(_joined, found.values()))


def _joined(readings: list[Reading]) -> Reading:
    """What one cell says: several caps, or (a merge) the same for several rules."""
    rules = "、".join(dict.fromkeys(each.rule for each in readings))
    texts = "；".join(dict.fromkeys(each.text for each in readings))
    return Reading(readings[0].at, rules, readings[0].subject, texts)


def readings_by_sheet(policy: Policy) -> Iterator[tuple[str, Reading]]:
    """Each reading with the sheet, or the decision table, that it belongs to.

    A cell that several rules share is there for each of them.
    """
    fields = {field.name: field for field in policy.fields}
    for table in policy.tables:
        sheet = f"{MARKER} {table.name}"
        for each in _defaults(table, fields):
            yield sheet, each
        for rule in table.rules:
            for each in _rule(rule, [output.field for output in table.outputs], fields):
                yield sheet, each
    for measure in policy.measures:
        if measure.plan is not None and (cell := _cell(measure.plan.at)):
            text = phrase_plan(measure.plan)
            yield f"{MARKER} {measure.table}", Reading(cell, measure.id, PLAN, text)
    for group in policy.groups:
        for each in _expression(group.name, "封顶", group.cap, fields):
            yield "同类组", each
    for selection in policy.selections:
        for tier in selection.tiers:
            for each in _tier(f"{selection.name} {tier.name}", tier, fields):
                yield "评选", each
    for constraint in policy.constraints:
        for each in _expression(constraint.id, REQUIREMENT, constraint.condition, fields):
            yield "业务约束", each


def _tier(name: str, tier: Tier, fields: Mapping[str, Field]) -> Iterator[Reading]:
    yield from _expression(name, "候选条件", tier.candidate, fields)
    yield from _expression(name, "排序指标", tier.ranking, fields)
    yield from _expression(name, "奖励上限", tier.award_ceiling, fields)


def _defaults(table: DecisionTable, fields: Mapping[str, Field]) -> Iterator[Reading]:
    for output in table.outputs:
        yield from _expression(table.name, f"{DEFAULT}·{output.field}", output.default, fields)


def _rule(rule: Rule, outputs: Iterable[str], fields: Mapping[str, Field]) -> Iterator[Reading]:
    for condition in rule.conditions:
        if condition.at is None:
            continue
        match condition.expression:
            case Satisfies(field=name, test=test) if name in fields:
                text = echo_test(test, fields[name], fields)
                yield Reading(condition.at.cell, rule.id, name, text)
            case expression:
                text = phrase_expression(expression, fields)
                yield Reading(condition.at.cell, rule.id, REQUIREMENT, text)
    for output, conclusion in zip(outputs, rule.conclusions, strict=False):
        yield from _expression(rule.id, output, conclusion, fields)
    if rule.grant is not None:
        yield from _grant(rule.id, rule.grant, fields)


def _grant(rule: str, grant: Grant, fields: Mapping[str, Field]) -> Iterator[Reading]:
    if grant.at is None:
        return
    text = phrase_amount(grant.benefit, grant.floor, grant.caps, fields)
    yield Reading(grant.at.cell, rule, AMOUNT, text)
    limits = [(FLOOR, grant.floor), *((CAP, cap) for cap in grant.caps)]
    for subject, limit in limits:
        if limit is not None and _cell(limit.at) != grant.at.cell:
            yield from _expression(rule, subject, limit, fields)
    if grant.uplift is not None and (cell := _cell(grant.uplift.rate.at)):
        text = phrase_uplift(grant.uplift, fields, capped=is_capped(grant))
        yield Reading(cell, rule, UPLIFT, text)
    for each in grant.allowances:
        if cell := _cell(each.limit.at):
            yield Reading(cell, rule, each.term.value, phrase_allowance(each, fields))


def _expression(
    rule: str, subject: str, expression: Expression | None, fields: Mapping[str, Field]
) -> Iterator[Reading]:
    cell = None if expression is None else _cell(expression.at)
    if expression is not None and cell is not None:
        yield Reading(cell, rule, subject, phrase_expression(expression, fields))


def _cell(at: Place | None) -> CellRef | None:
    return None if at is None else at.cell
