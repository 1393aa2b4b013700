"""What the styles must do in a real browser: room, edges, alignment, colour that is taken away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browsing import compute, load_sample, settle
from tests.test_browser import CONTRAST, edited_policy, give, list_of_projects, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

UNALIGNED = """() => [...document.querySelectorAll(".tl table")].flatMap((table) =>
  [...table.querySelectorAll("td.tl-count, td.tl-number")].flatMap((cell) => {
    const head = table.querySelectorAll("th")[cell.cellIndex];
    return [cell, head].filter((each) => getComputedStyle(each).textAlign !== "right")
      .map((each) => each.innerText);
  }))"""
OPEN_EDGES = """() => [
  ...document.querySelectorAll(".st-key-filter [role=radio]")
].filter((each) => {
  const style = getComputedStyle(each);
  return ["Top", "Right", "Bottom", "Left"].some((side) =>
    style[`border${side}Width`] === "0px" || /, 0\\)$/.test(style[`border${side}Color`]));
}).map((each) => each.innerText)"""
UNNAMED = """() => [...document.querySelectorAll(".tl table tr")].flatMap((row) => {
  const first = row.querySelector("td:not(.tl-mark)");
  if (!first || !first.checkVisibility() || !first.innerText.trim()) return [];
  const named = getComputedStyle(first, "::before").content !== "none";
  const bold = (node) => Number(getComputedStyle(node).fontWeight) >= 600;
  const heading = bold(first) || [...first.querySelectorAll("b")].some(bold);
  return named || heading ? [] : [first.innerText];
})"""


def open_view(page: Page, choice: Locator, shown: str) -> None:
    """Choose a view, and wait until what it shows is there."""
    choice.click()
    page.wait_for_timeout(500)  # the page may still be the one before
    settle(page)
    expect(page.locator(shown).first).to_be_visible()


def faults(page: Page, script: str) -> list[str]:
    """What a script finds wrong with the page as soon as it has come to rest."""
    found: list[str] = page.evaluate(script)
    for _ in range(50):
        if not found:
            break
        page.wait_for_timeout(100)
        found = page.evaluate(script)
    return found


def test_a_form_of_a_usual_screen_has_four_columns(
    open_page: Callable[..., Page], address: str
) -> None:
    """Also where a scroll bar takes its share."""
    page = open_page(address, 1420, 900)
    page.wait_for_function(
        "() => getComputedStyle(document.querySelector('[class*=st-key-grid-0]'))"
        ".gridTemplateColumns.split(' ').length === 4"
    )
    clipped = page.evaluate(
        "() => [...document.querySelectorAll('[data-testid=stWidgetLabel] p')]"
        ".filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.innerText)"
    )
    assert clipped == []


def test_a_note_keeps_off_the_figures(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(address)
    load_sample(page, "既是省级跨国公司地区总部又是功能性机构")
    compute(page)
    expect(page.locator(".tl-totals")).to_have_count(0)
    figures, note = (page.locator(each).bounding_box() for each in (".tl-figures", ".tl-groups"))
    assert figures
    assert note
    assert note["y"] - (figures["y"] + figures["height"]) >= 8


def test_an_old_answer_has_no_colour_and_can_be_read(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    load_sample(page, "集成电路外资总部项目")
    compute(page)
    answer = page.locator(".tl:has(.tl-card)").first
    expect(answer).to_have_css("filter", "none")
    page.get_by_role("button", name="修改项目信息").click()
    name = page.get_by_role("textbox", name="项目名称")
    name.fill("改名")
    name.blur()
    expect(page.locator(".tl-stale-answer")).to_have_count(1)
    expect(answer).to_have_css("filter", "grayscale(1)")
    settle(page)
    page.evaluate("() => document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    assert faults(page, CONTRAST) == []


def test_on_a_telephone_everyone_involved_is_seen(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address, 340, 844)
    tags = page.get_by_test_id("stMultiSelectTagsContainer").first
    expect(tags).to_contain_text("招商活动")
    assert tags.evaluate("(each) => each.scrollHeight - each.clientHeight") <= 0


def test_on_a_telephone_a_long_hint_takes_several_lines(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address, 390, 844)
    load_sample(page, "集成电路外资总部项目")
    compute(page)
    hint = page.locator(".st-key-near button:visible").first
    hint.locator("p").evaluate("(each) => { each.textContent = '很长的指标名称'.repeat(9); }")
    box = hint.bounding_box()
    assert box
    assert box["x"] + box["width"] <= 390
    assert box["height"] > 60
    assert hint.evaluate("(each) => each.scrollWidth - each.clientWidth") <= 0
    assert hint.evaluate("(each) => each.scrollHeight - each.clientHeight") <= 0


def test_numbers_stand_at_the_right_under_their_heads(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    visit(page, "项目库测算")
    give(page, "清单.xlsx", list_of_projects())
    for view in ("各支持项", "分类汇总", "评选"):
        open_view(page, page.get_by_text(view, exact=True).last, ".tl td.tl-count")
        assert faults(page, UNALIGNED) == [], view


def test_on_a_telephone_each_view_has_its_edges_and_each_card_says_what_it_is(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(f"{address}/portfolio", 390, 844, heading="项目库测算")
    give(page, "清单.xlsx", list_of_projects())
    for view in ("各支持项", "分类汇总", "评选"):
        open_view(page, page.get_by_text(view, exact=True).last, ".tl td")
        assert faults(page, OPEN_EDGES) == [], view
        assert faults(page, UNNAMED) == [], view
    page = open_page(f"{address}/compare", 390, 844, heading="版本对比")
    give(page, "v2.xlsx", edited_policy(K19="300万元"))
    expect(page.get_by_test_id("stAlert").filter(has_text="改动 1 处")).to_be_visible()
    for view in ("影响哪些项目", "各支持项", "同一项目对照"):
        open_view(page, page.get_by_text(view, exact=True).first, ".tl td")
        assert faults(page, OPEN_EDGES) == [], view
        assert faults(page, UNNAMED) == [], view


def test_the_words_of_a_project_can_be_marked_and_a_click_on_them_opens_it(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(f"{address}/portfolio", heading="项目库测算")
    give(page, "清单.xlsx", list_of_projects())
    name = page.locator(".tl-project b").first
    expect(name).to_be_visible()
    settle(page)
    box = name.bounding_box()
    assert box
    page.mouse.move(box["x"] + 3, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 8, steps=5)
    page.mouse.up()
    page.wait_for_timeout(1000)
    assert page.evaluate("() => getSelection().toString()").startswith("G001")
    expect(page.locator(".tl-card")).to_have_count(0)
    page.mouse.click(5, 890)
    page.mouse.click(box["x"] + 40, box["y"] + 8)
    expect(page.locator(".tl-card").first).to_be_visible()
