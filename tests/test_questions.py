"""What a case is asked for follows from who is involved."""

from __future__ import annotations

from pathlib import Path

from engine.questions import fields_asked
from tests.policy_books import read

BOOK = Path(__file__).parent.parent / "policies" / "wuxi-2023" / "policy.xlsx"


def test_everybody_is_asked_for_everything_that_counts() -> None:
    policy = read(BOOK).policy
    assert policy is not None
    everything = {each.name for each in policy.fields}
    assert fields_asked(policy, policy.subjects) == everything


def test_a_measure_asks_for_what_it_rests_on_whoever_it_is_of() -> None:
    policy = read(BOOK).policy
    assert policy is not None
    asked = fields_asked(policy, {"中介机构"})
    subjects = {each.name: each.subject for each in policy.fields}
    assert {"实缴资金", "项目落地日期"} <= asked
    assert {subjects[name] for name in asked} == {"中介机构", "项目"}


def test_nobody_is_asked_for_what_belongs_to_nobody() -> None:
    policy = read(BOOK).policy
    assert policy is not None
    assert fields_asked(policy, ()) == set()
