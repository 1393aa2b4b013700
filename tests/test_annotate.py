"""The annotated copy: the drafter's own file, unchanged but for colours, notes and our sheets."""

from __future__ import annotations

import io
import random
import re
import shutil
import subprocess
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from authoring.annotate import LONGEST_IN_A_NOTE, MOST_NOTES, annotate
from authoring.own_sheets import FINDINGS_SHEET, READINGS_SHEET, is_own
from authoring.package.cells import write_texts
from authoring.package.parts import Package
from authoring.package.sheets import sheet_parts
from authoring.package.splice import UnreadablePartError
from authoring.readings import readings_of
from authoring.remarks import Annotations, Remark, remark_of
from authoring.understand import Understanding, understand
from authoring.workbook import Sheet, read_sheets
from engine.cells import CellRef, Place
from engine.findings import Severity, has_errors
from engine.fingerprint import fingerprint
from tests import sample_book
from tests.books import ABOVE, Content, make_book
from tests.rich_book import OWN_NOTE, parts_of, rich_book

pytestmark = pytest.mark.filterwarnings("ignore:Data Validation extension")

FAULTS: Mapping[str, Content] = {
    "推导!B4": None,  # a blank condition
    "推导!C4": "制造叶",  # has a note of the drafter's, and is merged with the cell below
    "推导!C5": ABOVE,
    "措施!B4": "也许",
    "指标!B2": "金频",  # has a thread of comments
}
SOUND: Mapping[str, Content] = {"推导!C5": "制造业"}
OFFICE = shutil.which("soffice")


def read(content: bytes) -> tuple[tuple[Sheet, ...], Understanding]:
    sheets, findings = read_sheets(content)
    return sheets, understand(sheets, findings)


def checked(content: bytes, *, readings: bool = False) -> bytes:
    """The annotated copy of a workbook."""
    sheets, understanding = read(content)
    assert understanding.draft is not None
    remarks = tuple(map(remark_of, understanding.findings))
    annotations = Annotations(remarks, readings_of(understanding.draft), readings)
    return annotate(content, sheets, annotations)


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def notes(content: bytes, sheet: str) -> dict[str, str]:
    return {
        cell.coordinate: cell.comment.text
        for row in opened(content)[sheet].iter_rows()
        for cell in row
        if cell.comment
    }


def colours(content: bytes, sheet: str) -> dict[str, str]:
    """The colours that we lay over areas of a sheet."""
    return {
        area: rule.dxf.fill.bgColor.rgb
        for group in opened(content)[sheet].conditional_formatting
        for rule in group.rules
        if rule.formula == ['N("条理检查")=0']
        for area in str(group.sqref).split()
    }


# --- what is added --------------------------------------------------------------------------------


def test_cells_are_coloured_and_noted() -> None:
    content = checked(rich_book(FAULTS))
    assert colours(content, "推导") == {"B4": "FFFFC7CE", "C4:C5": "FFFFC7CE"}
    assert colours(content, "备查") == {"A1": "FFFFEB9C"}  # a warning and an advice: the graver
    found = notes(content, "推导")
    assert found["B4"].startswith(
        "【条理检查】\n错误：条件「总投资（万元）」是空的\n怎么改：不限制"
    )
    assert found["C4"].startswith(f"{OWN_NOTE}\n\n【条理检查】\n错误：「制造叶」不在代码表")
    assert "是否想写：「制造业」" in found["C4"]
    assert all(each.endswith("这段批注会自动更新或清除。）") for each in found.values())


def test_a_cell_with_a_thread_of_comments_gets_no_note_but_a_colour() -> None:
    content = checked(rich_book(FAULTS))
    assert notes(content, "指标") == {"B2": "[Threaded comment]"}
    assert colours(content, "指标") == {"B2": "FFFFC7CE"}


def test_the_copy_opens_on_what_was_found() -> None:
    """Two sheets that are selected together would both take what is typed."""
    book = opened(checked(rich_book(FAULTS)))
    assert book.active is not None
    assert book.active.title == FINDINGS_SHEET
    selected = [each.title for each in book.worksheets if each.sheet_view.tabSelected]
    assert selected == [FINDINGS_SHEET]


def test_all_is_listed_with_links() -> None:
    content = rich_book(FAULTS, {"外资's 表": [["决策表", "甲"]]})
    _, understanding = read(content)
    sheet = opened(checked(content))[FINDINGS_SHEET]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6)]
    assert len(rows) == len(understanding.findings)
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    words = {"错误": 0, "警告": 1, "提示": 2}
    assert [words[row[1]] for row in rows] == sorted(words[row[1]] for row in rows)
    places = {row[2]: number for number, row in enumerate(rows, start=6)}
    assert sheet.cell(places["推导!B4"], 3).hyperlink.location == "'推导'!B4"
    assert sheet.cell(places["外资's 表!A1"], 3).hyperlink.location == "'外资''s 表'!A1"
    row = next(row for row in rows if row[2] == "推导!C4")
    assert row[3] == "制造叶"
    assert row[6] == "「制造业」"
    assert row[8] == "C102"


