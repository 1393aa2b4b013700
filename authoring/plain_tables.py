"""Plain sheets, one heading row and then one row per thing, validated with pandera.

A schema says what each column must be. The frame that is validated holds the compared spelling of
every cell, indexed by the rows of the sheet, so each failure leads back to its cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd
import pandera.pandas as pa

from authoring.headings import (
    by_spelling,
    canonical_word,
    documented,
    resolve_documented,
    split_unit,
)
from authoring.spelling import key, nearest, tidy
from authoring.workbook import Cell, Sheet, content_position, trouble_of
from engine.cells import CellRef, Place
from engine.findings import Finding, Severity

HEADING_ROWS = 10
"""A title may stand above the headings; further down nobody would look for them."""
_IDENTITY = "\x00identity"


@dataclass(frozen=True, slots=True)
class Column:
    """What a column must be: its heading there, its cells filled, one of some words."""

    name: str
    needed: bool = False
    filled: bool = False
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a plain sheet; no two rows agree in all columns of ``identity``."""

    sheet: str
    columns: tuple[Column, ...]
    identity: tuple[str, ...] = ()
    formulas: bool = False
    """Whether the stored result of a formula may be read."""
    family: str = ""
    """Headings that begin so are columns of their own, whatever follows: the reader judges them."""
    unknown: str = "W230"
    """The finding of a heading that nobody knows."""
    left_over: str = ""
    """What is said instead where nothing stands below it; "": the same."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A filled cell: its text as typed, and where it stands (of a merge, its first cell)."""

    text: str
    at: CellRef


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its filled cells by documented heading.

    ``spoilt`` names the columns whose cells hold something that was reported and cannot be used.
    """

    at: CellRef
    entries: Mapping[str, Entry]
    headings: Mapping[str, Heading]
    spoilt: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Heading:
    """Where a column stands, and the unit that its heading gives for bare numbers."""

    at: CellRef
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PlainTable:
    """The usable rows, and those that a failure makes unusable (``refused``)."""

    headings: Mapping[str, Heading]
    rows: tuple[Row, ...]
    refused: tuple[Row, ...]
    at: Place


def text_of(row: Row, name: str) -> str:
    """The tidied text of a cell; "" when it is blank or its column is absent."""
    entry = row.entries.get(name)
    return tidy(entry.text) if entry else ""


def is_blank(row: Row, name: str) -> bool:
    """Whether nothing stands in a cell, not even something that cannot be used."""
    return name not in row.entries and name not in row.spoilt


def word_of(row: Row, name: str, allowed: Iterable[str]) -> str:
    """The allowed word that a validated cell holds, as documented; "" when it is blank."""
    wanted = _compared(row, name)
    return next((each for each in allowed if key(each) == wanted), "")


def _compared(row: Row, name: str) -> str:
    """The spelling by which a cell is compared with the words that its column allows."""
    return key(canonical_word(name, text_of(row, name)))


def place_of(row: Row, name: str) -> Place:
    """Where a cell stands, also a blank one; the row's first cell when there is no such column."""
    entry = row.entries.get(name)
    if entry:
        return Place(entry.at)
    heading = row.headings.get(name)
    return Place(CellRef(row.at.sheet, row.at.row, heading.at.column) if heading else row.at)


def read_plain_table(sheet: Sheet, schema: Schema, findings: list[Finding]) -> PlainTable:
    """Read and validate a plain sheet; what is wrong is added to ``findings``."""
    heading_row = _find_heading_row(sheet, schema)
    headings = _read_headings(sheet, heading_row, schema, findings)
    rows, spoilt = [], set()
    filled = _columns_by_row(sheet, heading_row + 1)
    _report_unheaded(sheet, heading_row if headings else 0, filled, findings)
    for number in filled:
        row, whole = _read_row(sheet, number, headings, schema, findings)
        if row.entries or row.spoilt:
            rows.append(row)
        if not whole:
            spoilt.add(number)
    spoilt |= _validate(rows, headings, schema, sheet, heading_row, findings)
    if any(column.needed and column.name not in headings for column in schema.columns):
        spoilt |= {row.at.row for row in rows}
    return PlainTable(
        headings,
        tuple(row for row in rows if row.at.row not in spoilt),
        tuple(row for row in rows if row.at.row in spoilt),
        Place(CellRef(sheet.name, heading_row, 1)),
    )


