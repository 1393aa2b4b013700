"""Every way of spoiling a workbook is found, at its cell, with words for it; nothing crashes."""

from __future__ import annotations

import io
import re
import tomllib
from importlib.resources import files

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authoring.messages import CODE, fill, words
from authoring.render_findings import render_findings
from authoring.understand import Understanding, read_book
from engine.findings import Severity, has_errors
from engine.fingerprint import fingerprint
from tests.books import Content, make_book
from tests.sample_book import edited, read, sheets

MESSAGES = files("authoring.messages")

SPOILT: list[tuple[str, str, dict[str, Content]]] = [
    # cells
    ("W220", "措施!H4", {"措施!H4": "=1+1"}),
    ("W220", "条款!C2", {"条款!C2": "=A1"}),
    ("W221", "用例!E2", {"用例!E2": "=1+1"}),
    ("W222", "措施!H4", {"措施!H4": "#REF!"}),
    ("W224", "条款!A2", {"条款!B2": "<"}),
    ("W224", "同类组!B2", {"同类组!C2": "<"}),
    ("W225", "措施!H4", {"措施!H5": "^"}),
    ("W225", "措施!A4", {"措施!A5": "^"}),
    ("W225", "推导!D4", {"推导!D5": "^"}),
    ("W225", "推导!B3", {"推导!C3": "<"}),
    ("W224", "推导!B4", {"推导!C4": "<"}),
    # headings and plain rows
    ("W230", "指标!L1", {"指标!L1": "单位价格"}),
    ("W231", "指标!L1", {"指标!L1": "类型"}),
    ("W231", "推导!C3", {"推导!C3": "总投资"}),
    ("W231", "推导!F3", {"推导!F3": "备注"}),
    ("W231", "措施!I3", {"措施!I3": "奖励金额"}),
    ("W232", "指标!M3", {"指标!M3": "遗漏"}),
    ("W232", "推导!H4", {"推导!H4": "遗漏"}),
    ("W233", "指标!A1", {"指标!B1": "单位", "指标!C1": "说明"}),
    ("W233", "措施!A1", {"措施!F3": "分担"}),
    ("W234", "指标!B3", {"指标!B3": None}),
    ("W234", "推导!A5", {"推导!A5": None}),
    ("W234", "用例!C2", {"用例!C2": None}),
    ("W235", "指标!B3", {"指标!B3": "钱"}),
    ("W235", "政策!B7", {"政策!B7": "毛"}),
    ("W235", "推导!D1", {"推导!D1": "先到先得"}),
    ("W235", "推导!F1", {"推导!F1": "别的"}),
    ("W235", "推导!F5", {"推导!F5": "也许"}),
    ("W235", "措施!G4", {"措施!G4": "钱"}),
    ("W236", "指标!A3", {"指标!A3": "实缴资金"}),
    ("W236", "指标!A3", {"指标!A3": "实缴 资金"}),
    ("W236", "条款!A3", {"条款!A3": "一"}),
    ("W236", "代码表!B3", {"代码表!B3": "企业"}),
    ("W236", "推导!A5", {"推导!A5": "重-1"}),
    ("W236", "措施!A4", {"推导!A4": "措-1"}),
    ("W236", "政策!A4", {"政策!A4": "标题"}),
    ("W236", "用例!A3", {"用例!A3": "例1"}),
    # 政策
    ("W240", "政策!A4", {"政策!A4": "成文日子"}),
    ("W241", "政策!B3", {"政策!B3": None}),
    ("W241", "政策!A1", {"政策!A5": "成文地点"}),
    ("W242", "政策!B6", {"政策!B6": "2022-12-31"}),
    ("W242", "代码表!F5", {"代码表!F5": "2023-05-31"}),
    (
        "W242",
        "推导!H4",
        {"推导!G2": "<", "推导!H2": "<", "推导!G3": "生效", "推导!H3": "失效"}
        | {"推导!G4": "2024-01-02", "推导!H4": "2024-01-01"},
    ),
    # 条款
    ("W250", "措施!L4", {"措施!L4": "三"}),
    ("W251", "措施!M4", {"措施!M4": "按实缴资金的6‰给予奖励"}),
    ("W252", "措施!M4", {"措施!L4": "二"}),
    ("W251", "评选!N2", {"评选!N2": "名额不超过30%"}),
    # 代码表
    ("W260", "代码表!C5", {"代码表!C5": "工业"}),
    ("W261", "代码表!C4", {"代码表!C4": "集成电路"}),
    ("W262", "代码表!D4", {"代码表!D4": "0"}),
    ("W262", "代码表!D4", {"代码表!D4": "一"}),
    # 指标
    ("W270", "指标!C2", {"指标!C2": "人"}),
    ("W285", "指标!C2", {"指标!C2": None}),
    ("W270", "指标!C9", {"指标!C9": "万元"}),
    ("W271", "指标!C4", {"指标!C4": "万元"}),
    ("W271", "指标!C6", {"指标!C6": "天"}),
    ("W272", "指标!G4", {"指标!G4": "制造业"}),
    ("W273", "指标!H2", {"指标!G2": "2亿元"}),
    ("W274", "指标!I2", {"指标!I2": "2亿元"}),
    ("W275", "指标!A9", {"指标!A9": "名称"}),
    ("W275", "指标!A9", {"指标!A9": "期望·M1"}),
    ("W276", "指标!J4", {"指标!J4": "视为0"}),
    ("W276", "指标!J7", {"指标!J7": "视为否"}),
    ("W277", "指标!D4", {"指标!D4": None}),
    ("W278", "指标!D4", {"指标!D4": "行业表"}),
    ("W279", "指标!D2", {"指标!D2": "行业"}),
    ("W280", "指标!E2", {"指标!E2": "企业家"}),
    ("W280", "措施!F4", {"措施!F4": "公司"}),
    ("W235", "指标!K4", {"指标!K4": "都行"}),
    ("W283", "指标!K9", {"指标!B9": "文本", "指标!C9": None, "指标!K9": "只增"}),
    ("W284", "指标!K4", {"指标!K4": "只增", "代码表!D5": None}),
    ("W280", "评选!L2", {"评选!L2": "集体"}),
    ("W281", "代码表!A1", {"代码表!A2": "主体类", "代码表!A3": "主体类"}),
    (
        "W282",
        "指标!A10",
        {"指标!B10": "数量", "用例!J3": "是"},
    ),
    # sheets
    ("W291", "政策信息!A1", {"政策信息!A1": "项"}),
    ("W292", "补充规则!A1", {"补充规则!A1": "编号", "补充规则!B1": "条件", "补充规则!C1": "结论"}),
    ("W292", "补充规则!B1", {"补充规则!B1": "决策表"}),
    ("W293", "草稿!A1", {"草稿!A1": "随便写写"}),
    (
        "W296",
        "草稿!A1",
        {"草稿!A1": "评选项", "草稿!B1": "场次", "草稿!C1": "编号", "草稿!D1": "基准日期"},
    ),
    # the layout of decision tables
    ("W301", "推导!A7", {"推导!A7": "重-3", "推导!B7": "—"}),
    ("W302", "推导!A1", {"推导!B1": None}),
    ("W319", "推导!A6", {"推导!A6": "注：重大项目由市级认定"}),
    ("W303", "推导!A8", {"推导!A8": "决策表", "推导!B8": "新表"}),
    ("W303", "推导!A1", {"推导!A2": "决策表", "推导!B2": "新表"}),
    (
        "W304",
        "推导!A8",
        {"推导!A8": "决策表", "推导!B8": "新表", "推导!A9": "编号", "推导!A10": "编号"},
    ),
    ("W305", "推导!H1", {"推导!G1": None}),
    ("W306", "推导!G1", {"推导!G1": "默许"}),
    ("W306", "推导!E1", {"推导!E1": "类别·重大项目"}),
    ("W307", "推导!G1", {"推导!H1": None}),
    ("W308", "推导!I1", {"推导!I1": "默认", "推导!J1": "是"}),
    ("W309", "推导!B2", {"推导!B2": "如果是", "推导!C2": "条件"}),
    ("W310", "推导!A3", {"推导!A2": None}),
    ("W311", "推导!B4", {"推导!B4": "同上"}),
    ("W311", "推导!A5", {"推导!A5": "同上"}),
    ("W312", "推导!A1", {"推导!C1": None, "推导!D1": None}),
    ("W312", "推导!A1", {"推导!E1": None, "推导!F1": None}),
    ("W313", "推导!B3", {"推导!B3": "投资总额"}),
    ("W313", "推导!D3", {"推导!D3": "重大"}),
    ("W317", "措施!I3", {"措施!I3": "最多限额"}),
    ("W314", "推导!B3", {"推导!B3": "总投资（万美元）"}),
    ("W314", "用例!E1", {"用例!E1": "实缴资金（人）"}),
    ("W315", "措施!J4", {"措施!J3": "取整", "措施!J4": "元", "措施!J5": None}),
    # rules
    ("W320", "推导!C5", {"推导!C5": None}),
    ("W320", "措施!C4", {"措施!C4": None}),
    ("W321", "措施!L4", {"措施!L4": None}),
    ("W322", "措施!M4", {"措施!M4": None}),
    ("W323", "措施!N4", {"措施!N4": "重-1"}),
    ("W324", "措施!N4", {"措施!N4": "措-2", "措施!N5": "措-1"}),
    ("W324", "措施!N4", {"措施!N4": "措-1"}),
    # 推导
    ("W330", "推导!A1", {"推导!D2": "备注", "推导!D3": "附注", "推导!E3": None}),
    ("W331", "推导!D3", {"指标!F7": "填报"}),
    ("W332", "推导!D4", {"推导!D4": None}),
    ("W332", "措施!H4", {"措施!H4": None}),
    (
        "W333",
        "推导!D4",
        {"指标!B7": "数量", "推导!D1": "计数", "推导!H1": "—", "推导!D4": "2", "推导!D5": "1"},
    ),
    ("W334", "推导!D1", {"推导!D1": "优先"}),
    ("W335", "推导!D1", {"推导!D1": "收集"}),
    ("W336", "推导!D1", {"推导!D1": "计数", "推导!H1": "—"}),
    ("W336", "推导!D1", {"推导!D1": "最大"}),
    (
        "W337",
        "推导!H1",
        {"指标!B7": "数量", "推导!D1": "计数", "推导!H1": "3", "推导!D4": "1", "推导!D5": "1"},
    ),
    ("W339", "推导!G1", {"推导!G1": "默认·总投资"}),
    (
        "W340",
        "推导!G1",
        {"指标!F10": "推导", "推导!E2": "结论", "推导!E3": "表现突出", "推导!F2": "备注"}
        | {"推导!E4": "是", "推导!E5": "是"},
    ),
    # 措施
    ("W350", "措施!D1", {"措施!D1": "求和"}),
    ("W351", "措施!H1", {"措施!H1": "100万元"}),
    ("W352", "措施!K4", {"措施!K4": "总投资"}),
    ("W353", "措施!I4", {"措施!H4": "实缴资金的5‰，最高200万元"}),
    (
        "W354",
        "措施!K4",
        {"措施!K3": "最低", "措施!K4": "10万元", "措施!H4": "实缴资金的5‰，最低10万元"},
    ),
    ("W355", "措施!I4", {"措施!H4": "按有关规定"}),
    ("W356", "措施!K4", {"措施!K3": "性质", "措施!K4": "上限"}),
    ("W357", "措施!E5", {"措施!D5": "M1"}),
    # 同类组
    ("W360", "措施!J4", {"措施!J4": "落地组"}),
    ("W361", "措施!J5", {"措施!H5": "无"}),
    ("W362", "同类组!A3", {"同类组!A3": "空组", "同类组!B3": "就高"}),
    ("W363", "同类组!H2", {"同类组!H2": "500万元"}),
    ("W364", "同类组!H2", {"同类组!B2": "合计封顶"}),
    ("W364", "同类组!H2", {"同类组!B2": "合计封顶", "同类组!H2": "不封顶"}),
    ("W365", "同类组!F2", {"同类组!F2": None}),
    ("W366", "同类组!G2", {"同类组!G2": None}),
    ("W367", "同类组!F2", {"同类组!F2": "行业"}),
    ("W368", "同类组!E2", {"同类组!E2": "M1、M3"}),
    ("W369", "同类组!E2", {"同类组!E2": "M1、M2、M1"}),
    # 评选
    ("W370", "评选!E2", {"评选!E2": "若干"}),
    ("W370", "评选!E2", {"评选!E2": "125%"}),
    ("W371", "评选!F2", {"评选!E2": "5", "评选!F2": "职工人数"}),
    ("W372", "评选!G2", {"评选!G2": None}),
    ("W373", "评选!F2", {"评选!F2": "总投资"}),
    ("W374", "评选!H2", {"评选!H2": "制造业优先"}),
    ("W375", "评选!I2", {"评选!I2": None}),
    ("W376", "评选!J2", {"评选!J2": "抽签"}),
    ("W379", "评选!I2", {"评选!H2": None}),
    # agreement between tables
    ("W380", "措施!A1", {"措施!B1": "重大项目识别"}),
    ("W382", "指标!F2", {"指标!F2": "推导"}),
    (
        "W381",
        "再推导!C3",
        {"再推导!A1": "决策表", "再推导!B1": "再识别", "再推导!C1": "命中策略", "再推导!D1": "首个"}
        | {"再推导!E1": "类别", "再推导!F1": "推导", "再推导!G1": "默认", "再推导!H1": "否"}
        | {"再推导!A2": "编号", "再推导!B2": "条件", "再推导!C2": "结论", "再推导!A3": "编号"}
        | {"再推导!B3": "行业", "再推导!C3": "重大项目", "再推导!A4": "再-1"}
        | {"再推导!B4": "制造业", "再推导!C4": "是"},
    ),
    # golden cases
    ("K409", "用例!K2", {"用例!K1": "重大项目", "用例!K2": "是", "用例!K3": None}),
    ("K410", "用例!E2", {"用例!E2": "-1万元"}),
    ("K411", "用例!E2", {"用例!E2": "2亿元"}),
    ("K412", "用例!G2", {"用例!C2": "2023-05-01"}),
    ("K413", "用例!D2", {"用例!D2": "企业、个人"}),
    ("K414", "用例!C3", {"用例!C3": "2022-05-01"}),
    ("K415", "用例!A2", {"用例!F2": "0.1"}),
    ("K419", "用例!I2", {"用例!I2": "2024-01-01"}),
    ("K434", "用例!E1", {"用例!E1": "实缴资本"}),
    ("K420", "用例!L1", {"用例!L1": "期望·M9"}),
    ("K428", "用例!P1", {"用例!P1": "期望·M9"}),
    ("K428", "用例!P1", {"用例!P1": "实缴资本"}),
    ("W325", "措施!B3", {"措施!B3": "大项目", "措施!B4": "—"}),
    ("K427", "用例!L2", {"用例!L2": "被M9取代"}),
    ("K421", "用例!L1", {"措施!O2": "<", "措施!O3": "启用", "措施!O5": "否"}),
    ("K422", "用例!K2", {"用例!K2": "有钱"}),
    ("K422", "用例!K2", {"用例!K2": "上限"}),
    ("K423", "用例!L2", {"用例!L2": "不符合 5万元"}),
    ("K424", "用例!K3", {"用例!K3": "待补充 投资"}),
    ("K425", "用例!K2", {"用例!K2": "区间 50万元—20万元"}),
    ("K426", "用例!K2", {"用例!K2": "可享受 很多"}),
    ("K426", "用例!M2", {"用例!M2": "很多"}),
]

