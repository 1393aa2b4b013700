"""Whatever is changed in the rules of the Wuxi policy, a golden case notices.

Every rule is deleted, every condition dropped, every code of a condition and every place in a code
list taken away, and every number moved by its smallest unit, up and down, in the workbook's cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

import pytest

from authoring.understand import understand
from authoring.workbook import Sheet, read_sheets
from engine import GoldenCase, Policy, build, simulate, unmet
from engine.expressions import OneOf, Satisfies
from engine.model import Rule
from tests.policy_books import ROOT, read
from tests.processes import processes

BOOK = ROOT / "policies" / "wuxi-2023" / "policy.xlsx"
CASES = "用例"
WITHOUT_RULES = {"说明", "条款", "指标", "代码表", "评选", "评选用例", "业务约束", CASES}
"""The numbers of 评选 are looked at by the tests of selections; the other sheets decide nothing."""
WORDS = {"编号", "支持项编号", "支持项", "条款", "原文", "备注", "依据", "次序", "成文日期"}
NUMBER = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>亿元|万元|元|%|‰)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FEN = {"元": 100, "万元": 10**6, "亿元": 10**10}
PER_MILLE = {"‰": 1, "%": 10}
WORKERS = 2

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True, slots=True)
class Mutant:
    """What was changed, the policy that came of it, and the measure whose cases are asked first."""

    name: str
    policy: Policy
    measure: str | None = None


@cache
def policy() -> Policy:
    policy = read(BOOK).policy
    assert policy is not None
    return policy


def rules() -> Iterator[tuple[int, int, Rule]]:
    """Every rule with the number of its table and of its row."""
    for number, table in enumerate(policy().tables):
        for position, rule in enumerate(table.rules):
            yield number, position, rule


def measure_of(rule: Rule) -> str | None:
    """The measure that a rule grants; None for one that derives."""
    return rule.grant.measure if rule.grant else None


def with_rules(number: int, changed: Iterable[Rule]) -> Policy:
    """The policy with other rules in one of its tables."""
    tables = list(policy().tables)
    tables[number] = replace(tables[number], rules=tuple(changed))
    return replace(policy(), tables=tuple(tables))


def with_rule(number: int, position: int, rule: Rule) -> Policy:
    """The policy with one rule exchanged."""
    changed = list(policy().tables[number].rules)
    changed[position] = rule
    return with_rules(number, changed)


def deleted_rules() -> Iterator[Mutant]:
    for number, position, rule in rules():
        table = policy().tables[number].rules
        fewer = table[:position] + table[position + 1 :]
        yield Mutant(rule.id, with_rules(number, fewer), measure_of(rule))


def dropped_conditions() -> Iterator[Mutant]:
    for number, position, rule in rules():
        for index, condition in enumerate(rule.conditions):
            fewer = rule.conditions[:index] + rule.conditions[index + 1 :]
            name = f"{rule.id} without {condition.text}"
            altered = replace(rule, conditions=fewer)
            yield Mutant(name, with_rule(number, position, altered), measure_of(rule))


def dropped_codes() -> Iterator[Mutant]:
    for number, position, rule in rules():
        for index, condition in enumerate(rule.conditions):
            match condition.expression:
                case Satisfies(test=OneOf(values=values) as test) as node if len(values) > 1:
                    for value in values:
                        fewer = replace(test, values=tuple(v for v in values if v != value))
                        changed = list(rule.conditions)
                        changed[index] = replace(condition, expression=replace(node, test=fewer))
                        altered = replace(rule, conditions=tuple(changed))
                        name = f"{rule.id} without {value}"
                        yield Mutant(name, with_rule(number, position, altered), measure_of(rule))


def orphaned_codes() -> Iterator[Mutant]:
    for number, codes in enumerate(policy().code_lists):
        for index, code in enumerate(codes.codes):
            if code.parent is not None:
                changed = list(codes.codes)
                changed[index] = replace(code, parent=None)
                lists = list(policy().code_lists)
                lists[number] = replace(codes, codes=tuple(changed))
                yield Mutant(f"{code.value} alone", replace(policy(), code_lists=tuple(lists)))


def moved_numbers() -> Iterator[Mutant]:
    """Change one number of one cell in the sheets as read, and understand them again."""
    sheets = [sheet for sheet in read_sheets(BOOK)[0] if sheet.name != CASES]
    for index, sheet in enumerate(sheets):
        for position, text, moved in moves(sheet):
            cell = sheet.cells[position]
            cells = {**sheet.cells, position: cell._replace(text=moved)}
            changed = [*sheets[:index], replace(sheet, cells=cells), *sheets[index + 1 :]]
            altered = understand(changed).policy
            assert altered is not None, f"{cell.at}: {moved}"
            yield Mutant(f"{cell.at} {text} -> {moved}", altered)


def moves(sheet: Sheet) -> Iterator[tuple[tuple[int, int], str, str]]:
    """Every cell of a sheet of rules with a number, and its text with the number moved."""
    if sheet.name in WITHOUT_RULES:
        return
    headings: dict[int, str] = {}
    for (row, column), cell in sorted(sheet.cells.items()):
        if column == 1:
            head = cell.text in {"编号", "组"}
        if head:
            headings[column] = cell.text
        elif {headings.get(column), sheet.cells[row, 1].text} & WORDS:
            continue
        else:
            for text in (*moved_figures(cell.text), *moved_days(cell.text)):
                yield (row, column), cell.text, text


def moved_figures(text: str) -> Iterator[str]:
    """The text with each amount a fen, each rate 0.1‰ more and less."""
    for found in NUMBER.finditer(text):
        number, unit = Fraction(found["number"]), found["unit"]
        for step in (1, -1):
            if unit in FEN:
                moved = f"{spelled((number * FEN[unit] + step) / 100)}元"
            else:
                moved = f"{spelled(number + Fraction(step, 10 * PER_MILLE[unit]))}{unit}"
            yield text[: found.start()] + moved + text[found.end() :]


def moved_days(text: str) -> Iterator[str]:
    """The text with each date a day later and earlier."""
    for found in DAY.finditer(text):
        for step in (1, -1):
            moved = date.fromisoformat(found[0]) + timedelta(step)
            yield text[: found.start()] + moved.isoformat() + text[found.end() :]


def spelled(number: Fraction) -> str:
    """A number with two decimals, exactly."""
    hundredths = number * 100
    assert hundredths.denominator == 1
    whole, rest = divmod(hundredths.numerator, 100)
    return f"{whole}.{rest:02}"


def unnoticed(mutant: Mutant) -> str | None:
    """The name of a change that no golden case notices."""

    def elsewhere(golden: GoldenCase) -> bool:
        return mutant.measure not in {each.target for each in golden.expectations}

    with closing(build(mutant.policy, "python")) as engine:
        for golden in sorted(goldens(), key=elsewhere):
            if unmet(golden, simulate(engine, golden.case)):
                return None
    return mutant.name


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with processes(WORKERS) as pool:
        yield pool


def goldens() -> tuple[GoldenCase, ...]:
    """The golden cases of the workbook."""
    return read(BOOK).golden_cases


def test_the_golden_cases_pass_as_they_are() -> None:
    with closing(build(policy(), "python")) as engine:
        failing = [each.case.id for each in goldens() if unmet(each, simulate(engine, each.case))]
    assert failing == []


@pytest.mark.parametrize(
    ("mutants", "least"),
    [
        pytest.param(deleted_rules, 70, id="every rule deleted"),
        pytest.param(dropped_conditions, 80, id="every condition dropped"),
        pytest.param(dropped_codes, 20, id="every listed code dropped"),
        pytest.param(orphaned_codes, 25, id="every code without its parent"),
        pytest.param(moved_numbers, 22, id="every number moved"),
    ],
)
def test_a_golden_case_notices(
    pool: ProcessPoolExecutor, mutants: Callable[[], Iterator[Mutant]], least: int
) -> None:
    made = list(mutants())
    assert len(made) >= least
    assert [each for each in pool.map(unnoticed, made, chunksize=4) if each is not None] == []
