"""The JSON of an outcome: true to its published schema, exact, and saying what the outcome says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest

from authoring.outcome_json import outcome_json
from authoring.values_json import number_json, value_json, yuan
from engine.agenda.program import Kind
from engine.expectations import kind_of
from engine.explain import explain
from engine.model import Field
from engine.outcome import Displaced, NothingLeft, Outcome, Refused
from engine.repair import repairs_of
from engine.simulate import build, simulate
from engine.types import MoneyType, MultiChoiceType, QuantityType, RateType, UnitPriceType
from engine.values import INFINITY, Range
from tests.random_cases import draw_cases
from tests.random_policies import draw_policy

SCHEMA = json.loads(
    (Path(__file__).parent.parent / "docs/outcome.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())

POLICIES, CASES_EACH = 60, 4


def written(outcome: Outcome) -> dict[str, Any]:
    """The JSON of an outcome, as a reader parses it."""
    text = json.dumps(outcome_json(outcome, explain(outcome)), ensure_ascii=False, allow_nan=False)
    result: dict[str, Any] = json.loads(text)
    return result


@pytest.fixture(scope="module")
def answers() -> list[tuple[Outcome, dict[str, Any]]]:
    """Outcomes of random cases under random policies, and their JSON."""
    found = []
    for seed in range(POLICIES):
        policy = draw_policy(Random(seed))
        engine = build(policy, agenda="python")
        for case in draw_cases(policy, CASES_EACH, seed):
            outcome = simulate(engine, case)
            found.append((outcome, written(outcome)))
    return found


Answers = list[tuple[Outcome, dict[str, Any]]]


def rules_in(node: Any) -> Iterator[dict[str, Any]]:
    """Every rule in a proof."""
    if isinstance(node, dict):
        if "firing" in node:
            yield node
        for each in node.values():
            yield from rules_in(each)
    elif isinstance(node, list):
        for each in node:
            yield from rules_in(each)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_answer_is_true_to_the_schema(answers: Answers) -> None:
    for _, answer in answers:
        VALIDATOR.validate(answer)


def test_the_random_answers_are_of_every_kind(answers: Answers) -> None:
    kinds = Counter(measure["verdict"] for _, answer in answers for measure in answer["measures"])
    assert set(kinds) >= {
        *("granted", "undetermined", "refused", "referred", "displaced"),
        *("conflict", "not_applicable"),
    }


def test_an_amount_stands_only_where_there_may_be_one(answers: Answers) -> None:
    without = {"refused", "displaced", "not_applicable", "conflict"}
    for _, answer in answers:
        for measure in answer["measures"]:
            assert (measure["amount"] is None) == (measure["verdict"] in without)
            assert (measure["forgone"] is not None) == (measure["verdict"] == "displaced")
            assert bool(measure["conflicting"]) == (measure["verdict"] == "conflict")
            unmeasured = measure["verdict"] == "displaced" and measure["displaced_by"] is None
            reasoned = measure["verdict"] == "not_applicable" or unmeasured
            assert (measure["reason"] is not None) == reasoned
            if measure["verdict"] != "refused":
                assert measure["failed"] == []
                assert measure["repair"] is None
                assert measure["near_miss"] is False


def test_a_repair_is_told_as_it_was_found(answers: Answers) -> None:
    found = near = 0
    for outcome, answer in answers:
        for measure in answer["measures"]:
            repair = repairs_of(outcome).get(measure["id"])
            said = measure["repair"]
            assert (said is None) == (repair is None)
            assert measure["near_miss"] is (repair is not None and repair.near)
            if repair is not None:
                changed = [change.field for change in repair.changes]
                judged = [change.field for change in repair.judgements]
                assert [each["field"] for each in said["changes"]] == changed
                assert [each["field"] for each in said["judgements"]] == judged
                assert said["verdict"] == kind_of(repair.verdict)
                assert said["amount"]["max"] == yuan(repair.verdict.amount.high)
                found += 1
                near += repair.near
    assert found > near > 5


def test_verdicts_and_amounts_are_those_of_the_outcome(answers: Answers) -> None:
    for outcome, answer in answers:
        for measure, said in zip(outcome.measures, answer["measures"], strict=True):
            verdict = measure.verdict
            assert (said["id"], said["verdict"]) == (measure.measure.id, kind_of(verdict))
            if isinstance(verdict, Displaced):
                by = verdict.by
                assert said["displaced_by"] == (by if isinstance(by, str) else None)
                assert said["reason"] == (by.value if isinstance(by, NothingLeft) else None)
                assert said["forgone"]["max"] == yuan(verdict.amount.high)
            elif said["amount"] is not None:
                assert said["amount"]["min"] == yuan(verdict.amount.low)  # type: ignore[union-attr]
                assert said["amount"]["max"] == yuan(verdict.amount.high)  # type: ignore[union-attr]


def test_totals_add_up(answers: Answers) -> None:
    for _, answer in answers:
        counted = [
            measure["amount"]
            for measure in answer["measures"]
            if measure["verdict"] == "granted" and measure["amount"]["min"] is not None
        ]
        overall = answer["totals"]["overall"]
        assert Fraction(overall["min"]) == sum(Fraction(each["min"]) for each in counted)
        by_beneficiary = answer["totals"]["by_beneficiary"].values()
        assert sum(each["uncounted"] for each in by_beneficiary) == overall["uncounted"]


def test_a_refusal_names_what_fails(answers: Answers) -> None:
    named = 0
    for outcome, answer in answers:
        for measure, said in zip(outcome.measures, answer["measures"], strict=True):
            if isinstance(measure.verdict, Refused):
                nearest = measure.verdict.nearest
                assert {each["rule"] for each in said["failed"]} <= {nearest.id}
                result = outcome.worked.results[measure.measure.table]
                row = next(each for each in result.rows if each.rule is nearest)
                assert bool(said["failed"]) == (False in row.cells)
                named += len(said["failed"])
    assert named > 50


def test_a_rule_that_fired_stands_in_the_log_at_its_step(answers: Answers) -> None:
    fired = 0
    for outcome, answer in answers:
        program = outcome.worked.program
        assert [entry["step"] for entry in answer["log"]] == list(range(1, len(outcome.log) + 1))
        for entry, number in zip(answer["log"], outcome.log, strict=True):
            assert entry["kind"] == program.rules[number].kind.name.lower()
        for rule in rules_in([answer["measures"], answer["facts"]]):
            if rule["firing"] is not None:
                entry = answer["log"][rule["firing"] - 1]
                assert (entry["kind"], entry["rule"]) == (Kind.ROW.name.lower(), rule["rule"])
                fired += 1
    assert fired > 50


def test_missing_facts_are_ranked_by_what_hangs_on_them(answers: Answers) -> None:
    seen = 0
    for _, answer in answers:
        stakes = [
            INFINITY if each["unbounded"] else Fraction(each["stake"]) for each in answer["missing"]
        ]
        assert stakes == sorted(stakes, reverse=True)
        waiting = {
            (field, measure["id"]) for measure in answer["measures"] for field in measure["missing"]
        }
        assert {
            (each["field"], measure) for each in answer["missing"] for measure in each["measures"]
        } == waiting
        seen += len(stakes)
    assert seen > 50


# --- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (-5, "-0.05"),
        (200_000_000, "2000000.00"),
        (10**24 + 1, "1" + "0" * 22 + ".01"),
        (Fraction(3, 2), "0.015"),
        (Fraction(100, 3), "1/3"),
        (INFINITY, None),
        (None, None),
    ],
)
def test_money_is_exact(fen: Any, text: str | None) -> None:
    assert yuan(fen) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (12, "12"),
        (-12, "-12"),
        (Fraction(1, 200), "0.005"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(2, 3), "2/3"),
        (Fraction(1, 3 * 2**5), "1/96"),
    ],
)
def test_numbers_are_exact(number: Any, text: str) -> None:
    assert number_json(number) == text


@pytest.mark.parametrize(
    ("value", "field", "expected"),
    [
        (150, Field("到账额", MoneyType("USD")), "1.50"),
        (Fraction(3, 2), Field("单价", UnitPriceType("CNY", "美元")), "0.015"),
        (Fraction(1, 50), Field("比例", RateType()), "0.02"),
        (30, Field("人数", QuantityType("人")), "30"),
        (Range(0, INFINITY), Field("金额", MoneyType()), {"min": "0.00", "max": None}),
        (frozenset({"乙", "丙"}), Field("资质", MultiChoiceType("资质")), ["丙", "乙"]),
        (False, Field("是否", RateType()), False),
        (None, Field("人数", QuantityType("人")), None),
    ],
)
def test_values_of_fields(value: Any, field: Field, expected: Any) -> None:
    assert value_json(value, field) == expected
