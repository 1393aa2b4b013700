"""A notice's file -> its paragraphs. Plain text or Word; nothing raises.

Word numbers paragraphs by itself where the writer let it; those numbers are no part of the text and
are worked out here, because they are what the articles are cited by.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx

from authoring.archives import MAX_FILE_BYTES, MEBIBYTE, Archive, Excess, weigh
from authoring.numerals import numeral
from engine.findings import Finding

ENCODINGS = ("utf-8-sig", "gb18030")
MAX_PARAGRAPHS = 20_000
MAX_PARAGRAPH, MAX_CHARACTERS = 5_000, 500_000
"""Of one paragraph, in which amounts are looked for at every place, and of all together."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CHINESE_FORMATS = frozenset(
    {
        *("chineseCounting", "chineseCountingThousand", "chineseLegalSimplified"),
        *("japaneseCounting", "ideographDigital", "taiwaneseCounting", "taiwaneseCountingThousand"),
    }
)
_RINGED_FORMATS = frozenset({"decimalEnclosedCircle", "decimalEnclosedCircleChinese"})
_MOST_RINGED = 20
"""As far as there are letters for it: ⑳."""
_EXCESSES: Mapping[Excess, str] = {
    Excess.UNPACKED: "N108",
    Excess.TEXT: "N108",
    Excess.DOCTYPE: "N110",
    Excess.TAGS: "N111",
    Excess.PARTS: "N111",
    Excess.GAP: "N112",
}
_PLACEHOLDER = re.compile(r"%(\d)")


def read_paragraphs(path: Path | str) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """The paragraphs of a .txt or .docx that hold any text, tidied of blanks around them."""
    path = Path(path)
    name = path.name
    try:
        if not path.exists():
            return (), (Finding("N101", None, {"name": name}),)
        if path.is_dir():
            return (), (Finding("N102", None, {"name": name}),)
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            params = {"size": -(-size // MEBIBYTE), "limit": MAX_FILE_BYTES // MEBIBYTE}
            return (), (Finding("N103", None, params),)
        content = path.read_bytes()
    except (OSError, ValueError):
        return (), (Finding("N104", None, {"name": name}),)
    if content.startswith(b"PK"):
        texts, trouble = _of_word(content)
    else:
        texts, trouble = _of_text(content, name)
    if trouble is not None:
        return (), (trouble,)
    found = tuple(filter(None, (each.strip("\u3000 \t\r\n\x0b\x0c") for each in texts)))
    if not found:
        return (), (Finding("N105", None, {"name": name}),)
    if len(found) > MAX_PARAGRAPHS:
        return (), (Finding("N106", None, {"limit": MAX_PARAGRAPHS}),)
    for number, each in enumerate(found, start=1):
        if len(each) > MAX_PARAGRAPH:
            start = each[:20]
            told: dict[str, object] = {"number": number, "limit": MAX_PARAGRAPH, "start": start}
            return (), (Finding("N113", None, told),)
    if sum(map(len, found)) > MAX_CHARACTERS:
        return (), (Finding("N114", None, {"limit": MAX_CHARACTERS}),)
    return found, ()


def _of_text(content: bytes, name: str) -> tuple[list[str], Finding | None]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\x00" in content:
        return [], Finding("N107", None, {"name": name})
    else:
        encodings = ENCODINGS
    for encoding in encodings:
        try:
            return content.decode(encoding).splitlines(), None
        except UnicodeDecodeError:
            continue
    return [], Finding("N107", None, {"name": name})


def _of_word(content: bytes) -> tuple[list[str], Finding | None]:
    try:
        with Archive(content) as archive:
            verdict = weigh(archive)
        if verdict is not None:
            params = {"size": verdict.amount, "limit": verdict.limit}
            return [], Finding(_EXCESSES.get(verdict.excess, "N109"), None, params)
        document = docx.Document(io.BytesIO(content))
        return list(_texts(document)), None
    except Exception:  # zipfile, lxml and docx raise many kinds for a damaged or foreign file
        return [], Finding("N109")


def _texts(document: Any) -> Iterator[str]:
    counters = _Numbering(document)
    for paragraph in document.element.body.iter(f"{_W}p"):
        runs = (_run_text(each) for each in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br"))
        text = "".join(runs)
        label = counters.label(paragraph)
        yield from (label + text if text.strip() else "").splitlines()


def _run_text(node: Any) -> str:
    if node.tag == f"{_W}t":
        return node.text or ""
    return "\t" if node.tag == f"{_W}tab" else "\n"


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    format: str
    text: str


class _Numbering:
    """Counts the paragraphs that Word numbers (ECMA-376, 17.9)."""

    def __init__(self, document: Any) -> None:
        self._levels: dict[str, Mapping[int, _Level]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        abstract = {
            each.get(f"{_W}abstractNumId"): _levels(each) for each in root.iter(f"{_W}abstractNum")
        }
        for each in root.iter(f"{_W}num"):
            refers_to = each.find(f"{_W}abstractNumId")
            if refers_to is not None:
                found = abstract.get(refers_to.get(f"{_W}val"), {})
                self._levels[each.get(f"{_W}numId")] = found

    def label(self, paragraph: Any) -> str:
        """The number that Word shows before a paragraph; empty for one without."""
        properties = paragraph.find(f"{_W}pPr/{_W}numPr")
        if properties is None:
            return ""
        number = properties.find(f"{_W}numId")
        depth = properties.find(f"{_W}ilvl")
        name = "" if number is None else number.get(f"{_W}val")
        level = 0 if depth is None else int(depth.get(f"{_W}val"))
        levels = self._levels.get(name, {})
        if level not in levels:
            return ""
        counts = self._counts.setdefault(name, {})
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [each for each in counts if each > level]:
            del counts[deeper]

        def spelled(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            shown = levels.get(at)
            if shown is None:
                return ""
            count = counts.get(at, shown.start)
            if shown.format in _RINGED_FORMATS and 1 <= count <= _MOST_RINGED:
                return chr(ord("①") + count - 1)
            return numeral(count) if shown.format in _CHINESE_FORMATS else str(count)

        if levels[level].format == "bullet":
            return ""
        return _PLACEHOLDER.sub(spelled, levels[level].text)


def _levels(abstract: Any) -> Mapping[int, _Level]:
    found = {}
    for each in abstract.iter(f"{_W}lvl"):
        start, format_, text = (each.find(f"{_W}{name}") for name in ("start", "numFmt", "lvlText"))
        found[int(each.get(f"{_W}ilvl"))] = _Level(
            1 if start is None else int(start.get(f"{_W}val")),
            "decimal" if format_ is None else format_.get(f"{_W}val"),
            "" if text is None else text.get(f"{_W}val"),
        )
    return found
