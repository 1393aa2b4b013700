"""``tiaoli new`` as a user meets it: what it writes, what it refuses, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from authoring import cli
from authoring.template import VERSION, new_book
from authoring.understand import read_book


@dataclass(frozen=True)
class Said:
    """What a run of the command line left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    """Run the command line in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Said:
        code = cli.main(arguments)
        captured = capsys.readouterr()
        return Said(int(code), captured.out, captured.err)

    return run


Run = Callable[..., Said]


def test_new_writes_a_book_that_passes_and_says_what_to_do_next(run: Run) -> None:
    said = run("new", "我的 政策.xlsx")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == "已写好：我的 政策.xlsx"
    assert [line[:2] for line in said.out.splitlines()[-3:]] == ["1.", "2.", "3."]
    assert 'tiaoli check "我的 政策.xlsx"' in said.out
    checked = run("check", "我的 政策.xlsx", "--strict")
    assert (checked.code, checked.err) == (0, "")
    assert "错误 0 处，警告 0 处，提示 0 处" in checked.out
    assert run("test", "我的 政策.xlsx").code == 0
    simulated = run("simulate", "我的 政策.xlsx", "--case", "我的 政策.xlsx", "--row", "例5")
    assert simulated.code == 0
    assert "投资支持" in simulated.out


def test_new_never_overwrites_unasked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"mine")
    said = run("new", "a.xlsx")
    assert (said.code, said.out) == (2, "")
    assert "“a.xlsx”已经有了" in said.err
    assert "--force" in said.err
    assert (tmp_path / "a.xlsx").read_bytes() == b"mine"
    assert run("new", "a.xlsx", "--force").code == 0
    assert read_book(tmp_path / "a.xlsx").policy is not None


def test_renewing_writes_beside_and_onto_itself_only_when_forced(run: Run, tmp_path: Path) -> None:
    book = tmp_path / "a.xlsx"
    run("new", "a.xlsx")
    found = openpyxl.load_workbook(book)
    found["条款"].delete_cols(7)
    found.save(book)
    before = book.read_bytes()
    said = run("new", "b.xlsx", "--from", "a.xlsx")
    assert said.code == 0
    assert "“条款”补上了列：备注。" in said.out
    assert book.read_bytes() == before
    refused = run("new", "./a.xlsx", "--from", "a.xlsx")
    assert refused.code == 2
    assert "就是原来的工作簿" in refused.err
    assert book.read_bytes() == before
    assert run("new", "a.xlsx", "--from", "a.xlsx", "--force").code == 0
    assert book.read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert "没有缺的表和列" in run("new", "c.xlsx", "--from", "b.xlsx").out


def test_new_in_json(run: Run, tmp_path: Path) -> None:
    written = json.loads(run("new", "a.xlsx", "--json").out)
    assert written["format"] == "tiaoli-new/1"
    assert (written["book"], written["from"]) == ("a.xlsx", None)
    assert written["template_version"] == VERSION
    assert written["added"] == {"sheets": [], "headings": []}
    assert written["dropdowns"] > 100
    found = openpyxl.load_workbook(tmp_path / "a.xlsx")
    del found["评选"]
    del found["评选用例"]
    found["条款"].delete_cols(7)
    found.save(tmp_path / "a.xlsx")
    renewed = json.loads(run("new", "b.xlsx", "--from", "a.xlsx", "--json").out)
    assert renewed["added"]["sheets"] == ["评选", "评选用例"]
    (heading,) = renewed["added"]["headings"]
    assert heading == {"heading": "备注", "place": "条款!G2"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("new", "a.xls"), "文件名要以 .xlsx 结尾"),
        (("new", "a"), "文件名要以 .xlsx 结尾"),
        (("new", "nowhere/a.xlsx"), "没有“nowhere”这个文件夹"),
        (("new", "."), "是一个文件夹"),
        (("new", "text.txt/a.xlsx"), "没有“text.txt”这个文件夹"),
        (("new", "a.xlsx", "--from", "nowhere.xlsx"), "找不到文件「nowhere.xlsx」"),
        (("new", "a.xlsx", "--from", "bad.xlsx"), "这不是 .xlsx 工作簿"),
        (("new", "a.xlsx", "--from", "text.txt"), "这不是 .xlsx 工作簿"),
        (("new", "a.xlsx", "--from", "macro.xlsm"), "文件名要以 .xlsm 结尾"),
        (("new",), "缺少新文件"),
        (("new", "a" * 300 + ".xlsx"), "写不进"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    (tmp_path / "text.txt").write_text("文字", encoding="utf-8")
    (tmp_path / "bad.xlsx").write_text("文字", encoding="utf-8")
    (tmp_path / "macro.xlsm").write_bytes(new_book().file)
    before = sorted(each.name for each in tmp_path.iterdir())
    said = run(*arguments)
    assert (said.code, said.out) == (2, "")
    assert words in said.err
    assert sorted(each.name for each in tmp_path.iterdir()) == before


def test_a_disk_that_is_full_leaves_the_old_book(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"mine")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    said = run("new", "a.xlsx", "--force")
    assert said.code == 2
    assert "写不进“a.xlsx”" in said.err
    assert [each.name for each in tmp_path.iterdir()] == ["a.xlsx"]
    assert (tmp_path / "a.xlsx").read_bytes() == b"mine"


def test_a_refusal_in_json(run: Run) -> None:
    said = run("new", "a.xls", "--json")
    assert said.code == 2
    assert json.loads(said.out)["format"] == "tiaoli-error/1"
    assert "文件名要以 .xlsx 结尾" in json.loads(said.out)["message"]


def test_the_help_of_new_is_chinese(run: Run) -> None:
    said = run("new", "--help")
    assert said.code == 0
    assert "用法：tiaoli new 新文件" in said.out
    assert "--from 工作簿" in said.out


def test_a_notice_is_cut_into_a_new_book(run: Run, tmp_path: Path) -> None:
    (tmp_path / "通知.txt").write_text(
        "若干政策\n一、引荐\n（一）甲。给予最高50万元。\n（二）乙。按5‰奖励。\n", "utf-8"
    )
    said = run("new", "a.xlsx", "--notice", "通知.txt")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == (
        "已写好：a.xlsx。“条款”抄了 2 条，“待核”列出 2 处要核对的内容。"
    )
    assert "待核" in openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames
    assert json.loads(run("new", "b.xlsx", "--notice", "通知.txt", "--json").out)["notice"]


def test_numbers_that_are_ours_are_said_to_be(run: Run, tmp_path: Path) -> None:
    (tmp_path / "通知.txt").write_text("若干政策\n对首次认定的企业给予10万元奖励。\n", "utf-8")
    said = run("new", "a.xlsx", "--notice", "通知.txt")
    assert said.code == 0
    assert "“条款”抄了 1 条" in said.out
    assert "原文没有编号：“条款编号”是按段落顺着编的" in said.out


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "没有找到通知文件"),
        ("没有编号的一句话", "没有看出"),
        ("", "没有文字"),
    ],
)
def test_what_is_no_notice_writes_nothing(
    run: Run, tmp_path: Path, content: str | None, told: str
) -> None:
    if content is not None:
        (tmp_path / "通知.txt").write_text(content, "utf-8")
    said = run("new", "a.xlsx", "--notice", "通知.txt")
    assert said.code == 2
    assert told in said.err
    assert not (tmp_path / "a.xlsx").exists()


def test_a_book_is_begun_from_one_thing(run: Run) -> None:
    said = run("new", "a.xlsx", "--notice", "通知.txt", "--from", "b.xlsx")
    assert said.code == 2
    assert "只能用一个" in said.err
