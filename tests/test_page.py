"""项目测算 as a program: what it asks for, how it reads it, what it answers, how it fails."""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

import authoring.pages.simulate
from authoring.pages.form import NONE_OF_THEM, widget_key
from authoring.pages.plain import plain
from authoring.understand import read_book
from engine.cases import Case
from engine.model import Policy, Source
from tests.books import make_book
from tests.pages import finish, open_at
from tests.sample_book import edited

ROOT = Path(__file__).parent.parent
BOOK = ROOT / "policies" / "wuxi-2023" / "policy.xlsx"

Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def policy() -> Policy:
    understanding = read_book(BOOK)
    assert understanding.policy is not None
    return understanding.policy


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    def start(book: Path = BOOK) -> AppTest:
        monkeypatch.setenv("TIAOLI_POLICY", str(book))
        page = AppTest.from_file(
            str(ROOT / "authoring" / "pages" / "navigation.py"), default_timeout=60
        ).run()
        assert not page.exception
        return page

    return start


def button(page: AppTest, label: str) -> Any:
    return next(each for each in page.button if each.label == label)


def start(page: AppTest) -> AppTest:
    return button(page, "开始测算").click().run()


def text(page: AppTest, field: str) -> Any:
    return page.text_input(key=widget_key(field))


def yes_no(page: AppTest, field: str) -> Any:
    return page.button_group(key=widget_key(field))


def load(page: AppTest, sample: str, book: Path = BOOK) -> AppTest:
    return (
        page.menu_button(key="sample").set_value(book.parent / "examples" / f"{sample}.json").run()
    )


def shown(page: AppTest) -> str:
    """All that stands on the page as HTML, without what only styles it."""
    return "\n".join(each.value for each in page.html if "<style>" not in each.value)


def figure(page: AppTest, shelf: str) -> int:
    found = re.search(rf"tl-figure tl-{shelf}.*?<dd>(\d+)", shown(page))
    assert found, f"no figure for {shelf}"
    return int(found[1])


# --- the form -------------------------------------------------------------------------------------


def test_the_empty_page_says_what_to_do(open_page: Open) -> None:
    page = open_page()
    assert "还没有测算结果" in page.info[0].value
    assert "tl-figures" not in shown(page)


def test_it_asks_for_every_field_but_the_derived_ones(open_page: Open, policy: Policy) -> None:
    page = open_page()
    asked = {
        each.key
        for kind in (page.text_input, page.selectbox, page.multiselect, page.button_group)
        for each in kind
    }
    assert {widget_key(f.name) for f in policy.fields if f.source is not Source.DERIVED} <= asked
    assert asked.isdisjoint(widget_key(f.name) for f in policy.fields if f.source is Source.DERIVED)


def test_everything_starts_unknown_but_the_date_and_the_subjects(
    open_page: Open, policy: Policy
) -> None:
    page = open_page()
    assert page.text_input(key="case-date").value == date.today().isoformat()
    assert page.multiselect(key="case-subjects").value == list(policy.subjects)
    assert "已填 0 /" in page.caption[0].value


@pytest.mark.parametrize("typed", ["3.65亿", "36500", "3.65亿元", "36,500万元"])
def test_money_is_echoed_in_the_unit_of_its_field(open_page: Open, typed: str) -> None:
    page = text(open_page(), "实际到账外资").input(typed).run()
    assert "＝ 36,500.00 万元" in shown(page)
    assert not page.error


def test_a_small_amount_loses_no_digit(open_page: Open) -> None:
    page = text(open_page(), "实际到账外资").input("1元").run()
    assert "＝ 0.0001 万元" in shown(page)


@pytest.mark.parametrize(
    "typed", ["三个多亿", "<img src=x onerror=alert(1)>", "3.65.1亿", "约3亿", "5%", "∞"]
)
def test_a_wrong_entry_is_marked_and_stops_the_calculation(open_page: Open, typed: str) -> None:
    page = text(open_page(), "实际到账外资").input(typed).run()
    assert 'class="tl-wrong" role="alert"' in shown(page)
    assert "<img" not in shown(page)
    page = start(page)
    assert "有 1 处填写看不懂" in page.error[0].value
    assert "实际到账外资" in page.error[0].value
    assert "tl-figures" not in shown(page)


