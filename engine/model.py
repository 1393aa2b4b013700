"""The policy as data: frozen, comparable, without behaviour.

Terms follow DMN 1.5 (decision table, hit policy, input and output clause) and the vocabulary of
drafters (政策, 条款, 指标, 支持项, 同类组). Every node that was written in a cell knows its place.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from engine.cells import Place
from engine.expressions import Expression
from engine.types import CodeList, FieldType
from engine.values import Number, Rounding, Value


class ProvisionKind(StrEnum):
    """类型 of a provision: what sort of thing the article does."""

    COMPUTABLE = "可计算"
    SELECTION = "评选"
    CASE_BY_CASE = "一事一议"
    REFERENCE = "引用他文"
    SERVICE = "服务保障"
    ORGANISATION = "工作部署"


@dataclass(frozen=True, slots=True)
class Provision:
    """条款: one article, or one paragraph of it, with its verbatim text."""

    number: str
    chapter: str
    title: str
    text: str
    kind: ProvisionKind
    department: str = ""
    note: str = ""
    at: Place | None = dataclasses.field(default=None, compare=False)


class Source(StrEnum):
    """来源 of a field."""

    REPORTED = "填报"
    DERIVED = "推导"
    DERIVED_OR_REPORTED = "推导或填报"
    """Derived by a table, but a value given by hand wins, visibly."""
    JUDGED = "认定"
    """A person's judgement. Blank, it makes a measure 需人工判断 instead of 待补充."""


class WhenMissing(StrEnum):
    """缺省处理: what a missing value counts as."""

    UNKNOWN = "不假定"
    FALSE = "视为否"
    ZERO = "视为0"


class Movement(StrEnum):
    """可否改变: which way a repair may move the value of a field.

    A number grows by becoming larger, a day by becoming later, 否 by becoming 是, a 多选 by taking
    codes in, a code by giving way to one with a larger 次序.
    """

    FREE = "是"
    FIXED = "否"
    GROWS = "只增"
    SHRINKS = "只减"


@dataclass(frozen=True, slots=True)
class Field:
    """指标: one typed thing that is known of a case.

    ``unit`` is the spelling that a bare number in a form or a case file takes (万元); bounds and
    ``typical`` never decide a test. ``minimum`` and ``maximum`` only validate input.
    """

    name: str
    type: FieldType
    unit: str = ""
    group: str = ""
    subject: str = ""
    source: Source = Source.REPORTED
    period: str = ""
    minimum: Value | None = None
    maximum: Value | None = None
    typical: Value | None = None
    when_missing: WhenMissing = WhenMissing.UNKNOWN
    movement: Movement = Movement.FREE
    note: str = ""
    evidence: str = ""
    at: Place | None = dataclasses.field(default=None, compare=False)


class HitPolicy(StrEnum):
    """命中策略: how the true rows of a table make one result (DMN 1.5, §8.2.10)."""

    UNIQUE = "唯一"
    FIRST = "首个"
    ANY = "任意"
    PRIORITY = "优先"
    COLLECT = "收集"
    COUNT = "计数"
    SUM = "求和"
    MIN = "最小"
    MAX = "最大"


class SupportForm(StrEnum):
    """支持方式."""

    AWARD = "奖励"
    SUBSIDY = "补助"
    HONOUR = "荣誉"
    SERVICE = "服务"
    RESOURCES = "要素保障"
    TASK = "工作事项"


# --- benefits: how much a rule grants, and how certainly ------------------------------------------


@dataclass(frozen=True, slots=True)
class Definite:
    """确定: exactly the expression."""

    amount: Expression


@dataclass(frozen=True, slots=True)
class Ceiling:
    """上限 (最高50万元): anything from zero to the expression."""

    amount: Expression


@dataclass(frozen=True, slots=True)
class Spread:
    """区间 (投资额的5%—20%): anything from ``low`` to ``high``."""

    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class TopUp:
    """补足至: what is missing to the target after what was received, and not less than nothing."""

    target: Expression
    received: Expression


@dataclass(frozen=True, slots=True)
class Discretionary:
    """一事一议: a person decides, at most up to the ceiling if there is one."""

    ceiling: Expression | None = None


@dataclass(frozen=True, slots=True)
class ByRegulation:
    """按有关规定: granted, and another document says how much."""


@dataclass(frozen=True, slots=True)
class NonMonetary:
    """无: honours, services, tasks."""


Benefit: TypeAlias = (
    Definite | Ceiling | Spread | TopUp | Discretionary | ByRegulation | NonMonetary
)


@dataclass(frozen=True, slots=True)
class Uplift:
    """上浮: the amount rises by the rate, before the caps (封顶前) or after them (封顶后)."""

    rate: Expression
    after_caps: bool = False


class Term(StrEnum):
    """The time over which an allowance counts."""

    YEAR = "年度上限"
    ALL = "累计上限"


@dataclass(frozen=True, slots=True)
class Allowance:
    """年度上限, 累计上限: a cap on all that is given over a time, of which some was received."""

    term: Term
    limit: Expression
    received: Expression


@dataclass(frozen=True, slots=True)
class Grant:
    """What one row of a measure table gives.

    Benefit, floor, an uplift before the caps, all caps, an uplift after them, what is left of the
    allowances, and then rounding.
    """

    measure: str
    benefit: Benefit
    floor: Expression | None = None
    caps: tuple[Expression, ...] = ()
    uplift: Uplift | None = None
    allowances: tuple[Allowance, ...] = ()
    at: Place | None = dataclasses.field(default=None, compare=False)


