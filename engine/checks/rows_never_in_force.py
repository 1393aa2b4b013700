"""T324: a row that is in force only when the policy is not.

What: the 失效 of a row lies before the policy begins, or its 生效 after the policy ends.
Why: the row never takes part.
Wrong: 失效 2022-12-31 in a policy in force from 2023-01-01.
Right: the dates corrected, or the row deleted.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.space.scenes import Survey
from engine.findings import Finding, Severity


def rows_never_in_force(survey: Survey) -> Iterator[Finding]:
    """Name the rows whose time does not meet that of the policy."""
    policy = survey.policy
    for table in policy.tables:
        for rule in table.rules:
            too_early = rule.expires is not None and rule.expires < policy.effective
            too_late = (
                rule.effective is not None
                and policy.expires is not None
                and rule.effective > policy.expires
            )
            if too_early or too_late:
                params = {
                    "rule": rule.id,
                    "since": policy.effective,
                    "until": policy.expires or "—",
                }
                yield Finding("T324", rule.at, params, Severity.WARNING)
