"""From the template to a policy of one's own: without the example, or by replacing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import PatternFill

from authoring import cli
from authoring.headings import documented
from authoring.template import drop_left_over, new_book, renew
from authoring.template.example import plain_sheets
from authoring.understand import Understanding, read_book
from authoring.workbook import read_sheets
from engine.findings import Severity
from tests.books import Content
from tests.renewals import load, saved
from tests.test_handbook import missed, sound

TABLES = ("推导", "措施", "措施（更多列）")
CLAUSE = "对首次上规的企业给予10万元奖励。"
OWN: Mapping[str, Sequence[Mapping[str, Content]]] = {
    "条款": [{"条款编号": "一", "条款原文": CLAUSE, "类型": "可计算"}],
    "指标": [{"指标": "首次上规", "类型": "是否", "主体": "企业", "来源": "填报"}],
    "代码表": [{"代码表": "主体", "值": "企业"}],
}
RULE: Mapping[str, Content] = {
    "编号": "一-1",
    "首次上规": "是",
    "支持项编号": "M1",
    "支持项": "上规奖励",
    "受益主体": "企业",
    "支持方式": "奖励",
    "金额": "10万元",
    "条款": "一",
    "原文": "对首次上规的企业给予10万元奖励",
}
POLICY = {"政策编号": "试-1", "标题": "试行办法", "施行日期": "2024-01-01", "失效日期": "无"}
CASE: Mapping[str, Content] = {
    "编号": "例1",
    "基准日期": "2024-06-01",
    "首次上规": "是",
    "期望·M1": "可享受 10万元",
}


def clear(sheet: Any, top: int, bottom: int) -> None:
    """What the Delete key does to whole rows."""
    for row in sheet.iter_rows(min_row=top, max_row=bottom):
        for cell in row:
            if not isinstance(cell, MergedCell):
                cell.value = None


def put(sheet: Any, heading_row: int, row: int, values: Mapping[str, Content]) -> None:
    heads = {cell.value: cell.column for cell in sheet[heading_row]}
    for heading, value in values.items():
        sheet.cell(row, heads[heading]).value = value


def without_the_example(*, remove_rows: bool) -> Any:
    """The template with its example taken out as 说明 tells, all headings left."""
    book = load(new_book().file)
    for name in plain_sheets():
        if name != "政策":
            clear(book[name], 3, book[name].max_row)
    for name in TABLES:
        sheet = book[name]
        markers = [r for r in range(1, sheet.max_row + 1) if sheet.cell(r, 1).value == "决策表"]
        for top in reversed(markers):
            rules = [
                row
                for row in range(top + 3, sheet.max_row + 1)
                if sheet.cell(row, 1).value and row < min([m for m in markers if m > top] or [9999])
            ]
            if remove_rows and top == markers[-1]:
                sheet.delete_rows(rules[0], len(rules))
            else:
                clear(sheet, rules[0], rules[-1])
    return book


def with_own(book: Any) -> bytes:
    for name, rows in OWN.items():
        for row, values in enumerate(rows, start=3):
            put(book[name], 2, row, values)
    policy = book["政策"]
    for row in range(3, policy.max_row + 1):
        if policy.cell(row, 1).value:
            policy.cell(row, 2).value = POLICY.get(policy.cell(row, 1).value)
    sheet = book["措施"]
    head = next(r for r in range(1, sheet.max_row + 1) if sheet.cell(r, 1).value == "决策表") + 2
    free = next(
        column
        for column in range(2, sheet.max_column + 1)
        if sheet.cell(head, column).value in (None, "首次认定创新企业")
    )
    sheet.cell(head, free).value = "首次上规"
    ready = next(
        row
        for row in range(head + 1, sheet.max_row + 1)
        if any(sheet.cell(row, column).value == "—" for column in range(2, 8))
    )
    put(sheet, head, ready, RULE)
    return saved(book)


def with_case(file: bytes) -> bytes:
    book = load(file)
    put(book["用例"], 2, 3, CASE)
    return saved(book)


def tidied(file: bytes) -> bytes:
    """What ``tiaoli new --from … --tidy`` writes."""
    file = drop_left_over(file, read_sheets(file)[0]).file
    return renew(file, read_sheets(file)[0]).file


def codes(understanding: Understanding) -> list[str]:
    return [each.code for each in understanding.findings]


# --- the example replaced -------------------------------------------------------------------------


@pytest.mark.parametrize("remove_rows", [False, True])
def test_what_is_left_of_the_example_is_advice_and_little(remove_rows: bool) -> None:
    understanding = read_book(with_own(without_the_example(remove_rows=remove_rows)))
    assert {each.severity for each in understanding.findings} == {Severity.ADVICE}
    assert sorted(codes(understanding)) == ["K428", "K428", "W318", "W318", "W318", "W318", "W325"]


def test_one_step_takes_it_away_and_brings_ones_own_columns() -> None:
    file = tidied(with_own(without_the_example(remove_rows=False)))
    headings = [cell.value for cell in load(file)["用例"][2]]
    assert headings == [*documented("headings", "用例"), "期望·合计", "首次上规", "期望·M1"]
    contests = [cell.value for cell in load(file)["评选用例"][2]]
    assert contests == list(documented("headings", "评选用例"))
    understanding = sound(with_case(file))
    assert list(missed(understanding)) == []
    assert "K428" not in codes(understanding)


# --- no example -----------------------------------------------------------------------------------


def test_a_blank_book_lacks_nothing_but_ones_own_policy() -> None:
    blank = new_book(blank=True).file
    understanding = read_book(blank)
    assert sorted(codes(understanding)) == ["W241", "W241", "W241", "W295"]
    names = load(blank).sheetnames
    assert names == [name for name in load(new_book().file).sheetnames if name != "措施（更多列）"]
    words = {
        str(cell.value) for sheet in load(blank) for row in sheet for cell in row if cell.value
    }
    assert not any("创新企业认定" in each or "例12" in each for each in words - guide_words(blank))


def guide_words(file: bytes) -> set[str]:
    return {str(cell.value) for row in load(file)["说明"] for cell in row if cell.value}


def test_ones_own_policy_in_a_blank_book_is_sound_at_once() -> None:
    file = with_own(load(new_book(blank=True).file))
    assert [each for each in read_book(file).findings if each.severity is not Severity.ADVICE] == []
    understanding = sound(with_case(renew(file, read_sheets(file)[0]).file))
    assert list(missed(understanding)) == []


@pytest.mark.parametrize(("heading", "expected"), [(None, []), ("首次上规", ["W318"])])
def test_a_ready_table_is_named_once_something_was_written_in_it(
    heading: str | None, expected: list[str]
) -> None:
    book = load(with_own(load(new_book(blank=True).file)))
    book["推导"].cell(5, 3).value = heading
    assert [each for each in codes(read_book(saved(book))) if each == "W318"] == expected


def test_columns_are_wide_enough_for_what_will_be_written() -> None:
    book = load(new_book(blank=True).file)
    for name, heading, least in (
        ("措施", "条件式", 30),
        ("措施", "原文", 30),
        ("条款", "条款原文", 60),
    ):
        sheet = book[name]
        at = next(
            cell for row in sheet.iter_rows(max_row=5) for cell in row if cell.value == heading
        )
        assert sheet.column_dimensions[at.column_letter].width >= least
    file = with_own(book)
    renewed = load(renew(file, read_sheets(file)[0]).file)["用例"]
    [expected] = [cell for cell in renewed[2] if cell.value == "期望·M1"]
    assert renewed.column_dimensions[expected.column_letter].width >= len("可享受 50.72835万元") + 5
    free = next(cell for cell in book["措施"][5] if cell.value is None)
    assert book["措施"].column_dimensions[free.column_letter].width >= 12


def test_columns_without_heading_offer_what_may_head_them() -> None:
    sheet = load(new_book(blank=True).file)["措施"]
    rules = {
        cell.coordinate: [
            v for v in sheet.data_validations.dataValidation if cell.coordinate in v.sqref
        ]
        for cell in sheet[5]
        if cell.value is None
    }
    assert len(rules) == 5
    for found in rules.values():
        [rule] = found
        assert rule.prompt.startswith("这一列空着")
    offered = [rule.formula1 for [rule] in rules.values()]
    assert all("'指标'!" in each for each in offered[:3])
    assert all("补足至" in each and "累计上限" in each for each in offered[3:])


def test_the_guide_tells_when_to_add_each_column_that_is_not_there() -> None:
    sheet = load(new_book(blank=True).file)["措施"]
    there = {cell.value for cell in sheet[5]}
    told = guide_words(new_book(blank=True).file)
    listed = {name for words in told for name in words.split("、")}
    optional = {*documented("headings", "结论"), *documented("headings", "备注")} - there
    assert {"上浮", "补足至", "年度上限"} <= optional
    assert optional <= listed
    assert {"条件式", "分期"} <= there


def test_the_guide_speaks_of_the_example_only_where_there_is_one() -> None:
    assert "从例子到自己的政策" in guide_words(new_book().file)
    assert "从例子到自己的政策" not in guide_words(new_book(blank=True).file)


# --- what is not taken away -----------------------------------------------------------------------


def left_over_book(**extra: Content) -> Any:
    book = load(with_own(load(new_book(blank=True).file)))
    book = load(renew(saved(book), read_sheets(saved(book))[0]).file)
    sheet = book["用例"]
    last = sheet.max_column
    sheet.cell(2, last + 1).value = "旧指标"
    sheet.cell(2, last + 2).value = "首次上规"
    sheet.cell(2, last + 3).value = "期望·M9"
    first = next(cell.column for cell in sheet[2] if cell.value == "首次上规")
    sheet.cell(2, first).value = "更旧的指标"
    put(sheet, 2, 3, {**CASE, **extra})
    return book


def test_what_was_typed_stays() -> None:
    book = left_over_book(旧指标="500")
    file = saved(book)
    before = {cell.value for row in book["用例"].iter_rows(min_row=3) for cell in row} - {None}
    done = drop_left_over(file, read_sheets(file)[0])
    assert [each.heading for each in done.dropped] == ["更旧的指标", "期望·M9"]
    sheet = load(done.file)["用例"]
    after = {cell.value for row in sheet.iter_rows(min_row=3) for cell in row} - {None}
    assert after == before
    headings = [cell.value for cell in sheet[2]]
    assert headings[-2:] == ["旧指标", "首次上规"]
    assert sheet.cell(3, headings.index("首次上规") + 1).value == "是"
    assert sheet.cell(3, headings.index("旧指标") + 1).value == "500"
    assert sheet.cell(3, headings.index("期望·M1") + 1).value == "可享受 10万元"


def listed(sheet: Any, letters: str) -> list[Any]:
    """What a column offers."""
    return [each for each in sheet.data_validations.dataValidation if f"{letters}3" in each.sqref]


def test_widths_formats_merges_and_lists_move_with_their_columns() -> None:
    book = left_over_book()
    sheet = book["用例"]
    first = next(cell.column for cell in sheet[2] if cell.value == "更旧的指标")
    at = sheet.cell(2, first + 1)
    assert at.value == "期望·M1"
    sheet.column_dimensions[at.column_letter].width = 33
    sheet.merge_cells(start_row=12, end_row=13, start_column=first, end_column=first)
    sheet.merge_cells(start_row=14, end_row=14, start_column=first + 1, end_column=first + 2)
    sheet.merge_cells(start_row=15, end_row=15, start_column=first + 1, end_column=first + 3)
    lists = listed(sheet, at.column_letter)
    file = saved(book)
    moved = load(drop_left_over(file, read_sheets(file)[0]).file)["用例"]
    here = moved.cell(2, first)
    assert here.value == "期望·M1"
    assert moved.column_dimensions[here.column_letter].width == 33
    [rule] = listed(moved, here.column_letter)
    assert rule.formula1 == lists[0].formula1
    merges = sorted(str(each) for each in moved.merged_cells.ranges)
    right = openpyxl.utils.get_column_letter(first + 1)
    assert merges == [f"{here.column_letter}15:{right}15"]


@pytest.mark.parametrize("kind", ["note", "formula", "format", "elsewhere", "above"])
def test_a_sheet_on_which_more_hangs_is_left_alone(kind: str) -> None:
    book = left_over_book()
    sheet = book["用例"]
    column = next(cell.column_letter for cell in sheet[2] if cell.value == "更旧的指标")
    match kind:
        case "note":
            sheet["B3"].comment = Comment("请核对", "审核人")
        case "formula":
            sheet["B3"] = '="例"&"一"'
        case "format":
            red = PatternFill("solid", end_color="FFFF0000")
            rule = CellIsRule(  # type: ignore[no-untyped-call]
                operator="equal", formula=['"是"'], fill=red
            )
            sheet.conditional_formatting.add("E3:E9", rule)
        case "elsewhere":
            book.create_sheet("我的").cell(1, 1).value = f"='用例'!{column}3"
        case _:
            sheet[f"{column}1"] = "这一列请张三核对"
    file = saved(book)
    done = drop_left_over(file, read_sheets(file)[0])
    assert "更旧的指标" in [each.heading for each in done.kept]
    if kind == "above":
        assert [each.heading for each in done.dropped] == ["旧指标", "期望·M9"]
    else:
        assert (done.dropped, done.file) == ((), file)


def test_a_field_that_cannot_be_read_yet_keeps_its_column() -> None:
    book = left_over_book()
    put(book["指标"], 2, 4, {"指标": "旧指标", "类型": "钱"})
    file = saved(book)
    done = drop_left_over(file, read_sheets(file)[0])
    assert "旧指标" not in [each.heading for each in done.dropped]


# --- the command ----------------------------------------------------------------------------------


def test_the_command_says_what_it_took_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("旧.xlsx").write_bytes(saved(left_over_book(旧指标="500")))
    assert int(cli.main(["new", "新.xlsx", "--from", "旧.xlsx", "--tidy"])) == 0
    assert "“用例”删去了空着的列：更旧的指标、期望·M9。" in capsys.readouterr().out
    assert int(cli.main(["new", "又.xlsx", "--from", "旧.xlsx"])) == 0
    assert "删去" not in capsys.readouterr().out
    for arguments in (["--tidy"], ["--blank", "--tidy"], ["--blank", "--from", "旧.xlsx"]):
        assert int(cli.main(["new", "不写.xlsx", *arguments])) == 2
        assert not Path("不写.xlsx").exists()
    assert int(cli.main(["new", "空.xlsx", "--blank"])) == 0
    assert codes(read_book(Path("空.xlsx"))) == codes(read_book(new_book(blank=True).file))
