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

import jsonschema
import openpyxl
import pytest

from authoring import cli
from authoring.commands.usage import ChineseGroup
from tests.books import make_book
from tests.sample_book import edited

ROOT = Path(__file__).parent.parent
COMMANDS = ("new", "check", "simulate", "test", "explain", "text")
WUXI = ROOT / "policies/wuxi-2023/policy.xlsx"
OWN_WORDS = {
    *COMMANDS,
    *("tiaoli", "case", "date", "row", "all", "json", "csv", "report", "save", "as"),
    *(
        "strict",
        "notice",
        "blank",
        "tidy",
        "docx",
        "txt",
        "annotate",
        "fix",
        "readings",
        "force",
        "from",
        "help",
        "version",
        "xlsx",
        "docs",
        "outcome",
        "schema",
        "JSON",
        "Excel",
    ),
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

PROVISION = (
    "引荐重大产业项目落地的，按实缴资金的5‰给予奖励，最高200万元。认定为重大产业项目的，列入清单。"
)

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
    [["--help"], ["-h"], *([name, "--help"] for name in COMMANDS)],
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
        ([], "没有写命令。可以用的命令：new、check、simulate、test、explain、text"),
        (["chekc", "a.xlsx"], "没有“chekc”这个命令。是不是想写 check？"),
        (["frobnicate"], "可以用的命令：new、check、simulate、test、explain、text"),
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
    assert set(command.commands) == set(COMMANDS)


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


# --- check ----------------------------------------------------------------------------------------


def test_check_a_sound_workbook(run: Run, book: Path) -> None:
    said = run("check", book)
    assert (said.code, said.err) == (0, "")
    assert "错误 0 处" in said.out
    assert "用例 2 个：2 个达到期望，0 个没有达到" in said.out
    assert "可以使用" in said.out


def test_check_json(run: Run, book: Path) -> None:
    said = run("check", book, "--json")
    answer = json.loads(said.out)
    assert said.code == 0
    assert (answer["format"], answer["passed"]) == ("tiaoli-check/1", True)
    assert answer["policy"]["id"] == "试点-2023"
    assert answer["counts"]["error"] == 0
    assert answer["cases"] == {"count": 2, "passed": 2, "failing": []}
    assert answer["contests"] == {"count": 0, "passed": 0, "failing": []}


def test_check_shows_errors_at_their_cells(run: Run, tmp_path: Path) -> None:
    broken = write_book(tmp_path / "错.xlsx", **with_row("规则", 3, c1=None, c4="没有这一条"))
    said = run("check", broken)
    assert (said.code, said.err) == (1, "")
    assert "--> 规则!B4" in said.out
    assert "^" in said.out
    assert "怎么改：" in said.out
    assert "用例没有运行" in said.out
    answer = json.loads(run("check", broken, "--json").out)
    assert answer["passed"] is False
    assert answer["policy"] is None
    assert answer["cases"] is None
    assert answer["counts"]["error"] == len(
        [each for each in answer["findings"] if each["severity"] == "error"]
    )
    assert "规则!B4" in {each["at"]["cell"] for each in answer["findings"] if each["at"]}


def test_warnings_count_only_when_strict(run: Run, tmp_path: Path) -> None:
    odd = write_book(tmp_path / "疑.xlsx", **with_row("用例", 2, c2="2023-09-01", c5=None))
    assert run("check", odd).code == 0
    said = run("check", odd, "--strict")
    assert said.code == 1
    assert "警告[K414]" in said.out
    assert "--strict" in said.out
    assert json.loads(run("check", odd, "--strict", "--json").out)["passed"] is False


def test_a_case_that_is_meant_to_be_out_of_the_policys_life_is_no_warning(
    run: Run, tmp_path: Path
) -> None:
    meant = write_book(tmp_path / "早.xlsx", **with_row("用例", 2, c2="2023-09-01", c5="不适用"))
    said = run("check", meant, "--strict")
    assert (said.code, "K414" in said.out) == (0, False)


def test_the_reference_policy_passes_strictly(run: Run) -> None:
    assert run("check", ROOT / "policies/wuxi-2023/policy.xlsx", "--strict").code == 0


def test_check_reports_cases_that_fail(run: Run, tmp_path: Path) -> None:
    failing = write_book(tmp_path / "败.xlsx", **with_row("用例", 1, c5="可享受 100万元"))
    said = run("check", failing)
    assert said.code == 1
    assert "G1 封顶" in said.out
    assert "M6-1：期望 可享受 100万元，实际 可享受 200万元" in said.out
    answer = json.loads(run("check", failing, "--json").out)
    assert [each["id"] for each in answer["cases"]["failing"]] == ["G1"]


# --- simulate -------------------------------------------------------------------------------------


def test_simulate(run: Run, book: Path, case: Path) -> None:
    said = run("simulate", book, "--case", case)
    assert (said.code, said.err) == (0, "")
    for words in (
        *("试点招商政策", "基准日期 2023-10-01", "合计：100万元", "M6-1 引荐奖励", "可享受 1 项"),
        *("规则 六-2", "规则 六-1", "规则!B9", "金额怎么算", "实缴资金的5‰"),
        "按实缴资金的5‰给予奖励，最高200万元",
    ):
        assert words in said.out
    assert max(map(len, said.out.splitlines())) <= 100
    assert "\x1b" not in said.out


def test_simulate_json_is_true_to_the_schema(run: Run, book: Path, case: Path) -> None:
    schema = json.loads((ROOT / "docs/outcome.schema.json").read_text(encoding="utf-8"))
    said = run("simulate", book, "--case", case, "--json")
    answer = json.loads(said.out)
    jsonschema.Draft202012Validator(schema).validate(answer)
    assert (said.code, said.err) == (0, "")
    [measure] = answer["measures"]
    assert measure["amount"] == {"min": "1000000.00", "max": "1000000.00", "certainty": "definite"}
    assert answer["expectations"] is None


def test_simulate_says_what_is_missing(run: Run, book: Path, tmp_path: Path) -> None:
    open_ = write_case(tmp_path / "缺.json", 实缴资金=None)
    said = run("simulate", book, "-c", open_)
    assert said.code == 0
    assert "再补充 1 项信息，可以继续判定 1 项支持" in said.out
    assert "实缴资金　关系到 200万元（M6-1）" in said.out


def test_simulate_says_what_would_help(run: Run, book: Path, tmp_path: Path) -> None:
    near = write_case(tmp_path / "近.json", 总投资=9600)
    said = run("simulate", book, "-c", near)
    assert said.code == 0
    assert "差一点 1 项" in said.out
    assert re.search("总投资：由 9,?600万元 改为 (10,?000万元|1亿元)", said.out)
    assert "还差 400万元" in said.out


def test_rates_differ_by_percentage_points(run: Run, tmp_path: Path) -> None:
    fields = [*SHEETS["指标"], ["研发占比", "比例", "%", "", "", "填报", ""]]
    rules = with_row("规则", 2, c1="研发占比")["规则"]
    rules[3][1] = "≥5%"
    cases = [["编号", "基准日期", "研发占比"], ["甲", "2023-10-01", "4.95%"]]
    book = write_book(tmp_path / "占比.xlsx", 指标=fields, 规则=rules, 用例=cases)
    said = run("simulate", book, "-c", book, "--row", "甲", "--all")
    assert "还差 0.05 个百分点" in said.out


def test_all_writes_refusals_out(run: Run, book: Path, tmp_path: Path) -> None:
    early = write_case(tmp_path / "早.json", 基准日期="2023-01-01")
    short, whole = run("simulate", book, "-c", early), run("simulate", book, "-c", early, "--all")
    assert short.code == whole.code == 0
    assert "--all" in short.out
    assert "规则 六-2" not in short.out
    assert "--all" not in whole.out
    assert "规则 六-2" in whole.out


def test_the_date_may_be_given(run: Run, book: Path, case: Path, tmp_path: Path) -> None:
    answer = json.loads(run("simulate", book, "-c", case, "--date", "2023年9月1日", "--json").out)
    assert answer["date"] == "2023-09-01"
    assert answer["measures"][0]["verdict"] == "not_applicable"
    undated = write_case(tmp_path / "无日期.json", 基准日期=None)
    assert run("simulate", book, "-c", undated).code == 2
    assert run("simulate", book, "-c", undated, "--date", "2023-10-01").code == 0


@pytest.mark.parametrize("source", ["file", "option"])
def test_a_date_outside_the_policys_life_is_warned_of(
    run: Run, book: Path, tmp_path: Path, source: str
) -> None:
    outside = "2023-09-01"
    case = write_case(tmp_path / "早.json", 基准日期=outside if source == "file" else "2023-10-01")
    given = ["simulate", book, "-c", case, *(["--date", outside] if source == "option" else [])]
    said = run(*given)
    assert said.code == 0
    assert "警告[K414] 基准日期 2023-09-01 不在政策的有效期内" in said.err
    answer = json.loads(run(*given, "--json").out)
    assert [(each["code"], each["path"]) for each in answer["findings"]] == [("K414", "基准日期")]
    assert answer["findings"][0]["severity"] == "warning"


def test_a_date_inside_the_policys_life_takes_the_warning_away(
    run: Run, book: Path, tmp_path: Path
) -> None:
    early = write_case(tmp_path / "早.json", 基准日期="2023-09-01")
    said = run("simulate", book, "-c", early, "--date", "2023-10-01")
    assert (said.code, said.err) == (0, "")


def test_a_case_of_a_workbook_is_chosen_by_its_number(run: Run, book: Path) -> None:
    answer = json.loads(run("simulate", book, "-c", book, "--row", "G2", "--json").out)
    assert answer["case"]["id"] == "G2"
    assert answer["expectations"] == {"met": True, "unmet": []}
    assert run("simulate", book, "-c", book, "--row", "G9").code == 2


def test_every_row_of_a_workbook_is_simulated(run: Run, book: Path) -> None:
    said = run("simulate", book, "-c", book)
    assert (said.code, said.err) == (0, "")
    assert "G1 封顶" in said.out
    assert "M6-1 引荐奖励　200万元" in said.out
    assert "G2 不是重大项目" in said.out
    assert "规则 六-2" not in said.out
    assert "--row" in said.out
    assert "规则 六-2" in run("simulate", book, "-c", book, "--all").out
    answer = json.loads(run("simulate", book, "-c", book, "--json").out)
    assert (answer["format"], answer["findings"]) == ("tiaoli-outcomes/1", [])
    assert [each["case"]["id"] for each in answer["outcomes"]] == ["G1", "G2"]
    schema = json.loads((ROOT / "docs/outcome.schema.json").read_text(encoding="utf-8"))
    for each in answer["outcomes"]:
        jsonschema.Draft202012Validator(schema).validate(each)


def test_a_bad_row_keeps_no_other_from_being_simulated(
    run: Run, book: Path, tmp_path: Path
) -> None:
    rows = [*SHEETS["用例"], ["G3", "写错的", "2023-10-01", "三个亿", 5, None, None]]
    cases = write_book(tmp_path / "项目.xlsx", 用例=rows)
    said = run("simulate", book, "-c", cases)
    assert said.code == 2
    assert "G1 封顶" in said.out
    assert "G3" not in said.out
    assert "--> 用例!D4" in said.err
    assert "^^^^^^" in said.err
    assert "是否想写：「3亿元」" in said.err
    assert "有 1 行不能用，没有测算；其余 2 行照常测算" in said.err.replace("\n", "")
    answer = json.loads(run("simulate", book, "-c", cases, "--json").out)
    assert [each["case"]["id"] for each in answer["outcomes"]] == ["G1", "G2"]
    assert [each["at"]["cell"] for each in answer["findings"]] == ["用例!D4"]
    alone = run("simulate", book, "-c", cases, "--row", "G3")
    assert (alone.code, alone.out) == (2, "")
    assert run("simulate", book, "-c", cases, "--row", "G1").code == 0


def test_a_bad_heading_spoils_every_row(run: Run, book: Path, tmp_path: Path) -> None:
    cases = write_book(tmp_path / "项目.xlsx", **with_row("用例", 0, c3="总投姿"))
    said = run("simulate", book, "-c", cases)
    assert (said.code, said.out) == (2, "")
    assert "--> 用例!D1" in said.err
    assert "是否想写：「总投资」" in said.err


def test_a_refusal_leads_to_what_the_case_says(run: Run, book: Path, tmp_path: Path) -> None:
    near = write_case(tmp_path / "近.json", 总投资=9600)
    [measure] = json.loads(run("simulate", book, "-c", near, "--json").out)["measures"]
    [failed] = measure["failed"]
    assert failed["fields"] == ["重大产业项目"]
    assert failed["inputs"] == [{"field": "总投资", "value": "96000000.00", "source": "reported"}]


def test_expectations_of_a_case_file(run: Run, book: Path, tmp_path: Path) -> None:
    met = write_case(tmp_path / "好.json", 期望={"M6-1": "可享受 100万元", "合计": "100万元"})
    said = run("simulate", book, "-c", met)
    assert said.code == 0
    assert "期望全部达到（2 项）" in said.out
    unmet = write_case(tmp_path / "坏.json", 期望={"M6-1": "不符合", "合计": "100万元"})
    said = run("simulate", book, "-c", unmet)
    assert said.code == 1
    assert "2 项期望中有 1 项没有达到" in said.out
    assert "M6-1：期望 不符合，实际 可享受 100万元" in said.out
    answer = json.loads(run("simulate", book, "-c", unmet, "--json").out)
    assert answer["expectations"]["met"] is False
    assert [each["target"] for each in answer["expectations"]["unmet"]] == ["M6-1"]


def test_a_name_cannot_steer_the_terminal(run: Run, book: Path, tmp_path: Path) -> None:
    hostile = write_case(tmp_path / "敌.json", 名称="好\x1b]0;坏\x07\u202e项目\x9b31m")
    said = run("simulate", book, "-c", hostile)
    assert said.code == 0
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", said.out)


# --- unusable input -------------------------------------------------------------------------------


def unusable(kind: str, folder: Path) -> Path:
    """A file that is no workbook."""
    path = folder / f"{kind}.xlsx"
    match kind:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("政策编号,标题\n", encoding="utf-8")
        case "broken":
            path.write_bytes(b"PK\x03\x04" + bytes(200))
        case "folder":
            path.mkdir()
    return path


@pytest.mark.parametrize("kind", ["absent", "empty", "text", "broken", "folder"])
@pytest.mark.parametrize("command", ["check", "test", "explain", "simulate"])
def test_a_file_that_is_no_workbook(
    run: Run, tmp_path: Path, case: Path, kind: str, command: str
) -> None:
    path = unusable(kind, tmp_path)
    arguments = [command, str(path), *(["-c", str(case)] if command == "simulate" else [])]
    said = run(*arguments)
    assert (said.code, said.out) == (2, "")
    assert "怎么改：" in said.err
    assert f"{kind}.xlsx" in said.err
    assert english_in(said.err, [*arguments, "WPS"]) == []
    answer = json.loads(run(*arguments, "--json").out)
    assert answer["format"] == "tiaoli-error/1"
    assert len(answer["findings"]) == 1


@pytest.mark.parametrize("command", ["test", "explain", "simulate"])
def test_a_workbook_with_errors_cannot_be_used(
    run: Run, tmp_path: Path, case: Path, command: str
) -> None:
    broken = write_book(tmp_path / "错.xlsx", **with_row("规则", 3, c1=None))
    said = run(command, broken, *(["-c", case] if command == "simulate" else []))
    assert (said.code, said.out) == (2, "")
    assert "--> 规则!B4" in said.err
    assert "tiaoli check" in said.err


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "怎么改"),
        ("{", "JSON"),
        ("[1]", "怎么改"),
        ('{"编号": "P", "基准日期": "2023-10-01", "总投资额": 1}', "总投资"),
        ('{"编号": "P", "基准日期": "2023-10-01", "总投资": true}', "总投资"),
        ('{"编号": "P", "基准日期": "2023-10-01", "重大产业项目": true}', "重大产业项目"),
        ('{"编号": "P"}', "基准日期"),
        ('{"编号": "P", "基准日期": "去年"}', "基准日期"),
        ('{"编号": "P", "基准日期": "2023-10-01", "总投资": 1e400}', "总投资"),
        ('{"基准日期": "2023-10-01", "期望": {"M9": "可享受"}}', "M9"),
    ],
)
def test_a_case_file_that_cannot_be_used(
    run: Run, book: Path, tmp_path: Path, content: str, expected: str
) -> None:
    path = tmp_path / "坏.json"
    path.write_text(content, encoding="utf-8")
    said = run("simulate", book, "--case", path)
    assert (said.code, said.out) == (2, "")
    assert expected in said.err
    assert "坏.json" in said.err


