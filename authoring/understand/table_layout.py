"""Where the decision tables of a sheet stand, and what stands in which of their cells.

Three head rows (marker and settings, roles, headings), then one row per rule until an empty row.
Nothing is read for its meaning here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from authoring.headings import canonical, documented
from authoring.plain_tables import Entry, Heading, Row, entry_at, trouble_at
from authoring.spelling import key, nearest, tidy
from authoring.workbook import Cell, Sheet
from engine.cells import CellRef, Place
from engine.findings import Finding, Severity

MARKER = "决策表"
NUMBER, CONDITION, CONCLUSION, BASIS, REMARK = "编号", "条件", "结论", "依据", "备注"
DITTO = "同上"
UNLIMITED = "—"
HEAD_ROWS = 3
TELLING = frozenset({"条件", "结论", "依据", "支持项编号", "支持项"})
"""Two of these words in one row tell of a decision table."""
TELLING_ALONE = "命中策略"
TITLE_CELLS = 2
"""A row above the first table with at most so many filled cells is a title."""
UNMERGEABLE = frozenset(
    {"金额", "性质", "最低", "最高限额", "补足至", "上浮", "年度上限", "累计上限"}
)
MIDDLE_DOT = re.compile("[·・•‧∙]")


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of the marker row with its value; ``field`` stands behind the dot (默认·字段)."""

    name: str
    field: str
    value: Entry
    at: CellRef


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A headed column: its role, what the drafter wrote over it, and the ``key`` under which the
    rows hold its cells."""

    role: str
    heading: str
    at: CellRef
    key: str


@dataclass(frozen=True, slots=True)
class TableLayout:
    """One decision table, cell by cell. Entries of rows are keyed by ``TableColumn.key``."""

    name: str
    at: Place
    settings: tuple[Setting, ...]
    columns: tuple[TableColumn, ...]
    rows: tuple[Row, ...]


def column_key(role: str, heading: str) -> str:
    """The key of a column's entries; role and heading together are unique in a table."""
    return f"{role}/{key(heading)}"


def has_marker(sheet: Sheet) -> bool:
    """Whether a sheet holds a decision table."""
    return any(column == 1 and _is_marker(cell.text) for (_, column), cell in sheet.cells.items())


def looks_like_table(sheet: Sheet) -> Place | None:
    """Where a sheet without marker looks as if a decision table was meant."""
    for cell in sheet.cells.values():
        if _is_marker(cell.text):
            return Place(cell.at)
    row = _telling_row(sheet, sorted({row for row, _ in sheet.cells}))
    return None if row is None else Place(CellRef(sheet.name, row, 1))


def _telling_row(sheet: Sheet, rows: Iterable[int]) -> int | None:
    """The first of some rows that reads like the head of a decision table."""
    words: dict[int, set[str]] = {}
    for (row, _), cell in sheet.cells.items():
        words.setdefault(row, set()).add(key(cell.text))
    return next(
        (row for row in rows if TELLING_ALONE in words[row] or len(words[row] & TELLING) >= 2), None
    )


_NOTE = re.compile(r"\(?(?:注|附注|备注|说明)\d*[:.、]|[※*]")


def read_layouts(sheet: Sheet, findings: list[Finding]) -> tuple[TableLayout, ...]:
    """Find the tables of a sheet, from top to bottom; stray rows are reported."""
    filled: dict[int, list[int]] = {}
    for row, column in sorted(sheet.cells):
        filled.setdefault(row, []).append(column)
    markers = [row for row in filled if 1 in filled[row] and _is_marker(sheet.cells[row, 1].text)]
    last = max(filled, default=0)
    layouts = []
    above = [row for row in filled if row < markers[0] and len(filled[row]) > TITLE_CELLS]
    _report_strays(sheet, above, filled, findings)
    for marker, limit in zip(markers, [*markers[1:], last + 1], strict=True):
        first = marker + HEAD_ROWS
        begin = end = next((row for row in range(first, limit) if row in filled), first)
        while end < limit and end in filled:
            end += 1
        behind = [
            row
            for row in range(max(end, marker + 1), limit)
            if row in filled and not _asks_nothing(sheet, row, filled[row])
        ]
        _report_strays(sheet, behind, filled, findings)
        begin = min(first, limit) if end == begin else begin
        layout = _read_layout(sheet, marker, begin, end, filled, findings)
        if layout:
            layouts.append(layout)
    return tuple(layouts)


