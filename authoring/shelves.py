"""Where a measure is shown: by its verdict, the ones that need attention before the others."""

from __future__ import annotations

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
