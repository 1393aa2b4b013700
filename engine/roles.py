"""What each table does: what it reads, what it gives, and which tables come before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.dependencies import deriving_tables, levels, table_graph, table_reads
from engine.model import DecisionTable, Policy


@dataclass(frozen=True, slots=True)
class FieldRead:
    """A field that a table reads, and the table that derives it (None: it is reported)."""

    field: str
    derived_by: str | None


@dataclass(frozen=True, slots=True)
class TableRole:
    """What one table does: what it reads, what it gives, and which tables come before it."""

    table: DecisionTable
    level: int
    reads: tuple[FieldRead, ...]
    derives: tuple[str, ...]
    grants: tuple[tuple[str, str], ...]
    after: tuple[str, ...]


def table_roles(policy: Policy) -> tuple[TableRole, ...]:
    """The tables in the order in which they are worked out.

    Raises:
        graphlib.CycleError: they depend on each other in a circle.
    """
    graph = table_graph(policy)
    level = levels(graph)
    deriving = deriving_tables(policy)
    position = {field.name: number for number, field in enumerate(policy.fields)}
    names: Mapping[str, str] = {measure.id: measure.name for measure in policy.measures}
    roles = []
    for table in sorted(policy.tables, key=lambda each: level[each.name]):
        reads = sorted(table_reads(table), key=lambda name: position.get(name, len(position)))
        granted = dict.fromkeys(rule.grant.measure for rule in table.rules if rule.grant)
        roles.append(
            TableRole(
                table,
                level[table.name],
                tuple(
                    FieldRead(name, deriving[name].name if name in deriving else None)
                    for name in reads
                ),
                tuple(output.field for output in table.outputs),
                tuple((measure, names[measure]) for measure in granted),
                tuple(sorted(graph[table.name], key=lambda name: level[name])),
            )
        )
    return tuple(roles)
