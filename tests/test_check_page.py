"""编辑与校验 as a program: what it says of a workbook, shows of its cells, gives to download."""

from __future__ import annotations

import gc
import hashlib
import io
import logging
import re
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

import authoring.commands.golden
import authoring.pages.book
import authoring.pages.check
from authoring.examination import (
    NO_GOLDEN,
    Golden,
    annotated_copy,
    cell_readings,
    remarks_of,
    run_golden,
)
from authoring.library import Title, find_books, title_of
from authoring.messages import text
from authoring.own_sheets import FINDINGS_SHEET
from authoring.pages.book import MOST_OPEN, Book, open_book
from authoring.pages.choice import Offered, labels, version_labels
from authoring.pages.plain import plain
from authoring.pages.visit import this_visit
from authoring.pages.work import Tell
from authoring.render_check import group_remarks, render_remarks
from authoring.render_dot import rules_dot
from authoring.render_sheet import render_excerpt
from authoring.understand import Understanding, read_book
from authoring.workbook import peek, read_sheets
from engine.cases import Case
from engine.cells import CellRef, Place
from engine.outcome import Outcome
from engine.roles import table_roles
from engine.simulate import Engine, build, simulate
from tests.books import make_book
from tests.pages import BOOK, button, finish, open_at, shown, upload
from tests.sample_book import edited, sheets

UPLOAD = text("page-check.upload")
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "policies" / "one" / "policy.xlsx"
    path.parent.mkdir(parents=True)
    path.write_bytes(make_book(sheets()))
    return path