def test_options_that_mean_nothing(run: Run, book: Path, case: Path) -> None:
    said = run("simulate", book, "-c", case, "--date", "昨天")
    assert (said.code, said.out) == (2, "")
    assert "看不懂日期“昨天”" in said.err
    said = run("simulate", book, "-c", case, "--row", "G1")
    assert (said.code, said.out) == (2, "")
    assert "--row 只用于" in said.err


# --- test -----------------------------------------------------------------------------------------


def test_test(run: Run, book: Path) -> None:
    said = run("test", book)
    assert (said.code, said.err) == (0, "")
    assert "用例 2 个：通过 2，未通过 0" in said.out
    assert "规则 2 条，用例触发过 2 条。\n" in said.out


def test_a_failing_case_shows_expected_actual_and_proof(run: Run, tmp_path: Path) -> None:
    changes = with_row("用例", 2, c3=15000, c5="不符合", c6="0元")
    said = run("test", write_book(tmp_path / "败.xlsx", **changes))
    assert said.code == 1
    for words in (
        *("用例 2 个：通过 1，未通过 1", "G2 不是重大项目", "用例!A3"),
        *("M6-1：期望 不符合，实际 可享受 200万元　用例!F3", "合计：期望 0元，实际 200万元"),
        *("实际结果的依据", "M6-1 引荐奖励 200万元", "规则 六-2", "规则 六-1"),
    ):
        assert words in said.out


