"""The text of a workbook shows what an edit does, and nothing of how the file is laid out."""

from __future__ import annotations

import subprocess
import sys
from difflib import unified_diff
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from authoring.canonical_text import canonical_text, raw_text
from authoring.understand import read_book
from authoring.workbook import read_sheets
from tests.books import make_book
from tests.policy_books import ROOT
from tests.sample_book import edited, sheets

WUXI = ROOT / "policies/wuxi-2023/policy.xlsx"


def text_of(content: bytes) -> str:
    read = read_book(content)
    assert read.policy is not None, read.findings
    return canonical_text(read.policy, read.golden_cases, read.golden_contests)


def changes(before: str, after: str) -> list[str]:
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("---", "+++")]


def test_an_edit_shows_as_one_line() -> None:
    book = openpyxl.load_workbook(WUXI)
    sheet = book["招商渠道"]
    assert sheet["K19"].value == "200万元"
    sheet["K19"] = "3,000,000元"
    stream = BytesIO()
    book.save(stream)
    assert changes(text_of(WUXI.read_bytes()), text_of(stream.getvalue())) == [
        "-则 最高限额：200万元",
        "+则 最高限额：300万元",
    ]


def test_formats_spellings_and_the_order_of_sheets_leave_no_trace() -> None:
    book = openpyxl.load_workbook(WUXI)
    book.move_sheet("招商渠道", -4)
    sheet = book["招商渠道"]
    sheet["K19"] = "２００ 万元"
    sheet["K19"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet.column_dimensions["K"].width = 40
    stream = BytesIO()
    book.save(stream)
    assert text_of(stream.getvalue()) == text_of(WUXI.read_bytes())


def test_every_rule_measure_and_case_is_in_it() -> None:
    read = read_book(make_book(sheets()))
    assert read.policy is not None
    text = canonical_text(read.policy, read.golden_cases)
    for table in read.policy.tables:
        for rule in table.rules:
            assert f"## {rule.id}\n" in text
    for golden in read.golden_cases:
        assert f"## {golden.case.id}\n" in text
        assert golden.case.name in text


def test_a_book_with_errors_can_be_compared_too() -> None:
    good, _ = read_sheets(make_book(sheets()))
    bad, _ = read_sheets(make_book(edited({"指标!B2": "金钱"})))
    assert changes(raw_text(good), raw_text(bad))
    assert any("金钱" in line for line in changes(raw_text(good), raw_text(bad)))


@pytest.mark.parametrize("name", ["policy.xlsx"])
def test_git_shows_the_difference(tmp_path: Path, name: str) -> None:
    """As README says: a textconv in .gitattributes."""

    def git(*arguments: str) -> str:
        run = subprocess.run(
            ["git", "-c", "user.name=甲", "-c", "user.email=a@example.org", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout

    git("init", "-q")
    git("config", "diff.tiaoli.textconv", f"{sys.executable} -m authoring.cli text")
    (tmp_path / ".gitattributes").write_text("*.xlsx diff=tiaoli\n", "utf-8")
    (tmp_path / name).write_bytes(make_book(sheets()))
    git("add", ".")
    git("commit", "-qm", "甲")
    (tmp_path / name).write_bytes(make_book(edited({"政策!B3": "另一个标题"})))
    assert "+标题：另一个标题" in git("diff")
