"""Sheet 用例, and case files in the same shape: one case a row, with what it expects."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from authoring.cases.expectations import (
    DOT,
    PREFIX,
    find_target,
    read_expectation,
    target_names,
    unknown_target,
)
from authoring.cases.facts import (
    Known,
    check_constraints,
    check_date,
    check_fact,
    may_be_given,
    read_subjects,
    split_subjects,
)
from authoring.days import read_day
from authoring.field_types import beside, measures
from authoring.grammar import read_unit, read_value
from authoring.plain_tables import (
    Column,
    PlainTable,
    Row,
    Schema,
    columns_of,
    count_rows,
    place_of,
    read_plain_table,
    text_of,
)
from authoring.spelling import key, tidy
from authoring.workbook import Sheet
from engine.cases import Case, Expectation, GoldenCase
from engine.cells import Place
from engine.findings import Finding, Severity
from engine.model import Field
from engine.values import Value

SHEET = "用例"
NEEDED = ("编号", "基准日期")
UNKNOWN_COLUMN = "K434"
LEFT_OVER = "K428"
"""A column that nobody knows and in which nothing stands."""
MOST_CASES = 10_000


def read_case_sheet(
    sheet: Sheet, known: Known, findings: list[Finding], on: date | None = None
) -> tuple[GoldenCase, ...]:
    """Read every row of a case sheet; ``on`` replaces their 基准日期.

    One that cannot be used is read for what else is wrong in it.
    """
    table = read_case_table(sheet, known, findings, on)
    for row in table.refused:
        read_case_row(row, known, findings, on)
    cases = (read_case_row(row, known, findings, on) for row in table.rows)
    return tuple(case for case in cases if case is not None)


def read_case_table(
    sheet: Sheet, known: Known, findings: list[Finding], on: date | None = None
) -> PlainTable:
    """Validate the shape of a case sheet without reading its rows."""
    table = read_plain_table(sheet, _schema(known, dated=on is None), findings)
    findings.extend(_check_headings(table, known))
    if len(table.rows) > MOST_CASES:
        params = {"sheet": sheet.name, "count": len(table.rows), "limit": MOST_CASES}
        findings.append(Finding("K435", table.at, params))
        return replace(table, rows=table.rows[:MOST_CASES])
    return table


def too_many_rows(sheet: Sheet, known: Known) -> Finding | None:
    """Say so, before any row is read, of a list that has more rows than may be read."""
    count = count_rows(sheet, _schema(known, dated=True))
    if count <= MOST_CASES:
        return None
    return Finding("K435", None, {"sheet": sheet.name, "count": count, "limit": MOST_CASES})


def _schema(known: Known, *, dated: bool) -> Schema:
    filled = NEEDED if dated else NEEDED[:1]
    return Schema(
        SHEET,
        (
            *columns_of(SHEET, filled=filled),
            *(Column(field.name) for field in known.policy.fields),
            *(Column(f"{PREFIX}{DOT}{target}") for target in target_names(known)),
        ),
        identity=("编号",),
        formulas=True,
        family=f"{PREFIX}{DOT}",
        unknown=UNKNOWN_COLUMN,
        left_over=LEFT_OVER,
    )


def _check_headings(table: PlainTable, known: Known) -> tuple[Finding, ...]:
    """A unit in a heading must fit its field; an expectation must be of a measure in force."""
    findings = []
    for name, heading in table.headings.items():
        field = known.fields.get(key(name))
        at = Place(heading.at)
        if field is not None and heading.unit:
            unit = read_unit(heading.unit)
            if unit is None or not measures(unit, field.type):
                params = {"field": field.name, "unit": heading.unit}
                findings.append(Finding("W314", at, params))
        prefix, dot, target = key(name).partition(DOT)
        if field is not None or prefix != PREFIX or not dot:
            continue
        if find_target(target, known) is not None:
            continue
        if any(name in row.entries or name in row.spoilt for row in (*table.rows, *table.refused)):
            findings.append(unknown_target(target, known, at))
        else:
            params = {"heading": name, "sheet": heading.at.sheet}
            findings.append(Finding("K428", at, params, Severity.ADVICE))
    return tuple(findings)


def read_case_row(
    row: Row, known: Known, findings: list[Finding], on: date | None = None
) -> GoldenCase | None:
    """Read one row; None when it has no date. ``on`` replaces its 基准日期."""
    found: list[Finding] = []
    day_entry = row.entries.get("基准日期")
    day: date | None = None
    if day_entry:
        day, trouble = read_day(tidy(day_entry.text), day_entry.at)
        found.extend(trouble)
    day = on or day
    facts = {}
    for field in known.policy.fields:
        value = _read_cell(row, field, day, known, found)
        if value is not None:
            facts[field.name] = value
    subjects, trouble = read_subjects(
        split_subjects(text_of(row, "涉及主体")), known, place_of(row, "涉及主体")
    )
    found.extend(trouble)
    expectations = _read_expectations(row, known, found)
    case = None
    if day is not None:
        found.extend(check_date(day, known.policy, place_of(row, "基准日期"), expectations))
        at = place_of(row, "编号")
        case = Case(text_of(row, "编号"), text_of(row, "名称"), day, facts, subjects, at)
        found.extend(check_constraints(known.policy, case))
    findings.extend(found)
    return None if case is None else GoldenCase(case, expectations)


def _read_cell(
    row: Row, field: Field, day: date | None, known: Known, findings: list[Finding]
) -> Value | None:
    entry = row.entries.get(field.name)
    if entry is None:
        return None
    at = Place(entry.at)
    if not may_be_given(field):
        findings.append(Finding("K409", at, {"field": field.name}))
        return None
    unit = row.headings[field.name].unit
    value, trouble = read_value(entry.text, field, unit, known.vocabulary, entry.at)
    findings.extend(beside(field, trouble))
    if value is not None:
        findings.extend(check_fact(field, value, day, known, at))
    return value


def _read_expectations(row: Row, known: Known, findings: list[Finding]) -> tuple[Expectation, ...]:
    expectations = []
    for target in target_names(known):
        entry = row.entries.get(f"{PREFIX}{DOT}{target}")
        if entry is None:
            continue
        expectation, trouble = read_expectation(target, entry.text, known, entry.at)
        findings.extend(trouble)
        if expectation is not None:
            expectations.append(expectation)
    return tuple(expectations)
