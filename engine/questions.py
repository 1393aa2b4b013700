"""Which facts to ask for when a case involves some subjects."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.dependencies import fields_read, rows_of, table_reads, tables_behind
from engine.model import Measure, Policy


def fields_asked(policy: Policy, subjects: Collection[str]) -> frozenset[str]:
    """The fields of some subjects and of none, and what the measures for these subjects rest on.

    An intermediary is paid for the project that it brought: with the intermediary alone in the
    case, the measure still asks about the project.
    """
    own = {each.name for each in policy.fields if not each.subject or each.subject in subjects}
    measures = [each for each in policy.measures if each.beneficiary in subjects]
    read = {name for measure in measures for name in _read_by(measure, policy)}
    behind = tables_behind(frozenset(read), policy)
    return frozenset(own.union(read, *map(table_reads, behind)))


def _read_by(measure: Measure, policy: Policy) -> Iterator[str]:
    """The fields that the rows of a measure, its event and its group read."""
    if measure.event_field is not None:
        yield measure.event_field
    for table in policy.tables:
        if table.name == measure.table:
            yield from table_reads(rows_of(measure, table))
    for group in policy.groups:
        if group.name == measure.group:
            if group.cap is not None:
                yield from fields_read(group.cap)
            if group.received_field is not None:
                yield group.received_field
