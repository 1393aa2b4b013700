"""What is wrong with a policy as a whole. One file for each check; ``CHECKS`` names them all.

A check is a function from a survey (the policy, and its tables as ``space`` sees them) to findings.
To add one, write its file, add it here, give its codes words in the message file, and a
specification; ``docs/make_findings.py`` renews the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from engine.checks.caps_of_each_row import caps_of_each_row
from engine.checks.circular_tables import circular_tables
from engine.checks.contradictory_rows import contradictory_rows
from engine.checks.disagreeing_rows import disagreeing_rows
from engine.checks.duplicate_rows import duplicate_rows
from engine.checks.gaps_between_tiers import gaps_between_tiers
from engine.checks.impossible_conditions import impossible_conditions
from engine.checks.lonely_groups import lonely_groups
from engine.checks.overlapping_rows import overlapping_rows
from engine.checks.parts_without_brackets import parts_without_brackets
from engine.checks.provisions_without_rules import provisions_without_rules
from engine.checks.received_twice import received_twice
from engine.checks.rows_never_in_force import rows_never_in_force
from engine.checks.shadowed_rows import shadowed_rows
from engine.checks.shared_boundaries import shared_boundaries
from engine.checks.silently_highest import silently_highest
from engine.checks.space.scenes import Survey
from engine.checks.uncovered_cases import uncovered_cases
from engine.checks.unfinished_checks import unfinished_checks
from engine.checks.unmentioned_codes import unmentioned_codes
from engine.checks.unused_fields import unused_fields
from engine.checks.uplifts_in_points import uplifts_in_points
from engine.collector import uncollected
from engine.findings import Finding
from engine.model import Policy

CHECKS: tuple[Callable[[Survey], Iterable[Finding]], ...] = (
    circular_tables,
    rows_never_in_force,
    impossible_conditions,
    contradictory_rows,
    overlapping_rows,
    disagreeing_rows,
    shadowed_rows,
    duplicate_rows,
    silently_highest,
    parts_without_brackets,
    uplifts_in_points,
    caps_of_each_row,
    uncovered_cases,
    gaps_between_tiers,
    shared_boundaries,
    unused_fields,
    unmentioned_codes,
    provisions_without_rules,
    received_twice,
    lonely_groups,
    unfinished_checks,
)


@uncollected()
def check(policy: Policy) -> tuple[Finding, ...]:
    """Run every check."""
    survey = Survey(policy)
    return tuple(chain.from_iterable(each(survey) for each in CHECKS))
