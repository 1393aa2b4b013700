"""A small picture of a sheet around one cell, as HTML. Pure; every text is escaped."""

from __future__ import annotations

from collections.abc import Iterator

from authoring.messages import text
from authoring.render_html import Html, element, join
from authoring.widths import clip, display_width
from authoring.workbook import Sheet
from engine.cells import Place, column_letters

CELL_WIDTH = 20
MARKED_WIDTH = 90
"""Columns of text, a Chinese character counting two."""
_LEAD = 12
"""Characters shown before those that are meant, where a long text is cut."""


def render_excerpt(sheet: Sheet, at: Place, *, rows: int = 1, columns: int = 1) -> Html:
    """The cells around a place, at most so many each way, with the place marked."""
    row, column = _anchor(sheet, at.cell.row, at.cell.column)
    last_row = max((each for each, _ in sheet.cells), default=0)
    last_column = max((each for _, each in sheet.cells), default=0)
    shown_rows = range(max(1, row - rows), max(row, min(row + rows, last_row)) + 1)
    first = max(1, column - columns)
    # At the left edge of a sheet, show more to the right.
    last = max(column, min(first + 2 * columns, last_column))
    shown_columns = range(first, last + 1)
    head = element(
        "tr",
        element("td", class_="tl-corner"),
        *(element("th", column_letters(each), scope="col") for each in shown_columns),
    )
    body = (
        element(
            "tr",
            element("th", str(each), scope="row"),
            *_cells(sheet, each, shown_rows, shown_columns, at),
        )
        for each in shown_rows
    )
    caption = element("caption", text("page-check.excerpt", cell=str(at)))
    table = element("table", caption, element("thead", head), element("tbody", *body))
    return element("div", table, class_="tl-scroll tl-excerpt")


def _cells(sheet: Sheet, row: int, rows: range, columns: range, at: Place) -> Iterator[Html]:
    for column in columns:
        merge = sheet.merges.get((row, column))
        if merge is None:
            yield _cell(sheet, (row, column), at, {})
        elif row == max(merge.top, rows.start) and column == max(merge.left, columns.start):
            high = min(merge.bottom, rows.stop - 1) - row + 1
            wide = min(merge.right, columns.stop - 1) - column + 1
            spans = {"rowspan": str(high), "colspan": str(wide)}
            yield _cell(sheet, merge.anchor, at, spans)


def _cell(sheet: Sheet, position: tuple[int, int], at: Place, spans: dict[str, str]) -> Html:
    cell = sheet.cells.get(position)
    content = "" if cell is None else cell.text or cell.formula
    if position != _anchor(sheet, at.cell.row, at.cell.column):
        return element("td", clip(" ".join(content.split()), CELL_WIDTH), **spans)
    marked = element("span", text("page-check.marked"), class_="tl-aside")
    return element("td", _with_mark(content, at), marked, class_="tl-marked", **spans)


def _with_mark(content: str, at: Place) -> Html:
    """The text of the marked cell, cut around the characters that are meant."""
    begin = min(at.start, len(content))
    end = len(content) if at.end is None else min(max(at.end, begin), len(content))
    first = 0
    if display_width(content) > MARKED_WIDTH:
        first = max(0, begin - _LEAD)
    meant = clip(content[begin:end], MARKED_WIDTH)
    room = MARKED_WIDTH - display_width(content[first:begin]) - display_width(meant)
    after = clip(content[end:], max(1, room))
    before = ("…" if first else "") + content[first:begin]
    if begin == 0 and at.end is None:
        return join([meant])
    return join([before, element("mark", meant), after])


def _anchor(sheet: Sheet, row: int, column: int) -> tuple[int, int]:
    merge = sheet.merges.get((row, column))
    return merge.anchor if merge else (row, column)
