"""T339: a 同类组 with one member, which therefore does nothing.

What: one 支持项 alone names the group, and the group has neither 封顶 nor 已享受指标.
Why: members of a group compete with each other. Several rows of one 支持项 do not: among them
同项多行 and 例外于 decide.
Wrong: three rows of 支持项 M1 for 国家级, 省级 and 晋升, all with a 同类组 就高, which was
meant to choose among the three.
Right: 取高 in 同项多行, or 例外于; or the 同类组 of the other 支持项 that must not be had as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.space.scenes import Survey
from engine.findings import Finding, Severity


def lonely_groups(survey: Survey) -> Iterator[Finding]:
    """Name the groups that have one member and do nothing with it."""
    policy = survey.policy
    for group in policy.groups:
        members = [each.id for each in policy.measures if each.group == group.name]
        if len(members) == 1 and group.cap is None and group.received_field is None:
            params = {"group": group.name, "measure": members[0]}
            yield Finding("T339", group.at, params, Severity.ADVICE)
