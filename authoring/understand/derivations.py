"""Decision tables of 类别 推导: their rows set fields."""

from __future__ import annotations

from collections.abc import Mapping

from authoring.field_types import beside
from authoring.grammar import read_conclusion
from authoring.plain_tables import Row, is_blank, place_of
from authoring.spelling import key, nearest, tidy
from authoring.understand.rules import (
    Context,
    FieldColumn,
    field_column,
    make_rule,
    place_of_setting,
    read_hit_policy,
    read_rule_heads,
    setting_of,
    shared_columns,
)
from authoring.understand.table_layout import CONCLUSION, Setting, TableLayout
from engine.cells import Place
from engine.expressions import Expression, Literal
from engine.findings import Finding
from engine.model import DecisionTable, HitPolicy, OutputClause, Source
from engine.types import NUMERIC_TYPES, ChoiceType, CodeList, MultiChoiceType, QuantityType

NO_DEFAULT = frozenset({"—", "-", "－", "–"})
COUNTED = (HitPolicy.COUNT, HitPolicy.SUM)
AGGREGATED = (*COUNTED, HitPolicy.MIN, HitPolicy.MAX)


def read_derivation(
    layout: TableLayout,
    context: Context,
    code_lists: Mapping[str, CodeList],
    findings: list[Finding],
) -> DecisionTable | None:
    """Read a table that derives fields; None when nothing can be made of it."""
    policy = read_hit_policy(layout, findings)
    columns = shared_columns(layout, context, findings)
    outputs = _read_outputs(layout, context, findings)
    heads = read_rule_heads(layout, columns, context, findings, must_cite=False)
    if policy is not None and outputs:
        _check_kind(layout, policy, outputs[0], code_lists, findings)
    defaults = _read_defaults(layout, outputs, policy, context, findings)
    enabled = {key(head.id): head.id for head, _ in heads if head.enabled}
    rules = []
    for head, row in heads:
        conclusions = _read_conclusions(row, outputs, policy, context, findings)
        if head.enabled and len(conclusions) == len(outputs):
            rules.append(make_rule(head, enabled, conclusions))
    if policy is None or not outputs:
        return None
    return DecisionTable(
        name=layout.name,
        hit_policy=policy,
        inputs=tuple(each.field.name for each in columns.conditions),
        outputs=tuple(
            OutputClause(each.field.name, defaults.get(each.field.name), Place(each.column.at))
            for each in outputs
        ),
        rules=tuple(rules),
        at=layout.at,
    )


def _read_outputs(
    layout: TableLayout, context: Context, findings: list[Finding]
) -> tuple[FieldColumn, ...]:
    outputs: dict[str, FieldColumn] = {}
    headed = [column for column in layout.columns if column.role == CONCLUSION]
    if not headed:
        row = layout.at.cell.row
        params = {"table": layout.name, "roles": row + 1, "headings": row + 2}
        findings.append(Finding("W330", layout.at, params))
    for column in headed:
        found = field_column(column, context, findings)
        if found is None:
            continue
        if found.field.source not in (Source.DERIVED, Source.DERIVED_OR_REPORTED):
            params = {"field": found.field.name, "source": found.field.source.value}
            related = () if found.field.at is None else (found.field.at,)
            findings.append(Finding("W331", Place(column.at), params, related=related))
        elif found.field.name in outputs:
            first = outputs[found.field.name].column.at
            params = {"heading": found.field.name, "first": str(first)}
            findings.append(Finding("W231", Place(column.at), params, related=(Place(first),)))
        else:
            outputs[found.field.name] = found
    return tuple(outputs.values())


def _read_conclusions(
    row: Row,
    outputs: tuple[FieldColumn, ...],
    policy: HitPolicy | None,
    context: Context,
    findings: list[Finding],
) -> tuple[Expression, ...]:
    conclusions = []
    for output in outputs:
        entry = row.entries.get(output.column.key)
        if entry is None:
            if is_blank(row, output.column.key):
                at = place_of(row, output.column.key)
                findings.append(Finding("W332", at, {"heading": output.column.heading}))
            continue
        expression, trouble = read_conclusion(
            entry.text, output.field, output.unit, context.vocabulary, entry.at
        )
        findings.extend(beside(output.field, trouble))
        if expression is None:
            continue
        is_one = isinstance(expression, Literal) and expression.value == 1
        if policy is HitPolicy.COUNT and not is_one:
            findings.append(Finding("W333", Place(entry.at), {"text": tidy(entry.text)}))
        conclusions.append(expression)
    return tuple(conclusions)


def _check_kind(
    layout: TableLayout,
    policy: HitPolicy,
    output: FieldColumn,
    code_lists: Mapping[str, CodeList],
    findings: list[Finding],
) -> None:
    """Say so when the hit policy cannot work on the type of the field."""
    kind = output.field.type
    params = {"policy": policy.value, "field": output.field.name}
    at = place_of_setting(layout, "命中策略")
    if policy is HitPolicy.PRIORITY:
        ranked = isinstance(kind, ChoiceType) and any(
            code.rank is not None for code in code_lists[key(kind.code_list)].codes
        )
        if not ranked:
            findings.append(Finding("W334", at, params))
    elif policy is HitPolicy.COLLECT and not isinstance(kind, MultiChoiceType):
        findings.append(Finding("W335", at, params))
    elif policy in AGGREGATED and not isinstance(
        kind, QuantityType if policy is HitPolicy.COUNT else NUMERIC_TYPES
    ):
        findings.append(Finding("W336", at, params))


def _read_defaults(
    layout: TableLayout,
    outputs: tuple[FieldColumn, ...],
    policy: HitPolicy | None,
    context: Context,
    findings: list[Finding],
) -> dict[str, Expression]:
    """The default of each output that has one."""
    defaults: dict[str, Expression] = {}
    for setting in (each for each in layout.settings if each.name == "默认"):
        output = _output_of(setting, outputs, findings)
        if output is None or key(setting.value.text) in NO_DEFAULT:
            continue
        expression, trouble = read_conclusion(
            setting.value.text, output.field, output.unit, context.vocabulary, setting.value.at
        )
        findings.extend(beside(output.field, trouble))
        if expression is None:
            continue
        is_zero = isinstance(expression, Literal) and expression.value == 0
        if policy not in COUNTED:
            defaults[output.field.name] = expression
        elif not is_zero:
            at = Place(setting.value.at)
            findings.append(Finding("W337", at, {"policy": setting_of(layout, "命中策略")}))
    return defaults


def _output_of(
    setting: Setting, outputs: tuple[FieldColumn, ...], findings: list[Finding]
) -> FieldColumn | None:
    if setting.field:
        for output in outputs:
            if key(output.field.name) == key(setting.field):
                return output
        near = nearest(setting.field, [each.field.name for each in outputs])
        params = {"field": setting.field}
        findings.append(Finding("W339", Place(setting.at), params, did_you_mean=near))
        return None
    if len(outputs) > 1:
        fields = tuple(each.field.name for each in outputs)
        findings.append(Finding("W340", Place(setting.at), {"fields": fields}))
        return None
    return outputs[0] if outputs else None
