"""The looks of cells: formats in ``styles.xml`` are added, or found when they are there already."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from authoring.package.parts import Package, add_link, add_part, free_name, linked
from authoring.package.sheets import MAIN, workbook_part
from authoring.package.splice import (
    Edit,
    Element,
    UnreadablePartError,
    apply,
    find_elements,
    put_inside,
    start_tag,
    with_attribute,
)

_ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs",
    "tableStyles", "colors", "extLst",
)  # fmt: skip
_PARTS = {
    "font": ("fonts", "fontId", "applyFont"),
    "fill": ("fills", "fillId", "applyFill"),
    "border": ("borders", "borderId", "applyBorder"),
}


_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_PLAINEST = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="{MAIN}">'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell differs from another: elements of a format as XML without a prefix, each "" where
    the other's stays."""

    font: str = ""
    fill: str = ""
    border: str = ""
    alignment: str = ""
    number_format: int | None = None


def styles_part(package: Package) -> str:
    """The part of the formats; a workbook that came without one gets the plainest."""
    workbook = workbook_part(package)
    found = linked(package, workbook, "styles")
    if found is None:
        found = free_name(package, posixpath.join(posixpath.dirname(workbook), "styles{}.xml"))
        add_part(package, found, _PLAINEST.encode(), _TYPE)
        add_link(package, workbook, "styles", found)
    return found


def add_look(package: Package, look: Look, base: int = 0) -> int:
    """A cell format that is like another but for a look; the result is its number."""
    path = styles_part(package)
    numbers = {
        name: _add(package, path, _PARTS[name][0], name, text)
        for name, text in (("font", look.font), ("fill", look.fill), ("border", look.border))
        if text
    }
    part = package.read(path)
    formats = _members(part, "cellXfs", "xf")
    holder = _holder(part, "cellXfs")
    if holder is None:
        raise UnreadablePartError
    own = formats[base] if base < len(formats) else None
    tag = start_tag(part, own) if own else f"<{holder.tag('xf')}/>"
    inside = part[own.inner : own.close].decode() if own else ""
    for name, number in numbers.items():
        tag = with_attribute(
            with_attribute(tag, _PARTS[name][1], str(number)), _PARTS[name][2], "1"
        )
    if look.number_format is not None:
        tag = with_attribute(tag, "numFmtId", str(look.number_format))
        tag = with_attribute(tag, "applyNumberFormat", "1")
    if look.alignment:
        tag = with_attribute(tag, "applyAlignment", "1")
        inside = _prefixed(look.alignment, holder) + _without_alignment(inside)
    tag = re.sub(r"\s*/?>$", "", tag)
    text = f"{tag}>{inside}</{holder.tag('xf')}>" if inside else f"{tag}/>"
    return _add(package, path, "cellXfs", "xf", text, prefixed=True)


def add_overlay(package: Package, overlay: str) -> int:
    """A format that a condition lays over cells (dxf); the result is its number."""
    path = styles_part(package)
    part = package.read(path)
    if _holder(part, "dxfs") is None:
        before = [
            each
            for each in find_elements(part, lambda _, depth: depth == 1)
            if each.name in _ORDER and _ORDER.index(each.name) < _ORDER.index("dxfs")
        ]
        if not before:
            raise UnreadablePartError
        at = max(each.end for each in before)
        text = f'<{before[0].tag("dxfs")} count="0"/>'
        package.write(path, apply(part, [Edit(at, at, text)]))
    return _add(package, path, "dxfs", "dxf", overlay)


def _add(
    package: Package, path: str, list_: str, name: str, text: str, *, prefixed: bool = False
) -> int:
    """Add a member to a list of the formats, unless an equal one is there."""
    part = package.read(path)
    holder = _holder(part, list_)
    if holder is None:
        raise UnreadablePartError
    if not prefixed:
        text = _prefixed(text, holder)
    members = _members(part, list_, name)
    for number, each in enumerate(members):
        if part[each.start : each.end].decode() == text:
            return number
    put = put_inside(part, holder, text)
    counted = with_attribute(start_tag(part, holder), "count", str(len(members) + 1))
    if put.start == holder.start:  # the list was empty, and is written whole
        head, _, rest = put.text.partition(">")
        edits = [Edit(put.start, put.end, f"{with_attribute(f'{head}>', 'count', '1')}{rest}")]
    else:
        edits = [Edit(holder.start, holder.inner, counted), put]
    package.write(path, apply(part, edits))
    return len(members)


def _holder(part: bytes, list_: str) -> Element | None:
    found = find_elements(part, lambda each, depth: (each, depth) == (list_, 1))
    return found[0] if found else None


def _members(part: bytes, list_: str, name: str) -> tuple[Element, ...]:
    holder = _holder(part, list_)
    found = find_elements(part, lambda each, depth: (each, depth) == (name, 2))
    return tuple(each for each in found if holder and holder.has(each))


def _prefixed(text: str, beside: Element) -> str:
    if not beside.prefix:
        return text
    return re.sub(r"(</?)(?=\w)", rf"\g<1>{beside.prefix}:", text)


def _without_alignment(inside: str) -> str:
    return re.sub(r"<(?:\w+:)?alignment\b[^>]*?(?:/>|>\s*</(?:\w+:)?alignment>)", "", inside)
