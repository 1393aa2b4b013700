"""Decision tables of 类别 措施: their rows grant support."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from authoring.grammar import AmountReading, read_amount, read_caps, read_floor, read_top_up
from authoring.plain_tables import Entry, Row, is_blank, place_of, text_of
from authoring.spelling import key, nearest, tidy
from authoring.understand.conclusion_columns import Columns
from authoring.understand.derivations import NO_DEFAULT
from authoring.understand.fields import known_subject
from authoring.understand.grant_terms import (
    NOT_GIVEN,
    check_uplift,
    read_allowances,
    read_rise,
)
from authoring.understand.payment_plans import read_plan
from authoring.understand.rules import (
    Context,
    known_columns,
    make_rule,
    place_of_setting,
    read_hit_policy,
    read_rule_heads,
    shared_columns,
)
from authoring.understand.table_layout import CONCLUSION, TableLayout
from engine.cells import Place
from engine.expressions import Expression
from engine.findings import Finding, Severity
from engine.model import (
    Benefit,
    ByRegulation,
    Ceiling,
    Combination,
    DecisionTable,
    Definite,
    Discretionary,
    Grant,
    HitPolicy,
    Measure,
    NonMonetary,
    Rule,
    Spread,
    SupportForm,
    TopUp,
)
from engine.types import CodeList, DateType

REQUIRED = ("支持项编号", "支持项", "受益主体", "支持方式", "金额")
OPTIONAL_WORDS: Mapping[str, tuple[str, ...]] = {
    "支持方式": tuple(each.value for each in SupportForm),
    "性质": ("确定", "上限", "区间", "一事一议", "按有关规定", "非资金"),
    "同项多行": tuple(each.value for each in Combination),
}
AGREEING = (
    "支持项",
    "受益主体",
    "支持方式",
    "同类组",
    "发生日期",
    "审核方式",
    "分担",
    "同项多行",
    "分期",
)
"""What all rows of one measure say alike."""
POLICIES = (HitPolicy.UNIQUE, HitPolicy.FIRST, HitPolicy.ANY, HitPolicy.COLLECT)


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One row of a measure with what is said of the measure in it; for checks across tables."""

    measure: Measure
    benefit: Benefit | None
    id_at: Place
    group_at: Place


def measure_ids(layout: TableLayout) -> frozenset[str]:
    """The 支持项编号 that a table names, before anything is read."""
    return frozenset(filter(None, _ids_by_row(layout)))


def names_every_measure(layout: TableLayout) -> bool:
    """Whether every row of a table names its 支持项编号."""
    return all(_ids_by_row(layout))


def _ids_by_row(layout: TableLayout) -> list[str]:
    quiet: list[Finding] = []
    column = Columns(known_columns(layout, CONCLUSION, quiet)).key("支持项编号")
    return [text_of(row, column) for row in layout.rows]


def read_measures(
    layout: TableLayout,
    context: Context,
    code_lists: Mapping[str, CodeList],
    findings: list[Finding],
) -> tuple[DecisionTable | None, tuple[MeasureRow, ...]]:
    """Read a table that grants support, and the measures of its enabled rows."""
    policy = read_hit_policy(layout, findings)
    if policy is not None and policy not in POLICIES:
        params = {"policy": policy.value, "allowed": tuple(each.value for each in POLICIES)}
        findings.append(Finding("W350", place_of_setting(layout, "命中策略"), params))
    for setting in layout.settings:
        if setting.name == "默认" and key(setting.value.text) not in NO_DEFAULT:
            findings.append(Finding("W351", Place(setting.value.at)))
    shared = shared_columns(layout, context, findings)
    columns = Columns(known_columns(layout, CONCLUSION, findings, REQUIRED))
    heads = read_rule_heads(layout, shared, context, findings, must_cite=True)
    if not columns.known.keys() >= set(REQUIRED):
        return None, ()
    enabled = {key(head.id): head.id for head, _ in heads if head.enabled}
    rules: list[Rule] = []
    measure_rows: list[MeasureRow] = []
    first_rows: dict[str, Row] = {}
    for head, row in heads:
        measure = _read_measure(row, layout, columns, context, code_lists, findings)
        grant = _read_grant(row, columns, context, findings)
        if measure is None:
            continue
        first = first_rows.setdefault(key(measure.id), row)
        if first is not row:
            _check_agreement(row, first, columns, measure, findings)
        if head.enabled:
            group_at = place_of(row, columns.key("同类组"))
            id_at = place_of(row, columns.key("支持项编号"))
            benefit = grant.benefit if grant else None
            measure_rows.append(MeasureRow(measure, benefit, id_at, group_at))
            if grant:
                measure_id = text_of(first, columns.key("支持项编号"))
                rules.append(make_rule(head, enabled, grant=replace(grant, measure=measure_id)))
    _check_plans(measure_rows, first_rows, columns, findings)
    if policy is None:
        return None, tuple(measure_rows)
    inputs = tuple(each.field.name for each in shared.conditions)
    table = DecisionTable(layout.name, policy, inputs, (), tuple(rules), layout.at)
    return table, tuple(measure_rows)


