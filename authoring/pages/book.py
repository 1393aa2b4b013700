"""A policy workbook as the pages need it, read once for each content."""

from __future__ import annotations

import gc
import hashlib
import json
import weakref
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from authoring.cases import Known, known_of
from authoring.examination import Golden, run_golden
from authoring.pages.choice import Offered
from authoring.pages.words import say
from authoring.pages.work import Tell, Work
from authoring.understand import Understanding, understand
from authoring.workbook import Sheet, read_sheets
from engine.findings import Finding, has_errors
from engine.model import Policy
from engine.simulate import Engine, build

MOST_OPEN = 8
"""So many workbooks are held in memory for all sessions together."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Book:
    """A workbook as the pages need it. ``version`` is the SHA-256 of the file; ``trial`` runs its
    golden cases and contests, once for all sessions.

    ``policy``, ``engine``, ``known`` and ``trial`` are None exactly when a finding is an ERROR.
    """

    version: str
    policy: Policy | None
    engine: Engine | None
    known: Known | None
    sheets: tuple[Sheet, ...]
    understanding: Understanding
    trial: Work[Golden] | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that there is to say of it."""
        return self.understanding.findings

    @property
    def golden(self) -> Golden | None:
        """How its golden cases and contests came out; None where they did not, or not yet."""
        return None if self.trial is None else self.trial.result


def open_book(offered: Offered) -> Book:
    """Read a workbook, or give back what was read before from the same content.

    Raises:
        OSError: the file is not there, or may not be read.
    """
    content = offered.read()
    return _open(hashlib.sha256(content).hexdigest(), content)


def samples_of(workbook: Path | None) -> dict[Path, str]:
    """The sample cases beside a workbook (``examples/*.json``), each under a name of its own."""
    if workbook is None:
        return {}
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


@st.cache_resource(max_entries=MOST_OPEN, show_spinner=False)
def _open(version: str, _content: bytes) -> Book:
    sheets, findings = read_sheets(_content)
    if has_errors(findings):
        understanding = Understanding(None, (), findings)
    else:
        understanding = understand(sheets, findings)
    policy = understanding.policy
    engine = None if policy is None else build(policy)
    known = None if policy is None else known_of(policy)
    if engine is None:
        book = Book(version, policy, engine, known, sheets, understanding)
        _keep_for_good()
        return book
    trial: Work[Golden] = Work("trial", version)
    book = Book(version, policy, engine, known, sheets, understanding, trial)
    # Not when the cache lets go of it: a session may be in the middle of a computation.
    weakref.finalize(book, engine.close)
    trial.begin(partial(_try, book, engine))
    return book


def _try(book: Book, engine: Engine, tell: Tell) -> Golden:
    """Run the golden cases of a book, and hold the book as long: with it, its engine ends."""
    try:
        return run_golden(engine, book.understanding, tell)
    finally:
        _keep_for_good()


def _keep_for_good() -> None:
    """Take all that there is out of the collector's way, which goes through it no more.

    It is made when a book is opened and stays; a click is answered several times faster without.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
