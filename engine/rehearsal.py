"""What a measure would come to if some facts were others.

The case is worked through again by an agenda of its own that knows no more of the policy than the
measure rests on; it fires and is checked as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.agenda.program import compile_program
from engine.agenda.pure import PureAgenda
from engine.dependencies import deriving_tables, fields_read, table_reads
from engine.model import DecisionTable, HitPolicy, Measure, Policy
from engine.values import Value
from engine.worked import Worked, worked_through


def rehearse(measure: Measure, worked: Worked, facts: Mapping[str, Value]) -> Worked:
    """Work a case through with some of its facts changed, as far as a measure rests on it."""
    case = replace(worked.case, facts={**worked.case.facts, **facts})
    chain = _agenda_of(measure, worked).run(case)
    return worked_through(chain.program, case, chain.situation, chain.closings, worked.notes)


def may_matter(fields: Iterable[str], measure: Measure, worked: Worked) -> bool:
    """Whether a measure may rest on one of some fields."""
    return not _agenda_of(measure, worked).program.fields.keys().isdisjoint(fields)


def _agenda_of(measure: Measure, worked: Worked) -> PureAgenda:
    kept = worked.notes.rehearsals
    if measure.id not in kept:
        policy = worked.program.policy
        table = next(each for each in policy.tables if each.name == measure.table)
        kept[measure.id] = _agenda_for(_rows_of(measure, table), policy)
    return kept[measure.id]


def _rows_of(measure: Measure, table: DecisionTable) -> DecisionTable:
    """A table without the rows of other measures, unless these have a say in its own."""
    own = tuple(rule for rule in table.rules if rule.grant and rule.grant.measure == measure.id)
    overridden = {name for rule in table.rules if rule not in own for name in rule.overrides}
    if table.hit_policy is not HitPolicy.COLLECT or any(rule.id in overridden for rule in own):
        return table
    return replace(table, rules=own)


def _agenda_for(table: DecisionTable, policy: Policy) -> PureAgenda:
    """An agenda for a measure table, what derives the facts that it reads, and no more."""
    granted = {rule.grant.measure for rule in table.rules if rule.grant is not None}
    measures = tuple(each for each in policy.measures if each.id in granted)
    events = frozenset(each.event_field for each in measures if each.event_field is not None)
    tables = (*_tables_behind(table_reads(table) | events, policy), table)
    known = set(events)
    for each in tables:
        known |= table_reads(each) | {output.field for output in each.outputs}
    for constraint in policy.constraints:
        known |= fields_read(constraint.condition)
    part = replace(
        policy,
        fields=tuple(field for field in policy.fields if field.name in known),
        tables=tables,
        measures=measures,
        groups=(),
        selections=(),
    )
    return PureAgenda(compile_program(part))


def _tables_behind(fields: frozenset[str], policy: Policy) -> tuple[DecisionTable, ...]:
    """The tables from which some fields are derived, near and far, in the policy's order."""
    deriving = deriving_tables(policy)
    needed, waiting = set(), set(fields)
    while waiting:
        table = deriving.get(waiting.pop())
        if table is not None and table.name not in needed:
            needed.add(table.name)
            waiting |= table_reads(table)
    return tuple(table for table in policy.tables if table.name in needed)
