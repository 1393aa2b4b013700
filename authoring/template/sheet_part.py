"""Changing the XML of one worksheet: texts in cells, and the widths of columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from authoring.package.cells import spelled_text
from authoring.package.sheets import insert_child
from authoring.package.splice import (
    Edit,
    Element,
    UnreadablePartError,
    apply,
    attribute,
    content,
    find_elements,
    put_inside,
    start_tag,
    with_attribute,
)
from authoring.template.areas import LAST_COLUMN, read_areas
from engine.cells import column_letters

EDITED = frozenset({"row", "col", "dataValidations", "dataValidation", "sqref", "ext", "extLst"})
_SPANS = re.compile(r"\A(<[^>]*?)\s+spans=(?:\"[^\"]*\"|'[^']*')")


@dataclass(frozen=True, slots=True)
class NewCell:
    """A text to be written ("": none); ``look`` is a cell format, None keeps what the place has."""

    row: int
    column: int
    text: str
    look: int | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """The root of a worksheet, its children by name (of twins, the last), and what is edited."""

    root: Element
    children: Mapping[str, Element]
    named: Mapping[str, tuple[Element, ...]]
    """All elements of the names in ``EDITED``, in document order."""


@lru_cache(maxsize=4)
def outline(part: bytes) -> Outline:
    """Look a worksheet through, once for all that ask.

    Raises:
        UnreadablePartError: this is no worksheet.
    """
    found = find_elements(part, lambda name, depth: depth <= 1 or name in EDITED)
    children = {each.name: each for each in found if each.depth == 1}
    if "sheetData" not in children:
        raise UnreadablePartError
    named: dict[str, list[Element]] = {name: [] for name in EDITED}
    for each in found:
        if each.name in EDITED:
            named[each.name].append(each)
    return Outline(found[-1], children, {name: tuple(each) for name, each in named.items()})


def refill(part: bytes, element: Element, inside: str, **attributes: str) -> Edit:
    """Put other content between an element's tags, and set attributes of it."""
    tag = start_tag(part, element)
    for name, value in attributes.items():
        tag = with_attribute(tag, name, value)
    opening = re.sub(r"\s*/?>$", ">", tag)
    text = f"{opening}{inside}</{element.tag(element.name)}>"
    return Edit(element.start, element.end, text)


# --- cells ----------------------------------------------------------------------------------------


def looks_of_row(part: bytes, row: int) -> Mapping[int, int]:
    """The cell formats of the cells that a row has, by column."""
    found = _rows(part).get(row)
    if found is None:
        return {}
    return {
        column: int(each.attributes.get("s", "0")) for column, each in _cells(part, found).items()
    }


def write_cells(part: bytes, cells: Sequence[NewCell]) -> bytes:
    """Write texts, in rows that are there or not; a text is never a formula."""
    data = outline(part).children["sheetData"]
    by_row: dict[int, list[NewCell]] = {}
    for each in sorted(cells, key=lambda each: (each.row, each.column)):
        by_row.setdefault(each.row, []).append(each)
    rows = _rows(part)
    edits: list[Edit] = []
    at_the_end = ""
    for number, added in by_row.items():
        if number in rows:
            edits.append(_fill_row(part, rows[number], added))
            continue
        tag = data.tag("row")
        inside = "".join(_spell_cell(each, data, None) for each in added)
        text = f'<{tag} r="{number}">{inside}</{tag}>'
        later = [row.start for at, row in rows.items() if at > number]
        if later:
            edits.append(Edit(min(later), min(later), text))
        else:
            at_the_end += text
    if at_the_end:
        edits.append(put_inside(part, data, at_the_end))
    return apply(part, edits)


def set_heights(part: bytes, heights: Mapping[int, float]) -> bytes:
    """Give heights to rows that have none; they still grow with what is typed."""
    rows = {at: each for at, each in _rows(part).items() if "ht" not in each.attributes}
    edits = []
    for at in sorted(rows.keys() & heights.keys()):
        told = with_attribute(start_tag(part, rows[at]), "ht", f"{heights[at]:g}")
        edits.append(Edit(rows[at].start, rows[at].inner, told))
    return apply(part, edits)


