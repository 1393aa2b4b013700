"""Put model nodes into Chinese: canonical texts that read back to an equal tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import assert_never

from engine import notation
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
    Negate,
    Not,
    OneOf,
    Operator,
    Present,
    Satisfies,
    UnaryTest,
    Within,
)
from engine.model import (
    Benefit,
    ByRegulation,
    Ceiling,
    Definite,
    Discretionary,
    Field,
    NonMonetary,
    Spread,
    TopUp,
)
from engine.types import (
    ChoiceType,
    DateType,
    ExchangeRateType,
    FieldType,
    MoneyType,
    MultiChoiceType,
    QuantityType,
    RateType,
    TextType,
    UnitPriceType,
    YesNoType,
)
from engine.values import FEN_PER_YUAN, INFINITY, Bound, Number, Range, Value

_SIGNS = {
    Operator.ADD: notation.PLUS,
    Operator.SUBTRACT: notation.MINUS,
    Operator.MULTIPLY: notation.TIMES,
    Operator.DIVIDE: notation.OVER,
}
_COUNTED = {"月": "个月"}
_NUMBER_LIKE = re.compile(r"[0-9.,%‰-]+\w?")
_SMALLEST_IN_WAN = 10**4 * FEN_PER_YUAN


# --- values ---------------------------------------------------------------------------------------


def phrase_value(value: Value, type_: FieldType, unit: str = "") -> str:
    """Write a value in the spelling of its type; ``unit`` asks for a money unit such as 万元."""
    if isinstance(value, Range):
        return _phrase_range(value, type_, unit)
    match type_:
        case MoneyType(currency=currency):
            return phrase_money(_number(value), currency, unit or None)
        case RateType():
            return _phrase_rate(_number(value))
        case UnitPriceType(currency=currency, per=per):
            return f"{phrase_money(_number(value), currency)}/{per}"
        case ExchangeRateType(source=source, target=target):
            names = notation.CURRENCY_NAMES
            above, below = names.get(target, target), names.get(source, source)
            return f"{_decimal(_number(value))}{above}/{below}"
        case QuantityType(unit=word):
            return f"{_decimal(_number(value))}{_COUNTED.get(word, word)}"
        case DateType():
            assert isinstance(value, date)
            return f"{value.year:04}年{value.month}月{value.day}日"
        case YesNoType():
            return notation.YES_WORD if value else notation.NO_WORD
        case ChoiceType() | MultiChoiceType():
            if isinstance(value, frozenset):
                return "、".join(sorted(value)) or notation.NOTHING
            return str(value)
        case TextType():
            return str(value)
        case _:
            assert_never(type_)


def phrase_money(fen: Bound, currency: str = "CNY", unit: str | None = None) -> str:
    """Write an exact amount: ``200万元``; ``unit`` asks for another unit (元, 万元, 亿元).

    Without a unit it is 万元 where two decimals of it are exact, else 元. ∞ is 不封顶.
    """
    if isinstance(fen, float):
        return notation.NO_CAP if fen > 0 else f"-{notation.NO_CAP}"
    word = notation.CURRENCY_NAMES.get(currency, currency)
    scales = {
        multiplier + word: scale * FEN_PER_YUAN
        for multiplier, scale in notation.MULTIPLIERS.items()
    }
    wan = "万" + word
    if unit in scales:
        chosen = str(unit)
    else:
        large = fen >= _SMALLEST_IN_WAN or fen <= -_SMALLEST_IN_WAN
        chosen = wan if large and fen % (_SMALLEST_IN_WAN // 100) == 0 else word
    return f"{_decimal(Fraction(fen) / scales[chosen])}{chosen}"


def shared_unit(*amounts: Bound) -> str | None:
    """The unit for amounts in yuan that are read together; None where none of them has one.

    It is 万元 where one is so large and two decimals of it are exact for all, else 元.
    """
    counted = [each for each in amounts if not isinstance(each, float) and each]
    if not counted:
        return None
    large = any(each >= _SMALLEST_IN_WAN or each <= -_SMALLEST_IN_WAN for each in counted)
    in_wan = large and all(each % (_SMALLEST_IN_WAN // 100) == 0 for each in counted)
    return "万" * in_wan + notation.CURRENCY_NAMES["CNY"]


def phrase_beside(amount: Bound, *others: Bound) -> str:
    """Write an amount in the unit of those beside which it is read, where it is exact in that.

    Nothing is 0元 beside whatever it stands.
    """
    if not amount:
        return phrase_money(amount)
    unit = shared_unit(*others)
    return phrase_money(amount, unit=unit if shared_unit(amount, *others) == unit else None)


def _phrase_range(value: Range, type_: FieldType, unit: str) -> str:
    """Write what a number may still be: from … to …."""
    low, high = value.low, value.high
    if isinstance(low, float):
        return f"≤ {phrase_value(_finite(high), type_, unit)}"
    if high == INFINITY:
        return f"≥ {phrase_value(low, type_, unit)}"
    ends = (phrase_value(_finite(end), type_, unit) for end in (low, high))
    return notation.TO.join(ends)


def _finite(bound: Bound) -> Number:
    assert not isinstance(bound, float)
    return bound


def _number(value: Value) -> Number:
    assert isinstance(value, int | Fraction)
    return value


def _phrase_rate(rate: Number) -> str:
    """Write percents, but 5‰ for what is less than 1% and whole per mille."""
    percent, per_mille = Fraction(rate) * 100, Fraction(rate) * 1000
    if 0 < abs(percent) < 1 and per_mille.denominator == 1:
        return f"{_decimal(per_mille)}‰"
    return f"{_decimal(percent)}%"


def phrase_points(difference: Number) -> str:
    """Write a difference of two rates as a number of percentage points."""
    return _decimal(Fraction(difference) * 100)


def _decimal(number: Number) -> str:
    """Write a number exactly, with separators from 10,000 on; as a fraction if it never ends."""
    sign = "-" if number < 0 else ""
    whole, rest = divmod(abs(number.numerator), number.denominator)
    text = f"{whole:,}" if whole >= 10_000 else str(whole)
    if not rest:
        return sign + text
    places = _places(number.denominator)
    if places is None:
        return f"{sign}{abs(number.numerator)}/{number.denominator}"
    digits = str(rest * 10**places // number.denominator).rjust(places, "0")
    return f"{sign}{text}.{digits}"


def _places(denominator: int) -> int | None:
    """How many decimals a fraction in lowest terms needs; None when it never ends."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None


