"""Taking out of a book the columns of cases that are left over: unknown headings, blank below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from authoring.cases.sheet import LEFT_OVER
from authoring.package.parts import Package
from authoring.package.sheets import sheet_parts
from authoring.spelling import tidy
from authoring.template.drop_columns import drop_columns, may_drop_columns
from authoring.understand import understand
from authoring.workbook import Cell, Sheet
from engine.cells import CellRef


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its heading."""

    at: CellRef
    heading: str


@dataclass(frozen=True, slots=True)
class Tidied:
    """A book without the columns that were left over, and with those that could not go."""

    file: bytes
    dropped: tuple[Column, ...]
    kept: tuple[Column, ...]
    """Left over too, with something above the heading, or on a sheet with formulas, notes, pictures
    and the like."""


def drop_left_over(file: bytes, sheets: Iterable[Sheet]) -> Tidied:
    """Take out the columns that a check calls left over (K428); nothing that was typed goes.

    Raises:
        UnreadablePartError: a part of the file is not as Excel writes it.
    """
    sheets = tuple(sheets)
    found: dict[str, list[Column]] = {}
    cells = {sheet.name: sheet.cells for sheet in sheets}
    for each in understand(sheets).findings:
        if each.code == LEFT_OVER and each.at is not None:
            for at in (each.at.cell, *(place.cell for place in each.related)):
                heading = tidy(cells[at.sheet][at.row, at.column].text)
                found.setdefault(at.sheet, []).append(Column(at, heading))
    package = Package(file)
    dropped: list[Column] = []
    kept: list[Column] = []
    for title, columns in found.items():
        may_drop = may_drop_columns(package, title, min(each.at.column for each in columns))
        free = [each for each in columns if may_drop and _is_alone(each.at, cells[title])]
        kept += [each for each in columns if each not in free]
        if free:
            path = sheet_parts(package)[title]
            gone = [(each.at.row, each.at.column) for each in free]
            package.write(path, drop_columns(package.read(path), gone))
            dropped += free
    return Tidied(package.to_bytes(), tuple(dropped), tuple(kept))


def _is_alone(heading: CellRef, cells: Mapping[tuple[int, int], Cell]) -> bool:
    """Whether nothing stands in the column of a heading but itself."""
    return not any(column == heading.column and row != heading.row for row, column in cells)
