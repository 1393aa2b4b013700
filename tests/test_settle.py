"""Groups in numbers: what is rounded, what is told, and what money hangs on a missing fact."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import date

import pytest

from authoring.outcome_json import outcome_json
from authoring.understand import read_book
from engine import build, simulate
from engine.cases import Case
from engine.explain import explain
from engine.outcome import (
    Amount,
    Certainty,
    Conflict,
    Displaced,
    Granted,
    NothingLeft,
    Outcome,
    Referred,
    Undecided,
    Undetermined,
    Verdict,
)
from engine.ranking import rank_missing
from engine.values import INFINITY
from tests.books import make_book, sections

YUAN = 100


def outcome(book: str, **facts: str) -> Outcome:
    """The answer to one case of a book in Markdown; its facts are spelled as in 用例."""
    names = list(facts)
    text = f"## 例\n{book}\n### 用例\n| {' | '.join(names)} |\n|{'---|' * len(names)}\n"
    (section,) = sections(f"{text}| {' | '.join(facts.values())} |\n")
    understanding = read_book(make_book(section.sheets))
    assert understanding.policy is not None, understanding.findings
    with closing(build(understanding.policy, "python")) as engine:
        return simulate(engine, understanding.golden_cases[0].case)


def verdicts(found: Outcome) -> dict[str, Verdict]:
    return {each.measure.id: each.verdict for each in found.measures}


def stakes(found: Outcome) -> Mapping[str, object]:
    return {each.field: each.stake for each in rank_missing(found)}


FIELDS = """
### 指标
| 指标 | 类型 | 单位 | 来源 |
|---|---|---|---|
| 已落地 | 是否 | | 填报 |
| 新设 | 是否 | | 填报 |
| 投资 | 金额 | 元 | 填报 |
| 额度 | 金额 | 元 | 填报 |
| 已享受 | 金额 | 元 | 填报 |
"""


def measures(*rows: str) -> str:
    """Measures of a 收集 table, each ``条件式 | 编号 | 金额 | 组``."""
    lines = "\n".join(f"| {row} |" for row in rows)
    return f"""
### 决策表 支持（命中策略 收集，类别 措施）
| 条件 | 结论 | 结论 | 结论 |
|---|---|---|---|
| 条件式 | 支持项编号 | 金额 | 同类组 |
{lines}
"""


def group(name: str, **columns: str) -> str:
    """A sheet 同类组 with one group."""
    headings, cells = ["组", *columns], [name, *columns.values()]
    return f"""