def test_rules_that_no_case_reaches_are_named(run: Run, tmp_path: Path) -> None:
    only_refused = [SHEETS["用例"][0], SHEETS["用例"][2]]
    path = write_book(tmp_path / "少.xlsx", 用例=only_refused)
    said = run("test", path)
    assert said.code == 0
    assert "规则 2 条，用例触发过 0 条。从没触发过的 2 条：六-1、六-2。" in said.out
    covered = json.loads(run("test", path, "--json").out)["books"][0]["coverage"]
    assert covered["fired"] == 0
    assert [each["rule"] for each in covered["never"]] == ["六-1", "六-2"]


def fingerprint_of(run: Run, book: Path) -> str:
    """The fingerprint that ``tiaoli check`` gives."""
    return str(json.loads(run("check", book, "--json").out)["policy"]["fingerprint"])


def test_several_workbooks(run: Run, book: Path, tmp_path: Path) -> None:
    failing = write_book(tmp_path / "败.xlsx", **with_row("用例", 1, c5="不符合"))
    said = run("test", book, failing, "--json")
    answer = json.loads(said.out)
    assert (said.code, answer["format"], answer["passed"]) == (1, "tiaoli-test/1", False)
    good, bad = answer["books"]
    assert good["policy"]["fingerprint"] == fingerprint_of(run, book)
    assert [each["met"] for each in good["cases"]] == [True, True]
    assert [each["outcome"] for each in good["cases"]] == [None, None]
    assert [each["met"] for each in bad["cases"]] == [False, True]
    assert bad["cases"][0]["outcome"]["measures"][0]["verdict"] == "granted"


