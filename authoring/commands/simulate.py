"""``tiaoli simulate``: one project or several, every measure, with reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from authoring.cases import CaseFile
from authoring.commands.answer import Answer, Code
from authoring.commands.keeping import Keepsakes, check_keepsakes, keep
from authoring.commands.loading import (
    aside_of,
    is_list,
    notices_of,
    open_book,
    open_cases,
    wrong,
)
from authoring.commands.terminal import counted, progress_over
from authoring.commands.words import say
from authoring.outcome_json import findings_json, outcome_json
from authoring.render_terminal import render_narrative, render_summary, shown
from authoring.values_json import Json
from engine.cases import GoldenCase
from engine.expectations import Unmet, unmet
from engine.explain import explain
from engine.findings import Finding
from engine.narrative import Narrative
from engine.outcome import Outcome
from engine.simulate import Engine, build, simulate

NOTHING_TO_KEEP = Keepsakes()
OUTCOMES_FORMAT = "tiaoli-outcomes/1"


@dataclass(frozen=True, slots=True)
class Simulated:
    """One case with its answer; ``missed`` is None when it expects nothing."""

    golden: GoldenCase
    findings: tuple[Finding, ...]
    outcome: Outcome
    narrative: Narrative
    missed: tuple[Unmet, ...] | None


def answer(
    book: str,
    case_file: str,
    day: str | None,
    row: str | None,
    everything: bool,
    wanted: Keepsakes = NOTHING_TO_KEEP,
) -> Answer:
    """Simulate the cases of a file; NOT_MET when one expects something else, UNUSABLE when a row
    cannot be used. Without ``row`` a workbook is simulated row by row. What is ``wanted`` to be
    kept of one answer is written.
    """
    check_keepsakes(book, case_file, wanted)
    policy = open_book(book).policy
    file = open_cases(policy, case_file, day, row)
    if wanted.any and len(file.readings) > 1:
        raise wrong(say("keep.several", count=len(file.readings)))
    with closing(build(policy)) as engine:
        with progress_over(len(file.readings), say("simulate.progress")) as bar:
            done = tuple(counted(_simulate(engine, file), bar))
        notices = notices_of(engine.agenda.notice)
    unused = [findings for _, (case, _, findings) in file.readings if case is None]
    findings = (*file.findings, *(each for findings in unused for each in findings))
    aside = aside_of(
        (*findings, *(each for one in done for each in one.findings)), notices, file.sheets
    )
    if unused:
        told = say("simulate.rows_left", path=case_file, count=len(unused), good=len(done))
        aside = Group(*([aside] if aside else []), shown(told, "bold red"))
    if wanted.any:
        written = keep(book, wanted, done[0].outcome, done[0].narrative, date.today())
        aside = Group(*([aside] if aside else []), *(shown(told) for told in written))
    return Answer(
        _code(done, unused),
        lambda: (
            _many_json(done, findings, notices)
            if is_list(case_file) and row is None
            else _json(done[0], notices, file.findings)
        ),
        Group(*_views(done, everything)),
        aside,
    )


def _simulate(engine: Engine, file: CaseFile) -> Iterator[Simulated]:
    for _, (case, expectations, findings) in file.readings:
        if case is not None:
            golden = GoldenCase(case, expectations)
            outcome = simulate(engine, case)
            missed = unmet(golden, outcome) if expectations else None
            yield Simulated(golden, findings, outcome, explain(outcome), missed)


def _code(done: Sequence[Simulated], unused: Sequence[object]) -> Code:
    if unused:
        return Code.UNUSABLE
    return Code.NOT_MET if any(one.missed for one in done) else Code.FINE


def _json(one: Simulated, notices: Sequence[str], of_file: Sequence[Finding] = ()) -> Json:
    findings = (*of_file, *one.findings)
    return outcome_json(one.outcome, one.narrative, one.missed, findings, notices)


def _many_json(
    done: Sequence[Simulated], findings: Sequence[Finding], notices: Sequence[str]
) -> Json:
    return {
        "format": OUTCOMES_FORMAT,
        "outcomes": [_json(one, notices) for one in done],
        "findings": findings_json(findings),
    }


def _views(done: Sequence[Simulated], everything: bool) -> Iterator[RenderableType]:
    alone = len(done) == 1
    for one in done:
        yield from _view(one, everything, alone=alone)
    if not alone and not everything:
        yield Text(say("simulate.several_hint"), "dim")


def _view(one: Simulated, everything: bool, *, alone: bool) -> Iterator[RenderableType]:
    if alone or everything:
        yield render_narrative(one.narrative, everything)
    else:
        yield render_summary(one.narrative, one.golden.case.id)
    if one.missed is not None:
        yield from _expectations(one.golden, one.missed)
    if not alone:
        yield Text()


def _expectations(golden: GoldenCase, missed: tuple[Unmet, ...]) -> Iterator[RenderableType]:
    yield Text()
    total = len(golden.expectations)
    if not missed:
        yield Text(say("simulate.met", count=total), "green")
        return
    yield Text(say("simulate.unmet", count=len(missed), total=total), "bold red")
    yield from map(expectation_line, missed)


def expectation_line(missed: Unmet) -> RenderableType:
    """One expectation that was not met."""
    told = say(
        "simulate.unmet_line",
        target=missed.expectation.target,
        expected=missed.expected,
        actual=missed.actual,
    )
    text = shown(told)
    if missed.expectation.at is not None:
        text.append_text(shown(f"　{missed.expectation.at}", "dim"))
    return Padding(text, (0, 0, 0, 2), expand=False)
