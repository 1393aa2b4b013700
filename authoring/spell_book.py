"""A policy -> the rows of a workbook that reads back to the same policy, golden cases included.

One canonical spelling for each thing. ``authoring.write_book`` makes an .xlsx of the rows,
``authoring.canonical_text`` a text to compare.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from authoring.field_types import type_name_of
from authoring.understand.code_lists import PENDING
from authoring.understand.policy_facts import ROUNDING_MODES, ROUNDING_STEPS
from authoring.understand.selections import ALL_TIERS, BY_NUMBER, EACH_TIER
from authoring.understand.sheets import REQUIRED
from engine.cases import Case, GoldenCase, GoldenContest
from engine.expressions import Conjunction, Expression, Satisfies, UnaryTest
from engine.model import (
    BusinessConstraint,
    ByCaseNumber,
    DecisionTable,
    Field,
    Grant,
    HitPolicy,
    Measure,
    Policy,
    Provision,
    Quota,
    Rule,
    Selection,
    ShareConstraint,
    StackingGroup,
    Term,
    TieBreak,
    Tier,
)
from engine.phrase import phrase_amount, phrase_expression, phrase_test, phrase_value
from engine.phrase_terms import is_capped, phrase_allowance, phrase_plan, phrase_uplift
from engine.types import CodeList
from engine.values import Value

Rows: TypeAlias = list[list[str]]
Fields: TypeAlias = Mapping[str, Field]

ANYTHING = "—"
LISTED = "、"
MARKER = "决策表"
DERIVATIONS, GRANTS = "推导表", "措施表"
REQUIREMENT = "条件式"
NOTHING_WON = "未入选"

_DIGITS = re.compile(r"(\d+)")
_STEP_NAMES = {step: name for name, step in ROUNDING_STEPS.items()}
_MODE_NAMES = {mode: name for name, mode in ROUNDING_MODES.items()}


def spell_book(
    policy: Policy,
    golden_cases: Iterable[GoldenCase] = (),
    golden_contests: Iterable[GoldenContest] = (),
) -> dict[str, Rows]:
    """The rows of every sheet that a policy needs, headings first."""
    fields = {field.name: field for field in policy.fields}
    measures = {measure.id: measure for measure in policy.measures}
    deriving = [table for table in policy.tables if table.outputs]
    granting = [table for table in policy.tables if not table.outputs]
    sheets = {
        "政策": [["项", "值"], *_policy_rows(policy)],
        "条款": [_PROVISION_HEADINGS, *map(_provision_row, policy.provisions)],
        "指标": [_FIELD_HEADINGS, *map(_field_row, policy.fields)],
        "代码表": [_CODE_HEADINGS, *_code_rows(policy.code_lists)],
        DERIVATIONS: [*_stacked(_derivation(table, fields) for table in deriving)],
        GRANTS: [*_stacked(_measure_table(table, measures, fields) for table in granting)],
        "同类组": [_GROUP_HEADINGS, *(_group_row(group, fields) for group in policy.groups)],
        "评选": [_TIER_HEADINGS, *_tier_rows(policy.selections, fields)],
        "业务约束": [
            ["编号", REQUIREMENT, "提示"],
            *(_constraint_row(each, fields) for each in policy.constraints),
        ],
        "用例": _case_rows(golden_cases, policy.fields),
        "评选用例": _contest_rows(golden_contests, policy.fields),
    }
    return {name: rows for name, rows in sheets.items() if len(rows) > 1 or name in REQUIRED}


# --- plain sheets ---------------------------------------------------------------------------------


def _policy_rows(policy: Policy) -> Iterator[list[str]]:
    facts = {
        "政策编号": policy.id,
        "标题": policy.title,
        "文号": policy.number,
        "发文机关": policy.issuer,
        "成文日期": _day(policy.issued),
        "施行日期": _day(policy.effective),
        "失效日期": _day(policy.expires),
        "解释部门": policy.interpreter,
        "同类政策": policy.default_stacking,
        "取整": _STEP_NAMES[policy.rounding.step],
        "取整方式": _MODE_NAMES[policy.rounding.mode],
    }
    for name, value in facts.items():
        if value:
            yield [name, value]


_PROVISION_HEADINGS = ["条款编号", "章", "标题", "条款原文", "类型", "主管部门", "备注"]


def _provision_row(provision: Provision) -> list[str]:
    return [
        provision.number,
        provision.chapter,
        provision.title,
        provision.text,
        provision.kind.value,
        provision.department,
        provision.note,
    ]


_FIELD_HEADINGS = [
    *("指标", "类型", "单位", "代码表", "分组", "主体", "来源", "期间"),
    *("最小", "最大", "典型值", "缺省处理", "可否改变", "说明", "佐证材料"),
]


def _field_row(field: Field) -> list[str]:
    bounds = (field.minimum, field.maximum, field.typical)
    return [
        field.name,
        type_name_of(field.type),
        field.unit,
        getattr(field.type, "code_list", ""),
        field.group,
        field.subject,
        field.source.value,
        field.period,
        *("" if bound is None else _value(bound, field) for bound in bounds),
        field.when_missing.value,
        field.movement.value,
        field.note,
        field.evidence,
    ]


_CODE_HEADINGS = ["代码表", "值", "上级", "次序", "有效起", "有效止", "来源"]


def _code_rows(code_lists: Iterable[CodeList]) -> Iterator[list[str]]:
    for code_list in code_lists:
        if code_list.pending:
            yield [code_list.name, PENDING, *[""] * (len(_CODE_HEADINGS) - 2)]
        for code in code_list.codes:
            yield [
                code_list.name,
                code.value,
                code.parent or "",
                "" if code.rank is None else str(code.rank),
                _day(code.effective),
                _day(code.expires),
                code.source,
            ]


_GROUP_HEADINGS = [
    *("组", "规则", "范围", "比较", "次序", "已享受指标", "已享受处理", "封顶", "依据"),
]


def _group_row(group: StackingGroup, fields: Fields) -> list[str]:
    return [
        group.name,
        group.mode.value,
        "跨受益主体" if group.across_beneficiaries else "同一受益主体",
        group.comparison.value,
        LISTED.join(group.order),
        group.received_field or "",
        "" if group.received_treatment is None else group.received_treatment.value,
        "" if group.cap is None else phrase_expression(group.cap, fields),
        group.basis,
    ]


_TIER_HEADINGS = [
    *("评选项", "分档", "候选条件", "排序指标", "名额", "占比基数", "取整", "约束", "约束口径"),
    *("同分规则", "奖励上限", "受益主体", "条款", "原文"),
]


def _tier_rows(selections: Iterable[Selection], fields: Fields) -> Iterator[list[str]]:
    for selection in selections:
        for tier in selection.tiers:
            stated = _stated(selection.constraint, ALL_TIERS, fields) or _stated(
                tier.constraint, EACH_TIER, fields
            )
            yield [selection.name, *_tier_row(tier, stated or ["", ""], fields)]


def _stated(constraint: ShareConstraint | None, scope: str, fields: Fields) -> list[str]:
    """约束, 约束口径."""
    return [] if constraint is None else [phrase_constraint(constraint, fields), scope]


def phrase_tie_break(rule: TieBreak | None, fields: Fields) -> str:
    """同分规则; "" where none is stated."""
    match rule:
        case None:
            return ""
        case ByCaseNumber():
            return BY_NUMBER
        case _:
            return phrase_expression(rule, fields)


def _tier_row(tier: Tier, stated: Sequence[str], fields: Fields) -> list[str]:
    ceiling = tier.award_ceiling
    return [
        tier.name,
        phrase_expression(tier.candidate, fields),
        phrase_expression(tier.ranking, fields),
        *_quota_cells(tier.quota),
        *stated,
        phrase_tie_break(tier.tie_break, fields),
        "" if ceiling is None else phrase_expression(ceiling, fields),
        tier.beneficiary,
        tier.provision,
        tier.quote,
    ]


def _quota_cells(quota: Quota) -> list[str]:
    """名额, 占比基数, 取整."""
    if quota.share is None:
        return [str(quota.places), "", ""]
    return [_percent(Fraction(quota.share)), quota.base or "", _MODE_NAMES[quota.rounding.mode]]


def phrase_constraint(constraint: ShareConstraint, fields: Fields) -> str:
    """约束: what the winners must fulfil, and to which share."""
    condition = phrase_expression(constraint.condition, fields)
    return f"{condition} 占比不低于 {_percent(Fraction(constraint.share))}"


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.6f}".rstrip("0").rstrip(".") + "%"


def _constraint_row(constraint: BusinessConstraint, fields: Fields) -> list[str]:
    return [constraint.id, phrase_expression(constraint.condition, fields), constraint.message]


# --- decision tables ------------------------------------------------------------------------------


def _stacked(tables: Iterable[Rows]) -> Iterator[list[str]]:
    for number, rows in enumerate(tables):
        if number:
            yield []
        yield from rows


def _derivation(table: DecisionTable, fields: Fields) -> Rows:
    settings = {"命中策略": table.hit_policy.value, "类别": "推导"}
    if table.hit_policy not in (HitPolicy.COUNT, HitPolicy.SUM):
        for output in table.outputs:
            name = "默认" if len(table.outputs) == 1 else f"默认·{output.field}"
            default = output.default
            settings[name] = ANYTHING if default is None else phrase_expression(default, fields)
    conclusions = [
        [phrase_expression(each, fields) for each in rule.conclusions] for rule in table.rules
    ]
    outputs = [output.field for output in table.outputs]
    return _layout(table, settings, outputs, conclusions, fields)


_GRANT_HEADINGS = [
    *("支持项编号", "支持项", "受益主体", "支持方式", "金额", "最低", "最高限额", "同类组"),
    *("发生日期", "审核方式", "分担", "同项多行", "上浮", "年度上限", "累计上限", "分期"),
]


def _measure_table(table: DecisionTable, measures: Mapping[str, Measure], fields: Fields) -> Rows:
    settings = {"命中策略": table.hit_policy.value, "类别": "措施"}
    grants = [rule.grant for rule in table.rules]
    conclusions = [
        _grant_cells(grant, measures[grant.measure], fields) for grant in grants if grant
    ]
    return _layout(table, settings, _GRANT_HEADINGS, conclusions, fields)


def _grant_cells(grant: Grant, measure: Measure, fields: Fields) -> list[str]:
    return [
        measure.id,
        measure.name,
        measure.beneficiary,
        measure.form.value,
        phrase_amount(grant.benefit, None, (), fields),
        "" if grant.floor is None else phrase_expression(grant.floor, fields),
        "；".join(phrase_expression(cap, fields) for cap in grant.caps),
        measure.group or "",
        measure.event_field or "",
        measure.review,
        measure.sharing,
        "" if measure.combination_unsaid else measure.combination.value,
        _uplift(grant, fields),
        *(_allowances(grant, term, fields) for term in Term),
        "" if measure.plan is None else phrase_plan(measure.plan),
    ]


def _uplift(grant: Grant, fields: Fields) -> str:
    uplift = grant.uplift
    return "" if uplift is None else phrase_uplift(uplift, fields, capped=is_capped(grant))


def _allowances(grant: Grant, term: Term, fields: Fields) -> str:
    return "".join(phrase_allowance(each, fields) for each in grant.allowances if each.term is term)


_CITATIONS = ["条款", "原文"]
_REMARKS = ["例外于", "生效", "失效", "备注"]


def _layout(
    table: DecisionTable,
    settings: Mapping[str, str],
    outputs: Sequence[str],
    conclusions: Sequence[Sequence[str]],
    fields: Fields,
) -> Rows:
    inputs = list(dict.fromkeys(table.inputs))
    conditions = [_condition_cells(rule, inputs, fields) for rule in table.rules]
    headings = [*inputs, REQUIREMENT]
    return [
        [MARKER, table.name, *(cell for pair in settings.items() for cell in pair)],
        [
            "编号",
            *["条件"] * len(headings),
            *["结论"] * len(outputs),
            *["依据"] * len(_CITATIONS),
            *["备注"] * len(_REMARKS),
        ],
        ["编号", *headings, *outputs, *_CITATIONS, *_REMARKS],
        *(
            [rule.id, *tests, *concluded, *_citation_and_remarks(rule)]
            for rule, tests, concluded in zip(table.rules, conditions, conclusions, strict=True)
        ),
    ]


def split_conditions(
    rule: Rule, inputs: Iterable[str]
) -> tuple[dict[str, UnaryTest], tuple[Expression, ...]]:
    """The test of each input; whatever fits none of them, or comes twice, goes into 条件式."""
    tests: dict[str, UnaryTest] = {}
    rest: list[Expression] = []
    for condition in rule.conditions:
        match condition.expression:
            case Satisfies(field=field, test=test) if field in inputs and field not in tests:
                tests[field] = test
            case other:
                rest.append(other)
    return tests, tuple(rest)


def _condition_cells(rule: Rule, inputs: Sequence[str], fields: Fields) -> list[str]:
    tests, rest = split_conditions(rule, inputs)
    cells = {name: phrase_test(test, fields[name], fields) for name, test in tests.items()}
    if rest:
        whole = rest[0] if len(rest) == 1 else Conjunction(rest)
        cells[REQUIREMENT] = phrase_expression(whole, fields)
    return [cells.get(name, ANYTHING) for name in (*inputs, REQUIREMENT)]


def _citation_and_remarks(rule: Rule) -> list[str]:
    return [
        rule.provision,
        rule.quote,
        LISTED.join(rule.overrides),
        _day(rule.effective),
        _day(rule.expires),
        rule.note,
    ]


# --- golden cases ---------------------------------------------------------------------------------


def _case_rows(golden_cases: Iterable[GoldenCase], fields: Sequence[Field]) -> Rows:
    goldens = list(golden_cases)
    given = _given([golden.case for golden in goldens], fields)
    found = {each.target for golden in goldens for each in golden.expectations}
    targets = sorted(found, key=_by_number)
    headings = ["编号", "名称", "基准日期", "涉及主体", *(field.name for field in given)]
    rows = [[*headings, *(f"期望·{target}" for target in targets)]]
    for golden in goldens:
        case = golden.case
        expected = {each.target: each.text for each in golden.expectations}
        rows.append(
            [
                case.id,
                case.name,
                _day(case.date),
                LISTED.join(sorted(case.subjects or ())),
                *_fact_cells(case, given),
                *(expected.get(target, "") for target in targets),
            ]
        )
    return rows


def _by_number(target: str) -> list[tuple[int, str]]:
    """M2-1 before M10-1, wherever their tables stand."""
    return [(int(each) if each.isdecimal() else -1, each) for each in _DIGITS.split(target)]


def _contest_rows(golden_contests: Iterable[GoldenContest], fields: Sequence[Field]) -> Rows:
    contests = list(golden_contests)
    given = _given([place.case for contest in contests for place in contest.places], fields)
    names = [field.name for field in given]
    rows = [["评选项", "场次", "编号", "名称", "基准日期", *names, "期望"]]
    for contest in contests:
        for place in contest.places:
            case, tier = place.case, place.tier
            expected = "" if tier is None else tier or NOTHING_WON
            head = [contest.selection, contest.id, case.id, case.name, _day(case.date)]
            rows.append([*head, *_fact_cells(case, given), expected])
    return rows


def _given(cases: Sequence[Case], fields: Sequence[Field]) -> list[Field]:
    """The fields that some case gives."""
    return [
        field for field in fields if any(case.facts.get(field.name) is not None for case in cases)
    ]


def _fact_cells(case: Case, fields: Iterable[Field]) -> Iterator[str]:
    for field in fields:
        value = case.facts.get(field.name)
        yield "" if value is None else _value(value, field)


def _value(value: Value, field: Field) -> str:
    return phrase_value(value, field.type, field.unit)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
