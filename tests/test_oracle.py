"""Hand-computed answers that the oracle itself must give, point by point of docs/semantics.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from engine.cases import Case
from engine.expressions import (
    Arithmetic,
    AtLeast,
    Bracket,
    Brackets,
    Call,
    Comparator,
    Compare,
    Comparison,
    Conditional,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
    Function,
    HasAll,
    InCodeList,
    Inverse,
    Literal,
    Not,
    OneOf,
    Operator,
    Present,
    Satisfies,
    UnaryTest,
    Within,
)
from engine.model import (
    AmountComparison,
    Benefit,
    ByRegulation,
    Ceiling,
    Combination,
    Condition,
    DecisionTable,
    Definite,
    Discretionary,
    Field,
    Grant,
    HitPolicy,
    Measure,
    NonMonetary,
    OutputClause,
    Policy,
    ReceivedTreatment,
    Rule,
    Source,
    Spread,
    StackingGroup,
    StackingMode,
    SupportForm,
    WhenMissing,
)
from engine.types import (
    ChoiceType,
    Code,
    CodeList,
    DateType,
    FieldType,
    MoneyType,
    MultiChoiceType,
    QuantityType,
    RateType,
    YesNoType,
)
from engine.values import Range, Rounding, RoundingMode, Value
from tests.oracle import BEFORE, CAP, INF, Reading, answer

MONEY, YES_NO, PURE, DAY = MoneyType(), YesNoType(), QuantityType(), DateType()
TODAY = date(2023, 10, 1)

FIELDS = (
    Field("甲", YES_NO),
    Field("乙", YES_NO),
    Field("丙", YES_NO),
    Field("投资", MONEY),
    Field("面积", QuantityType("平方米")),
    Field("行业", ChoiceType("行业")),
    Field("资质", MultiChoiceType("行业")),
    Field("荣誉", MultiChoiceType("行业"), when_missing=WhenMissing.FALSE),
    Field("始", DAY),
    Field("末", DAY),
    Field("贡献", YES_NO, source=Source.JUDGED),
    Field("已享受", MONEY),
)
LISTS = (
    CodeList(
        "行业",
        (Code("制造", rank=1), Code("电子", "制造", rank=2), Code("芯片", "电子"), Code("服务")),
    ),
    CodeList("目录", (Code("芯片"), Code("电子", effective=date(2024, 1, 1)))),
    CodeList("待定", (Code("芯片"),), pending=True),
)


def number(value: int | Fraction, kind: FieldType = MONEY) -> Literal:
    return Literal(value, kind)


def is_yes(name: str) -> Expression:
    return Satisfies(name, OneOf((True,)))


def row(name: str, when: Expression | None = None, *then: Expression, **more: Any) -> Rule:
    conditions = () if when is None else (Condition(when, ""),)
    return Rule(name, conditions, tuple(then), **more)


def policy(
    *tables: DecisionTable,
    measures: tuple[Measure, ...] = (),
    groups: tuple[StackingGroup, ...] = (),
    derived: tuple[Field, ...] = (),
    expires: date | None = None,
    rounding: Rounding = Rounding(),
) -> Policy:
    return Policy(
        id="测",
        title="",
        number="",
        issuer="",
        issued=None,
        effective=date(2023, 9, 28),
        expires=expires,
        interpreter="",
        default_stacking="",
        rounding=rounding,
        subjects=("企业", "机构"),
        provisions=(),
        fields=FIELDS + derived,
        code_lists=LISTS,
        tables=tables,
        measures=measures,
        groups=groups,
        selections=(),
        constraints=(),
    )


def case(facts: dict[str, Value | None], on: date = TODAY, subjects: Any = None) -> Case:
    return Case("例", "", on, facts, subjects)


def read(facts: dict[str, Value | None]) -> Reading:
    return Reading(policy(), case(facts))


# --- tests and expressions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "name", "test", "expected"),
    [
        ({}, "行业", OneOf(("制造",)), None),
        ({}, "行业", Not(OneOf(("制造",))), None),
        ({}, "行业", Present(), False),
        ({}, "行业", Present(absent=True), True),
        ({}, "荣誉", Present(), False),
        ({"行业": "芯片"}, "行业", OneOf(("制造",)), True),
        ({"行业": "制造"}, "行业", OneOf(("芯片",)), None),
        ({"行业": "制造"}, "行业", OneOf(("芯片", "制造")), True),
        ({"行业": "服务"}, "行业", OneOf(("芯片",)), False),
        ({"资质": frozenset()}, "资质", OneOf(("芯片",)), False),
        ({"资质": frozenset()}, "资质", HasAll(("芯片",)), False),
        ({"资质": frozenset()}, "资质", Not(OneOf(("芯片",))), True),
        ({}, "荣誉", Not(OneOf(("芯片",))), True),
        ({"资质": frozenset({"服务", "制造"})}, "资质", OneOf(("芯片",)), None),
        ({"资质": frozenset({"芯片", "制造"})}, "资质", OneOf(("芯片",)), True),
        ({"资质": frozenset({"芯片", "服务"})}, "资质", HasAll(("制造", "服务")), True),
        ({"资质": frozenset({"芯片"})}, "资质", HasAll(("制造", "服务")), False),
        ({"行业": "芯片"}, "行业", InCodeList("目录"), True),
        ({"行业": "电子"}, "行业", InCodeList("目录"), False),
        ({"行业": "芯片"}, "行业", InCodeList("待定"), True),
        ({"行业": "服务"}, "行业", InCodeList("待定"), None),
        ({"投资": 5}, "投资", Compare(Comparator.AT_LEAST, number(5)), True),
        ({"投资": 5}, "投资", Compare(Comparator.GREATER, number(5)), False),
        ({"投资": 5}, "投资", Within(number(1), number(5), True, False), False),
        ({"投资": 5}, "投资", Within(number(1), number(5)), True),
    ],
)
def test_a_unary_test(
    facts: dict[str, Value | None], name: str, test: UnaryTest, expected: bool | None
) -> None:
    assert read(facts).truth(Satisfies(name, test)) is expected


YES, NO, OPEN = is_yes("甲"), is_yes("乙"), is_yes("丙")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Conjunction((YES, OPEN)), None),
        (Conjunction((NO, OPEN)), False),
        (Disjunction((YES, OPEN)), True),
        (Disjunction((NO, OPEN)), None),
        (Inverse(OPEN), None),
        (AtLeast(1, (YES, OPEN)), True),
        (AtLeast(2, (YES, OPEN, NO)), None),
        (AtLeast(3, (YES, OPEN, NO)), False),
    ],
)
def test_connectives_are_kleenes(expression: Expression, expected: bool | None) -> None:
    assert read({"甲": True, "乙": False}).truth(expression) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Arithmetic(Operator.MULTIPLY, number(0), FieldRef("投资")), None),
        (Call(Function.MAX, (number(9), FieldRef("投资"))), None),
        (Arithmetic(Operator.DIVIDE, number(9), number(0, PURE)), None),
        (Arithmetic(Operator.DIVIDE, number(1), number(3, PURE)), Fraction(1, 3)),
        (Call(Function.EVERY_FULL, (number(29), number(10))), 2),
        (Call(Function.EVERY_FULL, (number(-1), number(10))), -1),
        (Call(Function.ROUND, (number(-25), number(10))), -30),
        (Call(Function.ROUND_DOWN, (number(-29), number(10))), -20),
        (Call(Function.ROUND_UP, (number(21), number(10))), 30),
        (Conditional(is_yes("丙"), number(3), number(3)), 3),
        (Conditional(is_yes("丙"), number(3), number(4)), None),
        (Conditional(is_yes("甲"), number(3), FieldRef("投资")), 3),
        (
            Brackets(
                number(250),
                (Bracket(0, 100, Fraction(1, 10)), Bracket(100, None, Fraction(1, 5))),
            ),
            40,
        ),
    ],
)
def test_an_expression(expression: Expression, expected: Fraction | None) -> None:
    value = read({"甲": True}).value(expression)
    assert (value if value is None else getattr(value, "low", value)) == expected


@pytest.mark.parametrize(
    ("start", "end", "months", "years"),
    [
        (date(2023, 1, 31), date(2023, 2, 28), 1, 0),
        (date(2023, 1, 31), date(2023, 2, 27), 0, 0),
        (date(2023, 2, 28), date(2024, 2, 28), 12, 1),
        (date(2024, 2, 29), date(2025, 2, 28), 12, 1),
        (date(2024, 2, 28), date(2023, 2, 1), -12, -1),
        (date(2023, 10, 1), date(2023, 8, 1), -2, 0),
    ],
)
def test_whole_periods(start: date, end: date, months: int, years: int) -> None:
    reading = read({"始": start, "末": end})
    for function, expected in ((Function.MONTHS, months), (Function.YEARS, years)):
        value = reading.value(Call(function, (FieldRef("始"), FieldRef("末"))))
        assert getattr(value, "low", None) == expected


# --- tables ---------------------------------------------------------------------------------------


def derived(
    hit_policy: HitPolicy,
    rows: list[tuple[str, Value]],
    facts: dict[str, Value | None],
    kind: FieldType = MONEY,
    default: Value | None = None,
) -> object:
    """Derive a field from rows ``(condition field, conclusion)``."""
    table = DecisionTable(
        "表",
        hit_policy,
        (),
        (OutputClause("结果", None if default is None else Literal(default, kind)),),
        tuple(
            row(f"R{at}", is_yes(name), Literal(value, kind))
            for at, (name, value) in enumerate(rows)
        ),
    )
    whole = policy(table, derived=(Field("结果", kind, source=Source.DERIVED),))
    return answer(whole, case(facts))["derived"]["结果"]


FACTS: dict[str, Value | None] = {"甲": True, "乙": False}
CODES = ChoiceType("行业")
SETS = MultiChoiceType("行业")


@pytest.mark.parametrize(
    ("hit_policy", "rows", "expected"),
    [
        (HitPolicy.UNIQUE, [("甲", 1), ("丙", 2)], 1),
        (HitPolicy.UNIQUE, [("甲", 1), ("甲", 1)], None),
        (HitPolicy.UNIQUE, [("乙", 1), ("丙", 2)], None),
        (HitPolicy.UNIQUE, [("乙", 1)], 7),
        (HitPolicy.FIRST, [("丙", 1), ("甲", 2)], None),
        (HitPolicy.FIRST, [("丙", 2), ("甲", 2)], 2),
        (HitPolicy.FIRST, [("甲", 1), ("丙", 2), ("甲", 3)], 1),
        (HitPolicy.ANY, [("甲", 1), ("甲", 1), ("丙", 1)], 1),
        (HitPolicy.ANY, [("甲", 1), ("丙", 2)], None),
        (HitPolicy.ANY, [("甲", 1), ("甲", 2)], None),
        (HitPolicy.COUNT, [("甲", 1), ("甲", 1), ("丙", 1), ("乙", 1)], (2, 3)),
        (HitPolicy.COUNT, [("乙", 1)], 0),
        (HitPolicy.SUM, [("甲", 5), ("丙", 3), ("丙", -1)], (4, 8)),
        (HitPolicy.SUM, [("乙", 5)], 0),
        (HitPolicy.MIN, [("甲", 5), ("丙", 3)], (3, 5)),
        (HitPolicy.MAX, [("甲", 5), ("丙", 3)], 5),
        (HitPolicy.MAX, [("丙", 3)], None),
        (HitPolicy.MAX, [("乙", 3)], 7),
    ],
)
def test_a_hit_policy(hit_policy: HitPolicy, rows: list[tuple[str, Value]], expected: Any) -> None:
    assert derived(hit_policy, rows, FACTS, default=7) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("甲", "电子"), ("甲", "制造")], "制造"),
        ([("甲", "电子"), ("丙", "制造")], None),
        ([("甲", "制造"), ("丙", "电子")], "制造"),
    ],
)
def test_priority_follows_the_order_of_the_code_list(
    rows: list[tuple[str, Value]], expected: str | None
) -> None:
    assert derived(HitPolicy.PRIORITY, rows, FACTS, CODES) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("甲", frozenset({"电子"})), ("甲", frozenset({"服务"}))], {"电子", "服务"}),
        ([("甲", frozenset({"电子"})), ("丙", frozenset({"电子"}))], {"电子"}),
        ([("甲", frozenset({"电子"})), ("丙", frozenset({"服务"}))], None),
    ],
)
def test_collecting_codes(rows: list[tuple[str, Value]], expected: set[str] | None) -> None:
    assert derived(HitPolicy.COLLECT, rows, FACTS, SETS) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"甲": True, "乙": False, "丙": False}, 1),
        ({"甲": True, "乙": True, "丙": False}, 2),
        ({"甲": True, "乙": True, "丙": True}, 3),
        ({"甲": True, "乙": None, "丙": False}, None),
        ({"甲": False, "乙": False, "丙": None}, None),
    ],
)
def test_exceptions_and_their_exceptions(
    facts: dict[str, Value | None], expected: int | None
) -> None:
    table = DecisionTable(
        "表",
        HitPolicy.UNIQUE,
        (),
        (OutputClause("结果"),),
        (
            row("一般", is_yes("甲"), number(1)),
            row("例外", is_yes("乙"), number(2), overrides=("一般",)),
            row("复归", is_yes("丙"), number(3), overrides=("例外", "一般")),
        ),
    )
    whole = policy(table, derived=(Field("结果", MONEY, source=Source.DERIVED),))
    assert answer(whole, case(facts))["derived"]["结果"] == expected


def test_the_order_of_tables_never_matters() -> None:
    names = ["一", "二", "三"]
    before = "甲"
    tables = []
    for name in names:
        clause = OutputClause(name, Literal(False, YES_NO))
        then = row(f"R{name}", is_yes(before), Literal(True, YES_NO))
        tables.append(DecisionTable(f"表{name}", HitPolicy.UNIQUE, (), (clause,), (then,)))
        before = name
    fields = tuple(Field(name, YES_NO, source=Source.DERIVED) for name in names)
    for order in (tables, tables[::-1]):
        found = answer(policy(*order, derived=fields), case({"甲": True}))["derived"]
        assert found == dict.fromkeys(names, True)


# --- measures -------------------------------------------------------------------------------------


def grants(
    rows: Sequence[tuple[Expression | None, Benefit]],
    facts: dict[str, Value | None],
    hit_policy: HitPolicy = HitPolicy.COLLECT,
    *,
    on: date = TODAY,
    subjects: Any = None,
    floor: Expression | None = None,
    caps: tuple[Expression, ...] = (),
    rounding: Rounding = Rounding(),
    **more: Any,
) -> dict[str, Any]:
    """The oracle's answer for one measure with these rows."""
    table = DecisionTable(
        "措施",
        hit_policy,
        (),
        (),
        tuple(
            row(f"R{at}", when, grant=Grant("M1", benefit, floor, caps))
            for at, (when, benefit) in enumerate(rows)
        ),
    )
    measure = Measure("M1", "", "企业", SupportForm.AWARD, "措施", **more)
    whole = policy(table, measures=(measure,), expires=date(2024, 12, 31), rounding=rounding)
    found: dict[str, Any] = answer(whole, case(facts, on, subjects))["measures"]["M1"]
    return found


