"""A list of projects: the form, what is wrong in it, the results, and the page 项目库测算."""

from __future__ import annotations

import csv
import gc
import io
import itertools
import sys
import threading
import time
import weakref
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

import authoring.pages.portfolio
from authoring.cases import CaseFile, known_of, read_case_book, read_case_list
from authoring.cases.sheet import MOST_CASES
from authoring.messages import codes, list_words, text
from authoring.money import in_wan, phrase_aside, phrase_sum
from authoring.pages.book import Book
from authoring.pages.kept import Kept
from authoring.project_results import results_book
from authoring.projects import row_errors, row_warnings
from authoring.remarks import list_remark_of
from authoring.render_portfolio import (
    render_errors,
    render_measure_totals,
    render_project,
    render_totals,
)
from authoring.understand import read_book
from authoring.workbook import read_sheets
from authoring.write_book import Table, write_tables
from engine.cases import Case
from engine.expectations import kind_of, spell
from engine.explain.sentences import total_line
from engine.explain.wording import money, money_range
from engine.fingerprint import fingerprint
from engine.model import Policy
from engine.outcome import Total
from engine.phrase import phrase_money
from engine.portfolio import Money, ProjectResult, add_up, run_selections, work_out
from engine.settle import surely_kept
from engine.simulate import build, simulate
from engine.values import INFINITY, Bound
from tests.books import Rows, make_book
from tests.pages import button, finish, open_at, shown, upload
from tests.sample_book import edited, read, sheets

