"""Facts: one value of one field, as it stands in 用例, in a form or in a case file."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast

from authoring.grammar import syntax as s
from authoring.grammar.characters import normalise
from authoring.grammar.lexer import tokenize
from authoring.grammar.lexicon import CellToken, Kind, Quantity
from authoring.grammar.problems import Code, Problem, problem
from authoring.grammar.suggestions import similar_words
from authoring.grammar.typed import Bare, Scope, Typed, adapt, describe, literal
from authoring.grammar.units import Unit
from engine.expressions import Literal
from engine.model import Field
from engine.notation import NO_WORD, NOTHING, YES_WORD
from engine.types import (
    NUMERIC_TYPES,
    ChoiceType,
    DateType,
    FieldType,
    MultiChoiceType,
    TextType,
    YesNoType,
)
from engine.values import Value

_SEPARATORS = frozenset({Kind.ENUM, Kind.COMMA})
_BETWEEN = re.compile("[、,;]")


def build_fact(field: Field, unit: Unit | None, scope: Scope) -> Value:
    """Read the cell of the scope as a value of the field. Raises ``Problem``."""
    try:
        return _build(field, unit, scope)
    except Problem as error:
        _refuse_comma(error, field, scope)
        hedged = any(each.code is Code.AMBIGUOUS_WORD for each in error.issues)
        meant = _meant(field, unit, scope)
        if not hedged and not meant:
            raise
        raise _no_value(field, scope, meant) from None


def _refuse_comma(error: Problem, field: Field, scope: Scope) -> None:
    """Ask what a comma means in the one number of a fact: 3,65 is no list. Raises ``Problem``."""
    text = scope.source.text
    for each in error.issues:
        if each.code is Code.THOUSANDS and isinstance(field.type, NUMERIC_TYPES):
            word, before, behind = text[each.start : each.end], text[: each.start], text[each.end :]
            joined = [word.replace(",", "")]
            meant = [word.replace(",", "."), *joined] if word.count(",") == 1 else joined
            offered = tuple(f"{before}{one}{behind}".strip() for one in meant)
            raise problem(Code.FACT_COMMA, each.start, each.end, offered, word=word)


_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_HEDGE = r"约为?|大约|大概|大致|近|将近|接近|左右|上下|余|多|来"
_HEDGED = re.compile(rf"(?:{_HEDGE})?(?P<value>[^\s].*?)(?:{_HEDGE})?(?P<unit>[十百千]?[万亿]?元?)")


def _meant(field: Field, unit: Unit | None, scope: Scope) -> tuple[str, ...]:
    """What was meant by a day in eight digits, or by a number that is said to be about right."""
    text = scope.source.text.strip()
    wanted = ""
    if isinstance(field.type, DateType):
        if day := _EIGHT_DIGITS.fullmatch(text):
            wanted = "-".join(day.groups())
    elif isinstance(field.type, NUMERIC_TYPES) and (number := _HEDGED.fullmatch(text)):
        wanted = number["value"] + number["unit"]
    if wanted in ("", text):
        return ()
    try:
        _build(field, unit, scope._replace(source=normalise(wanted)))
    except Problem:
        return ()
    return (wanted,)


def _build(field: Field, unit: Unit | None, scope: Scope) -> Value:
    text = scope.source.text
    match field.type:
        case TextType():
            return text.strip()
        case ChoiceType(code_list=name):
            start = len(text) - len(text.lstrip())
            end = start + len(text.strip())
            if _are_codes(text, name, scope):
                raise problem(Code.NOT_A_LIST, start, end, expected=describe(field.type))
            return _code(start, end, name, scope)
        case MultiChoiceType(code_list=name):
            return _codes(name, scope)
    refuse_unusual_answer(field.type, scope)
    tokens = tokenize(text, scope.vocabulary.lexicon, ())
    match field.type:
        case DateType() if [token.type for token in tokens] == [Kind.DATE]:
            return cast(Value, tokens[0].meaning)
        case YesNoType() if [token.type for token in tokens] == [Kind.YESNO]:
            return bool(tokens[0].meaning)
        case DateType() | YesNoType():
            raise _no_value(field, scope)
    try:
        return _number(tokens, field, unit, scope)
    except Problem as error:
        issues = (replace(each, code=_OF_FACTS.get(each.code, each.code)) for each in error.issues)
        raise Problem(*issues) from None


_OF_FACTS = {Code.MIXED_CURRENCY: Code.OTHER_CURRENCY, Code.TOO_FINE: Code.FINER_FACT}
"""What is advised for a rule does not help who fills in a fact."""
_TICKS = dict.fromkeys("√✓✔☑", YES_WORD) | dict.fromkeys("×✗✘✕☒", NO_WORD)


_SPOKEN = dict.fromkeys(("是的", "对", "对的", "有", "有的", "yes", "y"), YES_WORD) | dict.fromkeys(
    ("不是", "不是的", "不对", "不", "没有", "没", "无", "no", "n"), NO_WORD
)


def refuse_unusual_answer(type_: FieldType, scope: Scope) -> None:
    """Offer 是 or 否 where a cell of 是否 holds a tick, a cross, 是的, 没有. Raises ``Problem``."""
    text = scope.source.text
    mark = text.strip()
    if not isinstance(type_, YesNoType) or mark in scope.vocabulary.names:
        return
    if mark in _TICKS:
        raise problem(Code.STRANGE_CHARACTER, 0, len(text), (_TICKS[mark],), word=mark)
    if meant := _SPOKEN.get(mark.casefold()):
        raise _not_of(type_, scope, (meant,))


_EXAMPLES = {
    "DateType": "2023年9月28日",
    "YesNoType": "是",
    "MoneyType": "3000万元",
    "RateType": "5%",
    "UnitPriceType": "2000元/平方米",
    "ExchangeRateType": "7.1",
    "QuantityType": "100",
}


def _no_value(field: Field, scope: Scope, meant: tuple[str, ...] = ()) -> Problem:
    return _not_of(field.type, scope, meant)


def _not_of(type_: FieldType, scope: Scope, meant: tuple[str, ...]) -> Problem:
    text = scope.source.text
    told = {"expected": describe(type_), "example": _EXAMPLES[type(type_).__name__]}
    return problem(Code.NOT_A_VALUE, 0, len(text), meant, word=text.strip(), **told)


def _number(tokens: list[CellToken], field: Field, unit: Unit | None, scope: Scope) -> Value:
    negative = len(tokens) == 2 and tokens[0].type == Kind.MINUS
    if len(tokens) != 1 + negative or tokens[-1].type != Kind.NUMBER:
        raise _no_value(field, scope)
    token = tokens[-1]
    node = s.Number(token.first, token.last, cast(Quantity, token.meaning))
    value = literal(node, scope)
    if negative:
        value = _negated(value)
    expression = adapt(value, field.type, unit, scope).expression
    assert isinstance(expression, Literal)
    return expression.value


def _negated(value: Typed) -> Typed:
    expression = value.expression
    assert isinstance(expression, Literal)
    number = -cast(int, expression.value)
    bare = value.bare and Bare(-value.bare.value, value.bare.scaled)
    return Typed(
        Literal(number, value.type, expression.at), value.type, value.start, value.end, bare
    )


def _codes(code_list: str, scope: Scope) -> Value:
    """Read several codes, separated by 、; 无 is the empty set."""
    text = scope.source.text
    codes = scope.vocabulary.codes_of(code_list)
    if text.strip() in codes:
        return frozenset({codes[text.strip()]})
    if text.strip() == NOTHING:
        return frozenset()
    groups: list[tuple[int, int]] = []
    opened = True
    for token in tokenize(text, scope.vocabulary.lexicon, codes):
        if token.type in _SEPARATORS:
            opened = True
        elif opened:
            groups.append((token.first, token.last))
            opened = False
        else:
            groups[-1] = groups[-1][0], token.last
    if opened:
        raise problem(Code.UNFINISHED, max(len(text.rstrip()) - 1, 0), len(text))
    for start, end in groups:
        if len(groups) > 1 and text[start:end] == NOTHING and NOTHING not in codes:
            raise problem(Code.NOTHING_BESIDE, start, end, word=NOTHING)
    return frozenset(_code(start, end, code_list, scope) for start, end in groups)


def _are_codes(text: str, code_list: str, scope: Scope) -> bool:
    """Whether a text lists several codes, where one is wanted."""
    codes = scope.vocabulary.codes_of(code_list)
    words = [each.strip().strip('"') for each in _BETWEEN.split(text)]
    return text.strip() not in codes and len(words) > 1 and all(each in codes for each in words)


def _code(start: int, end: int, code_list: str, scope: Scope) -> str:
    codes = scope.vocabulary.codes_of(code_list)
    word = scope.source.text[start:end]
    code = codes.get(word) or codes.get(word.strip('"').strip())
    if code is None:
        raise problem(
            Code.NOT_IN_CODE_LIST, start, end, similar_words(word, scope.vocabulary, code_list),
            word=word, code_list=code_list,
        )  # fmt: skip
    return code
