"""``tiaoli explain``: which table derives what from what, stratum by stratum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from authoring.commands.answer import Answer, Code
from authoring.commands.loading import open_book
from authoring.commands.words import say
from authoring.render_terminal import shown
from authoring.values_json import Json, place_json, policy_json
from engine.dependencies import deriving_tables, levels, table_graph, table_reads
from engine.model import DecisionTable, Policy


@dataclass(frozen=True, slots=True)
class Reading:
    """A field that a table reads, and the table that derives it (None: it is reported)."""

    field: str
    derived_by: str | None


@dataclass(frozen=True, slots=True)
class TableRole:
    """What one table does: what it reads, what it gives, and which tables come before it."""

    table: DecisionTable
    level: int
    reads: tuple[Reading, ...]
    derives: tuple[str, ...]
    grants: tuple[tuple[str, str], ...]
    after: tuple[str, ...]


def answer(book: str) -> Answer:
    """Explain the order of a workbook's tables."""
    policy = open_book(book).policy
    roles = table_roles(policy)
    return Answer(Code.FINE, lambda: _json(policy, roles), _view(policy, roles))


def table_roles(policy: Policy) -> tuple[TableRole, ...]:
    """The tables in the order in which they are worked out."""
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
                    Reading(name, deriving[name].name if name in deriving else None)
                    for name in reads
                ),
                tuple(output.field for output in table.outputs),
                tuple((measure, names[measure]) for measure in granted),
                tuple(sorted(graph[table.name], key=lambda name: level[name])),
            )
        )
    return tuple(roles)


def _json(policy: Policy, roles: tuple[TableRole, ...]) -> Json:
    return {
        "format": "tiaoli-explain/1",
        "policy": policy_json(policy),
        "tables": [
            {
                "table": role.table.name,
                "stratum": role.level,
                "place": place_json(role.table.at),
                "hit_policy": str(role.table.hit_policy),
                "rules": len(role.table.rules),
                "reads": [
                    {"field": each.field, "derived_by": each.derived_by} for each in role.reads
                ],
                "derives": list(role.derives),
                "measures": [{"id": measure, "name": name} for measure, name in role.grants],
                "after": list(role.after),
            }
            for role in roles
        ],
    }


def _view(policy: Policy, roles: tuple[TableRole, ...]) -> RenderableType:
    return Group(*_lines(policy, roles))


def _lines(policy: Policy, roles: tuple[TableRole, ...]) -> Iterator[RenderableType]:
    strata = sorted({role.level for role in roles})
    yield shown(policy.title, "bold")
    yield Text(say("explain.summary", tables=len(roles), strata=len(strata)))
    for stratum in strata:
        yield Text()
        key = "explain.first_stratum" if stratum == 0 else "explain.stratum"
        yield Text(say(key, number=stratum + 1, before=stratum), "bold")
        for role in roles:
            if role.level == stratum:
                yield Padding(_role(role), (0, 0, 0, 2), expand=False)


def _role(role: TableRole) -> RenderableType:
    table = role.table
    heading = shown(table.name, "bold")
    note = say("explain.table", hit_policy=table.hit_policy, rules=len(table.rules))
    heading.append_text(shown(f"　{note}　{table.at or ''}", "dim"))
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column()
    grid.add_row(say("explain.reads"), _reads(role))
    if role.derives:
        grid.add_row(say("explain.derives"), shown("、".join(role.derives), "green"))
    if role.grants:
        granted = "、".join(f"{measure} {name}" for measure, name in role.grants)
        grid.add_row(say("explain.grants"), shown(granted, "green"))
    return Group(heading, Padding(grid, (0, 0, 0, 2), expand=False))


def _reads(role: TableRole) -> Text:
    if not role.reads:
        return Text(say("explain.reads_nothing"))
    text = Text()
    for number, each in enumerate(role.reads):
        if number:
            text.append("、")
        text.append_text(shown(each.field))
        if each.derived_by is not None:
            text.append_text(shown(say("explain.from", table=each.derived_by), "cyan"))
    return text
