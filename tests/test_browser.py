"""What a person sees and can do in a real browser: keyboard, widths, print, no request outside."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, TimeoutError, expect

from authoring.pages.form import widget_key
from tests.browsing import BOOK, compute, load_sample, open_list, serve, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

HOSTILE = "![x](http://evil.invalid/x.png) <img src=http://evil.invalid/y.png onerror=alert(1)>"

CONTRAST = """() => {
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255)
    .map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const over = (colour, ground, share) => {
    const part = (colour[3] ?? 1) * share;
    return colour.slice(0, 3).map((v, i) => v * part + ground[i] * (1 - part));
  };
  const ground = (node) => {
    const layers = [];
    for (; node; node = node.parentElement) {
      const colour = numbers(getComputedStyle(node).backgroundColor);
      layers.unshift(colour);
      if (colour.length === 3 || colour[3] === 1) break;
    }
    return layers.reduce((below, colour) => over(colour, below, 1), [255, 255, 255]);
  };
  const opacity = (node) => {
    let share = 1;
    for (; node; node = node.parentElement) share *= Number(getComputedStyle(node).opacity);
    return share;
  };
  const weak = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.nodeValue.trim() || !node.checkVisibility()) continue;
    if (node.closest("script, style, :disabled, [data-testid=stIconMaterial]")) continue;
    const under = ground(node);
    const told = over(numbers(getComputedStyle(node).color), under, opacity(node));
    const [a, b] = [light(told), light(under)];
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


def test_from_the_answer_back_to_a_field_by_keyboard(
    open_page: Callable[..., Page], address: str
) -> None:
    """What is missing leads to its field, also where that is a choice; Ctrl+Enter from there."""
    page = open_page(address)
    load_sample(page, "实际到账外资还不知道")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".tl-folded")).to_contain_text("已填 3 项")
    asked = page.locator(".st-key-missing-first button")
    stakes = [float(text.split("关系到")[1].strip("万元 ")) for text in asked.all_inner_texts()]
    assert len(stakes) > 1
    assert stakes == sorted(stakes, reverse=True)
    expect(page.get_by_role("textbox", name="实际到账外资")).to_have_count(0)
    page.get_by_role("button", name="实际到账外资").press("Enter")
    field = page.get_by_role("textbox", name="实际到账外资")
    expect(field).to_be_focused()
    page.keyboard.type("3亿")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".tl-folded")).to_contain_text("已填 4 项")
    page.get_by_text("其余", exact=False).first.click()
    page.get_by_role("button", name="企业发展阶段").press("Enter")
    expect(page.get_by_role("combobox", name="企业发展阶段")).to_be_focused()
    settle(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".tl-figures")).to_be_visible()


def test_the_keys_that_start_do_so_from_a_choice_and_take_it_along(
    open_page: Callable[..., Page], address: str
) -> None:
    """On 是 an Enter would take the choice back."""
    page = open_page(address)
    choice = page.locator(f".st-key-{widget_key('中介引荐项目')}").get_by_role("radio", name="是")
    choice.click()
    settle(page)
    expect(choice).to_be_checked()
    choice.focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".tl-folded")).to_contain_text("已填 1 项")
    page.get_by_role("button", name="修改项目信息").click()
    expect(choice).to_be_checked()
    page.get_by_role("combobox", name="企业发展阶段").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".tl-folded")).to_contain_text("已填 1 项")


def test_escape_closes_a_list_and_keeps_what_was_chosen(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    box = page.get_by_role("combobox", name="企业发展阶段")
    pick(page, "企业发展阶段", "种子期")
    settle(page)
    box.focus()
    for key in ("Escape", "ArrowDown", "Escape", "Escape"):
        box.press(key)
        expect(box).to_have_attribute("aria-expanded", str(key == "ArrowDown").lower())
        page.wait_for_timeout(300)
        expect(box).to_have_value("种子期")
    box.press("ArrowDown")
    page.keyboard.type("成")
    box.press("Escape")
    expect(box).to_have_value("种子期")
    expect(box).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".tl-folded")).to_contain_text("已填 1 项")


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


