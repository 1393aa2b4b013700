"""Small faults mended in a copy; ``tests/spec/mends.md`` is run here, row by row."""

from __future__ import annotations

import io
import re
import unicodedata
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.mend import Mend, mend
from authoring.readings import readings_of
from authoring.respelling import respell
from authoring.slips import is_slip, sounds_alike
from authoring.understand import Understanding, understand
from authoring.workbook import read_sheets
from engine.findings import Severity
from tests import sample_book
from tests.books import make_book, markdown_rows
from tests.rich_book import parts_of, rich_book

pytestmark = pytest.mark.filterwarnings("ignore:Data Validation extension")

SPEC = (Path(__file__).parent / "spec" / "mends.md").read_text(encoding="utf-8")
MENDED, LEFT = re.split(r"^## .*\n", SPEC, flags=re.M)[1:]
SHOWN = str.maketrans({"␣": " ", "▯": "\u3000", "¤": "\u200b"})
WHY = {"符号": "spelling", "空格": "blanks", "单位": "unit", "名称": "name"}


def rows(table: str) -> list[tuple[str, ...]]:
    """The rows of a table of the specification."""
    return [tuple(map(str, row)) for row in markdown_rows(table)[1:]]


def run(content: bytes) -> tuple[bytes, tuple[Mend, ...], Understanding, Understanding]:
    """A workbook mended, the mends, and what is understood before and after."""
    sheets, findings = read_sheets(content)
    before = understand(sheets, findings)
    mended, mends = mend(content, sheets, before)
    return mended, mends, before, understand(*read_sheets(mended))


def errors(understanding: Understanding) -> int:
    return sum(each.severity is Severity.ERROR for each in understanding.findings)


@pytest.mark.parametrize(("cell", "written", "after", "why"), rows(MENDED))
def test_mended(cell: str, written: str, after: str, why: str) -> None:
    _, mends, before, now = run(make_book(sample_book.edited({cell: written.translate(SHOWN)})))
    (only,) = mends
    assert (str(only.at), only.before, only.after) == (
        cell,
        written.translate(SHOWN),
        after.translate(SHOWN),
    )
    assert [str(each) for each in only.why] == [WHY[each] for each in why.split("、")]
    assert errors(now) == 0
    if errors(before) == 0:
        assert before.draft is not None
        assert now.draft is not None
        assert readings_of(now.draft) == readings_of(before.draft)


@pytest.mark.parametrize(("cell", "written", "why_not"), rows(LEFT))
def test_left(cell: str, written: str, why_not: str) -> None:
    content = make_book(sample_book.edited({cell: written.translate(SHOWN)}))
    mended, mends, _, _ = run(content)
    assert mends == ()
    assert mended == content
    assert why_not


def test_everything_else_of_the_file_stays() -> None:
    content = rich_book({"推导!B4": "》=１００００", "措施!H4": "实缴资金的５‰"})
    mended, mends, _, _ = run(content)
    assert [str(each.at) for each in mends] == ["推导!B4", "措施!H4"]
    before, after = parts_of(content), parts_of(mended)
    assert {name for name in before if before[name] != after[name]} == {
        "xl/worksheets/sheet5.xml",
        "xl/worksheets/sheet6.xml",
    }
    for name in ("xl/worksheets/sheet5.xml", "xl/worksheets/sheet6.xml"):
        cell = rb'<c r="(?:B4|H4)".*?</c>'
        assert re.sub(cell, b"", after[name]) == re.sub(cell, b"", before[name])
    was, now = (
        openpyxl.load_workbook(io.BytesIO(each))["推导"]["B4"] for each in (content, mended)
    )
    assert repr((now.font, now.fill)) == repr((was.font, was.fill))
    assert now.value == ">=10000"


def test_mending_a_heading_lets_its_cells_be_mended_too() -> None:
    edits = {"推导!B3": "总投姿（万元）", "推导!B4": "≥１００００", "推导!B5": "≥50000万圆"}
    _, mends, before, now = run(make_book(sample_book.edited(edits)))
    assert [str(each.at) for each in mends] == ["推导!B3", "推导!B4", "推导!B5"]
    assert errors(before) > errors(now) == 0


def test_several_candidates_are_left_to_the_drafter() -> None:
    edits = {"代码表!B8": "制造页", "推导!C4": "制造叶"}
    book = sample_book.edited(edits)
    book["代码表"][7] = ["行业", "制造页"]
    _, mends, _, _ = run(make_book(book))
    assert mends == ()


def test_a_mend_that_does_not_make_the_cell_readable_is_not_made() -> None:
    _, mends, _, _ = run(make_book(sample_book.edited({"推导!C4": "制造叶、天知道"})))
    assert mends == ()


def test_a_mend_that_makes_a_heading_stand_twice_is_not_made() -> None:
    _, mends, _, _ = run(make_book(sample_book.edited({"推导!C3": "总投姿"})))
    assert mends == ()


def test_cells_with_formats_inside_their_text_are_left() -> None:
    content = rich_book({"推导!C4": "制造叶"})
    book = openpyxl.load_workbook(io.BytesIO(content), rich_text=True)
    bold = openpyxl.cell.text.InlineFont(b=True)
    block = openpyxl.cell.rich_text.TextBlock(bold, "制造")
    book["推导"]["C4"].value = openpyxl.cell.rich_text.CellRichText(block, "叶")
    target = io.BytesIO()
    book.save(target)
    assert run(target.getvalue())[1] == ()


def test_the_same_as_above_is_mended_where_it_is_written() -> None:
    edits = {"推导!C4": "制造叶", "推导!C5": "同上"}
    _, mends, _, now = run(make_book(sample_book.edited(edits)))
    assert [str(each.at) for each in mends] == ["推导!C4"]
    assert errors(now) == 0


@given(st.text("０１5９，,．.＞＜＝><=《》≥ 　\u200b万萬亿元圆￥“”‰％—－、以上", max_size=20))
def test_respelling_keeps_every_digit_and_settles_at_once(text: str) -> None:
    spelled, why = respell(text)
    digits = [each for each in unicodedata.normalize("NFKC", text) if each.isdigit()]
    assert [each for each in unicodedata.normalize("NFKC", spelled) if each.isdigit()] == digits
    assert bool(why) == (spelled != text)
    assert respell(spelled)[0] == spelled


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("集成电炉", "集成电路"), ("集成电路业", "集成电路"), ("成集电路", "集成电路")),
        *(("中介引荐项日", "中介引荐项目"), ("入才公寓", "人才公寓")),
        *(("生物医", "生物医药"), ("重大大项目", "重大项目"), ("制制造业", "制造业")),
    ],
)
def test_slips(written: str, meant: str) -> None:
    assert is_slip(written, meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("外资企业", "内资企业"), ("合资企业", "独资企业"), ("市级平台", "省级平台")),
        *(("公有制企业", "非公有制企业"), ("大型企业", "特大型企业"), ("上年营收", "本年营收")),
        *(("世界50强", "世界500强"), ("一产", "二产"), ("M1", "M2"), ("集成电路", "集成电路")),
        *(
            ("生物农药", "生物医药"),
            ("软件", "软件企业"),
            ("甲类", "乙类"),
            ("", "甲"),
            ("每日", "每年"),
        ),
    ],
)
def test_no_slips(written: str, meant: str) -> None:
    assert not is_slip(written, meant)
    assert not is_slip(meant, written)


def test_characters_that_sound_alike() -> None:
    assert all(sounds_alike(*pair) for pair in ("资姿", "业叶", "路炉", "导倒"))
    assert not any(sounds_alike(*pair) for pair in ("合独", "医农", "本金", "業业", "a资"))
