"""Changing pieces of an XML part and leaving every other byte as it is.

A part that is parsed and written again loses what the writer does not know: prefixes that only an
attribute speaks of (``mc:Ignorable="x14ac"``), the order of attributes, extensions. So elements
are only looked up, with their positions, and new text is put in their place.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape

_START_TAG = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_ENCODING = re.compile(rb"\s*<\?xml\b[^>]*\bencoding\s*=\s*[\"']([\w.-]+)[\"']")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.S)
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN_ENCODINGS = ("utf-8", "utf8", "us-ascii", "ascii")


class UnreadablePartError(Exception):
    """A part of the package is missing, or is no XML that can be changed."""


@dataclass(frozen=True, slots=True)
class Element:
    """Where an element stands.

    ``inner`` and ``close`` are the ends of what is between its tags; of an empty element all three
    of ``inner``, ``close`` and ``end`` are the end of its one tag.
    """

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

    def tag(self, name: str) -> str:
        """The tag of a new element beside this one, under the same prefix."""
        return f"{self.prefix}:{name}" if self.prefix else name


@dataclass(frozen=True, slots=True)
class Edit:
    """Put ``text`` in the place of the bytes from ``start`` to ``end``."""

    start: int
    end: int
    text: str = ""


def plain_utf8(part: bytes) -> bytes:
    """A part in UTF-8 without a mark; Excel writes nothing else, others may.

    Raises:
        UnreadablePartError: the part is not in the encoding that it declares.
    """
    encoding = _ENCODING.match(part)
    declared = encoding[1].decode().lower() if encoding else ""
    try:
        if part.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = part.decode("utf-16")
        elif part.startswith(b"\xef\xbb\xbf"):
            text = part.decode("utf-8-sig")
        elif declared and declared not in _PLAIN_ENCODINGS:
            text = part.decode(declared)
        else:
            return part
    except (LookupError, ValueError) as error:
        raise UnreadablePartError from error
    return ('<?xml version="1.0" encoding="UTF-8"?>' + _DECLARATION.sub("", text, count=1)).encode()


def find_elements(part: bytes, wanted: Callable[[str, int], bool]) -> tuple[Element, ...]:
    """The elements that ``wanted`` says yes to, given local name and depth (0 is the root).

    They stand in the order of their end tags.

    Raises:
        UnreadablePartError: this is no XML, or it declares a document type. Without one there are
            no entities but the five of XML itself, so nothing outside is read and nothing expands.
    """
    found: list[Element] = []
    open_elements: list[tuple[str, Mapping[str, str], int]] = []
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        open_elements.append((name, attributes, parser.CurrentByteIndex))

    def end(_name: str) -> None:
        name, attributes, begin = open_elements.pop()
        prefix, _, local = name.rpartition(":")
        depth = len(open_elements)
        if not wanted(local, depth):
            return
        tag = _START_TAG.match(part, begin)
        inner = tag.end() if tag else begin
        empty = part[inner - 2 : inner] == b"/>"
        close = inner if empty else parser.CurrentByteIndex
        finish = inner if empty else part.index(b">", close) + 1
        found.append(Element(local, prefix, attributes, depth, begin, inner, close, finish))

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


def root_of(part: bytes) -> Element:
    """The outermost element.

    Raises:
        UnreadablePartError: this is no XML.
    """
    return find_elements(part, lambda _, depth: depth == 0)[0]


def text_of(part: bytes, element: Element) -> str:
    """The text of an element that holds no others."""
    raw = part[element.inner : element.close].decode()
    return "".join(_plain_pieces(raw))


def _plain_pieces(raw: str) -> Iterator[str]:
    for index, piece in enumerate(_CDATA.split(raw)):
        yield piece if index % 2 else html.unescape(piece)


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
    tag = part[element.start : element.end].decode()
    opened = f"{tag[:-2].rstrip()}>{text}</{element.tag(element.name)}>"
    return Edit(element.start, element.end, opened)


def start_tag(part: bytes, element: Element) -> str:
    """An element's start tag as it is written."""
    return part[element.start : element.inner].decode()


def with_attribute(tag: str, name: str, value: str) -> str:
    """A start tag with an attribute set, whether it was there or not."""
    spelled = f'{name}="{attribute(value)}"'
    known = re.compile(rf"(?<=\s){name}\s*=\s*(?:\"[^\"]*\"|'[^']*')")
    if known.search(tag):
        return known.sub(lambda _: spelled, tag, count=1)
    return re.sub(r"\s*(/?>)$", lambda end: f" {spelled}{end[1]}", tag)


def attribute(text: str) -> str:
    """Text as the value of an attribute in double quotes."""
    entities = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": ""}
    return escape(_ILLEGAL.sub("", text), entities)


def content(text: str) -> str:
    """Text as the content of an element."""
    return escape(_ILLEGAL.sub("", text))
