"""``tiaoli explain``: which table derives what from what, stratum by stratum."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from authoring.commands.answer import Answer, Code
from authoring.commands.loading import open_book
from authoring.commands.words import say
from authoring.render_terminal import shown
from authoring.values_json import Json, place_json, policy_json
from engine.model import Policy
from engine.roles import TableRole, table_roles


def answer(book: str) -> Answer:
    """Explain the order of a workbook's tables."""
    policy = open_book(book).policy
    roles = table_roles(policy)
    return Answer(Code.FINE, lambda: _json(policy, roles), _view(policy, roles))


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
