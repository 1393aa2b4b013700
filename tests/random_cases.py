"""Random cases that look for the edges of a policy.

``draw_cases`` takes aim: for each rule in turn (and for pairs of rules that compete or collide) it
looks for facts that make its conditions true, back through the derived fields, fills in the rest,
and then disturbs one or two of them. Values come from around the literals that the policy mentions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations
from random import Random
from typing import TypeGuard

from engine.cases import Case
from engine.expressions import (
    AtLeast,
    Bracket,
    Comparison,
    Conditional,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
    HasAll,
    Inverse,
    Literal,
    OneOf,
    Present,
    Satisfies,
    UnaryTest,
)
from engine.model import DecisionTable, Field, HitPolicy, Policy, Rule, Source
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
    UnitPriceType,
    YesNoType,
)
from engine.values import Value
from tests.oracle import Reading

DEPTH = 12
"""How many derived fields deep to look for facts."""


def draw_cases(policy: Policy, count: int, seed: int) -> list[Case]:
    """Draw ``count`` cases of a policy; the same seed draws the same cases."""
    random = Random(seed)
    hunt = Hunt(policy, random)
    goals = list(hunt.goals())
    return [hunt.case(f"随机{at}", goals[at % len(goals)]) for at in range(count)]


class Hunt:
    """The search for facts that make rules true."""

    def __init__(self, policy: Policy, random: Random) -> None:
        self.policy = policy
        self.random = random
        self.fields = {f.name: f for f in policy.fields}
        self.table_of = {c.field: table for table in policy.tables for c in table.outputs}
        self.inputs = [f for f in policy.fields if f.source is not Source.DERIVED]
        self.candidates = {f.name: self._candidates(f) for f in self.inputs}
        self.event_fields = {m.id: m.event_field for m in policy.measures}
        self.beneficiaries = {m.id: m.beneficiary for m in policy.measures}
        self.facts: dict[str, Value | None] = {}
        either = Source.DERIVED_OR_REPORTED
        self.all_reported = replace(
            policy, fields=tuple(replace(f, source=either) for f in policy.fields)
        )
        self.day = policy.effective

    # goals

    def goals(self) -> Iterator[tuple[Rule, ...]]:
        """Yield what to aim at: each rule, rules that compete, rules that may collide."""
        granting = [rule for table in self.policy.tables for rule in table.rules if rule.grant]
        group_of = {m.id: m.group for m in self.policy.measures}
        pairs: list[tuple[Rule, ...]] = [
            (a, b)
            for a, b in combinations(granting, 2)
            if a.grant
            and b.grant
            and a.grant.measure != b.grant.measure
            and group_of[a.grant.measure] is not None
            and group_of[a.grant.measure] == group_of[b.grant.measure]
        ]
        for table in self.policy.tables:
            if table.hit_policy in (HitPolicy.UNIQUE, HitPolicy.ANY):
                pairs += combinations(table.rules, 2)
        singles: list[tuple[Rule, ...]] = [
            (r,) for table in self.policy.tables for r in table.rules
        ]
        self.random.shuffle(pairs)
        for at in range(max(1, -(-len(pairs) // max(1, len(singles))))):
            yield from singles
            yield from pairs[at * len(singles) : (at + 1) * len(singles)]
        if not singles:
            yield ()

    # values

    def _candidates(self, aimed: Field) -> list[Value]:
        """Values around everything that the policy compares with this field or this type."""
        kind = aimed.type
        if isinstance(kind, YesNoType):
            return [True, False]
        if isinstance(kind, ChoiceType | MultiChoiceType):
            codes = [
                code.value
                for each in self.policy.code_lists
                if each.name == kind.code_list
                for code in each.codes
            ]
            mentioned = {str(v) for v in self._mentioned(aimed) if isinstance(v, str)} & {*codes}
            codes += sorted(mentioned) * 2
            if isinstance(kind, ChoiceType):
                return [*codes]
            sets: list[Value] = [frozenset(), *(frozenset({code}) for code in codes)]
            for size in (2, 3):
                if len(codes) >= size:
                    sets += [frozenset(self.random.sample(codes, size)) for _ in codes]
            return sets
        anchors = {
            v
            for v in (*self._mentioned(aimed), aimed.typical, aimed.minimum, aimed.maximum)
            if v is not None
        }
        found: list[Value] = []
        if isinstance(kind, DateType):
            ends = [self.policy.effective, self.policy.expires, self.policy.effective]
            days = {v for v in (*anchors, *ends) if isinstance(v, date)}
            for day in sorted(days):
                found += [day, day - timedelta(1), day + timedelta(1)]
                found += [day + timedelta(30), day + timedelta(400), day - timedelta(366)]
            return found
        if isinstance(kind, NUMERIC_TYPES):
            unit = smallest(kind)
            numbers = sorted(Fraction(v) for v in anchors if isinstance(v, int | Fraction))
            for number in numbers or [Fraction(10)]:
                around = (number, number, number - unit, number + unit, number * 2, number / 2)
                found += [tidy(each, kind) for each in around]
            found += [0, tidy(max(numbers, default=Fraction(1)) * 100, kind)]
            lowest = tidy(Fraction(aimed.minimum), kind) if is_number(aimed.minimum) else 0
            return [v for v in found if is_number(v) and v >= lowest]
        return [*sorted({str(v) for v in anchors}), "别处"]

    def _mentioned(self, aimed: Field) -> set[Value]:
        """Literals that meet the field in a condition, a conclusion or an amount.

        What is asked of a derived field counts for the inputs that it is made of.
        """
        names = {aimed.name}
        names |= {name for name in self.table_of if aimed.name in self._inputs_behind({name})}
        found: set[Value] = set()
        for table in self.policy.tables:
            for rule in table.rules:
                for condition in rule.conditions:
                    for node in nodes(condition.expression):
                        if isinstance(node, Satisfies | Comparison) and mentions(node, names):
                            found |= literals(node, aimed.type)
                for part in (rule.grant, *rule.conclusions):
                    if mentions(part, names):
                        found |= literals(part, aimed.type) | thresholds(part, aimed.type)
        return found

    def _any_value(self, name: str) -> Value:
        return self.random.choice(self.candidates[name] or ["别处"])

    # aiming

    def case(self, name: str, goal: tuple[Rule, ...]) -> Case:
        """Draw one case that aims at making all the rules of a goal true."""
        random, policy = self.random, self.policy
        self.facts = {}
        self.day = policy.effective + timedelta(random.choice([0, 1, 33, 34, 200, 276, 277, 400]))
        for rule in goal:
            self._make_true(rule, DEPTH)
        needed = {node.field for rule in goal for node in nodes(rule.grant) if is_ref(node)}
        for rule in goal:
            event = self.event_fields.get(rule.grant.measure) if rule.grant else None
            if event is not None and event in self.candidates:
                self.facts[event] = policy.effective + timedelta(random.choice([0, 10, 300]))
        for each in sorted(self._inputs_behind(needed)):
            if self.facts.get(each) is None and random.random() < 0.85:
                self.facts[each] = self._any_value(each)
        filled = random.choice([0.2, 0.7, 1.0])
        for field in self.inputs:
            untouched = field.name not in self.facts and field.source is not (
                Source.DERIVED_OR_REPORTED
            )
            if untouched and random.random() < filled:
                self.facts[field.name] = self._any_value(field.name)
        self._disturb()
        facts = {name: value for name, value in self.facts.items() if value is not None}
        return Case(name, name, self.day, facts, self._subjects(goal))

    def _disturb(self) -> None:
        """Leave the facts alone, drop one or two, change one, or blank the judgements."""
        random = self.random
        kind = random.random()
        names = sorted(self.facts)
        if kind < 0.35 or not names:
            pass
        elif kind < 0.6:
            for name in random.sample(names, min(len(names), random.randint(1, 2))):
                self.facts[name] = None
        elif kind < 0.82:
            name = random.choice(names)
            self.facts[name] = self._any_value(name)
        else:
            judged = [f.name for f in self.inputs if f.source is Source.JUDGED]
            for name in random.sample(judged, min(len(judged), random.randint(1, 3))):
                self.facts[name] = None
        chance = random.random()
        if chance < 0.02:
            self.day = self.policy.effective - timedelta(1)
        elif chance < 0.04 and self.policy.expires:
            self.day = self.policy.expires + timedelta(1)
        if self.inputs and random.random() < 0.05:
            name = random.choice([f.name for f in self.inputs])
            self.facts[name] = self._any_value(name)

    def _subjects(self, goal: tuple[Rule, ...]) -> frozenset[str] | None:
        if self.random.random() < 0.8:
            return None
        chosen = {s for s in self.policy.subjects if self.random.random() < 0.6}
        if self.random.random() < 0.7:
            chosen |= {self.beneficiaries[rule.grant.measure] for rule in goal if rule.grant}
        return frozenset(chosen)

    def _inputs_behind(self, names: set[str]) -> set[str]:
        """The input fields that some fields are made of."""
        seen: set[str] = set()
        waiting = sorted(names)
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            table = self.table_of.get(name)
            if table is not None:
                for rule in table.rules:
                    for conclusion in rule.conclusions:
                        waiting += [n.field for n in nodes(conclusion) if is_ref(n)]
        return {name for name in seen if name in self.fields and name not in self.table_of}

    def _read(self) -> Reading:
        return Reading(self.policy, Case("", "", self.day, self.facts))

    def _make_true(self, rule: Rule, depth: int) -> None:
        if rule.effective and self.day < rule.effective:
            self.day = rule.effective
        if rule.expires and self.day > rule.expires:
            self.day = rule.expires
        for condition in rule.conditions:
            self.make(condition.expression, True, depth)

    def make(self, expression: Expression, want: bool, depth: int) -> None:
        """Set facts so that a condition becomes true (or false), as far as that succeeds."""
        random = self.random
        if depth <= 0 or self._read().truth(expression) is want:
            return
        match expression:
            case Satisfies(field=name, test=test):
                self._make_test(name, test, want, depth)
            case FieldRef(field=name):
                self._make_test(name, OneOf((True,)), want, depth)
            case Inverse(operand=operand):
                self.make(operand, not want, depth)
            case Conjunction(operands=parts) | Disjunction(operands=parts):
                every = want is isinstance(expression, Conjunction)
                for part in parts if every else [random.choice(parts)]:
                    self.make(part, want, depth)
            case AtLeast(count=count, conditions=parts):
                needed = count if want else len(parts) - count + 1
                for part in random.sample(parts, min(needed, len(parts))):
                    self.make(part, want, depth)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                first = random.random() < 0.5
                self.make(condition, first, depth - 1)
                self.make(then if first else otherwise, want, depth - 1)
            case _:
                self._shake(expression, want)

    def _shake(self, expression: Expression, want: bool) -> None:
        """Try values of the inputs behind a comparison until it comes out."""
        behind = sorted(self._inputs_behind({n.field for n in nodes(expression) if is_ref(n)}))
        if not behind:
            return
        for _ in range(12):
            blank = [name for name in behind if self.facts.get(name) is None]
            for name in blank or [self.random.choice(behind)]:
                self.facts[name] = self._any_value(name)
            if self._read().truth(expression) is want:
                return

    def _make_test(self, name: str, test: UnaryTest, want: bool, depth: int) -> None:
        table = self.table_of.get(name)
        if table is None:
            self._set_fact(name, test, want)
            return
        if name in self.candidates and self.random.random() < 0.15:
            self._set_fact(name, test, want)
            return
        self._make_derived(table, name, test, want, depth)

    def _set_fact(self, name: str, test: UnaryTest, want: bool) -> None:
        """Give a field a value that passes (or fails) a test; near misses come up often."""
        if isinstance(test, Present):
            self.facts[name] = None if test.absent is want else self._any_value(name)
            return
        options = self.candidates[name]
        goal = Satisfies(name, test)
        was = self.facts.get(name)
        for value in self.random.sample(options, len(options))[:40]:
            self.facts[name] = value
            if self._read().truth(goal) is want:
                return
        for each in sorted(self._inputs_behind({n.field for n in nodes(test) if is_ref(n)})):
            if self.facts.get(each) is None:
                self.facts[each] = self._any_value(each)
        self.facts[name] = was if was is not None else self._any_value(name)

    def _make_derived(
        self, table: DecisionTable, name: str, test: UnaryTest, want: bool, depth: int
    ) -> None:
        """Aim at rows of the table whose conclusions pass the test, or at its default."""
        random = self.random
        at = [clause.field for clause in table.outputs].index(name)
        rows = list(table.rules)
        if table.hit_policy in (HitPolicy.COUNT, HitPolicy.SUM, HitPolicy.COLLECT):
            chosen = random.sample(rows, random.randint(0, len(rows)))
            for rule in rows:
                if rule in chosen:
                    self._make_true(rule, depth - 1)
                else:
                    self._make_false(rule, depth - 1)
            return
        goal = Satisfies(name, test)
        fitting = [r for r in rows if self._fits(name, r.conclusions[at], test) in (want, None)]
        default = table.outputs[at].default
        last = default is not None and self._fits(name, default, test) in (want, None)
        if fitting and (not last or random.random() < 0.7):
            for rule in random.sample(fitting, min(2, len(fitting))):
                self._make_true(rule, depth - 1)
                for node in nodes(rule.conclusions[at]):
                    blank = is_ref(node) and self.facts.get(node.field) is None
                    if is_ref(node) and blank and node.field in self.candidates:
                        self.facts[node.field] = self._any_value(node.field)
                if self._read().truth(goal) is want:
                    return
                index = rows.index(rule)
                rivals = rows[:index] if table.hit_policy is HitPolicy.FIRST else rows
                for rival in rivals:
                    if rival is not rule:
                        self._make_false(rival, depth - 1)
                if self._read().truth(goal) is want:
                    return
        elif last:
            for rule in rows:
                self._make_false(rule, depth - 1)

    def _make_false(self, rule: Rule, depth: int) -> None:
        conditions = [c.expression for c in rule.conditions]
        reading = self._read()
        if depth > 0 and conditions and all(reading.truth(c) is not False for c in conditions):
            self.make(self.random.choice(conditions), False, depth)

    def _fits(self, name: str, conclusion: Expression, test: UnaryTest) -> bool | None:
        """Whether a conclusion passes a test; None where that depends on the case."""
        if not isinstance(conclusion, Literal):
            return None
        facts = {**self.facts, name: conclusion.value}
        reading = Reading(self.all_reported, Case("", "", self.day, facts))
        return reading.truth(Satisfies(name, test))


# --- looking into nodes ---------------------------------------------------------------------------


def nodes(part: object) -> Iterator[object]:
    """Yield a node of the model and all nodes below it."""
    if isinstance(part, tuple):
        for each in part:
            yield from nodes(each)
    elif is_dataclass(part) and not isinstance(part, type):
        yield part
        for each in fields(part):
            if each.name != "at":
                yield from nodes(getattr(part, each.name))


def is_ref(node: object) -> TypeGuard[FieldRef | Satisfies]:
    """Say whether a node asks for a field."""
    return isinstance(node, FieldRef | Satisfies)


def mentions(part: object, names: set[str]) -> bool:
    """Say whether any of the fields is asked for below a node."""
    return any(is_ref(node) and node.field in names for node in nodes(part))


def literals(part: object, kind: FieldType) -> set[Value]:
    """Return the literals of a type, and the values of all lists, below a node."""
    found: set[Value] = set()
    for node in nodes(part):
        if isinstance(node, Literal) and node.type == kind:
            found.add(node.value)
        elif isinstance(node, OneOf | HasAll):
            found |= set(node.values)
    return found


def thresholds(part: object, kind: FieldType) -> set[Value]:
    """Return the ends of brackets, and the bases at which a rate reaches a sum of money."""
    if not isinstance(kind, MoneyType):
        return set()
    all_nodes = list(nodes(part))
    found: set[Value] = set()
    for bracket in all_nodes:
        if isinstance(bracket, Bracket):
            found |= {end for end in (bracket.low, bracket.high) if end is not None}
    numbers = [node for node in all_nodes if isinstance(node, Literal) and is_number(node.value)]
    rates = [Fraction(n.value) for n in numbers if isinstance(n.type, RateType) and n.value]  # type: ignore[arg-type]
    sums = [Fraction(n.value) for n in numbers if isinstance(n.type, MoneyType)]  # type: ignore[arg-type]
    return found | {tidy(money / rate, kind) for money in sums for rate in rates}


def is_number(value: object) -> TypeGuard[int | Fraction]:
    """Say whether a value is a number; a truth is none."""
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def smallest(kind: FieldType) -> Fraction:
    """Return a small step in the unit of a type."""
    match kind:
        case MoneyType() | UnitPriceType():
            return Fraction(1)
        case RateType():
            return Fraction(1, 1000)
        case ExchangeRateType():
            return Fraction(1, 100)
        case QuantityType(unit="人" | "月" | "个" | "家"):
            return Fraction(1)
    return Fraction(1, 2)


def tidy(number: Fraction, kind: FieldType) -> int | Fraction:
    """Make a number one that a field of this type can hold: whole fen, whole people."""
    if smallest(kind) == 1:
        return round(number)
    return int(number) if number.denominator == 1 else number
