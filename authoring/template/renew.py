"""Renewing a book: its dropdowns and messages, the headings it lacks, widths where none are set.

Only those pieces of the file are written; every other byte of every part stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from authoring.headings import canonical
from authoring.template.dressing import dress
from authoring.template.example import plain_sheets
from authoring.template.guide import VERSION, guide_rows, version_cell
from authoring.template.missing import NewHeading, missing_from, with_headings
from authoring.template.package import MAIN, Package
from authoring.template.sheet_part import (
    NewCell,
    looks_of_row,
    set_heights,
    set_widths,
    write_cells,
)
from authoring.template.survey import GUIDE, Survey, survey
from authoring.template.validations import set_validations
from authoring.template.widths import plain_widths, row_heights, table_widths
from authoring.workbook import Sheet

_NUMBER_FORMATS = {"text": 49, "date": 14, "number": 0}
"""Built-in number formats: as typed, a day, whatever."""
_GUIDE_WIDTHS: Mapping[int, float] = {1: 18.0, 2: 40.0, 3: 44.0}
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
        package.add_sheet(name, _EMPTY.encode())
    cells, looks = _new_headings(package, before, missing.headings)
    cells |= _guide_cells(package, guides)
    widths = _widths(book) | ({} if guides else {GUIDE: _GUIDE_WIDTHS})
    validations = dress(book)
    titles = {sheet.name: sheet for sheet in book.sheets}
    for title, path in package.sheet_parts().items():
        part = package.read(path)
        changed = write_cells(part, cells.get(title, ()))
        changed = set_widths(changed, widths.get(title, {}), looks.get(title, {}))
        changed = set_validations(changed, validations.get(title, ()))
        if fit_rows and title in widths:
            changed = set_heights(changed, row_heights(titles[title], widths[title]))
        if changed != part:
            package.write(path, changed)
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
    """The cells of new headings, which look like their neighbours; formats of their columns."""
    paths = package.sheet_parts()
    heads = {
        plain.sheet.name: looks_of_row(package.read(paths[plain.sheet.name]), plain.heading_row)
        for plain in before.plain.values()
    }
    any_look = next((max(looks.items())[1] for looks in heads.values() if looks), 0)
    formats: dict[str, int] = {}
    cells: dict[str, list[NewCell]] = {}
    looks: dict[str, dict[int, int]] = {}
    for each in headings:
        title, row, column = each.at.sheet, each.at.row, each.at.column
        beside = [look for at, look in sorted(heads.get(title, {}).items()) if at < column]
        look = beside[-1] if beside else any_look
        cells.setdefault(title, []).append(NewCell(row, column, each.text, look))
        if each.holds not in formats:
            formats[each.holds] = package.add_look(_NUMBER_FORMATS[each.holds])
        looks.setdefault(title, {})[column] = formats[each.holds]
    return cells, looks


def _guide_cells(package: Package, guides: list[Sheet]) -> dict[str, list[NewCell]]:
    """The whole guide for a book that has none; else the version of the template in it."""
    if guides:
        at = version_cell(guides[0])
        old = guides[0].cells.get(at) if at else None
        if at is None or (old and old.text == VERSION):
            return {}
        return {guides[0].name: [NewCell(*at, VERSION)]}
    look = package.add_look(_NUMBER_FORMATS["text"], wrap=True)
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
