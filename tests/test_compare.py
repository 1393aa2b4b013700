"""Two versions of a policy: what they say differently, whose money that changes, and the page."""

from __future__ import annotations

import gc
import io
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

import authoring.pages.compare
from authoring.cases import known_of, read_case_book, read_case_list
from authoring.cases.sheet import MOST_CASES
from authoring.compare_books import Kind, differences
from authoring.compare_cases import Pairing, Side, pair_files, pair_up
from authoring.messages import text
from authoring.money import phrase_sum
from authoring.projects import row_errors
from authoring.render_compare import (
    render_cases,
    render_changes,
    render_unwelcome,
    sum_up,
)
from authoring.render_pair import Sides, render_money, render_proofs
from authoring.understand import Understanding, read_book, understand
from authoring.workbook import read_sheets
from engine.cases import Case, GoldenCase
from engine.compare import (
    Aside,
    CaseChange,
    CaseResult,
    Comparison,
    Turn,
    carry,
    compare,
    compare_case,
    from_new,
)
from engine.constraints import Watch, watch
from engine.explain import explain
from engine.expressions import (
    Arithmetic,
    FieldRef,
    Literal,
    Not,
    OneOf,
    Operator,
    Satisfies,
    UnaryTest,
)
from engine.fingerprint import fingerprint
from engine.model import Combination, Field, HitPolicy, Policy, Source, Uplift
from engine.portfolio import Money
from engine.simulate import Engine, build, simulate
from engine.tightness import Shift
from engine.types import (
    ChoiceType,
    ExchangeRateType,
    FieldType,
    MoneyType,
    QuantityType,
    RateType,
    UnitPriceType,
)
from engine.values import INFINITY
from tests.books import Content, make_book
from tests.pages import button, finish, open_at, shown, upload
from tests.sample_book import edited, read, sheets

CAP = "措施!I4"
RATE = "措施!H4"
HOSTILE = "<img src=x onerror=alert(1)>"


def policy_of(understanding: Understanding) -> Policy:
    assert understanding.policy is not None, understanding.findings
    return understanding.policy


def version(edits: Mapping[str, Content]) -> Policy:
    return policy_of(read(edited(edits)))


@contextmanager
def engines(*policies: Policy) -> Iterator[list[Engine]]:
    with ExitStack() as stack:
        yield [stack.enter_context(closing(build(each, "python"))) for each in policies]


def case(**facts: object) -> Case:
    known = {"总投资": 2_000_000_000_00, "行业": "制造业", "实缴资金": 100_000_000_00}
    return Case("1", "甲", date(2024, 1, 1), {**known, "开工日期": date(2023, 5, 1), **facts})


# --- what is said differently ---------------------------------------------------------------------


def test_the_same_policy_says_the_same() -> None:
    assert differences(version({}), version({})) == ()


def test_a_changed_cell_is_told_with_its_place() -> None:
    (found,) = differences(version({}), version({CAP: "300万元"}))
    assert (found.kind, found.row, found.heading) == (Kind.CHANGED, "措-1", "最高限额")
    assert (found.before, found.after) == ("200万元", "300万元")
    assert str(found.at) == CAP


def test_a_condition_that_goes_and_one_that_comes() -> None:
    spoken = version({"推导!C4": "—"})
    (gone,) = differences(version({}), spoken)
    assert (gone.kind, gone.row, gone.before) == (Kind.REMOVED, "重-1", "制造业")
    assert str(gone.at) == "推导!C4"
    (come,) = differences(spoken, version({}))
    assert (come.kind, come.after) == (Kind.ADDED, "制造业")


def test_a_new_row_is_one_difference() -> None:
    book = sheets()
    book["推导"].append(["重-3", "≥80000", "服务业", "是", "", "是"])
    new = policy_of(read(book))
    (found,) = differences(version({}), new)
    assert (found.kind, found.row, found.heading) == (Kind.ADDED, "重-3", "")
    assert "服务业" in found.after
    (lost,) = differences(new, version({}))
    assert (lost.kind, lost.row) == (Kind.REMOVED, "重-3")


def test_another_order_of_rules_is_told() -> None:
    book = sheets()
    rows = book["推导"]
    rows[3], rows[4] = rows[4], rows[3]
    (found,) = differences(version({}), policy_of(read(book)))
    assert (found.kind, found.before, found.after) == (Kind.MOVED, "重-1、重-2", "重-2、重-1")


@pytest.mark.parametrize(
    ("cell", "content", "shift"),
    [
        ("推导!B4", "≥8000", Shift.LOOSER),
        ("推导!B4", "≥20000", Shift.TIGHTER),
        ("推导!B4", ">10000", Shift.TIGHTER),
        ("推导!B4", "[10000,20000]", Shift.TIGHTER),
        ("推导!B4", "≤10000", None),
        ("推导!B4", "—", Shift.LOOSER),
        ("推导!C4", "制造业、服务业", Shift.LOOSER),
        ("推导!C4", "集成电路", Shift.TIGHTER),
        ("推导!C4", "服务业", None),
        (CAP, "300万元", Shift.HIGHER),
        (CAP, "100万元", Shift.LOWER),
        (RATE, "实缴资金的6‰", Shift.HIGHER),
        (RATE, "总投资的6‰", None),
        (RATE, "最高60万元", None),
    ],
)
def test_which_way_a_change_goes(cell: str, content: str, shift: Shift | None) -> None:
    found = differences(version({}), version({cell: content}))
    assert [each.shift for each in found] == [shift]
    back = differences(version({cell: content}), version({}))
    opposite = {
        Shift.LOOSER: Shift.TIGHTER,
        Shift.TIGHTER: Shift.LOOSER,
        Shift.HIGHER: Shift.LOWER,
        Shift.LOWER: Shift.HIGHER,
        None: None,
    }
    assert [each.shift for each in back] == [opposite[shift]]


