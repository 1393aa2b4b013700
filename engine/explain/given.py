"""The facts that a case gives, in the order of the policy."""

from __future__ import annotations

from collections.abc import Iterator

from engine.explain.wording import describe_value
from engine.model import Source
from engine.narrative import GivenLine
from engine.outcome import Outcome
from engine.words import word


def given_lines(outcome: Outcome) -> Iterator[GivenLine]:
    """What was given, and where it stands in for the policy or for an authority, by whom."""
    for field in outcome.policy.fields:
        value = outcome.case.facts.get(field.name)
        if value is not None:
            told = describe_value(value, field.type, field.unit)
            yield GivenLine(field.name, told, _source(field.source))


def _source(source: Source) -> str:
    match source:
        case Source.JUDGED:
            return word("given.judged")
        case Source.DERIVED_OR_REPORTED:
            return word("given.by_hand")
        case _:
            return ""
