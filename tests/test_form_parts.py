"""The form in a real browser, where an edit draws a few fields anew and no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from authoring.pages.form import widget_key
from tests.browsing import compute, load_sample, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

STALE = "下面仍是改动之前的结果"
TAKEN_AWAY = ("下载测算意见书", "下载明细表", "存为用例", "打印", "下载工作簿")
ELSEWHERE = "实际到账外资不会超过项目总投资"


def write(page: Page, field: str, text: str) -> None:
    """Write into a field and leave it."""
    box = page.get_by_role("textbox", name=field)
    box.fill(text)
    box.press("Tab")
    settle(page)


def alert(page: Page, text: str) -> Locator:
    return page.get_by_test_id("stAlert").filter(has_text=text)


def test_an_edit_sends_its_neighbours_and_no_other_field(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    received: list[bytes] = []

    def listen(wire: WebSocket) -> None:
        wire.on("framereceived", lambda frame: received.append(_bytes(frame)))

    page.on("websocket", listen)
    page.reload()
    settle(page)
    box = page.get_by_role("textbox", name="项目总投资")
    expect(box).to_be_visible()
    near, *far = (widget_key(name).encode() for name in ("项目总投资", "实际到账外资", "用地类型"))
    assert all(_holds(received, each) for each in (near, *far))
    received.clear()
    write(page, "项目总投资", "2亿")
    expect(page.locator(".tl-echo")).to_have_text("＝ 20,000.00 万元")
    expect(page.get_by_text("已填 1 /")).to_be_visible()
    assert _holds(received, near)
    assert not any(_holds(received, each) for each in far)


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


def _holds(frames: list[bytes], text: bytes) -> bool:
    return any(text in each for each in frames)


def test_what_fields_of_two_groups_say_together_is_told_at_once(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    write(page, "实际到账外资", "3亿")
    expect(page.get_by_text("已填 1 /")).to_be_visible()
    write(page, "项目总投资", "2亿")
    expect(alert(page, ELSEWHERE)).to_be_visible()
    expect(page.get_by_text("已填 2 /")).to_have_count(0)
    write(page, "先进集体评分", "许多")
    expect(alert(page, "改正后才能测算：先进集体评分")).to_be_visible()
    expect(alert(page, ELSEWHERE)).to_have_count(0)
    write(page, "实际到账外资", "三个多亿")
    both = alert(page, "有 2 处")
    expect(both).to_contain_text("实际到账外资")
    expect(both).to_contain_text("先进集体评分")
    write(page, "先进集体评分", "")
    expect(alert(page, "改正后才能测算：实际到账外资")).to_be_visible()
    write(page, "实际到账外资", "1亿")
    expect(page.get_by_text("已填 2 /")).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_have_count(1)  # that nothing was worked out yet


def test_what_contradicts_itself_is_marked_and_led_to(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address, width=1440, height=700)
    write(page, "项目总投资", "1亿")
    write(page, "实缴资金", "3.65亿")
    both = [page.get_by_role("textbox", name=name) for name in ("项目总投资", "实缴资金")]
    for _ in range(3):  # what is told twice at once may reach the browser out of order
        page.get_by_role("button", name="开始测算").click()
        settle(page)
        expect(alert(page, "业务约束")).to_be_in_viewport()
        expect(both[0]).to_be_focused()
        for each in both:
            border = each.locator("xpath=ancestor::*[@data-testid='stTextInputRootElement']")
            expect(border).to_have_css("border-color", "rgb(179, 38, 30)")
    write(page, "实缴资金", "3650万")
    expect(alert(page, "业务约束")).to_have_count(0)
    expect(border).not_to_have_css("border-color", "rgb(179, 38, 30)")
    compute(page)


def test_an_answer_is_stale_while_any_group_says_something_else(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    load_sample(page, "引荐奖励：实缴资金3亿元")
    compute(page)
    page.get_by_role("button", name="修改项目信息").click()
    box = page.get_by_role("textbox", name="实缴资金")
    expect(box).to_be_visible()
    settle(page)
    expect(alert(page, STALE)).to_have_count(0)
    page.get_by_role("button", name="存为用例").click()
    settle(page)
    taken_away = [page.get_by_role("button", name=name) for name in TAKEN_AWAY]
    for each in taken_away:
        expect(each).to_be_visible()
    held = box.input_value()
    write(page, "实缴资金", "2亿")
    expect(alert(page, STALE)).to_have_count(2)  # above the form and below
    for each in taken_away:
        expect(each).to_be_hidden()
    page.emulate_media(media="print")
    expect(alert(page, STALE).first).to_be_visible()
    expect(alert(page, STALE).last).to_be_hidden()
    page.emulate_media(media="screen")
    write(page, "招商项目评分", "90")
    write(page, "实缴资金", held)
    expect(alert(page, STALE)).to_have_count(2)  # above the form and below
    write(page, "招商项目评分", "")
    expect(alert(page, STALE)).to_have_count(0)
    expect(page.locator(".tl-figures")).to_be_visible()
    for each in taken_away:
        expect(each).to_be_visible()


def test_the_date_reaches_every_group(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(address)
    write(page, "项目落地日期", "2024-03-18")
    expect(page.locator(".tl-doubt")).to_have_count(0)
    write(page, "基准日期", "2024-01-01")
    expect(page.locator(".tl-doubt")).to_contain_text("晚于基准日期 2024-01-01")
    write(page, "基准日期", "2024-06-30")
    expect(page.locator(".tl-doubt")).to_have_count(0)
    write(page, "基准日期", "哪一天")
    expect(alert(page, "改正后才能测算：基准日期")).to_be_visible()
    border = ".st-key-case-date [data-testid=stTextInputRootElement]"
    expect(page.locator(border)).to_have_css("border-color", "rgb(179, 38, 30)")


def test_the_subjects_decide_which_groups_there_are(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    write(page, "项目总投资", "2亿")
    whole = page.locator("h3.tl-group").count()
    page.get_by_role("combobox", name="涉及主体").click()
    page.keyboard.press("Escape")
    chosen = page.locator(".st-key-case-subjects")
    chosen.get_by_role("button", name="全部清除").click()
    settle(page)
    expect(alert(page, "改正后才能测算：涉及主体")).to_be_visible()
    page.get_by_role("combobox", name="涉及主体").click()
    page.get_by_role("option", name="人才").first.click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox", name="人才类别")).to_be_visible()
    settle(page)
    expect(page.get_by_role("textbox", name="项目总投资")).to_have_count(0)
    expect(page.get_by_text("已填 0 /")).to_be_visible()
    assert 0 < page.locator("h3.tl-group").count() < whole