def _spell(value: Value, type_: FieldType) -> str:
    """Write a value as it stands in a condition or an expression: texts in quotes."""
    match type_, value:
        case ChoiceType() | MultiChoiceType(), frozenset() as codes if codes:
            return "、".join(map(_word, sorted(codes)))
        case ChoiceType() | MultiChoiceType(), str():
            return _word(value)
        case TextType(), str() if '"' not in value:
            return f"“{value}”"
    return phrase_value(value, type_)


def _word(word: str) -> str:
    """Write a code; in quotes where it could be taken for something else."""
    return f"“{word}”" if word in _SYNTAX or _NUMBER_LIKE.fullmatch(word) else word


_SYNTAX = frozenset(
    {
        *notation.ANYTHING_WORDS,
        *notation.COMPARISON_WORDS,
        *notation.SUFFIX_WORDS,
        *notation.FUNCTION_WORDS,
        *notation.CAP_WORDS,
        *notation.FLOOR_WORDS,
        *notation.BY_REGULATION_WORDS,
        notation.NOTHING,
        notation.NO_CAP,
        notation.DISCRETIONARY,
        notation.YES_WORD,
        notation.NO_WORD,
        notation.ABSENT,
        notation.PRESENT,
    }
)


# --- unary tests ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Style:
    """How values are spelt, and what names a field has."""

    fields: Mapping[str, Field]
    value: Callable[[Value, FieldType], str]


def phrase_test(test: UnaryTest, field: Field, fields: Mapping[str, Field]) -> str:
    """Write a unary test as it would stand in a condition cell of the field's column."""
    return _test(test, field.type, _Style(fields, _spell))


def echo_test(test: UnaryTest, field: Field, fields: Mapping[str, Field]) -> str:
    """Say how a condition was understood: ``≥ 5,000,000 元（含）``."""
    style = _Style(fields, _echo_value)
    match test:
        case Anything():
            return notation.ANYTHING_WORD
        case Compare(comparator=comparator):
            mark = _ECHO_MARKS.get(comparator, "")
            return _test(test, field.type, style) + mark
        case Within(low=low, high=high, low_closed=low_closed, high_closed=high_closed) if (
            not _is_deadline(test)
        ):
            first, last = _operand(low, style), _operand(high, style)
            return f"{first}{_mark(low_closed)}{notation.TO} {last}{_mark(high_closed)}"
    return _test(test, field.type, style)


