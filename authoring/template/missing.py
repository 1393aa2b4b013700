"""The headings and sheets that the reader knows and a book has not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from authoring.headings import documented
from authoring.spelling import key
from authoring.template.columns import DATES
from authoring.template.survey import CASES, CONTESTS, GUIDE, PlainSheet, Survey
from authoring.workbook import Cell, CellKind, Sheet
from engine.cells import CellRef
from engine.model import Field, Source
from engine.types import NUMERIC_TYPES, DateType


@dataclass(frozen=True, slots=True)
class NewHeading:
    """A heading to be added, and the kind of what will stand below it."""

    documented_sheet: str
    at: CellRef
    text: str
    holds: str
    """``date``, ``number`` or ``text``."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What is to be added; new sheets have their headings among the others."""

    sheets: tuple[str, ...]
    headings: tuple[NewHeading, ...]


def missing_from(book: Survey) -> Missing:
    """Say what a book lacks. Decision tables choose their own columns."""
    names = [name for name in documented("sheets") if name != GUIDE]
    sheets = tuple(name for name in names if name not in book.plain)
    headings: list[NewHeading] = []
    for name in names:
        plain = book.plain.get(name)
        wanted = _wanted(name, book)
        if plain is None:
            headings += _headings(name, name, 1, 1, wanted, book)
        elif not plain.sheet.cells:
            headings += _headings(name, plain.sheet.name, 1, 1, wanted, book)
        elif len(plain.headings) > 1:
            new = [each for each in wanted if each not in plain.headings]
            column = _first_free_column(plain)
            headings += _headings(name, plain.sheet.name, plain.heading_row, column, new, book)
    return Missing(sheets, tuple(headings))


def with_headings(sheets: tuple[Sheet, ...], missing: Missing) -> tuple[Sheet, ...]:
    """The sheets as they will be when what is missing has been added."""
    named = {sheet.name: sheet for sheet in sheets}
    for name in missing.sheets:
        named[name] = Sheet(name, {}, {})
    for each in missing.headings:
        sheet = named[each.at.sheet]
        cell = Cell(each.at, each.text, CellKind.TEXT)
        cells = {**sheet.cells, (each.at.row, each.at.column): cell}
        named[each.at.sheet] = replace(sheet, cells=cells)
    return tuple(named.values())


def _wanted(name: str, book: Survey) -> tuple[str, ...]:
    known = documented("headings", name)
    if name != CASES:
        return known
    contests = book.plain.get(CONTESTS)
    elsewhere = contests.headings if contests else {}
    asked = (Source.REPORTED, Source.JUDGED)
    fields = (each.name for each in book.fields if each.source in asked)
    return (*known, *(each for each in fields if each not in elsewhere), *book.expectations)


def _first_free_column(plain: PlainSheet) -> int:
    """Behind everything on the sheet: a note at the side must not come under a heading."""
    filled = max(column for _, column in plain.sheet.cells)
    return max(filled, *(merge.right for merge in plain.sheet.merges.values()), 0) + 1


def _headings(
    documented_sheet: str,
    title: str,
    row: int,
    column: int,
    names: Iterator[str] | tuple[str, ...] | list[str],
    book: Survey,
) -> list[NewHeading]:
    fields = {key(field.name): field for field in book.fields}
    return [
        NewHeading(
            documented_sheet,
            CellRef(title, row, at),
            name,
            holds(name, fields.get(key(name)) if documented_sheet == CASES else None),
        )
        for at, name in enumerate(names, start=column)
    ]


def holds(heading: str, field: Field | None) -> str:
    """What stands below a heading: days, numbers, or texts that must stay what was typed."""
    if heading in DATES or (field and isinstance(field.type, DateType)):
        return "date"
    return "number" if field and isinstance(field.type, NUMERIC_TYPES) else "text"
