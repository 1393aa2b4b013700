"""Laws that every answer keeps, tried on random policies.

A missing fact, once given, moves nothing that was sure, and nothing out of what was called
possible; no amount runs from more to less; the order of the rows of a 收集 table says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from random import Random
from typing import cast

import pytest

from engine.cases import Case
from engine.expressions import Present, Satisfies
from engine.instalments import payments_of
from engine.model import (
    HitPolicy,
    Instalment,
    Measure,
    PaymentPlan,
    Policy,
    Source,
    SupportForm,
    WhenMissing,
)
from engine.outcome import (
    Amount,
    Certainty,
    Conflict,
    Displaced,
    Granted,
    MeasureOutcome,
    NotApplicable,
    Outcome,
    Referred,
    Refused,
    Total,
    Undecided,
    Undetermined,
    Verdict,
)
from engine.simulate import Engine, build, simulate
from engine.tables import State
from engine.types import NUMERIC_TYPES
from engine.values import Bound, Rounding, RoundingMode, Value
from tests.random_cases import Hunt, draw_cases
from tests.random_policies import draw_policy
from tests.test_judgements import has_faulty_table

BATCHES, POLICIES_EACH, CASES_EACH, FACTS_EACH = 4, 14, 12, 4
OFTEN = 60


def drawn(batch: int) -> Iterator[tuple[int, Policy]]:
    for seed in range(5000 + batch * POLICIES_EACH, 5000 + (batch + 1) * POLICIES_EACH):
        yield seed, draw_policy(Random(seed))


# --- a missing fact -------------------------------------------------------------------------------


def asked_for_absence(policy: Policy) -> set[str]:
    """The fields whose absence decides a test (空, 非空): giving them is news, not knowledge."""
    found: set[str] = set()

    def look(node: object, field: str = "") -> None:
        if isinstance(node, Satisfies):
            field = node.field
        if isinstance(node, Present):
            found.add(field)
        if is_dataclass(node) and not isinstance(node, type):
            for each in fields(node):
                look(getattr(node, each.name), field)
        elif isinstance(node, tuple):
            for part in node:
                look(part, field)

    look(policy.tables)
    look(policy.groups)
    return found


def blanks(policy: Policy, case: Case) -> list[str]:
    """The facts that a case leaves open and that may be given."""
    decisive = asked_for_absence(policy)
    return [
        field.name
        for field in policy.fields
        if field.source in (Source.REPORTED, Source.JUDGED)
        and field.when_missing is WhenMissing.UNKNOWN
        and case.facts.get(field.name) is None
        and field.name not in decisive
    ]


def answers(policy: Policy, hunt: Hunt, name: str, random: Random) -> Value | None:
    """A value for a blank fact, inside what a missing number may be."""
    (field,) = (each for each in policy.fields if each.name == name)
    found = hunt.candidates[name]
    if isinstance(field.type, NUMERIC_TYPES):
        floor = min(0, cast(int | Fraction, field.minimum or 0))
        found = [value for value in found if cast(int | Fraction, value) >= floor]
    return random.choice(found) if found else None


def within(inner: Amount, outer: Amount) -> bool:
    if inner.low is None or inner.high is None or outer.low is None or outer.high is None:
        return True
    return outer.low <= inner.low and inner.high <= outer.high


def broken_law(before: Verdict, after: Verdict) -> str | None:
    """Which law a verdict before groups breaks when one more fact is known."""
    match before, after:
        case Granted(amount=was), Granted(amount=now):
            return None if was == now else "a grant changed"
        case Refused(), Refused() | NotApplicable():
            return None
        case NotApplicable(), NotApplicable():
            return None
        case ((Granted() | Refused() | NotApplicable()), _):
            return "something sure moved"
        case (
            Undetermined(amount=was),
            Granted(amount=now) | Undetermined(amount=now) | Referred(amount=now),
        ):
            return None if within(now, was) else "it came out outside of what was possible"
        case Referred(judgements=names), Undetermined() if names:
            return "more was missing than the judgements"
    return None


def differences(
    policy: Policy, engine: Engine, seed: int, seen: Counter[str]
) -> Iterator[tuple[str, str, str]]:
    random, hunt = Random(seed + 1), Hunt(policy, Random(seed + 7))
    for case in draw_cases(policy, CASES_EACH, seed):
        open_ = blanks(policy, case)
        if not open_:
            continue
        before = simulate(engine, case)
        for _ in range(FACTS_EACH):
            name = random.choice(open_)
            value = answers(policy, hunt, name, random)
            if value is None:
                continue
            after = simulate(engine, replace(case, facts={**case.facts, name: value}))
            if has_faulty_table(after):
                continue
            for was, now in zip(before.measures, after.measures, strict=True):
                table = after.worked.results[now.measure.table]
                if isinstance(now.alone, Conflict) or table.state is State.CONFLICT:
                    continue
                seen[type(was.alone).__name__] += 1
                law = broken_law(was.alone, now.alone)
                if law is not None:
                    yield law, f"{case.id} {name}={value}", f"{was.alone} -> {now.alone}"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_fact_moves_nothing_that_was_sure(batch: int) -> None:
    seen: Counter[str] = Counter()
    for seed, policy in drawn(batch):
        with closing(build(policy, "python")) as engine:
            assert list(differences(policy, engine, seed, seen)) == [], f"policy {seed}"
    for verdict in ("Granted", "Refused", "Undetermined"):
        assert seen[verdict] >= OFTEN, seen
    assert seen["Referred"] > 0


# --- the ends of what is paid ---------------------------------------------------------------------


def ends(outcome: Outcome) -> Iterator[tuple[Bound, Bound]]:
    """Every pair of ends that an answer tells."""
    for each in outcome.measures:
        for verdict in (each.verdict, each.alone):
            amount = amount_in(verdict)
            if amount is not None and amount.low is not None and amount.high is not None:
                yield amount.low, amount.high
        for payment in each.payments:
            yield payment.low, payment.high
    for total in (*outcome.totals.values(), outcome.total):
        yield total.low, total.high
        yield total.certain, total.low


def amount_in(verdict: Verdict) -> Amount | None:
    match verdict:
        case Granted(amount=amount) | Undetermined(amount=amount) | Referred(amount=amount):
            return amount
        case Displaced(amount=amount) | Undecided(amount=amount):
            return amount
    return None


@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_amount_runs_from_more_to_less(batch: int) -> None:
    seen = 0
    for seed, policy in drawn(batch):
        with closing(build(policy, "python")) as engine:
            for case in draw_cases(policy, CASES_EACH, seed):
                outcome = simulate(engine, case)
                for low, high in ends(outcome):
                    seen += 1
                    assert 0 <= low <= high, f"policy {seed}, {case.id}"
                for each in outcome.measures:
                    amount = amount_in(each.verdict)
                    if amount is not None and amount.low == amount.high is not None:
                        told = amount.certainty
                        assert told in (Certainty.DEFINITE, Certainty.DISCRETIONARY), each
    assert seen >= OFTEN


# --- the order of rows ----------------------------------------------------------------------------


def shuffled(policy: Policy, random: Random) -> Policy:
    tables = []
    for table in policy.tables:
        rules = list(table.rules)
        if table.hit_policy is HitPolicy.COLLECT:
            random.shuffle(rules)
        tables.append(replace(table, rules=tuple(rules)))
    return replace(policy, tables=tuple(tables))


def told(each: MeasureOutcome) -> tuple[object, ...]:
    """What an answer says of a measure, however its reasons are ordered."""
    verdict = each.verdict
    missing: frozenset[str] = frozenset()
    if isinstance(verdict, Undetermined):
        missing = frozenset(verdict.missing)
    if isinstance(verdict, Referred):
        missing = frozenset(verdict.judgements)
    return type(verdict), amount_in(verdict), missing, each.payments


def all_told(outcome: Outcome) -> tuple[dict[str, tuple[object, ...]], Total]:
    return {each.measure.id: told(each) for each in outcome.measures}, outcome.total


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_order_of_collected_rows_says_nothing(batch: int) -> None:
    moved = 0
    for seed, policy in drawn(batch):
        other = shuffled(policy, Random(seed + 3))
        moved += other != policy
        with closing(build(policy, "python")) as engine, closing(build(other, "python")) as mixed:
            for case in draw_cases(policy, CASES_EACH, seed):
                one, two = all_told(simulate(engine, case)), all_told(simulate(mixed, case))
                assert one == two, f"policy {seed}, {case.id}"
    assert moved >= POLICIES_EACH // 3


# --- instalments ----------------------------------------------------------------------------------


def test_an_instalment_of_an_interval_holds_what_each_amount_in_it_gives() -> None:
    random = Random(8)
    for _ in range(300):
        weights = [random.randint(1, 9) for _ in range(random.randint(1, 6))]
        shares = [Fraction(each, sum(weights)) for each in weights]
        parts = tuple(Instalment(f"第{at}期", share) for at, share in enumerate(shares, 1))
        plan = PaymentPlan(parts)
        measure = Measure("A", "", "企业", SupportForm.AWARD, "表", plan=plan)
        rounding = Rounding(random.choice((1, 100)), random.choice(list(RoundingMode)))
        low = random.choice((0, random.randint(0, 300)))
        high = low + random.randint(0, 300)

        def paid(
            first: int, last: int, measure: Measure = measure, rounding: Rounding = rounding
        ) -> list[tuple[Bound, Bound]]:
            amount = Amount(first * rounding.step, last * rounding.step, Certainty.INTERVAL)
            given = payments_of(measure, Granted((), amount), rounding)
            return [(each.low, each.high) for each in given]

        single = [paid(each, each) for each in range(low, high + 1)]
        for each, parts_of_it in zip(range(low, high + 1), single, strict=True):
            assert sum(part for part, _ in parts_of_it) == each * rounding.step
            assert all(0 <= least == most for least, most in parts_of_it)
        told = [
            (min(least for least, _ in each), max(most for _, most in each))
            for each in zip(*single, strict=True)
        ]
        assert paid(low, high) == told