WAN = 1_000_000
HOSTILE = "<img src=x onerror=alert(1)>"
FORMULA = "=cmd|' /C calc'!A0"
UPLOAD = text("page-portfolio.upload", limit=MOST_CASES)
LIST: Rows = (
    ("项目清单",),
    ("编号", "名称", "基准日期", "总投资（万元）", "行业", "实缴资金（万元）", "开工日期"),
    ("1", "甲", "2024-01-01", "200000", "制造业", "10000", "2023-05-01"),
    ("2", HOSTILE, "2024-01-01", "三个多亿", "制造业", "10000", "2023-05-01"),
    ("3", "丙", "2024-01-01", "200000", "制造业", "5000", "2023-05-01"),
    ("4", "丁", "去年", "200000", "农业", "5000", "2023-05-01"),
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    found = read(sheets()).policy
    assert found is not None
    return found


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "one" / "policy.xlsx"
    path.parent.mkdir()
    path.write_bytes(make_book(sheets()))
    return path


def results_of(policy: Policy, file: CaseFile, *told: Any) -> bytes:
    return results_book(policy, file, *told, name="清单.xlsx", made_on=date(2026, 11, 27))


def rows_of(sheet: Any) -> list[tuple[Any, ...]]:
    """The headings of a sheet of the results, and the rows below."""
    return list(sheet.iter_rows(min_row=4, values_only=True))


# --- the functions --------------------------------------------------------------------------------


def test_wrong_rows_are_told_by_row_and_column_and_the_others_stay(policy: Policy) -> None:
    file = read_case_book(make_book({"用例": LIST}), known_of(policy))
    errors = row_errors(file)
    assert [(each.row, each.column) for each in errors] == [
        (4, "D 总投资（万元）"),
        (6, "C 基准日期"),
        (6, "E 行业"),
    ]
    assert errors[0].written == "三个多亿"
    assert all(each.problem and each.remedy for each in errors)
    assert [case.id for _, (case, _, _) in file.readings if case] == ["1", "3"]
    assert "<img" not in render_errors(errors)


def test_a_list_adds_up_as_single_projects_do(policy: Policy) -> None:
    file = read_case_book(make_book({"用例": LIST}), known_of(policy))
    cases = [case for _, (case, _, _) in file.readings if case]
    with closing(build(policy, "python")) as engine:
        projects = [work_out(engine, case) for case in cases]
        outcomes = [simulate(engine, case) for case in cases]
    for project, outcome in zip(projects, outcomes, strict=True):
        assert project.total.high == outcome.total.high
        assert {name: (each.kind, each.text) for name, each in project.measures.items()} == {
            each.measure.id: (kind_of(each.verdict), spell(each.verdict))
            for each in outcome.measures
        }
    totals = add_up(policy, projects)
    # M2, still to be judged, could take the place of the second project's 25万元.
    assert (totals.money.low, totals.money.certain) == (750_000_00, 500_000_00)
    first = next(each for each in totals.measures if each.measure == "M1")
    assert first.counts["granted"] == 2
    assert (first.money.low, first.money.certain) == (750_000_00, 500_000_00)
    assert sum(totals.counts.values()) == len(cases) * len(policy.measures)
    assert "75万元" in render_measure_totals(totals)


def test_what_a_group_surely_leaves_is_worked_out_once(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(*given: Any) -> Any:
        asked.append(1)
        return surely_kept(*given)

    for module in ("engine.simulate", "engine.portfolio", "engine.settle"):
        monkeypatch.setattr(sys.modules[module], "surely_kept", counted, raising=False)
    file = read_case_book(make_book({"用例": LIST[:3]}), known_of(policy))
    (case,) = [case for _, (case, _, _) in file.readings if case]
    with closing(build(policy, "python")) as engine:
        work_out(engine, case)
    assert len(asked) == 1


def test_what_is_open_is_told_as_open_and_not_as_nothing(policy: Policy) -> None:
    """Without its 总投资 a project has nothing yet, and 50万元 that hang on it."""
    rows = [list(row) for row in LIST[:3]]
    rows[2][3] = ""
    file = read_case_book(make_book({"用例": rows}), known_of(policy))
    cases = [case for _, (case, _, _) in file.readings if case]
    with closing(build(policy, "python")) as engine:
        (project,) = projects = [work_out(engine, case) for case in cases]
        stake = simulate(engine, cases[0]).total.at_stake
    totals = add_up(policy, projects * 2)
    assert (project.total.high, project.total.at_stake) == (0, stake)
    assert stake
    assert totals.money.at_stake == 2 * stake
    assert f"另有待定最多 {phrase_money(stake)}" in render_project(project)
    assert f"另有待定最多 {phrase_money(2 * stake)}" in render_totals(1, 1, 0, totals.money)
    assert "另有待定，不封顶" in render_totals(1, 1, 0, Money(0, 0, 0, INFINITY))
    assert "待定" not in render_totals(1, 1, 0, Money(1, 1, 1))
    book = openpyxl.load_workbook(io.BytesIO(results_of(policy, file, projects, totals)))
    heads, row = rows_of(book["测算结果"])
    assert row[heads.index("另有待定最多（万元）")] == in_wan(stake)


def test_results_keep_their_rows_and_hold_no_formula(policy: Policy) -> None:
    file = read_case_book(make_book({"用例": LIST}), known_of(policy))
    cases = [case for _, (case, _, _) in file.readings if case]
    with closing(build(policy, "python")) as engine:
        projects = [work_out(engine, case) for case in cases]
    content = results_of(policy, file, projects, add_up(policy, projects))
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = rows_of(book["测算结果"])
    heads = list(rows[0])
    assert [row[0] for row in rows[1:]] == [3, 5], "the rows of the uploaded list"
    assert [row[heads.index("确定金额（万元）")] for row in rows[1:]] == [50, 0]
    assert rows[1][heads.index("可享受的支持项")] == "M1 落地奖励"
    heads, *given = rows_of(book["原表"])
    assert [row[0] for row in given] == [3, 4, 5, 6], "those that could not be read as well"
    assert [row[heads.index("总投资（万元）")] for row in given][0::2] == ["200000", "200000"]
    heads, first, *_ = rows_of(book["逐项结论"])
    assert first[heads.index("M1 落地奖励")] == "可享受 50万元"
    assert {row[0] for row in rows_of(book["填写有误"])[1:]} == {4, 6}
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert [cell for cell in row if cell.data_type == "f"] == []


POLICY_WRITERS = ("「代码表」", "「指标」", "除……外", "JSON", "中加一行", "「用例」")
"""What only who writes a policy can make use of."""


def test_what_is_wrong_is_told_to_who_fills_in_the_list(policy: Policy) -> None:
    wrong_code = [list(row) for row in LIST[:3]]
    wrong_code[2][4] = "摆摊业"
    wrong_column = [[*row, "x"] for row in wrong_code]
    wrong_column[1][-1] = "姓名"
    two = {"甲": LIST[:3], "乙": LIST[:3]}
    books = [{"用例": wrong_code}, {"用例": wrong_column}, two, {"用例": LIST[:2]}]
    files = [read_case_list(make_book(book), policy) for book in books]
    files.append(read_case_list(b"a\n" * 100_001, policy, "a.csv"))
    told = [
        [f"{each.message} {each.help}" for each in map(list_remark_of, file.findings)]
        + [f"{each.problem} {each.remedy}" for each in row_errors(file)]
        for file in files
    ]
    assert all(told)
    for one in itertools.chain(*told):
        assert not [word for word in POLICY_WRITERS if word in one], one
    assert str(MOST_CASES) in told[-1][0]
    for code in codes():
        said = list_words(code)
        assert said.message
        assert said.help


@pytest.mark.parametrize("name", ["清单.xlsx", "清单.csv"])
def test_all_that_is_wrong_in_a_row_is_told_at_once(policy: Policy, name: str) -> None:
    """A number that is taken, a day that is none, and a sum that is none."""
    rows = [*LIST[:3], ("1", "乙", "2023-02-30", "很多", "制造业", "1", "2023-05-01")]
    file = read_case_list(listed(rows, name), policy, name)
    assert [(each.row, each.column) for each in row_errors(file)] == [
        (4, "A 编号"),
        (4, "C 基准日期"),
        (4, "D 总投资（万元）"),
    ]
    assert row_errors(file)[0].problem == "编号「1」重复了，第 3 行已经用过"
    assert [number for number, (case, _, _) in file.readings if case] == ["1"]
    assert sum(case is not None for _, (case, _, _) in file.readings) == 1


def listed(rows: Rows, name: str) -> bytes:
    if name.endswith(".xlsx"):
        return make_book({"项目": rows})
    return "\n".join(",".join(map(str, row)) for row in rows).encode()


@pytest.mark.parametrize(
    ("book", "told"),
    [
        (sheets(), "政策、条款、指标、推导"),
        (
            {each: rows for each, rows in sheets().items() if each != "用例"},
            "政策、条款、指标、推导",
        ),
        ({"指标库": LIST, "基本信息": LIST, "项目": LIST}, "指标库、基本信息"),
        ({"用例": LIST, "措施": sheets()["措施"]}, "措施"),
    ],
    ids=["whole", "without golden cases", "by other names", "a decision table"],
)
def test_the_workbook_of_a_policy_is_no_list(
    policy: Policy, book: dict[str, Rows], told: str
) -> None:
    """Its golden cases would be computed as projects, under whichever policy is chosen."""
    file = read_case_list(make_book(book), policy, "政策.xlsx")
    assert file.readings == ()
    (said,) = map(list_remark_of, file.findings)
    assert said.code == "K445"
    assert told in said.message
    assert "使用自己的工作簿" in said.help
    assert "编辑与校验" in said.help


@pytest.mark.parametrize(
    "book",
    [
        {"用例": LIST, "填写说明": [["列"]], "可选值": [["行业"]]},
        {"用例": LIST, "指标": [["这一列是什么"]]},
        {"用例": LIST, "字典": [["行业"]], "说明": [["先看这里"]]},
    ],
    ids=["the template", "a sheet called 指标", "sheets of codes and remarks"],
)
def test_a_list_beside_other_sheets_is_a_list(policy: Policy, book: dict[str, Rows]) -> None:
    assert read_case_list(make_book(book), policy, "清单.xlsx").readings


@pytest.mark.parametrize(
    ("low", "high", "stake", "told"),
    [
        (200 * WAN, 600 * WAN, 300 * WAN, ("200万元 至 600万元", "300万元")),
        (0, 600 * WAN, 0, ("最高600万元", "0元")),
        (5000_00, 200 * WAN, 0, ("0.5万元 至 200万元", "0元")),
        (2456172739, 348410 * WAN, 0, ("24,561,727.39元 至 3,484,100,000元", "0元")),
        (600 * WAN, 600 * WAN, 123456789, ("600万元", "1,234,567.89元")),
        (2456172739, 2456172739, 348410 * WAN, ("24,561,727.39元", "3,484,100,000元")),
        (5000_00, 5000_00, 200 * WAN, ("5000元", "200万元")),
        (200 * WAN, INFINITY, INFINITY, ("200万元 至 不封顶", "不封顶")),
        (0, INFINITY, 0, ("不封顶", "0元")),
        (0, 0, 300 * WAN, ("0元", "300万元")),
    ],
)
def test_what_is_read_together_is_in_one_unit_where_that_is_exact(
    low: Bound, high: Bound, stake: Bound, told: tuple[str, str]
) -> None:
    sums = Money(low, high, 0, stake)
    assert (phrase_sum(sums), phrase_aside(stake, sums)) == told


def test_a_sum_is_spelled_alike_in_a_list_and_alone() -> None:
    """「0元 至 600万元」 in the one and 「最高600万元」 in the other was the same sum."""
    total = Total(0, 600 * WAN, 0, 0, 300 * WAN)
    line = total_line("", total)
    assert line.total == "最高600万元" == phrase_sum(Money(0, 600 * WAN, 0, 300 * WAN))
    assert "300万元" in line.at_stake


def near_and_far(policy: Policy) -> tuple[CaseFile, list[ProjectResult]]:
    """Two projects that M1 refuses: the first by little, the second by far."""
    rows = [list(row) for row in (*LIST[:3], LIST[4])]
    rows[2][3:6:2], rows[3][3:6:2] = ["9000", "1000"], ["4500", "1000"]
    file = read_case_book(make_book({"用例": rows}), known_of(policy))
    with closing(build(policy, "python")) as engine:
        return file, [work_out(engine, case) for _, (case, _, _) in file.readings if case]


def test_a_near_miss_is_told_apart_from_a_refusal(policy: Policy) -> None:
    file, projects = near_and_far(policy)
    assert [each.measures["M1"].shelf for each in projects] == ["near", "refused"]
    near, far = map(render_project, projects)
    assert "1 项差一点" in near
    assert "差一点" not in far
    totals = add_up(policy, projects)
    assert "差一点" in render_measure_totals(totals)
    book = openpyxl.load_workbook(io.BytesIO(results_of(policy, file, projects, totals)))
    heads, *rows = rows_of(book["测算结果"])
    told = [[row[heads.index(f"{name}（项）")] for name in ("差一点", "不符合")] for row in rows]
    assert told == [[1, 0], [0, 1]]
    assert [row[heads.index("差一点的支持项")] for row in rows] == ["M1 落地奖励", None]
    heads, *rows = rows_of(book["逐项结论"])
    assert [row[heads.index("M1 落地奖励")] for row in rows] == ["差一点", "不符合"]
    heads, first, *_ = rows_of(book["各支持项合计"])
    assert [first[heads.index(f"{name}（项目数）")] for name in ("差一点", "不符合")] == [1, 1]


def test_results_tell_whose_they_are_and_print_on_few_pages(policy: Policy) -> None:
    file, projects = near_and_far(policy)
    content = results_of(policy, file, projects, add_up(policy, projects))
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        above = [str(sheet.cell(row, 1).value) for row in (1, 2, 3)]
        assert policy.title in above[0]
        for told in ("清单.xlsx", "2026-11-27", policy.id, fingerprint(policy)):
            assert told in above[1], told
        assert "读入 2 个项目，测算 2 个，填写有误 0 行" in above[2]
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$4:$4"
        assert str(sheet.freeze_panes).endswith("5")
        assert "第 &P 页" in str(sheet.oddFooter.center.text)


@pytest.mark.parametrize("number", ["编号", "用例编号", "案例编号"])
@pytest.mark.parametrize("title", ["项目清单", "编号规则见附件"])
def test_results_keep_the_columns_below_any_title(policy: Policy, number: str, title: str) -> None:
    rows = [[title], [], [number, *LIST[1][1:]], *map(list, LIST[2:])]
    file = read_case_book(make_book({"用例": rows}), known_of(policy))
    cases = [case for _, (case, _, _) in file.readings if case]
    with closing(build(policy, "python")) as engine:
        projects = [work_out(engine, case) for case in cases]
    content = results_of(policy, file, projects, add_up(policy, projects))
    heads, first, *_ = rows_of(openpyxl.load_workbook(io.BytesIO(content))["原表"])
    assert first == (4, *rows[3])
    assert heads == ("源文件行号", *rows[2])
    assert next(each.column for each in row_errors(file)) == "D 总投资（万元）"


def test_a_formula_in_a_name_stays_text(policy: Policy) -> None:
    rows = [list(row) for row in LIST[:3]]
    file = read_case_book(make_book({"用例": rows}), known_of(policy))
    (case,) = [case for _, (case, _, _) in file.readings if case]
    with closing(build(policy, "python")) as engine:
        project = work_out(engine, replace(case, name=FORMULA))
    content = results_of(policy, file, [project], add_up(policy, [project]))
    cell = openpyxl.load_workbook(io.BytesIO(content))["测算结果"]["C5"]
    assert (cell.value, cell.data_type) == (FORMULA, "s")
    assert "<img" not in render_project(work_out_named(policy, case, HOSTILE))


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1+1", "#N/A"]
)
def test_no_name_of_a_list_becomes_a_formula(policy: Policy, name: str) -> None:
    """A .csv is what a database writes: names stand in it as they are."""
    stream = io.StringIO(newline="")
    rows = [list(row) for row in LIST[1:4]]
    rows[1][1] = rows[2][1] = name
    csv.writer(stream).writerows(rows)
    file = read_case_list(stream.getvalue().encode(), policy, "a.csv")
    cases = [case for _, (case, _, _) in file.readings if case]
    with closing(build(policy, "python")) as engine:
        projects = [work_out(engine, case) for case in cases]
    contests = run_selections(policy, projects)
    content = results_of(policy, file, projects, add_up(policy, projects), contests)
    book = openpyxl.load_workbook(io.BytesIO(content))
    kinds = {
        cell.data_type for sheet in book.worksheets for row in sheet.iter_rows() for cell in row
    }
    assert kinds <= {"s", "n"}, "neither formulas nor errors"
    for sheet in ("测算结果", "逐项结论", "原表"):
        heads, first = book[sheet].iter_rows(min_row=4, max_row=5)
        told = {str(head.value): cell for head, cell in zip(heads, first, strict=True)}
        assert str(told["名称"].value).strip() == name.strip()
        assert told["名称"].data_type == "s"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("甲_x0041_乙", "甲_x0041_乙"),
        ("甲\x01\ud800乙", "甲\ufffd\ufffd乙"),
        ("长" * 40_000, "长" * (32_767 - len(text("report.clipped"))) + text("report.clipped")),
    ],
    ids=["spelled like a character", "no characters of a file", "too long"],
)
def test_any_name_stands_in_the_results_and_is_read_back(
    policy: Policy, name: str, kept: str
) -> None:
    file = read_case_book(make_book({"用例": LIST[:3]}), known_of(policy))
    (case,) = [case for _, (case, _, _) in file.readings if case]
    project = work_out_named(policy, case, name)
    content = results_book(
        policy, file, [project], add_up(policy, [project]), name=name, made_on=date(2026, 11, 27)
    )
    sheets = {each.name: each.cells for each in read_sheets(content)[0]}
    assert sheets["测算结果"][5, 3].text == kept


