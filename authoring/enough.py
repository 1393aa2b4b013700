"""When reading stops: after more findings than anybody mends, after more work than anybody waits.

Both are counted, so that the same book stops at the same cell on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsIndex

from engine.cells import CellRef, Place
from engine.findings import Finding, Severity

MOST_ERRORS = 3_000
MOST_OTHERS = 5_000
"""Of warnings and advice more are counted and not kept."""
READING_WORK = 5_000_000
"""Of a book or a file of cases: about the characters in its cells, see ``work_of``."""
_CELL, _LONG = 10, 200
_FAULT = 10


class EnoughError(Exception):
    """Reading goes no further; the finding says why, and what to do."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


class Findings(list[Finding]):
    """What was found so far. With too many errors in it, reading stops."""

    def __init__(self, found: Iterable[Finding] = ()) -> None:
        super().__init__()
        self._errors = 0
        self._others = 0
        self.extend(found)

    def append(self, finding: Finding, /) -> None:
        """Add a finding.

        Raises:
            EnoughError: it is one error too many.
        """
        if finding.severity is Severity.ERROR:
            self._errors += 1
            if self._errors > MOST_ERRORS:
                raise EnoughError(Finding("W298", finding.at, {"limit": MOST_ERRORS}))
        else:
            self._others += 1
            if self._others > MOST_OTHERS:
                return
        super().append(finding)

    def extend(self, findings: Iterable[Finding], /) -> None:
        """Add findings.

        Raises:
            EnoughError: there is one error too many among them.
        """
        for each in findings:
            self.append(each)

    def insert(self, index: SupportsIndex, finding: Finding, /) -> None:
        """Findings stand in the order of their discovery."""
        raise NotImplementedError

    def left_out(self) -> tuple[Finding, ...]:
        """What to say of the warnings and the advice that were not kept."""
        more = self._others - MOST_OTHERS
        return (Finding("W299", None, {"count": more}, Severity.ADVICE),) if more > 0 else ()


class Effort:
    """How much more may be read; without a limit for what a person types."""

    __slots__ = ("_left",)

    def __init__(self, left: int | None = None) -> None:
        self._left = left

    def read(self, text: str, cell: CellRef | None) -> None:
        """Count the reading of a cell.

        Raises:
            EnoughError: no more was left.
        """
        self.spend(_CELL + len(text) + len(text) ** 2 // _LONG)
        if self.is_spent:
            place = None if cell is None else Place(cell)
            raise EnoughError(Finding("W226", place))

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self._left is not None and self._left < 0

    def fail(self, text: str) -> None:
        """Count what it takes to say what is wrong with a cell."""
        self.spend(_FAULT * (_CELL + len(text)))

    def spend(self, work: int) -> None:
        """Count other work; the next cell that is read may be one too many."""
        if self._left is not None:
            self._left -= work