@pytest.mark.parametrize(("pending", "told"), [(True, None), (False, Shift.LOOSER)])
def test_a_list_still_to_come_admits_codes_that_no_test_names(
    pending: bool, told: Shift | None
) -> None:
    """非（服务业） also lets through what is not listed yet; naming every code does not."""

    def asking(test: UnaryTest) -> Policy:
        policy = version({})
        (codes,) = {
            field.type.code_list
            for field in policy.fields
            if field.name == "行业" and isinstance(field.type, ChoiceType)
        }
        lists = (
            replace(each, pending=pending) if each.name == codes else each
            for each in policy.code_lists
        )
        tables = (
            replace(
                table,
                rules=tuple(
                    replace(
                        rule,
                        conditions=tuple(
                            replace(each, expression=Satisfies("行业", test))
                            if isinstance(each.expression, Satisfies)
                            and each.expression.field == "行业"
                            else each
                            for each in rule.conditions
                        ),
                    )
                    for rule in table.rules
                ),
            )
            for table in policy.tables
        )
        return replace(policy, code_lists=tuple(lists), tables=tuple(tables))

    every = tuple(
        code.value
        for each in version({}).code_lists
        if "服务业" in {code.value for code in each.codes}
        for code in each.codes
    )
    found = differences(asking(Not(OneOf(("服务业",)))), asking(OneOf(every)))
    assert {each.shift for each in found} == {told}


@pytest.mark.parametrize(
    ("minimum", "derived", "told"),
    [
        (Fraction(0), False, Shift.HIGHER),
        (None, False, None),
        (Fraction(-1), False, None),
        (Fraction(0), True, None),
    ],
)
def test_an_uplift_by_a_share_of_what_may_be_negative_is_neither_higher_nor_lower(
    minimum: Fraction | None, derived: bool, told: Shift | None
) -> None:
    """With a growth of -20%, more of it is less."""
    policy = uncased({})
    source = Source.DERIVED_OR_REPORTED if derived else Source.REPORTED
    growth = Field("增长率", RateType(), unit="%", minimum=minimum, source=source)
    policy = replace(policy, fields=(*policy.fields, growth))

    def rising(share: Fraction) -> Policy:
        rate = Arithmetic(Operator.MULTIPLY, FieldRef("增长率"), Literal(share, RateType()))
        return replace(
            policy,
            tables=tuple(
                replace(
                    table,
                    rules=tuple(
                        replace(rule, grant=replace(rule.grant, uplift=Uplift(rate, True)))
                        if rule.grant is not None and rule.grant.measure == "M1"
                        else rule
                        for rule in table.rules
                    ),
                )
                for table in policy.tables
            ),
        )

    old, new = rising(Fraction(1, 2)), rising(Fraction(3, 5))
    (found,) = differences(old, new)
    assert found.shift is told
    falling = case(增长率=Fraction(-1, 5), 已享受金额=0, 表现突出=False)
    assert changed(old, new, falling).change.turn is Turn.LESS


def test_saying_what_a_blank_means_is_no_change() -> None:
    """T336 asks to write 取高 where 同项多行 is blank; the rules stay what they are."""
    unsaid = version({})

    def saying(said: Combination) -> Policy:
        measures = (
            replace(each, combination=said, combination_unsaid=False) for each in unsaid.measures
        )
        return replace(unsaid, measures=tuple(measures))

    highest, total = saying(Combination.HIGHEST), saying(Combination.SUM)
    assert fingerprint(highest) == fingerprint(unsaid)
    assert differences(unsaid, highest) == differences(highest, unsaid) == ()
    assert {(each.before, each.after) for each in differences(highest, total)} == {("取高", "求和")}
    assert {(each.before, each.after) for each in differences(total, highest)} == {("求和", "取高")}
    assert {(each.before, each.after) for each in differences(unsaid, total)} == {("", "求和")}
    assert {(each.before, each.after) for each in differences(total, unsaid)} == {("求和", "")}


def test_nothing_said_becomes_markup() -> None:
    found = differences(version({}), version({"政策!B3": HOSTILE}))
    assert found
    assert "<img" not in render_changes(found)


# --- whose money ----------------------------------------------------------------------------------


def test_a_higher_cap_gives_more() -> None:
    old, new = version({}), version({CAP: "300万元"})
    with engines(old, new) as (before, after):
        results = [
            compare_case(before, after, from_new(each, old, new))
            for each in (case(实缴资金=500_000_000_00), case(实缴资金=100_000_000_00))
        ]
    rich, poor = (each.change for each in results)
    assert rich.turn is Turn.MORE
    assert (rich.before.certain, rich.after.certain) == (2_000_000_00, 2_500_000_00)
    (measure,) = rich.measures
    assert (measure.before, measure.after) == ("可享受 200万元", "可享受 250万元")
    assert poor.turn is Turn.SAME
    total = compare(old, new, results)
    assert total.after.certain - total.before.certain == 500_000_00
    (changed,) = [each for each in total.measures if each.changed]
    assert (changed.measure, changed.granted_before, changed.granted_after) == ("M1", 2, 2)
    told = sum_up(total, 1)
    assert "多支出 50万元" in told
    assert "**1** 个受益增加，**0** 个减少" in told


def test_less_is_less_the_other_way_round() -> None:
    old, new = version({CAP: "300万元"}), version({})
    with engines(old, new) as (before, after):
        change = compare_case(
            before, after, from_new(case(实缴资金=500_000_000_00), old, new)
        ).change
    assert change.turn is Turn.LESS


def test_a_floor_that_falls_and_a_ceiling_that_rises_is_mixed() -> None:
    old, new = version({}), version({RATE: "最高300万元", CAP: "—"})
    with engines(old, new) as (before, after):
        change = compare_case(before, after, from_new(case(), old, new)).change
    assert change.turn is Turn.MIXED
    assert (change.before.low, change.after.low) == (500_000_00, 0)


def test_a_verdict_that_changes_without_money_is_told() -> None:
    old, new = version({}), version({"措施!B4": "—"})
    nothing = case(总投资=0, 实缴资金=0)
    with engines(old, new) as (before, after):
        change = compare_case(before, after, from_new(nothing, old, new)).change
    assert change.turn is Turn.VERDICTS
    assert [each.measure for each in change.measures] == ["M1"]


