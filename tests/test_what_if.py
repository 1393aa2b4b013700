"""假如……: what is granted as one number moves, against the engine itself at every point."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest

from authoring.render_curve import render_curve
from engine.bends import ShapeKind
from engine.cases import Case
from engine.constraints import violated
from engine.model import Policy
from engine.portfolio import money_of
from engine.simulate import Engine, build, simulate
from engine.what_if import EVEN, MOST_RUNS, Curve, draw_curve, limits_of, movable_numbers
from tests.books import Content
from tests.sample_book import edited, read

WAN = 1_000_000


def policy_of(edits: Mapping[str, Content]) -> Policy:
    found = read(edited(dict(edits))).policy
    assert found is not None
    return found


@pytest.fixture(scope="module")
def policy() -> Policy:
    return policy_of({})


@pytest.fixture(scope="module")
def engine(policy: Policy) -> Iterator[Engine]:
    with closing(build(policy, "python")) as engine:
        yield engine


def case(**facts: object) -> Case:
    known = {"行业": "制造业", "总投资": 20_000 * WAN, "实缴资金": 1_000 * WAN}
    return Case("1", "甲", date(2024, 1, 1), {**known, "开工日期": date(2023, 5, 1), **facts})


def curve_of(engine: Engine, name: str, given: Case) -> Curve:
    field = next(each for each in engine.policy.fields if each.name == name)
    return draw_curve(engine, given, field)


def drawing(curve: Curve) -> str:
    found = re.search(r"base64,([^\"]+)", render_curve(curve))
    assert found
    return base64.b64decode(found[1]).decode()


def test_numbers_of_the_policy_are_found(policy: Policy) -> None:
    assert limits_of(policy, "总投资") == (10_000 * WAN, 50_000 * WAN)
    assert limits_of(policy, "实缴资金") == ()


def test_only_numbers_that_rules_read_and_cases_give_may_move(policy: Policy) -> None:
    names = [each.name for each in movable_numbers(policy, case())]
    assert set(names) >= {"总投资", "实缴资金"}
    assert names[:2] == ["实缴资金", "总投资"], "given ones first, in the order of the sheet"
    assert "重大项目" not in names
    assert "行业" not in names


def test_every_point_is_what_the_engine_says(engine: Engine) -> None:
    curve = curve_of(engine, "实缴资金", case())
    assert len(curve.points) > EVEN
    for point in curve.points[::7]:
        outcome = simulate(engine, case(实缴资金=point.value))
        assert point.money == money_of(outcome)


def test_a_cliff_is_found_to_the_fen(engine: Engine) -> None:
    """措-1 needs 重大项目, and that 总投资 of 10,000 万元: at the fen below there is nothing."""
    curve = curve_of(engine, "总投资", case())
    (cliff,) = [each for each in curve.cliffs if each.below.money != each.above.money]
    assert (cliff.below.value, cliff.above.value) == (10_000 * WAN - 1, 10_000 * WAN)
    assert cliff.limit == 10_000 * WAN
    assert (cliff.below.money.low, cliff.above.money.low) == (0, 5 * WAN)
    (turn,) = cliff.measures
    assert (turn.measure, turn.before, turn.after) == ("M1", "不符合", "可享受 5万元")


def test_a_limit_that_is_not_included_is_told_as_beyond() -> None:
    with closing(build(policy_of({"推导!B4": ">10000"}), "python")) as engine:
        curve = curve_of(engine, "总投资", case())
    (cliff,) = [each for each in curve.cliffs if each.below.money != each.above.money]
    assert cliff.below.value == cliff.limit == 10_000 * WAN
    assert "总投资超过 10,000万元" in render_curve(curve)


def test_a_cliff_that_no_table_names_is_found_all_the_same() -> None:
    """The condition compares a sum, so that no number of the sheet stands at the cliff."""
    book = edited({"措施!C4": "实缴资金 + 总投资 >= 2.5亿元"})
    found = read(book)
    assert found.policy is not None, found.findings
    with closing(build(found.policy, "python")) as engine:
        curve = curve_of(engine, "实缴资金", case(实缴资金=6_000 * WAN))
    places = {each.above.value for each in curve.cliffs}
    assert places == {5_000 * WAN}


def test_the_place_of_the_project_is_on_the_curve(engine: Engine) -> None:
    curve = curve_of(engine, "实缴资金", case(实缴资金=1_234_567_89))
    assert curve.here is not None
    assert curve.here.value == 1_234_567_89
    assert curve.here in curve.points
    assert curve.points[0].value < curve.here.value < curve.points[-1].value
    assert curve_of(engine, "实缴资金", case(实缴资金=None)).here is None


def test_a_bend_is_drawn_and_told_to_the_fen() -> None:
    """Above 20 万元 / 5‰ the cap holds; no verdict turns there."""
    with closing(build(policy_of({"措施!I4": "20万元"}), "python")) as engine:
        curve = curve_of(engine, "实缴资金", case(实缴资金=5_000 * WAN))
    assert not curve.cliffs
    (bend,) = curve.bends
    assert (bend.below.value, bend.above.value) == (4_000 * WAN - 1, 4_000 * WAN)
    (shape,) = bend.begun
    assert (shape.kind, shape.amount, bend.ended) == (ShapeKind.CAP, 20 * WAN, ())
    shown = render_curve(curve)
    assert "实缴资金到 4000万元" in shown
    assert f"{shape.name}：达到最高限额 20万元" in shown
    assert drawing(curve).count("tl-bend-mark") == 2, "in the style, and once"
    near = min(abs(each.value - 4_000 * WAN) for each in curve.points)
    assert near < 40 * WAN, "the points come close to where the cap begins"


@pytest.mark.parametrize(
    ("amount", "kind"),
    [
        ("取小(实缴资金 × 5‰; 20万元)", ShapeKind.BRANCH),
        ("分段(实缴资金; 4000万元以下 5‰; 4000万元以上 2‰)", ShapeKind.BRACKET),
    ],
)
def test_a_bend_inside_an_amount_is_found(amount: str, kind: ShapeKind) -> None:
    with closing(build(policy_of({"措施!H4": amount, "措施!I4": "—"}), "python")) as engine:
        curve = curve_of(engine, "实缴资金", case(实缴资金=5_000 * WAN))
    (bend,) = curve.bends
    assert 4_000 * WAN in (bend.below.value, bend.above.value)
    assert {shape.kind for shape in bend.begun} == {kind}
    assert "实缴资金到 4000万元" in render_curve(curve)


def test_a_floor_that_binds_no_more_is_a_bend() -> None:
    book = edited({"措施!H4": "实缴资金 × 5‰，不低于20万元", "措施!I4": "—"})
    found = read(book)
    assert found.policy is not None, found.findings
    with closing(build(found.policy, "python")) as engine:
        curve = curve_of(engine, "实缴资金", case(实缴资金=5_000 * WAN))
    (bend,) = curve.bends
    assert bend.below.value == 4_000 * WAN
    assert [(shape.kind, shape.amount) for shape in bend.ended] == [(ShapeKind.FLOOR, 20 * WAN)]


def test_a_jump_of_money_is_found_where_no_verdict_turns() -> None:
    """The same rule grants on both sides of 30,000 万元, by another branch of its amount."""
    branches = {"措施!H4": "如果 总投资≥30000万元 则 20万元 否则 5万元", "措施!I4": "—"}
    with closing(build(policy_of(branches), "python")) as engine:
        curve = curve_of(engine, "总投资", case())
    (cliff,) = [each for each in curve.cliffs if each.limit == 30_000 * WAN]
    assert (cliff.below.value, cliff.above.value) == (30_000 * WAN - 1, 30_000 * WAN)
    assert (cliff.below.money.low, cliff.above.money.low) == (5 * WAN, 20 * WAN)
    told = [(turn.measure, turn.before, turn.after) for turn in cliff.measures]
    assert told == [("M1", "可享受 5万元", "可享受 20万元")]
    assert not curve.more
    assert "合计由 5万元 变为 20万元" in render_curve(curve)


def test_a_jump_is_found_to_the_fen_where_no_table_names_the_number() -> None:
    branches = {"措施!H4": "如果 总投资+实缴资金≥25678万元 则 20万元 否则 5万元", "措施!I4": "—"}
    with closing(build(policy_of(branches), "python")) as engine:
        curve = curve_of(engine, "总投资", case())
    (cliff,) = [each for each in curve.cliffs if each.below.money.low == 5 * WAN]
    assert (cliff.above.value, cliff.limit) == (24_678 * WAN, None)
    assert cliff.above.money.low == 20 * WAN
    assert not curve.more


def test_of_many_steps_some_are_listed_and_the_turn_is_among_them() -> None:
    """Money grows by 1 万元 with every full 1,000 万元; the runs do not all go into that."""
    steps = {
        "措施!H4": "每满(总投资; 1000万元) × 1万元",
        "措施!I4": "—",
        "措施!C4": "总投资 + 实缴资金 >= 3.95亿元",
    }
    with closing(build(policy_of(steps), "python")) as engine:
        curve = curve_of(engine, "总投资", case(总投资=50_000 * WAN))
    (turning,) = [each for each in curve.cliffs if each.measures[0].before == "不符合"]
    assert turning.above.value == 38_500 * WAN
    assert 1 < len(curve.cliffs) <= 12
    assert all(each.above.value % (1_000 * WAN) == 0 for each in curve.cliffs if each != turning)
    assert curve.more
    assert "可能还有别的转折" in render_curve(curve)
    assert len(curve.points) <= MOST_RUNS + 2 * len(curve.cliffs) + 10


def test_steps_of_a_counted_number_are_no_cliffs() -> None:
    """1 万元 a person: every step is like the one before."""
    with closing(build(policy_of({"措施!H4": "职工人数 × 1万元"}), "python")) as engine:
        curve = curve_of(engine, "职工人数", case(职工人数=10))
    assert curve.points[-1].money.high == curve.points[-1].value * WAN
    assert any(right.value - left.value == 1 for left, right in pairwise(curve.points))
    assert not curve.cliffs


def test_bounds_of_the_field_are_kept(engine: Engine) -> None:
    curve = curve_of(engine, "实缴资金", case(实缴资金=9_000 * WAN))
    assert curve.points[0].value == 0
    assert curve.points[-1].value == 10_000 * WAN, "its 最大"


# --- what no project has --------------------------------------------------------------------------


def test_a_curve_ends_where_a_constraint_forbids_more(engine: Engine) -> None:
    """实缴资金 is at most 总投资: with 6,000 万元 of that, no more than these are tried."""
    curve = curve_of(engine, "实缴资金", case(总投资=6_000 * WAN, 实缴资金=1_000 * WAN))
    assert (curve.points[0].value, curve.points[-1].value) == (0, 2_000 * WAN)
    assert not curve.barred
    curve = curve_of(engine, "实缴资金", case(总投资=6_000 * WAN, 实缴资金=5_000 * WAN))
    assert curve.points[-1].value == 6_000 * WAN
    (barred,) = curve.barred
    assert (barred.constraint.id, barred.above, barred.below) == ("1", 6_000 * WAN, None)
    shown = render_curve(curve)
    assert "实缴资金超过 6000万元" in shown
    assert "业务约束 1：实缴资金不会大于总投资" in shown


def test_a_curve_begins_where_a_constraint_allows_it(engine: Engine) -> None:
    curve = curve_of(engine, "总投资", case())
    assert curve.points[0].value == 1_000 * WAN
    (barred,) = curve.barred
    assert (barred.above, barred.below) == (None, 1_000 * WAN)
    assert "总投资低于 1000万元" in render_curve(curve)


GAP = {"业务约束!B2": "总投资 <= 1.5亿元 或 总投资 > 2.5亿元", "推导!B4": "≥18000"}


def test_a_stretch_inside_is_veiled_and_its_cliffs_are_not_told() -> None:
    book = edited(GAP)
    del book["用例"]
    policy = read(book).policy
    assert policy is not None
    with closing(build(policy, "python")) as engine:
        curve = curve_of(engine, "总投资", case(总投资=30_000 * WAN))
    (barred,) = curve.barred
    assert (barred.above, barred.below) == (15_000 * WAN, 25_000 * WAN + 1)
    inside = [each for each in curve.cliffs if 15_000 * WAN < each.above.value <= 25_000 * WAN]
    assert not inside
    assert drawing(curve).count('class="tl-barred"') == 1
    assert "总投资超过 15,000万元、不超过 25,000万元" in render_curve(curve)


def test_a_constraint_that_the_project_breaks_already_bars_nothing(engine: Engine) -> None:
    curve = curve_of(engine, "实缴资金", case(总投资=100 * WAN, 实缴资金=1_000 * WAN))
    assert not curve.barred
    assert curve.points[-1].value >= 2_000 * WAN


def test_no_point_outside_what_is_told_breaks_a_constraint(engine: Engine) -> None:
    given = case(总投资=7_777 * WAN, 实缴资金=3_333 * WAN)
    for name in ("实缴资金", "总投资", "职工人数"):
        curve = curve_of(engine, name, given)
        for point in curve.points:
            facts = {**given.facts, name: point.value}
            told = any(
                (each.above is None or each.above < point.value)
                and (each.below is None or point.value < each.below)
                for each in curve.barred
            )
            assert told == bool(violated(engine.policy, replace(given, facts=facts)))


def test_the_drawing_marks_place_and_cliffs_and_escapes(engine: Engine) -> None:
    curve = curve_of(engine, "总投资", case())
    svg = drawing(curve)
    assert svg.count("tl-cliff-mark") == 1 + len(curve.cliffs), "and once in the style"
    assert "本项目 20,000万元" in svg
    assert "tl-cliffs" in render_curve(curve)
    hostile = replace(curve, field=replace(curve.field, name="<script>", unit="<b>"))
    assert "<script" not in render_curve(hostile)
    assert "<b>" not in drawing(hostile)


def test_progress_is_told_and_nothing_runs_twice(engine: Engine) -> None:
    heard: list[tuple[int, int]] = []
    field = next(each for each in engine.policy.fields if each.name == "总投资")
    curve = draw_curve(engine, case(), field, lambda *told: heard.append(told))
    assert [done for done, _ in heard] == list(range(1, len(curve.points) + 1))
    assert len({Fraction(each.value) for each in curve.points}) == len(curve.points)