def _asks_nothing(sheet: Sheet, row: int, columns: list[int]) -> bool:
    """Whether a row holds nothing but the ``—`` with which it stands ready."""
    return all(key(sheet.cells[row, column].text) == UNLIMITED for column in columns)


def _is_marker(text: str) -> bool:
    return canonical(text, "marker") == MARKER


def _report_strays(
    sheet: Sheet, rows: list[int], filled: Mapping[int, list[int]], findings: list[Finding]
) -> None:
    """Rows of no table, each unbroken block of them once."""
    for _, block in groupby(enumerate(rows), key=lambda each: each[1] - each[0]):
        stray = [row for _, row in block]
        first = sheet.cells[stray[0], filled[stray[0]][0]]
        if _telling_row(sheet, stray) is None:
            findings.append(Finding("W301", Place(first.at), {"text": tidy(first.text)}))
        else:
            top = Place(CellRef(sheet.name, stray[0], 1))
            findings.append(Finding("W292", top, {"sheet": sheet.name}))


def _read_layout(
    sheet: Sheet,
    marker: int,
    first: int,
    end: int,
    filled: Mapping[int, list[int]],
    findings: list[Finding],
) -> TableLayout | None:
    at = Place(CellRef(sheet.name, marker, 1))
    name, settings = _read_marker_row(sheet, marker, filled[marker], findings)
    if not name:
        findings.append(Finding("W302", at))
        return None
    if first < marker + HEAD_ROWS or not filled.get(marker + 2):
        findings.append(Finding("W303", at, {"table": name}))
        return None
    columns = _read_columns(sheet, marker, filled[marker + 2], name, findings)
    if columns is None:
        return None
    headings = {column.key: Heading(column.at) for column in columns}
    headed = {column.at.column for column in columns}
    rows: list[Row] = []
    for number in range(first, end):
        if note := _note_in(sheet, number, filled[number]):
            findings.append(Finding("W319", Place(note.at), {"text": tidy(note.text)}))
            continue
        above = rows[-1] if rows else None
        row = _read_row(sheet, number, first, columns, headings, above, findings)
        says_something = not _stands_ready(row, columns)
        if says_something:
            rows.append(row)
        if says_something and number in sheet.hidden_rows:
            findings.append(
                Finding("W316", Place(CellRef(sheet.name, number, 1)), {}, Severity.WARNING)
            )
        for column in filled[number]:
            if column not in headed and (marker + 2, column) not in sheet.cells:
                cell = sheet.cells[number, column]
                params = {"text": tidy(cell.text), "sheet": sheet.name}
                findings.append(Finding("W232", Place(cell.at), params))
    if not rows and first < end:
        if not _is_untouched(columns):
            findings.append(Finding("W318", at, {"table": name}, Severity.ADVICE))
    elif not rows:
        findings.append(Finding("W304", at, {"table": name}))
    return TableLayout(name, at, settings, columns, tuple(rows))


def _is_untouched(columns: Iterable[TableColumn]) -> bool:
    """Whether a table that stands ready has no heading but those that every book has."""
    return all(
        each.role == NUMBER or canonical(each.heading, "headings", each.role) is not None
        for each in columns
    )


def _note_in(sheet: Sheet, number: int, columns: list[int]) -> Cell | None:
    """The one cell of a row that remarks on the table, and is no rule: 注：…"""
    cell = sheet.cells[number, columns[0]]
    return cell if len(columns) == 1 and _NOTE.match(key(cell.text)) else None


def _read_marker_row(
    sheet: Sheet, row: int, filled: list[int], findings: list[Finding]
) -> tuple[str, tuple[Setting, ...]]:
    """The table's name and its settings: pairs of cells, a merge counting as one cell."""
    columns = [
        column
        for column in range(2, max(filled) + 1)
        if (merge := sheet.merges.get((row, column))) is None or merge.left == column
    ]
    for column in columns:
        trouble = trouble_at(sheet, row, column)
        if trouble:
            findings.append(trouble)
    name = entry_at(sheet, row, columns[0]) if columns else None
    settings: list[Setting] = []
    pairs = columns[1:]
    for index in range(0, len(pairs), 2):
        written = entry_at(sheet, row, pairs[index])
        value = entry_at(sheet, row, pairs[index + 1]) if index + 1 < len(pairs) else None
        if written is None:
            if value is not None:
                findings.append(Finding("W305", Place(value.at), {"text": tidy(value.text)}))
            continue
        base, _, field = MIDDLE_DOT.sub("·", tidy(written.text)).partition("·")
        setting = canonical(base, "keys", MARKER)
        if setting is None or (field and setting != "默认"):
            findings.append(
                Finding(
                    "W306",
                    Place(written.at),
                    {"key": tidy(written.text)},
                    did_you_mean=nearest(base, documented("keys", MARKER)),
                )
            )
        elif value is None:
            findings.append(Finding("W307", Place(written.at), {"key": tidy(written.text)}))
        elif any((each.name, key(each.field)) == (setting, key(field)) for each in settings):
            findings.append(Finding("W308", Place(written.at), {"key": tidy(written.text)}))
        else:
            settings.append(Setting(setting, field, value, written.at))
    return (tidy(name.text) if name else ""), tuple(settings)


