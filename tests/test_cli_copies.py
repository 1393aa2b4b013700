"""``tiaoli check`` with ``--annotate``, ``--fix`` and ``--readings``, as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from authoring import cli
from authoring.commands import copies
from tests import sample_book
from tests.books import Content, make_book

FAULTS: dict[str, Content] = {"推导!B4": "》=１００００", "推导!C4": "制造叶", "措施!B4": "也许"}


class Said:
    """What a run left behind."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Run ``tiaoli check`` in this process."""

    def run(*arguments: str | Path) -> Said:
        code = cli.main(["check", *map(str, arguments)])
        captured = capsys.readouterr()
        return Said(int(code), captured.out, captured.err)

    return run


def write(path: Path, edits: dict[str, Content]) -> Path:
    path.write_bytes(make_book(sample_book.edited(edits)))
    return path


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    return write(tmp_path / "政策.xlsx", FAULTS)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write(tmp_path / "好.xlsx", {})


def flat(text: str) -> str:
    """A text as if no line had been broken."""
    return "".join(text.split())


def test_the_help_is_whole(run) -> None:
    said = run("--help")
    assert said.code == 0
    assert "其余一律不动。对它再检查一次，旧的批注会先清除。" in flat(said.out)
    assert "…" not in said.out


def test_annotate(run, faulty: Path, tmp_path: Path) -> None:
    before = faulty.read_bytes()
    out = tmp_path / "批注.xlsx"
    said = run(faulty, "--annotate", out)
    assert (said.code, said.err) == (1, "")
    assert "不认识「也许」" in said.out
    assert "汇总在末尾的“检查结果”表" in flat(said.out)
    assert faulty.read_bytes() == before
    book = openpyxl.load_workbook(out)
    assert book.sheetnames[-2:] == ["检查结果", "理解一览"]
    assert "不认识「也许」" in book["措施"]["B4"].comment.text
    assert sorted(each.name for each in tmp_path.iterdir()) == ["批注.xlsx", "政策.xlsx"]


def test_annotate_a_sound_book(run, sound: Path, tmp_path: Path) -> None:
    clean, told = tmp_path / "净.xlsx", tmp_path / "读.xlsx"
    said = run(sound, "--annotate", clean)
    assert said.code == 0
    assert "没有发现问题" in said.out
    assert clean.read_bytes() == sound.read_bytes()
    said = run(sound, "--annotate", told, "--readings")
    assert "读成了什么" in flat(said.out)
    book = openpyxl.load_workbook(told)
    assert book.sheetnames[-1] == "理解一览"
    assert "已理解为 总投资：≥ 100,000,000 元（含）" in book["推导"]["B4"].comment.text


def test_annotate_cases_that_fail(run, tmp_path: Path) -> None:
    failing = write(tmp_path / "败.xlsx", {"用例!K2": "可享受 51万元"})
    out = tmp_path / "批注.xlsx"
    assert run(failing, "--annotate", out).code == 1
    book = openpyxl.load_workbook(out)
    assert "用例 例1：M1 期望 可享受 51万元，实际 可享受 50万元" in book["用例"]["K2"].comment.text
    row = [cell.value for cell in book["检查结果"][6]]
    assert row[1:4] == ["用例不符", "用例!K2", "可享受 51万元"]
    assert "用例不符 1 处" in book["检查结果"]["A2"].value


def test_an_annotated_copy_is_checked_like_the_book(run, faulty: Path, tmp_path: Path) -> None:
    once, twice = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    first = run(faulty, "--annotate", once)
    second = run(once, "--annotate", twice)
    assert second.out.replace("二.xlsx", "一.xlsx") == first.out
    assert twice.read_bytes() == once.read_bytes()


