"""One mistake, one finding: what only follows from it is held back."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from authoring.render_findings import render_findings
from authoring.spelling import nearest_number
from authoring.understand import read_book
from engine.findings import Finding, Severity
from tests.books import Content, Rows
from tests.policy_books import ROOT
from tests.sample_book import edited, read, sheets

Found = list[tuple[str, str]]


def told(book: Mapping[str, Rows]) -> Found:
    """Code and place of what is found."""
    return [(each.code, str(each.at or "—")) for each in findings_of(book)]


def findings_of(book: Mapping[str, Rows]) -> list[Finding]:
    """What is said of a book, but for what the checks of its tables say of a sound one (T…)."""
    return [each for each in read(book).findings if not each.code.startswith("T")]


def without(*names: str) -> dict[str, list[list[Content]]]:
    """The sample book without some sheets."""
    return {name: rows for name, rows in sheets().items() if name not in names}


@pytest.mark.parametrize("name", ["政策", "条款", "指标", "代码表", "同类组"])
def test_a_missing_sheet_is_all_there_is_to_say(name: str) -> None:
    understanding = read(without(name))
    assert [(each.code, each.params["sheet"]) for each in understanding.findings] == [
        ("W294", name)
    ]
    assert understanding.policy is None


def test_a_sheet_that_nothing_needs_may_be_missing() -> None:
    assert told(without("业务约束", "用例", "评选")) == []


def test_what_needs_the_missing_sheet_is_named() -> None:
    [finding] = read(without("同类组")).findings
    assert [str(each) for each in finding.related] == ["措施!J4", "措施!J5"]
    assert "另见：措施!J4、措施!J5" in render_findings([finding])


@pytest.mark.parametrize("name", ["政策", "条款", "指标", "代码表", "同类组"])
@pytest.mark.parametrize("other", ["副本", "{}2", "新{}"])
def test_a_sheet_under_another_name_is_known_by_its_columns(name: str, other: str) -> None:
    book = sheets()
    renamed = other.format(name)
    book[renamed] = book.pop(name)
    [finding] = read(book).findings
    assert (finding.code, str(finding.at)) == ("W296", f"{renamed}!A1")
    assert finding.did_you_mean == (name,)
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize("name", ["业务约束", "用例", "评选"])
def test_where_nothing_else_is_lost_it_is_a_warning(name: str) -> None:
    book = sheets()
    book["副本"] = book.pop(name)
    understanding = read(book)
    assert [(each.code, each.severity) for each in findings_of(book)] == [
        ("W296", Severity.WARNING)
    ]
    assert understanding.policy is not None


def test_a_copy_beside_the_sheet_itself_is_no_mistake() -> None:
    book = sheets()
    book["旧的"] = book["用例"]
    [finding] = read(book).findings
    assert (finding.code, finding.severity) == ("W293", Severity.ADVICE)
    assert finding.did_you_mean == ()


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        # a field that cannot be read
        ({"指标!B2": "钱"}, [("W235", "指标!B2")]),
        ({"指标!B2": None}, [("W234", "指标!B2")]),
        ({"指标!C2": "人"}, [("W270", "指标!C2")]),
        ({"指标!C2": None}, [("W285", "指标!C2")]),
        ({"指标!D4": "行业表"}, [("W278", "指标!D4")]),
        ({"指标!F7": "自动"}, [("W235", "指标!F7")]),
        ({"指标!A2": "=1"}, [("W220", "指标!A2")]),
        # a field of the wrong type or unit: its uses are not what is wrong
        ({"指标!B2": "文本", "指标!C2": None}, [("W272", "指标!G2"), ("W272", "指标!H2")]),
        (
            {"指标!C2": "美元", "指标!H2": None, "指标!I2": None}
            | {"用例!E2": "1亿元", "用例!E3": "5000万元"},
            [("W282", "指标!A2")],
        ),
        # a column of 指标 or 代码表
        ({"指标!B1": "种类"}, [("W230", "指标!B1")]),
        ({"指标!A1": "名字"}, [("W230", "指标!A1")]),
        ({"代码表!B1": "数值"}, [("W230", "代码表!B1")]),
        ({"代码表!A1": "哪一类"}, [("W230", "代码表!A1")]),
        ({"条款!A1": "第几条"}, [("W230", "条款!A1")]),
        ({"政策!B1": "写什么"}, [("W230", "政策!B1")]),
        ({"政策!A5": "开始施行的日期"}, [("W240", "政策!A5")]),
        ({"政策!B5": "=1"}, [("W220", "政策!B5")]),
        ({"同类组!A1": "小组名称"}, [("W230", "同类组!A1")]),
        # code lists
        ({f"代码表!A{row}": "行业类" for row in (4, 5, 8)}, [("W278", "指标!D4")]),
        ({"代码表!A2": "主体类", "代码表!A3": "主体类"}, [("W281", "代码表!A1")]),
        ({"代码表!B4": None}, [("W234", "代码表!B4")]),
        ({"代码表!B2": None}, [("W234", "代码表!B2")]),
        ({"代码表!B4": "#N/A"}, [("W222", "代码表!B4")]),
        # a provision
        ({"条款!E2": "可算"}, [("W235", "条款!E2")]),
        ({"条款!A2": None}, [("W234", "条款!A2")]),
        # groups
        ({"同类组!A2": "落户奖"}, [("W360", "措施!J4"), ("W360", "措施!J5")]),
        ({"同类组!B2": "取高"}, [("W235", "同类组!B2")]),
        # measures and tables
        ({"措施!D4": None}, [("W332", "措施!D4")]),
        ({"措施!D3": "支持编码"}, [("W317", "措施!D3")]),
        ({"措施!G4": "钱"}, [("W235", "措施!G4")]),
        ({"措施!F1": "给钱"}, [("W235", "措施!F1")]),
        ({"措施!A1": None}, [("W292", "措施!A1")]),
        ({"措施!B1": None}, [("W302", "措施!A1")]),
        ({"推导!A1": None}, [("W292", "推导!A1")]),
        ({"推导!D3": "重大的项目"}, [("W313", "推导!D3")]),
        ({"推导!F1": "推到"}, [("W235", "推导!F1")]),
        ({"推导!D2": "结果"}, [("W309", "推导!D2")]),
    ],
    ids=str,
)
def test_one_mistake_is_one_finding(edits: dict[str, Content], expected: Found) -> None:
    assert told(edited(edits)) == expected


@pytest.mark.parametrize(
    ("edits", "also"),
    [
        ({"指标!B2": "钱"}, {"措施!H5": "很多"}),
        ({"指标!B2": "钱"}, {"用例!F2": "三个亿"}),
        ({"条款!E2": "可算"}, {"措施!L5": "九"}),
        ({"代码表!A2": "主体类", "代码表!A3": "主体类"}, {"推导!B4": "≥一万"}),
        ({"措施!G4": "钱"}, {"推导!C4": "农业"}),
    ],
    ids=str,
)
def test_what_is_certain_on_its_own_is_said_as_well(
    edits: dict[str, Content], also: dict[str, Content]
) -> None:
    alone = told(edited(edits))
    [place] = also
    assert place not in dict(map(reversed, alone))
    assert place in {at for _, at in told(edited(edits | also))}


# --- a deleted or renamed thing is told where it is used, without a misleading guess --------------


def test_a_deleted_measure_is_not_taken_for_another() -> None:
    book = sheets()
    del book["措施"][4]
    book["同类组"][1][4] = "M1"
    [finding] = findings_of(book)
    assert (finding.code, str(finding.at)) == ("K420", "用例!L1")
    assert finding.did_you_mean == ()


@pytest.mark.parametrize(
    ("number", "candidates", "expected"),
    [
        ("M6-3", ["M16-3", "M7-3", "M6-5"], ()),
        ("M6.3", ["M16-3", "M6-3"], ("M6-3",)),
        ("六", ["十六", "七"], ()),
        ("第六条", ["十六", "六"], ("六",)),
        ("6", ["十六", "六"], ("六",)),
        ("二十一", ["二", "21"], ("21",)),
        ("落地", ["落地奖励", "1"], ("落地奖励",)),
    ],
)
def test_numbers_are_not_guessed_by_their_looks(
    number: str, candidates: list[str], expected: tuple[str, ...]
) -> None:
    assert nearest_number(number, candidates) == expected


# --- the reference policy, spoilt as drafters spoil it --------------------------------------------


def remove(name: str) -> Callable[[Workbook], None]:
    """Delete a sheet."""
    return lambda book: book.remove(book[name])


def rename(name: str, other: str) -> Callable[[Workbook], None]:
    """Rename a sheet."""
    return lambda book: setattr(book[name], "title", other)


def write(cell: str, content: Content) -> Callable[[Workbook], None]:
    """Overwrite a cell."""
    sheet, _, address = cell.partition("!")
    return lambda book: book[sheet].__setitem__(address, content)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (remove("代码表"), [("W294", "—")]),
        (remove("指标"), [("W294", "—")]),
        (remove("条款"), [("W294", "—")]),
        (remove("评选"), [("W294", "—")]),
        (rename("指标", "指标一览"), [("W296", "指标一览!A1")]),
        (rename("评选", "评选活动"), [("W296", "评选活动!A1")]),
        (write("指标!B34", "钱"), [("W235", "指标!B34")]),
        (write("指标!C34", "美元"), [("W282", "指标!A34")]),
        (write("事实推导!A1", None), [("W292", "事实推导!A1")]),
        (write("同类组!A2", "落户奖"), [("W360", "招引模式!J20")]),
    ],
)
def test_the_reference_policy(spoil: Callable[[Workbook], None], expected: Found) -> None:
    book = openpyxl.load_workbook(ROOT / "policies/wuxi-2023/policy.xlsx")
    spoil(book)
    content = io.BytesIO()
    book.save(content)
    findings = read_book(content.getvalue()).findings
    said = [each for each in findings if not each.code.startswith("T")]
    first = {each.code: str(each.at or "—") for each in reversed(said)}
    assert list(first.items()) == expected
