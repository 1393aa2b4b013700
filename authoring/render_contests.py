"""The contests (评选) of a list, as HTML: who is in, who is not, why; or what is missing. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from authoring.contest_words import Fields, Line, OpenLine, open_lines, phrase_tier
from authoring.messages import text
from authoring.pages.words import say
from authoring.render_html import Html, element
from authoring.render_table import long_table
from engine.cases import Case
from engine.selection import SelectionResult, Standing

MOST_NAMED = 12
"""So many projects are named of those that miss the same."""


def render_contest(result: SelectionResult, fields: Fields) -> Html:
    """The terms of a contest, tier by tier, with places and who got them."""
    rows = (
        element(
            "tr",
            element("td", tier.name, class_="tl-row-name"),
            element(
                "td",
                phrase_tier(tier, result.selection, fields),
                data_label=say("contests.terms_column"),
            ),
            element("td", _filled(result, tier.name), data_label=say("contests.filled_column")),
        )
        for tier in result.selection.tiers
    )
    columns = ("tier", "terms", "filled")
    return _table(columns, rows, say("contests.terms"))


def _filled(result: SelectionResult, tier: str) -> str:
    if result.open:
        return say("contests.not_yet")
    places, left = result.places[tier], result.shortfall[tier]
    told = say("contests.filled", won=places - left, places=places)
    return told + say("contests.left", left=left) if left else told


def render_lines(lines: Iterable[Line], cases: Mapping[str, Case]) -> Html:
    """Case by case: rank, tier, score, and why."""
    rows = (_row(each, cases[each.entry.case]) for each in lines)
    columns = ("won", "project", "rank", "score", "why")
    return _table(columns, rows, say("contests.results"), (2, 3))


def _row(line: Line, case: Case) -> Html:
    won = line.entry.standing is Standing.WON
    icon = element("b", say("contests.in" if won else "contests.out"), aria_hidden="true")
    mark = [element("small", say("contests.tied"), class_="tl-tied")] if line.entry.tied else []
    return element(
        "tr",
        element(
            "td",
            element(
                "span",
                icon,
                line.tier or text("contests.not_won"),
                class_=f"tl-truth {'tl-yes' if won else 'tl-out'}",
            ),
            *mark,
            data_label=say("contests.won_column"),
        ),
        element("td", *_project(case), class_="tl-who", data_label=say("contests.project_column")),
        element(
            "td",
            "" if line.entry.rank is None else str(line.entry.rank),
            class_="tl-count",
            data_label=say("contests.rank_column"),
        ),
        element("td", line.score, class_="tl-count", data_label=say("contests.score_column")),
        element("td", line.why, data_label=say("contests.why_column")),
    )


def _project(case: Case) -> Iterator[Html]:
    yield element("b", f"{case.id} {case.name or say('portfolio.unnamed')}")
    if case.at is not None:
        yield element("small", say("portfolio.row", row=case.at.cell.row))


def render_open(result: SelectionResult) -> Html:
    """What is missing, and how many projects do not give it."""
    rows = (
        element(
            "tr",
            element(
                "td",
                str(len(each.cases)) if each.cases else "",
                class_="tl-count",
                data_label=say("contests.count_column"),
            ),
            element("td", _missing(each), data_label=say("contests.fields_column")),
            element("td", _named(each.cases), data_label=say("contests.cases_column")),
        )
        for each in open_lines(result)
    )
    return _table(("count", "fields", "cases"), rows, say("contests.missing"), (0,))


def _missing(line: OpenLine) -> str:
    named = "、".join(line.fields) or say("contests.gap_other")
    return named if line.cases else say("contests.gap_base", fields=named)


def _named(cases: Sequence[str]) -> str:
    named = "、".join(cases[:MOST_NAMED])
    return say("contests.more", cases=named, count=len(cases)) if cases[MOST_NAMED:] else named


def _table(
    columns: Iterable[str], rows: Iterable[Html], label: str, numbers: Container[int] = ()
) -> Html:
    headings = (say(f"contests.{key}_column") for key in columns)
    return long_table(headings, rows, label, "tl tl-portfolio tl-contest", numbers)
