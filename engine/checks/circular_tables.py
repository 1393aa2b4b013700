"""T301: tables that depend on each other in a circle.

What: a table uses a field that, through other tables or at once, is derived from its own.
Why: no order exists in which such tables could be worked out.
Wrong: 甲表 derives A from B, and 乙表 derives B from A.
Right: let one of the two read only what is reported, or put both conclusions into one table.
"""

from __future__ import annotations

from engine.cells import Place
from engine.checks.space.scenes import Survey
from engine.dependencies import fields_read, rule_expressions
from engine.findings import Finding
from engine.model import DecisionTable


def circular_tables(survey: Survey) -> tuple[Finding, ...]:
    """Name the tables on a circle, and every cell that makes it one."""
    names = survey.circle
    if not names:
        return ()
    tables = {table.name: table for table in survey.policy.tables}
    on_circle = [tables[name] for name in names]
    fields = {output.field for table in on_circle for output in table.outputs}
    cells = [place for table in on_circle for place in _cells_reading(table, fields)]
    return (
        Finding(
            "T301",
            on_circle[0].at,
            {"tables": " → ".join([*names, names[0]]), "cells": "、".join(map(str, cells))},
            related=tuple(cells),
        ),
    )


def _cells_reading(table: DecisionTable, fields: set[str]) -> list[Place]:
    """The cells of a table that read one of the fields."""
    return [
        node.at
        for rule in table.rules
        for node in rule_expressions(rule)
        if node.at is not None and not fields.isdisjoint(fields_read(node))
    ]
