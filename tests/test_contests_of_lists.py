"""Contests over a list: who is in, who is not, why; what is missing; on the page and as .xlsx."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from authoring.cases import CaseFile, read_case_list
from authoring.contest_words import lines_of, open_lines
from authoring.messages import text
from authoring.pages import portfolio
from authoring.project_results import results_book
from authoring.render_contests import render_contest, render_lines, render_open
from engine.model import Policy
from engine.portfolio import ProjectResult, add_up, run_selections, work_out
from engine.selection import SelectionResult, Standing, select
from engine.simulate import build, simulate
from tests.books import make_book
from tests.pages import BOOK, open_at, shown, upload
from tests.policy_books import read

NAME = "招商金银铜牌项目"
FORMULA = "@SUM(1+1)*cmd|' /C calc'!A0"
HOSTILE = "<img src=x onerror=alert(1)>"
HEAD = ["编号", "名称", "基准日期", "参评金银铜牌项目", "招商项目评分", "行业门类"]
OTHERS = ["参评先进集体", "参评招商先锋"]
UPLOAD = text("page-portfolio.upload", limit=10_000)


@pytest.fixture(scope="module")
def policy() -> Policy:
    found = read(BOOK).policy
    assert found is not None
    return found


def listed(rows: Sequence[Sequence[Any]]) -> bytes:
    """A list of projects; none runs in the two other selections."""
    full = [[*HEAD, *OTHERS], *([*row, "否", "否"] for row in rows)]
    return make_book({"用例": [["项目清单"], *full]})


def project(number: int, score: int | None, made: bool = True, name: str = "") -> list[Any]:
    kind = "制造业" if made else "非制造业"
    return [f"P{number}", name or f"项目{number}", "2023-10-10", "是", score, kind]


def run(
    policy: Policy, rows: Sequence[Sequence[Any]]
) -> tuple[CaseFile, list[ProjectResult], Mapping[str, SelectionResult]]:
    file = read_case_list(listed(rows), policy)
    cases = [case for _, (case, _, _) in file.readings if case]
    assert len(cases) == len(rows)
    with closing(build(policy, "python")) as engine:
        projects = [work_out(engine, case) for case in cases]
        outcomes = [simulate(engine, case) for case in cases]
    results = run_selections(policy, projects)
    assert results == tuple(select(each, outcomes) for each in policy.selections)
    return file, projects, {each.selection.name: each for each in results}


def test_who_is_in_and_who_is_not_is_told_with_the_reason(policy: Policy) -> None:
    """Two services lead; at least 80% of five gold places are for manufacturing."""
    rows = [
        project(1, 99, made=False),
        project(2, 98, made=False),
        *(project(number, 100 - number) for number in range(3, 11)),
        ["P99", "不参评", "2023-10-10", "否", 100, "制造业"],
    ]
    _, projects, results = run(policy, rows)
    result = results[NAME]
    fields = {each.name: each for each in policy.fields}
    lines = {each.entry.case: each for each in lines_of(result, fields)}
    assert [each.entry.case for each in lines_of(result, fields)] == [
        *("P1", "P3", "P4", "P5", "P6"),
        *("P2", "P7", "P8", "P9", "P10"),
        "P99",
    ], "tier by tier, by rank, the rest last"
    assert (lines["P1"].tier, lines["P1"].score, lines["P1"].entry.rank) == ("金牌", "99分", 1)
    assert lines["P1"].why == "招商项目评分 99分，在“金牌”的候选中排第 1，名额 5 个"
    assert lines["P2"].tier == "银牌"
    assert lines["P2"].entry.passed_over == ("金牌",)
    assert "“金牌”为满足约束" in lines["P2"].why
    assert lines["P7"].entry.passed_over == ()
    assert lines["P99"].why == "不符合候选条件"
    drawn = render_contest(result, fields)
    assert "5 / 5" in drawn
    assert "5 / 10，空缺 5 个" in drawn
    assert "行业门类 = 制造业 占比不低于 80%" in drawn
    cases = {each.case.id: each.case for each in projects}
    assert "排第 1，名额 5 个" in render_lines(lines.values(), cases)


def test_those_behind_the_last_place_and_those_who_fail_the_share(policy: Policy) -> None:
    made = [project(number, 100) for number in range(1, 36)]
    _, _, results = run(policy, [*made, project(90, 50), project(91, 40, made=False)])
    fields = {each.name: each for each in policy.fields}
    lines = {each.entry.case: each for each in lines_of(results[NAME], fields)}
    assert lines["P90"].entry.standing is Standing.OUTRANKED
    assert "排第 36，20 个名额已由排在前面的项目占满" in lines["P90"].why
    _, _, results = run(policy, [project(1, 99, made=False), project(2, 98, made=False)])
    shared = {each.entry.case: each for each in lines_of(results[NAME], fields)}
    assert shared["P1"].entry.standing is Standing.SHARE
    assert "为满足约束（行业门类 = 制造业 占比不低于 80%）" in shared["P1"].why
    assert shared["P1"].tier == ""


def results_of(
    policy: Policy,
    file: CaseFile,
    projects: list[ProjectResult],
    contests: Sequence[SelectionResult],
) -> bytes:
    totals = add_up(policy, projects)
    return results_book(policy, file, projects, totals, contests, name="清单", made_on=date.today())


def test_what_is_missing_leaves_all_open_and_is_told(policy: Policy) -> None:
    rows = [project(1, None), project(2, None, name=HOSTILE), project(3, 70), project(4, 60)]
    rows[3][3] = None
    file, projects, results = run(policy, rows)
    result = results[NAME]
    assert not result.entries
    assert [(each.fields, each.cases) for each in open_lines(result)] == [
        (("招商项目评分",), ("P1", "P2")),
        (("参评金银铜牌项目",), ("P4",)),
    ]
    drawn = render_open(result)
    assert "招商项目评分" in drawn
    assert "P1、P2" in drawn
    assert "还不能评选" in render_contest(result, {})
    content = results_book(
        policy,
        file,
        projects,
        add_up(policy, projects),
        list(results.values()),
        name="清单",
        made_on=date(2026, 11, 27),
    )
    sheet = openpyxl.load_workbook(io.BytesIO(content))["评选"]
    told = [row for row in sheet.iter_rows(min_row=5, values_only=True) if row[0] == NAME]
    assert [(row[1], row[2], row[4], row[8]) for row in told] == [
        ("还不能评选", "P1", 3, "没有填：招商项目评分"),
        ("还不能评选", "P2", 4, "没有填：招商项目评分"),
        ("还不能评选", "P4", 6, "没有填：参评金银铜牌项目"),
    ]


def test_the_results_list_every_project_in_every_contest(policy: Policy) -> None:
    rows = [project(1, 90, name=FORMULA), project(2, 80, name=HOSTILE)]
    file, projects, results = run(policy, rows)
    content = results_book(
        policy,
        file,
        projects,
        add_up(policy, projects),
        list(results.values()),
        name="清单",
        made_on=date(2026, 11, 27),
    )
    sheet = openpyxl.load_workbook(io.BytesIO(content))["评选"]
    assert sheet.max_row == 4 + len(rows) * len(policy.selections)
    assert [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    told = [row for row in sheet.iter_rows(min_row=5, values_only=True) if row[0] == NAME]
    assert [row[1:7] for row in told] == [
        ("金牌", "P1", FORMULA, 3, 1, "90分"),
        ("金牌", "P2", HOSTILE, 4, 2, "80分"),
    ]
    lines = lines_of(results[NAME], {each.name: each for each in policy.fields})
    drawn = render_lines(lines, {each.case.id: each.case for each in projects})
    assert "<img" not in drawn
    assert "&lt;img" in drawn


def test_rows_that_were_not_read_are_told_beside_the_contest(
    policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = project(2, 80)
    bad[4] = "很高"
    content = listed([project(1, 90), bad])
    file = read_case_list(content, policy)
    cases = [case for _, (case, _, _) in file.readings if case]
    with closing(build(policy, "python")) as engine:
        projects = [work_out(engine, case) for case in cases]
    book = results_book(
        policy,
        file,
        projects,
        add_up(policy, projects),
        run_selections(policy, projects),
        name="清单",
        made_on=date(2026, 11, 27),
    )
    sheet = openpyxl.load_workbook(io.BytesIO(book))["评选"]
    first = next(row for row in sheet.iter_rows(values_only=True) if row[0] == NAME)
    assert first[1] == "结果不完整"
    assert "1 行填写有误" in str(first[-1])
    page = upload(open_at("portfolio", BOOK, monkeypatch), UPLOAD, "list.xlsx", content)
    page = page.button_group(key=portfolio.VIEW).set_value("contests_view").run()
    assert any("1 行填写有误，没有参加评选" in each.value for each in page.warning)


def test_a_long_number_takes_its_place(policy: Policy) -> None:
    long = project(1, 80)
    long[0] = "9" * 5_000
    _, _, results = run(policy, [long, project(2, 80)])
    assert {each.case for each in results[NAME].entries} == {long[0], "P2"}


def test_a_tie_that_the_rule_leaves_is_marked(policy: Policy) -> None:
    """Without a tie-break the case number decides, and says so."""
    selection = next(each for each in policy.selections if each.name == "招商先锋")
    tiers = tuple(
        replace(each, tie_break=None, quota=replace(each.quota, places=1))
        for each in selection.tiers
    )
    changed = replace(policy, selections=(replace(selection, tiers=tiers),))
    head = ["编号", "基准日期", "参评招商先锋", "招商先锋评分"]
    rows = [["1", "2023-10-10", "是", 90], ["2", "2023-10-10", "是", 90]]
    file = read_case_list(make_book({"用例": [head, *rows]}), changed)
    cases = [case for _, (case, _, _) in file.readings if case]
    with closing(build(changed, "python")) as engine:
        projects = [work_out(engine, case) for case in cases]
    (result,) = run_selections(changed, projects)
    lines = lines_of(result, {each.name: each for each in policy.fields})
    assert [(each.tier, each.entry.tied) for each in lines] == [("先锋", True), ("", True)]
    assert all("请核定" in each.why for each in lines)
    assert render_lines(lines, {each.id: each for each in cases}).count("同分待核") == 2


# --- the page -------------------------------------------------------------------------------------


def test_the_page_tells_who_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: Policy
) -> None:
    page = open_at("portfolio", BOOK, monkeypatch)
    content = listed([project(1, 90, name=HOSTILE), project(2, 80)])
    page = upload(page, UPLOAD, "list.xlsx", content)
    page = page.button_group(key=portfolio.VIEW).set_value("contests_view").run()
    assert "没有项目符合候选条件" in page.info[-1].value
    page = page.selectbox(key=portfolio.CONTEST).select(NAME).run()
    assert "排第 1，名额 5 个" in shown(page)
    assert "<img" not in shown(page)
    rows = [project(1, None), project(2, 80)]
    page = next(each for each in page.button if each.label == text("page-file.drop")).click().run()
    page = upload(page, UPLOAD, "list.xlsx", listed(rows))
    page = page.button_group(key=portfolio.VIEW).set_value("contests_view").run()
    page = page.selectbox(key=portfolio.CONTEST).select(NAME).run()
    assert "还不能评选" in page.warning[-1].value
    assert "招商项目评分" in shown(page)
