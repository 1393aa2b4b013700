"""``tiaoli new``: a workbook to begin with, or an existing one with its dropdowns renewed."""

from __future__ import annotations

from collections.abc import Iterator
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
from authoring.template import VERSION, Renewal, UnreadablePartError, new_book, renew
from authoring.values_json import Json, place_json
from engine.cells import Place
from engine.findings import has_errors


def answer(path: str, source: str | None, notice: str | None, force: bool) -> Answer:
    """Write a new workbook, one for a ``notice``, or (``source``) another one renewed.

    Raises:
        UnusableError: nothing was written, and why.
    """
    target = Path(path)
    try:
        if source is not None and notice is not None:
            raise _refusal("both")
        _check(target, path, source, force)
        cut_ = None if notice is None else _cut(notice)
        written = new_book(cut_) if source is None else _renewed(source)
        write_whole(target, written.file)
    except OSError as error:
        raise _refusal("cannot_write", path=path) from error
    return Answer(
        Code.FINE,
        lambda: _json(path, source, notice, written),
        Group(*_view(path, source, cut_, written)),
    )


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


def _renewed(source: str) -> Renewal:
    sheets = open_sheets(source)
    try:
        return renew(Path(source).read_bytes(), sheets)
    except (UnreadablePartError, OSError) as error:
        raise _refusal("unreadable", path=source) from error


def _refusal(key: str, **params: object) -> UnusableError:
    return wrong(say(f"new.{key}", **params))


def _json(path: str, source: str | None, notice: str | None, written: Renewal) -> Json:
    return {
        "format": "tiaoli-new/1",
        "book": path,
        "from": source,
        "notice": notice,
        "template_version": VERSION,
        "added": {
            "sheets": list(written.sheets),
            "headings": [
                {"heading": each.text, "place": place_json(Place(each.at))}
                for each in written.headings
            ],
        },
        "dropdowns": written.dropdowns,
        "messages": written.messages,
    }


def _view(path: str, source: str | None, notice: Notice | None, written: Renewal) -> Iterator[Text]:
    if notice is not None:
        found = sum(len(propose(article)) for article in notice.articles)
        counts = {"articles": len(notice.articles), "proposals": found}
        yield shown(say("new.noticed", path=path, **counts), "bold green")
        if not notice.numbered:
            yield shown(say("new.not_numbered"), "yellow")
    else:
        key = "new.written" if source is None else "new.renewed"
        yield shown(say(key, path=path), "bold green")
    if source is not None:
        yield from _added(written)
    yield Text()
    yield Text(say("new.next"))
    named = f'"{path}"' if any(map(str.isspace, path)) else path
    first = "next_place" if notice is not None else "next_fill" if source is None else "next_look"
    yield shown(say(f"new.{first}"))
    yield shown(say("new.next_check", path=named))
    yield shown(say("new.next_test", path=named))


def _added(written: Renewal) -> Iterator[Text]:
    if written.sheets:
        yield shown(say("new.added_sheets", names="、".join(written.sheets)))
    headings: dict[str, list[str]] = {}
    for each in written.headings:
        headings.setdefault(each.at.sheet, []).append(each.text)
    for sheet, names in headings.items():
        yield shown(say("new.added_headings", sheet=sheet, names="、".join(names)))
    if not written.sheets and not headings:
        yield Text(say("new.nothing_added"))
