"""Where a measure is shown: by its verdict, the ones that need attention before the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from engine.narrative import MeasureNarrative, Narrative
from engine.words import word

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


def by_shelf(narrative: Narrative) -> dict[str, list[MeasureNarrative]]:
    """The measures of each shelf; no shelf is left out. What has a number comes first, then what
    names money at all (按有关规定), then the rest."""
    shelves: dict[str, list[MeasureNarrative]] = {shelf: [] for shelf in SHELVES}
    for measure in narrative.measures:
        shelves[shelf_of(measure)].append(measure)
    for measures in shelves.values():
        measures.sort(key=lambda each: (not each.amount_lines, not names_money(each)))
    return shelves


def names_money(measure: MeasureNarrative) -> bool:
    """Whether an amount is told of a measure: its own, or what a repair would gain."""
    gains = measure.near_miss and bool(measure.repair_gain)
    return measure.amount not in ("", word("amount.none")) or gains


def rarest_reason_first(measures: Iterable[MeasureNarrative]) -> list[MeasureNarrative]:
    """Measures that do not apply: what is peculiar to few before what many have in common."""
    measures = list(measures)
    times = Counter(each.headline for each in measures)
    return sorted(measures, key=lambda each: times[each.headline])
