"""From an .xlsx file to sheets of cells, with every number exact.

A cell keeps what the drafter sees, as text of the cell language: ``0.5`` formatted as a percentage
is ``50%``, a date is ``2023-09-28``, a tick is ``是``. What a file holds is never trusted: whatever
is wrong with it becomes a finding.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from authoring.archives import MAX_FILE_BYTES, MEBIBYTE, Archive, Excess, weigh
from authoring.package.parts import Package
from authoring.package.sheets import sheet_parts
from authoring.package.splice import UnreadablePartError
from authoring.sheet_parts import (
    ERROR,
    FORMULA,
    LISTS,
    WORKBOOK,
    RawCell,
    RawSheet,
    read_first_rows,
    read_parts,
)
from engine.cells import CellRef, Place
from engine.collector import uncollected
from engine.findings import Finding, Severity

MAX_MERGED_CELLS = 500_000
"""Cells that merges cover, in a sheet."""
MAX_ROWS = 100_000
MAX_COLUMNS = 2_000

OLE_HEADER = b"\xd0\xcf\x11\xe0"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
YES, NO = "是", "否"

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
    content, trouble = read_file(source)
    if trouble is not None:
        return (), (trouble,)
    trouble = _inspect(content)
    archive = None
    if trouble is None:
        archive, trouble = _open_archive(content)
    if archive is None:
        return (), (trouble or Finding("W208"),)
    try:
        return _read(archive)
    except Exception:  # openpyxl raises whatever an ill-formed part leads to
        return (), (Finding("W208"),)


def peek(
    content: bytes, wanted: Callable[[str], bool], most_rows: int = 60
) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """The filled cells of the first rows of some sheets, without the rest; nothing raises."""
    archive = _sound(content)
    if archive is None:
        return {}
    try:
        found = read_first_rows(archive, wanted, most_rows)
    except Exception:  # openpyxl raises whatever an ill-formed part leads to
        return {}
    return {name: _rows(name, cells) for name, cells in found.items()}


def _rows(sheet: str, held: tuple[RawCell, ...]) -> tuple[tuple[str, ...], ...]:
    rows: dict[int, list[str]] = {}
    for each in held:
        cell = _read_cell(CellRef(sheet, each.row, each.column), each)
        if cell is not None:
            rows.setdefault(each.row, []).append(cell.text)
    return tuple(map(tuple, rows.values()))


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


def read_file(source: Source) -> tuple[bytes, Finding | None]:
    """The content of a file that is not too large, or why there is none; nothing raises."""
    if isinstance(source, bytes):
        return source, None if len(source) <= MAX_FILE_BYTES else _too_big(len(source))
    path = Path(source)
    name = path.name or str(source)
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
    return None if content.startswith(b"PK") else Finding("W207")


def _sound(content: bytes) -> Archive | None:
    """The archive of a workbook that may be opened."""
    if len(content) > MAX_FILE_BYTES or _inspect(content) is not None:
        return None
    return _open_archive(content)[0]


_EXCESSES: Mapping[Excess, str] = {
    Excess.ENCRYPTED: "W206",
    Excess.UNPACKED: "W210",
    Excess.TWICE: "W218",
    Excess.DOCTYPE: "W215",
    Excess.TAGS: "W216",
    Excess.PARTS: "W216",
    Excess.GAP: "W217",
    Excess.TEXT: "W219",
}


def _open_archive(content: bytes) -> tuple[Archive | None, Finding | None]:
    """Open a workbook that is not too large to be read."""
    try:
        archive = Archive(content)
        verdict = weigh(archive, LISTS)
    except Exception:  # zipfile and zlib raise many kinds for a damaged archive
        return None, Finding("W208")
    if verdict is not None:
        where = _title_of(content, verdict.part)
        params = {"size": verdict.amount, "limit": verdict.limit, "part": where}
        return None, Finding(_EXCESSES[verdict.excess], None, params)
    if WORKBOOK not in archive.namelist():
        return None, Finding("W211")
    return archive, None


def _title_of(content: bytes, part: str) -> str:
    """What a drafter calls a part: the name of the sheet, if it is one."""
    if "/worksheets/" not in part:
        return part
    try:
        titles = {path: title for title, path in sheet_parts(Package(content)).items()}
    except UnreadablePartError:
        return part
    return titles.get(part, part)


# --- the sheets ----------------------------------------------------------------------------------


def _read(archive: Archive) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    book = read_parts(archive)
    sheets: list[Sheet] = []
    findings: list[Finding] = []
    names = Counter(raw.name.casefold() for raw in book.sheets)
    for raw in book.sheets:
        twice = names[raw.name.casefold()] > 1
        trouble = Finding("W227", None, {"sheet": raw.name}) if twice else _too_large(raw)
        if trouble is None:
            sheets.append(_read_sheet(raw))
        else:
            findings.append(trouble)
    for name in book.charts:
        findings.append(Finding("W214", None, {"sheet": name}, severity=Severity.ADVICE))
    return tuple(sheets), tuple(findings)


def _too_large(raw: RawSheet) -> Finding | None:
    if any(row > MAX_ROWS or column > MAX_COLUMNS for row, column in raw.cells):
        limits = {"rows": MAX_ROWS, "columns": MAX_COLUMNS}
        return Finding("W213", None, {"sheet": raw.name, **limits})
    areas = ((right - left + 1) * (bottom - top + 1) for left, top, right, bottom in raw.merges)
    if sum(areas) > MAX_MERGED_CELLS:
        return Finding("W212", None, {"sheet": raw.name, "limit": MAX_MERGED_CELLS})
    return None


def _read_sheet(raw: RawSheet) -> Sheet:
    last_row = max((row for row, _ in raw.cells), default=0)
    last_column = max((column for _, column in raw.cells), default=0)
    merges = {}
    for left, top, right, bottom in raw.merges:
        merge = Merge(top, left, bottom, right)
        for row in range(merge.top, min(merge.bottom, last_row) + 1):
            for column in range(merge.left, min(merge.right, last_column) + 1):
                merges[row, column] = merge
    cells: dict[Position, Cell] = {}
    for position, held in sorted(raw.cells.items()):
        merge_here = merges.get(position)
        if merge_here is not None and merge_here.anchor != position:
            continue  # Excel shows nothing of it
        cell = _read_cell(CellRef(raw.name, *position), held)
        if cell is not None:
            cells[position] = cell
    last_row = max((row for row, _ in cells), default=0)
    last_column = max((column for _, column in cells), default=0)
    covered = {at: each for at, each in merges.items() if at <= (last_row, last_column)}
    hidden_rows = frozenset(row for row in raw.hidden_rows if row <= last_row)
    return Sheet(raw.name, cells, covered, raw.hidden, hidden_rows)


def _read_cell(at: CellRef, held: RawCell) -> Cell | None:
    if held.data_type == FORMULA:
        return _read_formula(at, held)
    kind, text = _content(held.value, held.data_type, held.number_format, typed=True)
    return Cell(at, text, kind) if text.strip() else None


def _read_formula(at: CellRef, held: RawCell) -> Cell:
    written = held.value
    formula = written if isinstance(written, str) else getattr(written, "text", None) or "="
    if held.result is None:
        return Cell(at, "", CellKind.UNCALCULATED, formula)
    kind, text = _content(held.result, held.result_type, held.number_format, typed=False)
    return Cell(at, text, kind, formula)


@lru_cache(maxsize=1024)
def _unescaped(text: str) -> str:
    """A text as people see it: ``_x005F_`` is how a file spells ``_`` before what looks like that.

    What no text holds (control characters, halves of pairs) goes.
    """
    return _ESCAPE.sub(_escaped_character, text).replace("\r", "")


def _escaped_character(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in "\n\t" or character.isprintable() else ""


def _content(value: Any, data_type: str, look: str, *, typed: bool) -> tuple[CellKind, str]:
    """Spell the value of a cell as the cell language would; ``look`` is its number format."""
    if data_type == ERROR:
        return CellKind.ERROR, str(value)
    match value:
        case str() as text:
            return CellKind.TEXT, _unescaped(text)
        case bool() as yes:
            return CellKind.YES_NO, YES if yes else NO
        case int() | float() as number:
            return _number(number, look, typed=typed)
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
