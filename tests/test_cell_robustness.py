"""The cell language under any text, and back from every tree: nothing raises, nothing is lost."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authoring.grammar import (
    AmountReading,
    Reading,
    read_allowance,
    read_amount,
    read_cap,
    read_caps,
    read_conclusion,
    read_condition,
    read_floor,
    read_number_expression,
    read_requirement,
    read_top_up,
    read_unit,
    read_uplift,
    read_value,
)
from authoring.grammar.characters import normalise
from authoring.grammar.conditions import children_of
from authoring.grammar.coverage import contradicts, covers_all
from authoring.messages import fill, words
from engine.cells import CellRef
from engine.expressions import (
    AllOf,
    AnyOf,
    Anything,
    Arithmetic,
    AtLeast,
    Bracket,
    Brackets,
    Call,
    Comparator,
    Compare,
    Comparison,
    Conditional,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
    Function,
    HasAll,
    InCodeList,
    Inverse,
    Literal,
    Not,
    OneOf,
    Operator,
    Present,
    Satisfies,
    UnaryTest,
    Within,
)
from engine.findings import has_errors
from engine.model import (
    Benefit,
    ByRegulation,
    Ceiling,
    Definite,
    Discretionary,
    Field,
    NonMonetary,
    Spread,
)
from engine.phrase import (
    phrase_amount,
    phrase_expression,
    phrase_money,
    phrase_test,
    phrase_value,
)
from engine.types import (
    ChoiceType,
    DateType,
    FieldType,
    MoneyType,
    MultiChoiceType,
    QuantityType,
    RateType,
    TextType,
    UnitPriceType,
    YesNoType,
)
from engine.values import INFINITY, Range, Value
from tests.test_cell_language import VOCABULARY

CELL = CellRef("奖励", 7, 4)
FIELDS = VOCABULARY.fields
ANY_FIELD = st.sampled_from(sorted(FIELDS))

# --- any text -------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    sorted(VOCABULARY.lexicon.words)
    + sorted(FIELDS)
    + [code.value for each in VOCABULARY.code_lists.values() for code in each.codes]
    + list(
        "()[]（）【】,，、；;.。—-～~+*/×÷=<>≥≤≠《》%‰\"“”'「」 　0123456789５元万亿人年月日的①½²😀"
    )
    + ["500", "万元", "美元", "2023-09-28", "1,000", "..", "(含", "（不含本数）", "分段(", "max("]
    + ["补足至", "(已享受", "已获得", "每年", "累计", "再增加", "上浮", "(封顶后)", "封顶前"]
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=25).map("".join),
    st.lists(PIECES, max_size=12).map(" ".join),
)


def check(reading: Reading[object], text: str) -> None:
    """A result or an error, each error in words and inside the text."""
    result, findings = reading
    assert (result is None) is has_errors(findings)
    for finding in findings:
        said = words(finding.code)
        assert fill(said.message, finding.params)
        assert fill(said.help, finding.params)
        assert finding.at is not None
        assert finding.at.end is not None
        assert 0 <= finding.at.start <= finding.at.end <= len(text)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(TEXTS, ANY_FIELD)
def test_no_text_raises(text: str, name: str) -> None:
    field = FIELDS[name]
    check(read_condition(text, field, "", VOCABULARY, CELL), text)
    check(read_requirement(text, VOCABULARY, CELL), text)
    check(read_conclusion(text, field, "", VOCABULARY, CELL), text)
    check(read_amount(text, "万元", VOCABULARY, CELL), text)
    check(read_cap(text, "", VOCABULARY, CELL), text)
    check(read_floor(text, "", VOCABULARY, CELL), text)
    check(read_caps(text, "", VOCABULARY, CELL), text)
    check(read_allowance(text, "", VOCABULARY, CELL), text)
    check(read_top_up(text, "", VOCABULARY, CELL), text)
    check(read_uplift(text, VOCABULARY, CELL), text)
    check(read_value(text, field, "", VOCABULARY, CELL), text)
    check(read_number_expression(text, VOCABULARY, CELL), text)
    read_unit(text)


@settings(max_examples=300, deadline=None)
@given(TEXTS, ANY_FIELD)
def test_what_is_understood_can_be_said_and_read_again(text: str, name: str) -> None:
    field = FIELDS[name]
    test, _ = read_condition(text, field, "", VOCABULARY, CELL)
    if test is not None:
        said = phrase_test(test, field, FIELDS)
        assert read_condition(said, field, "", VOCABULARY, CELL) == (test, ())
    requirement, _ = read_requirement(text, VOCABULARY, CELL)
    if requirement is not None:
        said = phrase_expression(requirement, FIELDS)
        assert read_requirement(said, VOCABULARY, CELL) == (requirement, ())
    amount, _ = read_amount(text, "", VOCABULARY, CELL)
    if amount is not None:
        said = phrase_amount(amount.benefit, amount.floor, amount.caps, FIELDS)
        assert read_amount(said, "", VOCABULARY, CELL) == (amount, ())


HOSTILE = [
    "（" * 1_000 + "500",
    "(" * 60 + "500" + ")" * 60,
    "非" * 1_900 + "链主企业",
    "非 " * 900 + "链主企业",
    "除" * 900 + "500" + "外" * 900,
    "如果 " * 400,
    "如果 链主企业 则 1万元 否则 " * 90 + "1万元",
    "-" * 1_900 + "5",
    "+".join(["上年营收"] * 300),
    " 且 ".join(["链主企业"] * 280),
    "、".join(["500万元"] * 300),
    "以上以" * 600,
    "不" * 1_999,
    "9" * 1_999,
    "9." * 900,
    "1," * 900,
    "[" * 49 + "1" + ",2]" * 49,
    "max(" * 49 + "上年营收" + "; 上年营收)" * 49,
    "\ud800",
    "\x00",
    "é" * 500,
    "ﷺ" * 300,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: f"{text[:12]!a}×{len(text)}")
def test_hostile_text_becomes_findings(text: str) -> None:
    field = FIELDS["投资额"]
    check(read_condition(text, field, "", VOCABULARY, CELL), text)
    check(read_requirement(text, VOCABULARY, CELL), text)
    check(read_amount(text, "", VOCABULARY, CELL), text)
    check(read_value(text, field, "", VOCABULARY, CELL), text)
    check(read_value(text, FIELDS["企业资质"], "", VOCABULARY, CELL), text)


def test_a_text_beyond_all_measure_is_refused() -> None:
    for text in ("5" * 2_001, "集成电路、" * 1_000_000):
        for _, findings in (
            read_condition(text, FIELDS["行业"], "", VOCABULARY, CELL),
            read_value(text, FIELDS["企业名称"], "", VOCABULARY, CELL),
        ):
            assert [finding.code for finding in findings] == ["C123"]


def test_without_a_cell_the_span_is_told() -> None:
    _, (finding,) = read_value("大于三亿元", FIELDS["投资额"], "", VOCABULARY, None)
    assert finding.at is None
    assert (finding.params["start"], finding.params["end"]) == (2, 5)


@given(st.text(max_size=30))
def test_spans_lead_back_to_the_text_as_typed(text: str) -> None:
    source = normalise(text)
    spans = [source.span(at, at + 1) for at in range(len(source.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)


# --- there and back -------------------------------------------------------------------------------

MONEY = MoneyType()
FEN = st.one_of(st.integers(0, 10**15), st.integers(0, 10**9).map(lambda yuan: yuan * 1_000_000))
RATES = st.integers(0, 2_000).map(lambda each: as_plain(Fraction(each, 1_000)))
DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))
ORDERING = st.sampled_from(
    [Comparator.LESS, Comparator.AT_MOST, Comparator.GREATER, Comparator.AT_LEAST]
)


def as_plain(number: Fraction) -> int | Fraction:
    """Whole fractions are ints, as the reader makes them."""
    return number.numerator if number.denominator == 1 else number


@cache
def values_of(type_: FieldType) -> st.SearchStrategy[Value]:
    """Literal values of a type."""
    match type_:
        case MoneyType() | UnitPriceType():
            return FEN
        case RateType():
            return RATES
        case QuantityType():
            return st.integers(0, 10**6)
        case DateType():
            return DAYS
        case YesNoType():
            return st.booleans()
        case ChoiceType(code_list=name) | MultiChoiceType(code_list=name):
            return st.sampled_from([code.value for code in VOCABULARY.code_lists[name].codes])
        case TextType():
            return st.text("甲乙丙丁公司ABC12（）、 —", min_size=1, max_size=8).map(plain_text)
    return st.nothing()


def plain_text(text: str) -> str:
    """A text as the reader knows texts: normalised and trimmed."""
    return normalise(text).text.strip() or "甲"


@cache
def sums(type_: FieldType) -> st.SearchStrategy[Expression]:
    """Expressions of a numeric type: fields, literals, arithmetic, functions, choices."""
    names = [name for name, field in FIELDS.items() if field.type == type_]
    leaves: list[st.SearchStrategy[Expression]] = [
        st.sampled_from(names).map(FieldRef),
        values_of(type_).map(lambda value: Literal(value, type_)),
    ]

    def larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        rate = RATES.map(lambda value: Literal(value, RateType()))
        pure = st.integers(1, 99).map(lambda value: Literal(value, QuantityType()))
        fields = st.sampled_from(names).map(FieldRef)
        return st.one_of(
            st.builds(Arithmetic, st.just(Operator.ADD), inner, inner),
            # A literal less a literal reads as a range.
            st.builds(Arithmetic, st.just(Operator.SUBTRACT), fields, inner),
            st.builds(Arithmetic, st.just(Operator.MULTIPLY), inner, st.one_of(rate, pure)),
            st.builds(Arithmetic, st.just(Operator.DIVIDE), inner, pure),
            st.builds(
                Call,
                st.sampled_from([Function.MAX, Function.MIN]),
                st.lists(inner, min_size=2, max_size=3).map(tuple),
            ),
            st.builds(Conditional, conditions(1), inner, inner),
        )

    return st.recursive(st.one_of(leaves), larger, max_leaves=5)


def bounds(field: Field) -> st.SearchStrategy[Expression]:
    """What a field may be compared with."""
    return values_of(field.type).map(lambda value: Literal(value, field.type))


def negated(test: st.SearchStrategy[UnaryTest]) -> st.SearchStrategy[UnaryTest]:
    return test.map(Not)


@cache
def unary_tests(field: Field) -> st.SearchStrategy[UnaryTest]:
    """Unary tests of a field, as the reader makes them."""
    values = values_of(field.type)
    one_of: st.SearchStrategy[UnaryTest] = st.lists(
        values, min_size=1, max_size=1 if isinstance(field.type, YesNoType) else 3, unique=True
    ).map(lambda each: OneOf(tuple(each)))
    options = [one_of, negated(one_of), st.sampled_from([Present(), Present(absent=True)])]
    if isinstance(field.type, MoneyType | RateType | QuantityType | DateType | UnitPriceType):
        options.append(st.builds(Compare, ORDERING, bounds(field)))
        options.append(
            st.builds(Within, bounds(field), bounds(field), st.booleans(), st.booleans())
        )
    if isinstance(field.type, MultiChoiceType):
        options.append(
            st.lists(values, min_size=1, max_size=3, unique=True).map(
                lambda each: HasAll(tuple(each))
            )
        )
    if isinstance(field.type, ChoiceType | MultiChoiceType):
        options.append(st.sampled_from(sorted(VOCABULARY.code_lists)).map(InCodeList))
    simple = st.one_of(options)

    def together(inner: st.SearchStrategy[UnaryTest]) -> st.SearchStrategy[UnaryTest]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(several.map(joined_or), several.map(joined_and), inner.map(Not))

    return st.recursive(simple, together, max_leaves=4)


def joined_or(parts: tuple[UnaryTest, ...]) -> UnaryTest:
    """Join by 或 as the reader does: flat, neighbouring values merged."""
    merged: list[UnaryTest] = []
    for part in parts:
        for each in part.tests if isinstance(part, AnyOf) else (part,):
            if merged and isinstance(each, OneOf) and isinstance(merged[-1], OneOf):
                merged[-1] = OneOf(tuple(dict.fromkeys((*merged[-1].values, *each.values))))
            else:
                merged.append(each)
    return merged[0] if len(merged) == 1 else AnyOf(tuple(merged))


def joined_and(parts: tuple[UnaryTest, ...]) -> UnaryTest:
    """Join by 且 as the reader does: flat."""
    flat = (each for part in parts for each in (part.tests if isinstance(part, AllOf) else (part,)))
    return AllOf(tuple(flat))


def sensible(test: UnaryTest, field: Field) -> bool:
    """Whether the reader would accept a test: not empty, not always true."""
    multiple, yes_no = isinstance(field.type, MultiChoiceType), isinstance(field.type, YesNoType)
    match test:
        case Within():
            return not contradicts((test,), {})
        case Not(test=inner):
            return sensible(inner, field)
        case AnyOf(tests=inner):
            some = all(sensible(each, field) for each in inner)
            return some and not covers_all(inner, multiple, yes_no)
        case AllOf(tests=inner):
            every = all(sensible(each, field) for each in inner)
            children = children_of(field.type, VOCABULARY)
            return every and (multiple or not contradicts(inner, children))
        case OneOf(values=values):
            return not (yes_no and len(values) > 1)
    return True


FIELD_AND_TEST = st.one_of(
    [
        st.tuples(st.just(FIELDS[name]), unary_tests(FIELDS[name]))
        for name in FIELDS
        if name not in ("重大项目", "汇率")
    ]
).filter(lambda each: sensible(each[1], each[0]))


def satisfied(each: tuple[Field, UnaryTest]) -> Expression:
    """A field put to a test, in the form in which the reader gives 是否."""
    return Satisfies(each[0].name, each[1])


@cache
def conditions(leaves: int = 4) -> st.SearchStrategy[Expression]:
    """Conditions over any fields."""
    two = st.permutations([FieldRef("投资额"), FieldRef("总投资")])
    atoms = st.one_of(
        FIELD_AND_TEST.map(satisfied),
        st.builds(lambda sign, ends: Comparison(sign, *ends), st.sampled_from(Comparator), two),
    )

    def together(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(
            several.map(all_together),
            several.map(one_of_them),
            inner.map(Inverse),
            several.map(lambda each: AtLeast(len(each) - 1, each)),
            st.builds(Conditional, inner, inner, inner),
        )

    return st.recursive(atoms, together, max_leaves=leaves)


def all_together(parts: tuple[Expression, ...]) -> Expression:
    flat = (
        each
        for part in parts
        for each in (part.operands if isinstance(part, Conjunction) else (part,))
    )
    return Conjunction(tuple(flat))


def makes_sense(condition: Expression) -> bool:
    """Whether the reader would accept a condition: no field's tests pass all or nothing."""
    match condition:
        case Conjunction(operands=operands) | Disjunction(operands=operands):
            tests: dict[str, list[UnaryTest]] = {}
            for operand in operands:
                if isinstance(operand, Satisfies):
                    tests.setdefault(operand.field, []).append(operand.test)
            join = AllOf if isinstance(condition, Conjunction) else AnyOf
            joint = ((FIELDS[name], join(tuple(each))) for name, each in tests.items())
            return all(map(makes_sense, operands)) and all(
                len(test.tests) < 2 or not senseless_together(test, field) for field, test in joint
            )
        case AtLeast(conditions=parts):
            return all(map(makes_sense, parts))
        case Inverse(operand=operand):
            return makes_sense(operand)
        case Conditional(condition=first, then=then, otherwise=otherwise):
            # A bare yes-or-no field as a branch reads back as its value, not as a test of it.
            bare = OneOf((True,))
            branches = (then, otherwise)
            if any(isinstance(each, Satisfies) and each.test == bare for each in branches):
                return False
            return all(map(makes_sense, (first, then, otherwise)))
    return True


