"""Expressions and conditions over any fields: the syntax becomes a typed tree."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple, assert_never

from authoring.grammar import syntax as s
from authoring.grammar.arithmetic import alike, combine
from authoring.grammar.conditions import Target, build_test, children_of, collect, reached
from authoring.grammar.coverage import contradicts, covers_all
from authoring.grammar.problems import Code, Issue, Problem, problem
from authoring.grammar.suggestions import similar_words
from authoring.grammar.typed import (
    PURE,
    YES_NO,
    Scope,
    Typed,
    adapt,
    describe,
    fits,
    literal,
    mismatch,
    not_a_condition,
    number_of,
    of_value,
)
from authoring.grammar.units import Unit
from authoring.grammar.vocabulary import Name, list_of
from engine.expressions import (
    AllOf,
    AnyOf,
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
    InCodeList,
    Inverse,
    Literal,
    Negate,
    Not,
    OneOf,
    Operator,
    Satisfies,
    UnaryTest,
    Within,
)
from engine.model import Field
from engine.notation import (
    ALL_AMONG,
    AMONG,
    AT_LEAST,
    EXCEPT,
    EXCEPT_END,
    FUNCTION_NAMES,
    NOT,
    NOT_AMONG,
    NOTHING,
)
from engine.types import (
    NUMERIC_TYPES,
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
from engine.values import Number, Value

MAX_DEPTH = 50
TYPE_UNSAID = "指标"
"""How a finding calls what a word should have been where no type is wanted."""
_TEXT_HEADS = (NOT_AMONG, ALL_AMONG, AMONG, "不等于", "不是", "等于", EXCEPT, NOT)
_TEXT_TAILS = ("除外", "以外", EXCEPT_END)
_FLIPPED = {
    Comparator.LESS: Comparator.GREATER,
    Comparator.GREATER: Comparator.LESS,
    Comparator.AT_MOST: Comparator.AT_LEAST,
    Comparator.AT_LEAST: Comparator.AT_MOST,
}


class Context(NamedTuple):
    """What the surroundings of a term want of it, and how deep it stands.

    ``expected`` is the wanted type, None where any will do; ``unit`` what a bare number takes.
    """

    scope: Scope
    expected: FieldType | None = None
    unit: Unit | None = None
    depth: int = 0

    def inner(self, expected: FieldType | None = None, unit: Unit | None = None) -> Context:
        """The surroundings of a part."""
        return Context(self.scope, expected, unit, self.depth + 1)


def fitted(term: s.Term, context: Context) -> Typed:
    """Read a term and fit it to the expected type. Raises ``Problem``."""
    value = build_value(term, context)
    if context.expected is None:
        return value
    return adapt(value, context.expected, context.unit, context.scope)


def build_value(term: s.Term, context: Context) -> Typed:
    """Read a term as a value of whatever type it has. Raises ``Problem``."""
    scope = context.scope
    if context.depth > MAX_DEPTH:
        raise problem(Code.TOO_DEEP, term.start, term.end, limit=MAX_DEPTH)
    match term:
        case s.Number():
            if isinstance(context.expected, TextType):
                raise mismatch(literal(term, scope), context.expected)
            return literal(term, scope)
        case s.Day(value=day):
            return of_value(day, DateType(), term, scope)
        case s.YesNo(value=yes):
            return of_value(yes, YES_NO, term, scope)
        case s.Word():
            return _word(term, context)
        case s.Binary():
            left, right = collect(partial(_part, context), (term.left, term.right))
            return combine(term, left, right, scope)
        case s.Minus():
            return _negative(term, context)
        case s.Apply():
            return _call(term, context)
        case s.Steps():
            return _brackets(term, context)
        case s.Choose():
            return _choose(term, context)
        case s.Chain() | s.Invert() | s.Count() | s.Member() | s.About():
            condition = build_condition(term, context)
            return Typed(condition, YES_NO, term.start, term.end)
        case _:
            assert_never(term)


def _part(context: Context, term: s.Term) -> Typed:
    return build_value(term, context.inner())


# --- words ----------------------------------------------------------------------------------------


def _word(word: s.Word, context: Context) -> Typed:
    """A word is what its surroundings want: a code of the expected list, else a field."""
    scope, expected = context.scope, context.expected
    name = scope.vocabulary.names.get(word.text)
    match expected:
        case ChoiceType(code_list=wanted) | MultiChoiceType(code_list=wanted):
            return _code(word, name, wanted, expected, scope)
        case TextType():
            if name is not None and name.field is not None and not word.quoted:
                return _field(word, name.field, scope)
            if not word.quoted:
                refuse_half_read(word, scope)
            return of_value(word.text, expected, word, scope)
    if name is not None and name.field is not None and not word.quoted:
        return _field(word, name.field, scope)
    if word.quoted and expected is not None:
        raise mismatch(of_value(word.text, TextType(), word, scope), expected)
    if name is None or not name.codes:
        raise unknown_word(word, scope, None)
    if expected is not None or len(name.codes) > 1:
        wanted_type = describe(expected) if expected is not None else TYPE_UNSAID
        raise problem(
            Code.WRONG_TYPE, word.start, word.end,
            found=describe(ChoiceType(next(iter(name.codes)))), expected=wanted_type,
        )  # fmt: skip
    code_list, value = next(iter(name.codes.items()))
    return of_value(value, ChoiceType(code_list), word, scope)


def refuse_half_read(word: s.Word, scope: Scope) -> None:
    """Refuse a free text that looks like an exclusion (除中芯国际外): quotes settle it."""
    text = word.text
    bare = text
    head = next((each for each in _TEXT_HEADS if text.startswith(each)), "")
    tail = next((each for each in _TEXT_TAILS if text.endswith(each)), "")
    bare = bare.removeprefix(head).removesuffix(tail)
    if (head or tail) and bare:
        readings = (f"{head}“{bare}”{tail}", f"“{text}”")
        raise problem(Code.UNKNOWN_WORD, word.start, word.end, readings, word=text)


def _field(word: s.Word, field: str, scope: Scope) -> Typed:
    at = scope.place(word.start, word.end)
    return Typed(FieldRef(field, at), scope.vocabulary.fields[field].type, word.start, word.end)


def _code(
    word: s.Word, name: Name | None, code_list: str, expected: FieldType, scope: Scope
) -> Typed:
    """A code of the expected list; on 多选 a literal test value stays a single code."""
    if name is not None and code_list in name.codes:
        return of_value(name.codes[code_list], expected, word, scope)
    if word.text == NOTHING and isinstance(expected, MultiChoiceType):
        return of_value(frozenset(), expected, word, scope)
    if name is not None and name.field is not None and not word.quoted:
        return _field(word, name.field, scope)
    if name is None:
        raise unknown_word(word, scope, code_list)
    raise problem(
        Code.NOT_IN_CODE_LIST, word.start, word.end,
        similar_words(word.text, scope.vocabulary, code_list), word=word.text, code_list=code_list,
    )  # fmt: skip


def unknown_word(word: s.Word, scope: Scope, code_list: str | None) -> Problem:
    """Say that nobody knows a word."""
    code = Code.UNKNOWN_WORD if code_list is None else Code.NOT_IN_CODE_LIST
    close = similar_words(word.text, scope.vocabulary, code_list)
    params = {"word": word.text} | ({"code_list": code_list} if code_list else {})
    return problem(code, word.start, word.end, close, **params)


# --- numbers --------------------------------------------------------------------------------------


def _negative(term: s.Minus, context: Context) -> Typed:
    operand = build_value(term.operand, context.inner())
    if not isinstance(operand.type, NUMERIC_TYPES):
        raise problem(
            Code.CANNOT_COMBINE, term.start, term.end,
            left="", right=describe(operand.type), operator=Operator.SUBTRACT.value,
        )  # fmt: skip
    at = context.scope.place(term.start, term.end)
    bare = operand.bare and operand.bare._replace(value=-operand.bare.value)
    match operand.expression:
        case Literal(value=int() as value) if not isinstance(value, bool):
            negative: Expression = Literal(-value, operand.type, at)
        case Literal(value=value) if not isinstance(value, bool | str | frozenset):
            negative = Literal(-value, operand.type, at)  # type: ignore[operator]
        case expression:
            negative = Negate(expression, at)
    return Typed(negative, operand.type, term.start, term.end, bare)


_ARITY = {
    Function.MAX: (2, None),
    Function.MIN: (2, None),
    Function.EVERY_FULL: (2, 2),
    Function.CONVERT: (2, 2),
    Function.MONTHS: (2, 2),
    Function.YEARS: (2, 2),
    Function.MONTHS_LATER: (2, 2),
    Function.DAYS_LATER: (2, 2),
    Function.INCREASE: (2, 2),
    Function.GROWTH: (2, 2),
    Function.ROUND: (2, 2),
    Function.ROUND_DOWN: (2, 2),
    Function.ROUND_UP: (2, 2),
}


def _call(term: s.Apply, context: Context) -> Typed:
    function, scope = term.function, context.scope
    least, most = _ARITY[function]
    given = len(term.arguments)
    if given < least or (most is not None and given > most):
        raise arguments(term, FUNCTION_NAMES[function], least, given)
    values = collect(partial(_part, context), term.arguments)
    type_: FieldType
    match function:
        case Function.MAX | Function.MIN:
            values = _of_one_type(term, values, scope)
            type_ = values[0].type
        case Function.ROUND | Function.ROUND_DOWN | Function.ROUND_UP:
            values = _of_one_type(term, values, scope)
            type_ = values[0].type
        case Function.INCREASE:
            values = _of_one_type(term, values, scope)
            type_ = values[0].type
        case Function.GROWTH:
            values = _of_one_type(term, values, scope)
            type_ = RateType()
        case Function.MONTHS_LATER | Function.DAYS_LATER:
            values = _counted_on(values, "月" if function is Function.MONTHS_LATER else "日", scope)
            type_ = DateType()
        case Function.EVERY_FULL:
            values = _of_one_type(term, values, scope)
            type_ = PURE
        case Function.MONTHS | Function.YEARS:
            for value in values:
                if not isinstance(value.type, DateType):
                    raise mismatch(value, DateType())
            type_ = QuantityType("月" if function is Function.MONTHS else "年")
        case Function.CONVERT:
            type_ = _converted(term, values)
        case _:
            assert_never(function)
    expressions = tuple(value.expression for value in values)
    call = Call(function, expressions, scope.place(term.start, term.end))
    return Typed(call, type_, term.start, term.end)


def arguments(term: s.Term, function: str, wanted: int, given: int) -> Problem:
    """Say that a function wants another number of arguments."""
    return problem(
        Code.ARGUMENTS, term.start, term.end, function=function, wanted=wanted, given=given
    )


def _of_one_type(term: s.Apply, values: Sequence[Typed], scope: Scope) -> list[Typed]:
    """Fit all arguments to the first that has a unit; they must be numbers."""
    lead = next((value for value in values if value.bare is None), values[0])
    for value in values:
        if not isinstance(value.type, NUMERIC_TYPES):
            raise mismatch(value, PURE)
    return collect(lambda value: alike(lead, value, scope)[1], values)


def _counted_on(values: Sequence[Typed], unit: str, scope: Scope) -> list[Typed]:
    """A day, and how many months or days are counted on from it."""
    start, count = values
    if not isinstance(start.type, DateType):
        raise mismatch(start, DateType())
    return [start, adapt(count, QuantityType(unit), None, scope)]


def _converted(term: s.Apply, values: Sequence[Typed]) -> FieldType:
    amount, rate = values
    match amount.type, rate.type:
        case MoneyType(currency=currency), ExchangeRateType(source=source, target=target):
            if currency == source:
                return MoneyType(target)
    raise problem(
        Code.CANNOT_COMBINE, term.start, term.end,
        left=describe(amount.type), right=describe(rate.type),
        operator=FUNCTION_NAMES[term.function],
    )  # fmt: skip


def _brackets(term: s.Steps, context: Context) -> Typed:
    """分段: brackets from zero upwards without a gap, each with a rate or a price."""
    scope = context.scope
    base = build_value(term.base, context.inner())
    if not isinstance(base.type, MoneyType | QuantityType):
        raise mismatch(base, MoneyType())
    steps = [_step(step, base, scope) for step in term.steps]
    broken = steps[0][0].low != 0 or any(
        before.high is None or before.high != after.low
        for (before, _), (after, _) in pairwise(steps)
    )
    empty = any(step.high is not None and step.high <= step.low for step, _ in steps)
    if broken or empty:
        raise problem(Code.BROKEN_BRACKETS, term.start, term.end)
    types = {type_ for _, type_ in steps}
    type_ = types.pop()
    if types:
        raise problem(Code.BROKEN_BRACKETS, term.start, term.end)
    node = Brackets(
        base.expression,
        tuple(step for step, _ in steps),
        scope.place(term.start, term.end),
    )
    return Typed(node, type_, term.start, term.end)


def _step(step: s.Step, base: Typed, scope: Scope) -> tuple[Bracket, FieldType]:
    low_node = step.low
    if step.low is not None and step.high is not None:
        reaching = reached(step.low, step.high)
        low_node = reaching if isinstance(reaching, s.Number) else step.low
    low, high = (
        None if node is None else adapt(literal(node, scope), base.type, None, scope).expression
        for node in (low_node, step.high)
    )
    rate = literal(step.rate, scope)
    type_: FieldType
    match base.type, rate.type:
        case _, RateType():
            type_ = base.type
        case QuantityType(unit=unit), UnitPriceType(currency=currency) as price:
            if not fits(price, UnitPriceType(currency, unit)):
                raise mismatch(rate, UnitPriceType(currency, unit))
            type_ = MoneyType(currency)
        case _:
            raise mismatch(rate, RateType())
    start = 0 if low is None else _number_in(low)
    end = None if high is None else _number_in(high)
    return Bracket(start, end, _number_in(rate.expression)), type_


def _number_in(expression: Expression) -> Number:
    assert isinstance(expression, Literal)
    assert isinstance(expression.value, Number)
    return expression.value


def _choose(term: s.Choose, context: Context) -> Typed:
    """如果: both branches of one type; a bare number in a branch takes the column's unit."""
    inner = context.inner(context.expected, context.unit)
    issues: list[Issue] = []
    condition: Expression | None = None
    try:
        condition = build_condition(term.condition, context.inner())
    except Problem as error:
        issues.extend(error.issues)
    try:
        then, otherwise = collect(lambda branch: fitted(branch, inner), (term.then, term.otherwise))
    except Problem as error:
        raise Problem(*issues, *error.issues) from None
    if condition is None:
        raise Problem(*issues)
    if context.expected is None:
        then, otherwise = alike(then, otherwise, context.scope)
    at = context.scope.place(term.start, term.end)
    node = Conditional(condition, then.expression, otherwise.expression, at)
    return Typed(node, then.type, term.start, term.end)