def _fill_row(part: bytes, row: Element, added: Sequence[NewCell]) -> Edit:
    cells = _cells(part, row)
    texts = {at: part[each.start : each.end].decode() for at, each in cells.items()}
    for each in added:
        texts[each.column] = _spell_cell(each, row, cells.get(each.column))
    end_of_cells = max((each.end for each in cells.values()), default=row.inner)
    rest = part[end_of_cells : row.close].decode()
    inside = "".join(texts[at] for at in sorted(texts)) + rest
    edit = refill(part, row, inside)
    # "spans" would say how far the cells reach; it may be left out.
    return Edit(edit.start, edit.end, _SPANS.sub(r"\1", edit.text, count=1))


def _spell_cell(new: NewCell, near: Element, old: Element | None) -> str:
    kept = old.attributes.get("s", "") if old else ""
    look = kept if new.look is None else str(new.look)
    c, inline, t = map(near.tag, ("c", "is", "t"))
    styled = f' s="{look}"' if look else ""
    if not new.text:
        return f'<{c} r="{column_letters(new.column)}{new.row}"{styled}/>'
    return (
        f'<{c} r="{column_letters(new.column)}{new.row}"{styled} t="inlineStr"><{inline}>'
        f'<{t} xml:space="preserve">{content(spelled_text(new.text))}</{t}></{inline}></{c}>'
    )


def _rows(part: bytes) -> Mapping[int, Element]:
    rows: dict[int, Element] = {}
    for each in outline(part).named["row"]:
        number = each.attributes.get("r", "")
        rows[int(number) if number else max(rows, default=0) + 1] = each
    return rows


def _cells(part: bytes, row: Element) -> Mapping[int, Element]:
    cells: dict[int, Element] = {}
    inside = part[row.start : row.end]
    for each in find_elements(inside, lambda name, depth: name == "c" and depth == 1):
        at = each.attributes.get("r", "")
        column = read_areas(at)[0].left if at else max(cells, default=0) + 1
        cells[column] = _moved(each, row.start)
    return cells


def _moved(each: Element, by: int) -> Element:
    return replace(
        each,
        start=each.start + by,
        inner=each.inner + by,
        close=each.close + by,
        end=each.end + by,
    )


# --- columns --------------------------------------------------------------------------------------


def set_widths(part: bytes, widths: Mapping[int, float], looks: Mapping[int, int]) -> bytes:
    """Give widths to columns that have none of their own, and formats to columns that are new."""
    sheet = outline(part)
    holder = sheet.children.get("cols")
    old = [] if holder is None else _columns(part, holder)
    settled = {
        column
        for first, last, attributes in old
        if attributes.get("customWidth") in ("1", "true") and "width" in attributes
        for column in widths
        if first <= column <= last
    }
    wanted = {column: widths[column] for column in sorted(widths) if column not in settled}
    if not wanted:
        return part
    columns: list[tuple[int, int, Mapping[str, str]]] = []
    for start, last, attributes in old:
        first = start
        for column in [each for each in wanted if first <= each <= last]:
            if first < column:
                columns.append((first, column - 1, attributes))
            columns.append((column, column, _widened(attributes, wanted.pop(column))))
            first = column + 1
        if first <= last:
            columns.append((first, last, attributes))
    for column, width in wanted.items():
        styled = {"style": str(looks[column])} if column in looks else {}
        columns.append((column, column, _widened(styled, width)))
    columns.sort(key=lambda each: each[0])
    col, cols = sheet.root.tag("col"), sheet.root.tag("cols")
    inside = "".join(
        f'<{col} min="{first}" max="{last}"'
        + "".join(f' {name}="{attribute(value)}"' for name, value in attributes.items())
        + "/>"
        for first, last, attributes in columns
    )
    if holder is not None:
        return apply(part, [refill(part, holder, inside)])
    return apply(
        part, [insert_child(sheet.children.values(), "cols", f"<{cols}>{inside}</{cols}>")]
    )


def _columns(part: bytes, holder: Element) -> list[tuple[int, int, Mapping[str, str]]]:
    columns: list[tuple[int, int, Mapping[str, str]]] = []
    for each in outline(part).named["col"]:
        if holder.has(each):
            rest = {k: v for k, v in each.attributes.items() if k not in ("min", "max")}
            last = min(int(each.attributes.get("max", "1")), LAST_COLUMN)
            columns.append((int(each.attributes.get("min", "1")), last, rest))
    return columns


def _widened(attributes: Mapping[str, str], width: float) -> Mapping[str, str]:
    return {**attributes, "width": f"{width:g}", "customWidth": "1"}
