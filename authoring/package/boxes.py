"""The boxes of notes: shapes in a VML drawing.

VML that Excel writes for form controls is not always well-formed (``<br>``), so shapes are found by
their text and not by a parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from rich.cells import cell_len

from authoring.package.cells import Position
from authoring.package.grid import Anchor, Grid, box_at, box_from, size_of
from authoring.package.splice import attribute

VML = "urn:schemas-microsoft-com:vml"
OFFICE = "urn:schemas-microsoft-com:office:office"
EXCEL = "urn:schemas-microsoft-com:office:excel"
_PREFIXES = {"v": VML, "o": OFFICE, "x": EXCEL}

_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202"'
    ' path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
EMPTY = (
    f'<xml xmlns:v="{VML}" xmlns:o="{OFFICE}" xmlns:x="{EXCEL}">'
    '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>'
    f"{_TYPE}</xml>"
)

WIDTH = 300
_LINE, _CHARACTER, _MARGIN = 17, 6.5, 14
"""Pixels of a line of 9 points, of half a Chinese character, and around the text."""
_FIRST_ID = 1024
_MARK = "tiaoli "
"""Begins the alternative text of a box that was made larger; its old anchor follows."""

_SHAPE = re.compile(r"<(?P<prefix>(?:[\w.-]+:)?)shape(?=[\s>])")
_ID = re.compile(r"_x0000_s(\d+)")
_NONE = "none"
_ALT = re.compile(rf"\s+alt=([\"']){_MARK}(?P<anchor>[\d, ]+|{_NONE})\1")
_ANCHOR_TAG = re.compile(r"<(?P<p>(?:[\w.-]+:)?)Anchor\s*>[^<]*</(?P=p)Anchor\s*>")
_END = re.compile(r"</(?:[\w.-]+:)?xml\s*>\s*$")


def _value(name: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?P<open><(?:[\w.-]+:)?{name}\s*>)\s*(?P<value>[^<]*?)\s*(?=</(?:[\w.-]+:)?{name}\s*>)"
    )


_ROW, _COLUMN, _ANCHOR = _value("Row"), _value("Column"), _value("Anchor")


def put(
    drawing: bytes, grid: Grid, written: Mapping[Position, str], new: Collection[Position]
) -> bytes:
    """Give each text a box large enough: new notes a new one, others the one that they have."""
    text = _decode(drawing)

    def grown(shape: str) -> str:
        at = _note_at(shape)
        if at is None or at in new or at not in written:
            return shape
        return _grow(shape, grid, written[at], at)

    text = _with_each(text, grown)
    number = max((int(each) for each in _ID.findall(text)), default=_FIRST_ID)
    number = max(number, _FIRST_ID)
    shapes = []
    for index, at in enumerate(sorted(new), start=1):
        anchor = box_at(grid, at[0] - 1, at[1] - 1, WIDTH, _height(written[at], WIDTH))
        shapes.append(_shape(number + index, index, anchor, at))
    known = re.search(r"<(?:[\w.-]+:)?shapetype\b[^>]*_x0000_t202", text)
    added = "".join(([] if known else [_TYPE]) + shapes)
    if not all(f'xmlns:{prefix}="{name}"' in text for prefix, name in _PREFIXES.items()):
        declared = "".join(f' xmlns:{prefix}="{name}"' for prefix, name in _PREFIXES.items())
        added = re.sub(r"<v:(shapetype|shape)(?=\s)", rf"<v:\1{declared}", added)
    end = _END.search(text)
    at_end = end.start() if end else len(text)
    return _encode(text[:at_end] + added + text[at_end:])


def without(drawing: bytes, gone: Collection[Position], shortened: Collection[Position]) -> bytes:
    """Take the boxes of notes away that are gone, and make those smaller again that were grown."""

    def left(shape: str) -> str:
        at = _note_at(shape)
        if at in gone:
            return ""
        return _shrink(shape) if at in shortened else shape

    return _encode(_with_each(_decode(drawing), left))


def is_empty(drawing: bytes) -> bool:
    """Whether a drawing holds nothing of Excel's: no note and no control."""
    return b"ClientData" not in drawing


