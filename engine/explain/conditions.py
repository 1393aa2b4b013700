"""Rules and their conditions, line by line: 判定 | 条件 | 政策要求 | 本项目 | 出处."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import assert_never

from engine.explain.wording import SEPARATOR, describe, describe_value
from engine.expressions import Satisfies
from engine.model import Field
from engine.narrative import ConditionLine, RuleBlock
from engine.nearest import distance
from engine.phrase import phrase_expression, phrase_points, phrase_test, phrase_value
from engine.proof import (
    ConditionProof,
    Derived,
    Given,
    Joined,
    MeasureProof,
    Origin,
    Proof,
    RuleProof,
    Tested,
)
from engine.tables import State
from engine.truth import NO, UNKNOWN, YES, Truth
from engine.types import RateType
from engine.values import Value
from engine.words import word
from engine.worked import Worked


class RuleTeller:
    """Tells of the rules of one proof."""

    def __init__(self, proof: Proof, worked: Worked) -> None:
        self._facts = proof.facts
        self._firings = proof.firings
        self._fields: Mapping[str, Field] = worked.program.fields
        self._worked = worked

    def of_measure(self, measure: MeasureProof) -> Iterator[RuleBlock]:
        """The rules of a measure, each with what it grants."""
        amounts = {each.row.rule.id: each.worth.amount for each in measure.amounts}
        for rule in measure.rules:
            amount = amounts.get(rule.row.rule.id)
            if amount is None or not amount.counts:
                yield self._rule(rule, word("headline.granted_none"))
                continue
            told = describe(amount)
            yield self._rule(
                rule, word("rule.grants", amount=told), word("rule.unknown_grants", amount=told)
            )

    def derivation(self, fact: Derived) -> Iterator[RuleBlock]:
        """The rules behind a derived fact: those that made it, else all that might have."""
        standing = fact.result.standing
        for rule in fact.rules:
            if fact.value is not None and standing and rule.row not in standing:
                continue
            value = self._concluded(rule, fact)
            yield self._rule(rule, word("rule.concludes", field=fact.field.name, value=value))
        if fact.result.state is State.DEFAULT and fact.value is not None:
            value = _value(fact.value, fact.field)
            yield RuleBlock(
                rule="",
                title="",
                truth=YES,
                outcome=word("rule.default", field=fact.field.name, value=value),
                provision="",
                quote="",
                place=str(fact.result.table.at or ""),
                firing=None,
                lines=(),
            )

    def _concluded(self, rule: RuleProof, fact: Derived) -> str:
        output = [each.field for each in fact.result.table.outputs].index(fact.field.name)
        conclusion = rule.row.rule.conclusions[output]
        value = self._worked.value(conclusion)
        if value is None:
            return phrase_expression(conclusion, self._fields)
        return _value(value, fact.field)

    def _rule(self, rule: RuleProof, conclusion: str, awaited: str = "") -> RuleBlock:
        """A rule; ``awaited`` is what it says of itself while it is open."""
        of = rule.row.rule
        return RuleBlock(
            rule=of.id,
            title=of.note,
            truth=rule.row.truth,
            outcome=_outcome(rule, conclusion, awaited or word("rule.unknown")),
            provision=of.provision,
            quote=of.quote,
            place=str(of.at or ""),
            firing=self._firings.get(of.id),
            lines=tuple(
                line
                for condition, part in zip(of.conditions, rule.conditions, strict=True)
                for line in self._lines(part, str(condition.at or ""), 0)
            ),
        )

    def _lines(self, part: ConditionProof, place: str, depth: int) -> Iterator[ConditionLine]:
        match part:
            case Tested():
                yield self._tested(part, place, depth)
            case Joined(junction=junction, parts=parts):
                title = word(f"condition.{junction.value}", count=part.count)
                yield ConditionLine(depth, part.truth, title, "", "", "", place, part.muted)
                for each in parts:
                    yield from self._lines(each, place, depth + 1)
            case _:
                assert_never(part)

    def _tested(self, part: Tested, place: str, depth: int) -> ConditionLine:
        facts = [self._facts[name] for name in part.fields]
        behind = tuple(fact.field.name for fact in facts if isinstance(fact, Derived))
        expression = part.expression
        if isinstance(expression, Satisfies):
            fact = self._facts[expression.field]
            return ConditionLine(
                depth,
                part.truth,
                expression.field,
                phrase_test(expression.test, fact.field, self._fields),
                _fact(fact),
                self._gap(part, expression, fact.field),
                place,
                part.muted,
                behind,
                _blank(fact, part.truth),
            )
        actual = "；".join(
            word("condition.pair", field=fact.field.name, value=_fact(fact)) for fact in facts
        )
        condition = phrase_expression(expression, self._fields)
        holds = word("condition.holds")
        return ConditionLine(
            depth, part.truth, condition, holds, actual, "", place, part.muted, behind
        )

    def _gap(self, part: Tested, expression: Satisfies, field: Field) -> str:
        if part.truth is not NO:
            return ""
        lacking = distance(expression.test, field, self._worked)
        if lacking is None:
            return ""
        key = "condition.short" if lacking > 0 else "condition.over"
        if isinstance(self._worked.situation.facts.get(field.name), date):
            return word(key, gap=word("condition.days", count=abs(lacking)))
        gap = max(lacking, -lacking)
        if isinstance(field.type, RateType):
            return word(key, gap=word("condition.points", count=phrase_points(gap)))
        return word(key, gap=phrase_value(gap, field.type, field.unit))


def _blank(fact: Given | Derived, truth: Truth) -> str:
    """Why a fact that nobody gave comes out so: most tests wait for it, some ask only for that."""
    if fact.value is not None or not isinstance(fact, Given):
        return ""
    key = {YES: "blank_fulfils", NO: "blank_refuses", UNKNOWN: "blank_open"}[truth]
    return word(f"condition.{key}")


def _fact(fact: Given | Derived) -> str:
    if fact.value is None:
        return word("condition.missing" if isinstance(fact, Given) else "condition.open")
    text = _value(fact.value, fact.field)
    if isinstance(fact, Given) and fact.origin is Origin.ASSUMED:
        return word("condition.assumed", value=text)
    if isinstance(fact, Given) and fact.origin is Origin.BY_HAND:
        return word("condition.by_hand", value=text)
    return text


def _value(value: Value, field: Field) -> str:
    return describe_value(value, field.type, field.unit)


def _outcome(rule: RuleProof, conclusion: str, awaited: str) -> str:
    row = rule.row
    blockers = SEPARATOR.join(blocker.id for blocker in row.blockers)
    if row.truth is YES:
        return conclusion
    if row.own is YES and blockers:
        return word("rule.overridden" if row.truth is NO else "rule.open_behind", rules=blockers)
    return word("rule.fails") if row.truth is NO else awaited
