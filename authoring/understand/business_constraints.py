"""Sheet 业务约束: what is true of every real case."""

from __future__ import annotations

from authoring.grammar import Vocabulary, read_requirement
from authoring.plain_tables import Schema, columns_of, place_of, read_plain_table, text_of
from authoring.workbook import Sheet
from engine.findings import Finding
from engine.model import BusinessConstraint

SCHEMA = Schema(
    "业务约束", columns_of("业务约束", filled=["编号", "条件式", "提示"]), identity=("编号",)
)


def read_constraints(
    sheet: Sheet, vocabulary: Vocabulary, findings: list[Finding]
) -> tuple[BusinessConstraint, ...]:
    """Read the constraints in the order of the sheet."""
    constraints = []
    for row in read_plain_table(sheet, SCHEMA, findings).rows:
        entry = row.entries["条件式"]
        condition, trouble = read_requirement(entry.text, vocabulary, entry.at)
        findings.extend(trouble)
        if condition is not None:
            constraints.append(
                BusinessConstraint(
                    text_of(row, "编号"), condition, text_of(row, "提示"), place_of(row, "条件式")
                )
            )
    return tuple(constraints)
