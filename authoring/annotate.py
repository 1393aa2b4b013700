"""The drafter's own workbook with what a check says of it: a colour and a note on each cell that is
meant, and a sheet that lists everything. Nothing else of the file changes.

What an earlier check wrote is taken away first, so that checking a copy again does not pile up, and
a copy in which all is mended is the workbook again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from authoring.annotated_pages import COLOURS, add_page_looks, findings_page, readings_page
from authoring.messages import text
from authoring.own_sheets import FINDINGS_SHEET, READINGS_SHEET, is_own
from authoring.package.cells import Position, spell_position
from authoring.package.looks import add_overlays
from authoring.package.notes import Run, add_notes, cut_notes, threads_on
from authoring.package.overlays import lay_over, take_off
from authoring.package.parts import Package
from authoring.package.sheets import add_sheet, open_on, remove_sheet, sheet_parts
from authoring.readings import Reading
from authoring.remarks import Annotations, Remark, spell_meant
from authoring.spelling import key
from authoring.workbook import Sheet
from engine.cells import CellRef
from engine.findings import Severity

MARK = "条理检查"
MOST_NOTES = 2_000
"""Cells with a note: Excel grows slow with more."""
MOST_IN_A_NOTE = 5
LONGEST_IN_A_NOTE = 500
"""Characters of one message: a note takes 32,767, and a reader far fewer."""
_OVERLAYS = [
    '<dxf><fill><patternFill patternType="solid">'
    f'<bgColor rgb="FF{colour}"/></patternFill></fill></dxf>'
    for colour in COLOURS.values()
]


def annotate(content: bytes, sheets: Sequence[Sheet], annotations: Annotations) -> bytes:
    """The workbook with annotations; ``sheets`` are what was read of it.

    Raises:
        UnreadablePartError: the file can be read, but not changed.
    """
    package = Package(content)
    clear(package, sheets)
    own = frozenset(sheet.name for sheet in sheets if is_own(sheet))
    kept = {sheet.name: sheet for sheet in sheets if sheet.name not in own}
    listed = replace(annotations, remarks=_in_order(annotations.remarks, list(kept)))
    if not listed.remarks and not listed.mends and not listed.show_readings:
        return package.to_bytes()
    paths = sheet_parts(package)
    overlays = dict(zip(COLOURS, add_overlays(package, _OVERLAYS), strict=True))
    written = 0
    for name, sheet in kept.items():
        if name in paths:
            room = MOST_NOTES - written
            written += _mark_sheet(package, paths[name], sheet, listed, overlays, room)
    names = _free_names(kept)
    looks = add_page_looks(package)
    if listed.remarks or listed.mends:
        most = written if written >= MOST_NOTES else None
        add_sheet(package, names[0], findings_page(looks, listed, kept, most))
        open_on(package, names[0])
    if listed.readings:
        add_sheet(package, names[1], readings_page(looks, listed.readings, kept))
    return package.to_bytes()


def clear(package: Package, sheets: Iterable[Sheet]) -> None:
    """Take away what an earlier check wrote."""
    for sheet in sheets:
        if is_own(sheet):
            remove_sheet(package, sheet.name)
    for path in sheet_parts(package).values():
        take_off(package, path, MARK)
        cut_notes(
            package, path, *(text(f"annotate.{name}") for name in ("author", "first", "last"))
        )


def _in_order(remarks: Iterable[Remark], names: Sequence[str]) -> tuple[Remark, ...]:
    """Gravest first, then as a reader of the workbook meets them."""
    gravity = list(Severity)
    places = {name: number for number, name in enumerate(names)}

    def rank(remark: Remark) -> tuple[int, int, int, int]:
        at = remark.at.cell if remark.at else None
        place = (places.get(at.sheet, len(places)), at.row, at.column) if at else (-1, 0, 0)
        return gravity.index(remark.severity), *place

    return tuple(sorted(remarks, key=rank))


def _free_names(kept: Mapping[str, Sheet]) -> tuple[str, str]:
    taken = {name.casefold() for name in kept}

    def free(name: str) -> str:
        number, found = 2, name
        while found.casefold() in taken:
            found, number = f"{name} {number}", number + 1
        return found

    return free(FINDINGS_SHEET), free(READINGS_SHEET)


# --- one sheet ------------------------------------------------------------------------------------


def _mark_sheet(
    package: Package,
    path: str,
    sheet: Sheet,
    annotations: Annotations,
    overlays: Mapping[Severity, int],
    room: int,
) -> int:
    """Colour the cells of a sheet and write its notes, at most so many; say how many were."""
    remarks: dict[Position, list[Remark]] = {}
    for remark in annotations.remarks:
        if remark.at and remark.at.cell.sheet == sheet.name:
            remarks.setdefault(_anchor(sheet, remark.at.cell), []).append(remark)
    readings: dict[Position, Reading] = {}
    for reading in annotations.readings if annotations.show_readings else ():
        at = _anchor(sheet, reading.at)
        if reading.at.sheet == sheet.name and _tells_something(reading, sheet, at):
            readings.setdefault(at, reading)
    layers: dict[int, list[str]] = {}
    for at, found in sorted(remarks.items()):
        layers.setdefault(overlays[found[0].severity], []).append(_area(sheet, at))
    if layers:
        lay_over(package, path, layers.items(), MARK)
    cells = [*sorted(remarks), *sorted(readings.keys() - remarks.keys())]
    if cells:
        threads = threads_on(package, path)
        cells = [at for at in cells if at not in threads][:room]
    notes = {at: _runs(remarks.get(at, ()), readings.get(at)) for at in cells}
    add_notes(package, path, text("annotate.author"), notes)
    return len(notes)


def _anchor(sheet: Sheet, at: CellRef) -> Position:
    merge = sheet.merges.get((at.row, at.column))
    return merge.anchor if merge else (at.row, at.column)


def _area(sheet: Sheet, at: Position) -> str:
    merge = sheet.merges.get(at)
    if merge is None:
        return spell_position(at)
    return f"{spell_position(at)}:{spell_position((merge.bottom, merge.right))}"


def _tells_something(reading: Reading, sheet: Sheet, at: Position) -> bool:
    """Whether a cell was understood otherwise than it is spelt."""
    cell = sheet.cells.get(at)
    return cell is None or key(cell.text) != key(reading.text)


def _runs(remarks: Sequence[Remark], reading: Reading | None) -> tuple[Run, ...]:
    runs = [Run(text("annotate.first") + "\n", bold=True)]
    for remark in remarks[:MOST_IN_A_NOTE]:
        lines = [_clip(remark.message), _clip(text("annotate.help", help=remark.help))]
        if remark.did_you_mean:
            meant = spell_meant(remark.did_you_mean)
            lines.append(text("annotate.did_you_mean", meant=meant))
        runs.append(Run(text("annotate.label", label=remark.label), bold=True))
        runs.append(Run("\n".join(lines) + "\n"))
    if len(remarks) > MOST_IN_A_NOTE:
        count = len(remarks) - MOST_IN_A_NOTE
        runs.append(Run(text("annotate.more", count=count, sheet=FINDINGS_SHEET) + "\n"))
    if reading is not None:
        said = text("annotate.reading", subject=reading.subject, text=_clip(reading.text))
        runs.append(Run(said + "\n"))
    runs.append(Run(text("annotate.last")))
    return tuple(runs)


def _clip(told: str) -> str:
    return told if len(told) <= LONGEST_IN_A_NOTE else f"{told[: LONGEST_IN_A_NOTE - 1]}…"
