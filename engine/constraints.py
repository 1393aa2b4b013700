"""业务约束: what is true of every real case. A case that breaks one has been entered wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from engine.cases import Case
from engine.evaluate import Situation, condition, glossary_of
from engine.model import BusinessConstraint, Policy
from engine.truth import NO

Watch: TypeAlias = Callable[[Case], tuple[BusinessConstraint, ...]]
"""Which constraints of one policy the facts of a case contradict."""


def violated(policy: Policy, case: Case) -> tuple[BusinessConstraint, ...]:
    """The constraints that the given facts contradict; a missing fact contradicts nothing."""
    return watch(policy)(case)


def watch(policy: Policy) -> Watch:
    """The same for many cases of one policy."""
    glossary = glossary_of(policy.code_lists, {field.name: field.type for field in policy.fields})
    holds = [(each, condition(each.condition, glossary)) for each in policy.constraints]

    def broken(case: Case) -> tuple[BusinessConstraint, ...]:
        situation = Situation(dict(case.facts), case.facts, case.date)
        return tuple(each for each, of in holds if of(situation) is NO)

    return broken
