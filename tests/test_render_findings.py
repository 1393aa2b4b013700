"""Findings as a terminal shows them."""

from __future__ import annotations

import json

import pytest

from authoring.render_findings import (
    clip,
    display_width,
    finding_json,
    render_finding,
    render_findings,
)
from authoring.workbook import Sheet, read_sheets
from engine.cells import CellRef, Place
from engine.findings import Finding, Severity
from tests.books import make_book

ROWS = [["编号", "条件", "金额"], ["外-1", "超过500", "最高50万元"]]


@pytest.fixture(scope="module")
def sheets() -> dict[str, Sheet]:
    return {sheet.name: sheet for sheet in read_sheets(make_book({"外资": ROWS}))[0]}


def test_a_finding_at_a_cell(sheets: dict[str, Sheet]) -> None:
    finding = Finding(
        "W235",
        Place(CellRef("外资", 2, 2), 2, 5),
        {"heading": "条件", "text": "500", "allowed": ("甲", "乙")},
        did_you_mean=("甲",),
    )
    assert render_finding(finding, sheets).splitlines() == [
        "错误[W235] 「条件」不能填「500」",
        "  --> 外资!B2",
        "   |",
        " 2 | 外-1 | 超过500 | 最高50万元",
        "   |            ^^^",
        "   = 怎么改：可以填：甲、乙。",
        "   = 是否想写：「甲」",
    ]


def test_the_caret_stands_under_the_cell(sheets: dict[str, Sheet]) -> None:
    for column, text in enumerate(ROWS[1], start=1):
        finding = Finding("W234", Place(CellRef("外资", 2, column)), {"heading": "条件"})
        _, _, _, row, carets, _ = render_finding(finding, sheets).splitlines()
        start = carets.index("^")
        width = carets.count("^")
        assert width == display_width(text)
        before = row[: row.index(text)]
        assert display_width(before) == start


def test_a_blank_cell_is_pointed_at(sheets: dict[str, Sheet]) -> None:
    finding = Finding("W234", Place(CellRef("外资", 2, 5)), {"heading": "原文"})
    lines = render_finding(finding, sheets).splitlines()
    assert lines[4].count("^") == 1


def test_a_span_outside_its_cell_does_not_matter(sheets: dict[str, Sheet]) -> None:
    finding = Finding("W234", Place(CellRef("外资", 2, 1), 90, 99), {"heading": "编号"})
    assert "^" in render_finding(finding, sheets)


def test_a_finding_of_a_file_and_of_a_field() -> None:
    assert render_finding(Finding("W204")).splitlines()[0] == "错误[W204] 文件是空的"
    told = render_finding(Finding("K409", None, {"field": "重大项目"}))
    assert "  --> 重大项目" in told.splitlines()


def test_long_rows_are_cut_around_the_cell() -> None:
    row = [f"很长很长很长很长的内容{number}" * 9 for number in range(30)]
    sheet = read_sheets(make_book({"长": [row]}))[0][0]
    for column in (1, 15, 30):
        finding = Finding("W234", Place(CellRef("长", 1, column), 40, 44), {"heading": "甲"})
        lines = render_finding(finding, {"长": sheet}).splitlines()
        assert max(map(display_width, lines)) <= 120
        marked = lines[4].index("^")
        assert lines[4].count("^") == display_width(row[column - 1][40:44])
        shown = lines[3]
        assert any(
            display_width(shown[:at]) == marked and shown[at:].startswith(row[column - 1][40:44])
            for at in range(len(shown))
        )


def test_nothing_breaks_the_lines() -> None:
    sheet = read_sheets(make_book({"坏": [["一\n二\u202e三", "四"]]}))[0][0]
    finding = Finding(
        "W235",
        Place(CellRef("坏", 1, 1)),
        {"heading": "甲", "text": "一\n\x1b[31m二", "allowed": ()},
    )
    told = render_finding(finding, {"坏": sheet})
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert len(told.splitlines()) == 6


def test_the_gravest_come_first() -> None:
    advice = Finding("W293", None, {"sheet": "草稿"}, Severity.ADVICE)
    told = render_findings([advice, Finding("W204")])
    assert told.index("W204") < told.index("W293")
    assert told.endswith("错误 1 处，警告 0 处，提示 1 处")


def test_what_is_the_same_in_many_cells_is_said_once(sheets: dict[str, Sheet]) -> None:
    def blank(row: int, column: int, heading: str = "条件") -> Finding:
        return Finding("W234", Place(CellRef("外资", row, column)), {"heading": heading})

    told = render_findings(
        [blank(2, 2), blank(3, 2), blank(2, 3, "金额"), blank(4, 2)], sheets.values()
    )
    assert told.count("W234") == 2
    assert "   = 同样的还有 2 处：外资!B3、外资!B4" in told.splitlines()
    assert told.endswith("错误 4 处，警告 0 处，提示 0 处")
    many = render_findings([blank(row, 2) for row in range(2, 40)])
    assert "同样的还有 37 处：外资!B3、" in many
    assert "外资!B14 等" in many
    assert "外资!B15" not in many


def test_places_that_belong_to_a_finding_are_named(sheets: dict[str, Sheet]) -> None:
    related = (Place(CellRef("外资", 1, 3)), Place(CellRef("指标", 4, 1)))
    finding = Finding(
        "W231",
        Place(CellRef("外资", 2, 2)),
        {"heading": "金额", "first": "外资!C1"},
        related=related,
    )
    assert "   = 另见：指标!A4" in render_finding(finding, sheets).splitlines()


def test_json_holds_the_place_and_the_words(sheets: dict[str, Sheet]) -> None:
    finding = Finding(
        "W231",
        Place(CellRef("外资", 2, 28), 1, 3),
        {"heading": "金额", "first": "外资!C1"},
        related=(Place(CellRef("外资", 1, 3)),),
    )
    told = json.loads(json.dumps(finding_json(finding), ensure_ascii=False))
    assert told["at"]["cell"] == "外资!AB2"
    assert (told["at"]["start"], told["at"]["end"]) == (1, 3)
    assert told["message"] == "「金额」这一列出现了两次，另一处在 外资!C1"
    assert told["related"][0]["cell"] == "外资!C1"
    assert told["severity"] == "error"


def test_widths() -> None:
    assert display_width("5000万元（含）") == 14
    assert clip("重大产业项目", 7) == "重大产…"
    assert clip("重大", 4) == "重大"