def test_a_measure_that_only_one_version_has() -> None:
    old = version({})
    tables = tuple(
        replace(
            table,
            rules=tuple(
                rule for rule in table.rules if rule.grant is None or rule.grant.measure != "M2"
            ),
        )
        for table in old.tables
    )
    new = replace(
        old, tables=tables, measures=tuple(each for each in old.measures if each.id != "M2")
    )
    winner = case(称号=frozenset({"世界500强"}), 总投资=0)
    with engines(old, new) as (before, after):
        change = compare_case(before, after, from_new(winner, old, new)).change
    (measure,) = change.measures
    assert (measure.measure, measure.after) == ("M2", "—")
    assert change.turn is Turn.LESS


STRICTER = {"措施!C4": "职工人数 >= 10"}
JUDGED = {"措施!C4": "表现突出 = 是"}


@pytest.mark.parametrize(("edits", "missing"), [(STRICTER, ("职工人数",)), (JUDGED, ("表现突出",))])
@pytest.mark.parametrize("turned", [False, True])
def test_what_is_merely_unknown_is_neither_a_saving_nor_a_loss(
    edits: Mapping[str, Content], missing: tuple[str, ...], turned: bool
) -> None:
    old, new = version({}), version(edits)
    if turned:
        old, new = new, old
    given = case(称号=frozenset()) if edits is JUDGED else case(表现突出=False, 称号=frozenset())
    settled = replace(given, facts={**given.facts, "实缴资金": 0, "职工人数": 20, "表现突出": True})
    with engines(old, new) as (before, after):
        result = compare_case(before, after, from_new(given, old, new))
        known = compare_case(before, after, from_new(settled, old, new))
    assert (result.change.turn, result.change.missing) == (Turn.OPEN, missing)
    assert known.change.turn is not Turn.OPEN
    alone = compare(old, new, [result])
    assert alone.before == alone.after == Money()
    assert not any(each.changed for each in alone.measures)
    told = sum_up(alone, 1)
    assert "支出增减**还不能确定**" in told
    assert "**0** 个受益增加，**0** 个减少" in told
    assert "**1** 个未定" in told
    assert f"未定，还缺 {missing[0]}" in render_cases(alone.cases)
    both = compare(old, new, [result, known])
    assert (both.before, both.after) == (known.change.before, known.change.after)
    assert "**1** 个未定" in sum_up(both, 1)


@pytest.mark.parametrize("turned", [False, True])
def test_a_group_that_cannot_be_compared_is_open(turned: bool) -> None:
    old, new = version({}), version({"同类组!D2": "严格"})
    given = case(表现突出=True, 实缴资金=10_000_000_00)
    if turned:
        old, new = new, old
    with engines(old, new) as (before, after):
        result = compare_case(before, after, from_new(given, old, new))
    assert "同类未决" in {
        spelled for each in result.change.measures for spelled in (each.before, each.after)
    }
    assert (result.change.turn, result.change.missing) == (Turn.OPEN, ())
    assert "？ 未定<" in render_cases([result.change])
    told = sum_up(compare(old, new, [result]), 1)
    assert "支出增减**还不能确定**" in told
    assert "0** 个受益增加，**0** 个减少" in told


def test_more_at_stake_is_open_though_the_verdict_reads_the_same() -> None:
    old, new = version(STRICTER), version({**STRICTER, CAP: "300万元"})
    given = case(实缴资金=500_000_000_00, 表现突出=False, 称号=frozenset())
    with engines(old, new) as (before, after):
        change = compare_case(before, after, from_new(given, old, new)).change
    assert change.turn is Turn.OPEN
    assert change.missing == ("职工人数",)
    (measure,) = change.measures
    assert measure.before == "待补充 职工人数 最高200万元"
    assert measure.after == "待补充 职工人数 最高250万元"


def test_unbounded_money_is_not_subtracted() -> None:
    endless = Money(0, INFINITY, 0)
    assert (endless + Money(1, 2, 1)).high == INFINITY
    unbounded = CaseChange(case(), endless, endless, Turn.SAME, ())
    told = sum_up(Comparison((unbounded,), (), endless, endless), 0)
    assert "不封顶" in told


def test_a_definite_amount_that_becomes_a_ceiling_is_no_less_at_most() -> None:
    old, new = version({}), version({RATE: "最高50万元", CAP: "—"})
    with engines(old, new) as (before, after):
        result = compare_case(before, after, from_new(case(), old, new))
    assert (result.change.before, result.change.after) == (
        Money(500_000_00, 500_000_00, 500_000_00),
        Money(0, 500_000_00, 0),
    )
    told = sum_up(compare(old, new, [result]), 1)
    assert told.startswith("确定要支出的金额**减少 50万元**（－100.0%）；按最高计不变；")
    back = sum_up(Comparison((result.change,), (), result.change.after, result.change.before), 1)
    assert back.startswith("确定要支出的金额**增加 50万元**；按最高计不变；")


# --- what is open beside what is certain ----------------------------------------------------------


def alone(edits: Mapping[str, Content]) -> Policy:
    """The sample without its group."""
    book = edited({"措施!J4": None, "措施!J5": None, **edits})
    del book["同类组"]
    return policy_of(read(book))


def changed(old: Policy, new: Policy, given: Case) -> CaseResult:
    with engines(old, new) as (before, after):
        return compare_case(before, after, from_new(given, old, new))


OPENED = {"措施!C5": "表现突出 = 是 且 职工人数 >= 10"}


@pytest.mark.parametrize("turned", [False, True])
def test_what_is_open_and_rests_on_something_changed_is_not_the_same(turned: bool) -> None:
    """As much is possible under both; once 总投资 is given, 50 万元 are lost or gained."""
    old, new = uncased({}), uncased({"推导!B4": "≥20000"})
    if turned:
        old, new = new, old
    given = case(已享受金额=0, 表现突出=False, 总投资=None)
    result = changed(old, new, given)
    assert (result.change.turn, result.change.missing) == (Turn.OPEN, ("总投资",))
    (measure,) = result.change.measures
    assert (measure.before, measure.aside) == (measure.after, Aside.OPEN)
    told = sum_up(compare(old, new, [result]), 1)
    assert "支出增减**还不能确定**" in told
    assert "0 个不变，**1** 个未定" in told
    assert "两个版本都是 待补充 总投资，但所依据的规定有改动" in render_cases([result.change])
    settled = replace(given, facts={**given.facts, "总投资": 150_000_000_00})
    assert changed(old, new, settled).change.turn is (Turn.MORE if turned else Turn.LESS)


