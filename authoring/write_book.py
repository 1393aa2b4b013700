"""Rows -> an .xlsx. Texts are text and numbers numbers: nothing can become a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import TypeAlias

import openpyxl
from openpyxl.cell import WriteOnlyCell

TEXT_FORMAT = "@"
NUMBER_FORMAT = "#,##0.00####"
COUNT_FORMAT = "0"

Content: TypeAlias = str | int | Decimal


def write_book(sheets: Mapping[str, Sequence[Sequence[Content]]]) -> bytes:
    """Make a workbook of sheets; a blank text is an empty cell."""
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            cells = []
            for content in row:
                cell = WriteOnlyCell(sheet)
                cell.value = None if content == "" else content
                if isinstance(content, str):
                    if content:
                        cell.data_type = "s"
                        cell.number_format = TEXT_FORMAT
                else:
                    is_count = isinstance(content, int)
                    cell.number_format = COUNT_FORMAT if is_count else NUMBER_FORMAT
                cells.append(cell)
            sheet.append(cells)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
