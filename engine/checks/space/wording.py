"""Boxes and projects in words, in the fields' own units."""

from __future__ import annotations

from engine.checks.space.boxes import Box
from engine.checks.space.dimensions import OTHER, Axis, Points, everything, known_size
from engine.checks.space.lines import Line, only_value, runs, value_at
from engine.checks.space.projects import Project
from engine.checks.space.scenes import Scene, Survey
from engine.evaluate import in_force
from engine.expressions import (
    AllOf,
    AnyOf,
    Comparator,
    Compare,
    Literal,
    Not,
    OneOf,
    Present,
    Satisfies,
    UnaryTest,
)
from engine.model import Field
from engine.phrase import phrase_expression, phrase_test, phrase_value
from engine.types import DateType, MultiChoiceType, TextType
from engine.words import word

MOST_LISTED = 6


def describe_box(box: Box, scene: Scene, survey: Survey) -> str:
    """The limits of a box of a table's own fields: 总投资 > 1亿元 且 < 5亿元，新设 = 否."""
    axes = scene.axes[: scene.own]
    parts = [
        describe_mask(axis, mask, survey)
        for axis, mask in zip(axes, box, strict=True)
        if mask != everything(axis)
    ]
    return _dated(word("checks.and").join(parts) or word("checks.always"), scene)


def describe_mask(axis: Axis, mask: int, survey: Survey) -> str:
    """The values in a mask, after the name of their field."""
    field = axis.field
    known = (1 << known_size(axis)) - 1
    if mask == known:
        return _say(field, Present(), survey)
    tests = [_test(axis, mask & known)] if mask & known else []
    tests += [Present(absent=True)] if mask & ~known else []
    return _say(field, tests[0] if len(tests) == 1 else AnyOf(tuple(tests)), survey)


def _say(field: Field, test: UnaryTest, survey: Survey) -> str:
    match test:
        case OneOf(values=values) if len(values) > MOST_LISTED:
            shortened = _say(field, OneOf(values[:MOST_LISTED]), survey)
            return shortened + word("checks.and_more", count=len(values))
        case OneOf(values=(value,)):
            equal = Compare(Comparator.EQUAL, Literal(value, field.type))
            return f"{field.name} {phrase_test(equal, field, survey.fields)}"
        case AllOf() | AnyOf():
            return f"{field.name} {phrase_test(test, field, survey.fields)}"
    return phrase_expression(Satisfies(field.name, test), survey.fields)


def describe_domain(axis: Axis, scene: Scene, survey: Survey) -> str:
    """All values that a field can have on the day of a scene, after its name."""
    field = axis.field
    if isinstance(axis.values, Line):
        line = axis.values
        return _say(field, _run(field, line, 0, len(line.cuts) - 1, ends=True), survey)
    values = axis.values.values
    if isinstance(field.type, MultiChoiceType) and field.name not in survey.bounds.concluded:
        # The sets on the axis stand for all others.
        codes = survey.glossary.code_lists[field.type.code_list].codes
        values = tuple(code.value for code in codes if in_force(code, scene.day))
    return _say(field, OneOf(values), survey)


def _test(axis: Axis, mask: int) -> UnaryTest:
    if isinstance(axis.values, Points):
        return _of_points(axis.field, axis.values, mask)
    tests = [_run(axis.field, axis.values, first, last, ends=False) for first, last in runs(mask)]
    return tests[0] if len(tests) == 1 else AnyOf(tuple(tests))


def _of_points(field: Field, points: Points, mask: int) -> UnaryTest:
    inside = tuple(each for number, each in enumerate(points.values) if mask >> number & 1)
    outside = tuple(each for number, each in enumerate(points.values) if not mask >> number & 1)
    if isinstance(field.type, MultiChoiceType):
        # Of sets the first alone is named: what holds of the whole region holds of it.
        return Compare(Comparator.EQUAL, Literal(inside[0], field.type))
    if (OTHER in inside and isinstance(field.type, TextType)) or len(outside) < len(inside) / 2:
        return Not(OneOf(outside)) if outside else OneOf(inside)
    return OneOf(inside)


def _run(field: Field, line: Line, first: int, last: int, *, ends: bool) -> UnaryTest:
    """The test that a run passes; the ends of all values are named only when asked for."""
    value = only_value(line, first, last)
    if value is not None:
        return OneOf((value_at(value, line),))
    tests: list[UnaryTest] = []
    for cut, is_end, comparators in (
        (line.cuts[first], first == 0, (Comparator.AT_LEAST, Comparator.GREATER)),
        (line.cuts[last], last == len(line.cuts) - 1, (Comparator.LESS, Comparator.AT_MOST)),
    ):
        position, side = line.spelled.get(cut, cut)
        if (is_end and not ends) or isinstance(position, float):
            continue
        tests.append(Compare(comparators[side], Literal(value_at(position, line), field.type)))
    return tests[0] if len(tests) == 1 else AllOf(tuple(tests))


def tell(project: Project, scene: Scene, survey: Survey) -> str:
    """A project by the facts that matter: 总投资 2亿元，新设 否."""
    told = []
    for name in dict.fromkeys(project.shown):
        field, value = survey.fields[name], project.facts.get(name)
        said = (
            word("checks.blank") if value is None else phrase_value(value, field.type, field.unit)
        )
        told.append(f"{name} {said}")
    return _dated(word("checks.and").join(told) or word("checks.any_project"), scene)


def _dated(text: str, scene: Scene) -> str:
    if not scene.dated:
        return text
    return word("checks.from_day", day=phrase_value(scene.day, DateType()), what=text)