@pytest.mark.parametrize(
    ("field", "typed", "meant"),
    [
        ("实缴资金", "3亿5千万", "3.5亿"),
        ("实缴资金", "约3亿", "3亿"),
        ("项目落地日期", "20231001", "2023-10-01"),
    ],
)
def test_a_usual_spelling_is_answered_with_one_that_can_be_read(
    open_page: Open, field: str, typed: str, meant: str
) -> None:
    page = text(open_page(), field).input(typed).run()
    assert "是否想写“" + meant in shown(page)
    (told,) = re.findall(r'<p class="tl-wrong".*?</p>', shown(page))
    assert "不超过" not in told, "that is advice for who writes policies"
    page = text(page, field).input(meant).run()
    assert '<p class="tl-wrong"' not in shown(page)


def test_the_date_is_needed(open_page: Open) -> None:
    page = start(open_page().text_input(key="case-date").input("").run())
    assert "请填写基准日期" in shown(page)
    assert "tl-figures" not in shown(page)


def test_a_day_on_which_the_policy_is_not_in_force_is_told_before(open_page: Open) -> None:
    page = open_page().text_input(key="case-date").input("2023-09-27").run()
    assert "不在政策有效期内" in page.warning[0].value


def test_a_day_after_the_reference_date_is_doubted_at_its_field(open_page: Open) -> None:
    page = open_page().text_input(key="case-date").input("2024-01-01").run()
    page = text(page, "项目落地日期").input("2024-03-18").run()
    assert 'class="tl-doubt"' in shown(page)
    assert "晚于基准日期 2024-01-01" in shown(page)
    assert "tl-figures" in shown(start(page))


def test_somebody_must_be_involved(open_page: Open) -> None:
    page = start(open_page().multiselect(key="case-subjects").set_value([]).run())
    assert "请至少选一个主体" in shown(page)
    assert "涉及主体" in page.error[0].value
    assert "tl-figures" not in shown(page)


def test_what_a_measure_needs_is_asked_for_whoever_it_is_of(
    open_page: Open, policy: Policy
) -> None:
    """The intermediary alone is involved: its measures rest on the project all the same."""
    page = open_page().multiselect(key="case-subjects").set_value(["中介机构"]).run()
    keys = {each.key for each in page.button_group} | {each.key for each in page.text_input}
    assert {widget_key(name) for name in ("实缴资金", "项目落地日期", "重大产业项目")} <= keys


def test_only_the_fields_of_chosen_subjects_are_asked_for(open_page: Open, policy: Policy) -> None:
    page = open_page().multiselect(key="case-subjects").set_value(["中介机构"]).run()
    keys = {each.key for each in page.button_group} | {each.key for each in page.text_input}
    foreign = [f for f in policy.fields if f.subject == "企业" and f.source is not Source.DERIVED]
    assert foreign
    assert keys.isdisjoint(widget_key(field.name) for field in foreign)


def test_a_workbook_whose_cases_go_astray_is_told(open_page: Open, tmp_path: Path) -> None:
    path = tmp_path / "policy.xlsx"
    book = openpyxl.load_workbook(BOOK)
    sheet = book["招商渠道"]
    (cap,) = (c for row in sheet.iter_rows() for c in row if str(c.value) == "200万元")
    cap.value = "201万元"
    book.save(path)
    astray = finish(open_page(path))
    assert "个用例没有达到期望" in shown(astray)
    assert "校验通过" not in shown(astray)
    assert "校验通过" in shown(finish(open_page()))


def test_unknown_is_not_no(open_page: Open) -> None:
    """A 是否 without a choice leaves measures open; 否 refuses them."""
    page = start(open_page())
    unknown = figure(page, "undetermined")
    button(page, "修改项目信息").click().run()
    page = start(yes_no(page, "中介引荐项目").set_value("no").run())
    assert figure(page, "undetermined") < unknown


def test_known_to_have_none_is_not_unknown(open_page: Open) -> None:
    page = open_page()
    titles = page.multiselect(key=widget_key("企业资质"))
    page = titles.set_value([NONE_OF_THEM]).run()
    assert "已填 1 /" in page.caption[0].value
    page = page.multiselect(key=widget_key("企业资质")).set_value([NONE_OF_THEM, "世界500强"]).run()
    assert "有 1 处填写看不懂" in page.error[0].value


# --- samples and answers --------------------------------------------------------------------------


@pytest.mark.parametrize("sample", sorted(path.stem for path in BOOK.parent.glob("examples/*")))
def test_every_sample_loads_and_computes(open_page: Open, sample: str) -> None:
    page = load(open_page(), sample)
    assert not page.error
    page = start(page)
    assert not page.error
    assert "tl-figures" in shown(page)


