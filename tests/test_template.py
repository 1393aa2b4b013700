"""The workbook that ``tiaoli new`` writes: it compiles, it teaches, it keeps up with the reader."""

from __future__ import annotations

import io
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from authoring.cases.expectations import read_expectation
from authoring.cases.facts import known_of
from authoring.commands.golden import coverage, run_cases, run_contests
from authoring.grammar import make_vocabulary, read_amount, read_condition, read_requirement
from authoring.headings import documented
from authoring.template import VERSION, new_book
from authoring.template.areas import Area, read_areas
from authoring.template.columns import SCHEMAS, must_be_filled
from authoring.template.guide import samples
from authoring.template.survey import GUIDE
from authoring.understand import read_book
from engine import build
from engine.model import (
    AmountComparison,
    Combination,
    HitPolicy,
    Policy,
    ProvisionKind,
    ReceivedTreatment,
    Source,
    StackingMode,
    SupportForm,
    WhenMissing,
)

ROOT = Path(__file__).parent.parent
VOCABULARY = tomllib.loads((ROOT / "authoring/vocabulary.toml").read_text(encoding="utf-8"))
PLAIN = ("政策", "条款", "指标", "代码表", "同类组", "评选", "业务约束", "用例", "评选用例")
TABLES = ("推导", "措施", "措施（更多列）")
TITLE, MESSAGE, LIST = 32, 255, 255
"""What Excel takes: characters of a message's title, of a message, of a list of words."""


@cache
def template() -> bytes:
    return new_book().file


@cache
def book() -> Any:
    return openpyxl.load_workbook(io.BytesIO(template()))


@cache
def policy() -> Policy:
    found = read_book(template()).policy
    assert found is not None
    return found


@dataclass(frozen=True)
class Rule:
    """A data validation as a spreadsheet program reads it."""

    areas: tuple[Area, ...]
    source: str
    title: str
    prompt: str
    strict: bool

    def covers(self, row: int, column: int) -> bool:
        return any(
            area.top <= row <= area.bottom and area.left <= column <= area.right
            for area in self.areas
        )


@cache
def rules(sheet: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            read_areas(str(each.sqref)),
            each.formula1 or "",
            each.promptTitle or "",
            each.prompt or "",
            bool(each.showErrorMessage),
        )
        for each in book()[sheet].data_validations.dataValidation
    )


def rule_at(sheet: str, row: int, column: int) -> Rule:
    """The one rule of a cell: two would be one too many."""
    found = [each for each in rules(sheet) if each.covers(row, column)]
    assert len(found) == 1, (sheet, row, column, found)
    return found[0]


def cells(sheet: str) -> Iterator[tuple[int, int, str]]:
    for row in book()[sheet].iter_rows():
        for cell in row:
            if cell.value is not None:
                yield cell.row, cell.column, str(cell.value)


def find(sheet: str, words: str, rows: range | None = None) -> tuple[int, int]:
    """The first cell that holds some words."""
    return next(
        (row, column)
        for row, column, text in cells(sheet)
        if text == words and (rows is None or row in rows)
    )


def heading_rows(sheet: str) -> list[int]:
    """The rows of the headings: of a plain sheet one, of a sheet of tables one for each."""
    if sheet in PLAIN:
        return [2]
    return [row + 2 for row, column, text in cells(sheet) if (column, text) == (1, "决策表")]


# --- it works -------------------------------------------------------------------------------------


def test_nothing_is_wrong_with_it() -> None:
    understanding = read_book(template())
    assert understanding.findings == ()
    assert len(understanding.golden_cases) > 9
    assert understanding.golden_contests


def test_its_cases_and_contests_come_out_and_use_every_rule() -> None:
    understanding = read_book(template())
    with closing(build(policy(), "python")) as engine:
        results = tuple(run_cases(engine, understanding.golden_cases))
        for result in results:
            assert result.golden.expectations
            assert result.unmet == (), result.golden.case.id
        for contest in run_contests(engine, understanding.golden_contests):
            assert contest.passed
        covered = coverage(engine, results)
    assert covered.never == ()
    assert covered.rules == 14


