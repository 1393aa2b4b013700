"""What a contest (评选) over a list says in words: its tiers, who is in and why, what is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from authoring.messages import text
from authoring.spell_book import phrase_constraint, phrase_tie_break
from engine.model import Field, Selection, Tier
from engine.phrase import phrase_expression, phrase_result
from engine.phrase_terms import phrase_share
from engine.selection import Entry, SelectionResult, Standing

Fields = Mapping[str, Field]
_SEATS = (Standing.WON, Standing.OUTRANKED, Standing.SHARE)


@dataclass(frozen=True, slots=True)
class Line:
    """One case of a contest in words; ``tier`` is "" for one that won nothing."""

    entry: Entry
    tier: str
    score: str
    why: str


@dataclass(frozen=True, slots=True)
class OpenLine:
    """Fields that keep a contest from being decided, and the cases that do not give them.

    Without a case it is the base of a quota that is missing.
    """

    fields: tuple[str, ...]
    cases: tuple[str, ...]


def lines_of(result: SelectionResult, fields: Fields) -> tuple[Line, ...]:
    """Every case: winners tier by tier, then the other candidates, each by rank; last the rest."""
    order = {tier.name: number for number, tier in enumerate(result.selection.tiers)}
    none = len(order)

    def place(entry: Entry) -> tuple[int, int, int]:
        standing = _SEATS.index(entry.standing) if entry.standing in _SEATS else len(_SEATS)
        return order.get(entry.tier or "", none), int(standing == len(_SEATS)), entry.rank or 0

    return tuple(_line(each, result, fields) for each in sorted(result.entries, key=place))


def open_lines(result: SelectionResult) -> tuple[OpenLine, ...]:
    """What is missing, the same fields of several cases together."""
    found: dict[tuple[str, ...], list[str]] = {}
    for gap in result.open:
        found.setdefault(gap.fields, []).extend([] if gap.case is None else [gap.case])
    return tuple(OpenLine(names, tuple(cases)) for names, cases in found.items())


def phrase_tier(tier: Tier, selection: Selection, fields: Fields) -> str:
    """The terms of a tier: who may win, by what, how many, under which constraint."""
    constraint = tier.constraint or selection.constraint
    tie = phrase_tie_break(tier.tie_break, fields)
    parts = [
        text("contests.candidate", condition=phrase_expression(tier.candidate, fields)),
        text("contests.ranking", ranking=phrase_expression(tier.ranking, fields)),
        _phrase_quota(tier),
    ]
    if constraint is not None:
        key = "contests.constraint" if tier.constraint else "contests.constraint_of_all"
        parts.append(text(key, constraint=phrase_constraint(constraint, fields)))
    parts.append(text("contests.tie", rule=tie) if tie else text("contests.no_tie"))
    return text("contests.semicolon").join(parts)


def _phrase_quota(tier: Tier) -> str:
    quota = tier.quota
    if quota.share is None:
        return text("contests.places", count=quota.places)
    base = quota.base or text("contests.candidates")
    return text("contests.share", base=base, share=phrase_share(quota.share))


def _line(entry: Entry, result: SelectionResult, fields: Fields) -> Line:
    tier = _tier_of(entry, result)
    score = ""
    if tier is not None and entry.score is not None:
        score = phrase_result(tier.ranking, entry.score, fields)
    return Line(entry, entry.tier or "", score, _why(entry, tier, score, result, fields))


def _tier_of(entry: Entry, result: SelectionResult) -> Tier | None:
    """The tier that it won, or the last that it ran for."""
    tiers: Sequence[Tier] = result.selection.tiers
    return next((each for each in tiers if each.name == entry.ran_for), None)


def _why(
    entry: Entry, tier: Tier | None, score: str, result: SelectionResult, fields: Fields
) -> str:
    if tier is None:
        return text("contests.why_no_candidate")
    told = text(
        f"contests.why_{entry.standing}",
        ranking=phrase_expression(tier.ranking, fields),
        score=score,
        rank=entry.rank,
        tier=tier.name,
        places=result.places[tier.name],
        constraint=_constraint(tier, result.selection, fields),
    )
    if entry.passed_over:
        told += text("contests.passed_over", tiers="、".join(entry.passed_over))
    return told + text("contests.tied") if entry.tied else told


def _constraint(tier: Tier, selection: Selection, fields: Fields) -> str:
    constraint = tier.constraint or selection.constraint
    return "" if constraint is None else phrase_constraint(constraint, fields)
