"""From sheets to a typed policy with its golden cases, and to everything there is to say of them.

One pass collects all findings. With any ERROR there is no policy: nothing is half loaded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from authoring.enough import EnoughError, Findings
from authoring.spelling import key
from authoring.understand.assemble import assemble
from authoring.understand.folding import fold
from authoring.understand.follow_ups import hold_back
from authoring.understand.sheets import sort_sheets
from authoring.workbook import Sheet, Source, read_sheets
from engine.cases import GoldenCase, GoldenContest
from engine.collector import uncollected
from engine.findings import Finding, has_errors
from engine.model import Policy


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a workbook says. ``policy`` is None exactly when a finding is an ERROR.

    ``draft`` holds what could be understood all the same: for showing how, and for nothing else.
    """

    policy: Policy | None
    golden_cases: tuple[GoldenCase, ...]
    findings: tuple[Finding, ...]
    golden_contests: tuple[GoldenContest, ...] = ()
    draft: Policy | None = None


@uncollected()
def read_book(source: Source) -> Understanding:
    """Read a workbook, given by its path or its content; nothing raises."""
    sheets, findings = read_sheets(source)
    if has_errors(findings):
        return Understanding(None, (), findings)
    return understand(sheets, findings)


@uncollected()
def understand(sheets: Iterable[Sheet], before: tuple[Finding, ...] = ()) -> Understanding:
    """Make a policy of sheets; ``before`` are findings of their reading."""
    sheets, findings = tuple(sheets), Findings(before)
    try:
        book = sort_sheets(sheets, findings)
        read = assemble(book, findings)
    except EnoughError as enough:
        return Understanding(None, (), _in_order([enough.finding, *findings]))
    if has_errors(findings):
        certain = hold_back(findings, read.policy, book, sheets)
        return Understanding(None, (), _in_order(certain), (), read.policy)
    found = _in_order([*findings, *findings.left_out()])
    return Understanding(read.policy, read.golden_cases, found, read.golden_contests, read.policy)


def _in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Each finding once (a merged cell is read for every row it covers), in order of discovery.

    What has one cause is one finding.
    """
    unique: dict[tuple[object, ...], Finding] = {}
    for each in findings:
        unique.setdefault((each.code, each.at, key(str(sorted(each.params.items())))), each)
    return fold(unique.values())
