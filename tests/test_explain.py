"""Putting an answer into words: what a person reads stays in proportion to the policy."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO

import pytest
from rich.console import Console

from authoring.leading_rules import leading_rules
from authoring.outcome_json import outcome_json
from authoring.render_html import render
from authoring.render_terminal import render_narrative
from authoring.shelves import rarest_reason_first
from authoring.understand import read_book
from authoring.unfolding import DEEPEST
from engine import Outcome, build, explain, simulate
from engine.cases import Case
from engine.narrative import GivenLine, Narrative
from engine.outcome import Granted
from engine.words import word
from tests.books import Content, complete, decision_table, make_book
from tests.policy_books import BOOKS, examples_beside, read

STRATA = 300
"""More than Python's stack would hold, if each were told inside the next."""


def answer(sheets: dict[str, list[list[Content]]], facts: dict[str, object]) -> Outcome:
    understanding = read_book(make_book(complete(sheets)))
    assert understanding.policy is not None, understanding.findings
    engine = build(understanding.policy, "python")
    return simulate(engine, Case("甲", "甲", date(2023, 10, 1), facts))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def deep() -> tuple[Outcome, Narrative]:
    """An answer that rests on a long chain of tables, each of which tests the last one twice."""
    fields: list[list[Content]] = [["指标", "类型", "来源", "佐证材料"]]
    fields += [[f"层{level}", "是否", "推导", f"材料{level}"] for level in range(1, STRATA + 1)]
    fields.append(["层0", "是否", "填报", "材料0"])
    tables: list[list[Content]] = []
    for level in range(1, STRATA + 1):
        tables += decision_table(
            f"第{level}层",
            {"命中策略": "唯一", "类别": "推导", "默认": "—"},
            [
                ["条件", "结论"],
                [f"层{level - 1}", f"层{level}"],
                ["是", "是"],
                ["否", "否"],
            ],
        )
        tables.append([None])
    tables += decision_table(
        "奖励",
        {"命中策略": "收集", "类别": "措施", "默认": "—"},
        [["条件", "结论", "结论"], [f"层{STRATA}", "支持项编号", "金额"], ["是", "M1", "50万元"]],
    )
    outcome = answer({"指标": fields, "决策": tables}, {})
    return outcome, explain(outcome)


def test_a_long_chain_is_told_once_and_whole(deep: tuple[Outcome, Narrative]) -> None:
    _, narrative = deep
    (measure,) = narrative.measures
    assert measure.missing == ("层0",)
    assert len(narrative.derivations) == STRATA
    assert sum(map(len, narrative.derivations.values())) == 2 * STRATA
    assert set(measure.evidence) == {f"材料{level}" for level in range(STRATA + 1)}


def test_a_long_chain_reaches_every_medium(deep: tuple[Outcome, Narrative]) -> None:
    _, narrative = deep
    html = render(narrative)
    out = StringIO()
    Console(file=out, width=100, color_system=None).print(render_narrative(narrative, True))
    text = out.getvalue()
    for level in range(1, STRATA + 1):
        assert html.count(f"“层{level}”是怎么得出的") == 1
        assert html.count(f"第{level}层-1</b>") == 1
        assert text.count(f"规则 第{level}层-1") == 1
    assert html.count("<details") == STRATA + 1
    assert max(map(len, html.split("</details>"))) < len(html) / DEEPEST


def test_a_long_chain_is_json(deep: tuple[Outcome, Narrative]) -> None:
    written = outcome_json(*deep)
    facts = written["facts"]
    assert isinstance(facts, list)
    assert len(facts) == STRATA + 1
    json.dumps(written, allow_nan=False)


def group(across: str) -> Outcome:
    """Two prizes of one group, and two honours of it without a number, one of a person's."""
    grants: list[list[Content]] = [
        ["条件", "结论", "结论", "结论", "结论", "结论"],
        ["甲", "支持项编号", "支持项", "受益主体", "金额", "同类组"],
        ["是", "大奖", "大奖", "企业", "50万元", "奖"],
        ["是", "小奖", "小奖", "企业", "20万元", "奖"],
        ["是", "名录", "入选名录", "企业", "按有关规定", "奖"],
        ["是", "称号", "先进个人", "个人", "按有关规定", "奖"],
    ]
    return answer(
        {
            "指标": [["指标", "类型"], ["甲", "是否"]],
            "代码表": [["代码表", "值"], ["主体", "企业"], ["主体", "个人"]],
            "同类组": [["组", "规则", "比较", "范围"], ["奖", "就高", "按上限", across]],
            "奖励": decision_table(
                "奖励", {"命中策略": "收集", "类别": "措施", "默认": "—"}, grants
            ),
        },
        {"甲": True},
    )