def test_an_award_is_computed_to_the_fen(open_page: Open) -> None:
    page = start(load(open_page(), "introduction-3yi"))
    assert "150万元" in shown(page)
    assert figure(page, "granted") >= 1


def test_after_the_answer_the_form_is_one_line(open_page: Open) -> None:
    page = start(load(open_page(), "introduction-3yi"))
    assert not [each for each in page.button if each.label == "开始测算"]
    assert "引荐奖励：实缴资金3亿元" in shown(page)
    page = button(page, "修改项目信息").click().run()
    assert "＝ 30,000.00 万元" in shown(page)
    assert not page.warning, "nothing has changed yet"


def test_results_older_than_the_inputs_say_so(open_page: Open) -> None:
    page = start(load(open_page(), "introduction-3yi"))
    page = button(page, "修改项目信息").click().run()
    page = text(page, "实缴资金").input("4亿").run()
    assert len(page.warning) == 2, "above the form, and above the results"
    assert all("改动之前的结果" in each.value for each in page.warning)
    page = start(page)
    assert not page.warning
    assert "200万元" in shown(page)


def test_a_changed_workbook_makes_the_answer_stale(open_page: Open, tmp_path: Path) -> None:
    copy = tmp_path / "policy.xlsx"
    shutil.copy(BOOK, copy)
    page = start(open_page(copy))
    workbook = openpyxl.load_workbook(copy)
    workbook["说明"]["Z99"] = "改动"
    workbook.save(copy)
    page = page.run()
    assert "改动之前的结果" in page.warning[0].value
    page = start(page)
    assert not page.warning, "the button that the warning speaks of is there"


def test_a_near_miss_says_what_to_change(open_page: Open) -> None:
    page = start(load(open_page(), "introduction-near-miss"))
    assert figure(page, "near") >= 1
    assert "中介引荐项目：由 否 改为 是" in shown(page)
    (lead, *_) = [each for each in page.button if each.label.startswith("中介引荐项目 →")]
    page = lead.click().run()
    assert yes_no(page, "中介引荐项目").value == "no"
    led = "".join(each.value for each in page.html)
    assert f"tiaoliLeadTo('{widget_key('中介引荐项目')}')" in led


def test_what_was_displaced_is_told_with_the_money_forgone(open_page: Open) -> None:
    page = start(load(open_page(), "headquarters-and-functional"))
    assert "同类政策就高不重复" in shown(page)
    assert "放弃 最高 200万元" in shown(page)


def test_a_missing_fact_leads_to_its_field(open_page: Open) -> None:
    page = start(load(open_page(), "foreign-award-unknown-capital"))
    lead = next(each for each in page.button if each.label.startswith("实际到账外资"))
    page = lead.click().run()
    assert text(page, "实际到账外资").value == ""
    assert widget_key("实际到账外资") in "".join(each.value for each in page.html)


def test_the_filter_shows_one_kind_of_verdict(open_page: Open) -> None:
    page = start(load(open_page(), "introduction-3yi"))
    page = page.button_group(key="shelf").set_value("granted").run()
    assert "tl-card tl-granted" in shown(page)
    assert "tl-card tl-not_applicable" not in shown(page)


def test_one_number_may_be_varied(open_page: Open) -> None:
    page = start(load(open_page(), "introduction-3yi"))
    assert "tl-curve" not in shown(page).split("</style>")[-1]
    page = finish(page.selectbox(key="what-if-field").select("实缴资金").run())
    assert '<img src="data:image/svg+xml' in shown(page)
    assert not page.error
    page = finish(button(page, "修改项目信息").click().run())
    page = text(page, "实缴资金").input("5亿").run()
    page = finish(start(page))
    assert '<img src="data:image/svg+xml' in shown(page), "the new answer is varied"


