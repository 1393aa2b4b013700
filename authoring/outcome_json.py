"""An outcome as JSON, as published in ``docs/outcome.schema.json``.

Exact throughout: money is yuan in decimal strings, other numbers are decimal strings or fractions
(``1/3``), days are ISO dates. The words come from the narrative, everything else from the outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import assert_never, cast

from authoring.render_findings import finding_json
from authoring.values_json import (
    Json,
    Object,
    number_json,
    place_json,
    truth_json,
    value_json,
    yuan,
)
from engine.agenda.program import Kind
from engine.amounts import AmountStep
from engine.dependencies import table_reads
from engine.expectations import Unmet, kind_of
from engine.findings import Finding
from engine.model import Field, Rule
from engine.narrative import ConditionLine, MeasureNarrative, Narrative, RuleBlock
from engine.outcome import (
    Amount,
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
    Verdict,
)
from engine.phrase import phrase_expression, phrase_less
from engine.proof import (
    AmountProof,
    ConditionProof,
    Derived,
    Given,
    Joined,
    MeasureProof,
    Proof,
    RuleProof,
    Tested,
    prove,
    read_by,
)
from engine.ranking import MissingFact, missing_of, rank_missing
from engine.repair import repairs_of
from engine.truth import NO

FORMAT = "tiaoli-outcome/1"


def outcome_json(
    outcome: Outcome,
    narrative: Narrative,
    unmet: Sequence[Unmet] | None = None,
    findings: Sequence[Finding] = (),
    notices: Sequence[str] = (),
) -> Object:
    """Write an outcome; ``unmet`` is None when the case expects nothing.

    ``findings`` are those of the case, ``notices`` say how the answer was worked out.
    """
    told = {each.id: each for each in narrative.measures}
    proof = prove(outcome)
    writer = _ProofWriter(proof, narrative, outcome.worked.program.fields)
    return {
        "format": FORMAT,
        "policy": {
            "id": outcome.policy.id,
            "title": outcome.policy.title,
            "fingerprint": outcome.fingerprint,
        },
        "date": outcome.case.date.isoformat(),
        "case": {"id": outcome.case.id, "name": outcome.case.name},
        "measures": [
            _measure(outcome, each, told[each.outcome.measure.id], writer)
            for each in proof.measures
        ],
        "facts": [writer.fact(each) for each in proof.facts.values()],
        "totals": {
            "overall": _total(outcome.total),
            "by_beneficiary": {name: _total(each) for name, each in outcome.totals.items()},
        },
        "missing": [_missing(each, outcome) for each in rank_missing(outcome)],
        "log": list(_log(outcome)),
        "expectations": None if unmet is None else expectations_json(unmet),
        "findings": findings_json(findings),
        "notices": [*notices],
    }


def expectations_json(unmet: Sequence[Unmet]) -> Object:
    """Whether a golden case came out as it says, and where not."""
    return {
        "met": not unmet,
        "unmet": [
            {
                "target": each.expectation.target,
                "expected": each.expected,
                "actual": each.actual,
                "place": place_json(each.expectation.at),
            }
            for each in unmet
        ],
    }


def findings_json(findings: Iterable[Finding]) -> list[Json]:
    """Findings as plain data."""
    return [cast(Json, finding_json(each)) for each in findings]


# --- measures -------------------------------------------------------------------------------------


def _measure(
    outcome: Outcome, proof: MeasureProof, told: MeasureNarrative, writer: _ProofWriter
) -> Object:
    measure = proof.outcome
    verdict = measure.verdict
    repair = repairs_of(outcome).get(measure.measure.id)
    return {
        "id": measure.measure.id,
        "provision": told.provision,
        "name": measure.measure.name,
        "beneficiary": measure.measure.beneficiary,
        "form": str(measure.measure.form),
        "verdict": kind_of(verdict),
        "headline": told.headline,
        "amount": _optional_amount(_amount_of(verdict)),
        "forgone": _optional_amount(verdict.amount if isinstance(verdict, Displaced) else None),
        "payments": [
            {
                "label": each.label,
                "share": number_json(each.share),
                "min": yuan(each.low),
                "max": yuan(each.high),
            }
            for each in measure.payments
        ],
        "missing": list(missing_of(measure)),
        "failed": _failed(verdict.nearest, proof, told, writer)
        if isinstance(verdict, Refused)
        else [],
        "displaced_by": _displacing(verdict),
        "candidates": list(verdict.candidates) if isinstance(verdict, Undecided) else [],
        "conflicting": [rule.id for rule in verdict.rules] if isinstance(verdict, Conflict) else [],
        "reason": _reason(verdict),
        "near_miss": told.near_miss,
        "repair": None if repair is None else _repair(repair, outcome),
        "proof": writer.measure(proof, told),
    }


def _amount_of(verdict: Verdict) -> Amount | None:
    match verdict:
        case Granted() | Undetermined() | Referred() | Undecided():
            return verdict.amount
        case Displaced() | Refused() | NotApplicable() | Conflict():
            return None
        case _:
            assert_never(verdict)


def _displacing(verdict: Verdict) -> str | None:
    """The measure that displaced this one; what else leaves nothing is a reason."""
    match verdict:
        case Displaced(by=str(by)):
            return by
        case _:
            return None


def _reason(verdict: Verdict) -> str | None:
    match verdict:
        case NotApplicable(reason=reason):
            return reason.value
        case Displaced(by=NothingLeft() as why):
            return why.value
        case _:
            return None


def _optional_amount(amount: Amount | None) -> Json:
    if amount is None:
        return None
    return {
        "min": yuan(amount.low),
        "max": yuan(amount.high),
        "certainty": str(amount.certainty),
    }


def _repair(repair: Repair, outcome: Outcome) -> Object:
    return {
        "changes": _changes(repair.changes, outcome),
        "judgements": _changes(repair.judgements, outcome),
        "verdict": kind_of(repair.verdict),
        "amount": _optional_amount(repair.verdict.amount),
        "settled": kind_of(repair.settled),
        "missing": list(repair.verdict.judgements if isinstance(repair.verdict, Referred) else ()),
        "lost": [name for name, _ in repair.lost],
    }


def _changes(changes: Iterable[Change], outcome: Outcome) -> list[Json]:
    fields = outcome.worked.program.fields
    return [
        {
            "field": change.field,
            "from": value_json(change.before, fields[change.field]),
            "to": value_json(change.after, fields[change.field]),
        }
        for change in changes
    ]


def _missing(fact: MissingFact, outcome: Outcome) -> Object:
    return {
        "field": fact.field,
        "source": str(outcome.worked.program.fields[fact.field].source),
        "stake": yuan(fact.stake),
        "unbounded": isinstance(fact.stake, float),
        "measures": list(fact.measures),
    }


def _total(total: Total) -> Object:
    return {
        "min": yuan(total.low),
        "max": yuan(total.high),
        "certain": yuan(total.certain),
        "uncounted": total.uncounted,
        "at_stake": yuan(total.at_stake),
    }


def _failed(
    nearest: Rule, proof: MeasureProof, told: MeasureNarrative, writer: _ProofWriter
) -> list[Json]:
    """The conditions of the nearest rule that fail, down to the parts that make them fail."""
    for rule, block in zip(proof.rules, told.rules, strict=True):
        if rule.row.rule is nearest:
            told_lines = iter(block.lines)
            return [
                {
                    "rule": nearest.id,
                    "fields": [*read_by([part])],
                    "inputs": writer.inputs(read_by([part])),
                    "condition": line.condition,
                    "requirement": line.requirement,
                    "actual": line.actual,
                    "distance": line.distance,
                    "place": line.place,
                }
                for part, line in _with_lines(rule.conditions, told_lines)
                if _is_failure(part)
            ]
    return []


def _is_failure(part: ConditionProof) -> bool:
    """Whether a part fails by itself, not only through parts of its own."""
    if part.muted or part.truth is not NO:
        return False
    return isinstance(part, Tested) or all(each.truth is not NO for each in part.parts)


def _with_lines(
    parts: Iterable[ConditionProof], lines: Iterator[ConditionLine], *, failing: bool = True
) -> Iterator[tuple[ConditionProof, ConditionLine]]:
    """Conditions, and of those that fail the parts, with the lines that tell them.

    Lines go depth first, and tell of all parts. A part that fails in a condition that holds (非)
    makes nothing fail.
    """
    for part in parts:
        line = next(lines)
        if failing:
            yield part, line
        if isinstance(part, Joined):
            yield from _with_lines(part.parts, lines, failing=failing and part.truth is NO)


# --- the proof ------------------------------------------------------------------------------------


class _ProofWriter:
    """Writes the proofs of one outcome, in the words of its narrative."""

    def __init__(self, proof: Proof, narrative: Narrative, fields: Mapping[str, Field]) -> None:
        self._facts = proof.facts
        self._firings = proof.firings
        self._derivations = narrative.derivations
        self._fields = fields

    def measure(self, proof: MeasureProof, told: MeasureNarrative) -> Object:
        """The rules of a measure, its amounts, and how its group was settled."""
        return {
            "rules": [
                self._rule(rule, block) for rule, block in zip(proof.rules, told.rules, strict=True)
            ],
            "amounts": [self._amount(each) for each in proof.amounts],
            "settlement": _settlement(proof.outcome.settlement, told),
        }

    def fact(self, fact: Given | Derived) -> Object:
        """What is known of a field; of a derived one with the rules that the narrative tells of."""
        result = _told(fact)
        if isinstance(fact, Derived):
            blocks = {block.rule: block for block in self._derivations[fact.field.name]}
            result["table"] = fact.result.table.name
            result["rules"] = [
                self._rule(rule, blocks[rule.row.rule.id])
                for rule in fact.rules
                if rule.row.rule.id in blocks
            ]
        return result

    def inputs(self, fields: Iterable[str]) -> list[Json]:
        """What the case says (or leaves open) behind some fields, in the order of the policy."""
        waiting, behind = list(fields), set[str]()
        while waiting:
            name = waiting.pop()
            fact = self._facts[name]
            if name not in behind and isinstance(fact, Derived):
                waiting += table_reads(fact.result.table)
            behind.add(name)
        facts = (self._facts[name] for name in self._facts if name in behind)
        return [_told(fact) for fact in facts if isinstance(fact, Given)]

    def _rule(self, proof: RuleProof, block: RuleBlock) -> Object:
        lines = iter(block.lines)
        return {
            "rule": block.rule,
            "truth": truth_json(proof.row.truth),
            "outcome": block.outcome,
            "provision": block.provision,
            "quote": block.quote,
            "place": block.place,
            "firing": self._firings.get(block.rule),
            "displaced_by": [rule.id for rule in proof.row.blockers],
            "conditions": [self._condition(part, lines) for part in proof.conditions],
        }

    def _condition(self, part: ConditionProof, lines: Iterator[ConditionLine]) -> Object:
        line = next(lines)
        result: Object = {
            "truth": truth_json(part.truth),
            "condition": line.condition,
            "requirement": line.requirement,
            "actual": line.actual,
            "distance": line.distance,
            "place": line.place,
            "muted": part.muted,
        }
        match part:
            case Tested(fields=fields):
                result["facts"] = [*fields]
            case Joined(junction=junction, parts=parts):
                result["junction"] = str(junction)
                result["parts"] = [self._condition(each, lines) for each in parts]
            case _:
                assert_never(part)
        return result

    def _amount(self, proof: AmountProof) -> Object:
        return {
            "rule": proof.row.rule.id,
            "exact": proof.exact,
            "amount": _optional_amount(proof.worth.amount),
            "steps": [
                {
                    "kind": str(step.kind),
                    "formula": self._formula(step),
                    "place": place_json(None if step.expression is None else step.expression.at),
                    "operand": {"min": yuan(step.operand_low), "max": yuan(step.operand_high)},
                    "after": {"min": yuan(step.low), "max": yuan(step.high)},
                }
                for step in proof.worth.steps
            ],
        }

    def _formula(self, step: AmountStep) -> Json:
        if step.expression is None:
            return None
        if step.received is not None:
            return phrase_less(step.expression, step.received, self._fields)
        return phrase_expression(step.expression, self._fields)


def _told(fact: Given | Derived) -> Object:
    return {
        "field": fact.field.name,
        "value": value_json(fact.value, fact.field),
        "source": str(fact.origin) if isinstance(fact, Given) else "derived",
    }


def _settlement(settlement: Settlement | None, told: MeasureNarrative) -> Json:
    if settlement is None:
        return None
    group = settlement.group
    return {
        "group": group.name,
        "mode": str(group.mode),
        "comparison": str(group.comparison),
        "across_beneficiaries": group.across_beneficiaries,
        "basis": group.basis,
        "competitors": [
            {"measure": name, "amount": _optional_amount(amount)}
            for name, amount in settlement.competitors
        ],
        "standing": list(settlement.standing),
        "received": yuan(settlement.received),
        "told": list(told.group_lines),
    }


def _log(outcome: Outcome) -> Iterator[Json]:
    """The firings, in order: rows, tables closing with what they derived, strata beginning."""
    program = outcome.worked.program
    for step, number in enumerate(outcome.log, start=1):
        rule = program.rules[number]
        entry: Object = {"step": step, "kind": rule.kind.name.lower()}
        match rule.kind:
            case Kind.ROW:
                row = program.rows[rule.subject]
                entry["table"] = program.tables[row.table].table.name
                entry["rule"] = row.rule.id
                entry["place"] = place_json(row.rule.at)
            case Kind.CLOSE:
                table = program.tables[rule.subject].table
                entry["table"] = table.name
                entry["derived"] = {
                    output.field: value_json(
                        outcome.worked.situation.facts.get(output.field),
                        program.fields[output.field],
                    )
                    for output in table.outputs
                }
            case Kind.ADVANCE:
                entry["stratum"] = rule.subject
            case _:
                assert_never(rule.kind)
        yield entry
