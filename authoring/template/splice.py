"""Changing pieces of an XML part and leaving every other byte as it is.

A part that is parsed and written again loses what the writer does not know: prefixes that an
attribute speaks of (``mc:Ignorable``), the order of attributes, extensions. So elements are only
looked up, with their positions, and new text is put in their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape

_START_TAG = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_ATTRIBUTE = re.compile(r"\s+(?P<name>[^\s=/>]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_DECLARED = re.compile(r"\s*<\?xml[^>]*\?>")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class UnreadablePartError(Exception):
    """A part of the package is no XML that can be changed."""


@dataclass(frozen=True, slots=True)
class Element:
    """Where an element stands. ``inner`` and ``close`` are the ends of what is between its tags."""

    name: str
    prefix: str
    attributes: Mapping[str, str]
    depth: int
    start: int
    inner: int
    close: int
    end: int

    def has(self, other: Element) -> bool:
        """Whether another element stands inside this one."""
        return self.inner <= other.start and other.end <= self.close


@dataclass(frozen=True, slots=True)
class Edit:
    """Put ``text`` in the place of the bytes from ``start`` to ``end``."""

    start: int
    end: int
    text: str


def plain_utf8(part: bytes) -> bytes:
    """A part in UTF-8 without mark; Excel writes nothing else, others may."""
    if part.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = part.decode("utf-16")
    elif part.startswith(b"\xef\xbb\xbf"):
        text = part.decode("utf-8-sig")
    else:
        return part
    return ('<?xml version="1.0" encoding="UTF-8"?>' + _DECLARED.sub("", text, count=1)).encode()


def find_elements(
    part: bytes, wanted: Callable[[str, int], bool], offset: int = 0
) -> tuple[Element, ...]:
    """The elements that ``wanted`` says yes to, given local name and depth (0 is the root).

    They stand in the order of their end tags.

    Raises:
        UnreadablePartError: this is no XML, or it declares a document type.
    """
    found: list[Element] = []
    open_elements: list[tuple[str, Mapping[str, str], int]] = []
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        open_elements.append((name, attributes, parser.CurrentByteIndex))

    def end(_name: str) -> None:
        name, attributes, begin = open_elements.pop()
        prefix, _, local = name.rpartition(":")
        if not wanted(local, len(open_elements)):
            return
        tag = _START_TAG.match(part, begin)
        inner = tag.end() if tag else begin
        empty = part[inner - 2 : inner] == b"/>"
        close = inner if empty else parser.CurrentByteIndex
        finish = inner if empty else part.index(b">", close) + 1
        found.append(
            Element(
                local,
                prefix,
                attributes,
                len(open_elements),
                begin + offset,
                inner + offset,
                close + offset,
                finish + offset,
            )
        )

    def refuse(*_: object) -> None:
        raise UnreadablePartError

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        raise UnreadablePartError from error
    return tuple(found)


def apply(part: bytes, edits: Iterable[Edit]) -> bytes:
    """Make edits that do not overlap; several at one place stand in the order given."""
    pieces: list[bytes] = []
    at = 0
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        pieces += (part[at : edit.start], edit.text.encode())
        at = edit.end
    return b"".join((*pieces, part[at:]))


def put_inside(part: bytes, element: Element, text: str) -> Edit:
    """Put text before an element's end tag; an empty element gets one."""
    if element.close != element.end:
        return Edit(element.close, element.close, text)
    return refill(part, element, text)


def refill(part: bytes, element: Element, inside: str, **attributes: str | None) -> Edit:
    """Put other content between an element's tags; an attribute that is None goes."""
    tag = part[element.start : element.inner].decode()
    for name, value in attributes.items():
        tag = with_attribute(tag, name, value)
    opening = re.sub(r"\s*/?>$", ">", tag)
    closing = spelled(element, element.name)
    return Edit(element.start, element.end, f"{opening}{inside}</{closing}>")


def with_attribute(tag: str, name: str, value: str | None) -> str:
    """A start tag with an attribute set, whether it was there or not, or (None) without it."""
    told = "" if value is None else f' {name}="{attribute(value)}"'
    for each in _ATTRIBUTE.finditer(tag):
        if each["name"] == name:
            return tag[: each.start()] + told + tag[each.end() :]
    return re.sub(r"\s*(/?>)$", lambda end: f"{told}{end[1]}", tag)


def spelled(near: Element, name: str) -> str:
    """The name of an element with the prefix of those around it."""
    return f"{near.prefix}:{name}" if near.prefix else name


def attribute(text: str) -> str:
    """Text as the value of an attribute in double quotes."""
    entities = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": ""}
    return escape(_ILLEGAL.sub("", text), entities)


def content(text: str) -> str:
    """Text as the content of an element."""
    return escape(_ILLEGAL.sub("", text))
