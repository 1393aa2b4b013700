"""Values with their types: literals, unit resolution, and whether two types go together."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple, assert_never

from authoring.grammar import syntax as s
from authoring.grammar.characters import Normalised
from authoring.grammar.problems import Code, Problem, problem
from authoring.grammar.units import (
    ExchangeUnit,
    MoneyUnit,
    PriceUnit,
    QuantityUnit,
    RateUnit,
    Unit,
    word_of,
)
from authoring.grammar.vocabulary import Vocabulary
from authoring.numerals import whole
from engine.cells import CellRef, Place
from engine.expressions import Expression, Literal
from engine.notation import CURRENCY_NAMES, RATE_WORDS, TYPE_WORDS
from engine.types import (
    ChoiceType,
    ExchangeRateType,
    FieldType,
    MoneyType,
    MultiChoiceType,
    QuantityType,
    RateType,
    UnitPriceType,
    YesNoType,
)
from engine.values import FEN_PER_YUAN, Number, Value

MOST_FEN = 10**18
MOST_DIGITS = 40
PURE = QuantityType("")
_MONEY = {currency: MoneyType(currency) for currency in CURRENCY_NAMES}
_RATHER_IN_YUAN = 1_000_000
"""Numbers from here on are more likely counted in 元 than in 万元."""
CONDITION = "条件"
"""How a finding calls the type of a condition."""


class Scope(NamedTuple):
    """The cell that is being read."""

    vocabulary: Vocabulary
    source: Normalised
    cell: CellRef | None

    def place(self, start: int, end: int) -> Place | None:
        """Where a span of the normalised text stands in the cell."""
        if self.cell is None:
            return None
        return Place(self.cell, *self.source.span(start, end))


class Typed(NamedTuple):
    """An expression with its type and its span.

    ``bare`` is set for a number without a unit: it may still take one from what it meets.
    """

    expression: Expression
    type: FieldType
    start: int
    end: int
    bare: Bare | None = None


class Bare(NamedTuple):
    """A number without a unit; ``scaled`` when 万 or 亿 stands behind it."""

    value: Number
    scaled: bool


def describe(type_: FieldType) -> str:
    """Name a type for a finding: 金额（美元）, 数量（人）."""
    word = TYPE_WORDS[type(type_).__name__]
    match type_:
        case MoneyType(currency=currency) if currency != "CNY":
            return f"{word}（{currency_name(currency)}）"
        case QuantityType(unit=unit) if unit:
            return f"{word}（{unit}）"
        case UnitPriceType(currency=currency, per=per):
            return f"{word}（{currency_name(currency)}/{per}）"
        case ExchangeRateType(source=source, target=target):
            return f"{word}（{currency_name(target)}/{currency_name(source)}）"
        case ChoiceType(code_list=name) | MultiChoiceType(code_list=name):
            return f"{word}（{name}）"
    return word


def currency_name(code: str) -> str:
    """Name a currency: 美元."""
    return CURRENCY_NAMES.get(code, code)


def figures_of(node: s.Number, scope: Scope) -> str:
    """The figures of a number as they stand in the cell, but for commas between thousands; of a
    numeral (三 in 三年内) those that it means."""
    figures = scope.source.text[node.start : node.start + node.quantity.length].replace(",", "")
    spelt = None if figures[:1].isascii() else whole(figures)
    return figures if spelt is None else str(spelt)


def number_of(node: s.Number, scope: Scope) -> Number:
    """Read the figures exactly. Raises ``Problem`` beyond any sensible size."""
    digits = figures_of(node, scope)
    if len(digits) > MOST_DIGITS:
        raise problem(Code.TOO_LARGE, node.start, node.end, word=digits[:12] + "…")
    return _whole(Fraction(digits)) if "." in digits else int(digits)


def literal(node: s.Number, scope: Scope) -> Typed:
    """Turn a number with its unit into a value; without a unit it stays bare."""
    number, unit = number_of(node, scope), node.quantity.unit
    at = scope.place(node.start, node.end)
    if unit is None:
        return _typed(node, Literal(number, PURE, at), PURE, Bare(number, scaled=False))
    value, type_ = measured(number, unit, node, figures_of(node, scope))
    bare = Bare(value, scaled=True) if type_ == PURE else None
    return _typed(node, Literal(value, type_, at), type_, bare)


def _typed(node: s.Number, expression: Literal, type_: FieldType, bare: Bare | None) -> Typed:
    return Typed(expression, type_, node.start, node.end, bare)


def measured(
    number: Number, unit: Unit, at: s.Number | Typed, figures: str
) -> tuple[Number, FieldType]:
    """Resolve a number of a unit: money to fen, a rate to a fraction, a price to fen per unit."""
    value: Number
    type_: FieldType
    match unit:
        case MoneyUnit(currency=currency, scale=scale):
            value, type_ = number * scale * FEN_PER_YUAN, _MONEY[currency]
            if value.denominator != 1:
                raise problem(Code.TOO_FINE, at.start, at.end, word=figures)
        case RateUnit(factor=factor):
            value, type_ = number * factor, RateType()
        case PriceUnit(money=MoneyUnit(currency=currency, scale=scale), per=per):
            value, type_ = number * scale * FEN_PER_YUAN, UnitPriceType(currency, per)
        case ExchangeUnit(source=source, target=target):
            value, type_ = number, ExchangeRateType(source, target)
        case QuantityUnit(word=word, scale=scale):
            value, type_ = number * scale, QuantityType(word)
        case _:
            assert_never(unit)
    if not -MOST_FEN <= value <= MOST_FEN:
        raise problem(Code.TOO_LARGE, at.start, at.end, word=figures)
    return _whole(value), type_


def _whole(value: Number) -> Number:
    return value.numerator if value.denominator == 1 else value


def adapt(value: Typed, wanted: FieldType, unit: Unit | None, scope: Scope) -> Typed:
    """Fit a value to the type that its surroundings want; ``unit`` is what a bare number takes.

    Raises ``Problem``: a missing, wrong or mixed unit, a wrong type.
    """
    if value.bare is not None:
        return _with_unit(value, value.bare, wanted, unit, scope)
    if value.type == wanted:
        return value
    if not fits(value.type, wanted):
        raise mismatch(value, wanted, scope.source.text[value.start : value.end])
    expression = value.expression
    if isinstance(expression, Literal) and _same_but_spelling(value.type, wanted):
        expression = replace(expression, type=wanted)
    return value._replace(expression=expression, type=wanted)


def _same_but_spelling(found: FieldType, wanted: FieldType) -> bool:
    return type(found) is type(wanted)


def _with_unit(
    value: Typed, bare: Bare, wanted: FieldType, unit: Unit | None, scope: Scope
) -> Typed:
    number: Number
    if wanted == PURE and unit is None:
        return value
    figures = _plain(bare.value)
    if not isinstance(
        wanted, MoneyType | RateType | UnitPriceType | ExchangeRateType | QuantityType
    ):
        raise mismatch(value, wanted)
    if bare.value == 0:
        number = 0
    elif bare.scaled and isinstance(wanted, MoneyType):
        number = measured(bare.value, MoneyUnit(wanted.currency), value, figures)[0]
    elif isinstance(wanted, RateType):
        raise problem(
            Code.BARE_RATE, value.start, value.end, _as_rates(bare.value), word=_plain(bare.value)
        )
    elif isinstance(wanted, QuantityType):
        scale = _scale_of(value, wanted, unit) if not bare.scaled else 1
        number = measured(bare.value, QuantityUnit(wanted.unit, scale), value, figures)[0]
    elif isinstance(wanted, ExchangeRateType) and isinstance(unit, ExchangeUnit | None):
        number = bare.value
    elif unit is None or bare.scaled:
        raise problem(
            Code.MISSING_UNIT, value.start, value.end, _with_units(bare.value, wanted),
            word=_plain(bare.value),
            expected=describe(wanted),
        )  # fmt: skip
    else:
        number, type_ = measured(bare.value, unit, value, figures)
        if not fits(type_, wanted):
            raise mismatch(value._replace(type=type_), wanted)
    literal_ = Literal(number, wanted, scope.place(value.start, value.end))
    return Typed(literal_, wanted, value.start, value.end)


def _scale_of(value: Typed, wanted: QuantityType, unit: Unit | None) -> int:
    """How much one of the column's unit is; the column must count what the field counts."""
    if unit is None:
        return 1
    if isinstance(unit, QuantityUnit) and word_of(unit.word) in ("", word_of(wanted.unit)):
        return unit.scale
    found = measured(1, unit, value, "1")[1]
    raise mismatch(value._replace(type=found, bare=None), wanted)


