"""The sheets that a check writes into a copy of a workbook, and how they are known again.

They are passed over in silence when the copy is read. A sheet is ours by its name together with its
first cell, so that a drafter's own sheet of that name is never lost.
"""

from __future__ import annotations

from authoring.spelling import key
from authoring.workbook import Sheet

FINDINGS_SHEET, READINGS_SHEET = "检查结果", "理解一览"
TITLES = {FINDINGS_SHEET: "条理 · 检查结果", READINGS_SHEET: "条理 · 理解一览"}
"""What stands in A1."""


def is_own(sheet: Sheet) -> bool:
    """Whether a check wrote this sheet."""
    first = sheet.cells.get((1, 1))
    return first is not None and any(
        sheet.name.startswith(name) and key(first.text) == key(title)
        for name, title in TITLES.items()
    )
