"""A file that is a zip of XML (.xlsx, .docx), weighed before anything is built from it.

What a parser builds is paid for by the tag, so tags are counted, and not seconds: the same file is
refused on every machine, or on none.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from xml.parsers import expat

MEBIBYTE = 1 << 20
MAX_FILE_BYTES = 20 * MEBIBYTE
MAX_UNPACKED_BYTES = 200 * MEBIBYTE
MAX_TAGS = 4_000_000
"""In all parts together. A cell has four, or six where it holds its text itself."""
MAX_TAGS_OF_LISTS = 400_000
"""In parts that are built as a whole before they are looked at."""
MAX_XML_BYTES = 100 * MEBIBYTE
"""Text takes up to four times its bytes in memory."""
MAX_GAP = MEBIBYTE
"""Bytes from one tag to the next. A cell of Excel holds 32,767 characters."""
MAX_PARTS = 10_000
_XML = re.compile(rb"[\xef\xbb\xbf\xff\xfe\x00\s]*<")
MEDIA = "/media/"
"""The folder of pictures. They are no XML, or (SVG) XML of their own, and are never opened."""


class Excess(StrEnum):
    """What is wrong with an archive."""

    ENCRYPTED = "encrypted"
    UNPACKED = "unpacked"
    TWICE = "twice"
    """Two parts of one name: which of them counts is anybody's guess."""
    PARTS = "parts"
    DOCTYPE = "doctype"
    """A part declares a document type: the way to entities that expand without end."""
    TAGS = "tags"
    GAP = "gap"
    """Too much text in one place."""
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an archive is not opened: how much there is, of how much there may be, where most."""

    excess: Excess
    amount: int = 0
    limit: int = 0
    part: str = ""


class Archive(zipfile.ZipFile):
    """A zip of which only what was weighed can be opened."""

    def __init__(self, content: bytes) -> None:
        """Open an archive.

        Raises:
            zipfile.BadZipFile, ValueError: this is none.
        """
        super().__init__(io.BytesIO(content))

    def getinfo(self, name: str) -> zipfile.ZipInfo:
        """Look a part up.

        Raises:
            KeyError: there is no such part, or it is a picture.
        """
        if MEDIA in name:
            raise KeyError(name)
        return super().getinfo(name)


def weigh(archive: Archive, lists: Collection[str] = ()) -> Verdict | None:
    """Look for what would cost too much, or would not be what it seems; None: it may be opened.

    ``lists`` names the parts of which there may be less.

    Raises:
        Exception: zipfile and zlib raise many kinds for a damaged archive.
    """
    entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        return Verdict(Excess.ENCRYPTED)
    # What is unpacked is never more than what an entry declares.
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES:
        limit = MAX_UNPACKED_BYTES // MEBIBYTE
        return Verdict(Excess.UNPACKED, unpacked // MEBIBYTE, limit)
    if len(entries) > MAX_PARTS:
        return Verdict(Excess.PARTS, len(entries), MAX_PARTS)
    names = Counter(entry.filename for entry in entries)
    for name, times in names.items():
        if times > 1:
            return Verdict(Excess.TWICE, part=name)
    return _weigh_parts(archive, [name for name in names if MEDIA not in name], lists)


def _weigh_parts(archive: Archive, names: Iterable[str], lists: Collection[str]) -> Verdict | None:
    tags: Counter[str] = Counter()
    letters: Counter[str] = Counter()
    for name in names:
        part = archive.read(name)
        if not _XML.match(part):
            continue
        tags[name], letters[name] = part.count(b"<"), len(part)
        if _declares_a_type(part):
            return Verdict(Excess.DOCTYPE, part=name)
        if _has_a_gap(part):
            return Verdict(Excess.GAP, MAX_GAP // MEBIBYTE, MAX_GAP // MEBIBYTE, name)
        if name in lists and tags[name] > MAX_TAGS_OF_LISTS:
            return Verdict(Excess.TAGS, tags[name], MAX_TAGS_OF_LISTS, name)
    if tags.total() > MAX_TAGS:
        return Verdict(Excess.TAGS, tags.total(), MAX_TAGS, tags.most_common(1)[0][0])
    if letters.total() > MAX_XML_BYTES:
        limit = MAX_XML_BYTES // MEBIBYTE
        most = letters.most_common(1)[0][0]
        return Verdict(Excess.TEXT, letters.total() // MEBIBYTE, limit, most)
    return None


def _declares_a_type(part: bytes) -> bool:
    """Read up to the first element: a document type stands before it or nowhere."""
    found = False
    parser = expat.ParserCreate()

    def notice(*_: object) -> None:
        nonlocal found
        found = True
        raise StopIteration

    def stop(*_: object) -> None:
        raise StopIteration

    parser.StartDoctypeDeclHandler = notice
    parser.StartElementHandler = stop
    try:
        parser.Parse(part, True)
    except (StopIteration, expat.ExpatError, ValueError, LookupError):
        return found
    return found


def _has_a_gap(part: bytes) -> bool:
    """Whether more than ``MAX_GAP`` bytes lie between one tag and the next."""
    at = 0
    while len(part) - at > MAX_GAP:
        following = part.rfind(b"<", at, at + MAX_GAP)
        if following < 0:
            return True
        at = following + 1
    return False
