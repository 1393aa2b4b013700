"""The checks of tables, against the naive truth: every project of a fine net, row by row."""

from __future__ import annotations

import ast
import runpy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path
from random import Random

import pytest

from authoring.messages import CODE, codes
from engine.agenda.program import compile_program
from engine.agenda.pure import PureAgenda
from engine.cases import Case
from engine.checks import check
from engine.checks.contradictory_rows import contradictory_rows
from engine.checks.gaps_between_tiers import gaps_between_tiers
from engine.checks.impossible_conditions import impossible_conditions
from engine.checks.shadowed_rows import shadowed_rows
from engine.checks.shared_boundaries import shared_boundaries
from engine.checks.space import clashes, scenes
from engine.checks.space.boxes import Box, uncovered_regions
from engine.checks.space.candidates import piece_of
from engine.checks.space.clashes import find_clashes
from engine.checks.space.dimensions import Axis, known_size
from engine.checks.space.projects import Project
from engine.checks.space.scenes import Scene, Survey, own_box
from engine.checks.uncovered_cases import uncovered_cases
from engine.dependencies import fields_read, walk
from engine.evaluate import Situation, condition, in_force, meaning
from engine.expressions import (
    AtLeast,
    Conjunction,
    Disjunction,
    Expression,
    Inverse,
    Literal,
    Satisfies,
    Within,
)
from engine.findings import Severity
from engine.model import (
    Combination,
    Condition,
    DecisionTable,
    Definite,
    Field,
    Grant,
    HitPolicy,
    Measure,
    OutputClause,
    Policy,
    Rule,
    Source,
    SupportForm,
    WhenMissing,
)
from engine.tables import TableResult, close_table, compile_table, row_of
from engine.truth import NO, YES
from engine.types import ChoiceType, DateType, MultiChoiceType, TextType, YesNoType
from engine.values import Range, Value
from tests.books import sections
from tests.policy_books import BOOKS, read
from tests.random_policies import (
    AREA,
    GRADE,
    INPUTS,
    MONEY,
    VALUES,
    Drawing,
    draw_code_lists,
    draw_policy,
)

TABLES = 250
POLICIES = 60
TESTED = (
    "总投资",
    "亏损",
    "持股",
    "人数",
    "倍数",
    "认定日期",
    "新设",
    "外地迁入",
    "行业",
    "资质",
    "街道",
)


# --- small tables ---------------------------------------------------------------------------------


def draw_condition(drawing: Drawing, depth: int) -> Expression:
    """Draw a condition on the fields of a drawing, which may be made of others."""
    kind = drawing.random.random()
    if depth == 0 or kind < 0.6:
        tested = drawing.random.choice(drawing.fields)
        return Satisfies(tested.name, drawing.unary(tested, 2))
    parts = tuple(draw_condition(drawing, depth - 1) for _ in range(drawing.random.randint(2, 3)))
    if kind < 0.75:
        return Conjunction(parts)
    if kind < 0.9:
        return Disjunction(parts)
    return Inverse(parts[0]) if kind < 0.95 else AtLeast(2, parts)


def draw_table(seed: int, policy: HitPolicy) -> Policy:
    """Draw a policy with one table that derives a grade from two or three reported facts."""
    random = Random(seed)
    named = set(random.sample(TESTED, random.randint(1, 3)))
    fields = [field for field in INPUTS if field.name in named]
    drawing = Drawing(random, fields)
    rows = []
    for number in range(random.randint(1, 5)):
        conditions = tuple(
            Condition(draw_condition(drawing, 1), "")
            for _ in range(random.choice([0, 1, 1, 2, 2, 3]))
        )
        rows.append(Rule(f"R{number}", conditions, (Literal(random.choice(VALUES[GRADE]), GRADE),)))
        if random.random() < 0.1:
            rows[-1] = replace(rows[-1], effective=date(2024, 1, 1))
    if len(rows) > 1 and random.random() < 0.2:
        rows[0] = replace(rows[0], overrides=(rows[1].id,))
    table = DecisionTable("表", policy, (), (OutputClause("等级"),), tuple(rows))
    whole = draw_policy(Random(0))
    return replace(
        whole,
        expires=None,
        fields=(*fields, Field("等级", GRADE, source=Source.DERIVED)),
        code_lists=draw_code_lists(random),
        tables=(table,),
        measures=(),
        groups=(),
    )


