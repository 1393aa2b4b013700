"""A real Chromium, a real server, and what a person does with them; fixtures by way of conftest."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent
BOOK = ROOT / "policies" / "wuxi-2023" / "policy.xlsx"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 60_000  # milliseconds: machines that run tests are busy
REFUSED = "Content Security Policy"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("TIAOLI_REQUIRE_BROWSER") == "1":
            pytest.fail("no Chromium: install it, or unset TIAOLI_REQUIRE_BROWSER")
        pytest.skip("NO BROWSER: nothing was looked at (apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@contextmanager
def serve(book: Path, log: Path, script: str = "streamlit_app.py") -> Iterator[str]:
    """Run the front end on a free port of this machine until the block ends."""
    with run_server(book, log, script) as (url, _):
        yield url


@contextmanager
def run_server(
    book: Path, log: Path, script: str = "streamlit_app.py"
) -> Iterator[tuple[str, int]]:
    """The same, with the number of its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    environment = {**os.environ, "TIAOLI_POLICY": str(book)}
    url = f"http://127.0.0.1:{port}"
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
                    break
                except OSError:
                    assert server.poll() is None, log.read_text()
                    time.sleep(0.1)
            yield url, server.pid
        finally:
            server.terminate()
            server.wait(20)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    with serve(BOOK, tmp_path_factory.mktemp("server") / "log") as url:
        yield url


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages; afterwards nothing may have been asked of any other machine."""
    outside: list[str] = []
    errors: list[str] = []
    contexts: list[Any] = []

    def start(
        url: str,
        width: int = 1440,
        height: int = 900,
        heading: str = "项目测算",
        locale: str = "zh-CN",
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale=locale, offline=False
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.on(
            "request", lambda request: outside.append(request.url) if _is_out(request.url) else None
        )
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if REFUSED in said.text else None)
        page.on("dialog", lambda dialog: _dismiss(dialog, errors))
        page.goto(url)
        settle(page)
        expect(page.get_by_role("heading", name=heading).first).to_be_visible()
        return page

    yield start
    for context in contexts:
        context.close()
    assert outside == []
    assert errors == []


def _dismiss(dialog: Dialog, errors: list[str]) -> None:
    """Close what no page of ours opens; before a reload the browser itself may ask."""
    if dialog.type != "beforeunload":
        errors.append(dialog.message)
        dialog.dismiss()


def _is_out(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


def settle(page: Page) -> None:
    """Wait until the script has run."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")


def load_sample(page: Page, name: str) -> None:
    page.get_by_role("button", name="载入样例").click()
    page.get_by_role("menuitem", name=name).first.click()
    expect(page.get_by_role("textbox", name="项目名称")).not_to_have_value("")
    settle(page)


def compute(page: Page) -> None:
    page.get_by_role("button", name="开始测算").click()
    expect(page.locator(".tl-figures")).to_be_visible()
    settle(page)


def open_list(page: Page, label: str) -> None:
    """Open a list, and see that it stays open: it closes when the page moves."""
    box = page.get_by_role("combobox", name=label)
    for _ in range(10):
        box.click()
        page.wait_for_timeout(500)
        if box.get_attribute("aria-expanded") == "true":
            return
        page.keyboard.press("Escape")
    pytest.fail(label)