HEADINGS = """() => [...document.querySelectorAll("[data-testid=stMain] :is(h1, h2, h3, h4)")]
  .filter((each) => each.checkVisibility()).map((each) => Number(each.tagName[1]))"""


def test_an_answer_can_be_walked_through_by_ear(
    open_page: Callable[..., Page], address: str
) -> None:
    """Headings leave no level out, columns have heads, and what is drawn twice is named."""
    page = open_page(address)
    for level in (page.evaluate(HEADINGS), None):
        if level is None:
            load_sample(page, "集成电路外资总部项目")
            compute(page)
            page.evaluate(
                "() => document.querySelectorAll('details').forEach((e) => { e.open = true; })"
            )
            level = page.evaluate(HEADINGS)
        assert level[0] == 1
        assert level.count(1) == 1
        assert all(below - above <= 1 for above, below in itertools.pairwise(level))
    assert page.locator("main, [role=main]").count() == 1
    assert page.locator(".tl th:not([scope])").count() == 0
    assert page.locator(".tl table:not(:has(th))").count() == 0
    marks = page.locator(".tl-icon:not([aria-hidden])")
    assert marks.count() == 0, "a sign is beside its word, and not read aloud"


def test_a_telephone_is_wide_enough(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(address, 390, 844)
    assert overflow(page) == 0
    expect(page.locator("button kbd")).to_be_hidden()
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
    given = page.locator(".tl-given")
    expect(given).to_contain_text("实缴资金30,000万元")
    tops = [each.bounding_box() for each in (given, page.locator(".tl-figures"))]
    assert tops[0]["y"] < tops[1]["y"], "the facts stand before the answer"
    expect(page.locator(".tl-lacking li").first).to_contain_text("关系到")
    expect(page.locator(".st-key-missing")).to_be_hidden()
    card = page.locator("details.tl-card.tl-granted").first
    expect(card).to_have_css("break-inside", "auto")
    expect(card.locator("summary").first).to_have_css("break-inside", "avoid")
    expect(card.locator("tr").first).to_have_css("break-inside", "avoid")
    refused = page.locator("details.tl-card.tl-refused").first
    expect(refused.locator(".tl-failure").first).to_contain_text("政策要求")
    expect(refused.locator("table").first).to_be_hidden()
    expect(page.locator(".tl-reasons")).to_contain_text("本项目不涉及")
    expect(page.locator(".tl-not_applicable .tl-card").first).to_be_hidden()
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert 1 < len(sheets) <= 8, "a long answer is neither cut off nor a pile of paper"


CONTROLS = """() => [...document.querySelectorAll(
  "button, input, select, textarea, [role=radio], [role=combobox], [role=listbox], [role=button]"
)].filter((each) => each.checkVisibility()).map((each) => each.outerHTML.slice(0, 200))"""
TITLE = "政策：关于加强新形势下招商引资工作的若干政策措施（wuxi-2023）"


def print_of(page: Page, *told: str) -> None:
    """What is printed has no control, and says what it is, of which policy, and these texts."""
    page.emulate_media(media="print")
    paper = page.locator(".tl-print")
    expect(paper.first.locator("h1")).to_be_visible()
    for text in (TITLE, "指纹", *told):
        expect(paper.filter(has_text=text).first).to_be_visible()
    assert page.evaluate(CONTROLS) == []
    page.emulate_media(media="screen")


def test_every_print_says_what_it_is_and_carries_no_control(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    print_of(page, "项目测算", "还没有测算结果")
    load_sample(page, "引荐奖励：实缴资金3亿元")
    compute(page)
    page.get_by_text("假如……", exact=False).first.click()
    expect(page.get_by_role("combobox", name="改变哪个数字")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_text("假如……", exact=False).first).to_be_hidden()
    page.emulate_media(media="screen")
    pick(page, "改变哪个数字", "实缴资金")
    expect(page.locator(".tl-curve img").first).to_be_visible()
    print_of(page, "测算结果", "引荐奖励：实缴资金3亿元", "基准日期 ")
    page.emulate_media(media="print")
    expect(page.locator("h4.tl-paper").filter(has_text="实缴资金")).to_be_visible()
    page.emulate_media(media="screen")

    visit(page, "项目库测算")
    print_of(page, "项目库测算", "还没有测算结果")
    give(page, "清单.xlsx", list_of_projects())
    expect(page.locator(".tl-project").first).to_be_visible()
    settle(page)
    print_of(page, "项目清单：清单.xlsx", "基准日期：", "测算日期：", "第 1 / 2 页")
    for view in ("各支持项", "分类汇总", "评选"):
        page.get_by_text(view, exact=True).last.click()
        settle(page)
        print_of(page, "项目清单：清单.xlsx", view)

    visit(page, "编辑与校验")
    expect(page.locator(".tl-even")).to_contain_text("256 / 256")
    print_of(page, "编辑与校验", "工作簿：wuxi-2023/policy.xlsx", "校验日期：", "问题清单")

    visit(page, "版本对比")
    give(page, "v2.xlsx", edited_policy(K19="300万元"))
    expect(page.get_by_test_id("stAlert").filter(has_text="改动 1 处")).to_be_visible()
    settle(page)
    both = (
        "旧版本",
        "工作簿 wuxi-2023/policy.xlsx",
        "新版本",
        "工作簿 v2.xlsx",
        "两份工作簿的用例",
    )
    print_of(page, *both, "改了什么")
    page.get_by_text("同一项目对照", exact=True).click()
    expect(page.locator(".tl-pair").first).to_be_visible()
    settle(page)
    print_of(page, *both, "同一项目对照", "G003")


def test_a_print_is_asked_for_once(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(address)
    page.evaluate("() => { window.prints = 0; window.print = () => { window.prints += 1; }; }")
    load_sample(page, "引荐奖励：实缴资金3亿元")
    compute(page)
    page.get_by_role("button", name="打印").click()
    page.wait_for_function("() => window.prints === 1")
    page.get_by_role("radio", name="待补充", exact=False).click()
    settle(page)
    page.wait_for_timeout(1000)
    assert page.evaluate("() => window.prints") == 1


LONG_TOTAL = "1,234,567,890.12万元 至 9,876,543,210,987.65万元"


@pytest.mark.parametrize("width", [1440, 1280, 390])
def test_a_large_total_leaves_the_figures_in_line(
    open_page: Callable[..., Page], address: str, width: int
) -> None:
    page = open_page(address, width, 900)
    load_sample(page, "集成电路外资总部项目")
    compute(page)
    page.locator(".tl-total dd > span").evaluate(
        "(e, text) => { e.textContent = text; }", LONG_TOTAL
    )
    assert overflow(page) == 0
    counts = page.locator(".tl-figure:not(.tl-total)")
    tops = {box["y"] for each in counts.all() if (box := each.bounding_box())}
    rows = 1 if width > 600 else 2
    assert len(tops) == rows, "the counts stand beside each other"
    high = page.locator(".tl-total dd > span").evaluate("(e) => e.getClientRects().length")
    assert high <= rows, "an amount is broken only between its two ends"
    folded = page.locator(".st-key-folded-form").bounding_box()
    assert folded is not None
    assert width < 600 or folded["height"] < 80, "the folded form is one line"


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
    told = uploader.get_by_text("文件太大").bounding_box()
    assert told
    assert min(told["width"], told["height"]) > 10, "for the eye as well"
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
    expect(page.locator(".tl-pair-proofs section")).to_have_count(1)
    expect(page.locator(".tl-pair-proofs tr.tl-differs").first).to_contain_text("300万元")


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
    assert openpyxl.load_workbook(path).sheetnames == [
        "测算结果",
        "各支持项合计",
        "逐项结论",
        "评选",
        "填写有误",
        "原表",
    ]
    page.get_by_text("评选", exact=True).last.click()
    unread = page.get_by_test_id("stAlert").filter(has_text="没有参加评选")
    expect(unread).to_be_visible()
    page.emulate_media(media="print")
    expect(unread).to_be_visible()
    page.emulate_media(media="screen")
    page.get_by_text("填写有误 1 行", exact=True).click()
    expect(page.locator(".tl-contest")).to_have_count(0)
    expect(page.locator(".tl-portfolio")).to_contain_text("不知道的阶段")
    page.get_by_text("项目", exact=True).last.click()
    box = page.locator(".tl-project b").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    expect(page.locator(".tl-card").first).to_be_visible()
    page.get_by_role("button", name="返回清单").click()
    expect(page.locator(".tl-card")).to_have_count(0)


ENGLISH = """(spared) => {
  const found = new Set();
  const look = (text) => {
    const left = (text ?? "").replace(new RegExp(spared, "g"), "");
    if (/[A-Za-z]{2,}/.test(left)) found.add(text.trim());
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!node || node.closest("script, style, .tl, .tl-policy, [translate=no]")) continue;
    if (node.closest("[data-testid=stIconMaterial], [data-testid=stAlertDynamicIcon]")) continue;
    const pointedAt = node instanceof SVGTitleElement && node.ownerSVGElement.checkVisibility();
    if (pointedAt || node.checkVisibility()) look(walker.currentNode.nodeValue);
  }
  for (const name of ["aria-label", "title", "placeholder", "alt", "aria-description"]) {
    for (const node of document.querySelectorAll(`[${name}]`)) {
      // What has no box of its own is not seen, and read aloud all the same.
      const heard = node.checkVisibility() || getComputedStyle(node).display === "contents";
      if (heard && !node.closest(".tl, .tl-policy")) look(node.getAttribute(name));
    }
  }
  return [...found];
}"""
SPARED = "|".join(
    (
        r"\.?(xlsx|csv|XLSX|XLSM|CSV|TSV)|UTF-8|Excel|Word|Ctrl ?\+ ?Enter|[\d.]+ ?[KM]B",
        r"wuxi-2023/policy|\bv2\b",
    )
)


def english(page: Page) -> list[str]:
    """Words of another language that a person sees, points at or hears, and goes on to."""
    for _ in range(100):
        found: list[str] = page.evaluate(ENGLISH, SPARED)
        if not found:
            break
        page.wait_for_timeout(100)
    return found


def test_no_word_of_streamlit_is_left_in_the_form(
    open_page: Callable[..., Page], address: str
) -> None:
    """Also in a browser that speaks English, with lists open, searched in vain and explained."""
    page = open_page(address, locale="en-US")
    assert english(page) == []
    for name in ("企业资质", "涉及主体", "项目难点"):
        open_list(page, name)
        assert english(page) == [], name
        page.keyboard.type("一二三")
        page.wait_for_timeout(300)
        assert english(page) == [], name
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.mouse.click(720, 20)
    page.get_by_test_id("stTooltipHoverTarget").nth(1).hover()
    page.wait_for_timeout(500)
    assert english(page) == []
    page.get_by_text("使用自己的工作簿").click()
    expect(page.get_by_test_id("stSidebar").get_by_test_id("stFileUploader")).to_be_visible()
    assert english(page) == []
    load_sample(page, "引荐奖励：实缴资金3亿元")
    compute(page)
    page.get_by_text("假如……", exact=False).first.click()
    pick(page, "改变哪个数字", "实缴资金")
    assert english(page) == []
    page.get_by_role("button", name="存为用例").click()
    expect(page.get_by_role("button", name="下载工作簿")).to_be_visible()
    assert english(page) == []


def test_no_word_of_streamlit_is_left_on_the_other_pages(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address, locale="en-US")
    for name, file, content in (
        ("项目库测算", "清单.xlsx", list_of_projects()),
        ("编辑与校验", "改过.xlsx", edited_policy(K19="300万元")),
        ("版本对比", "v2.xlsx", edited_policy(K19="400万元")),
    ):
        visit(page, name)
        assert english(page) == [], name
        give(page, file, content)
        page.wait_for_timeout(2000)
        settle(page)
        assert english(page) == [], name
        if name == "编辑与校验":
            page.get_by_text("规则关系图", exact=True).click()
            chart = page.get_by_test_id("stGraphVizChart")
            expect(chart.locator("svg text").first).to_be_visible()
            chart.hover()
            assert english(page) == [], name


def test_the_check_of_words_finds_an_english_one(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    assert english(page) == []
    page.evaluate(
        "() => { const p = document.createElement('p'); p.textContent = 'Browse files';"
        " p.title = 'Drag and drop'; document.querySelector('[data-testid=stMain]').append(p); }"
    )
    assert page.evaluate(ENGLISH, SPARED) == ["Browse files", "Drag and drop"]


def test_the_name_of_a_field_stays_as_it_is(open_page: Callable[..., Page], address: str) -> None:
    """Also where it reads like a word of Streamlit, or like one of the language of the script."""
    page = open_page(address)
    names = ["Open 面积", "Clear", "constructor"]
    page.evaluate(
        """(names) => { for (const name of names) {
        const input = document.createElement("input");
        input.ariaLabel = name;
        document.querySelector("[data-testid=stMain]").append(input); } }""",
        names,
    )
    page.evaluate(
        "() => { const p = document.createElement('p'); p.title = 'valueOf'; p.id = 'p';"
        " document.querySelector('[data-testid=stMain]').append(p); }"
    )
    page.wait_for_timeout(300)
    for name in names:
        expect(page.get_by_role("textbox", name=name, exact=True)).to_have_count(1)
    expect(page.locator("#p")).to_have_attribute("title", "valueOf")


def test_a_lost_connection_is_told_in_chinese(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    with serve(BOOK, tmp_path / "log") as url:
        page = open_page(url)
    lost = page.get_by_role("dialog")
    expect(lost).to_contain_text("连接中断")
    expect(lost).not_to_contain_text("Connection")
    expect(lost).not_to_contain_text("Is Streamlit")
    assert english(page) == []


def test_an_address_that_is_none_is_told_in_chinese(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(f"{address}/nowhere")
    told = page.get_by_role("dialog")
    expect(told).to_contain_text("没有这个页面")
    assert english(page) == []


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
    assert drawing.count() == 1
    expect(page.locator(".tl-cliffs")).to_contain_text("实缴资金到 40,000万元")


def test_the_letters_of_a_drawing_can_be_read_on_a_telephone(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address, 390, 844)
    load_sample(page, "引荐奖励：实缴资金3亿元")
    compute(page)
    page.get_by_text("假如……", exact=False).first.click()
    settle(page)
    pick(page, "改变哪个数字", "实缴资金")
    drawing = page.get_by_role("img", name="金额随“实缴资金”变化的曲线")
    expect(drawing).to_be_visible()
    assert drawing.evaluate("(image) => 13 * image.width / image.naturalWidth") >= 11
    assert overflow(page) == 0


def test_titles_stand_at_one_height_on_every_page(
    open_page: Callable[..., Page], address: str
) -> None:
    titles = {"portfolio": "项目库测算", "check": "编辑与校验", "compare": "版本对比"}
    tops = []
    for path, heading in titles.items():
        page = open_page(f"{address}/{path}", heading=heading)
        expect(page.get_by_test_id("stSpinner")).to_have_count(0)
        settle(page)
        box = page.get_by_role("heading", name=heading, exact=True).first.bounding_box()
        assert box is not None
        tops.append(box["y"] + box["height"] / 2)
    assert max(tops) - min(tops) < 2, tops


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
        page.get_by_text("影响哪些项目", exact=True).click()
        expect(page.locator(".tl-cases .tl-truth").first).to_be_visible()
        turn = page.locator(".tl-cases .tl-truth").first
        turn.evaluate("(e) => { e.append('很长的条件'.repeat(20)); }")
        wider = "(e) => e.getBoundingClientRect().right - innerWidth"
        assert turn.evaluate(wider) <= 0, "a long text breaks"
    settle(page)
    assert overflow(page) == 0
    assert page.evaluate(CONTRAST) == []