_ECHO_MARKS = {
    Comparator.AT_LEAST: "（含）",
    Comparator.AT_MOST: "（含）",
    Comparator.GREATER: "（不含）",
    Comparator.LESS: "（不含）",
}


def _mark(closed: bool) -> str:
    return f"（{notation.INCLUDED if closed else notation.EXCLUDED}）"


def _echo_value(value: Value, type_: FieldType) -> str:
    """Spell money out in whole yuan, so that a slip of the unit shows."""
    if isinstance(type_, MoneyType) and isinstance(value, int | Fraction):
        word = notation.CURRENCY_NAMES.get(type_.currency, type_.currency)
        parts = value.denominator * FEN_PER_YUAN
        whole, rest = divmod(abs(value.numerator), parts)
        decimals = _decimal(Fraction(rest, parts))[1:] if rest else ""
        return f"{'-' if value < 0 else ''}{whole:,}{decimals} {word}"
    return _spell(value, type_)


def _test(test: UnaryTest, type_: FieldType, style: _Style) -> str:
    match test:
        case Anything():
            return notation.ANYTHING
        case OneOf(values=values):
            return _values(values, type_, style)
        case HasAll(values=values):
            return f"{notation.ALL_AMONG} {_values(values, type_, style)}"
        case InCodeList(code_list=name):
            return f"{notation.AMONG} {name}"
        case Compare(comparator=comparator, bound=bound):
            return f"{notation.SIGNS[comparator]} {_operand(bound, style)}"
        case Within():
            return _within(test, style)
        case AnyOf(tests=tests):
            return f" {notation.OR} ".join(_grouped(each, type_, style, AnyOf) for each in tests)
        case AllOf(tests=tests):
            return f" {notation.AND} ".join(
                _grouped(each, type_, style, AnyOf, AllOf, OneOf) for each in tests
            )
        case Not(test=inner):
            return f"{notation.NOT}（{_test(inner, type_, style)}）"
        case Present(absent=absent):
            return notation.ABSENT if absent else notation.PRESENT
        case _:
            assert_never(test)


def _values(values: Iterable[Value], type_: FieldType, style: _Style) -> str:
    return "、".join(style.value(value, type_) for value in values)


def _grouped(
    test: UnaryTest, type_: FieldType, style: _Style, *kinds: type[AnyOf | AllOf | OneOf]
) -> str:
    """Write a part of a larger test, in brackets where it would fall apart."""
    text = _test(test, type_, style)
    loose = isinstance(test, OneOf) and len(test.values) == 1
    return f"（{text}）" if isinstance(test, kinds) and not loose else text


def _is_deadline(test: Within) -> bool:
    """Whether an interval begins on a day and ends so long after it: 认定日期起12个月内."""
    match test.high:
        case Call(
            function=Function.MONTHS_LATER | Function.DAYS_LATER,
            arguments=(FieldRef() | Literal() as start, Literal()),
        ):
            return start == test.low
    return False


def _within(test: Within, style: _Style) -> str:
    if _is_deadline(test):
        assert isinstance(test.high, Call)
        start, count = (_expression(each, style) for each in test.high.arguments)
        begun = notation.SINCE if test.low_closed else f"{_mark(False)}{notation.SINCE}"
        inside = notation.INSIDE if test.high_closed else f"{notation.INSIDE}{_mark(False)}"
        return f"{start}{begun}{count}{inside}"
    low, high = _operand(test.low, style), _operand(test.high, style)
    if test.low_closed and test.high_closed:
        return f"{low} {notation.TO} {high}"
    return f"{low}{_mark(test.low_closed)}{notation.TO} {high}{_mark(test.high_closed)}"


# --- expressions ----------------------------------------------------------------------------------


def phrase_expression(expression: Expression, fields: Mapping[str, Field]) -> str:
    """Write an expression as it would stand in a cell."""
    return _expression(expression, _Style(fields, _spell))