@pytest.mark.parametrize(
    "edits",
    [
        {"推导!B5": "≥200000"},  # a row that is false under both
        {"推导!C4": "制造业、服务业"},  # a condition that holds under both
        {"措施!A4": "措-9"},  # another number of a rule
    ],
)
def test_what_is_open_and_rests_on_nothing_that_changed_is_the_same(
    edits: Mapping[str, Content],
) -> None:
    given = case(已享受金额=0, 表现突出=False, 总投资=None)
    result = changed(uncased({}), uncased(edits), given)
    assert (result.change.turn, result.change.asides) == (Turn.SAME, frozenset())


@pytest.mark.parametrize("turned", [False, True])
def test_a_certain_change_counts_beside_an_open_one(turned: bool) -> None:
    old, new = (
        alone({"措施!H5": "50万元"}),
        alone({RATE: "实缴资金的6‰", "措施!H5": "50万元", **OPENED}),
    )
    if turned:
        old, new = new, old
    result = changed(old, new, case(表现突出=True))
    change = result.change
    assert change.turn is (Turn.LESS if turned else Turn.MORE)
    assert change.asides == {Aside.OPEN}
    assert change.missing == ("职工人数",)
    certain = tuple(each.certain for each in change.counted)
    assert certain == ((600_000_00, 500_000_00) if turned else (500_000_00, 600_000_00))
    assert {each.measure: each.aside for each in change.measures} == {"M1": None, "M2": Aside.OPEN}
    total = compare(old, new, [result])
    (sum_of_m1,) = [each for each in total.measures if each.changed]
    assert sum_of_m1.measure == "M1"
    told = sum_up(total, 2)
    assert ("少支出 10万元" if turned else "多支出 10万元") in told
    assert "有 **1** 个另有未定或规则冲突的部分" in told
    assert "个未定（" not in told
    shown = render_cases([change])
    assert "未定，没有计入增减" in shown
    assert "另有未定，还缺 职工人数" in shown
    assert "另有未定 最高50万元" in shown


def test_what_competes_with_something_open_is_put_aside_with_it() -> None:
    """M2 may come to 50 万元 and then drives M1 out: M1 alone says nothing."""
    old = version({"措施!H5": "60万元"})
    new = version({"措施!H5": "60万元", RATE: "实缴资金的4‰", **OPENED})
    change = changed(old, new, case(表现突出=True)).change
    assert change.turn is Turn.OPEN
    assert change.counted == (Money(), Money())


@pytest.mark.parametrize("turned", [False, True])
def test_rules_in_conflict_are_neither_a_loss_nor_a_gain(turned: bool) -> None:
    old = alone({})
    tables = (
        each if each.outputs else replace(each, hit_policy=HitPolicy.UNIQUE) for each in old.tables
    )
    new = replace(old, tables=tuple(tables))
    if turned:
        old, new = new, old
    result = changed(old, new, case(表现突出=True))
    spelled = {text for each in result.change.measures for text in (each.before, each.after)}
    assert "规则冲突" in spelled
    assert result.change.turn is Turn.CONFLICT
    total = compare(old, new, [result])
    assert total.before == total.after == Money()
    told = sum_up(total, 1)
    assert "支出增减**还不能确定**" in told
    assert "**0** 个受益增加，**0** 个减少" in told
    assert "**1** 个规则冲突、得不出结论" in told
    assert "⚠ 规则冲突" in render_cases([result.change])


def test_what_a_group_may_take_away_is_not_certain_for_a_measure_either() -> None:
    """M2 waits for a judgement, and would drive M1 out."""
    policy = version({"措施!H5": "80万元"})
    result = changed(policy, policy, case(称号=frozenset()))
    assert result.change.turn is Turn.SAME
    assert result.before["M1"] == result.after["M1"] == Money(500_000_00, 500_000_00, 0)
    assert result.change.counted[1].certain == result.change.after.certain == 0


def test_nothing_at_least_and_no_end_is_unbounded_and_not_at_most_that() -> None:
    assert phrase_sum(Money(0, INFINITY)) == "不封顶"
    assert phrase_sum(Money(0, 1_000_000)) == "最高1万元"


# --- one project under both versions --------------------------------------------------------------


def both(old: Policy, new: Policy, given: Case) -> Sides:
    with engines(old, new) as (before, after):
        pair = from_new(given, old, new)
        narratives = [
            explain(simulate(engine, each))
            for engine, each in ((before, pair.before), (after, pair.after))
        ]
        numbers = [
            frozenset(rule.id for table in each.tables for rule in table.rules)
            for each in (old, new)
        ]
        result = compare_case(before, after, pair)
        return Sides(narratives[0], narratives[1], result, (numbers[0], numbers[1]))


def differing(html: str) -> list[str]:
    """The rows that are marked, without their markup."""
    rows = re.findall(r'<tr class="tl-differs">(.*?)</tr>', html, flags=re.S)
    return [re.sub("<[^>]+>", " ", row) for row in rows]


def test_the_money_of_each_measure_stands_side_by_side() -> None:
    sides = both(alone({}), alone({RATE: "实缴资金的6‰"}), case(表现突出=True))
    shown = re.sub("<[^>]+>", " ", render_money(sides))
    assert re.search(r"M1\s+落地奖励\s+可享受\s+50万元\s+可享受\s+60万元\s+＋10万元", shown)
    assert "M2" not in shown, "it stays as it is"
    assert "另有 1 项可享受的支持项没有变化" in shown
    back = re.sub(
        "<[^>]+>", " ", render_money(both(alone({RATE: "实缴资金的6‰"}), alone({}), case()))
    )
    assert "－10万元" in back


def test_only_lines_that_differ_are_marked_also_behind_a_derived_fact() -> None:
    """The threshold stands in the table from which 重大项目 is derived."""
    sides = both(version({}), version({"推导!B4": "≥300000"}), case(表现突出=False))
    rows = differing(render_proofs(sides))
    (threshold,) = [row for row in rows if "总投资" in row and "300,000万元" in row]
    assert "10,000万元" in threshold
    assert "≠ 不同" in threshold
    assert not any(re.search(r"\s行业\s", row) for row in rows), "that line is the same"


