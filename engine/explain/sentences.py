"""What is said in a sentence: headlines, totals, groups, missing facts, repairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import assert_never, cast

from engine.amounts import add_up, high_end, low_end
from engine.explain.incalculable import incalculable
from engine.explain.wording import (
    SEPARATOR,
    describe,
    describe_value,
    money,
    money_beside,
    money_sum,
)
from engine.expressions import Satisfies
from engine.model import Field, Measure, Policy
from engine.narrative import MissingLine, TotalLine
from engine.outcome import (
    Absence,
    Amount,
    Certainty,
    Change,
    Conflict,
    Displaced,
    Granted,
    NotApplicable,
    NothingLeft,
    Outcome,
    Referred,
    Refused,
    Repair,
    Settlement,
    Total,
    Undecided,
    Undetermined,
)
from engine.phrase import phrase_expression
from engine.phrase_terms import phrase_plan
from engine.proof import ConditionProof, MeasureProof, RuleProof
from engine.ranking import MissingFact
from engine.settle import beside
from engine.truth import NO, UNKNOWN, YES
from engine.types import DateType
from engine.values import INFINITY, Value
from engine.words import word


def headline(proof: MeasureProof, outcome: Outcome) -> str:
    """The verdict of a measure in one sentence."""
    verdict, names = proof.outcome.verdict, _names(outcome)
    match verdict:
        case Granted(amount=amount):
            return _granted(amount)
        case Undetermined(missing=()):
            why = incalculable(proof, outcome.worked)
            return (
                word("headline.undetermined_nothing_below", why=why)
                if why
                else word("headline.undetermined_other")
            )
        case Undetermined(missing=missing):
            return word(
                "headline.undetermined", count=len(missing), missing=SEPARATOR.join(missing)
            )
        case Referred(judgements=(), amount=amount):
            if high_end(amount) == INFINITY:
                return word("headline.referred_case")
            return word("headline.referred_case_ceiling", high=money(high_end(amount)))
        case Referred(judgements=judgements):
            return word("headline.referred_judgement", judgements=SEPARATOR.join(judgements))
        case Refused():
            return _refused(leading_rule(proof), outcome.worked.program.fields)
        case Displaced(by=by, amount=amount):
            if isinstance(by, NothingLeft):
                return word(f"headline.displaced_{by.value}", amount=describe(amount))
            return word("headline.displaced", name=names[by], by=by, amount=describe(amount))
        case Undecided(candidates=candidates):
            joined = SEPARATOR.join(names[name] for name in candidates)
            return word("headline.undecided", candidates=joined)
        case Conflict(rules=rules):
            places = SEPARATOR.join(f"{rule.id}（{rule.at}）" for rule in rules)
            return word("headline.conflict", rules=places)
        case NotApplicable(reason=reason):
            return _absent(reason, proof.outcome.measure, outcome)
        case _:
            assert_never(verdict)


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


def _granted(amount: Amount) -> str:
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


def _refused(rule: RuleProof | None, fields: Mapping[str, Field]) -> str:
    if rule is None:
        return word("rule.fails")
    failed = [part for part in rule.conditions if part.truth is NO]
    if not failed:
        return word(
            "headline.refused_earlier",
            rules=SEPARATOR.join(blocker.id for blocker in rule.row.blockers),
        )
    texts = SEPARATOR.join(_subject(part, fields) for part in failed)
    return word("headline.refused", count=len(failed), failed=texts)


def _subject(part: ConditionProof, fields: Mapping[str, Field]) -> str:
    expression = part.expression
    if isinstance(expression, Satisfies):
        return expression.field
    return phrase_expression(expression, fields)


def _absent(reason: Absence, measure: Measure, outcome: Outcome) -> str:
    field = measure.event_field or ""
    day = outcome.case.date
    if reason is Absence.EVENT_OUTSIDE_POLICY:
        day = cast(date, outcome.worked.situation.facts[field])
    return word(
        f"headline.{reason.value}",
        field=field,
        date=_day(day),
        life=_life(outcome.policy),
        beneficiary=measure.beneficiary,
    )


def _day(day: date) -> str:
    return describe_value(day, DateType(), "")


def _life(policy: Policy) -> str:
    since = _day(policy.effective)
    if policy.expires is None:
        return word("headline.life_since", since=since)
    return word("headline.life", since=since, until=_day(policy.expires))


def repair_lines(repair: Repair, outcome: Outcome) -> Iterator[str]:
    """What the project changes, what must be judged anew or at all, and what is lost by it."""
    fields, names = outcome.worked.program.fields, _names(outcome)
    for change in repair.changes:
        yield _change(change, fields)
    for each in repair.judgements:
        field = fields[each.field]
        before = describe_value(cast(Value, each.before), field.type, field.unit)
        after = describe_value(each.after, field.type, field.unit)
        yield word("repair.judge_anew", field=field.name, before=before, after=after)
    if isinstance(repair.verdict, Referred):
        for name in repair.verdict.judgements:
            yield word("repair.judge", field=name)
    match repair.settled:
        case Displaced(by=by):
            if isinstance(by, NothingLeft):
                yield word(f"repair.displaced_{by.value}")
            else:
                yield word("repair.displaced", name=names[by], by=by)
        case Undecided(candidates=candidates):
            joined = SEPARATOR.join(names[name] for name in candidates)
            yield word("repair.undecided", candidates=joined)
    if repair.lost:
        yield word("repair.lost", names=SEPARATOR.join(names[name] for name, _ in repair.lost))


def _change(change: Change, fields: Mapping[str, Field]) -> str:
    field = fields[change.field]
    after = describe_value(change.after, field.type, field.unit)
    if change.before is None:
        return word("repair.supply", field=field.name, after=after)
    before = describe_value(change.before, field.type, field.unit)
    return word("repair.change", field=field.name, before=before, after=after)


def gain(repair: Repair) -> str:
    """What a repaired measure would be worth."""
    settled = repair.settled
    if not isinstance(settled, Granted | Referred) or not settled.amount.counts:
        return ""
    return word("repair.gain", amount=describe(settled.amount))


def notes(measure: Measure) -> Iterator[str]:
    """What the workbook adds to a measure."""
    if measure.review:
        yield word("measure.review", review=measure.review)
    if measure.sharing:
        yield word("measure.sharing", sharing=measure.sharing)
    if measure.plan is not None:
        yield word("measure.plan", plan=phrase_plan(measure.plan))
    if measure.event_field is not None:
        yield word("measure.event", field=measure.event_field)


def total_line(beneficiary: str, total: Total) -> TotalLine:
    """Put a total into words."""
    stake, ends = "", (total.low, total.high)
    if total.at_stake == INFINITY:
        stake = word("total.at_stake_unbounded")
    elif total.at_stake > 0:
        stake = word("total.at_stake", stake=money_beside(total.at_stake, *ends))
    mixed = total.certain != total.high and (total.certain != 0 or total.low == total.high)
    return TotalLine(
        beneficiary,
        money_sum(*ends),
        word("total.certain", certain=money_beside(total.certain, *ends)) if mixed else "",
        word("total.uncounted", count=total.uncounted) if total.uncounted else "",
        stake,
    )


def missing_line(fact: MissingFact, outcome: Outcome) -> MissingLine:
    """Say what hangs on a missing fact."""
    if fact.stake == INFINITY:
        stake = word("missing.unbounded")
    elif fact.stake > 0:
        stake = word("missing.stake", stake=money(fact.stake))
    else:
        stake = word("missing.nothing")
    field = outcome.worked.program.fields[fact.field]
    return MissingLine(fact.field, stake, fact.measures, field.note)


def group_lines(settlement: Settlement, outcome: Outcome) -> Iterator[str]:
    """Say how a same-kind group was settled."""
    names = _names(outcome)
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
    if apart := _uncompared(settlement, outcome):
        yield word("group.apart", group=group, apart=SEPARATOR.join(apart))
    if settlement.received:
        yield word("group.received", group=group, received=money(settlement.received))


def rival_lines(measure: Measure, outcome: Outcome) -> Iterator[str]:
    """Say which members of its group that are still open could take the place of a granted one."""
    found = {each.measure.id: each for each in outcome.measures}
    alone = {name: each.alone for name, each in found.items()}
    granted = found[measure.id].verdict
    if measure.group is None or not isinstance(granted, Granted) or not granted.amount.counts:
        return
    for each in outcome.worked.program.members[measure.group]:
        open_ = alone[each.id]
        if not isinstance(open_, Undetermined | Referred) or not open_.amount.counts:
            continue
        match beside(each, measure, alone, outcome.worked):
            case Displaced():
                key, amount = "displaced", ""
            case Undecided():
                key, amount = "undecided", ""
            case Granted(amount=less) | Undetermined(amount=less) if less != granted.amount:
                key, amount = "less", describe(less)
            case _:
                continue
        yield word(
            f"group.{key}_later",
            group=measure.group,
            rival=each.name,
            awaiting=_awaiting(open_),
            amount=amount,
        )


def _awaiting(open_: Undetermined | Referred) -> str:
    match open_:
        case Undetermined(missing=missing) if missing:
            return word("group.awaiting", missing=SEPARATOR.join(missing))
        case Referred(judgements=judgements) if judgements:
            return word("group.awaiting_judgement", judgements=SEPARATOR.join(judgements))
        case _:
            return ""


def _uncompared(settlement: Settlement, outcome: Outcome) -> list[str]:
    """The granted members of the group that have no amount, and so take no part in it."""
    compared = {name for name, _ in settlement.competitors}
    members = [each for each in outcome.measures if each.measure.group == settlement.group.name]
    scope = {each.measure.beneficiary for each in members if each.measure.id in compared}
    return [
        each.measure.name
        for each in members
        if isinstance(each.verdict, Granted)
        and each.measure.id not in compared
        and (settlement.group.across_beneficiaries or each.measure.beneficiary in scope)
    ]


def _names(outcome: Outcome) -> dict[str, str]:
    return {each.measure.id: each.measure.name for each in outcome.measures}
