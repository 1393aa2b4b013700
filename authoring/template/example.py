"""The invented policy of the template, as pages of rows; and how its decision tables are laid out.

The words stand in ``example.toml``; which headings there are, and their order, come from the
vocabulary and from the policy itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from authoring.cases.expectations import DOT, PREFIX, TOTAL
from authoring.headings import documented
from authoring.understand.table_layout import (
    BASIS,
    CONCLUSION,
    CONDITION,
    NUMBER,
    REMARK,
    UNLIMITED,
)
from engine.model import Source

Content: TypeAlias = str | int | date | None

SPARE_ROWS = 4
"""So many rows stand ready below the rules of a table, their conditions filled with ``—``."""


@dataclass(frozen=True, slots=True)
class PlainPage:
    """A plain sheet: its headings, and one row of contents for each thing."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Content, ...], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table: the settings of its first row, its columns by role, its rules.

    The rules are followed by ``SPARE_ROWS`` rows that stand ready. A column without a heading
    is room: it keeps the roles of all tables of a sheet below each other.
    """

    name: str
    settings: Mapping[str, str]
    columns: tuple[tuple[str, str | None], ...]
    rows: tuple[tuple[Content, ...], ...]


@dataclass(frozen=True, slots=True)
class TablePage:
    """A sheet of decision tables, one below the other."""

    name: str
    tables: tuple[Table, ...]


def example_pages() -> tuple[PlainPage | TablePage, ...]:
    """All sheets of the example but 说明, in the order in which they are filled in."""
    written: dict[str, list[Mapping[str, Any]]] = {}
    for table in _example()["tables"]:
        written.setdefault(table["sheet"], []).append(table)
    tables = {
        sheet: tuple(_table(table, _room(each)) for table in each)
        for sheet, each in written.items()
    }
    pages: dict[str, PlainPage | TablePage] = {}
    for name in plain_sheets():
        pages[name] = PlainPage(name, _headings(name), tuple(_rows(name)))
        if name == "代码表":
            pages |= {sheet: TablePage(sheet, each) for sheet, each in tables.items()}
    return tuple(pages.values())


def plain_sheets() -> tuple[str, ...]:
    """The plain sheets that the reader knows."""
    return tuple(name for name in documented("sheets") if name in _example())


@cache
def _example() -> Mapping[str, Any]:
    text = files("authoring.template").joinpath("example.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _headings(sheet: str) -> tuple[str, ...]:
    known = documented("headings", sheet)
    if sheet not in ("用例", "评选用例"):
        return known
    used = {heading for row in _example()[sheet] for heading in row}
    given = [
        row["指标"]
        for row in _example()["指标"]
        if row["来源"] != Source.DERIVED and (sheet == "用例" or row["指标"] in used)
    ]
    if sheet == "评选用例":
        return (*known[:-1], *given, known[-1])
    measures = dict.fromkeys(
        rule["支持项编号"]
        for table in _example()["tables"]
        for rule in table["rules"]
        if "支持项编号" in rule and rule.get("启用") != "否"
    )
    expected = (f"{PREFIX}{DOT}{target}" for target in (*measures, TOTAL))
    return (*known, *given, *expected)


def _rows(sheet: str) -> Iterator[tuple[Content, ...]]:
    headings = _headings(sheet)
    for row in _example()[sheet]:
        yield tuple(row.get(heading) for heading in headings)


def _headed(table: Mapping[str, Any], role: str) -> Sequence[str]:
    """The headings of a role; none stated: all that there are."""
    stated: Sequence[str] = table["columns"][role]
    return stated or documented("headings", role)


def _room(tables: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
    """How many columns each role takes on a sheet."""
    roles = (CONDITION, CONCLUSION, BASIS, REMARK)
    return {role: max(len(_headed(table, role)) for table in tables) for role in roles}


def _table(table: Mapping[str, Any], room: Mapping[str, int]) -> Table:
    columns: list[tuple[str, str | None]] = [(NUMBER, NUMBER)]
    for role, width in room.items():
        headings = _headed(table, role)
        columns += [(role, each) for each in headings]
        columns += [(role, None)] * (width - len(headings))
    ready = {heading: UNLIMITED for role, heading in columns if heading and role == CONDITION}
    rules = [ready | rule for rule in table["rules"]] + [ready] * SPARE_ROWS
    return Table(
        table["name"],
        table["settings"],
        tuple(columns),
        tuple(tuple(rule.get(heading) for _, heading in columns) for rule in rules),
    )
