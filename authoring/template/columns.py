"""What is known of the columns of each sheet without a book: fixed words, and what must be filled.

Everything here is asked of the reader, so that the template says what the reader accepts.
"""

from __future__ import annotations

from collections.abc import Mapping

from authoring.cases.contests import NEEDED as CONTEST_NEEDED
from authoring.cases.expectations import WORDS
from authoring.plain_tables import Schema
from authoring.understand import (
    business_constraints,
    code_lists,
    fields,
    groups,
    policy_facts,
    provisions,
    selections,
)
from authoring.understand.assemble import DERIVES, GRANTS, KINDS
from authoring.understand.measures import OPTIONAL_WORDS, POLICIES
from authoring.understand.measures import REQUIRED as MEASURE_NEEDED
from authoring.understand.table_layout import BASIS, CONCLUSION, CONDITION, NUMBER, REMARK
from authoring.workbook import NO, YES
from engine.model import HitPolicy

SCHEMAS: Mapping[str, Schema] = {
    each.sheet: each
    for each in (
        policy_facts.SCHEMA,
        provisions.SCHEMA,
        fields.SCHEMA,
        code_lists.SCHEMA,
        groups.SCHEMA,
        selections.SCHEMA,
        business_constraints.SCHEMA,
    )
}
CASE_NEEDED = ("编号", "基准日期")
YES_NO = (YES, NO)
EXPECTED = WORDS
KIND_WORDS = KINDS

DATES = frozenset({"有效起", "有效止", "生效", "失效", "基准日期"})
"""Headings of columns that hold days."""

POLICY_WORDS: Mapping[str, tuple[str, ...]] = {
    "取整": tuple(policy_facts.ROUNDING_STEPS),
    "取整方式": tuple(policy_facts.ROUNDING_MODES),
}
POLICY_NEEDED = policy_facts.REQUIRED


def hit_policies(kind: str) -> tuple[str, ...]:
    """The hit policies that a table of a kind (措施, 推导) may have."""
    return tuple(each.value for each in (POLICIES if kind == GRANTS else HitPolicy))


def fixed_words(part: str, heading: str) -> tuple[str, ...]:
    """The only words that a column may hold, of a plain sheet or of a role in a decision table."""
    if part == CONCLUSION:
        return OPTIONAL_WORDS.get(heading, ())
    if (part, heading) == (REMARK, "启用"):
        return YES_NO
    schema = SCHEMAS.get(part)
    columns = schema.columns if schema else ()
    return next((each.allowed for each in columns if each.name == heading), ())


def must_be_filled(part: str, heading: str, kind: str = "") -> bool:
    """Whether the cells of a column must be filled; ``kind`` is 类别 of a decision table."""
    if part == "用例":
        return heading in CASE_NEEDED
    if part == "评选用例":
        return heading in CONTEST_NEEDED
    if schema := SCHEMAS.get(part):
        return any(each.filled or each.needed for each in schema.columns if each.name == heading)
    if part == CONCLUSION:
        return kind == DERIVES or heading in MEASURE_NEEDED
    return kind == GRANTS if part == BASIS else part in (NUMBER, CONDITION)
