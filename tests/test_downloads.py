"""The buttons below an answer: reports made on demand, and the case saved in a copy."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document
from streamlit.testing.v1 import AppTest

from authoring.commands.golden import run_cases
from authoring.pages.downloads import _SAVED, _file_name, _made
from authoring.pages.form import widget_key
from authoring.pages.state import NAME
from authoring.report import excel_report, word_report
from authoring.save_case import Saved, UnreadablePartError
from authoring.understand import read_book
from engine import build
from engine.cases import Case
from tests import sample_book
from tests.books import make_book

ROOT = Path(__file__).parent.parent
LABELS = ["下载测算意见书（Word）", "下载明细表（Excel）"]

Open = Callable[[dict[str, str]], AppTest]


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Open:
    """Open the page on the sample book, fill some fields in, and let it simulate."""
    book = tmp_path / "试行.xlsx"
    book.write_bytes(make_book(sample_book.sheets()))
    monkeypatch.setenv("TIAOLI_POLICY", str(book))

    def start(entries: dict[str, str]) -> AppTest:
        page = AppTest.from_file(
            str(ROOT / "authoring" / "pages" / "navigation.py"), default_timeout=60
        ).run()
        for field, text in entries.items():
            page.text_input(key=widget_key(field)).set_value(text)
        return button(page, "开始测算").click().run()

    return start


def button(page: AppTest, label: str) -> Any:
    return next(each for each in page.button if each.label == label)


def downloads(page: AppTest) -> list[str]:
    return [each.proto.label for each in page.get("download_button")]


def test_both_reports_are_offered(simulated: Open) -> None:
    page = simulated({"实缴资金": "500万元"})
    assert downloads(page) == LABELS


def test_the_case_is_saved_in_a_copy(simulated: Open) -> None:
    page = simulated({"实缴资金": "500万元"})
    page = button(page, "存为用例").click().run()
    assert not page.exception
    (told,) = page.success
    assert told.value.startswith(
        "这个项目已存为用例：在副本“用例”表第 4 行，编号是“测算”，3 项期望"
    )
    assert downloads(page) == [*LABELS, "下载工作簿"]
    _, saved = page.session_state[_SAVED]
    assert isinstance(saved, Saved)
    copy = read_book(saved.file)
    assert copy.policy is not None
    assert copy.golden_cases[-1].case.facts == {"实缴资金": 500_000_000}
    assert all(each.passed for each in run_cases(build(copy.policy, "python"), copy.golden_cases))


def test_the_name_of_the_saved_project_is_said(simulated: Open) -> None:
    page = simulated({"实缴资金": "500万元"})
    page = button(page, "修改项目信息").click().run()
    page.text_input(key=NAME).set_value("封测*一期*")
    page = button(page, "开始测算").click().run()
    page = button(page, "存为用例").click().run()
    (told,) = page.success
    assert told.value.startswith("项目“封测＊一期＊”已存为用例：在副本“用例”表第 4 行")


def test_another_answer_takes_the_copy_away(simulated: Open) -> None:
    page = button(simulated({"实缴资金": "500万元"}), "存为用例").click().run()
    page = button(page, "修改项目信息").click().run()
    page.text_input(key=widget_key("实缴资金")).set_value("600万元")
    page = button(page, "开始测算").click().run()
    assert downloads(page) == LABELS
    assert not page.success


def test_another_workbook_takes_the_copy_away(simulated: Open, tmp_path: Path) -> None:
    """The same case again, answered with what was made of the workbook meanwhile."""
    page = button(simulated({"实缴资金": "500万元"}), "存为用例").click().run()
    assert page.success
    changed = sample_book.edited({"措施!H4": "实缴资金的6‰"})
    (tmp_path / "试行.xlsx").write_bytes(make_book(changed))
    page = button(page.run(), "开始测算").click().run()
    assert "3万元" in "".join(each.value for each in page.html)
    assert downloads(page) == LABELS
    assert not page.success


def test_the_copy_is_one_of_the_workbook_that_was_answered(simulated: Open, tmp_path: Path) -> None:
    """Whatever was saved in its place between the drawing of the page and the click."""
    page = simulated({"实缴资金": "500万元"})
    book = tmp_path / "试行.xlsx"
    book.write_bytes(make_book(sample_book.edited({"措施!H4": "实缴资金的6‰", "政策!B3": "新版"})))
    page = button(page, "存为用例").click().run()
    _, saved = page.session_state[_SAVED]
    assert isinstance(saved, Saved)
    copy = read_book(saved.file)
    assert copy.policy is not None
    assert copy.policy.title == "试行政策"
    assert all(each.passed for each in run_cases(build(copy.policy, "python"), copy.golden_cases))


def test_a_workbook_that_cannot_be_changed_is_told(
    simulated: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = simulated({"实缴资金": "500万元"})

    def refuse(*_: object) -> None:
        raise UnreadablePartError

    monkeypatch.setattr("authoring.pages.downloads.save_case", refuse)
    page = button(page, "存为用例").click().run()
    assert not page.exception
    assert [each.value for each in page.error] == [
        "这个工作簿里没法加用例。请在 Excel 或 WPS 中打开，另存一份再试。"
    ]


def test_a_report_is_made_when_it_is_asked_for() -> None:
    policy = sample_book.read(sample_book.sheets()).policy
    assert policy is not None
    engine = build(policy, "python")
    case = Case("", "新项目", policy.effective, {"实缴资金": 500_000_000})
    document = Document(io.BytesIO(_made(word_report, engine, case)()))
    assert document.paragraphs[0].text == "测算意见书"
    book = openpyxl.load_workbook(io.BytesIO(_made(excel_report, engine, case)()))
    assert book.sheetnames[0] == "结论"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("无锡 项目", "无锡-项目"),
        ("../../etc/passwd", "etc-passwd"),
        ('a<b>:"|?*\x00c', "a-b-c"),
        ("长" * 100, "长" * 40),
        ("\u202e", ""),
        ("", ""),
    ],
)
def test_a_name_is_safe_in_a_file_name(name: str, safe: str) -> None:
    assert _file_name(name) == safe
