"""More places exclude nobody who was in: where that is said of a contest, it is true; at random."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from authoring.compare_contests import PLACES, ROUNDING, shift_of_contest
from engine.expressions import Literal
from engine.model import Quota, Selection, ShareConstraint, Tier
from engine.selection import Entrant, select_among
from engine.tightness import Shift
from engine.types import YesNoType
from engine.values import Number, Rounding, RoundingMode

YES = Literal(True, YesNoType())
BASE = "在职人数"
BATCHES, CONTESTS_EACH, LISTS_EACH = 4, 150, 6


def draw_quota(random: Random) -> Quota:
    if random.random() < 0.5:
        return Quota(random.randrange(5))
    mode = random.choice(list(RoundingMode))
    share = Fraction(random.randrange(0, 101, 5), 100)
    return Quota(None, share, random.choice([None, BASE]), Rounding(1, mode))


def draw_contest(random: Random) -> Selection:
    shares = (Fraction(each, 100) for each in (30, 50, 70, 100))
    constraint = ShareConstraint(YES, random.choice(list(shares)))
    where = random.choice(["none", "none", "together", "each"])
    tiers = tuple(
        Tier(
            str(number),
            YES,
            YES,
            draw_quota(random),
            constraint if where == "each" and random.random() < 0.5 else None,
        )
        for number in range(random.randint(1, 3))
    )
    return Selection("评选", tiers, constraint if where == "together" else None)


def draw_edit(random: Random, before: Selection) -> tuple[Selection, str, str]:
    """The contest with one cell of a tier changed, which tier, and under which heading."""
    at = random.randrange(len(before.tiers))
    tier = before.tiers[at]
    quota, heading = tier.quota, random.choice([PLACES, ROUNDING])
    if quota.places is not None:
        heading, changed = PLACES, replace(quota, places=random.randrange(6))
    elif heading == PLACES:
        changed = replace(quota, share=Fraction(random.randrange(0, 101, 5), 100))
    else:
        changed = replace(quota, rounding=Rounding(1, random.choice(list(RoundingMode))))
    tiers = list(before.tiers)
    tiers[at] = replace(tier, quota=changed)
    return replace(before, tiers=tuple(tiers)), tier.name, heading


def draw_entrants(random: Random, contest: Selection) -> list[Entrant]:
    base = {BASE: (random.randrange(-2, 12), ())}

    def entrant(number: int) -> Entrant:
        of = [each for each in range(len(contest.tiers)) if random.random() < 0.7]
        scores: Mapping[int, Number] = {each: random.randrange(4) for each in of}
        fits = random.random() < 0.5
        fitting = frozenset[int | None]({None, *range(len(contest.tiers))} if fits else ())
        return Entrant(str(number), scores, dict.fromkeys(of), fitting, None, base)

    return [entrant(number) for number in range(random.randint(1, 9))]


def winners(contest: Selection, entrants: list[Entrant]) -> Mapping[str, int]:
    """Who is in, and in which tier."""
    tiers = [each.name for each in contest.tiers]
    result = select_among(contest, entrants)
    assert not result.open
    return {each.case: tiers.index(each.tier) for each in result.entries if each.tier is not None}


@pytest.mark.parametrize("batch", range(BATCHES))
def test_who_was_in_stays_in_where_places_are_said_to_be_looser(batch: int) -> None:
    told: Counter[Shift | None] = Counter()
    lost_unsaid = grown = 0
    for seed in range(batch * CONTESTS_EACH, (batch + 1) * CONTESTS_EACH):
        random = Random(seed)
        contest = draw_contest(random)
        changed, tier, heading = draw_edit(random, contest)
        shift = shift_of_contest(contest, changed, tier, heading)
        told[shift] += 1
        less, more = (changed, contest) if shift is Shift.TIGHTER else (contest, changed)
        for _ in range(LISTS_EACH):
            entrants = draw_entrants(random, contest)
            was, is_ = winners(less, entrants), winners(more, entrants)
            if shift is None:
                lost_unsaid += bool(was.keys() - is_.keys()) and len(was) <= len(is_)
                continue
            assert was.keys() <= is_.keys(), f"{seed}: {shift}"
            assert all(is_[case] <= at for case, at in was.items()), "nobody moves down"
            grown += len(is_) > len(was)
    assert told[Shift.LOOSER]
    assert told[Shift.TIGHTER]
    assert told[None]
    assert grown, "no list could have refuted anything"


def test_a_later_constraint_may_exclude_who_was_in() -> None:
    """Whoever fulfils it moves up, and the place beside stays empty: hence nothing is said."""
    constraint = ShareConstraint(YES, Fraction(1, 2))
    tiers = Tier("金", YES, YES, Quota(0)), Tier("银", YES, YES, Quota(2), constraint)
    contest = Selection("评选", tiers)
    more = replace(contest, tiers=(replace(tiers[0], quota=Quota(1)), tiers[1]))
    fits, other = frozenset[int | None]({1}), frozenset[int | None]()
    entrants = [
        Entrant("甲", {0: 1, 1: 1}, {0: None, 1: None}, fits, None, {}),
        Entrant("乙", {1: 1}, {1: None}, other, None, {}),
    ]
    assert winners(contest, entrants) == {"甲": 1, "乙": 1}
    assert winners(more, entrants) == {"甲": 0}
    assert shift_of_contest(contest, more, "金", PLACES) is None
    alone = replace(tiers[1], quota=Quota(3))
    later = replace(contest, tiers=(tiers[0], alone))
    assert shift_of_contest(contest, later, "银", PLACES) is Shift.LOOSER


@pytest.mark.parametrize(
    ("before", "after", "heading", "told"),
    [
        (Quota(3), Quota(4), PLACES, Shift.LOOSER),
        (Quota(3), Quota(3), PLACES, None),
        (Quota(3), Quota(None, Fraction(1, 2)), PLACES, None),
        (Quota(None, Fraction(1, 4)), Quota(None, Fraction(1, 5)), PLACES, Shift.TIGHTER),
        (Quota(None, Fraction(1, 4)), Quota(None, Fraction(1, 2), BASE), PLACES, None),
        (Quota(None, Fraction(1, 4)), Quota(None, Fraction(1, 4), BASE), "占比基数", None),
        (
            Quota(None, Fraction(1, 4), None, Rounding(1, RoundingMode.DOWN)),
            Quota(None, Fraction(1, 4), None, Rounding(1, RoundingMode.UP)),
            ROUNDING,
            Shift.LOOSER,
        ),
    ],
)
def test_places_are_compared_only_where_they_can_be(
    before: Quota, after: Quota, heading: str, told: Shift | None
) -> None:
    def contest(quota: Quota) -> Selection:
        return Selection("评选", (Tier("金", YES, YES, quota),))

    assert shift_of_contest(contest(before), contest(after), "金", heading) is told
    assert shift_of_contest(contest(before), contest(after), "银", heading) is None
