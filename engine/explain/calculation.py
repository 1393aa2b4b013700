"""金额怎么算: the amount of a measure, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.amounts import AmountStep, StepKind
from engine.explain.wording import (
    SEPARATOR,
    describe,
    describe_value,
    money_range,
    worth_of_verdict,
)
from engine.expressions import Expression, FieldRef
from engine.model import Combination, Field, Spread
from engine.narrative import AmountLine
from engine.outcome import (
    Amount,
    Certainty,
    Conflict,
    Granted,
    NotApplicable,
    Referred,
    Refused,
    Undetermined,
    Verdict,
)
from engine.phrase import phrase_amount, phrase_expression
from engine.phrase_terms import phrase_share
from engine.possible import limits
from engine.proof import AmountProof, MeasureProof
from engine.types import MoneyType
from engine.values import Range
from engine.verdicts import combination_of
from engine.words import word
from engine.worked import Worked, missing_inputs


def calculation(proof: MeasureProof, worked: Worked) -> Iterator[AmountLine]:
    """The steps of the rows that count, or may; then what becomes of several, and of the group."""
    verdict, measure = proof.outcome.verdict, proof.outcome.measure
    if isinstance(verdict, NotApplicable | Refused | Conflict):
        return
    for each in proof.amounts:
        for step in each.worth.steps:
            yield _line(step, each, worked)
    counted = [each.worth.amount for each in proof.amounts if each.worth.amount.counts]
    if len(counted) > 1:
        combination = combination_of(measure, worked.results[measure.table].table)
        label = "step.sum" if combination is Combination.SUM else "step.highest"
        yield from _combined(word(label), proof.outcome.alone)
    match verdict, proof.outcome.alone:
        case Granted(amount=amount), Granted(amount=alone) if amount != alone:
            yield _sum_up(word("step.group"), amount)
    for payment in proof.outcome.payments:
        label, share = word("step.payment", label=payment.label), phrase_share(payment.share)
        value = money_range(payment.low, payment.high)
        yield AmountLine(label, share, value, low=payment.low, high=payment.high)


def _line(step: AmountStep, amount: AmountProof, worked: Worked) -> AmountLine:
    key = step.kind.value
    at_most = amount.worth.amount.certainty in (Certainty.CEILING, Certainty.DISCRETIONARY)
    if step.kind is StepKind.BASE and at_most:
        key = "ceiling"
    formula, place = "", ""
    if step.expression is not None:
        formula, place = _formula(step.expression, worked), str(step.expression.at or "")
    grant = amount.row.rule.grant
    if step.kind is StepKind.BASE and grant is not None and isinstance(grant.benefit, Spread):
        formula = _formula_of_spread(grant.benefit, worked)
    if step.received is not None:
        formula = word(
            "step.left",
            limit=formula,
            received=_received(step.received, worked),
            left=money_range(step.operand_low, step.operand_high),
        )
    value = money_range(step.low, step.high)
    return AmountLine(word(f"step.{key}"), formula, value, place, step.low, step.high)


def _combined(label: str, alone: Verdict) -> Iterator[AmountLine]:
    match alone:
        case Granted(amount=amount) | Referred(amount=amount) | Undetermined(amount=amount):
            worth = worth_of_verdict(alone)
            yield AmountLine(label, "", worth, low=amount.low, high=amount.high)


def _sum_up(label: str, amount: Amount) -> AmountLine:
    return AmountLine(label, "", describe(amount), low=amount.low, high=amount.high)


def _received(node: Expression, worked: Worked) -> str:
    """What was received before; else what may have been, or which facts nobody has said."""
    value = worked.value(node)
    if value is None and not isinstance(node, FieldRef):
        possible = limits(node, worked)
        if not isinstance(possible, Range):
            return money_range(possible, possible)
        missing = missing_inputs([node], worked)
        return word("step.received_unsaid", missing=SEPARATOR.join(missing))
    if value is None:
        return word("condition.missing")
    return describe_value(value, MoneyType(), "")


def _formula(node: Expression, worked: Worked) -> str:
    """The expression, and behind it the facts that it reads."""
    text = phrase_expression(node, worked.program.fields)
    return _with_facts(text, worked.reads(node), worked)


def _formula_of_spread(spread: Spread, worked: Worked) -> str:
    """Both ends, and behind them the facts that they read."""
    text = phrase_amount(spread, None, (), worked.program.fields)
    read = dict.fromkeys((*worked.reads(spread.low), *worked.reads(spread.high)))
    return _with_facts(text, read, worked)


def _with_facts(text: str, read: Iterable[str], worked: Worked) -> str:
    fields: Mapping[str, Field] = worked.program.fields
    facts = [word("condition.pair", field=name, value=_fact(fields[name], worked)) for name in read]
    return f"{text}（{'；'.join(facts)}）" if facts else text


def _fact(field: Field, worked: Worked) -> str:
    value = worked.situation.facts.get(field.name)
    if value is None:
        return word("condition.missing")
    return describe_value(value, field.type, field.unit)
