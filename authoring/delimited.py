"""From a .csv file to a sheet of cells: what Excel, WPS and databases save as plain text.

Every cell is text, as the cell language reads it. A row is a record, so a line break in quotes
does not move the rows below: they are numbered as Excel shows them. Nothing raises.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from authoring.archives import MAX_FILE_BYTES, MEBIBYTE
from authoring.headings import canonical, split_unit
from authoring.messages import text
from authoring.workbook import MAX_COLUMNS, MAX_ROWS, Cell, CellKind, Position, Sheet
from engine.cells import CellRef, Place
from engine.collector import uncollected
from engine.findings import Finding

SUFFIXES = (".csv", ".tsv")
MAX_CELLS = 1_000_000
"""As many as an .xlsx may have, about."""
LONGEST_CELL = 32_767
"""What a cell of Excel holds."""
_SEPARATORS = (",", "\t", ";")
_LOOKED_AT, _LOOKED_AT_MOST = 10, 1 << 18
"""So many first rows, and characters of them, are looked at for the headings that tell which
separator it is."""
_UTF8, _UTF16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_DECLARED = re.compile("sep=(?P<separator>.)[ \t]*(?:\r\n|\r|\n)")
"""The line by which Excel is told the separator; it does not show it."""
_MIDNIGHT = re.compile(r"(?P<day>\d{4}[-/]\d{1,2}[-/]\d{1,2})[ T]0?0:00(?::00(?:\.0+)?)?")


class _TooMuchError(Exception):
    """Carries the finding up to ``read_delimited``; never leaves it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


@uncollected()
def read_delimited(content: bytes) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    """Read the one sheet of a .csv; there is none when something is wrong with all of it."""
    if len(content) > MAX_FILE_BYTES:
        params = {"size": -(-len(content) // MEBIBYTE), "limit": MAX_FILE_BYTES // MEBIBYTE}
        return (), (Finding("W209", None, params),)
    written = _decoded(content)
    if written is not None and not written.strip():
        return (), (Finding("W204"),)
    if written is None or _CONTROL.search(written):
        return (), (Finding("K437"),)
    declared = _DECLARED.match(written)
    if declared:
        written = written[declared.end() :]
    separator = declared["separator"] if declared else _separator(written)
    name = text("projects.delimited")
    try:
        return (Sheet(name, _cells(written, separator, name), {}),), ()
    except _TooMuchError as trouble:
        return (), (trouble.finding,)


def _decoded(content: bytes) -> str | None:
    """The text, by its mark, else as UTF-8, else as the GB18030 of Chinese Windows."""
    if content.startswith(_UTF16):
        encodings = ["utf-16"]
    elif content.startswith(_UTF8):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _separator(written: str) -> str:
    """The separator under which the first rows show most headings, else most columns."""

    def shown(separator: str) -> tuple[int, int]:
        rows = list(islice(_records(written[:_LOOKED_AT_MOST], separator), _LOOKED_AT))
        known = (sum(map(_is_heading, filter(None, row[:MAX_COLUMNS]))) for row in rows)
        return max(known, default=0), max(map(len, rows), default=0)

    return max(_SEPARATORS, key=shown)


def _is_heading(cell: str) -> bool:
    return canonical(split_unit(cell)[0], "headings", "用例") is not None


def _records(written: str, separator: str) -> Iterator[list[str]]:
    """The records, as far as they can be parted."""
    try:
        yield from csv.reader(io.StringIO(written, newline=""), delimiter=separator, strict=True)
    except csv.Error:
        return


def _cells(written: str, separator: str, sheet: str) -> dict[Position, Cell]:
    """The filled cells.

    Raises:
        _TooMuchError: there are too many, or it cannot be told where one ends.
    """
    reader = csv.reader(io.StringIO(written, newline=""), delimiter=separator, strict=True)
    cells: dict[Position, Cell] = {}
    row = 0
    try:
        for row, record in enumerate(reader, start=1):
            beyond = record if row > MAX_ROWS else record[MAX_COLUMNS:]
            if any(map(str.strip, beyond)):
                limits = {"rows": MAX_ROWS, "columns": MAX_COLUMNS}
                raise _TooMuchError(Finding("W213", None, {"sheet": sheet, **limits}))
            for column, content in enumerate(record[:MAX_COLUMNS], start=1):
                if content.strip():
                    at = CellRef(sheet, row, column)
                    if len(content) > LONGEST_CELL:
                        raise _TooMuchError(Finding("K439", Place(at), {"limit": LONGEST_CELL}))
                    cells[row, column] = Cell(at, _tidied(content), CellKind.TEXT)
            if len(cells) > MAX_CELLS:
                at = CellRef(sheet, row, 1)
                raise _TooMuchError(Finding("K442", Place(at), {"limit": MAX_CELLS}))
    except csv.Error:
        place = Place(CellRef(sheet, row + 1, 1))
        raise _TooMuchError(Finding("K438", place, {"row": row + 1})) from None
    return cells


def _tidied(content: str) -> str:
    """A cell as it would stand in an .xlsx: a day has no hour, a line ends in one way."""
    day = _MIDNIGHT.fullmatch(content.strip())
    return day["day"] if day else content.replace("\r\n", "\n").replace("\r", "\n")
