"""The small sound workbook of ``sample_book.md``, and ways to spoil single cells of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from authoring.understand import Understanding, read_book
from tests.books import Content, Rows, make_book, sections

(SAMPLE,) = sections(Path(__file__).with_suffix(".md").read_text(encoding="utf-8"))

_CELL = re.compile(r"(?P<sheet>.+)!(?P<column>[A-Z])(?P<row>\d+)")


def sheets() -> dict[str, list[list[Content]]]:
    """A fresh copy of the sheets."""
    return {name: [list(row) for row in rows] for name, rows in SAMPLE.sheets.items()}


def edited(edits: Mapping[str, Content]) -> dict[str, list[list[Content]]]:
    """The sheets with some cells overwritten, each given like ``指标!C4``."""
    book = sheets()
    for cell, content in edits.items():
        place = _CELL.fullmatch(cell)
        assert place is not None, cell
        rows = book.setdefault(place["sheet"], [])
        row, column = int(place["row"]) - 1, ord(place["column"]) - ord("A")
        while len(rows) <= row:
            rows.append([])
        rows[row] += [None] * (column + 1 - len(rows[row]))
        rows[row][column] = content
    return book


def read(book: Mapping[str, Rows]) -> Understanding:
    """Read sheets as a workbook."""
    return read_book(make_book(book))