### 同类组
| {" | ".join(headings)} |
|{"---|" * len(headings)}
| {" | ".join(cells)} |
"""


# --- the cap and the award of which nothing is known ----------------------------------------------


def test_the_money_hangs_on_a_missing_joint_cap() -> None:
    book = (
        FIELDS
        + group("组", 规则="合计封顶", 封顶="额度")
        + measures("已落地 = 是 | A | 50元 | 组", "新设 = 是 | B | 9元 |", "— | C | 20元 | 组")
    )
    found = outcome(book, 已落地="是")
    assert stakes(found) == {"额度": 70 * YUAN, "新设": 9 * YUAN}
    assert found.total.at_stake == 79 * YUAN
    assert verdicts(found)["A"] == Undetermined(("额度",), Amount(0, 50 * YUAN, Certainty.INTERVAL))


def test_a_joint_cap_of_known_limits_is_worth_no_more_than_these() -> None:
    book = (
        FIELDS
        + group("组", 规则="合计封顶", 封顶="如果 新设 则 10元 否则 30元")
        + measures("已落地 = 是 | A | 50元 | 组")
    )
    found = outcome(book, 已落地="是")
    amount = Amount(10 * YUAN, 30 * YUAN, Certainty.INTERVAL)
    assert verdicts(found)["A"] == Undetermined(("新设",), amount)
    assert found.total.at_stake == 30 * YUAN


def test_the_whole_group_hangs_on_a_missing_earlier_award() -> None:
    """The second of the group does not stand in for the first: the award may take it all."""
    book = (
        FIELDS
        + group("组", 规则="就高", 已享受指标="已享受", 已享受处理="不再享受")
        + measures("— | A | 30元 | 组", "— | B | 10元 | 组")
    )
    assert stakes(outcome(book, 已落地="是")) == {"已享受": 30 * YUAN}


def test_a_group_bounds_what_is_unbounded_alone() -> None:
    book = (
        FIELDS
        + group("组", 规则="合计封顶", 封顶="80元")
        + measures("— | A | 投资的10% | 组", "— | B | 30元 | 组", "新设 = 是 | C | 5元 |")
    )
    found = outcome(book, 已落地="是")
    assert stakes(found) == {"投资": 50 * YUAN, "新设": 5 * YUAN}
    assert stakes(outcome(FIELDS + measures("— | A | 投资的10% |"), 已落地="是")) == {
        "投资": INFINITY
    }


def test_no_stake_is_negative() -> None:
    """A smaller measure that comes first in order would displace the greater."""
    book = (
        FIELDS
        + group("组", 规则="互斥", 次序="A、B")
        + measures("新设 = 是 | A | 10元 | 组", "— | B | 30元 | 组")
    )
    assert stakes(outcome(book, 已落地="是")) == {"新设": 0}


# --- a cap of nothing -----------------------------------------------------------------------------


@pytest.mark.parametrize("cap", ["0", "-5"])
def test_a_joint_cap_of_nothing_is_told_as_such(cap: str) -> None:
    """Also behind a member worth nothing, which uses nothing up."""
    book = (
        FIELDS
        + group("组", 规则="合计封顶", 封顶="额度", 次序="Z、A")
        + measures("— | Z | 0元 | 组", "— | A | 50元 | 组")
    )
    found = outcome(book, 额度=cap)
    assert verdicts(found)["A"] == Displaced(
        NothingLeft.JOINT_CAP, Amount(5000, 5000, Certainty.DEFINITE)
    )
    assert isinstance(verdicts(found)["Z"], Granted)
    narrative = explain(found)
    told = {each.id: each.headline for each in narrative.measures}["A"]
    assert "封顶" in told
    assert "此前" not in told
    (published,) = (
        each for each in outcome_json(found, narrative)["measures"] if each["id"] == "A"
    )
    assert (published["displaced_by"], published["reason"]) == (None, "joint_cap")


def test_an_earlier_award_is_told_as_such() -> None:
    book = (
        FIELDS
        + group("组", 规则="可叠加", 已享受指标="已享受", 已享受处理="不再享受")
        + measures("— | A | 50元 | 组")
    )
    found = outcome(book, 已享受="1")
    assert verdicts(found)["A"] == Displaced(
        NothingLeft.EARLIER_AWARD, Amount(5000, 5000, Certainty.DEFINITE)
    )
    narrative = explain(found)
    assert "此前已享受" in narrative.measures[0].headline
    (published,) = outcome_json(found, narrative)["measures"]
    assert (published["displaced_by"], published["reason"]) == (None, "earlier_award")


# --- an earlier award and a group that is undecided -----------------------------------------------


@pytest.mark.parametrize(
    ("received", "low", "high"), [("0", 60, 100), ("50", 10, 50), ("70", 0, 30), ("", 0, 100)]
)
def test_an_undecided_group_may_come_to_less_after_an_earlier_award(
    received: str, low: int, high: int
) -> None:
    book = (
        FIELDS
        + group("组", 规则="补差", 比较="严格", 已享受指标="已享受")
        + measures("— | A | 60元 | 组", "— | B | 最高100元 | 组")
    )
    found = outcome(book, 已落地="是", 已享受=received)
    amount = Amount(low * YUAN, high * YUAN, Certainty.INTERVAL)
    assert verdicts(found) == dict.fromkeys("AB", Undecided(("A", "B"), amount))


# --- conflicts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "columns",
    [
        {"规则": "合计封顶", "封顶": "定额"},
        {"规则": "补差", "已享受指标": "定额"},
        {"规则": "可叠加", "已享受指标": "定额", "已享受处理": "不再享受"},
    ],
)
def test_a_group_that_rests_on_a_conflict_cannot_be_settled(columns: dict[str, str]) -> None:
    """No further fact can settle it: it is no missing fact."""
    book = (
        FIELDS
        + """| 定额 | 金额 | 元 | 推导 |