def test_every_kind_of_thing_has_an_example() -> None:
    """What a drafter can write, the template shows once."""
    text = {words for sheet in (*PLAIN, *TABLES) for *_, words in cells(sheet)}
    assert {kind.value for kind in ProvisionKind} <= text
    assert {each.value for each in Source} - text == {Source.DERIVED_OR_REPORTED.value}
    assert {each.value for each in WhenMissing} <= text
    assert {"是否", "单选", "多选", "金额", "比例", "数量", "日期"} <= text
    assert {"确定", "一事一议", "按有关规定", "非资金"} <= text


def test_it_says_that_it_is_an_example() -> None:
    assert "示例" in policy().title
    assert "示例" in policy().number
    assert "示例" in policy().issuer


def test_the_guide_states_the_version() -> None:
    row, column = find(GUIDE, "模板版本")
    assert book()[GUIDE].cell(row, column + 1).value == VERSION


def test_no_text_is_a_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(template())) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                assert b"<f>" not in archive.read(name)


# --- it keeps up with the reader ------------------------------------------------------------------


def known_headings() -> Iterator[tuple[str, str]]:
    for part, headings in VOCABULARY["headings"].items():
        for heading in headings:
            yield part, heading


@pytest.mark.parametrize(("part", "heading"), list(known_headings()))
def test_every_heading_is_there_and_says_what_it_is_for(part: str, heading: str) -> None:
    sheets = (part,) if part in PLAIN else TABLES
    found = [
        (sheet, row, column)
        for sheet in sheets
        for row, column, text in cells(sheet)
        if text == heading and row in heading_rows(sheet)
    ]
    assert found
    for sheet, row, column in found:
        rule = rule_at(sheet, row, column)
        assert rule.title == heading
        assert len(rule.prompt) > 3
        below = rule_at(sheet, row + 1, column)
        assert below.prompt


@pytest.mark.parametrize("name", VOCABULARY["keys"]["政策"])
def test_every_item_of_the_policy_is_there_and_says_what_it_is_for(name: str) -> None:
    row, column = find("政策", name)
    assert rule_at("政策", row, column + 1).title == name
    assert len(rule_at("政策", row, column + 1).prompt) > 3


@pytest.mark.parametrize("name", [*VOCABULARY["marker"], *VOCABULARY["keys"]["决策表"]])
def test_every_setting_of_a_table_says_what_it_is_for(name: str) -> None:
    row, column = find("推导", name)
    assert rule_at("推导", row, column).title == name


@pytest.mark.parametrize("role", VOCABULARY["roles"])
def test_every_role_is_offered(role: str) -> None:
    for sheet in TABLES:
        top = heading_rows(sheet)[0] - 1
        row, column = find(sheet, role, range(top, top + 1))
        assert role in rule_at(sheet, row, column).source.strip('"').split(",")


def test_every_sheet_is_there() -> None:
    assert set(VOCABULARY["sheets"]) <= set(book().sheetnames)
    assert tuple(book().sheetnames) == (GUIDE, *PLAIN[:4], *TABLES, *PLAIN[4:])


@pytest.mark.parametrize(
    ("sheet", "heading", "enum"),
    [
        ("条款", "类型", ProvisionKind),
        ("指标", "来源", Source),
        ("指标", "缺省处理", WhenMissing),
        ("同类组", "规则", StackingMode),
        ("同类组", "比较", AmountComparison),
        ("同类组", "已享受处理", ReceivedTreatment),
        ("措施（更多列）", "支持方式", SupportForm),
        ("措施（更多列）", "同项多行", Combination),
    ],
)
def test_fixed_words_are_those_of_the_engine(sheet: str, heading: str, enum: Any) -> None:
    row, column = find(sheet, heading)
    rule = rule_at(sheet, row + 1, column)
    assert rule.source == '"' + ",".join(each.value for each in enum) + '"'
    assert rule.strict == (sheet in PLAIN)


