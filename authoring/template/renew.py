"""Renewing a book: its dropdowns and messages, the headings it lacks, widths where none are set.

Only those pieces of the file are written; every other byte of every part stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from authoring.headings import canonical
from authoring.messages import text
from authoring.package.looks import Look, add_looks
from authoring.package.parts import Package
from authoring.package.sheets import MAIN, add_sheet, sheet_parts
from authoring.spelling import key
from authoring.template.colours import DARK, FONT, INK, WHITE, heading_fill
from authoring.template.dressing import dress
from authoring.template.example import plain_sheets
from authoring.template.guide import VERSION, guide_rows, version_cell
from authoring.template.missing import NewHeading, missing_from, with_headings
from authoring.template.sheet_part import (
    NewCell,
    looks_of_row,
    set_heights,
    set_widths,
    write_cells,
)
from authoring.template.survey import CASES, GUIDE, PlainSheet, Survey, survey
from authoring.template.validations import set_validations
from authoring.template.widths import plain_widths, row_heights, table_widths
from authoring.workbook import Sheet

_NUMBER_FORMATS = {"text": 49, "date": 14, "number": 0}
"""Built-in number formats: as typed, a day, whatever."""
_GUIDE_WIDTHS: Mapping[int, float] = {1: 18.0, 2: 40.0, 3: 44.0}
_WRAPPED = '<alignment vertical="top" wrapText="1"/>'
_EMPTY = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">'
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
    ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    "<sheetData/></worksheet>"
)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A renewed book, and what was done to it."""

    file: bytes
    sheets: tuple[str, ...]
    """The sheets that were added."""
    headings: tuple[NewHeading, ...]
    """The headings that were added, those of new sheets left out."""
    dropdowns: int
    messages: int


def renew(file: bytes, sheets: Iterable[Sheet], *, fit_rows: bool = False) -> Renewal:
    """Renew a book, given as a file and as the sheets that were read from it.

    ``fit_rows`` gives heights to rows that have none, as a new book wants it.

    Raises:
        UnreadablePartError: a part of the file is not as Excel writes it.
    """
    before = survey(sheets)
    missing = missing_from(before)
    book = survey(with_headings(before.sheets, missing)) if missing.headings else before
    package = Package(file)
    guides = [each for each in before.sheets if canonical(each.name, "sheets") == GUIDE]
    new_sheets = (*(() if guides else (GUIDE,)), *missing.sheets)
    for name in new_sheets:
        add_sheet(package, name, _EMPTY.encode())
    cells, looks = _new_headings(package, before, missing.headings)
    cells |= _guide_cells(package, guides)
    widths = _widths(book) | ({} if guides else {GUIDE: _GUIDE_WIDTHS})
    validations = dress(book)
    titles = {sheet.name: sheet for sheet in book.sheets}
    for title, path in sheet_parts(package).items():
        if title not in {*cells, *widths, *validations}:
            continue
        part = package.read(path)
        part = write_cells(part, cells.get(title, ()))
        part = set_widths(part, widths.get(title, {}), looks.get(title, {}))
        part = set_validations(part, validations.get(title, ()))
        if fit_rows and title in titles:
            part = set_heights(part, row_heights(titles[title], widths[title]))
        package.write(path, part)
    every = [each for told in validations.values() for each in told]
    return Renewal(
        package.to_bytes(),
        new_sheets,
        tuple(each for each in missing.headings if each.at.sheet not in missing.sheets),
        sum(bool(each.source) for each in every),
        len(every),
    )