def test_a_project_that_is_treated_alike_shows_no_difference() -> None:
    sides = both(version({}), version({}), case())
    assert differing(render_proofs(sides)) == []
    assert "不变" in render_money(sides)


def test_what_a_group_does_otherwise_is_shown_where_the_rules_are_the_same() -> None:
    sides = both(version({}), version({"同类组!B2": "可叠加"}), case(表现突出=True))
    shown = render_proofs(sides)
    assert text("page-group.title") in shown
    assert len(differing(shown)) >= 1


def test_one_project_beside_itself_is_escaped() -> None:
    sides = both(version({}), version({RATE: "实缴资金的6‰"}), case())
    renamed = replace(
        sides.after,
        measures=tuple(
            replace(each, name=HOSTILE, amount=HOSTILE) for each in sides.after.measures
        ),
    )
    hostile = replace(sides, after=renamed)
    assert "<img" not in render_money(hostile) + render_proofs(hostile)


# --- a real policy --------------------------------------------------------------------------------


WUXI = Path(__file__).parent.parent / "policies" / "wuxi-2023" / "policy.xlsx"


@pytest.fixture(scope="module")
def wuxi() -> Understanding:
    return read_book(WUXI)


def revised(edits: Mapping[tuple[str, str], str]) -> Policy:
    """The Wuxi policy with some cells overwritten, without golden cases that say otherwise."""
    book = openpyxl.load_workbook(WUXI)
    for (sheet, cell), content in edits.items():
        book[sheet][cell] = content
    for name in ("用例", "评选用例"):
        del book[name]
    target = io.BytesIO()
    book.save(target)
    return policy_of(read_book(target.getvalue()))


@pytest.mark.parametrize(
    ("edits", "shift", "told"),
    [
        (
            {("招商渠道", "J19"): "实缴资金的6‰"},
            Shift.HIGHER,
            "新版本比旧版本**多支出 2,112,346.7元**（＋8.6%）；250 个项目中，"
            "**11** 个受益增加，**0** 个减少",
        ),
        (
            {("招商渠道", "D25"): "公开招标、全球采购"},
            Shift.TIGHTER,
            "能够确定的支出**不变**；250 个项目中，**0** 个受益增加，**0** 个减少，"
            "0 个结论有变而金额不变，209 个不变，**41** 个未定（待补充、"
            "需人工判断或同类未决，没有计入金额）；"
            "没有计入的部分最高额由 12,300万元 变为 9600万元；改动 1 处。",
        ),
        (
            {("同类组", "B2"): "可叠加"},
            Shift.LOOSER,
            "确定要支出的金额**不变**；按最高计多 1400万元；250 个项目中，**7** 个受益增加",
        ),
    ],
)
def test_an_edit_of_the_wuxi_policy_is_told_as_an_officer_would(
    wuxi: Understanding, edits: Mapping[tuple[str, str], str], shift: Shift, told: str
) -> None:
    old, new = policy_of(wuxi), revised(edits)
    (found,) = differences(old, new)
    assert found.shift is shift
    pairing = pair_up(known_of(old), known_of(new), wuxi.golden_cases, [])
    assert not pairing.unwelcome
    with engines(old, new) as (before, after):
        results = [compare_case(before, after, each) for each in pairing.pairs]
    assert sum_up(compare(old, new, results), 1).startswith(told)


# --- where a change stands ------------------------------------------------------------------------


def test_things_of_one_name_in_several_sheets_keep_their_own_places() -> None:
    """A field, a group, a constraint and a rule may all be called 重-1."""
    name = "重-1"
    book = edited({"指标!A8": name, "同类组!A2": name, "同类组!F2": name, "业务约束!A3": name})
    for row in (4, 5):
        book["措施"][row - 1][9] = name
    old = policy_of(read(book))
    for sheet, row, column in (
        ("指标", 8, 10),
        ("同类组", 2, 8),
        ("业务约束", 3, 2),
        ("推导", 4, 4),
    ):
        again = {each: [list(line) for line in rows] for each, rows in book.items()}
        again[sheet][row - 1][column] = "是" if sheet == "指标" else "改过"
        (found,) = differences(old, policy_of(read(again)))
        assert found.at is not None
        assert (found.at.cell.sheet, found.at.cell.row) == (sheet, row)


def test_a_condition_and_a_citation_under_one_heading_are_told_apart() -> None:
    """A field may be called 条款, like the column of citations."""
    book = edited(
        {"指标!A9": "条款", "业务约束!B3": "条款 >= 1", "措施!B3": "条款", "措施!B5": "≥10人"}
    )
    book["措施"][3][1] = "—"
    old = policy_of(read(book))
    book["措施"][4][1] = "≥5人"
    (found,) = differences(old, policy_of(read(book)))
    assert (found.kind, found.before, found.after) == (Kind.CHANGED, "≥ 10人", "≥ 5人")
    assert found.shift is Shift.LOOSER
    book["措施"][4][1] = "—"
    (gone,) = differences(old, policy_of(read(book)))
    assert (gone.kind, gone.before, gone.shift) == (Kind.REMOVED, "≥ 10人", Shift.LOOSER)


@pytest.mark.parametrize(
    ("cell", "content"),
    [
        ("评选!E2", "30%"),
        ("评选!G2", "四舍五入"),
        ("评选!H2", "行业 = 制造业 占比不低于 70%"),
        ("评选!N2", "评选先进集体"),
        ("指标!I2", "2000万元"),
        ("条款!C2", "落地奖励"),
        ("同类组!G2", "不再享受"),
        ("业务约束!C2", "请核对。"),
        ("政策!B3", "另一个标题"),
        ("推导!C4", "服务业"),
        (CAP, "300万元"),
    ],
)
def test_the_place_of_a_change_is_the_changed_cell(cell: str, content: Content) -> None:
    books = [read_sheets(make_book(book))[0] for book in (sheets(), edited({cell: content}))]
    old, new = (policy_of(understand(book)) for book in books)
    (found,) = differences(old, new, (books[0], books[1]))
    assert str(found.at) == cell
    gone = differences(new, old, (books[1], books[0]))
    assert [str(each.at) for each in gone] == [cell]


