"""What shapes the amounts of an outcome: bounds that bind, the bracket or branch that counts.

Where one of them begins or ends to, money may grow faster or slower than before, though no verdict
is another. Whether it does, the amounts tell (``engine.slopes``).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from engine.amounts import StepKind, high_end, worth_of
from engine.dependencies import grant_expressions, walk
from engine.expressions import Brackets, Call, Function
from engine.model import Grant, ReceivedTreatment
from engine.outcome import Granted, Outcome
from engine.possible import limits
from engine.terms import cap_of, treatment_of
from engine.values import Bound, high_of, total
from engine.worked import Worked


class ShapeKind(StrEnum):
    """What shapes an amount."""

    FLOOR = "floor"
    CAP = "cap"
    YEARLY_CAP = "yearly_cap"
    CUMULATIVE_CAP = "cumulative_cap"
    JOINT_CAP = "joint_cap"
    RECEIVED = "received"
    BRACKET = "bracket"
    BRANCH = "branch"


@dataclass(frozen=True, slots=True)
class Shape:
    """Something that shapes the amount of a measure (or of a group), and the money that it names,
    if it names one."""

    kind: ShapeKind
    name: str
    amount: Bound | None = None


_BOUNDS = {
    StepKind.FLOOR: ShapeKind.FLOOR,
    StepKind.CAP: ShapeKind.CAP,
    StepKind.YEARLY_CAP: ShapeKind.YEARLY_CAP,
    StepKind.CUMULATIVE_CAP: ShapeKind.CUMULATIVE_CAP,
}


def shapes_of(outcome: Outcome) -> Mapping[Hashable, Shape]:
    """What shapes the amounts that are granted, each under a key of its own."""
    found: dict[Hashable, Shape] = {}
    for each in outcome.measures:
        if isinstance(each.verdict, Granted):
            for rule in each.verdict.rules:
                if rule.grant is not None:
                    about = (each.measure.id, rule.id)
                    name = each.measure.name
                    for key, shape in _of_grant(rule.grant, name, outcome.worked):
                        found[(*about, *key)] = shape
    found.update(_of_groups(outcome))
    return found


def _of_grant(
    grant: Grant, name: str, worked: Worked
) -> Iterator[tuple[tuple[object, ...], Shape]]:
    for number, (before, step) in enumerate(pairwise(worth_of(grant, worked).steps)):
        kind = _BOUNDS.get(step.kind)
        if kind is None:
            continue
        floor = kind is ShapeKind.FLOOR
        if before.high <= step.operand_high if floor else before.high >= step.operand_high:
            yield (number, kind), Shape(kind, name, step.operand_high)
    nodes = (node for root in grant_expressions(grant) for node in walk(root))
    for number, node in enumerate(nodes):
        match node:
            case Brackets(base=base, brackets=brackets):
                value = high_of(limits(base, worked))
                reached = sum(value >= each.low for each in brackets)
                yield (number, reached), Shape(ShapeKind.BRACKET, name)
            case Call(function=Function.MAX | Function.MIN as function, arguments=arguments):
                ends = [high_of(limits(each, worked)) for each in arguments]
                pick = max if function is Function.MAX else min
                yield (number, ends.index(pick(ends))), Shape(ShapeKind.BRANCH, name)


def _of_groups(outcome: Outcome) -> Iterator[tuple[Hashable, Shape]]:
    """The joint caps that bind, and the earlier awards that leave nothing."""
    beneficiaries = {each.measure.id: each.measure.beneficiary for each in outcome.measures}
    seen = {id(each.settlement): each.settlement for each in outcome.measures if each.settlement}
    for settlement in seen.values():
        group, alone = settlement.group, dict(settlement.competitors)
        about = group.name, beneficiaries[settlement.competitors[0][0]]
        cap = cap_of(group, outcome.worked).high
        everything = total(map(high_end, alone.values()))
        if everything > cap:
            yield ("group", *about), Shape(ShapeKind.JOINT_CAP, group.name, cap)
        received = settlement.received
        if received and treatment_of(group) is ReceivedTreatment.TOP_UP:
            standing = total(high_end(alone[name]) for name in settlement.standing)
            if min(standing, cap) <= received:
                yield ("received", *about), Shape(ShapeKind.RECEIVED, group.name, received)