def definite(value: int) -> Benefit:
    return Definite(number(value))


@pytest.mark.parametrize(
    ("benefit", "amount"),
    [
        (definite(50), (50, 50, "definite")),
        (definite(-50), (0, 0, "definite")),
        (Ceiling(number(50)), (0, 50, "ceiling")),
        (Spread(number(5), number(20)), (5, 20, "interval")),
        (ByRegulation(), (None, None, "by_regulation")),
        (NonMonetary(), (None, None, "none")),
    ],
)
def test_what_a_true_row_gives(benefit: Benefit, amount: Any) -> None:
    found = grants([(is_yes("甲"), benefit)], FACTS)
    assert (found["verdict"], found["amount"]) == ("granted", amount)


def test_floor_then_caps_then_rounding() -> None:
    found = grants(
        [(None, definite(10))],
        {},
        floor=number(199),
        caps=(number(500), number(155)),
        rounding=Rounding(10, RoundingMode.HALF_UP),
    )
    assert found["amount"] == (160, 160, "definite")


def test_what_is_missing_and_what_remains_possible() -> None:
    rate = Literal(Fraction(1, 100), RateType())
    share = Definite(Arithmetic(Operator.MULTIPLY, FieldRef("投资"), rate))
    found = grants([(is_yes("甲"), share)], FACTS, caps=(number(200),))
    assert (found["verdict"], found["missing"]) == ("undetermined", {"投资"})
    assert found["amount"] == (0, 200, "interval")
    unbounded = grants([(is_yes("丙"), share)], {"投资": None})
    assert (unbounded["missing"], unbounded["amount"]) == ({"丙"}, (0, INF, "interval"))