def test_fix(run, faulty: Path, tmp_path: Path) -> None:
    before = faulty.read_bytes()
    out = tmp_path / "改.xlsx"
    said = run(faulty, "--fix", out)
    assert (said.code, said.err) == (1, "")
    assert "已代为改正 2 处" in said.out
    assert (
        "推导!B4　「》=１００００」改为「>=10000」　全角或不规范的数字、符号改为通用写法"
        in said.out
    )
    assert "推导!C4　「制造叶」改为「制造业」　名称只差一个字，也只有一个可能" in said.out
    assert "不认识「也许」" in said.out
    assert "「制造叶」不在代码表" not in said.out
    assert faulty.read_bytes() == before
    assert openpyxl.load_workbook(out)["推导"]["C4"].value == "制造业"


def test_a_check_tells_what_fix_would_mend(run, faulty: Path, sound: Path, tmp_path: Path) -> None:
    hint = "其中 1 格是小毛病，可以代为改正：检查时加上 --fix 新文件.xlsx"
    assert hint in run(faulty).out
    assert "--fix" not in run(faulty, "--fix", tmp_path / "改.xlsx").out
    assert "--fix" not in run(sound).out
    hopeless = write(tmp_path / "错.xlsx", {"推导!C4": "也许"})
    assert "--fix" not in run(hopeless).out


def test_fix_with_nothing_to_mend(run, sound: Path, tmp_path: Path) -> None:
    out = tmp_path / "改.xlsx"
    said = run(sound, "--fix", out)
    assert said.code == 0
    assert "没有可以代为改正的地方" in said.out
    assert out.read_bytes() == sound.read_bytes()


def test_fix_makes_a_book_sound(run, tmp_path: Path) -> None:
    faulty = write(tmp_path / "政策.xlsx", {"推导!C4": "制造叶"})
    assert run(faulty).code == 1
    said = run(faulty, "--fix", tmp_path / "改.xlsx")
    assert said.code == 0
    assert "可以使用。" in said.out


def test_both_copies_at_once(run, faulty: Path, tmp_path: Path) -> None:
    mended, noted = tmp_path / "改.xlsx", tmp_path / "批注.xlsx"
    assert run(faulty, "--fix", mended, "--annotate", noted).code == 1
    book = openpyxl.load_workbook(noted)
    assert book["推导"]["C4"].value == "制造业"
    assert book["推导"]["C4"].comment is None
    listed = [cell.value for row in book["检查结果"].iter_rows() for cell in row if cell.value]
    assert "已代为改正 2 处" in listed
    assert listed[-4:] == ["推导!C4", "制造叶", "制造业", "名称只差一个字，也只有一个可能"]


def test_readings_alone(run, sound: Path) -> None:
    said = run(sound, "--readings")
    assert said.code == 0
    assert "推导!B4　「≥10000」　已理解为 总投资：≥ 100,000,000 元（含）" in said.out


def test_json(run, faulty: Path, tmp_path: Path) -> None:
    mended, noted = str(tmp_path / "改.xlsx"), str(tmp_path / "批注.xlsx")
    plain = json.loads(run(faulty, "--json").out)
    assert (plain["annotated"], plain["fixed"], plain["readings"]) == (None, None, None)
    said = run(faulty, "--json", "--fix", mended, "--annotate", noted, "--readings")
    answer = json.loads(said.out)
    assert (said.code, said.err) == (1, "")
    assert answer["format"] == "tiaoli-check/1"
    assert answer["annotated"] == noted
    assert answer["fixed"]["path"] == mended
    assert answer["fixed"]["mends"][1] == {
        "cell": "推导!C4",
        "before": "制造叶",
        "after": "制造业",
        "why": ["name"],
    }
    assert answer["counts"]["error"] == plain["counts"]["error"] - 1
    assert {
        "cell": "推导!B4",
        "rule": "重-1",
        "subject": "总投资",
        "reading": "≥ 100,000,000 元（含）",
    } in answer["readings"]


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--annotate", "--fix"])
def test_an_existing_file_is_kept_unless_forced(
    run, faulty: Path, tmp_path: Path, option: str
) -> None:
    out = tmp_path / "已有.xlsx"
    out.write_bytes(b"precious")
    said = run(faulty, option, out)
    assert (said.code, said.out) == (2, "")
    assert "已经存在。要覆盖它，请加--force" in flat(said.err)
    assert out.read_bytes() == b"precious"
    assert run(faulty, option, out, "--force").code == 1
    assert openpyxl.load_workbook(out)["政策"]["A1"].value == "项"