def test_a_place_in_a_hidden_sheet_is_named_and_not_linked() -> None:
    sheet = opened(checked(rich_book(FAULTS)))[FINDINGS_SHEET]
    hidden = [row[2] for row in sheet.iter_rows(min_row=6) if "备查" in str(row[2].value)]
    assert [cell.value for cell in hidden] == ["备查!A1（隐藏的表）"] * 2
    assert [cell.hyperlink for cell in hidden] == [None] * 2


def test_what_concerns_the_whole_workbook_is_listed_only() -> None:
    book = sample_book.sheets()
    del book["条款"]
    sheet = opened(checked(make_book(book)))[FINDINGS_SHEET]
    assert sheet["C6"].value == "整个工作簿"
    assert sheet["C6"].hyperlink is None


def test_readings_stand_beside_the_findings() -> None:
    content = checked(make_book(sample_book.edited(FAULTS)))
    sheet = opened(content)[READINGS_SHEET]
    rows = {row[0]: row[1:] for row in sheet.iter_rows(min_row=5, values_only=True)}
    assert rows["推导!B5"] == ("重-2", "总投资", "≥50000", "≥ 500,000,000 元（含）")
    assert rows["措施!H5"] == ("措-2", "金额", "最高50万元", "最高50万元")
    assert "已理解为" not in "".join(notes(content, "推导").values())


def test_readings_are_noted_when_asked_for_and_where_they_tell_something() -> None:
    content = checked(make_book(sample_book.sheets()), readings=True)
    found = notes(content, "推导")
    assert set(found) == {"B4", "B5"}  # 制造业 and 是 are what they say
    assert "已理解为 总投资：≥ 100,000,000 元（含）" in found["B4"]
    assert colours(content, "推导") == {}
    assert opened(content).sheetnames[-1] == READINGS_SHEET
    assert FINDINGS_SHEET not in opened(content).sheetnames


def test_nothing_of_a_workbook_becomes_a_formula() -> None:
    evil = '=HYPERLINK("http://x","y")&CMD'
    content = make_book(sample_book.edited({"推导!C4": f"'{evil}", "措施!J4": f" {evil}"}))
    for sheet in opened(checked(content, readings=True)):
        for row in sheet.iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "f"]
    formulas = [
        text
        for name, part in parts_of(checked(content)).items()
        for text in re.findall(rb"<formula>(.*?)</formula>|<f[ >].*?</f>", part)
        if name.startswith("xl/worksheets")
    ]
    assert set(formulas) == {'N("条理检查")=0'.encode()}


def test_a_long_list_is_cut_where_excel_grows_slow() -> None:
    content = make_book({"甲": [["字"] for _ in range(MOST_NOTES + 10)]})
    sheets, _ = read(content)
    remarks = tuple(
        Remark("错误", Severity.ERROR, "有错", "改", Place(CellRef("甲", row, 1)))
        for row in range(1, MOST_NOTES + 11)
    )
    annotated = annotate(content, sheets, Annotations(remarks))
    assert len(notes(annotated, "甲")) == MOST_NOTES
    assert len(colours(annotated, "甲")) == MOST_NOTES + 10
    listed = opened(annotated)[FINDINGS_SHEET]
    assert f"只有前 {MOST_NOTES} 格写了批注" in str(listed["A4"].value)
    assert listed.max_row == 6 + MOST_NOTES + 10


def test_many_things_said_of_one_cell_fit_a_note() -> None:
    content = make_book({"甲": [["字"]]})
    sheets, _ = read(content)
    place = Place(CellRef("甲", 1, 1))
    remarks = tuple(Remark("错误", Severity.ERROR, f"错{n}", "改", place) for n in range(8))
    found = notes(annotate(content, sheets, Annotations(remarks)), "甲")["A1"]
    assert "错4" in found
    assert "错5" not in found
    assert "另有 3 条" in found


def test_a_message_of_any_length_fits_a_note() -> None:
    content = make_book({"甲": [["字"]]})
    sheets, _ = read(content)
    place = Place(CellRef("甲", 1, 1))
    remarks = tuple(Remark("错误", Severity.ERROR, "长" * 32_000, "改", place) for _ in range(8))
    annotated = annotate(content, sheets, Annotations(remarks))
    assert len(notes(annotated, "甲")["A1"]) < 6 * LONGEST_IN_A_NOTE
    assert len(opened(annotated)[FINDINGS_SHEET]["E6"].value) == 32_000


