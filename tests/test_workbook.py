"""Files of every kind, and the content of cells exactly as a drafter sees it."""

from __future__ import annotations

import gc
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart

from authoring import archives, workbook
from authoring.understand import read_book
from authoring.workbook import CellKind, Sheet, read_sheets, trouble_of
from tests.books import make_book
from tests.rich_book import rich_book

PLAIN = make_book({"表": [["甲", "乙"], ["1", "2"]]})


def codes_of(source: Path | bytes) -> list[str]:
    """The codes of the findings; the book must not be half read either."""
    understanding = read_book(source)
    assert understanding.policy is None
    return [each.code for each in understanding.findings]


def rewritten(change: Callable[[str, bytes], bytes | None], content: bytes = PLAIN) -> bytes:
    """The workbook with some of its parts changed, or (None) left out."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in source.namelist():
            part = change(name, source.read(name))
            if part is not None:
                archive.writestr(name, part)
    return target.getvalue()


def with_sheet_xml(pattern: str, replacement: str) -> bytes:
    """The workbook with a change in the XML of its sheet."""

    def change(name: str, part: bytes) -> bytes:
        if not name.startswith("xl/worksheets/"):
            return part
        changed = re.sub(pattern.encode(), replacement.encode(), part)
        assert changed != part
        return changed

    return rewritten(change)


# --- files ---------------------------------------------------------------------------------------


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert codes_of(tmp_path / "没有.xlsx") == ["W201"]
    assert codes_of(tmp_path / ("长" * 300 + ".xlsx")) in (["W201"], ["W203"])
    assert codes_of(Path("坏\0名.xlsx")) == ["W201"]


def test_a_file_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "锁.xlsx"
    path.write_bytes(PLAIN)

    def refuse(_: Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert codes_of(path) == ["W203"]


def test_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes_of(tmp_path) == ["W202"]
    monkeypatch.chdir(tmp_path)
    (finding,) = read_sheets(Path())[1]
    assert finding.params == {"name": "."}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "W204"),
        (b" \n ", "W204"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "W205"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 60 + "EncryptedPackage".encode("utf-16-le"), "W206"),
        ("项,值\n标题,试行".encode(), "W207"),
        (b"<html></html>", "W207"),
        (b"%PDF-1.7", "W207"),
        (b"PK\x03\x04 and then nothing", "W208"),
        (PLAIN[: len(PLAIN) // 2], "W208"),
        (PLAIN[:400] + b"\0" * 200 + PLAIN[600:], "W208"),
        (rewritten(lambda name, part: None if name == "xl/workbook.xml" else part), "W211"),
        (rewritten(lambda name, part: b"<oops" if "sheet1" in name else part), "W208"),
        (rewritten(lambda name, part: b"" if name == "xl/workbook.xml" else part), "W208"),
    ],
)
def test_what_is_no_workbook(content: bytes, code: str) -> None:
    assert codes_of(content) == [code]


def test_entities_are_not_expanded() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    content = rewritten(lambda name, part: bomb if "sheet1" in name else part)
    assert codes_of(content) == ["W215"]


def test_a_file_too_large(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "大.xlsx"
    path.write_bytes(PLAIN)
    monkeypatch.setattr(workbook, "MAX_FILE_BYTES", len(PLAIN) - 1)
    assert codes_of(path) == ["W209"]
    assert codes_of(PLAIN) == ["W209"]


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (archives.MAX_UNPACKED_BYTES + 1))
    assert len(target.getvalue()) < archives.MEBIBYTE
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("unpacked"))
    assert codes_of(target.getvalue()) == ["W210"]


def test_what_costs_too_much_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {
        "W216": ("MAX_TAGS", 30),
        "W217": ("MAX_GAP", 40),
        "W219": ("MAX_XML_BYTES", 900),
    }
    monkeypatch.setattr(workbook, "read_parts", lambda _: pytest.fail("parsed"))
    for code, (name, limit) in limits.items():
        with monkeypatch.context() as narrow:
            narrow.setattr(archives, name, limit)
            assert codes_of(PLAIN) == [code]
    for name in ("MAX_PARTS", "MAX_TAGS_OF_LISTS"):
        with monkeypatch.context() as narrow:
            narrow.setattr(archives, name, 5)
            assert codes_of(PLAIN) == ["W216"]


def test_the_sheet_with_most_cells_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_TAGS", 3_000)
    content = make_book({"小": [["甲"]], "很大的表": [[number] for number in range(900)]})
    (finding,) = read_sheets(content)[1]
    assert (finding.code, finding.params["part"]) == ("W216", "很大的表")


def test_a_part_that_stands_twice_is_not_chosen_from() -> None:
    target = io.BytesIO(PLAIN)
    with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", b"<worksheet/>")
    assert codes_of(target.getvalue()) == ["W218"]


@pytest.mark.parametrize(
    "part", ["xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml", "docProps/core.xml"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_part_declares_a_document_type(part: str, encoding: str) -> None:
    laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]>'

    def change(name: str, old: bytes) -> bytes:
        text = re.sub(r"<\?xml[^>]*>", "", old.decode())
        return (f"<!-- first -->{laughs}{text}").encode(encoding) if name == part else old

    assert codes_of(rewritten(change)) == ["W215"]


def test_parts_that_are_no_cells_are_not_even_opened() -> None:
    """A picture that is none, a drawing from another world, names that point nowhere."""
    names = (
        b'<definedNames><definedName name="x" localSheetId="7">#REF!</definedName></definedNames>'
    )

    def change(name: str, part: bytes) -> bytes:
        if name == "xl/workbook.xml":
            return part.replace(b"</sheets>", b"</sheets>" + names)
        return b"no properties" if name.startswith("docProps/") else part

    content = rewritten(change, rich_book())
    broken = rewritten(
        lambda name, part: b"\0" if re.search("media/|drawings/|charts/|comments", name) else part,
        content,
    )
    assert read_sheets(broken) == read_sheets(rich_book())
    assert read_sheets(broken)[1] == ()


@pytest.mark.parametrize("range_", ["A1:XFD1048576", "A1:B99999999", "$A$1:$XFD$99999"])
def test_a_merge_of_everything(range_: str) -> None:
    merges = f'</sheetData><mergeCells><mergeCell ref="{range_}"/></mergeCells>'
    assert codes_of(with_sheet_xml("</sheetData>", merges.replace("$", r"$"))) == ["W212"]


def test_a_cell_far_away() -> None:
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    sheets, findings = read_sheets(with_sheet_xml("</sheetData>", far))
    assert [each.code for each in findings] == ["W213"]
    assert sheets == ()


def test_far_formats_without_content_do_not_matter() -> None:
    far = '<row r="1048576"><c r="XFD1048576"/></row></sheetData>'
    sheets, findings = read_sheets(with_sheet_xml("</sheetData>", far))
    assert findings == ()
    assert sheets[0].cells[2, 2].text == "2"


def test_a_chart_sheet_is_told_of() -> None:
    book = openpyxl.Workbook()
    book.create_chartsheet("图").add_chart(BarChart())
    target = io.BytesIO()
    book.save(target)
    assert [each.code for each in read_sheets(target.getvalue())[1]] == ["W214"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, len(PLAIN) - 1), st.booleans())
def test_damaged_files_are_findings(noise: bytes, start: int, keep_head: bool) -> None:
    damaged = PLAIN[:start] + noise + PLAIN[start + len(noise) :]
    for content in (damaged, noise if keep_head else PLAIN[:start]):
        assert codes_of(content) != []


# --- cells ---------------------------------------------------------------------------------------


def written(*cells: tuple[object, str]) -> Sheet:
    """A sheet with one cell a row, each with its number format."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row, (value, number_format) in enumerate(cells, start=1):
        cell = sheet.cell(row, 1)
        cell.value = value  # type: ignore[assignment]
        cell.number_format = number_format
    target = io.BytesIO()
    book.save(target)
    sheets, findings = read_sheets(target.getvalue())
    assert findings == ()
    return sheets[0]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.1, "General", "0.1"),
        (5.0, "General", "5"),
        (500, "General", "500"),
        (-0.0, "General", "0"),
        (1e16, "General", "10000000000000000"),
        (1.5e-7, "General", "0.00000015"),
        (123456789012.34, "General", "123456789012.34"),
        (0.5, "0%", "50%"),
        (0.07, "0.00%", "7%"),
        (0.005, "0.0%", "0.5%"),
        (5, '0"‰"', "5‰"),
        (5, "0‰", "5‰"),
        (500, '0"万元"', "500万元"),
        (500, "#,##0.00万元", "500万元"),
        (1234.5, "#,##0.00", "1234.5"),
        (1234.5, '"¥"#,##0.00', "1234.5"),
        (1234.5, "[$¥-804]#,##0.00;[Red]-0.00", "1234.5"),
        (1234.5, '_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ', "1234.5"),
        (500, "0.00E+00", "500"),
        (date(2023, 9, 28), "yyyy-mm-dd", "2023-09-28"),
        (datetime(2023, 9, 28), 'yyyy"年"m"月"d"日"', "2023-09-28"),
        (datetime(2023, 9, 28, 13, 30), "yyyy-mm-dd hh:mm", "2023-09-28 13:30:00"),
        (True, "General", "是"),
        (False, "General", "否"),
        (" 超过500 ", "General", " 超过500 "),
        ("第一行\n第二行", "General", "第一行\n第二行"),
    ],
)
def test_a_cell_reads_as_it_looks(value: object, number_format: str, text: str) -> None:
    sheet = written((value, number_format))
    assert sheet.cells[1, 1].text == text
    assert trouble_of(sheet.cells[1, 1]) is None