def test_a_workbook_that_cannot_be_used_takes_nothing_from_the_others(
    run: Run, book: Path, tmp_path: Path
) -> None:
    broken = write_book(tmp_path / "错.xlsx", **with_row("规则", 3, c1=None))
    absent = tmp_path / "没有.xlsx"
    said = run("test", book, broken, absent)
    assert said.code == 2
    assert "用例 2 个：通过 2，未通过 0" in said.out
    assert said.out.count("这个工作簿用不了") == 2
    assert said.out.index("政策.xlsx") < said.out.index("错.xlsx") < said.out.index("没有.xlsx")
    assert "--> 规则!B4" in said.err
    assert "找不到文件「没有.xlsx」" in said.err
    answer = json.loads(run("test", book, broken, absent, "--json").out)
    assert answer["passed"] is False
    good, bad, _ = answer["books"]
    assert (good["error"], [each["met"] for each in good["cases"]]) == (None, [True, True])
    assert (bad["cases"], bad["error"]["format"]) == ([], "tiaoli-error/1")
    assert bad["error"]["findings"][0]["at"]["cell"] == "规则!B4"


def test_the_worst_workbook_decides_the_exit_code(run: Run, book: Path, tmp_path: Path) -> None:
    failing = write_book(tmp_path / "败.xlsx", **with_row("用例", 1, c5="不符合"))
    assert run("test", book, failing).code == 1
    assert run("test", failing, tmp_path / "没有.xlsx").code == 2


