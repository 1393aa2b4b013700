"""Sheet 说明: how a policy becomes rules, for someone who has never seen code."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from importlib.resources import files
from typing import Any

from authoring.messages import text
from authoring.spelling import key
from authoring.workbook import Sheet

VERSION = "1"
"""Of the template; it stands in 说明 and means nothing to the reader."""
SAMPLES = ("conditions", "amounts", "expectations")


class Look(Enum):
    """What a row of the guide is."""

    TITLE = auto()
    VERSION = auto()
    GAP = auto()
    BLOCK = auto()
    HEADS = auto()
    LINE = auto()
    """A label, and a text that runs over the other columns."""
    STEP = auto()
    """Three columns of words."""
    SAMPLE = auto()
    """What is meant, how it is written, what to know."""


@dataclass(frozen=True, slots=True)
class GuideRow:
    """One row, its cells from the left."""

    look: Look
    cells: tuple[str, ...]


def guide_rows(pages: Sequence[str], *, example: bool = False) -> tuple[GuideRow, ...]:
    """The whole sheet; ``pages`` are the other sheets of the book.

    ``example`` says that they hold the invented policy.
    """
    return tuple(_rows(pages, "example" if example else "blank"))


def version_cell(sheet: Sheet) -> tuple[int, int] | None:
    """Where a guide says of which version it is."""
    label = key(text("template.version_label"))
    found = (at for at, cell in sheet.cells.items() if key(cell.text) == label)
    return next(((row, column + 1) for row, column in found), None)


def samples(kind: str) -> tuple[Mapping[str, Any], ...]:
    """The ways of writing that the guide shows: ``conditions``, ``amounts``, ``expectations``."""
    return tuple(each for block in _guide()["blocks"] for each in block.get(kind, ()))


def _rows(pages: Sequence[str], kind_of_book: str) -> Iterator[GuideRow]:
    yield GuideRow(Look.TITLE, (_guide()["title"],))
    yield GuideRow(Look.VERSION, (text("template.version_label"), VERSION))
    for block in _guide()["blocks"]:
        if block.get("only", kind_of_book) != kind_of_book:
            continue
        yield GuideRow(Look.GAP, ())
        yield GuideRow(Look.BLOCK, (block["title"],))
        for label, words, *only in block.get("lines", ()):
            if not only or only == [kind_of_book]:
                yield GuideRow(Look.LINE, (label, words))
        if "heads" in block:
            yield GuideRow(Look.HEADS, tuple(block["heads"]))
        for step in block.get("steps", ()):
            yield GuideRow(Look.STEP, tuple(step))
        for kind in SAMPLES:
            for each in block.get(kind, ()):
                yield GuideRow(Look.SAMPLE, (each["say"], "\n".join(each["write"]), each["note"]))
        for name in pages if block.get("sheets") else ():
            yield GuideRow(Look.LINE, (name, text(f"template_page.{name}")))


@cache
def _guide() -> Mapping[str, Any]:
    path = files("authoring.template").joinpath("guide.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
