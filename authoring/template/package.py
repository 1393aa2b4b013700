"""The parts of an .xlsx package: which part is which sheet, and how a sheet or a look is added.

Parts that nobody changes are written again byte for byte: pictures, charts, comments, rich text.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Mapping

from authoring.template.splice import (
    Element,
    UnreadablePartError,
    apply,
    attribute,
    find_elements,
    plain_utf8,
    put_inside,
    refill,
)

WORKBOOK = "xl/workbook.xml"
WORKBOOK_LINKS = "xl/_rels/workbook.xml.rels"
TYPES = "[Content_Types].xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = "styles"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


class Package:
    """An .xlsx as it is being changed."""

    def __init__(self, file: bytes) -> None:
        self._file = file
        self._changed: dict[str, bytes] = {}
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            self._names = [entry.filename for entry in archive.infolist()]

    def read(self, name: str) -> bytes:
        """A part as UTF-8.

        Raises:
            UnreadablePartError: there is no such part.
        """
        if name not in self._changed:
            with zipfile.ZipFile(io.BytesIO(self._file)) as archive:
                try:
                    return plain_utf8(archive.read(name))
                except KeyError:
                    raise UnreadablePartError from None
        return self._changed[name]

    def write(self, name: str, part: bytes) -> None:
        """Put a part in the place of the one of this name, or add it."""
        self._changed[name] = part

    def to_bytes(self) -> bytes:
        """The package as a file; parts stand in their old order, new ones behind them."""
        target = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(self._file)) as old,
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for entry in old.infolist():
                part = self._changed.get(entry.filename)
                new.writestr(entry, old.read(entry) if part is None else part)
            for name, part in self._changed.items():
                if name not in self._names:
                    new.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), part)
        return target.getvalue()

    def sheet_parts(self) -> Mapping[str, str]:
        """The part of each sheet, by the sheet's name."""
        targets = self._links()
        parts = {}
        for sheet in find_elements(self.read(WORKBOOK), lambda name, _: name == "sheet"):
            link = next((v for k, v in sheet.attributes.items() if k.endswith(":id")), "")
            if link in targets:
                parts[sheet.attributes.get("name", "")] = targets[link][1]
        return parts

    def add_sheet(self, name: str, part: bytes) -> None:
        """Add a worksheet behind the others."""
        taken = {each.lower() for each in (*self._names, *self._changed)}
        number = 1
        while f"xl/worksheets/sheet{number}.xml" in taken:
            number += 1
        path = f"xl/worksheets/sheet{number}.xml"
        link = _unused("rId", self._links())
        book = self.read(WORKBOOK)
        sheets = find_elements(book, lambda each, _: each in ("sheet", "sheets"))
        holder = next(each for each in sheets if each.name == "sheets")
        ids = [int(each.attributes["sheetId"]) for each in sheets if each.name == "sheet"]
        tag = f"{holder.prefix}:sheet" if holder.prefix else "sheet"
        added = (
            f'<{tag} xmlns:r="{LINKS}" name="{attribute(name)}"'
            f' sheetId="{max(ids, default=0) + 1}" r:id="{link}"/>'
        )
        self.write(WORKBOOK, apply(book, [put_inside(book, holder, added)]))
        target = f'Id="{link}" Type="{LINKS}/worksheet" Target="/{path}"'
        self._add_to_root(WORKBOOK_LINKS, "Relationship", target)
        self._add_to_root(TYPES, "Override", f'PartName="/{path}" ContentType="{_SHEET_TYPE}"')
        self.write(path, part)

    def add_look(self, number_format: int, *, wrap: bool = False) -> int:
        """Add a cell format with a built-in number format; give its number."""
        path = next((part for kind, part in self._links().values() if kind == STYLES), "")
        styles = self.read(path)
        found = find_elements(
            styles, lambda name, depth: (name, depth) in (("cellXfs", 1), ("xf", 2))
        )
        holder = next((each for each in found if each.name == "cellXfs"), None)
        if holder is None:
            raise UnreadablePartError
        count = sum(each.name == "xf" and holder.has(each) for each in found)
        prefix = f"{holder.prefix}:" if holder.prefix else ""
        look = (
            f'<{prefix}xf numFmtId="{number_format}" fontId="0" fillId="0" borderId="0" xfId="0"'
            f' applyNumberFormat="1" applyAlignment="1"><{prefix}alignment vertical="top"'
            f' wrapText="{int(wrap)}"/></{prefix}xf>'
        )
        looks = styles[holder.inner : holder.close].decode()
        edit = refill(styles, holder, looks + look, count=str(count + 1))
        self.write(path, apply(styles, [edit]))
        return count

    def _links(self) -> dict[str, tuple[str, str]]:
        """Kind and part of everything that the workbook refers to, by the reference."""
        links = {}
        for each in find_elements(self.read(WORKBOOK_LINKS), lambda name, _: name == "Relationship"):
            if each.attributes.get("TargetMode") != "External":
                target = posixpath.join("/xl", each.attributes.get("Target", ""))
                kind = each.attributes.get("Type", "").rpartition("/")[2]
                part = posixpath.normpath(target).lstrip("/")
                links[each.attributes.get("Id", "")] = (kind, part)
        return links

    def _add_to_root(self, name: str, tag: str, attributes: str) -> None:
        part = self.read(name)
        root: Element = find_elements(part, lambda _, depth: depth == 0)[0]
        spelled = f"{root.prefix}:{tag}" if root.prefix else tag
        self.write(name, apply(part, [put_inside(part, root, f"<{spelled} {attributes}/>")]))


def _unused(stem: str, taken: Mapping[str, object]) -> str:
    number = len(taken) + 1
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"
