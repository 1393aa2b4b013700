"""The checks of tables, against the naive truth: every project of a fine net, row by row."""

from __future__ import annotations

import ast
import runpy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import combinations
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
from engine.checks.shared_boundaries import pairs_at_boundaries, shared_boundaries
from engine.checks.silently_highest import silently_highest
from engine.checks.space import clashes, scenes
from engine.checks.space.boxes import Box, uncovered_regions
from engine.checks.space.candidates import piece_of
from engine.checks.space.clashes import find_clashes
from engine.checks.space.dimensions import known_size
from engine.checks.space.lines import END, covered, cut_line, piece_at
from engine.checks.space.projects import Project
from engine.checks.space.scenes import Scene, Survey, own_box
from engine.checks.uncovered_cases import uncovered_cases
from engine.evaluate import Situation, condition
from engine.expressions import (
    AllOf,
    Comparator,
    Compare,
    HasAll,
    Literal,
    Not,
    OneOf,
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
)
from engine.tables import TableResult
from engine.truth import NO, YES
from engine.types import Code, CodeList, MultiChoiceType
from engine.values import Value
from tests.books import sections
from tests.fine_net import Truth, draw_table, every_truth
from tests.policy_books import BOOKS, read
from tests.random_policies import AREA, GRADE, MONEY, draw_code_lists, draw_policy

TABLES = 150
POLICIES = 30


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
        assert {pair for pair, clash in pairs.items() if not clash.unclear} <= naive, seed
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
    assert decided > TABLES / 3
    assert found_any > TABLES / 5


def granting(policy: Policy) -> Policy:
    """The same rows, each granting another amount of one measure; nobody said what they make."""
    (table,) = policy.tables
    rules = tuple(
        replace(rule, conclusions=(), grant=Grant("M", Definite(Literal(number, MONEY))))
        for number, rule in enumerate(table.rules, start=1)
    )
    measure = Measure("M", "奖励", "企业", SupportForm.AWARD, table.name, combination_unsaid=True)
    return replace(
        policy,
        fields=tuple(each for each in policy.fields if each.source is not Source.DERIVED),
        tables=(replace(table, hit_policy=HitPolicy.COLLECT, outputs=(), rules=rules),),
        measures=(measure,),
    )


def test_rows_that_count_unsaid_are_those_that_a_fine_net_finds_together() -> None:
    proved = silent = 0
    for seed, survey in surveys(HitPolicy.UNIQUE):
        together = {
            frozenset(pair)
            for truth in every_truth(survey)
            for pair in combinations(
                [name for name, holds in truth.rows.items() if holds is YES], 2
            )
        }
        unsaid = Survey(granting(survey.policy))
        (table,) = unsaid.policy.tables
        worth_telling = together - pairs_at_boundaries(table, unsaid)
        codes = [each.code for each in silently_highest(unsaid)]
        assert len(codes) <= 1, seed
        for each in silently_highest(unsaid):
            if each.code == "T307":
                continue
            pair = frozenset((str(each.params["first"]), str(each.params["second"])))
            assert pair in worth_telling, seed
        if is_decided(survey):
            assert codes == (["T336"] if worth_telling else []), seed
        proved, silent = proved + bool(codes), silent + (not codes)
        said = replace(unsaid.policy.measures[0], combination_unsaid=False)
        assert list(silently_highest(Survey(replace(unsaid.policy, measures=(said,))))) == []
    assert proved > TABLES / 5
    assert silent > TABLES / 5


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
    assert decided > TABLES / 3
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
    assert decided > TABLES / 3
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


def test_a_limit_between_whole_numbers_is_moved_to_the_next() -> None:
    at_least = ((Fraction(21, 2), 0), END)
    line = cut_line([at_least, ((20, 1), END)], None, None, whole=True, day=False)
    assert line.cuts == ((0, 0), (11, 0), (21, 0), END)
    assert [bool(covered(line, [at_least]) & piece_at(line, n)) for n in (10, 11, 21)] == [
        False,
        True,
        True,
    ]
    assert piece_at(line, Fraction(21, 2)) == 0


def test_nothing_is_claimed_of_sets_that_were_not_looked_at() -> None:
    """Of many codes not every set is tried: neither a gap nor a contradiction may follow."""
    names = [f"称号{number}" for number in range(14)]
    titles = MultiChoiceType("资质")
    many = tuple(HasAll(tuple(names[first : first + 5])) for first in (0, 5, 10))
    tests = [*(OneOf((name,)) for name in names), AllOf(many), Not(OneOf(tuple(names[:13])))]
    rules = [
        Rule(f"R{number}", (Condition(Satisfies("资质", test), ""),), (Literal("甲", GRADE),))
        for number, test in enumerate(tests)
    ]
    whole = draw_table(0, HitPolicy.FIRST)
    table = DecisionTable("表", HitPolicy.FIRST, (), (OutputClause("等级"),), tuple(rules))
    lists = (CodeList("资质", tuple(map(Code, names))), *draw_code_lists(Random(0))[:2])
    fields = (Field("资质", titles), Field("等级", GRADE, source=Source.DERIVED))
    policy = replace(whole, fields=fields, code_lists=lists, tables=(table,))
    found = {each.code: each for each in check(policy)}
    assert "T322" not in found
    assert "T323" not in found
    assert "T312" in found
    unique = replace(policy, tables=(replace(table, hit_policy=HitPolicy.UNIQUE),))
    assert "T390" in {each.code for each in check(unique)}
    survey = Survey(unique)
    pairs = find_clashes(survey.policy.tables[0], survey, must_differ=False).shown
    proved = {(clash.first.id, clash.second.id) for clash in pairs if clash.project}
    assert {("R0", "R1"), ("R6", "R13")} <= proved


def test_a_set_that_is_named_whole_is_looked_at() -> None:
    titles = MultiChoiceType("资质")
    just_this = Compare(Comparator.EQUAL, Literal(frozenset({"总部"}), titles))
    rule = Rule("R0", (Condition(Satisfies("资质", just_this), ""),), (Literal("甲", GRADE),))
    table = DecisionTable("表", HitPolicy.FIRST, (), (OutputClause("等级"),), (rule,))
    fields = (Field("资质", titles), Field("等级", GRADE, source=Source.DERIVED))
    policy = replace(draw_table(0, HitPolicy.FIRST), fields=fields, tables=(table,))
    found = {each.code for each in check(policy)}
    assert "T310" in found
    assert found.isdisjoint({"T322", "T323"})


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


@pytest.mark.parametrize(
    ("page", "render"), [("findings.md", "render"), ("findings.zh-CN.md", "render_for_drafters")]
)
def test_the_reference_of_findings_is_up_to_date(page: str, render: str) -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_findings.py"))
    written = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert written == made[render](), "run .venv/bin/python docs/make_findings.py"


def test_every_check_is_explained_to_drafters_once() -> None:
    """Each check has its Chinese words at the first of its codes, as its docstring lists them."""
    made = runpy.run_path(str(ROOT / "docs" / "make_findings.py"))
    documented = {
        doc.partition(": ")[0].split(", ")[0]
        for path in (ROOT / "engine" / "checks").glob("*.py")
        if (doc := ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "")[:1] == "T"
    }
    told = {code for code, words in made["messages"]().items() if "title" in words}
    assert told == documented


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
