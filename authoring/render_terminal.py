"""Narrative -> what a terminal shows. Pure: it prints nothing, and knows no window.

State is told by mark, word and colour together, so that a plain text says as much. Whatever a
workbook or a case may hold is shown without control characters: it cannot steer the terminal.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule as Line
from rich.table import Column, Table
from rich.text import Text

from authoring.chinese_text import ChineseText
from authoring.leading_rules import leading_rules
from authoring.messages import text as say
from authoring.shelves import SHELVES, rarest_reason_first, shelf_of
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
from engine.truth import NO, UNKNOWN, YES, Truth
from engine.words import word

IN_SHORT = ("refused", "not_applicable")
"""Shelves whose measures take one line, unless everything is asked for."""

WITHOUT_MONEY_IN_SHORT = ("granted", "near", "undetermined", "referred")
"""Shelves where honours, services and tasks take one line too."""

MOST_MISSING = 10
DEEPEST_INDENT = 6

_STYLES = {
    "granted": "green",
    "displaced": "yellow",
    "undecided": "yellow",
    "near": "cyan",
    "undetermined": "blue",
    "referred": "magenta",
    "conflict": "bold red",
    "refused": "red",
    "not_applicable": "dim",
}
_TRUTH_STYLES = {YES: "green", NO: "red", UNKNOWN: "yellow"}
_TRUTH_KEYS = {YES: "yes", NO: "no", UNKNOWN: "unknown"}
_STEERING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def shown(text: str, style: str = "") -> Text:
    """A text that cannot steer the terminal: control characters become ``�``."""
    return ChineseText(
        "".join(
            "\ufffd"
            if (unicodedata.category(each) in ("Cc", "Cs") and each not in "\n\t")
            or each in _STEERING
            else each
            for each in text
        ),
        style,
    )


def render_narrative(narrative: Narrative, everything: bool = False) -> RenderableType:
    """The whole answer; ``everything`` writes out refused and absent measures too."""
    return Group(*_parts(narrative, everything))


def render_summary(narrative: Narrative, case_id: str) -> RenderableType:
    """The answer for one case of many: the totals, and what is granted with a number."""
    return Group(*_summary(narrative, case_id))


def _summary(narrative: Narrative, case_id: str) -> Iterator[RenderableType]:
    name = " ".join(dict.fromkeys(filter(None, (case_id, narrative.case_name))))
    yield shown(f"{say('terminal.case', name=name)}　{narrative.date}", "bold")
    yield _total(narrative.total, "")
    yield from _counts(narrative)
    for measure in narrative.measures:
        if measure.verdict == "granted" and not _takes_one_line(measure):
            told = shown(f"{measure.id} {measure.name}　{measure.amount}")
            yield Padding(told, (0, 0, 0, 2))


def _parts(narrative: Narrative, everything: bool) -> Iterator[RenderableType]:
    yield shown(narrative.policy_title, "bold")
    fingerprint = short_print(narrative.fingerprint)
    yield shown(say("terminal.subtitle", date=narrative.date, fingerprint=fingerprint), "dim")
    if narrative.case_name:
        yield shown(say("terminal.case", name=narrative.case_name))
    yield Text()
    yield from _totals(narrative)
    yield from _counts(narrative)
    yield from _groups(narrative)
    yield from _missing(narrative)
    by_shelf: dict[str, list[MeasureNarrative]] = {shelf: [] for shelf in SHELVES}
    for measure in narrative.measures:
        by_shelf[shelf_of(measure)].append(measure)
    for shelf, measures in by_shelf.items():
        if not measures:
            continue
        title = f"{say(f'terminal_mark.{shelf}')} {shelf_word(shelf, measures)}"
        yield Text()
        yield Line(
            shown(say("terminal.counts", word=title, count=len(measures))),
            align="left",
            style=_STYLES[shelf],
        )
        short = () if everything else tuple(filter(_takes_one_line, measures))
        for measure in measures:
            if measure not in short:
                yield from render_measure(measure, narrative.derivations, everything)
        if short:
            if len(short) < len(measures):
                yield Text()
            yield from _by_reason(short) if shelf == "not_applicable" else map(_in_short, short)
    if not everything and any(map(_takes_one_line, narrative.measures)):
        yield Text()
        yield Text(say("terminal.short_hint"), "dim")


def shelf_word(shelf: str, measures: Iterable[MeasureNarrative]) -> str:
    """The name of a shelf: that of its verdict, or 差一点."""
    return say("terminal.near") if shelf == "near" else next(iter(measures)).verdict_word


# --- above the measures ---------------------------------------------------------------------------


def _totals(narrative: Narrative) -> Iterator[RenderableType]:
    yield _total(narrative.total, "bold")
    told = [each for each in narrative.totals if not _is_nothing(each)]
    if told and len(narrative.totals) > 1:
        yield shown(say("terminal.other_totals"), "dim")
        for each in told:
            yield Padding(_total(each, ""), (0, 0, 0, 2))


def _is_nothing(line: TotalLine) -> bool:
    return line.total == word("total.none") and not (line.uncounted or line.at_stake)


def _total(line: TotalLine, style: str) -> Text:
    text = shown(f"{line.beneficiary}：{line.total}", style)
    asides = [each for each in (line.certain, line.uncounted, line.at_stake) if each]
    if asides:
        text.append(f"（{'；'.join(asides)}）", style="")
    return text


def _counts(narrative: Narrative) -> Iterator[RenderableType]:
    shelves = Counter(map(shelf_of, narrative.measures))
    text = Text()
    for shelf in SHELVES:
        if not shelves[shelf]:
            continue
        if text:
            text.append("  ")
        title = shelf_word(shelf, (m for m in narrative.measures if shelf_of(m) == shelf))
        mark = say(f"terminal_mark.{shelf}")
        count = say("terminal.counts", word=f"{mark} {title}", count=shelves[shelf])
        text.append(count, _STYLES[shelf])
    yield text


def _groups(narrative: Narrative) -> Iterator[RenderableType]:
    if narrative.group_lines:
        yield Text()
        yield Text(say("terminal.groups_title"), "bold")
        for line in narrative.group_lines:
            yield Padding(shown(line), (0, 0, 0, 2))


def _missing(narrative: Narrative) -> Iterator[RenderableType]:
    if not narrative.missing:
        return
    waiting = {name for line in narrative.missing for name in line.measures}
    yield Text()
    title = say("terminal.missing_title", fields=len(narrative.missing), measures=len(waiting))
    yield Text(title, "bold")
    for line in narrative.missing[:MOST_MISSING]:
        measures = "、".join(line.measures)
        told = say("terminal.missing_line", field=line.field, stake=line.stake, measures=measures)
        yield Padding(shown(told), (0, 0, 0, 2))
    left = len(narrative.missing) - MOST_MISSING
    if left > 0:
        yield Padding(Text(say("terminal.missing_more", count=left), "dim"), (0, 0, 0, 2))


# --- measures -------------------------------------------------------------------------------------


def _takes_one_line(measure: MeasureNarrative) -> bool:
    """Refused and absent measures, and those of which no money has to be explained."""
    shelf = shelf_of(measure)
    if shelf in IN_SHORT:
        return True
    no_money = measure.amount in ("", word("amount.none"))
    return shelf in WITHOUT_MONEY_IN_SHORT and no_money and not measure.repair_gain


def _by_reason(measures: Iterable[MeasureNarrative]) -> Iterator[RenderableType]:
    """Absent measures: many for few reasons."""
    by_reason: dict[str, list[str]] = {}
    for measure in rarest_reason_first(measures):
        by_reason.setdefault(measure.headline, []).append(measure.id)
    for reason, names in by_reason.items():
        text = shown(f"{reason}：")
        text.append_text(shown("、".join(names), "dim"))
        yield Padding(text, (0, 0, 0, 2))


def _in_short(measure: MeasureNarrative) -> RenderableType:
    text = shown(f"{measure.id} {measure.name}　")
    match shelf_of(measure):
        case "granted":
            why = say("terminal.short_granted", provision=measure.provision, form=measure.form)
        case "near":
            why = "；".join(measure.repair)
        case _:
            why = measure.headline
    text.append_text(shown(why, "dim"))
    return Padding(text, (0, 0, 0, 2))


def render_measure(
    measure: MeasureNarrative,
    derivations: Mapping[str, Sequence[RuleBlock]],
    everything: bool = False,
) -> Iterator[RenderableType]:
    """One measure: what it comes to, on which words, and why.

    ``derivations`` are those of its narrative. Of its rules, those that decide are written out,
    the others take one line unless ``everything`` is asked for.
    """
    heading = Table.grid(Column(ratio=1), Column(justify="right"), expand=True, padding=(0, 2))
    name = shown(f"{measure.id} {measure.name}", "bold")
    name.append_text(shown(f"　{measure.beneficiary} · {measure.form}", "dim"))
    heading.add_row(name, shown(measure.amount, f"bold {_STYLES[shelf_of(measure)]}"))
    yield Text()
    yield heading
    yield Padding(Group(*_below(measure, Unfolding(derivations), everything)), (0, 0, 0, 2))


def _below(
    measure: MeasureNarrative, unfolding: Unfolding, everything: bool
) -> Iterator[RenderableType]:
    leading = leading_rules(measure)
    yield shown(measure.headline)
    yield from _law(measure)
    if measure.repair:
        yield Text(say("terminal.repair_title"), "cyan")
        for line in measure.repair:
            yield Padding(shown(line, "cyan"), (0, 0, 0, 2))
        if measure.repair_gain:
            yield Padding(shown(measure.repair_gain, "cyan"), (0, 0, 0, 2))
    for block in measure.rules:
        if everything or block in leading:
            yield from render_rule(block, unfolding)
        else:
            yield _rule_heading(block)
    for derivation in unfolding.put_off():
        for block in derivation.rules:
            yield from render_rule(block, unfolding)
    if measure.amount_lines:
        yield from _amount(measure.amount_lines)
    for line in measure.group_lines:
        yield shown(line)
    if measure.department:
        yield shown(say("terminal.department", department=measure.department), "dim")
    if measure.evidence:
        yield shown(say("terminal.evidence", papers="、".join(measure.evidence)), "dim")
    if measure.notes:
        yield shown(say("terminal.notes", notes="；".join(measure.notes)), "dim")


def _law(measure: MeasureNarrative) -> Iterator[RenderableType]:
    if not measure.provision:
        return
    key = "terminal.provision_titled" if measure.provision_title else "terminal.provision"
    text = shown(say(key, provision=measure.provision, title=measure.provision_title))
    if measure.quote:
        text.append_text(shown(f"：「{measure.quote}」", "italic"))
    yield text


def _amount(lines: Iterable[AmountLine]) -> Iterator[RenderableType]:
    yield Text(say("terminal.amount_title"), "bold")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_column(justify="right")
    grid.add_column(style="dim")
    for line in lines:
        grid.add_row(shown(line.label), shown(line.formula), shown(line.value), shown(line.place))
    yield Padding(grid, (0, 0, 0, 2))


def render_rule(block: RuleBlock, unfolding: Unfolding, depth: int = 0) -> Iterator[RenderableType]:
    """One rule: how it came out, its conditions, and the rules behind the facts they test."""
    yield Padding(_rule_heading(block), (0, 0, 0, 2 * depth))
    if not block.lines:
        return
    table = Table(
        say("terminal.verdict"),
        say("terminal.condition"),
        say("terminal.requirement"),
        say("terminal.actual"),
        say("terminal.place"),
        box=None,
        padding=(0, 2, 0, 0),
        header_style="dim",
    )
    table.columns[0].no_wrap = True
    for line in block.lines:
        table.add_row(*_condition(line))
    yield Padding(table, (0, 0, 0, 2 * depth + 2))
    for line in block.lines:
        for derivation in unfolding.take(line, depth):
            for behind in derivation.rules:
                yield from render_rule(behind, unfolding, depth + 1)


def _rule_heading(block: RuleBlock) -> Text:
    name = say("terminal.rule", rule=block.rule) if block.rule else say("terminal.rule_default")
    text = shown(f"{_truth(block.truth)} ", _TRUTH_STYLES[block.truth])
    text.append_text(shown(name))
    if block.title:
        text.append_text(shown(f"（{block.title}）"))
    text.append_text(shown(f"：{block.outcome}"))
    if block.firing is not None:
        text.append_text(shown("　" + say("terminal.firing", firing=block.firing), "dim"))
    if block.place:
        text.append_text(shown(f"　{block.place}", "dim"))
    return text


def _truth(truth: Truth) -> str:
    return say(f"terminal_truth.{_TRUTH_KEYS[truth]}")


def _condition(line: ConditionLine) -> tuple[Text, ...]:
    style = "dim" if line.muted else ""
    if line.muted:
        truth = Text(say("terminal_truth.muted"), style)
    else:
        truth = Text(_truth(line.truth), _TRUTH_STYLES[line.truth])
    actual = shown(line.actual, style)
    if line.distance:
        actual.append_text(shown(f"　{line.distance}", "bold"))
    return (
        truth,
        shown("  " * min(line.depth, DEEPEST_INDENT) + line.condition, style),
        shown(line.requirement, style),
        actual,
        shown(line.place, "dim"),
    )
