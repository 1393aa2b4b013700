"""Fields of whose type or unit there is doubt: not one of their values in 用例 is of that type.

One wrong word in 指标 then makes every cell of a column look wrong. The word is what is reported.
"""

from __future__ import annotations

from collections.abc import Iterable

from authoring.field_types import DISAGREE, type_name_of
from authoring.workbook import Sheet
from engine.cells import Place
from engine.findings import Finding
from engine.model import Field

LEAST = 2
"""One value that does not fit is a slip of that value."""
MOST_RELATED = 3


def doubted_fields(
    findings: Iterable[Finding], fields: Iterable[Field], cases: Sheet | None
) -> dict[str, Finding]:
    """What to say of each such field, by its name."""
    if cases is None:
        return {}
    by_field: dict[Place, dict[int, Place]] = {}
    for each in findings:
        at = each.at
        if each.code in DISAGREE and at and each.related and at.cell.sheet == cases.name:
            by_field.setdefault(each.related[0], {})[at.cell.row] = at
    doubted = {}
    for field in fields:
        wrong = by_field.get(field.at, {}) if field.at else {}
        if len(wrong) >= LEAST and _are_all(wrong, cases):
            places = tuple(wrong.values())[:MOST_RELATED]
            params = {
                "field": field.name,
                "type": type_name_of(field.type),
                "unit": field.unit or "—",
                "sheet": cases.name,
                "count": len(wrong),
            }
            doubted[field.name] = Finding("W282", field.at, params, related=places)
    return doubted


def _are_all(wrong: dict[int, Place], cases: Sheet) -> bool:
    """Whether nothing else stands below the heading of the column."""
    column = next(iter(wrong.values())).cell.column
    filled = sorted(row for row, at_column in cases.cells if at_column == column)
    return filled[1:] == sorted(wrong)
