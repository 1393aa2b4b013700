"""Case files from anybody, and expectations as drafters write them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authoring.cases import known_of, read_case, read_case_file
from authoring.cases.expectations import read_expectation
from authoring.render_findings import render_findings
from engine.cases import Expectation
from engine.findings import has_errors
from engine.model import Policy
from engine.values import INFINITY
from tests.books import make_book
from tests.sample_book import edited, read, sheets

GOOD: dict[str, object] = {
    "编号": "甲",
    "名称": "甲项目",
    "基准日期": "2023-10-01",
    "涉及主体": ["企业"],
    "实缴资金": 5000,
    "总投资": "2亿元",
    "行业": "集成电路",
    "称号": ["世界500强", "专精特新"],
    "开工日期": "2023年9月28日",
    "表现突出": True,
    "职工人数": None,
    "期望": {"M1": "可享受 25万元", "合计·企业": "25万元—50万元"},
}


@pytest.fixture(scope="module")
def policy() -> Policy:
    policy = read(sheets()).policy
    assert policy is not None
    return policy


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "案例.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def codes_of(path: Path, policy: Policy) -> list[str]:
    case, _, findings = read_case_file(path, policy)
    assert (case is None) == has_errors(findings)
    assert render_findings(findings)
    return [each.code for each in findings]


def test_a_good_case(policy: Policy) -> None:
    case, expectations, findings = read_case(GOOD, policy)
    assert findings == ()
    assert case is not None
    assert (case.id, case.name, case.date) == ("甲", "甲项目", date(2023, 10, 1))
    assert case.subjects == {"企业"}
    assert case.facts == {
        "实缴资金": 5000 * 10**6,
        "总投资": 2 * 10**10,
        "行业": "集成电路",
        "称号": {"世界500强", "专精特新"},
        "开工日期": date(2023, 9, 28),
        "表现突出": True,
    }
    assert [each.target for each in expectations] == ["M1", "合计·企业"]


def test_a_file_reads_like_its_mapping(policy: Policy, tmp_path: Path) -> None:
    text = json.dumps(GOOD, ensure_ascii=False)
    assert read_case_file(written(tmp_path, text), policy) == read_case(GOOD, policy)
    with_mark = b"\xef\xbb\xbf" + text.encode()
    assert read_case_file(written(tmp_path, with_mark), policy) == read_case(GOOD, policy)


def test_numbers_stay_exact(policy: Policy, tmp_path: Path) -> None:
    path = written(tmp_path, '{"基准日期": "2023-10-01", "总投资": 1234567890.123456}')
    case, _, _ = read_case_file(path, policy)
    assert case is not None
    assert case.facts["总投资"] == 1234567890123456


def test_an_empty_list_is_known_to_be_none(policy: Policy) -> None:
    case, _, _ = read_case({"基准日期": "2023-10-01", "称号": []}, policy)
    assert case is not None
    assert case.facts == {"称号": frozenset()}
    same, _, _ = read_case({"基准日期": "2023-10-01", "称号": "无"}, policy)
    assert same == case


def test_the_date_may_come_from_outside(policy: Policy) -> None:
    case, _, findings = read_case({"总投资": 1}, policy, on=date(2024, 1, 1))
    assert case is not None
    assert (case.date, findings) == (date(2024, 1, 1), ())


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"总投姿": 5}, "K407", None),
        ({"总投资 ": 5}, "K406", None),
        ({"总投资": [5]}, "K408", "总投资"),
        ({"总投资": True}, "K408", "总投资"),
        ({"总投资": {"值": 5}}, "K408", "总投资"),
        ({"表现突出": 1}, "K408", "表现突出"),
        ({"表现突出": []}, "K408", "表现突出"),
        ({"称号": [["世界500强"]]}, "K408", "称号"),
        ({"称号": [5]}, "K408", "称号"),
        ({"开工日期": 20230928}, "K408", "开工日期"),
        ({"编号": 5}, "K408", "编号"),
        ({"基准日期": 20231001}, "K408", "基准日期"),
        ({"涉及主体": {"企业": 1}}, "K408", "涉及主体"),
        ({"涉及主体": ["企业", 5]}, "K408", "涉及主体"),
        ({"涉及主体": []}, "K436", None),
        ({"涉及主体": ["", " "]}, "K436", None),
        ({"涉及主体": "、"}, "K436", None),
        ({"称号": ["世界500强", "无"]}, "K418", "称号"),
        ({"称号": "无、世界500强"}, "K418", "称号"),
        ({"期望": "可享受"}, "K408", "期望"),
        ({"期望": {"M1": 5}}, "K408", "期望·M1"),
        ({"重大项目": True}, "K409", "重大项目"),
        ({"实缴资金": -1}, "K410", "实缴资金"),
        ({"实缴资金": "2亿元"}, "K411", "实缴资金"),
        ({"基准日期": "2023-05-01", "开工日期": None}, "K412", "行业"),
        ({"涉及主体": "企业、个人"}, "K413", None),
        ({"基准日期": "2028-01-01"}, "K414", None),
        ({"实缴资金": 9000, "总投资": 8000}, "K415", None),
        ({"基准日期": None}, "K416", None),
        ({"总投资": 10**40}, "K417", "总投资"),
        ({"总投资": float("nan")}, "K417", "总投资"),
        ({"总投资": float("inf")}, "K417", "总投资"),
        ({"开工日期": "2024-01-01"}, "K419", "开工日期"),
        ({"期望": {"M9": "可享受"}}, "K420", None),
        ({"期望": {"M1": "有钱"}}, "K422", None),
    ],
)
def test_what_is_wrong_is_found(
    policy: Policy, change: dict[str, object], code: str, field: str | None
) -> None:
    case, _, findings = read_case(GOOD | change, policy)
    assert [each.code for each in findings] == [code]
    assert findings[0].params.get("field") == field
    assert (case is None) == has_errors(findings)
    assert render_findings(findings)


def test_a_violated_constraint_is_told_with_the_values_it_reads(policy: Policy) -> None:
    _, _, findings = read_case(GOOD | {"实缴资金": 9000, "总投资": 8000}, policy)
    said = render_findings(findings)
    assert "这里填的是：实缴资金 9000万元、总投资 8000万元。" in said
    assert "职工人数" not in said


def test_the_example_of_a_code_is_one_that_settles_it(policy: Policy) -> None:
    """Of a tree of codes a leaf: 制造业 alone would leave open whether it is 集成电路."""
    _, _, findings = read_case(GOOD | {"行业": ["集成电路"]}, policy)
    assert '如 "集成电路"' in render_findings(findings)


def test_a_day_outside_a_life_that_is_no_life_is_not_told_again(policy: Policy) -> None:
    assert policy.expires is not None
    inverted = replace(policy, effective=policy.expires, expires=policy.effective)
    _, _, findings = read_case(GOOD, inverted)
    assert findings == ()


@pytest.mark.parametrize("text", ["三个亿", "5个", "50人", "约5000万元", "5000万美元", "='1'"])
def test_what_is_no_amount_is_found_at_its_field(policy: Policy, text: str) -> None:
    case, _, findings = read_case(GOOD | {"总投资": text}, policy)
    assert case is None
    assert {each.params["field"] for each in findings} == {"总投资"}


def first_told(policy: Policy, change: dict[str, object]) -> list[str]:
    _, _, findings = read_case(GOOD | change, policy)
    return [line.strip() for line in render_findings(findings[:1]).splitlines()]


@pytest.mark.parametrize(
    ("change", "message", "place", "remedy"),
    [
        (
            {"总投资": True},
            "「总投资」不能填 true，这里要「金额」类的值",
            "--> 总投资",
            '请写数字（按「万元」算），或者写带单位的文字，如 "3000万元"',
        ),
        (
            {"总投资": [5, None]},
            "「总投资」不能填 [5, null]，这里要「金额」类的值",
            "--> 总投资",
            "请写数字",
        ),
        (
            {"总投资": {"值": "五"}},
            '「总投资」不能填 {"值": "五"}，这里要「金额」类的值',
            "--> 总投资",
            "请写数字",
        ),
        (
            {"总投资": "三个亿"},
            '「总投资」填的 "三个亿" 不能用：「三个亿」请用阿拉伯数字写',
            "--> 总投资",
            "请写数字",
        ),
        (
            {"总投资": " "},
            '「总投资」填的 " " 不能用：引号里没有内容，不知道就不要写这一项',
            "--> 总投资",
            "不要写 0",
        ),
        (
            {"表现突出": "有"},
            '「表现突出」填的 "有" 不能用：「有」不是「是否」类的值',
            "--> 表现突出",
            "请写 true 或 false",
        ),
        (
            {"行业": "软件"},
            '「行业」填的 "软件" 不能用：「软件」不在代码表「行业」里',
            "--> 行业",
            '请写代码表「行业」里的一个值，如 "集成电路"',
        ),
        (
            {"称号": ["世界500强", 5]},
            "「称号」不能填 5，这里要「多选」类的值",
            "--> 称号 › 第 2 项",
            '如 ["世界500强"]；明确没有的写 []',
        ),
        (
            {"开工日期": 20230928},
            "「开工日期」不能填 20230928，这里要「日期」类的值",
            "--> 开工日期",
            '如 "2023-10-01"',
        ),
        (
            {"基准日期": "去年"},
            '「基准日期」填的 "去年" 不能用：「去年」不是「日期」类的值',
            "--> 基准日期",
            '如 "2023-10-01"',
        ),
        ({"编号": 5}, "「编号」不能填 5，这里要「文字」类的值", "--> 编号", "请写引号里的文字"),
        (
            {"涉及主体": ["企业家"]},
            "没有「企业家」这种主体",
            "--> 涉及主体",
            "JSON 文件里写成列表",
        ),
        ({"总投姿": 5}, "政策里没有「总投姿」这个指标", "--> 总投姿", "请改用「指标」表里的名称"),
        (
            {"期望": {"M1": None}},
            "「期望·M1」不能填 null，这里要「文字」类的值",
            "--> 期望 › M1",
            '如 "可享受 200万元"、"不符合"',
        ),
        (
            {"期望": {"M1": "待补充 总头资"}},
            "期望里写的指标「总头资」不存在",
            "--> 期望 › M1",
            "写「指标」表里的名称",
        ),
        (
            {"期望": {"M9": "不符合"}},
            "没有「M9」这个支持项或合计",
            "--> 期望 › M9",
            "JSON 文件的「期望」里",
        ),
        (
            {"期望": "可享受"},
            '「期望」不能填 "可享受"，这里要「支持项编号: 期望」类的值',
            "--> 期望",
            '{"M1": "可享受 200万元"}',
        ),
    ],
)
def test_a_json_file_is_spoken_of_as_one(
    policy: Policy, change: dict[str, object], message: str, place: str, remedy: str
) -> None:
    """The value as typed, where it stands in the file, and what to write there instead."""
    told = first_told(policy, change)
    assert told[0].partition("] ")[2] == message
    assert told[1] == place
    assert remedy in told[2]
    assert not {"None", "True", "False"} & set("".join(told).replace("「", " ").split())
    assert "这一格" not in "".join(told)


def test_a_suggestion_for_a_json_file_is_json(policy: Policy) -> None:
    told = first_told(policy, {"总投资": "三个亿"})
    assert told[3] == '= 是否想写：「"3亿元"」'


def test_a_near_word_is_suggested(policy: Policy) -> None:
    _, _, findings = read_case(GOOD | {"总投姿": 5}, policy)
    assert findings[0].did_you_mean[0] == "总投资"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "W204"),
        ("{" + " " * (1 << 20) + "}", "K401"),
        ('{"总投资": 5}'.encode("gb18030"), "K402"),
        ("{总投资: 5}", "K403"),
        ("{'总投资': 5}", "K403"),
        ('{"总投资": 5', "K403"),
        ("[" * 100_000, "K404"),
        ("[1, 2]", "K405"),
        ('"总投资"', "K405"),
        ('{"总投资": 5, "总投资": 6}', "K406"),
        ('{"基准日期": "2023-10-01", "期望": {"M1": "不符合", "M1": "可享受"}}', "K406"),
        ('{"基准日期": "2023-10-01", "总投资": NaN}', "K417"),
        ('{"基准日期": "2023-10-01", "总投资": -Infinity}', "K417"),
        ('{"基准日期": "2023-10-01", "总投资": 1e999999999}', "K417"),
        ('{"基准日期": "2023-10-01", "总投资": 1e-400}', "K417"),
        ('{"基准日期": "2023-10-01", "总投资": ' + "9" * 5000 + "}", "K417"),
        ("{}", "K416"),
    ],
)
def test_hostile_files_are_findings(
    policy: Policy, tmp_path: Path, content: str | bytes, code: str
) -> None:
    assert codes_of(written(tmp_path, content), policy) == [code]


def test_files_that_cannot_be_opened(policy: Policy, tmp_path: Path) -> None:
    assert codes_of(tmp_path / "没有.json", policy) == ["W201"]
    assert codes_of(tmp_path, policy) == ["W202"]
    assert codes_of(tmp_path / "没有.xlsx", policy) == ["W201"]


# --- xlsx ----------------------------------------------------------------------------------------


def book_of(tmp_path: Path, rows: list[list[object]], sheet: str = "用例") -> Path:
    path = tmp_path / "案例.xlsx"
    path.write_bytes(make_book({sheet: rows}))  # type: ignore[dict-item]
    return path


HEAD: list[object] = ["编号", "基准日期", "实缴资金", "期望·M1"]


def test_a_row_of_a_workbook(policy: Policy, tmp_path: Path) -> None:
    rows = [HEAD, ["甲", "2023-10-01", 500, "不符合"], ["乙", "2023-10-01", "很多", None]]
    path = book_of(tmp_path, rows)
    case, expectations, findings = read_case_file(path, policy, case_id="甲")
    assert findings == ()
    assert case is not None
    assert case.facts == {"实缴资金": 500 * 10**6}
    assert [each.verdict for each in expectations] == ["refused"]
    case, _, findings = read_case_file(path, policy, case_id="乙")
    assert case is None
    assert [str(each.at) for each in findings] == ["用例!C3"]


def test_a_workbook_with_one_sheet_needs_no_name(policy: Policy, tmp_path: Path) -> None:
    path = book_of(tmp_path, [HEAD, ["甲", None, 500, None]], sheet="项目")
    case, _, findings = read_case_file(path, policy, on=date(2024, 1, 1))
    assert findings == ()
    assert case is not None
    assert case.date == date(2024, 1, 1)


@pytest.mark.parametrize(
    ("rows", "case_id", "code"),
    [
        ([HEAD, ["甲", "2023-10-01", 500, None]], "丙", "K431"),
        ([HEAD], None, "K432"),
        ([HEAD, ["甲", "2023-10-01"], ["乙", "2023-10-01"]], None, "K433"),
        ([["编号", "实缴资金"], ["甲", 500]], "甲", "W233"),
        ([HEAD, ["甲", None, 500]], "甲", "W234"),
    ],
)
def test_rows_that_cannot_be_chosen(
    policy: Policy, tmp_path: Path, rows: list[list[object]], case_id: str | None, code: str
) -> None:
    case, _, findings = read_case_file(book_of(tmp_path, rows), policy, case_id=case_id)
    assert case is None
    assert [each.code for each in findings] == [code]


def test_a_workbook_without_cases(policy: Policy, tmp_path: Path) -> None:
    path = tmp_path / "案例.xlsx"
    path.write_bytes(make_book({"甲": [["1"]], "乙": [["2"]]}))
    assert codes_of(path, policy) == ["K430"]


def test_a_policy_workbook_is_a_case_file_too(policy: Policy, tmp_path: Path) -> None:
    path = tmp_path / "policy.xlsx"
    path.write_bytes(make_book(edited({})))
    case, expectations, findings = read_case_file(path, policy, case_id="例1")
    assert findings == ()
    assert case is not None
    assert len(expectations) == 3


# --- expectations --------------------------------------------------------------------------------

WAN = 10**6


@pytest.mark.parametrize(
    ("target", "text", "expected"),
    [
        ("M1", "可享受", ("granted", None, None, None)),
        ("M1", "可享受 200万元", ("granted", 200 * WAN, 200 * WAN, None)),
        ("M1", "可享受200万元", ("granted", 200 * WAN, 200 * WAN, None)),
        ("M1", "可享受：1.5亿元", ("granted", 15000 * WAN, 15000 * WAN, None)),
        ("M1", "上限 5000万元", ("granted", 0, 5000 * WAN, "ceiling")),
        ("M1", "区间 50万元—200万元", ("granted", 50 * WAN, 200 * WAN, None)),
        ("M1", "区间 50—200万元", ("granted", 50 * WAN, 200 * WAN, None)),
        ("M1", "区间 0元—200万元", ("granted", 0, 200 * WAN, "interval")),
        ("M1", "上限 不封顶", ("granted", 0, INFINITY, "ceiling")),
        ("M1", "区间 50万元—不封顶", ("granted", 50 * WAN, INFINITY, None)),
        ("M1", "区间 0元—不封顶", ("granted", 0, INFINITY, "interval")),
        ("M1", "按有关规定", ("granted", None, None, "by_regulation")),
        ("M1", "不符合", ("refused", None, None, None)),
        ("M1", " 不适用 ", ("not_applicable", None, None, None)),
        ("M1", "同类未决", ("undecided", None, None, None)),
        ("M1", "规则冲突", ("conflict", None, None, None)),
        ("M1", "就高不重复", ("displaced", None, None, None)),
        ("M1", "待补充", ("undetermined", None, None, None)),
        ("M1", "需人工判断", ("referred", None, None, None)),
        ("M1", "需人工判断 最高300万元", ("referred", None, 300 * WAN, None)),
        ("合计", "150万元", (None, 150 * WAN, 150 * WAN, None)),
        ("合计", "0元", (None, 0, 0, None)),
        ("合计·企业", "0元—600万元", (None, 0, 600 * WAN, None)),
        ("合计", "150万元—不封顶", (None, 150 * WAN, INFINITY, None)),
    ],
)
def test_expectations(policy: Policy, target: str, text: str, expected: tuple[object, ...]) -> None:
    expectation, findings = read_expectation(target, text, known_of(policy), None)
    assert findings == ()
    assert expectation is not None
    told = (expectation.verdict, expectation.low, expectation.high, expectation.certainty)
    assert told == expected


def test_expectations_name_fields_and_measures(policy: Policy) -> None:
    known = known_of(policy)
    missing, _ = read_expectation("M1", "待补充 实缴资金、 总投资", known, None)
    assert missing is not None
    assert missing.missing == ("实缴资金", "总投资")
    displaced, _ = read_expectation("M1", "被M2取代", known, None)
    assert displaced == Expectation("M1", "被M2取代", "displaced", by="M2")


# --- anything at all -----------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(data=st.dictionaries(st.sampled_from([*GOOD, "别的"]), JSON, max_size=5))
def test_any_mapping_gives_a_case_or_errors(policy: Policy, data: dict[str, object]) -> None:
    case, _, findings = read_case(data, policy)
    assert (case is None) == has_errors(findings)
    assert render_findings(findings)


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=20) | st.from_regex(r"(可享受|区间|被|待补充).{0,8}", fullmatch=True))
def test_any_text_is_an_expectation_or_a_finding(policy: Policy, text: str) -> None:
    for target in ("M1", "合计"):
        expectation, findings = read_expectation(target, text, known_of(policy), None)
        assert (expectation is None) == has_errors(findings)
