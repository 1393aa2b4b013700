"""What is told to be the same stays so when missing facts are given; tried at random.

Facts of random cases are hidden, a thing of a random policy is changed, and the case is compared
without these facts and with them. Facts whose blank itself counts (空, 缺省处理, 推导或填报) stay
as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from random import Random

import pytest

from engine.cases import Case
from engine.compare import Pair, Turn, compare_case
from engine.expressions import Present
from engine.model import Policy, Source, WhenMissing
from engine.simulate import build
from tests.random_cases import draw_cases, is_ref, nodes
from tests.random_policies import draw_policy
from tests.test_shifts import EDITS, plainer, with_columns

BATCHES, POLICIES_EACH, EDITS_EACH, CASES_EACH = 3, 25, 3, 8
FIRST_SEED = 1000
"""From here on each batch meets what it must meet to prove something."""
MOVES = {Turn.MORE, Turn.LESS, Turn.MIXED}


def may_be_hidden(old: Policy, new: Policy) -> frozenset[str]:
    """The fields of which a blank says nothing by itself."""
    asked = {
        node.field
        for policy in (old, new)
        for node in nodes(policy.tables)
        if is_ref(node) and any(isinstance(each, Present) for each in nodes(node))
    }
    return frozenset(
        each.name
        for each in old.fields
        if each.name not in asked
        and each.when_missing is WhenMissing.UNKNOWN
        and each.source is not Source.DERIVED_OR_REPORTED
    )


def without_some(case: Case, names: frozenset[str], random: Random) -> Case | None:
    given = sorted(names & {name for name, value in case.facts.items() if value is not None})
    if not given:
        return None
    hidden = random.sample(given, min(len(given), random.randint(1, 2)))
    facts = {name: value for name, value in case.facts.items() if name not in hidden}
    return replace(case, facts=facts)


def versions(batch: int) -> Iterator[tuple[Random, Policy, Policy]]:
    for seed in range(batch * POLICIES_EACH, (batch + 1) * POLICIES_EACH):
        random = Random(FIRST_SEED + seed)
        policy = with_columns(plainer(random, draw_policy(random)))
        for _ in range(EDITS_EACH):
            changed = random.choice(EDITS)(random, policy)
            if changed is not None:
                yield random, policy, with_columns(changed)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_same_stays_the_same_when_what_is_missing_is_given(batch: int) -> None:
    told: Counter[tuple[Turn, bool]] = Counter()
    for random, old, new in versions(batch):
        names = may_be_hidden(old, new)
        with closing(build(old, "python")) as before, closing(build(new, "python")) as after:
            for case in [*draw_cases(old, CASES_EACH, 1), *draw_cases(new, CASES_EACH, 2)]:
                known = compare_case(before, after, Pair(case, case)).change
                if known.turn not in MOVES and random.random() < 0.8:
                    continue
                less = without_some(case, names, random)
                if less is None:
                    continue
                unknown = compare_case(before, after, Pair(less, less)).change
                told[unknown.turn, known.turn in MOVES] += 1
                if unknown.turn is Turn.SAME:
                    assert known.turn not in MOVES, f"{less}\n{case}"
    assert told[Turn.SAME, False]
    assert told[Turn.OPEN, True], "nothing that was open has moved"
