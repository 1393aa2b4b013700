"""存为用例: a case with what came out of it as one more row of 用例, in a copy of the workbook.

Only the new cells, the headings that were missing and their widths are written; every other byte
of every part stays. The copy is read again before it is given out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from authoring.cases import Known, known_of, read_case_row, read_case_table
from authoring.cases.golden_row import UnspellableError, golden_row
from authoring.cases.sheet import SHEET
from authoring.headings import canonical
from authoring.messages import text
from authoring.package.looks import Look, add_looks
from authoring.package.parts import Package
from authoring.package.sheets import MAIN, add_sheet, sheet_parts
from authoring.package.splice import Edit, UnreadablePartError, apply, start_tag, with_attribute
from authoring.plain_tables import PlainTable, text_of
from authoring.printable import printable
from authoring.spelling import key, tidy
from authoring.template.areas import cell as area_of
from authoring.template.areas import read_areas
from authoring.template.sheet_part import NewCell, looks_of_row, outline, set_widths, write_cells
from authoring.workbook import Sheet, read_sheets
from engine.cases import GoldenCase
from engine.expectations import unmet
from engine.findings import Finding, has_errors
from engine.outcome import Outcome

__all__ = ["NotSavedError", "Saved", "UnreadablePartError", "UnspellableError", "save_case"]

LAST_ROW = 1_048_576
_AS_TYPED = 49
"""The built-in number format of texts."""
_NARROWEST, _WIDEST, _BESIDE = 9, 30, 3
_EMPTY = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">'
    '<sheetViews><sheetView workbookViewId="0"><pane xSplit="2" ySplit="1" topLeftCell="C2"'
    ' activePane="bottomRight" state="frozen"/></sheetView></sheetViews>'
    "<sheetData/></worksheet>"
)


class NotSavedError(Exception):
    """The copy would not say what came out: nothing is saved."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A copy of a workbook with one golden case more: its number, and where it stands."""

    file: bytes
    id: str
    sheet: str
    row: int
    expectations: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the row goes: what is known of the sheet that is there, or that is to be made."""

    sheet: Sheet
    headings: Mapping[str, int]
    units: Mapping[str, str]
    heading_row: int
    last_row: int
    """The last row in which anything stands."""
    free_column: int
    ids: frozenset[str]
    """The numbers that are taken, as compared."""
    is_new: bool


def save_case(file: bytes, outcome: Outcome) -> Saved:
    """Add the case of an outcome to the workbook from which its policy comes.

    Raises:
        UnreadablePartError: the file can be read, but not changed.
        UnspellableError: the case gives a value that no cell can hold.
        NotSavedError: the copy would not say what came out.
    """
    sheets, trouble = read_sheets(file)
    if has_errors(trouble):
        raise UnreadablePartError
    known = known_of(outcome.policy)
    place = _find_place(sheets, known)
    number = _free_number(outcome.case.id, place.ids)
    cells = golden_row(number, outcome, known, place.units)
    row = place.last_row + 1
    if row > LAST_ROW:
        raise NotSavedError
    copy = _write(file, place, row, cells)
    golden = _read_again(sheets, copy, place, row, known)
    if not _is_case(golden, number, outcome) or unmet(golden, outcome):
        raise NotSavedError
    return Saved(copy, number, place.sheet.name, row, len(golden.expectations))


# --- where ----------------------------------------------------------------------------------------


def _find_place(sheets: Sequence[Sheet], known: Known) -> _Place:
    sheet = next((each for each in sheets if canonical(each.name, "sheets") == SHEET), None)
    if sheet is None:
        name = _free_name({each.name.casefold() for each in sheets})
        return _Place(Sheet(name, {}, {}), {}, {}, 1, 1, 1, frozenset(), is_new=True)
    table = read_case_table(sheet, known, [])
    filled = [at for at, cell in sheet.cells.items() if tidy(cell.text) or cell.formula]
    merges = sheet.merges.values()
    heading_row = table.at.cell.row
    return _Place(
        sheet,
        {name: heading.at.column for name, heading in table.headings.items()},
        {name: heading.unit for name, heading in table.headings.items()},
        heading_row,
        max([heading_row, *(row for row, _ in filled), *(each.bottom for each in merges)]),
        max([0, *(column for _, column in filled), *(each.right for each in merges)]) + 1,
        _numbers(table),
        is_new=False,
    )


def _free_name(taken: Collection[str]) -> str:
    if SHEET.casefold() in taken:
        raise NotSavedError  # a sheet of that name which is no sheet of cells
    return SHEET


def _numbers(table: PlainTable) -> frozenset[str]:
    return frozenset(key(text_of(row, "编号")) for row in (*table.rows, *table.refused))


def _free_number(wanted: str, taken: Collection[str]) -> str:
    """The case's own number; one that is taken gets a number behind it."""
    first = tidy(printable(wanted)) or text("save_case.number")
    number, free = 2, first
    while key(free) in taken:
        free, number = f"{first}-{number}", number + 1
    return free


