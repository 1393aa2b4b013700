"""What a same-kind group reckons with beside its members: its joint cap, and what was received.

Both are whole fen: a cap is rounded as the policy rounds, like every amount; an earlier award,
which has been paid, to the fen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from engine.model import ReceivedTreatment, Rule, StackingGroup, StackingMode
from engine.possible import field_limits, limits
from engine.tables import State
from engine.values import (
    INFINITY,
    Bound,
    Number,
    Range,
    Rounding,
    Value,
    high_of,
    low_of,
    round_bound,
)
from engine.worked import (
    Worked,
    conflicts_behind,
    is_open,
    missing_for_field,
    missing_inputs,
    nodes_behind,
)


@dataclass(frozen=True, slots=True)
class Term:
    """A sum from ``low`` to ``high`` fen. When it is open, ``missing`` and ``conflicts`` say why.

    An open sum matters to a measure that it sways between ``least`` and ``most``: its limits where
    they are known, otherwise nothing and no end.
    """

    low: Bound
    high: Bound
    least: Bound
    most: Bound
    missing: tuple[str, ...] = ()
    conflicts: tuple[Rule, ...] = ()

    @property
    def open(self) -> bool:
        """Whether the sum is not known."""
        return self.least != self.most


NO_CAP = Term(INFINITY, INFINITY, INFINITY, INFINITY)
NOTHING_RECEIVED = Term(0, 0, 0, 0)


def cap_of(group: StackingGroup, worked: Worked) -> Term:
    """The joint cap of a group (合计封顶); endless where it has none."""
    if group.cap is None or group.mode is not StackingMode.JOINT_CAP:
        return NO_CAP
    value, rounding = worked.value(group.cap), worked.program.policy.rounding
    if not is_open(value):
        return _known(cast(Number, value), rounding)
    return _open(
        value,
        limits(group.cap, worked),
        rounding,
        missing_inputs([group.cap], worked),
        conflicts_behind([group.cap], worked),
    )


def received_of(group: StackingGroup, beneficiary: str, worked: Worked) -> Term:
    """What one of the beneficiaries of a group received before (已享受指标)."""
    name = group.received_field
    if name is None or treatment_of(group) is None or not _concerned(group, beneficiary, worked):
        return NOTHING_RECEIVED
    value = worked.situation.facts.get(name)
    rounding = Rounding(1, worked.program.policy.rounding.mode)
    if not is_open(value):
        return _known(cast(Number, value), rounding)
    return _open(
        value,
        field_limits(name, worked),
        rounding,
        missing_for_field(name, worked),
        _conflicts_behind_field(name, worked),
    )


def treatment_of(group: StackingGroup) -> ReceivedTreatment | None:
    """What an earlier award does to a group; None when it plays no part."""
    if group.received_field is None:
        return None
    if group.received_treatment is not None:
        return group.received_treatment
    return ReceivedTreatment.TOP_UP if group.mode is StackingMode.TOP_UP else None


def _concerned(group: StackingGroup, beneficiary: str, worked: Worked) -> bool:
    """Whether an earlier award is one of this beneficiary's.

    It is that of the beneficiary that its field's 主体 names, if this is one of the group's.
    """
    subject = worked.program.fields[cast(str, group.received_field)].subject
    everyone = {member.beneficiary for member in worked.program.members[group.name]}
    return group.across_beneficiaries or subject == beneficiary or subject not in everyone


def _known(value: Number, rounding: Rounding) -> Term:
    exact = max(0, round_bound(value, rounding))
    return Term(exact, exact, exact, exact)


def _open(
    value: Value | None,
    possible: Number | Range,
    rounding: Rounding,
    missing: Iterable[str],
    conflicts: tuple[Rule, ...],
) -> Term:
    within = value if isinstance(value, Range) else possible
    low, high = (max(0, round_bound(end, rounding)) for end in (low_of(within), high_of(within)))
    bounded = isinstance(value, Range) and not conflicts
    least, most = (low, high) if bounded else (0, INFINITY)
    return Term(low, high, least, most, tuple(missing), conflicts)


def _conflicts_behind_field(name: str, worked: Worked) -> tuple[Rule, ...]:
    result = worked.deriving.get(name)
    if result is None:
        return ()
    if result.state is State.CONFLICT:
        return tuple(row.rule for row in result.standing)
    return conflicts_behind(nodes_behind(name, result), worked)