ELSEWHERE = (
    {"W290", "W294", "W316", "W295", "W383"}  # below
    | {"W297", "W318"}  # test_notice
    | {f"W2{number:02}" for number in range(1, 20)}  # test_workbook
    | {"W226", "W227", "W228", "W298", "W299", "K435"}  # test_bounds, test_bad_input
    | {"W223"}
    | {f"K40{number}" for number in range(1, 9)}  # test_cases
    | {"K416", "K417", "K418", "K430", "K431", "K432", "K433", "K436"}
    | {"K435"}  # test_compare
    | {"K437", "K438", "K439", "K442", "K443"}  # test_delimited
    | {"K444"}  # test_budget
    | {"K445"}  # test_portfolio
    | {"K440", "K441"}  # of contests
    | {"W377", "W378", "W384"}  # several rows that do not agree: tests/spec
    | {f"W39{number}" for number in range(8)}  # tests/spec/patterns.md
)


def found(understanding: Understanding) -> list[tuple[str, str]]:
    return [(each.code, str(each.at or "—")) for each in understanding.findings]


def test_a_golden_case_of_a_number_that_is_taken_is_read_for_what_else_is_wrong() -> None:
    book = edited({"用例!A3": "例1", "用例!C3": "2023-02-30"})
    told = found(read(book))
    assert ("W236", "用例!A3") in told
    assert "用例!C3" in [at for _, at in told]


