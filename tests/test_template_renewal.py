"""``tiaoli new OUT --from BOOK``: dropdowns follow the book, and what is missing is added."""

from __future__ import annotations

import re

import openpyxl
import pytest
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from authoring.messages import text
from authoring.template import new_book
from authoring.understand import read_book
from engine.fingerprint import fingerprint
from tests.books import make_book
from tests.renewals import SHEETS, changed, heading, load, parts, renewed, rule_at, saved

# --- dropdowns follow the book --------------------------------------------------------------------


def test_a_new_field_reaches_dropdowns_and_cases() -> None:
    fields = [*SHEETS["指标"], ["新建项目", "是否", None, None, "填报"]]
    rules = [list(row) for row in SHEETS["奖励"]]
    for row, added in zip(rules[1:], ("条件", "新建项目", "是"), strict=True):
        row.insert(3, added)
    file = renewed(make_book({**SHEETS, "指标": fields, "奖励": rules})).file
    assert rule_at(file, "奖励", "D4").formula1 == '"—,是,否"'
    assert "'指标'!$A$" in rule_at(file, "奖励", "D3").formula1
    column = heading(file, "用例", "新建项目")
    assert rule_at(file, "用例", f"{column}2").formula1 == '"是,否"'
    assert read_book(file).policy is not None


def test_a_new_code_reaches_the_conditions_on_it() -> None:
    codes = [*SHEETS["代码表"], ["行业", "农业"]]
    file = renewed(make_book({**SHEETS, "代码表": codes})).file
    assert rule_at(file, "奖励", "B4").formula1 == '"—,制造业,服务业,农业"'


def test_a_scattered_code_list_is_offered_word_by_word() -> None:
    codes = [*SHEETS["代码表"], ["主体", "项目"]]
    file = renewed(make_book({**SHEETS, "代码表": codes})).file
    assert rule_at(file, "奖励", "F4").formula1 == '"企业,项目"'


@pytest.mark.parametrize(
    ("second", "source"),
    [
        ("主体", "OFFSET('代码表'!$B$1,MATCH(\"主体\",'代码表'!$A$2:$A$2003,0),0,"),
        ("主 体", "'代码表'!$B$2:$B$3"),
    ],
)
def test_a_code_list_is_followed_where_its_name_is_spelled_alike(second: str, source: str) -> None:
    codes = [["代码表", "值"], ["主体", "企业"], [second, "项目"]]
    file = renewed(make_book({**SHEETS, "代码表": codes})).file
    assert rule_at(file, "奖励", "F4").formula1.startswith(source)


def test_names_that_mean_more_in_a_formula_are_not_put_into_one() -> None:
    codes = [*SHEETS["代码表"], ["行业*", "农业"], ['行"业', "林业"]]
    fields = [list(row) for row in SHEETS["指标"]]
    fields += [["副业", "单选", None, "行业*", "填报"], ["林业种类", "单选", None, '行"业', "填报"]]
    file = renewed(make_book({**SHEETS, "代码表": codes, "指标": fields})).file
    for name, source in (("副业", "'代码表'!$B$5"), ("林业种类", "'代码表'!$B$6")):
        assert rule_at(file, "用例", f"{heading(file, '用例', name)}2").formula1 == source


def test_a_list_too_long_for_words_points_to_its_cells() -> None:
    codes = [["代码表", "值"], ["主体", "企业"], *(["行业", f"第{n}种制造业"] for n in range(60))]
    rules = [list(row) for row in SHEETS["奖励"]]
    rules[3][1] = "第7种制造业"
    cases = [SHEETS["用例"][0]]
    file = renewed(make_book({**SHEETS, "代码表": codes, "奖励": rules, "用例": cases})).file
    assert rule_at(file, "奖励", "B4").formula1.startswith("OFFSET('代码表'!$B$1,MATCH(\"行业\"")


def test_a_list_with_a_comma_in_a_word_is_no_list_of_words() -> None:
    codes = [*SHEETS["代码表"], ["行业", "批发,零售"]]
    file = renewed(make_book({**SHEETS, "代码表": codes})).file
    assert rule_at(file, "奖励", "B4").formula1.startswith("OFFSET(")


