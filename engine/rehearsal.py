"""What a measure would come to if some facts were others.

The case is worked through again by an agenda of its own that knows no more of the policy than the
measure rests on; it fires and is checked as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.agenda.program import compile_program
from engine.agenda.pure import PureAgenda
from engine.dependencies import fields_read, rows_of, table_reads, tables_behind
from engine.model import DecisionTable, Measure, Policy
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
        kept[measure.id] = _agenda_for(rows_of(measure, table), policy)
    return kept[measure.id]


def _agenda_for(table: DecisionTable, policy: Policy) -> PureAgenda:
    """An agenda for a measure table, what derives the facts that it reads, and no more."""
    granted = {rule.grant.measure for rule in table.rules if rule.grant is not None}
    measures = tuple(each for each in policy.measures if each.id in granted)
    events = frozenset(each.event_field for each in measures if each.event_field is not None)
    tables = (*tables_behind(table_reads(table) | events, policy), table)
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
