"""The cells of an .xlsx, read by openpyxl, and nothing else of the file.

openpyxl builds objects of everything in a workbook: pictures, charts, comments, formats, names. A
fault in any of them stops it, and none of them matters here. So it reads the parts that cells stand
in, and of these only cells, merges and hidden rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NamedTuple, cast

from openpyxl.reader import excel
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import range_boundaries
from openpyxl.worksheet import _reader as tags
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from authoring.archives import Archive

Position = tuple[int, int]
WORKBOOK = "xl/workbook.xml"
LISTS = frozenset({"[Content_Types].xml", WORKBOOK, "xl/_rels/workbook.xml.rels", "xl/styles.xml"})
"""The parts that openpyxl builds as a whole."""
FORMULA, ERROR = "f", "e"
"""The types of a cell that holds a formula, and of an error."""
_MERGE_TAG = f"{{{SHEET_MAIN_NS}}}mergeCell"
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_HIDDEN = ("1", "true")
_GENERAL = "General"


class RawCell(NamedTuple):
    """A cell as the file has it; of a formula also the stored result and its type."""

    row: int
    column: int
    value: Any
    data_type: str
    number_format: str
    result: Any = None
    result_type: str = ""


@dataclass(frozen=True, slots=True)
class RawSheet:
    """A worksheet as the file has it; ``merges`` are left, top, right and bottom, from 1."""

    name: str
    hidden: bool
    cells: Mapping[Position, RawCell]
    merges: tuple[tuple[int, int, int, int], ...]
    hidden_rows: frozenset[int]


@dataclass(frozen=True, slots=True)
class RawBook:
    """The worksheets of a workbook, in order, and the names of its sheets that are charts."""

    sheets: tuple[RawSheet, ...]
    charts: tuple[str, ...]


def read_parts(archive: Archive) -> RawBook:
    """Read the worksheets of a workbook.

    Raises:
        Exception: openpyxl raises whatever an ill-formed part leads to.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that openpyxl drops; we only read
        return _Reader(archive).read_book()


def read_first_rows(
    archive: Archive, wanted: Callable[[str], bool], most: int
) -> Mapping[str, tuple[RawCell, ...]]:
    """The cells in the first rows of some sheets, without reading the rest.

    Raises:
        Exception: openpyxl raises whatever an ill-formed part leads to.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dict(_Reader(archive).read_first_rows(wanted, most))


class _Reader(excel.ExcelReader):
    def __init__(self, archive: Archive) -> None:
        # Its own would open the file once more, and anything in it.
        self.archive = archive
        self.valid_files = archive.namelist()
        self.read_only = self.keep_vba = self.data_only = False
        self.keep_links = self.rich_text = False
        self.shared_strings: list[str] = []

    def read_book(self) -> RawBook:
        self._read_common()
        sheets, charts = [], []
        for sheet, link in self.parser.find_sheets():
            if link.target not in self.valid_files:
                continue
            if "chartsheet" in link.Type:
                charts.append(sheet.name)
            else:
                sheets.append(self._read_sheet(sheet.name, sheet.state != "visible", link.target))
        return RawBook(tuple(sheets), tuple(charts))

    def read_first_rows(
        self, wanted: Callable[[str], bool], most: int
    ) -> Iterator[tuple[str, tuple[RawCell, ...]]]:
        self._read_common()
        for sheet, link in self.parser.find_sheets():
            if wanted(sheet.name) and link.target in self.valid_files:
                with self.archive.open(link.target) as source:
                    cells = _SheetReader(source, self.shared_strings, self.wb).read()
                    first = tuple(takewhile(lambda cell: cell.row <= most, cells))
                yield sheet.name, first

    def _read_common(self) -> None:
        self.read_manifest()
        found = excel._find_workbook_part(self.package)  # type: ignore[attr-defined]
        if found.PartName != f"/{WORKBOOK}":
            raise ValueError  # nobody writes it elsewhere, and only there it was weighed
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)

    def _read_sheet(self, name: str, hidden: bool, part: str) -> RawSheet:
        with self.archive.open(part) as source:
            reader = _SheetReader(source, self.shared_strings, self.wb)
            cells = {(cell.row, cell.column): cell for cell in reader.read()}
        return RawSheet(name, hidden, cells, tuple(reader.merges), frozenset(reader.hidden_rows))


class _SheetReader(tags.WorkSheetParser):
    def __init__(self, source: Any, strings: list[str], book: Any) -> None:
        super().__init__(
            source,
            strings,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        self.merges: list[tuple[int, int, int, int]] = []
        self.hidden_rows: set[int] = set()
        self._book = book
        self._formats: dict[int, str] = {}

    def read(self) -> Iterator[RawCell]:
        """Read row by row; what is not needed is let go as soon as it is complete."""
        inside_row = False
        for event, element in iterparse(self.source, ("start", "end")):
            if element.tag == tags.ROW_TAG:
                inside_row = event == "start"
                if not inside_row:
                    yield from self._read_row(element)
                    element.clear()
            elif event == "end" and not inside_row:
                if element.tag == _MERGE_TAG:
                    left, top, right, bottom = range_boundaries(element.get("ref", ""))
                    ends = right or LAST_COLUMN, bottom or LAST_ROW
                    self.merges.append((left or 1, top or 1, *ends))
                element.clear()

    def _read_row(self, element: Any) -> Iterator[RawCell]:
        number, cells = cast(tuple[int, list[RawCell]], self.parse_row(element))
        look = self.row_dimensions.pop(str(number), {})
        if look.get("hidden") in _HIDDEN:
            self.hidden_rows.add(number)
        return (cell for cell in cells if cell.value is not None or cell.data_type == FORMULA)

    def parse_cell(self, element: Any) -> RawCell:  # type: ignore[override]
        """A cell with its format, and a formula with its result beside it."""
        before = self.col_counter
        raw = super().parse_cell(element)
        known = raw["row"], raw["column"], raw["value"], raw["data_type"]
        look = self._format(raw["style_id"])
        if raw["data_type"] != FORMULA:
            return RawCell(*known, look)
        self.data_only, self.col_counter = True, before
        stored = super().parse_cell(element)
        self.data_only = False
        return RawCell(*known, look, stored["value"], stored["data_type"])

    def _format(self, style: int) -> str:
        if style not in self._formats:
            number = self._book._cell_styles[style].numFmtId
            if number < BUILTIN_FORMATS_MAX_SIZE:
                self._formats[style] = BUILTIN_FORMATS.get(number, _GENERAL)
            else:
                own = self._book._number_formats
                self._formats[style] = own[number - BUILTIN_FORMATS_MAX_SIZE]
        return self._formats[style]