def test_a_blank_judgement_refers_and_a_blank_fact_beside_it_does_not() -> None:
    when = Conjunction((is_yes("贡献"), is_yes("丙")))
    alone = grants([(when, definite(9))], {"丙": True})
    assert (alone["verdict"], alone["missing"]) == ("referred", {"贡献"})
    assert alone["amount"] == (9, 9, "definite")
    both = grants([(when, definite(9))], {})
    assert (both["verdict"], both["missing"]) == ("undetermined", {"贡献", "丙"})
    refused = grants([(when, definite(9))], {"丙": False})
    assert refused["verdict"] == "refused"


def test_case_by_case_is_referred_with_its_ceiling() -> None:
    found = grants([(None, Discretionary(number(300)))], {})
    assert (found["verdict"], found["amount"]) == ("referred", (0, 300, "discretionary"))
    assert grants([(None, Discretionary())], {})["amount"] == (0, INF, "discretionary")


@pytest.mark.parametrize(
    ("on", "subjects", "event", "verdict"),
    [
        (date(2023, 9, 27), None, TODAY, "not_applicable"),
        (date(2023, 9, 28), None, TODAY, "granted"),
        (date(2024, 12, 31), None, TODAY, "granted"),
        (date(2025, 1, 1), None, TODAY, "not_applicable"),
        (TODAY, frozenset({"机构"}), TODAY, "not_applicable"),
        (TODAY, frozenset({"企业"}), TODAY, "granted"),
        (TODAY, None, date(2023, 9, 27), "not_applicable"),
        (TODAY, None, None, "undetermined"),
    ],
)
def test_where_a_measure_applies(on: date, subjects: Any, event: date | None, verdict: str) -> None:
    found = grants([(None, definite(1))], {"末": event}, on=on, subjects=subjects, event_field="末")
    assert found["verdict"] == verdict
    assert found["missing"] == ({"末"} if verdict == "undetermined" else frozenset())