def _new_headings(
    package: Package, before: Survey, headings: Iterable[NewHeading]
) -> tuple[dict[str, list[NewCell]], dict[str, dict[int, int]]]:
    """The cells of new headings, and the formats of their columns: like what is at their left."""
    paths = sheet_parts(package)
    heads: dict[str, Mapping[int, int]] = {}
    bodies: dict[str, Mapping[int, int]] = {}
    titles: dict[str, frozenset[int]] = {}
    for plain in before.plain.values():
        part = package.read(paths[plain.sheet.name])
        heads[plain.sheet.name] = looks_of_row(part, plain.heading_row)
        bodies[plain.sheet.name] = looks_of_row(part, plain.heading_row + 1)
        titles[plain.sheet.name] = frozenset(
            row for row, _ in plain.sheet.cells if row < plain.heading_row
        )
    known = next((look for looks in heads.values() for look in looks.values()), 0)
    coloured = _coloured(before)
    colours: dict[tuple[int, str], int] = {}
    made: dict[tuple[str, int], int] = {}
    cells: dict[str, list[NewCell]] = {}
    formats: dict[str, dict[int, int]] = {}
    for each in headings:
        title, row, column = each.at.sheet, each.at.row, each.at.column
        head = _at_the_left(heads.get(title, {}), column, known)
        if title in coloured:
            colour = heading_fill(CASES, each.text)
            if (head, colour) not in colours:
                (colours[head, colour],) = add_looks(package, [_heading_look(colour)], head)
            head = colours[head, colour]
        cells.setdefault(title, []).append(NewCell(row, column, each.text, head))
        # The look of a column is for its cases, not for the line above its heading.
        cells[title] += [NewCell(above, column, "", 0) for above in titles.get(title, ())]
        kind = (each.holds, _at_the_left(bodies.get(title, {}), column, 0))
        if kind not in made:
            look = Look(number_format=_NUMBER_FORMATS[each.holds])
            (made[kind],) = add_looks(package, [look], kind[1])
        formats.setdefault(title, {})[column] = made[kind]
    return cells, formats


def _coloured(book: Survey) -> frozenset[str]:
    """The sheets of cases whose line above, as the template writes it, says what colours mean."""
    said = key(text(f"template_page.{CASES}"))
    return frozenset(
        plain.sheet.name
        for plain in book.plain.values()
        if plain.name == CASES and said in map(key, _above(plain))
    )


def _above(plain: PlainSheet) -> tuple[str, ...]:
    """What stands above the headings of a sheet."""
    cells = plain.sheet.cells.items()
    return tuple(cell.text for (row, _), cell in cells if row < plain.heading_row)


def _heading_look(colour: str) -> Look:
    ink = WHITE if colour == DARK else INK
    return Look(
        font=f'<font><b/><sz val="10"/><color rgb="FF{ink}"/><name val="{FONT}"/></font>',
        fill='<fill><patternFill patternType="solid">'
        f'<fgColor rgb="FF{colour}"/></patternFill></fill>',
    )


def _at_the_left(looks: Mapping[int, int], column: int, otherwise: int) -> int:
    left = max((at for at in looks if at < column), default=None)
    return otherwise if left is None else looks[left]


def _guide_cells(package: Package, guides: list[Sheet]) -> dict[str, list[NewCell]]:
    """The whole guide for a book that has none; else the version of the template in it."""
    if guides:
        at = version_cell(guides[0])
        old = guides[0].cells.get(at) if at else None
        if at is None or (old and old.text == VERSION):
            return {}
        return {guides[0].name: [NewCell(*at, VERSION)]}
    wrapped = Look(alignment=_WRAPPED, number_format=_NUMBER_FORMATS["text"])
    (look,) = add_looks(package, [wrapped])
    return {
        GUIDE: [
            NewCell(row, column, words, look if column > 1 else None)
            for row, line in enumerate(guide_rows(plain_sheets()), start=1)
            for column, words in enumerate(line.cells, start=1)
            if words
        ]
    }


def _widths(book: Survey) -> dict[str, Mapping[int, float]]:
    titles = {sheet.name: sheet for sheet in book.sheets}
    widths = {plain.sheet.name: plain_widths(plain) for plain in book.plain.values()}
    for title, layouts in book.layouts.items():
        if layouts:
            widths[title] = table_widths(titles[title], layouts)
    return widths
