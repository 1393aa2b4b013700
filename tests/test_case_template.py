"""The empty list of projects that a policy offers: what it asks, offers, says, and shows."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pytest

from authoring.case_template import case_template, fullest
from authoring.cases import known_of, read_case_book
from authoring.cases.sheet import MOST_CASES
from authoring.understand import Understanding, read_book
from engine.model import Field, Policy, Source
from engine.types import ChoiceType, MultiChoiceType, YesNoType
from tests.pages import BOOK
from tests.sample_book import read, sheets

FORMULA = '=HYPERLINK("http://evil.invalid")'


@pytest.fixture(scope="module")
def wuxi() -> Understanding:
    return read_book(BOOK)


def opened(policy: Policy, example: Any = None) -> Any:
    content = case_template(policy, known_of(policy), example)
    return openpyxl.load_workbook(io.BytesIO(content))


def columns(sheet: Any) -> dict[str, int]:
    return {str(cell.value): cell.column for cell in sheet[1]}


def offer(sheet: Any, column: int, row: int = 2) -> Any:
    """The one validation of a cell."""
    at = sheet.cell(row, column).coordinate
    (found,) = [each for each in sheet.data_validations.dataValidation if at in each.sqref]
    return found


def choices(book: Any, validation: Any) -> list[str]:
    """What a dropdown would show."""
    formula = validation.formula1
    if formula.startswith('"'):
        return str(formula.strip('"')).split(",")
    title, _, cells = formula.rpartition("!")
    rows = book[title.strip("'")][cells.replace("$", "")]
    return [row[0].value for row in (rows if isinstance(rows, tuple) else ((rows,),))]


def test_it_asks_for_every_field_that_may_be_given_and_is_read_back() -> None:
    policy = read(sheets()).policy
    assert policy is not None
    book = opened(policy)
    headings = columns(book["用例"])
    for field in policy.fields:
        asked = field.source is not Source.DERIVED
        assert asked is any(each.startswith(field.name) for each in headings)
    book["用例"].append(["1", "甲", "2024-01-01", "企业"])
    stream = io.BytesIO()
    book.save(stream)
    file = read_case_book(stream.getvalue(), known_of(policy))
    assert [each.code for each in file.findings] == ["K443"], "the example is passed over"
    assert [case.id for _, (case, _, _) in file.readings if case] == ["1"]


@pytest.mark.parametrize("with_example", [True, False])
def test_the_example_could_be_a_project(wuxi: Understanding, with_example: bool) -> None:
    """Under a number of its own it is read as the golden case that it was taken from."""
    policy = wuxi.policy
    assert policy is not None
    example = fullest(wuxi.golden_cases) if with_example else None
    book = opened(policy, example)
    known = known_of(policy)
    book["用例"]["A2"].value = "1"
    stream = io.BytesIO()
    book.save(stream)
    file = read_case_book(stream.getvalue(), known)
    assert not file.findings
    ((_, (case, _, findings)),) = file.readings
    assert case is not None, findings
    if example is not None:
        assert (case.facts, case.date) == (example.facts, example.date)
        assert len(example.facts) == max(len(each.case.facts) for each in wuxi.golden_cases)
    else:
        assert len(case.facts) > 60


def test_it_is_empty_but_for_the_example(wuxi: Understanding) -> None:
    assert wuxi.policy is not None
    known = known_of(wuxi.policy)
    file = read_case_book(case_template(wuxi.policy, known), known)
    assert [each.code for each in file.findings] == ["K443", "K432"]


def test_every_code_and_yes_or_no_can_be_chosen(wuxi: Understanding) -> None:
    policy = wuxi.policy
    assert policy is not None
    book = opened(policy)
    sheet = book["用例"]
    at = columns(sheet)
    lists = {each.name: [code.value for code in each.codes] for each in policy.code_lists}
    assert choices(book, offer(sheet, at["涉及主体"])) == list(policy.subjects)
    asked = [each for each in policy.fields if each.source is not Source.DERIVED]
    for field in asked:
        column = next(number for name, number in at.items() if name.split("（")[0] == field.name)
        validation = offer(sheet, column)
        assert offer(sheet, column, MOST_CASES + 1) is validation, "down to the last row"
        wanted = offered(field, lists)
        assert (choices(book, validation) if validation.formula1 else []) == wanted, field.name
        strict = bool(wanted) and not isinstance(field.type, MultiChoiceType)
        assert bool(validation.showErrorMessage) is strict, "several codes in a cell are no fault"
        assert validation.prompt
        assert validation.showInputMessage
        assert offer(sheet, column, 1).formula1 is None, "a heading offers nothing"


def offered(field: Field, lists: dict[str, list[str]]) -> list[str]:
    match field.type:
        case YesNoType():
            return ["是", "否"]
        case ChoiceType(code_list=name) | MultiChoiceType(code_list=name):
            return lists[name]
        case _:
            return []


def test_a_click_says_the_unit_and_the_headings_stay_in_view(wuxi: Understanding) -> None:
    assert wuxi.policy is not None
    book = opened(wuxi.policy)
    sheet = book["用例"]
    at = columns(sheet)
    assert "万元" in offer(sheet, at["实缴资金（万元）"]).prompt
    assert "空着不等于“否”" in offer(sheet, at["链主型企业"]).prompt
    assert sheet.freeze_panes == "C2"
    guide = {row[0]: row for row in book["填写说明"].iter_rows(values_only=True)}
    assert set(guide) == {"列", *at}
    assert "数字，单位是万元" in guide["实缴资金（万元）"][3]
    assert "已落地" in guide["项目阶段"][3]


def test_what_a_workbook_says_becomes_no_formula_and_no_overlong_message() -> None:
    understanding = read(sheets())
    policy = understanding.policy
    assert policy is not None
    fields = tuple(
        replace(each, note=FORMULA * 20, group=FORMULA) if each.name == "行业" else each
        for each in policy.fields
    )
    case = replace(understanding.golden_cases[0].case, facts={}, date=date(2024, 1, 1))
    book = opened(replace(policy, fields=fields), case)
    for sheet in book.worksheets:
        assert [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
        for each in sheet.data_validations.dataValidation:
            assert len(each.prompt.encode("utf-16-le")) // 2 <= 255
            assert len(each.promptTitle.encode("utf-16-le")) // 2 <= 32
