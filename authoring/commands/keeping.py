"""What ``tiaoli simulate`` writes to keep: reports of an answer, the case in a copy of the book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path

from authoring.commands.copies import check_copy, check_place, is_same, write_copy
from authoring.commands.loading import wrong
from authoring.commands.words import say
from authoring.report import excel_report, word_report
from authoring.save_case import (
    NotSavedError,
    Saved,
    UnreadablePartError,
    UnspellableError,
    save_case,
)
from engine.narrative import Narrative
from engine.outcome import Outcome

REPORTS = {".docx": word_report, ".xlsx": excel_report}


@dataclass(frozen=True, slots=True)
class Keepsakes:
    """What was asked for beside the answer: where to write which report, and the case."""

    reports: tuple[str, ...] = ()
    save_as: str | None = None
    force: bool = False

    @property
    def any(self) -> bool:
        """Whether anything is to be written."""
        return bool(self.reports) or self.save_as is not None


def check_keepsakes(book: str, case_file: str, wanted: Keepsakes) -> None:
    """Look at the wishes before any work is done.

    Raises:
        UnusableError: a file cannot go where it should.
    """
    outs = [*wanted.reports, *([wanted.save_as] if wanted.save_as is not None else [])]
    if wanted.force and not outs:
        raise wrong(say("keep.force_alone"))
    for out in outs:
        if is_same(case_file, out):
            raise wrong(say("keep.is_case", path=out))
    for out in wanted.reports:
        if not Path(out).is_dir() and Path(out).suffix.lower() not in REPORTS:
            raise wrong(say("keep.wrong_suffix", path=out))
        check_place(book, out, wanted.force)
    if wanted.save_as is not None:
        check_copy(book, wanted.save_as, wanted.force)
    if any(is_same(one, other) for one, other in combinations(outs, 2)):
        raise wrong(say("keep.same_twice"))


def keep(
    book: str, wanted: Keepsakes, outcome: Outcome, narrative: Narrative, made_on: date
) -> Sequence[str]:
    """Write what was asked for, and say what was written.

    All is made before any of it is written.

    Raises:
        UnusableError: something cannot be made or written.
    """
    files = [
        (out, REPORTS[Path(out).suffix.lower()](outcome, narrative, made_on))
        for out in wanted.reports
    ]
    told = [say("keep.reported", path=out) for out, _ in files]
    if wanted.save_as is not None:
        saved = _save(book, outcome)
        files.append((wanted.save_as, saved.file))
        name = outcome.case.name
        told.append(
            say(
                "keep.saved",
                project=say("keep.named", name=name) if name else say("keep.unnamed"),
                path=wanted.save_as,
                sheet=saved.sheet,
                row=saved.row,
                id=saved.id,
                count=saved.expectations,
            )
        )
    for out, content in files:
        write_copy(out, content)
    return told


def _save(book: str, outcome: Outcome) -> Saved:
    try:
        return save_case(Path(book).read_bytes(), outcome)
    except UnspellableError as error:
        raise wrong(say("keep.unspellable", fields="、".join(error.fields))) from None
    except NotSavedError:
        raise wrong(say("keep.not_saved")) from None
    except UnreadablePartError:
        raise wrong(say("copy.unreadable", path=book)) from None
    except OSError:
        raise wrong(say("unusable.file", path=book)) from None