def headings_of(sheet: Sheet, schema: Schema) -> Mapping[str, Heading]:
    """Where the known columns of a sheet stand, by their documented headings."""
    return _read_headings(sheet, _find_heading_row(sheet, schema), schema, [])


def count_rows(sheet: Sheet, schema: Schema) -> int:
    """How many rows below the headings have something in them; nothing of it is read."""
    heading_row = _find_heading_row(sheet, schema)
    return len({row for row, _ in sheet.cells if row > heading_row})


def names_in(sheet: Sheet, schema: Schema, name: str) -> tuple[frozenset[str], bool]:
    """What stands in a column, as compared, in usable rows or not; and whether that is all of it.

    It is not where the column is missing, or where a row has nothing readable in it.
    """
    heading_row = _find_heading_row(sheet, schema)
    heading = headings_of(sheet, schema).get(name)
    if heading is None:
        return frozenset(), False
    names, whole = set(), True
    for number in _columns_by_row(sheet, heading_row + 1):
        entry = entry_at(sheet, number, heading.at.column)
        if entry and not trouble_at(sheet, number, heading.at.column, formulas=True):
            names.add(key(entry.text))
        else:
            whole = False
    return frozenset(names), whole


def _columns_by_row(sheet: Sheet, first_row: int) -> dict[int, list[int]]:
    """The filled columns of each row that has any, from ``first_row`` on."""
    columns: dict[int, list[int]] = {}
    for row, column in sorted(sheet.cells):
        if row >= first_row:
            columns.setdefault(row, []).append(column)
    return columns


def entry_at(sheet: Sheet, row: int, column: int) -> Entry | None:
    """The filled cell at a position; a vertical merge repeats its content in each of its rows."""
    merge = sheet.merges.get((row, column))
    if merge and column != merge.left:
        return None
    cell = sheet.cells.get(content_position(sheet, row, column))
    return Entry(cell.text, cell.at) if cell and (tidy(cell.text) or cell.formula) else None


def trouble_at(sheet: Sheet, row: int, column: int, *, formulas: bool = False) -> Finding | None:
    """Why the content at a position cannot be used."""
    cell = sheet.cells.get(content_position(sheet, row, column))
    return trouble_of(cell, formulas=formulas) if cell else None


def _find_heading_row(sheet: Sheet, schema: Schema) -> int:
    """The first row with two known headings (or the only one there is), else the first filled."""
    rows = sorted({row for row, _ in sheet.cells})
    names = _names_of(schema)
    for row in rows[:HEADING_ROWS]:
        texts = [cell.text for at, cell in sheet.cells.items() if at[0] == row]
        known = {found and found[0] for found in (_resolve(each, names, schema) for each in texts)}
        if len(known - {None}) >= min(2, len(schema.columns)):
            return row
    return rows[0] if rows else 1


def _names_of(schema: Schema) -> Mapping[str, str]:
    return by_spelling(column.name for column in schema.columns)


def _resolve(heading: str, names: Mapping[str, str], schema: Schema) -> tuple[str, str] | None:
    found = resolve_documented(heading, names, "headings", schema.sheet)
    if found is None and schema.family and key(heading).startswith(schema.family):
        return tidy(heading), ""
    return found


