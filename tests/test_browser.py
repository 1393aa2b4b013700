"""What a person sees and can do in a real browser: keyboard, widths, print, no request outside."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, TimeoutError, expect

from authoring.pages.form import widget_key
from tests.browsing import BOOK, compute, load_sample, serve, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

HOSTILE = "![x](http://evil.invalid/x.png) <img src=http://evil.invalid/y.png onerror=alert(1)>"

CONTRAST = """() => {
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255)
    .map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = numbers(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const weak = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.nodeValue.trim() || !node.checkVisibility()) continue;
    if (!node.closest(".tl, .tl-policy, .tl-group")) continue;
    const [a, b] = [light(numbers(getComputedStyle(node).color)), light(ground(node))];
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    if ((high + .05) / (low + .05) < 4.5) weak.push(walker.currentNode.nodeValue.trim());
  }
  return weak;
}"""


def overflow(page: Page) -> int:
    """How many pixels the page is wider than the window."""
    return page.evaluate(
        "() => Math.max(...['html', '[data-testid=stMain]'].map((e) => document.querySelector(e))"
        ".map((e) => e.scrollWidth - e.clientWidth))"
    )


def test_from_typing_to_the_answer_by_keyboard(
    open_page: Callable[..., Page], address: str
) -> None:
    """Ctrl+Enter takes what is still being typed along."""
    page = open_page(address)
    page.get_by_role("textbox", name="实际到账外资").fill("3.65亿")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".tl-figures")).to_be_visible()
    expect(page.locator(".tl-folded")).to_contain_text("已填 1 项")
    expect(page.locator(".tl-figures")).to_be_in_viewport()


def test_an_amount_is_echoed_under_its_field(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(address)
    field = page.get_by_role("textbox", name="实际到账外资")
    field.fill("3.65亿")
    field.press("Tab")
    expect(page.locator(".tl-echo")).to_have_text("＝ 36,500.00 万元")


def test_a_wrong_entry_is_led_to(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(address)
    field = page.get_by_role("textbox", name="实际到账外资")
    field.fill("三个多亿")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".tl-wrong")).to_be_in_viewport()
    expect(field).to_be_focused()
    expect(page.locator(".tl-figures")).to_have_count(0)
    border = f".st-key-{widget_key('实际到账外资')} [data-testid=stTextInputRootElement]"
    expect(page.locator(border)).to_have_css("border-color", "rgb(179, 38, 30)")


def test_a_missing_fact_leads_to_its_field(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(address)
    load_sample(page, "实际到账外资还不知道")
    compute(page)
    page.get_by_role("button", name="实际到账外资").click()
    field = page.get_by_role("textbox", name="实际到账外资")
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport()


def test_a_proof_opens_down_to_the_rules_behind_it(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    load_sample(page, "集成电路外资总部项目")
    compute(page)
    name = page.locator(".tl-name", has_text="工作专班和个性化招商方案")
    card = page.locator("details.tl-card").filter(has=name)
    card.locator("summary").first.click()
    expect(card.locator(".tl-body")).to_be_visible()
    behind = card.locator(".tl-behind > details").first
    expect(behind.locator("table")).to_be_hidden()
    behind.locator("summary").click()
    expect(behind.locator("table").first).to_be_visible()


def test_all_text_can_be_read(open_page: Callable[..., Page], address: str) -> None:
    """Contrast is at least 4.5:1, and every input has a name that is read aloud."""
    page = open_page(address)
    load_sample(page, "集成电路外资总部项目")
    nameless = page.evaluate(
        "() => [...document.querySelectorAll('[data-testid=stMain] input')]"
        ".filter((e) => !e.getAttribute('aria-label') && !e.labels?.length && e.checkVisibility())"
        ".map((e) => e.outerHTML)"
    )
    assert nameless == []
    compute(page)
    page.evaluate("() => document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("() => document.documentElement.lang") == "zh-CN"


def test_a_telephone_is_wide_enough(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(address, 390, 844)
    assert overflow(page) == 0
    load_sample(page, "集成电路外资总部项目")
    assert overflow(page) == 0
    compute(page)
    page.evaluate("() => document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    assert overflow(page) == 0


def test_print_shows_the_whole_proof_and_no_controls(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    load_sample(page, "引荐奖励：实缴资金3亿元")
    compute(page)
    folded = page.locator("details.tl-card:not([open]) table").first
    expect(folded).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page.get_by_role("button", name="修改项目信息")).to_be_hidden()
    expect(page.locator(".tl-print")).to_contain_text("引荐奖励：实缴资金3亿元")
    expect(folded).to_be_visible()
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert len(sheets) > 1, "a long answer is not cut off after the first sheet"


def test_nothing_in_a_workbook_becomes_markup(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    """Names, groups, notes and titles that try to fetch a picture or run a script."""
    book = tmp_path / "policy.xlsx"
    workbook = openpyxl.load_workbook(BOOK)
    policy, fields = workbook["政策"], workbook["指标"]
    for row in policy.iter_rows():
        if row[0].value == "标题":
            row[1].value = HOSTILE
    headings = [cell.value for cell in fields[1]]
    for name in ("分组", "说明", "佐证材料"):
        fields.cell(2, headings.index(name) + 1).value = HOSTILE
    workbook.save(book)
    with serve(book, tmp_path / "log") as url:
        page = open_page(url)
        expect(page.locator(".tl-policy")).to_contain_text("![x](http://evil.invalid/x.png)")
        expect(page.locator(".tl-group").first).to_contain_text("<img src=")
        page.get_by_test_id("stTooltipHoverTarget").nth(2).hover()
        compute(page)
        images = "() => document.querySelectorAll('img[src*=evil], a[href*=evil]').length"
        assert page.evaluate(images) == 0


# --- the other pages ------------------------------------------------------------------------------


def visit(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    settle(page)


def give(page: Page, name: str, content: bytes) -> None:
    """Upload a file with the widget of the page itself."""
    widget = page.get_by_test_id("stMain").locator("input[type=file]").last
    widget.set_input_files({"name": name, "mimeType": "application/zip", "buffer": content})


def edited_policy(**cells: str) -> bytes:
    """The Wuxi policy with some cells of 招商渠道 written over."""
    workbook = openpyxl.load_workbook(BOOK)
    for cell, content in cells.items():
        workbook["招商渠道"][cell] = content
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def list_of_projects() -> bytes:
    """The golden cases of the Wuxi policy as a list, one row of it wrong."""
    workbook = openpyxl.load_workbook(BOOK)
    for name in workbook.sheetnames:
        if name != "用例":
            del workbook[name]
    sheet = workbook["用例"]
    sheet.delete_rows(30, sheet.max_row)
    sheet.cell(5, [cell.value for cell in sheet[1]].index("项目阶段") + 1).value = "不知道的阶段"
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def test_a_workbook_is_checked_and_its_annotated_copy_downloaded(
    open_page: Callable[..., Page], address: str, tmp_path: Path
) -> None:
    page = open_page(address)
    visit(page, "编辑与校验")
    expect(page.locator(".tl-even")).to_contain_text("256 / 256")
    give(page, "改过.xlsx", edited_policy(C19="是的吧", E19=HOSTILE))
    expect(page.locator(".tl-marked").first).to_contain_text("是的吧")
    settle(page)
    assert page.evaluate("() => document.querySelectorAll('img[src*=evil]').length") == 0
    with page.expect_download() as download:
        page.get_by_role("button", name="下载带批注的工作簿").click()
    assert download.value.suggested_filename == "改过-批注.xlsx"
    copy = tmp_path / "copy.xlsx"
    download.value.save_as(copy)
    assert openpyxl.load_workbook(copy)["招商渠道"]["C19"].comment is not None
    page.get_by_text("每格怎么读的", exact=True).click()
    expect(page.locator(".tl-long table")).to_be_visible()


def test_the_picture_of_the_rules_needs_no_network(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    visit(page, "编辑与校验")
    page.get_by_text("规则关系图", exact=True).click()
    expect(page.locator("[data-testid=stGraphVizChart] svg text").first).to_be_visible()
    assert page.locator("[data-testid=stGraphVizChart] svg .node").count() > 10


def test_what_cannot_be_uploaded_is_told_in_chinese(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    visit(page, "编辑与校验")
    uploader = page.get_by_test_id("stMain").get_by_test_id("stFileUploader")
    give(page, "x.txt", b"text")
    expect(uploader).to_contain_text("不能上传这种文件")
    give(page, "big.xlsx", b"PK" * (11 << 20))
    expect(uploader).to_contain_text("文件太大")
    words = set(re.findall(r"[A-Za-z]{4,}", uploader.inner_text()))
    assert words <= {"xlsx", "XLSX", "XLSM", "Excel", "icon"}


def test_two_versions_are_compared(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(address)
    visit(page, "版本对比")
    give(page, "v2.xlsx", edited_policy(K19="300万元"))
    sentence = page.get_by_test_id("stAlert").filter(has_text="改动 1 处")
    expect(sentence).to_contain_text("多支出")
    settle(page)
    expect(page.locator(".tl-compare ins")).to_contain_text("300万元")
    page.emulate_media(media="print")
    expect(sentence).to_be_visible()
    expect(page.get_by_text("上传另一个版本")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_text("影响哪些项目", exact=True).click()
    expect(page.locator(".tl-who").first).to_be_visible()
    page.get_by_text("同一项目对照", exact=True).click()
    expect(page.locator(".tl-card")).to_have_count(2)


def test_a_list_is_worked_out_and_one_row_proved(
    open_page: Callable[..., Page], address: str, tmp_path: Path
) -> None:
    page = open_page(address)
    visit(page, "项目库测算")
    with page.expect_download() as template:
        page.get_by_role("button", name="下载空白模板").click()
    assert template.value.suggested_filename.endswith(".xlsx")
    give(page, "清单.xlsx", list_of_projects())
    expect(page.locator(".tl-project").first).to_be_visible()
    settle(page)
    with page.expect_download() as results:
        page.get_by_role("button", name="下载测算结果").click()
    path = tmp_path / "results.xlsx"
    results.value.save_as(path)
    assert openpyxl.load_workbook(path).sheetnames == ["测算结果", "各支持项合计", "填写有误"]
    page.get_by_text("填写有误 1", exact=True).click()
    expect(page.locator(".tl-portfolio")).to_contain_text("不知道的阶段")
    page.get_by_text("项目", exact=True).last.click()
    page.get_by_role("button", name="查看").first.click()
    expect(page.locator(".tl-card").first).to_be_visible()
    page.get_by_role("button", name="返回清单").click()
    expect(page.locator(".tl-card")).to_have_count(0)


def test_a_lost_connection_is_told_in_chinese(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    with serve(BOOK, tmp_path / "log") as url:
        page = open_page(url)
    lost = page.get_by_role("dialog")
    expect(lost).to_contain_text("连接中断")
    expect(lost).not_to_contain_text("Connection")
    expect(lost).not_to_contain_text("Is Streamlit")


def pick(page: Page, label: str, name: str) -> None:
    """Choose in a list; it closes when the page moves, and is then opened again."""
    box, option = page.get_by_role("combobox", name=label), page.get_by_role("option", name=name)
    for _ in range(10):
        box.press("Escape")
        box.click()
        try:
            option.click(timeout=3_000)
        except TimeoutError:
            continue
        return
    pytest.fail(f"{label}: {name}")


def test_a_number_is_varied_and_drawn(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(address)
    load_sample(page, "引荐奖励：实缴资金3亿元")
    compute(page)
    page.get_by_text("假如……", exact=False).first.click()
    settle(page)
    pick(page, "改变哪个数字", "实缴资金")
    drawing = page.get_by_role("img", name="金额随“实缴资金”变化的曲线")
    expect(drawing).to_be_visible()
    assert drawing.evaluate("(image) => image.complete && image.naturalWidth > 0")


@pytest.mark.parametrize(
    ("path", "heading"),
    [("portfolio", "项目库测算"), ("check", "编辑与校验"), ("compare", "版本对比")],
)
def test_every_page_fits_a_telephone(
    open_page: Callable[..., Page], address: str, path: str, heading: str
) -> None:
    page = open_page(f"{address}/{path}", 390, 844, heading)
    assert overflow(page) == 0
    if path == "portfolio":
        give(page, "清单.xlsx", list_of_projects())
        expect(page.locator(".tl-project").first).to_be_visible()
    if path == "compare":
        give(page, "v2.xlsx", edited_policy(K19="300万元"))
        expect(page.locator(".tl-compare ins")).to_be_visible()
    settle(page)
    assert overflow(page) == 0
    assert page.evaluate(CONTRAST) == []