# --- what stays -----------------------------------------------------------------------------------


def test_every_other_part_is_as_it_was() -> None:
    content = rich_book(FAULTS)
    before, after = parts_of(content), parts_of(checked(content, readings=True))
    names = sheet_parts(Package(content))
    touched = {names[each] for each in ("推导", "措施", "指标", "评选", "业务约束", "备查")}
    ours = {"xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"}
    notes_of = {"xl/comments/comment1.xml", "xl/comments/comment2.xml", "xl/comments77.xml"}
    drawings = {"xl/drawings/commentsDrawing1.vml", "xl/drawings/commentsDrawing2.vml"}
    links = {name for name in before if name.startswith("xl/worksheets/_rels/")}
    allowed = touched | ours | notes_of | drawings | links
    assert {name for name in before if before[name] != after[name]} <= allowed
    for name in ("xl/media/image1.png", "xl/charts/chart1.xml", "xl/sharedStrings.xml"):
        assert after[name] == before[name]
    assert (
        after["xl/threadedComments/threadedComment1.xml"]
        == before["xl/threadedComments/threadedComment1.xml"]
    )
    assert after["xl/comments77.xml"] == before["xl/comments77.xml"]


def test_inside_a_sheet_only_two_elements_are_added() -> None:
    content = rich_book(FAULTS)
    before, after = parts_of(content), parts_of(checked(content, readings=True))
    for name in sheet_parts(Package(content)).values():
        ours = rb"<conditionalFormatting [^>]*><cfRule[^>]*><formula>N\(.*?</conditionalFormatting>"
        if b"<legacyDrawing" not in before[name]:
            ours += rb"|<legacyDrawing [^>]*/>"
        assert re.sub(ours, b"", after[name]) == before[name]
    grant = after[sheet_parts(Package(content))["措施"]]
    assert b'mc:Ignorable="x14ac xr"' in grant
    assert b"x14:dataValidation " in grant
    order = [b"<sheetData", b"<conditionalFormatting", b"<dataValidations", b"<hyperlinks"]
    order += [b"<pageMargins", b"<legacyDrawing", b"<extLst"]
    assert sorted(order, key=grant.index) == order


def test_the_looks_of_cells_stay_the_same() -> None:
    content = rich_book(FAULTS)
    before, after = opened(content)["推导"], opened(checked(content))["推导"]
    for row in before.iter_rows():
        for cell in row:
            same = after[cell.coordinate]
            assert repr((same.font, same.fill)) == repr((cell.font, cell.fill))
            assert same.number_format == cell.number_format


@pytest.mark.parametrize("readings", [False, True])
def test_the_copy_means_the_same(readings: bool) -> None:
    content = rich_book(SOUND)
    sheets, before = read(content)
    copied, after = read(checked(content, readings=readings))
    assert before.policy is not None
    assert after.policy is not None
    assert fingerprint(after.policy) == fingerprint(before.policy)
    assert after.findings == before.findings
    assert [sheet for sheet in copied if not is_own(sheet)] == list(sheets)


# --- again ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("readings", [False, True])
def test_checking_a_copy_again_does_not_pile_up(readings: bool) -> None:
    once = checked(rich_book(FAULTS), readings=readings)
    twice = checked(once, readings=readings)
    assert parts_of(twice) == parts_of(once)
    assert read(once)[1].findings == read(rich_book(FAULTS))[1].findings


def test_a_copy_in_which_all_is_mended_is_the_workbook_again() -> None:
    mends = {"推导": {(4, 3): "制造业"}, "措施": {(4, 2): "是"}}
    plain = {"推导!B4": "≥100000", "推导!C4": "制造业", "推导!C5": ABOVE}
    plain |= dict.fromkeys(("代码表!A8", "代码表!B8", "代码表!D8"))
    original = make_book(sample_book.edited(plain))
    faulty = make_book(sample_book.edited(plain | {"推导!C4": "制造叶", "措施!B4": "也许"}))
    package = Package(checked(faulty))
    for sheet, texts in mends.items():
        write_texts(package, sheet_parts(package)[sheet], texts)
    after = parts_of(checked(package.to_bytes()))
    wanted = parts_of(original)
    assert set(after) == set(wanted)
    for sheet in mends:  # a text that was written anew is spelled without references
        name = sheet_parts(package)[sheet]
        wanted[name] = _plain(wanted[name])
        after[name] = _plain(after[name].replace(b' xml:space="preserve"', b""))
    differing = {name for name in wanted if after[name] != wanted[name]}
    assert differing <= {"xl/styles.xml", "[Content_Types].xml", "docProps/core.xml"}
    assert read(original)[1].policy == read(checked(package.to_bytes()))[1].policy


