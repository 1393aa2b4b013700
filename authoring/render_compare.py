"""Two versions side by side, as HTML: what changed, and for whom. Pure; every text is escaped."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator

from authoring.compare_books import Difference
from authoring.compare_cases import Side, Unwelcome
from authoring.money import phrase_aside, phrase_sum
from authoring.pages.words import say
from authoring.render_html import Html, element
from authoring.render_table import long_table
from engine.compare import CaseChange, Comparison, MeasureChange, MeasureSum, Turn
from engine.phrase import phrase_beside, phrase_money
from engine.portfolio import Money
from engine.values import Bound
from engine.words import word

MOST_MISSING = 3
"""So many missing facts are named beside a case."""
_LOOKS = {Turn.MORE: "yes", Turn.LESS: "no"}


def sum_up(comparison: Comparison, changes: int) -> str:
    """One plain sentence, in Markdown of our own: what it costs, whom it touches."""
    if not comparison.cases:
        told = say("compare.no_cases_read"), say("compare.what", count=changes)
        return say("compare.comma").join(told) + say("compare.stop")
    parts = list(_money(comparison))
    mixed, still_open = comparison.count(Turn.MIXED), comparison.count(Turn.OPEN)
    conflict = comparison.count(Turn.CONFLICT)
    parts.append(
        say(
            "compare.who",
            count=len(comparison.cases),
            more=comparison.count(Turn.MORE),
            less=comparison.count(Turn.LESS),
            mixed=say("compare.mixed", count=mixed) if mixed else "",
            verdicts=comparison.count(Turn.VERDICTS),
            same=comparison.count(Turn.SAME),
            open=say("compare.open", count=still_open) if still_open else "",
            conflict=say("compare.conflict", count=conflict) if conflict else "",
        )
    )
    if comparison.partly:
        parts.append(say("compare.partly", count=comparison.partly))
    if comparison.aside != (0, 0):
        ends = comparison.aside
        before, after = phrase_beside(*ends), phrase_beside(*reversed(ends))
        key = "compare.aside_same" if before == after else "compare.aside_most"
        parts.append(say(key, before=before, after=after))
    parts.append(say("compare.what", count=changes))
    return say("compare.comma").join(parts) + say("compare.stop")


def _money(comparison: Comparison) -> Iterator[str]:
    """What all that can be compared costs more or less."""
    unknown = comparison.count(Turn.OPEN) + comparison.count(Turn.CONFLICT)
    if unknown == len(comparison.cases):
        yield say("compare.money_open")
        return
    if comparison.before == comparison.after and comparison.after.high != math.inf:
        opened = any(each.asides for each in comparison.cases)
        yield say("compare.known_same" if opened else "compare.all_same")
        return
    upper = _upper(comparison)
    certain = "certain" if upper else "money"
    yield _difference(comparison.before.certain, comparison.after.certain, certain)
    if upper:
        yield upper


def _difference(before: Bound, after: Bound, what: str) -> str:
    if before == after or math.inf in (before, after):
        return say("compare.money_same")
    key = f"compare.{what}_more" if after > before else f"compare.{what}_less"
    share = ""
    if before:
        percent = f"{float(_gap(before, after) / before):.1%}"
        sign = "＋" if after > before else "－"
        share = say("compare.share", sign=sign, percent=percent)
    return say(key, amount=phrase_money(_gap(before, after)), share=share)


def _gap(before: Bound, after: Bound) -> Bound:
    return after - before if after > before else before - after


def _upper(comparison: Comparison) -> str:
    """How the sum of all upper ends differs, where that is not said by the certain part."""
    before, after = comparison.before, comparison.after
    if math.inf in (before.high, after.high):
        return say("compare.upper_unbounded")
    difference = after.high - before.high
    if difference == after.certain - before.certain:
        return ""
    if not difference:
        return say("compare.upper_same")
    key = "compare.upper_more" if difference > 0 else "compare.upper_less"
    return say(key, amount=phrase_money(_gap(before.high, after.high)))


def render_changes(changes: Iterable[Difference]) -> Html:
    """What changed, cell by cell."""
    rows = (
        element(
            "tr",
            element("td", say(f"compare.{each.kind}"), data_label=say("compare.kind")),
            element("td", each.sheet, data_label=say("compare.sheet")),
            element("td", each.row, data_label=say("compare.row")),
            element("td", each.heading or _whole(each), data_label=say("compare.heading")),
            element("td", _removed(each.before), data_label=say("compare.before")),
            element("td", _added(each.after), data_label=say("compare.after")),
            element("td", _shift(each), data_label=say("compare.shift")),
            element("td", str(each.at or ""), class_="tl-place", data_label=say("compare.place")),
        )
        for each in changes
    )
    columns = ("kind", "sheet", "row", "heading", "before", "after", "shift", "place")
    return _table(columns, rows, say("compare.changes"), "tl-changes")


def _shift(each: Difference) -> str:
    if each.shift is not None:
        return say(f"compare.{each.shift}")
    return say("compare.open_shift" if each.open else "compare.no_place")


def _whole(each: Difference) -> str:
    return say("compare.whole_row") if each.row else ""


def _removed(text: str) -> Html:
    return element("del", text) if text else Html(say("compare.no_place"))


def _added(text: str) -> Html:
    return element("ins", text) if text else Html(say("compare.no_place"))


def render_cases(cases: Iterable[CaseChange]) -> Html:
    """Case by case: what it came to, what it comes to, and by which measures."""
    rows = (
        element(
            "tr",
            element("td", _turn(each), data_label=say("compare.change")),
            element(
                "td",
                element("b", each.case.id),
                element("span", each.case.name),
                class_="tl-who",
                data_label=say("compare.case"),
            ),
            _number("compare.before", *_total(each, each.before)),
            _number("compare.after", *_total(each, each.after)),
            element("td", _measures(each), data_label=say("compare.measures")),
        )
        for each in cases
    )
    columns = ("change", "case", "before", "after", "measures")
    return _table(columns, rows, say("compare.cases_view"), "tl-cases", (2, 3))


def _total(change: CaseChange, money: Money) -> Iterator[str]:
    """What a case comes to, and beside it what is still open where that is not compared."""
    yield phrase_sum(money)
    if change.asides and money.at_stake:
        yield element("small", say("compare.at_stake", amount=_at_most(money)))


def _at_most(money: Money) -> str:
    amount = phrase_aside(money.at_stake, money)
    return amount if isinstance(money.at_stake, float) else word("amount.at_most") + amount


def phrase_turn(change: CaseChange) -> str:
    """How a case fares; what is missing where something is open."""
    told = say(f"compare.turn_{change.turn}")
    if change.partly:
        told += say("compare.turn_partly")
    if change.missing:
        fields = "、".join(change.missing[:MOST_MISSING])
        more = len(change.missing) > MOST_MISSING
        key = "compare.turn_missing_more" if more else "compare.turn_missing"
        told += say(key, fields=fields, count=len(change.missing))
    return told


def _turn(change: CaseChange) -> Html:
    look = "" if change.turn is Turn.SAME else _LOOKS.get(change.turn, "unknown")
    return element("span", phrase_turn(change), class_=f"tl-truth tl-{look}")


def _measures(change: CaseChange) -> Html:
    if change.turn is Turn.OPEN and not change.measures:
        return Html(say("compare.stake_only"))
    lines = (
        element(
            "li",
            element("b", f"{each.measure} {each.name}"),
            element("span", _verdicts(each)),
            *([] if each.aside is None else [element("small", say(f"compare.aside_{each.aside}"))]),
        )
        for each in change.measures
    )
    return element("ul", *lines, class_="tl-plain")


def _verdicts(change: MeasureChange) -> str:
    if change.before == change.after:
        return say("compare.open_alike", verdict=change.before)
    return f"{change.before} {say('compare.arrow')} {change.after}"


def render_unwelcome(cases: Iterable[Unwelcome]) -> Html:
    """The cases that cannot be compared, which version does not take them, and why."""
    rows = (
        element(
            "tr",
            element(
                "td",
                element("b", each.case.id),
                element("span", each.case.name),
                class_="tl-who tl-row-name",
            ),
            element(
                "td",
                say("compare.read_both" if each.by is Side.BOTH else f"compare.{each.by}"),
                data_label=say("compare.refused_by"),
            ),
            element(
                "td",
                element("ul", *(element("li", told) for told in each.reasons), class_="tl-plain"),
                data_label=say("compare.reason"),
            ),
        )
        for each in cases
    )
    return _table(("case", "refused_by", "reason"), rows, say("compare.unwelcome_which"))


def render_measures(sums: Iterable[MeasureSum]) -> Html:
    """Measure by measure: how often it is granted, and what that comes to."""
    rows = (
        element(
            "tr",
            element("td", each.measure, data_label=say("compare.number")),
            element("td", each.name, data_label=say("compare.measure")),
            element(
                "td",
                say("compare.count_change", before=each.granted_before, after=each.granted_after),
                class_="tl-count",
                data_label=say("compare.granted"),
            ),
            _number("compare.before", phrase_sum(each.before)),
            _number("compare.after", phrase_sum(each.after)),
        )
        for each in sums
    )
    head = ("number", "measure", "granted", "before", "after")
    return _table(head, rows, say("compare.all_measures"), numbers=(2, 3, 4))


def _number(key: str, *texts: str) -> Html:
    return element("td", *texts, class_="tl-number tl-narrow", data_label=say(key))


def _table(
    columns: Iterable[str],
    rows: Iterable[Html],
    label: str,
    class_: str = "",
    numbers: Container[int] = (),
) -> Html:
    headings = (say(f"compare.{key}") for key in columns)
    return long_table(headings, rows, label, f"tl tl-compare {class_}".rstrip(), numbers)
