"""The fingerprint follows the meaning of a policy and nothing else."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from engine.expressions import Literal
from engine.fingerprint import fingerprint
from engine.model import (
    Allowance,
    Definite,
    Grant,
    HitPolicy,
    Instalment,
    PaymentPlan,
    Policy,
    Rule,
    Term,
    TopUp,
    Uplift,
)
from engine.types import MoneyType
from tests.random_policies import draw_policy

SEEDS = range(8)
TEN = Literal(10, MoneyType())


def shuffled(policy: Policy, random: Random) -> Policy:
    """The same policy, its sheets and tables in another order; rows of 首个 tables stay."""

    def mixed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(items, len(items)))

    tables = tuple(
        table if table.hit_policy is HitPolicy.FIRST else replace(table, rules=mixed(table.rules))
        for table in policy.tables
    )
    return replace(
        policy,
        tables=mixed(tables),
        fields=mixed(policy.fields),
        measures=mixed(policy.measures),
        code_lists=mixed(policy.code_lists),
        groups=mixed(policy.groups),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_order_does_not_count(seed: int) -> None:
    policy = draw_policy(Random(seed))
    assert fingerprint(shuffled(policy, Random(seed))) == fingerprint(policy)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_rule_counts(seed: int) -> None:
    policy = draw_policy(Random(seed))
    for index, table in enumerate(policy.tables):
        for row in range(len(table.rules)):
            shorter = replace(table, rules=table.rules[:row] + table.rules[row + 1 :])
            tables = (*policy.tables[:index], shorter, *policy.tables[index + 1 :])
            assert fingerprint(replace(policy, tables=tables)) != fingerprint(policy)


def test_the_order_of_rows_counts_in_a_first_table() -> None:
    policy = next(
        policy
        for policy in map(draw_policy, map(Random, range(100)))
        if any(
            table.hit_policy is HitPolicy.FIRST and len(table.rules) > 1 for table in policy.tables
        )
    )
    turned = tuple(
        replace(table, rules=table.rules[::-1]) if table.hit_policy is HitPolicy.FIRST else table
        for table in policy.tables
    )
    assert fingerprint(replace(policy, tables=turned)) != fingerprint(policy)


def test_the_terms_of_a_grant_count() -> None:
    policy = draw_policy(Random(0))
    table = next(table for table in policy.tables if not table.outputs)
    bare = replace(table.rules[0], grant=Grant(policy.measures[0].id, Definite(TEN)))

    def of(rule: Rule, plan: PaymentPlan | None = None) -> str:
        tables = (replace(table, rules=(rule,)),)
        return fingerprint(
            replace(policy, tables=tables, measures=(replace(policy.measures[0], plan=plan),))
        )

    assert bare.grant is not None
    terms = (
        {"uplift": Uplift(TEN)},
        {"uplift": Uplift(TEN, after_caps=True)},
        {"allowances": (Allowance(Term.YEAR, TEN, TEN),)},
        {"allowances": (Allowance(Term.ALL, TEN, TEN),)},
        {"benefit": TopUp(TEN, TEN)},
    )
    changed = [of(replace(bare, grant=replace(bare.grant, **each))) for each in terms]
    plans = [PaymentPlan((Instalment(label, 1),)) for label in ("一次性", "第1年")]
    paid = [of(bare, plan) for plan in plans]
    assert len({of(bare), *changed, *paid}) == 1 + len(changed) + len(paid)