### 决策表 定额（命中策略 唯一，类别 推导，默认 0元）
| 条件 | 结论 |
|---|---|
| 新设 | 定额 |
| 是 | 10元 |
| 是 | 10元 |
"""
        + group("组", **columns)
        + measures("— | A | 50元 | 组")
    )
    (section,) = sections(f"## 例\n{book}")
    understanding = read_book(make_book(section.sheets))
    assert "T302" in {each.code for each in understanding.findings}, "a check forbids it"
    assert understanding.draft is not None
    with closing(build(understanding.draft, "python")) as engine:
        found = simulate(engine, Case("例", "例", date(2023, 10, 1), {"新设": True}))
    verdict = verdicts(found)["A"]
    assert isinstance(verdict, Conflict)
    assert [rule.id for rule in verdict.rules] == ["定额-1", "定额-2"]
    assert found.total.at_stake == 0


@pytest.mark.parametrize(
    ("rules", "rival", "certain", "said"),
    [
        (
            {"规则": "互斥", "次序": "B、A"},
            "新设 = 是 | B | 10元 | 组",
            0,
            ["“组”：B尚未确定（缺 新设）；如可享受，本项可能被它取代"],
        ),
        (
            {"规则": "合计封顶", "封顶": "110元", "次序": "B、A"},
            "新设 = 是 | B | 40元 | 组",
            70,
            ["“组”：B尚未确定（缺 新设）；如可享受，本项可能减为 70元"],
        ),
        ({"规则": "就高"}, "新设 = 是 | B | 40元 | 组", 100, []),
    ],
)
def test_a_member_that_may_lose_its_place_is_told_and_is_not_certain(
    rules: dict[str, str], rival: str, certain: int, said: list[str]
) -> None:
    book = FIELDS + group("组", **rules) + measures("— | A | 100元 | 组", rival)
    found = outcome(book, 已落地="是")
    assert found.total.low == 100 * YUAN
    assert found.total.certain == certain * YUAN
    told = explain(found)
    assert [line for line in told.measures[0].group_lines if "尚未" in line] == said
    assert told.total.certain == ("" if certain == 100 else f"其中确定 {certain}元")
    decided = explain(outcome(book, 已落地="是", 新设="否"))
    assert not any("尚未" in line for line in decided.measures[0].group_lines)


def test_the_judgement_that_a_table_comes_to_ask_for_is_named() -> None:
    book = """
### 指标
| 指标 | 类型 | 单位 | 来源 |
|---|---|---|---|
| 判 | 是否 | | 认定 |
| 核定额 | 金额 | 万元 | 认定 |
| 基数 | 金额 | 万元 | 推导 |
### 决策表 核定（命中策略 首个，类别 推导，默认 0万元）
| 条件 | 结论 |
|---|---|
| 判 | 基数 |
| 是 | 核定额 |
### 决策表 支持（命中策略 收集，类别 措施）
| 条件 | 结论 | 结论 |
|---|---|---|
| 基数 | 支持项编号 | 金额 |
| ≥100万元 | A | 10万元 |
"""
    ten = Amount(100_000 * YUAN, 100_000 * YUAN, Certainty.DEFINITE)
    assert verdicts(outcome(book, 基准日期="2023-10-01"))["A"] == Referred(("判", "核定额"), ten)
    assert verdicts(outcome(book, 判="是"))["A"] == Referred(("核定额",), ten)


def test_what_was_received_in_another_currency_is_told_as_far_as_it_is_known() -> None:
    book = """
### 指标
| 指标 | 类型 | 单位 |
|---|---|---|
| 汇率值 | 汇率 | 元/美元 |
| 已享外资 | 金额 | 万美元 |
### 决策表 支持（命中策略 收集，类别 措施）
| 条件 | 结论 | 结论 | 结论 |
|---|---|---|---|
| 已享外资 | 支持项编号 | 金额 | 累计上限 |
| — | A | 50万元 | 折算(10万美元; 汇率值)（已享受 折算(已享外资; 汇率值)） |
"""
    for received, said in (("0", "已享受 0元"), ("5", "已享受 还算不出（汇率值 未填）")):
        (measure,) = explain(outcome(book, 已享外资=received)).measures
        assert said in measure.amount_lines[-1].formula