def test_the_sample_is_sound() -> None:
    understanding = read(sheets())
    assert found(understanding) == []
    assert understanding.policy is not None
    assert len(understanding.golden_cases) == 2


@pytest.mark.parametrize(
    ("code", "cell", "edits"), SPOILT, ids=[f"{code} {cell}" for code, cell, _ in SPOILT]
)
def test_a_spoilt_cell_is_found(code: str, cell: str, edits: dict[str, Content]) -> None:
    understanding = read(edited(edits))
    assert (code, cell) in found(understanding)
    assert (understanding.policy is None) == has_errors(understanding.findings)
    assert code in render_findings(understanding.findings)


@pytest.mark.parametrize("text", ["不封顶", "不限", "无", "—"])
def test_what_has_no_cap_may_say_so(text: str) -> None:
    understanding = read(edited({"评选!K2": text, "同类组!H2": text, "措施!I4": text}))
    assert found(understanding) == []
    policy = understanding.policy
    assert policy is not None
    assert policy.selections[0].tiers[0].award_ceiling is None
    assert policy.groups[0].cap is None
    grants = [rule.grant for table in policy.tables for rule in table.rules if rule.grant]
    assert [grant.caps for grant in grants] == [(), ()]


def test_a_tie_break_is_suggested() -> None:
    (finding,) = read(edited({"评选!J2": "总投次"})).findings
    assert finding.did_you_mean == ("总投资",)


