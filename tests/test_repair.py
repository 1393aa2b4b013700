"""The smallest repair turns the verdict, moves only what may move, and is as small as can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from random import Random

import pytest

from authoring.understand import read_book
from engine.cases import Case
from engine.explain import explain
from engine.expressions import Present, Satisfies
from engine.findings import has_errors
from engine.model import Field, Movement, Policy, Source
from engine.outcome import Granted, MeasureOutcome, Outcome, Referred, Refused, Repair, Verdict
from engine.repair import MOST_CHANGES, repairs_of
from engine.simulate import Engine, build, simulate
from engine.types import ChoiceType, TextType
from engine.values import Value
from tests.books import Section, make_book, sections
from tests.policy_books import BOOKS, examples_beside, read
from tests.random_cases import draw_cases, nodes
from tests.random_policies import draw_policy

SPEC = Path(__file__).parent / "spec" / "repairs.md"
NONE = "—"

# --- the specification ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "section",
    [pytest.param(each, id=each.title) for each in sections(SPEC.read_text(encoding="utf-8"))],
)
def test_specification(section: Section) -> None:
    sheets = dict(section.sheets)
    _, *expected = sheets.pop("改法")
    understanding = read_book(make_book(sheets))
    assert not has_errors(understanding.findings), understanding.findings
    policy = understanding.policy
    assert policy is not None
    with closing(build(policy, "python")) as engine:
        told = {
            (golden.case.id, measure.id): measure
            for golden in understanding.golden_cases
            for measure in explain(simulate(engine, golden.case)).measures
        }
    for case, name, repair, near in expected:
        measure = told[str(case), str(name)]
        assert measure.verdict == "refused", (case, name)
        assert ("；".join(measure.repair) or NONE) == repair, (case, name)
        assert measure.near_miss is (near == "是"), (case, name)


# --- random policies ------------------------------------------------------------------------------

BATCHES, POLICIES_EACH, CASES_EACH = 5, 24, 12
WITH_JUDGEMENTS = 4
"""A batch whose repairs lead to judgements, too."""
OF_WORKBOOKS = 40


@pytest.mark.parametrize("batch", range(BATCHES))
def test_repairs_of_random_policies(batch: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(batch * POLICIES_EACH, (batch + 1) * POLICIES_EACH):
        seen.update(check_repairs(seed))
    assert seen["refused"] > 100, seen
    assert seen["repaired"] > 10, seen
    assert seen["several"] > 0, seen
    assert seen["Referred"] > 1 or batch != WITH_JUDGEMENTS, seen


@pytest.mark.parametrize("book", BOOKS, ids=[book.parent.name for book in BOOKS])
def test_repairs_of_the_workbooks(book: Path) -> None:
    understanding = read(book)
    policy = understanding.policy
    assert policy is not None
    cases = [golden.case for golden in understanding.golden_cases]
    seen: Counter[str] = Counter()
    with closing(build(policy, agenda="python")) as engine:
        for case in (*cases, *draw_cases(policy, OF_WORKBOOKS, 1)):
            outcome = simulate(engine, case)
            for each in outcome.measures:
                if isinstance(each.verdict, Refused):
                    seen.update(check_one(engine, outcome, each, []))
    assert seen["repaired"] > 100, seen
    assert seen["several"] > 10, seen


def test_wuxi_asks_no_landed_project_back() -> None:
    (wuxi,) = (book for book in BOOKS if book.parent.name == "wuxi-2023")
    policy, example = read(wuxi).policy, examples_beside(wuxi)["introduction-5yi.json"]
    assert policy is not None
    assert example is not None
    with closing(build(policy, agenda="python")) as engine:
        landed = simulate(engine, example.case)
        facts = {**example.case.facts, "项目阶段": "已签约", "项目落地日期": None}
        signed = simulate(engine, replace(example.case, facts=facts))
    assert repairs_of(landed)["M13-1"] is None
    repair = repairs_of(signed)["M6-3"]
    assert repair is not None
    assert repair.near
    assert {change.field: change.after for change in repair.changes} == {
        "项目阶段": "已落地",
        "项目落地日期": example.case.date,
    }


def with_movements(policy: Policy, random: Random) -> Policy:
    """The policy with some fields fixed, and some that move one way only."""

    def moved(field: Field) -> Field:
        unordered = isinstance(field.type, ChoiceType) and field.type.code_list != "等级"
        ways = [Movement.FREE] * 4 + [Movement.FIXED]
        if not unordered and field.name != "街道":
            ways += [Movement.GROWS, Movement.SHRINKS]
        return replace(field, movement=random.choice(ways))

    return replace(policy, fields=tuple(map(moved, policy.fields)))


def check_repairs(seed: int) -> Iterator[str]:
    """Check the repairs of one policy; tell what was met."""
    random = Random(seed)
    policy = with_movements(draw_policy(random), random)
    cases = draw_cases(policy, CASES_EACH, seed)
    singles = single_changes(policy, seed)
    with closing(build(policy, agenda="python")) as engine:
        for case in cases:
            outcome = simulate(engine, case)
            for each in outcome.measures:
                if isinstance(each.verdict, Refused):
                    yield "refused"
                    yield from check_one(engine, outcome, each, singles)


def check_one(
    engine: Engine, outcome: Outcome, each: MeasureOutcome, singles: list[tuple[Field, Value]]
) -> Iterator[str]:
    case, repair = outcome.case, repairs_of(outcome).get(each.measure.id)
    if repair is not None:
        yield "repaired"
        yield repair.verdict.__class__.__name__
        check_repair(engine, outcome, each, repair)
    if repair is not None and len(repair.changes) + len(repair.judgements) == 1:
        return
    yield "several" if repair is not None else "none"
    for field, value in singles:
        before = outcome.worked.situation.facts.get(field.name)
        if is_allowed(field, before, value, outcome):
            changed = {field.name: value}
            assert not isinstance(alone(engine, case, changed, each), Granted), changed


def check_repair(engine: Engine, outcome: Outcome, each: MeasureOutcome, repair: Repair) -> None:
    """It keeps its promise, moves what may move, and no part of it would do."""
    fields = {field.name: field for field in outcome.policy.fields}
    all_changes = (*repair.changes, *repair.judgements)
    assert 1 <= len(all_changes) <= MOST_CHANGES
    for change in all_changes:
        assert change.before == outcome.worked.situation.facts.get(change.field)
        assert is_allowed(fields[change.field], change.before, change.after, outcome), change
        judged = fields[change.field].source is Source.JUDGED
        assert (change in repair.judgements) is judged
    facts = {change.field: change.after for change in all_changes}
    assert alone(engine, outcome.case, facts, each) == repair.verdict
    for size in range(1, len(facts)):
        for part in combinations(facts.items(), size):
            verdict = alone(engine, outcome.case, dict(part), each)
            assert not isinstance(verdict, Granted | Referred), part


def alone(engine: Engine, case: Case, changed: dict[str, Value], each: MeasureOutcome) -> Verdict:
    """What a measure comes to by itself after some changes; the whole engine is asked."""
    outcome = simulate(engine, replace(case, facts={**case.facts, **changed}))
    return next(other.alone for other in outcome.measures if other.measure is each.measure)


def is_allowed(field: Field, before: Value | None, after: Value, outcome: Outcome) -> bool:
    """What 可否改变 and 来源 let a repair do, read anew."""
    case = outcome.case
    given = case.facts.get(field.name)
    if field.movement is Movement.FIXED or field.source is Source.DERIVED or after == before:
        return False
    if field.source in (Source.JUDGED, Source.DERIVED_OR_REPORTED) and given is None:
        return False
    past = isinstance(given, date) and given <= case.date
    if isinstance(after, date) and (past or after < case.date):
        return False
    if is_number(after) and (after < (field.minimum or 0)):  # type: ignore[operator]
        return before is not None and after > before  # type: ignore[operator]
    if before is None or field.movement is Movement.FREE:
        return True
    if isinstance(field.type, ChoiceType):
        more = is_later(str(before), str(after), field.type, outcome.policy)
    else:
        more = after > before  # type: ignore[operator]
    if isinstance(after, frozenset) and field.movement is Movement.SHRINKS:
        return after < before  # type: ignore[operator]
    return more is (field.movement is Movement.GROWS)


def is_later(before: str, after: str, type_: ChoiceType, policy: Policy) -> bool:
    """Whether a code comes later in the order of its list, or says the same more precisely."""
    code_list = next(each for each in policy.code_lists if each.name == type_.code_list)
    codes = {code.value: code for code in code_list.codes}
    above = codes[after].parent
    return above == before or (codes[after].rank or 0) > (codes[before].rank or 0)


def is_number(value: Value) -> bool:
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def single_changes(policy: Policy, seed: int) -> list[tuple[Field, Value]]:
    """Values as they occur in random cases, of fields that no rule asks whether they are blank.

    No text: a repair names only those that a rule names, and makes none up.
    """
    cases = draw_cases(policy, 30, seed + 1)
    asked = {
        node.field
        for node in nodes(policy.tables)
        if isinstance(node, Satisfies) and any(isinstance(each, Present) for each in nodes(node))
    }
    return [
        (field, value)
        for field in policy.fields
        if field.name not in asked and not isinstance(field.type, TextType)
        for value in dict.fromkeys(case.facts.get(field.name) for case in cases)
        if value is not None
    ]