@pytest.mark.parametrize("sheet", SCHEMAS)
def test_columns_with_fixed_words_offer_all_and_no_others(sheet: str) -> None:
    for column in SCHEMAS[sheet].columns:
        row, at = find(sheet, column.name, range(2, 3))
        rule = rule_at(sheet, row + 1, at)
        if column.allowed:
            assert rule.source == '"' + ",".join(column.allowed) + '"'
            assert rule.strict
        else:
            assert not rule.strict


def test_hit_policies_are_those_that_the_kind_of_table_takes() -> None:
    row, column = find("推导", "命中策略")
    every = ",".join(each.value for each in HitPolicy)
    assert rule_at("推导", row, column + 1).source == f'"{every}"'
    row, column = find("措施", "命中策略")
    assert rule_at("措施", row, column + 1).source == '"唯一,首个,任意,收集"'


@pytest.mark.parametrize("sheet", PLAIN)
def test_what_must_be_filled_is_said_and_seen(sheet: str) -> None:
    for heading in documented("headings", sheet):
        if (sheet, heading) in (("政策", "项"), ("政策", "值")):
            continue
        row, column = find(sheet, heading, range(2, 3))
        needed = must_be_filled(sheet, heading)
        prompt = rule_at(sheet, row, column).prompt
        assert prompt.startswith("必填") == needed, prompt
        dark = book()[sheet].cell(row, column).fill.start_color.rgb == "002F5D8A"
        assert dark == needed, heading


# --- what the cells offer -------------------------------------------------------------------------


def offered(sheet: str, heading: str, below: int = 1) -> str:
    row, column = find(sheet, heading, range(2, 60))
    return rule_at(sheet, row + below, column).source


def test_conditions_offer_their_values() -> None:
    assert offered("措施", "首次认定创新企业") == '"—,是,否"'
    assert offered("措施（更多列）", "行业") == '"—,制造业,服务业,研发服务"'
    assert offered("措施", "研发费用（万元）") == '"—"'
    assert offered("措施（更多列）", "条件式") == ""
    assert offered("推导", "成长型企业") == '"是,否"'


def test_what_the_book_itself_lists_is_offered_as_it_stands_there() -> None:
    provisions = "OFFSET('条款'!$A$2,1,0,MAX(1,COUNTA('条款'!$A$3:$A$2013)),1)"
    assert offered("措施", "条款") == provisions
    assert offered("评选", "条款") == provisions
    subjects = offered("措施", "受益主体")
    assert subjects == offered("指标", "主体") == offered("用例", "涉及主体")
    assert "MATCH(\"主体\",'代码表'!" in subjects
    assert "'同类组'!$A$" in offered("措施", "同类组")
    assert offered("措施", "发生日期") == '"创新企业认定日期"'
    assert offered("指标", "代码表") == '"主体,行业,企业称号"'
    assert offered("用例", "首次认定创新企业") == '"是,否"'
    assert offered("评选用例", "期望") == '"优秀,良好,未入选"'


def test_headings_offer_fields() -> None:
    row, column = find("措施", "成长型企业")
    assert "'指标'!$A$" in rule_at("措施", row, column).source
    row, column = find("推导", "成长型企业")
    assert rule_at("推导", row, column).source == '"研发占比,成长性条件数,成长型企业"'


def test_suggestions_do_not_refuse_and_fixed_words_do() -> None:
    for sheet in TABLES:
        for rule in rules(sheet):
            assert rule.strict == (rule.title in ("命中策略", "类别") and bool(rule.source))


def test_rows_stand_ready_below_every_table() -> None:
    for sheet in TABLES:
        for row in heading_rows(sheet):
            headed = [each for each in book()[sheet][row] if each.value]
            roles = book()[sheet][row - 1]
            last = row
            while book()[sheet].cell(last + 1, 2).value:
                last += 1
            ready = [
                each.value
                for each in book()[sheet][last]
                if each.column in {heading.column for heading in headed}
            ]
            assert set(ready) == {"—", None}
            assert ready[0] is None
            assert ready[1] == "—"
            assert roles[1].value == "条件"


