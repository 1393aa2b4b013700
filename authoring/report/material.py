"""What the reports tell beside the narrative: the facts that were given, the papers to hand in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from authoring.report.words import say
from authoring.shelves import shelf_of
from engine.model import Field, Source
from engine.narrative import MeasureNarrative, Narrative
from engine.outcome import Outcome
from engine.phrase import phrase_value
from engine.values import Value

PROVABLE = ("granted", "displaced", "undecided", "undetermined", "referred")
"""The shelves of measures for which papers have to be handed in, now or after all."""


@dataclass(frozen=True, slots=True)
class FactLine:
    """A known fact: as it is told, and as a value; ``given`` by the case, else worked out."""

    field: Field
    text: str
    value: Value
    source: str
    given: bool


def facts_of(outcome: Outcome) -> Iterator[FactLine]:
    """The facts of a case in the order of the policy, those given and those worked out."""
    for field in outcome.policy.fields:
        value = outcome.case.facts.get(field.name)
        if value is not None:
            yield FactLine(field, _told(value, field), value, _source(field), given=True)
            continue
        derived = outcome.derived.get(field.name)
        if derived is not None:
            told = _told(derived, field)
            yield FactLine(field, told, derived, say("source.derived"), given=False)


def _told(value: Value, field: Field) -> str:
    return phrase_value(value, field.type, field.unit)


def _source(field: Field) -> str:
    match field.source:
        case Source.JUDGED:
            return say("source.judged")
        case Source.DERIVED_OR_REPORTED:
            return say("source.by_hand")
        case _:
            return say("source.reported")


def papers_of(narrative: Narrative) -> dict[str, list[MeasureNarrative]]:
    """The papers to hand in, each with the measures that it is for."""
    papers: dict[str, list[MeasureNarrative]] = {}
    for measure in narrative.measures:
        if shelf_of(measure) in PROVABLE:
            for paper in measure.evidence:
                papers.setdefault(paper, []).append(measure)
    return papers


def joined(texts: Iterable[str]) -> str:
    """Texts as a list in a sentence."""
    return say("and").join(texts)


def named(measures: Iterable[MeasureNarrative]) -> str:
    """Measures with number and name; names hold the mark that separates numbers."""
    return say("named_and").join(f"{each.id} {each.name}" for each in measures)
