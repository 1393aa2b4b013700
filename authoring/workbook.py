"""From an .xlsx file to sheets of cells, with every number exact. The only reader of openpyxl.

A cell keeps what the drafter sees, as text of the cell language: ``0.5`` formatted as a percentage
is ``50%``, a date is ``2023-09-28``, a tick is ``是``. What a file holds is never trusted: whatever
is wrong with it becomes a finding.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import openpyxl
from openpyxl.utils import column_index_from_string

from authoring.collector import uncollected
from engine.cells import CellRef, Place
from engine.findings import Finding, Severity

MEBIBYTE = 1 << 20
MAX_FILE_BYTES = 20 * MEBIBYTE
MAX_UNPACKED_BYTES = 200 * MEBIBYTE
MAX_MERGED_CELLS = 500_000
"""openpyxl makes an object of every cell that a merge covers."""
MAX_ROWS = 100_000
MAX_COLUMNS = 2_000

OLE_HEADER = b"\xd0\xcf\x11\xe0"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
YES, NO = "是", "否"

_MERGE = re.compile(rb"mergeCell\b[^>]*?\bref\s*=\s*[\"']\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")

Source: TypeAlias = Path | str | bytes
Position: TypeAlias = tuple[int, int]
"""Row and column, counted from 1."""


class CellKind(StrEnum):
    """What a cell holds, or (formula) what its last calculation gave."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    ERROR = "error"
    """#REF!, #DIV/0! and the like."""
    SCALED = "scaled"
    """A number whose format shows it divided by thousands: what is seen is not what is stored."""
    UNCALCULATED = "uncalculated"
    """A formula without a stored result."""


