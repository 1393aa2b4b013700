"""Case files: one project as JSON, or one a row of an .xlsx or .csv in the shape of sheet 用例."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeAlias

from authoring.cases.expectations import PREFIX
from authoring.cases.facts import Known, known_of
from authoring.cases.json_files import CaseReading, read_json_case, read_json_file
from authoring.cases.sheet import (
    NEEDED,
    SHEET,
    UNKNOWN_COLUMN,
    read_case_row,
    read_case_table,
    too_many_rows,
)
from authoring.delimited import SUFFIXES as TEXTS
from authoring.delimited import read_delimited
from authoring.enough import READING_WORK, Effort, EnoughError, Findings
from authoring.grammar import Vocabulary
from authoring.headings import canonical, split_unit
from authoring.messages import text
from authoring.plain_tables import PlainTable, Row, text_of
from authoring.spelling import is_slip, key, nearest_number
from authoring.workbook import (
    OLE_HEADER,
    Position,
    Sheet,
    content_position,
    read_file,
    read_sheets,
)
from engine.cells import CellRef, Place
from engine.findings import Finding, Severity, has_errors
from engine.model import Policy, WhenMissing

WORKBOOKS = (".xlsx", ".xlsm")
LISTS = (*WORKBOOKS, *TEXTS)
"""What may hold many projects, one a row."""
_PACKED = (b"PK", OLE_HEADER)
MOST_NAMED = 20
SPARE_COLUMN = "K444"
_OF_POLICY = frozenset({"政策", "条款", "指标"})
"""The sheets that every policy has."""
_MOST_TELLING = 4


_Read: TypeAlias = tuple[tuple[Sheet, ...], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What a case file holds.

    ``readings`` are its cases with their numbers, in order; there are none when ``findings``, which
    concern the whole file, has an ERROR. ``sheets`` are those of an .xlsx, or the one of a .csv, to
    show places in; ``headings`` is where the headings of the list stand.
    """

    readings: tuple[tuple[str, CaseReading], ...]
    findings: tuple[Finding, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    headings: CellRef | None = None


def read_case_file(
    path: Path | str,
    policy: Policy,
    vocabulary: Vocabulary | None = None,
    case_id: str | None = None,
    on: date | None = None,
) -> CaseReading:
    """Read the one case of a .json, .xlsx or .csv file, or the one that ``case_id`` chooses.

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
    """Read every case of a .json, .xlsx or .csv file; ``on`` replaces their 基准日期.

    A row that cannot be used takes nothing from the others.
    """
    path, known = Path(path), known_of(policy, vocabulary, effort=Effort(READING_WORK))
    if path.suffix.lower() in WORKBOOKS:
        return _read_sheets(read_sheets(path), known, on)
    if path.suffix.lower() in TEXTS:
        content, trouble = read_file(path)
        read = _sheets_of(content, path.name) if trouble is None else ((), (trouble,))
        return _read_sheets(read, known, on)
    reading = read_json_file(path, known, on)
    return CaseFile((("" if reading[0] is None else reading[0].id, reading),))


def read_case_book(content: bytes, known: Known, on: date | None = None) -> CaseFile:
    """Read every case of an .xlsx given by its content."""
    return _read_sheets(read_sheets(content), known, on)


def read_case_list(content: bytes, policy: Policy, name: str = "") -> CaseFile:
    """Read every case of a list that somebody hands in, with a limit of work of its own.

    ``name`` tells a .csv from an .xlsx; whatever it is called, a workbook is read as one. That of
    a policy is none: its 用例 are golden cases, and whoever hands it in means something else.
    """
    read = _sheets_of(content, name)
    if of_policy := _of_policy(read[0]):
        return CaseFile((), (Finding("K445", None, {"sheets": of_policy}),), read[0])
    return _read_sheets(read, known_of(policy, effort=Effort(READING_WORK)), None)


def spare_columns(file: CaseFile) -> Mapping[str, Mapping[int, str]]:
    """What stands in the columns that the policy does not know, by heading and row."""
    at = {
        str(each.params["heading"]): each.at.cell
        for each in reversed(file.findings)
        if each.code == SPARE_COLUMN and each.at is not None
    }
    cells = {each.name: each.cells for each in file.sheets}
    return {
        heading: {
            row: cell.text
            for (row, column), cell in cells[head.sheet].items()
            if column == head.column and row > head.row
        }
        for heading, head in at.items()
    }


def choose(file: CaseFile, case_id: str | None) -> CaseFile:
    """Leave only the case of a number; all of them where no number is given."""
    if case_id is None or has_errors(file.findings):
        return file
    wanted = tuple(each for each in file.readings if key(each[0]) == key(case_id))
    if wanted:
        return replace(file, readings=wanted[:1])
    near = nearest_number(case_id, [number for number, _ in file.readings])
    unknown = Finding("K431", None, {"id": case_id}, did_you_mean=near)
    return replace(file, readings=(), findings=(*file.findings, unknown))


def read_case(
    mapping: Mapping[str, object],
    policy: Policy,
    vocabulary: Vocabulary | None = None,
    on: date | None = None,
) -> CaseReading:
    """Read a case from a mapping shaped like a JSON case file."""
    return read_json_case(mapping, known_of(policy, vocabulary), on)


# --- lists ---------------------------------------------------------------------------------------


def _sheets_of(content: bytes, name: str) -> _Read:
    texts = name.lower().endswith(TEXTS) and not content.startswith(_PACKED)
    return read_delimited(content) if texts else read_sheets(content)


def _of_policy(sheets: Iterable[Sheet]) -> tuple[str, ...]:
    """The sheets by which the workbook of a policy is known; one name alone is an accident."""
    plain = [each.name for each in sheets if canonical(each.name, "sheets") in _OF_POLICY]
    tables = [each.name for each in sheets if _has_table(each)]
    return (*plain, *tables)[:_MOST_TELLING] if len(plain) > 1 or tables else ()


def _has_table(sheet: Sheet) -> bool:
    return any(
        column == 1 and canonical(cell.text, "marker") is not None
        for (_, column), cell in sheet.cells.items()
    )


def _read_sheets(read: _Read, known: Known, on: date | None) -> CaseFile:
    sheets, trouble = read
    if has_errors(trouble):
        return CaseFile((), trouble)
    named = [sheet for sheet in sheets if canonical(sheet.name, "sheets") == SHEET]
    chosen = named or [sheet for sheet in sheets if sheet.cells and len(sheets) == 1]
    if not chosen:
        return CaseFile((), (*trouble, Finding("K430")))
    sheet, found = chosen[0], Findings()
    if long := too_many_rows(sheet, known):
        return CaseFile((), (*trouble, long), sheets)
    try:
        table = read_case_table(sheet, known, found, on)
        of_rows = _by_row(sheet, table, found)
        told = {id(each) for findings in of_rows.values() for each in findings}
        of_all = (*trouble, *(_spare(each, known) for each in found if id(each) not in told))
        for row in filter(_is_example, (*table.rows, *table.refused)):
            del of_rows[row.at.row]
            of_all = (*of_all, Finding("K443", Place(row.at), severity=Severity.ADVICE))
        if not of_rows:
            of_all = (*of_all, Finding("K432", table.at))
        if has_errors(of_all):
            return CaseFile((), of_all, sheets, table.at.cell)
        readings = tuple(_read_rows(table, known, of_rows, on))
    except EnoughError as enough:
        return CaseFile((), (*trouble, enough.finding, *found), sheets)
    return CaseFile(readings, of_all, sheets, table.at.cell)


def _spare(finding: Finding, known: Known) -> Finding:
    """A column of the list's own, such as 联系人: left out, and told.

    One that is likelier a slip of a name stays an error, since that would count as not given; so
    does one that may be needed, or that resembles a field of which a blank says something.
    """
    if finding.code != UNKNOWN_COLUMN:
        return finding
    heading = split_unit(str(finding.params["heading"]))[0]
    near = tuple(each for each in finding.did_you_mean if not each.startswith(PREFIX))
    if heading.startswith(PREFIX) or any(
        each in NEEDED or is_slip(heading, each) or _says_something_blank(each, known)
        for each in near
    ):
        return finding
    return Finding(SPARE_COLUMN, finding.at, finding.params, Severity.WARNING, did_you_mean=near)


def _says_something_blank(name: str, known: Known) -> bool:
    field = known.fields.get(key(name))
    return field is not None and field.when_missing is not WhenMissing.UNKNOWN


def _is_example(row: Row) -> bool:
    """Whether a row is the example of the template, as it stands there."""
    told = text_of(row, "编号"), text_of(row, "名称")
    return told == (text("projects.example_number"), text("projects.example_name"))


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

    One that cannot be used is read all the same, for what else is wrong in it.

    Raises:
        EnoughError: there is too much wrong with all of them together.
    """
    usable = {row.at.row for row in table.rows}
    every = Findings()
    for row in sorted((*table.rows, *table.refused), key=lambda row: row.at.row):
        if row.at.row not in of_rows:
            continue
        reading = _read_row(row, known, of_rows[row.at.row], on)
        if row.at.row not in usable:
            reading = None, (), reading[2]
        every.extend(reading[2])
        yield text_of(row, "编号"), reading


def _read_row(row: Row, known: Known, found: tuple[Finding, ...], on: date | None) -> CaseReading:
    findings = list(found)
    golden = read_case_row(row, known, findings, on)
    if golden is None or has_errors(findings):
        return None, golden.expectations if golden else (), tuple(findings)
    return golden.case, golden.expectations, tuple(findings)
