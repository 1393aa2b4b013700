"""Which workbook a session works on: one of the library, or one that was uploaded for it alone."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import cast

import streamlit as st

from authoring.archives import MAX_FILE_BYTES, MEBIBYTE
from authoring.library import SUFFIXES, find_books, title_of
from authoring.pages.plain import plain
from authoring.pages.uploads import take_upload
from authoring.pages.words import say

DEFAULT = "policies/wuxi-2023/policy.xlsx"
LIBRARY = "policies"
MOST_UPLOADED = 4
"""So many uploaded workbooks are kept for a session, together no larger than the largest file
that is taken; an older one gives way."""
BOOK = "book"
_UPLOADED, _ROUND = "uploaded", "upload-round"


@dataclass(frozen=True, slots=True)
class Offered:
    """A workbook that may be chosen; the rest are what is known of an uploaded one."""

    key: str
    name: str
    path: Path | None = None
    content: bytes = field(default=b"", repr=False)
    title: str = ""
    version: str = ""

    def read(self) -> tuple[bytes, str]:
        """Its content, of what is too large to be a workbook no more than shows it; and the
        SHA-256 of that.

        Raises:
            OSError: the file is not there, or may not be read.
        """
        if self.path is None:
            return self.content, self.version
        with self.path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        return content, hashlib.sha256(content).hexdigest()


def default_path() -> Path:
    """The workbook that is chosen first: ``TIAOLI_POLICY``, else the Wuxi policy."""
    return Path(os.environ.get("TIAOLI_POLICY") or DEFAULT)


def library_path() -> Path:
    """Where the policies stand: ``TIAOLI_LIBRARY``, else the folder of this project."""
    return Path(os.environ.get("TIAOLI_LIBRARY") or LIBRARY)


def offered() -> dict[str, Offered]:
    """Everything that may be chosen, by its key: the default first, what was uploaded last."""
    paths: dict[Path, Path] = {}
    for path in (default_path(), *find_books(library_path())):
        paths.setdefault(path.resolve(), path)
    books = [Offered(str(path), path.name, path) for path in paths.values()]
    return {each.key: each for each in (*books, *_uploaded())}


def chosen() -> Offered:
    """The workbook that the session works on."""
    books = offered()
    return books.get(str(st.session_state.get(BOOK)), next(iter(books.values())))


def labels(books: dict[str, Offered]) -> dict[str, str]:
    """What to call each workbook, so that no two are called the same."""
    names = {name: plain(_label(each)) for name, each in books.items()}
    uses = Counter(names.values())
    for name, label in names.items():
        if uses[label] > 1:
            file = plain(file_of(books[name]))
            names[name] = say("choice.twin", label=label, file=file)
    return _each_its_own(names)


def version_labels(books: dict[str, Offered]) -> dict[str, str]:
    """What to call each workbook among versions of one policy: its file first, which differs."""
    files = _each_its_own({name: plain(_file(each)) for name, each in books.items()})
    abouts = {name: plain(_about(each)) for name, each in books.items()}
    return {
        name: say("choice.version", file=file, about=abouts[name]) if abouts[name] else file
        for name, file in files.items()
    }


def _file(book: Offered) -> str:
    return say("choice.uploaded_file", file=book.name) if book.path is None else file_of(book)


def _each_its_own(names: dict[str, str]) -> dict[str, str]:
    """The names, numbered where several are the same."""
    names = dict(names)
    uses = Counter(names.values())
    taken = set(names.values())
    for name, label in names.items():
        if uses[label] > 1:
            names[name] = _numbered(label, taken)
            taken.add(names[name])
    return names


def _numbered(label: str, taken: set[str]) -> str:
    """A name with the first number that nothing else is called by."""
    names = (say("choice.numbered", label=label, number=number) for number in count(1))
    return next(name for name in names if name not in taken)


def ask_choice() -> None:
    """Let a person choose, in the sidebar."""
    books = offered()
    if st.session_state.get(BOOK) not in books:
        st.session_state[BOOK] = next(iter(books))
    names = labels(books)
    st.selectbox(
        say("choice.label"),
        list(books),
        format_func=names.__getitem__,
        key=BOOK,
        persist_state="session",
    )
    with st.expander(say("choice.upload_title")):
        ask_upload("side", say("choice.upload_label"))


def ask_upload(place: str, label: str, choose: str = BOOK) -> None:
    """Take a workbook for this session, and choose it in the selection with the key ``choose``."""
    key = f"upload-{place}-{st.session_state.get(_ROUND, 0)}"
    st.file_uploader(
        label,
        type=[suffix[1:] for suffix in SUFFIXES],
        key=key,
        max_upload_size=MAX_FILE_BYTES // MEBIBYTE,
        on_change=_take,
        args=(key, choose),
        help=say("choice.upload_help"),
    )


def _take(key: str, choose: str) -> None:
    """Keep what was uploaded, and empty the widget: its page may be left."""
    taken = take_upload(key)
    if taken is None:
        return
    st.session_state[choose] = _keep(*taken)
    st.session_state[_ROUND] = int(st.session_state.get(_ROUND, 0)) + 1


def _keep(file: str, content: bytes) -> str:
    version = hashlib.sha256(content).hexdigest()
    name = f"uploaded-{version}"
    others = [each for each in _uploaded() if each.key != name]
    others.sort(key=lambda each: each.key == st.session_state.get(BOOK))
    kept = (*others, Offered(name, file, None, content, _title(content), version))[-MOST_UPLOADED:]
    while len(kept) > 1 and sum(len(each.content) for each in kept) > MAX_FILE_BYTES:
        kept = kept[1:]
    st.session_state[_UPLOADED] = kept
    return name


def _uploaded() -> tuple[Offered, ...]:
    return cast("tuple[Offered, ...]", st.session_state.get(_UPLOADED, ()))


def _label(book: Offered) -> str:
    if book.path is None:
        return say("choice.uploaded", title=book.title or book.name)
    return _about(book) or file_of(book)


def _about(book: Offered) -> str:
    """What it calls itself; "" where it does not say so, or cannot be read."""
    if book.path is None:
        return book.title
    try:
        stat = book.path.stat()
    except OSError:
        return ""
    return _title_of_file(book.path, stat.st_mtime_ns, stat.st_size)


def file_of(book: Offered) -> str:
    """The name of its file, with that of its folder: a version of the policy."""
    return book.name if book.path is None else f"{book.path.parent.name}/{book.path.name}"


@lru_cache(maxsize=256)
def _title_of_file(path: Path, _changed: int, _size: int) -> str:
    try:
        return _title(path.read_bytes())
    except OSError:
        return ""


def _title(content: bytes) -> str:
    found = title_of(content)
    if not found.title:
        return ""
    if not found.effective:
        return found.title
    return say("choice.titled", title=found.title, date=found.effective)
