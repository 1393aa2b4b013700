"""Policy -> production rules over tokens, in strata.

A rule of the agenda is a conjunction of tokens. A token is a small int that stands for "the cells
of this row that read only inputs hold", "these cells of this row, on what those tables derive,
hold", or "this stratum has begun". Three kinds of rules work on them:

- a *row* fires when all its tokens are there: its conditions hold;
- *close* applies a table's hit policy after its rows have had their chance, derives the table's
  fields and asserts the tokens that follow from them;
- *advance* begins the next stratum.

Saliences keep that order inside a stratum, so the order of sheets and tables never matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from engine.dependencies import deriving_tables, fields_read, levels
from engine.evaluate import Glossary, glossary_of
from engine.model import Field, OutputClause, Policy, Rule
from engine.tables import CompiledTable, compile_table
from engine.types import ChoiceType, CodeList


class Kind(Enum):
    """What happens when a rule of the agenda fires."""

    ROW = auto()
    CLOSE = auto()
    ADVANCE = auto()


class AgendaRule(NamedTuple):
    """A production: when all ``tokens`` are asserted, fire; lower ``salience`` goes first.

    ``subject`` is the number of the row, of the table, or of the stratum that it is about.
    """

    kind: Kind
    subject: int
    tokens: tuple[int, ...]
    salience: int


class Cells(NamedTuple):
    """Condition cells of one row that can be tested at the same moment, and their token."""

    row: int
    positions: tuple[int, ...]
    token: int


class Row(NamedTuple):
    """A row of some table, numbered through the whole policy."""

    rule: Rule
    table: int
    position: int
    dated: bool


@dataclass(frozen=True, slots=True)
class Program:
    """A policy ready to run.

    ``inputs`` are the cells that read only inputs; ``awaiting[t]`` the groups of cells that become
    testable when table ``t`` (and the others they read, counted in ``waits``) is closed.
    """

    policy: Policy
    fields: dict[str, Field]
    glossary: Glossary
    tables: tuple[CompiledTable, ...]
    level_of: tuple[int, ...]
    rows: tuple[Row, ...]
    rows_of: tuple[tuple[int, ...], ...]
    inputs: tuple[Cells, ...]
    groups: tuple[Cells, ...]
    waits: tuple[int, ...]
    awaiting: tuple[tuple[int, ...], ...]
    rules: tuple[AgendaRule, ...]
    tokens: int
    depth: int


def compile_program(policy: Policy) -> Program:
    """Order the tables into strata and turn rows into rules over tokens.

    Raises:
        graphlib.CycleError: tables depend on each other in a circle (a finding of the policy).
    """
    fields = {field.name: field for field in policy.fields}
    glossary = glossary_of(policy.code_lists, {field.name: field.type for field in policy.fields})
    level = levels(policy)
    ordered = sorted(policy.tables, key=lambda table: (level[table.name], table.name))
    number = {table.name: index for index, table in enumerate(ordered)}
    derived_by = {field: number[table.name] for field, table in deriving_tables(policy).items()}
    depth = 1 + max(level.values(), default=-1)
    next_token = depth  # tokens 0 … depth - 1 begin the strata

    rows: list[Row] = []
    inputs: list[Cells] = []
    groups: list[Cells] = []
    group_tables: list[frozenset[int]] = []
    rules: list[AgendaRule] = []
    rows_of: list[tuple[int, ...]] = []

    for index, table in enumerate(ordered):
        salience = 3 * level[table.name]
        numbers = []
        for position, rule in enumerate(table.rules):
            row = len(rows)
            numbers.append(row)
            dated = rule.effective is not None or rule.expires is not None
            rows.append(Row(rule, index, position, dated))
            by_tables: dict[frozenset[int], list[int]] = {}
            for at, condition in enumerate(rule.conditions):
                reads = fields_read(condition.expression)
                by_tables.setdefault(
                    frozenset(derived_by[field] for field in reads if field in derived_by), []
                ).append(at)
            of_inputs = by_tables.pop(frozenset(), [])
            tokens = []
            if of_inputs or dated or not by_tables:
                inputs.append(Cells(row, tuple(of_inputs), next_token))
                tokens.append(next_token)
                next_token += 1
            for reads_tables, positions in by_tables.items():
                groups.append(Cells(row, tuple(positions), next_token))
                group_tables.append(reads_tables)
                tokens.append(next_token)
                next_token += 1
            rules.append(AgendaRule(Kind.ROW, row, tuple(tokens), salience))
        rows_of.append(tuple(numbers))
        rules.append(AgendaRule(Kind.CLOSE, index, (level[table.name],), salience + 1))
    rules.extend(
        AgendaRule(Kind.ADVANCE, stratum + 1, (stratum,), 3 * stratum + 2)
        for stratum in range(depth - 1)
    )
    return Program(
        policy=policy,
        fields=fields,
        glossary=glossary,
        tables=tuple(
            compile_table(table, glossary, _list_of_output(table.outputs, fields, glossary))
            for table in ordered
        ),
        level_of=tuple(level[table.name] for table in ordered),
        rows=tuple(rows),
        rows_of=tuple(rows_of),
        inputs=tuple(inputs),
        groups=tuple(groups),
        waits=tuple(map(len, group_tables)),
        awaiting=tuple(
            tuple(group for group, reads in enumerate(group_tables) if index in reads)
            for index in range(len(ordered))
        ),
        rules=tuple(rules),
        tokens=next_token,
        depth=depth,
    )


def _list_of_output(
    outputs: tuple[OutputClause, ...], fields: dict[str, Field], glossary: Glossary
) -> CodeList | None:
    if not outputs:
        return None
    type_ = fields[outputs[0].field].type
    return glossary.code_lists[type_.code_list] if isinstance(type_, ChoiceType) else None
