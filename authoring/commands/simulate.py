"""``tiaoli simulate``: one project, every measure, with reasons."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from authoring.commands.answer import Answer, Code
from authoring.commands.loading import aside_of, open_book, open_case
from authoring.commands.words import say
from authoring.outcome_json import outcome_json
from authoring.render_terminal import render_narrative, shown
from engine.cases import GoldenCase
from engine.expectations import Unmet, unmet
from engine.explain import explain
from engine.simulate import build, simulate


def answer(book: str, case_file: str, day: str | None, row: str | None, everything: bool) -> Answer:
    """Simulate the case of a file; the answer is NOT_MET when it expects something else."""
    policy = open_book(book).policy
    golden, findings = open_case(policy, case_file, day, row)
    with closing(build(policy)) as engine:
        outcome = simulate(engine, golden.case)
        notice = engine.agenda.notice
    missed = unmet(golden, outcome) if golden.expectations else None
    narrative = explain(outcome)
    parts = [render_narrative(narrative, everything)]
    if missed is not None:
        parts += _expectations(golden, missed)
    return Answer(
        Code.NOT_MET if missed else Code.FINE,
        outcome_json(outcome, narrative, missed),
        Group(*parts),
        aside_of(findings, notice),
    )


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