def test_every_code_is_provoked() -> None:
    provoked = {code for code, _, _ in SPOILT} | ELSEWHERE
    spoken = {
        code
        for name in ("workbook.toml", "cases.toml")
        for code in tomllib.loads(MESSAGES.joinpath(name).read_text(encoding="utf-8"))
        if CODE.fullmatch(code)
    }
    assert spoken == provoked


def test_what_stands_below_a_heading_tells_whether_it_spoils_the_book() -> None:
    headings = {"用例!P1": "旧指标甲", "用例!Q1": "旧指标乙", "用例!R1": "期望·M9"}
    [left] = read(edited(headings)).findings
    assert (left.code, left.severity, str(left.at)) == ("K428", Severity.ADVICE, "用例!P1")
    assert left.params["heading"] == ("旧指标甲", "旧指标乙", "期望·M9")
    assert [str(each) for each in left.related] == ["用例!Q1", "用例!R1"]
    filled = {"用例!P2": "1", "用例!Q3": "是", "用例!R2": "不符合"}
    fields, measure = read(edited(headings | filled)).findings
    assert (fields.code, fields.severity, str(fields.at)) == ("K434", Severity.ERROR, "用例!P1")
    assert fields.params["heading"] == ("旧指标甲", "旧指标乙")
    assert (measure.code, measure.severity) == ("K420", Severity.ERROR)


