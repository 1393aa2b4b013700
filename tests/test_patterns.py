"""The amounts of ``tests/spec/patterns.md`` come about as it says, and their JSON says the same."""

from __future__ import annotations

import json
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import pytest

from authoring.outcome_json import outcome_json
from authoring.understand import read_book
from authoring.understand.payment_plans import read_plan
from engine.cells import CellRef, Place
from engine.explain import explain
from engine.narrative import AmountLine
from engine.simulate import build, simulate
from tests.books import Content, Rows, Section, make_book, sections
from tests.oracle import answer
from tests.test_agreement import difference, plain_outcome
from tests.test_outcome_json import VALIDATOR

SPEC = Path(__file__).parent / "spec" / "patterns.md"
CALCULATION = "怎么算"
SECTIONS = [
    pytest.param(each, id=each.title)
    for each in sections(SPEC.read_text(encoding="utf-8"))
    if each.findings is None or CALCULATION in each.sheets
]
COLUMNS = {"步骤": "label", "算式": "formula", "金额": "value"}


def told(lines: tuple[AmountLine, ...], columns: list[str]) -> list[list[str]]:
    """What some columns say of an amount, line by line."""
    return [[str(getattr(line, COLUMNS[each])) for each in columns] for line in lines]


def expected(rows: Rows) -> dict[tuple[Content, Content], list[list[str]]]:
    """The lines of each measure of each case."""
    found: dict[tuple[Content, Content], list[list[str]]] = {}
    for case, measure, *cells in rows[1:]:
        found.setdefault((case, measure), []).append([str(each or "") for each in cells])
    return found


@pytest.mark.parametrize("section", SECTIONS)
def test_how_amounts_come_about(section: Section) -> None:
    sheets = dict(section.sheets)
    rows = sheets.pop(CALCULATION, [])
    understanding = read_book(make_book(sheets))
    policy = understanding.policy
    assert policy is not None, understanding.findings
    with closing(build(policy, "python")) as engine:
        outcomes = {
            golden.case.id: simulate(engine, golden.case) for golden in understanding.golden_cases
        }
    lines = {
        (name, measure.id): measure.amount_lines
        for name, outcome in outcomes.items()
        for measure in explain(outcome).measures
    }
    for (case, name), wanted in expected(rows).items():
        columns = [str(each) for each in rows[0][2:]]
        assert told(lines[str(case), str(name)], columns) == wanted, (case, name)
    for outcome in outcomes.values():
        assert difference(answer(policy, outcome.case), plain_outcome(outcome)) == []
        text = json.dumps(outcome_json(outcome, explain(outcome)), ensure_ascii=False)
        written = json.loads(text)
        VALIDATOR.validate(written)
        for measure in written["measures"]:
            for end in ("min", "max"):
                parts = [Fraction(each[end]) for each in measure["payments"]]
                assert not parts or sum(parts) == Fraction(measure["amount"][end])


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("40%、30%、30%", ("分3期 40%、30%、30%",)),
        ("分三年按4:3:3发放", ("分3年 40%、30%、30%",)),
        ("4：3：3", ("分3期 40%、30%、30%",)),
        ("40%、30%、20%", ()),
        ("0:0", ()),
        ("看情况", ()),
    ],
)
def test_a_plan_that_is_nearly_said_is_offered(written: str, offered: tuple[str, ...]) -> None:
    at = Place(CellRef("奖励", 4, 4), 0, len(written))
    plan, [finding] = read_plan(written, at)
    assert (plan, finding.code, finding.did_you_mean) == (None, "W390", offered)
    for each in offered:
        assert read_plan(each, at)[0] is not None


def test_a_comma_behind_the_years_is_no_obstacle() -> None:
    at = Place(CellRef("奖励", 4, 4), 0, 18)
    assert read_plan("分三年，40%、30%、30%", at) == read_plan("分三年 40%、30%、30%", at)
