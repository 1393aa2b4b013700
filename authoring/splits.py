"""The money of a list split by verdict, and by what projects give for a field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from authoring.pages.words import say
from authoring.render_budget import Share
from authoring.shelves import SHELVES
from engine.model import Field, Policy
from engine.phrase import phrase_value
from engine.portfolio import FieldTotal, Money, ProjectResult, add_up_by, add_up_verdicts
from engine.types import ChoiceType, TextType, YesNoType
from engine.values import Value

MOST_SHARES = 30
"""So many values of a field are told apart; the rest comes together."""
_DISTRICT = re.compile("区|板块|街道|镇|属地|开发园|所在地")
_UNCOUNTED = ("displaced", "near", "conflict", "refused", "not_applicable")


def split_fields(policy: Policy, projects: Sequence[ProjectResult]) -> tuple[Field, ...]:
    """The fields by which a list can be split: one value for each project, given at least once.

    The first is that of the district where there is one, else the one that most projects give.
    """
    given = {
        each.name: sum(project.case.facts.get(each.name) is not None for project in projects)
        for each in policy.fields
    }
    usable = [
        each
        for each in policy.fields
        if given[each.name] and isinstance(each.type, ChoiceType | YesNoType | TextType)
    ]
    first = min(usable, key=lambda each: _last_choice(each, given[each.name]), default=None)
    return () if first is None else (first, *(each for each in usable if each is not first))


def _last_choice(field: Field, given: int) -> tuple[bool, bool, bool, int]:
    named = f"{field.name} {field.type.code_list if isinstance(field.type, ChoiceType) else ''}"
    is_choice = isinstance(field.type, ChoiceType)
    district = not isinstance(field.type, YesNoType) and bool(_DISTRICT.search(named))
    return not (district and is_choice), not district, not is_choice, -given


def shares_by(field: Field, projects: Iterable[ProjectResult]) -> tuple[Share, ...]:
    """The money of the projects of each value."""
    totals = add_up_by(field.name, projects)
    shown, rest = totals[:MOST_SHARES], totals[MOST_SHARES:]
    shares = [Share(_name(each.value, field), each.count, each.money) for each in shown]
    return (*shares, *_together(rest))


def _together(rest: Sequence[FieldTotal]) -> Iterable[Share]:
    if rest:
        money = sum((each.money for each in rest), Money())
        count = sum(each.count for each in rest)
        yield Share(say("budget.rest", count=len(rest)), count, money)


def _name(value: Value | None, field: Field) -> str:
    return say("budget.not_given") if value is None else phrase_value(value, field.type, field.unit)


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
