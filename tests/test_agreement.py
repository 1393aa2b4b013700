"""The agenda on durable-rules, the agenda in Python and the naive oracle give the same answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authoring.understand import read_book
from engine.agenda import AgendaKind
from engine.cases import Case
from engine.model import (
    AmountComparison,
    Discretionary,
    Policy,
    Source,
    StackingMode,
)
from engine.outcome import (
    Amount,
    Conflict,
    Displaced,
    Granted,
    NotApplicable,
    Outcome,
    Referred,
    Refused,
    Total,
    Undecided,
    Undetermined,
    Verdict,
)
from engine.simulate import Engine, build, conclude, simulate
from engine.values import Range
from tests.oracle import Reading, answer
from tests.processes import processes
from tests.random_cases import draw_cases
from tests.random_policies import draw_policy, policies

ROOT = Path(__file__).parent.parent
WORKBOOKS = sorted(ROOT.glob("policies/*/policy.xlsx"))

BATCHES, POLICIES_EACH, CASES_EACH = 8, 30, 25
CASES_OF_WORKBOOK = 10_000
OFTEN = 20
PROCESSES = 2


@contextmanager
def engine_of(policy: Policy, agenda: AgendaKind) -> Iterator[Engine]:
    """Build an engine and close it again."""
    engine = build(policy, agenda=agenda)
    try:
        yield engine
    finally:
        engine.close()


# --- the engine's answer in the oracle's terms ----------------------------------------------------


def amount_of(amount: Amount | None) -> tuple[object, object, str] | None:
    return None if amount is None else (amount.low, amount.high, amount.certainty)


def verdict_of(verdict: Verdict) -> dict[str, Any]:
    """Turn the engine's verdict into plain data, as the oracle gives it."""
    plain: dict[str, Any] = {"amount": None, "missing": frozenset(), "by": None, "candidates": ()}
    found: dict[str, Any]
    match verdict:
        case NotApplicable():
            return plain | {"verdict": "not_applicable"}
        case Conflict():
            return plain | {"verdict": "conflict"}
        case Refused():
            return plain | {"verdict": "refused"}
        case Undetermined(missing=missing, amount=amount):
            found = {"verdict": "undetermined", "missing": frozenset(missing)}
        case Referred(judgements=missing, amount=amount):
            found = {"verdict": "referred", "missing": frozenset(missing)}
        case Displaced(by=by, amount=amount):
            found = {"verdict": "displaced", "by": by if isinstance(by, str) else f"({by.value})"}
        case Undecided(candidates=candidates, amount=amount):
            found = {"verdict": "undecided", "candidates": candidates}
        case Granted(amount=amount):
            found = {"verdict": "granted"}
    return plain | found | {"amount": amount_of(amount)}


def total_of(total: Total | None) -> tuple[object, ...]:
    if total is None:
        return (0, 0, 0, 0, 0)
    return (total.low, total.high, total.certain, total.uncounted, total.at_stake)


def plain_outcome(outcome: Outcome) -> dict[str, dict[str, Any]]:
    """Turn an outcome into what ``tests.oracle.answer`` gives."""
    policy = outcome.policy
    derived = [clause.field for table in policy.tables for clause in table.outputs]
    values = {name: outcome.derived.get(name) for name in derived}
    beneficiaries = {measure.beneficiary for measure in policy.measures}
    return {
        "measures": {
            each.measure.id: verdict_of(each.verdict)
            | {"payments": [(payment.low, payment.high) for payment in each.payments]}
            for each in outcome.measures
        },
        "derived": {
            name: (value.low, value.high) if isinstance(value, Range) else value
            for name, value in values.items()
        },
        "totals": {who: total_of(outcome.totals.get(who)) for who in beneficiaries}
        | {"": total_of(outcome.total)},
    }


def difference(left: dict[str, dict[str, Any]], right: dict[str, dict[str, Any]]) -> list[str]:
    """Say in which points two answers differ."""
    return [
        f"{part} {name}: {left[part][name]} != {right[part][name]}"
        for part in left
        for name in left[part]
        if left[part][name] != right[part][name]
    ]


def disagreements(policy: Policy, cases: list[Case], agendas: tuple[AgendaKind, ...]) -> list[str]:
    """Say where an engine on one of the agendas departs from the oracle."""
    expected = [answer(policy, case) for case in cases]
    found: list[str] = []
    for agenda in agendas:
        with engine_of(policy, agenda) as engine:
            for case, wanted in zip(cases, expected, strict=True):
                outcome = plain_outcome(simulate(engine, case))
                found += [f"{agenda}, {case.id}, {each}" for each in difference(wanted, outcome)]
    return found