# --- conditions -----------------------------------------------------------------------------------


def build_condition(term: s.Term, context: Context) -> Expression:
    """Read a term as a condition. Raises ``Problem``."""
    return _condition(term, None, context)[0]


def _condition(
    term: s.Term, subject: s.Term | None, context: Context
) -> tuple[Expression, s.Term | None]:
    """Read a condition; ``subject`` is what a test without one speaks of.

    Returns the condition and the subject that a following test may leave out.
    """
    if context.depth > MAX_DEPTH:
        raise problem(Code.TOO_DEEP, term.start, term.end, limit=MAX_DEPTH)
    at = context.scope.place(term.start, term.end)
    match term:
        case s.Chain():
            return _chain(term, subject, context)
        case s.Invert(operand=operand):
            inner, _ = _condition(operand, subject, context.inner())
            return Inverse(inner, at), None
        case s.About(subject=own, test=test):
            about = own or subject
            if about is None:
                text = context.scope.source.text[term.start : term.end]
                raise problem(Code.NO_SUBJECT, term.start, term.end, word=text)
            return _about(about, test, term, context), about
        case s.Count():
            return _count(term, context), None
        case s.Member():
            return _member(term, context), None
        case s.Choose():
            value = _choose(term, context.inner(YES_NO))
            return value.expression, None
        case s.YesNo(value=yes):
            return Literal(yes, YES_NO, at), None
        case _:
            value = build_value(term, context.inner())
            if not isinstance(value.type, YesNoType):
                raise not_a_condition(value)
            match value.expression:
                case FieldRef(field=field):
                    return Satisfies(field, OneOf((True,), at), at), term
            return value.expression, None