def test_excel_takes_every_message_and_every_list() -> None:
    for sheet in (*PLAIN, *TABLES):
        for rule in rules(sheet):
            assert 0 < units(rule.title) <= TITLE
            assert 0 < units(rule.prompt) <= MESSAGE
            if rule.source.startswith('"'):
                assert units(rule.source) - 2 <= LIST


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


# --- formats --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "heading", "number_format"),
    [
        ("条款", "条款编号", "@"),
        ("措施", "编号", "@"),
        ("措施", "研发费用（万元）", "@"),
        ("措施", "金额", "@"),
        ("措施（更多列）", "生效", "yyyy-mm-dd"),
        ("措施（更多列）", "例外于", "@"),
        ("代码表", "有效起", "yyyy-mm-dd"),
        ("用例", "基准日期", "yyyy-mm-dd"),
        ("用例", "创新企业认定日期", "yyyy-mm-dd"),
        ("用例", "研发费用", "General"),
        ("用例", "期望·M3", "@"),
    ],
)
def test_new_rows_keep_what_is_typed(sheet: str, heading: str, number_format: str) -> None:
    row, column = find(sheet, heading, range(2, 60))
    letters = openpyxl.utils.get_column_letter(column)
    assert book()[sheet].column_dimensions[letters].number_format == number_format
    assert book()[sheet].cell(row + 1, column).number_format == number_format


def test_headings_stay_in_sight() -> None:
    for sheet in (*PLAIN, *TABLES):
        assert book()[sheet].freeze_panes
    assert book()["条款"].freeze_panes == "B3"


def test_columns_are_wide_enough_and_not_too_wide() -> None:
    for sheet in (*PLAIN, *TABLES):
        widths = [each.width for each in book()[sheet].column_dimensions.values()]
        assert min(widths) >= 9
        assert max(widths) <= 72
    assert sum(each.width for each in book()[GUIDE].column_dimensions.values()) <= 105


# --- the guide is right ---------------------------------------------------------------------------


def vocabulary() -> Any:
    return make_vocabulary(
        {field.name: field for field in policy().fields},
        {codes.name: codes for codes in policy().code_lists},
    )


def written(kind: str) -> Iterator[pytest.ParameterSet]:
    for sample in samples(kind):
        for text in sample["write"]:
            yield pytest.param(sample.get("field", ""), text, id=text)


@pytest.mark.parametrize(("field", "text"), list(written("conditions")))
def test_the_conditions_of_the_guide_can_be_written(field: str, text: str) -> None:
    if field:
        found = next(each for each in policy().fields if each.name == field)
        _, findings = read_condition(text, found, "", vocabulary(), None)
    else:
        _, findings = read_requirement(text, vocabulary(), None)
    assert findings == ()


@pytest.mark.parametrize(("_field", "text"), list(written("amounts")))
def test_the_amounts_of_the_guide_can_be_written(_field: str, text: str) -> None:
    assert read_amount(text, "", vocabulary(), None)[1] == ()


@pytest.mark.parametrize(("_field", "text"), list(written("expectations")))
def test_the_expectations_of_the_guide_can_be_written(_field: str, text: str) -> None:
    assert read_expectation("M3", text, known_of(policy()), None)[1] == ()


def test_the_worked_example_is_that_of_the_book() -> None:
    words = "\n".join(text for *_, text in cells(GUIDE))
    rule = next(each for table in policy().tables for each in table.rules if each.id == "三-1")
    assert f"条款：{rule.provision}　原文：{rule.quote}" in words
    assert f"（万元）：{rule.conditions[0].text}" in words
    case = next(row for row, _, text in cells("用例") if text == "例1")
    assert book()["用例"].cell(case, find("用例", "研发费用")[1]).value == 200
    assert book()["用例"].cell(case, find("用例", "期望·M3")[1]).value == "可享受 20万元"
    assert "研发费用：200　期望·M3：可享受 20万元" in words