def _read_headings(
    sheet: Sheet, row: int, schema: Schema, findings: list[Finding]
) -> dict[str, Heading]:
    headings: dict[str, Heading] = {}
    unknown: list[Cell] = []
    names = _names_of(schema)
    filled = {column for at_row, column in sheet.cells if at_row > row}
    for column in sorted({column for at_row, column in sheet.cells if at_row == row}):
        cell = sheet.cells[row, column]
        trouble = trouble_of(cell)
        merge = sheet.merges.get((row, column))
        if merge and merge.right > merge.left:
            findings.append(Finding("W224", Place(cell.at)))
        found = None if trouble else _resolve(cell.text, names, schema)
        if trouble:
            findings.append(trouble)
        elif found is None and schema.left_over and column not in filled:
            params = {"heading": tidy(cell.text), "sheet": sheet.name}
            findings.append(Finding(schema.left_over, Place(cell.at), params, Severity.ADVICE))
        elif found is None:
            unknown.append(cell)
        elif found[0] in headings:
            first = headings[found[0]].at
            findings.append(
                Finding(
                    "W231",
                    Place(cell.at),
                    {"heading": found[0], "first": str(first)},
                    related=(Place(first),),
                )
            )
        else:
            headings[found[0]] = Heading(cell.at, found[1])
    findings.extend(_unknown_headings(unknown, headings, schema, sheet))
    return headings


def _unknown_headings(
    unknown: list[Cell], headings: Mapping[str, Heading], schema: Schema, sheet: Sheet
) -> Iterator[Finding]:
    """What a column that nobody knows should be called; one that is needed comes first."""
    absent = [each.name for each in schema.columns if each.name not in headings]
    needed = [each.name for each in schema.columns if each.needed and each.name in absent]
    for cell in unknown:
        name = split_unit(cell.text)[0]
        near = nearest(name, needed) or nearest(name, absent)
        if not near and len(unknown) == 1:
            near = tuple(needed[:1])
        params = {"heading": tidy(cell.text), "sheet": sheet.name}
        yield Finding(schema.unknown, Place(cell.at), params, did_you_mean=near)


def _report_unheaded(
    sheet: Sheet, heading_row: int, filled: Mapping[int, list[int]], findings: list[Finding]
) -> None:
    """The first cell of each column without a heading; one with an unknown heading is not such."""
    reported: set[int] = set()
    for row, columns in filled.items():
        for column in columns:
            headed = (heading_row, column) in sheet.cells or (heading_row, column) in sheet.merges
            if heading_row and not headed and column not in reported:
                reported.add(column)
                cell = sheet.cells[row, column]
                params = {"text": tidy(cell.text), "sheet": sheet.name}
                findings.append(Finding("W232", Place(cell.at), params))


def _read_row(
    sheet: Sheet,
    number: int,
    headings: Mapping[str, Heading],
    schema: Schema,
    findings: list[Finding],
) -> tuple[Row, bool]:
    """Read a row, and say whether all of its cells could be used."""
    entries: dict[str, Entry] = {}
    spoilt: set[str] = set()
    whole = True
    for name, heading in headings.items():
        column = heading.at.column
        merge = sheet.merges.get((number, column))
        if merge and merge.right > merge.left and merge.anchor == (number, column):
            findings.append(Finding("W224", Place(CellRef(sheet.name, number, column))))
            whole = False
        trouble = trouble_at(sheet, number, column, formulas=schema.formulas)
        entry = entry_at(sheet, number, column)
        if entry and trouble:
            findings.append(trouble)
            spoilt.add(name)
            whole = False
        elif entry:
            entries[name] = entry
    return Row(CellRef(sheet.name, number, 1), entries, headings, frozenset(spoilt)), whole


