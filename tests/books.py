"""Small workbooks for tests, built in memory from rows or from Markdown tables.

A book is a mapping from sheet names to rows. In a cell, ``^`` merges with the cell above, ``<``
with the cell to the left, and a text that begins with ``=`` is a formula without a stored result.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import openpyxl

from authoring.headings import canonical

Content: TypeAlias = str | int | float | bool | date | None
Rows: TypeAlias = Sequence[Sequence[Content]]

ABOVE, LEFT = "^", "<"
QUOTE = "对符合条件的给予支持"
DATE = "2023-10-01"
BENEFICIARY = "企业"

POLICY: Rows = (
    ("项", "值"),
    ("政策编号", "T-1"),
    ("标题", "试行政策"),
    ("施行日期", "2023-01-01"),
)
PROVISIONS: Rows = (
    ("条款编号", "条款原文", "类型", "备注"),
    ("一", f"本市{QUOTE}，具体办法另行制定。", "可计算", "有的例子用不到"),
)
FIELDS: Rows = (("指标", "类型", "单位"),)
CODE_LISTS: Rows = (("代码表", "值"), ("主体", BENEFICIARY))

_CONCLUSIONS = {"支持项": None, "受益主体": BENEFICIARY, "支持方式": "奖励"}
_SEPARATOR = re.compile(r"\s*:?-{3,}:?\s*")
_TABLE_TITLE = re.compile(r"决策表\s+(?P<name>[^（]+?)\s*(?:（(?P<settings>.+)）)?")


def make_book(sheets: Mapping[str, Rows], *, hidden: Iterable[str] = ()) -> bytes:
    """Write an .xlsx."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for column, content in enumerate(row, start=1):
                if content is not None and content not in ("", ABOVE, LEFT):
                    sheet.cell(number, column).value = content
        for merge in _merges(rows):
            sheet.merge_cells(merge)
        if name in hidden:
            sheet.sheet_state = "hidden"
    if not book.worksheets:
        book.create_sheet("空")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _merges(rows: Rows) -> list[str]:
    """The ranges that the marks ``^`` and ``<`` describe."""
    anchors: dict[tuple[int, int], tuple[int, int]] = {}
    ends: dict[tuple[int, int], tuple[int, int]] = {}
    for number, row in enumerate(rows, start=1):
        for column, content in enumerate(row, start=1):
            here = (number, column)
            if content == ABOVE and number > 1:
                before = (number - 1, column)
            elif content == LEFT and column > 1:
                before = (number, column - 1)
            else:
                continue
            anchor = anchors[here] = anchors.get(before, before)
            ends[anchor] = max(ends.get(anchor, anchor), here)
    spell = openpyxl.utils.get_column_letter
    return [
        f"{spell(left)}{top}:{spell(right)}{bottom}"
        for (top, left), (bottom, right) in ends.items()
    ]


def complete(sheets: Mapping[str, Rows]) -> dict[str, Rows]:
    """Add the sheets that a policy needs and a test does not speak of."""
    given_names = {canonical(name, "sheets") for name in sheets}
    defaults = {"政策": POLICY, "条款": PROVISIONS, "指标": FIELDS}
    full = {name: rows for name, rows in defaults.items() if name not in given_names} | dict(sheets)
    given = [list(row) for row in sheets.get("代码表", CODE_LISTS)]
    if not any(row[:1] == ["主体"] for row in given):
        given.append(["主体", BENEFICIARY])
    return full | {"代码表": given}


