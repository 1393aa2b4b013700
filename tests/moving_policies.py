"""Small random policies about one number that moves: derived numbers on top of each other, narrow
windows, caps, groups; so small that every value of the number can be tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from random import Random

from engine.cases import Case
from engine.expressions import (
    Arithmetic,
    Bracket,
    Brackets,
    Call,
    Comparator,
    Compare,
    Comparison,
    Conditional,
    Expression,
    FieldRef,
    Function,
    Literal,
    Negate,
    Not,
    Operator,
    Satisfies,
    UnaryTest,
    Within,
)
from engine.model import (
    Allowance,
    AmountComparison,
    Ceiling,
    Combination,
    Condition,
    DecisionTable,
    Definite,
    Field,
    Grant,
    HitPolicy,
    Measure,
    OutputClause,
    Policy,
    ReceivedTreatment,
    Rule,
    Source,
    Spread,
    StackingGroup,
    StackingMode,
    SupportForm,
    Term,
    TopUp,
    Uplift,
)
from engine.types import MoneyType, QuantityType, RateType
from engine.values import Rounding, RoundingMode

NUMBER, OTHER, RECEIVED = "职工人数", "研发人数", "已享受"
MOST = 240
PEOPLE = QuantityType("人")
MONEY = MoneyType()
RATE = RateType()
FOLDING = (HitPolicy.SUM, HitPolicy.MIN, HitPolicy.MAX)


class Drawing:
    """A policy while it is drawn."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.numbers = [NUMBER, NUMBER, OTHER]
        self.rules = 0

    def number(self, depth: int = 2) -> Expression:
        """An expression about numbers of people."""
        random = self.random
        if depth == 0 or random.random() < 0.3:
            return FieldRef(random.choice(self.numbers))
        left, right = self.number(depth - 1), self.number(depth - 1)
        some = Literal(Fraction(random.randint(1, 90), random.choice([1, 1, 2, 7])), PEOPLE)
        match random.randrange(12):
            case 0 | 1:
                return Arithmetic(Operator.DIVIDE, left, Literal(random.randint(2, 9), PEOPLE))
            case 2:
                return Arithmetic(Operator.MULTIPLY, left, Literal(random.randint(2, 9), PEOPLE))
            case 3:
                return Arithmetic(Operator.SUBTRACT, left, right)
            case 4:
                return Arithmetic(Operator.ADD, left, right)
            case 5:
                return Arithmetic(Operator.DIVIDE, some, right)
            case 6:
                return Call(Function.MIN, (left, some))
            case 7:
                return Call(Function.MAX, (left, right))
            case 8:
                return Call(Function.INCREASE, (left, some))
            case 9:
                return Call(Function.GROWTH, (left, right))
            case 10:
                return Conditional(self.comparison(), left, right)
            case _:
                return random.choice([left, Negate(left), self.brackets(left), self.stairs(left)])

    def brackets(self, base: Expression) -> Expression:
        """An amount that grows by another share in every bracket."""
        ends = sorted(self.random.sample(range(5, MOST), 2))
        parts = [(0, ends[0]), (ends[0], ends[1]), (ends[1], None)]
        rates = [Fraction(self.random.randint(0, 5)) for _ in parts]
        return Brackets(
            base,
            tuple(Bracket(low, high, rate) for (low, high), rate in zip(parts, rates, strict=True)),
        )

    def stairs(self, base: Expression) -> Expression:
        """A number that grows in steps, now and then."""
        if self.random.random() < 0.5:
            return base
        return Call(Function.EVERY_FULL, (base, Literal(self.random.randint(2, 30), PEOPLE)))

    def comparison(self) -> Expression:
        """A condition about two numbers."""
        comparator = self.random.choice(list(Comparator))
        return Comparison(comparator, self.number(1), self.number(1))

    def test(self) -> UnaryTest:
        """A test, often of a narrow window."""
        random = self.random
        low = Fraction(random.randint(-10, 160), random.choice([1, 1, 3, 10]))
        high = low + Fraction(random.randint(0, 60), random.choice([1, 4, 20]))
        ends = Literal(low, PEOPLE), Literal(high, PEOPLE)
        window = Within(*ends, random.random() < 0.5, random.random() < 0.5)
        kind = random.random()
        if kind < 0.6:
            return window
        if kind < 0.7:
            return Not(window)
        bound = self.number(1) if random.random() < 0.3 else ends[0]
        return Compare(random.choice(list(Comparator)), bound)

    def condition(self) -> Condition:
        """A condition of a row."""
        if self.random.random() < 0.15:
            return Condition(self.comparison(), "")
        return Condition(Satisfies(self.random.choice(self.numbers), self.test()), "")

    def row(self, most: int = 2) -> Rule:
        """A row without conclusions."""
        self.rules += 1
        conditions = tuple(self.condition() for _ in range(self.random.randint(0, most)))
        return Rule(f"R{self.rules}", conditions)

    def derive(self, at: int) -> tuple[Field, DecisionTable]:
        """A table that derives a number."""
        random = self.random
        name = f"推导{at}"
        hit_policy = random.choice([HitPolicy.FIRST, HitPolicy.FIRST, HitPolicy.COUNT, *FOLDING])
        rows = [self.row() for _ in range(random.randint(1, 3))]
        if hit_policy is not HitPolicy.COUNT:
            rows = [replace(row, conclusions=(self.number(),)) for row in rows]
        else:
            rows = [replace(row, conclusions=(Literal(1, PEOPLE),)) for row in rows]
        default = (
            self.number(1) if hit_policy is HitPolicy.FIRST and random.random() < 0.6 else None
        )
        field = Field(name, PEOPLE, source=Source.DERIVED)
        self.numbers += [name, name]
        outputs = (OutputClause(name, default),)
        return field, DecisionTable(name, hit_policy, (), outputs, tuple(rows))

    def money(self) -> Expression:
        """So much for each, or a plain sum."""
        random = self.random
        each = Literal(random.choice([100_000, 1_000_000, 3_333_333]), MONEY)
        if random.random() < 0.25:
            return Literal(random.randint(1, 40) * 1_000_000, MONEY)
        return Arithmetic(Operator.MULTIPLY, self.number(1), each)

    def sum(self) -> Expression:
        """A plain sum of money."""
        return Literal(self.random.randint(2, 60) * 1_000_000, MONEY)

    def grant(self, measure: str) -> Grant:
        """What a row grants."""
        random = self.random
        benefit = random.choice(
            [
                *(Definite(self.money()) for _ in range(4)),
                Ceiling(self.money()),
                Spread(self.money(), self.money()),
                TopUp(self.money(), FieldRef(RECEIVED)),
            ]
        )
        floor = self.sum() if random.random() < 0.2 else None
        caps = (self.sum(),) if random.random() < 0.5 else ()
        grant = Grant(measure, benefit, floor, caps)
        if random.random() < 0.15:
            rate = Literal(Fraction(random.randint(1, 5), 10), RATE)
            grant = replace(grant, uplift=Uplift(rate, random.random() < 0.5))
        if random.random() < 0.15:
            allowance = Allowance(Term.ALL, self.sum(), FieldRef(RECEIVED))
            grant = replace(grant, allowances=(allowance,))
        return grant


