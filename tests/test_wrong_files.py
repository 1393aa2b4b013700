"""A file that is no good, wherever one may be given: each page says what is wrong and what to do.

Beside 编辑与校验, of which `test_check_page` tells.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from streamlit.testing.v1 import AppTest

from authoring.cases.sheet import MOST_CASES
from authoring.messages import text
from tests.books import make_book
from tests.pages import button, finish, open_at, shown, upload
from tests.sample_book import edited, sheets

POLICY = text("page-choice.upload_label")
LIST = text("page-portfolio.upload", limit=MOST_CASES)
VERSION, CASES = text("page-compare.upload"), text("page-compare.cases")


def document() -> bytes:
    stream = io.BytesIO()
    docx.Document().save(stream)
    return stream.getvalue()


FAULTY = make_book(edited({"指标!B2": "金颔"}))
NO_WORKBOOKS = {
    "a Word document": (document(), "可能是 Word"),
    "nothing": (b"", "文件是空的"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(2000), "这不是 .xlsx 工作簿"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "旧版 Excel 文件"),
    "a workbook cut off": (make_book(sheets())[:-500], "文件已损坏"),
}
no_workbook = pytest.mark.parametrize(
    ("content", "told"), NO_WORKBOOKS.values(), ids=NO_WORKBOOKS.keys()
)
Open = Callable[[str], AppTest]


@pytest.fixture
def open_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a page on the sample, of which a draft is there too."""
    book, draft = tmp_path / "policy.xlsx", tmp_path / "drafts" / "draft.xlsx"
    draft.parent.mkdir()
    book.write_bytes(make_book(sheets()))
    draft.write_bytes(make_book(edited({"措施!H4": "实缴资金的6‰"})))
    return lambda name: open_at(name, book, monkeypatch)


def is_calm(page: AppTest) -> bool:
    """Whether nothing crashed, caught or not."""
    crash = text("page-crash.message", number="").partition("编号")[0]
    return not page.exception and not any(crash in each.value for each in page.error)


# --- as the policy in use -------------------------------------------------------------------------


@no_workbook
@pytest.mark.parametrize("name", ["simulate", "portfolio"])
def test_no_workbook_as_the_policy(open_page: Open, name: str, content: bytes, told: str) -> None:
    page = upload(open_page(name), POLICY, "通知.xlsx", content)
    assert is_calm(page)
    assert "通知.xlsx 不能作为政策工作簿打开" in page.warning[0].value
    assert "换回别的政策" in page.warning[0].value
    assert told in shown(page)
    assert text("page-check.whole_book") in shown(page)
    assert "有错误，不能测算" in "".join(each.value for each in page.sidebar.html)
    back = finish(page.selectbox(key="book").select_index(0).run())
    assert not back.warning
    assert "可以测算" in "".join(each.value for each in back.sidebar.html)


def test_a_faulty_workbook_as_the_policy_of_a_list(open_page: Open) -> None:
    page = upload(open_page("portfolio"), POLICY, "改坏.xlsx", FAULTY)
    assert is_calm(page)
    assert "改坏.xlsx 里有 1 处错误" in page.warning[0].value
    assert "指标!B2" in shown(page)
    assert "“金额”" in shown(page), "what was probably meant"
    assert LIST not in [each.label for each in page.file_uploader], "nothing to compute with"


def test_a_faulty_workbook_in_use_keeps_no_other_versions_from_being_compared(
    open_page: Open,
) -> None:
    page = upload(open_page("compare"), POLICY, "改坏.xlsx", FAULTY)
    assert is_calm(page)
    assert not page.error, "two sound versions are chosen"
    assert page.info


# --- as a version ---------------------------------------------------------------------------------


@no_workbook
@pytest.mark.parametrize("side", ["compare-old", "compare-new"])
def test_no_workbook_as_a_version(open_page: Open, side: str, content: bytes, told: str) -> None:
    page = upload(open_page("compare"), VERSION, "通知.xlsx", content)
    if side == "compare-old":
        page.selectbox(key="compare-new").select_index(1)
        page = finish(page.selectbox(key=side).select_index(2).run())
    assert is_calm(page)
    assert "通知.xlsx 不能作为政策工作簿打开" in "".join(each.value for each in page.error)
    assert len(page.error) == 1, "the other one is sound"
    assert told in shown(page)
    page = finish(page.selectbox(key=side).select_index(0 if side == "compare-old" else 1).run())
    assert not page.error


def test_a_faulty_workbook_as_a_version(open_page: Open) -> None:
    page = upload(open_page("compare"), VERSION, "改坏.xlsx", FAULTY)
    assert is_calm(page)
    assert "有 1 处错误，改正之前不能比较" in page.error[0].value
    assert "指标!B2" in shown(page)
    assert "「金额」" in shown(page), "what was probably meant"
    assert "tl-marked" in shown(page), "the cell is shown"