@pytest.mark.parametrize(
    ("hit_policy", "combination", "rows", "verdict", "ends"),
    [
        (HitPolicy.COLLECT, Combination.SUM, [("甲", 5), ("甲", 3)], "granted", (8, 8)),
        (HitPolicy.COLLECT, Combination.HIGHEST, [("甲", 5), ("甲", 3)], "granted", (5, 5)),
        (HitPolicy.COLLECT, Combination.HIGHEST, [("甲", 5), ("丙", 3)], "granted", (5, 5)),
        (HitPolicy.COLLECT, Combination.HIGHEST, [("甲", 5), ("丙", 9)], "undetermined", (0, 9)),
        (HitPolicy.COLLECT, Combination.SUM, [("甲", 5), ("丙", 3)], "undetermined", (0, 8)),
        (HitPolicy.UNIQUE, Combination.HIGHEST, [("甲", 5), ("丙", 9)], "granted", (5, 5)),
        (HitPolicy.FIRST, Combination.HIGHEST, [("甲", 5), ("丙", 9)], "granted", (5, 5)),
        (HitPolicy.FIRST, Combination.HIGHEST, [("丙", 5), ("甲", 9)], "undetermined", (0, 9)),
        (HitPolicy.FIRST, Combination.HIGHEST, [("乙", 5), ("甲", 9)], "granted", (9, 9)),
        (HitPolicy.ANY, Combination.HIGHEST, [("甲", 5), ("甲", 5)], "granted", (5, 5)),
        (HitPolicy.ANY, Combination.HIGHEST, [("乙", 5), ("乙", 9)], "refused", None),
    ],
)
def test_several_rows_of_one_measure(
    hit_policy: HitPolicy,
    combination: Combination,
    rows: list[tuple[str, int]],
    verdict: str,
    ends: tuple[int, int] | None,
) -> None:
    made = [(is_yes(name), definite(value)) for name, value in rows]
    found = grants(made, FACTS, hit_policy, combination=combination)
    assert found["verdict"] == verdict
    assert (found["amount"] and found["amount"][:2]) == ends


