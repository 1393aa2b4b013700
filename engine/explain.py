"""Outcome -> narrative: the answer in Chinese, clause by clause, free of any renderer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import assert_never, cast

from engine.amounts import add_up, combine, high_end, low_end
from engine.dependencies import fields_read
from engine.expectations import kind_of
from engine.expressions import Expression, Satisfies
from engine.model import Combination, Field, Measure, Provision
from engine.narrative import (
    AmountLine,
    ConditionLine,
    MeasureNarrative,
    MissingLine,
    Narrative,
    RuleBlock,
    TotalLine,
)
from engine.nearest import distance
from engine.outcome import (
    Absence,
    Amount,
    Certainty,
    Change,
    Conflict,
    Displaced,
    Granted,
    MeasureOutcome,
    NotApplicable,
    Outcome,
    Referred,
    Refused,
    Repair,
    Settlement,
    Total,
    Undecided,
    Undetermined,
)
from engine.phrase import phrase_expression, phrase_money, phrase_test, phrase_value
from engine.proof import (
    AmountProof,
    AmountStep,
    ConditionProof,
    Derived,
    Given,
    Joined,
    MeasureProof,
    Origin,
    RuleProof,
    StepKind,
    Tested,
    Unfolding,
)
from engine.ranking import MissingFact, missing_of, rank_missing
from engine.repair import repairs_of
from engine.tables import State
from engine.truth import NO, UNKNOWN, YES
from engine.types import FieldType, MoneyType
from engine.values import INFINITY, Bound, Range, Value
from engine.verdicts import combination_of
from engine.words import word

SEPARATOR = "、"


def explain(outcome: Outcome) -> Narrative:
    """Explain a whole answer."""
    policy = outcome.policy
    measures = tuple(map(_Teller(outcome).measure, outcome.measures))
    settlements = {id(each.settlement): each.settlement for each in outcome.measures}
    return Narrative(
        policy_title=policy.title,
        policy_id=policy.id,
        fingerprint=outcome.fingerprint,
        case_name=outcome.case.name,
        date=outcome.case.date.isoformat(),
        total=total_line(word("total.all"), outcome.total),
        totals=tuple(total_line(name, total) for name, total in outcome.totals.items()),
        counts=dict(Counter(each.verdict for each in measures)),
        missing=tuple(_missing_line(fact, outcome) for fact in rank_missing(outcome)),
        group_lines=tuple(
            line
            for settlement in settlements.values()
            if settlement is not None and len(settlement.competitors) > 1
            for line in group_lines(settlement, outcome)
        ),
        measures=measures,
    )


class _Teller:
    """Tells of one outcome: the look-ups that every sentence needs, made once."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.worked = outcome.worked
        self.proofs = Unfolding(outcome)
        self.repairs = repairs_of(outcome)
        self.fields: Mapping[str, Field] = outcome.worked.program.fields
        self.provisions: Mapping[str, Provision] = {
            each.number: each for each in outcome.policy.provisions
        }
        self.names = {each.measure.id: each.measure.name for each in outcome.measures}

    def measure(self, each: MeasureOutcome) -> MeasureNarrative:
        proof = self.proofs.measure(each)
        repair = self.repairs.get(each.measure.id)
        rule = leading_rule(proof)
        provision = None if rule is None else self.provisions.get(rule.row.rule.provision)
        blocks = tuple(self.measure_rule(block, proof) for block in proof.rules)
        return MeasureNarrative(
            id=each.measure.id,
            name=each.measure.name,
            beneficiary=each.measure.beneficiary,
            form=each.measure.form.value,
            verdict=kind_of(each.verdict),
            verdict_word=word(f"verdict.{kind_of(each.verdict)}"),
            headline=self.headline(each, proof),
            amount=amount_text(each),
            provision="" if provision is None else provision.number,
            provision_title="" if provision is None else provision.title,
            provision_text="" if provision is None else provision.text,
            quote="" if rule is None else rule.row.rule.quote,
            department="" if provision is None else provision.department,
            rules=blocks,
            amount_lines=tuple(self.amount_lines(each, proof)),
            group_lines=()
            if each.settlement is None
            else tuple(group_lines(each.settlement, self.outcome)),
            missing=missing_of(each),
            near_miss=repair is not None and repair.near,
            repair=() if repair is None else tuple(self.steps(repair)),
            repair_gain="" if repair is None else self.gain(repair),
            evidence=self.evidence(proof),
            notes=tuple(self.notes(each.measure)),
        )

    # --- sentences ---

    def headline(self, each: MeasureOutcome, proof: MeasureProof) -> str:
        verdict = each.verdict
        match verdict:
            case Granted(amount=amount):
                return _granted_headline(amount)
            case Undetermined(missing=missing):
                if not missing:
                    return word("headline.undetermined_other")
                return word(
                    "headline.undetermined", count=len(missing), missing=SEPARATOR.join(missing)
                )
            case Referred(judgements=judgements, amount=amount):
                if judgements:
                    return word(
                        "headline.referred_judgement", judgements=SEPARATOR.join(judgements)
                    )
                if high_end(amount) == INFINITY:
                    return word("headline.referred_case")
                return word("headline.referred_case_ceiling", high=money(high_end(amount)))
            case Refused():
                return self.refusal(proof)
            case Displaced(by=None, amount=amount):
                return word("headline.displaced_received", amount=describe(amount))
            case Displaced(by=by, amount=amount):
                name = self.names[cast(str, by)]
                return word("headline.displaced", name=name, by=by, amount=describe(amount))
            case Undecided(candidates=candidates):
                names = SEPARATOR.join(self.names[name] for name in candidates)
                return word("headline.undecided", candidates=names)
            case Conflict(rules=rules):
                places = SEPARATOR.join(f"{rule.id}（{rule.at}）" for rule in rules)
                return word("headline.conflict", rules=places)
            case NotApplicable(reason=reason):
                return self.absence(reason, each.measure)
            case _:
                assert_never(verdict)

    def refusal(self, proof: MeasureProof) -> str:
        rule = leading_rule(proof)
        if rule is None:
            return word("rule.fails")
        failed = [part for part in rule.conditions if part.truth is NO]
        if not failed:
            return word(
                "headline.refused_earlier",
                rules=SEPARATOR.join(blocker.id for blocker in rule.row.blockers),
            )
        texts = SEPARATOR.join(self.subject_of(part) for part in failed)
        return word("headline.refused", count=len(failed), failed=texts)

    def absence(self, reason: Absence, measure: Measure) -> str:
        return word(
            f"headline.{reason.value}",
            field=measure.event_field or "",
            beneficiary=measure.beneficiary,
        )

    def subject_of(self, part: ConditionProof) -> str:
        expression = part.expression
        if isinstance(expression, Satisfies):
            return expression.field
        return phrase_expression(expression, self.fields)

    def steps(self, repair: Repair) -> Iterator[str]:
        """What the project changes, what must be judged anew or at all, and what is lost by it."""
        yield from map(self.change, repair.changes)
        for each in repair.judgements:
            field = self.fields[each.field]
            before = self.value(cast(Value, each.before), field)
            after = self.value(each.after, field)
            yield word("repair.judge_anew", field=field.name, before=before, after=after)
        if isinstance(repair.verdict, Referred):
            for name in repair.verdict.judgements:
                yield word("repair.judge", field=name)
        match repair.settled:
            case Displaced(by=None):
                yield word("repair.displaced_received")
            case Displaced(by=str(by)):
                yield word("repair.displaced", name=self.names[by], by=by)
            case Undecided(candidates=candidates):
                names = SEPARATOR.join(self.names[name] for name in candidates)
                yield word("repair.undecided", candidates=names)
        if repair.lost:
            names = SEPARATOR.join(self.names[name] for name, _ in repair.lost)
            yield word("repair.lost", names=names)

    def change(self, change: Change) -> str:
        field = self.fields[change.field]
        after = self.value(change.after, field)
        if change.before is None:
            return word("repair.supply", field=field.name, after=after)
        before = self.value(change.before, field)
        return word("repair.change", field=field.name, before=before, after=after)

    def gain(self, repair: Repair) -> str:
        settled = repair.settled
        if not isinstance(settled, Granted | Referred) or not settled.amount.counts:
            return ""
        return word("repair.gain", amount=describe(settled.amount))

    def notes(self, measure: Measure) -> Iterator[str]:
        if measure.review:
            yield word("measure.review", review=measure.review)
        if measure.sharing:
            yield word("measure.sharing", sharing=measure.sharing)
        if measure.event_field is not None:
            yield word("measure.event", field=measure.event_field)

    def evidence(self, proof: MeasureProof) -> tuple[str, ...]:
        """The papers to hand in for the facts that the measure's rules read."""
        papers: dict[str, None] = {}

        def visit(parts: Iterable[ConditionProof]) -> None:
            for part in parts:
                if isinstance(part, Joined):
                    visit(part.parts)
                    continue
                for fact in part.facts:
                    if fact.field.evidence:
                        papers[fact.field.evidence] = None
                    if isinstance(fact, Derived):
                        for rule in fact.rules:
                            visit(rule.conditions)

        for rule in proof.rules:
            visit(rule.conditions)
        return tuple(papers)

    # --- rules and conditions ---

    def measure_rule(self, rule: RuleProof, proof: MeasureProof) -> RuleBlock:
        amount = next((each for each in proof.amounts if each.row is rule.row), None)
        return self.rule(
            rule,
            word("rule.grants", amount=describe(amount.amount))
            if amount is not None and amount.amount.counts
            else word("headline.granted_none"),
        )

    def rule(self, rule: RuleProof, conclusion: str) -> RuleBlock:
        row = rule.row
        return RuleBlock(
            rule=row.rule.id,
            title=row.rule.note,
            truth=row.truth,
            outcome=_rule_outcome(rule, conclusion),
            provision=row.rule.provision,
            quote=row.rule.quote,
            place=str(row.rule.at or ""),
            firing=rule.firing,
            lines=tuple(
                line
                for condition, part in zip(row.rule.conditions, rule.conditions, strict=True)
                for line in self.lines(part, str(condition.at or ""), 0)
            ),
        )

    def lines(self, part: ConditionProof, place: str, depth: int) -> Iterator[ConditionLine]:
        match part:
            case Tested():
                yield self.tested(part, place, depth)
            case Joined(junction=junction, parts=parts):
                title = word(f"condition.{junction.value}", count=part.count)
                yield ConditionLine(depth, part.truth, title, "", "", "", place, part.muted)
                for each in parts:
                    yield from self.lines(each, place, depth + 1)
            case _:
                assert_never(part)

    def tested(self, part: Tested, place: str, depth: int) -> ConditionLine:
        behind = tuple(
            block
            for fact in part.facts
            if isinstance(fact, Derived)
            for block in self.derivation(fact)
        )
        expression = part.expression
        if isinstance(expression, Satisfies):
            field = self.fields[expression.field]
            fact = next(each for each in part.facts if each.field is field)
            return ConditionLine(
                depth,
                part.truth,
                field.name,
                phrase_test(expression.test, field, self.fields),
                self.fact(fact),
                self.gap(part, expression, field),
                place,
                part.muted,
                behind,
            )
        actual = "；".join(
            word("condition.pair", field=fact.field.name, value=self.fact(fact))
            for fact in part.facts
        )
        condition = phrase_expression(expression, self.fields)
        holds = word("condition.holds")
        return ConditionLine(
            depth, part.truth, condition, holds, actual, "", place, part.muted, behind
        )

    def derivation(self, fact: Derived) -> Iterator[RuleBlock]:
        """The rules behind a derived fact: those that made it, else all that might have."""
        standing = fact.result.standing
        value = fact.value
        for rule in fact.rules:
            if value is not None and standing and rule.row not in standing:
                continue
            conclusion = word(
                "rule.concludes", field=fact.field.name, value=self.concluded(rule, fact)
            )
            yield self.rule(rule, conclusion)
        if fact.result.state is State.DEFAULT and value is not None:
            yield RuleBlock(
                rule="",
                title="",
                truth=YES,
                outcome=word(
                    "rule.default", field=fact.field.name, value=self.value(value, fact.field)
                ),
                provision="",
                quote="",
                place=str(fact.result.table.at or ""),
                firing=None,
                lines=(),
            )

    def concluded(self, rule: RuleProof, fact: Derived) -> str:
        output = [each.field for each in fact.result.table.outputs].index(fact.field.name)
        conclusion = rule.row.rule.conclusions[output]
        value = self.worked.value(conclusion)
        if value is None:
            return phrase_expression(conclusion, self.fields)
        return self.value(value, fact.field)

    def gap(self, part: Tested, expression: Satisfies, field: Field) -> str:
        if part.truth is not NO:
            return ""
        lacking = distance(expression.test, field, self.worked)
        if lacking is None:
            return ""
        key = "condition.short" if lacking > 0 else "condition.over"
        if isinstance(self.worked.situation.facts.get(field.name), date):
            return word(key, gap=word("condition.days", count=abs(lacking)))
        return word(key, gap=phrase_value(max(lacking, -lacking), field.type, field.unit))

    def fact(self, fact: Given | Derived) -> str:
        if fact.value is None:
            return word("condition.missing" if isinstance(fact, Given) else "condition.open")
        text = self.value(fact.value, fact.field)
        if isinstance(fact, Given) and fact.origin is Origin.ASSUMED:
            return word("condition.assumed", value=text)
        if isinstance(fact, Given) and fact.origin is Origin.BY_HAND:
            return word("condition.by_hand", value=text)
        return text

    def value(self, value: Value, field: Field) -> str:
        return describe_value(value, field.type, field.unit)

    # --- amounts ---

    def amount_lines(self, each: MeasureOutcome, proof: MeasureProof) -> Iterator[AmountLine]:
        """金额怎么算 of the rows that count, or may."""
        if isinstance(each.verdict, NotApplicable | Refused | Conflict):
            return
        for row_amount in proof.amounts:
            for step in row_amount.steps:
                yield self.amount_line(step, row_amount)
        counted = [each.amount for each in proof.amounts if each.amount.counts]
        if len(counted) > 1:
            combination = combination_of(
                each.measure, self.worked.results[each.measure.table].table
            )
            label = "step.sum" if combination is Combination.SUM else "step.highest"
            yield AmountLine(word(label), "", describe(combine(counted, combination)))
        match each.verdict, each.alone:
            case Granted(amount=amount), Granted(amount=alone) if amount != alone:
                yield AmountLine(word("step.group"), "", describe(amount))

    def amount_line(self, step: AmountStep, amount: AmountProof) -> AmountLine:
        key = step.kind.value
        ceiling = amount.amount.certainty in (Certainty.CEILING, Certainty.DISCRETIONARY)
        if step.kind is StepKind.BASE and ceiling:
            key = "ceiling"
        formula = "" if step.expression is None else self.formula(step.expression)
        place = "" if step.expression is None or step.expression.at is None else step.expression.at
        return AmountLine(
            word(f"step.{key}"), formula, _money_range(step.low, step.high), str(place)
        )

    def formula(self, node: Expression) -> str:
        """The expression, and behind it the facts that it reads."""
        text = phrase_expression(node, self.fields)
        facts = [
            word("condition.pair", field=name, value=self.fact_text(name))
            for name in self.fields
            if name in fields_read(node)
        ]
        return f"{text}（{'；'.join(facts)}）" if facts else text

    def fact_text(self, name: str) -> str:
        value = self.worked.situation.facts.get(name)
        if value is None:
            return word("condition.missing")
        return self.value(value, self.fields[name])


