"""How cells were understood: one text for each cell that says something, errors or not."""

from __future__ import annotations

from authoring.readings import readings_of
from authoring.understand import read_book
from authoring.workbook import read_sheets
from tests import sample_book
from tests.books import Content, make_book
from tests.policy_books import BOOKS


def spelled(edits: dict[str, Content]) -> dict[str, str]:
    draft = sample_book.read(sample_book.edited(edits)).draft
    assert draft is not None
    return {str(each.at): f"{each.rule} {each.subject}：{each.text}" for each in readings_of(draft)}


def test_every_kind_of_cell() -> None:
    edits: dict[str, Content] = {
        "措施!I4": "200万元；实缴资金的6‰",
        "同类组!B2": "合计封顶",
        "同类组!H2": "3百万元",
    }
    found = spelled(edits | {"同类组!F2": None, "同类组!G2": None})
    assert found == {
        "推导!H1": "重大项目识别 默认·重大项目：否",
        "推导!B4": "重-1 总投资：≥ 100,000,000 元（含）",
        "推导!C4": "重-1 行业：制造业",
        "推导!D4": "重-1 重大项目：是",
        "推导!B5": "重-2 总投资：≥ 500,000,000 元（含）",
        "推导!C5": "重-2 行业：服务业",
        "推导!D5": "重-2 重大项目：是",
        "措施!B4": "措-1 重大项目：是",
        "措施!H4": "措-1 金额：实缴资金的5‰，最高200万元，最高实缴资金的6‰",
        "措施!I4": "措-1 最高限额：200万元；实缴资金的6‰",
        "措施!C5": "措-2 条件式：表现突出 或 称号 属于 世界500强、专精特新",
        "措施!H5": "措-2 金额：最高50万元",
        "同类组!H2": "落户 封顶：300万元",
        "评选!C2": "先进集体 先进 候选条件：重大项目",
        "评选!D2": "先进集体 先进 排序指标：总投资",
        "评选!K2": "先进集体 先进 奖励上限：20万元",
        "业务约束!B2": "1 条件式：实缴资金 ≤ 总投资",
        "业务约束!B3": "2 条件式：职工人数 ≥ 1人",
    }


def test_the_terms_of_a_grant() -> None:
    for heading, typed, read in (
        ("上浮", "再增加10%（封顶前）", "措-1 上浮：10%（封顶前）"),
        ("累计上限", "累计不超过3百万元（实缴资金）", "措-1 累计上限：300万元（已享受 实缴资金）"),
        ("兑付方式", "分两年按40%、60%发放", "M1 分期：分2年 40%、60%"),
    ):
        found = spelled({"措施!K3": heading, "措施!K4": typed, "措施!K5": None})
        assert found["措施!K4"] == read


def test_a_slip_of_the_unit_shows() -> None:
    assert spelled({"推导!B4": "超过1万元"})["推导!B4"] == "重-1 总投资：> 10,000 元（不含）"


def test_a_merged_cell_and_the_same_as_above_are_read_where_they_stand() -> None:
    merged = spelled({"推导!C5": "^"})
    assert merged["推导!C4"] == "重-1、重-2 行业：制造业"
    assert "推导!C5" not in merged
    assert spelled({"推导!C5": "同上"})["推导!C5"] == "重-2 行业：制造业"


def test_a_book_with_errors_gives_what_could_be_understood() -> None:
    found = spelled({"推导!C4": "制造叶", "措施!B4": None})
    assert "推导!C4" not in found
    assert found["推导!B5"] == "重-2 总投资：≥ 500,000,000 元（含）"


def test_every_reading_of_a_real_policy_belongs_to_a_filled_cell() -> None:
    for path in BOOKS:
        sheets = {sheet.name: sheet for sheet in read_sheets(path)[0]}
        draft = read_book(path).draft
        assert draft is not None
        readings = readings_of(draft)
        assert len(readings) > 100
        assert len({each.at for each in readings}) == len(readings)
        for each in readings:
            assert sheets[each.at.sheet].cells[each.at.row, each.at.column].text
            assert each.text


def test_a_sound_book_and_a_broken_one_both_have_a_draft() -> None:
    sound = read_book(make_book(sample_book.sheets()))
    assert sound.draft is sound.policy is not None
    broken = read_book(make_book(sample_book.edited({"推导!C4": "制造叶"})))
    assert broken.policy is None
    assert broken.draft is not None
