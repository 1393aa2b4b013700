"""Days written in cells and files, read by the cell language's own rules for dates."""

from __future__ import annotations

from datetime import date
from functools import cache

from authoring.grammar import Vocabulary, make_vocabulary, read_value
from engine.cells import CellRef
from engine.findings import Finding
from engine.model import Field
from engine.types import DateType

DAY = Field("日期", DateType())


def read_day(text: str, cell: CellRef | None) -> tuple[date | None, tuple[Finding, ...]]:
    """Read a day such as 2023-09-28 or 2023年9月28日; None exactly when it is not one."""
    value, findings = read_value(text, DAY, "", _no_words(), cell)
    return (value if isinstance(value, date) else None), findings


@cache
def _no_words() -> Vocabulary:
    """Days are spelled alike in every policy."""
    return make_vocabulary({}, {})
