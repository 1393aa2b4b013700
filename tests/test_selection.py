"""Selections: the exact answer against every possible choice, and the textbook cases."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random

import pytest

from authoring.cli import main
from engine.cases import Case
from engine.expressions import Comparator, Compare, FieldRef, Literal, OneOf, Satisfies
from engine.model import (
    ConstraintScope,
    Field,
    Policy,
    Quota,
    Selection,
    ShareConstraint,
    Tier,
)
from engine.outcome import Outcome
from engine.selection import SelectionResult, Standing, select
from engine.simulate import build, simulate
from engine.types import QuantityType, YesNoType
from engine.values import Rounding, RoundingMode
from tests.books import make_book, sections

DAY = date(2023, 10, 1)
SCORE, MADE, GOLD = "得分", "制造业", "可评金牌"


def policy() -> Policy:
    """A policy of three inputs and nothing else."""
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
            Field(SCORE, QuantityType()),
            Field(MADE, YesNoType()),
            Field(GOLD, YesNoType()),
            Field("总基数", QuantityType()),
        ),
        code_lists=(),
        tables=(),
        measures=(),
        groups=(),
        selections=(),
        constraints=(),
    )


def outcomes(*facts: dict[str, object]) -> list[Outcome]:
    engine = build(policy(), agenda="python")
    return [
        simulate(engine, Case(f"项目{number:02}", "", DAY, dict(fact)))  # type: ignore[arg-type]
        for number, fact in enumerate(facts, start=1)
    ]


def tier(name: str, places: int, scope: ConstraintScope, share: Fraction, only: str = "") -> Tier:
    scored = Satisfies(SCORE, Compare(Comparator.AT_LEAST, Literal(0, QuantityType())))
    return Tier(
        name,
        Satisfies(only, OneOf((True,))) if only else scored,
        FieldRef(SCORE),
        Quota(places=places),
        ShareConstraint(Satisfies(MADE, OneOf((True,))), share, scope) if share else None,
    )


def winners(result: SelectionResult) -> dict[str, str | None]:
    return {entry.case: entry.tier for entry in result.entries}


def test_a_greedy_pass_would_miss_the_fifth_winner() -> None:
    """Five places, 80% manufacturing, ranking 服 制 制 制 制: all five win."""
    facts = [{SCORE: 9, MADE: False}] + [{SCORE: score, MADE: True} for score in (8, 7, 6, 5)]
    medal = tier("金牌", 5, ConstraintScope.EACH_TIER, Fraction(4, 5))
    result = select(Selection("招商项目", (medal,)), outcomes(*facts))
    assert list(winners(result).values()) == ["金牌"] * 5
    assert result.shortfall == {"金牌": 0}


def test_a_better_service_project_is_passed_over_and_told_so() -> None:
    facts = [{SCORE: 9, MADE: False}, {SCORE: 8, MADE: False}] + [
        {SCORE: score, MADE: True} for score in (7, 6, 5, 4)
    ]
    medal = tier("金牌", 5, ConstraintScope.EACH_TIER, Fraction(4, 5))
    result = select(Selection("招商项目", (medal,)), outcomes(*facts))
    assert [entry.standing for entry in result.entries] == [
        Standing.WON,
        Standing.SHARE,
        Standing.WON,
        Standing.WON,
        Standing.WON,
        Standing.WON,
    ]


def test_an_unknown_share_attribute_counts_as_not() -> None:
    facts = [{SCORE: 9}, {SCORE: 8, MADE: True}]
    medal = tier("金牌", 2, ConstraintScope.EACH_TIER, Fraction(4, 5))
    result = select(Selection("招商项目", (medal,)), outcomes(*facts))
    assert winners(result) == {"项目01": None, "项目02": "金牌"}
    assert result.shortfall == {"金牌": 1}


def test_an_unknown_score_keeps_the_selection_from_running() -> None:
    medal = tier("金牌", 1, ConstraintScope.EACH_TIER, Fraction(0), only=MADE)
    result = select(
        Selection("招商项目", (medal,)),
        outcomes({MADE: True}, {MADE: True, SCORE: 1}, {MADE: False}),
    )
    assert result.open == ("项目01",)
    assert result.entries == ()


@pytest.mark.parametrize(("base", "places"), [(100, 25), (99, 24), (3, 0), (4, 1)])
def test_a_share_quota_is_rounded_as_it_says(base: int, places: int) -> None:
    quota = Quota(share=Fraction(1, 4), base="总基数", rounding=Rounding(1, RoundingMode.DOWN))
    group = Tier("先进集体", Satisfies(MADE, OneOf((True,))), FieldRef(SCORE), quota)
    result = select(
        Selection("先进集体", (group,)), outcomes({MADE: True, SCORE: 1, "总基数": base})
    )
    assert result.places == {"先进集体": places}


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("scope", ConstraintScope)
def test_agrees_with_trying_every_choice(scope: ConstraintScope, seed: int) -> None:
    random = Random(seed)
    facts = [
        {
            SCORE: score,
            MADE: random.choice((True, False)),
            GOLD: random.choice((True, True, False)),
        }
        for score in random.sample(range(100), random.randint(1, 6))
    ]
    share = random.choice([Fraction(0), Fraction(1, 2), Fraction(4, 5)])
    tiers = (
        tier("金牌", random.randint(0, 2), scope, share, only=GOLD),
        tier("银牌", random.randint(0, 3), scope, share),
    )
    cases = outcomes(*facts)
    result = select(Selection("招商项目", tiers), cases)
    assert winners(result) == {
        case.case.id: None if won is None else tiers[won].name
        for case, won in zip(cases, best_choice(facts, tiers, scope, share), strict=True)
    }


def best_choice(
    facts: list[dict[str, object]],
    tiers: tuple[Tier, ...],
    scope: ConstraintScope,
    share: Fraction,
) -> tuple[int | None, ...]:
    """Try every assignment; the tiers in order, most winners first, then the best ranks."""

    def allowed(choice: tuple[int | None, ...]) -> bool:
        groups = [
            [fact for fact, won in zip(facts, choice, strict=True) if won == t] for t in (0, 1)
        ]
        if any(not fact[GOLD] for fact in groups[0]):
            return False
        places = [each.quota.places or 0 for each in tiers]
        if any(len(group) > place for group, place in zip(groups, places, strict=True)):
            return False
        held = groups if scope is ConstraintScope.EACH_TIER else [groups[0] + groups[1]]
        return all(sum(bool(fact[MADE]) for fact in group) >= share * len(group) for group in held)

    def merit(choice: tuple[int | None, ...]) -> tuple[object, ...]:
        def ranks(t: int) -> list[int]:
            scores = sorted((int(str(fact[SCORE])) for fact in facts), reverse=True)
            own = [
                scores.index(int(str(fact[SCORE])))
                for fact, won in zip(facts, choice, strict=True)
                if won == t
            ]
            return [-rank for rank in sorted(own)]

        gold, silver = ranks(0), ranks(1)
        if scope is ConstraintScope.EACH_TIER:
            return (len(gold), gold, len(silver), silver)
        return (len(gold) + len(silver), padded(gold), padded(silver))

    def padded(ranks: list[int]) -> list[int]:
        """A filled place is better than an empty one."""
        return ranks + [-1000] * (len(facts) - len(ranks))

    choices = [choice for choice in product((None, 0, 1), repeat=len(facts)) if allowed(choice)]
    return max(choices, key=merit)


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
