"""Compile time of workbooks, beside what openpyxl alone needs to read them."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import openpyxl

from authoring.understand import read_book
from bench.timing import head, least_in_turns, row
from engine.agenda import compile_program

CELLS, COLUMNS = 2_000, 10
MONEY, CHOICE = ("金额", "万元", None), ("单选", None, "产业")
"""What the sheet 指标 says of a column: type, unit, code list."""

INDUSTRIES = tuple(
    first + second
    for first in ("海洋", "航空", "智能", "绿色", "数字", "生物", "微纳", "低碳", "量子", "空天")
    for second in ("装备", "材料", "能源", "软件", "医药", "服务业")
)


def measure_books(wuxi: Path) -> None:
    """Print seconds and ratios for the real book and for generated ones."""
    head("workbook", "openpyxl s", "ours s", "ratio")
    books = (
        ("wuxi-2023, 250 golden cases included", wuxi.read_bytes()),
        (f"{CELLS:,} condition cells, other numbers in each", generated_book(limits)),
        (f"{CELLS:,} condition cells, other words in each", generated_book(choices, CHOICE)),
        (f"{CELLS:,} condition cells, twenty texts", generated_book(lambda at: limits(at % 20))),
    )
    for name, content in books:
        reading, ours = least_in_turns(partial(_read, content), partial(compile_book, content))
        row(name, reading, ours, ours / reading)


def _read(content: bytes) -> int:
    """Touch every cell, as openpyxl reads lazily nowhere but in its own loop."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return sum(1 for sheet in book for line in sheet.iter_rows() for _ in line)


def compile_book(content: bytes) -> None:
    """All that has to be done before a book can answer."""
    policy = read_book(content).policy
    assert policy is not None
    compile_program(policy)


def limits(number: int) -> str:
    """A range of money, another one for every number."""
    return f"{number + 1}万元以上且不超过{number + 3000}万元"


def choices(number: int) -> str:
    """Three codes, others for every number below the square of how many there are."""
    first, second = divmod(number, len(INDUSTRIES))
    each = (first, second, first + second + 1)
    return "、".join(INDUSTRIES[at % len(INDUSTRIES)] for at in each)


def generated_book(
    text_of: Callable[[int], str],
    column: tuple[str | None, ...] = MONEY,
    rules: int = CELLS // COLUMNS,
) -> bytes:
    """A book with one measure table, whose condition cells ``text_of`` their numbers spells."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "政策"
    for line in (("项", "值"), ("政策编号", "B"), ("标题", "生成"), ("施行日期", "2023-01-01")):
        sheet.append(line)
    for name, lines in (
        ("条款", (("条款编号", "条款原文", "类型"), ("一", "对符合条件的给予支持", "可计算"))),
        (
            "代码表",
            (("代码表", "值"), ("主体", "企业"), *(("产业", code) for code in INDUSTRIES)),
        ),
        (
            "指标",
            (
                ("指标", "类型", "单位", "代码表"),
                ("投资额", *MONEY),
                *((f"指标{number}", *column) for number in range(COLUMNS)),
            ),
        ),
    ):
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    sheet = book.create_sheet("规则")
    sheet.append(("决策表", "支持", "命中策略", "收集", "类别", "措施"))
    given = ("支持项编号", "支持项", "受益主体", "支持方式", "金额")
    sheet.append(("编号", *("条件",) * COLUMNS, *("结论",) * len(given), "依据", "依据"))
    fields = (f"指标{number}" for number in range(COLUMNS))
    sheet.append(("编号", *fields, *given, "条款", "原文"))
    for number in range(rules):
        cells = (text_of(number * COLUMNS + at) for at in range(COLUMNS))
        sheet.append(
            (
                f"R{number}",
                *cells,
                f"M{number}",
                f"支持{number}",
                "企业",
                "奖励",
                f"投资额的{number % 9 + 1}‰，最高200万元",
                "一",
                "给予支持",
            )
        )
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