def _with_units(number: Number, wanted: FieldType) -> tuple[str, ...]:
    """Offer the usual units for a number that has none."""
    if not isinstance(wanted, MoneyType):
        return ()
    word = currency_name(wanted.currency)
    scales = ("", "万") if not -_RATHER_IN_YUAN < number < _RATHER_IN_YUAN else ("万", "")
    return tuple(f"{_plain(number)}{scale}{word}" for scale in scales)


def _plain(number: Number) -> str:
    """Write a number that was typed with finitely many digits."""
    whole, fraction = divmod(-number if number < 0 else number, 1)
    text = f"{'-' if number < 0 else ''}{whole}"
    if not fraction:
        return text
    digits = ""
    while fraction and len(digits) < MOST_DIGITS:
        digit, fraction = divmod(fraction * 10, 1)
        digits += str(digit)
    return f"{text}.{digits}"


def _as_rates(number: Number) -> tuple[str, ...]:
    """What a bare number in a rate column may have meant: 5 is 5% or 5‰; 0.05 is 5% or 0.05%."""
    percent, per_mille = RATE_WORDS
    if -1 < number < 1:
        return f"{_plain(number * 100)}{percent}", f"{_plain(number)}{percent}"
    return f"{_plain(number)}{percent}", f"{_plain(number)}{per_mille}"