def _expression(node: Expression, style: _Style) -> str:
    match node:
        case Literal(value=value, type=type_):
            return style.value(value, type_)
        case FieldRef(field=field):
            return field
        case Arithmetic():
            return _arithmetic(node, style)
        case Negate(operand=operand):
            return f"-{_factor(operand, style)}"
        case Call(function=function, arguments=arguments):
            return f"{notation.FUNCTION_NAMES[function]}({_arguments(arguments, style)})"
        case Brackets():
            return _brackets(node, style)
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            parts = (_expression(part, style) for part in (condition, then, otherwise))
            words = (notation.IF, notation.THEN, notation.ELSE)
            return " ".join(f"{word} {part}" for word, part in zip(words, parts, strict=True))
        case Satisfies(field=field, test=test):
            return _satisfies(field, test, style)
        case Comparison(comparator=comparator, left=left, right=right):
            sign = notation.SIGNS[comparator]
            return f"{_operand(left, style)} {sign} {_operand(right, style)}"
        case Conjunction(operands=operands):
            return f" {notation.AND} ".join(
                _clause(each, style, Conjunction, Disjunction) for each in operands
            )
        case Disjunction(operands=operands):
            return f" {notation.OR} ".join(
                _clause(each, style, Disjunction, Conjunction) for each in operands
            )
        case Inverse(operand=Satisfies(field=field, test=OneOf(values=(True,)))):
            return f"{notation.NOT} {field}"
        case Inverse(operand=operand):
            return f"{notation.NOT} ({_expression(operand, style)})"
        case AtLeast(count=count, conditions=conditions):
            return f"{notation.AT_LEAST}({count}; {_arguments(conditions, style)})"
        case _:
            assert_never(node)


def _arguments(arguments: Iterable[Expression], style: _Style) -> str:
    return "; ".join(_expression(argument, style) for argument in arguments)


def _operand(node: Expression, style: _Style) -> str:
    """Write one side of a comparison: arithmetic as it is, conditions in brackets."""
    text = _expression(node, style)
    loose = (Conditional, Satisfies, Comparison, Conjunction, Disjunction, Inverse)
    return f"({text})" if isinstance(node, loose) else text


def _clause(node: Expression, style: _Style, *loose: type[Conjunction | Disjunction]) -> str:
    """Write a part of 且 or 或."""
    text = _expression(node, style)
    return f"({text})" if isinstance(node, (*loose, Conditional)) else text


def _factor(node: Expression, style: _Style) -> str:
    """Write what binds tighter than any operator."""
    tight = Literal | FieldRef | Call | Brackets | AtLeast
    text = _expression(node, style)
    negative = isinstance(node, Literal) and text.startswith("-")
    return text if isinstance(node, tight) and not negative else f"({text})"


def _term(node: Expression, style: _Style) -> str:
    """Write what may stand left of × and ÷."""
    product = (Operator.MULTIPLY, Operator.DIVIDE)
    if isinstance(node, Arithmetic) and node.operator in product:
        return _expression(node, style)
    return _factor(node, style)


def _arithmetic(node: Arithmetic, style: _Style) -> str:
    left, right = node.left, node.right
    if node.operator in (Operator.ADD, Operator.SUBTRACT):
        first = _operand(left, style)
        return f"{first} {_SIGNS[node.operator]} {_term(right, style)}"
    if _is_share(node):
        return f"{_factor(left, style)}{notation.OF}{_factor(right, style)}"
    return f"{_term(left, style)} {_SIGNS[node.operator]} {_factor(right, style)}"


def phrase_result(node: Expression, value: Value, fields: Mapping[str, Field]) -> str:
    """Write what an expression comes to, in the unit of its field where it is one."""
    match node:
        case FieldRef(field=name) if name in fields:
            return phrase_value(value, fields[name].type, fields[name].unit)
        case Arithmetic(operator=Operator.DIVIDE):
            return phrase_value(value, QuantityType())
    return phrase_value(value, _type_of(node, _Style(fields, _spell)))


def _is_share(node: Expression) -> bool:
    """Whether an expression is a field times a rate: 实缴资金的5‰."""
    match node:
        case Arithmetic(
            operator=Operator.MULTIPLY, left=FieldRef(), right=Literal(type=RateType())
        ):
            return True
    return False


def _brackets(node: Brackets, style: _Style) -> str:
    type_ = _type_of(node.base, style)
    parts = [_expression(node.base, style)]
    for bracket in node.brackets:
        parts.append(f"{_bracket_ends(bracket, type_)} {_bracket_rate(bracket, type_)}")
    return f"{notation.BRACKETS}({'; '.join(parts)})"


def _bracket_ends(bracket: Bracket, type_: FieldType) -> str:
    low = phrase_value(bracket.low, type_)
    if bracket.high is None:
        return f"{low}以上"
    high = phrase_value(bracket.high, type_)
    return f"{low}{notation.DASH}{high}"


def _bracket_rate(bracket: Bracket, base: FieldType) -> str:
    if isinstance(base, QuantityType) and bracket.rate >= 1:
        return phrase_value(bracket.rate, UnitPriceType("CNY", base.unit))
    return phrase_value(bracket.rate, RateType())


