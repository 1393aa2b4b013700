"""What is called looser takes no support away, what is called tighter adds none; tried at random.

Single things of random policies are changed, as a drafter would change a cell or a row. Of what
was told of the change, every case under both versions must bear witness.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import chain
from random import Random

import pytest

from authoring.compare_books import differences
from engine.expressions import Literal, OneOf, Satisfies, UnaryTest
from engine.model import (
    Ceiling,
    Condition,
    DecisionTable,
    Definite,
    Discretionary,
    HitPolicy,
    OutputClause,
    Policy,
    Rule,
    StackingMode,
    Uplift,
)
from engine.outcome import Conflict, Granted, NotApplicable, Outcome, Refused
from engine.simulate import build, simulate
from engine.tightness import OPPOSITE, Shift
from engine.types import MoneyType, RateType, YesNoType
from engine.values import Bound, plus
from tests.random_cases import draw_cases
from tests.random_policies import INPUTS, Drawing, draw_policy

BATCHES, POLICIES_EACH, EDITS_EACH, CASES_EACH = 6, 16, 12, 10
NOTHING = Refused | NotApplicable | Conflict

Edit = Callable[[Random, Policy], Policy | None]


# --- what a drafter changes -----------------------------------------------------------------------


def with_columns(policy: Policy) -> Policy:
    """The policy with a column for each field that a table tests."""

    def tested(table: DecisionTable) -> tuple[str, ...]:
        conditions = chain.from_iterable(rule.conditions for rule in table.rules)
        tests = (each.expression for each in conditions)
        return tuple(dict.fromkeys(each.field for each in tests if isinstance(each, Satisfies)))

    return replace(policy, tables=tuple(replace(t, inputs=tested(t)) for t in policy.tables))


def plainer(random: Random, policy: Policy) -> Policy:
    """The policy with derived 是否 as drafters make them: one answer in every row, else the other.

    Their tables, and those of the measures, lose the exceptions among their rules.
    """
    types = {field.name: field.type for field in policy.fields}
    tables = []
    for table in policy.tables:
        rules = tuple(replace(rule, overrides=()) for rule in table.rules)
        output = next(iter(table.outputs), None)
        if output is None:
            hit_policy = random.choice([table.hit_policy, HitPolicy.COLLECT])
            tables.append(replace(table, rules=rules, hit_policy=hit_policy))
        elif len(table.outputs) == 1 and isinstance(types[output.field], YesNoType):
            answer = random.random() < 0.7
            said, other = (Literal(each, YesNoType()) for each in (answer, not answer))
            tables.append(
                replace(
                    table,
                    hit_policy=random.choice([HitPolicy.FIRST, HitPolicy.ANY]),
                    outputs=(OutputClause(output.field, other),),
                    rules=tuple(replace(rule, conclusions=(said,)) for rule in rules),
                )
            )
        else:
            tables.append(table)
    return replace(policy, tables=tuple(tables))


def place(random: Random, policy: Policy) -> tuple[DecisionTable, Rule] | None:
    found = [(table, rule) for table in policy.tables for rule in table.rules]
    return random.choice(found) if found else None


def with_rules(policy: Policy, table: DecisionTable, rules: tuple[Rule, ...]) -> Policy:
    tables = (replace(t, rules=rules) if t.name == table.name else t for t in policy.tables)
    return replace(policy, tables=tuple(tables))


def with_rule(policy: Policy, table: DecisionTable, changed: Rule) -> Policy:
    rules = tuple(changed if rule.id == changed.id else rule for rule in table.rules)
    return with_rules(policy, table, rules)


def another_test(random: Random, policy: Policy) -> Policy | None:
    found = place(random, policy)
    if found is None or not found[1].conditions:
        return None
    table, rule = found
    at = random.randrange(len(rule.conditions))
    node = rule.conditions[at].expression
    if not isinstance(node, Satisfies):
        return None
    field = next(each for each in policy.fields if each.name == node.field)
    test: UnaryTest = Drawing(random, list(INPUTS)).unary(field, 1)
    if isinstance(node.test, OneOf) and isinstance(test, OneOf) and random.random() < 0.6:
        test = OneOf(tuple(dict.fromkeys((*node.test.values, *test.values))))
    conditions = list(rule.conditions)
    conditions[at] = Condition(Satisfies(node.field, test), "")
    return with_rule(policy, table, replace(rule, conditions=tuple(conditions)))


def one_condition_less(random: Random, policy: Policy) -> Policy | None:
    found = place(random, policy)
    if found is None or not found[1].conditions:
        return None
    table, rule = found
    left = list(rule.conditions)
    left.pop(random.randrange(len(left)))
    return with_rule(policy, table, replace(rule, conditions=tuple(left)))


def one_condition_more(random: Random, policy: Policy) -> Policy | None:
    found = place(random, policy)
    if found is None:
        return None
    table, rule = found
    more = Condition(Drawing(random, list(INPUTS)).tested_field(), "")
    return with_rule(policy, table, replace(rule, conditions=(*rule.conditions, more)))


def other_life(random: Random, policy: Policy) -> Policy | None:
    found = place(random, policy)
    if found is None:
        return None
    table, rule = found
    days = [None, date(2023, 10, 1), date(2024, 3, 1)]
    if random.random() < 0.5:
        changed = replace(rule, effective=random.choice(days))
    else:
        changed = replace(rule, expires=random.choice(days))
    return None if changed == rule else with_rule(policy, table, changed)


def one_rule_less(random: Random, policy: Policy) -> Policy | None:
    found = place(random, policy)
    if found is None:
        return None
    table, gone = found
    rules = tuple(rule for rule in table.rules if rule is not gone)
    granted = {rule.grant.measure for rule in table.rules if rule.grant}
    left = {rule.grant.measure for rule in rules if rule.grant}
    named = {name for rule in rules for name in rule.overrides}
    return None if granted != left or gone.id in named else with_rules(policy, table, rules)


def other_money(random: Random, policy: Policy) -> Policy | None:
    found = place(random, policy)
    if found is None or found[1].grant is None:
        return None
    table, rule = found
    grant = rule.grant
    assert grant is not None
    amount = Literal(random.choice([0, 20_000_000, 70_000_000, 200_000_000]), MoneyType())
    benefits = {
        kind: kind(amount)
        for kind in (Definite, Ceiling, Discretionary)
        if isinstance(grant.benefit, Definite | Ceiling | Discretionary)
    }
    changed = random.choice(
        [
            replace(grant, caps=(amount,)),
            replace(grant, caps=()),
            replace(grant, floor=amount),
            replace(grant, floor=None),
            *(replace(grant, benefit=each) for each in benefits.values()),
        ]
    )
    return None if changed == grant else with_rule(policy, table, replace(rule, grant=changed))


def other_uplift(random: Random, policy: Policy) -> Policy | None:
    found = place(random, policy)
    if found is None or found[1].grant is None:
        return None
    table, rule = found
    grant = rule.grant
    assert grant is not None
    rate = Literal(random.choice([Fraction(0), Fraction(1, 10), Fraction(1, 2)]), RateType())
    after = random.random() < 0.5 if grant.uplift is None else grant.uplift.after_caps
    changed = replace(grant, uplift=random.choice([None, Uplift(rate, after)]))
    return None if changed == grant else with_rule(policy, table, replace(rule, grant=changed))


def other_group(random: Random, policy: Policy) -> Policy | None:
    if not policy.groups:
        return None
    group = random.choice(policy.groups)
    if StackingMode.JOINT_CAP is group.mode:
        return None
    modes = [each for each in StackingMode if each is not StackingMode.JOINT_CAP]
    changed = replace(group, mode=random.choice(modes))
    groups = tuple(changed if each is group else each for each in policy.groups)
    return None if changed == group else replace(policy, groups=groups)


EDITS: tuple[Edit, ...] = (
    *(another_test, another_test, one_condition_less, one_condition_more, other_life),
    *(one_rule_less, other_money, other_money, other_uplift, other_group),
)


# --- what the cases say ---------------------------------------------------------------------------


def at_best(outcome: Outcome) -> Bound:
    return plus(outcome.total.high, outcome.total.at_stake)


def in_conflict(outcome: Outcome) -> bool:
    return any(isinstance(each.alone, Conflict) for each in outcome.measures)


def takes_away(before: Outcome, after: Outcome) -> bool:
    """Whether a measure is gone that was granted, or less is possible in all.

    What is possible in all is not known where rules are in conflict.
    """
    was = {each.measure.id: each.alone for each in before.measures}
    gone = any(
        isinstance(was[each.measure.id], Granted) and isinstance(each.alone, NOTHING)
        for each in after.measures
        if each.measure.id in was
    )
    if in_conflict(before) or in_conflict(after):
        return gone
    return gone or at_best(after) < at_best(before)


def pays_less(before: Outcome, after: Outcome) -> bool:
    """Whether a measure that is granted under both comes to less at most."""
    was = {each.measure.id: each.alone for each in before.measures}
    for each in after.measures:
        verdict, old = each.alone, was.get(each.measure.id)
        if isinstance(verdict, Granted) and isinstance(old, Granted):
            ends = old.amount.high, verdict.amount.high
            if None not in ends and ends[1] < ends[0]:  # type: ignore[operator]
                return True
    return False


REFUTES = {Shift.LOOSER: takes_away, Shift.HIGHER: pays_less}


def refuted(shift: Shift, before: Outcome, after: Outcome) -> bool:
    if shift in REFUTES:
        return REFUTES[shift](before, after)
    return REFUTES[OPPOSITE[shift]](after, before)


def bears_witness(shift: Shift, before: Outcome, after: Outcome) -> bool:
    """Whether a case shows that something went that way at all."""
    return refuted(OPPOSITE[shift], before, after)


def edited(batch: int) -> Iterator[tuple[str, Policy, Policy]]:
    for seed in range(batch * POLICIES_EACH, (batch + 1) * POLICIES_EACH):
        random = Random(seed)
        policy = draw_policy(random)
        policy = with_columns(plainer(random, policy) if seed % 4 else policy)
        for number in range(EDITS_EACH):
            edit = random.choice(EDITS)
            changed = edit(random, policy)
            if changed is not None:
                yield f"{seed}-{number} {edit.__name__}", policy, with_columns(changed)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_what_is_told_of_a_change_is_never_refuted(batch: int) -> None:
    told: Counter[Shift] = Counter()
    shown: Counter[Shift] = Counter()
    for name, old, new in edited(batch):
        found = {each.shift for each in differences(old, new)}
        if len(found) != 1 or None in found:
            continue
        (shift,) = found
        assert shift is not None
        told[shift] += 1
        with closing(build(old, "python")) as before, closing(build(new, "python")) as after:
            for case in [*draw_cases(old, CASES_EACH, 1), *draw_cases(new, CASES_EACH, 2)]:
                pair = simulate(before, case), simulate(after, case)
                assert not refuted(shift, *pair), f"{name}: {shift}\n{case}"
                shown[shift] += bears_witness(shift, *pair)
    assert told[Shift.LOOSER]
    assert told[Shift.TIGHTER]
    assert told[Shift.HIGHER] + told[Shift.LOWER]
    assert shown[Shift.LOOSER] + shown[Shift.TIGHTER], "no case could have refuted anything"
