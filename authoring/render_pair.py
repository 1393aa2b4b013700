"""One project under both versions, line beside line, what differs marked. Pure; all is escaped."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeVar

from authoring.money import phrase_sum
from authoring.pages.words import say
from authoring.render_html import Html, element, render_truth
from authoring.render_table import long_table
from engine.compare import Aside, CaseResult, MeasureChange
from engine.narrative import AmountLine, ConditionLine, MeasureNarrative, Narrative, RuleBlock
from engine.phrase import phrase_money
from engine.portfolio import Money
from engine.truth import YES
from engine.values import Bound
from engine.words import word

Line = TypeVar("Line")
_NOTHING = (word("amount.none"), "")


@dataclass(frozen=True, slots=True)
class Sides:
    """One project as both versions answer it, with the numbers of all rules of each."""

    before: Narrative
    after: Narrative
    result: CaseResult
    numbers: tuple[frozenset[str], frozenset[str]]

    def measures(self) -> Iterator[tuple[MeasureNarrative | None, MeasureNarrative | None]]:
        """Each measure under both versions, as the newer one orders them, what is gone last."""
        old = {each.id: each for each in self.before.measures}
        new = {each.id: each for each in self.after.measures}
        for id_ in dict.fromkeys((*new, *old)):
            yield old.get(id_), new.get(id_)


# --- the money ------------------------------------------------------------------------------------


def render_money(sides: Sides) -> Html:
    """Measure by measure: verdict and amount under both versions, and what that makes."""
    changes = {each.measure: each for each in sides.result.change.measures}
    rows = [_total(sides)]
    same = 0
    for was, is_ in sides.measures():
        measure = is_ or was
        assert measure is not None
        if measure.id in changes:
            rows.append(_measure(was, is_, changes[measure.id], sides.result))
        else:
            same += "granted" in {each.verdict for each in (was, is_) if each}
    columns = ("measure", "old", "new", "difference")
    headings = (say(f"compare.{key}") for key in columns)
    table = long_table(headings, rows, say("compare.pair_money"), "tl tl-compare tl-pair")
    note = [element("p", say("compare.pair_same", count=same), class_="tl-none")] if same else []
    return element("div", table, *note, class_="tl")


def _total(sides: Sides) -> Html:
    change = sides.result.change
    cells = (_total_cell(sides.before, "old"), _total_cell(sides.after, "new"))
    counted = change.counted
    asides = [say("compare.rest_open")] if change.asides else []
    return element(
        "tr",
        element("td", element("b", say("compare.pair_total")), class_="tl-row-name"),
        *cells,
        element(
            "td",
            _gap(*counted),
            *(element("small", told) for told in asides),
            data_label=say("compare.difference"),
        ),
        class_="tl-sum-row",
    )


def _total_cell(narrative: Narrative, key: str) -> Html:
    total = narrative.total
    told = (element("small", each) for each in (total.certain, total.at_stake) if each)
    return element("td", element("b", total.total), *told, data_label=say(f"compare.{key}"))


def _measure(
    was: MeasureNarrative | None,
    is_: MeasureNarrative | None,
    change: MeasureChange,
    result: CaseResult,
) -> Html:
    if change.aside is None:
        money = (each.get(change.measure) or Money() for each in (result.before, result.after))
        gap = _gap(*money)
    else:
        gap = say("compare.gap_open" if change.aside is Aside.OPEN else "compare.gap_conflict")
    return element(
        "tr",
        element(
            "td",
            element("b", change.measure),
            element("span", change.name),
            class_="tl-who tl-row-name",
        ),
        _verdict(was, "old"),
        _verdict(is_, "new"),
        element("td", gap, data_label=say("compare.difference")),
    )


def _verdict(measure: MeasureNarrative | None, key: str) -> Html:
    label = say(f"compare.{key}")
    if measure is None:
        return element("td", say("compare.not_there"), data_label=label)
    amount = [element("span", measure.amount)] if measure.amount not in _NOTHING else []
    return element("td", element("b", measure.verdict_word), *amount, data_label=label)


def _gap(before: Money, after: Money) -> str:
    """By how much more or less; where the ends move apart, from what to what."""
    if (before.low, before.high) == (after.low, after.high):
        return say("compare.gap_none")
    if math.inf in (before.high, after.high):
        return f"{phrase_sum(before)} {say('compare.arrow')} {phrase_sum(after)}"
    low, high = after.low - before.low, after.high - before.high
    if low == high:
        return _signed(high)
    if not low or not high:
        return say("compare.gap_most" if high else "compare.gap_least", gap=_signed(high or low))
    return say("compare.gap_range", low=_signed(low), high=_signed(high))


def _signed(gap: Bound) -> str:
    if not gap:
        return say("compare.gap_none")
    return say("compare.gap", sign="＋" if gap > 0 else "－", amount=phrase_money(max(gap, -gap)))


# --- the proof ------------------------------------------------------------------------------------


def render_proofs(sides: Sides) -> Html:
    """Of each measure that is treated otherwise the rules, line beside line."""
    changed = {each.measure for each in sides.result.change.measures}
    sections = []
    for was, is_ in sides.measures():
        measure = is_ or was
        if measure is not None and measure.id in changed:
            title = element("h4", element("b", measure.id), f" {measure.name}")
            sections.append(element("section", title, *_proof(was, is_, sides)))
    return element("div", *sections, class_="tl tl-pair-proofs")


def _proof(
    was: MeasureNarrative | None, is_: MeasureNarrative | None, sides: Sides
) -> Iterator[Html]:
    blocks = (() if was is None else was.rules, () if is_ is None else is_.rules)
    if was is None or is_ is None:
        yield element("p", say("compare.new_one" if was is None else "compare.gone"))
    groups = (() if was is None else was.group_lines, () if is_ is None else is_.group_lines)
    yield from _rules(blocks, sides, set(), spoken=groups[0] == groups[1])
    lines = (() if was is None else was.amount_lines, () if is_ is None else is_.amount_lines)
    if any(lines) and [_said(each) for each in lines[0]] != [_said(each) for each in lines[1]]:
        yield element("h5", say("card.amount"))
        yield _amounts(*lines)
    if groups[0] != groups[1]:
        yield element("h5", say("group.title"))
        yield _groups(*groups)


def _rules(
    blocks: tuple[Sequence[RuleBlock], Sequence[RuleBlock]],
    sides: Sides,
    told: set[str],
    *,
    spoken: bool,
) -> Iterator[Html]:
    """The rules that differ, or, where ``spoken``, the one that speaks; then what stands behind."""
    old, new = ({each.rule: each for each in side} for side in blocks)
    pairs = [(old.get(rule), new.get(rule)) for rule in dict.fromkeys((*new, *old))]
    telling = [each for each in pairs if _differ(*each) and not _left_out(*each, sides)]
    shown = telling or (_speaking(pairs) if spoken else [])
    for pair in shown:
        yield _rule(*pair, sides)
    behind = dict.fromkeys(
        field
        for pair in shown
        for block in pair
        if block is not None
        for line in block.lines
        for field in line.behind
    )
    for field in behind:
        derivations = (
            sides.before.derivations.get(field, ()),
            sides.after.derivations.get(field, ()),
        )
        if field in told or not _any_differ(*derivations):
            continue
        told.add(field)
        yield element("h5", say("rule.behind", field=field))
        yield from _rules(derivations, sides, told, spoken=True)


def _left_out(was: RuleBlock | None, is_: RuleBlock | None, sides: Sides) -> bool:
    """Whether one side only did not need to tell of a rule that it has, and nothing rests on it."""
    block = is_ or was
    assert block is not None
    if was is not None and is_ is not None:
        return False
    return all(block.rule in each for each in sides.numbers) and block.truth is not YES


def _any_differ(old: Iterable[RuleBlock], new: Iterable[RuleBlock]) -> bool:
    before, after = ({each.rule: each for each in side} for side in (old, new))
    return any(_differ(before.get(rule), after.get(rule)) for rule in {*before, *after})


def _differ(was: RuleBlock | None, is_: RuleBlock | None) -> bool:
    if was is None or is_ is None:
        return True
    heads = [(each.truth, each.outcome) for each in (was, is_)]
    lines = [[_tested(each) for each in block.lines] for block in (was, is_)]
    return heads[0] != heads[1] or lines[0] != lines[1]


def _speaking(
    pairs: Sequence[tuple[RuleBlock | None, RuleBlock | None]],
) -> Sequence[tuple[RuleBlock | None, RuleBlock | None]]:
    """The first rule that holds, or else the first of all."""
    holding = [each for each in pairs if each[1] is not None and each[1].truth is YES]
    return (holding or pairs)[:1]


def _rule(was: RuleBlock | None, is_: RuleBlock | None, sides: Sides) -> Html:
    block = is_ or was
    assert block is not None
    head = element(
        "p",
        element("b", say("rule.id", rule=block.rule)),
        *(
            element("span", say("compare.side", side=say(f"compare.{key}"), told=told))
            for key, told in (
                ("old", _outcome(was, block.rule in sides.numbers[0])),
                ("new", _outcome(is_, block.rule in sides.numbers[1])),
            )
        ),
        class_="tl-rule-head tl-pair-head",
    )
    rows = [
        _condition(*pair)
        for pair in _aligned(
            () if was is None else was.lines, () if is_ is None else is_.lines, _place_of
        )
    ]
    columns = ("marked", "condition", "old", "new")
    headings = (say(f"compare.{key}") for key in columns)
    if not rows:
        return head
    table = long_table(headings, rows, say("column.table"), "tl tl-compare tl-pair tl-proof")
    return element("div", head, table, class_="tl-rule")


def _outcome(block: RuleBlock | None, there: bool) -> str:
    if block is None:
        return say("compare.rule_unused" if there else "compare.no_rule")
    return block.outcome


def _condition(was: ConditionLine | None, is_: ConditionLine | None) -> Html:
    line = is_ or was
    assert line is not None
    differs = was is None or is_ is None or _tested(was) != _tested(is_)
    return element(
        "tr",
        _mark(differs),
        element("td", line.condition, class_=f"tl-condition tl-d{min(line.depth, 6)}"),
        _test(was, "old", differs),
        _test(is_, "new", differs),
        class_="tl-differs" if differs else "tl-muted",
    )


def _test(line: ConditionLine | None, key: str, differs: bool) -> Html:
    label = say(f"compare.{key}")
    if line is None:
        return element("td", say("compare.not_there"), data_label=label)
    truth = say("condition.muted") if line.muted else render_truth(line.truth)
    parts = [truth, element("span", line.requirement)]
    if line.actual:
        parts.append(element("small", say("compare.actual", value=line.actual)))
    if line.distance and differs and not line.muted:
        parts.append(element("small", line.distance))
    return element("td", *parts, data_label=label, class_="tl-side")


def _mark(differs: bool) -> Html:
    told = say("compare.differs" if differs else "compare.alike")
    return element("td", told, class_="tl-mark")


def _amounts(before: Sequence[AmountLine], after: Sequence[AmountLine]) -> Html:
    rows = []
    for was, is_ in _aligned(before, after, lambda line: line.label):
        line = is_ or was
        assert line is not None
        differs = was is None or is_ is None or _said(was) != _said(is_)
        rows.append(
            element(
                "tr",
                _mark(differs),
                element("td", line.label, class_="tl-condition"),
                _step(was, "old"),
                _step(is_, "new"),
                class_="tl-differs" if differs else "tl-muted",
            )
        )
    columns = ("marked", "step", "old", "new")
    headings = (say(f"compare.{key}") for key in columns)
    return long_table(headings, rows, say("card.amount"), "tl tl-compare tl-pair tl-proof")


def _step(line: AmountLine | None, key: str) -> Html:
    label = say(f"compare.{key}")
    if line is None:
        return element("td", say("compare.not_there"), data_label=label)
    value = element("b", line.value)
    return element("td", element("span", line.formula), value, data_label=label, class_="tl-side")


def _groups(before: Sequence[str], after: Sequence[str]) -> Html:
    cells = (
        element(
            "td",
            *map(_line, side or (say("compare.no_group"),)),
            data_label=say(f"compare.{key}"),
            class_="tl-side",
        )
        for key, side in (("old", before), ("new", after))
    )
    row = element("tr", _mark(True), *cells, class_="tl-differs")
    headings = (say(f"compare.{key}") for key in ("marked", "old", "new"))
    return long_table(headings, [row], say("group.title"), "tl tl-compare tl-pair tl-proof")


def _line(told: str) -> Html:
    return element("div", told)


def _aligned(
    before: Sequence[Line], after: Sequence[Line], key: Callable[[Line], object]
) -> Iterator[tuple[Line | None, Line | None]]:
    """The lines of both side by side; those of one alone stand where they stood."""
    old, new = ([str(key(each)) for each in side] for side in (before, after))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, low, high, other_low, other_high in matcher.get_opcodes():
        if kind == "equal":
            yield from zip(before[low:high], after[other_low:other_high], strict=True)
        else:
            yield from ((each, None) for each in before[low:high])
            yield from ((None, each) for each in after[other_low:other_high])


def _place_of(line: ConditionLine) -> object:
    return line.depth, line.condition


def _tested(line: ConditionLine) -> object:
    """What of a line is compared: not where it stands."""
    return line.depth, line.condition, line.requirement, line.actual, line.truth


def _said(line: AmountLine) -> object:
    return line.label, line.formula, line.value
