"""One function for each kind of cell: text in, a typed tree or findings out.

Nothing raises, but for ``EnoughError`` where the vocabulary allows only so much work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias, TypeVar, cast

from authoring.grammar import syntax as s
from authoring.grammar.amount_habits import (
    explained,
    explained_limit,
    explained_part,
    of_amounts,
)
from authoring.grammar.amounts import AmountReading, build_amount, limit_of, received_of, topped_up
from authoring.grammar.characters import normalise
from authoring.grammar.compound_numbers import refuse_two_scales
from authoring.grammar.condition_habits import advised
from authoring.grammar.conditions import build_test, collect
from authoring.grammar.expressions import (
    Context,
    build_condition,
    build_value,
    fitted,
    refuse_half_read,
    target_of,
)
from authoring.grammar.facts import build_fact, refuse_unusual_answer
from authoring.grammar.lexer import Grammar
from authoring.grammar.parsing import parse
from authoring.grammar.parts import allowance, less_received, tops_up, uplift
from authoring.grammar.percentage_points import pointed
from authoring.grammar.problems import Code, Problem, finding, problem
from authoring.grammar.rewrites import amended, bare_limit
from authoring.grammar.typed import PURE, YES_NO, Scope, describe, mismatch
from authoring.grammar.units import Unit, read_unit
from authoring.grammar.vocabulary import Vocabulary, list_of
from engine.cells import CellRef
from engine.expressions import (
    Anything,
    Conditional,
    Expression,
    FieldRef,
    Literal,
    OneOf,
    UnaryTest,
)
from engine.findings import Finding
from engine.model import Field
from engine.notation import ANYTHING_WORDS, IF, NO_LIMIT_WORDS, NOTHING
from engine.types import NUMERIC_TYPES, MultiChoiceType, RateType, TextType, YesNoType
from engine.values import Value

T = TypeVar("T")

Reading: TypeAlias = tuple[T | None, tuple[Finding, ...]]
"""The result and what there is to say of it; the result is None exactly when one is an ERROR."""

MOST_CHARACTERS = 2_000


def read_condition(
    text: str, field: Field, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[UnaryTest]:
    """Read one condition cell of a field's column; ``—`` gives ``Anything()``.

    ``unit`` is what the heading's brackets say; "" falls back to the field's own unit.
    """

    def read(scope: Scope) -> UnaryTest:
        plain = scope.source.text.strip()
        code_list = list_of(field)
        codes = vocabulary.codes_of(code_list) if code_list else {}
        if plain in ANYTHING_WORDS and plain not in codes:
            return Anything(scope.place(0, len(scope.source.text)))
        refuse_unusual_answer(field.type, scope)
        try:
            tests = parse(scope.source.text, Grammar.TESTS, vocabulary, code_list)
        except Problem as error:
            if isinstance(field.type, TextType) and '"' not in plain and _is_mere_text(error):
                refuse_half_read(s.Word(0, len(scope.source.text), plain), scope)
                return OneOf((plain,), scope.place(0, len(scope.source.text)))
            raise
        target = target_of(field.type, _unit(unit, field), field, Context(scope))
        return build_test(cast(s.Test, tests), target)

    free = isinstance(field.type, TextType)

    def reads(other: str) -> bool:
        return _read(other, vocabulary, cell, read)[0] is not None

    test, findings = _read(text, vocabulary, cell, read, free=free)
    return test, findings if free else advised(findings, text, cell, field, vocabulary, reads)


def read_requirement(
    text: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[Expression]:
    """Read a 条件式: any condition over any fields. ``—`` gives the literal 是."""

    def read(scope: Scope) -> Expression:
        if scope.source.text.strip() in ANYTHING_WORDS:
            return Literal(True, YES_NO, scope.place(0, len(scope.source.text)))
        term = _parse_term(scope)
        return build_condition(term, Context(scope))

    def reads(other: str) -> bool:
        return _read(other, vocabulary, cell, read)[0] is not None

    condition, findings = _read(text, vocabulary, cell, read)
    return condition, advised(findings, text, cell, None, vocabulary, reads)


def read_conclusion(
    text: str, field: Field, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[Expression]:
    """Read a conclusion of a derived table: a literal or an expression of the field's type."""

    def read(scope: Scope) -> Expression:
        _refuse_anything(scope)
        if isinstance(field.type, TextType):
            return _text_conclusion(field.type, scope)
        refuse_unusual_answer(field.type, scope)
        tree = parse(scope.source.text, Grammar.CONCLUSION, vocabulary, list_of(field))
        context = Context(scope, field.type, _unit(unit, field))
        if isinstance(field.type, MultiChoiceType):
            return _set_of(cast(s.Term | s.Among, tree), field.type, context)
        if isinstance(tree, s.Among):
            expected = describe(field.type)
            raise problem(Code.NOT_A_LIST, tree.start, tree.end, expected=expected)
        term = cast(s.Term, tree)
        if isinstance(field.type, YesNoType):
            return build_condition(term, context)
        return fitted(term, context).expression

    return _read(text, vocabulary, cell, read, free=isinstance(field.type, TextType))


