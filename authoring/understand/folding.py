"""Headings that say nothing for one and the same reason are told of together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.findings import Finding

TOGETHER = frozenset({"K434", "K428", "W313", "W325"})
"""Findings of a heading whose name (the parameter ``heading``) is not known."""
MOST_NAMED = 12
MORE = "……"


def fold(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding for all headings of a table that are unknown, and look like nothing known.

    One for which there is a suggestion stays by itself.
    """
    groups: dict[object, list[Finding]] = {}
    for number, each in enumerate(findings):
        groups.setdefault(_cause(each) or number, []).append(each)
    return tuple(_together(each) for each in groups.values())


def _cause(finding: Finding) -> object:
    """What findings must have in common; None for one that stays by itself."""
    if finding.code not in TOGETHER or finding.at is None or finding.did_you_mean:
        return None
    others = {name: value for name, value in finding.params.items() if name != "heading"}
    place = finding.at.cell
    return (finding.code, finding.severity, place.sheet, place.row, str(sorted(others.items())))


def _together(findings: list[Finding]) -> Finding:
    first, *others = findings
    if not others:
        return first
    names = tuple(str(each.params["heading"]) for each in findings)
    shown = names if len(names) <= MOST_NAMED else (*names[:MOST_NAMED], MORE)
    related = (*first.related, *(each.at for each in others if each.at))
    return replace(first, params={**first.params, "heading": shown}, related=related)