def test_gaps_between_rows_are_offered_to_the_last() -> None:
    provisions = [*SHEETS["条款"], [None], ["二", "另行规定。", "引用他文"]]
    file = renewed(make_book({**SHEETS, "条款": provisions})).file
    assert rule_at(file, "奖励", "I4").formula1 == "'条款'!$A$2:$A$4"


def test_lists_of_an_older_template_are_replaced() -> None:
    book = load(make_book(SHEETS))
    old = DataValidation(type="list", formula1='"制造业"', sqref="B4:B90 L4")
    book["奖励"].add_data_validation(old)
    old = DataValidation(type="list", formula1='"金额"', prompt="选一个", sqref="B1:B400")
    book["指标"].add_data_validation(old)
    file = renewed(saved(book)).file
    assert rule_at(file, "奖励", "B4").formula1 == '"—,制造业,服务业"'
    assert rule_at(file, "奖励", "B90").formula1 == '"制造业"'
    assert rule_at(file, "奖励", "L4").formula1 == '"制造业"'
    assert rule_at(file, "指标", "B3").formula1.startswith('"金额,比例')


def test_renewing_again_changes_nothing() -> None:
    once = renewed(make_book(SHEETS))
    again = renewed(once.file)
    assert again.sheets == ()
    assert again.headings == ()
    assert parts(again.file) == parts(once.file)


def test_renewing_the_template_changes_nothing() -> None:
    file = new_book().file
    assert parts(renewed(file).file) == parts(file)


# --- headings and sheets that are missing ---------------------------------------------------------


def test_missing_columns_go_to_the_end_of_the_heading_row() -> None:
    done = renewed(make_book(SHEETS))
    row = [cell.value for cell in load(done.file)["条款"][1]]
    assert row == ["条款编号", "条款原文", "类型", "章", "标题", "主管部门", "备注"]
    added = {(each.at.sheet, each.text) for each in done.headings}
    assert ("条款", "章") in added
    assert ("用例", "已落地") in added
    assert ("用例", "期望·合计") in added
    assert ("条款", "类型") not in added


def test_a_title_above_and_a_note_at_the_side_stay_what_they_are() -> None:
    provisions = [["条款（送审稿）"], *map(list, SHEETS["条款"])]
    provisions[2] = [*provisions[2], None, None, "旁注"]
    file = renewed(make_book({**SHEETS, "条款": provisions})).file
    assert heading(file, "条款", "章", row=2) == "G"


def test_missing_sheets_come_behind_the_others_with_headings_and_no_rows() -> None:
    done = renewed(make_book(SHEETS))
    assert done.sheets == ("同类组", "评选", "业务约束", "评选用例")
    book = load(done.file)
    assert book.sheetnames == [*SHEETS, *done.sheets]
    assert [cell.value for cell in book["业务约束"][1]] == ["编号", "条件式", "提示"]
    assert book["业务约束"].max_row == 1
    assert book["业务约束"].freeze_panes == "A2"
    assert rule_at(done.file, "同类组", "B2").formula1.startswith('"就高,')


def test_what_is_added_changes_no_meaning() -> None:
    before = read_book(make_book(SHEETS))
    after = read_book(renewed(make_book(SHEETS)).file)
    assert before.policy is not None
    assert after.policy is not None
    assert fingerprint(after.policy) == fingerprint(before.policy)
    assert [each.case for each in after.golden_cases] == [each.case for each in before.golden_cases]
    assert after.findings == before.findings


def test_a_guide_of_ones_own_stays_and_only_its_version_changes() -> None:
    sheet = load(renewed(make_book(SHEETS)).file)["说明"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["模板版本", "1"],
        ["我们自己的话", "不要动"],
    ]


def test_a_book_without_guide_gets_one() -> None:
    done = renewed(make_book({name: rows for name, rows in SHEETS.items() if name != "说明"}))
    assert done.sheets[0] == "说明"
    words = [cell.value for row in load(done.file)["说明"].iter_rows() for cell in row]
    assert "模板版本" in words
    assert "从一条条文到一条规则" in words


