"""The money of a list as bars with numbers: by measure, by verdict, by a field that is chosen."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from authoring.cases import read_case_list
from authoring.messages import text
from authoring.pages import portfolio
from authoring.project_results import results_book
from authoring.render_budget import Share, parts_of, render_bar, render_shares
from authoring.render_portfolio import render_measure_totals
from authoring.splits import MOST_SHARES, Split, shares_by, shares_by_verdict, splits_of
from engine.findings import Severity
from engine.model import Policy, WhenMissing
from engine.portfolio import (
    Money,
    ProjectResult,
    add_up,
    add_up_by,
    add_up_verdicts,
    work_out,
)
from engine.simulate import Engine, build
from engine.values import INFINITY
from tests.books import Rows, make_book
from tests.pages import open_at, shown, upload
from tests.sample_book import read, sheets

HOSTILE = "<img src=x onerror=alert(1)>"
WAN = 1_000_000
WARNING = Severity.WARNING
UPLOAD = text("page-portfolio.upload", limit=10_000)
LIST: Rows = (
    ("编号", "名称", "基准日期", "总投资（万元）", "行业", "实缴资金（万元）", "开工日期"),
    ("1", "甲", "2024-01-01", "200000", "制造业", "10000", "2023-05-01"),
    ("2", "乙", "2024-01-01", "200000", None, "5000", "2023-05-01"),
    ("3", "丙", "2024-01-01", None, "制造业", "5000", "2023-05-01"),
    ("4", "丁", "2024-01-01", "1", "制造业", "1", "2023-05-01"),
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    found = read(sheets()).policy
    assert found is not None
    return found


@pytest.fixture(scope="module")
def engine(policy: Policy) -> Iterator[Engine]:
    with closing(build(policy, "python")) as engine:
        yield engine


@pytest.fixture(scope="module")
def projects(policy: Policy, engine: Engine) -> list[ProjectResult]:
    file = read_case_list(make_book({"用例": LIST}), policy)
    found = [work_out(engine, case) for _, (case, _, _) in file.readings if case]
    assert len(found) == 4
    return found


def widths(html: str) -> list[float]:
    return [float(each) for each in re.findall(r"width:([0-9.]+)%", html)]


def industry_of(project: ProjectResult) -> str | None:
    value = project.case.facts.get("行业")
    return None if value is None else str(value)


def test_each_value_of_a_field_has_its_projects_and_their_money(
    projects: list[ProjectResult],
) -> None:
    groups = {each.value: each for each in add_up_by(industry_of, projects)}
    assert list(groups) == ["制造业", None], "what is not given comes last"
    assert groups["制造业"].count == 3
    assert groups["制造业"].money == projects[0].total + projects[2].total + projects[3].total
    assert groups[None].money == projects[1].total


def test_every_verdict_is_counted_once_and_none_twice(
    policy: Policy, projects: list[ProjectResult]
) -> None:
    totals = add_up_verdicts(projects)
    assert sum(each.count for each in totals.values()) == len(projects) * len(policy.measures)
    granted = totals["granted"].money
    assert granted.high == sum(each.total.high for each in projects)
    assert granted.at_stake == 0
    for kind, each in totals.items():
        if kind != "granted":
            assert (each.money.low, each.money.high, each.money.certain) == (0, 0, 0), kind
    open_ = sum(each.money.at_stake for each in totals.values())
    assert open_ >= max(each.total.at_stake for each in projects) > 0


def test_what_is_at_stake_of_a_measure_is_told_beside_what_is_granted(
    policy: Policy, projects: list[ProjectResult]
) -> None:
    totals = {each.measure: each.money for each in add_up(policy, projects).measures}
    stakes = [each.measures["M1"].at_stake for each in projects]
    assert totals["M1"].at_stake == sum(stakes)
    assert [bool(each) for each in stakes] == [False, True, True, False]
    drawn = render_measure_totals(add_up(policy, projects))
    assert "另有待定最多" in drawn
    assert "tl-certain" in drawn
    assert "tl-stake" in drawn


def test_the_parts_of_a_bar_are_as_long_as_their_money() -> None:
    money = Money(low=2 * WAN, high=5 * WAN, certain=1 * WAN, at_stake=4 * WAN)
    assert parts_of(money) == (1 * WAN, 4 * WAN, 4 * WAN)
    assert widths(render_bar(money, 10 * WAN)) == [10.0, 40.0, 40.0]
    assert widths(render_bar(Money(0, INFINITY, 0, WAN), 10 * WAN)) == [10.0], "no end: not drawn"
    assert render_bar(Money(), 0) == ""


def test_a_drawing_writes_its_numbers_and_escapes_its_names() -> None:
    shares = [
        Share(HOSTILE, 1200, Money(5 * WAN, 7 * WAN, 5 * WAN, 3 * WAN)),
        Share("乙", 1, Money(0, INFINITY, 0, 0)),
        Share("丙", 2, None),
    ]
    drawn = render_shares(shares, HOSTILE, head=HOSTILE, unit="项目数")
    assert "<img" not in drawn
    assert "&lt;img" in drawn
    for told in ("1,200", "5万元", "2万元", "3万元", "不封顶", "不另计"):
        assert told in drawn
    assert widths(drawn) == [50.0, 20.0, 30.0]


def test_the_district_is_asked_for_first(policy: Policy, projects: list[ProjectResult]) -> None:
    nothing = read_case_list(make_book({"用例": LIST}), policy)

    def names(policy: Policy, projects: list[ProjectResult]) -> list[str]:
        return [each.name for each in splits_of(policy, nothing, projects)]

    industry = next(each for each in policy.fields if each.name == "行业")
    assert names(policy, projects)[0] == "行业"
    district = replace(industry, name="所属板块")
    wider = replace(policy, fields=(*policy.fields, district))
    given = [
        replace(each, case=replace(each.case, facts={**each.case.facts, "所属板块": "农业"}))
        for each in projects
    ]
    assert names(wider, given[:1])[0] == "所属板块"
    assert "所属板块" not in names(wider, projects), "nobody gives it"
    assert names(policy, []) == []


def test_a_column_of_the_list_that_is_no_field_splits_it_too(
    policy: Policy, engine: Engine
) -> None:
    """The columns of an office's own list: left out of the answer, and told apart by."""
    districts, people = ("区县", "东区", "西区", " 东区 ", None), ("联系人", *"赵钱孙李")
    rows = [(*row, *own) for row, *own in zip(LIST, districts, people, strict=True)]
    file = read_case_list(make_book({"用例": rows}), policy)
    assert [(each.code, each.severity) for each in file.findings] == [("K444", WARNING)] * 2
    given = [work_out(engine, case) for _, (case, _, _) in file.readings if case]
    first, *others = splits_of(policy, file, given)
    assert first.name == "区县"
    assert "联系人" not in [each.name for each in others], "it tells nothing apart"
    shares = {each.name: each for each in shares_by(first, given)}
    assert {name: each.count for name, each in shares.items()} == {"东区": 2, "西区": 1, "未填": 1}
    assert shares["东区"].money == given[0].total + given[2].total


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("联系人", "K444"),
        ("区县", "K444"),
        ("行业协会名称", "K434"),
        ("开工时间", "K444"),
        ("实缴资金额（万元）", "K434"),
        ("期望·没有这一项", "K420"),
        ("备注二", "K444"),
    ],
)
def test_only_what_may_be_a_slip_spoils_a_list(policy: Policy, heading: str, code: str) -> None:
    heads, first, *_ = LIST
    short = [each for each in heads if each not in ("行业", "实缴资金（万元）", "开工日期")]
    row = [cell for each, cell in zip(heads, first, strict=True) if each in short]
    content = make_book({"用例": ((*short, heading), (*row, "甲"))})
    file = read_case_list(content, policy)
    assert [each.code for each in file.findings] == [code]


