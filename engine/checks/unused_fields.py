"""T330, T331, T332: fields that are worked out or asked for, and make no difference.

What: T330 is a field that a table derives and nothing reads, T331 a table of which that is true
of all that it derives. T332 is a reported or judged field that nothing reads,
but for one whose code list is not published yet (待补充).
Why: a derived field without a reader is a rule without effect: perhaps the row that should test
it was forgotten. A reported one without a reader is a question that an applicant answers in
vain.
Wrong: a table that derives 重点项目, and no condition on 重点项目 anywhere.
Right: the condition that was forgotten; or the field, and its table, deleted.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.space.readers import fields_in_use
from engine.checks.space.scenes import Survey
from engine.findings import Finding, Severity
from engine.model import Source
from engine.types import ChoiceType, MultiChoiceType


def unused_fields(survey: Survey) -> Iterator[Finding]:
    """Name the fields and tables without effect."""
    used = fields_in_use(survey.policy)
    for table in survey.policy.tables:
        idle = [output for output in table.outputs if output.field not in used]
        if len(idle) == len(table.outputs) > 1:
            fields = tuple(output.field for output in idle)
            params = {"table": table.name, "fields": fields}
            yield Finding("T331", table.at, params, Severity.ADVICE)
            continue
        for output in idle:
            params = {"table": table.name, "field": output.field}
            yield Finding("T330", output.at or table.at, params, Severity.ADVICE)
    pending = {codes.name for codes in survey.policy.code_lists if codes.pending}
    for field in survey.policy.fields:
        if isinstance(field.type, ChoiceType | MultiChoiceType) and field.type.code_list in pending:
            continue  # its rules wait for the list
        if field.name not in used and field.source in (Source.REPORTED, Source.JUDGED):
            yield Finding("T332", field.at, {"field": field.name}, Severity.ADVICE)