def test_a_heading_takes_the_look_of_its_neighbour_and_its_column_the_right_format() -> None:
    book = load(make_book(SHEETS))
    book["用例"]["E1"].fill = PatternFill("solid", start_color="FF112233")
    book["代码表"]["B1"].font = openpyxl.styles.Font(name="SimSun", b=True)
    book["代码表"]["B2"].font = openpyxl.styles.Font(name="SimSun")
    file = renewed(saved(book)).file
    cases, codes = load(file)["用例"], load(file)["代码表"]
    assert cases[f"{heading(file, '用例', '已落地')}1"].fill.start_color.rgb == "FF112233"
    since = heading(file, "代码表", "有效起")
    assert codes[f"{since}1"].font.b
    assert codes.column_dimensions[since].number_format == "mm-dd-yy"  # the day of the system
    assert codes.column_dimensions[since].font.name == "SimSun"
    source = heading(file, "代码表", "来源")
    assert codes.column_dimensions[source].number_format == "@"


@pytest.mark.parametrize(
    ("above", "colours"),
    [
        (text("template_page.用例"), ["FFE2EFDA", "FFFCE4D6"]),
        ("我们自己的话", ["00000000", "00000000"]),
    ],
)
def test_new_cases_have_the_colours_that_the_line_above_tells_of(
    above: str, colours: list[str]
) -> None:
    file = renewed(make_book({**SHEETS, "用例": [[above], *SHEETS["用例"]]})).file
    fills = {cell.value: cell.fill.start_color.rgb for cell in load(file)["用例"][2]}
    assert [fills["已落地"], fills["期望·合计"]] == colours


def test_the_line_above_keeps_its_look_where_columns_are_added() -> None:
    file = new_book(blank=True).file
    book = load(file)
    for column, words in enumerate(("行业", "文本"), start=1):
        book["指标"].cell(3, column).value = words
    sheet = load(renewed(saved(book)).file)["用例"]
    added = next(cell for cell in sheet[2] if cell.value == "行业")
    assert sheet.column_dimensions[added.column_letter].border.left.style == "thin"
    above = sheet.cell(1, added.column)
    assert (above.value, above.border.left.style, above.border.top.style) == (None, None, None)


def test_a_field_that_looks_like_a_formula_stays_a_text() -> None:
    fields = [*SHEETS["指标"], ["'=1+1", "金额", "万元", None, "填报"]]
    book = load(make_book({**SHEETS, "指标": fields}))
    cell = book["指标"]["A5"]
    cell.value, cell.data_type = "=1+1", "s"
    codes = book["代码表"]["B4"]
    codes.value, codes.data_type = "=A1", "s"
    file = renewed(saved(book)).file
    column = heading(file, "用例", "=1+1")
    assert load(file)["用例"][f"{column}1"].data_type == "s"
    assert rule_at(file, "奖励", "B4").formula1 == '"—,制造业,=A1"'
    assert not any(b"<f>" in part for name, part in parts(file).items() if "sheet" in name)


def test_widths_that_are_set_stay_and_others_come() -> None:
    book = load(make_book(SHEETS))
    book["条款"].column_dimensions["B"].width = 33
    file = renewed(saved(book)).file
    widths = load(file)["条款"].column_dimensions
    assert widths["B"].width == 33
    assert widths["A"].width == 11
    assert widths["G"].width == 20  # 备注, for texts to come


def test_a_run_of_columns_with_one_width_is_parted() -> None:
    def change(name: str, part: bytes) -> bytes:
        run = b'<cols><col min="1" max="16384" width="9.14" style="0"/></cols><sheetData>'
        return part.replace(b"<sheetData>", run) if name == "xl/worksheets/sheet3.xml" else part

    file = renewed(changed(make_book(SHEETS), change)).file
    found = parts(file)["xl/worksheets/sheet3.xml"].decode()
    assert re.findall(r'<col min="(\d+)" max="(\d+)"', found)[-2:] == [("7", "7"), ("8", "16384")]
    assert load(file)["条款"].column_dimensions["A"].width == 11
