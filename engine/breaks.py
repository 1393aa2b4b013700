"""Where, as one number moves, a case may come to follow other rules or another formula.

As long as no condition turns, no cap begins to bind and no bracket ends, all that is worked out
follows formulas. These are read off a case that has been worked through; where two sides of a
comparison meet, they are solved exactly. Between two places of the moving number, what is true at
the first stays true up to the second if no formula breaks in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate, chain, combinations
from typing import cast

from engine.cases import Case
from engine.dependencies import (
    bounds,
    fields_read,
    grant_expressions,
    operands,
    rule_expressions,
    table_reads,
    walk,
)
from engine.expressions import (
    AllOf,
    AnyOf,
    Arithmetic,
    Brackets,
    Call,
    Comparison,
    Conditional,
    Expression,
    FieldRef,
    Function,
    Negate,
    Not,
    OneOf,
    Operator,
    Satisfies,
    UnaryTest,
)
from engine.model import (
    Ceiling,
    Combination,
    Definite,
    Discretionary,
    Grant,
    HitPolicy,
    Policy,
    ReceivedTreatment,
    Source,
    Spread,
    StackingMode,
    TopUp,
)
from engine.outcome import Granted, MeasureOutcome, NotApplicable, Outcome, Refused, Settlement
from engine.quotients import (
    ITSELF,
    Quotient,
    breaks,
    constant,
    is_constant,
    is_line,
    minus,
    over,
    plus,
    times,
    value_at,
)
from engine.tables import State
from engine.terms import cap_of, received_of, treatment_of
from engine.truth import NO, UNKNOWN, YES
from engine.types import NUMERIC_TYPES
from engine.values import Number, Range, Value
from engine.verdicts import combination_of, grant_of, rows_of
from engine.worked import Worked

NOTHING = constant(0)
_STEPPED = (Function.ROUND, Function.ROUND_DOWN, Function.ROUND_UP, Function.EVERY_FULL)
_LATER = (Function.MONTHS_LATER, Function.DAYS_LATER)


class Unsolved(Exception):
    """Something does not follow a formula that can be solved."""


@dataclass(slots=True)
class Breaks:
    """Where formulas break.

    ``sure`` says that no verdict turns at any other place as long as none of these is passed,
    except by rounding where amounts that compete are ``close``; ``even`` that the amounts follow
    lines until then.
    """

    places: set[Fraction] = field(default_factory=set)
    sure: bool = True
    close: bool = False
    even: bool = True


class Moving:
    """What hangs on one number of a case, in a policy."""

    def __init__(self, policy: Policy, case: Case, name: str) -> None:
        self.name = name
        self._known: dict[int, bool] = {}
        given = {
            each.name
            for each in policy.fields
            if each.source is Source.DERIVED_OR_REPORTED and case.facts.get(each.name) is not None
        }
        moving = {name}
        while True:
            more = {
                output.field
                for table in policy.tables
                if not moving.isdisjoint(table_reads(table))
                for output in table.outputs
            }
            if more - given <= moving:
                break
            moving |= more - given
        self.fields = frozenset(moving)
        self.numbers = frozenset(
            each.name
            for each in policy.fields
            if each.name in moving and isinstance(each.type, NUMERIC_TYPES)
        )
        nodes = [node for root in _expressions(policy) if self.moves(root) for node in walk(root)]
        self.nodes = [node for node in nodes if self.moves(node)]
        """All that may turn or break, wherever it stands in the policy."""
        self.dated = any(
            isinstance(node, Call) and node.function in _LATER and self.moves(node.arguments[1])
            for node in self.nodes
        )
        self.measures = frozenset(
            rule.grant.measure
            for table in policy.tables
            for rule in table.rules
            if rule.grant is not None and any(map(self.moves, grant_expressions(rule.grant)))
        )
        """The measures whose amounts move."""
        self.concluding = frozenset(
            table.name
            for table in policy.tables
            if any(self.moves(node) for rule in table.rules for node in rule.conclusions)
        )
        """The tables whose conclusions move."""

    def moves(self, node: Expression) -> bool:
        """Whether the value of an expression of the policy may be another when the number is."""
        key = id(node)
        if key not in self._known:
            self._known[key] = not self.fields.isdisjoint(fields_read(node))
        return self._known[key]


def _expressions(policy: Policy) -> Iterator[Expression]:
    for table in policy.tables:
        yield from chain.from_iterable(map(rule_expressions, table.rules))
        yield from (each.default for each in table.outputs if each.default is not None)
    yield from (each.cap for each in policy.groups if each.cap is not None)


def breaks_of(outcome: Outcome, moving: Moving, inside: Fraction) -> Breaks:
    """Where the formulas break that hold at a case; ``inside`` is a number just above its own."""
    reader = _Reader(outcome.worked, moving, inside)
    reader.read_tables()
    for node in moving.nodes:
        reader.read_node(node)
    for each in outcome.measures:
        reader.read_measure(each)
    settlements = {id(each.settlement): each.settlement for each in outcome.measures}
    for settlement in settlements.values():
        if settlement is not None:
            reader.read_group(settlement, outcome)
    return reader.found


class _Reader:
    """Formulas of one case worked through, and the places where they break."""

    def __init__(self, worked: Worked, moving: Moving, inside: Fraction) -> None:
        self.found = Breaks()
        self._worked, self._moving, self._inside = worked, moving, inside
        self._fields: dict[str, Quotient | None] = {}
        self._ends: dict[int, tuple[Quotient, Quotient] | None] = {}

    # what may turn a verdict

    def read_tables(self) -> None:
        """Tables whose outcome hangs on whether what rows conclude comes to the same."""
        self.found.sure = not self._moving.dated
        for result in self._worked.results.values():
            if result.table.name not in self._moving.concluding:
                continue
            possible = [row for row in result.rows if row.truth is not NO]
            open_ = any(row.truth is UNKNOWN for row in possible)
            if open_ or (result.table.hit_policy is HitPolicy.ANY and len(possible) > 1):
                self.found.sure = False

    def read_node(self, node: Expression) -> None:
        """A comparison, or what may lose its value."""
        try:
            match node:
                case Satisfies(field=name, test=test):
                    self._read_test(name, test)
                case Comparison(left=left, right=right):
                    if self._is_number(left) and self._is_number(right):
                        self._gap(self.formula(left), self.formula(right))
                case Conditional(condition=condition, then=then, otherwise=otherwise):
                    # While nobody knows which branch counts, it has a value where both agree.
                    if self._worked.truth(condition) is UNKNOWN and self._is_number(then):
                        self._gap(self.formula(then), self.formula(otherwise))
                case Arithmetic(operator=Operator.DIVIDE, right=part):
                    self._gap(self.formula(part), NOTHING)
                case Call(function=Function.GROWTH, arguments=(_, part)):
                    self._gap(self.formula(part), NOTHING)
                case Call(function=function, arguments=(_, part)) if function in _STEPPED:
                    self._gap(self.formula(part), NOTHING)
                case _:
                    return
        except Unsolved:
            self.found.sure = False

    def _read_test(self, name: str, test: UnaryTest) -> None:
        value = self._worked.situation.facts.get(name)
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int | Fraction | Range):
            return
        own = self._of_field(name)
        for bound in bounds(test):
            self._gap(own, self.formula(bound))
        for each in _values(test):
            if isinstance(each, int | Fraction):
                self._gap(own, constant(each))

    def _is_number(self, node: Expression) -> bool:
        """Whether a side is a number now; days and codes change only where a table turns."""
        value = self._worked.value(node)
        return isinstance(value, int | Fraction | Range) and not isinstance(value, bool)

    def read_measure(self, told: MeasureOutcome) -> None:
        """The amounts of a measure, and whether its own verdict hangs on them."""
        measure, verdict = told.measure, told.alone
        if measure.id not in self._moving.measures:
            return
        rows = [row for row in rows_of(measure, self._worked) if row.truth is not NO]
        table = self._worked.results[measure.table].table
        highest = combination_of(measure, table) is Combination.HIGHEST
        if len(rows) > 1 and not self._is_settled(told, highest, table.hit_policy):
            self.found.sure = False
        true = [row for row in rows if row.truth is YES]
        try:
            ends = [self._ends_of(grant_of(row)) for row in true]
            if highest and isinstance(verdict, Granted):
                self._extreme([high for _, high in ends], max)
                self._extreme([low for low, _ in ends], max)
            if not all(map(is_line, chain.from_iterable(ends))):
                self.found.even = False
        except Unsolved:
            self.found.even = False

    def _is_settled(self, told: MeasureOutcome, highest: bool, hit_policy: HitPolicy) -> bool:
        """Whether the kind of verdict is the same whatever its rows, more than one, come to."""
        if isinstance(told.alone, Refused | NotApplicable):
            return True
        rows = rows_of(told.measure, self._worked)
        plain = all(
            row.truth is not UNKNOWN and not isinstance(grant_of(row).benefit, Discretionary)
            for row in rows
            if row.truth is not NO
        )
        return isinstance(told.alone, Granted) and plain and hit_policy is not HitPolicy.ANY

    def read_group(self, settlement: Settlement, outcome: Outcome) -> None:
        """Who displaces whom in a group, and where its cap or an earlier award ends to count."""
        try:
            self._read_group(settlement, outcome)
        except Unsolved:
            self.found.sure = self.found.even = False

    def _read_group(self, settlement: Settlement, outcome: Outcome) -> None:
        group, worked = settlement.group, self._worked
        names = [name for name, _ in settlement.competitors]
        received = group.received_field
        treatment = treatment_of(group)
        counts = treatment is not None and received in self._moving.fields
        if not (
            counts
            or not self._moving.measures.isdisjoint(names)
            or (group.cap is not None and self._moving.moves(group.cap))
        ):
            return
        told = {each.measure.id: each for each in outcome.measures}
        beneficiary = told[names[0]].measure.beneficiary
        if cap_of(group, worked).open or received_of(group, beneficiary, worked).open:
            raise Unsolved
        earlier = NOTHING if treatment is None or received is None else self._of_field(received)
        if earlier is None:
            raise Unsolved
        if treatment is ReceivedTreatment.NO_MORE and counts:
            self._contest(earlier, NOTHING, 1)
        alone = group.mode in (StackingMode.ADDITIVE, StackingMode.EXCLUSIVE)
        try:
            ends = [self._ends_of_measure(told[name]) for name in names]
        except Unsolved:
            self.found.even = False
            if alone or (len(names) == 1 and group.mode is not StackingMode.JOINT_CAP):
                return
            raise
        lows, highs = [low for low, _ in ends], [high for _, high in ends]
        rounded = 1 + sum(
            len(verdict.rules) for name in names if isinstance(verdict := told[name].alone, Granted)
        )
        if group.mode is StackingMode.JOINT_CAP and group.cap is not None:
            cap = self.formula(group.cap)
            if cap is None:
                raise Unsolved
            *before, everything = accumulate(highs, plus)
            for sum_ in before:
                self._contest(sum_, cap, rounded)
            self._solve(minus(everything, cap))
            if self._value(minus(everything, cap)) >= -self._margin(rounded):
                for high in highs:
                    self._contest(high, NOTHING, rounded)
            for sum_ in accumulate(lows, plus):
                self._solve(minus(sum_, cap))
        elif not alone:
            rivals = combinations(range(len(names)), 2)
            for one, other in rivals:
                self._contest(highs[one], highs[other], rounded)
                self._contest(lows[one], lows[other], rounded)
                self._contest(lows[one], highs[other], rounded)
                self._contest(highs[one], lows[other], rounded)
        if treatment is ReceivedTreatment.TOP_UP:
            for sum_ in (*accumulate(lows, plus), *accumulate(highs, plus), *lows, *highs):
                self._hint(sum_, earlier)

    def _ends_of_measure(self, told: MeasureOutcome) -> tuple[Quotient, Quotient]:
        """What a granted measure comes to at the least and at the most."""
        if not isinstance(told.alone, Granted):
            raise Unsolved
        ends = [self._ends_of(rule.grant) for rule in told.alone.rules if rule.grant is not None]
        low, high = NOTHING, NOTHING
        for one, other in ends:
            low, high = plus(low, one), plus(high, other)
        return low, high

    # amounts

    def _ends_of(self, grant: Grant) -> tuple[Quotient, Quotient]:
        key = id(grant)
        if key not in self._ends:
            try:
                self._ends[key] = self._worth(grant)
            except Unsolved:
                self._ends[key] = None
        found = self._ends[key]
        if found is None:
            raise Unsolved
        return found

    def _worth(self, grant: Grant) -> tuple[Quotient, Quotient]:
        """Both ends of a grant before it is rounded, made as ``engine.amounts`` makes them."""
        low, high = self._benefit(grant)
        if grant.floor is not None:
            floor = self._known(grant.floor)
            low, high = (self._extreme([each, floor], max) for each in (low, high))
        uplift = grant.uplift
        if uplift is not None and not uplift.after_caps:
            low, high = self._uplifted(low, high, uplift.rate)
        for each in grant.caps:
            cap = self._known(each)
            low, high = (self._extreme([end, cap], min) for end in (low, high))
        if uplift is not None and uplift.after_caps:
            low, high = self._uplifted(low, high, uplift.rate)
        for allowance in grant.allowances:
            left = self._left(allowance.limit, allowance.received)
            low, high = (self._extreme([end, left], min) for end in (low, high))
        return self._extreme([low, NOTHING], max), self._extreme([high, NOTHING], max)

    def _benefit(self, grant: Grant) -> tuple[Quotient, Quotient]:
        match grant.benefit:
            case Definite(amount=amount):
                base = self._known(amount)
                return base, base
            case Spread(low=low, high=high):
                ends = [self._known(low), self._known(high)]
                return self._extreme(ends, min), self._extreme(ends, max)
            case TopUp(target=target, received=received):
                left = self._left(target, received)
                return left, left
            case Ceiling(amount=most):
                return NOTHING, self._extreme([self._known(most), NOTHING], max)
            case Discretionary(ceiling=most) if most is not None:
                return NOTHING, self._extreme([self._known(most), NOTHING], max)
            case _:
                raise Unsolved

    def _uplifted(
        self, low: Quotient, high: Quotient, rate: Expression
    ) -> tuple[Quotient, Quotient]:
        factor = self._extreme([plus(constant(1), self._known(rate)), NOTHING], max)
        return times(low, factor), times(high, factor)

    def _left(self, limit: Expression, received: Expression) -> Quotient:
        taken = self._extreme([self._known(received), NOTHING], max)
        return self._extreme([minus(self._known(limit), taken), NOTHING], max)

    def _known(self, node: Expression) -> Quotient:
        found = self.formula(node)
        if found is None:
            raise Unsolved
        return found

    # formulas

    def formula(self, node: Expression) -> Quotient | None:
        """The formula of a number just above where the case is; None where it has no value."""
        if not self._moving.moves(node):
            return _as_constant(self._worked.value(node))
        match node:
            case FieldRef(field=name):
                return self._of_field(name)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                truth = self._worked.truth(condition)
                if truth is UNKNOWN and then != otherwise:
                    raise Unsolved
                return self.formula(otherwise if truth is NO else then)
            case Call(function=Function.MONTHS | Function.YEARS):
                return _as_constant(self._worked.value(node))
            case _:
                parts = [self.formula(each) for each in operands(node)]
                if any(each is None for each in parts):
                    return None
                return self._made_of(node, cast(list[Quotient], parts))

    def _made_of(self, node: Expression, parts: list[Quotient]) -> Quotient | None:
        """A number made of others that have a value."""
        match node, parts:
            case Arithmetic(operator=Operator.ADD), [left, right]:
                return plus(left, right)
            case Arithmetic(operator=Operator.SUBTRACT), [left, right]:
                return minus(left, right)
            case Arithmetic(operator=Operator.MULTIPLY), [left, right]:
                return times(left, right)
            case Arithmetic(operator=Operator.DIVIDE), [left, right]:
                self._solve(right)
                return over(left, right) if right[0] else None
            case Negate(), [operand]:
                return minus(NOTHING, operand)
            case Brackets(), [base]:
                return self._in_brackets(node, base)
            case Call(function=Function.MAX), _:
                return self._extreme(parts, max)
            case Call(function=Function.MIN), _:
                return self._extreme(parts, min)
            case Call(function=Function.CONVERT), [left, right]:
                return times(left, right)
            case Call(function=Function.INCREASE), [now, before]:
                return self._extreme([minus(now, before), NOTHING], max)
            case Call(function=Function.GROWTH), [now, before]:
                self._solve(before)
                if self._value(before) <= 0:
                    return None
                return minus(over(now, before), constant(1))
            case _:
                raise Unsolved

    def _in_brackets(self, node: Brackets, base: Quotient) -> Quotient:
        here, earned = self._value(base), NOTHING
        for bracket in node.brackets:
            for end in (bracket.low, bracket.high):
                if end is not None:
                    self._solve(minus(base, constant(end)))
            if here > bracket.low:
                full = bracket.high is not None and here >= bracket.high
                top = constant(cast(Number, bracket.high)) if full else base
                part = minus(top, constant(bracket.low))
                earned = plus(earned, times(part, constant(bracket.rate)))
        return earned

    def _of_field(self, name: str) -> Quotient | None:
        if name == self._moving.name:
            return ITSELF
        if name not in self._fields:
            value = self._worked.situation.facts.get(name)
            self._fields[name] = (
                self._concluded(name, value) if name in self._moving.fields else _as_constant(value)
            )
        return self._fields[name]

    def _concluded(self, name: str, value: Value | None) -> Quotient | None:
        """The formula that a table gives a field now."""
        if value is None:
            return None
        if name not in self._moving.numbers or isinstance(value, Range):
            raise Unsolved
        result = self._worked.deriving[name]
        output = [each.field for each in result.table.outputs].index(name)
        if result.state is State.DEFAULT:
            return self._known(cast(Expression, result.table.outputs[output].default))
        conclusions = [row.rule.conclusions[output] for row in result.standing]
        match result.table.hit_policy:
            case HitPolicy.COUNT:
                return _as_constant(value)
            case HitPolicy.SUM:
                total = NOTHING
                for each in conclusions:
                    total = plus(total, self._known(each))
                return total
            case HitPolicy.MIN | HitPolicy.MAX as extreme:
                pick = min if extreme is HitPolicy.MIN else max
                return self._extreme(list(map(self._known, conclusions)), pick)
            case _:
                return self._known(conclusions[0])

    def _extreme(self, parts: Sequence[Quotient], pick: Callable[..., Fraction]) -> Quotient:
        """The least or the greatest just above, and where another takes its place."""
        if len(parts) == 1:
            return parts[0]
        values = [self._value(each) for each in parts]
        chosen = parts[values.index(pick(values))]
        for each in parts:
            self._solve(minus(each, chosen))
        return chosen

    def _value(self, quotient: Quotient) -> Fraction:
        found = value_at(quotient, self._inside)
        if found is None:
            raise Unsolved
        return found

    # places

    def _gap(self, left: Quotient | None, right: Quotient | None) -> None:
        """Two sides that are compared; one without a value gets it only where something turns."""
        if left is not None and right is not None:
            self._solve(minus(left, right))

    def _solve(self, difference: Quotient) -> None:
        found = breaks(difference)
        if found is None:
            raise Unsolved
        self.found.places.update(found)

    def _hint(self, left: Quotient, right: Quotient) -> None:
        """A place at which an amount may bend, if it can be solved."""
        self.found.places.update(breaks(minus(left, right)) or ())

    def _contest(self, left: Quotient, right: Quotient, rounded: int) -> None:
        """Amounts that are rounded before they are compared: near each other, rounding decides."""
        difference = minus(left, right)
        if is_constant(left) and is_constant(right):
            return
        margin = self._margin(rounded)
        for apart in (-margin, 0, margin):
            self._solve(minus(difference, constant(apart)))
        if abs(self._value(difference)) < margin and (rounded > 3 or difference[0]):
            self.found.close = True

    def _margin(self, rounded: int) -> int:
        """What so many roundings may make of a sum."""
        return rounded * self._worked.program.policy.rounding.step


def _as_constant(value: Value | None) -> Quotient | None:
    """What stands still; what is known by its limits alone follows no formula."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise Unsolved
    return constant(value)


def _values(test: UnaryTest) -> Iterator[Value]:
    """The values that a test names one by one."""
    match test:
        case OneOf(values=values):
            yield from values
        case AnyOf(tests=tests) | AllOf(tests=tests):
            yield from chain.from_iterable(map(_values, tests))
        case Not(test=inner):
            yield from _values(inner)
        case _:
            return
