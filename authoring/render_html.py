"""Narrative -> HTML, for the page, for print and for export. Pure: text in, escaped text out.

Nothing reaches the result unescaped: ``element`` escapes every child that is not itself the result
of ``element``. The classes are styled by ``authoring/pages/results.css``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from itertools import islice

from authoring.blanks import remarks_on_blanks
from authoring.leading_rules import failing_lines, leading_rules
from authoring.pages.words import say
from authoring.shelves import SHELVES, by_shelf, names_money, rarest_reason_first, shelf_of
from authoring.unfolding import Unfolding
from engine.fingerprint import short_print
from engine.narrative import (
    AmountLine,
    ConditionLine,
    MeasureNarrative,
    Narrative,
    RuleBlock,
    TotalLine,
)
from engine.truth import UNKNOWN, Truth
from engine.words import word

_COUNTED = ("granted", "near", "undetermined", "referred", "refused")
_COUNTED_IF_ANY = ("displaced", "undecided", "conflict")
FOLDED = "not_applicable"
"""The shelf that is opened by hand where others stand above it."""
BRIEF_ON_PAPER = ("refused", FOLDED)
"""Shelves that paper tells in a line each: what failed, or for which reason they do not apply."""
PAPER = "tl-paper"
"""The class of what only paper shows, where nothing can be opened."""
_MOST_FAILURES = 3
_SHORT_TEXT = 160
_DEEPEST_INDENT = 6


class Html(str):
    """Text that is HTML already. Only ``element`` and ``join`` make it."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        """Itself: ``st.html`` takes it as it is, and does not look for an indent in every line."""
        return self


def element(name: str, *children: str, **attributes: str | bool) -> Html:
    """One HTML element; children that are no ``Html`` are escaped.

    An attribute written ``class_`` or ``data_label`` becomes ``class`` or ``data-label``; True
    gives an attribute without a value, False and "" none.
    """
    written = "".join(
        f" {key.strip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(value)}"')
        for key, value in attributes.items()
        if value is not False and value != ""
    )
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def join(parts: Iterable[str]) -> Html:
    """Put pieces side by side, escaping those that are no ``Html``."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def count_shelves(narrative: Narrative) -> dict[str, int]:
    """How many measures are on each shelf, in the order in which they are shown; none left out."""
    counts = Counter(map(shelf_of, narrative.measures))
    return {shelf: counts[shelf] for shelf in SHELVES}


# --- above the cards ------------------------------------------------------------------------------


def render_paper(title: str, *lines: str) -> Html:
    """What a sheet of paper must say first."""
    said = (element("p", line) for line in lines)
    return element("div", element("h1", title), *said, class_="tl-print")


def render_heading(narrative: Narrative, document: str = "") -> Html:
    """What a sheet of paper must say first: whose case, on which day, under which policy, and the
    facts that the answer rests on; ``document``: the official number of the policy. On the screen
    a heading for those who listen."""
    name = narrative.case_name or say("form.unnamed")
    about = (
        [say("form.about", subjects="、".join(narrative.subjects))] if narrative.subjects else []
    )
    number = say("paper.and").join(filter(None, (narrative.policy_id, document)))
    policy = say("paper.policy", title=narrative.policy_title, number=number)
    paper = render_paper(
        say("result.heading"),
        "".join(_spaced(say("result.case", name=name, date=narrative.date), *about)),
        say("paper.version", policy=policy, fingerprint=short_print(narrative.fingerprint)),
    )
    return join(
        [paper, element("h2", say("result.heading"), class_="tl-unseen"), _given(narrative)]
    )


def _spaced(*texts: str) -> Iterator[str]:
    for number, text in enumerate(texts):
        yield text if number == 0 else f"　{text}"


def _given(narrative: Narrative) -> Html:
    facts = (
        element(
            "div",
            element("dt", each.field),
            element("dd", each.value, *([element("small", each.source)] if each.source else [])),
        )
        for each in narrative.given
    )
    return element(
        "section",
        element("h3", say("given.title", count=len(narrative.given))),
        element("p", say("given.about" if narrative.given else "given.none")),
        *([element("dl", *facts, class_="tl-given")] if narrative.given else []),
        class_=f"tl {PAPER}",
    )


def render_missing(narrative: Narrative) -> Html:
    """The missing facts for paper, those first on which most money hangs; empty without any."""
    if not narrative.missing:
        return Html("")
    measures = {measure for line in narrative.missing for measure in line.measures}
    lines = (
        element(
            "li",
            element("b", line.field),
            element("span", line.stake),
            element("small", "、".join(line.measures)),
        )
        for line in narrative.missing
    )
    return element(
        "section",
        element("h3", say("missing.paper", count=len(narrative.missing), measures=len(measures))),
        element("ul", *lines, class_="tl-lacking"),
        class_=f"tl {PAPER}",
    )