@pytest.mark.parametrize("number_format", ["0!.0,", '0.00,,"亿"', '#,##0,"千元"'])
def test_a_format_that_shows_another_number_is_refused(number_format: str) -> None:
    cell = written((35_000_000, number_format)).cells[1, 1]
    assert cell.kind is CellKind.SCALED
    trouble = trouble_of(cell)
    assert trouble is not None
    assert trouble.code == "W223"


def test_blank_texts_are_no_content() -> None:
    assert written(("  　\n", "General"), ("x", "General")).cells.keys() == {(2, 1)}


def test_a_typed_number_keeps_every_digit() -> None:
    content = with_sheet_xml('<c r="A2"[^>]*>.*?</c>', '<c r="A2"><v>123456789012345.67</v></c>')
    assert read_sheets(content)[0][0].cells[2, 1].text == "123456789012345.67"


def test_the_binary_rest_of_a_calculation_is_not_content() -> None:
    content = with_sheet_xml(
        '<c r="A2"[^>]*>.*?</c>', '<c r="A2"><f>0.1+0.2</f><v>0.30000000000000004</v></c>'
    )
    cell = read_sheets(content)[0][0].cells[2, 1]
    assert (cell.text, cell.formula) == ("0.3", "=0.1+0.2")
    assert trouble_of(cell, formulas=True) is None


