"""Sheet 政策: what the document is, since when, and how its amounts are rounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from authoring.days import read_day
from authoring.headings import canonical, documented
from authoring.plain_tables import (
    Row,
    Schema,
    columns_of,
    place_of,
    read_plain_table,
    text_of,
)
from authoring.spelling import key, nearest, tidy
from authoring.workbook import Sheet
from engine.findings import Finding
from engine.values import FEN_PER_YUAN, Rounding, RoundingMode

SCHEMA = Schema("政策", columns_of("政策", filled=["项"], needed=["值"]), identity=("项",))
REQUIRED = ("政策编号", "标题", "施行日期")
NO_END = "无"

ROUNDING_STEPS: Mapping[str, int] = {
    "分": 1,
    "角": 10,
    "元": FEN_PER_YUAN,
    "百元": 100 * FEN_PER_YUAN,
    "千元": 1000 * FEN_PER_YUAN,
    "万元": 10000 * FEN_PER_YUAN,
}
ROUNDING_MODES: Mapping[str, RoundingMode] = {
    "四舍五入": RoundingMode.HALF_UP,
    "舍去": RoundingMode.DOWN,
    "进一": RoundingMode.UP,
}


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """What the sheet says; blank texts are ""."""

    id: str
    title: str
    number: str
    issuer: str
    issued: date | None
    effective: date
    expires: date | None
    interpreter: str
    default_stacking: str
    rounding: Rounding


def read_policy_facts(sheet: Sheet, findings: list[Finding]) -> PolicyFacts | None:
    """Read the sheet; None when a required fact is missing or cannot be read."""
    table = read_plain_table(sheet, SCHEMA, findings)
    rows: dict[str, Row] = {}
    unknown: list[Row] = []
    for row in table.rows:
        name = canonical(text_of(row, "项"), "keys", "政策")
        if name is None:
            unknown.append(row)
        elif name in rows:
            first = place_of(rows[name], "项")
            params = {"heading": "项", "text": name, "first": str(first)}
            findings.append(Finding("W236", place_of(row, "项"), params, related=(first,)))
        else:
            rows[name] = row
    values = {name: text_of(row, "值") for name, row in rows.items()}
    lost = {canonical(text_of(row, "项"), "keys", "政策") for row in table.refused}
    missing = [name for name in REQUIRED if name not in lost and not values.get(name)]
    for row in unknown:
        written = text_of(row, "项")
        absent = [name for name in missing if name not in rows]
        near = nearest(written, absent) or nearest(written, documented("keys", "政策"))
        missing = [name for name in missing if name not in near]
        at = place_of(row, "项")
        findings.append(Finding("W240", at, {"key": written}, did_you_mean=near))
    if {"项", "值"} <= table.headings.keys():
        for name in missing:
            at = place_of(rows[name], "值") if name in rows else table.at
            findings.append(Finding("W241", at, {"key": name}))
    issued = _day(rows, "成文日期", findings)
    effective = _day(rows, "施行日期", findings)
    expires = None
    if key(values.get("失效日期", "")) != NO_END:
        expires = _day(rows, "失效日期", findings)
    if effective and expires and expires < effective:
        at = place_of(rows["失效日期"], "值")
        findings.append(Finding("W242", at, {"effective": effective, "expires": expires}))
    step = _one_of(rows, "取整", ROUNDING_STEPS, "分", findings)
    mode = _one_of(rows, "取整方式", ROUNDING_MODES, "四舍五入", findings)
    if effective is None:
        return None
    return PolicyFacts(
        id=values.get("政策编号", ""),
        title=values.get("标题", ""),
        number=values.get("文号", ""),
        issuer=values.get("发文机关", ""),
        issued=issued,
        effective=effective,
        expires=expires,
        interpreter=values.get("解释部门", ""),
        default_stacking=values.get("同类政策", ""),
        rounding=Rounding(ROUNDING_STEPS[step], ROUNDING_MODES[mode]),
    )


def _day(rows: Mapping[str, Row], name: str, findings: list[Finding]) -> date | None:
    entry = rows[name].entries.get("值") if name in rows else None
    if entry is None:
        return None
    day, trouble = read_day(tidy(entry.text), entry.at)
    findings.extend(trouble)
    return day


def _one_of(
    rows: Mapping[str, Row],
    name: str,
    allowed: Mapping[str, object],
    default: str,
    findings: list[Finding],
) -> str:
    text = text_of(rows[name], "值") if name in rows else ""
    if not text:
        return default
    if key(text) in allowed:
        return key(text)
    findings.append(
        Finding(
            "W235",
            place_of(rows[name], "值"),
            {"heading": name, "text": text, "allowed": tuple(allowed)},
            did_you_mean=nearest(text, allowed),
        )
    )
    return default