def leading_rule(proof: MeasureProof) -> RuleProof | None:
    """The rule that speaks for the measure: one that holds, else that may, else the nearest."""
    verdict = proof.outcome.verdict
    if isinstance(verdict, Granted):
        return next(rule for rule in proof.rules if rule.row.rule is verdict.rules[0])
    for truth in (YES, UNKNOWN):
        for rule in proof.rules:
            if rule.row.truth is truth:
                return rule
    if isinstance(verdict, Refused):
        return next(rule for rule in proof.rules if rule.row.rule is verdict.nearest)
    return proof.rules[0] if proof.rules else None


def total_line(beneficiary: str, total: Total) -> TotalLine:
    """Put a total into words."""
    stake = ""
    if total.at_stake == INFINITY:
        stake = word("total.at_stake_unbounded")
    elif total.at_stake > 0:
        stake = word("total.at_stake", stake=money(total.at_stake))
    mixed = total.certain not in (0, total.high)
    return TotalLine(
        beneficiary,
        _money_range(total.low, total.high),
        word("total.certain", certain=money(total.certain)) if mixed else "",
        word("total.uncounted", count=total.uncounted) if total.uncounted else "",
        stake,
    )


def group_lines(settlement: Settlement, outcome: Outcome) -> Iterator[str]:
    """Say how a same-kind group was settled."""
    names = {each.measure.id: each.measure.name for each in outcome.measures}
    verdicts = {each.measure.id: each.verdict for each in outcome.measures}
    group = settlement.group.name

    def members(chosen: Iterable[tuple[str, Amount]]) -> str:
        return SEPARATOR.join(
            word("group.member", name=names[name], amount=describe(amount))
            for name, amount in chosen
        )

    standing = [each for each in settlement.competitors if each[0] in settlement.standing]
    displaced = [
        (name, amount)
        for name, amount in settlement.competitors
        if isinstance(verdicts[name], Displaced)
    ]
    undecided = [
        (name, amount)
        for name, amount in settlement.competitors
        if isinstance(verdicts[name], Undecided)
    ]
    if undecided:
        yield word("group.undecided", group=group, candidates=members(undecided))
    elif displaced:
        yield word(
            "group.displaced",
            group=group,
            standing=members(standing) or word("condition.none_of"),
            displaced=members(displaced),
            forgone=describe(add_up([amount for _, amount in displaced])),
        )
    else:
        yield word("group.standing", group=group, standing=members(standing))
    if settlement.received:
        yield word("group.received", group=group, received=money(settlement.received))