def test_a_column_near_a_field_of_which_a_blank_says_something_is_an_error(policy: Policy) -> None:
    fields = tuple(
        replace(each, when_missing=WhenMissing.FALSE) if each.name == "开工日期" else each
        for each in policy.fields
    )
    rows = [tuple("开工时间" if each == "开工日期" else each for each in row) for row in LIST]
    told = [
        [each.code for each in read_case_list(make_book({"用例": rows}), each).findings]
        for each in (policy, replace(policy, fields=fields))
    ]
    assert told == [["K444"], ["K434"]]


def test_a_column_that_looks_like_a_field_is_still_an_error(policy: Policy) -> None:
    rows = [
        tuple("实缴资本" if each == "实缴资金（万元）" else each for each in row) for row in LIST
    ]
    file = read_case_list(make_book({"用例": rows}), policy)
    assert [(each.code, each.did_you_mean) for each in file.findings] == [("K434", ("实缴资金",))]
    assert file.readings == ()


def test_many_values_come_together(policy: Policy, projects: list[ProjectResult]) -> None:
    split = Split("行业", industry_of)
    many = [
        replace(projects[0], case=replace(projects[0].case, facts={"行业": f"第{number}"}))
        for number in range(MOST_SHARES + 5)
    ]
    shares = shares_by(split, many)
    assert len(shares) == MOST_SHARES + 1
    assert shares[-1].name == "其余 5 个值"
    assert shares[-1].count == 5
    money = [each.money for each in shares if each.money is not None]
    assert sum((each.high for each in money), 0) == len(many) * projects[0].total.high


def test_what_is_refused_or_displaced_has_no_bar(projects: list[ProjectResult]) -> None:
    shares = {each.name: each for each in shares_by_verdict(projects)}
    assert shares["可享受"].money is not None
    for name in ("不符合", "不适用", "就高不重复"):
        assert name not in shares or shares[name].money is None
    assert shares["不符合"].count == projects[3].counts["refused"] > 0


def test_the_results_tell_what_is_at_stake_of_each_measure(
    policy: Policy, projects: list[ProjectResult]
) -> None:
    file = read_case_list(make_book({"用例": LIST}), policy)
    content = results_book(
        policy, file, projects, add_up(policy, projects), name="清单", made_on=date(2026, 11, 27)
    )
    heads, *rows = openpyxl.load_workbook(io.BytesIO(content))["各支持项合计"].iter_rows(
        min_row=4, values_only=True
    )
    column = heads.index("待定最多（万元，各项分别算）")
    told = {row[0]: row[column] for row in rows}
    assert told["M1"] == sum(each.measures["M1"].at_stake for each in projects) / WAN > 0


# --- the page -------------------------------------------------------------------------------------


def test_the_page_splits_by_the_field_that_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = tmp_path / "one" / "policy.xlsx"
    book.parent.mkdir()
    book.write_bytes(make_book(sheets()))
    page = open_at("portfolio", book, monkeypatch)
    page = upload(page, UPLOAD, "list.xlsx", make_book({"用例": LIST}))
    page = page.button_group(key=portfolio.VIEW).set_value("shares_view").run()
    assert page.selectbox(key=portfolio.FIELD).value == "行业"
    assert "未填" in shown(page)
    assert "项次" in shown(page)
    assert "tl-varies" in shown(page)