def page_of(book: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_at("check", book, monkeypatch)


def figures(page: AppTest) -> list[str]:
    return re.findall(r"<dd>(.*?)</dd>", shown(page).split("tl-even")[1])[:4]


# --- the page -------------------------------------------------------------------------------------


def test_a_sound_workbook_is_said_to_be_sound(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    understanding = read_book(sample)
    assert understanding.policy is not None
    page = page_of(sample, monkeypatch)
    cases = len(understanding.golden_cases) + len(understanding.golden_contests)
    assert figures(page)[0] == "0"
    assert figures(page)[3] == f"{cases} / {cases}"
    assert page.success or page.warning
    assert not page.error


def test_a_failing_case_is_told_at_its_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = openpyxl.load_workbook(BOOK)
    cases = book["用例"]
    column = next(cell.column for cell in cases[1] if cell.value == "期望·M6-3")
    row = next(
        number
        for number in range(2, cases.max_row + 1)
        if cases.cell(number, column).value not in (None, "不适用")
    )
    cases.cell(row, column).value = "不适用"
    path = tmp_path / "policy.xlsx"
    book.save(path)
    page = page_of(path, monkeypatch)
    assert "255 / 256" in shown(page)
    assert "有 1 个用例" in page.error[0].value
    assert f"用例!{cases.cell(row, column).column_letter}{row}" in shown(page)
    assert "期望 不适用" in shown(page)


def test_the_filter_counts_what_the_figures_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case that does not come out is no error of the book; one finding of two cells is two."""
    unmet = {"用例!K2": "不符合", "用例!L2": "不适用", "用例!M2": "60万元"}
    late = {"用例!I2": "2023-10-02", "用例!I3": "2023-10-02"}
    path = tmp_path / "policy.xlsx"
    path.write_bytes(make_book(edited({**unmet, **late, "用例!K3": None, "用例!L3": None})))
    page = page_of(path, monkeypatch)
    errors, warnings, advice, passed = figures(page)
    assert (errors, passed) == ("0", "1 / 2")
    assert warnings == "2"
    level = page.button_group(key="check-level")
    total = 1 + int(warnings) + int(advice)
    assert list(level.options)[:3] == [
        f"全部 {total}",
        "用例不符 1",
        f"警告 {warnings}",
    ]
    page = finish(level.set_value("unmet").run())
    assert shown(page).count("tl-remark-card") == 3
    assert "60万元" in shown(page)
    page = finish(page.button_group(key="check-level").set_value("warning").run())
    assert shown(page).count("tl-remark-card") == 1, "the same of two cells"
    assert "同样的还有 1 处" in shown(page)


def checked(page: AppTest) -> str:
    return next(each.value for each in page.markdown if "正在检查" in each.value)


def test_an_uploaded_workbook_is_checked_and_the_policy_stays(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(sample, monkeypatch)
    assert "one/policy.xlsx" in checked(page)
    assert "测算用的仍是" not in checked(page)
    bad = make_book(edited({"指标!B2": "金颔", "政策!B3": HOSTILE}))
    page = upload(page, UPLOAD, "mine.xlsx", bad)
    assert int(figures(page)[0]) >= 1
    assert figures(page)[3] == "有错误，未运行"
    assert "处错误" in page.error[0].value
    assert "tl-marked" in shown(page)
    assert "「金额」" in shown(page), "what was probably meant"
    assert "<img" not in shown(page)
    assert "mine.xlsx" in checked(page)
    assert "测算用的仍是：试行政策" in checked(page)
    assert "one/policy.xlsx" in "".join(each.value for each in page.sidebar.html)
    assert page.session_state["book"] == str(sample)
    assert text("page-check.use") not in [each.label for each in page.button], "it is faulty"
    page = finish(button(page, text("page-check.back")).click().run())
    assert "one/policy.xlsx" in checked(page)
    assert figures(page)[0] == "0"


def test_a_sound_upload_is_used_for_the_calculation_with_one_click(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = make_book(edited({"措施!H4": "实缴资金的6‰"}))
    page = upload(page_of(sample, monkeypatch), UPLOAD, "mine.xlsx", good)
    assert page.session_state["book"] == str(sample)
    page = finish(button(page, text("page-check.use")).click().run())
    assert str(page.session_state["book"]).startswith("uploaded-")
    assert "mine.xlsx" in checked(page)
    assert "测算用的仍是" not in checked(page)
    page = finish(page.selectbox(key="book").select(str(sample)).run())
    assert "one/policy.xlsx" in checked(page), "the policy that was chosen last"


def test_a_faulty_upload_is_told_to_be_uploaded_again(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that is drawn anew has lost what was uploaded."""
    page = open_at("simulate", sample, monkeypatch)
    label = text("page-choice.upload_label")
    page = upload(page, label, "mine.xlsx", make_book(edited({"指标!B2": "金颔"})))
    assert "改好后再上传" in page.warning[0].value
    assert "刷新" not in page.warning[0].value


@pytest.mark.parametrize("content", [b"hello", b"", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_told(
    sample: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    page = upload(page_of(sample, monkeypatch), UPLOAD, "no.xlsx", content)
    assert "不能作为政策工作簿打开" in page.error[0].value
    assert figures(page)[0] == "1"
    assert not page.get("download_button")
    assert not page.exception


def test_a_workbook_that_is_too_large_is_told(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = upload(page_of(sample, monkeypatch), UPLOAD, "big.xlsx", b"PK" * (11 << 20))
    assert "不能作为政策工作簿打开" in page.error[0].value
    assert "20 MB" in shown(page)


def test_every_cell_shows_how_it_was_read(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_of(sample, monkeypatch)
    page = page.button_group(key="check-view").set_value("readings_view").run()
    readings = cell_readings(read_sheets(sample)[0], read_book(sample))
    first = next(each for each in readings if each.at.sheet == readings[0].at.sheet)
    assert str(first.at) in shown(page)
    assert len(page.selectbox(key="check-sheet").options) == len({r.at.sheet for r in readings})


def test_two_uploads_of_one_name_and_title_are_told_apart(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(sample, monkeypatch)
    for rate in ("6‰", "7‰"):
        content = make_book(edited({"措施!H4": f"实缴资金的{rate}"}))
        page = upload(page, UPLOAD, "policy.xlsx", content)
    chooser = page.selectbox(key="book")
    assert len(set(chooser.options)) == len(chooser.options) == 3
    first, last = (each.key for each in page.session_state["uploaded"])
    assert page.session_state["check-book"] == last
    page = finish(page.selectbox(key="book").select(first).run())
    assert page.session_state["book"] == first


def test_versions_of_one_policy_are_told_apart_by_how_their_labels_begin(sample: Path) -> None:
    """A narrow box shows no more than that."""
    title = "关于加强新形势下招商引资工作的若干政策措施（2023-09-28 施行）"
    there = Offered("0", "policy.xlsx", sample)
    books = [Offered(str(n), f, None, b"", title) for n, f in enumerate(("v2.xlsx",) * 2, start=1)]
    names = version_labels({each.key: each for each in (there, *books)})
    files = [name.split(" · ")[0] for name in names.values()]
    assert files == [
        "one/policy.xlsx",
        "本次上传的 v2.xlsx，第 1 份",
        "本次上传的 v2.xlsx，第 2 份",
    ]
    assert names["0"].endswith("试行政策（2023-01-01 施行）")
    assert names["2"].endswith(plain(title))


def test_a_number_makes_no_label_that_another_has() -> None:
    twin = Offered("1", "a.xlsx", None, b"", "甲")
    third = text("page-choice.uploaded", title="甲")
    label = text("page-choice.twin", label=third, file="a.xlsx")
    books = {str(number): replace(twin, key=str(number)) for number in range(3)}
    books["3"] = replace(twin, key="3", title="乙")
    names = labels(books)
    assert len(set(names.values())) == 4
    assert plain(label) not in names.values(), "none of them is the one of that name"
    assert names["2"].endswith("第 3 份")


def test_a_policy_in_a_circle_is_said_to_be_one(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """重大项目 waits for itself: the opposite of tables that read only what is filled in."""
    circle = edited({"推导!B3": "重大项目", "推导!B4": "是", "推导!B5": "否"})
    sample.write_bytes(make_book(circle))
    page = page_of(sample, monkeypatch)
    page = page.button_group(key="check-view").set_value("rules_view").run()
    assert [each.value for each in page.info] == []
    assert "绕成了圈" in page.warning[-1].value
    assert not page.get("graphviz_chart")


def test_the_picture_of_the_rules_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_of(BOOK, monkeypatch)
    page = page.button_group(key="check-view").set_value("rules_view").run()
    (graph,) = page.get("graphviz_chart")
    assert "链主招引对象识别" in graph.proto.spec
    assert "重点产业链项目" in shown(page)


def test_a_crash_in_the_cases_shows_a_number_that_is_in_the_log(
    sample: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(authoring.pages.book, "run_golden", crash)
    with caplog.at_level(logging.ERROR, "tiaoli"):
        page = finish(page_of(sample, monkeypatch))
    number = re.search(r"[0-9A-F]{6}", page.error[0].value)
    assert number
    assert number[0] in caplog.text
    assert caplog.text.count("page crashed") == 1
    assert figures(page)[3] == "没能运行"
    assert "没有核对过" in "".join(each.value for each in page.sidebar.html)
    assert "secret detail" in caplog.text
    assert "secret detail" not in page.error[0].value
    assert not page.exception


def test_the_page_stands_while_the_cases_of_its_workbook_run(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For two sessions at once, which wait for the same run."""
    sample.write_bytes(make_book(edited({"政策!B2": "慢慢算"}), hidden=["推导"]))
    go_on, ran = threading.Event(), []

    def slow(engine: Engine, understanding: Understanding, tell: Tell) -> Golden:
        ran.append(1)
        tell(1, 2)
        assert go_on.wait(60)
        return run_golden(engine, understanding, tell)

    monkeypatch.setattr(authoring.pages.book, "run_golden", slow)
    monkeypatch.setenv("TIAOLI_POLICY", str(sample))
    monkeypatch.setenv("TIAOLI_LIBRARY", str(sample.parent))
    script = "from authoring.pages import check\ncheck.show()\n"
    pages = [AppTest.from_string(script, default_timeout=60).run() for _ in range(2)]
    try:
        for page in pages:
            assert figures(page)[3] == "正在运行"
            assert "用例：1 / 2" in page.get("progress")[0].proto.text
            assert "tl-remark-card" in shown(page), "what was found stands there at once"
            sidebar = "".join(each.value for each in page.sidebar.html)
            assert "自带的用例正在运行" in sidebar
            assert "可以测算" not in sidebar, "nobody knows that yet"
            assert not page.success
            assert not page.warning
            annotated = page.get("download_button")[0].proto
            assert annotated.disabled, "a copy would not tell of the cases"
            assert text("page-work.stop") not in [each.label for each in page.button]
    finally:
        go_on.set()
    for page in map(finish, pages):
        assert figures(page)[3] == "2 / 2"
        assert "可以测算" in "".join(each.value for each in page.sidebar.html)
        assert not page.get("download_button")[0].proto.disabled
    assert ran == [1]


def test_copies_are_of_the_content_that_was_checked(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was saved in its place meanwhile."""
    first, second = (make_book(edited({"措施!H4": f"实缴资金的{n}‰"})) for n in "５７")
    sample.write_bytes(first)
    mended: list[bytes] = []
    real_mend, real_verdict = authoring.pages.check.mend, authoring.pages.check._verdict

    def told(content: bytes, *given: Any) -> Any:
        mended.append(content)
        return real_mend(content, *given)

    def saved_meanwhile(*given: Any) -> None:
        sample.write_bytes(second)
        real_verdict(*given)

    monkeypatch.setattr(authoring.pages.check, "mend", told)
    monkeypatch.setattr(authoring.pages.check, "_verdict", saved_meanwhile)
    monkeypatch.setenv("TIAOLI_POLICY", str(sample))
    monkeypatch.setenv("TIAOLI_LIBRARY", str(sample.parent))
    script = "from authoring.pages import check\ncheck.show()\n"
    AppTest.from_string(script, default_timeout=60).run()
    assert mended == [first]


def test_cases_that_crashed_can_be_run_again(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise MemoryError

    sample.write_bytes(make_book(edited({"政策!B2": "再来一次"})))
    monkeypatch.setattr(authoring.pages.book, "run_golden", crash)
    page = page_of(sample, monkeypatch)
    assert figures(page)[3] == "没能运行"
    monkeypatch.setattr(authoring.pages.book, "run_golden", run_golden)
    page = finish(button(page, text("page-work.again")).click().run())
    assert figures(page)[3] == "2 / 2"


def test_the_cases_of_a_workbook_run_once_for_all_pages(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content of its own, so that no page before has opened it."""
    sample.write_bytes(make_book(edited({"政策!B2": "只算一次"})))
    ran: list[int] = []

    def counted(engine: Engine, case: Case) -> Outcome:
        ran.append(1)
        return simulate(engine, case)

    monkeypatch.setattr(authoring.commands.golden, "simulate", counted)
    page = page_of(sample, monkeypatch)
    opened = len(ran)
    assert opened == len(read_book(sample).golden_cases)
    page = page.button_group(key="check-view").set_value("rules_view").run()
    assert not page.exception
    assert len(ran) == opened


def test_the_library_offers_every_version(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sample.parent / "draft.xlsx").write_bytes(make_book(edited({"政策!B2": "T-2"})))
    (sample.parent / "~$draft.xlsx").write_bytes(b"")
    monkeypatch.setenv("TIAOLI_POLICY", str(sample))
    monkeypatch.setenv("TIAOLI_LIBRARY", str(tmp_path / "policies"))
    script = "from authoring.pages import check\ncheck.show()\n"
    page = finish(AppTest.from_string(script, default_timeout=60).run())
    options = page.selectbox(key="book").options
    assert len(set(options)) == 2, "two versions of one title can be told apart"
    assert any("draft.xlsx" in each for each in options)
    page = finish(page.selectbox(key="book").select_index(1).run())
    assert not page.exception


# --- the functions behind it ----------------------------------------------------------------------


def test_the_annotated_copy_lists_what_was_found() -> None:
    content = make_book(edited({"指标!B2": "金颔"}))
    read, understanding = read_sheets(content)[0], read_book(content)
    copy = annotated_copy(content, read, understanding, NO_GOLDEN)
    book = openpyxl.load_workbook(io.BytesIO(copy))
    assert FINDINGS_SHEET in book.sheetnames
    assert book["指标"]["B2"].comment is not None


def test_golden_cases_tell_how_far_they_are(sample: Path) -> None:
    understanding = read_book(sample)
    assert understanding.policy is not None
    heard: list[tuple[int, int]] = []
    with closing(build(understanding.policy, "python")) as engine:
        golden = run_golden(engine, understanding, lambda *told: heard.append(told))
    count = len(understanding.golden_cases) + len(understanding.golden_contests)
    assert heard == [(done, count) for done in range(1, count + 1)]
    assert golden.passed


def test_a_picture_marks_the_characters_and_escapes_the_rest() -> None:
    content = make_book({"表": [["甲", "<b>乙"], ["丙", "超过500万<i>"], ["丁", "^"]]})
    (sheet,) = read_sheets(content)[0]
    html = render_excerpt(sheet, Place(CellRef("表", 2, 2), 2, 5))
    assert "超过<mark>500</mark>万&lt;i&gt;" in html
    assert "&lt;b&gt;乙" in html
    assert 'rowspan="2"' in html, "a merge stays one cell"
    assert html.count("tl-marked") == 1
    below = render_excerpt(sheet, Place(CellRef("表", 3, 2)))
    assert "tl-marked" in below, "a cell inside a merge is marked where its content stands"


def test_a_long_text_is_cut_around_what_is_meant() -> None:
    content = make_book({"表": [["起" * 500 + "错" + "尾" * 500]]})
    (sheet,) = read_sheets(content)[0]
    html = render_excerpt(sheet, Place(CellRef("表", 1, 1), 500, 501))
    assert "<mark>错</mark>" in html
    assert len(html) < 1500


def test_alike_remarks_come_together() -> None:
    understanding = read_book(make_book(edited({"指标!B2": "金颔", "指标!B3": "金颔"})))
    remarks = remarks_of(understanding, NO_GOLDEN)
    groups = group_remarks(remarks)
    assert sum(map(len, groups)) == len(remarks)
    both = next(group for group in groups if len(group) > 1)
    html = render_remarks([both], {})
    assert all(str(each.at) in html for each in both)


def test_names_in_the_picture_of_rules_are_quoted() -> None:
    understanding = read_book(BOOK)
    assert understanding.policy is not None
    roles = table_roles(understanding.policy)
    assert '"' not in rules_dot(roles).replace('\\"', "").split("label=")[1].split(",")[0].strip(
        '"'
    )
    hostile = 'a"];x [URL="http://evil.invalid"'
    spoiled = [
        replace(role, table=replace(role.table, name=hostile)) if role.derives else role
        for role in roles
    ]
    dot = rules_dot(spoiled)
    assert 'a"]' not in dot
    assert dot.count("{") == dot.count("}") == 1


def test_a_title_is_read_without_the_rest(sample: Path) -> None:
    understanding = read_book(sample)
    assert understanding.policy is not None
    title = title_of(sample.read_bytes())
    assert title.title == understanding.policy.title
    assert title.effective == understanding.policy.effective.isoformat()
    assert title_of(b"nothing") == Title()
    assert peek(b"", lambda _: True) == {}
    assert find_books(sample.parent.parent) == (sample,)


def test_an_engine_ends_when_nobody_holds_its_book(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(Engine, "close", lambda engine: ended.append(engine.policy.id))
    offered = Offered(str(sample), sample.name, sample)
    book = open_book(offered)
    assert open_book(offered) is book, "read once"
    wait_for_cases(book)
    authoring.pages.book._SHARED.clear()
    this_visit().held.clear()
    gc.collect()
    assert ended == [], "a session holds it"
    del book
    assert soon(lambda: ended == ["T-1"])


def test_an_uploaded_workbook_goes_with_the_browser(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(Engine, "close", lambda engine: ended.append(engine.policy.id))
    content = make_book(edited({"政策!B2": "上传的"}))
    uploaded = Offered("u", "mine.xlsx", None, content, "", hashlib.sha256(content).hexdigest())
    book = open_book(uploaded)
    wait_for_cases(book)
    del book
    gc.collect()
    assert not ended, "the session holds it"
    this_visit().leave()
    try:
        assert soon(lambda: ended == ["上传的"])
        open_book(uploaded)
        assert not this_visit().held, "nothing is held for somebody who is not there"
    finally:
        this_visit().arrive()


def test_nine_workbooks_in_use_are_read_once_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each by a session of its own."""
    count = MOST_OPEN + 1
    books = [tmp_path / str(number) / "policy.xlsx" for number in range(count)]
    for number, each in enumerate(books):
        each.parent.mkdir()
        each.write_bytes(make_book(edited({"政策!B2": f"第{number}本"})))
    read: list[bytes] = []
    real = authoring.pages.book._read

    def counted(version: str, content: bytes) -> Book:
        read.append(content)
        return real(version, content)

    monkeypatch.setattr(authoring.pages.book, "_read", counted)
    pages = [page_of(each, monkeypatch) for each in books]
    assert len(read) == count
    for page, each in zip(pages, books, strict=True):
        monkeypatch.setenv("TIAOLI_POLICY", str(each))
        monkeypatch.setenv("TIAOLI_LIBRARY", str(each.parent))
        page.run()
    assert len(read) == count


def test_engines_that_rest_end_their_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are held; the one that was used least lately rests."""
    monkeypatch.setattr(authoring.pages.book, "MOST_AWAKE", 2)
    monkeypatch.setattr(authoring.pages.book, "_SHARED", authoring.pages.book._Shared())
    offers = []
    for number in range(3):
        path = tmp_path / f"{number}.xlsx"
        path.write_bytes(make_book(edited({"政策!B2": f"醒着的第{number}本"})))
        offers.append(Offered(str(path), path.name, path))
    rested: list[str] = []
    books = [open_book(each) for each in offers]
    for each in books:
        wait_for_cases(each)
    monkeypatch.setattr(Engine, "close", lambda engine: rested.append(engine.policy.id))
    open_book(offers[1])
    open_book(offers[0])
    assert rested == ["醒着的第2本"]


def test_an_engine_does_not_end_while_the_cases_run(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though nobody holds its book any more."""
    went: list[str] = []
    go_on = threading.Event()

    def slow(engine: Engine, understanding: Understanding, tell: Tell) -> Golden:
        assert go_on.wait(60)
        went.append("ran")
        return run_golden(engine, understanding, tell)

    sample.write_bytes(make_book(edited({"政策!B2": "无人等候"})))
    monkeypatch.setattr(authoring.pages.book, "run_golden", slow)
    monkeypatch.setattr(Engine, "close", lambda _: went.append("ended"))
    open_book(Offered(str(sample), sample.name, sample))
    authoring.pages.book._SHARED.clear()
    this_visit().held.clear()
    gc.collect()
    assert went == []
    go_on.set()
    assert soon(lambda: went == ["ran", "ended"]), went


def wait_for_cases(book: Book) -> None:
    """Until the golden cases of a book have run."""
    trial = book.trial
    assert trial is not None
    assert soon(lambda: trial.finished)


def soon(happens: Callable[[], bool]) -> bool:
    """Whether it happens before long: a thread lets go of what it worked on a little later."""
    until = time.monotonic() + 20
    while not happens():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
        gc.collect()
    return True