def test_another_workbook_takes_what_can_be_read_along(open_page: Open, tmp_path: Path) -> None:
    other = tmp_path / "library" / "other" / "policy.xlsx"
    other.parent.mkdir(parents=True)
    workbook = openpyxl.load_workbook(BOOK)
    workbook["政策"]["B3"] = "另一份政策"
    workbook.save(other)
    page = load(open_page(), "introduction-3yi")
    os.environ["TIAOLI_LIBRARY"] = str(tmp_path / "library")
    try:
        page = page.run()
        page = page.selectbox(key="book").select(str(other)).run()
        assert not page.exception
        assert not page.error
        assert "另一份政策" in "".join(each.value for each in page.sidebar.html)
        assert text(page, "实缴资金").value == "30,000万元"
        page = start(page)
        assert "150万元" in shown(page)
        page = page.selectbox(key="book").select_index(0).run()
        assert "改动之前的结果" in page.warning[0].value
    finally:
        del os.environ["TIAOLI_LIBRARY"]


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two versions of a small policy, the second of a later year, to choose from."""
    old, new = (tmp_path / name / "policy.xlsx" for name in ("2024", "2026"))
    for path, edits in (
        (old, {"政策!B6": "2024-12-31"}),
        (new, {"政策!B5": "2026-01-01", "政策!B6": ""}),
    ):
        path.parent.mkdir()
        path.write_bytes(make_book(edited(edits)))
    monkeypatch.setenv("TIAOLI_LIBRARY", str(tmp_path))
    return old, new


def choose_book(page: AppTest, book: Path) -> AppTest:
    return finish(page.selectbox(key="book").select(str(book)).run())


def test_another_version_keeps_the_date_and_the_subjects(
    open_page: Open, versions: tuple[Path, Path]
) -> None:
    old, new = versions
    page = finish(open_page(old))
    first, *others = page.multiselect(key="case-subjects").options
    assert others, "several to choose from"
    page = page.text_input(key="case-date").input("2024-10-01").run()
    page = page.multiselect(key="case-subjects").set_value([first]).run()
    page = choose_book(page, new)
    assert page.text_input(key="case-date").value == "2024-10-01"
    assert page.multiselect(key="case-subjects").value == [first]


def test_another_version_fills_in_anew_what_was_filled_in_by_itself(
    open_page: Open, versions: tuple[Path, Path]
) -> None:
    """And what the other one cannot read."""
    old, new = versions
    page = finish(open_page(old))
    assert page.text_input(key="case-date").value == "2023-01-01"
    everybody = page.multiselect(key="case-subjects").value
    page = choose_book(page, new)
    assert page.text_input(key="case-date").value == date.today().isoformat()
    assert page.multiselect(key="case-subjects").value == everybody
    page = page.text_input(key="case-date").input("明年").run()
    page = choose_book(page, old)
    assert page.text_input(key="case-date").value == "2023-01-01"


def test_subjects_that_the_other_version_does_not_know_are_left_out(
    open_page: Open, versions: tuple[Path, Path]
) -> None:
    old, new = versions
    page = finish(open_page(old))
    page = choose_book(page, new)
    page.session_state["case-subjects"] = ["旧时的主体", "企业"]
    page.session_state["all-subjects"] = ("旧时的主体", "企业", "另一个")
    page = choose_book(page, old)
    assert page.multiselect(key="case-subjects").value == ["企业"]
    page.session_state["case-subjects"] = ["旧时的主体"]
    page = choose_book(page, new)
    assert page.multiselect(key="case-subjects").value == page.multiselect[0].options


def test_an_answer_that_is_not_given_is_told(open_page: Open, versions: tuple[Path, Path]) -> None:
    """The workbook is saved between the drawing of the page and the click."""
    old, _ = versions
    page = finish(open_page(old))
    page = page.text_input(key="case-date").input("2024-10-01").run()
    old.write_bytes(make_book(edited({"措施!H4": "实缴资金的6‰"})))
    page = start(page)
    assert "tl-figures" not in shown(page)
    assert "没有测算" in page.warning[0].value
    assert page.text_input(key="case-date").value == "2024-10-01"
    page = finish(page)
    assert "没有测算" in page.warning[0].value, "though it was drawn anew"
    page = start(page)
    assert "tl-figures" in shown(page)
    assert not page.warning


def test_clear_empties_all(open_page: Open) -> None:
    page = load(open_page(), "introduction-3yi")
    page = button(start(page), "清空").click().run()
    assert "已填 0 /" in page.caption[0].value
    assert page.text_input(key="case-name").value == ""
    assert "tl-figures" not in shown(page)


def test_what_is_asked_for_is_what_was_asked(open_page: Open, policy: Policy) -> None:
    """A form that is emptied or filled anew while an answer is in the making asks for none."""
    asked = Case("", "甲", policy.effective, {}, None)
    for change in (
        lambda page: button(page, "清空").click().run(),
        lambda page: load(page, "introduction-3yi"),
    ):
        page = open_page()
        page.session_state["wish"] = asked
        page = change(page)
        assert "tl-figures" not in shown(page)
    page = load(open_page(), "introduction-3yi")
    page.session_state["wish"] = asked
    page = page.run()
    assert page.session_state["answer"].case == asked


def test_the_sidebar_names_the_policy_and_its_version(open_page: Open, policy: Policy) -> None:
    side = "".join(each.value for each in open_page().sidebar.html)
    assert policy.title in side
    assert policy.effective.isoformat() in side
    assert "指纹" in side


# --- failures -------------------------------------------------------------------------------------


def test_a_crash_shows_a_number_that_is_in_the_log(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("secret detail")

    page = open_page()
    monkeypatch.setattr(authoring.pages.simulate, "simulate", crash)
    with caplog.at_level(logging.ERROR, "tiaoli"):
        page = start(page)
    number = re.search(r"[0-9A-F]{6}", page.error[0].value)
    assert number
    assert number[0] in caplog.text
    assert "secret detail" in caplog.text
    assert "secret detail" not in page.error[0].value
    assert not page.exception


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("simulate", "_page"),
        ("simulate", "show_form"),
        ("portfolio", "_page"),
        ("check", "_page"),
        ("compare", "_page"),
    ],
)
def test_every_page_shows_a_number_when_it_crashes(
    name: str, part: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(f"authoring.pages.{name}.{part}", crash)
    with caplog.at_level(logging.ERROR, "tiaoli"):
        page = open_at(name, BOOK, monkeypatch)
    number = re.search(r"[0-9A-F]{6}", page.error[0].value)
    assert number
    assert number[0] in caplog.text
    assert "secret detail" in caplog.text
    assert "secret detail" not in page.error[0].value


def test_without_a_workbook_it_says_where_to_put_one(open_page: Open, tmp_path: Path) -> None:
    page = open_page(tmp_path / "none.xlsx")
    assert "none.xlsx" in page.info[0].value
    assert not page.button


def test_a_workbook_with_errors_is_explained_not_run(open_page: Open, tmp_path: Path) -> None:
    path = tmp_path / "<b>bad.xlsx"
    workbook = openpyxl.load_workbook(BOOK)
    workbook["政策"]["B2"] = None
    del workbook["指标"]
    workbook.save(path)
    page = open_page(path)
    assert "处错误" in page.warning[0].value
    assert "<b>" not in page.warning[0].value
    assert "指标" in shown(page)
    assert not page.button


def test_a_file_that_is_no_workbook_is_explained(open_page: Open, tmp_path: Path) -> None:
    path = tmp_path / "policy.xlsx"
    path.write_bytes(b"not a workbook")
    page = open_page(path)
    assert page.warning
    assert not page.error


def test_a_broken_sample_is_explained(open_page: Open, tmp_path: Path) -> None:
    shutil.copy(BOOK, tmp_path / "policy.xlsx")
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "broken.json").write_text('{"名称": "坏", "无此指标": 1}', "utf-8")
    book = tmp_path / "policy.xlsx"
    page = load(open_page(book), "broken", book)
    assert "broken.json" in page.error[0].value


def test_samples_of_one_name_can_be_told_apart(open_page: Open, tmp_path: Path) -> None:
    shutil.copy(BOOK, tmp_path / "policy.xlsx")
    shutil.copytree(BOOK.parent / "examples", tmp_path / "examples")
    first = tmp_path / "examples" / "introduction-3yi.json"
    shutil.copy(first, first.with_name("twin.json"))
    options = open_page(tmp_path / "policy.xlsx").menu_button(key="sample").options
    assert len(set(options)) == len(options)


@pytest.mark.parametrize(
    "hostile",
    ["![x](http://evil.example/x.png)", "**b** _i_ `c` ~~s~~", "<img src=x>", ":red[x] $y$ :smile:",
     "1. a", "# a", "a@b.cn www.evil.example http://evil.example", "\\*a\\* [b](c) &#42;"],
)  # fmt: skip
def test_plain_text_keeps_nothing_that_markdown_acts_on(hostile: str) -> None:
    assert not re.search(r"[\\`*\[\]<>$~:&@]|^[#+-]|^\d+[.)]|(?i:www\.)", plain(hostile))


def test_plain_text_leaves_ordinary_names_alone() -> None:
    name = "“5G+工业互联网”（含事业部总部）占比_上年 80%、A/B-C"
    assert plain(name) == name
