"""What must agree between tables: names, who derives which field, who owns which measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from authoring.plain_tables import Row, place_of, text_of
from authoring.spelling import key
from authoring.understand.measures import MeasureRow
from authoring.understand.rules import NUMBER_KEY
from authoring.understand.table_layout import NUMBER, TableLayout
from engine.findings import Finding
from engine.model import DecisionTable, Field, Measure, Source


def check_table_names(layouts: Iterable[TableLayout], findings: list[Finding]) -> None:
    """No two tables have the same name."""
    first: dict[str, TableLayout] = {}
    for layout in layouts:
        other = first.setdefault(key(layout.name), layout)
        if other is not layout:
            params = {"table": layout.name, "first": str(other.at)}
            findings.append(Finding("W380", layout.at, params, related=(other.at,)))


def check_derivations(
    fields: Iterable[Field],
    rows: Mapping[str, Row],
    tables: Iterable[DecisionTable],
    findings: list[Finding],
) -> None:
    """Every 推导 field is set by exactly one table; ``rows`` are those of 指标 by field."""
    derived: dict[str, DecisionTable] = {}
    for table in tables:
        for output in table.outputs:
            other = derived.setdefault(output.field, table)
            if other is not table:
                params = {"field": output.field, "table": table.name, "other": other.name}
                at = output.at or table.at
                related = () if other.at is None else (other.at,)
                findings.append(Finding("W381", at, params, related=related))
    for field in fields:
        needs_table = field.source in (Source.DERIVED, Source.DERIVED_OR_REPORTED)
        if needs_table and field.name not in derived:
            at = place_of(rows[field.name], "来源")
            findings.append(Finding("W382", at, {"field": field.name}))


def collect_measures(members: Iterable[MeasureRow], findings: list[Finding]) -> tuple[Measure, ...]:
    """The measures in the order in which they first occur; each stands in one table."""
    measures: dict[str, Measure] = {}
    reported: set[tuple[str, str]] = set()
    for member in members:
        measure = member.measure
        first = measures.setdefault(key(measure.id), measure)
        if first.table != measure.table and (first.id, measure.table) not in reported:
            reported.add((first.id, measure.table))
            params = {"measure": measure.id, "table": measure.table, "other": first.table}
            related = () if first.at is None else (first.at,)
            findings.append(Finding("W383", member.id_at, params, related=related))
    return tuple(measures.values())


def check_rule_numbers(layouts: Iterable[TableLayout], findings: list[Finding]) -> None:
    """No two tables share a rule number; answers name rules by their numbers alone."""
    owner: dict[str, tuple[TableLayout, Row]] = {}
    for layout in layouts:
        for row in layout.rows:
            number = text_of(row, NUMBER_KEY)
            if not number:
                continue
            other, first = owner.setdefault(key(number), (layout, row))
            if other is not layout:
                first_at = place_of(first, NUMBER_KEY)
                params = {"heading": NUMBER, "text": number, "first": str(first_at)}
                at = place_of(row, NUMBER_KEY)
                findings.append(Finding("W236", at, params, related=(first_at,)))
