"""How wide the columns of a sheet should be, and how high its rows, from what stands in them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from rich.cells import cell_len

from authoring.cases.expectations import PREFIX
from authoring.template.survey import PlainSheet
from authoring.understand.table_layout import HEAD_ROWS, TableLayout
from authoring.workbook import Sheet

NARROWEST, WIDEST = 9, 44
LONG_TEXTS = frozenset({"条款原文"})
WIDEST_TEXT = 72
ROOM: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(("标题", "指标", "支持项", "组", "评选项"), 16.0),
        **dict.fromkeys(("金额", "名称", "说明", "备注", "佐证材料", "最高限额"), 20.0),
        **dict.fromkeys(("条件式", "候选条件", "提示", "原文", "依据", "值"), 32.0),
        "条款原文": float(WIDEST_TEXT),
    }
)
"""At least so wide are columns that hold longer texts, also before anything is written."""
ROOM_OF_FREE = 14.0
"""So wide are the columns of a decision table that have no heading yet."""
ROOM_OF_EXPECTED = 20.0
"""An expectation: 可享受 50.72835万元."""
BESIDE = 3
"""Room beside a text, for the arrow of a dropdown."""
LINE_HEIGHT = 16.5


def plain_widths(plain: PlainSheet) -> Mapping[int, float]:
    """The widths of a plain sheet's headed columns."""
    return {
        heading.at.column: _width(
            plain.sheet,
            heading.at.column,
            plain.heading_row,
            WIDEST_TEXT if name in LONG_TEXTS else WIDEST,
            room=_room(plain, name),
        )
        for name, heading in plain.headings.items()
    }


def _room(plain: PlainSheet, name: str) -> float:
    if name == "值" and plain.name != "政策":
        return NARROWEST
    return ROOM_OF_EXPECTED if name.startswith(PREFIX) else ROOM.get(name, NARROWEST)


def table_widths(sheet: Sheet, layouts: tuple[TableLayout, ...]) -> Mapping[int, float]:
    """The widths of the columns of a sheet's decision tables, from the first table down."""
    top = min(layout.at.cell.row for layout in layouts)
    headed = {
        column.at.column: ROOM.get(column.heading, NARROWEST)
        for layout in layouts
        for column in layout.columns
    }
    settings = {
        at.column
        for layout in layouts
        for setting in layout.settings
        for at in (setting.at, setting.value.at)
    }
    roles = {layout.at.cell.row + HEAD_ROWS - 2 for layout in layouts}
    free = {
        column: ROOM_OF_FREE
        for (row, _), merge in sheet.merges.items()
        if row in roles
        for column in range(merge.left, merge.right + 1)
    }
    room = dict.fromkeys(settings, float(NARROWEST)) | free | headed
    return {
        column: _width(sheet, column, top, WIDEST, room=room[column], skip=roles)
        for column in sorted(room)
    }


def _width(
    sheet: Sheet,
    column: int,
    top: int,
    widest: int,
    *,
    room: float = NARROWEST,
    skip: set[int] | None = None,
) -> float:
    lengths = [
        cell_len(line)
        for (row, at), cell in sheet.cells.items()
        if at == column and row >= top and row not in (skip or ())
        for line in cell.text.splitlines()
    ]
    return float(min(max(max(lengths, default=0) + BESIDE, room), widest))


def row_heights(sheet: Sheet, widths: Mapping[int, float]) -> Mapping[int, float]:
    """The heights of the rows whose texts take more than one line."""
    texts: dict[int, list[tuple[str, float]]] = {}
    for (row, column), cell in sheet.cells.items():
        if column in widths:
            texts.setdefault(row, []).append((cell.text, widths[column]))
    heights = {row: height_of(each) for row, each in texts.items()}
    return {row: height for row, height in heights.items() if height > 2 * LINE_HEIGHT}


def height_of(texts: Iterable[tuple[str, float]]) -> float:
    """The height of a row of wrapped texts, each with the width of its column."""
    lines = max(
        sum(math.ceil(max(cell_len(line), 1) / (width - 2)) for line in words.split("\n"))
        for words, width in texts
    )
    return LINE_HEIGHT * lines + 3