def decision_table(
    name: str, settings: Mapping[str, str], rows: Sequence[Sequence[Content]]
) -> list[list[Content]]:
    """Lay out a decision table; ``rows`` are the roles, the headings and the rules.

    What the rows leave out is added on the right: rule numbers and, for measures, the citation
    of the default provision, a beneficiary, a form and a name.
    """
    marker: list[Content] = ["决策表", name]
    for setting, value in settings.items():
        marker += [setting, value]
    roles, headings, *rules = [list(row) for row in rows]
    width = max(map(len, (roles, headings, *rules)))
    for row in (roles, headings, *rules):
        row += [None] * (width - len(row))

    def add(role: str, heading: str, cells: Sequence[Content]) -> None:
        roles.append(role)
        headings.append(heading)
        for rule, content in zip(rules, cells, strict=True):
            rule.append(content)

    if "编号" not in roles:
        add("编号", "编号", [f"{name}-{number}" for number in range(1, len(rules) + 1)])
    if settings.get("类别") == "措施":
        ids = [rule[headings.index("支持项编号")] for rule in rules]
        for heading, content in _CONCLUSIONS.items():
            if heading not in headings:
                add("结论", heading, [content or each for each in ids])
        if "依据" not in roles:
            add("依据", "条款", ["一"] * len(rules))
            add("依据", "原文", [QUOTE] * len(rules))
    return [marker, roles, headings, *rules]


# --- Markdown ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Section:
    """One ``##`` section of a specification: its sheets, and the findings that it expects."""

    title: str
    sheets: Mapping[str, Rows]
    findings: tuple[Expected, ...] | None


@dataclass(frozen=True)
class Expected:
    """A finding that a section expects: code, cell, and words that are in its message.

    ``place`` is 没有 for a code that must not be found.
    """

    code: str
    place: str
    words: str = ""


def sections(text: str) -> list[Section]:
    """Take a specification apart.

    ``### 决策表 名称（命中策略 …，类别 …）`` makes a sheet with one table. ``### 工作表 名称`` and
    any other ``###`` heading make a sheet whose rows are those of the Markdown table, one to one.
    ``### 发现`` lists code and cell of the findings, and words of their messages; ``—`` as cell is
    the whole file, ``没有`` says that there is none.
    """
    found = []
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        title, _, body = part.partition("\n")
        sheets: dict[str, Rows] = {}
        expected: tuple[Expected, ...] | None = None
        for block in re.split(r"^### ", body, flags=re.M)[1:]:
            heading, _, content = block.partition("\n")
            rows = markdown_rows(content)
            name = heading.strip()
            table = _TABLE_TITLE.fullmatch(name)
            if name == "发现":
                expected = tuple(Expected(*(str(cell or "") for cell in row)) for row in rows[1:])
            elif table:
                sheets[table["name"]] = decision_table(
                    table["name"], _settings(table["settings"] or ""), rows
                )
            else:
                name = name.removeprefix("工作表").strip()
                sheets[name] = _cases(rows) if name == "用例" else rows
        found.append(Section(title.strip(), complete(sheets), expected))
    return found


def markdown_rows(text: str) -> list[list[Content]]:
    """The rows of a Markdown table; the rule under its first row is dropped."""
    rows: list[list[Content]] = []
    for line in text.splitlines():
        if not line.strip().startswith("|"):
            continue
        cells = [each.strip() for each in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if not all(_SEPARATOR.fullmatch(each) for each in cells):
            rows.append([each.replace(r"\|", "|").replace("<br>", "\n") or None for each in cells])
    return rows


def _settings(text: str) -> dict[str, str]:
    pairs = (each.split(maxsplit=1) for each in re.split("[，,]", text) if each.strip())
    return {pair[0]: pair[1] if len(pair) > 1 else "" for pair in pairs}


def _cases(rows: list[list[Content]]) -> list[list[Content]]:
    """A case sheet; 编号 and 基准日期 are added where they are left out."""
    if not rows:
        return rows
    heading, *cases = rows
    for name, contents in (
        ("编号", [f"例{number}" for number in range(1, len(cases) + 1)]),
        ("基准日期", [DATE] * len(cases)),
    ):
        if name not in heading:
            heading.append(name)
            for case, content in zip(cases, contents, strict=True):
                case += [None] * (len(heading) - 1 - len(case)) + [content]
    return [heading, *cases]
