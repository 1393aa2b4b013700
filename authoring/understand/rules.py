"""What all decision tables share: their settings, conditions, citations, dates and exceptions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter

from authoring.days import read_day
from authoring.field_types import beside, measures
from authoring.grammar import Vocabulary, read_condition, read_requirement, read_unit
from authoring.headings import (
    by_spelling,
    canonical,
    documented,
    resolve,
    resolve_documented,
    split_unit,
    unbuilt,
)
from authoring.plain_tables import Row, is_blank, place_of, text_of
from authoring.spelling import key, nearest, nearest_number, tidy
from authoring.understand.provisions import cited
from authoring.understand.table_layout import (
    BASIS,
    CONDITION,
    NUMBER,
    REMARK,
    TableColumn,
    TableLayout,
    column_key,
)
from engine.cells import Place
from engine.expressions import Anything, Expression, Literal, Satisfies
from engine.findings import Finding, Severity
from engine.model import Condition, Field, Grant, HitPolicy, Provision, Rule

REQUIREMENT = "条件式"
YES, NO = "是", "否"
ANY = frozenset({"—", "-", "－", "–", "不限", "/"})
SEPARATORS = re.compile("[、，,；;\\n]+")
NUMBER_KEY = column_key(NUMBER, NUMBER)


@dataclass(frozen=True, slots=True)
class Context:
    """What a table may refer to. Mappings are keyed by compared spellings."""

    vocabulary: Vocabulary
    fields: Mapping[str, Field]
    provisions: Mapping[str, Provision]


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """A column of a field, with the unit for bare numbers that its heading gives."""

    column: TableColumn
    field: Field
    unit: str


@dataclass(frozen=True, slots=True)
class RuleHead:
    """All of a rule but what it concludes."""

    id: str
    conditions: tuple[Condition, ...]
    provision: str
    quote: str
    effective: date | None
    expires: date | None
    overrides: tuple[str, ...]
    note: str
    enabled: bool
    at: Place


def setting_of(layout: TableLayout, name: str) -> str:
    """The value of a setting without a field; "" when it is absent."""
    found = [each for each in layout.settings if each.name == name and not each.field]
    return tidy(found[0].value.text) if found else ""


def place_of_setting(layout: TableLayout, name: str) -> Place:
    """Where a setting's value stands; the marker when it is absent."""
    found = [each for each in layout.settings if each.name == name and not each.field]
    return Place(found[0].value.at) if found else layout.at


def read_hit_policy(layout: TableLayout, findings: list[Finding]) -> HitPolicy | None:
    """Read 命中策略."""
    text = setting_of(layout, "命中策略")
    allowed = tuple(each.value for each in HitPolicy)
    if key(text) in allowed:
        return HitPolicy(key(text))
    if any(each.name == "命中策略" for each in layout.settings):
        params = {"heading": "命中策略", "text": text, "allowed": allowed}
        at = place_of_setting(layout, "命中策略")
        findings.append(Finding("W235", at, params, did_you_mean=nearest(text, allowed)))
    else:
        params = {"key": "命中策略", "table": layout.name, "allowed": allowed}
        findings.append(Finding("W312", layout.at, params))
    return None


def field_column(
    column: TableColumn, context: Context, findings: list[Finding]
) -> FieldColumn | None:
    """Find the field that heads a column; None when there is none."""
    found = resolve(column.heading, context.fields)
    if found is None:
        names = [field.name for field in context.fields.values()]
        params = {"heading": column.heading, "role": column.role}
        near = nearest(split_unit(column.heading)[0], [*names, REQUIREMENT])
        findings.append(Finding("W313", Place(column.at), params, did_you_mean=near))
        return None
    field, unit_text = found
    if unit_text:
        unit = read_unit(unit_text)
        if unit is None or not measures(unit, field.type):
            params = {"field": field.name, "unit": unit_text}
            findings.append(Finding("W314", Place(column.at), params))
            return None
    return FieldColumn(column, field, unit_text)


def known_columns(
    layout: TableLayout, role: str, findings: list[Finding], needed: tuple[str, ...] = ()
) -> dict[str, tuple[TableColumn, str]]:
    """The columns of a role by documented heading, with their units; others are reported.

    So are ``needed`` ones that are missing, unless a column that nobody knows looks like them.
    """
    known: dict[str, tuple[TableColumn, str]] = {}
    names = documented("headings", role)
    unknown: list[TableColumn] = []
    for column in layout.columns:
        if column.role != role:
            continue
        found = resolve_documented(column.heading, by_spelling(names), "headings", role)
        if found is None:
            if key(column.heading) in map(key, unbuilt(role)):
                _refuse_unbuilt(layout, column, findings)
                continue
            unknown.append(column)
        elif found[0] in known:
            first = known[found[0]][0].at
            params = {"heading": found[0], "first": str(first)}
            related = (Place(first),)
            findings.append(Finding("W231", Place(column.at), params, related=related))
        else:
            known[found[0]] = (column, found[1])
    missing = [name for name in needed if name not in known]
    for column in unknown:
        near = nearest(column.heading, missing) or nearest(column.heading, names)
        missing = [name for name in missing if name not in near]
        told = {"heading": column.heading, "role": role, "known": "、".join(names)}
        findings.append(Finding("W317", Place(column.at), told, did_you_mean=near))
    for name in missing:
        findings.append(Finding("W233", layout.at, {"heading": name, "sheet": layout.name}))
    return known


