"""Policy -> production rules over tokens, in strata.

A rule of the agenda is a conjunction of tokens. A token is a small int that stands for "the cells
of this row that read only inputs hold", "these cells of this row, on what those tables derive,
hold", or "this stratum has begun". Three kinds of rules work on them:

- a *row* fires when all its tokens are there: its conditions hold;
- *close* applies a table's hit policy after its rows have had their chance, derives the table's
  fields and asserts the tokens that follow from them (nothing follows from a measure table, so that
  it needs no closing);
- *advance* begins the next stratum.

Saliences keep that order inside a stratum, so the order of sheets and tables never matters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import chain
from typing import NamedTuple, assert_never

from engine.collector import uncollected
from engine.dependencies import deriving_tables, fields_read, levels, table_graph
from engine.evaluate import Glossary, Situation, condition, glossary_of
from engine.expressions import Expression, Literal
from engine.model import (
    DecisionTable,
    Field,
    Measure,
    OutputClause,
    Policy,
    Rule,
    Source,
    StackingGroup,
    WhenMissing,
)
from engine.tables import Closing, CompiledTable, compile_table
from engine.truth import Truth
from engine.types import ChoiceType, CodeList, MultiChoiceType
from engine.values import Value


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


class Given(NamedTuple):
    """An input field, and what it counts as when the case does not give it."""

    field: str
    when_missing: Value | None


class Cells(NamedTuple):
    """Condition cells of one row that can be tested at the same moment, and their token.

    ``tests`` number the tests of the program that the cells hold.
    """

    row: int
    tests: tuple[int, ...]
    token: int


class Moment(NamedTuple):
    """What becomes testable at once: when the last of so many tables (``waits``) is closed.

    A test that stands in many cells is made once; ``tests`` are numbered as in the program.
    """

    tests: tuple[tuple[int, Callable[[Situation], Truth]], ...]
    cells: tuple[Cells, ...]
    waits: int


class Row(NamedTuple):
    """A row of some table, numbered through the whole policy, and the tests of its cells."""

    rule: Rule
    table: int
    tests: tuple[int, ...]
    dated: bool


@dataclass(frozen=True, slots=True)
class Program:
    """A policy ready to run.

    ``inputs`` are the fields that a case may give, ``unknown`` is what is known before it does.
    ``tests`` counts the conditions of all rows, equal ones once. The first of ``moments`` is the
    beginning, when all that reads only inputs can be tested; ``awaiting[t]`` are those for which
    table ``t`` must be closed. ``members`` are the measures of each same-kind group, in its order.
    ``derivable`` are the fields that a table may derive. ``recurring``
    keeps, for each table that rests on its tests alone, how it was closed when they came out in
    some way (None for the others: what they conclude, or whether a row is in force, may vary).
    """

    policy: Policy
    fields: dict[str, Field]
    inputs: tuple[Given, ...]
    unknown: dict[str, Value | None]
    glossary: Glossary
    tables: tuple[CompiledTable, ...]
    tests_of: tuple[tuple[int, ...], ...]
    recurring: tuple[dict[tuple[Truth, ...], Closing] | None, ...]
    level_of: tuple[int, ...]
    rows: tuple[Row, ...]
    rows_of: tuple[range, ...]
    tests: int
    moments: tuple[Moment, ...]
    awaiting: tuple[tuple[int, ...], ...]
    rules: tuple[AgendaRule, ...]
    tokens: int
    depth: int
    members: Mapping[str, Sequence[Measure]]
    derivable: tuple[str, ...]


@uncollected()
def compile_program(policy: Policy) -> Program:
    """Order the tables into strata and turn rows into rules over tokens.

    Raises:
        graphlib.CycleError: tables depend on each other in a circle (a finding of the policy).
    """
    fields = {field.name: field for field in policy.fields}
    glossary = glossary_of(policy.code_lists, {field.name: field.type for field in policy.fields})
    level = levels(table_graph(policy))
    ordered = sorted(policy.tables, key=lambda table: (level[table.name], table.name))
    number = {table.name: index for index, table in enumerate(ordered)}
    derived_by = {field: number[table.name] for field, table in deriving_tables(policy).items()}
    depth = 1 + max(level.values(), default=-1)
    next_token = depth  # tokens 0 … depth - 1 begin the strata

    rows: list[Row] = []
    tests: dict[Expression, int] = {}
    at_start: frozenset[int] = frozenset()
    cells_at: dict[frozenset[int], list[Cells]] = {at_start: []}
    rules: list[AgendaRule] = []
    rows_of: list[range] = []

    for index, table in enumerate(ordered):
        salience = 3 * level[table.name]
        first = len(rows)
        for rule in table.rules:
            row = len(rows)
            dated = rule.effective is not None or rule.expires is not None
            of_row = [tests.setdefault(each.expression, len(tests)) for each in rule.conditions]
            rows.append(Row(rule, index, tuple(of_row), dated))
            by_tables: dict[frozenset[int], list[int]] = {at_start: []}
            for test, condition_ in zip(of_row, rule.conditions, strict=True):
                reads = fields_read(condition_.expression)
                by_tables.setdefault(
                    frozenset(derived_by[field] for field in reads if field in derived_by), []
                ).append(test)
            if not by_tables[at_start] and len(by_tables) > 1 and not dated:
                del by_tables[at_start]
            tokens = []
            for reads_tables, of_cells in by_tables.items():
                cells_at.setdefault(reads_tables, []).append(
                    Cells(row, tuple(of_cells), next_token)
                )
                tokens.append(next_token)
                next_token += 1
            rules.append(AgendaRule(Kind.ROW, row, tuple(tokens), salience))
        rows_of.append(range(first, len(rows)))
        if table.outputs:
            rules.append(AgendaRule(Kind.CLOSE, index, (level[table.name],), salience + 1))
    rules.extend(
        AgendaRule(Kind.ADVANCE, stratum + 1, (stratum,), 3 * stratum + 2)
        for stratum in range(depth - 1)
    )
    made = [condition(each, glossary) for each in tests]
    awaiting: list[list[int]] = [[] for _ in ordered]
    for moment, tables in enumerate(cells_at):
        for index in tables:
            awaiting[index].append(moment)
    members: dict[str | None, list[Measure]] = defaultdict(list)
    for measure in policy.measures:
        members[measure.group].append(measure)
    return Program(
        policy=policy,
        fields=fields,
        inputs=tuple(
            Given(field.name, _when_missing(field))
            for field in policy.fields
            if field.source is not Source.DERIVED
        ),
        unknown=dict.fromkeys(fields),
        glossary=glossary,
        tables=tuple(
            compile_table(table, glossary, _list_of_output(table.outputs, fields, glossary))
            for table in ordered
        ),
        tests_of=tuple(
            tuple(dict.fromkeys(test for row in numbers for test in rows[row].tests))
            for numbers in rows_of
        ),
        recurring=tuple(
            {} if _rests_on_tests(table) and not any(rows[row].dated for row in numbers) else None
            for table, numbers in zip(ordered, rows_of, strict=True)
        ),
        level_of=tuple(level[table.name] for table in ordered),
        rows=tuple(rows),
        rows_of=tuple(rows_of),
        tests=len(tests),
        moments=tuple(
            Moment(
                tuple((test, made[test]) for test in dict.fromkeys(_tests_of(cells))),
                tuple(cells),
                len(reads),
            )
            for reads, cells in cells_at.items()
        ),
        awaiting=tuple(map(tuple, awaiting)),
        rules=tuple(rules),
        tokens=next_token,
        depth=depth,
        members={group.name: _in_order(group, members[group.name]) for group in policy.groups},
        derivable=tuple(
            field.name
            for field in policy.fields
            if field.source in (Source.DERIVED, Source.DERIVED_OR_REPORTED)
        ),
    )


def _rests_on_tests(table: DecisionTable) -> bool:
    """Whether the tests of a table alone decide what it says."""
    defaults = (output.default for output in table.outputs if output.default is not None)
    conclusions = chain.from_iterable(rule.conclusions for rule in table.rules)
    return all(isinstance(each, Literal) for each in chain(conclusions, defaults))


def _in_order(group: StackingGroup, measures: Iterable[Measure]) -> list[Measure]:
    """The measures of a group: those that it orders, then the others by their id."""
    order = {name: position for position, name in enumerate(group.order)}
    return sorted(
        measures,
        key=lambda measure: (order.get(measure.id, len(order)), measure.id),
    )


def _tests_of(cells: Iterable[Cells]) -> Iterator[int]:
    for each in cells:
        yield from each.tests


def _when_missing(field: Field) -> Value | None:
    """What a missing value counts as (缺省处理); a field that a table derives has no say in it."""
    if field.source is Source.DERIVED_OR_REPORTED:
        return None
    match field.when_missing:
        case WhenMissing.UNKNOWN:
            return None
        case WhenMissing.ZERO:
            return 0
        case WhenMissing.FALSE:
            return frozenset[str]() if isinstance(field.type, MultiChoiceType) else False
        case _:
            assert_never(field.when_missing)


def _list_of_output(
    outputs: tuple[OutputClause, ...], fields: dict[str, Field], glossary: Glossary
) -> CodeList | None:
    if not outputs:
        return None
    type_ = fields[outputs[0].field].type
    return glossary.code_lists[type_.code_list] if isinstance(type_, ChoiceType) else None
