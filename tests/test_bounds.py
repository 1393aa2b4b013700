"""Large input comes to an end, and says so: the same at the same cell on every machine.

Measured times and sizes stand in docs/decisions/0012-count-the-work.md; here limits are lowered,
so that what happens at them is seen in a moment.
"""

from __future__ import annotations

import io
import json
import zipfile
from importlib import import_module
from pathlib import Path

import docx
import pytest

from authoring import archives, enough
from authoring.cases import read_cases
from authoring.cases import sheet as case_sheet
from authoring.grammar import make_vocabulary, read_condition
from authoring.mend import find_mends
from authoring.notice import read_paragraphs
from authoring.package.parts import Package
from authoring.render_findings import MOST_TOLD, render_findings
from authoring.understand import Understanding, read_book
from authoring.workbook import read_sheets
from engine.checks.space import scenes
from engine.findings import Finding, Severity
from engine.model import Field
from engine.types import MoneyType
from tests.books import complete, decision_table, make_book
from tests.sample_book import edited, sheets

assemble = import_module("authoring.understand.assemble")  # the package exports its function
FIELDS = [["指标", "类型", "单位"], ["总投资", "金额", "万元"]]


def book_of(*conditions: str) -> bytes:
    """A book with one rule for each condition."""
    rows = [["条件", "结论", None], ["总投资", "支持项编号", "金额"]]
    rules = [[each, f"M{at}", "1万元"] for at, each in enumerate(conditions)]
    table = decision_table("奖", {"命中策略": "收集", "类别": "措施"}, [*rows, *rules])
    return make_book(complete({"指标": FIELDS, "奖": table}))


def codes(understanding: Understanding) -> list[str]:
    found = [each.code for each in understanding.findings]
    assert render_findings(understanding.findings)
    return found


# --- what is read ---------------------------------------------------------------------------------


def test_reading_stops_after_so_many_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enough, "MOST_ERRORS", 20)
    understanding = read_book(book_of(*(f"怪词{each}" for each in range(50))))
    assert codes(understanding) == ["W298", *["C101"] * 20]
    assert understanding.policy is None
    assert str(understanding.findings[0].at) == "奖!A24"


def test_advice_beyond_measure_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enough, "MOST_OTHERS", 5)
    fields = [*FIELDS, *([f"闲置{each}", "金额", "元"] for each in range(30))]
    understanding = read_book(make_book(complete({"指标": fields})))
    assert understanding.policy is not None
    assert codes(understanding) == ["W295", *["T332"] * 4, "W299"]
    assert understanding.findings[-1].params == {"count": 27}


def test_reading_stops_after_so_much_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "READING_WORK", 2_000)
    fine = read_book(book_of(*(f"{each}万元以上" for each in range(1, 30))))
    assert fine.policy is not None
    for conditions in (
        [f"{each}万元以上" for each in range(1, 200)],
        ["、".join(f"{each}万元" for each in range(100))] * 3,
        ["（" * 40 + "5万元" + "）" * 40] * 30,
    ):
        stopped = read_book(book_of(*conditions))
        assert stopped.policy is None
        assert codes(stopped)[0] == "W226"
        at = stopped.findings[0].at
        assert at is not None
        assert at.cell.sheet == "奖"
        again = read_book(book_of(*conditions))
        assert again.findings == stopped.findings


def test_what_a_person_types_is_read_without_end() -> None:
    field = Field("总投资", MoneyType(), "万元")
    vocabulary = make_vocabulary({"总投资": field}, {})
    for _ in range(3):
        for text in ("（" * 1_000, "500万元以上", "5" * 3_000):
            read_condition(text, field, "", vocabulary, None)
    assert not vocabulary.effort.is_spent


def test_more_rules_than_can_be_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "MOST_RULES", 3)
    assert read_book(book_of("1万元以上", "2万元以上", "3万元以上")).policy is not None
    assert codes(read_book(book_of(*["1万元以上"] * 4)))[0] == "W228"


def test_tables_that_take_too_much_room_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    conditions = [f"{each}万元以上" for each in range(1, 40)]
    assert "T390" not in codes(read_book(book_of(*conditions)))
    monkeypatch.setattr(scenes, "ROOM", 500)
    understanding = read_book(book_of(*conditions))
    assert understanding.policy is not None
    assert codes(understanding) == ["T390"]


