"""The pages as programs, one at a time: opened on a workbook, and waited for."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from authoring.messages import text

ROOT = Path(__file__).parent.parent
BOOK = ROOT / "policies" / "wuxi-2023" / "policy.xlsx"
PATIENCE = 60.0


def open_at(name: str, book: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Open the page of a module in `authoring.pages` on a workbook, and no other to choose from."""
    monkeypatch.setenv("TIAOLI_POLICY", str(book))
    monkeypatch.setenv("TIAOLI_LIBRARY", str(book.parent))
    script = f"from authoring.pages import {name}\n{name}.show()\n"
    page = finish(AppTest.from_string(script, default_timeout=60).run())
    assert not page.exception
    return page


def finish(page: AppTest) -> AppTest:
    """Let long work come to its end."""
    until = time.monotonic() + PATIENCE
    while page.get("progress") or text("page-policy.tried") in shown(page):
        assert time.monotonic() < until, "the work does not end"
        time.sleep(0.05)
        page = page.run()
    return page


def shown(page: AppTest) -> str:
    """All that stands on the page as HTML, without styles and scripts."""
    return "\n".join(
        each.value for each in page.html if not each.value.startswith(("<style>", "<script>"))
    )


def button(page: AppTest, label: str) -> Any:
    """The button of a label."""
    return next(each for each in page.button if each.label == label)


def upload(page: AppTest, label: str, name: str, content: bytes) -> AppTest:
    """Upload a file with the widget of a label."""
    widget = next(each for each in page.file_uploader if each.label == label)
    widget.set_value((name, content, "application/octet-stream"))
    return finish(page.run())
