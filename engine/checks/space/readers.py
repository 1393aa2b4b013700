"""What a policy reads anywhere: its expressions, and the fields and codes that they name."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.space.dimensions import leaves_of
from engine.dependencies import fields_read, operands, rule_expressions
from engine.expressions import Expression, HasAll, InCodeList, Inverse, Literal, OneOf, Satisfies
from engine.model import Policy
from engine.types import ChoiceType, MultiChoiceType
from engine.values import Value


def expressions_of(policy: Policy) -> Iterator[Expression]:
    """Every expression of a policy."""
    for table in policy.tables:
        for rule in table.rules:
            yield from rule_expressions(rule)
        yield from (output.default for output in table.outputs if output.default is not None)
    for group in policy.groups:
        if group.cap is not None:
            yield group.cap
    for selection in policy.selections:
        for tier in selection.tiers:
            yield from (tier.candidate, tier.ranking)
            if tier.constraint is not None:
                yield tier.constraint.condition
            if tier.award_ceiling is not None:
                yield tier.award_ceiling
    yield from (constraint.condition for constraint in policy.constraints)


def fields_in_use(policy: Policy) -> frozenset[str]:
    """The fields on which something depends."""
    named: set[str | None] = {measure.event_field for measure in policy.measures}
    named |= {group.received_field for group in policy.groups}
    named |= {tier.quota.base for each in policy.selections for tier in each.tiers}
    read = fields_read(*expressions_of(policy))
    return read | frozenset(name for name in named if name is not None)


def codes_in_use(policy: Policy) -> dict[str, set[str]]:
    """The codes of which the rules speak, by the code list on which their field draws.

    What leaves some codes out (除房地产外) speaks of all the others as well.
    """
    lists = {
        field.name: field.type.code_list
        for field in policy.fields
        if isinstance(field.type, ChoiceType | MultiChoiceType)
    }
    members = {each.name: {code.value for code in each.codes} for each in policy.code_lists}
    named: dict[str, set[str]] = {}
    for expression in expressions_of(policy):
        for node, inverted in _with_inversion(expression):
            match node:
                case Literal(value=value, type=ChoiceType() | MultiChoiceType() as type_):
                    named.setdefault(type_.code_list, set()).update(_codes(value))
                case Satisfies(field=field, test=test) if field in lists:
                    of_list = named.setdefault(lists[field], set())
                    for leaf, denied in leaves_of(test, denied=inverted):
                        if denied and isinstance(leaf, OneOf | HasAll | InCodeList):
                            of_list |= members.get(lists[field], set())
                        elif isinstance(leaf, InCodeList):
                            of_list |= members.get(leaf.code_list, set())
                        elif isinstance(leaf, OneOf | HasAll):
                            of_list.update(str(value) for value in leaf.values)
    return named


def _with_inversion(expression: Expression) -> Iterator[tuple[Expression, bool]]:
    """Everything inside an expression, each with whether 非 denies it."""
    waiting = [(expression, False)]
    while waiting:
        node, inverted = waiting.pop()
        yield node, inverted
        inside = inverted ^ isinstance(node, Inverse)
        waiting += [(each, inside) for each in operands(node)]


def _codes(value: Value) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset((str(value),))
