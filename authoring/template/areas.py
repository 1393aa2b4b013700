"""Rectangles of cells, as the XML of a sheet lists them: ``B3:B500 D3``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from engine.cells import column_letters

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
_END = re.compile(r"\$?([A-Za-z]{1,3})?\$?(\d{1,7})?")


@dataclass(frozen=True, slots=True, order=True)
class Area:
    """A rectangle of cells, all ends included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        first = f"{column_letters(self.left)}{self.top}"
        last = f"{column_letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"


def cell(row: int, column: int) -> Area:
    """The area of one cell."""
    return Area(row, column, row, column)


def spell_areas(areas: Iterable[Area]) -> str:
    """Areas as the attribute ``sqref`` wants them."""
    return " ".join(map(str, areas))


def read_areas(sqref: str) -> tuple[Area, ...]:
    """Read an ``sqref``; whole columns (``A:C``) and rows (``2:9``) reach to the end."""
    return tuple(_read_area(each) for each in sqref.split())


def _read_area(text: str) -> Area:
    first, _, last = text.partition(":")
    top, left = _read_end(first, 1, 1)
    bottom, right = _read_end(last or first, LAST_ROW, LAST_COLUMN)
    return Area(min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def _read_end(text: str, row: int, column: int) -> tuple[int, int]:
    found = _END.fullmatch(text)
    letters, digits = found.groups() if found else (None, None)
    return (
        int(digits) if digits else row,
        _column(letters) if letters else column,
    )


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def without(areas: Iterable[Area], taken: Iterable[Area]) -> tuple[Area, ...]:
    """What remains of areas when others are taken out of them."""
    left = tuple(areas)
    for each in taken:
        left = tuple(piece for area in left for piece in _cut(area, each))
    return left


def _cut(area: Area, hole: Area) -> tuple[Area, ...]:
    top, bottom = max(area.top, hole.top), min(area.bottom, hole.bottom)
    left, right = max(area.left, hole.left), min(area.right, hole.right)
    if top > bottom or left > right:
        return (area,)
    pieces = (
        Area(area.top, area.left, top - 1, area.right),
        Area(top, area.left, bottom, left - 1),
        Area(top, right + 1, bottom, area.right),
        Area(bottom + 1, area.left, area.bottom, area.right),
    )
    return tuple(each for each in pieces if each.top <= each.bottom and each.left <= each.right)