@pytest.mark.parametrize("hit_policy", [HitPolicy.UNIQUE, HitPolicy.ANY])
def test_rows_that_contradict_each_other(hit_policy: HitPolicy) -> None:
    rows = [(is_yes("甲"), definite(5)), (is_yes("甲"), definite(9))]
    assert grants(rows, FACTS, hit_policy)["verdict"] == "conflict"


def test_a_range_decides_what_it_can() -> None:
    table = DecisionTable(
        "计数",
        HitPolicy.COUNT,
        (),
        (OutputClause("项数"),),
        tuple(row(f"C{n}", is_yes(n), number(1, PURE)) for n in ("甲", "乙", "丙")),
    )
    gift = DecisionTable(
        "措施",
        HitPolicy.COLLECT,
        (),
        (),
        tuple(
            row(
                f"R{at}",
                Satisfies("项数", Compare(Comparator.AT_LEAST, number(at, PURE))),
                grant=Grant(f"M{at}", Definite(number(at))),
            )
            for at in (1, 2, 3)
        ),
    )
    measures = tuple(Measure(f"M{n}", "", "企业", SupportForm.AWARD, "措施") for n in (1, 2, 3))
    fields = (Field("项数", PURE, source=Source.DERIVED),)
    found = answer(policy(table, gift, measures=measures, derived=fields), case(FACTS))["measures"]
    assert [found[f"M{n}"]["verdict"] for n in (1, 2, 3)] == ["granted", "undetermined", "refused"]
    assert found["M2"]["missing"] == {"丙"}


