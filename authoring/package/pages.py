"""A worksheet written from nothing: texts, looks, links inside the workbook. Nothing of it is a
formula, whatever the texts say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from authoring.package.cells import MOST_CHARACTERS, spell_position, spelled_text
from authoring.package.sheets import MAIN
from authoring.package.splice import attribute, content
from engine.cells import CellRef, column_letters

MOST_LINKS = 60_000
"""Excel takes 65,530 links a sheet."""
_LINE, _HIGHEST = 15, 409
"""Points of a line, and the most that Excel gives a row."""


@dataclass(frozen=True, slots=True)
class Written:
    """A cell of a page: a text or a number, the number of its format, and where a click leads."""

    content: str | int
    look: int = 0
    link: CellRef | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A worksheet: rows of cells, the widths of its columns in characters.

    Rows above ``frozen`` stay in sight; ``merged`` names rows whose first cell spans all columns;
    ``heights`` are points. Other rows are as high as their texts need.
    """

    rows: Sequence[Sequence[Written | None]]
    widths: Sequence[int]
    frozen: int = 0
    merged: Sequence[int] = ()
    tab: str = ""
    heights: Mapping[int, int] = field(default_factory=dict)


def spell_page(page: Page) -> bytes:
    """The part of a page."""
    last = column_letters(len(page.widths))
    links = [
        (spell_position((row, column)), cell.link)
        for row, cells in enumerate(page.rows, start=1)
        for column, cell in enumerate(cells, start=1)
        if cell and cell.link
    ]
    merges = "".join(f'<mergeCell ref="A{row}:{last}{row}"/>' for row in page.merged)
    parts = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">',
        "<sheetPr>",
        f'<tabColor rgb="FF{page.tab}"/>' if page.tab else "",
        '<pageSetUpPr fitToPage="1"/></sheetPr>',
        '<sheetViews><sheetView showGridLines="0" workbookViewId="0">',
        f'<pane ySplit="{page.frozen}" topLeftCell="A{page.frozen + 1}" activePane="bottomLeft"'
        ' state="frozen"/>'
        if page.frozen
        else "",
        "</sheetView></sheetViews>",
        "<cols>",
        *(
            f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
            for number, width in enumerate(page.widths, start=1)
        ),
        "</cols><sheetData>",
        *(_spell_row(number, page) for number in range(1, len(page.rows) + 1)),
        "</sheetData>",
        f'<mergeCells count="{len(page.merged)}">{merges}</mergeCells>' if merges else "",
        "<hyperlinks>" if links else "",
        *(
            f'<hyperlink ref="{at}" location="{attribute(spell_place(target))}"/>'
            for at, target in links[:MOST_LINKS]
        ),
        "</hyperlinks>" if links else "",
        '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>',
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>',
        "</worksheet>",
    )
    return "".join(parts).encode()


def spell_place(at: CellRef) -> str:
    """A place inside the workbook: ``'外资 奖励'!D7``, whatever the sheet is called."""
    sheet = at.sheet.replace("'", "''")
    return f"'{sheet}'!{spell_position((at.row, at.column))}"


def _spell_row(number: int, page: Page) -> str:
    # Without the flag customHeight a program may fit the row anew; not all do on opening.
    height = page.heights.get(number) or _height(number, page)
    cells = (
        _spell_cell(spell_position((number, column)), cell)
        for column, cell in enumerate(page.rows[number - 1], start=1)
        if cell
    )
    return f'<row r="{number}" ht="{height}">{"".join(cells)}</row>'


def _height(number: int, page: Page) -> int:
    """How many points a row needs, going by the widths of its characters."""
    lines = 1
    for width, cell in zip(page.widths, page.rows[number - 1], strict=False):
        if cell and isinstance(cell.content, str):
            room = max((sum(page.widths) if number in page.merged else width) - 1, 1)
            if 2 * len(cell.content) <= room and "\n" not in cell.content:
                continue
            counts = (-(-cell_len(line) // room) for line in cell.content.split("\n"))
            lines = max(lines, sum(max(count, 1) for count in counts))
    return min(lines * _LINE + 3, _HIGHEST)


def _spell_cell(at: str, cell: Written) -> str:
    if isinstance(cell.content, int):
        return f'<c r="{at}" s="{cell.look}"><v>{cell.content}</v></c>'
    if not cell.content:
        return f'<c r="{at}" s="{cell.look}"/>'
    text = content(spelled_text(cell.content[:MOST_CHARACTERS]))
    return (
        f'<c r="{at}" s="{cell.look}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    )