def _read_columns(
    sheet: Sheet, marker: int, headed: list[int], table: str, findings: list[Finding]
) -> tuple[TableColumn, ...] | None:
    """The headed columns with their roles; None when the roles cannot be made out."""
    columns: dict[str, TableColumn] = {}
    role = ""
    for column in range(1, max(headed) + 1):
        merge = sheet.merges.get((marker + 1, column))
        cell = sheet.cells.get(merge.anchor if merge else (marker + 1, column))
        if cell:
            known = canonical(cell.text, "roles")
            if known is None:
                roles = documented("roles")
                params = {"text": tidy(cell.text), "table": table, "roles": roles}
                near = nearest(cell.text, roles)
                findings.append(Finding("W309", Place(cell.at), params, did_you_mean=near))
                return None
            role = known
        heading = sheet.cells.get((marker + 2, column))
        if heading is None:
            continue
        merged = sheet.merges.get((marker + 2, column))
        trouble = trouble_at(sheet, marker + 2, column)
        if merged or trouble:
            findings.append(trouble or Finding("W225", Place(heading.at)))
            continue
        if not role:
            findings.append(Finding("W310", Place(heading.at), {"heading": tidy(heading.text)}))
            return None
        name = NUMBER if role == NUMBER else tidy(heading.text)
        found = TableColumn(role, name, heading.at, column_key(role, name))
        if found.key in columns:
            first = columns[found.key].at
            params = {"heading": found.heading, "first": str(first)}
            findings.append(Finding("W231", Place(heading.at), params, related=(Place(first),)))
            continue
        columns[found.key] = found
    return tuple(columns.values())


def _read_row(
    sheet: Sheet,
    number: int,
    first: int,
    columns: tuple[TableColumn, ...],
    headings: Mapping[str, Heading],
    above: Row | None,
    findings: list[Finding],
) -> Row:
    entries: dict[str, Entry] = {}
    spoilt: set[str] = set()
    for column in columns:
        position = number, column.at.column
        merge = sheet.merges.get(position)
        if merge and (merge.top < first or merge.left < merge.right or not _mergeable(column)):
            if merge.anchor == position or merge.top < first:
                across = merge.top >= first and merge.left < merge.right
                code = "W224" if across else "W225"
                findings.append(Finding(code, Place(CellRef(sheet.name, *position))))
            if merge.left < column.at.column or merge.top < first:
                spoilt.add(column.key)
                continue
        entry = entry_at(sheet, *position)
        if entry is None:
            continue
        if trouble := trouble_at(sheet, *position):
            findings.append(trouble)
            spoilt.add(column.key)
        elif key(entry.text) != DITTO:
            entries[column.key] = entry
        elif above and column.role != NUMBER and column.key in above.entries:
            text = above.entries[column.key].text
            entries[column.key] = Entry(text, CellRef(sheet.name, *position))
        else:
            spoilt.add(column.key)
            if above is None or column.role == NUMBER or column.key not in above.spoilt:
                findings.append(Finding("W311", Place(CellRef(sheet.name, *position))))
    return Row(CellRef(sheet.name, number, 1), entries, headings, frozenset(spoilt))


def _stands_ready(row: Row, columns: tuple[TableColumn, ...]) -> bool:
    """Whether nothing is written in a row but the ``—`` that its conditions were filled with."""
    filled = [column for column in columns if column.key in row.entries]
    return bool(filled) and all(
        column.role == CONDITION and key(row.entries[column.key].text) == UNLIMITED
        for column in filled
    )


def _mergeable(column: TableColumn) -> bool:
    if column.role == NUMBER:
        return False
    return column.role != CONCLUSION or canonical(column.heading, "headings", CONCLUSION) not in (
        UNMERGEABLE | {None}
    )