# --- explain --------------------------------------------------------------------------------------


def test_explain(run: Run, book: Path) -> None:
    said = run("explain", book)
    assert (said.code, said.err) == (0, "")
    lines = [line.strip() for line in said.out.splitlines()]
    first, second = (
        lines.index("第 1 层　只读取填报和认定的指标"),
        lines.index("第 2 层　用到前 1 层的结论"),
    )
    assert (
        first < next(n for n, line in enumerate(lines) if line.startswith("重大项目认定")) < second
    )
    assert second < next(n for n, line in enumerate(lines) if line.startswith("引荐奖励"))
    assert "读取 实缴资金、重大产业项目（由“重大项目认定”推导）" in lines
    assert "支持 M6-1 引荐奖励" in lines


def test_explain_json(run: Run, book: Path) -> None:
    answer = json.loads(run("explain", book, "--json").out)
    assert answer["format"] == "tiaoli-explain/1"
    assert answer["policy"]["fingerprint"] == fingerprint_of(run, book)
    first, second = answer["tables"]
    assert (first["table"], first["stratum"], first["derives"]) == (
        *("重大项目认定", 0),
        ["重大产业项目"],
    )
    assert (second["table"], second["stratum"], second["after"]) == (
        *("引荐奖励", 1),
        ["重大项目认定"],
    )
    assert second["measures"] == [{"id": "M6-1", "name": "引荐奖励"}]
    assert {"field": "重大产业项目", "derived_by": "重大项目认定"} in second["reads"]