def test_more_places_of_a_contest_are_told_with_their_cell_and_direction(
    wuxi: Understanding,
) -> None:
    policy = policy_of(wuxi)
    books = read_sheets(Path("policies/wuxi-2023/policy.xlsx"))[0]
    contest = policy.selections[0]
    tier = contest.tiers[0]
    rounded = replace(tier.quota, share=Fraction(3, 10))
    changed = replace(contest, tiers=(replace(tier, quota=rounded), *contest.tiers[1:]))
    new = replace(policy, selections=(changed, *policy.selections[1:]))
    (found,) = differences(policy, new, (books, books))
    assert (str(found.at), found.shift) == ("评选!E2", Shift.LOOSER)
    assert (found.before, found.after) == ("25%", "30%")


def test_a_direction_that_is_not_sure_is_said_to_be_open() -> None:
    """An empty cell says neither that nothing can be told nor that there is nothing to tell."""
    (looser,) = differences(version({}), version({"评选!E2": "30%"}))
    assert looser.shift is Shift.LOOSER
    (ranking,) = differences(version({}), version({"评选!D2": "实缴资金"}))
    (title,) = differences(version({}), version({"政策!B3": "另一个标题"}))
    assert (ranking.open, title.open) == (True, False)
    assert "因项目而异" in render_changes([ranking])
    assert "因项目而异" not in render_changes([title])
    for each in (looser, ranking, title):
        assert '<td data-label="方向"></td>' not in render_changes([each])


# --- cases of one version for the other -----------------------------------------------------------


def test_facts_that_the_other_version_cannot_take_are_left_out() -> None:
    new = version({})
    renamed = replace(
        new,
        fields=tuple(
            replace(each, name="注册资金") if each.name == "职工人数" else each
            for each in new.fields
        ),
    )
    listed = replace(
        renamed,
        code_lists=tuple(
            replace(each, codes=tuple(code for code in each.codes if code.value != "服务业"))
            for each in renamed.code_lists
        ),
    )
    given = case(职工人数=5, 行业="服务业", 称号=frozenset({"专精特新"}))
    carried, left_out = carry(given, new, listed)
    assert set(left_out) == {"职工人数", "行业"}
    assert carried.facts["称号"] == frozenset({"专精特新"})
    assert carry(given, new, new) == (given, ())


@pytest.mark.parametrize(
    ("kinds", "value"),
    [
        ((QuantityType("亩"), QuantityType("平方米")), 50),
        ((MoneyType("USD"), MoneyType("CNY")), 1_000_000_00),
        ((UnitPriceType("CNY", "亩"), UnitPriceType("CNY", "平方米")), 100_00),
        ((ExchangeRateType("USD"), ExchangeRateType("EUR")), 7),
    ],
)
def test_a_number_is_not_carried_to_another_unit_or_currency(
    kinds: tuple[FieldType, FieldType], value: int
) -> None:
    policy = version({})
    old, new = (
        replace(
            policy,
            fields=tuple(
                replace(each, type=kind) if each.name == "职工人数" else each
                for each in policy.fields
            ),
        )
        for kind in kinds
    )
    given = case(职工人数=value)
    assert carry(given, old, old) == (given, ())
    carried, left_out = carry(given, old, new)
    assert left_out == ("职工人数",)
    assert "职工人数" not in carried.facts


def test_a_code_is_carried_to_a_list_of_another_name_that_has_it() -> None:
    old = version({})
    new = replace(
        old,
        fields=tuple(
            replace(each, type=ChoiceType("产业")) if each.name == "行业" else each
            for each in old.fields
        ),
        code_lists=tuple(
            replace(each, name="产业", codes=tuple(c for c in each.codes if c.value != "服务业"))
            if each.name == "行业"
            else each
            for each in old.code_lists
        ),
    )
    assert carry(case(行业="制造业"), old, new)[1] == ()
    assert carry(case(行业="服务业"), old, new)[1] == ("行业",)


def test_a_subject_that_the_other_version_does_not_know_is_told() -> None:
    old = version({})
    new = replace(old, subjects=("市场主体", "园区"))
    alone = replace(case(), subjects=frozenset({"企业"}))
    carried, left_out = carry(alone, old, new)
    assert carried.subjects is None, "no subject at all would make every measure inapplicable"
    assert left_out == ("涉及主体“企业”",)
    two = replace(case(), subjects=frozenset({"企业", "园区"}))
    carried, left_out = carry(two, old, new)
    assert carried.subjects == {"园区"}
    assert left_out == ("涉及主体“企业”",)
    assert carry(two, old, old) == (two, ())


def test_of_two_cases_with_one_number_the_newer_counts() -> None:
    understanding = read(sheets())
    known, golden = known_of(policy_of(understanding)), understanding.golden_cases
    assert golden
    newer = [replace(golden[0], case=replace(golden[0].case, name="改过"))]
    pairs = pair_up(known, known, golden, newer).pairs
    assert len(pairs) == len(golden)
    assert pairs[0].after.name == "改过"


def test_a_number_spelled_with_other_widths_is_the_same_number() -> None:
    understanding = read(sheets())
    known, golden = known_of(policy_of(understanding)), understanding.golden_cases
    old = [replace(golden[0], case=replace(golden[0].case, id="例1"))]
    new = [replace(golden[0], case=replace(golden[0].case, id="例 １", name="改过"))]
    (pair,) = pair_up(known, known, old, new).pairs
    assert pair.after.name == "改过"


LIST = "编号,名称,基准日期,总投资,行业,实缴资金\n1,甲,2024-01-01,3亿,制造业,5000\n"


def listed(content: str, old: Policy, new: Policy) -> Pairing:
    files = [read_case_list(content.encode(), each, "清单.csv") for each in (old, new)]
    return pair_files(known_of(old), known_of(new), *files)


def test_rows_of_a_case_file_that_neither_version_reads_are_told() -> None:
    policy = version({})
    found = listed(f"{LIST}2,乙,2024-01-01,三个多亿,,\n", policy, policy)
    assert [each.after.id for each in found.pairs] == ["1"]
    assert found.unread is not None
    (error,) = row_errors(found.unread)
    assert (error.row, error.written) == (3, "三个多亿")


def uncased(edits: Mapping[str, Content]) -> Policy:
    """The sample without golden cases of its own, which other bounds would refuse."""
    book = edited({"指标!I2": None, **edits})
    del book["用例"]
    return policy_of(read(book))