def senseless_together(test: AllOf | AnyOf, field: Field) -> bool:
    """Whether the tests of a field pass everything or nothing."""
    if isinstance(field.type, MultiChoiceType):
        return False
    if isinstance(test, AnyOf):
        return covers_all(test.tests, False, isinstance(field.type, YesNoType))
    return contradicts(test.tests, children_of(field.type, VOCABULARY))


def one_of_them(parts: tuple[Expression, ...]) -> Expression:
    """Join by 或 as the reader does: flat, neighbouring values of one field merged."""
    merged: list[Expression] = []
    for part in parts:
        for each in part.operands if isinstance(part, Disjunction) else (part,):
            match merged[-1] if merged else None, each:
                case (
                    Satisfies(field=field, test=OneOf(values=values)),
                    Satisfies(field=same, test=OneOf(values=more)),
                ) if field == same and not isinstance(FIELDS[field].type, YesNoType):
                    every = tuple(dict.fromkeys((*values, *more)))
                    merged[-1] = Satisfies(field, OneOf(every))
                case _:
                    merged.append(each)
    return merged[0] if len(merged) == 1 else Disjunction(tuple(merged))


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(FIELD_AND_TEST)
def test_every_test_reads_back(each: tuple[Field, UnaryTest]) -> None:
    field, test = each
    said = phrase_test(test, field, FIELDS)
    assert read_condition(said, field, "", VOCABULARY, CELL) == (test, ())


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(conditions().filter(makes_sense))
def test_every_condition_reads_back(condition: Expression) -> None:
    said = phrase_expression(condition, FIELDS)
    assert read_requirement(said, VOCABULARY, CELL) == (condition, ())


