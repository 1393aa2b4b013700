"""Money as bars with its numbers: what is certain, what may still vary, what is open. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from authoring.pages.words import say
from authoring.render_html import Html, element
from authoring.render_table import long_table
from engine.phrase import phrase_money
from engine.portfolio import Money
from engine.values import Bound, Number, plus

PARTS = ("certain", "varies", "stake")


@dataclass(frozen=True, slots=True)
class Share:
    """One line of a drawing: what it is of, how many that are, its money (None: none counts)."""

    name: str
    count: int
    money: Money | None


def parts_of(money: Money) -> tuple[Bound, Bound, Bound]:
    """What is certain, what may come on top of it, what is open beside that."""
    rest = money.high if isinstance(money.high, float) else money.high - money.certain
    return money.certain, rest, money.at_stake


def most_of(moneys: Iterable[Money]) -> Number:
    """The longest bar; what has no upper end is not drawn."""
    sums = (plus(money.high, money.at_stake) for money in moneys)
    return max((each for each in sums if not isinstance(each, float)), default=0)


def render_bar(money: Money, most: Number) -> Html:
    """The three parts side by side, each as long as its money."""
    if not most:
        return Html("")
    drawn = (
        element("span", class_=f"tl-bar tl-{name}", style=f"width:{_percent(part, most)}")
        for name, part in zip(PARTS, parts_of(money), strict=True)
        if part and not isinstance(part, float)
    )
    return element("span", *drawn, class_="tl-bars", aria_hidden="true")


def _percent(part: Number, most: Number) -> str:
    return f"{float(100 * Fraction(part) / most):.2f}%"


def render_legend(stake: str = "budget.stake") -> Html:
    """What the parts of a bar mean."""
    marks = (
        element("span", element("i", class_=f"tl-bar tl-{name}"), say(key), class_="tl-key")
        for name, key in zip(PARTS, ("budget.certain", "budget.varies", stake), strict=True)
    )
    return element("p", *marks, class_="tl-legend")


def render_shares(
    shares: Sequence[Share], label: str, *, head: str, unit: str, stake: str = "budget.stake"
) -> Html:
    """A drawing with its numbers; ``head`` names what the lines are, ``unit`` what is counted."""
    most = most_of(each.money for each in shares if each.money is not None)
    columns = (head, unit, *(say(f"budget.{name}_column") for name in PARTS), say("budget.bar"))
    rows = (element("tr", *_cells(each, most, unit)) for each in shares)
    numbers = range(1, 2 + len(PARTS))
    table = long_table(columns, rows, label, "tl tl-budget", numbers)
    return element("div", table, render_legend(stake), class_="tl")


def _cells(share: Share, most: Number, unit: str) -> Iterator[Html]:
    yield element("td", share.name, class_="tl-row-name")
    yield element("td", f"{share.count:,}", class_="tl-count", data_label=unit)
    for number, name in enumerate(PARTS):
        told = ""
        if share.money is not None:
            part = parts_of(share.money)[number]
            told = phrase_money(part) if part else say("budget.none")
        heading = say(f"budget.{name}_column")
        yield element("td", told, class_="tl-number", data_label=heading)
    if share.money is None:
        yield element("td", say("budget.not_counted"), class_="tl-drawn tl-faint")
    else:
        yield element("td", render_bar(share.money, most), class_="tl-drawn")
