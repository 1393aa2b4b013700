"""The sheets that a check or a notice writes into a workbook, and how they are known again.

Those of a check are passed over in silence when the copy is read. A sheet is ours by its name
together with its first cell, so that a drafter's own sheet of that name is never lost.
"""

from __future__ import annotations

from authoring.spelling import key
from authoring.workbook import Sheet

FINDINGS_SHEET, READINGS_SHEET = "检查结果", "理解一览"
TITLES = {FINDINGS_SHEET: "条理 · 检查结果", READINGS_SHEET: "条理 · 理解一览"}
"""What stands in A1."""


TO_PLACE = "待核"
"""The sheet that lists what of a notice has to be placed, and the mark of what still has to be."""
HANDLED_HEADING = "处理"


def is_to_place(sheet: Sheet) -> bool:
    """Whether a sheet lists what of a notice has to be placed."""
    headed = any(key(cell.text) == HANDLED_HEADING for cell in sheet.cells.values())
    return key(sheet.name) == TO_PLACE and headed


def is_own(sheet: Sheet) -> bool:
    """Whether a check wrote this sheet."""
    first = sheet.cells.get((1, 1))
    return first is not None and any(
        sheet.name.startswith(name) and key(first.text) == key(title)
        for name, title in TITLES.items()
    )