def test_a_heading_with_a_suggestion_is_told_of_by_itself() -> None:
    edits = {"用例!P1": "旧指标甲", "用例!Q1": "旧指标乙", "用例!P2": "1", "用例!Q2": "1"}
    understanding = read(edited({**edits, "用例!E1": "实缴资本"}))
    assert found(understanding) == [("K434", "用例!E1"), ("K434", "用例!P1")]
    assert understanding.findings[0].did_you_mean


def test_a_column_that_asks_something_of_no_field_is_an_error() -> None:
    understanding = read(edited({"措施!B3": "大项目"}))
    assert ("W313", "措施!B3") in found(understanding)


def test_blank_rows_above_the_first_rule_and_ready_rows_behind_the_last_are_no_matter() -> None:
    book = sheets()
    whole = read(book).policy
    width = len(book["措施"][0])
    ready: list[Content] = [None, "—", "—", *[None] * (width - 3)]
    blank: list[Content] = [None] * width
    book["措施"] = [*book["措施"][:3], blank, blank, *book["措施"][3:5], blank, ready, list(ready)]
    understanding = read(book)
    assert found(understanding) == []
    assert understanding.policy is not None
    assert whole is not None
    assert fingerprint(understanding.policy) == fingerprint(whole)
    book["措施"][-1][0] = "措-3"
    assert ("W301", "措施!A10") in found(read(book))