@pytest.mark.parametrize(
    ("across", "apart"), [("同一受益主体", "入选名录"), ("跨受益主体", "入选名录、先进个人")]
)
def test_what_has_no_amount_is_said_not_to_be_compared(across: str, apart: str) -> None:
    assert [line for line in explain(group(across)).group_lines if "不参加比较" in line] == [
        f"“奖”：{apart}没有可比的金额，不参加比较，仍可享受"
    ]


def test_of_several_rows_the_one_that_gives_the_number_is_quoted() -> None:
    """“按有关规定” beside an amount has no number of its own, and so gives none."""
    rows: list[list[Content]] = [
        ["条件", "结论", "结论"],
        ["甲", "支持项编号", "金额"],
        ["是", "M1", "按有关规定"],
        ["是", "M1", "20万元"],
    ]
    settings: dict[str, Content] = {"命中策略": "收集", "类别": "措施", "默认": "—"}
    table = decision_table("奖励", settings, rows)
    outcome = answer({"指标": [["指标", "类型"], ["甲", "是否"]], "奖励": table}, {"甲": True})
    (measure,) = outcome.measures
    assert isinstance(measure.verdict, Granted)
    assert (measure.verdict.amount.low, measure.verdict.amount.high) == (20_0000_00, 20_0000_00)
    assert [rule.id for rule in measure.verdict.rules] == ["奖励-2"]


def test_a_cap_on_what_a_person_decides_is_shown() -> None:
    outcome = answer(
        {
            "指标": [["指标", "类型"], ["特殊贡献", "是否"]],
            "奖励": decision_table(
                "奖励",
                {"命中策略": "收集", "类别": "措施", "默认": "—"},
                [
                    ["条件", "结论", "结论", "结论"],
                    ["特殊贡献", "支持项编号", "金额", "最高限额"],
                    ["是", "M1", "一事一议", "300万元"],
                ],
            ),
        },
        {"特殊贡献": True},
    )
    (measure,) = explain(outcome).measures
    assert measure.verdict == "referred"
    assert [line.label for line in measure.amount_lines] == ["不超过"]
    assert measure.amount_lines[0].value == "0元 至 300万元"


def test_an_event_outside_the_life_of_the_policy_is_told_first_and_with_its_day() -> None:
    (wuxi,) = (book for book in BOOKS if book.parent.name == "wuxi-2023")
    policy, example = read(wuxi).policy, examples_beside(wuxi)["before-the-policy.json"]
    assert policy is not None
    assert example is not None
    narrative = explain(simulate(build(policy, "python"), example.case))
    absent = [each for each in narrative.measures if each.verdict == "not_applicable"]
    told = "“项目落地日期”是2023年9月27日，不在政策有效期（2023年9月28日起）内"
    assert [each.id for each in absent if each.headline == told] == ["M6-3"]
    common = max((each.headline for each in absent), key=[e.headline for e in absent].count)
    ordered = rarest_reason_first(absent)
    assert ordered.index(next(each for each in absent if each.id == "M6-3")) < 4
    assert ordered[-1].headline == common


ASKED: dict[str, list[list[Content]]] = {
    "指标": [["指标", "类型"], ["批文号", "文本"], ["新批", "是否"], ["旧批", "文本"]],
    "决策": decision_table(
        "奖励",
        {"命中策略": "收集", "类别": "措施"},
        [
            ["条件", "条件", "条件", "结论", "结论"],
            ["批文号", "旧批", "新批", "支持项编号", "金额"],
            ["非空", "空", "是", "M1", "50万元"],
        ],
    ),
}


