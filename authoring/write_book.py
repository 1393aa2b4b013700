"""Rows -> an .xlsx. Texts are text and numbers numbers: nothing can become a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any, TypeAlias

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from authoring.widths import display_width
from engine.cells import column_letters

TEXT_FORMAT = "@"
NUMBER_FORMAT = "#,##0.00####"
COUNT_FORMAT = "0"

_ACTING = ("=", "#", "+", "-", "@")
"""How a text begins that a spreadsheet might take for more than a text."""
_LOOKED_AT = 50
_NARROW, _WIDE = 9, 42
_BOLD = Font(bold=True)
_TOP = Alignment(vertical="top", wrap_text=True)

Content: TypeAlias = str | int | Decimal


def write_book(sheets: Mapping[str, Sequence[Sequence[Content]]], *, headed: bool = False) -> bytes:
    """Make a workbook of sheets; a blank text is an empty cell.

    ``headed``: the first row names the columns; it stays in view, and columns get their widths.
    """
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        if headed:
            _prepare(sheet, rows)
        for number, row in enumerate(rows):
            if headed and number:
                sheet.append([_lightly(sheet, content) for content in row])
            else:
                sheet.append([_cell(sheet, content, bold=headed) for content in row])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(sheet: Any, content: Content, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet)
    cell.value = None if content == "" else content
    if isinstance(content, str):
        if content:
            cell.data_type = "s"
            cell.number_format = TEXT_FORMAT
    else:
        cell.number_format = COUNT_FORMAT if isinstance(content, int) else NUMBER_FORMAT
    if bold:
        cell.font, cell.alignment = _BOLD, _TOP
    return cell


def _lightly(sheet: Any, content: Content) -> object:
    """A cell of a long list: only what needs a look of its own becomes more than its content."""
    if isinstance(content, str):
        return _cell(sheet, content) if content.startswith(_ACTING) else content or None
    return content if isinstance(content, int) else _cell(sheet, content)


def _prepare(sheet: Any, rows: Sequence[Sequence[Content]]) -> None:
    """Freeze the headings, and set widths by what stands in the first rows."""
    sheet.freeze_panes = "A2"
    for column in range(max(map(len, rows), default=0)):
        texts = [str(row[column]) for row in rows[:_LOOKED_AT] if column < len(row)]
        widest = max(map(display_width, texts), default=0)
        letters = column_letters(column + 1)
        sheet.column_dimensions[letters].width = min(max(widest + 2, _NARROW), _WIDE)