class Cell(NamedTuple):
    """One filled cell. ``formula`` is empty where the content was typed."""

    at: CellRef
    text: str
    kind: CellKind
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range, all ends included; its content stands at the top left."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def anchor(self) -> Position:
        """The cell that holds the content."""
        return self.top, self.left


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet: its filled cells by position, and the merges by every position they cover."""

    name: str
    cells: Mapping[Position, Cell]
    merges: Mapping[Position, Merge]
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()


@uncollected()
def read_sheets(source: Source) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    """Read every worksheet of a workbook, given by its path or its content; nothing raises."""
    content, trouble = _load(source)
    if trouble is not None:
        return (), (trouble,)
    trouble = _inspect(content)
    if trouble is not None:
        return (), (trouble,)
    try:
        return _read(content)
    except Exception:  # openpyxl raises whatever an ill-formed part leads to
        return (), (Finding("W208"),)


def trouble_of(cell: Cell, *, formulas: bool = False) -> Finding | None:
    """Say why the text of a cell cannot be used; ``formulas`` admits stored results."""
    if cell.formula and not formulas:
        return Finding("W220", Place(cell.at), {"formula": cell.formula})
    match cell.kind:
        case CellKind.UNCALCULATED:
            return Finding("W221", Place(cell.at), {"formula": cell.formula})
        case CellKind.ERROR:
            return Finding("W222", Place(cell.at), {"text": cell.text})
        case CellKind.SCALED:
            return Finding("W223", Place(cell.at), {"text": cell.text})
        case _:
            return None


def content_position(sheet: Sheet, row: int, column: int) -> Position:
    """Where the content of a cell stands: at the top left of its merge, or in itself."""
    merge = sheet.merges.get((row, column))
    return merge.anchor if merge else (row, column)


# --- the file ------------------------------------------------------------------------------------


def _load(source: Source) -> tuple[bytes, Finding | None]:
    if isinstance(source, bytes):
        return source, None if len(source) <= MAX_FILE_BYTES else _too_big(len(source))
    path = Path(source)
    name = path.name
    try:
        if path.is_dir():
            return b"", Finding("W202", None, {"name": name})
        if not path.exists():
            return b"", Finding("W201", None, {"name": name})
        size = path.stat().st_size
        return (b"", _too_big(size)) if size > MAX_FILE_BYTES else (path.read_bytes(), None)
    except (OSError, ValueError):
        return b"", Finding("W203", None, {"name": name})


def _too_big(size: int) -> Finding:
    params = {"size": -(-size // MEBIBYTE), "limit": MAX_FILE_BYTES // MEBIBYTE}
    return Finding("W209", None, params)


def _inspect(content: bytes) -> Finding | None:
    """Look at the container before anything in it is unpacked."""
    if not content.strip():
        return Finding("W204")
    if content.startswith(OLE_HEADER):
        return Finding("W206") if ENCRYPTED in content else Finding("W205")
    if not content.startswith(b"PK"):
        return Finding("W207")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _inspect_archive(archive)
    except Exception:  # zipfile and zlib raise many kinds for a damaged archive
        return Finding("W208")


def _inspect_archive(archive: zipfile.ZipFile) -> Finding | None:
    entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        return Finding("W206")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES:
        limit = MAX_UNPACKED_BYTES // MEBIBYTE
        return Finding("W210", None, {"size": unpacked // MEBIBYTE, "limit": limit})
    if "xl/workbook.xml" not in archive.namelist():
        return Finding("W211")
    merged = 0
    for entry in entries:
        part = archive.read(entry)
        if part[:2] in (b"\xff\xfe", b"\xfe\xff"):
            part = part.decode("utf-16", "replace").encode()
        merged += sum(map(_area, _MERGE.finditer(part)))
    if merged > MAX_MERGED_CELLS:
        return Finding("W212", None, {"limit": MAX_MERGED_CELLS})
    return None


def _area(merge: re.Match[bytes]) -> int:
    left, top, right, bottom = (each.decode() for each in merge.groups())
    if max(map(len, (left, right))) > 3 or max(map(len, (top, bottom))) > 7:
        return MAX_MERGED_CELLS + 1
    width = column_index_from_string(right) - column_index_from_string(left) + 1
    return width * (int(bottom) - int(top) + 1)


# --- the sheets ----------------------------------------------------------------------------------


def _read(content: bytes) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    book = _open(content, results=False)
    formulas = any(
        cell.data_type == "f" for sheet in book.worksheets for cell in sheet._cells.values()
    )
    results = _open(content, results=True) if formulas else None
    sheets, findings = [], []
    for index, sheet in enumerate(book.worksheets):
        if sheet.max_row > MAX_ROWS or sheet.max_column > MAX_COLUMNS:
            filled = [at for at, cell in sheet._cells.items() if cell.value is not None]
            if any(row > MAX_ROWS or column > MAX_COLUMNS for row, column in filled):
                limits = {"rows": MAX_ROWS, "columns": MAX_COLUMNS}
                findings.append(Finding("W213", None, {"sheet": sheet.title, **limits}))
                continue
        sheets.append(_read_sheet(sheet, results.worksheets[index] if results else None))
    for sheet_name in (sheet.title for sheet in book.chartsheets):
        findings.append(Finding("W214", None, {"sheet": sheet_name}, severity=Severity.ADVICE))
    return tuple(sheets), tuple(findings)


def _open(content: bytes, *, results: bool) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that openpyxl drops; we only read
        return openpyxl.load_workbook(io.BytesIO(content), data_only=results, keep_links=False)


def _read_sheet(sheet: Any, results: Any) -> Sheet:
    name = sheet.title
    cells = {}
    for position, raw in sorted(sheet._cells.items()):
        if raw.data_type == "f":
            stored = results._cells.get(position) if results is not None else None
            cells[position] = _read_formula(CellRef(name, *position), raw, stored)
        elif raw.value is not None:
            kind, text = _content(raw, raw, typed=True)
            if text.strip():
                cells[position] = Cell(CellRef(name, *position), text, kind)
    last_row = max((row for row, _ in cells), default=0)
    last_column = max((column for _, column in cells), default=0)
    merges = {}
    for found in sheet.merged_cells.ranges:
        merge = Merge(found.min_row, found.min_col, found.max_row, found.max_col)
        for row in range(merge.top, min(merge.bottom, last_row) + 1):
            for column in range(merge.left, min(merge.right, last_column) + 1):
                merges[row, column] = merge
    hidden_rows = frozenset(
        row for row, look in sheet.row_dimensions.items() if look.hidden and row <= last_row
    )
    return Sheet(name, cells, merges, sheet.sheet_state != "visible", hidden_rows)


def _read_formula(at: CellRef, raw: Any, stored: Any) -> Cell:
    formula = raw.value if isinstance(raw.value, str) else getattr(raw.value, "text", None) or "="
    if stored is None or stored.value is None:
        return Cell(at, "", CellKind.UNCALCULATED, formula)
    kind, text = _content(stored, raw, typed=False)
    return Cell(at, text, kind, formula)


def _unescaped(text: str) -> str:
    """A text as people see it: ``_x005F_`` is how a file spells ``_`` before what looks like that.

    What no text holds (control characters, halves of pairs) goes.
    """
    return _ESCAPE.sub(_escaped_character, text).replace("\r", "")


def _escaped_character(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in "\n\t" or character.isprintable() else ""


def _content(held: Any, look: Any, *, typed: bool) -> tuple[CellKind, str]:
    """Spell the value of one cell, in the number format of another, as the cell language would."""
    if held.data_type == "e":
        return CellKind.ERROR, str(held.value)
    match held.value:
        case str() as text:
            return CellKind.TEXT, _unescaped(text)
        case bool() as yes:
            return CellKind.YES_NO, YES if yes else NO
        case int() | float() as number:
            # Only numbers are asked for their format: openpyxl takes long to find it.
            return _number(number, look.number_format, typed=typed)
        case datetime() as moment:
            day, clock = moment.date().isoformat(), moment.time()
            return CellKind.DATE, day if clock == time() else f"{day} {clock.isoformat('seconds')}"
        case date() | time() | timedelta() as moment:
            return CellKind.DATE, str(moment)
        case other:
            return CellKind.TEXT, str(other)


# --- numbers and what their formats show ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Look:
    """What a number format adds to the digits."""

    percent: int = 0
    scaled: bool = False
    suffix: str = ""


def _number(value: int | float, number_format: str, *, typed: bool) -> tuple[CellKind, str]:
    # Excel shows 15 digits; the binary rest of a calculation (0.30000000000000004) is nobody's.
    exact = Decimal(repr(value) if typed or isinstance(value, int) else f"{value:.15g}")
    if not exact.is_finite():
        return CellKind.ERROR, str(value)
    look = _look_of(number_format)
    text = _plain(exact.scaleb(2 * look.percent)) + "%" * look.percent + look.suffix
    return (CellKind.SCALED if look.scaled else CellKind.NUMBER), text


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


_FORMAT_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|\[[^\]]*\]|_.|\*.|(?P<digit>[0#?])|(?P<other>.)', re.S
)


def _look_of(number_format: str) -> _Look:
    """Read the first section of a number format: percent, thousands divisors, words behind."""
    percent, divided, suffix = 0, False, ""
    if number_format in ("General", "@", ""):
        return _Look()
    for token in _FORMAT_TOKEN.finditer(number_format):
        other = token["other"]
        if other == ";":
            break
        if token["digit"]:
            divided, suffix = False, ""
        elif other == ",":
            divided = True
        elif other == "%":
            percent += 1
        elif other is None:
            suffix += token["quoted"] or token["escaped"] or ""
        elif other not in "Ee+-. ":
            suffix += other
    suffix = suffix.strip()
    return _Look(percent, divided, suffix if re.fullmatch(r"‰|[^\W\d_]+", suffix) else "")