def _read_measure(
    row: Row,
    layout: TableLayout,
    columns: Columns,
    context: Context,
    code_lists: Mapping[str, CodeList],
    findings: list[Finding],
) -> Measure | None:
    complete = True
    for name in REQUIRED:
        if is_blank(row, columns.key(name)):
            code_at = place_of(row, columns.key(name))
            findings.append(Finding("W332", code_at, {"heading": name}))
        complete = complete and columns.key(name) in row.entries
    for name, allowed in OPTIONAL_WORDS.items():
        text = text_of(row, columns.key(name))
        if text and key(text) not in allowed:
            params = {"heading": name, "text": text, "allowed": allowed}
            at = place_of(row, columns.key(name))
            findings.append(Finding("W235", at, params, did_you_mean=nearest(text, allowed)))
            complete = complete and name != "支持方式"
    written = text_of(row, columns.key("受益主体"))
    beneficiary = ""
    if written:
        beneficiary = known_subject(written, row, columns.key("受益主体"), code_lists, findings)
    event_field = _read_event_field(row, columns, context, findings)
    plan, trouble = read_plan(text_of(row, columns.key("分期")), place_of(row, columns.key("分期")))
    findings.extend(trouble)
    if not complete:
        return None
    combination = key(text_of(row, columns.key("同项多行")))
    return Measure(
        id=text_of(row, columns.key("支持项编号")),
        name=text_of(row, columns.key("支持项")),
        beneficiary=beneficiary,
        form=SupportForm(key(text_of(row, columns.key("支持方式")))),
        table=layout.name,
        combination=(
            Combination(combination)
            if combination in OPTIONAL_WORDS["同项多行"]
            else Combination.HIGHEST
        ),
        combination_unsaid=not combination,
        event_field=event_field,
        group=text_of(row, columns.key("同类组")) or None,
        review=text_of(row, columns.key("审核方式")),
        sharing=text_of(row, columns.key("分担")),
        plan=plan,
        at=place_of(row, columns.key("支持项编号")),
    )


def _check_plans(
    members: Iterable[MeasureRow],
    first_rows: Mapping[str, Row],
    columns: Columns,
    findings: list[Finding],
) -> None:
    """A plan for what never pays anything is a slip."""
    paying = {key(each.measure.id) for each in members if not isinstance(each.benefit, NonMonetary)}
    for name in dict.fromkeys(key(each.measure.id) for each in members if each.measure.plan):
        if name not in paying:
            row = first_rows[name]
            params = {"amount": text_of(row, columns.key("金额"))}
            at = place_of(row, columns.key("分期"))
            findings.append(Finding("W393", at, params, Severity.WARNING))


def _read_event_field(
    row: Row, columns: Columns, context: Context, findings: list[Finding]
) -> str | None:
    written = text_of(row, columns.key("发生日期"))
    if not written:
        return None
    field = context.fields.get(key(written))
    if field is not None and isinstance(field.type, DateType):
        return field.name
    dates = [each.name for each in context.fields.values() if isinstance(each.type, DateType)]
    params = {"field": written}
    at = place_of(row, columns.key("发生日期"))
    findings.append(Finding("W352", at, params, did_you_mean=nearest(written, dates)))
    return None