def _chain(
    term: s.Chain, subject: s.Term | None, context: Context
) -> tuple[Expression, s.Term | None]:
    operands: list[Expression] = []
    issues: list[Issue] = []
    for operand in term.operands:
        try:
            if subject is not None and _extends(operand, subject, term, context.scope):
                _refuse_unclear_extension(operand, operands, context.scope)
                test = s.Exactly(operand.start, operand.end, operand)
                operand = s.About(operand.start, operand.end, None, test)
            condition, subject = _condition(operand, subject, context.inner())
            if isinstance(operand, s.Chain) and operand.every and not term.every:
                _refuse_mixed_connectives(operand, condition, term, context.scope)
            if isinstance(operand, s.Chain) and not (operand.every and not term.every):
                # What stood in brackets lends its subject to nothing behind them.
                subject = None
        except Problem as error:
            issues.extend(error.issues)
            continue
        same = Conjunction if term.every else Disjunction
        operands.extend(condition.operands if isinstance(condition, same) else (condition,))
    if issues:
        raise Problem(*issues)
    at = context.scope.place(term.start, term.end)
    joined = _joined_values(operands) if not term.every else operands
    _refuse_the_senseless(joined, term, context.scope)
    if len(joined) == 1:
        return joined[0], subject
    return (Conjunction if term.every else Disjunction)(tuple(joined), at), subject


