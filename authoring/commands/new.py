"""``tiaoli new``: a workbook to begin with, or an existing one with its dropdowns renewed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Group
from rich.text import Text

from authoring.cases.files import WORKBOOKS
from authoring.commands.answer import Answer, Code, UnusableError
from authoring.commands.loading import open_sheets, unusable, wrong
from authoring.commands.words import say
from authoring.commands.writing import write_whole
from authoring.notice import Notice, cut, propose, read_paragraphs
from authoring.render_terminal import shown
from authoring.template import (
    VERSION,
    Column,
    Renewal,
    Tidied,
    UnreadablePartError,
    drop_left_over,
    new_book,
    renew,
)
from authoring.values_json import Json, place_json
from authoring.workbook import read_sheets
from engine.cells import Place
from engine.findings import has_errors


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: a new book at ``path``, or (``source``) another one renewed."""

    path: str
    source: str | None = None
    notice: str | None = None
    blank: bool = False
    tidy: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class _Written:
    """What was written, and of what."""

    renewal: Renewal
    notice: Notice | None = None
    tidied: Tidied | None = None


def answer(wish: Wish) -> Answer:
    """Write a new workbook, one for a notice, or another one renewed.

    Raises:
        UnusableError: nothing was written, and why.
    """
    target = Path(wish.path)
    try:
        if sum((wish.source is not None, wish.notice is not None, wish.blank)) > 1:
            raise _refusal("both")
        if wish.tidy and wish.source is None:
            raise _refusal("tidy_alone")
        _check(target, wish.path, wish.source, wish.force)
        written = _write(wish)
        write_whole(target, written.renewal.file)
    except OSError as error:
        raise _refusal("cannot_write", path=wish.path) from error
    return Answer(Code.FINE, lambda: _json(wish, written), Group(*_view(wish, written)))


def _write(wish: Wish) -> _Written:
    if wish.notice is not None:
        notice = _cut(wish.notice)
        return _Written(new_book(notice), notice)
    if wish.source is None:
        return _Written(new_book(blank=wish.blank))
    sheets = open_sheets(wish.source)
    try:
        file = Path(wish.source).read_bytes()
        if not wish.tidy:
            return _Written(renew(file, sheets))
        tidied = drop_left_over(file, sheets)
        return _Written(renew(tidied.file, read_sheets(tidied.file)[0]), None, tidied)
    except (UnreadablePartError, OSError) as error:
        raise _refusal("unreadable", path=wish.source) from error


def _cut(path: str) -> Notice:
    paragraphs, findings = read_paragraphs(path)
    if has_errors(findings):
        raise unusable(findings, (), say("unusable.file", path=path))
    notice = cut(paragraphs)
    if not notice.articles:
        raise _refusal("not_cut", path=path)
    return notice


def _check(target: Path, path: str, source: str | None, force: bool) -> None:
    """Refuse what could not be written, before anything is worked out."""
    endings = WORKBOOKS[:1] if source is None else (Path(source).suffix.lower(),)
    if target.is_dir():
        raise _refusal("is_folder", path=path.rstrip("/\\"))
    if target.suffix.lower() not in endings and endings[0] in WORKBOOKS:
        raise _refusal("ending", path=path, ending=endings[0])
    if not target.parent.is_dir():
        raise _refusal("no_folder", folder=target.parent)
    if target.exists() and not force:
        same = source is not None and Path(source).exists() and target.samefile(source)
        raise _refusal("same" if same else "exists", path=path)


def _refusal(key: str, **params: object) -> UnusableError:
    return wrong(say(f"new.{key}", **params))


def _json(wish: Wish, written: _Written) -> Json:
    renewal, tidied = written.renewal, written.tidied
    return {
        "format": "tiaoli-new/1",
        "book": wish.path,
        "from": wish.source,
        "notice": wish.notice,
        "template_version": VERSION,
        "added": {
            "sheets": list(renewal.sheets),
            "headings": [
                {"heading": each.text, "place": place_json(Place(each.at))}
                for each in renewal.headings
            ],
        },
        "dropped": _columns_json(tidied.dropped if tidied else ()),
        "left_over": _columns_json(tidied.kept if tidied else ()),
        "dropdowns": renewal.dropdowns,
        "messages": renewal.messages,
    }


def _columns_json(columns: Iterable[Column]) -> Json:
    """Columns with the places that they had."""
    return [{"heading": each.heading, "place": place_json(Place(each.at))} for each in columns]


def _view(wish: Wish, written: _Written) -> Iterator[Text]:
    path, notice, source = wish.path, written.notice, wish.source
    if notice is not None:
        found = sum(len(propose(article)) for article in notice.articles)
        counts = {"articles": len(notice.articles), "proposals": found}
        yield shown(say("new.noticed", path=path, **counts), "bold green")
        if not notice.numbered:
            yield shown(say("new.not_numbered"), "yellow")
    else:
        key = "new.written" if source is None else "new.renewed"
        yield shown(say(key, path=path), "bold green")
    if written.tidied is not None:
        yield from _dropped(written.tidied)
    if source is not None:
        yield from _added(written.renewal)
    yield Text()
    yield Text(say("new.next"))
    named = f'"{path}"' if any(map(str.isspace, path)) else path
    yield shown(say(f"new.{_first_step(wish)}"))
    yield shown(say("new.next_check", path=named))
    yield shown(say("new.next_test", path=named))


def _first_step(wish: Wish) -> str:
    if wish.notice is not None:
        return "next_place"
    if wish.source is not None:
        return "next_look"
    return "next_blank" if wish.blank else "next_fill"


def _dropped(tidied: Tidied) -> Iterator[Text]:
    for key, columns in (("dropped", tidied.dropped), ("not_dropped", tidied.kept)):
        headings: dict[str, list[str]] = {}
        for each in columns:
            headings.setdefault(each.at.sheet, []).append(each.heading)
        for sheet, names in headings.items():
            yield shown(say(f"new.{key}", sheet=sheet, names="、".join(names)))
    if not tidied.dropped and not tidied.kept:
        yield Text(say("new.nothing_dropped"))


def _added(renewal: Renewal) -> Iterator[Text]:
    if renewal.sheets:
        yield shown(say("new.added_sheets", names="、".join(renewal.sheets)))
    headings: dict[str, list[str]] = {}
    for each in renewal.headings:
        headings.setdefault(each.at.sheet, []).append(each.text)
    for sheet, names in headings.items():
        yield shown(say("new.added_headings", sheet=sheet, names="、".join(names)))
    if not renewal.sheets and not headings:
        yield Text(say("new.nothing_added"))
