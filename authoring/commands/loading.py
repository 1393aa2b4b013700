"""Opening what the commands work on; what cannot be used is refused with its findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from rich.console import Group, RenderableType

from authoring.cases import read_case_file
from authoring.commands.answer import UnusableError
from authoring.commands.findings import findings_json, render
from authoring.commands.words import say
from authoring.days import read_day
from authoring.messages import text
from authoring.outcome_json import Json
from authoring.render_terminal import shown
from authoring.understand import Understanding, understand
from authoring.workbook import Sheet, read_sheets
from engine.cases import Case, GoldenCase, GoldenContest
from engine.findings import Finding, Severity, has_errors
from engine.model import Policy

ERROR_FORMAT = "tiaoli-error/1"
WORKBOOKS = (".xlsx", ".xlsm")


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


def open_case(
    policy: Policy, path: str, day: str | None, row: str | None
) -> tuple[GoldenCase, tuple[Finding, ...]]:
    """Open a case file; a day given on the command line replaces the one in the file.

    Raises:
        UnusableError: the file cannot be read or has errors, or an option means nothing.
    """
    on = None if day is None else _day(day)
    if row is not None and not path.lower().endswith(WORKBOOKS):
        raise wrong(say("unusable.row_without_workbook"))
    case, expectations, findings = read_case_file(path, policy, case_id=row, on=on)
    if case is None:
        raise unusable(findings, (), say("unusable.case", path=path))
    return GoldenCase(_on(case, on), expectations), findings


def _on(case: Case, day: date | None) -> Case:
    return case if day is None else replace(case, date=day)


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


def aside_of(findings: Sequence[Finding], notice: str | None) -> RenderableType | None:
    """What a person should know beside an answer: warnings of the case, and how it was worked out.

    ``notice`` is the code that the agenda gives.
    """
    parts: list[RenderableType] = []
    if findings:
        parts.append(render(findings, ()))
    if notice is not None:
        parts.append(shown(text(f"notice.{notice}"), "dim"))
    return Group(*parts) if parts else None