def _extends(operand: s.Term, subject: s.Term, chain: s.Chain, scope: Scope) -> bool:
    """Whether a word behind 或 is one more value of the subject: 行业 = 集成电路 或 生物医药."""
    if chain.every or not isinstance(operand, s.Word) or not isinstance(subject, s.Word):
        return False
    fields, names = scope.vocabulary.fields, scope.vocabulary.names
    of_subject, of_operand = names.get(subject.text), names.get(operand.text)
    if of_subject is None or of_subject.field is None or of_operand is None:
        return False
    return list_of(fields[of_subject.field]) in of_operand.codes


def _refuse_unclear_extension(operand: s.Term, before: Sequence[Expression], scope: Scope) -> None:
    """Refuse 行业 ≠ 房地产 或 服务业: nobody can tell what the second value is meant to do."""
    names = scope.vocabulary.names
    own = names[operand.text].field if isinstance(operand, s.Word) else None
    match before[-1] if before else None:
        case Satisfies(test=OneOf() | InCodeList() | AnyOf()) if own is None:
            return
    text = scope.source.text[operand.start : operand.end]
    raise problem(Code.NO_SUBJECT, operand.start, operand.end, word=text)


def _refuse_mixed_connectives(
    inner: s.Chain, condition: Expression, outer: s.Chain, scope: Scope
) -> None:
    """Refuse 甲 且 乙 或 丙 without brackets: drafters mean 甲 且 (乙 或 丙) as often.

    A range of one field is no doubt: 总投资 ≥ 1亿元 且 < 5亿元 或 重点项目.
    """
    text = scope.source.text
    before, after = text[: inner.start].rstrip(), text[inner.end :].lstrip()
    if before.endswith("(") and after.startswith(")"):
        return
    parts = condition.operands if isinstance(condition, Conjunction) else ()
    fields = [each.field if isinstance(each, Satisfies) else None for each in parts]
    if None not in fields and len({*fields}) < 2:
        return
    raise problem(
        Code.MIXED_CONNECTIVES,
        outer.start,
        outer.end,
        _bracketed(text, inner, outer),
    )