def _validate(
    rows: list[Row],
    headings: Mapping[str, Heading],
    schema: Schema,
    sheet: Sheet,
    heading_row: int,
    findings: list[Finding],
) -> set[int]:
    """Put the rows to the schema; give the numbers of those that fail."""
    by_number = {row.at.row: row for row in rows}
    first_of: dict[str, Row] = {}
    for row in rows:
        first_of.setdefault(_identity(row, schema), row)
    columns = {column.name: column for column in schema.columns}
    failed: set[int] = set()
    guessed = {each for finding in findings for each in _meant_in(finding, sheet, schema)}
    for column_name, check, index in _failures(rows, headings, schema):
        if check == "column_in_dataframe" and column_name in guessed:
            continue
        if check == "column_in_dataframe":
            findings.append(
                Finding(
                    "W233",
                    Place(CellRef(sheet.name, heading_row, 1)),
                    {"heading": column_name, "sheet": sheet.name},
                )
            )
            continue
        row = by_number[index]
        if check == "field_uniqueness":
            first = first_of[_identity(row, schema)]
            if first is not row:
                failed.add(index)
                findings.append(_duplicate(row, first, schema))
            continue
        failed.add(index)
        if check == "not_nullable" and column_name in row.spoilt:
            continue
        if check == "not_nullable":
            findings.append(Finding("W234", place_of(row, column_name), {"heading": column_name}))
        else:
            allowed = columns[column_name].allowed
            text = text_of(row, column_name)
            findings.append(
                Finding(
                    "W235",
                    place_of(row, column_name),
                    {"heading": column_name, "text": text, "allowed": allowed},
                    did_you_mean=nearest(text, allowed),
                )
            )
    return failed


def _meant_in(finding: Finding, sheet: Sheet, schema: Schema) -> tuple[str, ...]:
    """The columns that an unknown heading of the sheet is guessed to be."""
    here = finding.at is not None and finding.at.cell.sheet == sheet.name
    return finding.did_you_mean if here and finding.code == schema.unknown else ()


def _duplicate(row: Row, first: Row, schema: Schema) -> Finding:
    heading = schema.identity[-1]
    return Finding(
        "W236",
        place_of(row, heading),
        {
            "heading": heading,
            "text": text_of(row, heading),
            "first": str(place_of(first, heading)),
            "first_row": first.at.row,
        },
        related=(place_of(first, heading),),
    )


def _failures(
    rows: list[Row], headings: Mapping[str, Heading], schema: Schema
) -> Iterator[tuple[str, str, int]]:
    """The failures that pandera finds: column, check and row of the sheet."""
    frame = pd.DataFrame(
        {
            name: [_compared(row, name) if name in row.entries else None for row in rows]
            for name in headings
        }
        | {_IDENTITY: [_identity(row, schema) for row in rows]},
        index=[row.at.row for row in rows],
        dtype=object,
    )
    columns = {
        column.name: pa.Column(
            object,
            pa.Check.isin(list(map(key, column.allowed))) if column.allowed else None,
            nullable=not column.filled,
            required=column.needed,
        )
        for column in schema.columns
    } | {_IDENTITY: pa.Column(object, unique=True)}
    try:
        pa.DataFrameSchema(columns).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as failure:
        for case in failure.failure_cases.to_dict("records"):
            check = str(case["check"]).partition("(")[0]
            if check == "column_in_dataframe":
                yield str(case["failure_case"]), check, 0
            else:
                yield str(case["column"]), check, int(case["index"])


def _identity(row: Row, schema: Schema) -> str:
    parts = [key(text_of(row, name)) for name in schema.identity]
    return "\x1f".join(parts) if parts and all(parts) else f"\x00{row.at.row}"


def columns_of(
    sheet: str,
    *,
    needed: Iterable[str] = (),
    filled: Iterable[str] = (),
    allowed: Mapping[str, Iterable[str]] | None = None,
) -> tuple[Column, ...]:
    """All documented columns of a sheet; ``filled`` ones are needed too."""
    must_be_there, must_be_filled, words = set(needed), set(filled), dict(allowed or {})
    return tuple(
        Column(
            name,
            name in must_be_there or name in must_be_filled,
            name in must_be_filled,
            tuple(words.get(name, ())),
        )
        for name in documented("headings", sheet)
    )