@pytest.mark.parametrize("option", ["--annotate", "--fix"])
def test_the_book_itself_is_never_overwritten(
    run, faulty: Path, tmp_path: Path, option: str
) -> None:
    before = faulty.read_bytes()
    other = tmp_path / "别名.xlsx"
    other.symlink_to(faulty)
    for out in (faulty, tmp_path / "." / "政策.xlsx", other):
        said = run(faulty, option, out, "--force")
        assert said.code == 2
        assert "就是原工作簿" in said.err
    assert faulty.read_bytes() == before
    assert other.is_symlink()


def test_two_copies_need_two_files(run, faulty: Path, tmp_path: Path) -> None:
    said = run(faulty, "--fix", tmp_path / "一.xlsx", "--annotate", tmp_path / "." / "一.xlsx")
    assert said.code == 2
    assert "两个不同的文件" in said.err
    assert not (tmp_path / "一.xlsx").exists()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (".", "是一个文件夹"),
        ("没有/这里.xlsx", "没有“"),
        ("批注.xls", "是“.xlsx”"),
        ("批注", "是“.xlsx”"),
        ("批注.xlsm", "是“.xlsx”"),
    ],
)
def test_a_target_that_makes_no_sense(
    run, faulty: Path, tmp_path: Path, name: str, told: str
) -> None:
    said = run(faulty, "--annotate", tmp_path / name, "--json")
    assert said.code == 2
    assert told in flat(said.err)
    assert json.loads(said.out)["format"] == "tiaoli-error/1"
    assert [each.name for each in tmp_path.iterdir()] == ["政策.xlsx"]


def test_a_macro_book_stays_one(run, tmp_path: Path) -> None:
    macro = write(tmp_path / "政策.xlsm", {})
    assert run(macro, "--annotate", tmp_path / "批注.xlsx").code == 2
    assert run(macro, "--annotate", tmp_path / "批注.xlsm").code == 0


def test_force_and_options_without_a_file(run, faulty: Path) -> None:
    said = run(faulty, "--force")
    assert said.code == 2
    assert "--force 只和" in said.err
    said = run(faulty, "--annotate")
    assert said.code == 2
    assert "“--annotate”后面还要写上新文件" in said.err


def test_no_workbook_writes_no_copy(run, tmp_path: Path) -> None:
    said = run(tmp_path / "没有.xlsx", "--fix", tmp_path / "改.xlsx")
    assert said.code == 2
    assert "找不到文件" in said.err
    text = tmp_path / "文.xlsx"
    text.write_text("不是工作簿")
    assert run(text, "--annotate", tmp_path / "批注.xlsx").code == 2
    assert [each.name for each in tmp_path.iterdir()] == ["文.xlsx"]


def test_a_folder_without_permission(
    run, faulty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_open = Path.open

    def forbidden(path: Path, mode: str = "r", *rest: object) -> object:
        if "x" in mode:
            raise PermissionError(13, "Permission denied")
        return really_open(path, mode, *rest)

    monkeypatch.setattr(Path, "open", forbidden)
    said = run(faulty, "--annotate", tmp_path / "批注.xlsx")
    assert said.code == 2
    assert "写入权限" in flat(said.err)


def test_a_full_disk_leaves_nothing_behind(
    run, faulty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(draft: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("authoring.commands.writing.os.replace", full)
    said = run(faulty, "--annotate", tmp_path / "批注.xlsx")
    assert said.code == 2
    assert "磁盘空间" in flat(said.err)
    assert [each.name for each in tmp_path.iterdir()] == ["政策.xlsx"]


def test_a_file_that_can_be_read_but_not_changed(
    run, faulty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object, **__: object) -> bytes:
        raise copies.UnreadablePartError

    monkeypatch.setattr(copies, "annotated_copy", unreadable)
    said = run(faulty, "--annotate", tmp_path / "批注.xlsx")
    assert said.code == 2
    assert "另存一份再试" in flat(said.err)
