"""From sheets to a typed policy with its golden cases, and to everything there is to say of them.

One pass collects all findings. With any ERROR there is no policy: nothing is half loaded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from authoring.collector import uncollected
from authoring.headings import canonical, documented
from authoring.spelling import key, nearest
from authoring.understand.assemble import assemble
from authoring.understand.table_layout import (
    TableLayout,
    has_marker,
    looks_like_table,
    read_layouts,
)
from authoring.workbook import Sheet, Source, read_sheets
from engine.cases import GoldenCase, GoldenContest
from engine.cells import CellRef, Place
from engine.findings import Finding, Severity, has_errors
from engine.model import Policy

IGNORED = "说明"
REQUIRED = ("政策", "条款", "指标")


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a workbook says. ``policy`` is None exactly when a finding is an ERROR."""

    policy: Policy | None
    golden_cases: tuple[GoldenCase, ...]
    findings: tuple[Finding, ...]
    golden_contests: tuple[GoldenContest, ...] = ()


def read_book(source: Source) -> Understanding:
    """Read a workbook, given by its path or its content; nothing raises."""
    sheets, findings = read_sheets(source)
    if has_errors(findings):
        return Understanding(None, (), findings)
    return understand(sheets, findings)


@uncollected()
def understand(sheets: Iterable[Sheet], before: tuple[Finding, ...] = ()) -> Understanding:
    """Make a policy of sheets; ``before`` are findings of their reading."""
    findings = list(before)
    plain, layouts = _sort_sheets(sheets, findings)
    read = assemble(plain, layouts, findings)
    found = _in_order(findings)
    if has_errors(found):
        return Understanding(None, (), found)
    return Understanding(read.policy, read.golden_cases, found, read.golden_contests)


def _sort_sheets(
    sheets: Iterable[Sheet], findings: list[Finding]
) -> tuple[dict[str, Sheet], tuple[TableLayout, ...]]:
    """The plain sheets by documented name, and the decision tables of all others."""
    plain: dict[str, Sheet] = {}
    layouts: list[TableLayout] = []
    for sheet in sheets:
        top = Place(CellRef(sheet.name, 1, 1))
        name = canonical(sheet.name, "sheets")
        if name == IGNORED or not sheet.cells:
            continue
        if sheet.hidden:
            findings.append(Finding("W290", top, {"sheet": sheet.name}, Severity.WARNING))
        if name is not None and name in plain:
            first = plain[name].name
            params = {"sheet": sheet.name, "name": name, "first": first}
            related = (Place(CellRef(first, 1, 1)),)
            findings.append(Finding("W291", top, params, related=related))
        elif name is not None:
            plain[name] = sheet
        elif has_marker(sheet):
            layouts.extend(read_layouts(sheet, findings))
        elif lost := looks_like_table(sheet):
            findings.append(Finding("W292", lost, {"sheet": sheet.name}))
        else:
            near = nearest(sheet.name, documented("sheets"))
            params = {"sheet": sheet.name}
            findings.append(Finding("W293", top, params, Severity.ADVICE, did_you_mean=near))
    for name in REQUIRED:
        if name not in plain:
            findings.append(Finding("W294", None, {"sheet": name}))
    return plain, tuple(layouts)


def _in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Each finding once (a merged cell is read for every row it covers), in order of discovery."""
    unique: dict[tuple[object, ...], Finding] = {}
    for each in findings:
        unique.setdefault((each.code, each.at, key(str(sorted(each.params.items())))), each)
    return tuple(unique.values())
