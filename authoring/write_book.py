"""Rows of text -> an .xlsx. Every cell is text: nothing that it holds can become a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

import openpyxl
from openpyxl.cell import WriteOnlyCell

TEXT_FORMAT = "@"


def write_book(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """Make a workbook of sheets; a blank text is an empty cell."""
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            cells = []
            for text in row:
                cell = WriteOnlyCell(sheet, text or None)
                if text:
                    cell.data_type = "s"
                    cell.number_format = TEXT_FORMAT
                cells.append(cell)
            sheet.append(cells)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
