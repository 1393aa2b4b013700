"""Case files: one project as JSON, or one a row in an xlsx in the shape of sheet 用例."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from authoring.cases.facts import Known, known_of
from authoring.cases.json_files import CaseReading, read_json_case, read_json_file
from authoring.cases.sheet import SHEET, read_case_row, read_case_table
from authoring.enough import READING_WORK, Effort, EnoughError, Findings
from authoring.grammar import Vocabulary
from authoring.headings import canonical
from authoring.plain_tables import PlainTable, Row, text_of
from authoring.spelling import key, nearest_number
from authoring.workbook import Position, Sheet, Source, content_position, read_sheets
from engine.findings import Finding, has_errors
from engine.model import Policy

WORKBOOKS = (".xlsx", ".xlsm")
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What a case file holds.

    ``readings`` are its cases with their numbers, in order; there are none when ``findings``, which
    concern the whole file, has an ERROR. ``sheets`` are those of an xlsx, to show places in.
    """

    readings: tuple[tuple[str, CaseReading], ...]
    findings: tuple[Finding, ...] = ()
    sheets: tuple[Sheet, ...] = ()


def read_case_file(
    path: Path | str,
    policy: Policy,
    vocabulary: Vocabulary | None = None,
    case_id: str | None = None,
    on: date | None = None,
) -> CaseReading:
    """Read the one case of a .json or .xlsx file, or the one that ``case_id`` chooses.

    ``on`` replaces the 基准日期 of the file.
    """
    file = choose(read_cases(path, policy, vocabulary, on), case_id)
    if len(file.readings) > 1:
        ids = tuple(number for number, _ in file.readings)[:MOST_NAMED]
        return None, (), (*file.findings, Finding("K433", None, {"ids": ids}))
    if not file.readings:
        return None, (), file.findings
    case, expectations, findings = file.readings[0][1]
    return case, expectations, (*file.findings, *findings)


def read_cases(
    path: Path | str,
    policy: Policy,
    vocabulary: Vocabulary | None = None,
    on: date | None = None,
) -> CaseFile:
    """Read every case of a .json or .xlsx file; ``on`` replaces their 基准日期.

    A row that cannot be used takes nothing from the others.
    """
    path, known = Path(path), known_of(policy, vocabulary, effort=Effort(READING_WORK))
    if path.suffix.lower() in WORKBOOKS:
        return _read_workbook(path, known, on)
    reading = read_json_file(path, known, on)
    return CaseFile((("" if reading[0] is None else reading[0].id, reading),))


def read_case_book(content: bytes, known: Known, on: date | None = None) -> CaseFile:
    """Read every case of an .xlsx given by its content."""
    return _read_workbook(content, known, on)


def read_case_list(content: bytes, policy: Policy) -> CaseFile:
    """Read every case of an .xlsx that somebody hands in, with a limit of work of its own."""
    return _read_workbook(content, known_of(policy, effort=Effort(READING_WORK)), None)


def choose(file: CaseFile, case_id: str | None) -> CaseFile:
    """Leave only the case of a number; all of them where no number is given."""
    if case_id is None or has_errors(file.findings):
        return file
    wanted = tuple(each for each in file.readings if key(each[0]) == key(case_id))
    if wanted:
        return CaseFile(wanted[:1], file.findings, file.sheets)
    near = nearest_number(case_id, [number for number, _ in file.readings])
    unknown = Finding("K431", None, {"id": case_id}, did_you_mean=near)
    return CaseFile((), (*file.findings, unknown), file.sheets)


def read_case(
    mapping: Mapping[str, object],
    policy: Policy,
    vocabulary: Vocabulary | None = None,
    on: date | None = None,
) -> CaseReading:
    """Read a case from a mapping shaped like a JSON case file."""
    return read_json_case(mapping, known_of(policy, vocabulary), on)


# --- xlsx ----------------------------------------------------------------------------------------


def _read_workbook(source: Source, known: Known, on: date | None) -> CaseFile:
    sheets, trouble = read_sheets(source)
    if has_errors(trouble):
        return CaseFile((), trouble)
    named = [sheet for sheet in sheets if canonical(sheet.name, "sheets") == SHEET]
    chosen = named or [sheet for sheet in sheets if sheet.cells and len(sheets) == 1]
    if not chosen:
        return CaseFile((), (*trouble, Finding("K430")))
    sheet, found = chosen[0], Findings()
    try:
        table = read_case_table(sheet, known, found, on)
        of_rows = _by_row(sheet, table, found)
        told = {id(each) for findings in of_rows.values() for each in findings}
        of_all = (*trouble, *(each for each in found if id(each) not in told))
        if not of_rows:
            of_all = (*of_all, Finding("K432", table.at))
        if has_errors(of_all):
            return CaseFile((), of_all, sheets)
        readings = tuple(_read_rows(table, known, of_rows, on))
    except EnoughError as enough:
        return CaseFile((), (*trouble, enough.finding, *found), sheets)
    return CaseFile(readings, of_all, sheets)


def _by_row(
    sheet: Sheet, table: PlainTable, findings: Iterable[Finding]
) -> dict[int, tuple[Finding, ...]]:
    """What was found in the cells of each row, those merged with cells above included."""
    in_row: dict[int, list[Finding]] = {}
    at_cell: dict[Position, list[Finding]] = {}
    for each in findings:
        if each.at is not None:
            in_row.setdefault(each.at.cell.row, []).append(each)
            at_cell.setdefault((each.at.cell.row, each.at.cell.column), []).append(each)
    columns = [each.at.column for each in table.headings.values()]
    found: dict[int, tuple[Finding, ...]] = {}
    for row in sorted((*table.rows, *table.refused), key=lambda row: row.at.row):
        number = row.at.row
        merged = dict.fromkeys(content_position(sheet, number, column) for column in columns)
        above = (each for at in merged if at[0] != number for each in at_cell.get(at, ()))
        found[number] = (*above, *in_row.get(number, ()))
    return found


def _read_rows(
    table: PlainTable,
    known: Known,
    of_rows: Mapping[int, tuple[Finding, ...]],
    on: date | None,
) -> Iterator[tuple[str, CaseReading]]:
    """Read every row; what is wrong with one takes nothing from the others.

    Raises:
        EnoughError: there is too much wrong with all of them together.
    """
    usable = {row.at.row for row in table.rows}
    every = Findings()
    for row in sorted((*table.rows, *table.refused), key=lambda row: row.at.row):
        found = of_rows[row.at.row]
        reading = _read_row(row, known, found, on) if row.at.row in usable else (None, (), found)
        every.extend(reading[2])
        yield text_of(row, "编号"), reading


def _read_row(row: Row, known: Known, found: tuple[Finding, ...], on: date | None) -> CaseReading:
    findings = list(found)
    golden = read_case_row(row, known, findings, on)
    if golden is None or has_errors(findings):
        return None, golden.expectations if golden else (), tuple(findings)
    return golden.case, golden.expectations, tuple(findings)
