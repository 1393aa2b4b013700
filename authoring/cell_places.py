"""Where the cells of a workbook stand that say something of a thing, by the headings over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from authoring.headings import canonical, split_unit
from authoring.plain_tables import Schema, columns_of, headings_of
from authoring.spelling import key
from authoring.understand.sheets import sort_sheets
from authoring.understand.table_layout import MARKER, NUMBER, TableLayout
from authoring.workbook import Sheet, content_position
from engine.cells import CellRef, Place

POLICY = "政策"
_ITEM, _VALUE = "项", "值"
_Columns: TypeAlias = Mapping[tuple[str, str], int]
"""The columns by role (of a decision table) and heading."""


class CellPlaces:
    """Where cells of the plain sheets and of the decision tables of a workbook stand."""

    def __init__(self, sheets: Iterable[Sheet]) -> None:
        sheets = tuple(sheets)
        book = sort_sheets(sheets, [])
        self._sheets = {each.name: each for each in sheets}
        self._columns: dict[str, _Columns] = {}
        self._alone: dict[tuple[str, str], Place] = {}
        for name, sheet in book.plain.items():
            headings = headings_of(sheet, Schema(name, columns_of(name)))
            self._columns[name] = {("", key(each)): headings[each].at.column for each in headings}
            if name == POLICY and _ITEM in headings and _VALUE in headings:
                item, value = (headings[each].at.column for each in (_ITEM, _VALUE))
                self._alone |= _items(sheet, item, value)
        for layout in book.layouts:
            table = f"{MARKER} {layout.name}"
            self._columns[table] = dict(_columns(layout))
            for each in layout.settings:
                heading = f"{each.name}·{each.field}" if each.field else each.name
                self._alone[table, heading] = Place(each.value.at)

    def of(self, sheet: str, role: str, heading: str, row: Place | None) -> Place | None:
        """The cell under a heading: in the row of a thing, or (no row) the only one of its sheet.

        ``sheet`` is the documented name of a plain sheet, or the name of a decision table.
        """
        if not heading:
            return None
        if row is None or (sheet, heading) in self._alone:
            return self._alone.get((sheet, heading))
        columns = self._columns.get(sheet, {})
        names = heading, split_unit(heading)[0]
        column = next(filter(None, (columns.get((role, key(each))) for each in names)), None)
        held = self._sheets.get(row.cell.sheet)
        if column is None or held is None:
            return None
        return Place(CellRef(held.name, *content_position(held, row.cell.row, column)))


def _items(sheet: Sheet, item: int, value: int) -> Iterator[tuple[tuple[str, str], Place]]:
    """The values of sheet 政策, each by its item."""
    for (row, column), cell in sheet.cells.items():
        name = canonical(cell.text, "keys", POLICY) if column == item else None
        if name is not None:
            yield (POLICY, name), Place(CellRef(sheet.name, row, value))


def _columns(layout: TableLayout) -> Iterator[tuple[tuple[str, str], int]]:
    for each in layout.columns:
        if each.role == NUMBER:
            continue
        for name in (each.heading, split_unit(each.heading)[0]):
            known = canonical(name, "headings", each.role)
            yield (each.role, key(known or name)), each.at.column