def _bracketed(text: str, inner: s.Chain, outer: s.Chain) -> tuple[str, ...]:
    """The outer chain as it is read, and with the brackets round its 或 instead."""

    def inserted(start: int, end: int) -> str:
        pieces = text[outer.start : start], text[start:end], text[end : outer.end]
        return "{}({}){}".format(*pieces)

    as_read = inserted(inner.start, inner.end)
    at = outer.operands.index(inner)
    if at + 1 < len(outer.operands):
        other = inserted(inner.operands[-1].start, outer.operands[at + 1].end)
    else:
        other = inserted(outer.operands[at - 1].start, inner.operands[0].end)
    return other, as_read


def _refuse_the_senseless(operands: Sequence[Expression], term: s.Chain, scope: Scope) -> None:
    """Refuse tests of one field that together pass every value, or none."""
    tests: dict[str, list[UnaryTest]] = {}
    for operand in operands:
        if isinstance(operand, Satisfies):
            tests.setdefault(operand.field, []).append(operand.test)
    text = scope.source.text[term.start : term.end]
    for field, each in tests.items():
        type_ = scope.vocabulary.fields[field].type
        if len(each) < 2 or isinstance(type_, MultiChoiceType):
            continue
        if term.every and contradicts(each, children_of(type_, scope.vocabulary)):
            raise problem(Code.EMPTY_INTERVAL, term.start, term.end, word=text)
        if not term.every and covers_all(each, False, isinstance(type_, YesNoType)):
            raise problem(Code.ALWAYS_TRUE, term.start, term.end, word=text)


