"""Small random tables, and a net of projects so fine that every region of them holds one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations, product
from random import Random

from engine.checks.space.candidates import piece_of
from engine.checks.space.dimensions import Axis
from engine.checks.space.scenes import Survey
from engine.dependencies import fields_read, walk
from engine.evaluate import Situation, condition, in_force, meaning
from engine.expressions import (
    AtLeast,
    Comparator,
    Compare,
    Conjunction,
    Disjunction,
    Expression,
    Inverse,
    Literal,
    Satisfies,
    UnaryTest,
)
from engine.model import (
    Condition,
    DecisionTable,
    Field,
    HitPolicy,
    OutputClause,
    Policy,
    Rule,
    Source,
    WhenMissing,
)
from engine.tables import close_table, compile_table, row_of
from engine.types import ChoiceType, DateType, MultiChoiceType, TextType, YesNoType
from engine.values import Range, Value
from tests.random_policies import (
    GRADE,
    INPUTS,
    VALUES,
    Drawing,
    draw_code_lists,
    draw_policy,
)

TESTED = (
    "总投资",
    "亏损",
    "持股",
    "人数",
    "倍数",
    "认定日期",
    "新设",
    "外地迁入",
    "行业",
    "资质",
    "街道",
)


# --- small tables ---------------------------------------------------------------------------------


def draw_condition(drawing: Drawing, depth: int) -> Expression:
    """Draw a condition on the fields of a drawing, which may be made of others."""
    kind = drawing.random.random()
    if depth == 0 or kind < 0.6:
        tested = drawing.random.choice(drawing.fields)
        return Satisfies(tested.name, draw_test(drawing, tested))
    parts = tuple(draw_condition(drawing, depth - 1) for _ in range(drawing.random.randint(2, 3)))
    if kind < 0.75:
        return Conjunction(parts)
    if kind < 0.88:
        return Disjunction(parts)
    return Inverse(parts[0]) if kind < 0.95 else AtLeast(2, parts)


def draw_test(drawing: Drawing, tested: Field) -> UnaryTest:
    """Draw a test of a field; of a set also whether it is just some set."""
    if isinstance(tested.type, MultiChoiceType) and drawing.chance(0.2):
        members = drawing.random.sample(VALUES[tested.type], drawing.random.randint(0, 2))
        same = Literal(frozenset(map(str, members)), tested.type)
        equal = drawing.random.choice([Comparator.EQUAL, Comparator.NOT_EQUAL])
        return Compare(equal, same)
    return drawing.unary(tested, 2)


def draw_table(seed: int, policy: HitPolicy) -> Policy:
    """Draw a policy with one table that derives a grade from two or three reported facts."""
    random = Random(seed)
    named = set(random.sample(TESTED, random.randint(1, 3)))
    fields = [field for field in INPUTS if field.name in named]
    drawing = Drawing(random, fields)
    rows = []
    for number in range(random.randint(1, 5)):
        conditions = tuple(
            Condition(draw_condition(drawing, 2), "")
            for _ in range(random.choice([0, 1, 1, 2, 2, 3]))
        )
        rows.append(Rule(f"R{number}", conditions, (Literal(random.choice(VALUES[GRADE]), GRADE),)))
        if random.random() < 0.1:
            rows[-1] = replace(rows[-1], effective=date(2024, 1, 1))
    if len(rows) > 1 and random.random() < 0.2:
        rows[0] = replace(rows[0], overrides=(rows[1].id,))
    table = DecisionTable("表", policy, (), (OutputClause("等级"),), tuple(rows))
    whole = draw_policy(Random(0))
    return replace(
        whole,
        expires=None,
        fields=(*fields, Field("等级", GRADE, source=Source.DERIVED)),
        code_lists=draw_code_lists(random),
        tables=(table,),
        measures=(),
        groups=(),
    )


def net(field: Field, computed: set[Value], blank: bool) -> list[Value | None]:
    """Values of a field, so dense that every region that its tests make holds one."""
    values: list[Value | None]
    literals = [*VALUES[field.type], *computed]
    match field.type:
        case MultiChoiceType():
            names = VALUES[field.type]
            sets = [each for size in range(5) for each in combinations(names, size)]
            values = [frozenset(map(str, each)) for each in sets]
        case TextType():
            values = [*VALUES[field.type], "别处"]
        case DateType():
            days = [each for each in literals if isinstance(each, date)]
            steps = (-timedelta(1), timedelta(0), timedelta(1))
            values = list(dict.fromkeys(day + step for day in days for step in steps))
        case ChoiceType() | YesNoType():
            values = list(VALUES[field.type])
        case _:
            step = 1 if field.name in ("总投资", "亏损", "人数") else Fraction(1, 10_000)
            numbers = [each for each in literals if isinstance(each, int | Fraction)]
            points = {each + by for each in numbers for by in (-step, 0, step)}
            values = [-step * 7, *sorted(points)]
            values += [field.minimum] if field.minimum is not None else []
            if step == 1:
                values = [each for each in values if each == each // 1]
    return [*values, None] if blank else values


def computed_in(table: DecisionTable, survey: Survey) -> set[Value]:
    """The values of all constant expressions in the conditions of a table."""
    nothing = Situation({}, {}, date(2023, 10, 1))
    values = set()
    for rule in table.rules:
        for each in rule.conditions:
            for node in walk(each.expression):
                if not fields_read(node):
                    values.add(meaning(node, survey.glossary)(nothing))
    return {value for value in values if not isinstance(value, bool | Range | None)}


@dataclass(frozen=True)
class Truth:
    """One point of the net: the reported facts, and what became of each row."""

    day: date
    facts: Mapping[str, Value | None]
    rows: Mapping[str, object]


def every_truth(survey: Survey) -> Iterator[Truth]:
    """Go through the net of the only table, on each day on which something begins."""
    (table,) = survey.policy.tables
    compiled = compile_table(table, survey.glossary, None)
    computed = computed_in(table, survey)
    for scene in survey.scenes[table.name]:
        axes = {axis.field.name: axis for axis in scene.axes}
        given_fields = [each for each in survey.policy.fields if each.source is not Source.DERIVED]
        nets = [
            [
                value
                for value in net(field, computed, field.name in axes and axes[field.name].missing)
                if is_on(value, axes.get(field.name))
            ]
            for field in given_fields
        ]
        names = [field.name for field in given_fields]
        rules = [rule for rule in table.rules if in_force(rule, scene.day)]
        tests = [
            [condition(each.expression, survey.glossary) for each in rule.conditions]
            for rule in rules
        ]
        for values in product(*nets):
            given = dict(zip(names, values, strict=True))
            situation = Situation(
                {name: assumed(survey.fields[name], value) for name, value in given.items()},
                given,
                scene.day,
            )
            rows = [
                row_of(rule, tuple(test(situation) for test in each))
                for rule, each in zip(rules, tests, strict=True)
            ]
            result = close_table(compiled, rows, situation)
            yield Truth(scene.day, given, {row.rule.id: row.truth for row in result.rows})


def is_on(value: Value | None, axis: Axis | None) -> bool:
    """Whether a value is one that a case may give; sets and texts stand for others."""
    if axis is None or value is None or isinstance(axis.field.type, MultiChoiceType | TextType):
        return True
    return piece_of(axis, value) != 0


def assumed(field: Field, value: Value | None) -> Value | None:
    """A fact with its declared default."""
    if value is None and field.when_missing is WhenMissing.FALSE:
        return frozenset() if isinstance(field.type, MultiChoiceType) else False
    return 0 if value is None and field.when_missing is WhenMissing.ZERO else value
