"""Selections: the exact answer against every possible choice, and the textbook cases."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from authoring.cli import main
from engine.cases import Case
from engine.expressions import (
    Arithmetic,
    Comparator,
    Compare,
    Expression,
    FieldRef,
    Literal,
    OneOf,
    Operator,
    Satisfies,
)
from engine.model import (
    ByCaseNumber,
    Condition,
    DecisionTable,
    Field,
    HitPolicy,
    OutputClause,
    Policy,
    Quota,
    Rule,
    Selection,
    ShareConstraint,
    Source,
    TieBreak,
    Tier,
)
from engine.outcome import Outcome
from engine.selection import Entry, Gap, SelectionResult, Standing, select
from engine.simulate import build, simulate
from engine.types import QuantityType, YesNoType
from engine.values import Rounding, RoundingMode
from tests.books import make_book, sections

DAY = date(2023, 10, 1)
SCORE, MADE, FOREIGN, GOLD, BRONZE = "得分", "制造业", "外资", "可评金牌", "可评铜牌"
TIE, BASE, DERIVED = "同分看", "总基数", "推导基数"
PURE, YES_NO = QuantityType(), YesNoType()

Facts = dict[str, Any]


def policy() -> Policy:
    """A policy of a few inputs, and one field that is derived from them as a range."""
    counted = DecisionTable(
        "计数",
        HitPolicy.SUM,
        (),
        (OutputClause(DERIVED),),
        tuple(
            Rule(f"R{at}", conditions, (Literal(4, PURE),))
            for at, conditions in enumerate([(), (Condition(is_yes(MADE), ""),)])
        ),
    )
    return Policy(
        id="试",
        title="试",
        number="",
        issuer="",
        issued=None,
        effective=DAY,
        expires=None,
        interpreter="",
        default_stacking="",
        rounding=Rounding(),
        subjects=(),
        provisions=(),
        fields=(
            *(Field(name, PURE) for name in (SCORE, TIE, BASE)),
            *(Field(name, YES_NO) for name in (MADE, FOREIGN, GOLD, BRONZE)),
            Field(DERIVED, PURE, source=Source.DERIVED),
        ),
        code_lists=(),
        tables=(counted,),
        measures=(),
        groups=(),
        selections=(),
        constraints=(),
    )


def is_yes(name: str) -> Expression:
    return Satisfies(name, OneOf((True,)))


def outcomes(facts: Sequence[Facts], names: Sequence[str] = ()) -> list[Outcome]:
    engine = build(policy(), agenda="python")
    given = names or [f"项目{number}" for number in range(1, len(facts) + 1)]
    return [
        simulate(engine, Case(name, "", DAY, dict(fact)))
        for name, fact in zip(given, facts, strict=True)
    ]


def at_least(name: str, share: Fraction) -> ShareConstraint:
    return ShareConstraint(is_yes(name), share)


BY_NUMBER, BY_SCORE = ByCaseNumber(), FieldRef(SCORE)
SCORED = Satisfies(SCORE, Compare(Comparator.AT_LEAST, Literal(0, PURE)))


def tier(
    name: str,
    quota: int | Quota,
    constraint: ShareConstraint | None = None,
    candidate: Expression = SCORED,
    tie_break: TieBreak | None = BY_NUMBER,
    ranking: Expression = BY_SCORE,
) -> Tier:
    places = Quota(places=quota) if isinstance(quota, int) else quota
    return Tier(name, candidate, ranking, places, constraint, tie_break)


def medal(*tiers: Tier, overall: ShareConstraint | None = None) -> Selection:
    return Selection("招商项目", tiers, overall)


def winners(result: SelectionResult) -> list[str | None]:
    return [entry.tier for entry in result.entries]


def standings(result: SelectionResult) -> list[Standing]:
    return [entry.standing for entry in result.entries]


WON, SHARE, OUT = Standing.WON, Standing.SHARE, Standing.OUTRANKED
MOSTLY_MADE = at_least(MADE, Fraction(4, 5))


# --- most winners, then the best ranks, with constraints ------------------------------------------


def test_a_greedy_pass_would_miss_the_fifth_winner() -> None:
    """Five places, 80% manufacturing, ranking 服 制 制 制 制: all five win."""
    facts = [{SCORE: 9, MADE: False}] + [{SCORE: score, MADE: True} for score in (8, 7, 6, 5)]
    result = select(medal(tier("金牌", 5, MOSTLY_MADE)), outcomes(facts))
    assert winners(result) == ["金牌"] * 5
    assert result.shortfall == {"金牌": 0}


def test_a_better_service_project_is_passed_over_and_told_so() -> None:
    facts = [{SCORE: 9, MADE: False}, {SCORE: 8, MADE: False}] + [
        {SCORE: score, MADE: True} for score in (7, 6, 5, 4)
    ]
    result = select(medal(tier("金牌", 5, MOSTLY_MADE)), outcomes(facts))
    assert standings(result) == [WON, SHARE, WON, WON, WON, WON]


def test_an_unknown_share_attribute_counts_as_not() -> None:
    facts = [{SCORE: 9}, {SCORE: 8, MADE: True}]
    result = select(medal(tier("金牌", 2, MOSTLY_MADE)), outcomes(facts))
    assert winners(result) == [None, "金牌"]
    assert result.shortfall == {"金牌": 1}


def test_each_tier_has_its_own_constraint() -> None:
    """The second tier is held to its own condition, and only its own share."""
    tiers = (
        tier("金牌", 2, at_least(MADE, Fraction(1))),
        tier("银牌", 2, at_least(FOREIGN, Fraction(1, 2))),
    )
    facts = [
        {SCORE: 9, MADE: False, FOREIGN: False},
        {SCORE: 8, MADE: True, FOREIGN: False},
        {SCORE: 7, MADE: False, FOREIGN: False},
        {SCORE: 6, MADE: False, FOREIGN: True},
    ]
    result = select(medal(*tiers), outcomes(facts))
    assert winners(result) == ["银牌", "金牌", None, "银牌"]
    assert result.shortfall == {"金牌": 1, "银牌": 0}
    assert standings(result)[2] is SHARE


def test_a_constraint_over_all_tiers_leaves_single_tiers_free() -> None:
    tiers = (tier("金牌", 1), tier("银牌", 4))
    facts = [{SCORE: 9, MADE: False}] + [{SCORE: score, MADE: True} for score in (8, 7, 6, 5)]
    result = select(medal(*tiers, overall=MOSTLY_MADE), outcomes(facts))
    assert winners(result) == ["金牌", *["银牌"] * 4]


def test_a_constraint_over_all_tiers_stands_alone() -> None:
    both = medal(tier("金牌", 1, MOSTLY_MADE), overall=MOSTLY_MADE)
    with pytest.raises(ValueError, match="招商项目"):
        select(both, [])


@pytest.mark.parametrize(
    ("share", "expected", "short"),
    [(Fraction(0), ["金牌", "金牌", None], 0), (Fraction(1), [None, None, None], 2)],
)
def test_a_share_of_none_and_of_all(
    share: Fraction, expected: list[str | None], short: int
) -> None:
    """Nobody fulfils the condition: with 100% nobody wins, and each is told why."""
    facts = [{SCORE: score, MADE: False} for score in (9, 8, 7)]
    result = select(medal(tier("金牌", 2, at_least(MADE, share))), outcomes(facts))
    assert winners(result) == expected
    assert result.shortfall == {"金牌": short}
    assert standings(result) == ([WON, WON, OUT] if share == 0 else [SHARE] * 3)


# --- places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("places", [0, 1, 2, 3, 999_999])
def test_places_are_filled_as_far_as_there_are_candidates(places: int) -> None:
    facts = [{SCORE: 5}, {SCORE: 9}, {SCORE: -1}]
    result = select(medal(tier("金牌", places)), outcomes(facts))
    assert [e.tier is not None for e in result.entries] == [places > 1, places > 0, False]
    assert result.shortfall == {"金牌": max(0, places - 2)}
    assert standings(result)[2] is Standing.NO_CANDIDATE


@pytest.mark.parametrize("facts", [[], [{SCORE: -1}]])
def test_no_candidates(facts: list[Facts]) -> None:
    share = Quota(share=Fraction(1, 4))
    tiers = (tier("金牌", 3), tier("银牌", share, MOSTLY_MADE))
    for selection in (medal(*tiers), medal(tiers[0], tier("银牌", share), overall=MOSTLY_MADE)):
        result = select(selection, outcomes(facts))
        assert result.places == {"金牌": 3, "银牌": 0}
        assert result.shortfall == {"金牌": 3, "银牌": 0}
        assert standings(result) == [Standing.NO_CANDIDATE] * len(facts)


QUARTER = Quota(share=Fraction(1, 4), base=BASE, rounding=Rounding(1, RoundingMode.DOWN))


@pytest.mark.parametrize(
    ("base", "places"), [(100, 25), (99, 24), (3, 0), (4, 1), (0, 0), (-8, 0), (Fraction(9, 2), 1)]
)
def test_a_share_quota_is_rounded_as_it_says(base: int, places: int) -> None:
    result = select(medal(tier("先进", QUARTER)), outcomes([{SCORE: 1, BASE: base}]))
    assert result.places == {"先进": places}


@pytest.mark.parametrize(
    "bases", [(None, None), (8, 4), ()], ids=["not given", "given differently", "no cases"]
)
def test_a_base_that_is_not_known_leaves_the_selection_open(bases: tuple[int | None, ...]) -> None:
    facts = [{SCORE: 9, BASE: base} for base in bases]
    result = select(medal(tier("金牌", 1), tier("先进", QUARTER)), outcomes(facts))
    assert result.open == (Gap(None, (BASE,)),)
    assert (result.entries, result.places, result.shortfall) == ((), {}, {})


def test_a_base_of_which_only_the_limits_are_known_names_what_is_missing() -> None:
    derived = replace(QUARTER, base=DERIVED)
    result = select(medal(tier("先进", derived)), outcomes([{SCORE: 9}]))
    assert result.open == (Gap(None, (MADE,)),)


def test_a_base_that_some_cases_leave_out_is_that_of_the_others() -> None:
    facts = [{SCORE: 9, BASE: 8}, {SCORE: 8}, {SCORE: 7, BASE: 8}]
    result = select(medal(tier("先进", QUARTER)), outcomes(facts))
    assert winners(result) == ["先进", "先进", None]


# --- what is unknown ------------------------------------------------------------------------------


def test_an_unknown_score_or_candidacy_keeps_the_selection_from_running() -> None:
    only_made = medal(tier("金牌", 1, candidate=is_yes(MADE)))
    facts = [{MADE: True}, {MADE: True, SCORE: 1}, {MADE: False}, {SCORE: 2}, {}]
    result = select(only_made, outcomes(facts))
    assert result.open == (
        Gap("项目1", (SCORE,)),
        Gap("项目4", (MADE,)),
        Gap("项目5", (MADE, SCORE)),
    )
    assert result.entries == ()


def test_a_score_known_by_its_limits_is_not_known() -> None:
    by_derived = medal(tier("金牌", 1, ranking=FieldRef(DERIVED)))
    assert select(by_derived, outcomes([{SCORE: 1}])).open == (Gap("项目1", (MADE,)),)


def test_a_score_that_cannot_be_worked_out_names_no_field() -> None:
    zero = Arithmetic(Operator.DIVIDE, FieldRef(SCORE), Literal(0, PURE))
    by_zero = medal(tier("金牌", 1, ranking=zero))
    assert select(by_zero, outcomes([{SCORE: 1}])).open == (Gap("项目1", ()),)


# --- ties -----------------------------------------------------------------------------------------


def tie_results(
    tie_break: TieBreak | None, *values: int | None, places: int = 1
) -> list[tuple[bool, bool]]:
    """Who won and who is in a tie, of cases with the same score."""
    facts = [{SCORE: 5, TIE: value} for value in values]
    result = select(medal(tier("金牌", places, tie_break=tie_break)), outcomes(facts))
    return [(entry.tier is not None, entry.tied) for entry in result.entries]


BY_FIELD = FieldRef(TIE)


@pytest.mark.parametrize(
    ("tie_break", "values", "expected"),
    [
        (BY_FIELD, (1, 2), [(False, False), (True, False)]),
        (BY_FIELD, (2, 2), [(True, True), (False, True)]),
        (BY_FIELD, (-3, None), [(True, True), (False, True)]),
        (BY_FIELD, (None, -3), [(False, True), (True, True)]),
        (BY_FIELD, (1, 2, None), [(False, False), (True, True), (False, True)]),
        (BY_FIELD, (1, 3, 2), [(False, False), (True, False), (False, False)]),
        (BY_NUMBER, (None, None), [(True, False), (False, False)]),
        (None, (1, 2), [(True, True), (False, True)]),
    ],
)
def test_a_tie(tie_break: TieBreak | None, values: tuple[int | None, ...], expected: Any) -> None:
    assert tie_results(tie_break, *values) == expected


def test_a_tie_that_does_not_matter_is_none() -> None:
    assert tie_results(BY_FIELD, 2, 2, None, places=3) == [(True, False)] * 3
    assert tie_results(BY_FIELD, 2, 2, None, places=0) == [(False, False)] * 3


def test_a_tie_in_an_earlier_tier_shows() -> None:
    """Both run for gold with the same score; one wins it, the other silver."""
    result = select(
        medal(tier("金牌", 1, tie_break=None), tier("银牌", 1, tie_break=None)),
        outcomes([{SCORE: 5}, {SCORE: 5}, {SCORE: 4}]),
    )
    assert [(e.tier, e.tied) for e in result.entries] == [
        ("金牌", True),
        ("银牌", True),
        (None, False),
    ]


def test_case_numbers_are_in_their_order() -> None:
    names = ["项目10", "项目9", "项目９-2", "项目"]
    result = select(medal(tier("金牌", 2)), outcomes([{SCORE: 5}] * 4, names))
    assert [entry.case for entry in result.entries if entry.tier] == ["项目9", "项目"]


# --- against every choice -------------------------------------------------------------------------


@dataclass(frozen=True)
class Contest:
    """A small selection in plain data: per tier its places, whom it takes, its constraint."""

    facts: list[Facts]
    tiers: tuple[Tier, ...]
    only: tuple[str | None, ...]
    constraints: tuple[tuple[str, Fraction] | None, ...]
    overall: tuple[str, Fraction] | None

    def selection(self) -> Selection:
        return medal(*self.tiers, overall=None if self.overall is None else at_least(*self.overall))

    def order(self) -> list[int]:
        """The cases, best first."""

        def rank(at: int) -> tuple[object, ...]:
            tie = self.facts[at].get(TIE)
            return -self.facts[at][SCORE], tie is None, -(tie or 0), at

        return sorted(range(len(self.facts)), key=rank)


def draw_contest(random: Random, overall: bool) -> Contest:
    facts: list[Facts] = [
        {
            SCORE: random.randint(0, 4),
            TIE: random.choice([None, 0, 1, 2]),
            MADE: random.choice([True, False, None]),
            FOREIGN: random.random() < 0.4,
            GOLD: random.random() < 0.7,
            BRONZE: random.random() < 0.6,
        }
        for _ in range(random.randint(0, 5))
    ]
    shares = [Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(4, 5), Fraction(1)]

    def stated() -> tuple[str, Fraction] | None:
        chosen = random.choice([MADE, MADE, FOREIGN, None])
        return None if chosen is None else (chosen, random.choice(shares))

    only = (GOLD, None, BRONZE)
    constraints = tuple(None if overall else stated() for _ in only)
    tiers = tuple(
        tier(
            name,
            random.randint(0, 2),
            None if constraint is None else at_least(*constraint),
            SCORED if limit is None else is_yes(limit),
            BY_FIELD,
        )
        for name, limit, constraint in zip("金银铜", only, constraints, strict=True)
    )
    every = (random.choice([MADE, FOREIGN]), random.choice(shares)) if overall else None
    return Contest(facts, tiers, only, constraints, every)


Choice = tuple[int | None, ...]


def choices(contest: Contest) -> Iterator[Choice]:
    """Every way to give out places that keeps to the candidacies, the places and the shares."""

    def holds(constraint: tuple[str, Fraction] | None, won: list[Facts]) -> bool:
        if constraint is None:
            return True
        name, share = constraint
        return sum(fact[name] is True for fact in won) >= share * len(won)

    for choice in product((None, 0, 1, 2), repeat=len(contest.facts)):
        given = list(zip(contest.facts, choice, strict=True))
        won = [[fact for fact, tier in given if tier == at] for at in range(3)]
        if (
            all(
                limit is None or all(fact[limit] for fact in group)
                for limit, group in zip(contest.only, won, strict=True)
            )
            and all(
                len(group) <= (tier.quota.places or 0)
                for tier, group in zip(contest.tiers, won, strict=True)
            )
            and all(map(holds, contest.constraints, won))
            and holds(contest.overall, [fact for group in won for fact in group])
        ):
            yield choice


def best_choice(contest: Contest) -> Choice:
    """Tier by tier, or over all: most winners first, then the best ranks."""
    order = contest.order()

    def merit(choice: Choice) -> list[object]:
        taken = [[at for at, case in enumerate(order) if choice[case] == t] for t in range(3)]
        ranks = [[-at for at in places] + [-1000] * (9 - len(places)) for places in taken]
        if contest.overall is None:
            return [each for places in zip(map(len, taken), ranks, strict=True) for each in places]
        return [sum(map(len, taken)), *ranks]

    return max(choices(contest), key=merit)


def why_not(contest: Contest, choice: Choice, case: int) -> Standing:
    order = contest.order()
    for at, tier in enumerate(contest.tiers):
        limit = contest.only[at]
        won = [order.index(each) for each, tier in enumerate(choice) if tier == at]
        runs = limit is None or contest.facts[case][limit]
        if runs and (
            len(won) < (tier.quota.places or 0) or any(each > order.index(case) for each in won)
        ):
            return SHARE
    return OUT


def is_tied(contest: Contest, choice: Choice, case: int) -> bool:
    for at, limit in enumerate(contest.only):
        for other, fact in enumerate(contest.facts):
            own = contest.facts[case]
            same = fact[SCORE] == own[SCORE]
            separated = None not in (fact[TIE], own[TIE]) and fact[TIE] != own[TIE]
            run = limit is None or (fact[limit] and own[limit])
            still = all(each is None or each >= at for each in (choice[case], choice[other]))
            one_won = (choice[case] == at) != (choice[other] == at)
            if same and not separated and run and still and one_won:
                return True
    return False


@pytest.mark.parametrize("seed", range(150))
@pytest.mark.parametrize("overall", [False, True], ids=["逐档", "合计"])
def test_agrees_with_trying_every_choice(overall: bool, seed: int) -> None:
    contest = draw_contest(Random(seed), overall)
    best = best_choice(contest)
    result = select(contest.selection(), outcomes(contest.facts))
    expected = [
        Entry(
            f"项目{case + 1}",
            None if won is None else contest.tiers[won].name,
            WON if won is not None else why_not(contest, best, case),
            contest.facts[case][SCORE],
            is_tied(contest, best, case),
        )
        for case, won in enumerate(best)
    ]
    assert [
        replace(each, rank=None, ran_for=None, passed_over=()) for each in result.entries
    ] == expected
    assert result.shortfall == {
        tier.name: (tier.quota.places or 0) - best.count(at)
        for at, tier in enumerate(contest.tiers)
    }


@pytest.mark.timeout(60)
@pytest.mark.parametrize("overall", [False, True], ids=["逐档", "合计"])
def test_hundreds_of_candidates_and_many_tiers(overall: bool) -> None:
    """Each may run for a third of twenty tiers, so that nearly every case is of its own kind."""
    random = Random(7)
    count = 20
    names = [f"可评{at}" for at in range(count)]
    whole = replace(policy(), fields=(*policy().fields, *(Field(each, YES_NO) for each in names)))
    engine = build(whole, agenda="python")
    cases = [
        simulate(
            engine,
            Case(
                f"项目{at}",
                "",
                DAY,
                {SCORE: random.randint(0, 99), MADE: random.random() < 0.5}
                | {each: random.random() < 1 / 3 for each in names},
            ),
        )
        for at in range(600)
    ]
    constraint = at_least(MADE, Fraction(4, 5))
    tiers = [
        tier(each, 20, None if overall else constraint, candidate=is_yes(each)) for each in names
    ]
    result = select(medal(*tiers, overall=constraint if overall else None), cases)
    made = {each.case.id for each in cases if each.case.facts[MADE]}
    won = [entry.case for entry in result.entries if entry.tier]
    assert len(won) + sum(result.shortfall.values()) == 20 * count
    assert sum(case in made for case in won) >= Fraction(4, 5) * len(won)
    assert len(won) > 350


def test_tiaoli_test_holds_contests_to_their_winners(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (Path(__file__).parent / "spec" / "selections.md").read_text(encoding="utf-8")
    sheets = dict(sections(text)[0].sheets)
    book = tmp_path / "评选.xlsx"
    book.write_bytes(make_book(sheets))
    assert main(["test", str(book)]) == 0
    assert "评选 3 场：通过 3，未通过 0" in capsys.readouterr().out
    *others, last = sheets["评选用例"]
    book.write_bytes(make_book(sheets | {"评选用例": [*others, [*last[:-1], "未入选"]]}))
    assert main(["test", str(book)]) == 1
    told = capsys.readouterr().out
    assert "丙：期望 未入选，实际 金牌" in told
    assert "评选 3 场：通过 2，未通过 1" in told


def test_tiaoli_test_shows_ties_that_the_tie_break_leaves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (Path(__file__).parent / "spec" / "selections.md").read_text(encoding="utf-8")
    section = next(each for each in sections(text) if each.title.startswith("得分相同的"))
    book = tmp_path / "评选.xlsx"
    book.write_bytes(make_book(section.sheets))
    assert main(["test", str(book)]) == 0
    told = capsys.readouterr().out
    assert "看投资（第二场）：甲、乙 同分" in told
    assert told.count("请人工确认") == 1
    assert main(["test", "--json", str(book)]) == 0
    (ran,) = json.loads(capsys.readouterr().out)["books"]
    assert [contest["tied"] for contest in ran["contests"]] == [[], ["甲", "乙"], []]


def test_tiaoli_test_says_what_an_open_contest_waits_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (Path(__file__).parent / "spec" / "selections.md").read_text(encoding="utf-8")
    section = next(each for each in sections(text) if each.title.startswith("按比例的名额"))
    heading, *rows = section.sheets["评选用例"]
    score, base = heading.index("得分"), heading.index("总基数")
    first = [[*row] for row in rows if row[1] == "基数七"]
    for row in first:
        row[base] = None
    first[1][score] = None
    book = tmp_path / "评选.xlsx"
    book.write_bytes(make_book({**section.sheets, "评选用例": [heading, *first]}))
    assert main(["test", str(book)]) == 1
    told = capsys.readouterr().out
    assert "乙 还缺：得分" in told
    assert "占比基数没有填，或各用例填的不一样：总基数" in told
