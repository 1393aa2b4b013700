"""What cannot be worked out although every number is known: a growth over nothing, a division by
nothing."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from engine.dependencies import grant_expressions, walk
from engine.explain.wording import SEPARATOR
from engine.expressions import Arithmetic, Call, Expression, Function, Operator
from engine.phrase import phrase_expression
from engine.proof import MeasureProof
from engine.truth import NO
from engine.words import word
from engine.worked import Worked, unknown_conditions


def incalculable(proof: MeasureProof, worked: Worked) -> str:
    """Say which numbers of the rules of a measure are nothing, and what that leaves open; "" where
    none are."""
    fields = worked.program.fields
    told = dict.fromkeys(
        word(
            "headline.nothing_below" if value == 0 else "headline.less_than_nothing_below",
            base=phrase_expression(base, fields),
            form=phrase_expression(node, fields),
        )
        for node, base in _over_a_base(proof)
        for value in [worked.value(base)]
        if isinstance(value, int | Fraction) and (value == 0 or (value < 0 and _is_growth(node)))
    )
    return SEPARATOR.join(told)


def _over_a_base(proof: MeasureProof) -> Iterator[tuple[Expression, Expression]]:
    """The operations of rules that may hold whose base must not be nothing, with that base."""
    for rule in proof.rules:
        if rule.row.truth is NO:
            continue
        grant = rule.row.rule.grant
        amounts = () if grant is None else grant_expressions(grant)
        for root in (*unknown_conditions(rule.row), *amounts):
            for node in walk(root):
                match node:
                    case (
                        Arithmetic(operator=Operator.DIVIDE, right=base)
                        | Call(function=Function.GROWTH | Function.EVERY_FULL, arguments=(_, base))
                    ):
                        yield node, base


def _is_growth(node: Expression) -> bool:
    return isinstance(node, Call) and node.function is Function.GROWTH
