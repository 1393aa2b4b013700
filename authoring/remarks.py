"""What is said of a workbook in a copy of it, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from authoring.messages import Words, fill, list_words, text, words
from authoring.readings import Reading
from engine.cells import CellRef, Place
from engine.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say, of a cell or of the whole workbook."""

    label: str
    severity: Severity
    message: str
    help: str
    at: Place | None = None
    code: str = ""
    did_you_mean: tuple[str, ...] = ()
    related: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Annotations:
    """All that goes into a copy.

    ``readings`` are listed beside remarks, and alone where ``show_readings`` asks for them; then
    they are written into notes too. ``mends`` are cells changed before, with their texts before
    and after, and why.
    """

    remarks: tuple[Remark, ...] = ()
    readings: tuple[Reading, ...] = ()
    show_readings: bool = False
    mends: tuple[tuple[CellRef, str, str, str], ...] = ()


def remark_of(finding: Finding) -> Remark:
    """A finding in words."""
    return _remark(finding, words(finding.code))


def list_remark_of(finding: Finding) -> Remark:
    """A finding of a list of projects, in the words of who fills it in."""
    return _remark(finding, list_words(finding.code))


def _remark(finding: Finding, spoken: Words) -> Remark:
    return Remark(
        text(f"findings.{finding.severity}"),
        finding.severity,
        fill(spoken.message, finding.params),
        fill(spoken.help, finding.params),
        finding.at,
        finding.code,
        finding.did_you_mean,
        finding.related,
    )


def spell_meant(did_you_mean: Iterable[str]) -> str:
    """What was probably meant: 「甲」 or 「乙」."""
    quoted = (text("annotate.quoted", word=each) for each in did_you_mean)
    return text("annotate.or").join(quoted)