# --- groups and totals ----------------------------------------------------------------------------


def settled(
    benefits: list[Benefit],
    mode: StackingMode,
    facts: dict[str, Value | None] | None = None,
    **more: Any,
) -> dict[str, dict[str, Any]]:
    """The answer for measures M0, M1 … of one group, all true."""
    table = DecisionTable(
        "措施",
        HitPolicy.COLLECT,
        (),
        (),
        tuple(row(f"R{n}", None, grant=Grant(f"M{n}", b)) for n, b in enumerate(benefits)),
    )
    measures = tuple(
        Measure(f"M{n}", "", "企业", SupportForm.AWARD, "措施", group="组")
        for n in range(len(benefits))
    )
    group = StackingGroup("组", mode, **more)
    return answer(policy(table, measures=measures, groups=(group,)), case(facts or {}))


def shown(found: dict[str, dict[str, Any]]) -> list[tuple[str, object, object]]:
    """Verdict, high end and displacing measure of each."""
    return [(m["verdict"], m["amount"][1], m["by"]) for m in found["measures"].values()]


def test_the_highest_stands() -> None:
    found = settled([definite(5), Ceiling(number(9)), NonMonetary()], StackingMode.HIGHEST)
    assert shown(found) == [("displaced", 5, "M1"), ("granted", 9, None), ("granted", None, None)]
    assert found["totals"]["企业"] == (0, 9, 0, 1, 0)


def test_strict_comparison_leaves_open_what_it_cannot_compare() -> None:
    strict = AmountComparison.STRICT
    members: list[Benefit] = [definite(5), Ceiling(number(9)), definite(4)]
    found = settled(members, StackingMode.HIGHEST, comparison=strict)
    assert shown(found) == [
        ("undecided", 9, None),
        ("undecided", 9, None),
        ("displaced", 4, "M0"),
    ]
    clear = settled([definite(9), Ceiling(number(9))], StackingMode.HIGHEST, comparison=strict)
    assert shown(clear) == [("granted", 9, None), ("displaced", 9, "M0")]


