"""Outcome -> narrative: the answer in Chinese, clause by clause, free of any renderer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from engine.expectations import kind_of
from engine.explain.calculation import calculation
from engine.explain.conditions import RuleTeller
from engine.explain.given import given_lines
from engine.explain.sentences import (
    gain,
    group_lines,
    headline,
    leading_rule,
    missing_line,
    notes,
    repair_lines,
    rival_lines,
    total_line,
)
from engine.explain.wording import worth_of_verdict
from engine.model import Provision
from engine.narrative import MeasureNarrative, Narrative
from engine.outcome import Outcome
from engine.proof import Derived, MeasureProof, Proof, RuleProof, prove, read_by
from engine.ranking import missing_of, rank_missing
from engine.repair import repairs_of
from engine.words import word

__all__ = ["explain"]


def explain(outcome: Outcome) -> Narrative:
    """Explain a whole answer."""
    policy, proof = outcome.policy, prove(outcome)
    teller = RuleTeller(proof, outcome.worked)
    provisions = {each.number: each for each in policy.provisions}
    measures = tuple(_measure(each, proof, outcome, teller, provisions) for each in proof.measures)
    settlements = {id(each.settlement): each.settlement for each in outcome.measures}
    return Narrative(
        policy_title=policy.title,
        policy_id=policy.id,
        fingerprint=outcome.fingerprint,
        case_name=outcome.case.name or outcome.case.id,
        date=outcome.case.date.isoformat(),
        total=total_line(word("total.all"), outcome.total),
        totals=tuple(total_line(name, total) for name, total in outcome.totals.items()),
        counts=dict(Counter(each.verdict for each in measures)),
        missing=tuple(missing_line(fact, outcome) for fact in rank_missing(outcome)),
        group_lines=tuple(
            line
            for settlement in settlements.values()
            if settlement is not None and len(settlement.competitors) > 1
            for line in group_lines(settlement, outcome)
        ),
        measures=measures,
        derivations={
            name: tuple(teller.derivation(fact))
            for name, fact in proof.facts.items()
            if isinstance(fact, Derived)
        },
        given=tuple(given_lines(outcome)),
        subjects=_subjects(outcome),
    )


def _subjects(outcome: Outcome) -> tuple[str, ...]:
    chosen = outcome.case.subjects
    return () if chosen is None else tuple(x for x in outcome.policy.subjects if x in chosen)


def _measure(
    measure: MeasureProof,
    proof: Proof,
    outcome: Outcome,
    teller: RuleTeller,
    provisions: Mapping[str, Provision],
) -> MeasureNarrative:
    of, verdict = measure.outcome.measure, measure.outcome.verdict
    settlement = measure.outcome.settlement
    repair = repairs_of(outcome).get(of.id)
    rule = leading_rule(measure)
    provision = None if rule is None else provisions.get(rule.row.rule.provision)
    return MeasureNarrative(
        id=of.id,
        name=of.name,
        beneficiary=of.beneficiary,
        form=of.form.value,
        verdict=kind_of(verdict),
        verdict_word=word(f"verdict.{kind_of(verdict)}"),
        headline=headline(measure, outcome),
        amount=worth_of_verdict(verdict),
        provision="" if provision is None else provision.number,
        provision_title="" if provision is None else provision.title,
        provision_text="" if provision is None else provision.text,
        quote="" if rule is None else rule.row.rule.quote,
        department="" if provision is None else provision.department,
        rules=tuple(teller.of_measure(measure)),
        amount_lines=tuple(calculation(measure, outcome.worked)),
        group_lines=(
            *(() if settlement is None else group_lines(settlement, outcome)),
            *rival_lines(of, outcome),
        ),
        missing=missing_of(measure.outcome),
        near_miss=repair is not None and repair.near,
        repair=() if repair is None else tuple(repair_lines(repair, outcome)),
        repair_gain="" if repair is None else gain(repair),
        repair_fields=() if repair is None else tuple(each.field for each in repair.changes),
        evidence=_evidence(measure.rules, proof),
        notes=tuple(notes(of)),
    )


def _evidence(rules: Iterable[RuleProof], proof: Proof) -> tuple[str, ...]:
    """The papers to hand in for the facts that some rules read, down to those reported."""
    names = read_by(part for rule in rules for part in rule.conditions)
    waiting, papers = list(names), dict[str, None]()
    for name in waiting:
        fact = proof.facts[name]
        if fact.field.evidence:
            papers[fact.field.evidence] = None
        if isinstance(fact, Derived):
            behind = read_by(part for rule in fact.rules for part in rule.conditions)
            new = [each for each in behind if each not in names]
            names |= dict.fromkeys(new)
            waiting += new
    return tuple(papers)