def test_a_blank_says_why_it_refuses_fulfils_or_leaves_open() -> None:
    (measure,) = explain(answer(ASKED, {})).measures
    assert measure.verdict == "refused"
    told = {line.condition: line.blank for line in measure.rules[0].lines}
    assert told == {
        "批文号": word("condition.blank_refuses"),
        "旧批": word("condition.blank_fulfils"),
        "新批": word("condition.blank_open"),
    }
    (measure,) = explain(answer(ASKED, {"批文号": "1", "旧批": "2", "新批": True})).measures
    assert {line.blank for line in measure.rules[0].lines} == {""}


def test_a_certain_and_an_open_benefit_of_one_measure_are_both_told() -> None:
    outcome = answer(
        {
            "指标": [["指标", "类型"], ["落户", "是否"], ["设备", "是否"]],
            "决策": decision_table(
                "奖励",
                {"命中策略": "收集", "类别": "措施"},
                [
                    ["条件", "条件", "结论", "结论", "结论"],
                    ["落户", "设备", "支持项编号", "金额", "同项多行"],
                    ["是", "—", "M1", "100万元", "求和"],
                    ["—", "是", "M1", "最高200万元", "求和"],
                ],
            ),
        },
        {"落户": True},
    )
    narrative = explain(outcome)
    (measure,) = narrative.measures
    assert measure.verdict == "undetermined"
    certain, open_ = leading_rules(measure)
    assert certain.outcome == "给予 100万元"
    assert open_.outcome == "条件待定，满足后给予 最高 200万元"
    assert [line.value for line in measure.amount_lines[:2]] == ["100万元", "0元 至 200万元"]
    for medium in (render(narrative), terminal(narrative)):
        assert "给予 100万元" in medium
        assert "满足后给予 最高 200万元" in medium


def test_the_facts_of_a_case_are_told_in_the_order_of_the_policy() -> None:
    narrative = explain(answer(ASKED, {"新批": True, "批文号": "甲1"}))
    assert narrative.given == (GivenLine("批文号", "甲1"), GivenLine("新批", "是"))


def terminal(narrative: Narrative) -> str:
    console = Console(file=StringIO(), width=120)
    console.print(render_narrative(narrative))
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("condition", "amount", "before", "said"),
    [
        (
            "增幅(本年; 上年) ≥ 20%",
            "10万元",
            0,
            "上年是 0，增幅(本年; 上年)算不出来：请人工判断，或者在规则里写明这时怎么办",
        ),
        (
            "本年 ≥ 0万元",
            "如果 增幅(本年; 上年) ≥ 20% 则 本年的1.5% 否则 本年的1%",
            0,
            "上年是 0，增幅(本年; 上年)算不出来：请人工判断，或者在规则里写明这时怎么办",
        ),
        (
            "增幅(本年; 上年) ≥ 20%",
            "10万元",
            -100,
            "上年不到 0，增幅(本年; 上年)算不出来：请人工判断，或者在规则里写明这时怎么办",
        ),
        (
            "本年 ÷ 上年 ≥ 120%",
            "10万元",
            0,
            "上年是 0，本年 ÷ 上年算不出来：请人工判断，或者在规则里写明这时怎么办",
        ),
        ("增幅(本年; 上年) ≥ 20%", "10万元", None, "还缺 1 项信息：上年"),
        ("增幅(本年; 上年) ≥ 20%", "10万元", 100, "全部条件满足：10万元"),
    ],
)
def test_what_is_divided_by_nothing_is_said_to_be(
    condition: str, amount: str, before: int | None, said: str
) -> None:
    sheets = {
        "指标": [["指标", "类型", "单位"], ["本年", "金额", "万元"], ["上年", "金额", "万元"]],
        "奖励": decision_table(
            "奖励",
            {"命中策略": "收集", "类别": "措施", "默认": "—"},
            [
                ["条件", "结论", "结论"],
                ["条件式", "支持项编号", "金额"],
                [condition, "M1", amount],
            ],
        ),
    }
    facts: dict[str, object] = {"本年": 200 * 10**6}
    if before is not None:
        facts["上年"] = before * 10**6
    narrative = explain(answer(sheets, facts))
    [measure] = narrative.measures
    assert measure.headline == said
    out = StringIO()
    Console(file=out, width=200, color_system=None).print(render_narrative(narrative, True))
    assert said in out.getvalue()
    assert said in render(narrative)