def _plain(part: bytes) -> bytes:
    return re.sub(rb"&#(\d+);", lambda found: chr(int(found[1])).encode(), part)


def test_a_rich_copy_is_cleared_down_to_the_byte() -> None:
    """Nothing to say any more: what was added to the drafter's sheets, notes and boxes is gone."""
    content = rich_book(FAULTS)
    sheets, _ = read(checked(content, readings=True))
    after = parts_of(annotate(checked(content, readings=True), sheets, Annotations()))
    before = parts_of(content)
    differing = {name for name in before if after[name] != before[name]}
    assert set(after) == set(before)
    assert differing <= {"xl/styles.xml", "[Content_Types].xml", "xl/comments/comment1.xml"}
    note = before["xl/comments/comment1.xml"]
    wrapped = re.sub(rb"(?s)<text>(<t.*?</t>)</text>", rb"<text><r>\1</r></text>", note)
    assert after["xl/comments/comment1.xml"] in (note, wrapped)


def test_a_drafters_own_sheet_of_that_name_stays_and_counts() -> None:
    book = sample_book.edited(FAULTS) | {FINDINGS_SHEET: [["决策表", "甲"]]}
    once = checked(make_book(book))
    assert opened(once).sheetnames[-2:] == [f"{FINDINGS_SHEET} 2", READINGS_SHEET]
    twice = checked(once)
    assert parts_of(twice) == parts_of(once)
    places = {str(each.at) for each in read(twice)[1].findings}
    assert f"{FINDINGS_SHEET}!A1" in places


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_that_can_be_read_is_annotated_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    parts = parts_of(checked(rich_book(FAULTS)) if seed % 2 else rich_book(FAULTS))
    names = [name for name in parts if name.endswith((".xml", ".rels", ".vml"))]
    for name in chance.sample(names, 2):
        part, at = bytearray(parts[name]), chance.randrange(len(parts[name]))
        part[at : at + chance.randrange(4)] = chance.choice((b"", b"<", b'"', b"/>", b"\xff", b"0"))
        parts[name] = bytes(part)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, damaged in parts.items():
            archive.writestr(name, damaged)
    sheets, findings = read_sheets(target.getvalue())
    if has_errors(findings):
        return
    place = Place(CellRef("推导", 4, 3))
    remarks = (Remark("错误", Severity.ERROR, "有错", "改", place),)
    try:
        annotated = annotate(target.getvalue(), sheets, Annotations(remarks))
    except UnreadablePartError:
        return
    assert not has_errors(read_sheets(annotated)[1])


# --- other programs -------------------------------------------------------------------------------


def converted(content: bytes, folder: Path, kind: str) -> bytes:
    """A workbook opened and saved by LibreOffice."""
    if OFFICE is None:
        pytest.skip("LibreOffice is not installed: nobody else has opened the annotated copy")
    source = folder / "copy.xlsx"
    source.write_bytes(content)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    out = folder / kind
    command = [OFFICE, "--headless", profile, "--convert-to", kind, "--outdir", str(out)]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=100)
    return (out / f"copy.{kind}").read_bytes()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An annotated copy, opened and saved by LibreOffice."""
    content = checked(rich_book(FAULTS), readings=True)
    return converted(content, tmp_path_factory.mktemp("office"), "xlsx")


def test_libreoffice_opens_the_copy_and_what_it_saves_is_cleared(saved: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = notes(saved, "推导")
        assert "错误：条件「总投资（万元）」是空的" in found["B4"]
        assert OWN_NOTE in found["C4"]
        assert {FINDINGS_SHEET, READINGS_SHEET} <= set(opened(saved).sheetnames)
        sheets, _ = read(saved)
        cleared = annotate(saved, sheets, Annotations())
        assert set(notes(cleared, "推导")) == {"C4"}
        assert notes(cleared, "推导")["C4"].strip().endswith("这一格下周再定。")
        assert colours(cleared, "推导") == {}
        assert not {FINDINGS_SHEET, READINGS_SHEET} & set(opened(cleared).sheetnames)
    for part in parts_of(cleared).values():
        assert "条理检查".encode() not in part


def test_libreoffice_keeps_the_links(saved: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sheet = opened(saved)[FINDINGS_SHEET]
    located = [
        cell.hyperlink.location or cell.hyperlink.target for cell in sheet["C"] if cell.hyperlink
    ]
    assert any("推导" in each and "B4" in each for each in located)
