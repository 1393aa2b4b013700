"""金额 cells: how much, how certainly, and between which limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import cast

from authoring.grammar import syntax as s
from authoring.grammar.conditions import both_ends, collect
from authoring.grammar.expressions import Context, build_value
from authoring.grammar.lexer import Grammar
from authoring.grammar.lexicon import Kind
from authoring.grammar.parsing import parse
from authoring.grammar.parts import Parts
from authoring.grammar.problems import Code, problem
from authoring.grammar.typed import (
    CONDITION,
    Scope,
    adapt,
    describe,
)
from authoring.grammar.units import RateUnit, Unit
from engine.expressions import Arithmetic, Comparator, Expression, Literal, Operator
from engine.model import (
    Benefit,
    ByRegulation,
    Ceiling,
    Definite,
    Discretionary,
    NonMonetary,
    Spread,
    TopUp,
)
from engine.notation import NOTHING, RECEIVED
from engine.types import MoneyType

PAID_IN = MoneyType()
"""Support is paid in yuan: amounts of all measures are added up."""


@dataclass(frozen=True, slots=True)
class AmountReading:
    """What one 金额 cell says: the benefit, and the limits written in the same cell."""

    benefit: Benefit
    floor: Expression | None = None
    caps: tuple[Expression, ...] = ()


def build_amount(amount: s.Amount, unit: Unit | None, scope: Scope) -> AmountReading:
    """Read a 金额 cell. Raises ``Problem``."""

    def limit(each: s.Limit) -> Expression | None:
        if each.amount is None:
            return None
        return _sensible(money(each.amount, unit, scope), _role(each.is_cap), each.amount, scope)

    grant = amount.grant
    parts = collect(
        lambda part: limit(part) if isinstance(part, s.Limit) else _benefit(part, unit, scope),
        (grant, *amount.limits),
    )
    benefit = parts[0]
    assert isinstance(benefit, Benefit)
    limits = list(zip(amount.limits, parts[1:], strict=True))
    caps = [value for each, value in limits if each.is_cap and value is not None]
    floors = [value for each, value in limits if not each.is_cap]
    if len(floors) > 1 or (limits and isinstance(benefit, NonMonetary)):
        last = amount.limits[-1]
        raise problem(Code.STRAY_LIMIT, last.start, last.end)
    if isinstance(benefit, Discretionary) and caps:
        benefit = Discretionary(_expression(caps.pop(0)))
    return AmountReading(
        benefit, _expression(floors[0]) if floors else None, tuple(map(_expression, caps))
    )


def topped_up(parts: Parts, unit: Unit | None, scope: Scope) -> AmountReading:
    """Read 补足至100万元（已享受 往年奖励）, and the limits behind it. Raises ``Problem``."""
    amount = cast(s.Amount, parse(parts.first, Grammar.AMOUNT, scope.vocabulary))
    reading = build_amount(amount, unit, scope)
    if not isinstance(reading.benefit, Definite):
        raise problem(Code.STRAY_LIMIT, amount.start, amount.end)
    received = received_of(parts, scope)
    return replace(reading, benefit=TopUp(reading.benefit.amount, received))


def received_of(parts: Parts, scope: Scope) -> Expression:
    """Read what was received of an amount. Raises ``Problem``."""
    if parts.second is None:
        text = scope.source.text.rstrip()
        offered = [f"{text}（{RECEIVED} {name}）" for name in _received_fields(scope)]
        raise problem(Code.RECEIVED_UNSAID, 0, len(text), offered)
    term = cast(s.Term, parse(parts.second, Grammar.EXPRESSION, scope.vocabulary))
    return money(term, None, scope)


def _received_fields(scope: Scope) -> list[str]:
    """The money fields whose names tell most of something received; none where they are many.

    Of several those are meant that speak of the same time as the cell (累计, 年度).
    """
    names = [field.name for field in scope.vocabulary.fields.values() if field.type == PAID_IN]
    text = scope.source.text
    spells = [each for each in _SPELLS if each in text]
    for words in _OF_RECEIVED:
        found = [name for name in names if any(each in name for each in words)]
        alike = [name for name in found if any(each in name for each in spells)]
        if found:
            meant = alike or found
            return meant if len(meant) <= MOST_OFFERED else []
    return []


_OF_RECEIVED = (
    ("已享受", "已获", "已领", "已拨", "已奖", "已补", "已支持"),
    ("往年", "历年", "上级", "累计"),
    ("享受", "奖励", "补助", "补贴"),
)
"""What the name of such a field says, the most telling first."""
_SPELLS = ("累计", "年度", "本年", "每年")
MOST_OFFERED = 3


def _expression(value: object) -> Expression:
    assert isinstance(value, Expression)
    return value


def money(term: s.Term, unit: Unit | None, scope: Scope) -> Expression:
    """Read a term as money in yuan; a bare number takes the column's unit. Raises ``Problem``."""
    value = build_value(term, Context(scope, PAID_IN, unit))
    if isinstance(value.type, MoneyType) and value.type != PAID_IN:
        raise problem(Code.FOREIGN_AMOUNT, term.start, term.end, found=describe(value.type))
    return adapt(value, PAID_IN, unit, scope).expression


