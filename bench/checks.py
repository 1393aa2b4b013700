"""What checking a book costs, with and without an annotated copy, and checking one large table."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import openpyxl
from rich.console import Console

from authoring.commands.check import answer
from authoring.commands.copies import Wishes
from bench.books import CELLS, CHOICE, choices, generated_book, limits
from bench.generated import CODES, INDUSTRY, MONEY, YES_NO, generated_policy
from bench.timing import ROUNDS, head, least_in_turns, row
from engine.checks import check
from engine.expressions import Comparator, Compare, Literal, OneOf, Satisfies, UnaryTest, Within
from engine.model import (
    Condition,
    DecisionTable,
    Field,
    Grant,
    HitPolicy,
    Measure,
    NonMonetary,
    OutputClause,
    Policy,
    Rule,
    Source,
    SupportForm,
)
from engine.types import ChoiceType, MoneyType

RULES = 10_000
ROWS, COLUMNS, LADDERS, TIERS = 1_000, 15, 3, 10
HIT_POLICIES = (
    HitPolicy.UNIQUE,
    HitPolicy.FIRST,
    HitPolicy.ANY,
    HitPolicy.PRIORITY,
    HitPolicy.COLLECT,
)


def measure_checks(wuxi: Path) -> None:
    """Print what ``tiaoli check`` takes, beside openpyxl reading the same book and writing it."""
    head("workbook", "openpyxl reads, writes s", "check s", "ratio", "annotated s", "ratio")
    books = (
        ("wuxi-2023, 250 golden cases worked out", wuxi.read_bytes(), ROUNDS),
        (f"{CELLS:,} condition cells, other numbers", generated_book(limits), ROUNDS),
        (f"{CELLS:,} condition cells, other words", generated_book(choices, CHOICE), ROUNDS),
        (f"{RULES:,} rules of ten conditions", generated_book(limits, rules=RULES), 1),
    )
    with TemporaryDirectory() as folder:
        book, copy = Path(folder, "book.xlsx"), Path(folder, "copy.xlsx")
        for name, content, rounds in books:
            book.write_bytes(content)
            wishes = Wishes(annotate=str(copy), readings=True, force=True)
            writing, checking, annotating = least_in_turns(
                partial(_rewrite, book, copy),
                partial(_check, book, Wishes()),
                partial(_check, book, wishes),
                rounds=rounds,
            )
            ratios = checking / writing, annotating / writing
            row(name, writing, checking, ratios[0], annotating, ratios[1])


def _rewrite(book: Path, copy: Path) -> None:
    openpyxl.load_workbook(book).save(copy)


def _check(book: Path, wishes: Wishes) -> None:
    """All that the command does once Python runs, the printing included."""
    Console(file=io.StringIO()).print(answer(str(book), strict=False, wishes=wishes).view)


def measure_large_tables() -> None:
    """Print how long all checks take for one large table, by its hit policy."""
    head(f"{ROWS:,} rows × {COLUMNS} columns", "rows apart s", "rows at random s")
    for hit_policy in HIT_POLICIES:
        policies = (large_table(hit_policy, apart=apart) for apart in (True, False))
        row(hit_policy, *least_in_turns(*(partial(check, each) for each in policies), rounds=2))


def large_table(hit_policy: HitPolicy, *, apart: bool) -> Policy:
    """A policy of one table of so many rows and columns.

    A row tests a third of the columns by chance. Rows that are ``apart`` stand each on other tiers
    of the first three, so that no two of them hold together; otherwise these are by chance, too.
    """
    random = Random(15)
    types = (MONEY, YES_NO, INDUSTRY)
    fields = tuple(
        Field(f"指标{at}", MONEY if at < LADDERS else types[at % 3]) for at in range(COLUMNS)
    )
    result = Field("结果", INDUSTRY, source=Source.DERIVED)
    measures = tuple(
        Measure(f"M{at}", f"支持{at}", "企业", SupportForm.HONOUR, "大表") for at in range(TIERS)
    )
    grants = hit_policy is HitPolicy.COLLECT
    rules = []
    for number in range(ROWS):
        place = number if apart else random.randrange(ROWS)
        tests = _tests(fields, place, random)
        conditions = tuple(Condition(Satisfies(each.name, test), "") for each, test in tests)
        if grants:
            grant = Grant(random.choice(measures).id, NonMonetary())
            rules.append(Rule(f"R{number}", conditions, grant=grant))
        else:
            code = Literal(random.choice(CODES[0].codes).value, INDUSTRY)
            rules.append(Rule(f"R{number}", conditions, (code,)))
    outputs = () if grants else (OutputClause(result.name),)
    return replace(
        generated_policy(0),
        fields=fields if grants else (*fields, result),
        tables=(DecisionTable("大表", hit_policy, (), outputs, tuple(rules)),),
        measures=measures if grants else (),
    )


def _tests(
    fields: tuple[Field, ...], place: int, random: Random
) -> Iterator[tuple[Field, UnaryTest]]:
    for field in fields[:LADDERS]:
        place, tier = divmod(place, TIERS)
        yield (
            field,
            Within(
                Literal(tier * 1_000_000, MONEY),
                Literal((tier + 1) * 1_000_000, MONEY),
                True,
                False,
            ),
        )
    for field in fields[LADDERS:]:
        if random.random() < 1 / 3:
            yield field, _test(field, random)


def _test(field: Field, random: Random) -> UnaryTest:
    match field.type:
        case ChoiceType():
            return OneOf(tuple(random.sample([code.value for code in CODES[0].codes], 2)))
        case MoneyType():
            sign = random.choice((Comparator.AT_LEAST, Comparator.LESS))
            return Compare(sign, Literal(random.randint(1, 60) * 1_000_000, MONEY))
    return OneOf((random.random() < 0.5,))