def _refuse_unbuilt(layout: TableLayout, column: TableColumn, findings: list[Finding]) -> None:
    for row in layout.rows:
        if column.key in row.entries:
            params = {"heading": column.heading}
            findings.append(Finding("W315", place_of(row, column.key), params))


@dataclass(frozen=True, slots=True)
class SharedColumns:
    """The columns that every kind of table has, resolved."""

    requirements: tuple[TableColumn, ...]
    conditions: tuple[FieldColumn, ...]
    basis: Mapping[str, tuple[TableColumn, str]]
    remarks: Mapping[str, tuple[TableColumn, str]]


def shared_columns(layout: TableLayout, context: Context, findings: list[Finding]) -> SharedColumns:
    """Resolve the columns of conditions, citations and remarks."""
    requirements: list[TableColumn] = []
    conditions: dict[str, FieldColumn] = {}
    for column in layout.columns:
        if column.role != CONDITION:
            continue
        if canonical(column.heading, "headings", CONDITION) == REQUIREMENT:
            requirements.append(column)
        elif _asks_nothing(column, layout) and resolve(column.heading, context.fields) is None:
            params = {"heading": column.heading}
            findings.append(Finding("W325", Place(column.at), params, Severity.ADVICE))
        elif found := field_column(column, context, findings):
            if found.field.name in conditions:
                first = conditions[found.field.name].column.at
                params = {"heading": found.field.name, "first": str(first)}
                related = (Place(first),)
                findings.append(Finding("W231", Place(column.at), params, related=related))
            else:
                conditions[found.field.name] = found
    if not any(column.role == NUMBER for column in layout.columns):
        findings.append(Finding("W233", layout.at, {"heading": NUMBER, "sheet": layout.name}))
    return SharedColumns(
        tuple(requirements),
        tuple(conditions.values()),
        known_columns(layout, BASIS, findings),
        known_columns(layout, REMARK, findings),
    )


def _asks_nothing(column: TableColumn, layout: TableLayout) -> bool:
    """Whether the cells of a column of conditions are all ``—``, or blank."""
    return not any(
        column.key in row.spoilt or text_of(row, column.key) not in {"", *ANY}
        for row in layout.rows
    )


def read_rule_heads(
    layout: TableLayout,
    columns: SharedColumns,
    context: Context,
    findings: list[Finding],
    *,
    must_cite: bool,
) -> tuple[tuple[RuleHead, Row], ...]:
    """Read what the rules share, and check that their numbers and exceptions make sense."""
    ids: dict[str, Place] = {}
    heads = []
    for row in layout.rows:
        rule_id, at = text_of(row, NUMBER_KEY), place_of(row, NUMBER_KEY)
        if not rule_id and NUMBER_KEY in row.headings and is_blank(row, NUMBER_KEY):
            findings.append(Finding("W234", at, {"heading": NUMBER}))
        elif rule_id and key(rule_id) in ids:
            first = ids[key(rule_id)]
            params = {"heading": NUMBER, "text": rule_id, "first": str(first)}
            findings.append(Finding("W236", at, params, related=(first,)))
        else:
            ids[key(rule_id)] = at
        heads.append((_read_head(row, rule_id, columns, context, findings, must_cite), row))
    _check_exceptions(heads, columns, findings)
    return tuple(heads)


def _read_head(
    row: Row,
    rule_id: str,
    columns: SharedColumns,
    context: Context,
    findings: list[Finding],
    must_cite: bool,
) -> RuleHead:
    provision, quote = _read_basis(row, columns, context, findings, must_cite)
    effective = _read_day(row, columns, "生效", findings)
    expires = _read_day(row, columns, "失效", findings)
    if effective and expires and expires < effective:
        at = _place(row, columns.remarks, "失效")
        findings.append(Finding("W242", at, {"effective": effective, "expires": expires}))
    return RuleHead(
        id=rule_id,
        conditions=_read_conditions(row, columns, context, findings),
        provision=provision,
        quote=quote,
        effective=effective,
        expires=expires,
        overrides=tuple(
            each for each in SEPARATORS.split(_text(row, columns.remarks, "例外于")) if each.strip()
        ),
        note=_text(row, columns.remarks, "备注"),
        enabled=_read_enabled(row, columns, findings),
        at=place_of(row, NUMBER_KEY),
    )