def test_the_result_of_a_formula_may_be_an_error() -> None:
    content = with_sheet_xml(
        '<c r="A2"[^>]*>.*?</c>', '<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    )
    cell = read_sheets(content)[0][0].cells[2, 1]
    trouble = trouble_of(cell, formulas=True)
    assert trouble is not None
    assert (trouble.code, cell.text) == ("W222", "#DIV/0!")


@pytest.mark.parametrize("number", ["NaN", "1E400", "-1E400", "1" * 5000, "五"])
def test_numbers_that_are_none(number: str) -> None:
    content = with_sheet_xml('<c r="A2"[^>]*>.*?</c>', f'<c r="A2"><v>{number}</v></c>')
    sheets, findings = read_sheets(content)
    assert findings or trouble_of(sheets[0].cells[2, 1]) is not None


def test_merges_and_hidden_rows_are_kept() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["B2"], sheet["C4"] = "条件", "尾"
    sheet.merge_cells("B2:B3")
    sheet.row_dimensions[3].hidden = True
    target = io.BytesIO()
    book.save(target)
    read = read_sheets(target.getvalue())[0][0]
    assert read.cells.keys() == {(2, 2), (4, 3)}
    assert read.merges.keys() == {(2, 2), (3, 2)}
    assert read.hidden_rows == {3}


@pytest.mark.parametrize("collecting", [True, False])
@pytest.mark.parametrize("content", [b"", b"PK nothing", PLAIN])
def test_reading_leaves_the_collector_as_it_was(collecting: bool, content: bytes) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if collecting else gc.disable)()
        read_book(content)
        assert gc.isenabled() is collecting
    finally:
        (gc.enable if before else gc.disable)()


def test_an_escape_of_the_file_format_is_read_as_what_it_stands_for() -> None:
    """Excel writes ``_x000D_`` for a carriage return, and ``_x005F_`` before a text like that."""
    told = "甲_x000D_乙_x005F_x000D_丙_x0007__xD83D__x0041_"
    (sheet,), findings = read_sheets(make_book({"表": [[told]]}))
    assert findings == ()
    assert sheet.cells[1, 1].text == "甲乙_x000D_丙A"
