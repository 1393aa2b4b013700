"""The parts of an .xlsx package, what they refer to, and what they are said to be.

OPC (ECMA-376 Part 2): a part is a file in the archive; ``[Content_Types].xml`` says what it is,
and ``_rels/NAME.rels`` beside it what it refers to.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from authoring.package.splice import (
    Edit,
    Element,
    UnreadablePartError,
    apply,
    attribute,
    find_elements,
    plain_utf8,
    put_inside,
    root_of,
)

TYPES = "[Content_Types].xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAX_UNPACKED_BYTES = 200 << 20

_TYPES_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/content-types"
_LINKS_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NO_LINKS = f'{_HEAD}<Relationships xmlns="{_LINKS_NAMESPACE}"/>'.encode()


@dataclass(frozen=True, slots=True)
class Link:
    """A relationship: its kind (``comments``) and the part that it leads to."""

    kind: str
    target: str


class Package:
    """An .xlsx as it is being changed. Parts that nobody writes come out byte for byte."""

    def __init__(self, file: bytes) -> None:
        """Open a package.

        Raises:
            UnreadablePartError: this is no archive, too much is in it, or a name stands twice.
        """
        try:
            self._old = zipfile.ZipFile(io.BytesIO(file))
        except (zipfile.BadZipFile, ValueError) as error:
            raise UnreadablePartError from error
        entries = self._old.infolist()
        # What is unpacked is never more than what an entry declares.
        too_much = sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES
        if too_much or max(Counter(entry.filename for entry in entries).values(), default=0) > 1:
            raise UnreadablePartError
        self._file = file
        self._entries = {entry.filename: entry for entry in entries}
        self._changed: dict[str, bytes | None] = {}

    def __contains__(self, name: str) -> bool:
        """Whether there is a part of this name."""
        return self._changed[name] is not None if name in self._changed else name in self._entries

    def names(self) -> tuple[str, ...]:
        """The names of all parts, the new ones last."""
        return tuple(name for name in {**self._entries, **self._changed} if name in self)

    def read(self, name: str) -> bytes:
        """A part of XML, as UTF-8.

        Raises:
            UnreadablePartError: there is no such part, or it is damaged.
        """
        if name not in self:
            raise UnreadablePartError
        changed = self._changed.get(name)
        return plain_utf8(self._unpack(name)) if changed is None else changed

    def write(self, name: str, part: bytes) -> None:
        """Put a part in the place of the one of this name, or add it."""
        self._changed[name] = part

    def remove(self, name: str) -> None:
        """Take a part away, with what it refers to and what is said of it."""
        for each in (name, links_part(name)):
            if each in self:
                self._changed[each] = None
        found = find_elements(self.read(TYPES), lambda each, _: each == "Override")
        edits = [
            Edit(each.start, each.end)
            for each in found
            if each.attributes.get("PartName", "").lstrip("/") == name
        ]
        if edits:
            self.write(TYPES, apply(self.read(TYPES), edits))

    def to_bytes(self) -> bytes:
        """The package as a file, its parts in their old order.

        Raises:
            UnreadablePartError: a part is damaged.
        """
        if not self._changed:
            return self._file
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
            for name in self.names():
                part = self._changed.get(name)
                old = self._entries.get(name)
                when = old.date_time if old else (1980, 1, 1, 0, 0, 0)
                entry = zipfile.ZipInfo(name, when)
                entry.compress_type = old.compress_type if old else zipfile.ZIP_DEFLATED
                entry.external_attr = old.external_attr if old else 0
                new.writestr(entry, self._unpack(name) if part is None else part)
        return target.getvalue()

    def _unpack(self, name: str) -> bytes:
        try:
            return self._old.read(name)
        except Exception as error:  # zipfile and zlib raise many kinds for a damaged archive
            raise UnreadablePartError from error


# --- what a part is said to be --------------------------------------------------------------------


def add_part(package: Package, name: str, part: bytes, content_type: str) -> None:
    """Add a part, and say what it is."""
    package.write(name, part)
    _add_to_types(package, "Override", f'PartName="/{name}" ContentType="{content_type}"')


def say_of_extension(package: Package, extension: str, content_type: str) -> None:
    """Say what all parts of an extension are, unless it is said already."""
    found = find_elements(package.read(TYPES), lambda each, _: each == "Default")
    if not any(each.attributes.get("Extension", "").lower() == extension for each in found):
        text = f'Extension="{extension}" ContentType="{content_type}"'
        _add_to_types(package, "Default", text)


def _add_to_types(package: Package, name: str, attributes: str) -> None:
    """Defaults go before the first element: they stand before overrides, as Excel writes them."""
    part = package.read(TYPES)
    root = root_of(part)
    text = f"<{root.tag(name)} {attributes}/>"
    empty = root.inner == root.end
    edit = put_inside(part, root, text) if empty or name == "Override" else None
    package.write(TYPES, apply(part, [edit or Edit(root.inner, root.inner, text)]))


def free_name(package: Package, pattern: str) -> str:
    """The first name of a pattern such as ``xl/comments{}.xml`` that no part has."""
    taken = {name.lower() for name in package.names()}
    number = 1
    while pattern.format(number).lower() in taken:
        number += 1
    return pattern.format(number)


# --- what a part refers to ------------------------------------------------------------------------


def links_part(name: str) -> str:
    """The part that holds the relationships of another; "" means the package itself."""
    folder, base = posixpath.split(name)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def links_of(package: Package, name: str) -> Mapping[str, Link]:
    """The relationships of a part that stay inside the package, by their ids."""
    links = links_part(name)
    if links not in package:
        return {}
    return {
        each.attributes.get("Id", ""): _link(name, each)
        for each in _relationships(package.read(links))
        if each.attributes.get("TargetMode") != "External"
    }


def linked(package: Package, name: str, kind: str) -> str | None:
    """The part of a kind that a part refers to."""
    found = (each.target for each in links_of(package, name).values() if each.kind == kind)
    return next((target for target in found if target in package), None)


def add_link(package: Package, name: str, kind: str, target: str) -> str:
    """Make a part refer to another; the result is the id of the relationship."""
    links = links_part(name)
    part = package.read(links) if links in package else _NO_LINKS
    taken = {each.attributes.get("Id", "") for each in _relationships(part)}
    number = len(taken) + 1
    while f"rId{number}" in taken:
        number += 1
    root = root_of(part)
    text = (
        f'<{root.tag("Relationship")} Id="rId{number}" Type="{OFFICE}/{kind}"'
        f' Target="/{attribute(target)}"/>'
    )
    package.write(links, apply(part, [put_inside(part, root, text)]))
    return f"rId{number}"


def drop_links(package: Package, name: str, target: str) -> None:
    """Take away the relationships from a part to another; the last of them takes its part along."""
    links = links_part(name)
    if links not in package:
        return
    part = package.read(links)
    found = _relationships(part)
    gone = [each for each in found if _link(name, each).target == target]
    if len(gone) == len(found):
        package.remove(links)
    elif gone:
        package.write(links, apply(part, [Edit(each.start, each.end) for each in gone]))


def _relationships(part: bytes) -> tuple[Element, ...]:
    return find_elements(part, lambda each, _: each == "Relationship")


def _link(name: str, relationship: Element) -> Link:
    kind = relationship.attributes.get("Type", "").rpartition("/")[2]
    target = posixpath.join("/", posixpath.dirname(name), relationship.attributes.get("Target", ""))
    return Link(kind, posixpath.normpath(target).lstrip("/"))
