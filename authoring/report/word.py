"""测算意见书: an answer as a Word document that an officer can sign and defend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from authoring.blanks import remarks_on_blanks
from authoring.leading_rules import failing_lines, leading_rules
from authoring.report.material import facts_of, joined, named, papers_of
from authoring.report.paper import Cell, Paper, Run, Told
from authoring.report.words import say
from authoring.shelves import SHELVES, by_shelf, names_money, shelf_of
from authoring.unfolding import Unfolding
from engine.fingerprint import short_print
from engine.narrative import (
    ConditionLine,
    MeasureNarrative,
    Narrative,
    RuleBlock,
    TotalLine,
)
from engine.outcome import Outcome
from engine.truth import NO, UNKNOWN, YES, Truth
from engine.words import word

_TRUTHS = {YES: "yes", NO: "no", UNKNOWN: "unknown"}
_IN_THE_TABLE = tuple(each for each in SHELVES if each not in ("refused", "not_applicable"))
_DEEPEST_INDENT = 6
_LONGEST_IN_HEADER, _LONGEST_IN_HEADING = 40, 60


def word_report(outcome: Outcome, narrative: Narrative, made_on: date) -> bytes:
    """Write the opinion. ``made_on`` is the day on which it is written."""
    return _Opinion(outcome, narrative, made_on).write()


class _Opinion:
    """The opinion while it is written, section by section; empty sections are left out."""

    def __init__(self, outcome: Outcome, narrative: Narrative, made_on: date) -> None:
        self._outcome, self._narrative, self._made_on = outcome, narrative, made_on
        self._shelves: Mapping[str, list[MeasureNarrative]] = by_shelf(narrative)
        self._unfolding = Unfolding(narrative.derivations)
        self._sections = 0
        self._annexes = 0
        self._paper = Paper(
            header=say("header", policy=_clipped(narrative.policy_title, _LONGEST_IN_HEADER)),
            footer=say("fingerprint_short", fingerprint=short_print(narrative.fingerprint)),
            page=say("page"),
            author=say("author"),
            title=say("title"),
        )

    def write(self) -> bytes:
        """Write all sections."""
        self._paper.title(say("title"))
        self._paper.pairs(self._particulars())
        self._conclude()
        self._tell_granted()
        self._tell_groups()
        self._tell_missing()
        self._tell_measures("referred")
        self._tell_near()
        self._tell_measures("conflict")
        self._tell_papers()
        self._tell_refused()
        self._tell_absent()
        self._paper.paragraph(Run(say("closing"), "faint"), keep=True)
        self._paper.paragraph(say("signature"))
        self._annex_facts()
        self._annex_provisions()
        return self._paper.to_bytes(self._made_on)

    # --- at the top -------------------------------------------------------------------------------

    def _particulars(self) -> Iterator[tuple[str, str]]:
        case, policy = self._outcome.case, self._outcome.policy
        yield say("project"), case.name or say("unnamed")
        if case.id:
            yield say("case_number"), case.id
        yield say("reference_date"), case.date.isoformat()
        yield (
            say("subjects"),
            say("all_subjects") if case.subjects is None else joined(sorted(case.subjects)),
        )
        yield say("made_on"), self._made_on.isoformat()
        yield say("policy"), policy.title
        for key, text in (
            ("document_number", policy.number),
            ("issuer", policy.issuer),
            ("policy_number", policy.id),
        ):
            if text:
                yield say(key), text
        end = policy.expires.isoformat() if policy.expires else say("no_end")
        yield say("in_force"), say("days", since=policy.effective.isoformat(), until=end)
        yield say("fingerprint"), self._narrative.fingerprint

    # --- sections ---------------------------------------------------------------------------------

    def _section(self, key: str) -> None:
        self._sections += 1
        number = _numeral(self._sections)
        self._paper.heading(say("heading", number=number, text=say(key)))

    def _annex(self, key: str) -> None:
        self._annexes += 1
        number = _numeral(self._annexes)
        self._paper.heading(say("annex", number=number, text=say(key)))

    def _conclude(self) -> None:
        self._section("conclusion")
        narrative = self._narrative
        total = _with_asides(narrative.total)
        lead = say("total_lead", date=narrative.date, total=total)
        self._paper.paragraph(Run(lead, "bold"))
        counts = (
            say("count", shelf=_shelf_name(shelf), count=len(measures))
            for shelf, measures in self._shelves.items()
            if measures
        )
        self._paper.paragraph(f"{say('count_and').join(counts)}。")
        telling = [each for each in narrative.totals if _tells_something(each)]
        if len(telling) > 1:
            self._paper.paragraph(say("by_beneficiary"), keep=True)
            self._paper.table(
                (say("column.beneficiary"), say("column.total"), say("column.remark")),
                (2.2, 3.2, 5),
                [(each.beneficiary, each.total, _asides(each)) for each in telling],
            )
        rows = [
            self._verdict_row(shelf, measure)
            for shelf in _IN_THE_TABLE
            for measure in self._shelves[shelf]
        ]
        if not rows:
            self._paper.paragraph(say("none_open"))
            return
        keys = ("verdict", "measure_id", "measure", "beneficiary", "amount", "provision")
        self._paper.table(_headings(*keys), (2.2, 1.4, 4.6, 1.7, 3.9, 1.3), rows)
        self._paper.paragraph(Run(say("ceiling_note"), "faint"))

    def _verdict_row(self, shelf: str, measure: MeasureNarrative) -> Sequence[Told]:
        mark = Run(f"{say(f'mark.{shelf}')} {_shelf_name(shelf)}", _look_of(shelf))
        worth = Run(_worth(shelf, measure), "bold" if shelf == "granted" else "")
        whose = measure.beneficiary
        return (mark, measure.id, measure.name, whose, worth, measure.provision)

    def _tell_granted(self) -> None:
        self._tell_measures("granted")

    def _tell_measures(self, shelf: str) -> None:
        if self._shelves[shelf]:
            self._section(shelf)
            for measure in self._shelves[shelf]:
                self._measure(measure)

    def _tell_groups(self) -> None:
        measures = [*self._shelves["displaced"], *self._shelves["undecided"]]
        if not measures and not self._narrative.group_lines:
            return
        self._section("groups")
        self._paper.bullets(self._narrative.group_lines)
        for measure in measures:
            self._measure(measure)

    def _tell_missing(self) -> None:
        narrative, waiting = self._narrative, self._shelves["undetermined"]
        if narrative.missing:
            self._section("missing")
            measures = {name for line in narrative.missing for name in line.measures}
            self._paper.paragraph(say("missing_lead", measures=len(measures)), keep=True)
            self._paper.table(
                _headings("field", "stake", "waiting", "hint"),
                (3, 3.2, 4.2, 4.4),
                [
                    (line.field, line.stake, joined(line.measures), line.hint)
                    for line in narrative.missing
                ],
            )
        elif waiting:
            self._section("missing")
        if waiting:
            self._paper.paragraph(say("undetermined_lead"), keep=True)
            self._paper.table(
                _headings("measure_id", "measure", "possible", "why"),
                (1.4, 4.2, 3.4, 5.8),
                [(m.id, m.name, m.amount or say("nothing"), m.headline) for m in waiting],
            )
            for measure in filter(_is_certain_in_part, waiting):
                self._measure(measure)

    def _tell_near(self) -> None:
        measures = self._shelves["near"]
        if not measures:
            return
        self._section("near")
        self._paper.paragraph(say("near_lead"))
        for measure in measures:
            self._measure(measure)

    def _tell_papers(self) -> None:
        papers = papers_of(self._narrative)
        if papers:
            self._section("evidence")
            self._paper.paragraph(say("evidence_lead"), keep=True)
            rows = [(paper, named(measures)) for paper, measures in papers.items()]
            self._paper.table(_headings("paper", "needed_for"), (6, 9), rows)

    def _tell_refused(self) -> None:
        measures = self._shelves["refused"]
        if measures:
            self._section("refused")
            rows = [(m.id, m.name, _reasons(m), m.provision) for m in measures]
            keys = ("measure_id", "measure", "why", "provision")
            self._paper.table(_headings(*keys), (1.4, 4.4, 7.7, 1.3), rows)

    def _tell_absent(self) -> None:
        reasons: dict[str, list[MeasureNarrative]] = {}
        for measure in self._shelves["not_applicable"]:
            reasons.setdefault(measure.headline, []).append(measure)
        if reasons:
            self._section("not_applicable")
            rows = [(reason, named(measures)) for reason, measures in reasons.items()]
            self._paper.table(_headings("reason", "measure"), (4.5, 10.5), rows)

    def _annex_facts(self) -> None:
        self._annex("facts")
        facts = [each for each in facts_of(self._outcome) if each.given]
        if not facts:
            self._paper.paragraph(say("facts_none"))
            return
        self._paper.paragraph(say("facts_lead"), keep=True)
        rows = [(each.field.name, each.text, each.source) for each in facts]
        self._paper.table(_headings("field", "given", "source"), (5, 7, 3), rows)

    def _annex_provisions(self) -> None:
        """The articles that the measures of the sections above cite, whole."""
        texts: dict[str, MeasureNarrative] = {}
        for shelf in _IN_THE_TABLE:
            for measure in self._shelves[shelf]:
                if measure.provision_text:
                    texts.setdefault(measure.provision, measure)
        cited = [each.number for each in self._outcome.policy.provisions if each.number in texts]
        if not cited:
            return
        self._annex("provisions")
        for number in cited:
            measure = texts[number]
            self._paper.heading(_clause(measure), 3)
            self._paper.paragraph(measure.provision_text)

    # --- one measure ------------------------------------------------------------------------------

    def _measure(self, measure: MeasureNarrative) -> None:
        paper, shelf = self._paper, shelf_of(measure)
        name = _clipped(measure.name, _LONGEST_IN_HEADING)
        heading = say("measure", id=measure.id, name=name)
        worth = _worth(shelf, measure)
        if worth and worth != say("nothing"):
            paper.heading_with(heading, worth)
        else:
            paper.heading(heading, 2)
        if name != measure.name:
            paper.paragraph(measure.name)
        whose = say("whose", beneficiary=measure.beneficiary, form=measure.form)
        if measure.department:
            whose += say("department", department=measure.department)
        paper.paragraph(Run(whose, "faint"), keep=True)
        paper.paragraph(Run(measure.headline, "bold"), keep=bool(measure.quote or measure.rules))
        if measure.quote:
            paper.quote((Run(f"{_clause(measure)}：", "bold"), Run(f"「{measure.quote}」")))
        if measure.repair:
            paper.paragraph(say("repair", repair=""), keep=True)
            paper.bullets([*measure.repair, *filter(None, [measure.repair_gain])])
        self._rules(measure)
        if measure.amount_lines:
            paper.heading(say("amount_title"), 3)
            paper.table(
                _headings("step", "formula", "value", "place"),
                (2.6, 6.2, 3.6, 2.8),
                [
                    (line.label, line.formula, Cell(Run(line.value, "bold"), right=True),
                     Run(line.place, "faint"))
                    for line in measure.amount_lines
                ],
            )  # fmt: skip
        if measure.group_lines and shelf not in ("displaced", "undecided"):
            paper.bullets(measure.group_lines)
        if measure.evidence:
            paper.paragraph(say("evidence_line", papers=joined(measure.evidence)))
        if measure.notes:
            paper.paragraph(Run(say("note_line", notes="；".join(measure.notes)), "faint"))

    def _rules(self, measure: MeasureNarrative) -> None:
        leading = leading_rules(measure)
        if not leading:
            return
        for block in leading:
            self._rule(block, 0)
        for field, rules in self._unfolding.put_off():
            self._derivation(field, rules, 0)
        others = len(measure.rules) - len(leading)
        if others:
            self._paper.paragraph(Run(say("others", count=others), "faint"))

    def _rule(self, block: RuleBlock, depth: int) -> None:
        name = say("rule", rule=block.rule) if block.rule else say("rule_default")
        title = say("rule_title", title=block.title) if block.title else ""
        told = say("rule_says", rule=name, title=title, outcome=block.outcome)
        origin = say("rule_origin", place=block.place) if block.place else ""
        self._paper.paragraph(
            (_truth(block.truth), Run(f"　{told}"), Run(origin, "small")),
            keep=bool(block.lines),
            indent=2 * depth,
        )
        if not block.lines:
            return
        told_above = {
            line: bool(line.behind) and not any(map(self._unfolding.left, line.behind))
            for line in block.lines
        }
        self._paper.table(
            _headings("truth", "condition", "requirement", "actual", "place"),
            (2.0, 4.4, 3.8, 3.6, 2.8),
            _condition_rows(block.lines, told_above),
        )
        for line in block.lines:
            for field, rules in self._unfolding.take(line, depth):
                self._derivation(field, rules, depth + 1)

    def _derivation(self, field: str, rules: Iterable[RuleBlock], depth: int) -> None:
        self._paper.paragraph(
            Run(say("behind", field=field), "accent"), keep=True, indent=2 * depth
        )
        for block in rules:
            self._rule(block, depth)


# --- small things ---------------------------------------------------------------------------------


def _is_certain_in_part(measure: MeasureNarrative) -> bool:
    return any(block.truth is YES for block in measure.rules)


def _reasons(measure: MeasureNarrative) -> list[Run]:
    """Why a measure is refused: in one sentence, then what is asked and what there is."""
    told = [Run(measure.headline)]
    for line in failing_lines(measure):
        failure = say(
            "failure",
            condition=line.condition,
            requirement=line.requirement,
            actual=line.actual,
        )
        lacking = "".join(f"，{text}" for text in (line.distance, line.blank) if text)
        told.append(Run(f"　{failure}{lacking}。", "faint"))
    return told


def _headings(*keys: str) -> tuple[str, ...]:
    return tuple(say(f"column.{key}") for key in keys)


def _condition_rows(
    lines: Iterable[ConditionLine], told_above: Mapping[ConditionLine, bool]
) -> Iterator[Sequence[Cell | Told]]:
    lines = tuple(lines)
    for line, blank in zip(lines, remarks_on_blanks(lines), strict=True):
        look = "faint" if line.muted else ""
        truth = Run(say("truth.muted"), "faint") if line.muted else _truth(line.truth)
        condition = [Run(line.condition, look)]
        if told_above[line]:
            condition.append(Run(say("told_above"), "small"))
        actual = [Run(line.actual, look)]
        if line.distance and not line.muted:
            actual.append(Run(f" {line.distance}", "no"))
        if blank and line.truth is not UNKNOWN:
            actual.append(Run(f"（{blank}）", "small"))
        yield (
            truth,
            Cell(condition, indent=min(line.depth, _DEEPEST_INDENT)),
            Run(line.requirement, look),
            actual,
            Run(line.place, "faint"),
        )


def _truth(truth: Truth) -> Run:
    key = _TRUTHS[truth]
    return Run(say(f"truth.{key}"), key)


def _clause(measure: MeasureNarrative) -> str:
    return say("clause", number=measure.provision, title=measure.provision_title).rstrip("　")


def _shelf_name(shelf: str) -> str:
    key = "near" if shelf == "near" else f"verdict.{shelf}"
    return say("near_word") if key == "near" else word(key)


def _look_of(shelf: str) -> str:
    match shelf:
        case "granted":
            return "yes"
        case "conflict":
            return "no"
        case _:
            return "unknown"


def _worth(shelf: str, measure: MeasureNarrative) -> str:
    """The amount as it may be told: what is forgone and what may be gained are no awards."""
    if shelf == "near":
        return measure.repair_gain or say("nothing")
    if not names_money(measure):
        return say("nothing")
    return say("forgone", amount=measure.amount) if shelf == "displaced" else measure.amount


def _with_asides(line: TotalLine) -> str:
    told = _asides(line)
    return line.total + (say("aside", asides=told) if told else "")


def _asides(line: TotalLine) -> str:
    return say("aside_and").join(filter(None, (line.certain, line.uncounted, line.at_stake)))


def _tells_something(line: TotalLine) -> bool:
    return line.total != word("total.none") or bool(_asides(line))


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _numeral(number: int) -> str:
    digits = say("numbers")
    if number <= len(digits):
        return digits[number - 1]
    return f"{digits[9]}{digits[number - 11]}"
