"""Which table derives what from what, in the DOT language. Pure; every name is quoted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from authoring.pages.words import say
from authoring.widths import display_width
from engine.roles import TableRole

FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, SimHei, sans-serif"
_SIZE = 12
_LINE_WIDTH = 24
"""Columns of one line in a box, a Chinese character counting two."""


def rules_dot(roles: Iterable[TableRole]) -> str:
    """The tables that depend on each other, with the derived fields that join them.

    A table that neither derives anything nor reads anything derived stands alone and is left out.
    """
    roles = tuple(roles)
    joined = {role.table.name for role in roles if role.derives or role.after}
    drawn = [role for role in roles if role.table.name in joined]
    lines = [*map(_table, drawn), *_fields(drawn)]
    if not lines:
        return ""
    head = (
        f'graph [rankdir=LR, nodesep=0.18, ranksep=0.5, fontname="{FONT}"]; '
        f'node [fontname="{FONT}", fontsize={_SIZE}, shape=box, style="rounded,filled"]; '
        'edge [color="#7a8794", arrowsize=0.7];'
    )
    return "digraph {\n" + "\n".join([head, *lines]) + "\n}\n"


def _table(role: TableRole) -> str:
    """A table; one that grants says how many measures."""
    label = _wrapped(role.table.name)
    if role.grants:
        label += "\n" + say("rules.grants", count=len(role.grants))
    fill, line = ("#eef6f0", "#0b6643") if role.grants else ("#eef2f7", "#1f5fbf")
    return _node(_name_of_table(role), label, fill, line)


def _fields(roles: Iterable[TableRole]) -> Iterator[str]:
    """The derived fields, each between the table that derives it and those that read it."""
    for role in roles:
        for field in role.derives:
            yield _node(_name_of_field(field), _wrapped(field), "#ffffff", "#9aa6b2")
            yield f"{_quoted(_name_of_table(role))} -> {_quoted(_name_of_field(field))};"
    for role in roles:
        for read in role.reads:
            if read.derived_by is not None:
                start = _quoted(_name_of_field(read.field))
                yield f"{start} -> {_quoted(_name_of_table(role))};"


def _name_of_table(role: TableRole) -> str:
    """What is shown where a person points at it, and no field is named."""
    return say("rules.node_table", name=role.table.name)


def _name_of_field(field: str) -> str:
    return say("rules.node_field", name=field)


def _node(name: str, label: str, fill: str, line: str) -> str:
    lines = label.split("\n")
    # The library that draws knows no Chinese font, and would make the boxes too narrow.
    width = max(map(display_width, lines)) * _SIZE * 0.52 / 72 + 0.25
    return (
        f"{_quoted(name)} [label={_quoted(label)}, width={width:.2f}, "
        f'fillcolor="{fill}", color="{line}"];'
    )


def _wrapped(name: str) -> str:
    lines, line = [], ""
    for sign in " ".join(name.split()):
        if display_width(line + sign) > _LINE_WIDTH:
            lines.append(line)
            line = ""
        line += sign
    return "\n".join([*lines, line])


def _quoted(text: str) -> str:
    """A string of DOT: quotes and backslashes mean themselves, a line break is one."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
