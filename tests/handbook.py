"""Does what the handbook says: its tables are typed into the template, as a drafter types them.

A line such as ``“指标”表：`` stands above each table. The first row of the table holds headings of
that sheet; the others are typed into the first free rows under them. In 政策 and 代码表 a row whose
first cell is there already is written over.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from authoring.notice import cut
from authoring.template import new_book, renew
from authoring.workbook import read_sheets
from tests.books import Content, Rows, markdown_rows

HANDBOOK = Path(__file__).parent.parent / "docs" / "handbook.md"
NOTICE_FILE = HANDBOOK.parent / "handbook" / "notice.txt"
FIRST = "从一条条款到一条规则，十分钟"
CASES = "用例"
NOTICE = re.compile(r"^```(?:text)?\n(?P<text>.*?)^```$", re.M | re.S)
STEP = re.compile(r"^.*“(?P<sheet>[^”]+)”表(?P<again>（改）)?：\n\n(?P<table>(?:^\|.*\|\n)+)", re.M)
RULES = ("措施", "推导")
CONDITION, CONCLUSION, NUMBER = "条件", "结论", "编号"


@dataclass(frozen=True)
class Step:
    """One table of the handbook: what is typed into one sheet."""

    sheet: str
    rows: Rows
    again: bool
    """Whether it mends what was typed before: the rows are found by their first cell."""


def chapters(text: str) -> dict[str, str]:
    """The sections of the handbook by their titles."""
    found = (part.partition("\n") for part in re.split(r"^## ", text, flags=re.M)[1:])
    return {title.strip(): body for title, _, body in found}


def steps(chapter: str) -> list[Step]:
    """What a chapter tells to type, in its order."""
    return [
        Step(each["sheet"], markdown_rows(each["table"]), bool(each["again"]))
        for each in STEP.finditer(chapter)
    ]


def begin(notice: str) -> bytes:
    """What ``tiaoli new --notice`` writes."""
    lines = [line.strip() for line in notice.splitlines()]
    return new_book(cut([line for line in lines if line])).file


def renewed(file: bytes) -> bytes:
    """What ``tiaoli new --from`` writes."""
    return renew(file, read_sheets(file)[0]).file


def follow(file: bytes, told: Iterable[Step]) -> bytes:
    """Type what is told; before the cases are typed the book is renewed, as the handbook says."""
    for step in told:
        if step.sheet == CASES:
            file = renewed(file)
        file = type_in(file, step)
    return file


def type_in(file: bytes, step: Step) -> bytes:
    """Type one table into its sheet."""
    book = openpyxl.load_workbook(io.BytesIO(file), rich_text=True)
    sheet = book[step.sheet]
    heads, *rows = step.rows
    place = (_rule_columns if step.sheet in RULES else _plain_columns)(
        sheet, [str(h) for h in heads]
    )
    top, columns = place
    for cells in rows:
        row = _row_of(sheet, top, columns, cells, step)
        for column, content in zip(columns, cells, strict=True):
            if content is not None:
                _write(sheet, row, column, _typed(str(content)))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _write(sheet: Worksheet, row: int, column: int, content: Content) -> None:
    """A cell that has no format takes that of its column, as in a spreadsheet program."""
    cell = sheet.cell(row, column)
    cell.value = content
    for dimension in sheet.column_dimensions.values():
        if dimension.min <= column <= dimension.max and not cell.has_style:
            cell._style = copy(dimension._style)


def _plain_columns(sheet: Worksheet, heads: Sequence[str]) -> tuple[int, list[int]]:
    for top in range(1, 11):
        there = {sheet.cell(top, each).value: each for each in range(1, sheet.max_column + 1)}
        if heads[0] in there:
            return top, [there[head] for head in heads]
    raise LookupError(sheet.title, heads)


def _rule_columns(sheet: Worksheet, heads: Sequence[str]) -> tuple[int, list[int]]:
    """Conditions go under blank headings; a column that the template lacks, on the right."""
    top = next(r for r in range(1, sheet.max_row + 1) if sheet.cell(r, 1).value == NUMBER) + 1
    there: dict[str, int] = {}
    free: list[int] = []
    role = ""
    for column in range(1, sheet.max_column + 1):
        role = str(sheet.cell(top - 1, column).value or role)
        head = sheet.cell(top, column).value
        if head:
            there[str(head)] = column
        elif role == CONDITION:
            free.append(column)
    known_before = heads.index("支持项编号") if "支持项编号" in heads else len(heads)
    for at, head in enumerate(heads):
        if head in there:
            continue
        if at < known_before:
            there[head] = free.pop(0)
        else:
            there[head] = max(*there.values(), *free, 0) + 1
            sheet.cell(top - 1, there[head]).value = CONCLUSION
        sheet.cell(top, there[head]).value = head
    return top, [there[head] for head in heads]


def _row_of(
    sheet: Worksheet, top: int, columns: Sequence[int], cells: Sequence[Content], step: Step
) -> int:
    rows = range(top + 1, sheet.max_row + 2)
    first = columns[0]
    if step.again or step.sheet == "政策":
        return next(row for row in rows if sheet.cell(row, first).value == cells[0])
    return next(row for row in rows if not sheet.cell(row, first).value)


def _typed(content: str) -> Content:
    """What a spreadsheet program makes of what is typed."""
    if re.fullmatch(r"-?[0-9]+", content):
        return int(content)
    if re.fullmatch(r"-?[0-9]+\.[0-9]+", content):
        return float(content)
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", content):
        return date.fromisoformat(content)
    return content
