"""Narratives made by hand: what the renderers are tried on without an engine."""

from __future__ import annotations

from dataclasses import replace

from engine.narrative import (
    AmountLine,
    ConditionLine,
    GivenLine,
    MeasureNarrative,
    MissingLine,
    Narrative,
    RuleBlock,
    TotalLine,
)

QUOTE = "分类别按实际到账外资比例给予最高2%、不超过5000万元奖励"
ARTICLE = (
    "强化招商项目落地扶持。实施重大项目落户奖励，对符合我市“465”现代产业集群导向的重点产业招商项目"
    "按照现代产业政策给予相应奖励。更大力度吸引和利用外资，对符合要求的新批外资项目，"
    f"{QUOTE}；对新认定的省级跨国公司地区总部（含事业部总部）和功能性机构，"
    "分别给予最高600万元和200万元资金补助。"
)

BEHIND = RuleBlock(
    "二-1",
    "世界500强",
    True,
    "得出 链主招引对象 ＝ 是",
    "二",
    "瞄准世界500强",
    "链主识别!A4",
    1,
    (
        ConditionLine(
            0, True, "企业资质", "属于 世界500强、中国500强", "世界500强", "", "链主识别!B4"
        ),
    ),
)
LINES = (
    ConditionLine(0, True, "新批外资项目", "是", "是", "", "外资奖励!B4"),
    ConditionLine(0, True, "满足任一即可：", "", "", "", "外资奖励!C4"),
    ConditionLine(1, True, "链主招引对象", "是", "是", "", "外资奖励!C4", False, ("链主招引对象",)),
    ConditionLine(1, False, "须同时满足：", "", "", "", "外资奖励!C4", True),
    ConditionLine(2, False, "外资项目类别", "现代服务业", "制造业", "", "外资奖励!C4", True),
    ConditionLine(2, None, "总投资", "≥ 2亿元", "未填", "", "外资奖励!C4", True),
)
GRANTED = MeasureNarrative(
    id="M16-2",
    name="新批外资项目到账奖励",
    beneficiary="企业",
    form="奖励",
    verdict="granted",
    verdict_word="可享受",
    headline="全部条件满足：最高 730万元，具体金额由主管部门核定",
    amount="最高 730万元",
    provision="十六",
    provision_title="强化招商项目落地扶持",
    provision_text=ARTICLE,
    quote=QUOTE,
    department="市商务局、市财政局",
    rules=(
        RuleBlock("十六-2", "", True, "给予 最高 730万元", "十六", QUOTE, "外资奖励!A4", 7, LINES),
        RuleBlock("十六-3", "", False, "条件不满足", "十六", QUOTE, "外资奖励!A5", None, LINES),
    ),
    amount_lines=(
        AmountLine(
            "按最高标准计算",
            "实际到账外资 × 2%（实际到账外资：36500万元）",
            "730万元",
            "外资奖励!I4",
        ),
        AmountLine("不超过", "5000万元", "730万元", "外资奖励!J4"),
    ),
    group_lines=(),
    missing=(),
    near_miss=False,
    repair=(),
    repair_gain="",
    repair_fields=(),
    evidence=("外资到账凭证", "项目批复文件"),
    notes=("审核方式：联合审核",),
)
NEAR = replace(
    GRANTED,
    id="M6-3",
    name="项目引荐奖励",
    beneficiary="中介机构",
    verdict="refused",
    verdict_word="不符合",
    headline="有 1 项条件不满足：实缴资金",
    amount="",
    provision_text="实缴资金达到3000万元的，给予5‰引荐奖励。",
    quote="给予5‰引荐奖励",
    rules=(
        RuleBlock(
            "六-3",
            "",
            False,
            "条件不满足",
            "六",
            "",
            "引荐!A4",
            None,
            (
                ConditionLine(
                    0,
                    False,
                    "实缴资金",
                    "≥ 3000万元",
                    "2600万元",
                    "还差 400万元",
                    "引荐!B4",
                ),
            ),
        ),
    ),
    amount_lines=(),
    near_miss=True,
    repair=("实缴资金：由 2600万元 改为 3000万元",),
    repair_gain="之后为 15万元",
    repair_fields=(),
    evidence=(),
    notes=(),
)
OPEN = replace(
    GRANTED,
    id="M1-3",
    name="首次获评专精特新奖励",
    verdict="undetermined",
    verdict_word="待补充",
    headline="还缺 1 项信息：首次获评专精特新",
    amount="尚可能 0元 至 50万元",
    rules=(
        RuleBlock(
            "一-3",
            "",
            None,
            "条件待定",
            "一",
            "",
            "企业奖励!A4",
            None,
            (
                ConditionLine(
                    0,
                    None,
                    "首次获评专精特新",
                    "是",
                    "未填",
                    "",
                    "企业奖励!B4",
                    blank="填了才能判定",
                ),
            ),
        ),
    ),
    missing=("首次获评专精特新",),
    amount_lines=(),
)
DISPLACED = replace(
    GRANTED,
    id="M16-3",
    name="跨国公司地区总部补助",
    verdict="displaced",
    verdict_word="就高不重复",
    headline="同类政策就高不重复：已由“新批外资项目到账奖励”（M16-2）取代，放弃 最高 600万元",
    amount="最高 600万元",
    group_lines=("“落户奖励”：新批外资项目到账奖励（最高 730万元）计入",),
)
SERVICE = replace(
    GRANTED,
    id="M17-2",
    name="高管和专业技术骨干落户、住房、子女就学、医疗保障",
    form="服务",
    headline="全部条件满足",
    amount="—",
    amount_lines=(),
)
NARRATIVE = Narrative(
    policy_title="关于加强新形势下招商引资工作的若干政策措施",
    policy_id="wuxi-2023",
    fingerprint="3f9a2c" + "0" * 58,
    case_name="示例项目",
    date="2023-10-01",
    total=TotalLine(
        "合计",
        "0元 至 730万元",
        "其中确定 15万元",
        "另有 1 项没有定额",
        "另有待定最多 50万元",
    ),
    totals=(
        TotalLine(
            "企业",
            "0元 至 730万元",
            "",
            "另有 1 项没有定额",
            "另有待定最多 50万元",
        ),
        TotalLine("中介机构", "0元", "", "", ""),
    ),
    counts={"granted": 2, "displaced": 1, "undetermined": 1, "refused": 1},
    missing=(
        MissingLine("首次获评专精特新", "关系到 50万元", ("M1-3",), "省级以上认定"),
        MissingLine("招商项目获奖等次", "不涉及金额", ("M15-1",)),
    ),
    group_lines=(
        "“落户奖励”：新批外资项目到账奖励（最高 730万元）计入；"
        "跨国公司地区总部补助（最高 600万元）不重复享受，放弃 最高 600万元",
    ),
    measures=(GRANTED, SERVICE, DISPLACED, NEAR, OPEN),
    derivations={"链主招引对象": (BEHIND,)},
    given=(GivenLine("实际到账外资", "36,500万元"), GivenLine("链主企业", "是", "主管部门认定")),
    subjects=("企业",),
)
