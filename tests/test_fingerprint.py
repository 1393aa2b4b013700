"""The fingerprint follows the meaning of a policy and nothing else."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest

from authoring.compare_books import Kind, differences
from engine.cases import Case
from engine.expressions import Literal
from engine.fingerprint import DECIDED_BY_ORDER, fingerprint, ranked_by_position
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
from engine.simulate import build, simulate
from engine.types import MoneyType
from tests.random_policies import draw_policy
from tests.sample_book import read, sheets

SEEDS = range(8)
TEN = Literal(10, MoneyType())


def shuffled(policy: Policy, random: Random) -> Policy:
    """The same policy, its sheets, tables and rows in another order; what it decides stays."""

    def mixed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(items, len(items)))

    tables = tuple(
        table if table.hit_policy in DECIDED_BY_ORDER else replace(table, rules=mixed(table.rules))
        for table in policy.tables
    )
    kept = ranked_by_position(policy)
    code_lists = tuple(
        each if each.name in kept else replace(each, codes=mixed(each.codes))
        for each in policy.code_lists
    )
    return replace(
        policy,
        tables=mixed(tables),
        fields=mixed(policy.fields),
        measures=mixed(policy.measures),
        code_lists=mixed(code_lists),
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


@pytest.mark.parametrize("hit_policy", DECIDED_BY_ORDER)
def test_the_order_of_rows_counts_where_it_can_decide(hit_policy: HitPolicy) -> None:
    policy = next(
        policy
        for policy in map(draw_policy, map(Random, range(100)))
        if any(table.hit_policy is hit_policy and len(table.rules) > 1 for table in policy.tables)
    )
    turned = tuple(
        replace(table, rules=table.rules[::-1]) if table.hit_policy is hit_policy else table
        for table in policy.tables
    )
    assert fingerprint(replace(policy, tables=turned)) != fingerprint(policy)


GRADES = (["等级", "低"], ["等级", "中"], ["等级", "高"])


def graded(hit_policy: str, ranks: tuple[str, ...] = (), *, turned: bool = False) -> Policy:
    """A policy that derives a grade; two rules may hold at once."""
    book = sheets()
    book["指标"].append(["等级", "单选", "", "等级", "企业", "推导"])
    codes = [[*code, "", rank] for code, rank in zip(GRADES, ranks or ("", "", ""), strict=True)]
    book["代码表"] += codes[::-1] if turned else codes
    book["分级"] = [
        ["决策表", "分级", "命中策略", hit_policy, "类别", "推导", "默认", "—"],
        ["编号", "条件", "结论"],
        ["编号", "总投资", "等级"],
        ["级-1", "≥1亿元", "高"],
        ["级-2", "≥5000万元", "低"],
    ]
    found = read(book)
    assert found.policy is not None, found.findings
    return found.policy


def grade(policy: Policy) -> object:
    case = Case("1", "甲", date(2024, 1, 1), {"总投资": 2_000_000_000_00})
    with closing(build(policy, "python")) as engine:
        return simulate(engine, case).derived["等级"]


def test_the_order_of_codes_counts_where_it_ranks_them() -> None:
    some = ("", "9", "")
    policy, turned = graded("优先", some), graded("优先", some, turned=True)
    assert grade(policy) != grade(turned), "else the order would say nothing"
    assert fingerprint(policy) != fingerprint(turned)
    (found,) = differences(policy, turned)
    assert (found.kind, found.sheet, found.row) == (Kind.MOVED, "代码表", "等级")
    assert (found.before, found.after) == ("低、中、高", "高、中、低")
    assert found.at is not None


@pytest.mark.parametrize(("hit_policy", "ranks"), [("首个", ()), ("优先", ("3", "2", "1"))])
def test_elsewhere_the_order_of_codes_says_nothing(hit_policy: str, ranks: tuple[str, ...]) -> None:
    policy, turned = graded(hit_policy, ranks), graded(hit_policy, ranks, turned=True)
    assert grade(policy) == grade(turned)
    assert fingerprint(policy) == fingerprint(turned)
    assert differences(policy, turned) == ()


@pytest.mark.parametrize(
    "name", ["条款", "指标", "代码表", "业务约束", "同类组", "评选", "措施", "推导"]
)
def test_the_fingerprint_changes_with_what_is_told_of_another_order(name: str) -> None:
    book = sheets()
    book["评选"].append([*book["评选"][1]])
    book["评选"][2][1] = "优秀"
    old = read(book).policy
    head = 3 if name in ("措施", "推导") else 1
    book[name][head:] = book[name][head:][::-1]
    new = read(book).policy
    assert old is not None
    assert new is not None
    assert bool(differences(old, new)) == (fingerprint(old) != fingerprint(new))


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
