"""The smallest repair turns the verdict, touches nothing fixed, and is as small as one can find."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from engine.cases import Case
from engine.model import Measure, Policy, Source
from engine.outcome import Granted, Referred, Refused, Verdict
from engine.repair import smallest_repair
from engine.simulate import Engine, build, simulate
from engine.values import Value
from tests.random_cases import draw_cases
from tests.random_policies import draw_policy

SEEDS = (1, 2, 4, 9, 21, 22, 23)
REFUSED_AT_LEAST = 30


def alone(engine: Engine, case: Case, measure: Measure) -> Verdict:
    outcome = simulate(engine, case)
    return next(each.alone for each in outcome.measures if each.measure is measure)


def turned(verdict: Verdict) -> bool:
    return isinstance(verdict, Granted) or (
        isinstance(verdict, Referred) and not verdict.judgements
    )


def single_changes(policy: Policy, seed: int) -> list[tuple[str, Value]]:
    """Values of fields that may be changed, as they occur in random cases."""
    cases = draw_cases(policy, 30, seed + 1)
    return [
        (field.name, value)
        for field in policy.fields
        if field.changeable and field.source in (Source.REPORTED, Source.JUDGED)
        for value in {case.facts.get(field.name) for case in cases}
        if value is not None
    ]


def test_repairs_of_random_policies() -> None:
    assert sum(map(check_repairs, SEEDS)) >= REFUSED_AT_LEAST


def check_repairs(seed: int) -> int:
    """Check the repairs of one policy; count its refusals."""
    policy = draw_policy(Random(seed))
    engine = build(policy, agenda="python")
    fixed = {field.name for field in policy.fields if not field.changeable}
    singles = single_changes(policy, seed)
    refused = 0
    for case in draw_cases(policy, 12, seed):
        outcome = simulate(engine, case)
        for each in outcome.measures:
            if not isinstance(each.verdict, Refused):
                continue
            refused += 1
            repair = smallest_repair(outcome, each.measure)
            if repair is not None:
                changes = {change.field: change.after for change in repair.changes}
                assert fixed.isdisjoint(changes)
                mended = replace(case, facts={**case.facts, **changes})
                assert turned(alone(engine, mended, each.measure))
            if repair is None or len(repair.changes) > 1:
                for name, value in singles:
                    changed = replace(case, facts={**case.facts, name: value})
                    assert not turned(alone(engine, changed, each.measure)), (name, value)
    return refused
