"""Where a thing was written. Every node of the model points back to the cell that made it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True, order=True)
class CellRef:
    """One cell of a workbook; row and column count from 1, as the drafter sees them."""

    sheet: str
    row: int
    column: int

    def __str__(self) -> str:
        return f"{self.sheet}!{column_letters(self.column)}{self.row}"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A cell, and within its text the half-open span of characters that is meant.

    ``end`` is None when the whole cell is meant.
    """

    cell: CellRef
    start: int = 0
    end: int | None = None

    def __str__(self) -> str:
        return str(self.cell)


@cache
def column_letters(column: int) -> str:
    """Spell a column number as a spreadsheet does: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
