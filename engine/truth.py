"""Three-valued logic: yes, no and unknown (S. C. Kleene, Introduction to Metamathematics, §64).

A truth is True, False or None. None is *unknown*, and never stands for no.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Truth: TypeAlias = bool | None

YES: Truth = True
NO: Truth = False
UNKNOWN: Truth = None


def every(truths: Iterable[Truth]) -> Truth:
    """Kleene conjunction: no if any is no, else unknown if any is unknown, else yes."""
    result: Truth = YES
    for truth in truths:
        if truth is NO:
            return NO
        if truth is UNKNOWN:
            result = UNKNOWN
    return result


def some(truths: Iterable[Truth]) -> Truth:
    """Kleene disjunction: yes if any is yes, else unknown if any is unknown, else no."""
    result: Truth = NO
    for truth in truths:
        if truth is YES:
            return YES
        if truth is UNKNOWN:
            result = UNKNOWN
    return result


def inverse(truth: Truth) -> Truth:
    """Kleene negation: unknown stays unknown."""
    return UNKNOWN if truth is UNKNOWN else not truth


def at_least(count: int, truths: Iterable[Truth]) -> Truth:
    """Say whether at least ``count`` of the truths are yes."""
    yes = unknown = 0
    for truth in truths:
        yes += truth is YES
        unknown += truth is UNKNOWN
    if yes >= count:
        return YES
    return UNKNOWN if yes + unknown >= count else NO