def test_a_word_of_any_length_is_answered_in_a_moment() -> None:
    """Looking for what was meant by it once took five seconds."""
    understanding = read_book(make_book(edited({"用例!H2": "万元" * 900})))
    assert codes(understanding) == ["C102"]


# --- what is told and written ---------------------------------------------------------------------


def test_a_terminal_is_not_flooded() -> None:
    findings = [Finding("W203", None, {"name": str(each)}) for each in range(MOST_TOLD + 7)]
    told = render_findings(findings)
    assert told.count("[W203]") == MOST_TOLD
    assert "另有 7 种问题没有列出" in told


def test_mending_gives_up_on_books_that_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    content = make_book(edited({"推导!B4": "》=１００００"}))
    read, understanding = read_sheets(content)[0], read_book(content)
    assert len(find_mends(read, understanding, Package(content))) == 1
    monkeypatch.setattr("authoring.mend.MOST_REREAD", -1)
    assert find_mends(read, understanding, Package(content)) == ()


# --- case files -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def policy_book() -> bytes:
    return make_book(sheets())


def test_case_files_are_bounded_too(
    policy_book: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = read_book(policy_book).policy
    assert policy is not None
    rows = [["编号", "基准日期", "实缴资金"], *([f"例{n}", "2023-10-01", n] for n in range(30))]
    path = tmp_path / "例.xlsx"
    path.write_bytes(make_book({"用例": rows}))
    assert len(read_cases(path, policy).readings) == 30
    with monkeypatch.context() as narrow:
        narrow.setattr(case_sheet, "MOST_CASES", 29)
        file = read_cases(path, policy)
        assert ([each.code for each in file.findings], file.readings) == (["K435"], ())
    with monkeypatch.context() as narrow:
        narrow.setattr("authoring.cases.files.READING_WORK", 100)
        file = read_cases(path, policy)
        assert ([each.code for each in file.findings], file.readings) == (["W226"], ())
    path.write_bytes(make_book({"用例": [*rows[:1], *([*row[:2], "很多"] for row in rows[1:])]}))
    with monkeypatch.context() as narrow:
        narrow.setattr(enough, "MOST_ERRORS", 9)
        file = read_cases(path, policy)
        assert (file.findings[0].code, file.readings) == ("W298", ())
    assert all(case is None for _, (case, _, _) in read_cases(path, policy).readings)


def test_json_within_a_megabyte_is_answered(policy_book: bytes, tmp_path: Path) -> None:
    policy = read_book(policy_book).policy
    assert policy is not None
    path = tmp_path / "例.json"
    for content in (
        {f"没有{number}": number for number in range(4_000)},
        {"基准日期": "2023-10-01", "称号": [f"没有{number}" for number in range(2_000)]},
        {"基准日期": "2023-10-01", "实缴资金": "（" * 300_000},
        {"基准日期": "2023-10-01", "期望": {f"M{n}": "不符合" for n in range(20_000)}},
    ):
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        (reading,) = read_cases(path, policy).readings
        assert reading[1][0] is None
        assert any(each.severity is Severity.ERROR for each in reading[1][2])


# --- notices --------------------------------------------------------------------------------------


def test_notices_are_weighed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = docx.Document()
    for number in range(40):
        document.add_paragraph(f"第{number}段")
    path = tmp_path / "通知.docx"
    document.save(str(path))
    assert len(read_paragraphs(path)[0]) == 40
    limits = {"MAX_TAGS": "N111", "MAX_PARTS": "N111", "MAX_GAP": "N112", "MAX_XML_BYTES": "N108"}
    for name, code in limits.items():
        with monkeypatch.context() as narrow:
            narrow.setattr(archives, name, 5)
            assert [each.code for each in read_paragraphs(path)[1]] == [code]


def test_a_notice_with_a_document_type_is_refused(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("一、总则")
    whole = io.BytesIO()
    document.save(whole)
    path = tmp_path / "通知.docx"
    laughs = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><w:document'
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part.replace(b"<w:document", laughs, 1))
    assert [each.code for each in read_paragraphs(path)[1]] == ["N110"]


def test_a_notice_is_only_so_long(tmp_path: Path) -> None:
    path = tmp_path / "通知.txt"
    for text, code in (
        ("1000万元以上" * 1_000, "N113"),
        ("一、奖励100万元。\n" * 20_001, "N106"),
        (("一" * 4_000 + "\n") * 200, "N114"),
    ):
        path.write_text(text, encoding="utf-8")
        assert [each.code for each in read_paragraphs(path)[1]] == [code]
