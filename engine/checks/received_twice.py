"""T335: an earlier award that is taken off twice.

What: a row of a 补差 group deducts (补足至, 年度上限, 累计上限) the field that holds what the group
itself takes off.
Why: both deduct, each by itself, and the project loses the same award twice. The contract is that
each does what its cell says, so that it may be meant; mostly it is not.
Wrong: a group 补差 with 已享受指标 往年奖励, and a member 补足至100万元（已享受 往年奖励）.
Right: the amount without 补足至, or the group 就高.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.space.scenes import Survey
from engine.dependencies import fields_read
from engine.expressions import Expression
from engine.findings import Finding, Severity
from engine.model import Grant, ReceivedTreatment, StackingGroup, StackingMode, TopUp


def received_twice(survey: Survey) -> Iterator[Finding]:
    """Name the rows that take off what their group takes off as well."""
    policy = survey.policy
    deducting = {group.name: group for group in policy.groups if _takes_off(group)}
    groups = {each.id: deducting.get(each.group or "") for each in policy.measures}
    for grant in (rule.grant for table in policy.tables for rule in table.rules if rule.grant):
        group = groups[grant.measure]
        for received in () if group is None else _received(grant):
            if group is not None and group.received_field in fields_read(received):
                params = {
                    "measure": grant.measure,
                    "field": group.received_field,
                    "group": group.name,
                }
                at = received.at or grant.at
                yield Finding("T335", at, params, Severity.WARNING)


def _takes_off(group: StackingGroup) -> bool:
    return group.mode is StackingMode.TOP_UP or group.received_treatment is ReceivedTreatment.TOP_UP


def _received(grant: Grant) -> Iterator[Expression]:
    if isinstance(grant.benefit, TopUp):
        yield grant.benefit.received
    yield from (allowance.received for allowance in grant.allowances)
