"""How wide columns and how high rows are, so that a box of a size can be said in cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from authoring.package.splice import Element

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_DIGIT = 7
"""Pixels of a digit in the usual font: what widths of columns are counted in."""
_DEFAULT_WIDTH, _DEFAULT_HEIGHT = 64, 20


@dataclass(frozen=True, slots=True)
class Grid:
    """Sizes in pixels; rows and columns count from 0 here, as in the anchors of drawings."""

    columns: Sequence[tuple[int, int, int]]
    rows: Mapping[int, int]
    column: int = _DEFAULT_WIDTH
    row: int = _DEFAULT_HEIGHT


Anchor = tuple[int, int, int, int, int, int, int, int]
"""Left column and pixels into it, top row and pixels, right column and pixels, bottom row and
pixels: ``x:Anchor`` of a note."""


STATED = {"sheetFormatPr": 1, "col": 2, "row": 2}
"""The elements of a worksheet that state sizes, with their depths."""


def read_grid(found: Iterable[Element]) -> Grid:
    """The sizes that the elements of a worksheet state."""
    columns: list[tuple[int, int, int]] = []
    rows: dict[int, int] = {}
    column, row = _DEFAULT_WIDTH, _DEFAULT_HEIGHT
    for each in found:
        if STATED.get(each.name) != each.depth:
            continue
        get = each.attributes.get
        hidden = get("hidden") in ("1", "true")
        if each.name == "sheetFormatPr":
            column = _pixels(get("defaultColWidth"), _DIGIT, column)
            row = _pixels(get("defaultRowHeight"), 4 / 3, row)
        elif each.name == "col":
            ends = (get("min", ""), get("max", ""))
            if all(end.isdecimal() for end in ends):
                width = 0 if hidden else _pixels(get("width"), _DIGIT, column)
                columns.append((int(ends[0]) - 1, int(ends[1]) - 1, width))
        elif (hidden or get("ht")) and get("r", "").isdecimal():
            rows[int(get("r", "")) - 1] = 0 if hidden else _pixels(get("ht"), 4 / 3, row)
    return Grid(tuple(columns), rows, column, row)


def box_at(grid: Grid, row: int, column: int, width: int, height: int) -> Anchor:
    """The anchor of a box of a size whose top left corner stands near a cell's right edge."""
    return box_from(grid, (column + 1, 15, max(row - 1, 0), 10 if row else 2), width, height)


def box_from(grid: Grid, corner: tuple[int, int, int, int], width: int, height: int) -> Anchor:
    """The anchor of a box of a size, from its top left corner."""
    left, into_left, top, into_top = corner
    right = _walk(left, into_left + width, lambda each: column_width(grid, each), LAST_COLUMN)
    bottom = _walk(top, into_top + height, lambda each: row_height(grid, each), LAST_ROW)
    return (left, into_left, top, into_top, *right, *bottom)


def size_of(grid: Grid, anchor: Anchor) -> tuple[int, int]:
    """Width and height of a box."""
    left, into_left, top, into_top, right, into_right, bottom, into_bottom = anchor
    width = sum(column_width(grid, each) for each in range(left, right)) + into_right - into_left
    height = sum(row_height(grid, each) for each in range(top, bottom)) + into_bottom - into_top
    return width, height


def column_width(grid: Grid, column: int) -> int:
    """The width of a column."""
    found = (width for first, last, width in grid.columns if first <= column <= last)
    return next(found, grid.column)


def row_height(grid: Grid, row: int) -> int:
    """The height of a row."""
    return grid.rows.get(row, grid.row)


def _walk(index: int, pixels: int, size: Callable[[int], int], end: int) -> tuple[int, int]:
    """Go on by a number of pixels from the beginning of a row or column."""
    while index < end - 1 and pixels >= (here := size(index)):
        pixels -= here
        index += 1
    return index, max(pixels, 0)


def _pixels(text: str | None, scale: float, default: int) -> int:
    try:
        return min(round(float(text or "") * scale), 4_000)
    except ValueError:
        return default