def render_figures(narrative: Narrative) -> Html:
    """The line of figures: the total with its certain part apart, and how many of each verdict."""
    counts = count_shelves(narrative)
    figures = [
        element(
            "div",
            element("dt", _icon(shelf), say(f"shelf.{shelf}")),
            element("dd", str(counts[shelf]), element("small", say("figure.unit"))),
            class_=f"tl-figure tl-{shelf}",
        )
        for shelf in SHELVES
        if shelf in _COUNTED or (counts[shelf] and shelf in _COUNTED_IF_ANY)
    ]
    total = element(
        "div",
        element("dt", say("figure.total")),
        element("dd", element("span", narrative.total.total), *_asides(narrative.total)),
        class_="tl-figure tl-total",
    )
    return element(
        "section",
        element("dl", total, *figures, class_="tl-figures"),
        _beneficiaries(narrative.totals),
        class_="tl",
        aria_label=say("figure.label"),
    )


def _asides(total: TotalLine) -> Iterator[Html]:
    for text in (total.certain, total.uncounted, total.at_stake):
        if text:
            yield element("small", text)


def _beneficiaries(totals: tuple[TotalLine, ...]) -> Html:
    nothing = word("total.none")
    telling = [each for each in totals if each.total != nothing or any(_asides(each))]
    if len(telling) < 2:
        return Html("")
    lines = [
        element("li", element("b", each.beneficiary), element("span", each.total), *_asides(each))
        for each in telling
    ]
    return element(
        "details",
        element("summary", say("figure.by_beneficiary", count=len(telling))),
        element("ul", *lines),
        class_="tl-totals",
    )


def render_groups(narrative: Narrative) -> Html:
    """同类政策就高不重复: what counts, what was displaced, what is forgone; empty without any."""
    if not narrative.group_lines:
        return Html("")
    return element(
        "section",
        element("strong", say("group.title")),
        _list(narrative.group_lines),
        class_="tl tl-note tl-groups",
    )


# --- the cards ------------------------------------------------------------------------------------


def render_cards(narrative: Narrative, shelf: str | None = None) -> Html:
    """All measures as cards, shelf by shelf, or those of one shelf. The first card is open."""
    sections: list[Html] = []
    unopened = True
    told: set[str] = set()
    for each, measures in by_shelf(narrative).items():
        if not measures or shelf not in (None, each):
            continue
        if each == FOLDED:
            measures = rarest_reason_first(measures)
        cards = []
        for measure in measures:
            on_paper = None if each in BRIEF_ON_PAPER else told
            unfolding = Unfolding(narrative.derivations, on_paper)
            cards.append(_card(measure, each, unfolding, unopened))
            unopened = False
        title = element(
            "h3",
            _icon(each),
            say(f"shelf.{each}"),
            element("small", say("card.count", count=len(measures))),
        )
        folded = each == FOLDED and shelf is None and bool(sections)
        inside = (
            [element("details", element("summary", title), *cards)] if folded else [title, *cards]
        )
        if each == FOLDED:
            inside.append(_reasons(measures))
        sections.append(element("section", *inside, class_=f"tl-shelf tl-{each}"))
    if not sections:
        sections = [element("p", say("card.none"), class_="tl-none")]
    return element("div", *sections, class_="tl")


def render(narrative: Narrative) -> Html:
    """The whole answer as one block."""
    above = [render_heading(narrative), render_figures(narrative), render_groups(narrative)]
    return join([*above, render_missing(narrative), render_cards(narrative)])


def _reasons(measures: Iterable[MeasureNarrative]) -> Html:
    """For paper: why measures do not apply, many for few reasons."""
    by_reason: dict[str, list[str]] = {}
    for measure in measures:
        told = say("card.named", id=measure.id, name=measure.name)
        by_reason.setdefault(measure.headline, []).append(told)
    lines = (
        element("li", element("b", reason), element("span", "；".join(names)))
        for reason, names in by_reason.items()
    )
    return element("ul", *lines, class_=f"tl-reasons {PAPER}")


def _failures(measure: MeasureNarrative) -> Iterator[Html]:
    """For paper: the conditions that the nearest rule lacks, as what is asked and what there is."""
    for line in islice(failing_lines(measure), _MOST_FAILURES):
        told = say(
            "card.failure",
            condition=line.condition,
            requirement=line.requirement,
            actual=line.actual,
        )
        lacking = "".join(f"，{text}" for text in (line.distance, line.blank) if text)
        place = element("small", line.place)
        yield element(
            "span", say("icon.no"), " ", told + lacking, place, class_=f"tl-failure {PAPER}"
        )


