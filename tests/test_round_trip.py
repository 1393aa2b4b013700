"""A policy written as a workbook and read again is the same policy, golden cases included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from authoring.spell_book import spell_book
from authoring.understand import Understanding, read_book
from authoring.write_book import write_book
from engine import build, simulate
from engine.cases import Case, GoldenCase, GoldenContest
from engine.expectations import kind_of
from engine.findings import Severity
from engine.fingerprint import fingerprint
from engine.model import (
    DecisionTable,
    Field,
    Policy,
    Provision,
    ProvisionKind,
    StackingGroup,
    StackingMode,
)
from engine.ranking import missing_of
from engine.types import (
    Code,
    CodeList,
    ExchangeRateType,
    MoneyType,
    QuantityType,
    RateType,
    UnitPriceType,
)
from tests.books import make_book, sections
from tests.policy_books import BOOKS
from tests.random_cases import draw_cases
from tests.random_policies import SUBJECTS, draw_policy

SPECIFICATIONS = sorted((Path(__file__).parent / "spec").glob("*.md"))
CURRENCIES = {"CNY": "元", "USD": "美元"}
PROVISION = Provision("一", "", "", "按规定给予支持。", ProvisionKind.COMPUTABLE)
POLICIES, CASES, RULES_AT_LEAST = 24, 10, 300


def again(read: Understanding) -> Understanding:
    """Write what was read, and read it."""
    assert read.policy is not None
    return read_book(write_book(spell_book(read.policy, read.golden_cases, read.golden_contests)))


def plain(cases: tuple[GoldenCase, ...]) -> list[object]:
    """What golden cases say, whatever their cells."""
    return [
        (
            golden.case.id,
            golden.case.name,
            golden.case.date,
            golden.case.subjects,
            {name: value for name, value in golden.case.facts.items() if value is not None},
            {
                each.target: (each.verdict, each.low, each.high, each.certainty, each.missing)
                for each in golden.expectations
            },
        )
        for golden in cases
    ]


def plain_contests(contests: tuple[GoldenContest, ...]) -> list[object]:
    """What golden contests say, whatever their cells."""
    return [
        (
            contest.selection,
            contest.id,
            [
                (place.case.id, place.case.date, dict(place.case.facts), place.tier)
                for place in contest.places
            ],
        )
        for contest in contests
    ]


def check_the_same(read: Understanding) -> None:
    written = again(read)
    errors = [each for each in written.findings if each.severity is Severity.ERROR]
    assert errors == []
    assert read.policy is not None
    assert written.policy is not None
    assert fingerprint(written.policy) == fingerprint(read.policy)
    assert plain(written.golden_cases) == plain(read.golden_cases)
    assert plain_contests(written.golden_contests) == plain_contests(read.golden_contests)


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.parent.name)
def test_policies(path: Path) -> None:
    check_the_same(read_book(path))


def books_of_the_specifications() -> Iterator[Understanding]:
    for path in SPECIFICATIONS:
        for section in sections(path.read_text("utf-8")):
            if section.sheets:
                read = read_book(make_book(section.sheets))
                if read.policy is not None:
                    yield read


def test_every_book_of_the_specifications() -> None:
    count = 0
    for read in books_of_the_specifications():
        check_the_same(read)
        count += 1
    assert count > 60


# --- random policies ------------------------------------------------------------------------------


def unit_of(field: Field) -> str:
    match field.type:
        case MoneyType(currency=currency):
            return CURRENCIES[currency]
        case RateType():
            return "%"
        case UnitPriceType(currency=currency, per=per):
            return f"{CURRENCIES[currency]}/{per}"
        case ExchangeRateType(source=source, target=target):
            return f"{CURRENCIES[target]}/{CURRENCIES[source]}"
        case QuantityType(unit=unit):
            return unit
        case _:
            return ""


def readable(policy: Policy) -> Policy:
    """The policy with what a workbook demands beside its meaning: units, citations, subjects."""
    subjects = CodeList("主体", tuple(map(Code, SUBJECTS)))
    tables = tuple(
        replace(
            table,
            rules=tuple(
                replace(rule, provision=PROVISION.number, quote=PROVISION.text)
                for rule in table.rules
            ),
        )
        for table in policy.tables
    )
    groups = tuple(
        replace(
            group,
            mode=StackingMode.HIGHEST
            if group.mode is StackingMode.TOP_UP and group.received_field is None
            else group.mode,
            across_beneficiaries=group.across_beneficiaries or group.received_field is not None,
        )
        for group in policy.groups
    )
    return replace(
        policy,
        groups=groups,
        provisions=(PROVISION,),
        code_lists=(*policy.code_lists, subjects),
        fields=tuple(replace(field, unit=unit_of(field)) for field in policy.fields),
        tables=tables,
    )


def without_refused_rules(policy: Policy) -> tuple[Policy, Understanding]:
    """Leave out what no drafter could have written, until a workbook is understood or all is gone.

    The understanding has no policy where a table would be left without any rule.
    """
    while True:
        sheets = spell_book(policy)
        read = read_book(write_book(sheets))
        if read.policy is not None:
            return policy, read
        refused = {
            sheets[place.cell.sheet][place.cell.row - 1][at]
            for place in (each.at for each in read.findings if each.severity is Severity.ERROR)
            if place is not None
            for at in (0, 1)
        }
        tables = tuple(_without(table, refused) for table in policy.tables)
        left = {rule.grant.measure for table in tables for rule in table.rules if rule.grant}
        groups = tuple(_among(group, left, group.name in refused) for group in policy.groups)
        if (tables, groups) == (policy.tables, policy.groups):
            assert not all(table.rules for table in tables), read.findings
            return policy, read
        measures = tuple(each for each in policy.measures if each.id in left)
        policy = replace(policy, tables=tables, measures=measures, groups=groups)


def _without(table: DecisionTable, refused: set[str]) -> DecisionTable:
    """Leave out refused rules and, where the head of the table is refused, its defaults."""
    outputs = table.outputs
    if table.name in refused:
        outputs = tuple(replace(output, default=None) for output in outputs)
    rules = tuple(rule for rule in table.rules if rule.id not in refused)
    return replace(table, rules=rules, outputs=outputs)


def _among(group: StackingGroup, left: set[str], refused: bool) -> StackingGroup:
    """A group of the measures that are left; one that the book refuses keeps only the highest."""
    order = tuple(each for each in group.order if each in left)
    return (
        StackingGroup(group.name, StackingMode.HIGHEST) if refused else replace(group, order=order)
    )


def answers(policy: Policy, cases: Iterable[Case]) -> list[object]:
    """What each case comes to, whatever the cells of the rules."""
    engine = build(policy, "python")
    return [
        [
            (
                each.measure.id,
                kind_of(each.verdict),
                getattr(each.verdict, "amount", None),
                getattr(each.verdict, "by", None),
                sorted(missing_of(each)),
            )
            for each in sorted(simulate(engine, case).measures, key=lambda each: each.measure.id)
        ]
        for case in cases
    ]


def test_random_policies() -> None:
    kept = 0
    for seed in range(POLICIES):
        policy, read = without_refused_rules(readable(draw_policy(Random(seed))))
        if read.policy is None:
            continue
        kept += sum(len(table.rules) for table in policy.tables)
        cases = draw_cases(policy, CASES, seed)
        assert answers(read.policy, cases) == answers(policy, cases), seed
        check_the_same(read)
    assert kept > RULES_AT_LEAST
