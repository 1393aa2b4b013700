"""What we tell an author about a workbook or a case. One type for every stage; never an exception.

A finding carries no words: the words of each code stand in the message file of ``authoring``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from engine.cells import Place

NO_PARAMS: Mapping[str, object] = MappingProxyType({})


class Severity(StrEnum):
    """How much a finding weighs: with any ERROR there is no engine."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend or to know.

    ``code`` names the message; ``params`` fill its placeholders. ``at`` is None only when the
    finding concerns a whole file. ``did_you_mean`` holds what the author
    probably meant, best first.
    """

    code: str
    at: Place | None = None
    params: Mapping[str, object] = field(default_factory=lambda: NO_PARAMS)
    severity: Severity = Severity.ERROR
    did_you_mean: tuple[str, ...] = ()
    related: tuple[Place, ...] = ()


def has_errors(findings: Iterable[Finding]) -> bool:
    """Say whether any finding forbids building an engine."""
    return any(finding.severity is Severity.ERROR for finding in findings)
