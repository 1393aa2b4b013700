"""What a book holds that its own dropdowns can offer, and where its headings stand.

The book may have errors, or be half written: whatever can be made out is used, and nothing is said
of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from authoring.cases.expectations import DOT, PREFIX, TOTAL
from authoring.headings import canonical
from authoring.plain_tables import (
    Column,
    Heading,
    PlainTable,
    Row,
    Schema,
    columns_of,
    place_of,
    read_plain_table,
    text_of,
)
from authoring.spelling import key
from authoring.understand.code_lists import PENDING, SUBJECTS, read_code_lists
from authoring.understand.fields import read_fields
from authoring.understand.rules import NO, known_columns
from authoring.understand.table_layout import (
    CONCLUSION,
    REMARK,
    TableLayout,
    has_marker,
    read_layouts,
)
from authoring.workbook import Sheet
from engine.findings import Finding
from engine.model import Field, Source
from engine.types import Code, CodeList

GUIDE = "说明"
CASES, CONTESTS = "用例", "评选用例"


@dataclass(frozen=True, slots=True)
class PlainSheet:
    """A plain sheet that the reader knows, by its documented name."""

    name: str
    sheet: Sheet
    table: PlainTable

    @property
    def heading_row(self) -> int:
        """The row of the headings."""
        return self.table.at.cell.row

    @property
    def headings(self) -> Mapping[str, Heading]:
        """The headings by documented name."""
        return self.table.headings

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, the unusable ones too, from top to bottom."""
        return tuple(sorted((*self.table.rows, *self.table.refused), key=lambda each: each.at))


@dataclass(frozen=True, slots=True)
class Survey:
    """A book as the template sees it."""

    sheets: tuple[Sheet, ...]
    plain: Mapping[str, PlainSheet]
    layouts: Mapping[str, tuple[TableLayout, ...]]
    """The decision tables, by the title of their sheet."""
    fields: tuple[Field, ...]
    code_lists: tuple[CodeList, ...]
    measures: Mapping[str, str]
    """The names of the 支持项 that are not switched off, by their ids."""

    def code_list(self, name: str) -> CodeList | None:
        """A code list by its name."""
        return next((each for each in self.code_lists if key(each.name) == key(name)), None)

    def field(self, name: str) -> Field | None:
        """A field by its name."""
        return next((each for each in self.fields if key(each.name) == key(name)), None)

    @property
    def subject_codes(self) -> tuple[Code, ...]:
        """Those who may benefit."""
        subjects = self.code_list(SUBJECTS)
        return subjects.codes if subjects else ()

    @property
    def given_fields(self) -> tuple[Field, ...]:
        """The fields that a case may give."""
        return tuple(each for each in self.fields if each.source is not Source.DERIVED)

    @property
    def expectations(self) -> Mapping[str, str]:
        """The headings under which a case may say what it expects, with what they are about."""
        targets = {**self.measures, TOTAL: ""}
        return {f"{PREFIX}{DOT}{target}": name for target, name in targets.items()}


def survey(sheets: Iterable[Sheet]) -> Survey:
    """Look a book over."""
    all_sheets = tuple(sheets)
    known: dict[str, Sheet] = {}
    layouts: dict[str, tuple[TableLayout, ...]] = {}
    quiet: list[Finding] = []
    for sheet in all_sheets:
        name = canonical(sheet.name, "sheets")
        if name is not None:
            known.setdefault(name, sheet)
        elif has_marker(sheet):
            layouts[sheet.name] = read_layouts(sheet, quiet)
    codes = read_code_lists(known["代码表"], quiet) if "代码表" in known else ()
    by_key = {key(each.name): each for each in codes}
    fields = read_fields(known["指标"], by_key, quiet)[0] if "指标" in known else ()
    measures = _measures(layouts)
    draft = Survey(all_sheets, {}, layouts, fields, codes, measures)
    plain = {
        name: PlainSheet(name, sheet, read_plain_table(sheet, _schema(name, draft), quiet))
        for name, sheet in known.items()
        if name != GUIDE
    }
    return Survey(all_sheets, plain, layouts, fields, codes, measures)


def code_cells(book: Survey, codes: CodeList) -> tuple[tuple[int, int], ...] | None:
    """Where the values of a code list stand, cell by cell; None where they are no plain column."""
    plain = book.plain.get("代码表")
    if plain is None:
        return None
    cells = []
    for row in plain.rows:
        if key(text_of(row, "代码表")) == key(codes.name):
            at = place_of(row, "值").cell
            name_at = place_of(row, "代码表").cell
            if text_of(row, "值") == PENDING or name_at.row != at.row:
                return None
            cells.append((at.row, at.column))
    return tuple(cells)


def _schema(name: str, book: Survey) -> Schema:
    columns = columns_of(name)
    if name in (CASES, CONTESTS):
        columns += tuple(Column(field.name) for field in book.fields)
    if name == CASES:
        totals = (f"{PREFIX}{DOT}{TOTAL}{DOT}{code.value}" for code in book.subject_codes)
        columns += tuple(Column(heading) for heading in (*book.expectations, *totals))
    return Schema(name, columns)


def _measures(layouts: Mapping[str, tuple[TableLayout, ...]]) -> Mapping[str, str]:
    measures: dict[str, str] = {}
    for layout in (each for tables in layouts.values() for each in tables):
        columns = known_columns(layout, CONCLUSION, [])
        remarks = known_columns(layout, REMARK, [])
        if "支持项编号" not in columns:
            continue
        for row in layout.rows:
            measure = text_of(row, columns["支持项编号"][0].key)
            name = text_of(row, columns["支持项"][0].key) if "支持项" in columns else ""
            off = "启用" in remarks and key(text_of(row, remarks["启用"][0].key)) == NO
            if measure and not off:
                measures.setdefault(measure, name)
    return measures
