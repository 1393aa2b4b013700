"""A second reading of docs/semantics.md, slow and literal, against which the engine is checked.

It takes from the engine nothing but its data definitions: no truth tables, no arithmetic, no order
of tables. Every derived field is worked out on demand, from the inputs, by plain recursion; a field
that asks for itself is missing. Numbers are spans of exact fractions throughout, so that a known
number, a range and "anything from nothing to unbounded" are one thing.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import ceil, lcm
from typing import Any, TypeAlias

from engine.cases import Case
from engine.expressions import (
    AllOf,
    AnyOf,
    Anything,
    Arithmetic,
    AtLeast,
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
    AmountComparison,
    ByRegulation,
    Ceiling,
    Combination,
    DecisionTable,
    Definite,
    Discretionary,
    Field,
    Grant,
    HitPolicy,
    Measure,
    NonMonetary,
    Policy,
    ReceivedTreatment,
    Rule,
    Source,
    Spread,
    StackingGroup,
    StackingMode,
    TopUp,
    WhenMissing,
)
from engine.outcome import Certainty
from engine.types import NUMERIC_TYPES, ChoiceType, MultiChoiceType
from engine.values import Range, Rounding, RoundingMode, Value

INF = float("inf")
ZERO = Fraction(0)

Number: TypeAlias = Fraction | float
"""A fraction, or an infinity."""


@dataclass(frozen=True)
class Span:
    """Every number from ``low`` to ``high``; one number when both are the same."""

    low: Number
    high: Number

    @property
    def known(self) -> bool:
        return self.low == self.high


EVERYTHING = Span(-INF, INF)

Known: TypeAlias = bool | Span | date | str | frozenset[str]
Truth: TypeAlias = bool | None
Cause: TypeAlias = tuple[str, str]
"""("missing", input field) or ("conflict", table)."""
Causes: TypeAlias = frozenset[Cause]
NOTHING: Causes = frozenset()
UNEXPLAINED: Causes = frozenset({("unexplained", "")})
BEFORE, CAP = "(earlier_award)", "(joint_cap)"
"""By what a measure is displaced when no other one displaces it."""


@dataclass(frozen=True)
class Sum:
    """An amount of money: both ends None when the measure names no number."""

    low: Number | None
    high: Number | None
    certainty: str

    @property
    def counts(self) -> bool:
        return self.high is not None

    @property
    def span(self) -> Span:
        assert self.low is not None
        assert self.high is not None
        return Span(self.low, self.high)


@dataclass(frozen=True)
class Reckoned:
    """A cap or an earlier award: what it may be, what could make it matter, and what is behind."""

    possible: Span
    doubt: Span
    causes: Causes = NOTHING


@dataclass(frozen=True)
class Answer:
    """The verdict on one measure."""

    verdict: str
    amount: Sum | None = None
    missing: frozenset[str] = frozenset()
    by: str | None = None
    candidates: tuple[str, ...] = ()


def answer(policy: Policy, case: Case) -> dict[str, dict[str, Any]]:
    """Say what ``policy`` gives in ``case``, as plain data.

    ``measures``: verdict, amount (low, high, certainty), missing, by, candidates of each measure.
    ``derived``: the value of each field that a table sets, None where it is missing.
    ``totals``: low, high, certain, uncounted and at_stake of each beneficiary.
    """
    return Reading(policy, case).answer()


def plain(value: Known | None) -> object:
    """Turn a value of the oracle into one that can be compared with the engine's."""
    if isinstance(value, Span):
        return value.low if value.known else (value.low, value.high)
    return value


# --- truth ----------------------------------------------------------------------------------------