MONEY_SUMS = sums(MONEY)
BRACKETS = st.builds(
    lambda base, steps, rates: Brackets(base, in_steps(steps, rates)),
    st.sampled_from(["投资额", "总投资"]).map(FieldRef),
    st.lists(st.integers(1, 10**6).map(lambda each: each * 10_000), max_size=3, unique=True),
    st.lists(RATES, min_size=4, max_size=4),
)


def in_steps(ends: list[int], rates: list[int | Fraction]) -> tuple[Bracket, ...]:
    """Brackets from zero upwards, the last without an end."""
    lows: list[int] = [0, *sorted(ends)]
    highs: list[int | None] = [*sorted(ends), None]
    return tuple(
        Bracket(low, high, rate) for low, high, rate in zip(lows, highs, rates, strict=False)
    )


def _is_limit(node: Expression) -> bool:
    return not isinstance(node, Literal) or cast(int, node.value) > 0


LIMITS = MONEY_SUMS.filter(_is_limit)
"""No limit is written as nothing or less (C146)."""
BENEFITS: st.SearchStrategy[Benefit] = st.one_of(
    st.builds(Definite, st.one_of(MONEY_SUMS, BRACKETS)),
    st.builds(Ceiling, LIMITS),
    st.builds(Discretionary, LIMITS),
    st.just(Discretionary()),
    st.just(ByRegulation()),
    st.builds(
        lambda ends: Spread(Literal(min(ends), MONEY), Literal(max(ends), MONEY)),
        st.tuples(FEN, FEN),
    ),
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(BENEFITS, st.none() | MONEY_SUMS, st.lists(LIMITS, max_size=2).map(tuple))
def test_every_amount_reads_back(
    benefit: Benefit, floor: Expression | None, caps: tuple[Expression, ...]
) -> None:
    if isinstance(benefit, Discretionary) and benefit.ceiling is None:
        caps = ()
    said = phrase_amount(benefit, floor, caps, FIELDS)
    expected = AmountReading(benefit, floor, caps)
    assert read_amount(said, "", VOCABULARY, CELL) == (expected, ())


def test_no_money_reads_back() -> None:
    assert read_amount("无", "", VOCABULARY, CELL) == (AmountReading(NonMonetary()), ())
    assert phrase_amount(NonMonetary(), None, (), FIELDS) == "无"


@settings(max_examples=200, deadline=None)
@given(st.one_of([st.tuples(st.just(each), values_of(each.type)) for each in FIELDS.values()]))
def test_every_fact_reads_back(each: tuple[Field, Value]) -> None:
    field, value = each
    said = phrase_value(value, field.type)
    expected = frozenset({value}) if isinstance(field.type, MultiChoiceType) else value
    assert read_value(said, field, "", VOCABULARY, CELL) == (expected, ())


@settings(deadline=None)
@given(st.integers(-(10**18), 10**18), st.sampled_from([None, "元", "万元", "亿元"]))
def test_money_is_written_exactly(fen: int, unit: str | None) -> None:
    said = phrase_money(fen, "CNY", unit)
    assert read_value(said, FIELDS["投资额"], "", VOCABULARY, CELL) == (fen, ())


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "0元"),
        (1, "0.01元"),
        (999_999, "9999.99元"),
        (1_000_000, "1万元"),
        (1_234_500, "12,345元"),
        (200_000_000, "200万元"),
        (123_456_789_00, "123,456,789元"),
        (36_500_000_000, "36,500万元"),
        (-200_000_000, "-200万元"),
        (INFINITY, "不封顶"),
        (Fraction(1, 3), "1/300元"),
    ],
)
def test_the_unit_of_money_is_chosen(fen: int, said: str) -> None:
    assert phrase_money(fen) == said


def test_a_range_is_written_with_its_ends() -> None:
    assert phrase_value(Range(100, 200), MONEY) == "1元至2元"
    assert phrase_value(Range(100, INFINITY), MONEY) == "≥ 1元"
    assert phrase_value(Range(3, 4), QuantityType("个")) == "3个至4个"


def test_anything_reads_back() -> None:
    field = FIELDS["行业"]
    said = phrase_test(Anything(), field, FIELDS)
    assert read_condition(said, field, "", VOCABULARY, CELL) == (Anything(), ())