def fits(found: FieldType, wanted: FieldType) -> bool:
    """Whether a value of one type may stand where another is wanted."""
    match found, wanted:
        case QuantityType(unit=left), QuantityType(unit=right):
            return word_of(left) == word_of(right)
        case UnitPriceType(currency=a, per=left), UnitPriceType(currency=b, per=right):
            return a == b and word_of(left) == word_of(right)
        case (QuantityType(unit=""), RateType()) | (RateType(), QuantityType(unit="")):
            return True
    return found == wanted


def mismatch(value: Typed, wanted: FieldType, written: str = "") -> Problem:
    """Say what is wrong with a value whose type does not fit; ``written`` is its spelling."""
    found, where = value.type, (value.start, value.end)
    params = {"found": describe(found), "expected": describe(wanted)}
    if isinstance(value.expression, Literal) and found == PURE and value.bare is None:
        return problem(Code.WRONG_TYPE, *where, **params)
    match found, wanted:
        case MoneyType(), MoneyType():
            return problem(Code.MIXED_CURRENCY, *where, **params)
        case MoneyType(currency), UnitPriceType(same, per) if written and currency == same:
            offered = (f"{written}/{per}",) if isinstance(value.expression, Literal) else ()
            return problem(Code.WRONG_TYPE, *where, offered, **params)
        case (
            (QuantityType(), QuantityType())
            | (UnitPriceType(), UnitPriceType())
            | (ExchangeRateType(), ExchangeRateType())
        ):
            return problem(Code.WRONG_UNIT, *where, **params)
    return problem(Code.WRONG_TYPE, *where, **params)


def not_a_condition(value: Typed) -> Problem:
    """Say that a value stands where a condition is wanted."""
    params = {"found": describe(value.type), "expected": CONDITION}
    return problem(Code.WRONG_TYPE, value.start, value.end, **params)


def of_value(value: Value, type_: FieldType, node: s.Term, scope: Scope) -> Typed:
    """Make a typed literal of a value."""
    return Typed(
        Literal(value, type_, scope.place(node.start, node.end)), type_, node.start, node.end
    )


YES_NO = YesNoType()
