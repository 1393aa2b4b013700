"""Which numbers of a case may be varied, how far, and which values no project has.

The numbers that rules compare with lie inside; a 业务约束 that the project keeps bars values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, pairwise

from engine.cases import Case
from engine.constraints import watch
from engine.dependencies import bounds, rule_expressions, walk
from engine.expressions import Brackets, Comparison, Expression, FieldRef, Literal, Satisfies
from engine.model import BusinessConstraint, Field, Policy, Source
from engine.moves import smallest_step
from engine.types import NUMERIC_TYPES, MoneyType, QuantityType
from engine.values import FEN_PER_YUAN, Number

EVEN = 24
"""So many steps of equal length a range is cut into first."""


@dataclass(frozen=True, slots=True)
class Barred:
    """Values that no project has, because they break a 业务约束.

    They lie between two values that do not, ``above`` and ``below``; None where there is no such
    value on that side as far as was looked.
    """

    constraint: BusinessConstraint
    above: Number | None
    below: Number | None


def movable_numbers(policy: Policy, case: Case) -> tuple[Field, ...]:
    """The numbers that may be varied: those that rules read, the ones that the case gives first."""
    read = set(_fields_that_count(policy))
    fields = [
        field
        for field in policy.fields
        if isinstance(field.type, NUMERIC_TYPES)
        and field.source is not Source.DERIVED
        and field.name in read
    ]
    return tuple(sorted(fields, key=lambda field: case.facts.get(field.name) is None))


# --- what no project has --------------------------------------------------------------------------


def bar(
    policy: Policy, case: Case, field: Field, now: Number | None, span: tuple[Number, Number]
) -> tuple[tuple[Barred, ...], tuple[Number, Number]]:
    """The stretches that break a constraint, and the span without those at its ends.

    A constraint that the project breaks as it stands says nothing of other values, nor does one
    that every value breaks.
    """
    low, high = span
    step = Fraction(smallest_step(field.type))
    watching = watch(policy)

    def broken(value: Number) -> frozenset[str]:
        facts = {**case.facts, field.name: value}
        return frozenset(each.id for each in watching(replace(case, facts=facts)))

    cuts = (low + Fraction(high - low) * number / EVEN for number in range(EVEN + 1))
    nodes = (node for each in policy.constraints for node in walk(each.condition))
    named = chain(limits_of(policy, field.name), *(_limits_in(node, field.name) for node in nodes))
    probes = {on_grid(value, low, step) for value in cuts} | {low, high}
    for limit in named:
        around = (on_grid(limit + side * step, low, step) for side in (-1, 0, 1))
        probes |= {value for value in around if low <= value <= high}
    probes |= set() if now is None else {now}
    found = {value: broken(value) for value in probes}
    for left, right in pairwise(sorted(found)):
        _edges(found, broken, left, right, low, step)
    values = sorted(found)
    out = found[now] if now is not None else frozenset.intersection(*found.values())
    barred = tuple(
        stretch
        for each in policy.constraints
        if each.id not in out
        for stretch in _stretches(each, [(value, each.id in found[value]) for value in values])
    )
    kept = [value for value in values if not found[value] - out]
    if len(kept) < 2:
        return barred, span
    return barred, (kept[0], kept[-1])


def _edges(
    found: dict[Number, frozenset[str]],
    broken: Callable[[Number], frozenset[str]],
    left: Number,
    right: Number,
    low: Number,
    step: Fraction,
) -> None:
    """Halve until every change of what is broken lies between two neighbouring values."""
    waiting = [(left, right)]
    while waiting:
        near, far = waiting.pop()
        middle = on_grid((near + far) / Fraction(2), low, step)
        if found[near] == found[far] or far - near <= step or middle in (near, far):
            continue
        found[middle] = broken(middle)
        waiting += [(near, middle), (middle, far)]


def _stretches(
    constraint: BusinessConstraint, told: Iterable[tuple[Number, bool]]
) -> Iterator[Barred]:
    above: Number | None = None
    inside = False
    for value, breaks in told:
        if inside and not breaks:
            yield Barred(constraint, above, value)
        if not breaks:
            above = value
        inside = breaks
    if inside:
        yield Barred(constraint, above, None)


def is_barred(barred: Iterable[Barred], first: Number, last: Number | None = None) -> bool:
    """Whether a value, or all from one to another, lies inside a stretch that is barred."""
    end = first if last is None else last
    return any(
        (each.above is None or each.above < first) and (each.below is None or end < each.below)
        for each in barred
    )


# --- how far --------------------------------------------------------------------------------------


def limits_of(policy: Policy, name: str) -> tuple[Number, ...]:
    """The numbers with which the tables compare a field, in order."""
    nodes = (node for each in _expressions(policy) for node in walk(each))
    return tuple(sorted({limit for node in nodes for limit in _limits_in(node, name)}))


def _limits_in(node: Expression, name: str) -> set[Number]:
    """The numbers with which one node compares a field."""
    match node:
        case Satisfies(field=field, test=test) if field == name:
            return _numbers(bounds(test))
        case Comparison(left=FieldRef(field=field), right=Literal() as other) if field == name:
            return _numbers([other])
        case Comparison(left=Literal() as other, right=FieldRef(field=field)) if field == name:
            return _numbers([other])
        case Brackets(base=FieldRef(field=field), brackets=brackets) if field == name:
            return {each.low for each in brackets}
        case _:
            return set()


def _numbers(nodes: Iterable[object]) -> set[Number]:
    return {
        node.value
        for node in nodes
        if isinstance(node, Literal)
        and isinstance(node.value, int | Fraction)
        and not isinstance(node.value, bool)
    }


def _expressions(policy: Policy) -> Iterator[Expression]:
    for table in policy.tables:
        for rule in table.rules:
            yield from rule_expressions(rule)


def _fields_that_count(policy: Policy) -> Iterator[str]:
    for each in _expressions(policy):
        for node in walk(each):
            if isinstance(node, FieldRef | Satisfies):
                yield node.field


def reach_of(field: Field, now: Number | None, limits: tuple[Number, ...]) -> tuple[Number, Number]:
    """From where to where: past the project's place, and past the next number of the policy."""
    low = field.minimum if isinstance(field.minimum, int | Fraction) else 0
    if now is None:
        high: Number = max((*limits, _typical(field))) * Fraction(5, 4) or _usual(field)
    else:
        beyond = [limit for limit in limits if limit > now]
        high = max(2 * now, Fraction(5, 4) * min(beyond, default=0), _typical(field))
        high = high if high > 0 else _usual(field)
    most = field.maximum if isinstance(field.maximum, int | Fraction) else None
    if most is not None:
        high = min(high, most)
    low = min(low, now) if now is not None else low
    step = Fraction(smallest_step(field.type))
    return low, max(on_grid(high, low, step), low + step)


def _typical(field: Field) -> Number:
    given = field.typical
    if isinstance(given, int | Fraction) and not isinstance(given, bool):
        return given
    return 0


def _usual(field: Field) -> Number:
    """How far to look where neither the project nor the policy names a number."""
    match field.type:
        case MoneyType():
            return 10_000_0000 * FEN_PER_YUAN
        case QuantityType():
            return 100
        case _:
            return 1


def on_grid(value: Number, low: Number, step: Fraction) -> Number:
    """The value of the field at or below a number."""
    steps = (Fraction(value) - low) // step
    found = Fraction(low) + steps * step
    return int(found) if found.denominator == 1 else found
