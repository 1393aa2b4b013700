"""The template for one notice: 政策 and 条款 filled, the other sheets ready, no example in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from authoring.headings import documented
from authoring.notice import Notice, notice_sheets
from authoring.template.example import Content, PlainPage, Table, TablePage, example_pages
from authoring.template.survey import CASES, CONTESTS
from authoring.understand.code_lists import SUBJECTS
from authoring.understand.rules import REQUIREMENT
from authoring.understand.table_layout import CONDITION, UNLIMITED

MEASURES = "措施"
"""The page of the example whose columns a new table takes."""
NEW_TABLE = "支持措施"
ROOM, READY = 3, 20
"""Columns for conditions, and rows for rules, that a new table has."""
_DAYS = frozenset({"成文日期", "施行日期", "失效日期"})


def notice_pages(notice: Notice) -> tuple[PlainPage | TablePage, ...]:
    """All sheets but 说明 and 待核, in the order in which they are filled in."""
    written = notice_sheets(notice)
    pages: list[PlainPage | TablePage] = []
    for page in example_pages():
        if isinstance(page, TablePage):
            pages += [_ready(page)] if page.name == MEASURES else []
        elif page.name in written:
            pages.append(_filled(page, written[page.name]))
        else:
            pages.append(_empty(page))
    return tuple(pages)


def _filled(page: PlainPage, rows: Sequence[Sequence[str]]) -> PlainPage:
    headings, *content = rows
    told: list[tuple[Content, ...]] = []
    for row in content:
        values = dict(zip(headings, row, strict=True))
        if page.name == "政策" and values["项"] in _DAYS and values["值"]:
            told.append((values["项"], date.fromisoformat(values["值"])))
        else:
            told.append(tuple(values.get(heading) or None for heading in page.headings))
    return replace(page, rows=tuple(told))


def _empty(page: PlainPage) -> PlainPage:
    """The headings that every policy has; subjects stay, since fields and measures need some."""
    if page.name in (CASES, CONTESTS):
        known = documented("headings", page.name)
        return replace(page, headings=known, rows=())
    subjects = tuple(row for row in page.rows if row[0] == SUBJECTS)
    return replace(page, rows=tuple((*row[:-1], None) for row in subjects))


def _ready(page: TablePage) -> TablePage:
    """A table without rules: 条件式, room for the conditions to come, and rows that stand ready."""
    table = page.tables[-1]
    others = [(role, heading) for role, heading in table.columns[1:] if role != CONDITION]
    conditions = [(CONDITION, REQUIREMENT), *[(CONDITION, None)] * ROOM]
    columns = (table.columns[0], *conditions, *others)
    spare = tuple(UNLIMITED if heading == REQUIREMENT else None for _, heading in columns)
    ready = Table(NEW_TABLE, table.settings, columns, (spare,) * READY)
    return TablePage(page.name, (ready,))