def test_a_faulty_version_is_handed_over_to_be_checked(tmp_path: Path) -> None:
    """The other page would else check the workbook that is in use."""
    book = tmp_path / "policy.xlsx"
    book.write_bytes(make_book(sheets()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIAOLI_POLICY", str(book))
        patch.setenv("TIAOLI_LIBRARY", str(tmp_path))
        page = finish(AppTest.from_string(TWO_PAGES, default_timeout=60).run())
        page = upload(page, VERSION, "改坏.xlsx", FAULTY)
        page = finish(button(page, text("page-compare.to_check")).click().run())
    assert is_calm(page)
    assert [each.value for each in page.title] == [text("page-check.title")]
    assert any("正在检查：**改坏.xlsx**" in each.value for each in page.markdown)
    assert "有 1 处错误" in page.error[0].value
    assert "指标!B2" in shown(page)


TWO_PAGES = """
import streamlit
from authoring.pages import check, compare
first = streamlit.Page(compare.show, url_path="compare", default=True)
streamlit.navigation([first, check.page()]).run()
"""


def test_two_faulty_versions_are_told_apart(open_page: Open) -> None:
    page = upload(open_page("compare"), VERSION, "改坏.xlsx", FAULTY)
    page = finish(page.selectbox(key="compare-old").select_index(2).run())
    page = upload(page, VERSION, "通知.xlsx", document())
    assert is_calm(page)
    old, new = (each.value for each in page.error)
    assert "改坏.xlsx" in old
    assert "通知.xlsx" in new


def test_of_many_errors_the_first_are_told(open_page: Open) -> None:
    content = make_book(edited({f"指标!B{row}": f"类型{row}" for row in range(2, 9)}))
    page = upload(open_page("compare"), VERSION, "改坏.xlsx", content)
    assert is_calm(page)
    assert shown(page).count("tl-remark-card") == 5
    assert "另有 2 种错误没有列出" in page.caption[-1].value


# --- as a list of projects ------------------------------------------------------------------------


@no_workbook
def test_no_workbook_as_a_list(open_page: Open, content: bytes, told: str) -> None:
    page = upload(open_page("portfolio"), LIST, "清单.xlsx", content)
    assert is_calm(page)
    assert "这个文件不能使用" in page.error[0].value
    assert told in shown(page)


@no_workbook
def test_no_workbook_as_the_projects_of_a_comparison(
    open_page: Open, content: bytes, told: str
) -> None:
    page = open_page("compare")
    page = finish(page.button_group(key="compare-source").set_value("uploaded").run())
    page = upload(page, CASES, "清单.xlsx", content)
    assert is_calm(page)
    assert "不能使用，请按下面的说明修改后重新上传" in page.error[0].value
    assert told in shown(page)


@pytest.mark.parametrize("where", ["portfolio", "compare"])
def test_the_workbook_of_a_policy_as_a_list(open_page: Open, where: str) -> None:
    page = open_page(where)
    if where == "compare":
        page = finish(page.button_group(key="compare-source").set_value("uploaded").run())
    label = LIST if where == "portfolio" else CASES
    page = upload(page, label, "政策.xlsx", make_book(sheets()))
    assert is_calm(page)
    assert "不能使用" in page.error[0].value
    assert "这是一份政策工作簿" in shown(page)
    assert "使用自己的工作簿" in shown(page)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("清单.csv", document(), "可能是 Word"),
        ("清单.csv", b"", "文件是空的"),
        ("清单.csv", b"\n\n", "文件是空的"),
        ("清单.xlsx", make_book({"Sheet1": []}), "文件里找不到项目清单"),
        ("清单.xlsx", make_book({"用例": [["编号", "名称", "基准日期"]]}), "清单里没有项目"),
        (
            "清单.xlsx",
            make_book({"用例": [["编号", "名称", "基准日期", "<img src=x>"]]}),
            "&lt;img src=x&gt;",
        ),
    ],
    ids=["a document as csv", "an empty csv", "blank lines", "no content", "no rows", "a script"],
)
@pytest.mark.parametrize("where", ["portfolio", "compare"])
def test_a_list_of_nothing(
    open_page: Open, where: str, name: str, content: bytes, told: str
) -> None:
    page = open_page(where)
    if where == "compare":
        page = finish(page.button_group(key="compare-source").set_value("uploaded").run())
    page = upload(page, LIST if where == "portfolio" else CASES, name, content)
    assert is_calm(page)
    assert "不能使用" in page.error[0].value
    assert told in shown(page)
    assert "<img" not in shown(page)
