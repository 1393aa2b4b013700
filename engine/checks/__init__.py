"""What is wrong with a policy as a whole. One file for each check; ``CHECKS`` names them all.

A check is a function from a policy to findings. To add one, write its file, add it here, give its
code words in the message file, and a specification.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from engine.checks.circular_tables import circular_tables
from engine.findings import Finding
from engine.model import Policy

CHECKS: tuple[Callable[[Policy], tuple[Finding, ...]], ...] = (circular_tables,)


def check(policy: Policy) -> tuple[Finding, ...]:
    """Run every check."""
    return tuple(chain.from_iterable(each(policy) for each in CHECKS))
