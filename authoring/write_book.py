"""Rows -> an .xlsx. Texts are text and numbers numbers: nothing can become a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any, TypeAlias

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from authoring.cell_text import cell_text
from authoring.widths import display_width
from engine.cells import column_letters

TEXT_FORMAT = "@"
NUMBER_FORMAT = "#,##0.00####"
COUNT_FORMAT = "0"

_ACTING = ("=", "#", "+", "-", "@")
"""How a text begins that a spreadsheet might take for more than a text."""
_LOOKED_AT = 50
_NARROW_HEAD, _WIDE = 6, 36
_LINE_HEIGHT, _HIGHEST = 15, 400
_WIDEST_PAGE = 190
"""So many characters stand beside each other on a sheet of paper that can still be read."""
_A4 = 9
_BOLD, _TITLE = Font(bold=True), Font(bold=True, size=14)
_TOP = Alignment(vertical="top", wrap_text=True)
_HEAD = PatternFill("solid", fgColor="DDE5EE")
_LINE = Side(style="thin", color="C5CDD6")
_GRID = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)

Content: TypeAlias = str | int | Decimal


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; the first ``kept`` columns stay in view, and stand on every page."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Content]]
    kept: int = 1


def write_book(sheets: Mapping[str, Sequence[Sequence[Content]]]) -> bytes:
    """Make a workbook of sheets; a blank text is an empty cell."""
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([_cell(sheet, content) for content in row])
    return _saved(book)


def write_tables(tables: Mapping[str, Table], above: Sequence[str], footer: str) -> bytes:
    """Make a workbook to hand on: every sheet tells what it is of, and can be printed.

    ``above`` are the lines over the headings, ``footer`` is what stands below each page.
    """
    book = openpyxl.Workbook(write_only=True)
    for name, table in tables.items():
        sheet = book.create_sheet(name)
        widths = _widths(table)
        _prepare(sheet, table, widths, len(above) + 1, footer)
        for number, line in enumerate(above):
            told = _cell(sheet, line)
            if not number:
                told.font = _TITLE
            sheet.append([told])
        sheet.append([_heading(sheet, head) for head in table.heads])
        for number, row in enumerate(table.rows, start=len(above) + 2):
            lines = max(map(_lines, row, widths), default=1)
            if lines > 1:
                sheet.row_dimensions[number].height = min(lines * _LINE_HEIGHT, _HIGHEST)
            make = _lightly if lines == 1 else _from_the_top
            sheet.append([make(sheet, content) for content in row])
    return _saved(book)


def _saved(book: Any) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(sheet: Any, content: Content) -> Any:
    cell = WriteOnlyCell(sheet)
    if isinstance(content, str):
        if content:
            cell.value, cell.data_type, cell.number_format = cell_text(content), "s", TEXT_FORMAT
    else:
        cell.value = content
        cell.number_format = COUNT_FORMAT if isinstance(content, int) else NUMBER_FORMAT
    return cell


def _heading(sheet: Any, content: str) -> Any:
    cell = _cell(sheet, content)
    cell.font, cell.alignment, cell.fill, cell.border = _BOLD, _TOP, _HEAD, _GRID
    return cell


def _lightly(sheet: Any, content: Content) -> object:
    """A cell of a long list: only what needs a look of its own becomes more than its content."""
    if isinstance(content, int):
        return content
    if isinstance(content, Decimal) or content.startswith(_ACTING):
        return _cell(sheet, content)
    return cell_text(content) or None


def _from_the_top(sheet: Any, content: Content) -> object:
    """A cell of a row of several lines."""
    cell = _cell(sheet, content)
    cell.alignment = _TOP
    return cell


def _prepare(sheet: Any, table: Table, widths: Sequence[int], head: int, footer: str) -> None:
    """Freeze the headings, set the widths, and fit it to paper."""
    last = column_letters(len(table.heads))
    sheet.freeze_panes = f"{column_letters(table.kept + 1)}{head + 1}"
    end = head + max(len(table.rows), 1)
    sheet.auto_filter.ref = f"A{head}:{last}{end}"
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[column_letters(number)].width = width
    sheet.row_dimensions[head].height = max(map(_lines, table.heads, widths)) * _LINE_HEIGHT
    pages = 1 + sum(widths) // _WIDEST_PAGE
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, footer=0.3)
    sheet.oddFooter.center.text = footer
    sheet.print_area = f"A1:{last}{end}"
    sheet.print_title_rows = f"{head}:{head}"
    if pages > 1:
        sheet.print_title_cols = f"A:{column_letters(table.kept)}"


def _widths(table: Table) -> list[int]:
    """The width that each column needs: for all its numbers, for the texts of the first rows; the
    heading may break into lines."""
    widths = [min(display_width(heading), _NARROW_HEAD) for heading in table.heads]
    for number, row in enumerate(table.rows):
        for at, content in enumerate(row):
            if not isinstance(content, str):
                widths[at] = max(widths[at], len(_shown(content)))
            elif number < _LOOKED_AT:
                widths[at] = max(widths[at], display_width(content))
    return [min(width + 2, _WIDE) for width in widths]


def _shown(content: int | Decimal) -> str:
    """What a spreadsheet shows of a number."""
    if isinstance(content, Decimal):
        whole, _, decimals = f"{content:,f}".partition(".")
        return f"{whole}.{decimals:<02}"
    return str(content)


def _lines(content: Content, width: int) -> int:
    """On how many lines a text stands in a column; a number stands on one."""
    return -(-display_width(content) // (width - 2)) if isinstance(content, str) else 1
