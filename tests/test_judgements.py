"""需人工判断 keeps its word: once the judgements are made, nothing else is found to be missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from random import Random

import pytest

from engine.model import HitPolicy, Policy, Source
from engine.outcome import Outcome, Referred, Undetermined
from engine.simulate import build, simulate
from engine.tables import State
from engine.truth import NO
from engine.types import ChoiceType, MultiChoiceType
from engine.values import Value
from tests.random_cases import draw_cases
from tests.random_policies import VALUES, draw_policy

BATCHES, POLICIES_EACH, CASES_EACH = 4, 30, 25
OFTEN = 15


def judgement(policy: Policy, field: str, random: Random) -> Value:
    """What a person may say of a field: anything, but of codes the most precise."""
    (kind,) = (each.type for each in policy.fields if each.name == field)
    if not isinstance(kind, ChoiceType | MultiChoiceType):
        return random.choice(VALUES[kind])
    (codes,) = (each.codes for each in policy.code_lists if each.name == kind.code_list)
    parents = {code.parent for code in codes}
    precise = [code.value for code in codes if code.value not in parents]
    if isinstance(kind, ChoiceType):
        return random.choice(precise)
    return frozenset(random.sample(precise, random.randint(0, len(precise))))


def has_faulty_table(outcome: Outcome) -> bool:
    """Whether a table contradicts itself, or has neither a row nor a default for the case."""
    results = outcome.worked.results.values()
    return any(
        result.state is State.CONFLICT
        or (
            all(row.truth is NO for row in result.rows)
            and result.table.hit_policy not in (HitPolicy.COUNT, HitPolicy.SUM)
            and any(output.default is None for output in result.table.outputs)
        )
        for result in results
        if result.table.outputs
    )


def referrals(policy: Policy, seed: int) -> Iterator[tuple[str, list[str]]]:
    """Each referral of random cases, with what is undetermined when the judgements are made."""
    random = Random(seed)
    with closing(build(policy, "python")) as engine:
        for case in draw_cases(policy, CASES_EACH, seed):
            for each in simulate(engine, case).measures:
                if not isinstance(each.alone, Referred) or not each.alone.judgements:
                    continue
                sources = {field.name: field.source for field in policy.fields}
                assert {sources[name] for name in each.alone.judgements} == {Source.JUDGED}
                broken = []
                for _ in range(6):
                    made = {name: judgement(policy, name, random) for name in each.alone.judgements}
                    judged = simulate(engine, replace(case, facts={**case.facts, **made}))
                    (after,) = (m for m in judged.measures if m.measure == each.measure)
                    if isinstance(after.alone, Undetermined) and not has_faulty_table(judged):
                        broken.append(f"{case.id}, {each.measure.id}, {made}: {after.alone}")
                yield case.id, broken


@pytest.mark.parametrize("batch", range(BATCHES))
def test_nothing_is_missing_once_the_judgements_are_made(batch: int) -> None:
    seen = 0
    for seed in range(batch * POLICIES_EACH, (batch + 1) * POLICIES_EACH):
        for _, broken in referrals(draw_policy(Random(seed)), seed):
            seen += 1
            assert broken == [], f"policy {seed}"
    assert seen >= OFTEN