# --- as a program of its own ----------------------------------------------------------------------


def start(*arguments: str | Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start the command line as a process."""
    return subprocess.Popen(
        [sys.executable, "-m", "authoring.cli", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_the_output_is_utf8_whatever_the_system_says(book: Path) -> None:
    process = start("explain", book, PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert "试点招商政策" in out.decode("utf-8")


def test_a_reader_that_goes_away_ends_it_quietly(book: Path) -> None:
    process = start("explain", book)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 141
    assert err == b""


# --- the tours in the README files ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_tour_shows_what_really_comes_out(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / name).read_text(encoding="utf-8")
    tours = re.findall(r"```\n\$ \.venv/bin/tiaoli (.+)\n((?:.*\n)+?)```", text)
    assert tours
    for command, shown in tours:
        said = run(*command.split())
        assert said.code == 0
        rest = said.out
        for part in filter(None, re.split("^…\n", shown, flags=re.M)):
            _, found, rest = rest.partition(part)
            assert found == part, f"not in the output any more:\n{part}"


def test_the_finding_in_the_readme_is_real(run: Run, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(ROOT / "policies/wuxi-2023/policy.xlsx")
    book["招商渠道"]["E19"] = None
    book.save(tmp_path / "错.xlsx")
    text = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
    [finding] = re.findall(r"```\n(错误\[.*?)```", text, flags=re.S)
    assert finding in run("check", tmp_path / "错.xlsx").out


@pytest.mark.parametrize(
    "name",
    [
        *("README.md", "README.zh-CN.md", "docs/cli.md"),
        *("docs/workbook-format.md", "docs/cell-language.md"),
    ],
)
def test_links_lead_somewhere(name: str) -> None:
    path = ROOT / name
    links = re.findall(r"(?<!!)\[[^]]*\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert links
    assert [each for each in links if not (path.parent / each).exists()] == []


# --- text -----------------------------------------------------------------------------------------


def test_text_is_written_line_by_line_however_long(run: Run) -> None:
    said = run("text", str(WUXI))
    assert said.code == 0
    assert said.err == ""
    assert said.out.startswith("# 政策\n政策编号：wuxi-2023\n")
    assert max(map(len, said.out.splitlines())) > 200


def test_text_of_a_book_with_errors_is_its_cells(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(make_book(edited({"指标!B2": "金钱"})))
    said = run("text", str(bad))
    assert said.code == 0
    assert "tiaoli check" in said.err
    assert "金钱" in said.out
    assert json.loads(run("text", str(bad), "--json").out)["understood"] is False


def test_text_of_what_is_no_workbook(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    file.write_text("不是工作簿", "utf-8")
    assert run("text", str(file)).code == 2
