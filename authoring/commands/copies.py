"""The copies that ``tiaoli check`` writes: one annotated, one with small faults mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from authoring.cases.files import WORKBOOKS
from authoring.commands.answer import UnusableError
from authoring.commands.golden import CaseResult, ContestResult
from authoring.commands.loading import Reading, wrong
from authoring.commands.words import say
from authoring.commands.writing import write_whole
from authoring.examination import Golden, annotated_copy, cell_readings, reason_of
from authoring.mend import Mend, mend
from authoring.package.splice import UnreadablePartError
from authoring.render_terminal import shown
from authoring.values_json import Json, Object
from engine.findings import Severity


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for beside the answer: where to write which copy, and how."""

    annotate: str | None = None
    fix: str | None = None
    readings: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Mended:
    """A workbook with its small faults mended."""

    content: bytes
    mends: tuple[Mend, ...]


def check_wishes(book: str, wishes: Wishes) -> None:
    """Look at the wishes before any work is done.

    Raises:
        UnusableError: a copy cannot go where it should.
    """
    outs = [each for each in (wishes.annotate, wishes.fix) if each is not None]
    if wishes.force and not outs:
        raise wrong(say("copy.force_alone"))
    for out in outs:
        check_copy(book, out, wishes.force)
    if len(outs) == 2 and is_same(*outs):
        raise wrong(say("copy.same_twice"))


def make_mended(reading: Reading) -> Mended:
    """Mend what can be mended unasked.

    Raises:
        UnusableError: the file can be read, but not changed.
    """
    try:
        return Mended(*mend(_content(reading), reading.sheets, reading.understanding))
    except UnreadablePartError:
        raise wrong(say("copy.unreadable", path=reading.path)) from None


def count_fixable(reading: Reading) -> int:
    """How many cells with errors could be mended unasked."""
    wrong = {
        each.at.cell
        for each in reading.understanding.findings
        if each.at is not None and each.severity is Severity.ERROR
    }
    if not wrong:
        return 0
    try:
        mended = make_mended(reading)
    except UnusableError:
        return 0
    return sum(each.at in wrong for each in mended.mends)


def make_annotated(
    reading: Reading,
    mended: Mended | None,
    cases: Sequence[CaseResult],
    contests: Sequence[ContestResult],
    show_readings: bool,
) -> bytes:
    """The workbook with all that the check says of it.

    Raises:
        UnusableError: the file can be read, but not changed.
    """
    understanding, mends = reading.understanding, mended.mends if mended else ()
    content = mended.content if mended else _content(reading)
    try:
        return annotated_copy(
            content,
            reading.sheets,
            understanding,
            Golden(tuple(cases), tuple(contests)),
            show_readings=show_readings,
            mends=mends,
        )
    except UnreadablePartError:
        raise wrong(say("copy.unreadable", path=reading.path)) from None


def write_copy(out: str, content: bytes) -> None:
    """Write a copy whole or not at all.

    Raises:
        UnusableError: it cannot be written.
    """
    try:
        write_whole(Path(out), content)
    except OSError:
        raise wrong(say("copy.cannot_write", path=out)) from None


def _content(reading: Reading) -> bytes:
    try:
        return Path(reading.path).read_bytes()
    except OSError:
        raise wrong(say("unusable.file", path=reading.path)) from None


def check_copy(book: str, out: str, force: bool) -> None:
    """Look whether a copy of a workbook can go where it should.

    Raises:
        UnusableError: it cannot.
    """
    suffix = Path(book).suffix.lower()
    suffix = suffix if suffix in WORKBOOKS else WORKBOOKS[0]
    if not Path(out).is_dir() and Path(out).suffix.lower() != suffix:
        raise wrong(say("copy.wrong_suffix", suffix=suffix))
    check_place(book, out, force)


def check_place(book: str, out: str, force: bool) -> None:
    """Look whether a file can be written beside a workbook, which is never overwritten.

    Raises:
        UnusableError: it cannot.
    """
    target = Path(out)
    if target.is_dir():
        raise wrong(say("copy.is_folder", path=out))
    if not target.parent.is_dir():
        raise wrong(say("copy.no_such_folder", folder=target.parent, path=out))
    if is_same(book, out):
        raise wrong(say("copy.is_book", path=out))
    if target.exists() and not force:
        raise wrong(say("copy.exists", path=out))


def is_same(one: str, other: str) -> bool:
    """Whether two paths lead to one file, which may not be there yet."""
    first, second = Path(one), Path(other)
    if first.exists() and second.exists():
        return first.samefile(second)
    return first.resolve() == second.resolve()


# --- what is said of them -------------------------------------------------------------------------


def copies_json(reading: Reading, wishes: Wishes, mended: Mended | None) -> Object:
    """The copies as plain data; null for what was not asked for."""
    fixed: Json = None
    if mended is not None and wishes.fix is not None:
        fixed = {
            "path": wishes.fix,
            "mends": [
                {
                    "cell": str(each.at),
                    "before": each.before,
                    "after": each.after,
                    "why": [str(why) for why in each.why],
                }
                for each in mended.mends
            ],
        }
    readings: Json = None
    if wishes.readings:
        readings = [
            {"cell": str(r.at), "rule": r.rule, "subject": r.subject, "reading": r.text}
            for r in cell_readings(reading.sheets, reading.understanding)
        ]
    return {"annotated": wishes.annotate, "fixed": fixed, "readings": readings}


def mends_view(wishes: Wishes, mended: Mended) -> Iterator[RenderableType]:
    """What was mended, cell by cell."""
    key = "copy.fixed" if mended.mends else "copy.fixed_nothing"
    yield shown(say(key, count=len(mended.mends), path=wishes.fix), "bold")
    for each in mended.mends:
        before, after = (told.replace("\n", " ") for told in (each.before, each.after))
        told = say("copy.mend", cell=each.at, before=before, after=after, why=reason_of(each))
        yield Padding(shown(told), (0, 0, 0, 2), expand=False)
    yield Text()


def readings_view(reading: Reading) -> Iterator[RenderableType]:
    """How each cell was understood."""
    cells = {(s.name, *at): cell.text for s in reading.sheets for at, cell in s.cells.items()}
    for each in cell_readings(reading.sheets, reading.understanding):
        written = cells.get((each.at.sheet, each.at.row, each.at.column), "").replace("\n", " ")
        yield shown(
            say("copy.reading", cell=each.at, written=written, subject=each.subject, text=each.text)
        )
    yield Text()


def annotated_view(out: str, anything: bool, readings: bool) -> RenderableType:
    """Where the annotated copy is, and what is in it."""
    if anything:
        key = "copy.annotated_both" if readings else "copy.annotated"
    else:
        key = "copy.annotated_readings" if readings else "copy.annotated_clean"
    return shown(say(key, path=out))