def test_the_first_in_the_stated_order_stands() -> None:
    found = settled([definite(5), definite(9)], StackingMode.EXCLUSIVE, order=("M0",))
    assert shown(found) == [("granted", 5, None), ("displaced", 9, "M0")]


def test_a_joint_cap_is_used_up_in_order() -> None:
    members = [definite(5), definite(9), definite(2)]
    found = settled(members, StackingMode.JOINT_CAP, cap=number(10), order=("M1",))
    assert shown(found) == [("granted", 1, None), ("granted", 9, None), ("displaced", 2, "M0")]
    assert found["totals"][""][:2] == (10, 10)


@pytest.mark.parametrize(
    ("cap", "expected"),
    [
        (Fraction(23, 2), [("granted", 9, None), ("granted", 3, None)]),
        (0, [("displaced", 9, CAP), ("displaced", 5, CAP)]),
        (None, [("undetermined", 9, None), ("undetermined", 5, None)]),
    ],
)
def test_a_joint_cap_is_rounded_may_be_nothing_or_missing(cap: Any, expected: Any) -> None:
    limit = FieldRef("投资") if cap is None else number(cap)
    found = settled([definite(9), definite(5)], StackingMode.JOINT_CAP, cap=limit)
    assert shown(found) == expected
    assert found["totals"][""][4] == (14 if cap is None else 0)
    asked = {"投资"} if cap is None else set()
    assert [m["missing"] for m in found["measures"].values()] == [asked, asked]


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (4, [("granted", 5, None), ("displaced", 3, "M0")]),
        (20, [("granted", 0, None), ("displaced", 3, "M0")]),
        (None, [("undetermined", 9, None), ("displaced", 3, "M0")]),
    ],
)
def test_what_was_received_is_taken_off(received: int | None, expected: Any) -> None:
    found = settled(
        [definite(9), definite(3)],
        StackingMode.TOP_UP,
        {"已享受": received},
        received_field="已享受",
        received_treatment=ReceivedTreatment.TOP_UP,
    )
    assert shown(found) == expected


def test_no_more_after_an_earlier_award() -> None:
    more = {"received_field": "已享受", "received_treatment": ReceivedTreatment.NO_MORE}
    found = settled([definite(9)], StackingMode.ADDITIVE, {"已享受": 1}, **more)
    assert shown(found) == [("displaced", 9, BEFORE)]
    assert shown(settled([definite(9)], StackingMode.ADDITIVE, {"已享受": 0}, **more)) == [
        ("granted", 9, None)
    ]


def test_the_stake_is_what_the_total_could_rise_by() -> None:
    table = DecisionTable(
        "措施",
        HitPolicy.COLLECT,
        (),
        (),
        (
            row("R0", None, grant=Grant("M0", definite(5))),
            row("R1", is_yes("丙"), grant=Grant("M1", definite(9))),
            row("R2", is_yes("贡献"), grant=Grant("M2", definite(7))),
        ),
    )
    measures = tuple(Measure(f"M{n}", "", "企业", SupportForm.AWARD, "措施") for n in range(3))
    grouped = tuple(replace(m, group="组") if m.id != "M2" else m for m in measures)
    group = StackingGroup("组", StackingMode.HIGHEST)
    found = answer(policy(table, measures=grouped, groups=(group,)), case({}))
    assert found["totals"]["企业"] == (5, 5, 0, 0, 4 + 7)


def test_a_derived_range_is_not_a_value_to_compare_with_itself() -> None:
    span = Literal(Range(1, 3), MONEY)
    reading = read({})
    assert reading.truth(Comparison(Comparator.EQUAL, span, span)) is None
    assert reading.truth(Comparison(Comparator.LESS, span, number(4))) is True
    assert reading.truth(Comparison(Comparator.EQUAL, span, number(4))) is False
