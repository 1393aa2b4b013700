"""Sheet 指标: the typed things that a case may tell, or that tables derive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from authoring.field_types import exceeds, type_measured_in, type_name_of
from authoring.grammar import (
    Vocabulary,
    read_unit,
    read_value,
)
from authoring.headings import documented
from authoring.plain_tables import (
    Row,
    Schema,
    columns_of,
    place_of,
    read_plain_table,
    text_of,
    word_of,
)
from authoring.spelling import key, nearest
from authoring.understand.code_lists import SUBJECTS
from authoring.workbook import Sheet
from engine.findings import Finding
from engine.model import Field, Movement, Source, WhenMissing
from engine.types import (
    NUMERIC_TYPES,
    ChoiceType,
    CodeList,
    DateType,
    FieldType,
    MoneyType,
    MultiChoiceType,
    QuantityType,
    RateType,
    TextType,
    YesNoType,
)
from engine.values import Value

TYPES = ("金额", "比例", "单价", "汇率", "数量", "日期", "是否", "单选", "多选", "文本")
UNIT_EXAMPLES: Mapping[str, str] = {
    "金额": "万元",
    "比例": "%",
    "单价": "元/平方米",
    "汇率": "元/美元",
    "数量": "人",
}
SOURCES = tuple(each.value for each in Source)
TREATMENTS = tuple(each.value for each in WhenMissing)
MOVEMENTS = tuple(each.value for each in Movement)
EXPECTATION_PREFIX = "期望"

SCHEMA = Schema(
    "指标",
    columns_of(
        "指标",
        filled=["指标", "类型"],
        allowed={
            "类型": TYPES,
            "来源": SOURCES,
            "缺省处理": TREATMENTS,
            "可否改变": MOVEMENTS,
        },
    ),
    identity=("指标",),
)


def read_fields(
    sheet: Sheet, code_lists: Mapping[str, CodeList], findings: list[Finding]
) -> tuple[tuple[Field, ...], tuple[Row, ...]]:
    """Read the fields, without bounds: those need a vocabulary that holds all fields.

    Also gives the row of each field. ``code_lists`` are keyed by the compared spelling of their
    names.
    """
    fields, rows = [], []
    for row in read_plain_table(sheet, SCHEMA, findings).rows:
        field = _read_field(row, code_lists, findings)
        if field is not None:
            fields.append(field)
            rows.append(row)
    return tuple(fields), tuple(rows)


def read_bounds(field: Field, row: Row, vocabulary: Vocabulary, findings: list[Finding]) -> Field:
    """Add 最小, 最大 and 典型值 to a field."""
    values: dict[str, Value | None] = {}
    for name in ("最小", "最大", "典型值"):
        entry = row.entries.get(name)
        values[name] = None
        if entry:
            if name != "典型值" and not isinstance(field.type, (*NUMERIC_TYPES, DateType)):
                type_name = word_of(row, "类型", TYPES)
                params = {"heading": name, "type": type_name}
                findings.append(Finding("W272", place_of(row, name), params))
                continue
            values[name], trouble = read_value(entry.text, field, "", vocabulary, entry.at)
            findings.extend(trouble)
    low, high, typical = values["最小"], values["最大"], values["典型值"]
    if low is not None and high is not None and exceeds(low, high):
        findings.append(Finding("W273", place_of(row, "最大"), {"field": field.name}))
    elif typical is not None and (
        (low is not None and exceeds(low, typical)) or (high is not None and exceeds(typical, high))
    ):
        findings.append(Finding("W274", place_of(row, "典型值"), {"field": field.name}))
    return replace(field, minimum=low, maximum=high, typical=typical)


def _read_field(
    row: Row, code_lists: Mapping[str, CodeList], findings: list[Finding]
) -> Field | None:
    name = text_of(row, "指标")
    if key(name) in _reserved() or key(name).startswith(f"{EXPECTATION_PREFIX}·"):
        findings.append(Finding("W275", place_of(row, "指标"), {"name": name}))
        return None
    type_name = word_of(row, "类型", TYPES)
    field_type = _read_type(row, type_name, code_lists, findings)
    source = Source(word_of(row, "来源", SOURCES) or Source.REPORTED)
    when_missing = WhenMissing(word_of(row, "缺省处理", TREATMENTS) or WhenMissing.UNKNOWN)
    subject = _read_subject(row, code_lists, findings)
    if field_type is None:
        return None
    if not _fits(when_missing, field_type, source):
        params = {"treatment": when_missing.value, "type": type_name, "source": source.value}
        findings.append(Finding("W276", place_of(row, "缺省处理"), params))
    movement = Movement(word_of(row, "可否改变", MOVEMENTS) or Movement.FREE)
    if source is not Source.DERIVED:
        _check_movement(movement, field_type, type_name, row, code_lists, findings)
    return Field(
        name=name,
        type=field_type,
        unit=text_of(row, "单位"),
        group=text_of(row, "分组"),
        subject=subject,
        source=source,
        period=text_of(row, "期间"),
        when_missing=when_missing,
        movement=movement,
        note=text_of(row, "说明"),
        evidence=text_of(row, "佐证材料"),
        at=place_of(row, "指标"),
    )


def _read_type(
    row: Row, type_name: str, code_lists: Mapping[str, CodeList], findings: list[Finding]
) -> FieldType | None:
    unit_text = text_of(row, "单位")
    list_name = text_of(row, "代码表")
    if type_name in ("单选", "多选"):
        if unit_text:
            findings.append(Finding("W271", place_of(row, "单位"), {"type": type_name}))
        code_list = code_lists.get(key(list_name))
        if not list_name:
            findings.append(Finding("W277", place_of(row, "代码表"), {"type": type_name}))
        elif code_list is None:
            names = [each.name for each in code_lists.values()]
            findings.append(
                Finding(
                    "W278",
                    place_of(row, "代码表"),
                    {"list": list_name},
                    did_you_mean=nearest(list_name, names),
                )
            )
        if code_list is None:
            return None
        return (ChoiceType if type_name == "单选" else MultiChoiceType)(code_list.name)
    if list_name:
        findings.append(Finding("W279", place_of(row, "代码表"), {"type": type_name}))
    plain: dict[str, FieldType] = {"日期": DateType(), "是否": YesNoType(), "文本": TextType()}
    if type_name in plain:
        if unit_text:
            findings.append(Finding("W271", place_of(row, "单位"), {"type": type_name}))
        return plain[type_name]
    if not unit_text and type_name in ("数量", "比例"):
        return QuantityType() if type_name == "数量" else RateType()
    unit = read_unit(unit_text)
    field_type = None if unit is None else type_measured_in(unit)
    if field_type is None or type_name_of(field_type) != type_name:
        params = {"type": type_name, "example": UNIT_EXAMPLES[type_name]}
        at = place_of(row, "单位")
        if unit_text:
            findings.append(Finding("W270", at, {**params, "unit": unit_text}))
        else:
            findings.append(Finding("W285", at, params))
        return None
    return field_type


def _fits(when_missing: WhenMissing, field_type: FieldType, source: Source) -> bool:
    """Whether a missing value of a field may count as 否 or 0."""
    if when_missing is WhenMissing.UNKNOWN:
        return True
    if source in (Source.DERIVED, Source.DERIVED_OR_REPORTED):
        return False
    if when_missing is WhenMissing.FALSE:
        return isinstance(field_type, YesNoType | MultiChoiceType)
    return isinstance(field_type, MoneyType | RateType | QuantityType)


def _check_movement(
    movement: Movement,
    field_type: FieldType,
    type_name: str,
    row: Row,
    code_lists: Mapping[str, CodeList],
    findings: list[Finding],
) -> None:
    """只增 and 只减 need values of which one can be more than another."""
    if movement in (Movement.FREE, Movement.FIXED):
        return
    at = place_of(row, "可否改变")
    if isinstance(field_type, TextType):
        params = {"movement": movement.value, "type": type_name}
        findings.append(Finding("W283", at, params))
    elif isinstance(field_type, ChoiceType):
        code_list = code_lists[key(field_type.code_list)]
        unranked = next((code for code in code_list.codes if code.rank is None), None)
        if unranked is not None:
            related = () if unranked.at is None else (unranked.at,)
            ranks = {
                "movement": movement.value,
                "list": code_list.name,
                "code": unranked.value,
            }
            findings.append(Finding("W284", at, ranks, related=related))


def _read_subject(row: Row, code_lists: Mapping[str, CodeList], findings: list[Finding]) -> str:
    written = text_of(row, "主体")
    return known_subject(written, row, "主体", code_lists, findings) if written else ""


def known_subject(
    written: str,
    row: Row,
    heading: str,
    code_lists: Mapping[str, CodeList],
    findings: list[Finding],
) -> str:
    """Look a subject up in the code list 主体; one that is not there is reported and kept."""
    subjects = code_lists[SUBJECTS].codes if SUBJECTS in code_lists else ()
    for code in subjects:
        if key(code.value) == key(written):
            return code.value
    near = nearest(written, [code.value for code in subjects])
    findings.append(
        Finding("W280", place_of(row, heading), {"subject": written}, did_you_mean=near)
    )
    return written


def _reserved() -> frozenset[str]:
    """Names with a meaning of their own at the head of a column."""
    taken = (*documented("headings", "用例"), *documented("headings", "条件"))
    return frozenset(map(key, taken))
