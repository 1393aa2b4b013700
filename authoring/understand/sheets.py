"""Which sheet is which: plain sheets by their names, decision tables by their markers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from authoring.headings import canonical
from authoring.own_sheets import TO_PLACE, is_own, is_to_place
from authoring.plain_tables import HEADING_ROWS
from authoring.spelling import key, nearest
from authoring.understand.table_layout import (
    TableLayout,
    has_marker,
    looks_like_table,
    read_layouts,
)
from authoring.workbook import Sheet
from engine.cells import CellRef, Place
from engine.findings import Finding, Severity

IGNORED = "说明"
REQUIRED = ("政策", "条款", "指标")
TELLING: Mapping[str, tuple[str, ...]] = {
    "政策": ("项", "值"),
    "条款": ("条款编号", "条款原文", "类型"),
    "指标": ("指标", "类型"),
    "代码表": ("代码表", "值"),
    "同类组": ("组", "规则"),
    "评选": ("评选项", "分档", "候选条件", "名额"),
    "业务约束": ("编号", "条件式", "提示"),
    "用例": ("编号", "基准日期"),
    "评选用例": ("评选项", "场次", "编号", "基准日期"),
}
"""The columns without which a plain sheet cannot be, and by which it is known under any name."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The plain sheets by documented name, and the decision tables of all others."""

    plain: Mapping[str, Sheet]
    layouts: tuple[TableLayout, ...]


def sort_sheets(sheets: Iterable[Sheet], findings: list[Finding]) -> Sorted:
    """Tell the sheets apart; whatever does not take part is reported."""
    plain: dict[str, Sheet] = {}
    layouts: list[TableLayout] = []
    others: list[Sheet] = []
    for sheet in sheets:
        name = canonical(sheet.name, "sheets")
        if name == IGNORED or not sheet.cells or is_own(sheet):
            continue
        if is_to_place(sheet):
            findings.extend(_to_place(sheet))
            continue
        if sheet.hidden:
            params = {"sheet": sheet.name}
            findings.append(Finding("W290", _top(sheet), params, Severity.WARNING))
        if name is not None and name in plain:
            first = plain[name].name
            params = {"sheet": sheet.name, "name": name, "first": first}
            related = (Place(CellRef(first, 1, 1)),)
            findings.append(Finding("W291", _top(sheet), params, related=related))
        elif name is not None:
            plain[name] = sheet
        elif has_marker(sheet):
            layouts.extend(read_layouts(sheet, findings))
        elif lost := looks_like_table(sheet):
            findings.append(Finding("W292", lost, {"sheet": sheet.name}))
        else:
            others.append(sheet)
    absent = [name for name in TELLING if name not in plain]
    meant = {sheet.name: _meant(sheet, absent) for sheet in others}
    for sheet in others:
        findings.append(_not_taking_part(sheet, meant[sheet.name], absent))
    for name in REQUIRED:
        if name in absent and name not in meant.values():
            findings.append(missing_sheet(name))
    return Sorted(plain, tuple(layouts))


def missing_sheet(name: str, related: tuple[Place, ...] = ()) -> Finding:
    """Say that a sheet is missing; ``related`` are cells that need it."""
    return Finding("W294", None, {"sheet": name, "columns": TELLING[name]}, related=related)


def _to_place(sheet: Sheet) -> Iterator[Finding]:
    """How much of a notice is still to be placed (``tiaoli new --notice``)."""
    count = sum(key(cell.text) == TO_PLACE for (row, _), cell in sheet.cells.items() if row > 2)
    if count:
        yield Finding("W297", _top(sheet), {"count": count}, Severity.ADVICE)


def _top(sheet: Sheet) -> Place:
    return Place(CellRef(sheet.name, 1, 1))


def _not_taking_part(sheet: Sheet, meant: str | None, absent: list[str]) -> Finding:
    """A sheet of any name that has the columns of one that is missing is likely to be it."""
    if meant is None:
        near = nearest(sheet.name, absent)
        params = {"sheet": sheet.name}
        return Finding("W293", _top(sheet), params, Severity.ADVICE, did_you_mean=near)
    severity = Severity.ERROR if meant in REQUIRED else Severity.WARNING
    params = {"sheet": sheet.name, "meant": meant}
    return Finding("W296", _top(sheet), params, severity, did_you_mean=(meant,))


def _meant(sheet: Sheet, absent: list[str]) -> str | None:
    """The missing sheet whose telling columns a sheet has in one row; the most telling wins."""
    rows: dict[int, set[str]] = {}
    for (row, _), cell in sheet.cells.items():
        rows.setdefault(row, set()).add(key(cell.text))
    for row in sorted(rows)[:HEADING_ROWS]:
        found = [
            name
            for name in absent
            if set(TELLING[name]) <= {canonical(each, "headings", name) for each in rows[row]}
        ]
        if found:
            return max(found, key=lambda name: len(TELLING[name]))
    return None