def draw_moving(random: Random) -> tuple[Policy, Case]:
    """Draw a policy, and a case of which every number is given."""
    drawing = Drawing(random)
    derived = [drawing.derive(at) for at in range(random.randint(1, 3))]
    groups = ["组"] if random.random() < 0.6 else []
    measures, tables = [], [table for _, table in derived]
    for at in range(random.randint(1, 3)):
        name = f"M{at}"
        group = groups[0] if groups and random.random() < 0.8 else None
        table = f"支持{at}"
        combination = random.choice(list(Combination))
        measures.append(
            Measure(name, name, "企业", SupportForm.AWARD, table, combination, group=group)
        )
        rows = [
            replace(drawing.row(1), grant=drawing.grant(name))
            for _ in range(random.choice([1, 1, 2]))
        ]
        hit_policy = random.choice([HitPolicy.COLLECT, HitPolicy.COLLECT, HitPolicy.FIRST])
        tables.append(DecisionTable(table, hit_policy, (), (), tuple(rows)))
    fields = (
        Field(NUMBER, PEOPLE, unit="人", minimum=0, maximum=MOST),
        Field(OTHER, PEOPLE, unit="人"),
        Field(RECEIVED, MONEY, unit="万元"),
        *(field for field, _ in derived),
    )
    policy = Policy(
        id="变动",
        title="变动",
        number="",
        issuer="",
        issued=None,
        effective=date(2023, 9, 28),
        expires=None,
        interpreter="",
        default_stacking="",
        rounding=Rounding(random.choice([1, 1, 100]), random.choice(list(RoundingMode))),
        subjects=("企业",),
        provisions=(),
        fields=fields,
        code_lists=(),
        tables=tuple(tables),
        measures=tuple(measures),
        groups=tuple(_group(random, drawing, name) for name in groups),
        selections=(),
        constraints=(),
    )
    facts = {NUMBER: MOST // 2, OTHER: random.randint(1, 60)}
    facts[RECEIVED] = random.choice([0, 5_000_000, 12_345_678])
    if random.random() < 0.1:
        del facts[OTHER]
    return policy, Case("1", "甲", date(2023, 10, 1), facts)


def _group(random: Random, drawing: Drawing, name: str) -> StackingGroup:
    mode = random.choice([*StackingMode, StackingMode.JOINT_CAP, StackingMode.HIGHEST])
    treatment = random.choice([None, *ReceivedTreatment])
    return StackingGroup(
        name,
        mode,
        random.choice(list(AmountComparison)),
        random.random() < 0.5,
        (),
        None if treatment is None else RECEIVED,
        treatment,
        drawing.sum() if mode is StackingMode.JOINT_CAP else None,
    )