@pytest.mark.parametrize("above", [0, 9])
def test_where_a_conclusion_is_to_be_written_is_told_by_the_rows_of_the_sheet(above: int) -> None:
    book = edited({"推导!D2": "备注", "推导!D3": "附注", "推导!E3": None})
    book["推导"] = [[] for _ in range(above)] + book["推导"]
    (finding,) = (each for each in read(book).findings if each.code == "W330")
    told = fill(words("W330").help, finding.params)
    assert f"第 {above + 2} 行（" in told
    assert f"第 {above + 3} 行写要推导的指标" in told


@pytest.mark.parametrize("name", ["政策", "条款", "指标"])
def test_a_missing_sheet_is_found(name: str) -> None:
    book = sheets()
    del book[name]
    assert ("W294", "—") in found(read(book))


def test_a_book_without_decision_tables_is_warned_of() -> None:
    book = {name: rows for name, rows in sheets().items() if name in ("政策", "条款", "代码表")}
    understanding = read(book | {"指标": [["指标", "类型"]]})
    assert found(understanding) == [("W295", "—")]
    assert understanding.policy is not None


def test_a_hidden_sheet_is_warned_of() -> None:
    understanding = read_book(make_book(sheets(), hidden=["措施"]))
    assert found(understanding) == [("W290", "措施!A1")]
    assert understanding.findings[0].severity is Severity.WARNING


def test_a_hidden_rule_is_warned_of() -> None:
    book = openpyxl.load_workbook(io.BytesIO(make_book(sheets())))
    book["推导"].row_dimensions[5].hidden = True
    book["指标"].row_dimensions[5].hidden = True
    content = io.BytesIO()
    book.save(content)
    understanding = read_book(content.getvalue())
    assert found(understanding) == [("W316", "推导!A5")]
    assert understanding.policy is not None


def test_a_measure_stands_in_one_table() -> None:
    book = sheets()
    copy = [list(row) for row in book["措施"]]
    copy[0][1] = "另一张"
    copy[3][0], copy[4][0] = "另-1", "另-2"
    understanding = read(book | {"另一张": copy})
    assert found(understanding) == [("W383", "另一张!D4"), ("W383", "另一张!D5")]
    assert str(understanding.findings[0].related[0]) == "措施!D4"


def test_findings_of_all_sheets_come_in_one_pass() -> None:
    edits = {"指标!B3": "钱", "措施!H4": "很多", "同类组!B2": "随便", "用例!E2": "很多"}
    places = {cell for _, cell in found(read(edited(edits)))}
    assert places >= set(edits)


def test_what_is_broken_is_reported_once() -> None:
    """A field that cannot be read is not called unknown wherever it heads a column."""
    understanding = read(edited({"指标!B3": "钱", "评选!D2": "职工人数", "业务约束!B2": "—"}))
    assert found(understanding) == [("W235", "指标!B3")]


