"""Many projects, as HTML: figures, sums by measure, what is wrong in which row. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from authoring.money import phrase_aside, phrase_sum
from authoring.pages.words import say
from authoring.projects import RowError
from authoring.render_budget import most_of, render_bar, render_legend
from authoring.render_html import Html, element
from authoring.render_table import long_table
from engine.portfolio import NEAR, MeasureTotal, Money, PortfolioTotals, ProjectResult
from engine.values import Bound
from engine.words import word

TOUCHED = ("granted", "near", "undetermined", "referred", "displaced", "undecided", "conflict")
COUNTED = ("granted", NEAR, "undetermined", "referred")


def render_totals(read: int, done: int, wrong: int, money: Money) -> Html:
    """The line of figures."""
    total = element(
        "div",
        element("dt", say("portfolio.total")),
        element("dd", phrase_sum(money), *_asides(money)),
        class_="tl-figure tl-total",
    )
    counts = (("read", read, "projects"), ("done", done, "projects"), ("wrong", wrong, "rows"))
    figures = [
        element(
            "div",
            element("dt", say(f"portfolio.{name}")),
            element("dd", str(count), element("small", say(f"portfolio.unit_{unit}"))),
            class_="tl-figure tl-bad" if name == "wrong" and count else "tl-figure",
        )
        for name, count, unit in counts
    ]
    return element(
        "section",
        element("dl", total, *figures, class_="tl-figures"),
        class_="tl",
        aria_label=say("portfolio.figures"),
    )


def render_project(project: ProjectResult) -> Html:
    """One project on one line: where it stood, what it is called, what it may receive."""
    row = 0 if project.case.at is None else project.case.at.cell.row
    counts = project.counts
    told = say("portfolio.counts_and").join(
        say("portfolio.count", count=counts[shelf], shelf=say(f"shelf.{shelf}"))
        for shelf in COUNTED
        if counts[shelf] or shelf != NEAR
    )
    return element(
        "div",
        element(
            "span",
            element("b", f"{project.case.id} {project.case.name or say('portfolio.unnamed')}"),
            element("small", say("portfolio.row", row=row)),
            class_="tl-what",
        ),
        element("span", told, class_="tl-counts"),
        element("b", phrase_sum(project.total), *_open_money(project.total), class_="tl-sum"),
        class_="tl tl-project",
    )


def _asides(money: Money) -> list[Html]:
    """Its certain part, where that is not all, and what may still be added."""
    asides = []
    if money.certain != money.high and not isinstance(money.certain, float):
        certain = say("portfolio.certain", amount=phrase_aside(money.certain, money))
        asides.append(element("small", certain))
    return asides + _open_money(money)


def _open_money(money: Money) -> list[Html]:
    """What may still be added, where anything is open."""
    if not money.at_stake:
        return []
    if isinstance(money.at_stake, float):
        return [element("small", word("total.at_stake_unbounded"))]
    stake = phrase_aside(money.at_stake, money)
    return [element("small", word("total.at_stake", stake=stake))]


def render_errors(errors: Iterable[RowError], label: str = "") -> Html:
    """行, 列, 填写内容, 问题, 怎么改."""
    rows = (
        element(
            "tr",
            element(
                "td", str(each.row) if each.row else "", data_label=say("portfolio.row_column")
            ),
            element("td", each.column, data_label=say("portfolio.column_column")),
            element("td", each.written, data_label=say("portfolio.written_column")),
            element("td", each.problem, data_label=say("portfolio.problem_column")),
            element("td", each.remedy, data_label=say("portfolio.remedy_column")),
        )
        for each in errors
    )
    columns = ("row", "column", "written", "problem", "remedy")
    headings = [say(f"portfolio.{name}_column") for name in columns]
    return long_table(headings, rows, label or say("portfolio.errors"), "tl tl-portfolio")


def render_measure_totals(totals: PortfolioTotals) -> Html:
    """Measure by measure, the costliest first; those that concern nobody are only counted."""
    shown = [each for each in totals.measures if any(each.counts[kind] for kind in TOUCHED)]
    ordered = sorted(shown, key=_costliest_first)
    most = most_of(each.money for each in shown)
    rows = (
        element(
            "tr",
            element("td", each.measure, data_label=say("portfolio.id_column")),
            element("td", each.name, data_label=say("portfolio.measure_column")),
            *(
                element(
                    "td",
                    str(each.counts[shelf]),
                    class_="tl-count",
                    data_label=say(f"shelf.{shelf}"),
                )
                for shelf in COUNTED
            ),
            element(
                "td",
                element("span", _sum(each), class_="tl-sum"),
                *_asides(each.money),
                render_bar(each.money, most),
                class_="tl-count",
                data_label=say("portfolio.money_column"),
            ),
        )
        for each in ordered
    )
    headings = [
        *(say(f"portfolio.{name}_column") for name in ("id", "measure")),
        *(say(f"shelf.{shelf}") for shelf in COUNTED),
        say("portfolio.money_column"),
    ]
    numbers = range(2, len(headings))
    table = long_table(headings, rows, say("portfolio.measures"), "tl tl-portfolio", numbers)
    rest = len(totals.measures) - len(shown)
    note = [element("p", say("portfolio.rest", count=rest), class_="tl-none")] if rest else []
    legend = render_legend("budget.stake_alone")
    return element("div", legend, table, *note, class_="tl")


def _costliest_first(each: MeasureTotal) -> tuple[Bound, Bound, int]:
    return -each.money.high, -each.money.at_stake, -each.counts["granted"]


def _sum(each: MeasureTotal) -> str:
    return phrase_sum(each.money) if each.money.high else say("portfolio.no_money")
