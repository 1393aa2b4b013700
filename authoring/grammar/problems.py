"""What may be wrong with a cell, by code, and how it travels up to the reader of the cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from authoring.grammar.characters import Normalised
from engine.cells import CellRef, Place
from engine.findings import NO_PARAMS, Finding


class Code(StrEnum):
    """The findings of the cell language; their words stand in ``authoring/messages/cells.toml``."""

    UNKNOWN_WORD = "C101"
    NOT_IN_CODE_LIST = "C102"
    WRONG_TYPE = "C103"
    MISSING_UNIT = "C104"
    WRONG_UNIT = "C105"
    MIXED_CURRENCY = "C106"
    MONEY_TIMES_MONEY = "C107"
    EMPTY_INTERVAL = "C108"
    ALWAYS_TRUE = "C109"
    DASH_AS_MINUS = "C110"
    AMBIGUOUS_WORD = "C111"
    THOUSANDS = "C112"
    BLANK = "C113"
    PRESENCE_OF_DERIVED = "C114"
    BARE_RATE = "C115"
    NO_SUCH_DATE = "C116"
    CHINESE_NUMERAL = "C117"
    HALF_MARKED_RANGE = "C118"
    UNORDERED = "C119"
    STRANGE_CHARACTER = "C120"
    NOT_UNDERSTOOD = "C121"
    UNFINISHED = "C122"
    TOO_LONG = "C123"
    TOO_DEEP = "C124"
    TOO_LARGE = "C125"
    TOO_FINE = "C126"
    UNBALANCED = "C127"
    ARGUMENTS = "C128"
    STRAY_MARK = "C129"
    BROKEN_BRACKETS = "C130"
    CANNOT_COMBINE = "C131"
    NO_SUBJECT = "C132"
    NOT_A_VALUE = "C133"
    FOREIGN_AMOUNT = "C134"
    STRAY_LIMIT = "C135"
    NO_CONNECTIVE = "C136"
    EXCHANGE = "C137"
    COUNT = "C138"
    CONTRADICTION = "C139"
    NOT_A_LIST = "C140"
    AMOUNT_IN_WORDS = "C141"
    RECEIVED_UNSAID = "C142"
    PARTED_DIGITS = "C143"
    NO_SUCH_LIST = "C144"
    NOTHING_BESIDE = "C145"
    SENSELESS_SUM = "C146"
    OTHER_CURRENCY = "C147"
    FINER_FACT = "C148"
    TWO_SCALES = "C149"
    RATE_OF_NOTHING = "C150"
    MIXED_CONNECTIVES = "C151"
    UNKNOWN_IN_AMOUNT = "C152"
    PRICE_ALONE = "C153"
    LIMIT_OVER_TIME = "C154"
    YEARS_IN_AMOUNT = "C155"
    RESPECTIVELY = "C156"
    DIFFERENCE_UNSAID = "C157"
    RISE_IN_AMOUNT = "C158"
    PART_UNSAID = "C159"
    YEARS_FROM_WHEN = "C160"
    PERCENTAGE_POINTS = "C161"
    SELF_COMPARED = "C162"
    OWN_DEADLINE = "C163"
    FACT_COMMA = "C164"


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding before its cell is known; ``start`` and ``end`` count in the normalised text."""

    code: Code
    start: int
    end: int
    params: Mapping[str, object] = field(default_factory=lambda: NO_PARAMS)
    did_you_mean: tuple[str, ...] = ()


class Problem(Exception):
    """Carries issues from where they are noticed to the reader of the cell; never leaves it."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__(", ".join(issue.code for issue in issues))
        self.issues = issues


def problem(
    code: Code, start: int, end: int, did_you_mean: Iterable[str] = (), /, **params: object
) -> Problem:
    """Make a problem of one issue."""
    return Problem(Issue(code, start, end, params, tuple(did_you_mean)))


def finding(issue: Issue, source: Normalised, cell: CellRef | None) -> Finding:
    """Give an issue its place; without a cell the span goes into the params."""
    start, end = source.span(issue.start, issue.end)
    params = dict(issue.params)
    if params.get("word") == source.text[issue.start : issue.end]:
        params["word"] = source.typed[start:end]
    if cell is None:
        params |= {"start": start, "end": end}
    place = None if cell is None else Place(cell, start, end)
    return Finding(issue.code.value, place, params, did_you_mean=issue.did_you_mean)
