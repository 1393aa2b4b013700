"""The template without its example: headings, and rows and columns that stand ready.

A notice fills 政策 and 条款 of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from authoring.cases.expectations import DOT, PREFIX, TOTAL
from authoring.headings import documented
from authoring.template.example import Content, PlainPage, Table, TablePage, example_pages
from authoring.template.survey import CASES, CONTESTS
from authoring.understand.assemble import DERIVES, GRANTS
from authoring.understand.code_lists import SUBJECTS
from authoring.understand.rules import REQUIREMENT
from authoring.understand.table_layout import CONCLUSION, CONDITION, UNLIMITED

POLICY = "政策"
TOTAL_EXPECTED = f"{PREFIX}{DOT}{TOTAL}"
READY_TABLES: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "推导": ("推导", {"命中策略": "唯一", "类别": DERIVES, "默认": UNLIMITED}),
        "措施": ("支持措施", {"命中策略": "收集", "类别": GRANTS}),
    }
)
"""The pages that hold a table without rules: its name and its settings."""
ROOM, READY = 3, 20
"""Columns for conditions, and rows for rules, that such a table has."""
ROOM_TO_GRANT, ROOM_TO_DERIVE = 2, 2
"""Columns for what it concludes, beside those that are headed."""
_DAYS = frozenset({"成文日期", "施行日期", "失效日期"})
_NOTHING: Mapping[str, Sequence[Sequence[str]]] = MappingProxyType({})


def blank_pages(
    written: Mapping[str, Sequence[Sequence[str]]] = _NOTHING,
) -> tuple[PlainPage | TablePage, ...]:
    """All sheets but 说明, in the order in which they are filled in; ``written`` are rows to put
    into them, headings first, by sheet."""
    pages: list[PlainPage | TablePage] = []
    for page in example_pages():
        if isinstance(page, TablePage):
            pages += [_ready(page)] if page.name in READY_TABLES else []
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
        if page.name == POLICY and values["项"] in _DAYS and values["值"]:
            told.append((values["项"], date.fromisoformat(values["值"])))
        else:
            told.append(tuple(values.get(heading) or None for heading in page.headings))
    return replace(page, rows=tuple(told))


def _empty(page: PlainPage) -> PlainPage:
    """What every policy has: its headings, the items of 政策, some subjects."""
    if page.name in (CASES, CONTESTS):
        expected = (TOTAL_EXPECTED,) if page.name == CASES else ()
        return replace(page, headings=(*documented("headings", page.name), *expected), rows=())
    if page.name == POLICY:
        return replace(page, rows=tuple((name, None) for name in documented("keys", POLICY)))
    subjects = tuple(row for row in page.rows if row[0] == SUBJECTS)
    return replace(page, rows=tuple((*row[:-1], None) for row in subjects))


def _ready(page: TablePage) -> TablePage:
    """A table without rules: 条件式, room for the conditions to come, and rows that stand ready."""
    name, settings = READY_TABLES[page.name]
    number, *others = page.tables[-1].columns
    columns = [number, (CONDITION, REQUIREMENT), *[(CONDITION, None)] * ROOM]
    if settings["类别"] == GRANTS:
        columns += [each for each in others if each[0] == CONCLUSION]
        columns += [(CONCLUSION, None)] * ROOM_TO_GRANT
    else:
        columns += [(CONCLUSION, None)] * ROOM_TO_DERIVE
    columns += [each for each in others if each[0] not in (CONDITION, CONCLUSION) and each[1]]
    spare = tuple(UNLIMITED if heading == REQUIREMENT else None for _, heading in columns)
    return TablePage(page.name, (Table(name, settings, tuple(columns), (spare,) * READY),))
