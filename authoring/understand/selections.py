"""Sheet 评选: contests over many cases, tier by tier."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from authoring.grammar import Vocabulary, read_cap, read_number_expression, read_requirement
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
from authoring.understand.fields import known_subject
from authoring.understand.policy_facts import ROUNDING_MODES
from authoring.understand.provisions import cited
from authoring.workbook import Sheet
from engine.cells import Place
from engine.dependencies import fields_read
from engine.expressions import Expression, Literal
from engine.findings import Finding
from engine.model import (
    ByCaseNumber,
    Field,
    Provision,
    Quota,
    Selection,
    ShareConstraint,
    TieBreak,
    Tier,
)
from engine.types import NUMERIC_TYPES, CodeList, QuantityType, YesNoType
from engine.values import Number, Rounding

EACH_TIER, ALL_TIERS = "逐档", "合计"
SCOPES = (EACH_TIER, ALL_TIERS)
BY_NUMBER = "按编号先后"
SCHEMA = Schema(
    "评选",
    columns_of(
        "评选",
        filled=["评选项", "分档", "候选条件", "排序指标", "名额", "受益主体", "条款", "原文"],
        allowed={"取整": tuple(ROUNDING_MODES), "约束口径": SCOPES},
    ),
    identity=("评选项", "分档"),
)
ANY = frozenset({"—", "-", "不限"})
BY_NUMBER_WORDS = frozenset({BY_NUMBER, "编号先后", "按编号", "按编号顺序", "编号顺序"})
_PLACES = re.compile(r"(?:不超过|最多|至多)?(\d{1,6})(?:个|名|家|项|人)?")
_SHARE = re.compile(r"(?:不超过|最多|至多)?(\d{1,3}(?:\.\d{1,6})?)%")
_CONSTRAINT = re.compile(
    r"(?P<condition>.+?)[，,]?\s*(?:的)?占比\s*(?:不低于|不少于|达到|≥|>=)\s*(?P<share>\d{1,3}(?:\.\d{1,6})?)\s*[%％]",
    re.S,
)


@dataclass(frozen=True, slots=True)
class _Stated:
    """A constraint as a row states it, with its 口径 and the cells of both."""

    constraint: ShareConstraint
    scope: str
    at: Place
    scope_at: Place


def read_selections(
    sheet: Sheet,
    fields: Mapping[str, Field],
    provisions: Mapping[str, Provision],
    code_lists: Mapping[str, CodeList],
    vocabulary: Vocabulary,
    findings: list[Finding],
) -> tuple[Selection, ...]:
    """Read the contests; the tiers of each stay in the order of their rows."""
    table = read_plain_table(sheet, SCHEMA, findings)
    tiers: dict[str, list[tuple[Tier, _Stated | None]]] = {}
    names: dict[str, str] = {}
    for row in table.rows:
        tier = _read_tier(row, fields, provisions, code_lists, vocabulary, findings)
        stated = _read_constraint(row, vocabulary, findings)
        name = text_of(row, "评选项")
        names.setdefault(key(name), name)
        if tier:
            tiers.setdefault(key(name), []).append((tier, stated))
    return tuple(_selection(names[each], found, findings) for each, found in tiers.items())


def _selection(
    name: str, rows: list[tuple[Tier, _Stated | None]], findings: list[Finding]
) -> Selection:
    """Put the rows of a contest together: each tier has its constraint, or all share one."""
    stated = [each for _, each in rows if each is not None]
    if not stated:
        return Selection(name, tuple(tier for tier, _ in rows))
    first, *others = stated
    together = first.scope == ALL_TIERS
    for each in others:
        if each.scope != first.scope:
            params = {"scope": each.scope, "other": first.scope, "first": str(first.scope_at)}
            findings.append(Finding("W377", each.scope_at, params, related=(first.scope_at,)))
        elif together and each.constraint != first.constraint:
            params = {"first": str(first.at)}
            findings.append(Finding("W378", each.at, params, related=(first.at,)))
    if together:
        return Selection(name, tuple(tier for tier, _ in rows), first.constraint)
    return Selection(
        name,
        tuple(replace(tier, constraint=each.constraint) if each else tier for tier, each in rows),
    )


def _read_tier(
    row: Row,
    fields: Mapping[str, Field],
    provisions: Mapping[str, Provision],
    code_lists: Mapping[str, CodeList],
    vocabulary: Vocabulary,
    findings: list[Finding],
) -> Tier | None:
    candidate = _read_candidate(row, vocabulary, findings)
    entry = row.entries["排序指标"]
    ranking, trouble = read_number_expression(entry.text, vocabulary, entry.at)
    findings.extend(trouble)
    quota = _read_quota(row, fields, findings)
    tie_break = _read_tie_break(row, fields, vocabulary, findings)
    ceiling: Expression | None = None
    ceiling_entry = row.entries.get("奖励上限")
    if ceiling_entry:
        caps, trouble = read_cap(ceiling_entry.text, "", vocabulary, ceiling_entry.at)
        findings.extend(trouble)
        ceiling = caps[0] if caps else None
    quote = text_of(row, "原文")
    number = cited(
        text_of(row, "条款"),
        place_of(row, "条款"),
        quote,
        place_of(row, "原文"),
        provisions,
        findings,
    )
    written = text_of(row, "受益主体")
    beneficiary = known_subject(written, row, "受益主体", code_lists, findings)
    if candidate is None or ranking is None or quota is None:
        return None
    return Tier(
        name=text_of(row, "分档"),
        candidate=candidate,
        ranking=ranking,
        quota=quota,
        tie_break=tie_break,
        award_ceiling=ceiling,
        beneficiary=beneficiary,
        provision=number,
        quote=quote,
        at=place_of(row, "分档"),
    )


def _read_candidate(row: Row, vocabulary: Vocabulary, findings: list[Finding]) -> Expression | None:
    entry = row.entries["候选条件"]
    if key(entry.text) in ANY:
        return Literal(True, YesNoType(), place_of(row, "候选条件"))
    candidate, trouble = read_requirement(entry.text, vocabulary, entry.at)
    findings.extend(trouble)
    return candidate


def _read_quota(row: Row, fields: Mapping[str, Field], findings: list[Finding]) -> Quota | None:
    """名额 is a number of places, or a share, which needs a rounding and may name its base."""
    text, at = key(text_of(row, "名额")), place_of(row, "名额")
    rounding = word_of(row, "取整", ROUNDING_MODES)
    base_text = text_of(row, "占比基数")
    if places := _PLACES.fullmatch(text):
        if base_text:
            findings.append(Finding("W371", place_of(row, "占比基数")))
        return Quota(places=int(places[1]))
    share = _SHARE.fullmatch(text)
    if share is None or Fraction(share[1]) > 100:
        findings.append(Finding("W370", at, {"text": text_of(row, "名额")}))
        return None
    if not rounding:
        findings.append(Finding("W372", place_of(row, "取整"), {"share": text}))
        return None
    base: str | None = None
    if base_text:
        field = fields.get(key(base_text))
        if field is None or not isinstance(field.type, QuantityType):
            counts = [each.name for each in fields.values() if isinstance(each.type, QuantityType)]
            near = nearest(base_text, counts)
            params = {"field": base_text}
            findings.append(Finding("W373", place_of(row, "占比基数"), params, did_you_mean=near))
            return None
        base = field.name
    return Quota(None, _percent(share[1]), base, Rounding(1, ROUNDING_MODES[rounding]))


def _read_tie_break(
    row: Row, fields: Mapping[str, Field], vocabulary: Vocabulary, findings: list[Finding]
) -> TieBreak | None:
    """同分规则 is 按编号先后, or a number of the cases, the greatest first."""
    entry = row.entries.get("同分规则")
    if entry is None or key(entry.text) in ANY | {"无"}:
        return None
    if key(entry.text) in BY_NUMBER_WORDS:
        return ByCaseNumber()
    value, trouble = read_number_expression(entry.text, vocabulary, entry.at)
    if value is not None and fields_read(value):
        findings.extend(trouble)
        return value
    numbers = [each.name for each in fields.values() if isinstance(each.type, NUMERIC_TYPES)]
    text = text_of(row, "同分规则")
    near = nearest(text, [BY_NUMBER, *numbers])
    at = place_of(row, "同分规则")
    findings.append(Finding("W376", at, {"text": text}, did_you_mean=near))
    return None


def _read_constraint(row: Row, vocabulary: Vocabulary, findings: list[Finding]) -> _Stated | None:
    entry = row.entries.get("约束")
    scope = word_of(row, "约束口径", SCOPES)
    if entry is None or key(entry.text) in ANY | {"无"}:
        if scope:
            findings.append(Finding("W379", place_of(row, "约束口径"), {"scope": scope}))
        return None
    found = _CONSTRAINT.fullmatch(entry.text.strip())
    if found is None or Fraction(found["share"]) > 100:
        findings.append(Finding("W374", place_of(row, "约束"), {"text": text_of(row, "约束")}))
        return None
    condition, trouble = read_requirement(found["condition"], vocabulary, entry.at)
    findings.extend(trouble)
    if not scope:
        findings.append(Finding("W375", place_of(row, "约束口径"), {"allowed": SCOPES}))
    if condition is None or not scope:
        return None
    constraint = ShareConstraint(condition, _percent(found["share"]))
    return _Stated(constraint, scope, place_of(row, "约束"), place_of(row, "约束口径"))


def _percent(digits: str) -> Number:
    return Fraction(digits) / 100
