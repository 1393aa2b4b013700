"""``tiaoli new``: a workbook to begin with, or an existing one with its dropdowns renewed."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from rich.console import Group
from rich.text import Text

from authoring.commands.answer import Answer, Code, UnusableError
from authoring.commands.loading import ERROR_FORMAT, WORKBOOKS, open_sheets
from authoring.commands.words import say
from authoring.outcome_json import Json, place_json
from authoring.render_terminal import shown
from authoring.template import VERSION, Renewal, UnreadablePartError, new_book, renew
from engine.cells import Place


def answer(path: str, source: str | None, force: bool) -> Answer:
    """Write a new workbook, or (``source``) another one renewed.

    Raises:
        UnusableError: nothing was written, and why.
    """
    target = Path(path)
    try:
        _check(target, path, source, force)
        written = new_book() if source is None else _renewed(source)
        _write(target, written.file)
    except OSError as error:
        raise _refusal("cannot_write", path=path) from error
    return Answer(Code.FINE, _json(path, source, written), Group(*_view(path, source, written)))


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


def _write(target: Path, file: bytes) -> None:
    """Write the whole file or nothing: an existing one stays until the new one is complete."""
    final = target.resolve()
    draft = final.with_name(f".{secrets.token_hex(4)}-{final.name}")
    try:
        with draft.open("xb") as stream:
            stream.write(file)
        if final.exists():
            shutil.copymode(final, draft)
        os.replace(draft, final)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _refusal(key: str, **params: object) -> UnusableError:
    message = say(f"new.{key}", **params)
    return UnusableError(
        {"format": ERROR_FORMAT, "message": message, "findings": []}, shown(message)
    )


def _json(path: str, source: str | None, written: Renewal) -> Json:
    return {
        "format": "tiaoli-new/1",
        "book": path,
        "from": source,
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


def _view(path: str, source: str | None, written: Renewal) -> Iterator[Text]:
    yield shown(say("new.written" if source is None else "new.renewed", path=path), "bold green")
    if source is not None:
        yield from _added(written)
    yield Text()
    yield Text(say("new.next"))
    named = f'"{path}"' if any(map(str.isspace, path)) else path
    yield shown(say("new.next_fill" if source is None else "new.next_look"))
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
