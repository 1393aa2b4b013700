"""Same-kind groups and totals: 就高不重复, exclusion, joint caps, and what was received before.

Works on measures that have a verdict of their own (``engine.verdicts``). A group whose cap or
earlier award is not known is settled at its least and at its most: what comes to the same is sure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
    Conflict,
    Displaced,
    Granted,
    NotApplicable,
    NothingLeft,
    Referred,
    Settlement,
    Total,
    Undecided,
    Undetermined,
    Verdict,
)
from engine.terms import Term, cap_of, received_of, treatment_of
from engine.values import INFINITY, Bound, Number, Rounding, plus, round_bound, total
from engine.worked import Worked

Verdicts: TypeAlias = Mapping[str, Verdict]
Settled: TypeAlias = Granted | Displaced | Undecided
"""What a group makes of a granted measure when nothing is missing."""

NOTHING = NotApplicable(Absence.RULES_NOT_IN_FORCE)
NO_MONEY = Total(0, 0, 0, 0, 0)
_OPEN = (Undetermined, Referred, Undecided)
_HOPEFUL = (Undetermined, Referred, Granted)


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

    ``hopeful`` takes a joint cap that is not known at its most, an earlier award at its least.
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
    beneficiary = competitors[0].measure.beneficiary
    cap, received = cap_of(group, worked), received_of(group, beneficiary, worked)

    def at(cap: Bound, received: Bound) -> dict[str, Settled]:
        return _settled(group, competitors, cap, received, worked.program.policy.rounding)

    best = at(cap.high, received.low)
    changed: dict[str, Verdict] = {**best}
    if cap.open or received.open:
        worst = at(cap.low, received.high)
        swayed = (
            (cap, at(cap.least, received.low), at(cap.most, received.low)),
            (received, at(cap.high, received.least), at(cap.high, received.most)),
        )
        changed = {
            name: _reconciled(
                worst[name],
                best[name],
                [term for term, one, other in swayed if _ends(one[name]) != _ends(other[name])],
                hopeful,
            )
            for name in best
        }
    counts = treatment_of(group) is not None and not received.open
    return changed, Settlement(
        group,
        tuple((each.measure.id, each.amount) for each in competitors),
        tuple(each.measure.id for each in competitors if not _is_out(changed[each.measure.id])),
        cast(Number, received.low) if counts else None,
    )


def _ends(verdict: Settled) -> tuple[Bound, Bound]:
    """What a group leaves of a measure."""
    if isinstance(verdict, Displaced):
        return 0, 0
    return low_end(verdict.amount), high_end(verdict.amount)


def _reconciled(worst: Settled, best: Settled, swaying: list[Term], hopeful: bool) -> Verdict:
    """The verdict on a measure that may come out between two, and what sways it."""
    if not swaying:
        return best
    amount = between(_ends(worst)[0], _ends(best)[1], best.amount.certainty)
    if isinstance(best, Undecided):
        return replace(best, amount=amount)
    conflicts = {rule.id: rule for term in swaying for rule in term.conflicts}
    if conflicts:
        return Conflict(tuple(conflicts.values()))
    if hopeful:
        return best
    return Undetermined(
        tuple(dict.fromkeys(field for term in swaying for field in term.missing)), amount
    )


def _is_out(verdict: Verdict) -> bool:
    return isinstance(verdict, Displaced | Undecided)


def _settled(
    group: StackingGroup,
    competitors: list[Competitor],
    cap: Bound,
    received: Bound,
    rounding: Rounding,
) -> dict[str, Settled]:
    """The verdicts on the members under a certain cap and after a certain earlier award."""
    treatment = treatment_of(group)
    if received > 0 and treatment is ReceivedTreatment.NO_MORE:
        return {
            each.measure.id: Displaced(NothingLeft.EARLIER_AWARD, each.amount)
            for each in competitors
        }
    verdicts: dict[str, Settled] = {each.measure.id: each.verdict for each in competitors}
    verdicts |= _by_mode(group, competitors, cap)
    if received > 0 and treatment is ReceivedTreatment.TOP_UP:
        return _deducted(verdicts, received, rounding)
    return verdicts


def _by_mode(group: StackingGroup, competitors: list[Competitor], cap: Bound) -> dict[str, Settled]:
    match group.mode:
        case StackingMode.ADDITIVE:
            return {}
        case StackingMode.EXCLUSIVE:
            return _displace_others(competitors[0], competitors)
        case StackingMode.JOINT_CAP:
            return _joint_cap(competitors, cap)
        case StackingMode.HIGHEST | StackingMode.TOP_UP:
            if group.comparison is AmountComparison.STRICT:
                return _highest_strictly(competitors)
            best = max(competitors, key=lambda each: by_ceiling(each.amount))
            return _displace_others(best, competitors)
        case _:
            assert_never(group.mode)


def _displace_others(best: Competitor, competitors: list[Competitor]) -> dict[str, Settled]:
    return {
        each.measure.id: Displaced(best.measure.id, each.amount)
        for each in competitors
        if each is not best
    }


def _highest_strictly(competitors: list[Competitor]) -> dict[str, Settled]:
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
    changed: dict[str, Settled] = {
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


def _joint_cap(competitors: list[Competitor], cap: Bound) -> dict[str, Settled]:
    """Cut each member, in order, to what the ones before it leave of the cap."""
    if cap == INFINITY:
        return {}
    changed: dict[str, Settled] = {}
    low_left = high_left = cap
    used_up_by: str | NothingLeft = NothingLeft.JOINT_CAP
    for each in competitors:
        high = min(high_end(each.amount), high_left)
        low = min(low_end(each.amount), low_left, high)
        if high == 0 and high_end(each.amount) > 0:
            changed[each.measure.id] = Displaced(used_up_by, each.amount)
            continue
        amount = between(low, high, each.amount.certainty)
        changed[each.measure.id] = replace(each.verdict, amount=amount)
        if 0 < high == high_left:
            used_up_by = each.measure.id
        low_left, high_left = low_left - low, high_left - high
    return changed


def _deducted(
    verdicts: Mapping[str, Settled], received: Bound, rounding: Rounding
) -> dict[str, Settled]:
    """Take an earlier award off the standing members in order, each end by itself.

    It is also off what an undecided group may come to.
    """
    result = dict(verdicts)
    low_left = high_left = received
    for name, verdict in verdicts.items():
        if isinstance(verdict, Displaced):
            continue
        low, high = low_end(verdict.amount), high_end(verdict.amount)
        rest = between(
            round_bound(_rest(low, low_left), rounding),
            round_bound(_rest(high, high_left), rounding),
            verdict.amount.certainty,
        )
        result[name] = replace(verdict, amount=rest)
        if isinstance(verdict, Granted):
            low_left, high_left = _rest(low_left, low), _rest(high_left, high)
    return result


def _rest(amount: Bound, taken: Bound) -> Bound:
    return 0 if taken >= amount else amount - taken


# --- totals ---------------------------------------------------------------------------------------


def totals(
    measures: Sequence[Measure], verdicts: Verdicts, best: Verdicts, kept: Mapping[str, Bound]
) -> tuple[dict[str, Total], Total]:
    """Add up what is granted, for each beneficiary and over all.

    ``best`` are the verdicts of ``at_best``, or the given ones themselves when nothing may rise;
    ``kept`` is what ``surely_kept`` says.
    """
    granted: dict[str, list[Amount]] = {}
    certain: dict[str, list[Bound]] = {}
    hoped: dict[str, list[Amount]] = {}
    for measure in measures:
        amounts = granted.setdefault(measure.beneficiary, [])
        verdict = verdicts[measure.id]
        if isinstance(verdict, Granted):
            amounts.append(verdict.amount)
            if verdict.amount.certainty is Certainty.DEFINITE:
                sure = certain.setdefault(measure.beneficiary, [])
                sure.append(kept.get(measure.id, low_end(verdict.amount)))
        if best is not verdicts and isinstance(hope := best[measure.id], Granted):
            hoped.setdefault(measure.beneficiary, []).append(hope.amount)
    if best is verdicts:
        hoped = granted
    of_each = {
        beneficiary: _total(amounts, certain.get(beneficiary, []), hoped.get(beneficiary, []))
        for beneficiary, amounts in granted.items()
    }
    everything = (list(chain(*each.values())) for each in (granted, certain, hoped))
    return of_each, _total(*everything)


def _total(granted: list[Amount], certain: list[Bound], hoped: list[Amount]) -> Total:
    if not granted and not hoped:
        return NO_MONEY
    counted = [amount for amount in granted if amount.counts]
    low, high = total(map(low_end, counted)), total(map(high_end, counted))
    return Total(
        low,
        high,
        total(certain),
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


def at_best(alone: Verdicts, worked: Worked, without: Collection[str] = ()) -> dict[str, Verdict]:
    """The verdicts, groups applied, if all that is open came out at its upper end.

    ``alone`` are the verdicts before groups. The measures named in ``without`` come to nothing.
    """
    hoped = {
        name: NOTHING if name in without else _at_best(verdict) for name, verdict in alone.items()
    }
    return settle(hoped, worked, hopeful=True)[0]


def surely_kept(alone: Verdicts, verdicts: Verdicts, worked: Worked) -> dict[str, Bound]:
    """What stays of granted members of groups whatever becomes of the open members beside them.

    ``alone`` are the verdicts before groups.
    """
    members = worked.program.members.values()
    grouped = {measure.id for group in members for measure in group}
    if not any(isinstance(alone[name], Undetermined | Referred) for name in grouped):
        return {}
    crowded = settle(
        {
            name: _at_best(verdict) if isinstance(verdict, Undetermined | Referred) else verdict
            for name, verdict in alone.items()
        },
        worked,
    )[0]
    return {
        name: min(_ends(verdict)[0], _kept(crowded[name]))
        for name in grouped
        if isinstance(verdict := verdicts[name], Granted) and verdict.amount.counts
    }


def beside(rival: Measure, measure: Measure, alone: Verdicts, worked: Worked) -> Verdict:
    """The verdict on a granted measure if an open one of its group came out at its upper end."""
    hoped = {**alone, rival.id: _at_best(alone[rival.id])}
    return settle(hoped, worked)[0][measure.id]


def _kept(verdict: Verdict) -> Bound:
    return low_end(verdict.amount) if isinstance(verdict, Granted | Undetermined) else 0


def upper_total(measures: Sequence[Measure], verdicts: Verdicts) -> Bound:
    """The sum of the upper ends of what is granted."""
    return total(
        high_end(verdict.amount)
        for measure in measures
        if isinstance(verdict := verdicts[measure.id], Granted)
    )


def _at_best(verdict: Verdict) -> Verdict:
    if not isinstance(verdict, _HOPEFUL):
        return verdict
    amount = verdict.amount
    if not amount.counts:
        return Granted((), amount)
    return Granted((), Amount(amount.high, amount.high, Certainty.DEFINITE))