MINIMUM = {"指标!G2": "8000万元"}
MAXIMUM = {"指标!H2": "3000万元"}
LATER_CODE = {"代码表!E4": "2024-06-01"}
STRICTER_CONSTRAINT = {"业务约束!B2": "实缴资金 <= 总投资 × 10%"}


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        (MINIMUM, "低于最小值"),
        (MAXIMUM, "高于最大值"),
        (LATER_CODE, "不是有效的代码"),
        (STRICTER_CONSTRAINT, "违反业务约束 1"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_case_that_the_other_version_would_refuse_is_told_as_such(
    edits: Mapping[str, Content], reason: str, turned: bool
) -> None:
    old, new = uncased({}), uncased(edits)
    given = [GoldenCase(case(实缴资金=50_000_000_00, 总投资=300_000_000_00), ())]
    if turned:
        # Read for the newer version, which is the lenient one now.
        found = pair_up(known_of(new), known_of(old), [], given)
        files = listed(LIST, new, old)
    else:
        found = pair_up(known_of(old), known_of(new), given, [])
        files = listed(LIST, old, new)
    for each in (found, files):
        assert each.pairs == ()
        (refused,) = each.unwelcome
        assert refused.by is (Side.OLD if turned else Side.NEW)
        assert any(reason in told for told in refused.reasons), refused.reasons
        assert reason in render_unwelcome(each.unwelcome)


def test_what_both_versions_take_is_compared() -> None:
    old, new = uncased({}), uncased(MINIMUM)
    given = [GoldenCase(case(实缴资金=90_000_000_00), ())]
    assert len(pair_up(known_of(old), known_of(new), given, []).pairs) == 1
    lists = listed(LIST.replace("5000", "9000"), old, new)
    assert (len(lists.pairs), lists.unwelcome) == (1, ())


IN_YUAN = {"指标!C2": "元", "指标!G2": None, "指标!H2": None}


@pytest.mark.parametrize("turned", [False, True])
def test_a_row_in_which_the_versions_read_different_things_is_not_compared(turned: bool) -> None:
    """5000 is 5000万元 where the field is in 万元, and 5000元 where it is in 元."""
    versions = [uncased({}), uncased(IN_YUAN)]
    old, new = reversed(versions) if turned else versions
    rows = f"{LIST}2,乙,2024-01-01,3亿,制造业,5000万元\n"
    found = listed(rows, old, new)
    assert [each.after.id for each in found.pairs] == ["2"]
    (apart,) = found.unwelcome
    assert (apart.case.id, apart.by) == ("1", Side.BOTH)
    (reason,) = apart.reasons
    read = ("5000元", "5000万元") if turned else ("5000万元", "5000元")
    assert reason.startswith(f"“实缴资金”旧版本读作 {read[0]}，新版本读作 {read[1]}。")
    shown = render_unwelcome(found.unwelcome)
    assert "两个版本读法不同" in shown
    assert reason in shown


def test_a_row_in_which_a_field_has_another_type_or_currency_is_not_compared() -> None:
    old = uncased({})
    for kind, unit in ((MoneyType("USD"), "万美元"), (QuantityType(""), "")):
        new = replace(
            old,
            fields=tuple(
                replace(each, type=kind, unit=unit) if each.name == "总投资" else each
                for each in old.fields
            ),
            constraints=(),
        )
        found = listed(LIST.replace("3亿", "30000"), old, new)
        assert found.pairs == (), kind
        (apart,) = found.unwelcome
        assert any("“总投资”" in each for each in apart.reasons)


def test_constraints_are_made_ready_once_for_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Policy] = []

    def counted(policy: Policy) -> Watch:
        made.append(policy)
        return watch(policy)

    monkeypatch.setattr("authoring.compare_cases.watch", counted)
    monkeypatch.setattr("authoring.cases.facts.violated", None)
    policy = uncased({})
    golden = [GoldenCase(replace(case(), id=str(number)), ()) for number in range(20)]
    assert len(pair_up(known_of(policy), known_of(policy), golden, []).pairs) == 20
    assert made == [policy, policy]


def test_a_file_with_too_many_rows_is_refused_before_it_is_read() -> None:
    rows = [
        ["编号", "基准日期"],
        *([str(number), "2023-10-01"] for number in range(MOST_CASES + 50)),
    ]
    file = read_case_book(make_book({"用例": rows}), known_of(version({})))
    assert [each.code for each in file.findings] == ["K435"]
    assert not file.readings


# --- the page -------------------------------------------------------------------------------------


@pytest.fixture
def two(tmp_path: Path) -> Path:
    folder = tmp_path / "policies" / "one"
    folder.mkdir(parents=True)
    (folder / "policy.xlsx").write_bytes(make_book(sheets()))
    (folder / "v2.xlsx").write_bytes(make_book(edited({RATE: "实缴资金的6‰"})))
    return folder / "policy.xlsx"


def test_one_workbook_alone_cannot_be_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a" / "policy.xlsx"
    path.parent.mkdir()
    path.write_bytes(make_book(sheets()))
    page = open_at("compare", path, monkeypatch)
    assert "只有一份工作簿" in page.info[0].value
    page = upload(page, text("page-compare.upload"), "v2.xlsx", make_book(edited({CAP: "300万元"})))
    assert "改动 1 处" in page.info[0].value
    assert page.selectbox(key="book").value == str(path), "the policy in use stays"