def test_a_column_without_heading_is_reported_once() -> None:
    understanding = read(edited({"指标!L2": "甲", "指标!L5": "乙", "指标!M3": "丙"}))
    assert found(understanding) == [("W232", "指标!L2"), ("W232", "指标!M3")]


def test_a_note_under_a_table_is_one_finding() -> None:
    for note in ("注：重大项目由市级认定", "（备注1：见附件）", "※ 见附件"):
        assert found(read(edited({"推导!A6": note}))) == [("W319", "推导!A6")]
    assert ("W319", "推导!A6") not in found(read(edited({"推导!A6": "注-1"})))


def test_a_quote_of_another_provision_is_told_where_it_stands() -> None:
    (finding,) = read(edited({"措施!L4": "二"})).findings
    assert finding.params["others"] == ("一",)
    assert [str(each) for each in finding.related] == ["条款!A2"]
    said = render_findings(read(edited({"措施!M4": "拨付资金"})).findings)
    assert "从第一个字起就对不上" in said
    assert "「」" not in said


def test_a_policy_without_a_day_makes_no_warnings_of_cases() -> None:
    edits: dict[str, Content] = {"政策!B5": "2023-9-31", "用例!G2": None}
    edits |= {"用例!C2": "2022-10-01", "用例!I2": "2022-12-01"}
    assert found(read(edited(edits))) == [("C116", "政策!B5")]


def test_switched_off_rules_are_left_out() -> None:
    understanding = read(edited({"推导!F4": "否"}))
    assert understanding.policy is not None
    assert [rule.id for rule in understanding.policy.tables[0].rules] == ["重-2"]


def test_the_order_of_sheets_does_not_matter() -> None:
    book = sheets()
    forth = read(book).policy
    back = read(dict(reversed(book.items()))).policy
    assert forth is not None
    assert back is not None
    assert fingerprint(forth) == fingerprint(back)


def test_every_node_knows_its_cell() -> None:
    policy = read(sheets()).policy
    assert policy is not None
    for name in ("provisions", "fields", "code_lists", "tables", "measures", "groups"):
        for node in getattr(policy, name):
            assert node.at is not None, node
            assert node.at.cell.sheet in sheets()


def test_what_was_typed_is_understood() -> None:
    policy = read(sheets()).policy
    assert policy is not None
    amount = policy.fields[0]
    assert (amount.minimum, amount.maximum, amount.typical) == (0, 10**10, 10**9)
    rule = policy.tables[0].rules[0]
    assert [condition.text for condition in rule.conditions] == ["≥10000", "制造业"]
    grant = policy.tables[1].rules[0].grant
    assert grant is not None
    assert len(grant.caps) == 1
    assert policy.measures[0].group == "落户"
    assert policy.measures[0].event_field == "开工日期"
    assert policy.rounding.step == 100
    assert policy.provisions[1].chapter == "总则"


CELLS = [
    f"{name}!{chr(65 + column)}{row + 1}"
    for name, rows in sheets().items()
    for row, contents in enumerate(rows)
    for column in range(len(contents))
]
ODD = st.sampled_from(
    [
        "—",
        "同上",
        "^",
        "<",
        "=1/0",
        "#N/A",
        "决策表",
        "期望·",
        "是",
        "0",
        "1e308",
        "（",
        "最高",
        "50万元",
        "2023-13-45",
        "被取代",
        "M1",
        "企业",
        "无",
        "合计",
        "-5%",
        "'",
        "待补充",
        "1亿",
        "最高",
        "每满(",
        "分段(总投资;",
        "如果",
        "至少(2",
        "———",
        "实缴资金的",
        "%",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(CELLS), ODD | st.text(max_size=12) | st.floats() | st.booleans(), max_size=4
    )
)
def test_no_cell_makes_it_crash(edits: dict[str, Content]) -> None:
    edits = {
        cell: re.sub(r"[\x00-\x1f\ud800-\udfff\ufffe\uffff]", "", each)
        if isinstance(each, str)
        else each
        for cell, each in edits.items()
    }
    understanding = read(edited(edits))
    assert (understanding.policy is None) == has_errors(understanding.findings)
    assert render_findings(understanding.findings)
