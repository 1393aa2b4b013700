"""The proof of an answer: from each measure down to the facts that were given.

It is a graph without circles, not a tree: rules name the fields that they test, and what is known
of a field stands once, in ``Proof.facts``, however many rules rest on it. Nodes hold nodes of the
model, so that an explanation reaches the cell and the sentence of the policy without a look-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias, cast

from engine.agenda.program import Kind
from engine.amounts import Worth, is_lasting, is_settled, worth_of
from engine.expressions import (
    AtLeast,
    Conjunction,
    Disjunction,
    Expression,
    Inverse,
)
from engine.model import Condition, Field, Measure, Source
from engine.outcome import MeasureOutcome, Outcome
from engine.tables import RowResult, TableResult
from engine.truth import NO, UNKNOWN, YES, Truth
from engine.values import Value
from engine.verdicts import grant_of, rows_of
from engine.worked import Worked


class Origin(StrEnum):
    """Where the value of a field comes from."""

    REPORTED = "reported"
    JUDGED = "judged"
    BY_HAND = "by_hand"
    """Given by hand although a table derives it."""
    ASSUMED = "assumed"
    """Not given; the field declares what a missing value counts as."""
    MISSING = "missing"


class Given(NamedTuple):
    """A fact of the case."""

    field: Field
    value: Value | None
    origin: Origin


class Derived(NamedTuple):
    """A fact that a table derived, with the rules of that table."""

    field: Field
    value: Value | None
    result: TableResult
    rules: tuple[RuleProof, ...]


class Tested(NamedTuple):
    """One condition, and the fields that it reads. ``muted``: another branch already decided."""

    expression: Expression
    truth: Truth
    fields: tuple[str, ...]
    muted: bool


class Junction(StrEnum):
    """How the parts of a condition are joined."""

    ALL = "all"
    ANY = "any"
    NOT = "not"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class Joined:
    """A condition made of several; ``count`` is the k of 至少(k, …)."""

    junction: Junction
    expression: Expression
    truth: Truth
    parts: tuple[Tested | Joined, ...]
    muted: bool
    count: int = 0


ConditionProof: TypeAlias = Tested | Joined


class RuleProof(NamedTuple):
    """One row and how each of its conditions came out."""

    row: RowResult
    conditions: tuple[ConditionProof, ...]


class AmountProof(NamedTuple):
    """What one row gives, and how that comes about; ``exact`` when every operand is known."""

    row: RowResult
    worth: Worth
    exact: bool


class MeasureProof(NamedTuple):
    """Why a measure has its verdict: its rules, and the amounts of those that count."""

    outcome: MeasureOutcome
    rules: tuple[RuleProof, ...]
    amounts: tuple[AmountProof, ...]


class Proof(NamedTuple):
    """Why each measure has its verdict.

    ``facts`` holds what is known of every field, ``firings`` the step in the agenda's log (from 1)
    of each rule that fired.
    """

    measures: tuple[MeasureProof, ...]
    facts: Mapping[str, Given | Derived]
    firings: Mapping[str, int]


_Why: TypeAlias = tuple[tuple[RuleProof, ...], tuple[AmountProof, ...]]


def prove(outcome: Outcome) -> Proof:
    """Say why each measure has its verdict."""
    worked = outcome.worked
    known: dict[str, _Why] = {}
    for closing in worked.closings.values():
        if not closing.result.table.outputs:
            known |= cast(dict[str, _Why], closing.proofs)
    return Proof(
        tuple(
            [
                MeasureProof(each, *(known.get(each.measure.id) or _why(each.measure, worked)))
                for each in outcome.measures
            ]
        ),
        _facts(worked),
        _firings(outcome),
    )


def read_by(parts: Iterable[ConditionProof]) -> dict[str, None]:
    """The fields that some conditions read, in the order in which they are met."""
    found: dict[str, None] = {}
    for part in parts:
        found |= dict.fromkeys(part.fields) if isinstance(part, Tested) else read_by(part.parts)
    return found


def _firings(outcome: Outcome) -> dict[str, int]:
    program = outcome.worked.program
    return {
        program.rows[rule.subject].rule.id: step
        for step, number in enumerate(outcome.log, start=1)
        if (rule := program.rules[number]).kind is Kind.ROW
    }


def _why(measure: Measure, worked: Worked) -> _Why:
    """The rules and amounts of a measure, kept with its table where they rest on nothing else."""
    rows = rows_of(measure, worked)
    counting = [row for row in rows if row.truth is not NO]
    why = (
        tuple([_rule(row, worked) for row in rows]),
        tuple([_amount(row, worked) for row in counting]),
    )
    if _is_simple(why[0]) and all(is_lasting(grant_of(row), worked) for row in counting):
        worked.closings[measure.table].proofs[measure.id] = why
    return why


def _amount(row: RowResult, worked: Worked) -> AmountProof:
    grant = grant_of(row)
    return AmountProof(row, worth_of(grant, worked), is_settled(grant, worked))


def _rule(row: RowResult, worked: Worked) -> RuleProof:
    conditions: list[ConditionProof] = []
    tested = worked.notes.tested
    for condition, truth in zip(row.rule.conditions, row.cells, strict=True):
        known = tested.get(id(condition)) or _note(condition, worked)
        if type(known) is dict:
            conditions.append(known[truth])
        else:
            conditions.append(_condition(condition.expression, truth, worked, muted=False))
    return RuleProof(row, tuple(conditions))


def _note(condition: Condition, worked: Worked) -> object:
    """Keep how a simple condition is proved, for each of its truths; others vary in their parts."""
    node = condition.expression
    if isinstance(node, Conjunction | Disjunction | AtLeast | Inverse):
        known: object = node
    else:
        fields = worked.reads(node)
        known = {truth: Tested(node, truth, fields, False) for truth in (YES, NO, UNKNOWN)}
    worked.notes.tested[id(condition)] = known
    return known


def _facts(worked: Worked) -> dict[str, Given | Derived]:
    """What is known of every field, and where from."""
    values, given, deriving = worked.situation.facts, worked.case.facts, worked.deriving
    found: dict[str, Given | Derived] = {}
    for name, field in worked.program.fields.items():
        value, by_hand = values.get(name), given.get(name) is not None
        result = deriving.get(name)
        if result is not None and not (by_hand and field.source is Source.DERIVED_OR_REPORTED):
            found[name] = Derived(field, value, result, _derivation(result, worked))
            continue
        if value is None:
            origin = Origin.MISSING
        elif not by_hand:
            origin = Origin.ASSUMED
        elif field.source is Source.JUDGED:
            origin = Origin.JUDGED
        else:
            origin = Origin.REPORTED if result is None else Origin.BY_HAND
        found[name] = Given(field, value, origin)
    return found


def _derivation(result: TableResult, worked: Worked) -> tuple[RuleProof, ...]:
    """The rules of a table that derives, kept with it where they rest on nothing else."""
    table, proofs = result.table.name, worked.closings[result.table.name].proofs
    known = proofs.get(table)
    if known is None:
        known = tuple([_rule(row, worked) for row in result.rows])
        if _is_simple(known):
            proofs[table] = known
    return cast(tuple[RuleProof, ...], known)


def _is_simple(rules: Iterable[RuleProof]) -> bool:
    """Whether no condition has parts, which come out in more ways than it does itself."""
    return all(type(part) is Tested for rule in rules for part in rule.conditions)


def _condition(node: Expression, truth: Truth, worked: Worked, *, muted: bool) -> ConditionProof:
    match node:
        case Conjunction(operands=parts):
            inside = _parts(parts, truth, NO, worked, muted=muted)
            return Joined(Junction.ALL, node, truth, inside, muted)
        case Disjunction(operands=parts):
            inside = _parts(parts, truth, YES, worked, muted=muted)
            return Joined(Junction.ANY, node, truth, inside, muted)
        case AtLeast(count=count, conditions=parts):
            inside = _parts(parts, truth, YES, worked, muted=muted)
            return Joined(Junction.AT_LEAST, node, truth, inside, muted, count)
        case Inverse(operand=operand):
            part = _condition(operand, worked.truth(operand), worked, muted=muted)
            return Joined(Junction.NOT, node, truth, (part,), muted)
        case _:
            return Tested(node, truth, worked.reads(node), muted)


def _parts(
    parts: tuple[Expression, ...], whole: Truth, deciding: Truth, worked: Worked, *, muted: bool
) -> tuple[ConditionProof, ...]:
    """The parts; where one decides for all, those that do not are muted."""
    found: list[ConditionProof] = []
    for part in parts:
        truth = worked.truth(part)
        idle = muted or (whole is deciding and truth is not deciding)
        found.append(_condition(part, truth, worked, muted=idle))
    return tuple(found)
