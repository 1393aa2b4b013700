"""A policy workbook as the pages need it, read once for each content."""

from __future__ import annotations

import gc
import json
import weakref
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TypeVar, cast

from authoring.cases import Known, known_of
from authoring.examination import Golden, run_golden
from authoring.pages.choice import Offered
from authoring.pages.visit import this_visit
from authoring.pages.words import say
from authoring.pages.work import Tell, Work
from authoring.understand import Understanding, understand
from authoring.workbook import Sheet, read_sheets
from engine.findings import Finding, has_errors
from engine.model import Policy
from engine.simulate import Engine, build

MOST_OPEN = 8
"""So many workbooks of the library are held in memory, though nobody uses them."""
MOST_HELD = 4
"""So many are held for a session whose browser is there: one in use, one checked, two compared."""
MOST_AWAKE = 16
"""So many engines have a process of their own; another one begins it again with the next case."""

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Book:
    """A workbook as the pages need it. ``version`` is the SHA-256 of its ``content``; ``trial``
    runs its golden cases and contests, once for all sessions.

    ``policy``, ``engine``, ``known`` and ``trial`` are None exactly when a finding is an ERROR.
    """

    version: str
    content: bytes = field(repr=False)
    policy: Policy | None
    engine: Engine | None
    known: Known | None
    sheets: tuple[Sheet, ...]
    understanding: Understanding
    trial: Work[Golden] | None = None
    _made: dict[str, object] = field(default_factory=dict, repr=False)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that there is to say of it."""
        return self.understanding.findings

    @property
    def golden(self) -> Golden | None:
        """How its golden cases and contests came out; None where they did not, or not yet."""
        return None if self.trial is None else self.trial.result

    def made(self, what: str, make: Callable[[Book], Made]) -> Made:
        """Something that is made of it, once."""
        if what not in self._made:
            self._made[what] = make(self)
        return cast(Made, self._made[what])

    def try_again(self) -> None:
        """Run the golden cases once more where that crashed."""
        if self.trial is not None and self.trial.crash and self.engine is not None:
            self.trial.begin(partial(_try, self, self.engine))


def open_book(offered: Offered) -> Book:
    """Read a workbook, or give back what was read before from the same content.

    A session holds what it uses as long as its browser is there; an uploaded workbook goes when
    no session and no work holds it any more.

    Raises:
        OSError: the file is not there, or may not be read.
    """
    content, version = offered.read()
    visit = this_visit()
    book = cast("Book | None", visit.held.get(version)) or _SHARED.read(version, content)
    _SHARED.use(book, in_library=offered.path is not None)
    visit.hold(version, book, MOST_HELD)
    return book


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


class _Shared:
    """The workbooks that sessions share: each is read once, and there as long as it is held."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._books: weakref.WeakValueDictionary[str, Book] = weakref.WeakValueDictionary()
        self._reading: weakref.WeakValueDictionary[str, Lock] = weakref.WeakValueDictionary()
        self._library: OrderedDict[str, Book] = OrderedDict()
        self._awake: OrderedDict[str, weakref.ref[Book]] = OrderedDict()

    def read(self, version: str, content: bytes) -> Book:
        """Read a workbook, or wait for the session that is reading it."""
        with self._lock:
            reading = self._reading.get(version)
            if reading is None:
                reading = self._reading[version] = Lock()
        with reading:
            book = self._books.get(version)
            if book is None:
                book = self._books[version] = _read(version, content)
            return book

    def use(self, book: Book, *, in_library: bool) -> None:
        """Hold it a while where it is one of the library; let the engine rest that was used least
        lately."""
        with self._lock:
            self._awake[book.version] = weakref.ref(book)
            self._awake.move_to_end(book.version)
            resting = (
                self._awake.popitem(last=False)[1]() if len(self._awake) > MOST_AWAKE else None
            )
            if in_library:
                self._library[book.version] = book
                self._library.move_to_end(book.version)
            given_back = (
                self._library.popitem(last=False)[1] if len(self._library) > MOST_OPEN else None
            )
        if resting is not None and resting.engine is not None:
            resting.engine.close()
        del given_back  # not while others wait for the lock: with it, an engine may end

    def clear(self) -> None:
        """Hold nothing."""
        with self._lock:
            self._library.clear()


_SHARED = _Shared()


def _read(version: str, content: bytes) -> Book:
    sheets, findings = read_sheets(content)
    if has_errors(findings):
        understanding = Understanding(None, (), findings)
    else:
        understanding = understand(sheets, findings)
    policy = understanding.policy
    engine = None if policy is None else build(policy)
    known = None if policy is None else known_of(policy)
    if engine is None:
        book = Book(version, content, policy, engine, known, sheets, understanding)
        _keep_for_good()
        return book
    trial: Work[Golden] = Work("trial", version)
    book = Book(version, content, policy, engine, known, sheets, understanding, trial)
    # Not when the shelf lets go of it: a session may be in the middle of a computation.
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
