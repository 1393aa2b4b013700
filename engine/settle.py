"""Same-kind groups and totals: 就高不重复, exclusion, joint caps, and what was received before.

Works on measures that have a verdict of their own (``engine.verdicts``).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeAlias, assert_never, cast

from engine.amounts import between, by_ceiling, high_end, low_end
from engine.model import (
    AmountComparison,
    Measure,
    ReceivedTreatment,
    StackingGroup,
    StackingMode,
)
from engine.outcome import (
    Absence,
    Amount,
    Certainty,
    Displaced,
    Granted,
    NotApplicable,
    Referred,
    Settlement,
    Total,
    Undecided,
    Undetermined,
    Verdict,
)
from engine.values import Bound, Number, Value, plus, total
from engine.worked import Worked, is_open, missing_for_field, missing_inputs

Verdicts: TypeAlias = Mapping[str, Verdict]

NOTHING = NotApplicable(Absence.RULES_NOT_IN_FORCE)
NO_MONEY = Total(0, 0, 0, 0, 0)
_OPEN = (Undetermined, Referred, Undecided)


@dataclass(frozen=True, slots=True)
class Competitor:
    """A granted measure of a group, with the amount it brings."""

    measure: Measure
    verdict: Granted

    @property
    def amount(self) -> Amount:
        """What it would be worth alone."""
        return self.verdict.amount


def settle(
    verdicts: Verdicts, worked: Worked, *, hopeful: bool = False
) -> tuple[dict[str, Verdict], tuple[Settlement, ...]]:
    """Apply every group, and say how each was settled.

    ``hopeful`` takes an earlier award that is not known as none.
    """
    settled = dict(verdicts)
    settlements: list[Settlement] = []
    for group in worked.program.policy.groups:
        for competitors in _contests(group, verdicts, worked):
            changed, settlement = _settle_group(group, competitors, worked, hopeful)
            settled.update(changed)
            settlements.append(settlement)
    return settled, tuple(settlements)


def _contests(group: StackingGroup, verdicts: Verdicts, worked: Worked) -> list[list[Competitor]]:
    """The granted, countable members, in the stated order; one list for each scope."""
    contests: dict[str, list[Competitor]] = {}
    for measure in worked.program.members[group.name]:
        verdict = verdicts[measure.id]
        if isinstance(verdict, Granted) and verdict.amount.counts:
            scope = "" if group.across_beneficiaries else measure.beneficiary
            contests.setdefault(scope, []).append(Competitor(measure, verdict))
    return list(contests.values())


def _settle_group(
    group: StackingGroup, competitors: list[Competitor], worked: Worked, hopeful: bool
) -> tuple[dict[str, Verdict], Settlement]:
    changed = _by_mode(group, competitors, worked)
    standing = [each for each in competitors if not _is_out(changed.get(each.measure.id))]
    received: Number | None = None
    if group.received_field is not None and _deducts(group) is not None:
        received = _point(worked.situation.facts.get(group.received_field))
        if received is None and hopeful:
            received = 0
        if received and received > 0 and _deducts(group) is ReceivedTreatment.NO_MORE:
            changed = {each.measure.id: Displaced(None, each.amount) for each in competitors}
        else:
            changed = changed | _after_received(group, standing, changed, received, worked)
    return changed, Settlement(
        group,
        tuple((each.measure.id, each.amount) for each in competitors),
        tuple(each.measure.id for each in competitors if not _is_out(changed.get(each.measure.id))),
        received,
    )


def _is_out(verdict: Verdict | None) -> bool:
    return isinstance(verdict, Displaced | Undecided)


def _by_mode(
    group: StackingGroup, competitors: list[Competitor], worked: Worked
) -> dict[str, Verdict]:
    match group.mode:
        case StackingMode.ADDITIVE:
            return {}
        case StackingMode.EXCLUSIVE:
            return _displace_others(competitors[0], competitors)
        case StackingMode.JOINT_CAP:
            return _joint_cap(group, competitors, worked)
        case StackingMode.HIGHEST | StackingMode.TOP_UP:
            if group.comparison is AmountComparison.STRICT:
                return _highest_strictly(competitors)
            best = max(competitors, key=lambda each: by_ceiling(each.amount))
            return _displace_others(best, competitors)
        case _:
            assert_never(group.mode)


def _displace_others(best: Competitor, competitors: list[Competitor]) -> dict[str, Verdict]:
    return {
        each.measure.id: Displaced(best.measure.id, each.amount)
        for each in competitors
        if each is not best
    }


def _highest_strictly(competitors: list[Competitor]) -> dict[str, Verdict]:
    """A displaces B when A's lower end is at least B's upper end; else nobody can say."""

    def beats(one: int, other: int) -> bool:
        a, b = competitors[one].amount, competitors[other].amount
        if low_end(a) >= high_end(b):
            return not (low_end(b) >= high_end(a)) or one < other
        return False

    everyone = range(len(competitors))
    beaten_by = {
        other: next((one for one in everyone if one != other and beats(one, other)), None)
        for other in everyone
    }
    left = [each for index, each in enumerate(competitors) if beaten_by[index] is None]
    if len(left) == 1:
        return _displace_others(left[0], competitors)
    changed: dict[str, Verdict] = {
        competitors[other].measure.id: Displaced(
            competitors[one].measure.id, competitors[other].amount
        )
        for other, one in beaten_by.items()
        if one is not None
    }
    names = tuple(each.measure.id for each in left)
    amount = Amount(
        max(low_end(each.amount) for each in left),
        max(high_end(each.amount) for each in left),
        Certainty.INTERVAL,
    )
    changed.update((name, Undecided(names, amount)) for name in names)
    return changed


def _joint_cap(
    group: StackingGroup, competitors: list[Competitor], worked: Worked
) -> dict[str, Verdict]:
    if group.cap is None:
        return {}
    cap = _point(worked.value(group.cap))
    if cap is None:
        missing = tuple(missing_inputs([group.cap], worked))
        return {
            each.measure.id: Undetermined(missing, _down_to_zero(each.amount))
            for each in competitors
        }
    changed: dict[str, Verdict] = {}
    low_left: Bound = cap
    high_left: Bound = cap
    used_up_by: str | None = None
    for each in competitors:
        high = min(high_end(each.amount), max(0, high_left))
        low = min(low_end(each.amount), max(0, low_left), high)
        if high == 0 and high_end(each.amount) > 0:
            changed[each.measure.id] = Displaced(used_up_by, each.amount)
            continue
        if (low, high) != (each.amount.low, each.amount.high):
            changed[each.measure.id] = replace(
                each.verdict, amount=replace(each.amount, low=low, high=high)
            )
        low_left, high_left = low_left - low, high_left - high
        if high_left <= 0 and used_up_by is None:
            used_up_by = each.measure.id
    return changed


def _point(value: Value | None) -> Number | None:
    """A number that is known; None for one that is missing or known only by its limits."""
    return None if is_open(value) else cast(Number, value)


def _deducts(group: StackingGroup) -> ReceivedTreatment | None:
    if group.received_treatment is not None:
        return group.received_treatment
    return ReceivedTreatment.TOP_UP if group.mode is StackingMode.TOP_UP else None


def _after_received(
    group: StackingGroup,
    standing: list[Competitor],
    changed: Mapping[str, Verdict],
    received: Number | None,
    worked: Worked,
) -> dict[str, Verdict]:
    """Take earlier awards into account: 补差 deducts them, 不再享受 ends the entitlement."""
    result: dict[str, Verdict] = {}
    treatment = _deducts(group)
    low_left: Bound = 0 if received is None else received
    high_left = low_left
    for each in standing:
        verdict = changed.get(each.measure.id, each.verdict)
        if not isinstance(verdict, Granted):
            continue
        if received is None:
            missing = tuple(missing_for_field(cast(str, group.received_field), worked))
            result[each.measure.id] = Undetermined(missing, _down_to_zero(verdict.amount))
        elif treatment is ReceivedTreatment.TOP_UP and low_left > 0:
            low, high = low_end(verdict.amount), high_end(verdict.amount)
            reduced = between(
                max(0, low - low_left), max(0, high - high_left), verdict.amount.certainty
            )
            result[each.measure.id] = replace(verdict, amount=reduced)
            low_left, high_left = max(0, low_left - low), max(0, high_left - high)
    return result


def _down_to_zero(amount: Amount) -> Amount:
    return between(0, high_end(amount), amount.certainty)


# --- totals ---------------------------------------------------------------------------------------


def totals(
    measures: Sequence[Measure], verdicts: Verdicts, best: Verdicts
) -> tuple[dict[str, Total], Total]:
    """Add up what is granted, for each beneficiary and over all.

    ``best`` are the verdicts of ``at_best``, or the given ones themselves when nothing may rise.
    """
    granted: dict[str, list[Amount]] = {}
    hoped: dict[str, list[Amount]] = {}
    for measure in measures:
        amounts = granted.setdefault(measure.beneficiary, [])
        verdict = verdicts[measure.id]
        if isinstance(verdict, Granted):
            amounts.append(verdict.amount)
        if best is not verdicts and isinstance(hope := best[measure.id], Granted):
            hoped.setdefault(measure.beneficiary, []).append(hope.amount)
    if best is verdicts:
        hoped = granted
    of_each = {
        beneficiary: _total(amounts, hoped.get(beneficiary, []))
        for beneficiary, amounts in granted.items()
    }
    return of_each, _total(list(chain(*granted.values())), list(chain(*hoped.values())))


def _total(granted: list[Amount], hoped: list[Amount]) -> Total:
    if not granted and not hoped:
        return NO_MONEY
    counted = [amount for amount in granted if amount.counts]
    low, high = total(map(low_end, counted)), total(map(high_end, counted))
    certain = [each for each in counted if each.certainty is Certainty.DEFINITE]
    return Total(
        low,
        high,
        total(map(low_end, certain)),
        len(granted) - len(counted),
        max(0, plus(total(map(high_end, hoped)), -high)),
    )


def may_rise(alone: Verdicts, verdicts: Verdicts, settlements: Iterable[Settlement]) -> bool:
    """Whether the verdicts of ``at_best`` may differ in worth from those that were given.

    They do not when nothing is open and the amounts that compete are exact.
    """
    return (
        any(isinstance(each, _OPEN) for each in alone.values())
        or any(isinstance(each, _OPEN) for each in verdicts.values())
        or any(
            amount.low != amount.high
            for settlement in settlements
            for _, amount in settlement.competitors
        )
    )


def at_best(alone: Verdicts, worked: Worked, without: Container[str] = ()) -> dict[str, Verdict]:
    """The verdicts, groups applied, if all that is open came out at its upper end.

    ``alone`` are the verdicts before groups. The measures named in ``without`` come to nothing.
    """
    hoped: dict[str, Verdict] = {
        name: NOTHING if name in without else _at_best(verdict) for name, verdict in alone.items()
    }
    return settle(hoped, worked, hopeful=True)[0]


def upper_total(measures: Sequence[Measure], verdicts: Verdicts) -> Bound:
    """The sum of the upper ends of what is granted."""
    return total(
        high_end(verdict.amount)
        for measure in measures
        if isinstance(verdict := verdicts[measure.id], Granted)
    )


def _at_best(verdict: Verdict) -> Verdict:
    match verdict:
        case Undetermined(amount=amount) | Referred(amount=amount) | Granted(amount=amount):
            if not amount.counts:
                return Granted((), amount)
            return Granted((), Amount(amount.high, amount.high, Certainty.DEFINITE))
        case _:
            return verdict
