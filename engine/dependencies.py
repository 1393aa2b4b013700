"""Which fields a node reads, and in which order tables can be worked out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from typing import assert_never

from engine.expressions import (
    AllOf,
    AnyOf,
    Anything,
    Arithmetic,
    AtLeast,
    Brackets,
    Call,
    Compare,
    Comparison,
    Conditional,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
    HasAll,
    InCodeList,
    Inverse,
    Literal,
    Negate,
    Not,
    OneOf,
    Present,
    Satisfies,
    UnaryTest,
    Within,
)
from engine.model import (
    Benefit,
    ByRegulation,
    Ceiling,
    DecisionTable,
    Definite,
    Discretionary,
    Grant,
    HitPolicy,
    Measure,
    NonMonetary,
    Policy,
    Rule,
    Spread,
    TopUp,
)

_READING = (FieldRef, Satisfies)


def operands(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside an expression, those in its unary test included."""
    match node:
        case Literal() | FieldRef():
            return ()
        case Satisfies(test=test):
            return bounds(test)
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return (left, right)
        case Negate(operand=operand) | Inverse(operand=operand):
            return (operand,)
        case Call(arguments=arguments):
            return arguments
        case Brackets(base=base):
            return (base,)
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Conjunction(operands=parts) | Disjunction(operands=parts):
            return parts
        case AtLeast(conditions=conditions):
            return conditions
        case _:
            assert_never(node)


def bounds(test: UnaryTest) -> tuple[Expression, ...]:
    """The expressions that a unary test compares with."""
    match test:
        case Compare(bound=bound):
            return (bound,)
        case Within(low=low, high=high):
            return (low, high)
        case AnyOf(tests=tests) | AllOf(tests=tests):
            return tuple(chain.from_iterable(map(bounds, tests)))
        case Not(test=inner):
            return bounds(inner)
        case Anything() | OneOf() | HasAll() | InCodeList() | Present():
            return ()
        case _:
            assert_never(test)


def walk(node: Expression) -> Iterator[Expression]:
    """An expression and everything inside it, outermost first."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += reversed(operands(each))


def fields_read(*nodes: Expression) -> frozenset[str]:
    """The names of the fields on which the values of some expressions depend."""
    found: set[str] = set()
    waiting = [*nodes]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Literal):
            continue
        if isinstance(each, _READING):
            found.add(each.field)
        waiting += operands(each)
    return frozenset(found)


def amounts(benefit: Benefit) -> tuple[Expression, ...]:
    """The expressions of a benefit."""
    match benefit:
        case Definite(amount=amount) | Ceiling(amount=amount):
            return (amount,)
        case Spread(low=low, high=high):
            return (low, high)
        case TopUp(target=target, received=received):
            return (target, received)
        case Discretionary(ceiling=ceiling):
            return () if ceiling is None else (ceiling,)
        case ByRegulation() | NonMonetary():
            return ()
        case _:
            assert_never(benefit)


def grant_expressions(grant: Grant) -> tuple[Expression, ...]:
    """The expressions of a grant: amounts, floor, caps, uplift and allowances."""
    floor = () if grant.floor is None else (grant.floor,)
    uplift = () if grant.uplift is None else (grant.uplift.rate,)
    allowances = (node for each in grant.allowances for node in (each.limit, each.received))
    return (*amounts(grant.benefit), *floor, *grant.caps, *uplift, *allowances)


def rule_expressions(rule: Rule) -> Iterator[Expression]:
    """Every expression in a rule: conditions, conclusions, and the grant's."""
    yield from (condition.expression for condition in rule.conditions)
    yield from rule.conclusions
    if rule.grant is not None:
        yield from grant_expressions(rule.grant)


def table_reads(table: DecisionTable) -> frozenset[str]:
    """The fields that a table reads anywhere, defaults included."""
    defaults = (output.default for output in table.outputs if output.default is not None)
    return fields_read(*chain.from_iterable(map(rule_expressions, table.rules)), *defaults)


def deriving_tables(policy: Policy) -> Mapping[str, DecisionTable]:
    """The table that derives each derived field."""
    return {output.field: table for table in policy.tables for output in table.outputs}


def rows_of(measure: Measure, table: DecisionTable) -> DecisionTable:
    """A table without the rows of other measures, unless these have a say in its own."""
    own = tuple(rule for rule in table.rules if rule.grant and rule.grant.measure == measure.id)
    overridden = {name for rule in table.rules if rule not in own for name in rule.overrides}
    if table.hit_policy is not HitPolicy.COLLECT or any(rule.id in overridden for rule in own):
        return table
    return replace(table, rules=own)


def tables_behind(fields: frozenset[str], policy: Policy) -> tuple[DecisionTable, ...]:
    """The tables from which some fields are derived, near and far, in the policy's order."""
    deriving = deriving_tables(policy)
    needed, waiting = set(), set(fields)
    while waiting:
        table = deriving.get(waiting.pop())
        if table is not None and table.name not in needed:
            needed.add(table.name)
            waiting |= table_reads(table)
    return tuple(table for table in policy.tables if table.name in needed)


def table_graph(policy: Policy) -> dict[str, frozenset[str]]:
    """For each table the names of the tables that must be worked out before it."""
    deriving = deriving_tables(policy)
    return {
        table.name: frozenset(
            deriving[field].name for field in table_reads(table) if field in deriving
        )
        for table in policy.tables
    }


def levels(graph: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """The stratum of each table of a graph: 0 reads only inputs, n what level n - 1 derives.

    Raises:
        graphlib.CycleError: the tables depend on each other in a circle; see ``find_cycle``.
    """
    level: dict[str, int] = {}
    for name in TopologicalSorter(graph).static_order():
        level[name] = 1 + max((level[each] for each in graph[name]), default=-1)
    return level


def find_cycle(graph: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The tables on a circle of a graph, in order, or none."""
    try:
        levels(graph)
    except CycleError as error:
        names: list[str] = error.args[1]
        return tuple(names[:-1])
    return ()
