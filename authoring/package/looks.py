"""The looks of cells: formats in ``styles.xml`` are added, or found when they are there already."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from authoring.package.parts import Package, add_link, add_part, free_name, linked
from authoring.package.sheets import MAIN, workbook_part
from authoring.package.splice import (
    Edit,
    Element,
    UnreadablePartError,
    apply,
    find_elements,
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
        found = posixpath.join(posixpath.dirname(workbook), "styles.xml")
        if found in package:
            found = free_name(package, found.replace(".xml", "{}.xml"))
        add_part(package, found, _PLAINEST.encode(), _TYPE)
        add_link(package, workbook, "styles", found)
    return found


def add_looks(package: Package, looks: Sequence[Look], base: int = 0) -> tuple[int, ...]:
    """Cell formats that are like another but for a look each; the results are their numbers."""
    styles = _Styles(package)
    part = styles.part
    formats = styles.members("cellXfs", "xf")
    tag = "<xf/>" if base >= len(formats) else start_tag(part, formats[base])
    inside = (
        "" if base >= len(formats) else part[formats[base].inner : formats[base].close].decode()
    )
    numbers = tuple(
        styles.add("cellXfs", "xf", _spell_format(styles, look, tag, inside)) for look in looks
    )
    styles.write()
    return numbers


def add_overlays(package: Package, overlays: Sequence[str]) -> tuple[int, ...]:
    """Formats that a condition lays over cells (dxf); the results are their numbers."""
    styles = _Styles(package)
    numbers = tuple(styles.add("dxfs", "dxf", styles.spelled(each)) for each in overlays)
    styles.write()
    return numbers


def _spell_format(styles: _Styles, look: Look, tag: str, inside: str) -> str:
    for name, text in (("font", look.font), ("fill", look.fill), ("border", look.border)):
        if text:
            list_, id_, applied = _PARTS[name]
            number = styles.add(list_, name, styles.spelled(text))
            tag = with_attribute(with_attribute(tag, id_, str(number)), applied, "1")
    if look.number_format is not None:
        tag = with_attribute(tag, "numFmtId", str(look.number_format))
        tag = with_attribute(tag, "applyNumberFormat", "1")
    if look.alignment:
        tag = with_attribute(tag, "applyAlignment", "1")
        inside = styles.spelled(look.alignment) + _without_alignment(inside)
    name = re.sub(r"^<([^\s/>]+).*", r"\1", tag, flags=re.S)
    tag = re.sub(r"\s*/?>$", "", tag)
    return f"{tag}>{inside}</{name}>" if inside else f"{tag}/>"


class _Styles:
    """The formats of a workbook while members are added to their lists; parsed and written once."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._path = styles_part(package)
        self.part = package.read(self._path)
        self._found = find_elements(self.part, lambda _, depth: depth <= 2)
        self._holders = {each.name: each for each in self._found if each.depth == 1}
        self._numbers: dict[str, dict[str, int]] = {}
        self._added: dict[str, list[str]] = {}

    def members(self, list_: str, name: str) -> tuple[Element, ...]:
        """The members that a list had when it was read."""
        holder = self._holders.get(list_)
        return tuple(
            each
            for each in self._found
            if each.depth == 2 and each.name == name and holder and holder.has(each)
        )

    def spelled(self, text: str) -> str:
        """XML without a prefix, under the prefix that the part uses."""
        prefix = self._found[-1].prefix
        return re.sub(r"(</?)(?=\w)", rf"\g<1>{prefix}:", text) if prefix else text

    def add(self, list_: str, name: str, text: str) -> int:
        """Add a member to a list, unless an equal one is there; the result is its number."""
        if list_ not in self._numbers:
            written = (self.part[m.start : m.end].decode() for m in self.members(list_, name))
            numbers: dict[str, int] = {}
            for number, each in enumerate(written):
                numbers.setdefault(each, number)
            self._numbers[list_] = numbers
            self._added[list_] = []
        numbers = self._numbers[list_]
        if text not in numbers:
            numbers[text] = len(self.members(list_, name)) + len(self._added[list_])
            self._added[list_].append(text)
        return numbers[text]

    def write(self) -> None:
        """Write what was added."""
        edits = [self._edit(list_, added) for list_, added in self._added.items() if added]
        if edits:
            self._package.write(self._path, apply(self.part, edits))

    def _edit(self, list_: str, added: Sequence[str]) -> Edit:
        holder = self._holders.get(list_)
        if holder is None:
            before = [
                each
                for name, each in self._holders.items()
                if name in _ORDER and _ORDER.index(name) < _ORDER.index(list_)
            ]
            if not before:
                raise UnreadablePartError
            tag = before[0].tag(list_)
            text = f'<{tag} count="{len(added)}">{"".join(added)}</{tag}>'
            return Edit(max(each.end for each in before), max(each.end for each in before), text)
        count = sum(each.depth == 2 and holder.has(each) for each in self._found) + len(added)
        tag = with_attribute(start_tag(self.part, holder), "count", str(count))
        if tag.endswith("/>"):
            tag = f"{tag[:-2].rstrip()}>"
        members = self.part[holder.inner : holder.close].decode() + "".join(added)
        return Edit(holder.start, holder.end, f"{tag}{members}</{holder.tag(holder.name)}>")


def _without_alignment(inside: str) -> str:
    return re.sub(r"<(?:\w+:)?alignment\b[^>]*?(?:/>|>\s*</(?:\w+:)?alignment>)", "", inside)
