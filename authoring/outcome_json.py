"""An outcome as JSON, as published in ``docs/outcome.schema.json``.

Exact throughout: money is yuan in decimal strings, other numbers are decimal strings or fractions
(``1/3``), days are ISO dates. The words come from the narrative, everything else from the outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TypeAlias, assert_never

from engine.agenda.program import Kind
from engine.cells import Place
from engine.expectations import Unmet, kind_of
from engine.expressions import Expression
from engine.model import Field, Rule
from engine.narrative import ConditionLine, MeasureNarrative, Narrative, RuleBlock
from engine.outcome import (
    Amount,
    Conflict,
    Displaced,
    Granted,
    MeasureOutcome,
    NotApplicable,
    Outcome,
    Referred,
    Refused,
    Settlement,
    Total,
    Undecided,
    Undetermined,
    Verdict,
)
from engine.phrase import phrase_expression
from engine.proof import (
    AmountProof,
    ConditionProof,
    Derived,
    Given,
    Joined,
    MeasureProof,
    RuleProof,
    Tested,
    prove,
)
from engine.ranking import MissingFact, missing_of, rank_missing
from engine.repair import Repair, smallest_repair
from engine.truth import NO, YES, Truth
from engine.types import MoneyType, UnitPriceType
from engine.values import FEN_PER_YUAN, Bound, Number, Range, Value

FORMAT = "tiaoli-outcome/1"

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"
Object: TypeAlias = dict[str, Json]


def outcome_json(
    outcome: Outcome, narrative: Narrative, unmet: Sequence[Unmet] | None = None
) -> Object:
    """Write an outcome; ``unmet`` is None when the case expects nothing."""
    told = {each.id: each for each in narrative.measures}
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
            _measure(outcome, measure, told[measure.measure.id]) for measure in outcome.measures
        ],
        "totals": {
            "overall": _total(outcome.total),
            "by_beneficiary": {name: _total(each) for name, each in outcome.totals.items()},
        },
        "missing": [_missing(each, outcome) for each in rank_missing(outcome)],
        "log": list(_log(outcome)),
        "expectations": None if unmet is None else expectations_json(unmet),
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


def place_json(place: Place | None) -> Json:
    """A place as ``外资奖励!D7``; None where there is no cell."""
    return None if place is None else str(place)


# --- measures -------------------------------------------------------------------------------------


def _measure(outcome: Outcome, measure: MeasureOutcome, told: MeasureNarrative) -> Object:
    verdict = measure.verdict
    proof = prove(outcome, measure)
    repair = smallest_repair(outcome, measure.measure) if isinstance(verdict, Refused) else None
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
        "missing": list(missing_of(measure)),
        "failed": _failed(verdict.nearest, proof, told) if isinstance(verdict, Refused) else [],
        "displaced_by": verdict.by if isinstance(verdict, Displaced) else None,
        "candidates": list(verdict.candidates) if isinstance(verdict, Undecided) else [],
        "conflicting": [rule.id for rule in verdict.rules] if isinstance(verdict, Conflict) else [],
        "reason": str(verdict.reason) if isinstance(verdict, NotApplicable) else None,
        "repair": [] if repair is None else _repair(repair, outcome),
        "repaired_amount": _optional_amount(None if repair is None else repair.amount),
        "proof": _Proof(outcome, told).measure(proof),
    }


def _amount_of(verdict: Verdict) -> Amount | None:
    match verdict:
        case Granted() | Undetermined() | Referred() | Undecided():
            return verdict.amount
        case Displaced() | Refused() | NotApplicable() | Conflict():
            return None
        case _:
            assert_never(verdict)


def _optional_amount(amount: Amount | None) -> Json:
    if amount is None:
        return None
    return {
        "min": yuan(amount.low),
        "max": yuan(amount.high),
        "certainty": str(amount.certainty),
    }


def _repair(repair: Repair, outcome: Outcome) -> list[Json]:
    fields = outcome.worked.program.fields
    return [
        {
            "field": change.field,
            "from": value_json(change.before, fields[change.field]),
            "to": value_json(change.after, fields[change.field]),
        }
        for change in repair.changes
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


def _failed(nearest: Rule, proof: MeasureProof, told: MeasureNarrative) -> list[Json]:
    """The conditions of the nearest rule that fail, down to the parts that make them fail."""
    for rule, block in zip(proof.rules, told.rules, strict=True):
        if rule.row.rule is nearest:
            told_lines = iter(block.lines)
            return [
                {
                    "rule": nearest.id,
                    "fields": [fact.field.name for fact in _facts(part)],
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


def _facts(part: ConditionProof) -> tuple[Given | Derived, ...]:
    if isinstance(part, Tested):
        return part.facts
    return tuple({fact.field.name: fact for each in part.parts for fact in _facts(each)}.values())


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


class _Proof:
    """Writes the proof of one measure. A derived fact is unfolded where it is met first."""

    def __init__(self, outcome: Outcome, told: MeasureNarrative) -> None:
        self.fields: Mapping[str, Field] = outcome.worked.program.fields
        self.told = told
        self.unfolded: set[str] = set()

    def measure(self, proof: MeasureProof) -> Object:
        return {
            "rules": [
                self.rule(rule, block)
                for rule, block in zip(proof.rules, self.told.rules, strict=True)
            ],
            "amounts": [self.amount(each) for each in proof.amounts],
            "settlement": self.settlement(proof.outcome.settlement),
        }

    def rule(self, proof: RuleProof, block: RuleBlock) -> Object:
        lines = iter(block.lines)
        return {
            "rule": block.rule,
            "truth": truth_json(proof.row.truth),
            "outcome": block.outcome,
            "provision": block.provision,
            "quote": block.quote,
            "place": block.place,
            "firing": proof.firing,
            "displaced_by": [rule.id for rule in proof.row.blockers],
            "conditions": [self.condition(part, lines) for part in proof.conditions],
        }

    def condition(self, part: ConditionProof, lines: Iterator[ConditionLine]) -> Object:
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
            case Tested(facts=facts):
                result["facts"] = [self.fact(fact, line) for fact in facts]
            case Joined(junction=junction, parts=parts):
                result["junction"] = str(junction)
                result["parts"] = [self.condition(each, lines) for each in parts]
            case _:
                assert_never(part)
        return result

    def fact(self, fact: Given | Derived, line: ConditionLine) -> Object:
        result: Object = {
            "field": fact.field.name,
            "value": value_json(fact.value, fact.field),
            "source": str(fact.origin) if isinstance(fact, Given) else "derived",
        }
        if isinstance(fact, Derived):
            result["table"] = fact.result.table.name
            result["rules"] = self.derivation(fact, line)
        return result

    def derivation(self, fact: Derived, line: ConditionLine) -> list[Json]:
        """The rules behind a derived fact that the narrative tells of."""
        if fact.field.name in self.unfolded:
            return []
        self.unfolded.add(fact.field.name)
        blocks = {block.rule: block for block in line.behind}
        return [
            self.rule(rule, blocks[rule.row.rule.id])
            for rule in fact.rules
            if rule.row.rule.id in blocks
        ]

    def amount(self, proof: AmountProof) -> Object:
        return {
            "rule": proof.row.rule.id,
            "exact": proof.exact,
            "amount": _optional_amount(proof.amount),
            "steps": [
                {
                    "kind": str(step.kind),
                    "formula": self.formula(step.expression),
                    "place": place_json(None if step.expression is None else step.expression.at),
                    "operand": {"min": yuan(step.operand_low), "max": yuan(step.operand_high)},
                    "after": {"min": yuan(step.low), "max": yuan(step.high)},
                }
                for step in proof.steps
            ],
        }

    def formula(self, expression: Expression | None) -> Json:
        return None if expression is None else phrase_expression(expression, self.fields)

    def settlement(self, settlement: Settlement | None) -> Json:
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
            "told": list(self.told.group_lines),
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


# --- values ---------------------------------------------------------------------------------------


def truth_json(truth: Truth) -> str:
    """Yes, no or unknown."""
    if truth is YES:
        return "yes"
    return "no" if truth is NO else "unknown"


def yuan(fen: Bound | None) -> str | None:
    """Yuan with two decimals; None for no number, and for what is unbounded (不封顶).

    An amount between two fen (an unrounded step of a proof) is a decimal with more digits, or a
    fraction.
    """
    if fen is None or isinstance(fen, float):
        return None
    exact = Fraction(fen) / FEN_PER_YUAN
    return number_json(exact, decimals=2)


def number_json(number: Number, decimals: int = 0) -> str:
    """An exact number: decimal digits (at least ``decimals`` of them), or a fraction ``1/3``."""
    exact = Fraction(number)
    places, rest = decimals, exact.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{exact.numerator}/{exact.denominator}"
    places = max(decimals, twos, fives)
    digits = str(abs(exact.numerator) * 10**places // exact.denominator).rjust(places + 1, "0")
    sign = "-" if exact < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def value_json(value: Value | None, field: Field) -> Json:
    """The value of a field: money in whole units of its currency, codes and texts as they are."""
    match value:
        case None | bool() | str():
            return value
        case frozenset():
            return [*sorted(value)]
        case date():
            return value.isoformat()
        case Range():
            return {"min": _bound_json(value.low, field), "max": _bound_json(value.high, field)}
        case int() | Fraction():
            return _bound_json(value, field)
        case _:
            assert_never(value)


def _bound_json(bound: Bound, field: Field) -> str | None:
    if isinstance(bound, float):
        return None
    match field.type:
        case MoneyType() | UnitPriceType():
            return yuan(bound)
        case _:
            return number_json(bound)
