"""The verdict of each measure, before same-kind groups.

The order of the questions is that of ``docs/semantics.md``, *Measures*.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from typing import cast

from engine.amounts import (
    RowAmount,
    amount_of,
    between,
    by_worth,
    combine,
    high_end,
    is_lasting,
    is_settled,
    low_end,
    same_worth,
)
from engine.dependencies import grant_expressions
from engine.evaluate import in_force
from engine.expressions import Expression
from engine.judgements import await_judgements, judgements_behind, still_asked
from engine.model import Combination, DecisionTable, Grant, HitPolicy, Measure, Source
from engine.outcome import (
    Absence,
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
from engine.tables import RowResult, State, TableResult
from engine.truth import NO, UNKNOWN, YES
from engine.worked import (
    Worked,
    conditions_behind,
    conflicts_behind,
    missing_for_field,
    missing_inputs,
)


def rows_of(measure: Measure, worked: Worked) -> Sequence[RowResult]:
    """The rows in force that belong to one measure."""
    return worked.closings[measure.table].rows.get(measure.id, ())


def grant_of(row: RowResult) -> Grant:
    """What a row of a measure table grants."""
    return cast(Grant, row.rule.grant)


def judge_all(worked: Worked) -> dict[str, Verdict]:
    """Give every measure its verdict, as if it stood alone."""
    verdicts: dict[str, Verdict] = {}
    if worked.in_force and worked.case.subjects is None:
        for closing in worked.closings.values():
            verdicts |= cast(dict[str, Verdict], closing.verdicts)
    for measure in worked.program.policy.measures:
        if measure.id not in verdicts:
            verdicts[measure.id] = judge(measure, worked)
    return verdicts


def judge(measure: Measure, worked: Worked) -> Verdict:
    """Give a measure its verdict, as if it stood alone."""
    closing = worked.closings[measure.table]
    rows = rows_of(measure, worked)
    absence = _absence(measure, rows, worked)
    if absence is not None:
        return NotApplicable(absence)
    known = closing.verdicts.get(measure.id)
    if known is not None:
        return cast(Verdict, known)
    verdict, lasting = _judge(measure, rows, closing.result, worked)
    if lasting:
        closing.verdicts[measure.id] = verdict
    return verdict


def _judge(
    measure: Measure, rows: Sequence[RowResult], result: TableResult, worked: Worked
) -> tuple[Verdict, bool]:
    """The verdict of an applicable measure, and whether it rests on its rows alone."""
    true = [row for row in rows if row.truth is YES]
    unknown = [row for row in rows if row.truth is UNKNOWN]
    eventless = measure.event_field is None
    if not true and not unknown:
        return Refused(nearest(rows).rule), eventless
    if true and result.state is State.CONFLICT:
        return Conflict(tuple(row.rule for row in result.standing)), eventless
    lasting = not unknown and eventless
    if len(true) > 1 and combination_of(measure, result.table) is Combination.HIGHEST:
        counting = _that_may_be_highest(true, result.table, worked)
        lasting = lasting and len(counting) == len(true)
        true = counting
    if result.table.hit_policy is HitPolicy.ANY and _contradict(true, worked):
        return Conflict(tuple(row.rule for row in true)), False
    if true and unknown:
        unknown = _that_still_count(measure, result.table, true, unknown, worked)
    sure = not unknown and not _event_open(measure, worked)
    if sure and all(is_settled(grant_of(row), worked) for row in true):
        verdict = _sure(measure, result.table, true, worked)
        return verdict, lasting and all(is_lasting(grant_of(row), worked) for row in true)
    conflicting = conflicts_behind(_decisive(true, unknown, result), worked)
    if conflicting:
        return Conflict(conflicting), False
    return _entitled(measure, rows, result, true, unknown, worked), False


def nearest(rows: Sequence[RowResult]) -> RowResult:
    """The row with the fewest failed conditions; of those, with the fewest unknown."""
    if len(rows) == 1:
        return rows[0]
    return min(rows, key=lambda row: (row.cells.count(NO), row.cells.count(UNKNOWN)))


def _absence(measure: Measure, rows: Sequence[RowResult], worked: Worked) -> Absence | None:
    case, policy = worked.case, worked.program.policy
    if not worked.in_force:
        return Absence.POLICY_NOT_IN_FORCE
    if case.subjects is not None and measure.beneficiary not in case.subjects:
        return Absence.SUBJECT_ABSENT
    if not rows:
        return Absence.RULES_NOT_IN_FORCE
    if measure.event_field is not None:
        event = worked.situation.facts.get(measure.event_field)
        if event is not None and not in_force(policy, cast(date, event)):
            return Absence.EVENT_OUTSIDE_POLICY
    return None


def _decisive(
    true: list[RowResult], unknown: list[RowResult], result: TableResult
) -> Iterator[Expression]:
    """What the verdict rests on: the amounts of true rows, else the conditions of unknown ones."""
    yield from _amounts_of(true)
    if not true:
        yield from conditions_behind(unknown, result)


def combination_of(measure: Measure, table: DecisionTable) -> Combination:
    """How several rows of a measure count together: 同项多行 has a say only in a 收集 table."""
    return measure.combination if table.hit_policy is HitPolicy.COLLECT else Combination.HIGHEST


def _contradict(true: list[RowResult], worked: Worked) -> bool:
    """Whether some true rows of a measure surely grant what differs."""
    grants = dict.fromkeys(map(grant_of, true))
    return any(same_worth(*pair, worked) is NO for pair in combinations(grants, 2))


def _that_still_count(
    measure: Measure,
    table: DecisionTable,
    true: list[RowResult],
    unknown: list[RowResult],
    worked: Worked,
) -> list[RowResult]:
    """The unknown rows that matter although a row of the measure is true."""
    match table.hit_policy:
        case HitPolicy.UNIQUE | HitPolicy.FIRST:
            return []
        case HitPolicy.ANY:
            given = dict.fromkeys(map(grant_of, true))
            return [
                row
                for row in unknown
                if not any(same_worth(grant_of(row), each, worked) is YES for each in given)
            ]
        case _ if measure.combination is Combination.HIGHEST:
            return _that_may_exceed(true, unknown, worked)
        case _:
            return unknown


def _that_may_exceed(
    true: list[RowResult], unknown: list[RowResult], worked: Worked
) -> list[RowResult]:
    """The unknown rows that may still raise what the best true row gives."""
    best = max(
        (amount for row in true if (amount := amount_of(grant_of(row), worked)).counts),
        key=low_end,
        default=None,
    )
    if best is None:
        given = {grant_of(row).benefit for row in true}
        return [row for row in unknown if grant_of(row).benefit not in given]
    return [
        row
        for row in unknown
        if not (amount := amount_of(grant_of(row), worked)).counts
        or high_end(amount) > low_end(best)
    ]


def _that_may_be_highest(
    true: list[RowResult], table: DecisionTable, worked: Worked
) -> list[RowResult]:
    """The true rows without those of an open amount that is surely no more than another's."""
    if table.hit_policy is not HitPolicy.COLLECT:
        return true
    worth = {row.rule.id: amount_of(grant_of(row), worked) for row in true}
    settled = {row.rule.id for row in true if is_settled(grant_of(row), worked)}
    if len(settled) == len(true):
        return true

    def outdone(name: str, amount: Amount) -> bool:
        return amount.counts and any(
            other.counts
            and low_end(other) >= high_end(amount)
            and (each in settled or high_end(other) > high_end(amount))
            for each, other in worth.items()
            if each != name
        )

    return [
        row
        for row in true
        if row.rule.id in settled or not outdone(row.rule.id, worth[row.rule.id])
    ]


