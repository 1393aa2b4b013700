"""The money of a list split by verdict, and by what projects give in a column of the list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from authoring.cases import CaseFile, spare_columns
from authoring.pages.words import say
from authoring.render_budget import Share
from authoring.shelves import SHELVES
from authoring.spelling import tidy
from authoring.widths import clip
from engine.model import Field, Policy
from engine.phrase import phrase_value
from engine.portfolio import Money, ProjectResult, ValueTotal, add_up_by, add_up_verdicts
from engine.types import ChoiceType, TextType, YesNoType

MOST_SHARES = 30
"""So many values of a column are told apart; the rest comes together."""
_WIDEST_VALUE = 60
_DISTRICT = re.compile("区|板块|街道|镇|属地|开发园|所在地")
_UNCOUNTED = ("displaced", "near", "conflict", "refused", "not_applicable")


@dataclass(frozen=True, slots=True)
class Split:
    """One way to tell the projects of a list apart: by a name, the value of each in words.

    The lower ``rank``, the likelier it is what somebody wants to see.
    """

    name: str
    value_of: Callable[[ProjectResult], str | None]
    rank: tuple[bool, bool, bool, int] = (True, True, True, 0)


def splits_of(
    policy: Policy, file: CaseFile, projects: Sequence[ProjectResult]
) -> tuple[Split, ...]:
    """The ways to split a list: by a field with one value for each project, given at least once;
    and by a column that the policy does not know, where some projects have the same in it.

    The first is that of the district where there is one, else the one that most projects give.
    """
    found = (*_by_fields(policy, projects), *_by_columns(file, projects))
    first = min(found, key=lambda each: each.rank, default=None)
    return () if first is None else (first, *(each for each in found if each is not first))


def _by_fields(policy: Policy, projects: Sequence[ProjectResult]) -> Iterator[Split]:
    for field in policy.fields:
        given = sum(project.case.facts.get(field.name) is not None for project in projects)
        if not given or not isinstance(field.type, ChoiceType | YesNoType | TextType):
            continue
        listed = isinstance(field.type, ChoiceType)
        named = f"{field.name} {field.type.code_list if isinstance(field.type, ChoiceType) else ''}"
        district = not isinstance(field.type, YesNoType) and bool(_DISTRICT.search(named))
        rank = (not (district and listed), not district, not listed, -given)
        yield Split(field.name, _value_of(field), rank)


def _value_of(field: Field) -> Callable[[ProjectResult], str | None]:
    def value_of(project: ProjectResult) -> str | None:
        value = project.case.facts.get(field.name)
        return None if value is None else phrase_value(value, field.type, field.unit)

    return value_of


def _by_columns(file: CaseFile, projects: Sequence[ProjectResult]) -> Iterator[Split]:
    for name, written in spare_columns(file).items():
        texts = {row: clip(tidy(text), _WIDEST_VALUE) for row, text in written.items()}

        def value_of(project: ProjectResult, texts: dict[int, str] = texts) -> str | None:
            return None if project.case.at is None else texts.get(project.case.at.cell.row) or None

        counts = Counter(map(value_of, projects))
        given = counts.total() - counts.pop(None, 0)
        if len(counts) < given:
            yield Split(name, value_of, (True, not _DISTRICT.search(name), True, -given))


def shares_by(split: Split, projects: Iterable[ProjectResult]) -> tuple[Share, ...]:
    """The money of the projects of each value."""
    totals = add_up_by(split.value_of, projects)
    shown, rest = totals[:MOST_SHARES], totals[MOST_SHARES:]
    shares = [
        Share(each.value or say("budget.not_given"), each.count, each.money) for each in shown
    ]
    return (*shares, *_together(rest))


def _together(rest: Sequence[ValueTotal]) -> Iterable[Share]:
    if rest:
        money = sum((each.money for each in rest), Money())
        count = sum(each.count for each in rest)
        yield Share(say("budget.rest", count=len(rest)), count, money)


def shares_by_verdict(projects: Iterable[ProjectResult]) -> tuple[Share, ...]:
    """The money behind each verdict; none is counted of what is refused or displaced."""
    totals = add_up_verdicts(projects)
    return tuple(
        Share(
            say(f"shelf.{shelf}"),
            totals[shelf].count,
            None if shelf in _UNCOUNTED else totals[shelf].money,
        )
        for shelf in SHELVES
        if shelf in totals
    )