def _card(measure: MeasureNarrative, shelf: str, unfolding: Unfolding, opened: bool) -> Html:
    summary = element(
        "summary",
        element(
            "span",
            element(
                "span", element("small", measure.id, class_=PAPER), measure.name, class_="tl-name"
            ),
            element("span", measure.headline, class_="tl-why"),
            *(_failures(measure) if shelf == "refused" else ()),
            class_="tl-what",
        ),
        element(
            "span",
            _worth(measure, shelf),
            element("small", say("card.whose", whose=measure.beneficiary, form=measure.form)),
            class_="tl-amount",
        ),
    )
    body = element("div", *_card_body(measure, shelf, unfolding), class_="tl-body")
    looks = f"tl-card tl-{shelf}" + ("" if names_money(measure) else " tl-moneyless")
    return element("details", summary, body, class_=looks, open=opened)


def _worth(measure: MeasureNarrative, shelf: str) -> Html:
    if shelf == "near" and measure.repair_gain:
        return element("span", measure.repair_gain)
    if not names_money(measure):
        return element("span", say("card.no_amount"), class_="tl-faint")
    return element("s" if shelf == "displaced" else "span", measure.amount)


def _card_body(measure: MeasureNarrative, shelf: str, unfolding: Unfolding) -> Iterator[Html]:
    yield from _provision(measure)
    if measure.repair:
        gain = [element("p", measure.repair_gain)] if measure.repair_gain else []
        yield element(
            "div",
            element("h4", say("card.repair")),
            _list(measure.repair),
            *gain,
            class_="tl-repair",
        )
    if measure.missing:
        heading, names = element("h4", say("card.missing")), _list(measure.missing)
        yield element("div", heading, names, class_="tl-asked")
    if measure.rules:
        yield element("h4", say(f"why.{shelf}"))
        yield from _rules(measure, unfolding)
    if measure.amount_lines:
        yield element("h4", say("card.amount"))
        yield _amount_table(measure.amount_lines)
    if measure.group_lines:
        yield element("h4", say("group.title"))
        yield _list(measure.group_lines)
    yield element("dl", *_particulars(measure), class_="tl-particulars")


def _provision(measure: MeasureNarrative) -> Iterator[Html]:
    """The sentence that the measure rests on, and the article around it, verbatim."""
    if not measure.quote and not measure.provision_text:
        return
    heading = element(
        "cite", say("card.provision", number=measure.provision, title=measure.provision_title)
    )
    before, found, after = measure.provision_text.partition(measure.quote or "\n")
    whole = join([before, element("mark", found), after]) if found else join([before])
    if measure.quote and (not found or len(measure.provision_text) > _SHORT_TEXT):
        yield element(
            "blockquote",
            heading,
            element("p", measure.quote),
            element(
                "details", element("summary", say("card.whole_provision")), element("p", whole)
            ),
        )
    else:
        yield element("blockquote", heading, element("p", whole or measure.quote))


def _particulars(measure: MeasureNarrative) -> Iterator[Html]:
    entries = (
        ("card.department", (measure.department,) if measure.department else ()),
        ("card.evidence", measure.evidence),
        ("card.notes", measure.notes),
        ("card.id", (measure.id,)),
    )
    for key, texts in entries:
        if texts:
            term, told = element("dt", say(key)), [element("dd", text) for text in texts]
            yield element("div", term, *told, class_="tl-number-of" if key == "card.id" else "")


# --- rules and their conditions -------------------------------------------------------------------


def _rules(measure: MeasureNarrative, unfolding: Unfolding) -> Iterator[Html]:
    """The rules that speak for the verdict; those that lost to them are folded away."""
    chosen = leading_rules(measure)
    others = [rule for rule in measure.rules if rule not in chosen]
    for rule in chosen:
        yield _rule(rule, unfolding, quoted=measure.quote)
    if others:
        summary = element("summary", say("rule.others", count=len(others)))
        blocks = [_rule(rule, unfolding, quoted=measure.quote) for rule in others]
        yield element("details", summary, *blocks, class_="tl-others")
    for field, behind in unfolding.put_off():
        yield _derivation(field, [_rule(rule, unfolding) for rule in behind])


def _derivation(field: str, rules: list[Html]) -> Html:
    return element("details", element("summary", say("rule.behind", field=field)), *rules)


def _rule(rule: RuleBlock, unfolding: Unfolding, depth: int = 0, quoted: str = "") -> Html:
    """One rule. Its sentence is left out where it has been quoted already."""
    return element(
        "div",
        element(
            "p",
            render_truth(rule.truth),
            *([element("b", say("rule.id", rule=rule.rule))] if rule.rule else []),
            element("span", rule.outcome),
            *([element("span", rule.title, class_="tl-remark")] if rule.title else []),
            element("span", _origin(rule), class_="tl-place"),
            class_="tl-rule-head",
        ),
        *([element("q", rule.quote)] if rule.quote not in ("", quoted) else []),
        *([_condition_table(rule.lines, unfolding, depth)] if rule.lines else []),
        class_="tl-rule",
    )


