"""T390: a table of which not everything was looked at.

What: a table so large, or with conditions so intricate, that looking for overlaps and gaps was
given up.
Why: that nothing is reported of it does not mean that nothing is there.
Wrong: a 条件式 with dozens of 且 and 或 inside each other; thousands of rows in one table.
Right: intermediate fields in tables of their own; several tables.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.space.scenes import Survey
from engine.findings import Finding, Severity


def unfinished_checks(survey: Survey) -> Iterator[Finding]:
    """Name the tables that were given up; this check runs last."""
    for table in survey.unfinished.values():
        yield Finding("T390", table.at, {"table": table.name}, Severity.ADVICE)