# --- writing --------------------------------------------------------------------------------------


def _write(file: bytes, place: _Place, row: int, cells: Mapping[str, str]) -> bytes:
    package = Package(file)
    name = place.sheet.name
    if place.is_new:
        add_sheet(package, name, _EMPTY.encode())
    path = sheet_parts(package).get(name)
    if path is None:
        raise UnreadablePartError
    part = package.read(path)
    new = [heading for heading in cells if heading not in place.headings]
    columns = {**place.headings, **{each: place.free_column + at for at, each in enumerate(new)}}
    heads = looks_of_row(part, place.heading_row)
    bodies = looks_of_row(part, place.last_row) if place.last_row > place.heading_row else {}
    there = looks_of_row(part, row)
    added = [
        NewCell(place.heading_row, columns[each], each, _at_the_left(heads, columns[each]))
        for each in new
    ]
    plain = _text_looks(package, bodies, [columns[each] for each in new])
    for heading, told in cells.items():
        column = columns[heading]
        look = None if column in there else plain.get(column, bodies.get(column))
        added.append(NewCell(row, column, told, look))
    part = write_cells(part, added)
    part = set_widths(part, {columns[each]: _width(each, cells[each]) for each in new}, {})
    package.write(path, _with_dimension(part, row, max(columns.values())))
    return package.to_bytes()


def _text_looks(
    package: Package, bodies: Mapping[int, int], columns: Iterable[int]
) -> dict[int, int]:
    """The looks of cells below new headings: like those at the left, but texts."""
    made: dict[int, int] = {}
    looks = {}
    for column in columns:
        base = _at_the_left(bodies, column) or 0
        if base not in made:
            (made[base],) = add_looks(package, [Look(number_format=_AS_TYPED)], base)
        looks[column] = made[base]
    return looks


def _at_the_left(looks: Mapping[int, int], column: int) -> int | None:
    left = max((at for at in looks if at < column), default=None)
    return None if left is None else looks[left]


def _width(heading: str, told: str) -> float:
    longest = max(cell_len(heading), cell_len(told))
    return float(min(max(longest + _BESIDE, _NARROWEST), _WIDEST))


def _with_dimension(part: bytes, row: int, column: int) -> bytes:
    """Say that the sheet reaches to the new cells, where it says how far it reaches."""
    said = outline(part).children.get("dimension")
    if said is None or not said.attributes.get("ref"):
        return part
    old = read_areas(said.attributes["ref"])[0]
    corner = area_of(max(old.bottom, row), max(old.right, column))
    first = area_of(old.top, old.left)
    tag = with_attribute(start_tag(part, said), "ref", f"{first}:{corner}")
    return apply(part, [Edit(said.start, said.inner, tag)])


# --- looking again --------------------------------------------------------------------------------


def _read_again(
    before: Sequence[Sheet], copy: bytes, place: _Place, row: int, known: Known
) -> GoldenCase:
    """Read the new row of a copy in which every other cell is what it was."""
    after = {sheet.name: sheet for sheet in read_sheets(copy)[0]}
    new = after.pop(place.sheet.name, None)
    old = {sheet.name: sheet for sheet in before if sheet.name != place.sheet.name}
    if new is None or after != old or _without(new, place, row) != place.sheet:
        raise NotSavedError
    findings: list[Finding] = []
    table = read_case_table(_only(new, place.heading_row, row), known, findings)
    cases = [read_case_row(each, known, findings) for each in table.rows]
    if has_errors(findings) or len(cases) != 1 or cases[0] is None:
        raise NotSavedError
    return cases[0]


def _without(sheet: Sheet, place: _Place, row: int) -> Sheet:
    """A sheet without the new row and the new headings."""
    cells = {
        at: cell
        for at, cell in sheet.cells.items()
        if at[0] != row and not (at[0] == place.heading_row and at[1] >= place.free_column)
    }
    return replace(sheet, cells=cells)


def _only(sheet: Sheet, heading_row: int, row: int) -> Sheet:
    """A sheet down to its headings, and one row."""
    cells = {at: cell for at, cell in sheet.cells.items() if at[0] <= heading_row or at[0] == row}
    return Sheet(sheet.name, cells, {})


def _is_case(golden: GoldenCase, number: str, outcome: Outcome) -> bool:
    case, wanted = golden.case, outcome.case
    given = {name: value for name, value in wanted.facts.items() if value is not None}
    return (
        key(case.id) == key(number)
        and case.date == wanted.date
        and case.facts == given
        and case.subjects == wanted.subjects
    )
