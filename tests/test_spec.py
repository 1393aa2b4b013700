"""Runs the specifications under tests/spec: their Markdown tables are the sheets of workbooks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from authoring.render_findings import render_findings
from authoring.understand import read_book
from authoring.workbook import read_sheets
from engine import build, simulate
from engine.expectations import unmet
from engine.findings import Severity, has_errors
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


@pytest.mark.parametrize("section", list(specified()))
def test_specification(section: Section) -> None:
    content = make_book(section.sheets)
    understanding = read_book(content)
    words = render_findings(understanding.findings, read_sheets(content)[0])
    if section.findings is None:
        assert not has_errors(understanding.findings), words
    else:
        listed = {code for code, _ in section.findings}
        found = [
            (each.code, str(each.at or "—"))
            for each in understanding.findings
            if each.severity is not Severity.ADVICE or each.code in listed
        ]
        assert sorted(found) == sorted(section.findings), words
    if understanding.policy is None:
        return
    with closing(build(understanding.policy, "python")) as engine:
        for golden in understanding.golden_cases:
            missed = unmet(golden, simulate(engine, golden.case))
            assert [(each.expectation.target, each.actual) for each in missed] == [], golden.case.id
        for contest in understanding.golden_contests:
            astray = misplaced(contest, run_contest(engine, contest))
            assert [(each.expected.case.id, each.actual) for each in astray] == [], contest.id