def _with_each(text: str, change: Callable[[str], str]) -> str:
    """A drawing in which every shape was put to a change."""
    pieces: list[str] = []
    at = 0
    for found in _SHAPE.finditer(text):
        closing = f"</{found['prefix']}shape"
        close = text.find(closing, found.end())
        end = text.find(">", close)
        if close < 0 or end < 0:
            break  # nothing is closed any more
        if found.start() >= at:
            pieces += (text[at : found.start()], change(text[found.start() : end + 1]))
            at = end + 1
    return "".join((*pieces, text[at:]))


def _note_at(shape: str) -> Position | None:
    row, column = _ROW.search(shape), _COLUMN.search(shape)
    if not (row and column and re.search(r"ObjectType\s*=\s*[\"']Note[\"']", shape)):
        return None
    if not (row["value"].isdecimal() and column["value"].isdecimal()):
        return None
    return int(row["value"]) + 1, int(column["value"]) + 1


def _shape(number: int, order: int, anchor: Anchor, at: Position) -> str:
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;'
        f"margin-left:59.25pt;margin-top:1.5pt;width:{WIDTH * 0.75:g}pt;height:60pt;"
        f'z-index:{order};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
        '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto">'
        '<div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note">'
        f"<x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{_spell(anchor)}</x:Anchor>"
        f"<x:AutoFill>False</x:AutoFill><x:Row>{at[0] - 1}</x:Row>"
        f"<x:Column>{at[1] - 1}</x:Column></x:ClientData></v:shape>"
    )


def _grow(shape: str, grid: Grid, written: str, at: Position) -> str:
    """Make a box large enough, and remember its old anchor where Excel keeps it."""
    if re.match(r"<[^>]*\salt\s*=", shape):
        return shape
    found = _ANCHOR.search(shape)
    anchor = _read_anchor(found["value"]) if found else None
    if found is None or anchor is None:
        new = box_at(grid, at[0] - 1, at[1] - 1, WIDTH, _height(written, WIDTH))
        shape = _ROW.sub(
            lambda row: f"{_tagged(row['open'], _spell(new))}{row[0]}", _ANCHOR_TAG.sub("", shape)
        )
    else:
        width, height = size_of(grid, anchor)
        wider = max(width, WIDTH)
        new = box_from(grid, anchor[:4], wider, max(height, _height(written, wider)))
        shape = shape[: found.end("open")] + _spell(new) + shape[found.end("value") :]
    remembered = attribute(_MARK + (_spell(anchor) if anchor else _NONE))
    return re.sub(r"(?=[\s>])", f' alt="{remembered}"', shape, count=1)


def _tagged(row: str, anchor: str) -> str:
    """An anchor beside a row, under the prefix of the row."""
    tag = row.replace("Row", "Anchor").rstrip("> \t\n") + ">"
    return f"{tag}{anchor}{tag.replace('<', '</')}"


def _shrink(shape: str) -> str:
    remembered = _ALT.search(shape)
    if remembered is None:
        return shape
    shape = shape[: remembered.start()] + shape[remembered.end() :]
    if remembered["anchor"] == _NONE:
        return _ANCHOR_TAG.sub("", shape)
    return _ANCHOR.sub(lambda found: found["open"] + remembered["anchor"], shape, count=1)


def _height(written: str, width: int) -> int:
    room = max(int((width - _MARGIN) / _CHARACTER), 8)
    lines = sum(max(1, -(-cell_len(line) // room)) for line in written.split("\n"))
    return lines * _LINE + _MARGIN


def _read_anchor(text: str) -> Anchor | None:
    numbers = [each.strip() for each in text.split(",")]
    if len(numbers) != 8 or not all(each.isdecimal() for each in numbers):
        return None
    a, b, c, d, e, f, g, h = map(int, numbers)
    return a, b, c, d, e, f, g, h


def _spell(anchor: Anchor) -> str:
    return ", ".join(map(str, anchor))


def _decode(drawing: bytes) -> str:
    return drawing.decode("utf-8", "surrogateescape")


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
