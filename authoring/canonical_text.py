"""The rows of a policy -> a text of one line for each thing said, made to be compared.

Sheets always come in one order and decision tables by name; formats, widths, colours and the
spelling of conditions leave no trace. Rows stay in the drafter's order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from authoring.spell_book import ANYTHING, MARKER, spell_book
from authoring.workbook import Sheet
from engine.cases import GoldenCase, GoldenContest
from engine.model import Policy

_HEADS = {"条件": "若", "结论": "则", "依据": "据", "备注": "注"}
_KEYS = {"代码表": 2, "评选": 2, "评选用例": 3}
"""How many columns name a row; one where nothing else is said."""

Row = Sequence[str]


def canonical_text(
    policy: Policy,
    golden_cases: Iterable[GoldenCase] = (),
    golden_contests: Iterable[GoldenContest] = (),
) -> str:
    """Everything that a policy says."""
    sheets = spell_book(policy, golden_cases, golden_contests)
    lines: list[str] = []
    for name, rows in sheets.items():
        if rows[0][:1] == [MARKER]:
            for table in sorted(_tables(rows), key=lambda table: table[0][1]):
                lines += _table(table)
        elif name == "政策":
            lines += [f"# {name}", *(_line(key, value) for key, value in rows[1:]), ""]
        else:
            lines += [f"# {name}", "", *_plain(rows, _KEYS.get(name, 1))]
    return "\n".join(lines).rstrip("\n") + "\n"


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a policy says: the sheet or decision table, the row, the column, the text.

    ``role`` is that of the column of a decision table: a condition and a conclusion may share a
    heading.
    """

    sheet: str
    row: str
    heading: str
    text: str
    role: str = ""


def statements(policy: Policy) -> Iterator[Statement]:
    """Everything that a policy says but for its cases, in the order of the text."""
    for name, rows in spell_book(policy).items():
        if rows[0][:1] == [MARKER]:
            for table in sorted(_tables(rows), key=lambda table: table[0][1]):
                yield from _table_statements(table)
        elif name == "政策":
            yield from (Statement(name, "", key, value) for key, value in rows[1:])
        else:
            keys = _KEYS.get(name, 1)
            headings, *content = rows
            for row in content:
                title = " · ".join(cell for cell in row[:keys] if cell)
                yield Statement(name, title, "", "")
                for heading, cell in zip(headings[keys:], row[keys:], strict=True):
                    if cell:
                        yield Statement(name, title, heading, cell)


def _table_statements(table: Sequence[Row]) -> Iterator[Statement]:
    (_, name, *settings), roles, headings, *rules = table
    sheet = f"{MARKER} {name}"
    yield Statement(sheet, "", "", "")
    for key, value in zip(settings[::2], settings[1::2], strict=True):
        yield Statement(sheet, "", key, value)
    for number, *cells in rules:
        yield Statement(sheet, number, "", "")
        for role, heading, cell in zip(roles[1:], headings[1:], cells, strict=True):
            if cell and not (role == "条件" and cell == ANYTHING):
                yield Statement(sheet, number, heading, cell, role)


def raw_text(sheets: Iterable[Sheet]) -> str:
    """The cells of a workbook that is not understood, row by row."""
    lines: list[str] = []
    for sheet in sorted(sheets, key=lambda sheet: sheet.name):
        lines += [f"# {sheet.name}", ""]
        rows: dict[int, list[str]] = {}
        for (row, _), cell in sorted(sheet.cells.items()):
            rows.setdefault(row, []).append(_folded(cell.formula or cell.text))
        lines += [*(" | ".join(cells) for cells in rows.values()), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _plain(rows: Sequence[Row], keys: int) -> Iterator[str]:
    headings, *content = rows
    for row in content:
        yield "## " + " · ".join(_folded(cell) for cell in row[:keys] if cell)
        for heading, cell in zip(headings[keys:], row[keys:], strict=True):
            if cell:
                yield _line(heading, cell)
        yield ""


def _tables(rows: Iterable[Row]) -> Iterator[list[Row]]:
    table: list[Row] = []
    for row in rows:
        if row[:1] == [MARKER] and table:
            yield table
            table = []
        if row:
            table.append(row)
    yield table


def _table(table: Sequence[Row]) -> Iterator[str]:
    (_, name, *settings), roles, headings, *rules = table
    yield f"# {MARKER} {name}"
    for key, value in zip(settings[::2], settings[1::2], strict=True):
        yield _line(key, value)
    yield ""
    for number, *cells in rules:
        yield f"## {number}"
        for role, heading, cell in zip(roles[1:], headings[1:], cells, strict=True):
            if cell and not (role == "条件" and cell == ANYTHING):
                yield f"{_HEADS[role]} {_line(heading, cell)}"
        yield ""


def _line(heading: str, cell: str) -> str:
    return f"{heading}：{_folded(cell)}"


def _folded(text: str) -> str:
    """Keep what was written over several lines together, each line still apart."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\n    ")
