"""假如……: what is granted as one number moves, against the engine itself at every point."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import pairwise
from random import Random

import pytest

from authoring.render_curve import render_curve
from authoring.understand import read_book
from engine.bends import ShapeKind
from engine.cases import Case
from engine.constraints import violated
from engine.expectations import kind_of
from engine.model import Policy
from engine.outcome import Outcome
from engine.portfolio import money_of
from engine.simulate import Engine, build, simulate
from engine.values import Bound, Number
from engine.varying import EVEN, limits_of, movable_numbers
from engine.what_if import MOST_RUNS, Curve, draw_curve
from tests.books import Content, make_book, sections
from tests.moving_policies import NUMBER, draw_moving
from tests.sample_book import edited, read

WAN = 1_000_000
BATCHES, EACH = 3, 24


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


# --- what is told is so, and nothing else is ------------------------------------------------------

INVESTMENT = """
## 投资

### 指标

| 指标 | 类型 | 单位 | 来源 | 缺省处理 |
|---|---|---|---|---|
| 投资 | 金额 | 万元 | 填报 | |
| 已享受 | 金额 | 万元 | 填报 | 视为0 |
| 强度 | 金额 | 万元 | 推导 | |

### 同类组

| 组 | 规则 | 封顶 | 已享受指标 | 已享受处理 |
|---|---|---|---|---|
| 组 | 合计封顶 | {cap} | {received} | {treatment} |

### 决策表 强度表（命中策略 首个，类别 推导）

| 条件 | 结论 |
|---|---|
| 投资 | 强度 |
| ≥0 | {intensity} |

### 决策表 支持（命中策略 收集，类别 措施）