def _origin(rule: RuleBlock) -> str:
    parts = (
        say("rule.provision", number=rule.provision) if rule.provision else "",
        rule.place,
        "" if rule.firing is None else say("rule.firing", step=rule.firing),
    )
    return say("rule.and").join(filter(None, parts))


def _condition_table(lines: tuple[ConditionLine, ...], unfolding: Unfolding, depth: int) -> Html:
    columns = ("truth", "condition", "requirement", "actual", "place")
    head = element("tr", *(element("th", say(f"column.{key}"), scope="col") for key in columns))
    return element(
        "div",
        element("table", element("thead", head), element("tbody", *_rows(lines, unfolding, depth))),
        class_="tl-scroll",
        tabindex="0",
        role="group",
        aria_label=say("column.table"),
    )


def _rows(lines: tuple[ConditionLine, ...], unfolding: Unfolding, depth: int) -> Iterator[Html]:
    muted_from: int | None = None
    for line, blank in zip(lines, remarks_on_blanks(lines), strict=True):
        if not line.muted or (muted_from is not None and line.depth < muted_from):
            muted_from = None
        first_muted = line.muted and muted_from is None
        if first_muted:
            muted_from = line.depth
        told_above = bool(line.behind) and not any(map(unfolding.left, line.behind))
        notes = [say("condition.muted")] if first_muted else []
        notes += [say("condition.told_above")] if told_above else []
        yield _row(line, notes, blank)
        for field, rules in unfolding.take(line, depth):
            again = unfolding.tell_again(field)
            behind = [_derivation(field, [_rule(rule, unfolding, depth + 1) for rule in rules])]
            if again:
                behind.append(element("span", say("rule.behind_above", field=field), class_=PAPER))
            looks = f"tl-again {_muted(line)}" if again else _muted(line)
            yield element(
                "tr", element("td", *behind, colspan="5", class_="tl-behind"), class_=looks.strip()
            )


def _row(line: ConditionLine, notes: Iterable[str], blank: str) -> Html:
    condition = [line.condition, *(element("small", note) for note in notes)]
    indent = f"tl-condition tl-d{min(line.depth, _DEEPEST_INDENT)}"
    truth = element("td", say("condition.none") if line.muted else render_truth(line.truth))
    place = _cell("place", line.place, class_="tl-place")
    if not line.requirement and not line.actual:
        return element(
            "tr",
            truth,
            element("td", *condition, colspan="3", class_=indent),
            place,
            class_=f"tl-junction {_muted(line)}",
        )
    lacking = [element("strong", line.distance)] if line.distance and not line.muted else []
    if blank:
        lacking.append(element("small", blank, class_="tl-open" if line.truth is UNKNOWN else ""))
    return element(
        "tr",
        truth,
        element("td", *condition, class_=indent),
        _cell("requirement", line.requirement),
        _cell("actual", element("span", line.actual), *lacking, class_="tl-actual"),
        place,
        class_=_muted(line),
    )


def _cell(column: str, *children: str, class_: str = "") -> Html:
    return element("td", *children, data_label=say(f"column.{column}"), class_=class_)


def _muted(line: ConditionLine) -> str:
    return "tl-muted" if line.muted else ""


def _amount_table(lines: tuple[AmountLine, ...]) -> Html:
    rows = [
        element(
            "tr",
            element("td", line.label),
            element("td", line.formula),
            element("td", line.value, class_="tl-number"),
            element("td", line.place, class_="tl-place"),
        )
        for line in lines
    ]
    columns = ("step", "formula", "value", "place")
    heads = (
        element(
            "th", say(f"column.{key}"), scope="col", class_="tl-count" if key == "value" else ""
        )
        for key in columns
    )
    head = element("tr", *heads)
    return element(
        "div",
        element("table", element("thead", head), element("tbody", *rows)),
        class_="tl-scroll tl-calculation",
        tabindex="0",
        role="group",
        aria_label=say("card.amount"),
    )


# --- small things ---------------------------------------------------------------------------------


def render_truth(truth: Truth) -> Html:
    """Whether something holds, as icon, word and colour."""
    key = "unknown" if truth is UNKNOWN else "yes" if truth else "no"
    icon = element("b", say(f"icon.{key}"), aria_hidden="true")
    return element("span", icon, say(f"truth.{key}"), class_=f"tl-truth tl-{key}")


def _icon(shelf: str) -> Html:
    return element("b", say(f"icon.{shelf}"), class_="tl-icon", aria_hidden="true")


def _list(texts: Iterable[str]) -> Html:
    return element("ul", *(element("li", text) for text in texts))
