"""The command line as a user meets it: help, usage errors, exit codes, and each command."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from authoring import cli
from authoring.commands.usage import ChineseGroup

ROOT = Path(__file__).parent.parent
OWN_WORDS = {
    *("tiaoli", "check", "simulate", "test", "explain", "case", "date", "row", "all", "json"),
    *("strict", "help", "version", "xlsx", "docs", "outcome", "schema", "JSON", "Excel"),
}


@dataclass(frozen=True)
class Said:
    """What a run of the command line left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process."""

    def run(*arguments: str | Path) -> Said:
        code = cli.main([str(each) for each in arguments])
        captured = capsys.readouterr()
        return Said(int(code), captured.out, captured.err)

    return run


# --- a small workbook -----------------------------------------------------------------------------

PROVISION = "引荐重大产业项目落地的，按实缴资金的5‰给予奖励，最高200万元。认定为重大产业项目的，列入清单。"

SHEETS: dict[str, list[list[object]]] = {
    "政策": [
        ["项", "值"],
        ["政策编号", "试点-2023"],
        ["标题", "试点招商政策"],
        ["施行日期", "2023-09-28"],
        ["失效日期", "无"],
    ],
    "条款": [
        ["条款编号", "章", "标题", "条款原文", "类型", "主管部门", "备注"],
        ["六", "一", "中介引荐", PROVISION, "可计算", "市商务局", ""],
    ],
    "指标": [
        ["指标", "类型", "单位", "代码表", "主体", "来源", "说明"],
        ["总投资", "金额", "万元", "", "", "填报", ""],
        ["实缴资金", "金额", "万元", "", "", "填报", "以验资报告为准"],
        ["重大产业项目", "是否", "", "", "", "推导", ""],
    ],
    "代码表": [
        ["代码表", "值", "上级", "次序"],
        ["主体", "中介机构", "", ""],
    ],
    "规则": [
        ["决策表", "重大项目认定", "命中策略", "首个", "类别", "推导", "默认", "否"],
        ["编号", "条件", "结论", "依据", "依据"],
        ["编号", "总投资（万元）", "重大产业项目", "条款", "原文"],
        ["六-1", "10000以上", "是", "六", "认定为重大产业项目的"],
        [],
        ["决策表", "引荐奖励", "命中策略", "收集", "类别", "措施"],
        ["编号", "条件", *["结论"] * 6, "依据", "依据"],
        [
            *("编号", "重大产业项目", "支持项编号", "支持项", "受益主体", "支持方式"),
            *("金额", "最高限额", "条款", "原文"),
        ],
        [
            *("六-2", "是", "M6-1", "引荐奖励", "中介机构", "奖励"),
            *("实缴资金的5‰", "200万元", "六", "按实缴资金的5‰给予奖励，最高200万元"),
        ],
    ],
    "用例": [
        ["编号", "名称", "基准日期", "总投资", "实缴资金", "期望·M6-1", "期望·合计"],
        ["G1", "封顶", "2023-10-01", 20000, 50000, "可享受 200万元", "200万元"],
        ["G2", "不是重大项目", "2023-10-01", 100, 50000, "不符合", "0元"],
    ],
}


def write_book(path: Path, **changes: list[list[object]]) -> Path:
    """Write the small workbook, some of its sheets replaced."""
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    for name, rows in {**SHEETS, **changes}.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def with_row(sheet: str, number: int, **cells: object) -> dict[str, list[list[object]]]:
    """The rows of a sheet with some cells of one row (counted from 0) replaced: ``c3=…``."""
    rows = [list(row) for row in SHEETS[sheet]]
    for name, value in cells.items():
        rows[number][int(name[1:])] = value
    return {sheet: rows}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_book(tmp_path / "政策.xlsx")


def write_case(path: Path, **entries: object) -> Path:
    """Write a case file; by default a project that gets the capped award."""
    case = {
        "编号": "P1",
        "名称": "某项目",
        "基准日期": "2023-10-01",
        "总投资": 20000,
        "实缴资金": 20000,
        **entries,
    }
    path.write_text(json.dumps(case, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return write_case(tmp_path / "用例.json")


# --- help and usage -------------------------------------------------------------------------------


def english_in(text: str, given: Sequence[str] = ()) -> list[str]:
    """The English words of a text that are neither ours nor the user's."""
    own = OWN_WORDS | {word for each in given for word in re.findall(r"[A-Za-z]+", each)}
    return [word for word in re.findall(r"[A-Za-z]{2,}", text) if word not in own]


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["-h"], *([name, "--help"] for name in ("check", "simulate", "test", "explain"))],
    ids=" ".join,
)
def test_help_is_chinese(run: Run, arguments: list[str]) -> None:
    said = run(*arguments)
    assert said.code == 0
    assert said.err == ""
    assert said.out.startswith("用法：tiaoli")
    assert "选项：" in said.out
    assert english_in(said.out) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "没有写命令。可以用的命令：check、simulate、test、explain"),
        (["chekc", "a.xlsx"], "没有“chekc”这个命令。是不是想写 check？"),
        (["frobnicate"], "可以用的命令：check、simulate、test、explain"),
        (["--wrong"], "没有“--wrong”这个选项"),
        (["check"], "缺少工作簿"),
        (["test"], "缺少工作簿"),
        (["simulate", "a.xlsx"], "缺少 --case"),
        (["simulate", "--case", "a.json"], "缺少工作簿"),
        (["simulate", "a.xlsx", "--case"], "“--case”后面还要写上用例文件"),
        (["simulate", "a.xlsx", "-c"], "“-c”后面还要写上用例文件"),
        (["simulate", "a.xlsx", "--cas", "a.json"], "是不是想写 --case"),
        (["check", "a.xlsx", "--jsn"], "是不是想写 --json"),
        (["check", "a.xlsx", "-z"], "没有“-z”这个选项"),
        (["check", "a.xlsx", "--json=1"], "“--json”后面不用写内容"),
        (["check", "a.xlsx", "b.xlsx", "c.xlsx"], "多出了内容：b.xlsx c.xlsx"),
        (["explain", "my", "book.xlsx"], "多出了内容：book.xlsx"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_usage_errors_are_chinese(run: Run, arguments: list[str], expected: str) -> None:
    said = run(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert expected in said.err
    assert "--help" in said.err
    assert english_in(said.err, arguments) == []


def test_the_version(run: Run) -> None:
    said = run("--version")
    assert (said.code, said.err) == (0, "")
    assert re.fullmatch(r"条理 \d+\.\d+\.\d+\n", said.out)


def test_our_classes_still_stand_in_typers_way() -> None:
    command = cli.typer.main.get_command(cli.app)
    assert isinstance(command, ChineseGroup)
    assert set(command.commands) == {"check", "simulate", "test", "explain"}


# --- trouble --------------------------------------------------------------------------------------


def test_an_unexpected_error_gives_a_number_that_is_in_the_log(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = tmp_path / "logs" / "errors.log"
    monkeypatch.setenv("TIAOLI_LOG", str(log))
    monkeypatch.setattr(cli, "_run", lambda _: 1 // 0)
    said = run("check", "a.xlsx")
    assert said.code == 70
    number = re.search(r"编号 ([0-9A-F]{4}-[0-9A-F]{4})", said.err)
    assert number is not None
    assert "Traceback" not in said.err + said.out
    logged = log.read_text(encoding="utf-8")
    assert number[1] in logged
    assert "ZeroDivisionError" in logged
    assert "tiaoli check a.xlsx" in logged


def test_an_unexpected_error_without_a_place_to_log(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TIAOLI_LOG", str(tmp_path / "file" / "errors.log"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "file"))
    monkeypatch.setattr(cli, "_run", lambda _: 1 // 0)
    said = run("check", "a.xlsx")
    assert said.code == 70
    assert "没能写入日志" in said.err


def test_ctrl_c(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", interrupted)
    said = run("check", "a.xlsx")
    assert (said.code, said.out, said.err) == (130, "", "已中断。\n")