def test_every_number_of_the_results_can_be_seen_and_every_text_read_to_its_end() -> None:
    rows = [["甲", Decimal(1)]] * 60 + [["一二三四五六七八九十" * 6, Decimal("1234567.5")]]
    content = write_tables({"表": Table(["名称", "金额"], rows)}, ["题"], "")
    sheet = openpyxl.load_workbook(io.BytesIO(content))["表"]
    assert sheet.column_dimensions["B"].width >= len("1,234,567.50")
    assert sheet.row_dimensions[3].height is None, "one line"
    assert sheet.row_dimensions[63].height >= 15 * 120 / sheet.column_dimensions["A"].width


def work_out_named(policy: Policy, case: Case, name: str) -> ProjectResult:
    with closing(build(policy, "python")) as engine:
        return work_out(engine, replace(case, name=name))


@pytest.mark.parametrize("fen", [0, 1, 6070 * 10**6, 182_500_000, 411_234_467, 10**12, INFINITY])
def test_lists_spell_money_as_verdicts_do(fen: Bound) -> None:
    """No 6,070万元 beside 6070万元, no 0万元 beside 0元, no 411.234467万元."""
    assert phrase_money(fen) == phrase_sum(Money(fen, fen, fen)) == money(fen)
    assert phrase_sum(Money(1, 10**12)) == money_range(1, 10**12)