# --- decision tables ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition cell that constrains something; ``text`` is what the drafter typed."""

    expression: Expression
    text: str = dataclasses.field(compare=False)
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """规则行: all conditions together lead to the conclusions, or to the grant.

    ``conclusions`` stand in the order of the table's outputs; in a measure table
    ``grant`` stands instead.
    ``overrides`` (例外于) names the rules of the same table that this one displaces when it holds.
    """

    id: str
    conditions: tuple[Condition, ...]
    conclusions: tuple[Expression, ...] = ()
    grant: Grant | None = None
    provision: str = ""
    quote: str = ""
    effective: date | None = None
    expires: date | None = None
    overrides: tuple[str, ...] = ()
    note: str = ""
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class OutputClause:
    """A field that a table derives, with the default when every row is false (None: no default)."""

    field: str
    default: Expression | None = None
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """决策表. With outputs it derives fields; without, it grants support.

    Rules switched off (启用 = 否) are not in it.
    """

    name: str
    hit_policy: HitPolicy
    inputs: tuple[str, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    at: Place | None = dataclasses.field(default=None, compare=False)


class Combination(StrEnum):
    """同项多行: what several true rows of one measure make in a 收集 table."""

    SUM = "求和"
    HIGHEST = "取高"


@dataclass(frozen=True, slots=True)
class Instalment:
    """One part of a payment plan: what it is called (第1年, 开工), and its share of the amount."""

    label: str
    share: Number


@dataclass(frozen=True, slots=True)
class PaymentPlan:
    """分期: in which parts what is granted is paid out, in order; the shares add up to one."""

    instalments: tuple[Instalment, ...]
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Measure:
    """支持项: one support for one beneficiary, with a stable id; its rows stand in one table.

    ``plan`` parts what the measure comes to in the end, after its same-kind group.
    """

    id: str
    name: str
    beneficiary: str
    form: SupportForm
    table: str
    combination: Combination = Combination.HIGHEST
    combination_unsaid: bool = dataclasses.field(default=False, compare=False)
    """Whether 同项多行 was left blank, so that nobody said 取高."""
    event_field: str | None = None
    group: str | None = None
    review: str = ""
    sharing: str = ""
    plan: PaymentPlan | None = None
    at: Place | None = dataclasses.field(default=None, compare=False)


# --- same-kind groups -----------------------------------------------------------------------------


class StackingMode(StrEnum):
    """规则 of a same-kind group."""

    HIGHEST = "就高"
    EXCLUSIVE = "互斥"
    """The first granted member in the stated order counts, whatever its amount."""
    ADDITIVE = "可叠加"
    JOINT_CAP = "合计封顶"
    TOP_UP = "补差"
    """The highest counts, less what was received before."""


class AmountComparison(StrEnum):
    """比较: how amounts that are not definite are compared."""

    BY_CEILING = "按上限"
    STRICT = "严格"


class ReceivedTreatment(StrEnum):
    """已享受处理: what an earlier award does."""

    TOP_UP = "补差"
    NO_MORE = "不再享受"


@dataclass(frozen=True, slots=True)
class StackingGroup:
    """同类组: measures of one kind. Its members are the measures that name it."""

    name: str
    mode: StackingMode
    comparison: AmountComparison = AmountComparison.BY_CEILING
    across_beneficiaries: bool = False
    order: tuple[str, ...] = ()
    received_field: str | None = None
    received_treatment: ReceivedTreatment | None = None
    cap: Expression | None = None
    basis: str = ""
    at: Place | None = dataclasses.field(default=None, compare=False)


# --- selections -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quota:
    """名额: a number of places, or a share of ``base`` rounded to whole places."""

    places: int | None = None
    share: Number | None = None
    base: str | None = None
    """The field that holds the base; None: the number of candidates."""
    rounding: Rounding = Rounding()


@dataclass(frozen=True, slots=True)
class ShareConstraint:
    """约束: at least ``share`` of the winners satisfy the condition."""

    condition: Expression
    share: Number


@dataclass(frozen=True, slots=True)
class ByCaseNumber:
    """按编号先后: the case whose number comes first."""


TieBreak: TypeAlias = Expression | ByCaseNumber
"""同分规则: a number, the greatest first, or the numbers of the cases."""


@dataclass(frozen=True, slots=True)
class Tier:
    """One row of 评选: a tier (分档) of a contest over many cases.

    ``constraint`` holds among its own winners (逐档). ``tie_break`` is None where none is stated.
    """

    name: str
    candidate: Expression
    ranking: Expression
    quota: Quota
    constraint: ShareConstraint | None = None
    tie_break: TieBreak | None = None
    award_ceiling: Expression | None = None
    beneficiary: str = ""
    provision: str = ""
    quote: str = ""
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Selection:
    """评选: a contest; its tiers are filled in order, and a winner of one is out of the next.

    ``constraint`` holds among the winners of all tiers together (合计); then no tier has its own.
    """

    name: str
    tiers: tuple[Tier, ...]
    constraint: ShareConstraint | None = None


@dataclass(frozen=True, slots=True)
class BusinessConstraint:
    """业务约束: true of every real case. It validates input and never decides a test."""

    id: str
    condition: Expression
    message: str
    at: Place | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """政策: one document and everything it says. Dates are inclusive; None has no end."""

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
    subjects: tuple[str, ...]
    provisions: tuple[Provision, ...]
    fields: tuple[Field, ...]
    code_lists: tuple[CodeList, ...]
    tables: tuple[DecisionTable, ...]
    measures: tuple[Measure, ...]
    groups: tuple[StackingGroup, ...]
    selections: tuple[Selection, ...]
    constraints: tuple[BusinessConstraint, ...]
