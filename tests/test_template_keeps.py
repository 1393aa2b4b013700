"""``tiaoli new OUT --from BOOK`` changes what it must and nothing else, whatever is in the file."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image as Pixels

from authoring.template import UnreadablePartError, renew
from authoring.template.areas import Area, read_areas, spell_areas, without
from authoring.understand import read_book
from authoring.workbook import read_sheets
from engine.fingerprint import fingerprint
from tests.books import Rows, make_book
from tests.renewals import SHEETS, changed, heading, load, parts, renewed, rule_at, saved

pytestmark = pytest.mark.filterwarnings("ignore:Data Validation extension:UserWarning")

ROOT = Path(__file__).parent.parent

# --- nothing is lost ------------------------------------------------------------------------------

X14 = (
    '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"'
    ' xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
    '<x14:dataValidations count="3" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
    '<x14:dataValidation type="list" allowBlank="1" prompt="选部门 sqref=&quot;A1&quot;">'
    "<x14:formula1><xm:f>代码表!$B$2:$B$4</xm:f></x14:formula1><xm:sqref>K4:K9</xm:sqref>"
    "</x14:dataValidation>"
    '<x14:dataValidation type="list"><x14:formula1><xm:f>代码表!$B$3</xm:f></x14:formula1>'
    "<xm:sqref>B4:B20 L4</xm:sqref></x14:dataValidation>"
    '<x14:dataValidation type="list"><x14:formula1><xm:f>代码表!$B$2</xm:f></x14:formula1>'
    "<xm:sqref>F4:F20</xm:sqref></x14:dataValidation>"
    "</x14:dataValidations></ext></extLst>"
)
ROOT_TAG = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    b' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac"'
    b' xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac">'
)


@cache
def rich_book() -> bytes:
    """A book with all that openpyxl would lose, on the sheet of the rules."""
    book = load(make_book(SHEETS))
    sheet = book["奖励"]
    bold = InlineFont(b=True)
    sheet["E4"] = CellRichText("奖", TextBlock(bold, "励"))
    sheet["A4"].comment = Comment("请核对", "审核人")
    sheet["B4"].fill = PatternFill("solid", start_color="FFFFEEAA")
    red = PatternFill("solid", end_color="FFFF0000")
    sheet.conditional_formatting.add(
        "B4:B9", CellIsRule(operator="equal", formula=['"—"'], fill=red)
    )
    picture = io.BytesIO()
    Pixels.new("RGB", (8, 8), "red").save(picture, "PNG")
    sheet.add_image(Image(picture), "M2")
    chart = BarChart()
    chart.add_data(Reference(book["用例"], min_col=4, min_row=1, max_row=2), titles_from_data=True)
    sheet.add_chart(chart, "M12")
    sheet.add_data_validation(DataValidation(type="custom", formula1="LEN(A4)<9", sqref="A4:A20"))
    sheet.add_data_validation(DataValidation(type="list", formula1='"甲,乙"', sqref="J4:J6"))

    def like_excel(name: str, part: bytes) -> bytes:
        if name != "xl/worksheets/sheet6.xml":
            return part
        part = re.sub(rb"\A(<\?xml[^>]*>\s*)?<worksheet[^>]*>", ROOT_TAG, part)
        return part.replace(b"</worksheet>", X14.encode() + b"</worksheet>")

    return changed(saved(book), like_excel)


RULES = "xl/worksheets/sheet6.xml"


def test_all_other_parts_are_the_same_bytes() -> None:
    before, after = parts(rich_book()), parts(renewed(rich_book()).file)
    kept = {
        name for name in before if re.search("drawing|media|chart|comment|theme|docProps", name)
    }
    assert len(kept) >= 8
    assert {name for name in before if before[name] != after[name]} <= {
        *(f"xl/worksheets/sheet{number}.xml" for number in range(1, 8)),
        *("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "xl/styles.xml"),
    }
    assert all(before[name] == after[name] for name in kept)


def test_of_a_sheet_only_validations_and_widths_change() -> None:
    cut = re.compile(
        rb"<cols>.*?</cols>|<dataValidations.*?</dataValidations>|<extLst>.*?</extLst>"
    )
    before, after = parts(rich_book())[RULES], parts(renewed(rich_book()).file)[RULES]
    assert cut.sub(b"", after) == cut.sub(b"", before)
    for piece in (
        b"conditionalFormatting",
        b"<drawing ",
        b"<legacyDrawing ",
        b"mc:Ignorable",
        b"<r>",
    ):
        assert piece in after


def test_validations_stand_where_the_schema_wants_them() -> None:
    names = re.findall(rb"<(\w+)[ />]", parts(renewed(rich_book()).file)[RULES])
    order = [b"sheetData", b"conditionalFormatting", b"dataValidations", b"drawing", b"extLst"]
    at = [names.index(name) for name in order]
    assert at == sorted(at)


def test_extended_lists_give_way_only_where_the_template_offers_a_list() -> None:
    after = parts(renewed(rich_book()).file)[RULES].decode()
    assert '<x14:dataValidations count="2"' in after
    assert re.findall("<xm:sqref>(.*?)</xm:sqref>", after) == ["K4:K9", "L4"]
    first = X14[X14.index("<x14:dataValidation ") : X14.index("</x14:dataValidation>")]
    assert first in after


def test_an_extension_without_lists_goes_away_with_them() -> None:
    def covered(_name: str, part: bytes) -> bytes:
        return part.replace(b"K4:K9", b"B5").replace(b" L4</xm", b"</xm")

    after = parts(renewed(changed(rich_book(), covered)).file)[RULES]
    assert b"extLst" not in after
    assert after.endswith(b"</worksheet>")


def test_rules_of_the_user_stay() -> None:
    file = renewed(rich_book()).file
    assert rule_at(file, "奖励", "A4").formula1 == "LEN(A4)<9"
    assert rule_at(file, "奖励", "A21").promptTitle == "编号"
    assert rule_at(file, "奖励", "J5").formula1 == '"甲,乙"'
    assert rule_at(file, "奖励", "J7").promptTitle == "原文"


def test_everything_can_still_be_seen() -> None:
    sheet = load(renewed(rich_book()).file)["奖励"]
    assert sheet["A4"].comment.text == "请核对"
    assert isinstance(sheet["E4"].value, CellRichText)
    assert len(sheet._images) == 1
    assert len(sheet._charts) == 1
    assert sheet["B4"].fill.start_color.rgb == "FFFFEEAA"
    assert [str(each.sqref) for each in sheet.conditional_formatting] == ["B4:B9"]


def test_the_policy_of_wuxi_keeps_its_meaning() -> None:
    file = (ROOT / "policies/wuxi-2023/policy.xlsx").read_bytes()
    before, after = read_book(file), read_book(renewed(file).file)
    assert before.policy is not None
    assert after.policy is not None
    assert fingerprint(after.policy) == fingerprint(before.policy)
    assert after.golden_cases == before.golden_cases
    assert after.findings == before.findings


# --- odd files ------------------------------------------------------------------------------------


def test_prefixed_elements_get_prefixed_neighbours() -> None:
    def prefixed(name: str, part: bytes) -> bytes:
        if not name.startswith("xl/worksheets/"):
            return part
        part = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", part)
        return part.replace(b"xmlns=", b"xmlns:x=")

    file = renewed(changed(make_book(SHEETS), prefixed)).file
    assert rule_at(file, "奖励", "B4").formula1 == '"—,制造业,服务业"'
    assert heading(file, "条款", "章") == "D"


def test_parts_in_utf_16_are_understood() -> None:
    def wide(name: str, part: bytes) -> bytes:
        if name != RULES:
            return part
        text = re.sub(r"\A<\?xml[^>]*>\s*", "", part.decode())
        return f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")

    file = renewed(changed(make_book(SHEETS), wide)).file
    assert rule_at(file, "奖励", "B4").formula1 == '"—,制造业,服务业"'


def test_a_part_with_a_document_type_is_refused() -> None:
    def declared(name: str, part: bytes) -> bytes:
        bare = re.sub(rb"\A<\?xml[^>]*>\s*", b"", part)
        return b"<!DOCTYPE worksheet>" + bare if name == RULES else part

    file = changed(make_book(SHEETS), declared)
    sheets, _ = read_sheets(make_book(SHEETS))
    with pytest.raises(UnreadablePartError):
        renew(file, sheets)


def test_a_book_with_errors_is_renewed_too() -> None:
    rules = [list(row) for row in SHEETS["奖励"]]
    rules[3][1] = None
    rules[3][7] = "十万元钱"
    file = renewed(make_book({**SHEETS, "奖励": rules})).file
    assert rule_at(file, "奖励", "B4").formula1 == '"—,制造业,服务业"'
    assert load(file)["奖励"]["B4"].value is None


@pytest.mark.parametrize("sheets", [{}, {"指标": []}, {"指标": [["乱写"]]}, {"表": [["决策表"]]}])
def test_a_book_with_almost_nothing_is_renewed_too(sheets: Mapping[str, Rows]) -> None:
    file = renewed(make_book(sheets)).file
    assert "指标" in load(file).sheetnames
    assert rule_at(file, "条款", "E2").formula1.startswith('"可计算')


# --- areas ----------------------------------------------------------------------------------------

AREAS = st.builds(
    lambda top, left, height, width: Area(top, left, top + height, left + width),
    *(st.integers(1, 6), st.integers(1, 6), st.integers(0, 4), st.integers(0, 4)),
)


def squares(areas: tuple[Area, ...]) -> list[tuple[int, int]]:
    return [
        at
        for area in areas
        for at in product(range(area.top, area.bottom + 1), range(area.left, area.right + 1))
    ]


@given(st.lists(AREAS, max_size=3).map(tuple), st.lists(AREAS, max_size=3))
def test_taking_areas_out_leaves_exactly_the_others(
    areas: tuple[Area, ...], taken: list[Area]
) -> None:
    left = squares(without(areas, taken))
    assert set(left) == set(squares(areas)) - set(squares(tuple(taken)))
    assert len(left) <= len(squares(areas))


@given(st.lists(AREAS, min_size=1, max_size=4).map(tuple))
def test_areas_are_spelled_as_they_are_read(areas: tuple[Area, ...]) -> None:
    assert read_areas(spell_areas(areas)) == areas


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("$B$3", Area(3, 2, 3, 2)),
        ("AA10:B2", Area(2, 2, 10, 27)),
        ("A:C", Area(1, 1, 1_048_576, 3)),
        ("2:9", Area(2, 1, 9, 16_384)),
    ],
)
def test_areas_of_every_spelling(text: str, area: Area) -> None:
    assert read_areas(text) == (area,)