def read_amount(
    text: str, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[AmountReading]:
    """Read a 金额 cell; ``unit`` is what the heading's brackets say."""

    def read(scope: Scope) -> AmountReading:
        _refuse_anything(scope)
        if tops_up(scope.source.text, vocabulary):
            return _topped_up(unit, scope)
        amount = parse(scope.source.text, Grammar.AMOUNT, vocabulary)
        return build_amount(cast(s.Amount, amount), read_unit(unit), scope)

    def reads(other: str) -> bool:
        return _read(other, vocabulary, cell, read)[0] is not None

    amount, findings = _read(text, vocabulary, cell, read)
    told = pointed(findings, text, cell, vocabulary, reads)
    if told == findings and not tops_up(normalise(text).text, vocabulary):
        told = explained(findings, text, cell, vocabulary, reads)
    if told == findings:
        told = amended(findings, text, cell, vocabulary, reads)
        told = explained_part(told, text, cell, vocabulary)
    return amount, of_amounts(told)


def read_top_up(
    text: str, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[AmountReading]:
    """Read 补足至: a target, and in brackets what was received of it."""

    def read(scope: Scope) -> AmountReading:
        _refuse_anything(scope)
        return _topped_up(unit, scope)

    value, findings = _read(text, vocabulary, cell, read)
    return value, of_amounts(findings)


def _topped_up(unit: str, scope: Scope) -> AmountReading:
    parts = less_received(scope.source.text, scope.vocabulary)
    return topped_up(parts, read_unit(unit), scope)


Allowed: TypeAlias = tuple[Expression, Expression] | tuple[()]
"""The limit and what was received of it; nothing where a cell says that there is none."""


def read_allowance(
    text: str, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[Allowed]:
    """Read 年度上限 or 累计上限: the limit, and in brackets what was received of it."""

    def read(scope: Scope) -> Allowed:
        if _sets_no_limit(scope):
            return ()
        parts = allowance(scope.source.text, vocabulary)
        limit = _limit(parts.first, unit, scope, is_cap=True)
        return limit, received_of(parts, scope)

    value, findings = _read(text, vocabulary, cell, read)
    return value, of_amounts(findings)


def read_uplift(
    text: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[tuple[Expression, bool | None]]:
    """Read 上浮: a rate, and whether it comes after the caps; None where that is not said."""

    def read(scope: Scope) -> tuple[Expression, bool | None]:
        _refuse_anything(scope)
        rise = uplift(scope.source.text, vocabulary)
        term = cast(s.Term, parse(rise.rate, Grammar.EXPRESSION, vocabulary))
        return fitted(term, Context(scope, RateType())).expression, rise.after_caps

    rise, findings = _read(text, vocabulary, cell, read)
    return rise, pointed(findings, text, cell, vocabulary, lambda _: False)


AtMostOne: TypeAlias = tuple[Expression] | tuple[()]


def read_cap(
    text: str, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[AtMostOne]:
    """Read one upper limit: 封顶, 奖励上限; ``—`` and ``不封顶`` give none."""

    def read(scope: Scope) -> AtMostOne:
        if _sets_no_limit(scope):
            return ()
        return (_limit(scope.source.text, unit, scope, is_cap=True),)

    value, findings = _read(text, vocabulary, cell, read)
    return value, of_amounts(findings)


def read_floor(
    text: str, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[AtMostOne]:
    """Read 最低; ``—`` and ``无`` give none."""

    def read(scope: Scope) -> AtMostOne:
        if scope.source.text.strip() in ANYTHING_WORDS | {NOTHING}:
            return ()
        return (_limit(scope.source.text, unit, scope, is_cap=False),)

    value, findings = _read(text, vocabulary, cell, read)
    return value, of_amounts(findings)


def _limit(text: str, unit: str, scope: Scope, *, is_cap: bool) -> Expression:
    """Read the one limit of a text. Raises ``Problem``, also where it holds none or several."""
    limits = _parse_limits(text, scope.vocabulary)
    if not limits:
        raise problem(Code.STRAY_LIMIT, len(text) - len(text.lstrip()), len(text.rstrip()))
    first, *more = limits
    if more:
        raise problem(Code.STRAY_LIMIT, more[0].start, more[-1].end)
    return limit_of(first, is_cap, read_unit(unit), scope)


def _sets_no_limit(scope: Scope) -> bool:
    return scope.source.text.strip() in NO_LIMIT_WORDS


def read_caps(
    text: str, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[tuple[Expression, ...]]:
    """Read 最高限额: money expressions separated by ``；``; ``—`` and ``不封顶`` give none."""

    def read(scope: Scope) -> tuple[Expression, ...]:
        if _sets_no_limit(scope):
            return ()
        caps = _parse_limits(scope.source.text, vocabulary)
        return tuple(collect(lambda cap: limit_of(cap, True, read_unit(unit), scope), caps))

    def reads(other: str) -> bool:
        return _read(other, vocabulary, cell, read)[0] is not None

    caps, findings = _read(text, vocabulary, cell, read)
    told = explained_limit(findings, text, cell, vocabulary)
    return caps, of_amounts(bare_limit(told, text, reads))


def read_value(
    text: str, field: Field, unit: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[Value]:
    """Read one fact of 用例, of a form or of a case file; never an expression.

    Without a cell the span of a finding stands in its params (``start``, ``end``).
    """

    def read(scope: Scope) -> Value:
        return build_fact(field, _unit(unit, field), scope)

    return _read(text, vocabulary, cell, read, free=isinstance(field.type, TextType))


def read_number_expression(
    text: str, vocabulary: Vocabulary, cell: CellRef | None
) -> Reading[Expression]:
    """Read 排序指标 of a selection: any expression that gives a number."""

    def read(scope: Scope) -> Expression:
        value = build_value(_parse_term(scope), Context(scope))
        if not isinstance(value.type, NUMERIC_TYPES):
            raise mismatch(value, PURE)
        return value.expression

    return _read(text, vocabulary, cell, read)


def _read(
    text: str,
    vocabulary: Vocabulary,
    cell: CellRef | None,
    read: Callable[[Scope], T],
    *,
    free: bool = False,
) -> Reading[T]:
    """Run one reader; whatever it finds wrong becomes findings. ``free`` text says what it says."""
    vocabulary.effort.read(text[:MOST_CHARACTERS], cell)
    source = normalise(text[: MOST_CHARACTERS + 1])
    scope = Scope(vocabulary, source, cell)
    try:
        if max(len(text), len(source.text)) > MOST_CHARACTERS:
            raise problem(Code.TOO_LONG, 0, len(source.text), limit=MOST_CHARACTERS)
        if not source.text.strip():
            raise problem(Code.BLANK, 0, len(source.text))
        if not free:
            refuse_two_scales(source.text, vocabulary.names)
        return read(scope), ()
    except Problem as error:
        vocabulary.effort.fail(text[:MOST_CHARACTERS])
        issues = {(issue.start, issue.end, issue.code): issue for issue in error.issues}
        return None, tuple(finding(issue, source, cell) for issue in issues.values())


def _unit(unit: str, field: Field) -> Unit | None:
    return read_unit(unit or field.unit)


def _parse_term(scope: Scope) -> s.Term:
    return cast(s.Term, parse(scope.source.text, Grammar.EXPRESSION, scope.vocabulary))


def _parse_limits(text: str, vocabulary: Vocabulary) -> tuple[s.Term | s.Limit, ...]:
    return cast(s.Caps, parse(text, Grammar.CAPS, vocabulary)).caps


def _refuse_anything(scope: Scope) -> None:
    """A conclusion must say something: — is as good as blank."""
    if scope.source.text.strip() in ANYTHING_WORDS:
        raise problem(Code.BLANK, 0, len(scope.source.text))


def _is_mere_text(error: Problem) -> bool:
    return all(issue.code is Code.UNKNOWN_WORD for issue in error.issues)


def _text_conclusion(type_: TextType, scope: Scope) -> Expression:
    """Free text stands for itself, unless it names a text field or chooses between texts."""
    text = scope.source.text
    plain = text.strip()
    at = scope.place(0, len(text))
    name = scope.vocabulary.names.get(plain)
    if name is not None and name.field and scope.vocabulary.fields[name.field].type == type_:
        return FieldRef(name.field, at)
    if plain.startswith(IF):
        return fitted(_parse_term(scope), Context(scope, type_)).expression
    inner = plain[1:-1]
    whole = plain == f'"{inner}"' and '"' not in inner
    return Literal(inner if whole else plain, type_, at)


def _set_of(term: s.Term | s.Among, type_: MultiChoiceType, context: Context) -> Expression:
    """A set of codes: 集成电路、生物医药, one code, 无, or an expression that gives a set."""
    at = context.scope.place(term.start, term.end)
    if isinstance(term, s.Among):
        values = collect(lambda word: fitted(word, context), term.words)
        for each in values:
            if isinstance(each.expression, Literal) and each.expression.value == frozenset():
                raise problem(Code.NOTHING_BESIDE, each.start, each.end, word=NOTHING)
        codes = [each.expression for each in values if isinstance(each.expression, Literal)]
        members = [value for each in codes for value in _elements(each.value)]
        return Literal(frozenset(members), type_, at)
    expression = fitted(term, context).expression
    return _as_set(expression, type_)


def _as_set(expression: Expression, type_: MultiChoiceType) -> Expression:
    match expression:
        case Literal(value=value, at=at):
            return Literal(frozenset(_elements(value)), type_, at)
        case Conditional(then=then, otherwise=otherwise):
            return replace(
                expression, then=_as_set(then, type_), otherwise=_as_set(otherwise, type_)
            )
    return expression


def _elements(value: Value) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset({str(value)})