def test_the_page_says_one_sentence_first_and_then_what_changed(
    two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_at("compare", two.parent / "policy.xlsx", monkeypatch)
    assert "只有一份工作簿" in page.info[0].value, "the library is one level up"
    monkeypatch.setenv("TIAOLI_LIBRARY", str(two.parent.parent))
    page = finish(page.run())
    page = finish(page.selectbox(key="compare-new").select(str(two.parent / "v2.xlsx")).run())
    assert "改动 1 处" in page.info[0].value
    assert RATE in shown(page)
    for view in ("cases_view", "measures_view", "pair_view"):
        page = finish(page.button_group(key="compare-view").set_value(view).run())
        assert not page.exception
        assert not page.error
    assert page.selectbox(key="compare-case").options


def test_an_uploaded_list_is_compared(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIAOLI_LIBRARY", str(two.parent.parent))
    page = open_at("compare", two, monkeypatch)
    monkeypatch.setenv("TIAOLI_LIBRARY", str(two.parent.parent))
    page = finish(page.run())
    page = finish(page.selectbox(key="compare-new").select(str(two.parent / "v2.xlsx")).run())
    page = finish(page.button_group(key="compare-source").set_value("uploaded").run())
    assert "请上传项目清单" in page.info[-1].value or "请上传项目清单" in page.info[0].value
    rows = [
        ["编号", "名称", "基准日期", "总投资", "行业", "实缴资金", "开工日期"],
        ["1", "甲", "2024-01-01", "20亿", "制造业", "1亿", "2023-05-01"],
        ["2", "乙", "2024-01-01", "三个多亿", "", "", ""],
    ]
    label = text("page-compare.cases")
    page = upload(page, label, "list.xlsx", make_book({"用例": rows}))
    assert "多支出 10万元" in page.info[0].value
    assert "有 1 行" in page.warning[0].value
    with monkeypatch.context() as rerun:
        rerun.setattr("authoring.compare_cases._Versions", None)
        page = finish(page.run())
    assert not page.exception, "the rows are paired once for each file"
    assert "多支出 10万元" in page.info[0].value
    page = finish(button(page, text("page-file.drop")).click().run())
    page = upload(page, label, "no.xlsx", b"nothing")
    assert "不能使用" in page.error[0].value
    page = finish(button(page, text("page-file.drop")).click().run())
    page = upload(page, label, "none.xlsx", make_book({"用例": [rows[0], rows[2]]}))
    assert "有 1 行" in page.warning[0].value
    assert "没有可以比较的项目" in page.info[0].value
    assert "支出的金额" not in page.info[0].value
    for view in ("cases_view", "measures_view", "pair_view"):
        page = finish(page.button_group(key="compare-view").set_value(view).run())
        assert not page.exception
        assert not page.error
        assert page.info[-1].value == text("page-compare.no_pairs")


def drawn(page: AppTest) -> int:
    """How many rows of tables stand on the page."""
    return shown(page).count("<tr>")


def test_many_rows_that_cannot_be_compared_are_drawn_a_page_at_a_time(
    two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folded expander is drawn too: ten thousand rows were sent at every click."""
    (two.parent / "v2.xlsx").unlink()
    for name, edits in (("policy", {}), ("v3", IN_YUAN)):
        book = {each: rows for each, rows in edited(edits).items() if "用例" not in each}
        (two.parent / f"{name}.xlsx").write_bytes(make_book(book))
    page = open_at("compare", two, monkeypatch)
    monkeypatch.setenv("TIAOLI_LIBRARY", str(two.parent.parent))
    page = finish(page.run())
    page = finish(page.selectbox(key="compare-new").select(str(two.parent / "v3.xlsx")).run())
    first, *_ = LIST.splitlines()
    rows = "\n".join([first, *(f"{n},甲,2024-01-01,3亿,制造业,5000" for n in range(60))])
    page = upload(page, text("page-compare.cases"), "清单.csv", rows.encode())
    assert "有 60 个项目" in page.warning[0].value
    told = "两个版本读法不同"
    assert shown(page).count(told) == 25
    page = finish(page.selectbox(key="compare-unwelcome-3").set_value(2).run())
    assert shown(page).count(told) == 10


def test_many_changes_are_drawn_a_page_at_a_time(
    two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = sheets()
    book["条款"] += [[f"附{n}", "", "附则", f"附则第 {n} 条。", "工作部署"] for n in range(130)]
    (two.parent / "v2.xlsx").write_bytes(make_book(book))
    page = open_at("compare", two, monkeypatch)
    monkeypatch.setenv("TIAOLI_LIBRARY", str(two.parent.parent))
    page = finish(page.run())
    page = finish(page.selectbox(key="compare-new").select(str(two.parent / "v2.xlsx")).run())
    assert "改动 130 处" in page.info[0].value
    assert drawn(page) == 101
    page = finish(page.selectbox(key="compare-changes-2").set_value(1).run())
    assert drawn(page) == 31


def comparing(two: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page on two versions, ready for a list of projects."""
    page = open_at("compare", two, monkeypatch)
    monkeypatch.setenv("TIAOLI_LIBRARY", str(two.parent.parent))
    page = finish(page.run())
    page = finish(page.selectbox(key="compare-new").select(str(two.parent / "v2.xlsx")).run())
    return finish(page.button_group(key="compare-source").set_value("uploaded").run())


def list_of(name: str) -> bytes:
    """A list of one project."""
    head = ["编号", "名称", "基准日期", "总投资", "行业", "实缴资金", "开工日期"]
    row = ["1", name, "2024-01-01", "20亿", "制造业", "1亿", "2023-05-01"]
    return make_book({"用例": [head, row]})


def test_a_list_is_read_and_paired_beside_the_page(
    two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []

    def noting(real: Callable[..., object]) -> Callable[..., object]:
        def noted(*given: object) -> object:
            threads.append(threading.current_thread().name)
            return real(*given)

        return noted

    page = comparing(two, monkeypatch)
    monkeypatch.setattr(authoring.pages.compare, "read_case_list", noting(read_case_list))
    monkeypatch.setattr(authoring.pages.compare, "pair_files", noting(pair_files))
    page = upload(page, text("page-compare.cases"), "list.xlsx", list_of("甲"))
    assert "多支出 10万元" in page.info[0].value
    assert len(threads) == 3
    assert all(each.startswith("tiaoli-work") for each in threads)


@pytest.mark.parametrize("ending", ["taken back", "session over"])
def test_nothing_of_a_list_is_left(two: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    name = f"秘密的公司（{ending}）"
    page = comparing(two, monkeypatch)
    page = upload(page, text("page-compare.cases"), "list.xlsx", list_of(name))
    assert cases_called(name)
    if ending == "taken back":
        page = finish(button(page, text("page-file.drop")).click().run())
        assert not page.exception
    else:
        del page
    assert not cases_called(name)


def cases_called(name: str) -> int:
    """How many cases of a name there are, wherever they are held."""
    gc.unfreeze()  # the pages hide what there is from the collector
    gc.collect()
    return sum(isinstance(each, Case) and each.name == name for each in gc.get_objects())