def _joined_values(operands: list[Expression]) -> list[Expression]:
    """Make one membership of neighbouring values of one field."""
    joined: list[Expression] = []
    for operand in operands:
        last = joined[-1] if joined else None
        match last, operand:
            case (
                Satisfies(field=field, test=OneOf(values=values), at=at),
                Satisfies(field=same, test=OneOf(values=more)),
            ) if field == same and not {True, False} & {*values, *more}:
                every = tuple(dict.fromkeys((*values, *more)))
                joined[-1] = Satisfies(field, OneOf(every, at), at)
            case _:
                joined.append(operand)
    return joined


def _about(subject: s.Term, test: s.Test, term: s.Term, context: Context) -> Expression:
    """A test put to a subject: of a field where the subject is one, else a comparison."""
    scope = context.scope
    at = scope.place(term.start, term.end)
    flipped = _flipped(subject, test, context)
    if flipped is not None:
        subject, test = flipped
    value = build_value(subject, context.inner())
    field: Field | None = None
    if isinstance(value.expression, FieldRef):
        field = scope.vocabulary.fields[value.expression.field]
    target = target_of(value.type, None, field, context)
    built = build_test(test, target)
    if field is None:
        return _compared(value.expression, value.type, built, term, scope)
    match built:
        case Compare(comparator=comparator, bound=bound) if not isinstance(bound, Literal):
            return Comparison(comparator, value.expression, bound, at)
    return Satisfies(field.name, built, at)


def target_of(type_: FieldType, unit: Unit | None, field: Field | None, context: Context) -> Target:
    """Make the target of tests whose bounds are read in this context."""
    bound = context.inner(type_, unit)
    return Target(type_, unit, field, context.scope, lambda term: fitted(term, bound))


