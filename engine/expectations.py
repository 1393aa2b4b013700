"""What a golden case expects against what came out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from engine.cases import Expectation, GoldenCase
from engine.outcome import (
    Amount,
    Certainty,
    Conflict,
    Displaced,
    Granted,
    NotApplicable,
    Outcome,
    Referred,
    Refused,
    Total,
    Undecided,
    Undetermined,
    Verdict,
)
from engine.phrase import phrase_money
from engine.values import Bound
from engine.words import word

TOTAL = "合计"


@dataclass(frozen=True, slots=True)
class Unmet:
    """An expectation that did not come true; both texts are spelled as in 用例."""

    expectation: Expectation
    expected: str
    actual: str


def unmet(golden: GoldenCase, outcome: Outcome) -> tuple[Unmet, ...]:
    """The expectations of a golden case that its outcome does not meet."""
    verdicts = {each.measure.id: each.verdict for each in outcome.measures}
    result = []
    for expectation in golden.expectations:
        if expectation.target in verdicts:
            verdict = verdicts[expectation.target]
            met, actual = _verdict_meets(expectation, verdict), spell(verdict)
        else:
            total = total_of(outcome, expectation.target)
            met = (total.low, total.high) == (expectation.low, expectation.high)
            actual = spell_total(total)
        if not met:
            result.append(Unmet(expectation, expectation.text, actual))
    return tuple(result)


def total_of(outcome: Outcome, target: str) -> Total:
    """The total that a target such as ``合计·企业`` names; one without measures is zero."""
    _, _, beneficiary = target.partition("·")
    if not beneficiary:
        return outcome.total
    return outcome.totals.get(beneficiary, Total(0, 0, 0, 0, 0))


def spell(verdict: Verdict) -> str:
    """Write a verdict as the cell of a golden case would."""
    name = word(f"verdict.{kind_of(verdict)}")
    match verdict:
        case Granted(amount=amount):
            return _spell_granted(name, amount)
        case Undetermined(missing=missing):
            return f"{name} {'、'.join(missing)}".strip()
        case Referred(amount=Amount(high=high)) if high is not None and not isinstance(high, float):
            return f"{name} {word('amount.at_most')}{phrase_money(high)}"
        case Displaced(by=str(by)):
            return word("expectation.displaced_by", by=by)
        case _:
            return name


def spell_total(total: Total) -> str:
    """Write a total as the cell of a golden case would."""
    return _spell_range(total.low, total.high)


def kind_of(verdict: Verdict) -> str:
    """The key of a verdict in the published JSON."""
    match verdict:
        case NotApplicable():
            return "not_applicable"
        case Conflict():
            return "conflict"
        case Refused():
            return "refused"
        case Undetermined():
            return "undetermined"
        case Referred():
            return "referred"
        case Displaced():
            return "displaced"
        case Undecided():
            return "undecided"
        case Granted():
            return "granted"
        case _:
            assert_never(verdict)


def _verdict_meets(expectation: Expectation, verdict: Verdict) -> bool:
    if kind_of(verdict) != expectation.verdict:
        return False
    match verdict:
        case Granted(amount=amount) | Referred(amount=amount):
            return _amount_meets(expectation, amount)
        case Undetermined(missing=missing):
            return not expectation.missing or set(expectation.missing) == set(missing)
        case Displaced(by=by):
            return expectation.by is None or expectation.by == by
        case _:
            return True


def _amount_meets(expectation: Expectation, amount: Amount) -> bool:
    if expectation.certainty is not None and expectation.certainty != amount.certainty:
        return False
    if expectation.high is None:
        return True
    if expectation.low is not None and expectation.low != amount.low:
        return False
    return expectation.high == amount.high


def _spell_granted(name: str, amount: Amount) -> str:
    if amount.low is None or amount.high is None:
        by_regulation = amount.certainty is Certainty.BY_REGULATION
        return word("expectation.by_regulation") if by_regulation else name
    match amount.certainty:
        case Certainty.DEFINITE:
            return f"{name} {_spell_bound(amount.high)}"
        case Certainty.CEILING if amount.low == 0:
            return f"{word('expectation.ceiling')} {_spell_bound(amount.high)}"
        case _:
            return f"{word('expectation.interval')} {_spell_range(amount.low, amount.high)}"


def _spell_range(low: Bound, high: Bound) -> str:
    return _spell_bound(low) if low == high else f"{_spell_bound(low)}—{_spell_bound(high)}"


def _spell_bound(bound: Bound) -> str:
    return word("amount.unbounded") if isinstance(bound, float) else phrase_money(bound)
