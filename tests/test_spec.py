"""Runs the specifications under tests/spec: their Markdown tables are the sheets of workbooks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from authoring.messages import fill, text, words
from authoring.render_findings import render_findings
from authoring.understand import read_book
from authoring.workbook import read_sheets
from engine import build, simulate
from engine.expectations import unmet
from engine.findings import Finding, Severity, has_errors
from engine.selection import misplaced, run_contest
from tests.books import Section, make_book, sections

SPEC = Path(__file__).parent / "spec"
OTHER_RUNNERS = {"cell-language.md", "mends.md"}


def specified() -> Iterator[pytest.ParameterSet]:
    """One test item for each section."""
    for path in sorted(SPEC.glob("*.md")):
        if path.name not in OTHER_RUNNERS:
            for section in sections(path.read_text(encoding="utf-8")):
                yield pytest.param(section, id=f"{path.stem}::{section.title}")


def placed(finding: Finding) -> tuple[str, str]:
    """A finding's code and cell."""
    return finding.code, str(finding.at or "—")


def say(finding: Finding) -> str:
    """A finding's severity and message."""
    message = fill(words(finding.code).message, finding.params)
    return f"{text(f'findings.{finding.severity}')}：{message}"


@pytest.mark.parametrize("section", list(specified()))
def test_specification(section: Section) -> None:
    content = make_book(section.sheets)
    understanding = read_book(content)
    shown = render_findings(understanding.findings, read_sheets(content)[0])
    if section.findings is None:
        assert not has_errors(understanding.findings), shown
    else:
        listed = {each.code for each in section.findings}
        found = [
            each
            for each in understanding.findings
            if each.severity is not Severity.ADVICE or each.code in listed
        ]
        expected = [each for each in section.findings if each.place != "没有"]
        assert sorted(map(placed, found)) == sorted((e.code, e.place) for e in expected), shown
        for each in expected:
            said = [say(one) for one in found if placed(one) == (each.code, each.place)]
            assert any(each.words in one for one in said), shown
    if understanding.policy is None:
        return
    with closing(build(understanding.policy, "python")) as engine:
        for golden in understanding.golden_cases:
            missed = unmet(golden, simulate(engine, golden.case))
            assert [(each.expectation.target, each.actual) for each in missed] == [], golden.case.id
        for contest in understanding.golden_contests:
            astray = misplaced(contest, run_contest(engine, contest))
            assert [(each.expected.case.id, each.actual) for each in astray] == [], contest.id
