"""The golden contests of the Wuxi policy, and that they notice every change of its selections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction

import pytest

from engine import Policy, build, simulate
from engine.cases import GoldenContest
from engine.model import Selection, Tier
from engine.outcome import Outcome
from engine.selection import misplaced, select
from tests.policy_books import ROOT, read

BOOK = ROOT / "policies" / "wuxi-2023" / "policy.xlsx"
PER_TEN_THOUSAND = Fraction(1, 10_000)


@pytest.fixture(scope="module")
def contests() -> list[tuple[GoldenContest, list[Outcome]]]:
    understanding = read(BOOK)
    assert understanding.policy is not None
    with closing(build(understanding.policy, "python")) as engine:
        return [
            (golden, [simulate(engine, place.case) for place in golden.places])
            for golden in understanding.golden_contests
        ]


def policy() -> Policy:
    found = read(BOOK).policy
    assert found is not None
    return found


def notices(
    changed: Selection | None, name: str, contests: list[tuple[GoldenContest, list[Outcome]]]
) -> bool:
    """Whether a contest of the selection fails when the selection is changed (None: deleted)."""
    own = [(golden, outcomes) for golden, outcomes in contests if golden.selection == name]
    if changed is None:
        return bool(own)
    return any(misplaced(golden, select(changed, outcomes)) for golden, outcomes in own)


def mutants() -> Iterator[pytest.ParameterSet]:
    """Every tier deleted, its constraint dropped, and its numbers moved by their smallest unit."""
    for selection in policy().selections:
        for index, tier in enumerate(selection.tiers):
            for name, changed in changes(tier):
                tiers = selection.tiers[:index] + changed + selection.tiers[index + 1 :]
                mutant = replace(selection, tiers=tiers)
                yield pytest.param(selection.name, mutant, id=f"{tier.name} {name}")


def changes(tier: Tier) -> Iterator[tuple[str, tuple[Tier, ...]]]:
    """The changes of one tier.

    25% moved up by 0.1‰ shows only among thousands of candidates, 80% moved down only among
    thousands of places: these two are left out.
    """
    quota, constraint = tier.quota, tier.constraint
    yield "删去", ()
    if quota.places is not None:
        for places in (quota.places - 1, quota.places + 1):
            yield f"名额{places}", (replace(tier, quota=replace(quota, places=places)),)
    if quota.share is not None:
        share = quota.share - PER_TEN_THOUSAND
        yield "名额占比减0.1‰", (replace(tier, quota=replace(quota, share=share)),)
    if constraint is not None:
        stricter = replace(constraint, share=constraint.share + PER_TEN_THOUSAND)
        yield "不要占比", (replace(tier, constraint=None),)
        yield "占比加0.1‰", (replace(tier, constraint=stricter),)


@pytest.mark.parametrize(("name", "mutant"), list(mutants()))
def test_a_changed_selection_is_noticed(
    name: str, mutant: Selection, contests: list[tuple[GoldenContest, list[Outcome]]]
) -> None:
    assert notices(mutant, name, contests)


def test_golden_contests(contests: list[tuple[GoldenContest, list[Outcome]]]) -> None:
    selections = {each.name: each for each in policy().selections}
    assert {golden.selection for golden, _ in contests} == set(selections)
    for golden, outcomes in contests:
        astray = misplaced(golden, select(selections[golden.selection], outcomes))
        assert [(each.expected.case.id, each.actual) for each in astray] == [], golden.id