def _entitled(
    measure: Measure,
    rows: Sequence[RowResult],
    result: TableResult,
    true: list[RowResult],
    unknown: list[RowResult],
    worked: Worked,
) -> Verdict:
    event = (
        missing_for_field(measure.event_field, worked) if measure.event_field is not None else {}
    )
    combination = combination_of(measure, result.table)
    event_open = _event_open(measure, worked)
    wait = await_judgements(unknown, result, worked)
    if unknown and not wait.stuck and not event_open:
        counting = _in_order(rows, [*true, *wait.judged])
        if _all_judged(unknown, result, worked) and all(
            is_settled(grant_of(row), worked) for row in counting
        ):
            nodes = conditions_behind(still_asked(wait, result, worked), result)
            judgements = missing_inputs(nodes, worked) | judgements_behind(nodes, worked)
            return Referred(tuple(judgements), _combined(counting, combination, worked))
    missing = {
        **event,
        **missing_inputs(conditions_behind(unknown, result), worked),
        **missing_inputs(_amounts_of([*true, *wait.judged]), worked),
    }
    amount = _combined(_in_order(rows, [*true, *unknown]), combination, worked)
    return Undetermined(tuple(missing), _remaining(amount, not unknown and not event_open))


def _all_judged(unknown: list[RowResult], result: TableResult, worked: Worked) -> bool:
    """Whether no input is missing in some rows but judgements."""
    missing = missing_inputs(conditions_behind(unknown, result), worked)
    return all(worked.program.fields[name].source is Source.JUDGED for name in missing)


def _in_order(rows: Sequence[RowResult], chosen: list[RowResult]) -> list[RowResult]:
    wanted = {row.rule.id for row in chosen}
    return [row for row in rows if row.rule.id in wanted]


def _combined(rows: list[RowResult], combination: Combination, worked: Worked) -> Amount:
    """What several rows come to together; no row comes to nothing."""
    if not rows:
        return between(0, 0, Certainty.DEFINITE)
    grants = [grant_of(row) for row in rows]
    return combine(
        [RowAmount(amount_of(each, worked), is_settled(each, worked)) for each in grants],
        combination,
    )


def _amounts_of(rows: list[RowResult]) -> list[Expression]:
    return [node for row in rows for node in grant_expressions(grant_of(row))]


def _sure(
    measure: Measure, table: DecisionTable, true: list[RowResult], worked: Worked
) -> Granted | Referred:
    """The verdict when nothing is open: a case that a person decides, or a grant."""
    combination = combination_of(measure, table)
    amount = _combined(true, combination, worked)
    if amount.certainty is Certainty.DISCRETIONARY:
        return Referred((), amount)
    return Granted(tuple([row.rule for row in _counting(combination, true, worked)]), amount)


def _event_open(measure: Measure, worked: Worked) -> bool:
    """Whether the day of a measure's event is unknown."""
    return (
        measure.event_field is not None and worked.situation.facts.get(measure.event_field) is None
    )


def _remaining(amount: Amount, sure: bool) -> Amount:
    """What remains possible: from zero unless the entitlement itself is sure."""
    if sure or not amount.counts:
        return amount
    return between(0, high_end(amount), amount.certainty)


def _counting(combination: Combination, true: list[RowResult], worked: Worked) -> list[RowResult]:
    """The true rows that the amount comes from: all when they add up, else the highest."""
    if len(true) == 1 or combination is Combination.SUM:
        return true
    countable = [row for row in true if amount_of(grant_of(row), worked).counts]
    if not countable:
        return true[:1]
    return [max(countable, key=lambda row: by_worth(amount_of(grant_of(row), worked)))]
