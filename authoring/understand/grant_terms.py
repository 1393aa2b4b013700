"""What a measure table says of an amount beside the amount itself: 上浮, 年度上限, 累计上限."""

from __future__ import annotations

from dataclasses import dataclass

from authoring.grammar import Vocabulary, read_allowance, read_uplift
from authoring.plain_tables import Row, place_of, text_of
from authoring.spelling import key
from authoring.understand.conclusion_columns import Columns
from authoring.understand.derivations import NO_DEFAULT
from engine.expressions import Expression
from engine.findings import Finding, Severity
from engine.model import (
    Allowance,
    ByRegulation,
    Ceiling,
    Discretionary,
    Grant,
    NonMonetary,
    Term,
    Uplift,
)
from engine.notation import AFTER_CAPS, BEFORE_CAPS, NOTHING
from engine.phrase_terms import is_capped

UPLIFT = "上浮"
NOT_GIVEN = NO_DEFAULT | {NOTHING}
"""What a column says of a term that a row does not have."""


@dataclass(frozen=True, slots=True)
class Rise:
    """What a cell of 上浮 says; ``after_caps`` is None where it does not say."""

    rate: Expression
    after_caps: bool | None


def read_rise(
    row: Row, columns: Columns, vocabulary: Vocabulary, findings: list[Finding]
) -> Rise | None:
    """Read 上浮 by itself; what it means depends on the caps, see ``check_uplift``."""
    entry = row.entries.get(columns.key(UPLIFT))
    if entry is None or key(entry.text) in NOT_GIVEN:
        return None
    reading, trouble = read_uplift(entry.text, vocabulary, entry.at)
    findings.extend(trouble)
    return None if reading is None else Rise(*reading)


def check_uplift(
    rise: Rise | None, grant: Grant, row: Row, columns: Columns, findings: list[Finding]
) -> Uplift | None:
    """The uplift of a grant: with a cap it must say on which side of it it stands."""
    if rise is None:
        return None
    at, text = place_of(row, columns.key(UPLIFT)), text_of(row, columns.key(UPLIFT))
    uplift = Uplift(rise.rate, bool(rise.after_caps))
    told = {"text": text, "amount": text_of(row, columns.key("金额"))}
    match grant.benefit:
        case ByRegulation() | NonMonetary():
            findings.append(Finding("W355", at, {"heading": UPLIFT, "amount": told["amount"]}))
        case Discretionary(ceiling=None) if not grant.caps:
            findings.append(Finding("W355", at, {"heading": UPLIFT, "amount": told["amount"]}))
        case _ if rise.after_caps is False and _is_only_a_ceiling(grant):
            findings.append(Finding("W396", at, told))
        case _ if is_capped(grant):
            if rise.after_caps is None:
                only = _is_only_a_ceiling(grant)
                sides = (AFTER_CAPS,) if only else (BEFORE_CAPS, AFTER_CAPS)
                offered = tuple(f"{text}（{side}）" for side in sides)
                params = {"before": BEFORE_CAPS, "after": AFTER_CAPS}
                findings.append(Finding("W394", at, params, did_you_mean=offered))
        case _ if rise.after_caps is not None:
            findings.append(Finding("W395", at, told, Severity.WARNING))
    return uplift


def _is_only_a_ceiling(grant: Grant) -> bool:
    """Whether nothing but one upper limit is said of an amount, so that nothing rises below it."""
    match grant.benefit:
        case Discretionary(ceiling=None):
            return True
        case Ceiling() | Discretionary():
            return not grant.caps
    return False


def read_allowances(
    row: Row, columns: Columns, vocabulary: Vocabulary, findings: list[Finding]
) -> tuple[Allowance, ...]:
    """Read 年度上限 and 累计上限."""
    allowances = []
    for term in Term:
        entry = row.entries.get(columns.key(term.value))
        if entry is None:
            continue
        unit = columns.unit(term.value) or columns.unit("金额")
        reading, trouble = read_allowance(entry.text, unit, vocabulary, entry.at)
        findings.extend(trouble)
        if reading:
            allowances.append(Allowance(term, *reading))
    return tuple(allowances)