def net(field: Field, computed: set[Value], blank: bool) -> list[Value | None]:
    """Values of a field, so dense that every region that its tests make holds one."""
    values: list[Value | None]
    literals = [*VALUES[field.type], *computed]
    match field.type:
        case MultiChoiceType():
            names = VALUES[field.type]
            sets = [each for size in range(5) for each in combinations(names, size)]
            values = [frozenset(map(str, each)) for each in sets]
        case TextType():
            values = [*VALUES[field.type], "别处"]
        case DateType():
            days = [each for each in literals if isinstance(each, date)]
            steps = (-timedelta(1), timedelta(0), timedelta(1))
            values = list(dict.fromkeys(day + step for day in days for step in steps))
        case ChoiceType() | YesNoType():
            values = list(VALUES[field.type])
        case _:
            step = 1 if field.name in ("总投资", "亏损", "人数") else Fraction(1, 10_000)
            numbers = [each for each in literals if isinstance(each, int | Fraction)]
            points = {each + by for each in numbers for by in (-step, 0, step)}
            values = [-step * 7, *sorted(points)]
            values += [field.minimum] if field.minimum is not None else []
            if step == 1:
                values = [each for each in values if each == each // 1]
    return [*values, None] if blank else values


def computed_in(table: DecisionTable, survey: Survey) -> set[Value]:
    """The values of all constant expressions in the conditions of a table."""
    nothing = Situation({}, {}, date(2023, 10, 1))
    values = set()
    for rule in table.rules:
        for each in rule.conditions:
            for node in walk(each.expression):
                if not fields_read(node):
                    values.add(meaning(node, survey.glossary)(nothing))
    return {value for value in values if not isinstance(value, bool | Range | None)}


@dataclass(frozen=True)
class Truth:
    """One point of the net: the reported facts, and what became of each row."""

    day: date
    facts: Mapping[str, Value | None]
    rows: Mapping[str, object]


def every_truth(survey: Survey) -> Iterator[Truth]:
    """Go through the net of the only table, on each day on which something begins."""
    (table,) = survey.policy.tables
    compiled = compile_table(table, survey.glossary, None)
    computed = computed_in(table, survey)
    for scene in survey.scenes[table.name]:
        axes = {axis.field.name: axis for axis in scene.axes}
        given_fields = [each for each in survey.policy.fields if each.source is not Source.DERIVED]
        nets = [
            [
                value
                for value in net(field, computed, field.name in axes and axes[field.name].missing)
                if is_on(value, axes.get(field.name))
            ]
            for field in given_fields
        ]
        names = [field.name for field in given_fields]
        rules = [rule for rule in table.rules if in_force(rule, scene.day)]
        tests = [
            [condition(each.expression, survey.glossary) for each in rule.conditions]
            for rule in rules
        ]
        for values in product(*nets):
            given = dict(zip(names, values, strict=True))
            situation = Situation(
                {name: assumed(survey.fields[name], value) for name, value in given.items()},
                given,
                scene.day,
            )
            rows = [
                row_of(rule, tuple(test(situation) for test in each))
                for rule, each in zip(rules, tests, strict=True)
            ]
            result = close_table(compiled, rows, situation)
            yield Truth(scene.day, given, {row.rule.id: row.truth for row in result.rows})


def is_on(value: Value | None, axis: Axis | None) -> bool:
    """Whether a value is one that a case may give; sets and texts stand for others."""
    if axis is None or value is None or isinstance(axis.field.type, MultiChoiceType | TextType):
        return True
    return piece_of(axis, value) != 0


def assumed(field: Field, value: Value | None) -> Value | None:
    """A fact with its declared default."""
    if value is None and field.when_missing is WhenMissing.FALSE:
        return frozenset() if isinstance(field.type, MultiChoiceType) else False
    return 0 if value is None and field.when_missing is WhenMissing.ZERO else value


def is_decided(survey: Survey) -> bool:
    """Whether every condition can be told from fixed limits."""
    rows = [row for each in survey.scenes.values() for scene in each for row in scene.rows]
    return not any(row.undecided or row.intricate for row in rows)


@pytest.fixture(autouse=True)
def show_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show every pair of rows, so that none is only counted."""
    monkeypatch.setattr(clashes, "MOST_SHOWN", 1000)
    monkeypatch.setattr(clashes, "MOST_TRIED", 1000)


def surveys(policy: HitPolicy) -> Iterator[tuple[int, Survey]]:
    for seed in range(TABLES):
        yield seed, Survey(draw_table(seed, policy))


def test_overlaps_are_all_that_a_fine_net_finds() -> None:
    decided = found_any = 0
    for seed, survey in surveys(HitPolicy.UNIQUE):
        (table,) = survey.policy.tables
        truths = list(every_truth(survey))
        naive = {
            pair
            for truth in truths
            for pair in combinations(
                [name for name, holds in truth.rows.items() if holds is YES], 2
            )
        }
        found = find_clashes(table, survey, must_differ=False)
        assert found.more == 0
        pairs = {(clash.first.id, clash.second.id): clash for clash in found.shown}
        assert set(pairs) <= naive, seed
        if is_decided(survey):
            decided += 1
            found_any += bool(naive)
            assert set(pairs) == naive, seed
            assert all(clash.project is not None for clash in found.shown), seed
        for clash in found.shown:
            if clash.project is not None:
                assert holding(survey, clash.scene, clash.project) >= {
                    clash.first.id,
                    clash.second.id,
                }
    assert decided > TABLES / 2
    assert found_any > TABLES / 5


def holding(survey: Survey, scene: Scene, project: Project) -> set[str]:
    """The rows that hold for a project, as the engine of the whole policy has it."""
    reported = {
        name: value
        for name, value in project.facts.items()
        if survey.fields[name].source is not Source.DERIVED
    }
    return {row.rule.id for row in played(survey, scene, reported).rows if row.truth is YES}


def played(survey: Survey, scene: Scene, reported: Mapping[str, Value | None]) -> TableResult:
    program = compile_program(survey.policy)
    chain = PureAgenda(program).run(Case("", "", scene.day, reported))
    return next(each for each in chain.results if each.table == scene.table)


def test_gaps_are_all_that_a_fine_net_finds() -> None:
    decided = found_any = 0
    for seed, survey in surveys(HitPolicy.FIRST):
        (table,) = survey.policy.tables
        truths = list(every_truth(survey))
        uncovered = any(all(each is NO for each in truth.rows.values()) for truth in truths)
        codes = {each.code for each in uncovered_cases(survey)}
        if is_decided(survey):
            decided += 1
            found_any += uncovered
            assert ("T310" in codes) == uncovered, seed
            assert codes <= {"T310"}, seed
        elif uncovered:
            assert codes & {"T310", "T312"}, seed
        for scene in survey.scenes[table.name]:
            covers = [box for row in scene.rows for box in row.open]
            regions = list(uncovered_regions(own_box(scene), covers, 50, survey.effort))
            for truth in truths:
                if truth.day == scene.day and any(lies_in(truth, box, scene) for box in regions):
                    assert all(each is NO for each in truth.rows.values()), seed
    assert decided > TABLES / 2
    assert found_any > TABLES / 5


def lies_in(truth: Truth, box: Box, scene: Scene) -> bool:
    """Whether a point of the net lies in a box."""
    for axis, mask in zip(scene.axes[: scene.own], box, strict=True):
        value = truth.facts[axis.field.name]
        piece = 1 << known_size(axis) if value is None else piece_of(axis, value)
        if not mask & piece:
            return False
    return True


def test_shadowed_and_impossible_rows_are_all_that_a_fine_net_finds() -> None:
    decided = shadowed_any = impossible_any = 0
    for seed, survey in surveys(HitPolicy.FIRST):
        (table,) = survey.policy.tables
        if any(rule.overrides for rule in table.rules):
            continue
        truths = list(every_truth(survey))
        holds, counts = set(), set()
        for truth in truths:
            true = [name for name, each in truth.rows.items() if each is YES]
            holds |= set(true)
            counts |= set(true[:1])
        shadowed = {each.params["rule"] for each in shadowed_rows(survey)}
        impossible = {
            each.params["rule"]
            for each in (*impossible_conditions(survey), *contradictory_rows(survey))
        }
        assert shadowed <= holds - counts | ({rule.id for rule in table.rules} - holds), seed
        assert impossible.isdisjoint(holds), seed
        if is_decided(survey):
            decided += 1
            shadowed_any += bool(shadowed)
            impossible_any += bool(impossible)
            assert shadowed == holds - counts, seed
            assert impossible == {rule.id for rule in table.rules} - holds, seed
    assert decided > TABLES / 2
    assert shadowed_any > TABLES / 20
    assert impossible_any > TABLES / 20


def test_what_is_said_to_be_proved_is_so_in_whole_policies() -> None:
    proved = 0
    for seed in range(POLICIES):
        survey = Survey(draw_policy(Random(seed)))
        for table in survey.policy.tables:
            if table.hit_policy not in (HitPolicy.UNIQUE, HitPolicy.ANY):
                continue
            found = find_clashes(table, survey, must_differ=table.hit_policy is HitPolicy.ANY)
            for clash in found.shown:
                if clash.project is not None:
                    proved += 1
                    held = holding(survey, clash.scene, clash.project)
                    assert held >= {clash.first.id, clash.second.id}
        check(survey.policy)
    assert proved > POLICIES / 10


# --- tiers ----------------------------------------------------------------------------------------

SPAN = 12


def draw_ladder(seed: int) -> Policy:
    """Draw a measure with a few tiers of an area, whose ends are whole numbers."""
    random = Random(seed)
    rows = []
    for number in range(random.randint(2, 4)):
        low, high = sorted(random.sample(range(SPAN + 1), 2))
        ends = Literal(low, AREA), Literal(high, AREA)
        test = Within(*ends, random.random() < 0.5, random.random() < 0.5)
        grant = Grant("M", Definite(Literal(100, MONEY)))
        conditions = (Condition(Satisfies("面积", test), ""),)
        rows.append(Rule(f"R{number}", conditions, grant=grant))
    table = DecisionTable("表", HitPolicy.COLLECT, (), (), tuple(rows))
    measure = Measure("M", "支持", "企业", SupportForm.AWARD, "表", Combination.SUM)
    whole = draw_policy(Random(0))
    area = Field("面积", AREA)
    return replace(whole, fields=(area,), tables=(table,), measures=(measure,), groups=())


def test_gaps_between_tiers_and_shared_boundaries_are_those_of_the_line() -> None:
    gaps = boundaries = 0
    for seed in range(TABLES):
        survey = Survey(draw_ladder(seed))
        (table,) = survey.policy.tables
        met = []
        for quarter in range(-1, 4 * SPAN + 2):
            situation = Situation({"面积": Fraction(quarter, 4)}, {}, date(2023, 10, 1))
            holding = [
                rule.id
                for rule in table.rules
                if condition(rule.conditions[0].expression, survey.glossary)(situation)
            ]
            met.append(frozenset(holding))
        first = next(number for number, each in enumerate(met) if each)
        last = max(number for number, each in enumerate(met) if each)
        gap = any(not each for each in met[first:last])
        shared = [pair for each in met for pair in combinations(sorted(each), 2)]
        runs = {rule.id: [rule.id in each for each in met] for rule in table.rules}
        touching = {
            pair
            for pair in shared
            if shared.count(pair) == 1
            and all(sum(runs[name]) > 1 for name in pair)
            and not any(contains_run(runs[one], runs[other]) for one, other in (pair, pair[::-1]))
        }
        found = list(gaps_between_tiers(survey))
        assert bool(found) == gap, seed
        assert {each.severity for each in found} <= {Severity.WARNING}, seed
        assert len(list(shared_boundaries(survey))) == len(touching), seed
        gaps += gap
        boundaries += bool(touching)
    assert gaps > TABLES / 10
    assert boundaries > TABLES / 20


def contains_run(outer: list[bool], inner: list[bool]) -> bool:
    """Whether one run of points lies within another."""
    return all(outside or not inside for outside, inside in zip(outer, inner, strict=True))


# --- what takes too long --------------------------------------------------------------------------


@pytest.mark.parametrize("work", [1, 300, 3000])
def test_what_was_not_completed_is_said(work: int, monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = 0
    for policy in (HitPolicy.UNIQUE, HitPolicy.FIRST):
        for drawn in (draw_table(seed, policy) for seed in range(40)):
            whole = {finding.code for finding in check(drawn)}
            with monkeypatch.context() as patch:
                patch.setattr(scenes, "WORK", work)
                done = {finding.code for finding in check(drawn)}
            assert "T390" in done or done == whole
            given_up += "T390" in done
    assert given_up > 10


# --- what is written of the checks ----------------------------------------------------------------

ROOT = Path(__file__).parent.parent


def test_the_reference_of_findings_is_up_to_date() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_findings.py"))
    written = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    assert written == made["render"](), "run .venv/bin/python docs/make_findings.py"


def test_every_check_says_what_why_wrong_and_right() -> None:
    for path in (ROOT / "engine" / "checks").glob("*.py"):
        if path.stem == "__init__":
            continue
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        head = doc.partition(":")[0].split(", ")
        assert all(CODE.fullmatch(code) for code in head), path.name
        for part in ("What", "Why", "Wrong", "Right"):
            assert f"\n{part}: " in doc, path.name


def test_every_finding_of_a_check_is_specified() -> None:
    expected = {
        each.code
        for path in (ROOT / "tests" / "spec").glob("*.md")
        if path.stem != "cell-language"
        for section in sections(path.read_text(encoding="utf-8"))
        for each in section.findings or ()
        if each.place != "没有"
    }
    assert expected >= {code for code in codes() if code.startswith("T")}


@pytest.mark.parametrize("book", BOOKS, ids=[book.parent.name for book in BOOKS])
def test_workbooks_in_use_have_nothing_worse_than_advice(book: Path) -> None:
    policy = read(book).policy
    assert policy is not None
    found = [each for each in check(policy) if each.severity is not Severity.ADVICE]
    assert found == []