def test_amounts_in_wan_are_exact() -> None:
    assert in_wan(1) == Decimal("0.000001")
    assert in_wan(INFINITY) == "不封顶"
    assert phrase_sum(Money(0, 36_500_000_001)) == "最高365,000,000.01元"
    assert phrase_sum(Money(1_000_000, 1_000_000)) == "1万元"
    assert phrase_sum(Money(1_000_000, INFINITY)) == "1万元 至 不封顶"


# --- the page -------------------------------------------------------------------------------------


def test_the_empty_page_says_what_to_do(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_at("portfolio", sample, monkeypatch)
    assert "还没有项目清单" in page.info[0].value
    assert [each.label for each in page.get("download_button")] == ["下载空白模板"]


def loaded(sample: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    page = open_at("portfolio", sample, monkeypatch)
    return upload(page, UPLOAD, "list.xlsx", make_book({"用例": LIST}))


def test_good_rows_run_and_wrong_ones_are_told(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = loaded(sample, monkeypatch)
    assert "有 2 行填写有误" in page.warning[0].value
    options = page.button_group(key="portfolio-view").options
    assert "填写有误 2 行" in options, "not the 3 places in them"
    assert "75万元" in shown(page)
    assert "原表第 3 行" in shown(page)
    page = page.button_group(key="portfolio-view").set_value("errors_view").run()
    assert "三个多亿" in shown(page)
    page = page.button_group(key="portfolio-view").set_value("measures_view").run()
    assert "落地奖励" in shown(page)


def test_many_rows_with_errors_are_drawn_a_page_at_a_time(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_at("portfolio", sample, monkeypatch)
    wrong = [(f"甲{n}", "甲", "2024-01-01", "很多", "制造业", "1", "") for n in range(120)]
    content = make_book({"用例": [*LIST[:3], *wrong]})
    page = upload(page, UPLOAD, "list.xlsx", content)
    page = page.button_group(key="portfolio-view").set_value("errors_view").run()
    assert shown(page).count("很多") == 2 * 50, "the cell, and what is said of it"
    page = page.selectbox(key="portfolio-errors-3").set_value(2).run()
    assert shown(page).count("很多") == 2 * 20


def test_a_csv_of_chinese_windows_is_taken(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [list(row) for row in LIST[1:]]
    rows[1][1] = HOSTILE
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=";").writerows(rows)
    page = open_at("portfolio", sample, monkeypatch)
    page = upload(page, UPLOAD, "清单.CSV", stream.getvalue().encode("gb18030"))
    assert "75万元" in shown(page)
    assert "原表第 2 行" in shown(page)
    assert "<img" not in shown(page)
    assert "&lt;img" in shown(page)
    page = page.button_group(key="portfolio-view").set_value("errors_view").run()
    assert "三个多亿" in shown(page)
    page = finish(button(page, text("page-file.drop")).click().run())
    page = upload(page, UPLOAD, "清单.csv", b"%PDF-1.7\n\x00\x01")
    assert "不能使用" in page.error[0].value
    assert "这不是可以读取的文本表格" in shown(page)


def test_a_click_opens_the_proof_of_one_row(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = loaded(sample, monkeypatch)
    page = page.button(key="open-1").click().run()
    assert "tl-card" in shown(page)
    assert "25万元" in shown(page)
    page = button(page, "返回清单").click().run()
    assert "tl-card" not in shown(page)


def test_what_a_row_is_warned_of_is_told_with_the_row(
    sample: Path, monkeypatch: pytest.MonkeyPatch, policy: Policy
) -> None:
    """The event of M1 lies after the day for which it is worked out."""
    rows = [list(row) for row in LIST]
    rows[2][6] = "2025-05-01"
    page = open_at("portfolio", sample, monkeypatch)
    page = upload(page, UPLOAD, "list.xlsx", make_book({"用例": rows}))
    assert "有 2 行填写有误" in page.warning[0].value
    assert "另有 1 条提醒" in page.warning[0].value
    page = page.button_group(key="portfolio-view").set_value("errors_view").run()
    assert "晚于基准日期" in shown(page)
    assert "三个多亿" in shown(page)
    file = read_case_book(make_book({"用例": rows}), known_of(policy))
    (warning,) = row_warnings(file)
    assert (warning.row, warning.column, warning.written) == (3, "G 开工日期", "2025-05-01")
    content = results_of(policy, file, [], add_up(policy, []))
    told = rows_of(openpyxl.load_workbook(io.BytesIO(content))["填写提醒"])
    assert told[1][:3] == (3, "G 开工日期", "2025-05-01")


def test_another_policy_closes_the_project_that_is_open(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is the second project under one policy need not be it under another."""
    page = loaded(sample, monkeypatch).button(key="open-0").click().run()
    assert "tl-card" in shown(page)
    sample.write_bytes(make_book(edited({"措施!H4": "实缴资金的6‰"})))
    page = finish(page.run())
    assert "tl-card" not in shown(page)
    assert page.button(key="open-0")


def test_each_list_has_a_limit_of_work_of_its_own(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authoring.cases.files.READING_WORK", 100)
    page = loaded(sample, monkeypatch)
    assert "不能使用" in page.error[0].value
    monkeypatch.setattr("authoring.cases.files.READING_WORK", 1_000)
    for number in range(5):
        content = make_book({"用例": [(f"项目清单{number}",), *LIST[1:]]})
        page = finish(button(page, text("page-file.drop")).click().run())
        page = upload(page, UPLOAD, "list.xlsx", content)
        assert not page.error


def test_the_list_may_be_ordered_by_money(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = loaded(sample, monkeypatch)
    page = page.selectbox(key="portfolio-sort").select("by_money").run()
    rows = [each.key for each in page.button if (each.key or "").startswith("open-")]
    assert rows == ["open-0", "open-1"]


@pytest.mark.parametrize("content", [b"hello", b""])
def test_what_is_no_list_is_told(
    sample: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    page = upload(open_at("portfolio", sample, monkeypatch), UPLOAD, "no.xlsx", content)
    assert "不能使用" in page.error[0].value
    assert "tl-remark-card" in shown(page)


def test_too_long_a_list_is_told(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [["编号", "基准日期"], *([str(number), "2024-01-01"] for number in range(30))]
    page = open_at("portfolio", sample, monkeypatch)
    monkeypatch.setattr("authoring.cases.sheet.MOST_CASES", 29)
    page = upload(page, UPLOAD, "long.xlsx", make_book({"用例": rows}))
    assert "有 30 个项目，超过 29 个的上限" in shown(page)


def test_work_that_is_stopped_says_so_and_can_begin_again(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = work_out

    def slow(*given: object) -> object:
        time.sleep(0.5)
        return real(*given)

    monkeypatch.setattr(authoring.pages.portfolio, "work_out", slow)
    page = open_at("portfolio", sample, monkeypatch)
    widget = next(each for each in page.file_uploader if each.label == UPLOAD)
    content = make_book({"用例": LIST})
    page = widget.set_value(("list.xlsx", content, "application/octet-stream")).run()
    page = finish(button(page, "停止").click().run())
    assert "已停止" in page.info[0].value
    monkeypatch.setattr(authoring.pages.portfolio, "work_out", real)
    page = finish(button(page, "重新开始").click().run())
    assert "75万元" in shown(page)


def test_what_was_worked_out_goes_with_the_list(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = loaded(sample, monkeypatch)
    assert page.session_state["portfolio-work"].result is not None
    page = finish(button(page, text("page-file.drop")).click().run())
    assert "portfolio-work" not in page.session_state


def test_a_list_is_not_worked_on_once_it_was_taken_back(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = work_out
    go_on = threading.Event()

    def slow(*given: Any) -> object:
        assert go_on.wait(60)
        return real(*given)

    monkeypatch.setattr(authoring.pages.portfolio, "work_out", slow)
    page = open_at("portfolio", sample, monkeypatch)
    widget = next(each for each in page.file_uploader if each.label == UPLOAD)
    content = make_book({"用例": LIST})
    page = widget.set_value(("list.xlsx", content, "application/octet-stream")).run()
    work = page.session_state["portfolio-work"]
    page = finish(button(page, text("page-file.drop")).click().run())
    go_on.set()
    until = time.monotonic() + 20
    while not work.finished and time.monotonic() < until:
        time.sleep(0.01)
    assert work.stopped
    assert work.result is None
    assert text("page-portfolio.empty") in page.info[0].value


def test_a_job_keeps_its_workbook_open(
    sample: Path, monkeypatch: pytest.MonkeyPatch, policy: Policy
) -> None:
    """The engine ends when nobody holds the book any more; a job that still runs holds it."""
    understanding = read_book(sample)
    engine = build(policy, "python")
    book = Book("", b"", policy, engine, known_of(policy), (), understanding)
    ended: list[str] = []
    weakref.finalize(book, ended.append, "closed")
    jobs: list[Any] = []
    monkeypatch.setattr(authoring.pages.portfolio, "work_on", lambda *given: jobs.append(given[2]))
    monkeypatch.setattr(authoring.pages.portfolio, "show_work", lambda *_: None)
    content = make_book({"用例": LIST})
    authoring.pages.portfolio._work_out(book, Kept("list.xlsx", content, ""))
    del book
    gc.collect()
    assert not ended
    assert len(jobs.pop()(lambda *_: None).projects) == 2
    gc.collect()
    assert ended == ["closed"]


def test_a_crash_shows_a_number(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(authoring.pages.portfolio, "work_out", crash)
    page = loaded(sample, monkeypatch)
    assert "编号" in page.error[0].value
    assert "secret" not in page.error[0].value
