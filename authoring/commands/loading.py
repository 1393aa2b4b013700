"""Opening what the commands work on; what cannot be used is refused with its findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rich.console import Group, RenderableType

from authoring.cases import CaseFile, choose, read_cases
from authoring.cases.files import LISTS
from authoring.commands.answer import UnusableError
from authoring.commands.findings import render
from authoring.commands.words import say
from authoring.days import read_day
from authoring.messages import text
from authoring.outcome_json import findings_json
from authoring.render_terminal import shown
from authoring.understand import Understanding, understand
from authoring.values_json import Json
from authoring.workbook import Sheet, read_sheets
from engine.cases import GoldenCase, GoldenContest
from engine.findings import Finding, Severity, has_errors
from engine.model import Policy

ERROR_FORMAT = "tiaoli-error/1"


@dataclass(frozen=True, slots=True)
class Reading:
    """A workbook that could be opened, and what was understood of it, errors and all."""

    path: str
    sheets: tuple[Sheet, ...]
    understanding: Understanding


@dataclass(frozen=True, slots=True)
class Book:
    """A sound workbook."""

    path: str
    policy: Policy
    golden_cases: tuple[GoldenCase, ...]
    golden_contests: tuple[GoldenContest, ...] = ()


def read_workbook(path: str) -> Reading:
    """Read a workbook, sound or not.

    Raises:
        UnusableError: there is no workbook to read.
    """
    sheets, findings = _read(path)
    return Reading(path, sheets, understand(sheets, findings))


def open_sheets(path: str) -> tuple[Sheet, ...]:
    """Read the sheets of a workbook, and understand nothing yet.

    Raises:
        UnusableError: there is no workbook to read.
    """
    return _read(path)[0]


def _read(path: str) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    sheets, findings = read_sheets(path)
    if has_errors(findings):
        raise unusable(findings, (), say("unusable.file", path=path))
    return sheets, findings


def reread(path: str, content: bytes) -> Reading:
    """Read a workbook of our own making, under the name of the one that it was made from."""
    sheets, findings = read_sheets(content)
    return Reading(path, sheets, understand(sheets, findings))


def open_book(path: str) -> Book:
    """Open a workbook to use it.

    Raises:
        UnusableError: there is no workbook to read, or it has errors.
    """
    reading = read_workbook(path)
    understanding = reading.understanding
    if understanding.policy is None:
        errors = [each for each in understanding.findings if each.severity is Severity.ERROR]
        message = say("unusable.book", path=path, count=len(errors))
        raise unusable(errors, reading.sheets, message)
    return Book(
        path,
        understanding.policy,
        understanding.golden_cases,
        understanding.golden_contests,
    )


def open_cases(policy: Policy, path: str, day: str | None, row: str | None) -> CaseFile:
    """Open a case file, of which at least one case can be used.

    A day given on the command line replaces those in the file.

    Raises:
        UnusableError: the file cannot be read, no case of it can be used, or an option means
            nothing.
    """
    on = None if day is None else _day(day)
    if row is not None and not is_list(path):
        raise wrong(say("unusable.row_without_workbook"))
    file = choose(read_cases(path, policy, on=on), row)
    if all(case is None for _, (case, _, _) in file.readings):
        found = [each for _, (_, _, findings) in file.readings for each in findings]
        raise unusable((*file.findings, *found), file.sheets, say("unusable.case", path=path))
    return file


def is_list(path: str) -> bool:
    """Whether a case file is a workbook or a .csv, which may hold many cases."""
    return path.lower().endswith(LISTS)


def _day(written: str) -> date:
    day, _ = read_day(written, None)
    if day is None:
        raise wrong(say("usage.bad_date", text=written))
    return day


def wrong(message: str) -> UnusableError:
    """What to raise when the question itself cannot be answered as it is put."""
    data: Json = {"format": ERROR_FORMAT, "message": message, "findings": []}
    return UnusableError(data, shown(message))


def unusable(findings: Sequence[Finding], sheets: Sequence[Sheet], message: str) -> UnusableError:
    """A refusal that says what is wrong with a file, cell by cell."""
    data: Json = {
        "format": ERROR_FORMAT,
        "message": message,
        "findings": findings_json(findings),
    }
    return UnusableError(data, Group(render(findings, sheets), shown(message, "bold red")))


def notices_of(notice: str | None) -> tuple[str, ...]:
    """How an answer was worked out, in words; ``notice`` is the code that the agenda gives."""
    return () if notice is None else (text(f"notice.{notice}"),)


def aside_of(
    findings: Sequence[Finding], notices: Sequence[str], sheets: Sequence[Sheet] = ()
) -> RenderableType | None:
    """What a person should know beside an answer: warnings, and how it was worked out."""
    parts: list[RenderableType] = []
    if findings:
        parts.append(render(findings, sheets))
    parts += [shown(each, "dim") for each in notices]
    return Group(*parts) if parts else None