# --- random policies ------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_policies(batch: int) -> None:
    for seed in range(batch * POLICIES_EACH, (batch + 1) * POLICIES_EACH):
        policy = draw_policy(Random(seed))
        cases = draw_cases(policy, CASES_EACH, seed)
        # "inprocess" is the durable agenda without the half second that a worker takes to start
        assert disagreements(policy, cases, ("python", "inprocess")) == [], f"policy {seed}"


def test_random_policies_in_a_worker() -> None:
    for seed in range(3):
        policy = draw_policy(Random(seed))
        cases = draw_cases(policy, CASES_EACH, seed)
        assert disagreements(policy, cases, ("durable",)) == [], f"policy {seed}"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(policy=policies(), seed=st.integers(0, 1000))
def test_policies_that_can_shrink(policy: Policy, seed: int) -> None:
    assert disagreements(policy, draw_cases(policy, 8, seed), ("python",)) == []


def test_random_policies_reach_every_verdict() -> None:
    seen: Counter[str] = Counter()
    for seed in range(1000, 1040):
        policy = draw_policy(Random(seed))
        for case in draw_cases(policy, CASES_EACH, seed):
            seen.update(each["verdict"] for each in answer(policy, case)["measures"].values())
    assert {verdict for verdict, count in seen.items() if count >= OFTEN} == EVERY_VERDICT


# --- the workbooks --------------------------------------------------------------------------------

EVERY_VERDICT = {
    "granted",
    "undetermined",
    "refused",
    "referred",
    "displaced",
    "not_applicable",
    "undecided",
    "conflict",
}


@cache
def policy_of(workbook: Path) -> Policy:
    """Read a workbook that must be without errors."""
    policy = read_book(workbook).policy
    assert policy is not None, f"{workbook} does not compile"
    return policy


def check_workbook(workbook: Path, seed: int) -> tuple[Counter[str], Counter[str], list[str]]:
    """Compare one share of a workbook's cases; count verdicts and the rules that held.

    Both agendas end in table results; when these are the same, one conclusion serves for both.
    """
    policy = policy_of(workbook)
    verdicts: Counter[str] = Counter()
    held: Counter[str] = Counter()
    wrong: list[str] = []
    with engine_of(policy, "durable") as durable, engine_of(policy, "python") as python:
        for case in draw_cases(policy, CASES_OF_WORKBOOK // PROCESSES, seed):
            chain, other = durable.agenda.run(case), python.agenda.run(case)
            if chain.results != other.results:
                wrong.append(f"the agendas differ: {case}")
            reading = Reading(policy, case)
            wanted = reading.answer()
            found = plain_outcome(conclude(durable, chain))
            wrong += [f"{each}: {case}" for each in difference(wanted, found)]
            verdicts.update(each["verdict"] for each in wanted["measures"].values())
            held.update(reading.rules_that_hold())
            if len(wrong) > OFTEN:
                break
    return verdicts, held, wrong


def verdicts_to_expect(policy: Policy) -> set[str]:
    """The verdicts that a policy can give at all, as far as its make-up tells."""
    expected = {"granted", "undetermined", "refused", "not_applicable"}
    benefits = [r.grant.benefit for table in policy.tables for r in table.rules if r.grant]
    judged = any(field.source is Source.JUDGED for field in policy.fields)
    if judged or any(isinstance(benefit, Discretionary) for benefit in benefits):
        expected.add("referred")
    for group in policy.groups:
        members = [m for m in policy.measures if m.group == group.name]
        scopes = Counter("" if group.across_beneficiaries else m.beneficiary for m in members)
        if group.mode is StackingMode.ADDITIVE or max(scopes.values(), default=0) < 2:
            continue
        if group.comparison is AmountComparison.BY_CEILING:
            expected.add("displaced")
    return expected


@pytest.mark.timeout(900)
@pytest.mark.parametrize("workbook", WORKBOOKS, ids=[book.parent.name for book in WORKBOOKS])
def test_workbook(workbook: Path) -> None:
    policy = policy_of(workbook)
    with processes(PROCESSES) as pool:
        shares = [pool.submit(check_workbook, workbook, seed) for seed in range(PROCESSES)]
        results = [share.result() for share in shares]
    assert [each for _, _, wrong in results for each in wrong] == []
    verdicts = sum((found for found, _, _ in results), Counter[str]())
    held = sum((found for _, found, _ in results), Counter[str]())
    rules = {rule.id for table in policy.tables for rule in table.rules}
    assert {rule for rule in rules if held[rule] < OFTEN} == set()
    assert {each for each in verdicts_to_expect(policy) if verdicts[each] < OFTEN} == set()
    assert {each for each in verdicts if verdicts[each] < OFTEN} == set()
