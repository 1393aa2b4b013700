"""The policy workbook that the pages work on, read once for each content of the file."""

from __future__ import annotations

import gc
import hashlib
import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from authoring.archives import MAX_FILE_BYTES
from authoring.cases import Known, known_of
from authoring.pages.words import say
from authoring.understand import read_book
from engine.findings import Finding
from engine.model import Policy
from engine.simulate import Engine, build

DEFAULT = "policies/wuxi-2023/policy.xlsx"


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook as the pages need it. ``version`` is the SHA-256 of the file.

    ``policy``, ``engine`` and ``known`` are None exactly when a finding is an ERROR.
    """

    version: str
    policy: Policy | None
    engine: Engine | None
    known: Known | None
    findings: tuple[Finding, ...]


def book_path() -> Path:
    """Where the workbook is: ``TIAOLI_POLICY``, else the Wuxi policy."""
    return Path(os.environ.get("TIAOLI_POLICY") or DEFAULT)


def open_book(path: Path) -> Book:
    """Read a workbook, or give back what was read before from the same content.

    Raises:
        OSError: the file is not there, or may not be read.
    """
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:  # too large to be read, and so to be told apart by its content
        return _open(f"{size} bytes", path)
    return _open(hashlib.sha256(path.read_bytes()).hexdigest(), path)


def samples_of(workbook: Path) -> dict[Path, str]:
    """The sample cases beside a workbook (``examples/*.json``), each under a name of its own."""
    paths = sorted((workbook.parent / "examples").glob("*.json"))
    names = {path: _name_of(path) for path in paths}
    uses = Counter(names.values())
    return {
        path: name if uses[name] == 1 else say("form.twin", name=name, file=path.stem)
        for path, name in names.items()
    }


def _name_of(path: Path) -> str:
    """What a case file calls itself, or else the file's name: it is read in earnest when chosen."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return str(content["名称"])
    except (OSError, ValueError, LookupError, TypeError):
        return path.stem


def _close(book: Book) -> None:
    if book.engine is not None:
        book.engine.close()


@st.cache_resource(max_entries=4, show_spinner=False, on_release=_close)
def _open(version: str, _path: Path) -> Book:
    understanding = read_book(_path)
    policy = understanding.policy
    book = Book(
        version=version,
        policy=policy,
        engine=None if policy is None else build(policy),
        known=None if policy is None else known_of(policy),
        findings=understanding.findings,
    )
    # Streamlit collects garbage after every run of a page; all that stays for good is taken out of
    # its way, which makes a click several times faster.
    gc.collect()
    gc.freeze()
    return book