def _read_conditions(
    row: Row, columns: SharedColumns, context: Context, findings: list[Finding]
) -> tuple[Condition, ...]:
    conditions = []
    vocabulary = context.vocabulary
    cells = [(each.column, each) for each in columns.conditions]
    for column, found in sorted(
        [*cells, *((each, None) for each in columns.requirements)], key=lambda pair: pair[0].at
    ):
        entry = row.entries.get(column.key)
        if entry is None:
            if is_blank(row, column.key):
                params = {"heading": column.heading}
                findings.append(Finding("W320", place_of(row, column.key), params))
            continue
        expression: Expression | None = None
        at = Place(entry.at)
        if found is None:
            if key(entry.text) not in ANY:
                expression, trouble = read_requirement(entry.text, vocabulary, entry.at)
                findings.extend(trouble)
        else:
            test, trouble = read_condition(
                entry.text, found.field, found.unit, vocabulary, entry.at
            )
            findings.extend(beside(found.field, trouble))
            if test is not None and not isinstance(test, Anything):
                expression = Satisfies(found.field.name, test, at)
        if expression is not None and not _always(expression):
            conditions.append(Condition(expression, tidy(entry.text), at))
    return tuple(conditions)


def _always(expression: Expression) -> bool:
    return isinstance(expression, Literal) and expression.value is True


def _read_basis(
    row: Row,
    columns: SharedColumns,
    context: Context,
    findings: list[Finding],
    must_cite: bool,
) -> tuple[str, str]:
    number, quote = _text(row, columns.basis, "条款"), _text(row, columns.basis, "原文")
    at, quote_at = _place(row, columns.basis, "条款"), _place(row, columns.basis, "原文")
    if must_cite or quote:
        if not number and _blank(row, columns.basis, "条款"):
            findings.append(Finding("W321", at))
        elif not quote and _blank(row, columns.basis, "原文"):
            findings.append(Finding("W322", quote_at, {"number": number}))
    if number:
        number = cited(number, at, quote, quote_at, context.provisions, findings)
    return number, quote


def _read_enabled(row: Row, columns: SharedColumns, findings: list[Finding]) -> bool:
    text = _text(row, columns.remarks, "启用")
    if text and key(text) not in (YES, NO):
        params = {"heading": "启用", "text": text, "allowed": (YES, NO)}
        findings.append(Finding("W235", _place(row, columns.remarks, "启用"), params))
    return key(text) != NO


def _read_day(row: Row, columns: SharedColumns, name: str, findings: list[Finding]) -> date | None:
    if name not in columns.remarks:
        return None
    entry = row.entries.get(columns.remarks[name][0].key)
    if entry is None or key(entry.text) in (ANY | {"无"}):
        return None
    day, trouble = read_day(tidy(entry.text), entry.at)
    findings.extend(trouble)
    return day


def _check_exceptions(
    heads: list[tuple[RuleHead, Row]], columns: SharedColumns, findings: list[Finding]
) -> None:
    """例外于 must name other rules of the table, and must not lead back to itself."""
    known = {key(head.id): head for head, _ in heads}
    overrides: dict[str, list[str]] = {}
    for head, row in heads:
        at = _place(row, columns.remarks, "例外于")
        for each in head.overrides:
            if key(each) in known:
                overrides.setdefault(key(head.id), []).append(key(each))
            else:
                near = nearest_number(each, [other.id for other in known.values()])
                findings.append(Finding("W323", at, {"id": tidy(each)}, did_you_mean=near))
    try:
        TopologicalSorter(overrides).prepare()
    except CycleError as error:
        circle = [known[each].id for each in reversed(error.args[1])]
        row = next(row for head, row in heads if head.id == circle[0])
        at = _place(row, columns.remarks, "例外于")
        findings.append(Finding("W324", at, {"circle": " → ".join(circle)}))


def make_rule(
    head: RuleHead,
    enabled: Mapping[str, str],
    conclusions: tuple[Expression, ...] = (),
    grant: Grant | None = None,
) -> Rule:
    """Make the rule of a row.

    Overridden rules are spelled as their own cells do; those switched off (not ``enabled``) are
    left out.
    """
    return Rule(
        id=head.id,
        conditions=head.conditions,
        conclusions=conclusions,
        grant=grant,
        provision=head.provision,
        quote=head.quote,
        effective=head.effective,
        expires=head.expires,
        overrides=tuple(enabled[key(each)] for each in head.overrides if key(each) in enabled),
        note=head.note,
        at=head.at,
    )


def _text(row: Row, columns: Mapping[str, tuple[TableColumn, str]], name: str) -> str:
    return text_of(row, columns[name][0].key) if name in columns else ""


def _blank(row: Row, columns: Mapping[str, tuple[TableColumn, str]], name: str) -> bool:
    return name not in columns or is_blank(row, columns[name][0].key)


def _place(row: Row, columns: Mapping[str, tuple[TableColumn, str]], name: str) -> Place:
    return place_of(row, columns[name][0].key) if name in columns else place_of(row, NUMBER_KEY)
