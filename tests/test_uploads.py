"""What is uploaded is held by the session alone, and by nothing of Streamlit's."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from authoring.messages import text
from tests.books import make_book
from tests.pages import open_at, upload
from tests.sample_book import edited, sheets


@pytest.mark.parametrize(
    ("page", "label"),
    [
        ("simulate", text("page-choice.upload_label")),
        ("check", text("page-check.upload")),
        ("portfolio", None),
    ],
)
def test_streamlit_keeps_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, label: str | None
) -> None:
    managers: list[MemoryUploadedFileManager] = []
    real = MemoryUploadedFileManager.__init__

    def noted(manager: MemoryUploadedFileManager, endpoint: str) -> None:
        real(manager, endpoint)
        managers.append(manager)

    path = tmp_path / "policies" / "one" / "policy.xlsx"
    path.parent.mkdir(parents=True)
    path.write_bytes(make_book(sheets()))
    opened = open_at(page, path, monkeypatch)
    monkeypatch.setattr(MemoryUploadedFileManager, "__init__", noted)
    content = make_book(edited({"措施!H4": "实缴资金的6‰"}))
    label = label or opened.file_uploader[-1].label
    opened = upload(opened, label, "mine.xlsx", content)
    assert not opened.exception
    assert managers
    kept = [file for each in managers for held in each.file_storage.values() for file in held]
    assert kept == []