def amount_text(outcome: MeasureOutcome) -> str:
    """The amount of a verdict, or what a displaced one forgoes; empty where there is none."""
    match outcome.verdict:
        case Granted(amount=amount) | Referred(amount=amount) | Undecided(amount=amount):
            return describe(amount)
        case Undetermined(amount=amount):
            if not amount.counts or amount.low == amount.high:
                return describe(amount)
            low, high = money(low_end(amount)), money(high_end(amount))
            return word("amount.possible", low=low, high=high)
        case Displaced(amount=amount):
            return describe(amount)
        case _:
            return ""


def describe(amount: Amount) -> str:
    """Put an amount into words; a ceiling is never told as an award."""
    if not amount.counts:
        by_regulation = amount.certainty is Certainty.BY_REGULATION
        return word("amount.by_regulation" if by_regulation else "amount.none")
    low, high = money(low_end(amount)), money(high_end(amount))
    match amount.certainty:
        case Certainty.DEFINITE:
            return word("amount.definite", high=high)
        case Certainty.CEILING if amount.low == 0:
            return word("amount.ceiling", high=high)
        case Certainty.DISCRETIONARY:
            unbounded = high_end(amount) == INFINITY
            key = "amount.discretionary_unbounded" if unbounded else "amount.discretionary"
            return word(key, high=high)
        case _:
            return word("amount.interval", low=low, high=high)


