"""Pages as an .xlsx with looks: fonts, colours, frozen headings, formats of columns.

Dropdowns, messages and the widths that follow from the contents come with ``renew``, as for
any book.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from authoring.messages import text
from authoring.notice import PROPOSALS
from authoring.notice.sheets import STATES as PROPOSAL_STATES
from authoring.template.colours import (
    DARK,
    FAINT,
    FONT,
    INK,
    LIGHT,
    PAPER,
    ROLE,
    WHITE,
    heading_fill,
)
from authoring.template.columns import DATES, must_be_filled
from authoring.template.example import Content, PlainPage, Table, TablePage
from authoring.template.guide import Look, guide_rows
from authoring.template.sources import words as words_of
from authoring.template.survey import CASES, CONTESTS, GUIDE
from authoring.template.widths import LINE_HEIGHT, height_of
from authoring.understand.table_layout import HEAD_ROWS, MARKER

AS_TYPED, DAY, GENERAL = "@", "yyyy-mm-dd", "General"
GUIDE_WIDTHS = (18, 40, 44)
PROPOSAL_WIDTHS = (10, 60, 22, 12, 22, 34, 10)
READY_ROWS = 8
"""So many rows below the example of a plain sheet are ruled."""

MOST_COLUMNS_OF_A_PAGE = 16

_LINE = Side(style="thin", color="C5CED8")
_RULED = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_WRAPPED = Alignment(horizontal="left", vertical="top", wrap_text=True)
_HEADED = Alignment(vertical="center", wrap_text=True)
_LOOSE = Alignment(vertical="center")


def bare_book(
    pages: Sequence[PlainPage | TablePage],
    to_place: Sequence[Sequence[str]] = (),
    *,
    example: bool = False,
) -> bytes:
    """Write pages; ``to_place`` are the rows of a sheet 待核, headings first.

    ``example`` says that they hold the invented policy, for 说明 to speak of it.
    """
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    _write_guide(book.create_sheet(GUIDE), [page.name for page in pages], example=example)
    for page in pages:
        sheet = book.create_sheet(page.name)
        _put(sheet, 1, 1, text(f"template_page.{page.name}"), _font(FAINT), top=False)
        sheet.row_dimensions[1].height = LINE_HEIGHT * 1.3
        if isinstance(page, PlainPage):
            _write_plain(sheet, page)
        else:
            _write_tables(sheet, page)
        _print(sheet)
    if to_place:
        _write_proposals(book.create_sheet(PROPOSALS), to_place)
    book.properties.creator = ""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _font(colour: str = INK, *, bold: bool = False, size: int = 10) -> Font:
    return Font(name=FONT, size=size, bold=bold, color=colour)


def _fill(colour: str) -> PatternFill:
    return PatternFill("solid", start_color=colour)


def _put(
    sheet: Worksheet,
    row: int,
    column: int,
    content: Content,
    font: Font,
    *,
    fill: str = "",
    ruled: bool = False,
    top: bool = True,
    number_format: str = AS_TYPED,
) -> Any:
    """Write a cell; a text is a text, also one that begins like a formula."""
    cell = sheet.cell(row, column)
    cell.value = content
    if isinstance(content, str):
        cell.data_type = "s"
    cell.number_format = DAY if isinstance(content, date) else number_format
    cell.font = font
    cell.alignment = _WRAPPED if ruled and top else _HEADED if fill else _LOOSE
    if fill:
        cell.fill = _fill(fill)
    if ruled:
        cell.border = _RULED
    return cell


def _print(sheet: Worksheet, *, upright: bool = False) -> None:
    """On A4, in the width of one page where that can still be read."""
    sheet.page_setup.orientation = "portrait" if upright else "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    if sheet.max_column <= MOST_COLUMNS_OF_A_PAGE:
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    else:
        sheet.page_setup.scale = 70
        sheet.print_title_cols = "A:A"


# --- plain sheets ---------------------------------------------------------------------------------


def _write_plain(sheet: Worksheet, page: PlainPage) -> None:
    for column, heading in enumerate(page.headings, start=1):
        fill = heading_fill(page.name, heading)
        font = _font(WHITE if fill == DARK else INK, bold=True)
        _put(sheet, 2, column, heading, font, fill=fill, ruled=True, top=False)
        values = [row[column - 1] for row in page.rows]
        shown = _format_of(heading, values)
        _format_column(sheet, column, shown)
        for row, value in enumerate([*values, *[None] * READY_ROWS], start=3):
            _put(sheet, row, column, value, _font(), ruled=True, number_format=shown)
    sheet.row_dimensions[2].height = LINE_HEIGHT * 1.4
    fixed = {"代码表": 3, CASES: 3, CONTESTS: 5}.get(page.name, 2)
    sheet.freeze_panes = sheet.cell(3, fixed).coordinate
    sheet.print_title_rows = "2:2"


def _format_of(heading: str, values: Sequence[Content]) -> str:
    if heading in DATES or any(isinstance(value, date) for value in values if heading != "值"):
        return DAY
    return GENERAL if any(isinstance(value, int) for value in values) else AS_TYPED


def _format_column(sheet: Worksheet, column: int, number_format: str) -> None:
    """What rows that are added will look like."""
    look = sheet.column_dimensions[openpyxl.utils.get_column_letter(column)]
    look.width = 0  # not set: else openpyxl states one, and none follows from the contents
    look.number_format = number_format
    look.font = _font()
    look.alignment = _WRAPPED


def _write_proposals(sheet: Worksheet, rows: Sequence[Sequence[str]]) -> None:
    _put(sheet, 1, 1, text("template_page.待核"), _font(FAINT), top=False)
    sheet.row_dimensions[1].height = LINE_HEIGHT * 1.3
    headings, *proposals = rows
    for column, (heading, width) in enumerate(zip(headings, PROPOSAL_WIDTHS, strict=True), 1):
        _put(sheet, 2, column, heading, _font(bold=True), fill=LIGHT, ruled=True, top=False)
        sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].width = width
    for row, proposal in enumerate(proposals, start=3):
        for column, words in enumerate(proposal, start=1):
            _put(sheet, row, column, words or None, _font(), ruled=True)
        sheet.row_dimensions[row].height = height_of(zip(proposal, PROPOSAL_WIDTHS, strict=True))
    states = DataValidation("list", formula1=words_of(PROPOSAL_STATES), allow_blank=True)
    states.add(f"G3:G{len(rows) + 2}")
    sheet.add_data_validation(states)
    sheet.freeze_panes = "B3"
    sheet.auto_filter.ref = f"A2:G{len(rows) + 1}"
    sheet.print_title_rows = "2:2"
    _print(sheet)


# --- decision tables ------------------------------------------------------------------------------


def _write_tables(sheet: Worksheet, page: TablePage) -> None:
    top = 3
    for table in page.tables:
        _write_table(sheet, top, table)
        top += HEAD_ROWS + len(table.rows) + 2
    sheet.freeze_panes = "B6" if len(page.tables) == 1 else "B3"


def _write_table(sheet: Worksheet, top: int, table: Table) -> None:
    kind = table.settings["类别"]
    _put(sheet, top, 1, MARKER, _font(WHITE, bold=True), fill=DARK, ruled=True, top=False)
    _put(sheet, top, 2, table.name, _font(INK, bold=True), fill=PAPER, ruled=True, top=False)
    for index, (name, value) in enumerate(table.settings.items()):
        left = 3 + 2 * index
        _put(sheet, top, left, name, _font(FAINT), fill=LIGHT, ruled=True, top=False)
        _put(sheet, top, left + 1, value, _font(bold=True), fill=PAPER, ruled=True, top=False)
    _write_roles(sheet, top + 1, [role for role, _ in table.columns])
    for column, (role, heading) in enumerate(table.columns, start=1):
        needed = bool(heading) and must_be_filled(role, heading or "", kind)
        font, fill = _font(WHITE if needed else INK, bold=True), DARK if needed else LIGHT
        _put(sheet, top + 2, column, heading, font, fill=fill, ruled=True, top=False)
        shown = DAY if heading in DATES else AS_TYPED
        _format_column(sheet, column, shown)
        for row, rule in enumerate(table.rows, start=top + HEAD_ROWS):
            content = rule[column - 1]
            _put(sheet, row, column, content, _font(), ruled=True, number_format=shown)
    for row, height in ((top, 1.4), (top + 1, 1.2), (top + 2, 1.4)):
        sheet.row_dimensions[row].height = LINE_HEIGHT * height


def _write_roles(sheet: Worksheet, row: int, roles: Sequence[str]) -> None:
    """One merged cell over the columns of a role: inserted columns then have it too."""
    for column, role in enumerate(roles, start=1):
        first = column == 1 or roles[column - 2] != role
        words = role if first else None
        _put(sheet, row, column, words, _font(bold=True), fill=ROLE, ruled=True, top=False)
    for role in dict.fromkeys(roles):
        left = roles.index(role) + 1
        right = left + roles.count(role) - 1
        if right > left:
            sheet.merge_cells(start_row=row, end_row=row, start_column=left, end_column=right)


# --- 说明 -----------------------------------------------------------------------------------------


def _write_guide(sheet: Worksheet, pages: Sequence[str], *, example: bool) -> None:
    sheet.sheet_view.showGridLines = False
    for column, width in zip("ABC", GUIDE_WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    for row, line in enumerate(guide_rows(pages, example=example), start=1):
        _write_guide_row(sheet, row, line.look, line.cells)
    _print(sheet, upright=True)


def _write_guide_row(sheet: Worksheet, row: int, look: Look, cells: tuple[str, ...]) -> None:
    match look:
        case Look.TITLE:
            _put(sheet, row, 1, cells[0], _font(DARK, bold=True, size=16))
            sheet.row_dimensions[row].height = 30
        case Look.VERSION:
            for column, words in enumerate(cells, start=1):
                _put(sheet, row, column, words, _font(FAINT))
        case Look.GAP:
            sheet.row_dimensions[row].height = 10
        case Look.BLOCK:
            for column, words in enumerate((cells[0], "", ""), start=1):
                _put(sheet, row, column, words or None, _font(WHITE, bold=True, size=11), fill=DARK)
                sheet.cell(row, column).alignment = _LOOSE
            sheet.row_dimensions[row].height = LINE_HEIGHT * 1.5
        case Look.HEADS:
            for column, words in enumerate(cells, start=1):
                _put(sheet, row, column, words, _font(bold=True), fill=LIGHT, ruled=True)
        case Look.LINE | Look.STEP | Look.SAMPLE:
            for column, words in enumerate((*cells, "")[:3], start=1):
                _put(sheet, row, column, words or None, _font(bold=column == 1), ruled=True)
            if look is Look.LINE:
                sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=3)
            sheet.row_dimensions[row].height = _height(look, cells)


def _height(look: Look, cells: tuple[str, ...]) -> float:
    """Excel finds no height of its own for merged cells."""
    first, second, third = GUIDE_WIDTHS
    widths = (first, second + third) if look is Look.LINE else GUIDE_WIDTHS
    return height_of(zip(cells, widths, strict=True))
