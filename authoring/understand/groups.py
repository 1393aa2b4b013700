"""Sheet 同类组: measures of one kind, and what happens when several are granted."""

from __future__ import annotations

from collections.abc import Mapping

from authoring.grammar import Vocabulary, read_cap
from authoring.plain_tables import (
    Row,
    Schema,
    columns_of,
    place_of,
    read_plain_table,
    text_of,
    word_of,
)
from authoring.spelling import key, nearest, tidy
from authoring.understand.measures import MeasureRow
from authoring.understand.rules import SEPARATORS
from authoring.workbook import Sheet
from engine.expressions import Expression
from engine.findings import Finding, Severity
from engine.model import (
    AmountComparison,
    Field,
    NonMonetary,
    ReceivedTreatment,
    StackingGroup,
    StackingMode,
)
from engine.types import MoneyType

MODES = tuple(each.value for each in StackingMode)
SAME, ACROSS = "同一受益主体", "跨受益主体"
COMPARISONS = tuple(each.value for each in AmountComparison)
TREATMENTS = tuple(each.value for each in ReceivedTreatment)

SCHEMA = Schema(
    "同类组",
    columns_of(
        "同类组",
        filled=["组", "规则"],
        allowed={
            "规则": MODES,
            "范围": (SAME, ACROSS),
            "比较": COMPARISONS,
            "已享受处理": TREATMENTS,
        },
    ),
    identity=("组",),
)


def read_groups(
    sheet: Sheet,
    fields: Mapping[str, Field],
    vocabulary: Vocabulary,
    members: tuple[MeasureRow, ...],
    disabled: frozenset[str],
    findings: list[Finding],
) -> tuple[tuple[StackingGroup, ...], frozenset[str]]:
    """Read the groups; also gives the names (as compared) of those that could not be read.

    ``disabled`` holds the measures (as compared) that are in no enabled rule; they may be named.
    """
    table = read_plain_table(sheet, SCHEMA, findings)
    ids_of: dict[str, dict[str, str]] = {}
    for member in members:
        if member.measure.group is not None:
            of_group = ids_of.setdefault(key(member.measure.group), {})
            of_group[key(member.measure.id)] = member.measure.id
    groups = tuple(
        _read_group(row, fields, vocabulary, ids_of, disabled, findings) for row in table.rows
    )
    return groups, frozenset(key(text_of(row, "组")) for row in table.refused)


def check_members(
    groups: tuple[StackingGroup, ...],
    broken: frozenset[str],
    members: tuple[MeasureRow, ...],
    fields: Mapping[str, Field],
    findings: list[Finding],
) -> None:
    """What groups and measures must agree on.

    Each group that a measure names must exist, each group should have members, and an earlier
    award must be one beneficiary's.
    """
    known = {key(group.name): group for group in groups}
    for member in members:
        name = member.measure.group
        if name is None or key(name) in broken:
            continue
        if key(name) not in known:
            near = nearest(name, [group.name for group in groups])
            findings.append(Finding("W360", member.group_at, {"group": name}, did_you_mean=near))
        elif isinstance(member.benefit, NonMonetary):
            params = {"group": name, "measure": member.measure.id}
            findings.append(Finding("W361", member.group_at, params, Severity.WARNING))
    named = {key(member.measure.group) for member in members if member.measure.group}
    for group in groups:
        if key(group.name) not in named:
            findings.append(Finding("W362", group.at, {"group": group.name}, Severity.WARNING))
        _check_received(group, members, fields, findings)


def _check_received(
    group: StackingGroup,
    members: tuple[MeasureRow, ...],
    fields: Mapping[str, Field],
    findings: list[Finding],
) -> None:
    """Settled for each beneficiary, a group must know whose earlier award it takes off."""
    if group.received_field is None or group.across_beneficiaries:
        return
    everyone = dict.fromkeys(
        member.measure.beneficiary
        for member in members
        if member.measure.group is not None and key(member.measure.group) == key(group.name)
    )
    field = fields[key(group.received_field)]
    if len(everyone) > 1 and field.subject not in everyone:
        params = {"group": group.name, "field": field.name, "subjects": tuple(everyone)}
        related = () if field.at is None else (field.at,)
        findings.append(Finding("W384", group.at, params, related=related))


def _read_group(
    row: Row,
    fields: Mapping[str, Field],
    vocabulary: Vocabulary,
    ids_of: Mapping[str, Mapping[str, str]],
    disabled: frozenset[str],
    findings: list[Finding],
) -> StackingGroup:
    name = text_of(row, "组")
    mode = StackingMode(word_of(row, "规则", MODES))
    cap: Expression | None = None
    entry = row.entries.get("封顶")
    is_capped = False
    if entry:
        caps, trouble = read_cap(entry.text, "", vocabulary, entry.at)
        findings.extend(trouble)
        cap = caps[0] if caps else None
        is_capped = caps != ()
    if is_capped != (mode is StackingMode.JOINT_CAP):
        at = place_of(row, "封顶")
        if is_capped:
            findings.append(Finding("W363", at, {"mode": mode.value}))
        else:
            findings.append(Finding("W364", at, {"mode": mode.value}))
    treatment = word_of(row, "已享受处理", TREATMENTS)
    received = _read_received_field(row, mode, treatment, fields, findings)
    return StackingGroup(
        name=name,
        mode=mode,
        comparison=AmountComparison(
            word_of(row, "比较", COMPARISONS) or AmountComparison.BY_CEILING
        ),
        across_beneficiaries=word_of(row, "范围", (SAME, ACROSS)) == ACROSS,
        order=_read_order(row, name, ids_of.get(key(name), {}), disabled, findings),
        received_field=received,
        received_treatment=ReceivedTreatment(treatment) if treatment else None,
        cap=cap,
        basis=text_of(row, "依据"),
        at=place_of(row, "组"),
    )


def _read_received_field(
    row: Row,
    mode: StackingMode,
    treatment: str,
    fields: Mapping[str, Field],
    findings: list[Finding],
) -> str | None:
    written = text_of(row, "已享受指标")
    if not written:
        if treatment or mode is StackingMode.TOP_UP:
            findings.append(Finding("W365", place_of(row, "已享受指标")))
        return None
    if not treatment and mode is not StackingMode.TOP_UP:
        findings.append(Finding("W366", place_of(row, "已享受处理"), {"field": written}))
    field = fields.get(key(written))
    if field is not None and field.type == MoneyType():
        return field.name
    money = [each.name for each in fields.values() if each.type == MoneyType()]
    near = nearest(written, money)
    at = place_of(row, "已享受指标")
    findings.append(Finding("W367", at, {"field": written}, did_you_mean=near))
    return None


def _read_order(
    row: Row,
    name: str,
    ids: Mapping[str, str],
    disabled: frozenset[str],
    findings: list[Finding],
) -> tuple[str, ...]:
    order: list[str] = []
    for each in SEPARATORS.split(text_of(row, "次序")):
        written = tidy(each)
        if not written or key(written) in disabled:
            continue
        found = ids.get(key(written))
        if found is None:
            params = {"measure": written, "group": name}
            near = nearest(written, ids.values())
            findings.append(Finding("W368", place_of(row, "次序"), params, did_you_mean=near))
        elif found in order:
            findings.append(Finding("W369", place_of(row, "次序"), {"measure": found}))
        else:
            order.append(found)
    return tuple(order)