def money(fen: Bound) -> str:
    """An amount in yuan, or 不封顶."""
    return word("amount.unbounded") if fen == INFINITY else phrase_money(fen)


def describe_value(value: Value, type_: FieldType, unit: str) -> str:
    """A value in the spelling of its field, also when only its limits are known."""
    if isinstance(value, Range):
        low, high = (_bound(end, type_, unit) for end in (value.low, value.high))
        return word("condition.range", low=low, high=high)
    return phrase_value(value, type_, unit)


def _bound(bound: Bound, type_: FieldType, unit: str) -> str:
    if isinstance(bound, float):
        return word("amount.unbounded")
    return money(bound) if isinstance(type_, MoneyType) else phrase_value(bound, type_, unit)


def _money_range(low: Bound, high: Bound) -> str:
    if low == high:
        return money(high)
    return word("total.range", low=money(low), high=money(high))


def _granted_headline(amount: Amount) -> str:
    if not amount.counts:
        by_regulation = amount.certainty is Certainty.BY_REGULATION
        return word("headline.granted_by_regulation" if by_regulation else "headline.granted_none")
    low, high = money(low_end(amount)), money(high_end(amount))
    match amount.certainty:
        case Certainty.CEILING if amount.low == 0:
            return word("headline.granted_ceiling", high=high)
        case Certainty.DEFINITE:
            return word("headline.granted", amount=high)
        case _:
            return word("headline.granted_interval", low=low, high=high)


def _rule_outcome(rule: RuleProof, conclusion: str) -> str:
    row = rule.row
    blockers = SEPARATOR.join(blocker.id for blocker in row.blockers)
    if row.truth is YES:
        return conclusion
    if row.own is YES and blockers:
        return word("rule.overridden" if row.truth is NO else "rule.open_behind", rules=blockers)
    return word("rule.fails" if row.truth is NO else "rule.unknown")


def _missing_line(fact: MissingFact, outcome: Outcome) -> MissingLine:
    if fact.stake == INFINITY:
        stake = word("missing.unbounded")
    elif fact.stake > 0:
        stake = word("missing.stake", stake=money(fact.stake))
    else:
        stake = word("missing.nothing")
    field = outcome.worked.program.fields[fact.field]
    return MissingLine(fact.field, stake, fact.measures, field.note)
