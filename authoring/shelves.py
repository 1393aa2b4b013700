"""Where a measure is shown: by its verdict, the ones that need attention before the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from engine.narrative import MeasureNarrative

SHELVES = (
    "granted",
    "displaced",
    "undecided",
    "near",
    "undetermined",
    "referred",
    "conflict",
    "refused",
    "not_applicable",
)
"""The order in which measures are shown; ``near``: refused, but a repair would turn them."""


def shelf_of(measure: MeasureNarrative) -> str:
    """Say on which of the ``SHELVES`` a measure is shown."""
    return "near" if measure.verdict == "refused" and measure.near_miss else measure.verdict


def rarest_reason_first(measures: Iterable[MeasureNarrative]) -> list[MeasureNarrative]:
    """Measures that do not apply: what is peculiar to few before what many have in common."""
    measures = list(measures)
    times = Counter(each.headline for each in measures)
    return sorted(measures, key=lambda each: times[each.headline])