def limit_of(limit: s.Term | s.Limit, is_cap: bool, unit: Unit | None, scope: Scope) -> Expression:
    """Read a limit whose column already says that it is one: 不超过300万元 is 300万元.

    Raises ``Problem``, also where the cell says the contrary of its column.
    """
    term = limit.amount if isinstance(limit, s.Limit) else limit
    contrary = isinstance(limit, s.Limit) and limit.is_cap is not is_cap
    match term:
        case s.About(subject=None, test=s.Relation(comparator=comparator, bound=bound, also=None)):
            contrary = contrary or comparator is not _SIDES[is_cap]
            term = bound
    if contrary or term is None:
        raise problem(Code.STRAY_LIMIT, limit.start, limit.end)
    return _sensible(money(term, unit, scope), _role(is_cap), term, scope)


class _Role(StrEnum):
    """What a sum is for, as findings call it."""

    CAP = "封顶"
    FLOOR = "最低"
    AMOUNT = "金额"


def _role(is_cap: bool) -> _Role:
    return _Role.CAP if is_cap else _Role.FLOOR


def _sensible(amount: Expression, role: _Role, term: s.Term, scope: Scope) -> Expression:
    """Refuse a written sum below zero, and a cap that lets nothing through. Raises ``Problem``."""
    match amount:
        case Literal(value=int() | Fraction() as value) if value < (role is _Role.CAP):
            word = scope.source.text[term.start : term.end]
            raise problem(Code.SENSELESS_SUM, term.start, term.end, role=role.value, word=word)
    return amount


_SIDES = {True: Comparator.AT_MOST, False: Comparator.AT_LEAST}


def _benefit(grant: s.Term | s.UpTo | s.Plain, unit: Unit | None, scope: Scope) -> Benefit:
    match grant:
        case s.Plain(kind=Kind.DISCRETIONARY):
            return Discretionary()
        case s.Plain():
            return ByRegulation()
        case s.UpTo(amount=amount):
            return Ceiling(_sensible(money(amount, unit, scope), _Role.CAP, amount, scope))
        case s.Word(text=text) if text == NOTHING:
            return NonMonetary()
        case s.About(subject=None, test=test):
            return _from_test(test, unit, scope)
    if isinstance(grant, s.Number) and isinstance(grant.quantity.unit, RateUnit):
        word = scope.source.text[grant.start : grant.end]
        raise problem(Code.RATE_OF_NOTHING, grant.start, grant.end, word=word)
    return Definite(_sensible(money(grant, unit, scope), _Role.AMOUNT, grant, scope))


def _reversed(low: Expression, high: Expression) -> bool:
    """Whether a spread is written the wrong way round: two numbers, or two rates of one thing."""
    match low, high:
        case Literal(value=int() | Fraction() as first), Literal(value=int() | Fraction() as last):
            return first > last
        case (
            Arithmetic(operator=Operator.MULTIPLY, left=base, right=first_rate),
            Arithmetic(operator=Operator.MULTIPLY, left=other, right=last_rate),
        ):
            return base == other and _reversed(first_rate, last_rate)
    return False


def _from_test(test: s.Test, unit: Unit | None, scope: Scope) -> Benefit:
    """不超过50万元 is a ceiling, 50万元—200万元 a spread."""
    match test:
        case s.Relation(comparator=Comparator.AT_MOST, bound=bound, inclusions=()):
            return Ceiling(_sensible(money(bound, unit, scope), _Role.CAP, bound, scope))
        case s.Stretch(low=low, high=high, low_inclusion=None, high_inclusion=None):
            first, last = both_ends(low, high)
            low_end, high_end = collect(
                lambda end: _sensible(money(end, unit, scope), _Role.AMOUNT, end, scope),
                (first, last),
            )
            if _reversed(low_end, high_end):
                word = scope.source.text[test.start : test.end]
                raise problem(Code.EMPTY_INTERVAL, test.start, test.end, word=word)
            return Spread(low_end, high_end)
    raise problem(
        Code.WRONG_TYPE, test.start, test.end, found=CONDITION, expected=describe(PAID_IN)
    )
