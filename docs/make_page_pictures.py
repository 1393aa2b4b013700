"""Makes the pictures of docs/pages.md and of the README: the pages of the Wuxi policy in use.

Needed: Chromium, ImageMagick. Run it after a change of what the pages look like:
``.venv/bin/python -m docs.make_page_pictures``.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.browsing import BOOK, CHROMIUM, FLAGS, PATIENCE, compute, load_sample, serve, settle
from tests.test_browser import edited_policy, give, list_of_projects, visit

IMAGES = Path(__file__).parent / "images"
WINDOW: ViewportSize = {"width": 1440, "height": 1000}
COLOURS = 64


def main() -> None:
    """Make them all."""
    with (
        tempfile.TemporaryDirectory() as name,
        serve(BOOK, Path(name, "log")) as url,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        expect.set_options(timeout=PATIENCE)
        for picture, use in PICTURES.items():
            page = chromium.new_page(viewport=WINDOW, locale="zh-CN")
            page.set_default_timeout(PATIENCE)
            page.goto(url)
            expect(page.get_by_role("heading", name="项目测算")).to_be_visible()
            settle(page)
            use(page)
            settle(page)
            page.mouse.move(0, 0)
            page.wait_for_timeout(1500)  # what moves comes to rest
            _publish(page.screenshot(), picture)
        chromium.close()


def _simulate(page: Page) -> None:
    load_sample(page, "引荐奖励：实缴资金5亿元")
    compute(page)


def _portfolio(page: Page) -> None:
    visit(page, "项目库测算")
    give(page, "项目清单.xlsx", list_of_projects())
    expect(page.locator(".tl-project").first).to_be_visible()


def _check(page: Page) -> None:
    visit(page, "编辑与校验")
    give(page, "政策-修改稿.xlsx", edited_policy(C19="是的吧", E19=" ", K19="两百万左右"))
    expect(page.locator(".tl-marked").first).to_contain_text("是的吧")


def _compare(page: Page) -> None:
    visit(page, "版本对比")
    give(page, "政策-修改稿.xlsx", edited_policy(K19="300万元"))
    expect(page.locator(".st-key-sentence")).to_be_visible()


PICTURES: Mapping[str, Callable[[Page], None]] = {
    "simulate": _simulate,
    "page-portfolio": _portfolio,
    "page-check": _check,
    "page-compare": _compare,
}


def _publish(drawn: bytes, name: str) -> None:
    """Keep few colours."""
    few = ("+dither", "-colors", str(COLOURS), "-define", "png:compression-level=9", "-strip")
    command = ["convert", "png:-", *few, f"PNG8:{IMAGES / f'{name}.png'}"]
    subprocess.run(command, check=True, input=drawn)


if __name__ == "__main__":
    main()
