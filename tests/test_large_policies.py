"""Long chains and large tables are worked out like short ones: no stack and no patience runs out.

No time is measured here. What once took time beyond all patience simply would not come to an end.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from graphlib import CycleError
from typing import Any

import pytest

from authoring.understand import read_book
from engine.cases import Case
from engine.dependencies import find_cycle, table_graph
from engine.expressions import (
    Arithmetic,
    Call,
    Comparator,
    Compare,
    Conditional,
    Expression,
    FieldRef,
    Function,
    Literal,
    OneOf,
    Operator,
    Satisfies,
)
from engine.inlining import MOST_STRATA
from engine.model import (
    Condition,
    DecisionTable,
    Definite,
    Field,
    Grant,
    HitPolicy,
    Measure,
    OutputClause,
    Policy,
    Rule,
    Source,
    SupportForm,
)
from engine.outcome import Conflict, Granted, Outcome, Referred, Refused, Undetermined, Verdict
from engine.repair import repairs_of
from engine.simulate import build, simulate
from engine.types import (
    ChoiceType,
    Code,
    CodeList,
    DateType,
    FieldType,
    MoneyType,
    QuantityType,
    YesNoType,
)
from engine.values import INFINITY, Rounding, Value
from tests.books import Content, complete, decision_table, make_book

MONEY, YES_NO, DAY = MoneyType(), YesNoType(), DateType()
DEEP = 1_000
LONG = 3_000
WIDE = 400

A, BASE = Field("甲", YES_NO), Field("基数", MONEY)
JUDGED = Field("认定", YES_NO, source=Source.JUDGED)


def is_yes(field: str) -> Expression:
    return Satisfies(field, OneOf((True,)))


def money(fen: int) -> Literal:
    return Literal(fen, MONEY)


def rule(name: str, when: Expression | None, *then: Expression, **more: Any) -> Rule:
    conditions = () if when is None else (Condition(when, ""),)
    return Rule(name, conditions, tuple(then), **more)


def deriving(
    field: str, rules: Sequence[Rule], kind: HitPolicy = HitPolicy.FIRST, default: Any = None
) -> DecisionTable:
    return DecisionTable(f"{field}表", kind, (), (OutputClause(field, default),), tuple(rules))


def derived(name: str, kind: FieldType = MONEY) -> Field:
    return Field(name, kind, source=Source.DERIVED)


def granting(rules: Sequence[Rule], kind: HitPolicy = HitPolicy.COLLECT) -> DecisionTable:
    return DecisionTable("措施", kind, (), (), tuple(rules))


def policy(
    fields: Sequence[Field], tables: Sequence[DecisionTable], lists: Sequence[CodeList] = ()
) -> Policy:
    """A policy with one measure for each id that its tables grant."""
    ids = dict.fromkeys(r.grant.measure for t in tables for r in t.rules if r.grant)
    return Policy(
        id="大",
        title="",
        number="",
        issuer="",
        issued=None,
        effective=date(2023, 1, 1),
        expires=None,
        interpreter="",
        default_stacking="",
        rounding=Rounding(),
        subjects=("企业",),
        provisions=(),
        fields=tuple(fields),
        code_lists=tuple(lists),
        tables=tuple(tables),
        measures=tuple(Measure(i, "", "企业", SupportForm.AWARD, "措施") for i in ids),
        groups=(),
        selections=(),
        constraints=(),
    )


def outcome_of(whole: Policy, **facts: Value) -> Outcome:
    with closing(build(whole, "python")) as engine:
        return simulate(engine, Case("例", "", date(2023, 10, 1), facts))


def verdict_of(whole: Policy, **facts: Value) -> Verdict:
    return outcome_of(whole, **facts).measures[0].verdict


# --- chains of tables -----------------------------------------------------------------------------


def chain_of_conditions(first: Field, depth: int) -> Policy:
    """Each table asks what the one before derived; the measure asks the last."""
    fields, tables, before = [first], [], first.name
    for at in range(depth):
        name = f"层{at}"
        fields.append(derived(name, YES_NO))
        then = rule(f"R{at}", is_yes(before), Literal(True, YES_NO))
        tables.append(deriving(name, [then], default=Literal(False, YES_NO)))
        before = name
    gift = rule("G", is_yes(before), grant=Grant("M", Definite(money(5))))
    return policy(fields, [*reversed(tables), granting([gift])])


@pytest.mark.parametrize(
    ("facts", "kind"), [({"甲": True}, Granted), ({"甲": False}, Refused), ({}, Undetermined)]
)
def test_a_condition_may_rest_on_a_long_chain(facts: dict[str, Value], kind: type[Verdict]) -> None:
    verdict = verdict_of(chain_of_conditions(A, DEEP), **facts)
    assert isinstance(verdict, kind)
    if isinstance(verdict, Undetermined):
        assert verdict.missing == ("甲",)


def test_a_judgement_may_stand_at_the_end_of_a_long_chain() -> None:
    verdict = verdict_of(chain_of_conditions(JUDGED, DEEP))
    assert isinstance(verdict, Referred)
    assert verdict.judgements == ("认定",)


def chain_of_amounts(depth: int) -> Policy:
    """Each table doubles what the one before derived by reading it twice."""
    fields, tables, before = [BASE], [], BASE.name
    for at in range(depth):
        name = f"额{at}"
        fields.append(derived(name))
        twice = Arithmetic(Operator.ADD, FieldRef(before), FieldRef(before))
        tables.append(deriving(name, [rule(f"R{at}", None, twice)]))
        before = name
    gift = rule("G", None, grant=Grant("M", Definite(FieldRef(before)), caps=(money(10**12),)))
    return policy(fields, [*reversed(tables), granting([gift])])


@pytest.mark.parametrize("depth", [60, DEEP])
def test_an_amount_may_rest_on_a_long_chain_that_branches(depth: int) -> None:
    known = verdict_of(chain_of_amounts(depth), 基数=1)
    assert isinstance(known, Granted)
    assert known.amount.high == min(2**depth, 10**12)
    blank = verdict_of(chain_of_amounts(depth))
    assert isinstance(blank, Undetermined)
    assert blank.missing == ("基数",)
    assert (blank.amount.low, blank.amount.high) == (0, 10**12)


def test_a_conflict_shows_through_a_long_chain() -> None:
    fields, tables, before = [A, derived("源", YES_NO)], [], "源"
    both = [rule(f"C{value}", is_yes("甲"), Literal(value, YES_NO)) for value in (True, False)]
    tables.append(deriving("源", both, HitPolicy.UNIQUE))
    for at in range(DEEP):
        name = f"层{at}"
        fields.append(derived(name, YES_NO))
        tables.append(deriving(name, [rule(f"R{at}", is_yes(before), Literal(True, YES_NO))]))
        before = name
    gift = rule("G", is_yes(before), grant=Grant("M", Definite(money(5))))
    verdict = verdict_of(policy(fields, [*tables, granting([gift])]), 甲=True)
    assert isinstance(verdict, Conflict)
    assert [each.id for each in verdict.rules] == ["CTrue", "CFalse"]


def chain_of_numbers(depth: int) -> Policy:
    """Each table adds one to what the one before derived; the measure asks for a hundred more."""
    fields, tables, before = [BASE], [], BASE.name
    for at in range(depth):
        name = f"额{at}"
        fields.append(derived(name))
        one_more = Arithmetic(Operator.ADD, FieldRef(before), money(1))
        tables.append(deriving(name, [rule(f"R{at}", None, one_more)]))
        before = name
    enough = Satisfies(before, Compare(Comparator.AT_LEAST, money(depth + 100)))
    gift = rule("G", enough, grant=Grant("M", Definite(money(5))))
    return policy(fields, [*tables, granting([gift])])


@pytest.mark.parametrize(
    ("chain", "fact", "enough"),
    [(lambda depth: chain_of_conditions(A, depth), False, True), (chain_of_numbers, 5, 100)],
    ids=["conditions", "numbers"],
)
@pytest.mark.parametrize("depth", [1, MOST_STRATA, LONG])
def test_a_repair_is_looked_for_some_tables_back(
    chain: Callable[[int], Policy], fact: Value, enough: Value, depth: int
) -> None:
    name = "甲" if isinstance(fact, bool) else "基数"
    (repair,) = repairs_of(outcome_of(chain(depth), **{name: fact})).values()
    found = None if repair is None else [(each.field, each.after) for each in repair.changes]
    assert found == ([(name, enough)] if depth <= MOST_STRATA else None)


def test_a_long_circle_of_tables_is_found() -> None:
    whole = chain_of_conditions(A, DEEP)
    names = [field.name for field in whole.fields[1:]]
    closing_it = deriving("甲", [rule("Z", is_yes(names[-1]), Literal(True, YES_NO))])
    circular = policy(whole.fields, [*whole.tables, closing_it])
    before = gc.isenabled()
    try:
        for collecting in (True, False):  # whoever holds the collector finds it as it was
            (gc.enable if collecting else gc.disable)()
            with pytest.raises(CycleError):
                build(circular, "python")
            assert gc.isenabled() is collecting
    finally:
        (gc.enable if before else gc.disable)()
    assert len(find_cycle(table_graph(circular))) == DEEP + 1


def test_a_book_with_a_long_circle_of_tables_is_told_so() -> None:
    names = [f"层{at}" for at in range(WIDE)]
    tables: list[list[Content]] = []
    for at, name in enumerate(names):
        rows = [["条件", "结论"], [names[at - 1], name], ["是", "是"]]
        settings = {"命中策略": "首个", "类别": "推导", "默认": "否"}
        tables += [*decision_table(f"表{at}", settings, rows), [None]]
    fields: list[list[Content]] = [["指标", "类型", "来源"], *([n, "是否", "推导"] for n in names)]
    book = make_book(complete({"指标": fields, "推导": tables}))
    assert [each.code for each in read_book(book).findings if each.code == "T301"] == ["T301"]


def test_a_book_with_a_long_circle_of_exceptions_is_told_so() -> None:
    rows: list[list[Content]] = [["编号", "条件", "结论", "备注"], ["编号", "甲", "乙", "例外于"]]
    rows += [[f"R{at}", "是", "是", f"R{at - 1 if at else LONG - 1}"] for at in range(LONG)]
    table = decision_table("表", {"命中策略": "任意", "类别": "推导", "默认": "否"}, rows)
    fields = [["指标", "类型", "来源"], ["甲", "是否", "填报"], ["乙", "是否", "推导"]]
    book = make_book(complete({"指标": fields, "推导": table}))
    assert "W324" in [each.code for each in read_book(book).findings]


def test_only_numbers_are_looked_at_for_what_an_amount_may_be() -> None:
    start, end = Field("始", DAY), Field("末", DAY)
    months = Call(Function.MONTHS, (FieldRef("起算日"), FieldRef("末")))
    late = Satisfies("起算日", Compare(Comparator.LESS, Literal(date(2023, 5, 1), DAY)))
    fields = [start, end, derived("起算日", DAY), derived("月", QuantityType("月")), derived("额")]
    tables = [
        deriving("起算日", [rule("R1", None, FieldRef("始"))]),
        deriving("月", [rule("R2", None, months)]),
        deriving("额", [rule("R3", None, Conditional(late, money(3), money(4)))]),
        granting([rule("G", None, grant=Grant("M", Definite(FieldRef("额"))))]),
    ]
    verdict = verdict_of(policy(fields, tables), 末=date(2023, 9, 1))
    assert isinstance(verdict, Undetermined)
    assert (verdict.missing, verdict.amount.low, verdict.amount.high) == (("始",), 3, 4)


# --- large tables ---------------------------------------------------------------------------------


def exceptions(count: int) -> list[Rule]:
    """Each rule overrides the one before it, so that every other one stands."""
    return [
        rule(f"R{at}", is_yes("甲"), money(at % 2), overrides=(f"R{at - 1}",) if at else ())
        for at in range(count)
    ]


def test_exceptions_to_exceptions_go_on_for_long() -> None:
    table = deriving("结果", exceptions(LONG), HitPolicy.ANY, money(7))
    whole = policy([A, derived("结果")], [table])
    assert outcome_of(whole, 甲=True).derived["结果"] == (LONG - 1) % 2
    assert outcome_of(whole, 甲=False).derived["结果"] == 7
    assert outcome_of(whole).derived["结果"] is None


def test_what_is_missing_shows_through_long_exceptions() -> None:
    rules = [
        rule(
            f"R{at}",
            is_yes(f"甲{at}"),
            grant=Grant("M", Definite(money(at))),
            overrides=(f"R{at - 1}",) if at else (),
        )
        for at in range(LONG)
    ]
    fields = [Field(f"甲{at}", YES_NO) for at in range(LONG)]
    verdict = verdict_of(policy(fields, [granting(rules)]))
    assert isinstance(verdict, Undetermined)
    assert set(verdict.missing) == {field.name for field in fields}


def test_exceptions_in_a_circle_are_refused() -> None:
    first, *rest = exceptions(LONG)
    circle = [rule("R0", is_yes("甲"), money(0), overrides=(rest[-1].id,)), *rest]
    assert first.id == "R0"
    with pytest.raises(CycleError):
        build(policy([A, derived("结果")], [deriving("结果", circle)]), "python")


@pytest.mark.parametrize("measures", [1, WIDE])
def test_many_unknown_rows_before_each_other(measures: int) -> None:
    rules = [
        rule(f"R{at}", is_yes(f"甲{at}"), grant=Grant(f"M{at % measures}", Definite(money(at))))
        for at in range(WIDE)
    ]
    fields = [Field(f"甲{at}", YES_NO) for at in range(WIDE)]
    found = outcome_of(policy(fields, [granting(rules, HitPolicy.FIRST)])).measures
    assert len(found) == measures
    last = found[-1].verdict
    assert isinstance(last, Undetermined)
    assert set(last.missing) == {field.name for field in fields}


def test_many_rows_that_agree() -> None:
    rules = [rule(f"R{at}", is_yes("甲"), money(7)) for at in range(LONG)]
    whole = policy([A, derived("结果")], [deriving("结果", rules, HitPolicy.ANY)])
    assert outcome_of(whole, 甲=True).derived["结果"] == 7


def test_a_code_list_may_be_deep() -> None:
    codes = tuple(Code(f"c{at}", f"c{at - 1}" if at else None) for at in range(LONG))
    industry = Field("行业", ChoiceType("行业"))
    gift = rule("G", Satisfies("行业", OneOf(("c9",))), grant=Grant("M", Definite(money(5))))
    whole = policy([industry], [granting([gift])], [CodeList("行业", codes)])
    assert isinstance(verdict_of(whole, 行业=f"c{LONG - 1}"), Granted)
    assert isinstance(verdict_of(whole, 行业="c9"), Granted)
    assert isinstance(verdict_of(whole, 行业="c8"), Undetermined)


# --- large numbers --------------------------------------------------------------------------------


def test_an_amount_of_any_size_stands_beside_the_unbounded() -> None:
    huge = 10**400
    capped = Call(Function.MIN, (FieldRef("基数"), money(huge)))
    more = Arithmetic(Operator.ADD, FieldRef("基数"), money(huge))
    gift = rule("G", None, grant=Grant("M", Definite(capped), floor=more))
    verdict = verdict_of(policy([BASE], [granting([gift])]))
    assert isinstance(verdict, Undetermined)
    assert (verdict.amount.low, verdict.amount.high) == (huge, INFINITY)


def test_totals_of_any_size_stand_beside_the_unbounded() -> None:
    huge = 10**400
    rules = [
        rule("G1", None, grant=Grant("M1", Definite(money(huge)))),
        rule("G2", None, grant=Grant("M2", Definite(FieldRef("基数")))),
    ]
    total = outcome_of(policy([BASE], [granting(rules)])).total
    assert (total.low, total.high, total.at_stake) == (huge, huge, INFINITY)
