"""A generated policy in the shape of a real one, of any size, and complete cases for it.

About sixty rules for each unit of ``size``: derived facts two strata deep, measure tables that
collect and one that takes the first, rates with caps, ceilings, same-kind groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from random import Random

from engine.expressions import (
    Arithmetic,
    Comparator,
    Compare,
    Disjunction,
    Expression,
    FieldRef,
    Literal,
    Not,
    OneOf,
    Operator,
    Satisfies,
    UnaryTest,
    Within,
)
from engine.model import (
    Benefit,
    Ceiling,
    Condition,
    DecisionTable,
    Definite,
    Field,
    Grant,
    HitPolicy,
    Measure,
    NonMonetary,
    OutputClause,
    Policy,
    Rule,
    Source,
    StackingGroup,
    StackingMode,
    SupportForm,
)
from engine.types import (
    ChoiceType,
    Code,
    CodeList,
    MoneyType,
    MultiChoiceType,
    QuantityType,
    RateType,
    YesNoType,
)
from engine.values import Rounding

MONEY, YES_NO, PEOPLE = MoneyType(), YesNoType(), QuantityType("人")
INDUSTRY, TITLES = ChoiceType("行业"), MultiChoiceType("资质")
MILLION = 10_000_000_00 // 10
"""One million yuan, in fen."""

AMOUNTS = ("总投资", "固定资产投资", "实缴资金", "到账外资", "年度营收", "研发投入")
COUNTS = ("员工人数", "研发人员", "带动企业")
ANSWERS = (
    "新设企业",
    "已落地",
    "外资项目",
    "首次获评",
    "总部企业",
    "跨区迁移",
    "用地项目",
    "有融资",
)
CHOICES = ("产业", "第二产业")

CODES = (
    CodeList(
        "行业",
        (
            Code("地标产业"),
            Code("优势产业"),
            Code("未来产业"),
            *(Code(name, "地标产业") for name in ("物联网", "集成电路", "生物医药", "软件")),
            *(Code(name, "优势产业") for name in ("高端装备", "节能环保", "新材料", "新能源")),
            *(Code(name, "未来产业") for name in ("量子科技", "人工智能", "氢能", "深海装备")),
        ),
    ),
    CodeList("资质", tuple(map(Code, ("世界500强", "中国500强", "专精特新", "独角兽", "上市")))),
)
SUBJECTS = ("企业", "项目", "机构")


def generated_policy(size: int = 1, seed: int = 20230928) -> Policy:
    """Make a policy of about ``60 * size`` rules; the same arguments make the same policy."""
    drawing = _Drawing(Random(seed))
    tables: list[DecisionTable] = []
    for part in range(size):
        tables += [drawing.derivation(f"{part}-{number}") for number in range(4)]
        tables += [drawing.grants(f"{part}-{number}", number) for number in range(5)]
    return Policy(
        id="生成",
        title="生成的政策",
        number="",
        issuer="",
        issued=None,
        effective=date(2023, 9, 28),
        expires=None,
        interpreter="",
        default_stacking="",
        rounding=Rounding(),
        subjects=SUBJECTS,
        provisions=(),
        fields=tuple(drawing.fields),
        code_lists=CODES,
        tables=tuple(tables),
        measures=tuple(drawing.measures),
        groups=tuple(
            StackingGroup(name, StackingMode.HIGHEST)
            for name in dict.fromkeys(each.group for each in drawing.measures)
            if name is not None
        ),
        selections=(),
        constraints=(),
    )


class _Drawing:
    """The fields that can be tested so far, the measures made, and the dice."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.fields = [
            *(Field(name, MONEY, "万元") for name in AMOUNTS),
            *(Field(name, PEOPLE) for name in COUNTS),
            *(Field(name, YES_NO) for name in ANSWERS),
            *(Field(name, INDUSTRY) for name in CHOICES),
            Field("资质", TITLES),
        ]
        self.measures: list[Measure] = []
        self._rules = 0

    def derivation(self, name: str) -> DecisionTable:
        """Three rows that derive a yes/no from what is there, derived facts included."""
        field = Field(f"推导{name}", YES_NO, source=Source.DERIVED)
        rows = tuple(
            Rule(self._number(), self._conditions(2), (Literal(True, YES_NO),)) for _ in range(3)
        )
        default = OutputClause(field.name, Literal(False, YES_NO))
        self.fields.append(field)
        return DecisionTable(f"推导表{name}", HitPolicy.FIRST, (), (default,), rows)

    def grants(self, name: str, number: int) -> DecisionTable:
        """Ten rows of eight measures; every fifth table takes the first row that holds."""
        ids = [f"M{name}-{each}" for each in range(8)]
        for each in ids:
            self.measures.append(
                Measure(
                    each,
                    f"支持{each}",
                    self.random.choice(SUBJECTS),
                    SupportForm.AWARD,
                    f"措施表{name}",
                    group=f"组{name}" if self.random.random() < 0.3 else None,
                )
            )
        rows = tuple(
            Rule(
                self._number(),
                self._conditions(self.random.randint(2, 4)),
                grant=self._grant(measure),
            )
            for measure in (*ids, ids[0], ids[1])
        )
        policy = HitPolicy.FIRST if number == 4 else HitPolicy.COLLECT
        return DecisionTable(f"措施表{name}", policy, (), (), rows)

    def _number(self) -> str:
        self._rules += 1
        return f"R{self._rules}"

    def _conditions(self, count: int) -> tuple[Condition, ...]:
        chosen = self.random.sample(self.fields, count)
        made: list[Expression] = [Satisfies(each.name, self._test(each)) for each in chosen]
        if self.random.random() < 0.15:
            other = self.random.choice(self.fields)
            made[-1] = Disjunction((made[-1], Satisfies(other.name, self._test(other))))
        return tuple(Condition(each, "") for each in made)

    def _test(self, field: Field) -> UnaryTest:
        random = self.random
        match field.type:
            case YesNoType():
                return OneOf((random.random() < 0.8,))
            case ChoiceType():
                wanted = OneOf(tuple(random.sample([c.value for c in CODES[0].codes], 2)))
                return Not(wanted) if random.random() < 0.4 else wanted
            case MultiChoiceType():
                return OneOf(tuple(random.sample([c.value for c in CODES[1].codes], 2)))
        number = random.randint(1, 60)
        scale = MILLION if isinstance(field.type, MoneyType) else 10
        low = Literal(number * scale, field.type)
        if random.random() < 0.2:
            return Within(low, Literal((number + 40) * scale, field.type))
        return Compare(random.choice((Comparator.AT_LEAST, Comparator.LESS)), low)

    def _grant(self, measure: str) -> Grant:
        random = self.random
        benefit: Benefit
        cap = Literal(random.randint(1, 50) * MILLION, MONEY)
        kind = random.random()
        if kind < 0.4:
            rate = Literal(Fraction(random.randint(1, 50), 1000), RateType())
            base = FieldRef(random.choice(AMOUNTS))
            benefit = Definite(Arithmetic(Operator.MULTIPLY, base, rate))
            return Grant(measure, benefit, caps=(cap,))
        if kind < 0.6:
            benefit = Ceiling(cap)
        elif kind < 0.8:
            benefit = NonMonetary()
        else:
            benefit = Definite(cap)
        return Grant(measure, benefit)


def sizes(policy: Policy) -> Iterator[tuple[str, int]]:
    """Say how large a policy is, for the head of a table."""
    rules = [rule for table in policy.tables for rule in table.rules]
    yield "tables", len(policy.tables)
    yield "rules", len(rules)
    yield "conditions", sum(len(rule.conditions) for rule in rules)
    yield "fields", len(policy.fields)
    yield "measures", len(policy.measures)
