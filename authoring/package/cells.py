"""Cells of a worksheet: where they are, what is written in them, and writing a text into one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias

from authoring.package.parts import Package, linked
from authoring.package.sheets import workbook_part
from authoring.package.splice import (
    Edit,
    Element,
    UnreadablePartError,
    apply,
    attribute,
    content,
    find_elements,
)
from engine.cells import column_letters

Position: TypeAlias = tuple[int, int]
"""Row and column, counted from 1."""

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
_INSIDE = re.compile(rb"<(?:[\w.-]+:)?(\w+)")
_VALUE = re.compile(rb"<(?:[\w.-]+:)?v>\s*(\d+)\s*<")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def position_of(reference: str) -> Position | None:
    """The position that ``D7`` names."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def spell_position(at: Position) -> str:
    """``D7`` for a position."""
    return f"{column_letters(at[1])}{at[0]}"


MOST_CHARACTERS = 32_767
"""What a cell can hold (Excel specifications and limits)."""


def spelled_text(text: str) -> str:
    """Text as ST_Xstring wants it, where ``_x000D_`` is an escape: ours holds none."""
    return _ESCAPED.sub("_x005F_", text)


def write_texts(package: Package, path: str, texts: Mapping[Position, str]) -> None:
    """Write texts into cells that are there, keeping their formats. A text is never a formula.

    Raises:
        UnreadablePartError: there is no such cell.
    """
    part = package.read(path)
    edits = []
    for at, each in _cells(part):
        if at not in texts:
            continue
        kept = "".join(
            f' {name}="{attribute(value)}"'
            for name, value in each.attributes.items()
            if name in ("r", "s", "ph")
        )
        c, is_, t = map(each.tag, ("c", "is", "t"))
        text = content(spelled_text(texts[at]))
        written = f'<{is_}><{t} xml:space="preserve">{text}</{t}></{is_}>'
        edits.append(Edit(each.start, each.end, f'<{c}{kept} t="inlineStr">{written}</{c}>'))
    if len(edits) != len(texts):
        raise UnreadablePartError
    package.write(path, apply(part, edits))


def rich_cells(package: Package, path: str, among: Collection[Position]) -> frozenset[Position]:
    """Those cells whose text has formats of its own inside: writing a text would lose them."""
    part = package.read(path)
    rich: set[Position] = set()
    shared: dict[Position, int] = {}
    for at, each in _cells(part):
        if at not in among:
            continue
        cell = b"<c>" + part[each.inner : each.close] + b"</c>"
        inside = _INSIDE.findall(cell)
        if any(name in (b"r", b"rPh") for name in inside):
            rich.add(at)
        elif each.attributes.get("t") == "s" and (number := _VALUE.search(cell)):
            shared[at] = int(number[1])
    formatted = _rich_strings(package) if shared else frozenset()
    return frozenset(rich | {at for at, index in shared.items() if index in formatted})


def _cells(part: bytes) -> Iterator[tuple[Position, Element]]:
    """The cells of a worksheet; where a row or a cell does not say where it is, it is the next."""
    wanted = {"row": 2, "c": 3}
    row = 0
    cells: list[Element] = []
    for each in find_elements(part, lambda name, depth: wanted.get(name) == depth):
        if each.name == "c":
            cells.append(each)
            continue
        number = each.attributes.get("r", "")
        row = int(number) if number.isdecimal() else row + 1
        column = 0
        for cell in cells:
            at = position_of(cell.attributes.get("r", "")) or (row, column + 1)
            column = at[1]
            yield at, cell
        cells = []


def _rich_strings(package: Package) -> frozenset[int]:
    path = linked(package, workbook_part(package), "sharedStrings")
    if path is None:
        return frozenset()
    rich: set[int] = set()
    number = 0
    inside = False
    for each in find_elements(package.read(path), lambda name, depth: depth in (1, 2)):
        if each.depth == 2:
            inside = inside or each.name in ("r", "rPh")
        elif each.name == "si":
            if inside:
                rich.add(number)
            number, inside = number + 1, False
    return frozenset(rich)
