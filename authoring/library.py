"""The workbooks that there are to choose from: every one in a folder of the library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from authoring.days import read_day
from authoring.headings import canonical
from authoring.spelling import tidy
from authoring.workbook import peek

SUFFIXES = (".xlsx", ".xlsm")
LOCK = "~$"
"""How the name of the file begins that Excel lays beside an open workbook."""


@dataclass(frozen=True, slots=True)
class Title:
    """What a workbook calls itself; "" where it does not say so."""

    title: str = ""
    effective: str = ""


def find_books(library: Path) -> tuple[Path, ...]:
    """The workbooks of every policy: one folder each, and in it one file for each version."""
    return tuple(
        path
        for path in sorted(library.glob("*/*"))
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(LOCK)
    )


def title_of(content: bytes) -> Title:
    """What the sheet 政策 says first, without reading the rest; nothing raises."""
    found: dict[str, str] = {}
    for rows in peek(content, lambda name: canonical(name, "sheets") == "政策").values():
        for row in rows:
            cells = [tidy(cell) for cell in row if tidy(cell)]
            item = canonical(cells[0], "keys", "政策") if len(cells) > 1 else None
            if item is not None:
                found.setdefault(item, cells[1])
    day, _ = read_day(found.get("施行日期", ""), None)
    return Title(found.get("标题", ""), "" if day is None else day.isoformat())
