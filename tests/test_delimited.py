"""Lists of projects as .csv: how they are read, and that they say what the same .xlsx says."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

import authoring.delimited
from authoring.archives import MAX_FILE_BYTES
from authoring.cases import CaseFile, read_case_list
from authoring.cases.sheet import MOST_CASES
from authoring.cli import main
from authoring.delimited import read_delimited
from authoring.messages import text
from authoring.projects import row_errors
from authoring.workbook import MAX_COLUMNS, MAX_ROWS
from engine.model import Policy
from tests.books import Rows, make_book
from tests.sample_book import read, sheets

LIST: Rows = (
    ("项目清单",),
    ("编号", "名称", "基准日期", "总投资（万元）", "行业", "实缴资金（万元）", "开工日期"),
    ("1", "甲", "2024-01-01", "200,000", "制造业", "10000", "2023/5/1"),
    ("2", "乙\n（二期）", "2024-01-01", "三个多亿", "制造业", "10000", "2023-05-01"),
    ("3", '丙"号"；丁,戊', "2024-01-01", "200000", "制造业", "5000", "2023-05-01"),
    ("4", "己", "去年", "200000", "农业", "5000", "2023-05-01"),
)
BOM = b"\xef\xbb\xbf"


@pytest.fixture(scope="module")
def policy() -> Policy:
    found = read(sheets()).policy
    assert found is not None
    return found


def spelled(rows: Rows, separator: str = ",", end: str = "\r\n") -> str:
    stream = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if end == "\r" else csv.QUOTE_MINIMAL
    csv.writer(stream, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)
    return stream.getvalue()


def told(file: CaseFile) -> list[object]:
    """All that a list says, without the name of the sheet, which a .csv has not."""
    cases = [case for _, (case, _, _) in file.readings if case]
    return [
        [(each.row, each.column, each.written, each.problem) for each in row_errors(file)],
        [(case.id, case.name, case.date, case.facts) for case in cases],
        [each.code for each in file.findings],
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_csv_says_what_the_same_workbook_says(
    policy: Policy, separator: str, encoding: str, end: str
) -> None:
    content = spelled(LIST, separator, end).encode(encoding)
    file = read_case_list(content, policy, "清单.csv")
    of_book = read_case_list(make_book({"用例": LIST}), policy, "清单.xlsx")
    assert told(file) == told(of_book)
    assert [(each.row, each.column) for each in row_errors(file)] == [
        (4, "D 总投资（万元）"),
        (6, "C 基准日期"),
        (6, "E 行业"),
    ]
    assert [case.id for _, (case, _, _) in file.readings if case] == ["1", "3"]


def test_a_line_that_tells_the_separator_is_no_row(policy: Policy) -> None:
    content = b"sep=;\r\n" + spelled(LIST, ";").encode("gb18030")
    assert told(read_case_list(content, policy, "a.csv")) == told(
        read_case_list(make_book({"用例": LIST}), policy)
    )


def test_the_separator_is_that_of_the_headings_and_not_of_a_long_text() -> None:
    rows = (("说明；都可以;a;b;c;d;e;f;g;h;i",), *LIST[1:])
    (sheet,), findings = read_delimited(spelled(rows, ",").encode())
    assert not findings
    assert sheet.cells[2, 3].text == "基准日期"


def test_blank_lines_count_and_a_day_has_no_hour() -> None:
    content = "\n编号,基准日期\n\n1,2023/10/1 0:00\n2,2023/10/1 8:00\n".encode()
    (sheet,), findings = read_delimited(content)
    assert not findings
    assert {at: cell.text for at, cell in sheet.cells.items()} == {
        (2, 1): "编号",
        (2, 2): "基准日期",
        (4, 1): "1",
        (4, 2): "2023/10/1",
        (5, 1): "2",
        (5, 2): "2023/10/1 8:00",
    }


def test_what_looks_like_a_formula_is_a_text(policy: Policy) -> None:
    rows = [list(row) for row in LIST[:3]]
    rows[2][1] = "=cmd|' /C calc'!A0"
    file = read_case_list(spelled(rows).encode(), policy, "a.csv")
    ((_, (case, _, _)),) = file.readings
    assert case is not None
    assert case.name == "=cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "W204"),
        (BOM + b"\r\n ", "W204"),
        (b"\x00\x01\x02\x03", "K437"),
        (b"\xff\xfe\x00", "K437"),
        (b"1,\x80\xff\xff", "K437"),
        ('编号,名称\n1,"甲\n2,乙\n'.encode(), "K438"),
        ('编号,名称\n1,"甲"乙\n'.encode(), "K438"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "K437"),
    ],
)
def test_what_is_no_table_is_told(policy: Policy, content: bytes, code: str) -> None:
    file = read_case_list(content, policy, "a.csv")
    assert code in [each.code for each in file.findings]
    assert file.readings == ()


def test_broken_quotes_name_their_row() -> None:
    _, (finding,) = read_delimited('编号,名称\n1,甲\n2,"乙\n3,丙\n'.encode())
    assert finding.at is not None
    assert finding.at.cell.row == 3


def test_a_workbook_with_the_wrong_name_is_read_as_one(policy: Policy) -> None:
    content = make_book({"用例": LIST})
    assert told(read_case_list(content, policy, "a.csv")) == told(read_case_list(content, policy))
    old = read_case_list(b"\xd0\xcf\x11\xe0" + bytes(100), policy, "a.csv")
    assert [each.code for each in old.findings] == ["W205"]


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    def codes(content: bytes) -> list[str]:
        return [each.code for each in read_delimited(content)[1]]

    assert codes(b"a" * (MAX_FILE_BYTES + 1)) == ["W209"]
    assert codes(b"1\n" * MAX_ROWS + b",,\n\n") == []
    assert codes(b"1\n" * MAX_ROWS + b"1\n") == ["W213"]
    wide = b"1," * MAX_COLUMNS + b" \n"
    assert codes(wide) == []
    assert len(read_delimited(wide)[0][0].cells) == MAX_COLUMNS, "blanks behind take nothing away"
    assert codes(b"1," * MAX_COLUMNS + b"1\n") == ["W213"]
    assert codes(b"1," + b"a" * 32_768) == ["K439"]
    assert codes(b"1," + b"a" * 200_000) == ["K438"], "more than the parser takes"
    monkeypatch.setattr(authoring.delimited, "MAX_CELLS", 5)
    assert codes(b"1,2,3\n4,5\n") == []
    assert codes(b"1,2,3\n4,5,6\n") == ["K442"]


def test_the_example_of_the_template_is_passed_over(policy: Policy) -> None:
    rows = [list(row) for row in LIST[:4]]
    rows[3][:2] = [text("projects.example_number"), text("projects.example_name")]
    file = read_case_list(spelled(rows).encode(), policy, "a.csv")
    assert [number for number, _ in file.readings] == ["1"]
    assert [(each.code, each.at and each.at.cell.row) for each in file.findings] == [("K443", 4)]
    rows[3][1] = "真的项目"
    file = read_case_list(spelled(rows).encode(), policy, "a.csv")
    assert [number for number, _ in file.readings] == ["1", "示例"], "no more than the number"


def test_the_command_line_takes_a_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, cases = tmp_path / "policy.xlsx", tmp_path / "list.csv"
    book.write_bytes(make_book(sheets()))
    cases.write_bytes(spelled((LIST[1], LIST[2], LIST[4])).encode("gb18030"))
    assert main(["simulate", str(book), "--case", str(cases)]) == 0
    assert "50万元" in capsys.readouterr().out
    assert main(["simulate", str(book), "--case", str(cases), "--row", "3"]) == 0
    assert "25万元" in capsys.readouterr().out
    assert main(["simulate", str(book), "--case", str(tmp_path / "none.csv")]) != 0
    assert "找不到文件" in capsys.readouterr().err


def test_a_list_of_a_hundred_thousand_rows_is_refused_before_it_is_read(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a row was read")

    monkeypatch.setattr("authoring.cases.files.read_case_table", never)
    content = "项目清单\n编号,基准日期\n" + "".join(f"{row},2024-01-01\n" for row in range(99_990))
    file = read_case_list(content.encode(), policy, "a.csv")
    (finding,) = file.findings
    assert finding.code == "K435"
    assert (finding.params["count"], finding.params["limit"]) == (99_990, MOST_CASES)
    assert file.readings == ()