def _type_of(node: Expression, style: _Style) -> FieldType:
    """The type of the base of 分段, as far as its spelling needs it."""
    match node:
        case Literal(type=type_):
            return type_
        case FieldRef(field=field) if field in style.fields:
            return style.fields[field].type
        case Arithmetic(left=left, right=right):
            types = (_type_of(left, style), _type_of(right, style))
            return next((each for each in types if isinstance(each, MoneyType)), types[0])
        case Negate(operand=operand):
            return _type_of(operand, style)
        case Call(arguments=(first, *_)):
            return _type_of(first, style)
        case Conditional(then=then):
            return _type_of(then, style)
    return MoneyType()


def _satisfies(field: str, test: UnaryTest, style: _Style) -> str:
    """Write a test of a field as a drafter would: 总投资 ≥ 1亿元, 行业 属于 集成电路、生物医药."""
    type_ = style.fields[field].type if field in style.fields else TextType()
    name = field
    match test:
        case OneOf(values=(True,)):
            return name
        case OneOf(values=(value,)):
            return f"{name} = {style.value(value, type_)}"
        case OneOf(values=values):
            return f"{name} {notation.AMONG} {_values(values, type_, style)}"
        case Not(test=OneOf(values=(value,))):
            return f"{name} {notation.SIGNS[Comparator.NOT_EQUAL]} {style.value(value, type_)}"
        case Not(test=OneOf(values=values)):
            return f"{name} {notation.NOT_AMONG} {_values(values, type_, style)}"
        case Anything():
            return f"{name} {notation.ANYTHING_WORD}"
        case HasAll() | InCodeList() | Compare() | Within() | Present():
            return f"{name} {_test(test, type_, style)}"
        case _:
            return f"{name} {notation.SATISFIES}({_test(test, type_, style)})"


# --- amounts --------------------------------------------------------------------------------------


def phrase_amount(
    benefit: Benefit,
    floor: Expression | None,
    caps: tuple[Expression, ...],
    fields: Mapping[str, Field],
) -> str:
    """Write an amount as it would stand in a 金额 cell."""
    style = _Style(fields, _spell)
    parts = [_benefit(benefit, style)]
    if isinstance(benefit, Discretionary) and benefit.ceiling is not None:
        parts.append(_limit(notation.CAP, benefit.ceiling, style))
    if floor is not None:
        parts.append(_limit(notation.FLOOR, floor, style))
    parts += [_limit(notation.CAP, cap, style) for cap in caps]
    return "，".join(parts)


def _limit(word: str, limit: Expression, style: _Style) -> str:
    return f"{word}{_operand(limit, style)}"


def _benefit(benefit: Benefit, style: _Style) -> str:
    match benefit:
        case Definite(amount=amount):
            return _expression(amount, style)
        case Ceiling(amount=amount):
            return _ceiling(amount, style)
        case Spread(low=low, high=high):
            return _spread(low, high, style)
        case TopUp(target=target, received=received):
            return f"{notation.TOP_UP}{_less(target, received, style)}"
        case Discretionary():
            return notation.DISCRETIONARY
        case ByRegulation():
            return notation.BY_REGULATION
        case NonMonetary():
            return notation.NOTHING
        case _:
            assert_never(benefit)


def phrase_less(limit: Expression, received: Expression, fields: Mapping[str, Field]) -> str:
    """Write a limit with what was received of it: 300万元（已享受 累计奖励）."""
    return _less(limit, received, _Style(fields, _spell))


def _less(limit: Expression, received: Expression, style: _Style) -> str:
    return f"{_operand(limit, style)}（{notation.RECEIVED} {_operand(received, style)}）"


def _ceiling(amount: Expression, style: _Style) -> str:
    if isinstance(amount, Arithmetic) and _is_share(amount):
        left, right = _factor(amount.left, style), _factor(amount.right, style)
        return f"{left}{notation.OF}{notation.CAP}{right}"
    return f"{notation.CAP}{_operand(amount, style)}"


def _spread(low: Expression, high: Expression, style: _Style) -> str:
    match low, high:
        case Arithmetic(left=base), Arithmetic(left=same, right=rate) if (
            base == same and _is_share(low) and _is_share(high)
        ):
            return f"{_expression(low, style)}{notation.DASH}{_expression(rate, style)}"
    return f"{_operand(low, style)}{notation.DASH}{_operand(high, style)}"
