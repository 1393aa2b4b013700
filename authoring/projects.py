"""A list of projects: what is wrong in which row of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from authoring.cases import CaseFile
from authoring.messages import fill, list_words, text
from authoring.workbook import Sheet
from engine.cells import CellRef, column_letters
from engine.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class RowError:
    """One cell that cannot be read: where it stands, what is in it, what is wrong, what to do."""

    row: int
    column: str
    written: str
    problem: str
    remedy: str


def row_errors(file: CaseFile) -> tuple[RowError, ...]:
    """The errors in the rows of a file, from above to below."""
    return _told(file, (each for each in _of_rows(file) if each.severity is Severity.ERROR))


def row_warnings(file: CaseFile) -> tuple[RowError, ...]:
    """What else there is to say of a file that can be read, from above to below."""
    found = (*file.findings, *_of_rows(file))
    return _told(file, (each for each in found if each.severity is not Severity.ERROR))


def _of_rows(file: CaseFile) -> Iterator[Finding]:
    for _, (_, _, findings) in file.readings:
        yield from findings


def _told(file: CaseFile, findings: Iterable[Finding]) -> tuple[RowError, ...]:
    sheets = {sheet.name: sheet for sheet in file.sheets}
    found = (_row_error(finding, sheets, file.headings) for finding in findings)
    return tuple(sorted(found, key=lambda each: each.row))


def _row_error(finding: Finding, sheets: Mapping[str, Sheet], headings: CellRef | None) -> RowError:
    spoken = list_words(finding.code)
    params = {"field": "", **finding.params}
    remedy = fill(spoken.help, params)
    if finding.did_you_mean:
        remedy += text("projects.did_you_mean", words="、".join(finding.did_you_mean))
    row, column, written = 0, "", ""
    if finding.at is not None:
        at = finding.at.cell
        sheet = sheets.get(at.sheet)
        cell = sheet.cells.get((at.row, at.column)) if sheet else None
        row, written = at.row, "" if cell is None else cell.text or cell.formula
        column = column_letters(at.column)
        if heading := _heading_over(sheet, headings, at.column):
            column = text("projects.cell", letters=column, heading=heading)
    return RowError(row, column, written, fill(spoken.message, params), remedy)


def _heading_over(sheet: Sheet | None, headings: CellRef | None, column: int) -> str:
    """What stands at the head of a column of the list."""
    if sheet is None or headings is None or headings.sheet != sheet.name:
        return ""
    cell = sheet.cells.get((headings.row, column))
    return "" if cell is None else cell.text
