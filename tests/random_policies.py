"""Small random policies, well typed by construction, that use everything the model can say.

The vocabulary (fields, code lists, subjects) is the same in all of them; the tables, the chains of
derived fields, the measures and the groups are drawn. ``policies()`` is the hypothesis strategy,
``draw_policy`` takes a seeded generator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

from engine.dependencies import fields_read
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
    Allowance,
    AmountComparison,
    Benefit,
    ByRegulation,
    Ceiling,
    Combination,
    Condition,
    DecisionTable,
    Definite,
    Discretionary,
    Field,
    Grant,
    HitPolicy,
    Instalment,
    Measure,
    NonMonetary,
    OutputClause,
    PaymentPlan,
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
    WhenMissing,
)
from engine.types import (
    NUMERIC_TYPES,
    ChoiceType,
    Code,
    CodeList,
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
from engine.values import Rounding, RoundingMode, Value

T = TypeVar("T")

SUBJECTS = ("企业", "项目", "机构")

MONEY = MoneyType()
DOLLARS = MoneyType("USD")
RATE = RateType()
PRICE = UnitPriceType("CNY", "平方米")
EXCHANGE = ExchangeRateType("USD")
PEOPLE = QuantityType("人")
AREA = QuantityType("平方米")
PURE = QuantityType()
MONTHS = QuantityType("月")
DAYS = QuantityType("日")
DATE = DateType()
YES_NO = YesNoType()
INDUSTRY = ChoiceType("行业")
GRADE = ChoiceType("等级")
TITLES = MultiChoiceType("资质")
TEXT = TextType()

INPUTS: tuple[Field, ...] = (
    Field("总投资", MONEY, subject="项目"),
    Field("注册资本", MONEY, subject="企业"),
    Field("亏损", MONEY, minimum=-100_000_000),
    Field("外资", DOLLARS),
    Field("持股", RATE),
    Field("地价", PRICE),
    Field("汇率", EXCHANGE),
    Field("人数", PEOPLE),
    Field("面积", AREA, subject="项目"),
    Field("倍数", PURE),
    Field("认定日期", DATE),
    Field("开工日期", DATE),
    Field("新设", YES_NO),
    Field("外地迁入", YES_NO, when_missing=WhenMissing.FALSE),
    Field("重大贡献", YES_NO, source=Source.JUDGED),
    Field("特殊渠道", YES_NO, source=Source.JUDGED),
    Field("核定金额", MONEY, source=Source.JUDGED),
    Field("核定比例", RATE, source=Source.JUDGED),
    Field("认定行业", INDUSTRY, source=Source.JUDGED),
    Field("认定资质", TITLES, source=Source.JUDGED),
    Field("行业", INDUSTRY),
    Field("资质", TITLES, subject="企业"),
    Field("荣誉", TITLES, when_missing=WhenMissing.FALSE),
    Field("街道", TEXT),
    Field("已享受", MONEY),
    Field("往年奖励", MONEY, when_missing=WhenMissing.ZERO),
)

VALUES: dict[FieldType, tuple[Value, ...]] = {
    MONEY: (0, 1, 10_000_000, 50_000_000, 50_000_001, 100_000_000, 100_000_000_000),
    DOLLARS: (0, 1_000_000, 30_000_000, 500_000_050),
    RATE: (Fraction(0), Fraction(1, 200), Fraction(1, 50), Fraction(3, 10), Fraction(1)),
    PRICE: (0, 150, 200_000),
    EXCHANGE: (Fraction(7), Fraction(71, 10), Fraction(718, 100)),
    PEOPLE: (0, 1, 10, 300),
    AREA: (0, 1, 500, Fraction(3001, 2)),
    PURE: (0, 1, 2, Fraction(5, 2), 10),
    MONTHS: (0, 1, 12, 36),
    DATE: (date(2023, 9, 28), date(2023, 10, 31), date(2024, 2, 29), date(2022, 1, 31)),
    YES_NO: (True, False),
    INDUSTRY: ("制造", "电子", "芯片", "服务", "软件"),
    GRADE: ("甲", "乙", "丙", "丁"),
    TITLES: ("链主", "总部", "独角兽", "上市公司"),
    TEXT: ("东港", "西漳"),
}
"""The literals that rules mention, by type."""

NUMBERS: tuple[FieldType, ...] = (MONEY, PEOPLE, PURE, RATE)
ANYTHING: tuple[FieldType, ...] = (YES_NO, YES_NO, MONEY, PEOPLE, GRADE, RATE, DATE, INDUSTRY)
"""The types of derived fields: of tables that fold numbers, and of those that choose a row."""

BENEFITS: tuple[type[Benefit], ...] = (
    *(Definite, Definite, Definite, Definite, Definite, Ceiling, Ceiling, Ceiling),
    *(Spread, Spread, TopUp, TopUp, Discretionary, ByRegulation, NonMonetary),
)


PLANS = tuple(
    PaymentPlan(tuple(Instalment(label, share) for label, share in plan))
    for plan in (
        [("一次性", 1)],
        [("达产", 1)],
        [("第1年", Fraction(2, 5)), ("第2年", Fraction(3, 10)), ("第3年", Fraction(3, 10))],
        [("开工", Fraction(3, 10)), ("投产", Fraction(1, 4)), ("达产", Fraction(9, 20))],
        [(f"第{at}期", Fraction(1, 3)) for at in (1, 2, 3)],
    )
)
"""Payment plans: of one part, of one milestone, of years, of milestones, and of thirds that no
decimal spells."""


def draw_code_lists(random: Random) -> tuple[CodeList, ...]:
    """Return the code lists: a forest, a ranked one, one with dates and a pending one."""
    some_day, later = date(2023, 10, 31), date(2024, 6, 30)
    return (
        CodeList(
            "行业",
            (
                Code("制造"),
                Code("电子", "制造"),
                Code("芯片", "电子"),
                Code("服务"),
                Code("软件", random.choice(["服务", "电子"])),
            ),
        ),
        CodeList(
            "等级",
            (Code("甲", rank=1), Code("乙", rank=2), Code("丙", rank=3), Code("丁", rank=2)),
        ),
        CodeList(
            "资质",
            (
                Code("链主"),
                Code("总部", random.choice([None, "链主"])),
                Code("独角兽"),
                Code("上市公司", "独角兽"),
            ),
        ),
        CodeList(
            "重点目录",
            (
                Code("电子", effective=some_day),
                Code("软件", expires=random.choice([some_day, later])),
                Code("链主", effective=some_day, expires=later),
                Code("独角兽"),
            ),
        ),
        CodeList("待补目录", (Code("芯片"),) if random.random() < 0.5 else (), pending=True),
    )


@dataclass
class Drawing:
    """A policy while it is drawn: the fields that may be used so far, and the rules counted."""

    random: Random
    fields: list[Field]
    rules: int = 0
    derived: set[str] = field(default_factory=set)

    def chance(self, probability: float) -> bool:
        """Toss a coin that falls heads with this probability."""
        return self.random.random() < probability

    def of_type(self, *types: FieldType) -> list[Field]:
        """Return the usable fields of these types."""
        return [f for f in self.fields if f.type in types]

    def literal(self, type_: FieldType) -> Literal:
        """Draw a literal of a type."""
        value = self.random.choice(VALUES[type_])
        if isinstance(type_, MultiChoiceType):
            return Literal(frozenset({str(value)}), type_)
        return Literal(value, type_)

    # numbers and other values

    def expression(self, type_: FieldType, depth: int) -> Expression:
        """Draw an expression of a type, at most ``depth`` operations deep."""
        choices: list[Callable[[], Expression]] = [lambda: self.literal(type_)]
        fields = self.of_type(type_)
        if fields:
            newest = [f for f in fields if f.name in self.derived]
            choices += [lambda: FieldRef(self.random.choice(newest or fields).name)]
            choices += [lambda: FieldRef(self.random.choice(fields).name)] * 2
        if depth > 0:
            choices.append(
                lambda: Conditional(
                    self.condition(depth - 1),
                    self.expression(type_, depth - 1),
                    self.expression(type_, depth - 1),
                )
            )
            if type_ == DATE:
                choices.append(lambda: self.later(self.expression(DATE, depth - 1)))
            if isinstance(type_, NUMERIC_TYPES):
                choices += self._arithmetic(type_, depth - 1) * 2
        return self.random.choice(choices)()

    def later(self, day: Expression) -> Expression:
        """Draw a day some months or days after another."""
        months = self.chance(0.6)
        unit = MONTHS if months else DAYS
        count = Literal(self.random.choice([0, 1, 6, 12, 30]), unit)
        return Call(Function.MONTHS_LATER if months else Function.DAYS_LATER, (day, count))

    def _arithmetic(self, type_: FieldType, depth: int) -> list[Callable[[], Expression]]:
        def same() -> Expression:
            return self.expression(type_, depth)

        def scaled() -> Expression:
            factors: list[FieldType] = [RATE, PURE]
            by = self.expression(self.random.choice(factors), depth)
            left, right = self.random.sample([same(), by], 2)
            return Arithmetic(Operator.MULTIPLY, left, right)

        def rounded() -> Expression:
            steps = [
                value for value in VALUES[type_] if isinstance(value, int | Fraction) and value
            ]
            function = self.random.choice([Function.ROUND, Function.ROUND_DOWN, Function.ROUND_UP])
            step = self.random.choice(steps)
            return Call(function, (same(), Literal(step, type_)))

        choices: list[Callable[[], Expression]] = [
            lambda: Arithmetic(Operator.ADD, same(), same()),
            lambda: Arithmetic(Operator.SUBTRACT, same(), same()),
            lambda: Call(Function.MAX, (same(), same())),
            lambda: Call(Function.MIN, (same(), same(), same())),
            lambda: Call(Function.INCREASE, (same(), same())),
            lambda: Negate(same()),
            lambda: Arithmetic(Operator.DIVIDE, same(), self.expression(PURE, depth)),
            scaled,
            rounded,
        ]
        if type_ == MONEY:
            choices += [
                lambda: Call(
                    Function.CONVERT,
                    (self.expression(DOLLARS, depth), self.expression(EXCHANGE, depth)),
                ),
                lambda: Arithmetic(
                    Operator.MULTIPLY, self.expression(AREA, depth), self.expression(PRICE, depth)
                ),
                lambda: self._brackets(same()),
            ]
        if type_ == RATE:
            choices.append(
                lambda: Call(
                    Function.GROWTH, (self.expression(MONEY, depth), self.expression(MONEY, depth))
                )
            )
        if type_ == PURE:
            divided: list[FieldType] = [MONEY, PEOPLE, AREA]
            other = self.random.choice(divided)
            choices += [
                lambda: Call(
                    Function.EVERY_FULL,
                    (self.expression(other, depth), self.expression(other, depth)),
                ),
                lambda: Arithmetic(
                    Operator.DIVIDE, self.expression(other, depth), self.expression(other, depth)
                ),
            ]
        if type_ in (PURE, MONTHS):
            choices.append(
                lambda: Call(
                    self.random.choice([Function.MONTHS, Function.YEARS]),
                    (self.expression(DATE, 0), self.expression(DATE, 0)),
                )
            )
        return choices

    def _brackets(self, base: Expression) -> Expression:
        ends = (0, 10_000_000, 100_000_000, None if self.chance(0.7) else 900_000_000)
        rates = [Fraction(self.random.randint(0, 10), 1000) for _ in ends]
        pairs = zip(ends, ends[1:], rates, strict=False)
        return Brackets(base, tuple(Bracket(low or 0, high, rate) for low, high, rate in pairs))

    # conditions

    def condition(self, depth: int) -> Expression:
        """Draw a whole condition."""
        random = self.random
        kind = random.random()
        if depth <= 0 or kind < 0.4:
            return self.tested_field()
        if kind < 0.5:
            return self.judged_and_more()
        if kind < 0.65:
            compared: list[FieldType] = [MONEY, MONEY, PEOPLE, PURE, RATE, MONTHS, DATE]
            type_ = random.choice(compared)
            left, right = self.expression(type_, depth - 1), self.expression(type_, depth - 1)
            if _speaks_of(right, left) or _speaks_of(left, right):
                right = Literal(VALUES[type_][-1], type_)  # what is compared with itself is refused
            return Comparison(random.choice(list(Comparator)), left, right)
        if kind < 0.7:
            return FieldRef(random.choice(self.of_type(YES_NO)).name)
        parts = tuple(self.condition(depth - 1) for _ in range(random.randint(2, 3)))
        if kind < 0.8:
            return Conjunction(parts)
        if kind < 0.9:
            return Disjunction(parts)
        if kind < 0.95:
            return Inverse(parts[0])
        return AtLeast(random.randint(1, len(parts)), parts)

    def tested_field(self) -> Expression:
        """Draw a field and a unary test of it; derived fields come up often."""
        derived = [f for f in self.fields if f.name in self.derived]
        chosen = self.random.choice(derived if derived and self.chance(0.45) else self.fields)
        return Satisfies(chosen.name, self.unary(chosen, 2))

    def judged_and_more(self) -> Expression:
        """Draw a judgement, and beside it or in its stead what may be unknown otherwise."""
        judged = self.random.choice([f for f in self.fields if f.source is Source.JUDGED])
        by = self.expression(self.random.choice([MONEY, PEOPLE, AREA]), 0)
        quotients: list[Expression] = [
            Arithmetic(Operator.DIVIDE, by, by),
            Call(Function.EVERY_FULL, (by, by)),
            self.expression(PURE, 2),
        ]
        coded = self.random.choice(self.of_type(INDUSTRY, TITLES))
        more: list[Callable[[], Expression]] = [
            lambda: Satisfies(coded.name, InCodeList("待补目录")),
            lambda: Satisfies(coded.name, OneOf((self.random.choice(VALUES[coded.type]),))),
            lambda: Comparison(
                self.random.choice(list(Comparator)),
                self.random.choice(quotients),
                self.literal(PURE),
            ),
            self.tested_field,
        ]
        parts = Satisfies(judged.name, self.unary(judged, 1)), self.random.choice(more)()
        if self.chance(0.25):
            instead = Conjunction((Satisfies(judged.name, Present(absent=True)), parts[1]))
            return Disjunction((parts[0], instead))
        return self.random.choice([Conjunction, Conjunction, Disjunction])(parts)

    def unary(self, tested: Field, depth: int) -> UnaryTest:
        """Draw a unary test that suits a field."""
        random = self.random
        kind = random.random()
        if depth > 0 and kind < 0.2:
            parts = tuple(self.unary(tested, depth - 1) for _ in range(2))
            if kind < 0.08:
                return Not(parts[0])
            return AnyOf(parts) if kind < 0.14 else AllOf(parts)
        if kind < 0.24 and tested.source in (Source.REPORTED, Source.JUDGED):
            return Present(absent=self.chance(0.5))
        if kind > 0.99:
            return Anything()
        match tested.type:
            case ChoiceType() | MultiChoiceType():
                if self.chance(0.25) and tested.type != GRADE:
                    return InCodeList(random.choice(["重点目录", "待补目录", "行业"]))
                wanted = tuple(random.sample(VALUES[tested.type], random.randint(1, 2)))
                if isinstance(tested.type, MultiChoiceType) and self.chance(0.4):
                    return HasAll(wanted)
                return OneOf(wanted)
            case YesNoType() | TextType():
                return OneOf((random.choice(VALUES[tested.type]),))
        days = [each.name for each in self.of_type(DATE) if each.name != tested.name]
        if tested.type == DATE and days and self.chance(0.3):
            since = FieldRef(random.choice(days))
            return Within(since, self.later(since))
        if self.chance(0.2):
            low, high = sorted(random.sample(VALUES[tested.type], 2), key=_by_size)
            ends = Literal(low, tested.type), Literal(high, tested.type)
            return Within(*ends, self.chance(0.5), self.chance(0.5))
        bound = self.expression(tested.type, 1) if self.chance(0.2) else self.literal(tested.type)
        if tested.name in fields_read(bound):
            bound = Literal(VALUES[tested.type][0], tested.type)
        return Compare(random.choice(list(Comparator)), bound)

    # rows

    def rows(self, count: int, few: tuple[int, ...] = (0, 1, 1, 1, 2, 2, 3)) -> list[Rule]:
        """Draw rows without conclusions: conditions, dates and exceptions among them."""
        random = self.random
        rows: list[Rule] = []
        for _ in range(count):
            self.rules += 1
            conditions = range(random.choice(few))
            made = [self.condition(2 if self.chance(0.25) else 0) for _ in conditions]
            row = Rule(f"R{self.rules}", tuple(Condition(each, "") for each in made))
            if self.chance(0.08):
                row = replace(row, effective=date(2023, 10, 31))
            if self.chance(0.08):
                row = replace(row, expires=date(2024, 6, 30))
            rows.append(row)
        if len(rows) > 1 and self.chance(0.25):
            order = random.sample(range(len(rows)), len(rows))
            for over, under in pairwise(order):
                if self.chance(0.7):
                    rows[over] = replace(rows[over], overrides=(rows[under].id,))
            first = rows[order[0]]
            if self.chance(0.3) and rows[order[-1]].id not in first.overrides:
                both = (*first.overrides, rows[order[-1]].id)
                rows[order[0]] = replace(first, overrides=both)
        return rows

    def derive(self, at: int) -> DecisionTable:
        """Draw a table that derives one or two new fields from those that are there."""
        random = self.random
        policy = random.choice(list(HitPolicy))
        type_: FieldType
        match policy:
            case HitPolicy.COLLECT:
                type_ = TITLES
            case HitPolicy.COUNT:
                type_ = PURE
            case HitPolicy.SUM | HitPolicy.MIN | HitPolicy.MAX:
                type_ = random.choice(NUMBERS)
            case HitPolicy.PRIORITY:
                type_ = GRADE
            case _:
                type_ = random.choice(ANYTHING)
        types = [type_]
        folding = (HitPolicy.COLLECT, HitPolicy.COUNT, HitPolicy.SUM, HitPolicy.MIN, HitPolicy.MAX)
        if self.chance(0.5 if policy is HitPolicy.PRIORITY else 0.25):
            types.append(type_ if policy in folding else YES_NO if self.chance(0.4) else MONEY)
        computed = 0.6 if policy is HitPolicy.ANY else 0.35
        rows = []
        for row in self.rows(random.randint(1, 4)):
            ends = (
                Literal(1, PURE)
                if policy is HitPolicy.COUNT
                else self.expression(each, 2)
                if self.chance(computed)
                else self.literal(each)
                for each in types
            )
            rows.append(replace(row, conclusions=tuple(ends)))
        clauses = []
        for number, each in enumerate(types):
            name = f"推导{at}{'甲乙'[number]}"
            default = self.literal(each) if self.chance(0.7) else None
            clauses.append(OutputClause(name, default))
            either = self.chance(0.1)
            source = Source.DERIVED_OR_REPORTED if either else Source.DERIVED
            self.fields.append(Field(name, each, source=source))
            self.derived.add(name)
        return DecisionTable(f"表{at}", policy, (), tuple(clauses), tuple(rows))

    def benefit(self, kind: type[Benefit]) -> Benefit:
        """Draw what a row gives."""
        if kind is Definite:
            return Definite(self.expression(MONEY, self.random.choice([0, 0, 1, 2])))
        if kind is Ceiling:
            return Ceiling(self.expression(MONEY, self.random.choice([0, 0, 1])))
        if kind is Spread:
            base = self.expression(MONEY, 0)
            low, high = Fraction(1, 50), Fraction(1, 10)
            ends = (
                Arithmetic(Operator.MULTIPLY, base, Literal(rate, RATE)) for rate in (low, high)
            )
            return Spread(*ends)
        if kind is TopUp:
            return TopUp(self.expression(MONEY, 0), self.received())
        if kind is Discretionary:
            return Discretionary(self.expression(MONEY, 0) if self.chance(0.7) else None)
        return ByRegulation() if kind is ByRegulation else NonMonetary()

    def received(self) -> Expression:
        """Draw what was received before."""
        if self.chance(0.2):
            return self.expression(MONEY, 1)
        return FieldRef(self.random.choice(["已享受", "往年奖励"]))

    def terms(self, grant: Grant) -> Grant:
        """Draw what else a row says of an amount that has a number."""
        if self.chance(0.15):
            at_most = isinstance(grant.benefit, Ceiling | Discretionary)
            uplift = Uplift(self.expression(RATE, 1), at_most or self.chance(0.5))
            grant = replace(grant, uplift=uplift)
        if self.chance(0.15):
            terms = [each for each in Term if self.chance(0.6)]
            limits = [(self.expression(MONEY, 0), self.received()) for _ in terms]
            allowances = [Allowance(t, *pair) for t, pair in zip(terms, limits, strict=True)]
            grant = replace(grant, allowances=tuple(allowances))
        return grant

    def grants(self, at: int, groups: tuple[str, ...]) -> tuple[DecisionTable, list[Measure]]:
        """Draw a measure table with its measures."""
        random = self.random
        policies = [HitPolicy.COLLECT] * 3 + [HitPolicy.UNIQUE, HitPolicy.FIRST, HitPolicy.ANY]
        policy = random.choice(policies)
        measures = []
        rows: list[Rule] = []
        name = f"措施{at}"
        for number in range(random.randint(1, 3)):
            kinds = BENEFITS
            kind = random.choice(kinds)
            measure = Measure(
                f"M{at}-{number}",
                f"支持{at}-{number}",
                "企业" if self.chance(0.4) else random.choice(SUBJECTS),
                SupportForm.AWARD,
                name,
                random.choice(list(Combination)),
                event_field="认定日期" if self.chance(0.15) else None,
                group=random.choice(groups) if groups and self.chance(0.7) else None,
                plan=random.choice(PLANS) if self.chance(0.3) else None,
            )
            measures.append(measure)
            for row in self.rows(random.randint(1, 3), (0, 0, 1, 1, 1, 2)):
                benefit = self.benefit(random.choice(kinds) if self.chance(0.1) else kind)
                floor, caps = None, [0]
                if not isinstance(benefit, ByRegulation | NonMonetary):
                    floor = self.expression(MONEY, 0) if self.chance(0.15) else None
                    caps = [0, 0, 0, 1, 1, 2]
                many = tuple(self.expression(MONEY, 0) for _ in range(random.choice(caps)))
                grant = Grant(measure.id, benefit, floor, many)
                if not isinstance(benefit, ByRegulation | NonMonetary):
                    grant = self.terms(grant)
                rows.append(replace(row, grant=grant))
        if self.chance(0.5):
            random.shuffle(rows)
        if policy is not HitPolicy.COLLECT and self.chance(0.4):
            last = rows[-1].grant
            rows = [replace(r, grant=last) if self.chance(0.4) else r for r in rows]
        if policy is HitPolicy.ANY:
            rows = [replace(r, grant=self.spelled_anew(r.grant)) for r in rows if r.grant]
        left = {row.grant.measure for row in rows if row.grant}
        return (
            DecisionTable(name, policy, (), (), tuple(rows)),
            [measure for measure in measures if measure.id in left],
        )

    def spelled_anew(self, grant: Grant) -> Grant:
        """Now and then say the same amount in other words."""
        match grant.benefit:
            case Definite(amount=amount) if self.chance(0.4):
                return replace(grant, benefit=Definite(Call(Function.MAX, (amount, amount))))
        return grant

    def contest(self, group: str) -> tuple[DecisionTable, list[Measure]]:
        """Draw measures for one beneficiary that are easily granted and hard to compare."""
        sums = [Literal(value, MONEY) for value in VALUES[MONEY][2:6]]
        measures, rows = [], []
        for number, row in enumerate(self.rows(3, (0, 0, 1))):
            measures.append(
                Measure(
                    f"M9-{number}",
                    f"擂台{number}",
                    "企业",
                    SupportForm.SUBSIDY,
                    "擂台",
                    group=group,
                )
            )
            low, high = sorted(self.random.sample(range(len(sums)), 2))
            benefits: list[Benefit] = [
                Definite(sums[low]),
                Ceiling(sums[high]),
                Spread(sums[low], sums[high]),
            ]
            benefit = self.random.choice(benefits)
            rows.append(replace(row, grant=Grant(f"M9-{number}", benefit)))
        return DecisionTable("擂台", HitPolicy.COLLECT, (), (), tuple(rows)), measures


def draw_policy(random: Random) -> Policy:
    """Draw one policy."""
    drawing = Drawing(random, list(INPUTS))
    tables = [drawing.derive(at) for at in range(random.randint(3, 6))]
    names = tuple(f"组{at}" for at in range(random.choice([0, 1, 1, 2])))
    measures: list[Measure] = []
    for at in range(random.randint(1, 3)):
        table, granted = drawing.grants(at, names)
        tables.append(table)
        measures += granted
    if names and drawing.chance(0.4):
        table, granted = drawing.contest(names[0])
        tables.append(table)
        measures += granted
    random.shuffle(tables)
    groups = tuple(draw_group(drawing, name, measures) for name in names)
    return Policy(
        id="随机",
        title="随机政策",
        number="",
        issuer="",
        issued=None,
        effective=date(2023, 9, 28),
        expires=random.choice([None, None, date(2024, 12, 31)]),
        interpreter="",
        default_stacking="",
        rounding=Rounding(random.choice([1, 1, 100, 1_000_000]), random.choice(list(RoundingMode))),
        subjects=SUBJECTS,
        provisions=(),
        fields=tuple(drawing.fields),
        code_lists=draw_code_lists(random),
        tables=tuple(tables),
        measures=tuple(measures),
        groups=groups,
        selections=(),
        constraints=(),
    )


def draw_group(drawing: Drawing, name: str, measures: list[Measure]) -> StackingGroup:
    """Draw the rules of a same-kind group; some of its members are ordered."""
    random = drawing.random
    members = [m.id for m in measures if m.group == name]
    random.shuffle(members)
    mode = random.choice([*StackingMode, StackingMode.HIGHEST, StackingMode.HIGHEST])
    money = [field.name for field in drawing.of_type(MONEY)]
    received = random.choice([None, None, None, "已享受", "往年奖励", *random.sample(money, 1)])
    treatments = [*ReceivedTreatment] if received else [None]
    return StackingGroup(
        name,
        mode,
        random.choice([AmountComparison.BY_CEILING, *[AmountComparison.STRICT] * 2]),
        random.random() < 0.5,
        tuple(members[: random.randint(0, len(members))]),
        received,
        random.choice(treatments),
        random.choice([Literal(50_000_000, MONEY), drawing.expression(MONEY, 2)])
        if mode is StackingMode.JOINT_CAP
        else None,
    )


def _speaks_of(expression: Expression, field: Expression) -> bool:
    return bool(fields_read(field)) and fields_read(field) <= fields_read(expression)


def _by_size(value: Value) -> Fraction | int:
    if isinstance(value, date):
        return value.toordinal()
    assert isinstance(value, int | Fraction)
    return value


def policies() -> st.SearchStrategy[Policy]:
    """Every policy that ``draw_policy`` can draw, shrinkable."""
    return st.randoms(use_true_random=False).map(draw_policy)