| 条件 | 条件 | 结论 | 结论 | 结论 | 结论 |
|---|---|---|---|---|---|
| 投资 | 强度 | 支持项编号 | 金额 | 最高限额 | 同类组 |
{rows}
"""


def curve_over_investment(
    *rows: str,
    upto: int,
    cap: str = "500万元",
    received: bool = False,
    intensity: str = "投资 / 37",
    **facts: int,
) -> Curve:
    """The curve of 投资 from nothing up to about twice ``upto`` 万元."""
    text = INVESTMENT.format(
        cap=cap,
        received="已享受" if received else "",
        treatment="补差" if received else "",
        intensity=intensity,
        rows="\n".join(rows),
    )
    (section,) = sections(text)
    found = read_book(make_book(section.sheets))
    assert found.policy is not None, found.findings
    given = Case("1", "甲", date(2023, 10, 1), {"投资": upto * WAN, **facts})
    with closing(build(found.policy, "python")) as engine:
        return curve_of(engine, "投资", given)


GROUPED = ("| ≥0 | — | M1 | 投资的1% | | 组 |", "| ≥0 | — | M2 | 投资的1% | | 组 |")


def test_an_earlier_award_is_not_taken_for_a_cap() -> None:
    """Of 500 万元 in all, 50 were received: they are used up at 2,500 万元, and no cap binds."""
    curve = curve_over_investment(*GROUPED, upto=10_000, received=True, 已享受=50 * WAN)
    (bend,) = curve.bends
    assert 2_500 * WAN in (bend.below.value, bend.above.value)
    assert [(each.kind, each.amount) for each in bend.ended] == [(ShapeKind.RECEIVED, 50 * WAN)]
    assert not bend.begun
    assert "封顶" not in render_curve(curve)
    assert "“组”：已享受的 50万元 已全部扣除" in render_curve(curve)


def test_a_cap_is_told_at_its_own_value() -> None:
    """What was received counts against it: 450 万元 are left when it binds."""
    curve = curve_over_investment(*GROUPED, upto=20_000, received=True, 已享受=50 * WAN)
    _, bend = curve.bends
    assert 25_000 * WAN in (bend.below.value, bend.above.value)
    assert [(each.kind, each.amount) for each in bend.begun] == [(ShapeKind.JOINT_CAP, 500 * WAN)]
    assert abs(bend.above.money.high - 450 * WAN) <= 1


def test_a_joint_cap_is_told_once_and_no_cap_that_changes_nothing() -> None:
    """From 5,000 万元 on both come to 100 万元 together, whoever of them is cut or driven out."""
    rows = (
        "| ≥0 | — | M1 | 投资的1% | 200万元 | 组 |",
        "| ≥0 | — | M2 | 投资的1% | 300万元 | 组 |",
    )
    curve = curve_over_investment(*rows, upto=25_000, cap="100万元")
    (bend,) = curve.bends
    assert 5_000 * WAN in (bend.below.value, bend.above.value)
    assert {(each.kind, each.amount) for each in bend.begun} == {(ShapeKind.JOINT_CAP, 100 * WAN)}
    (cliff,) = curve.cliffs
    assert [(each.measure, each.after) for each in cliff.measures] == [("M2", "被M1取代")]


def test_where_both_branches_are_nothing_there_is_no_bend() -> None:
    row = "| ≥0 | — | M1 | min(投资 × 2%, 投资 × 1%) | | |"
    assert not curve_over_investment(row, upto=5_000).bends


def test_a_narrow_window_of_a_derived_number_is_found() -> None:
    """A 37th of 投资 is 300 to 303 万元 from 11,100 to 11,211 万元: between two of the cuts."""
    row = "| — | 300万元至303万元 | M1 | 100万元 | | |"
    curve = curve_over_investment(row, upto=11_000)
    assert [each.above.value for each in curve.cliffs] == [11_100 * WAN, 11_211 * WAN + 1]
    assert curve.complete
    assert "结论都不变" not in render_curve(curve)


def test_where_nothing_can_be_proved_no_one_says_that_nothing_changes() -> None:
    """Full steps of 7 万元 are no line: a window of one step is seen only where it is tried."""
    row = "| — | 371万元至372万元 | M1 | 100万元 | | |"
    curve = curve_over_investment(row, upto=11_000, intensity="每满(投资; 7万元) × 7万元")
    assert not curve.complete
    assert not curve.cliffs
    assert "在这个范围内，各支持项的结论都不变" not in render_curve(curve)
    assert "其间没有逐一试算" in render_curve(curve)
    plain = curve_over_investment("| ≥0 | — | M1 | 100万元 | | |", upto=11_000)
    assert plain.complete
    assert "在这个范围内，各支持项的结论都不变" in render_curve(plain)


@cache
def moving(seed: int) -> list[tuple[Curve, dict[int, Outcome], Policy]]:
    """Curves of small policies, and what the engine says at every single value."""
    return list(_moving(seed))


def _moving(seed: int) -> Iterator[tuple[Curve, dict[int, Outcome], Policy]]:
    for number in range(seed * EACH, (seed + 1) * EACH):
        policy, given = draw_moving(Random(number))
        (field,) = [each for each in policy.fields if each.name == NUMBER]
        with closing(build(policy, "python")) as engine:
            curve = draw_curve(engine, given, field)
            low, high = int(curve.points[0].value), int(curve.points[-1].value)
            yield (
                curve,
                {
                    value: simulate(engine, replace(given, facts={**given.facts, NUMBER: value}))
                    for value in range(low, high + 1)
                },
                policy,
            )


@pytest.mark.parametrize("seed", range(BATCHES))
def test_no_verdict_turns_untold_where_the_page_says_that_all_are_told(seed: int) -> None:
    seen: Counter[str] = Counter()
    for curve, outcomes, policy in moving(seed):
        kinds = {
            value: [kind_of(each.verdict) for each in outcome.measures]
            for value, outcome in outcomes.items()
        }
        told = {each.above.value for each in curve.cliffs}
        turns = [
            value for value in kinds if value - 1 in kinds and kinds[value - 1] != kinds[value]
        ]
        seen["turns"] += len(turns)
        seen["complete"] += curve.complete
        seen["plain"] += curve.complete and not told
        if curve.complete:
            assert not set(turns) - told, policy
    assert seen["turns"] > EACH // 2
    assert EACH // 3 < seen["complete"] < EACH, "some can be proved, some cannot"
    assert seen["plain"]


@pytest.mark.parametrize("seed", range(BATCHES))
def test_a_bend_is_told_where_money_changes_its_pace_and_nowhere_else(seed: int) -> None:
    seen: Counter[str] = Counter()
    for curve, outcomes, policy in moving(seed):
        rounding = policy.rounding.step * (len(policy.measures) + 1)
        moneys = {value: money_of(outcome) for value, outcome in outcomes.items()}
        ends = [
            {value: each.low for value, each in moneys.items()},
            {value: each.high for value, each in moneys.items()},
        ]
        places = [(each.below.value, each.above.value) for each in (*curve.cliffs, *curve.bends)]
        for bend in curve.bends:
            apart = max(_apart(each, int(bend.below.value)) for each in ends)
            assert apart > 2 * rounding, (policy, bend)
            seen["bends"] += 1
        for each in ends:
            for value in _corners(each, rounding):
                seen["corners"] += 1
                near = any(left - 2 <= value <= right + 2 for left, right in places)
                assert near, (policy, value)
    assert seen["bends"]
    assert seen["corners"]


def _apart(amounts: Mapping[int, Bound], below: int) -> Number:
    """How much the growth before a place and after it differ at most, over so many steps."""
    found: list[Number] = [0]
    for reach in (1, 2, 3, 5, 8, 12, 20, 40):
        for left in (below - 1, below, below + 1):
            for right in (below, below + 1, below + 2):
                values = [amounts.get(x) for x in (left - reach, left, right, right + reach)]
                if left <= right and all(isinstance(each, int | Fraction) for each in values):
                    a, b, c, d = values
                    found.append(abs((d - c) - (b - a)))  # type: ignore[operator]
    return max(found)


def _corners(amounts: Mapping[int, Bound], rounding: int) -> Iterator[int]:
    """Where two straight pieces of six steps meet and differ by more than rounding."""
    reach = 6

    def slope(first: int) -> Fraction | None:
        piece = [amounts.get(first + each) for each in range(reach + 1)]
        if any(each is None or isinstance(each, float) for each in piece):
            return None
        numbers = [Fraction(each) for each in piece]  # type: ignore[arg-type]
        rise = (numbers[-1] - numbers[0]) / reach
        off = (abs(each - numbers[0] - rise * at) for at, each in enumerate(numbers))
        return rise if all(each <= rounding for each in off) else None

    for value in amounts:
        before, after = slope(value - reach), slope(value)
        if before is None or after is None:
            continue
        if abs(after - before) * reach > 12 * rounding:
            yield value


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


LABEL = re.compile(r'<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">([\d,.]+)(万元|元)</text>')
LEFT_EDGE = 88.0


def labels(svg: str) -> tuple[dict[float, Fraction], list[Fraction]]:
    """The numbers of the axes in fen: those below by their place, those at the left upwards."""
    below, beside = {}, []
    for x, _, _, digits, unit in LABEL.findall(svg):
        number = Fraction(digits.replace(",", "")) * (WAN if unit == "万元" else 100)
        if float(x) == LEFT_EDGE:
            beside.append(number)
        else:
            below[float(x)] = number
    return below, beside


def step_of(numbers: Iterable[Fraction]) -> str:
    """The digits of the one step between neighbours, without zeros."""
    steps = {after - before for before, after in pairwise(numbers)}
    assert len(steps) == 1
    return str(steps.pop()).strip("0")


@pytest.mark.parametrize("invested", [20_000, 36_500, 73_123])
def test_the_numbers_of_the_axes_are_round_and_stand_where_they_say(
    engine: Engine, invested: int
) -> None:
    curve = curve_of(engine, "总投资", case(总投资=invested * WAN))
    below, beside = labels(drawing(curve))
    low, high = (Fraction(curve.points[at].value) for at in (0, -1))
    assert step_of(below.values()) in ("1", "2", "25", "5")
    for place, value in below.items():
        assert place == pytest.approx(96 + 780 * float((value - low) / (high - low)), abs=0.1)
    most = max(Fraction(point.money.high) for point in curve.points)
    assert step_of(beside) in ("1", "2", "25", "5")
    assert beside[0] == 0
    assert beside[-2] < most <= beside[-1]


def test_where_no_money_comes_the_only_amount_is_nothing(engine: Engine) -> None:
    curve = curve_of(engine, "实缴资金", case(行业="服务业", 表现突出=False))
    assert all(point.money.high == 0 for point in curve.points)
    below, beside = labels(drawing(curve))
    assert beside == [0]
    assert len(below) > 2


def test_a_number_that_cannot_be_parted_gets_no_parted_ticks() -> None:
    policy = policy_of({"措施!H4": "职工人数 × 1万元"})
    with closing(build(policy, "python")) as engine:
        svg = drawing(curve_of(engine, "职工人数", case(职工人数=3)))
    ticks = re.findall(r">([\d.]+)人</text>", svg)
    assert len(ticks) > 2
    assert all(tick.isdigit() for tick in ticks)


def test_a_mark_has_one_colour_in_the_drawing_and_in_the_list() -> None:
    policy = policy_of({"措施!I4": "20万元"})
    with closing(build(policy, "python")) as engine:
        bent = curve_of(engine, "实缴资金", case(实缴资金=5_000 * WAN))
        stepped = curve_of(engine, "总投资", case())
    assert bent.bends
    assert stepped.cliffs
    for curve in (bent, stepped):
        _compare_colours(curve)


def _compare_colours(curve: Curve) -> None:
    listed = re.findall(r'<li class="(tl-cliff|tl-bend)">', render_curve(curve))
    drawn = re.findall(r'class="(tl-cliff|tl-bend)-mark"', drawing(curve))
    assert listed
    assert listed == drawn
    style = files("authoring").joinpath("pages", "what_if.css").read_text(encoding="utf-8")
    for kind in set(drawn):
        colour = re.search(rf"\.{kind}-mark {{ fill: (#\w+); }}", drawing(curve))
        assert colour
        told = "li::marker" if kind == "tl-cliff" else "li.tl-bend::marker"
        assert f"{told} {{ color: {colour[1]};" in style