def conjunction(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    if False in found:
        return False
    return None if None in found else True


def disjunction(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    if True in found:
        return True
    return None if None in found else False


def negation(truth: Truth) -> Truth:
    return None if truth is None else not truth


# --- numbers --------------------------------------------------------------------------------------


def lift(value: Value | None) -> Known | None:
    """Turn a value of the model into one of the oracle."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Fraction):
        return Span(Fraction(value), Fraction(value))
    if isinstance(value, Range):
        ends = [v if isinstance(v, float) else Fraction(v) for v in (value.low, value.high)]
        return Span(ends[0], ends[1])
    return value


def hull(spans: Iterable[Span]) -> Span:
    found = list(spans)
    return Span(min(s.low for s in found), max(s.high for s in found))


def plus(a: Span, b: Span) -> Span:
    return Span(a.low + b.low, a.high + b.high)


def minus(a: Span, b: Span) -> Span:
    return Span(a.low - b.high, a.high - b.low)


def times(a: Span, b: Span) -> Span:
    ends = [Fraction(0) if 0 in (x, y) else x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    return Span(min(ends), max(ends))


def over(a: Span, b: Span) -> Span | None:
    """The quotient; None where the divisor is or may be zero."""
    if b.low <= 0 <= b.high:
        return None
    inverses = [Fraction(0) if isinstance(end, float) else 1 / end for end in (b.high, b.low)]
    return times(a, Span(inverses[0], inverses[1]))


def unbounded(a: Span, b: Span) -> Span:
    """What a quotient may be whose divisor may be zero."""
    return Span(ZERO, INF) if a.low >= 0 and b.low >= 0 else EVERYTHING


def floor(number: Number) -> Number:
    return number if isinstance(number, float) else Fraction(number.numerator // number.denominator)


def whole_steps(number: Number, mode: RoundingMode) -> Number:
    """Round to a whole number: towards zero, away from zero, or half away from zero."""
    if isinstance(number, float):
        return number
    size = abs(number)
    whole = floor(size)
    if mode is RoundingMode.UP and whole != size:
        whole += 1
    if mode is RoundingMode.HALF_UP and size - whole >= Fraction(1, 2):
        whole += 1
    return whole if number >= 0 else -whole


def rounded(number: Number, rounding: Rounding) -> Number:
    return whole_steps(number / rounding.step, rounding.mode) * rounding.step


def months_between(start: date, end: date) -> int:
    """Count the whole months by going forward one by one."""
    if end < start:
        return -months_between(end, start)
    months = 0
    while True:
        years, month = divmod(start.month + months, 12)
        year = start.year + years
        last = calendar.monthrange(year, month + 1)[1]
        if date(year, month + 1, min(start.day, last)) > end:
            return months
        months += 1


def counted_on(start: date, count: int, by_month: bool) -> date:
    """Count days or months on from a day; a month without that day gives its last one."""
    if not by_month:
        count = max(date.min.toordinal(), min(start.toordinal() + count, date.max.toordinal()))
        return date.fromordinal(count)
    years, month = divmod(start.month - 1 + count, 12)
    year = start.year + years
    if year > date.max.year:
        return date.max
    if year < date.min.year:
        return date.min
    day = start.day
    while True:
        try:
            return date(year, month + 1, day)
        except ValueError:
            day -= 1


def compare(comparator: Comparator, left: Known, right: Known) -> Truth:
    """Compare two known things: numbers by all that they may be, anything else as it stands."""
    if comparator is Comparator.NOT_EQUAL:
        return negation(compare(Comparator.EQUAL, left, right))
    if comparator is Comparator.GREATER:
        return compare(Comparator.LESS, right, left)
    if comparator is Comparator.AT_LEAST:
        return compare(Comparator.AT_MOST, right, left)
    if isinstance(left, Span) and isinstance(right, Span):
        if comparator is Comparator.EQUAL:
            if left.known and right.known:
                return left.low == right.low
            return None if left.low <= right.high and right.low <= left.high else False
        if comparator is Comparator.LESS:
            if left.high < right.low:
                return True
            return None if left.low < right.high else False
        if left.high <= right.low:
            return True
        return None if left.low <= right.high else False
    if comparator is Comparator.EQUAL:
        return left == right
    if isinstance(left, date) and isinstance(right, date):
        return left < right if comparator is Comparator.LESS else left <= right
    return None


# --- the reading of one case ----------------------------------------------------------------------


class Reading:
    """All that can be said of one case under one policy."""

    def __init__(self, policy: Policy, case: Case) -> None:
        self.policy = policy
        self.case = case
        self.fields: dict[str, Field] = {f.name: f for f in policy.fields}
        self.lists = {codes.name: codes for codes in policy.code_lists}
        self.table_of: dict[str, DecisionTable] = {
            clause.field: table for table in policy.tables for clause in table.outputs
        }
        self.tables = {table.name: table for table in policy.tables}
        self._fields: dict[str, Known | None] = {}
        self._rows: dict[str, list[tuple[Rule, Truth]]] = {}
        self._results: dict[str, tuple[list[Known | None], bool]] = {}
        self._causes: dict[str, Causes] = {}
        self.stuck_fields: dict[str, bool] = {}
        self._measures: dict[
            str, tuple[dict[str, Truth], dict[str, list[Rule]], dict[str, list[Rule]]]
        ] = {}
        self._asked: set[str] = set()

    def answer(self) -> dict[str, dict[str, Any]]:
        """Give all answers as plain data; see ``answer``."""
        first = {measure.id: self.verdict(measure) for measure in self.policy.measures}
        final = self.settle(first)
        return {
            "measures": {
                name: {
                    "verdict": found.verdict,
                    "amount": found.amount
                    and (found.amount.low, found.amount.high, found.amount.certainty),
                    "missing": found.missing,
                    "by": found.by,
                    "candidates": found.candidates,
                    "payments": self.payments(name, found),
                }
                for name, found in final.items()
            },
            "derived": {name: plain(self.field(name)) for name in self.table_of},
            "totals": self.totals(first, final),
        }

    def payments(self, name: str, found: Answer) -> list[tuple[Number, Number]]:
        """The instalments of a measure: each from its low to its high end."""
        plan = next(m.plan for m in self.policy.measures if m.id == name)
        if plan is None or found.verdict != "granted" or not amount_of(found).counts:
            return []
        span = amount_of(found).span
        if span.high == INF:
            return []
        step = Fraction(self.policy.rounding.step)
        shares = [Fraction(part.share) for part in plan.instalments]
        # Shifting an amount by a whole period shifts each instalment by its share of it, so that
        # the least stands in the first period and the most in the last one; where an instalment
        # may be cut to what is left, which only small amounts are, the first holds both.
        period = lcm(*(share.denominator for share in shares))
        period *= max(1, ceil(len(shares) / shares[-1] / period))
        steps = int((span.high - span.low) / step)
        near = {min(at, steps) for at in range(period + 1)}
        near |= {max(0, steps - at) for at in range(period + 1)}
        paid = [self._paid(span.low + at * step, shares) for at in near] + [
            self._paid(span.high, shares)
        ]
        return [(min(parts), max(parts)) for parts in zip(*paid, strict=True)]

    def _paid(self, whole: Number, shares: list[Fraction]) -> list[Number]:
        """What each instalment of a known amount is."""
        paid: list[Number] = []
        for share in shares[:-1]:
            due = rounded(whole * share, self.policy.rounding)
            paid.append(min(due, whole - sum(paid, ZERO)))
        return [*paid, whole - sum(paid, ZERO)]

    def rules_that_hold(self) -> list[str]:
        """The rules in force that are true, exceptions applied."""
        return [
            rule.id
            for table in self.policy.tables
            for rule, truth in self.rows(table)
            if truth is True
        ]

    # facts

    def given(self, name: str) -> Value | None:
        """What the case itself says; nothing counts as said of a purely derived field."""
        field = self.fields.get(name)
        if field is not None and field.source is Source.DERIVED:
            return None
        return self.case.facts.get(name)

    def field(self, name: str) -> Known | None:
        """The value of a field, None when it is missing."""
        if name not in self._fields:
            if name in self._asked:
                return None
            self._asked.add(name)
            self._fields[name] = self._work_out(name)
            self._asked.discard(name)
        return self._fields[name]

    def assume(self, name: str, value: Known) -> None:
        """Go on as if a field had a value."""
        self._fields[name] = value

    def _work_out(self, name: str) -> Known | None:
        given = self.given(name)
        if given is not None:
            return lift(given)
        if name in self.table_of:
            table = self.table_of[name]
            values, _ = self.result(table)
            return values[[clause.field for clause in table.outputs].index(name)]
        field = self.fields[name]
        if field.when_missing is WhenMissing.ZERO:
            return Span(Fraction(0), Fraction(0))
        if field.when_missing is WhenMissing.FALSE:
            return frozenset() if isinstance(field.type, MultiChoiceType) else False
        return None

    # tests

    def ancestors(self, code_list: str, value: str) -> Iterator[str]:
        parents = {code.value: code.parent for code in self.lists[code_list].codes}
        seen = {value}
        above = parents.get(value)
        while above is not None and above not in seen:
            yield above
            seen.add(above)
            above = parents.get(above)

    def code_is(self, code_list: str, value: str, wanted: str) -> Truth:
        if value == wanted or wanted in self.ancestors(code_list, value):
            return True
        return None if value in self.ancestors(code_list, wanted) else False

    def is_one_of(self, name: str, value: Known, wanted: Sequence[Value]) -> Truth:
        kind = self.fields[name].type
        if isinstance(value, frozenset):
            return disjunction(self._has(name, value, want) for want in wanted)
        if isinstance(kind, ChoiceType) and isinstance(value, str):
            yes_or_no = [self.code_is(kind.code_list, value, str(want)) for want in wanted]
            return disjunction(yes_or_no)
        others = [lift(want) for want in wanted]
        return disjunction(
            compare(Comparator.EQUAL, value, want) for want in others if want is not None
        )

    def _has(self, name: str, value: frozenset[str], wanted: Value) -> Truth:
        kind = self.fields[name].type
        assert isinstance(kind, MultiChoiceType)
        return disjunction(self.code_is(kind.code_list, each, str(wanted)) for each in value)

    def stands_in(self, code_list: str, value: str) -> Truth:
        codes = self.lists[code_list]
        for code in codes.codes:
            if code.value == value and self.in_force(code.effective, code.expires):
                return True
        return None if codes.pending else False

    def in_force(self, effective: date | None, expires: date | None) -> bool:
        after = effective is None or effective <= self.case.date
        return after and (expires is None or self.case.date <= expires)

    def test(self, name: str, test: UnaryTest) -> Truth:
        """Put a field to a unary test."""
        match test:
            case Anything():
                return True
            case Present(absent=absent):
                return (self.case.facts.get(name) is None) is absent
            case AnyOf(tests=tests):
                return disjunction(self.test(name, each) for each in tests)
            case AllOf(tests=tests):
                return conjunction(self.test(name, each) for each in tests)
            case Not(test=inner):
                return negation(self.test(name, inner))
        value = self.field(name)
        if value is None:
            return None
        match test:
            case OneOf(values=values):
                return self.is_one_of(name, value, values)
            case HasAll(values=values):
                assert isinstance(value, frozenset)
                if not value:
                    return False
                return conjunction(self._has(name, value, want) for want in values)
            case InCodeList(code_list=code_list):
                held = value if isinstance(value, frozenset) else frozenset({str(value)})
                return disjunction(self.stands_in(code_list, each) for each in held)
            case Compare() | Within():
                return conjunction(
                    None if bound is None else compare(comparator, value, bound)
                    for comparator, bound in self._limits(test)
                )
        raise AssertionError(test)

    def _limits(self, test: Compare | Within) -> list[tuple[Comparator, Known | None]]:
        return [(comparator, self.value(bound)) for comparator, bound in limits(test)]

    # expressions

    def truth(self, expression: Expression) -> Truth:
        value = self.value(expression)
        return value if isinstance(value, bool) else None

    def value(self, expression: Expression, widest: bool = False) -> Known | None:
        """Work an expression out; None when it is missing.

        With ``widest``, a missing number is everything that it may still be.
        """
        match expression:
            case Literal(value=value):
                return lift(value)
            case FieldRef(field=name):
                found = self.field(name)
                if found is None and widest and isinstance(self.fields[name].type, NUMERIC_TYPES):
                    return self.possible_field(name)
                return found
            case Satisfies(field=name, test=test):
                return self.test(name, test)
            case Comparison(comparator=comparator, left=left, right=right):
                a, b = self.value(left), self.value(right)
                return None if a is None or b is None else compare(comparator, a, b)
            case Conjunction(operands=operands):
                return conjunction(map(self.truth, operands))
            case Disjunction(operands=operands):
                return disjunction(map(self.truth, operands))
            case Inverse(operand=operand):
                return negation(self.truth(operand))
            case AtLeast(count=count, conditions=conditions):
                truths = [self.truth(each) for each in conditions]
                if truths.count(True) >= count:
                    return True
                return None if truths.count(True) + truths.count(None) >= count else False
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                decided = self.truth(condition)
                if decided is not None:
                    return self.value(then if decided else otherwise, widest)
                a, b = self.value(then, widest), self.value(otherwise, widest)
                if widest and isinstance(a, Span) and isinstance(b, Span):
                    return hull([a, b])
                return a if self.same(then, otherwise) else None
            case Negate(operand=operand):
                parts = self._numbers([operand], widest)
                return None if parts is None else minus(Span(ZERO, ZERO), parts[0])
            case Arithmetic(operator=operator, left=left, right=right):
                parts = self._numbers([left, right], widest)
                if parts is None:
                    return None
                a, b = parts
                match operator:
                    case Operator.ADD:
                        return plus(a, b)
                    case Operator.SUBTRACT:
                        return minus(a, b)
                    case Operator.MULTIPLY:
                        return times(a, b)
                    case Operator.DIVIDE:
                        return over(a, b) or (unbounded(a, b) if widest else None)
            case Brackets(base=base, brackets=brackets):
                parts = self._numbers([base], widest)
                if parts is None:
                    return None

                def earned(end: Number) -> Number:
                    total: Number = ZERO
                    for bracket in brackets:
                        if end > bracket.low:
                            top = end if bracket.high is None else min(end, bracket.high)
                            part = Span(top - bracket.low, top - bracket.low)
                            rate = Fraction(bracket.rate)
                            total += times(part, Span(rate, rate)).low
                    return total

                return Span(earned(parts[0].low), earned(parts[0].high))
            case Call():
                return self._call(expression, widest)
        raise AssertionError(expression)

    def same(self, one: Expression, other: Expression) -> bool:
        """Whether two expressions have values that are surely equal, whatever is still open."""
        a, b = self.value(one), self.value(other)
        if a is None or b is None:
            return False
        return one == other or compare(Comparator.EQUAL, a, b) is True

    def differ(self, one: Expression, other: Expression) -> bool:
        """Whether two expressions have values that surely differ."""
        a, b = self.value(one), self.value(other)
        return a is not None and b is not None and compare(Comparator.EQUAL, a, b) is False

    def _call(self, call: Call, widest: bool) -> Known | None:
        if call.function in (Function.MONTHS, Function.YEARS):
            days = [self.value(argument) for argument in call.arguments]
            start, end = days
            if not isinstance(start, date) or not isinstance(end, date):
                return EVERYTHING if widest else None
            months = months_between(start, end)
            if call.function is Function.MONTHS:
                return Span(Fraction(months), Fraction(months))
            years = Fraction(abs(months) // 12 * (1 if months >= 0 else -1))
            return Span(years, years)
        if call.function in (Function.MONTHS_LATER, Function.DAYS_LATER):
            since, count = (self.value(argument) for argument in call.arguments)
            if not isinstance(since, date) or not (isinstance(count, Span) and count.known):
                return None
            by_month = call.function is Function.MONTHS_LATER
            return counted_on(since, int(floor(count.low)), by_month)
        parts = self._numbers(call.arguments, widest)
        if parts is None:
            return None
        match call.function:
            case Function.INCREASE:
                more = minus(parts[0], parts[1])
                return Span(max(ZERO, more.low), max(ZERO, more.high))
            case Function.GROWTH:
                now, base = parts
                ratio = over(now, base) if base.low > 0 else None
                if ratio is not None:
                    return minus(ratio, Span(Fraction(1), Fraction(1)))
                if not widest:
                    return None
                return Span(Fraction(-1), INF) if now.low >= 0 else EVERYTHING
            case Function.MAX:
                return Span(max(p.low for p in parts), max(p.high for p in parts))
            case Function.MIN:
                return Span(min(p.low for p in parts), min(p.high for p in parts))
            case Function.CONVERT:
                return times(parts[0], parts[1])
            case Function.EVERY_FULL:
                quotient = over(parts[0], parts[1])
                if quotient is None:
                    return unbounded(parts[0], parts[1]) if widest else None
                return Span(floor(quotient.low), floor(quotient.high))
            case Function.ROUND | Function.ROUND_DOWN | Function.ROUND_UP:
                mode = {
                    Function.ROUND: RoundingMode.HALF_UP,
                    Function.ROUND_DOWN: RoundingMode.DOWN,
                    Function.ROUND_UP: RoundingMode.UP,
                }[call.function]
                number, step = parts
                if not step.known or step.low == 0:
                    return unbounded(number, step) if widest else None
                steps = over(number, step)
                assert steps is not None
                whole = Span(whole_steps(steps.low, mode), whole_steps(steps.high, mode))
                return times(whole, step)
        raise AssertionError(call)

    def _numbers(self, expressions: Sequence[Expression], widest: bool) -> list[Span] | None:
        found = [self.value(each, widest) for each in expressions]
        spans = [each for each in found if isinstance(each, Span)]
        return spans if len(spans) == len(found) else None

    def possible_field(self, name: str) -> Span:
        """Everything that a missing number may still be."""
        field = self.fields[name]
        table = self.table_of.get(name)
        if table is not None and name not in self._asked:
            self._asked.add(name)
            at = [clause.field for clause in table.outputs].index(name)
            worth = {
                rule.id: self._money(rule.conclusions[at])
                for rule, truth in self.rows(table)
                if truth is not False
            }
            yes = [rule.id for rule, truth in self.rows(table) if truth is True]
            spans = list(worth.values())
            default = table.outputs[at].default
            if default is not None and not yes:
                spans.append(self._money(default))
            self._asked.discard(name)
            if table.hit_policy is HitPolicy.SUM:
                terms = [
                    each if rule in yes else hull([each, Span(ZERO, ZERO)])
                    for rule, each in worth.items()
                ]
                return Span(sum((t.low for t in terms), ZERO), sum((t.high for t in terms), ZERO))
            if spans:
                return hull(spans)
        least = lift(field.minimum)
        return Span(min(ZERO, least.low) if isinstance(least, Span) else ZERO, INF)

    # rows and tables

    def rows(self, table: DecisionTable) -> list[tuple[Rule, Truth]]:
        """The rows in force with what is true of each after its exceptions."""
        if table.name not in self._rows:
            live = [r for r in table.rules if self.in_force(r.effective, r.expires)]
            own = {
                r.id: conjunction(self.truth(condition.expression) for condition in r.conditions)
                for r in live
            }

            def after(rule: Rule, path: tuple[str, ...]) -> Truth:
                truth = own[rule.id]
                if truth is False:
                    return False
                for other in live:
                    if rule.id in other.overrides and other.id not in path:
                        exception = after(other, (*path, rule.id))
                        if exception is True:
                            return False
                        if exception is None:
                            truth = None
                return truth

            self._rows[table.name] = [(rule, after(rule, ())) for rule in live]
        return self._rows[table.name]

    def result(self, table: DecisionTable) -> tuple[list[Known | None], bool]:
        """The values of a table's outputs, and whether its rows contradict each other."""
        if table.name not in self._results:
            self._results[table.name] = self._close(table)
        return self._results[table.name]

    def _close(self, table: DecisionTable) -> tuple[list[Known | None], bool]:
        yes = [rule for rule, truth in self.rows(table) if truth is True]
        open_ = [rule for rule, truth in self.rows(table) if truth is None]
        missing: list[Known | None] = [None] * len(table.outputs)
        if table.hit_policy in (
            HitPolicy.COLLECT,
            HitPolicy.COUNT,
            HitPolicy.SUM,
            HitPolicy.MIN,
            HitPolicy.MAX,
        ):
            folds = [self._fold(table, at, yes, open_) for at in range(len(table.outputs))]
            return folds, False
        if not yes and not open_:
            return [self._default(table, at) for at in range(len(table.outputs))], False
        if not yes:
            return missing, False
        for rule in open_:
            if self._matters(table, rule, 0):
                return missing, self._contradictory(table, yes)
        if self._contradictory(table, yes):
            return missing, True
        leaders = self.leaders(table)
        if table.hit_policy is HitPolicy.ANY:
            return [
                self.value(yes[0].conclusions[at])
                if all(self.same(yes[0].conclusions[at], rule.conclusions[at]) for rule in yes)
                else None
                for at in range(len(missing))
            ], False
        if len(leaders) > 1:
            return missing, False
        return [self.value(c) for c in leaders[0].conclusions], False

    def _contradictory(self, table: DecisionTable, yes: list[Rule]) -> bool:
        """Whether the true rows of a table surely exclude each other."""
        if table.hit_policy is HitPolicy.UNIQUE:
            return len(yes) > 1
        return table.hit_policy is HitPolicy.ANY and any(
            self.differ(*pair)
            for a in yes
            for b in yes
            for pair in zip(a.conclusions, b.conclusions, strict=True)
        )

    def leaders(self, table: DecisionTable) -> list[Rule]:
        """The true rows that count; in an 优先 table several, when one of them is the highest."""
        yes = [rule for rule, truth in self.rows(table) if truth is True]
        match table.hit_policy:
            case HitPolicy.FIRST:
                return yes[:1]
            case HitPolicy.PRIORITY:
                return [r for r in yes if not any(self._above(table, o, r) for o in yes)]
        return yes

    def _above(self, table: DecisionTable, one: Rule, other: Rule) -> bool:
        """Whether a row of an 优先 table surely comes before another."""
        a, b = (self._standing(table, self.value(r.conclusions[0])) for r in (one, other))
        order = [rule.id for rule in table.rules]
        if a is None or b is None:
            return False
        return a < b or (a == b and order.index(one.id) < order.index(other.id))

    def _default(self, table: DecisionTable, at: int) -> Known | None:
        default = table.outputs[at].default
        return None if default is None else self.value(default)

    def _standing(self, table: DecisionTable, value: Known | None) -> Number | None:
        """The 次序 of a code; None when the code itself is missing."""
        if value is None:
            return None
        kind = self.fields[table.outputs[0].field].type
        assert isinstance(kind, ChoiceType)
        for position, code in enumerate(self.lists[kind.code_list].codes):
            if code.value == value:
                return Fraction(position if code.rank is None else code.rank)
        return INF

    def _fold(
        self, table: DecisionTable, at: int, yes: list[Rule], open_: list[Rule]
    ) -> Known | None:
        sure, loose = Fraction(len(yes)), Fraction(len(open_))
        if table.hit_policy is HitPolicy.COUNT:
            return Span(sure, sure + loose)
        if not yes and not open_:
            nil = Span(ZERO, ZERO)
            return nil if table.hit_policy is HitPolicy.SUM else self._default(table, at)
        firm = [self.value(rule.conclusions[at]) for rule in yes]
        maybe = [self.value(rule.conclusions[at]) for rule in open_]
        if table.hit_policy is HitPolicy.COLLECT:
            sets = [each for each in firm if isinstance(each, frozenset)]
            if not yes or len(sets) < len(firm):
                return None
            union = frozenset[str]().union(*sets)
            adds_nothing = all(isinstance(each, frozenset) and each <= union for each in maybe)
            return union if adds_nothing else None
        spans = [each for each in firm if isinstance(each, Span)]
        extra = [each for each in maybe if isinstance(each, Span)]
        if len(spans) + len(extra) < len(firm) + len(maybe):
            return None
        if table.hit_policy is HitPolicy.SUM:
            low = sum((s.low for s in spans), ZERO) + sum((min(ZERO, s.low) for s in extra), ZERO)
            high = sum((s.high for s in spans), ZERO)
            return Span(low, high + sum((max(ZERO, s.high) for s in extra), ZERO))
        if not yes:
            return None
        if table.hit_policy is HitPolicy.MIN:
            return Span(min(s.low for s in spans + extra), min(s.high for s in spans))
        return Span(max(s.low for s in spans), max(s.high for s in spans + extra))

    # what stands behind an unknown

    def field_causes(self, name: str) -> Causes:
        value = self.field(name)
        if value is not None and not (isinstance(value, Span) and not value.known):
            return NOTHING
        if self.given(name) is not None:
            return NOTHING
        if name in self._causes:
            return self._causes[name]
        self._causes[name] = NOTHING
        found: set[Cause] = set()
        if self.fields[name].source is not Source.DERIVED:
            found.add(("missing", name))
        table = self.table_of.get(name)
        if table is not None:
            at = [clause.field for clause in table.outputs].index(name)
            rows = self.rows(table)
            if self.result(table)[1]:
                found.add(("conflict", table.name))
            elif all(truth is False for _, truth in rows):
                default = table.outputs[at].default
                found |= NOTHING if default is None else self.causes(default)
            else:
                for rule, truth in rows:
                    if truth is None and self._matters(table, rule, at):
                        found |= self.row_causes(table, rule)
                    if truth is True and rule in (leaders := self.leaders(table)):
                        found |= self.causes(rule.conclusions[at])
                        if table.hit_policy is HitPolicy.PRIORITY and len(leaders) > 1:
                            found |= self.causes(rule.conclusions[0])
        self._causes[name] = frozenset(found)
        return self._causes[name]

    def _matters(self, table: DecisionTable, rule: Rule, at: int) -> bool:
        """Whether an unknown row keeps the result of its table open, or makes it a range."""
        yes = [row for row, truth in self.rows(table) if truth is True]
        worth = self.value(rule.conclusions[at])
        if table.hit_policy is HitPolicy.SUM:
            return worth != Span(ZERO, ZERO)
        if not yes or table.hit_policy is HitPolicy.COUNT:
            return True
        sure = [self.value(row.conclusions[at]) for row in yes]
        order = [each for each, _ in self.rows(table)]
        match table.hit_policy:
            case HitPolicy.UNIQUE:
                return False
            case HitPolicy.FIRST:
                if order.index(rule) > order.index(yes[0]):
                    return False
            case HitPolicy.PRIORITY:
                if any(self._above(table, row, rule) for row in yes):
                    return False
            case HitPolicy.COLLECT:
                union = frozenset[str]().union(*(x for x in sure if isinstance(x, frozenset)))
                adds_nothing = isinstance(worth, frozenset) and worth <= union
                return None in sure or not adds_nothing
            case HitPolicy.MIN | HitPolicy.MAX:
                known = [each for each in sure if isinstance(each, Span)]
                if len(known) < len(sure) or not isinstance(worth, Span):
                    return True
                if table.hit_policy is HitPolicy.MIN:
                    return worth.low < min(each.high for each in known)
                return worth.high > max(each.low for each in known)
        leaders = self.leaders(table)
        if table.hit_policy is HitPolicy.PRIORITY and len(leaders) > 1:
            return True
        return not any(
            all(map(self.same, rule.conclusions, leader.conclusions)) for leader in leaders
        )

    def row_causes(self, table: DecisionTable, rule: Rule, path: tuple[str, ...] = ()) -> Causes:
        """What leaves a row unknown: its own conditions, and the rows that may override it."""
        found: set[Cause] = set()
        for condition in rule.conditions:
            if self.truth(condition.expression) is None:
                found |= self.causes(condition.expression)
        for other, truth in self.rows(table):
            if rule.id in other.overrides and truth is None and other.id not in path:
                found |= self.row_causes(table, other, (*path, rule.id))
        return frozenset(found)

    def causes(self, expression: Expression) -> Causes:
        """The missing inputs and the conflicts that keep an expression from being known."""
        value = self.value(expression)
        if value is not None and not (isinstance(value, Span) and not value.known):
            return NOTHING
        match expression:
            case Literal():
                return NOTHING
            case FieldRef(field=name):
                return self.field_causes(name)
            case Satisfies(field=name, test=test):
                return self._test_causes(name, test)
            case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
                return self.causes(left) | self.causes(right)
            case Negate(operand=operand) | Inverse(operand=operand):
                return self.causes(operand)
            case Brackets(base=base):
                return self.causes(base)
            case Call(arguments=parts):
                return self._all_causes(parts)
            case Conjunction(operands=parts) | Disjunction(operands=parts):
                return self._all_causes(parts)
            case AtLeast(conditions=parts):
                return self._all_causes(parts)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                decided = self.truth(condition)
                if decided is not None:
                    return self.causes(then if decided else otherwise)
                return self._all_causes([condition, then, otherwise])
        raise AssertionError(expression)

    def _all_causes(self, parts: Sequence[Expression]) -> Causes:
        return NOTHING.union(*(self.causes(part) for part in parts))

    def _test_causes(self, name: str, test: UnaryTest) -> Causes:
        if self.test(name, test) is not None:
            return NOTHING
        return self.field_causes(name) | self._all_causes(list(bounds(test)))

    # what keeps a table open

    def _at(self, table: DecisionTable, name: str) -> int:
        return [clause.field for clause in table.outputs].index(name)

    def mattering(self, table: DecisionTable, name: str) -> list[Rule]:
        """The unknown rows that keep a field of a table open."""
        at = self._at(table, name)
        rows = [rule for rule, truth in self.rows(table) if truth is None]
        return [rule for rule in rows if self._matters(table, rule, at)]

    def with_exceptions(self, table: DecisionTable, rules: Iterable[Rule]) -> list[Rule]:
        """Unknown rows and the unknown rows that may override them, theirs too."""
        found = list(rules)
        for rule in found:
            found += [
                other
                for other, truth in self.rows(table)
                if rule.id in other.overrides and truth is None and other not in found
            ]
        return found

    def ends_of(self, table: DecisionTable, name: str, rules: list[Rule]) -> list[Expression]:
        """What rows conclude for a field; of several in an 优先 table, what ranks them too."""
        at = self._at(table, name)
        found = [rule.conclusions[at] for rule in rules]
        if table.hit_policy is HitPolicy.PRIORITY and len(rules) > 1:
            found += [rule.conclusions[0] for rule in rules]
        return found

    def default_to_come(self, table: DecisionTable, name: str) -> list[Expression]:
        default = table.outputs[self._at(table, name)].default
        return [] if default is None or self.leaders(table) else [default]

    def direct(self, expression: Expression) -> frozenset[str]:
        """The blank fields that themselves stand in the open parts of an expression."""
        value = self.value(expression)
        if value is not None and not (isinstance(value, Span) and not value.known):
            return frozenset()
        match expression:
            case FieldRef(field=name):
                return self._blank(name)
            case Satisfies(field=name, test=Present()):
                return frozenset()
            case Satisfies(field=name, test=test):
                return self._blank(name).union(*map(self.direct, bounds(test)))
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                decided = self.truth(condition)
                if decided is not None:
                    return self.direct(then if decided else otherwise)
                parts: Sequence[Expression] = (condition, then, otherwise)
            case Conjunction(operands=parts) | Disjunction(operands=parts):
                pass
            case AtLeast(conditions=parts) | Call(arguments=parts):
                pass
            case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
                parts = (left, right)
            case Negate(operand=operand) | Inverse(operand=operand) | Brackets(base=operand):
                parts = (operand,)
            case _:
                parts = ()
        return frozenset[str]().union(*map(self.direct, parts))

    def open_in(self, expression: Expression) -> frozenset[str]:
        """The fields that themselves leave an expression open, blank or known by their limits."""
        value = self.value(expression)
        if value is not None and not (isinstance(value, Span) and not value.known):
            return frozenset()
        match expression:
            case FieldRef(field=name):
                return frozenset({name})
            case Satisfies(field=name, test=test):
                found = frozenset[str]().union(*map(self.open_in, bounds(test)))
                value = self.field(name)
                known = value is not None and not (isinstance(value, Span) and not value.known)
                return found if known else found | {name}
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                decided = self.truth(condition)
                if decided is not None:
                    return self.open_in(then if decided else otherwise)
                parts: Sequence[Expression] = (condition, then, otherwise)
            case Conjunction(operands=parts) | Disjunction(operands=parts):
                pass
            case AtLeast(conditions=parts) | Call(arguments=parts):
                pass
            case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
                parts = (left, right)
            case Negate(operand=operand) | Inverse(operand=operand) | Brackets(base=operand):
                parts = (operand,)
            case _:
                parts = ()
        return frozenset[str]().union(*map(self.open_in, parts))

    def _blank(self, name: str) -> frozenset[str]:
        return frozenset({name}) if self.field(name) is None else frozenset()

    # amounts

    def parts_of(self, grant: Grant) -> list[Expression]:
        """The expressions that make the amount of a grant."""
        match grant.benefit:
            case Definite(amount=amount) | Ceiling(amount=amount):
                parts = [amount]
            case Spread(low=low, high=high):
                parts = [low, high]
            case TopUp(target=target, received=received):
                parts = [target, received]
            case Discretionary(ceiling=ceiling):
                parts = [] if ceiling is None else [ceiling]
            case ByRegulation() | NonMonetary():
                return []
        if grant.floor is not None:
            parts.append(grant.floor)
        if grant.uplift is not None:
            parts.append(grant.uplift.rate)
        for each in grant.allowances:
            parts += [each.limit, each.received]
        return [*parts, *grant.caps]

    def amount_open(self, grant: Grant) -> bool:
        """Whether any operand of the amount is missing, or known only by its limits."""
        found = [self.value(part) for part in self.parts_of(grant)]
        return not all(isinstance(value, Span) and value.known for value in found)

    def amount(self, grant: Grant) -> Sum:
        """The amount, or all that it may still be."""
        match grant.benefit:
            case Definite(amount=amount):
                span, certainty = self._money(amount), Certainty.DEFINITE
            case Ceiling(amount=amount):
                most = max(ZERO, self._money(amount).high)
                span, certainty = Span(ZERO, most), Certainty.CEILING
            case Spread(low=low, high=high):
                one, other = self._money(low), self._money(high)
                span = Span(min(one.low, other.low), max(one.high, other.high))
                certainty = Certainty.INTERVAL
            case TopUp(target=target, received=received):
                span, certainty = self._left(target, received), Certainty.DEFINITE
            case Discretionary(ceiling=None):
                span, certainty = Span(ZERO, INF), Certainty.DISCRETIONARY
            case Discretionary(ceiling=ceiling) if ceiling is not None:
                most = max(ZERO, self._money(ceiling).high)
                span, certainty = Span(ZERO, most), Certainty.DISCRETIONARY
            case ByRegulation():
                return Sum(None, None, Certainty.BY_REGULATION)
            case _:
                return Sum(None, None, Certainty.NONE)
        if grant.floor is not None:
            least = self._money(grant.floor)
            span = Span(max(span.low, least.low), max(span.high, least.high))
        rise = Span(Fraction(1), Fraction(1))
        if grant.uplift is not None:
            rise = plus(rise, self._money(grant.uplift.rate))
            rise = Span(max(ZERO, rise.low), max(ZERO, rise.high))
            if not grant.uplift.after_caps:
                span = times(span, rise)
        for cap in grant.caps:
            limit = self._money(cap)
            span = Span(min(span.low, limit.low), min(span.high, limit.high))
        if grant.uplift is not None and grant.uplift.after_caps:
            span = times(span, rise)
        for each in grant.allowances:
            left = self._left(each.limit, each.received)
            span = Span(min(span.low, left.low), min(span.high, left.high))
        ends = [max(ZERO, rounded(end, self.policy.rounding)) for end in (span.low, span.high)]
        return made(ends[0], ends[1], certainty)

    def _left(self, limit: Expression, received: Expression) -> Span:
        """What may be left of a limit: everything, where nothing was received, to nothing."""
        whole, taken = self._money(limit), self._money(received)
        ends = []
        for most, gone in ((whole.low, taken.high), (whole.high, taken.low)):
            ends.append(max(ZERO, most - gone) if gone > 0 else max(ZERO, most))
        return Span(ends[0], ends[1])

    def _money(self, expression: Expression) -> Span:
        value = self.value(expression, widest=True)
        return value if isinstance(value, Span) else EVERYTHING

    def combined(self, rules: list[Rule], adding: bool) -> Sum:
        """Fold the amounts of several rows of one measure."""
        if not rules:
            return Sum(ZERO, ZERO, Certainty.DEFINITE)
        amounts = {rule.id: self.amount(grant_of(rule)) for rule in rules}
        counted = [each for each in amounts.values() if each.counts]
        if not counted:
            return amounts[rules[0].id]
        if not adding:
            known = [r for r in rules if amounts[r.id].counts and not self.amount_open(grant_of(r))]
            return highest(
                [amounts[rule.id] for rule in known],
                [amounts[r.id] for r in rules if amounts[r.id].counts and r not in known],
            )
        low = sum((each.span.low for each in counted), ZERO)
        high = sum((each.span.high for each in counted), ZERO)
        kinds = {each.certainty for each in counted}
        if len(kinds) == 1:
            return made(low, high, counted[0].certainty)
        if Certainty.DISCRETIONARY in kinds:
            return Sum(low, high, Certainty.DISCRETIONARY)
        return made(low, high, Certainty.INTERVAL)

    # measures

    def verdict(self, measure: Measure) -> Answer:
        """The verdict on one measure, before same-kind groups."""
        policy, table = self.policy, self.tables[measure.table]
        if not self.in_force(policy.effective, policy.expires):
            return Answer("not_applicable")
        if self.case.subjects is not None and measure.beneficiary not in self.case.subjects:
            return Answer("not_applicable")
        truths, above, own_of = self._measure_rows(table)
        own = own_of.get(measure.id)
        if not own:
            return Answer("not_applicable")
        event_causes, event_blank = NOTHING, False
        if measure.event_field is not None:
            day = self.field(measure.event_field)
            if isinstance(day, date):
                if day < policy.effective or (policy.expires and day > policy.expires):
                    return Answer("not_applicable")
            else:
                event_blank = True
                event_causes = self.field_causes(measure.event_field)

        if self._rows_collide(table, measure):
            return Answer("conflict")
        yes = [rule for rule in own if truths[rule.id] is True]
        open_ = [rule for rule in own if truths[rule.id] is None]
        if not yes and not open_:
            return Answer("refused")
        causes = {
            rule.id: NOTHING.union(
                *(self.row_causes(table, each) for each in (rule, *above.get(rule.id, ())))
            )
            for rule in open_
        }
        if not yes and any(is_conflict(causes[rule.id]) for rule in open_):
            return Answer("conflict")
        collects = table.hit_policy is HitPolicy.COLLECT
        adding = collects and measure.combination is Combination.SUM
        worth = {rule.id: self.amount(grant_of(rule)) for rule in [*yes, *open_]}
        if collects and not adding:
            yes = [r for r in yes if not any(self._outdoes(other, r) for other in yes)]
        operands = {rule.id: self._operand_causes(rule) for rule in [*yes, *open_]}
        if any(is_conflict(operands[rule.id]) for rule in yes):
            return Answer("conflict")

        if table.hit_policy is HitPolicy.ANY:
            if any(self.alike(a, b) is False for a in yes for b in yes):
                return Answer("conflict")
            open_ = [r for r in open_ if not any(self.alike(r, sure) is True for sure in yes)]
        if yes and collects and not adding:
            sure = [worth[rule.id].span.low for rule in yes if worth[rule.id].counts]
            open_ = [
                rule
                for rule in open_
                if (
                    worth[rule.id].counts and worth[rule.id].span.high > max(sure)
                    if sure and worth[rule.id].counts
                    else sure or grant_of(rule).benefit not in [grant_of(r).benefit for r in yes]
                )
            ]
        above_each = {
            rule.id: self.with_exceptions(table, [rule, *above.get(rule.id, ())]) for rule in open_
        }
        prospect = Prospect(self).due_in(
            each.expression
            for rows in above_each.values()
            for rule in rows
            for each in rule.conditions
        )
        stuck = [rule for rule in open_ if any(map(prospect.row_stuck, above_each[rule.id]))]
        judged = [rule for rule in open_ if rule not in stuck and not prospect.out(rule)]
        amount_open = any(self.amount_open(grant_of(rule)) for rule in yes)
        unclear = amount_open or any(self.amount_open(grant_of(rule)) for rule in judged)
        if open_ and not stuck and not unclear and not event_blank:
            enough = Prospect(self).due_in(
                each.expression
                for row in judged
                for rule in above_each[row.id]
                for each in rule.conditions
            )
            asked = [rule for rule in open_ if rule in judged or not enough.out(rule)]
            names = inputs(NOTHING.union(*(causes[rule.id] for rule in asked)))
            blank = inputs(NOTHING.union(*(causes[rule.id] for rule in open_)))
            if all(self.fields[name].source is Source.JUDGED for name in blank):
                later = self._judged_later(above_each[rule.id] for rule in asked)
                follows = [rule for rule in own if rule in yes or rule in judged]
                return Answer("referred", self.combined(follows, adding), names | later)
        missing = inputs(
            event_causes.union(
                *(operands[rule.id] for rule in [*yes, *judged]),
                *(causes[rule.id] for rule in open_),
            )
        )
        counting = [rule for rule in own if rule in yes or rule in open_]
        total = self.combined(counting, adding)
        if open_ or amount_open or event_blank:
            if (open_ or event_blank) and total.counts:
                total = made(ZERO, total.span.high, total.certainty)
            return Answer("undetermined", total, missing)
        if total.certainty == Certainty.DISCRETIONARY:
            return Answer("referred", total)
        return Answer("granted", total)

    def _outdoes(self, other: Rule, rule: Rule) -> bool:
        """Whether a row is surely worth no less than another one whose amount is open."""
        if other is rule or not self.amount_open(grant_of(rule)):
            return False
        more, less = self.amount(grant_of(other)), self.amount(grant_of(rule))
        if not more.counts or not less.counts or more.span.low < less.span.high:
            return False
        return more.span.high > less.span.high or not self.amount_open(grant_of(other))

    def _judged_later(self, groups: Iterable[list[Rule]]) -> frozenset[str]:
        """The blank judgements behind rows, through all that tables may come to conclude."""
        waiting = [
            each.expression
            for rules in groups
            for rule in rules
            for each in rule.conditions
            if self.truth(each.expression) is None
        ]
        found: dict[str, None] = {}
        for expression in waiting:
            for name in self.open_in(expression):
                if name in found:
                    continue
                found[name] = None
                table = self.table_of.get(name)
                if table is not None and self.given(name) is None:
                    at = self._at(table, name)
                    unsure = self.mattering(table, name)
                    leaders = [] if self.result(table)[1] else self.leaders(table)
                    waiting += [
                        each.expression
                        for rule in self.with_exceptions(table, unsure)
                        for each in rule.conditions
                        if self.truth(each.expression) is None
                    ]
                    waiting += self.ends_of(table, name, [*leaders, *unsure])
                    waiting += [rule.conclusions[at] for rule in leaders]
                    waiting += self.default_to_come(table, name)
        return frozenset(n for n in found if self.fields[n].source is Source.JUDGED)

    def alike(self, one: Rule, other: Rule) -> Truth:
        """Whether two rows of one measure grant the same, as far as their amounts are known."""
        a, b = grant_of(one), grant_of(other)
        if a == b:
            return True
        if type(a.benefit) is not type(b.benefit):
            return False
        x, y = self.amount(a), self.amount(b)
        if not self.amount_open(a) and not self.amount_open(b):
            return (x.low, x.high) == (y.low, y.high)
        return False if x.span.high < y.span.low or y.span.high < x.span.low else None

    def _operand_causes(self, rule: Rule) -> Causes:
        return self._all_causes(self.parts_of(grant_of(rule)))

    def _rows_collide(self, table: DecisionTable, measure: Measure) -> bool:
        yes = [rule for rule, truth in self.rows(table) if truth is True]
        if not any(grant_of(rule).measure == measure.id for rule in yes) or len(yes) < 2:
            return False
        owners = {grant_of(rule).measure for rule in yes}
        return table.hit_policy is HitPolicy.UNIQUE or (
            table.hit_policy is HitPolicy.ANY and len(owners) > 1
        )

    def _measure_rows(
        self, table: DecisionTable
    ) -> tuple[dict[str, Truth], dict[str, list[Rule]], dict[str, list[Rule]]]:
        """What the hit policy leaves of each row, the rows above that block it, and whose it is."""
        if table.name not in self._measures:
            own_of: dict[str, list[Rule]] = {}
            for rule, _ in self.rows(table):
                own_of.setdefault(grant_of(rule).measure, []).append(rule)
            self._measures[table.name] = (*self._turned(table), own_of)
        return self._measures[table.name]

    def _turned(self, table: DecisionTable) -> tuple[dict[str, Truth], dict[str, list[Rule]]]:
        rows = self.rows(table)
        truths: dict[str, Truth] = {rule.id: truth for rule, truth in rows}
        blocked: dict[str, list[Rule]] = {}
        yes = [rule for rule, truth in rows if truth is True]
        open_ = [rule for rule, truth in rows if truth is None]
        if table.hit_policy is HitPolicy.UNIQUE and len(yes) == 1:
            for rule in open_:
                truths[rule.id] = False
        if table.hit_policy is HitPolicy.FIRST:
            above: list[Rule] = []
            settled = False
            for rule, truth in rows:
                if settled:
                    truths[rule.id] = False
                    continue
                same = [r for r in above if grant_of(r) == grant_of(rule)]
                unlike = [r for r in above if r not in same]
                if truth is True and not unlike:
                    for earlier in same:
                        truths[earlier.id] = False
                elif truth is not False:
                    truths[rule.id] = None
                    blocked[rule.id] = unlike
                settled = truth is True
                above += [rule] if truth is None else []
        return truths, blocked

    # groups and totals

    def settle(self, found: dict[str, Answer], hopeful: bool = False) -> dict[str, Answer]:
        """Apply the same-kind groups. ``hopeful``: nothing received where that is not known."""
        final = dict(found)
        for group in self.policy.groups:
            members = [m for m in self.policy.measures if m.group == group.name]
            order = {name: at for at, name in enumerate(group.order)}
            members.sort(key=lambda m: (order.get(m.id, len(order)), m.id))
            scopes: dict[str, list[str]] = {}
            for member in members:
                was = found[member.id]
                if was.verdict == "granted" and was.amount and was.amount.counts:
                    scope = "" if group.across_beneficiaries else member.beneficiary
                    scopes.setdefault(scope, []).append(member.id)
            for competing in scopes.values():
                self._compete(group, competing, final, hopeful)
        return final

    def _compete(
        self, group: StackingGroup, names: list[str], final: dict[str, Answer], hopeful: bool
    ) -> None:
        """Reckon the group at every end of its cap and of what was received before."""
        cap, received = self._cap(group), self._received(group, names)
        alone = {name: final[name] for name in names}

        def left(most: Number, before: Number) -> dict[str, Answer]:
            return self._reckon(group, alone, most, before)

        best = left(cap.possible.high, received.possible.low)
        worst = left(cap.possible.low, received.possible.high)
        for name in names:
            causes: Causes = NOTHING
            for low, high, behind in (
                (
                    left(cap.doubt.low, received.possible.low),
                    left(cap.doubt.high, received.possible.low),
                    cap.causes,
                ),
                (
                    left(cap.possible.high, received.doubt.low),
                    left(cap.possible.high, received.doubt.high),
                    received.causes,
                ),
            ):
                if kept(low[name]) != kept(high[name]):
                    causes |= behind
            final[name] = best[name]
            if not causes:
                continue
            certainty = amount_of(best[name]).certainty
            amount = made(kept(worst[name]).low, kept(best[name]).high, certainty)
            if best[name].verdict == "undecided":
                final[name] = replace(best[name], amount=amount)
            elif is_conflict(causes):
                final[name] = Answer("conflict")
            elif not hopeful:
                final[name] = Answer("undetermined", amount, inputs(causes))

    def _reckon(
        self, group: StackingGroup, alone: dict[str, Answer], cap: Number, received: Number
    ) -> dict[str, Answer]:
        """Settle a group whose cap and whose earlier award are certain."""
        final, names = dict(alone), list(alone)
        ends_it = group.received_treatment is ReceivedTreatment.NO_MORE
        if ends_it and received > 0:
            displace(names, BEFORE, final)
            return final
        spans = {name: amount_of(final[name]).span for name in names}
        match group.mode:
            case StackingMode.HIGHEST | StackingMode.TOP_UP:
                self._highest(group, names, spans, final)
            case StackingMode.EXCLUSIVE:
                displace(names[1:], names[0], final)
            case StackingMode.JOINT_CAP:
                cut(names, spans, cap, final)
            case StackingMode.ADDITIVE:
                pass
        low_left = high_left = ZERO if ends_it else received
        for name in names:
            if final[name].verdict == "displaced" or low_left == 0:
                continue
            amount = amount_of(final[name])
            ends = (
                rounded(beyond(amount.span.low, low_left), self.policy.rounding),
                rounded(beyond(amount.span.high, high_left), self.policy.rounding),
            )
            final[name] = replace(final[name], amount=made(*ends, amount.certainty))
            if final[name].verdict == "granted":
                low_left = beyond(low_left, amount.span.low)
                high_left = beyond(high_left, amount.span.high)
        return final

    def _cap(self, group: StackingGroup) -> Reckoned:
        if group.mode is not StackingMode.JOINT_CAP or group.cap is None:
            return Reckoned(Span(INF, INF), Span(INF, INF))
        return reckoned(
            self.value(group.cap),
            self._money(group.cap),
            self.causes(group.cap),
            self.policy.rounding,
        )

    def _received(self, group: StackingGroup, names: list[str]) -> Reckoned:
        """What was received before by those who compete."""
        nothing = Reckoned(Span(ZERO, ZERO), Span(ZERO, ZERO))
        asked = group.received_treatment is not None or group.mode is StackingMode.TOP_UP
        if group.received_field is None or not asked:
            return nothing
        whose = {m.id: m.beneficiary for m in self.policy.measures if m.group == group.name}
        subject = self.fields[group.received_field].subject
        others = subject in whose.values() and subject != whose[names[0]]
        if others and not group.across_beneficiaries:
            return nothing
        value = self.field(group.received_field)
        return reckoned(
            value,
            value if isinstance(value, Span) else self.possible_field(group.received_field),
            self.field_causes(group.received_field),
            Rounding(1, self.policy.rounding.mode),
        )

    def _highest(
        self,
        group: StackingGroup,
        names: list[str],
        spans: dict[str, Span],
        final: dict[str, Answer],
    ) -> None:
        if group.comparison is AmountComparison.BY_CEILING:
            best = max(names, key=lambda name: (spans[name].high, spans[name].low))
            displace([name for name in names if name != best], best, final)
            return

        def beats(a: str, b: str) -> bool:
            if spans[a].low < spans[b].high:
                return False
            return spans[b].low < spans[a].high or names.index(a) < names.index(b)

        for name in names:
            others = [other for other in names if other != name]
            if all(beats(name, other) for other in others):
                displace(others, name, final)
                return
        free = [n for n in names if not any(beats(other, n) for other in names if other != n)]
        low, high = (
            max(spans[name].low for name in free),
            max(spans[name].high for name in free),
        )
        for name in names:
            if name in free:
                amount = Sum(low, high, Certainty.INTERVAL)
                final[name] = Answer("undecided", amount, candidates=tuple(free))
            else:
                winner = next(o for o in names if o != name and beats(o, name))
                displace([name], winner, final)

    def totals(
        self, first: dict[str, Answer], final: dict[str, Answer]
    ) -> dict[str, tuple[object, ...]]:
        """Low, high, certain, uncounted, at_stake for each beneficiary; "" for all together."""
        hopes = {name: at_best(one) for name, one in first.items()}
        hoped = self.settle(hopes, hopeful=True)
        open_ = {name for name, one in first.items() if one.verdict in ("undetermined", "referred")}
        crowded = self.settle({n: hopes[n] if n in open_ else one for n, one in first.items()})
        found: dict[str, tuple[object, ...]] = {}
        beneficiaries = {m.beneficiary for m in self.policy.measures}
        for who in {*beneficiaries, ""}:
            names = [m.id for m in self.policy.measures if who in ("", m.beneficiary)]
            granted = [amount_of(final[n]) for n in names if final[n].verdict == "granted"]
            counted = [amount for amount in granted if amount.counts]
            high = sum((amount.span.high for amount in counted), ZERO)
            best = sum(
                (
                    amount_of(hoped[n]).span.high
                    for n in names
                    if hoped[n].verdict == "granted" and amount_of(hoped[n]).counts
                ),
                ZERO,
            )
            found[who] = (
                sum((amount.span.low for amount in counted), ZERO),
                high,
                sum(
                    (
                        min(amount_of(final[n]).span.low, surely(crowded[n]))
                        for n in names
                        if final[n].verdict == "granted"
                        and amount_of(final[n]).certainty == Certainty.DEFINITE
                    ),
                    ZERO,
                ),
                len(granted) - len(counted),
                max(ZERO, best - high),
            )
        return found


SOME = "yes or no"
"""The truth that a condition will have although nobody can say which."""


@dataclass(frozen=True)
class Prospect:
    """What will be known once the blank judgements are made, whatever they are.

    Those that are ``due`` are not blank then, so that 空 of them is no. They are no parent codes.
    """

    reading: Reading
    due: frozenset[str] = frozenset()

    def due_in(self, expressions: Iterable[Expression]) -> Prospect:
        names = frozenset[str]().union(*map(self.reading.direct, expressions))
        fields = self.reading.fields
        judged = (name for name in names if fields[name].source is Source.JUDGED)
        return replace(self, due=frozenset(judged))

    def later(self, condition: Expression) -> Truth | str:
        """True or False where that is certain, SOME, or None where it may never be known."""
        match condition:
            case Inverse(operand=operand):
                inner = self.later(operand)
                return not inner if isinstance(inner, bool) else inner
            case Conjunction(operands=parts):
                needed = len(parts)
            case Disjunction(operands=parts):
                needed = 1
            case AtLeast(count=needed, conditions=parts):
                pass
            case Satisfies(field=name, test=test) if name in self.due:
                told = self._whatever_it_is(test)
                if told is not None:
                    return told
                return None if self._test_stuck(name, test) else SOME
            case _:
                truth = self.reading.truth(condition)
                return SOME if truth is None and not self.stuck(condition) else truth
        found = [self.later(part) for part in parts]
        if found.count(True) >= needed:
            return True
        if len(found) - found.count(False) < needed:
            return False
        return None if None in found else SOME

    def _whatever_it_is(self, test: UnaryTest) -> Truth:
        """Whether a test passes, or fails, every value that is there."""
        match test:
            case Present(absent=absent):
                return not absent
            case Anything():
                return True
            case Not(test=inner):
                return negation(self._whatever_it_is(inner))
            case AnyOf(tests=tests):
                return disjunction(map(self._whatever_it_is, tests))
            case AllOf(tests=tests):
                return conjunction(map(self._whatever_it_is, tests))
        return None

    def row_stuck(self, rule: Rule) -> bool:
        """Whether a row may stay unknown."""
        found = [self.later(each.expression) for each in rule.conditions]
        return False not in found and None in found

    def out(self, rule: Rule) -> bool:
        """Whether a row is certain to be false."""
        return False in [self.later(each.expression) for each in rule.conditions]

    def stuck(self, expression: Expression) -> bool:
        """Whether an expression that is open may stay so."""
        value = self.reading.value(expression)
        if value is not None and not (isinstance(value, Span) and not value.known):
            return False
        match expression:
            case FieldRef(field=name):
                return self._field_stuck(name)
            case Satisfies(field=name, test=test):
                return self._test_stuck(name, test)
            case Conjunction() | Disjunction() | AtLeast() | Inverse():
                return self.later(expression) is None
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                decided = self.reading.truth(condition)
                if decided is not None:
                    return self.stuck(then if decided else otherwise)
                return any(map(self.stuck, (condition, then, otherwise)))
            case Negate(operand=operand) | Brackets(base=operand):
                return self.stuck(operand)
            case Comparison(left=left, right=right):
                return self.stuck(left) or self.stuck(right)
            case Arithmetic(operator=operator, left=left, right=right):
                fails = operator is Operator.DIVIDE and self._may_be_zero(right)
                return fails or self.stuck(left) or self.stuck(right)
            case Call(function=function, arguments=parts):
                last = parts[-1]
                fails = function is Function.EVERY_FULL and self._may_be_zero(last)
                above_zero = (Function.ROUND, Function.ROUND_DOWN, Function.ROUND_UP)
                if function in (*above_zero, Function.GROWTH):
                    fails = self.reading._money(last).low <= 0
                return fails or any(map(self.stuck, parts))
        return True

    def _may_be_zero(self, divisor: Expression) -> bool:
        by = self.reading._money(divisor)
        return by.low <= 0 <= by.high

    def _field_stuck(self, name: str) -> bool:
        reading = self.reading
        value = reading.field(name)
        if value is not None and not (isinstance(value, Span) and not value.known):
            return False
        table = reading.table_of.get(name)
        if table is None or reading.fields[name].source is not Source.DERIVED:
            return reading.fields[name].source is not Source.JUDGED
        if name not in reading.stuck_fields:
            reading.stuck_fields[name] = self._table_stuck(table, name)
        return reading.stuck_fields[name]

    def _table_stuck(self, table: DecisionTable, name: str) -> bool:
        reading = self.reading
        if reading.result(table)[1]:
            return True
        leaders, unsure = reading.leaders(table), reading.mattering(table, name)
        default = reading.default_to_come(table, name)
        if not leaders and not unsure and not default:
            return True
        rows = reading.with_exceptions(table, unsure)
        conditions = [each.expression for rule in rows for each in rule.conditions]
        certain = reading.ends_of(table, name, leaders)
        then = self.due_in([*conditions, *certain, *([] if unsure else default)])
        left = [*leaders, *(rule for rule in unsure if not then.out(rule))]
        ends = [*reading.ends_of(table, name, left), *default]
        return any(map(then.row_stuck, rows)) or any(map(then.stuck, ends))

    def _test_stuck(self, name: str, test: UnaryTest) -> bool:
        reading = self.reading
        if any(map(self.stuck, bounds(test))):
            return True
        value = reading.field(name)
        by_code = isinstance(reading.fields[name].type, ChoiceType | MultiChoiceType)
        if value is not None and not isinstance(value, Span):
            return by_code
        if self._field_stuck(name):
            return True
        return by_code and (
            self._asks_a_pending_list(test)
            or any(self._test_of(name, test, code) is None for code in self.codes(name))
        )

    def _asks_a_pending_list(self, test: UnaryTest) -> bool:
        match test:
            case AnyOf(tests=tests) | AllOf(tests=tests):
                return any(map(self._asks_a_pending_list, tests))
            case Not(test=inner):
                return self._asks_a_pending_list(inner)
            case InCodeList(code_list=code_list):
                return self.reading.lists[code_list].pending
        return False

    def _test_of(self, name: str, test: UnaryTest, value: str | frozenset[str]) -> Truth:
        """What a test would say if a field had a value."""
        reading = Reading(self.reading.policy, self.reading.case)
        reading.assume(name, value)
        return reading.test(name, test)

    def codes(self, name: str) -> set[str | frozenset[str]]:
        """What an open field of codes may come to hold; a judgement is never a parent."""
        reading = self.reading
        table = reading.table_of.get(name)
        if table is None or reading.given(name) is not None:
            kind = reading.fields[name].type
            assert isinstance(kind, ChoiceType | MultiChoiceType)
            listed = reading.lists[kind.code_list].codes
            lowest = {code.value for code in listed} - {str(code.parent) for code in listed}
            if isinstance(kind, ChoiceType):
                return {*lowest}
            return {frozenset(), *(frozenset({code}) for code in lowest)}
        rows = [*reading.leaders(table), *reading.mattering(table, name)]
        at = [clause.field for clause in table.outputs].index(name)
        ends = [*(rule.conclusions[at] for rule in rows), *reading.default_to_come(table, name)]
        return set[str | frozenset[str]]().union(*map(self._codes_of, ends))

    def _codes_of(self, conclusion: Expression) -> set[str | frozenset[str]]:
        value = self.reading.value(conclusion)
        if isinstance(value, str | frozenset):
            return {value}
        match conclusion:
            case FieldRef(field=name):
                return self.codes(name)
            case Conditional(then=then, otherwise=otherwise):
                return self._codes_of(then) | self._codes_of(otherwise)
        return set()


def limits(test: Compare | Within) -> list[tuple[Comparator, Expression]]:
    """The comparisons that a test makes."""
    if isinstance(test, Compare):
        return [(test.comparator, test.bound)]
    return [
        (Comparator.AT_LEAST if test.low_closed else Comparator.GREATER, test.low),
        (Comparator.AT_MOST if test.high_closed else Comparator.LESS, test.high),
    ]


def bounds(test: UnaryTest) -> Iterator[Expression]:
    """The expressions that a test compares with."""
    match test:
        case AnyOf(tests=tests) | AllOf(tests=tests):
            for each in tests:
                yield from bounds(each)
        case Not(test=inner):
            yield from bounds(inner)
        case Compare() | Within():
            for _, bound in limits(test):
                yield bound


def made(low: Number, high: Number, certainty: str) -> Sum:
    """An amount; a definite one whose ends differ is an interval."""
    if certainty == Certainty.DISCRETIONARY:
        return Sum(low, high, certainty)
    if low == high:
        return Sum(low, high, Certainty.DEFINITE)
    return Sum(low, high, Certainty.INTERVAL if certainty == Certainty.DEFINITE else certainty)


SUREST = (Certainty.DEFINITE, Certainty.INTERVAL, Certainty.CEILING, Certainty.DISCRETIONARY)


def highest(settled: list[Sum], open_: list[Sum]) -> Sum:
    """The amount that comes out highest, or all that it may still be."""

    def first(amounts: list[Sum]) -> Sum:
        return min(amounts, key=lambda a: (-a.span.high, -a.span.low, SUREST.index(a.certainty)))

    best = first([*settled, *open_])
    if not open_:
        return best
    low = min(
        each.span.low
        for each in [*([first(settled)] if settled else []), *open_]
        if all(each.span.high >= other.span.high for other in settled)
        and all(each.span.high >= other.span.low for other in open_)
    )
    return made(low, best.span.high, best.certainty)


def reckoned(value: Known | None, possible: Span, causes: Causes, rounding: Rounding) -> Reckoned:
    """A sum of money that may be missing, or known only by its limits."""

    def whole(span: Span) -> Span:
        return Span(max(ZERO, rounded(span.low, rounding)), max(ZERO, rounded(span.high, rounding)))

    sure = isinstance(value, Span) and not is_conflict(causes)
    return Reckoned(
        whole(possible), whole(possible) if sure else Span(ZERO, INF), causes | UNEXPLAINED
    )


def cut(names: list[str], spans: dict[str, Span], cap: Number, final: dict[str, Answer]) -> None:
    """Put members under a joint cap, one after the other."""
    if cap == INF:
        return
    low = high = cap
    exhausted = CAP
    for name in names:
        span = spans[name]
        if span.high > 0 and high == 0:
            displace([name], exhausted, final)
            continue
        top = min(span.high, high)
        bottom = min(span.low, low, top)
        low, before, high = low - bottom, high, high - top
        if before > 0 and high == 0:
            exhausted = name
        certainty = amount_of(final[name]).certainty
        final[name] = replace(final[name], amount=made(bottom, top, certainty))


def beyond(amount: Number, taken: Number) -> Number:
    return ZERO if taken >= amount else amount - taken


def kept(found: Answer) -> Span:
    """What a group leaves of a member's money."""
    return Span(ZERO, ZERO) if found.verdict == "displaced" else amount_of(found).span


def surely(found: Answer) -> Number:
    """What a measure comes to at least."""
    return amount_of(found).span.low if found.verdict in ("granted", "undetermined") else ZERO


def is_conflict(causes: Causes) -> bool:
    return any(kind == "conflict" for kind, _ in causes)


def inputs(causes: Iterable[Cause]) -> frozenset[str]:
    """The missing inputs among some causes."""
    return frozenset(name for kind, name in causes if kind == "missing")


def grant_of(rule: Rule) -> Grant:
    assert rule.grant is not None
    return rule.grant


def amount_of(found: Answer) -> Sum:
    assert found.amount is not None
    return found.amount


def displace(losers: Iterable[str], winner: str, final: dict[str, Answer]) -> None:
    for name in losers:
        final[name] = replace(final[name], verdict="displaced", by=winner)


def at_best(found: Answer) -> Answer:
    """The verdict before groups as it would be if all that is open came out at its high end."""
    amount = found.amount
    open_or_granted = found.verdict in ("granted", "undetermined", "referred")
    if not open_or_granted or amount is None or not amount.counts:
        return found if found.verdict == "granted" else Answer("refused")
    return Answer("granted", Sum(amount.high, amount.high, amount.certainty))