def _read_grant(
    row: Row, columns: Columns, context: Context, findings: list[Finding]
) -> Grant | None:
    """Read 金额, 最低 and 最高限额 together; a limit stands in one place only."""
    entry = row.entries.get(columns.key("金额"))
    vocabulary = context.vocabulary
    reading: AmountReading | None = None
    if entry:
        reading, entry = _read_amount(entry, row, columns, context, findings)
    caps: tuple[Expression, ...] = ()
    cap_entry = row.entries.get(columns.key("最高限额"))
    if cap_entry:
        unit = columns.unit("最高限额") or columns.unit("金额")
        read, trouble = read_caps(cap_entry.text, unit, vocabulary, cap_entry.at)
        findings.extend(trouble)
        caps = read or ()
    floor: Expression | None = None
    floor_entry = row.entries.get(columns.key("最低"))
    if floor_entry:
        unit = columns.unit("最低") or columns.unit("金额")
        floors, trouble = read_floor(floor_entry.text, unit, vocabulary, floor_entry.at)
        findings.extend(trouble)
        floor = floors[0] if floors else None
    rise = read_rise(row, columns, vocabulary, findings)
    allowances = read_allowances(row, columns, vocabulary, findings)
    if reading is None or entry is None:
        return None
    if caps and reading.caps and cap_entry:
        params = {"amount": tidy(entry.text)}
        related = (Place(entry.at),)
        findings.append(Finding("W353", Place(cap_entry.at), params, related=related))
    if floor is not None and reading.floor is not None and floor_entry:
        params = {"amount": tidy(entry.text)}
        related = (Place(entry.at),)
        findings.append(Finding("W354", Place(floor_entry.at), params, related=related))
    given = {
        "最高限额": bool(caps),
        "最低": floor is not None,
        **{each.term.value: True for each in allowances},
    }
    _check_limits(reading, given, row, columns, findings)
    _check_certainty(reading.benefit, row, columns, findings)
    grant = Grant(
        text_of(row, columns.key("支持项编号")),
        reading.benefit,
        floor if floor is not None else reading.floor,
        (*reading.caps, *caps),
        allowances=allowances,
        at=Place(entry.at),
    )
    return replace(grant, uplift=check_uplift(rise, grant, row, columns, findings))


def _read_amount(
    entry: Entry, row: Row, columns: Columns, context: Context, findings: list[Finding]
) -> tuple[AmountReading | None, Entry]:
    """Read 金额, or 补足至 where 金额 is —; and say which cell it was."""
    target = row.entries.get(columns.key("补足至"))
    if target and key(target.text) not in NOT_GIVEN:
        if key(entry.text) in NO_DEFAULT:
            unit = columns.unit("补足至") or columns.unit("金额")
            reading, trouble = read_top_up(target.text, unit, context.vocabulary, target.at)
            findings.extend(trouble)
            return reading, target
        params = {"amount": tidy(entry.text)}
        related = (Place(entry.at),)
        findings.append(Finding("W397", Place(target.at), params, related=related))
    unit = columns.unit("金额")
    reading, trouble = read_amount(entry.text, unit, context.vocabulary, entry.at)
    findings.extend(trouble)
    return reading, entry


def _check_limits(
    reading: AmountReading,
    given: Mapping[str, bool],
    row: Row,
    columns: Columns,
    findings: list[Finding],
) -> None:
    """A limit on what has no number would silently do nothing."""
    if isinstance(reading.benefit, ByRegulation | NonMonetary):
        for name, is_given in given.items():
            if is_given:
                params = {"heading": name, "amount": text_of(row, columns.key("金额"))}
                findings.append(Finding("W355", place_of(row, columns.key(name)), params))


def _check_certainty(benefit: Benefit, row: Row, columns: Columns, findings: list[Finding]) -> None:
    written = key(text_of(row, columns.key("性质")))
    read = certainty_of(benefit)
    if written in OPTIONAL_WORDS["性质"] and written != read:
        at = place_of(row, columns.key("性质"))
        params = {"written": written, "amount": text_of(row, columns.key("金额")), "read": read}
        related = (place_of(row, columns.key("金额")),)
        findings.append(Finding("W356", at, params, related=related))


def certainty_of(benefit: Benefit) -> str:
    """性质 of a benefit, as drafters write it."""
    match benefit:
        case Definite() | TopUp():
            return "确定"
        case Ceiling():
            return "上限"
        case Spread():
            return "区间"
        case Discretionary():
            return "一事一议"
        case ByRegulation():
            return "按有关规定"
        case NonMonetary():
            return "非资金"
        case _:
            assert_never(benefit)


def _check_agreement(
    row: Row, first: Row, columns: Columns, measure: Measure, findings: list[Finding]
) -> None:
    for name in AGREEING:
        column = columns.key(name)
        if column in row.spoilt | first.spoilt:
            continue
        if key(text_of(row, column)) != key(text_of(first, column)):
            params = {
                "measure": measure.id,
                "heading": name,
                "text": text_of(row, column) or "—",
                "other": text_of(first, column) or "—",
                "first": str(place_of(first, column)),
            }
            at, related = place_of(row, column), (place_of(first, column),)
            findings.append(Finding("W357", at, params, related=related))
