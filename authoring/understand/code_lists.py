"""Sheet 代码表: the allowed values of fields, as forests, with their dates and their source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from authoring.days import read_day
from authoring.plain_tables import (
    Row,
    Schema,
    columns_of,
    place_of,
    read_plain_table,
    text_of,
)
from authoring.spelling import key, nearest, tidy
from authoring.workbook import Sheet
from engine.findings import Finding
from engine.types import Code, CodeList

SCHEMA = Schema("代码表", columns_of("代码表", filled=["代码表", "值"]), identity=("代码表", "值"))
PENDING = "待补充"
SUBJECTS = "主体"
MAX_RANK = 1_000_000


def read_code_lists(sheet: Sheet, findings: list[Finding]) -> tuple[CodeList, ...]:
    """Read the lists in the order in which they first occur."""
    table = read_plain_table(sheet, SCHEMA, findings)
    by_list: dict[str, list[Row]] = {}
    for row in table.rows:
        by_list.setdefault(key(text_of(row, "代码表")), []).append(row)
    return tuple(_read_list(rows, findings) for rows in by_list.values())


def _read_list(rows: list[Row], findings: list[Finding]) -> CodeList:
    listed = [row for row in rows if text_of(row, "值") != PENDING]
    spelled = {key(text_of(row, "值")): text_of(row, "值") for row in listed}
    parents: dict[str, str] = {}
    for row in listed:
        parent = text_of(row, "上级")
        if parent and key(parent) in spelled:
            parents[text_of(row, "值")] = spelled[key(parent)]
        elif parent:
            params = {"parent": parent, "list": text_of(row, "代码表")}
            near = nearest(parent, spelled.values())
            findings.append(Finding("W260", place_of(row, "上级"), params, did_you_mean=near))
    row_of = {text_of(row, "值"): row for row in listed}
    for circle in _circles(parents):
        at = place_of(row_of[circle[0]], "上级")
        findings.append(Finding("W261", at, {"circle": " → ".join([*circle, circle[0]])}))
        for value in circle:
            del parents[value]
    return CodeList(
        name=text_of(rows[0], "代码表"),
        codes=tuple(_read_code(row, parents, findings) for row in listed),
        pending=len(listed) < len(rows),
        at=place_of(rows[0], "代码表"),
    )


def _read_code(row: Row, parents: Mapping[str, str], findings: list[Finding]) -> Code:
    value = text_of(row, "值")
    effective, expires = day_in(row, "有效起", findings), day_in(row, "有效止", findings)
    if effective and expires and expires < effective:
        params = {"effective": effective, "expires": expires}
        findings.append(Finding("W242", place_of(row, "有效止"), params))
    return Code(
        value=value,
        parent=parents.get(value),
        rank=_rank(row, findings),
        effective=effective,
        expires=expires,
        source=text_of(row, "来源"),
        at=place_of(row, "值"),
    )


def day_in(row: Row, name: str, findings: list[Finding]) -> date | None:
    """The day in a cell; None when it is blank or not a day."""
    entry = row.entries.get(name)
    if entry is None:
        return None
    day, trouble = read_day(tidy(entry.text), entry.at)
    findings.extend(trouble)
    return day


def _rank(row: Row, findings: list[Finding]) -> int | None:
    text = key(text_of(row, "次序"))
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 8 and 0 < int(text) <= MAX_RANK:
        return int(text)
    findings.append(Finding("W262", place_of(row, "次序"), {"text": text}))
    return None


def _circles(parents: Mapping[str, str]) -> list[list[str]]:
    """The values that stand above themselves, circle by circle; each value is walked once."""
    circles: list[list[str]] = []
    walked: dict[str, str] = {}
    for start in parents:
        way: list[str] = []
        value = start
        while value in parents and value not in walked:
            walked[value] = start
            way.append(value)
            value = parents[value]
        if way and walked.get(value) == start:
            circles.append(way[way.index(value) :])
    return circles


def by_key(code_lists: Iterable[CodeList]) -> dict[str, CodeList]:
    """The lists by the compared spelling of their names."""
    return {key(each.name): each for each in code_lists}