def _flipped(subject: s.Term, test: s.Test, context: Context) -> tuple[s.Term, s.Test] | None:
    """Read 1亿元 ≤ 总投资 and 无锡 = 注册地 from their right-hand side."""
    if not isinstance(test, s.Relation) or test.inclusions:
        return None
    names, fields = context.scope.vocabulary.names, context.scope.vocabulary.fields
    left = isinstance(subject, s.Number | s.Day | s.YesNo)
    if isinstance(subject, s.Word):
        name = names.get(subject.text)
        left = subject.quoted or name is None or name.field not in fields
    name = names.get(test.bound.text) if isinstance(test.bound, s.Word) else None
    right = isinstance(test.bound, s.Word) and name is not None and name.field is not None
    if not (left and right):
        return None
    comparator = _FLIPPED.get(test.comparator, test.comparator)
    return test.bound, s.Relation(test.start, test.end, comparator, subject)


def _compared(
    subject: Expression, type_: FieldType, test: UnaryTest, term: s.Term, scope: Scope
) -> Expression:
    """Spell a test of something that is no field as comparisons."""
    at = scope.place(term.start, term.end)

    def equal(value: Value) -> Expression:
        return Comparison(Comparator.EQUAL, subject, Literal(value, type_, at), at)

    match test:
        case Compare(comparator=comparator, bound=bound):
            return Comparison(comparator, subject, bound, at)
        case OneOf(values=(value,)):
            return equal(value)
        case OneOf(values=values):
            return Disjunction(tuple(equal(value) for value in values), at)
        case Within(low=low, high=high, low_closed=low_closed, high_closed=high_closed):
            above = Comparator.AT_LEAST if low_closed else Comparator.GREATER
            below = Comparator.AT_MOST if high_closed else Comparator.LESS
            ends = Comparison(above, subject, low, at), Comparison(below, subject, high, at)
            return Conjunction(ends, at)
        case Not(test=inner):
            return Inverse(_compared(subject, type_, inner, term, scope), at)
        case AllOf(tests=tests):
            return Conjunction(
                tuple(_compared(subject, type_, each, term, scope) for each in tests), at
            )
        case AnyOf(tests=tests):
            return Disjunction(
                tuple(_compared(subject, type_, each, term, scope) for each in tests), at
            )
    text = scope.source.text[term.start : term.end]
    raise problem(Code.NO_SUBJECT, term.start, term.end, word=text)


def _count(term: s.Count, context: Context) -> Expression:
    """至少(k; …)."""
    first, *rest = term.arguments
    count = number_of(first, context.scope) if isinstance(first, s.Number) else None
    if not isinstance(count, int) or not 1 <= count <= len(rest):
        raise problem(Code.COUNT, first.start, first.end, function=AT_LEAST, given=len(rest))
    conditions = collect(lambda each: build_condition(each, context.inner()), rest)
    return AtLeast(count, tuple(conditions), context.scope.place(term.start, term.end))


def _member(term: s.Member, context: Context) -> Expression:
    """属于(field; values …); with one argument the word itself tells the field."""
    first, *rest = term.arguments
    if rest:
        test = s.Among(term.start, term.end, tuple(rest))
        return _about(first, test, term, context)
    if not isinstance(first, s.Word):
        raise arguments(term, AMONG, 2, 1)
    scope = context.scope
    name = scope.vocabulary.names.get(first.text)
    if name is None:
        raise unknown_word(first, scope, None)
    if name.field is not None and isinstance(scope.vocabulary.fields[name.field].type, YesNoType):
        return build_condition(first, context)
    lists = {*name.codes, *([name.code_list] if name.code_list else [])}
    owners = [each.name for each in scope.vocabulary.fields.values() if list_of(each) in lists]
    if len(owners) != 1:
        raise problem(
            Code.NO_SUBJECT, term.start, term.end,
            [f"{owner} {AMONG} {first.text}" for owner in owners], word=first.text,
        )  # fmt: skip
    owner = s.Word(first.start, first.end, _normal(owners[0], scope))
    return _about(owner, s.Among(term.start, term.end, (first,)), term, context)


def _normal(field: str, scope: Scope) -> str:
    return next(word for word, name in scope.vocabulary.names.items() if name.field == field)
