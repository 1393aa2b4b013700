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
from engine.cases import Case
from engine.evaluate import Situation, check, glossary_of
from engine.expressions import Literal, Not, OneOf, Satisfies, UnaryTest
from engine.model import (
    Ceiling,
    Condition,
    DecisionTable,
    Definite,
    Discretionary,
    Field,
    HitPolicy,
    OutputClause,
    Policy,
    Rule,
    StackingMode,
    Uplift,
)
from engine.outcome import Conflict, Granted, NotApplicable, Outcome, Refused
from engine.simulate import build, simulate
from engine.tightness import OPPOSITE, Shift, shift_of_tests
from engine.truth import NO, UNKNOWN, YES, Truth
from engine.types import ChoiceType, MoneyType, MultiChoiceType, RateType, YesNoType
from engine.values import Bound, Value, plus
from tests.random_cases import draw_cases
from tests.random_policies import INPUTS, Drawing, draw_policy

BATCHES, POLICIES_EACH, EDITS_EACH, CASES_EACH = 6, 16, 12, 10
OTHER = "未列入代码"
NOTHING = Refused | NotApplicable | Conflict

Edit = Callable[[Random, Policy], Policy | None]


# --- what a drafter changes -----------------------------------------------------------------------


def awaiting(random: Random, policy: Policy) -> Policy:
    """The policy with code lists still to come, so that they admit other codes, and the like of
    非（…） asked of them."""
    codes = codes_by_field(policy)
    tables = policy.tables
    for table in tables:
        for rule in table.rules:
            conditions = tuple(
                replace(each, expression=Satisfies(node.field, Not(node.test)))
                if isinstance(node := each.expression, Satisfies)
                and node.field in codes
                and random.random() < 0.5
                else each
                for each in rule.conditions
            )
            policy = with_rule(policy, table, replace(rule, conditions=conditions))
            table = next(each for each in policy.tables if each.name == table.name)
    lists = [replace(each, pending=random.random() < 0.7) for each in policy.code_lists]
    return replace(policy, code_lists=tuple(lists))


def codes_by_field(policy: Policy) -> dict[str, tuple[str, ...]]:
    codes = {each.name: tuple(code.value for code in each.codes) for each in policy.code_lists}
    return {
        field.name: codes[field.type.code_list]
        for field in policy.fields
        if isinstance(field.type, ChoiceType | MultiChoiceType)
    }


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


def spelled_out(random: Random, policy: Policy) -> Policy | None:
    """Name every code that the list has so far, in place of what was asked of a code."""
    codes = codes_by_field(policy)
    found = [
        (table, rule, at, node.field)
        for table in policy.tables
        for rule in table.rules
        for at, condition in enumerate(rule.conditions)
        if isinstance(node := condition.expression, Satisfies) and codes.get(node.field)
    ]
    if not found:
        return None
    table, rule, at, name = random.choice(found)
    conditions = list(rule.conditions)
    conditions[at] = Condition(Satisfies(name, OneOf(codes[name])), "")
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
    *(another_test, another_test, spelled_out, one_condition_less, one_condition_more, other_life),
    *(one_rule_less, other_money, other_money, other_uplift, other_group),
)


# --- what the cases say ---------------------------------------------------------------------------


def cases_of(policy: Policy, seed: int) -> Iterator[Case]:
    """Random cases, and of lists still to come also codes that they do not have."""
    random = Random(seed)
    for case in draw_cases(policy, CASES_EACH, seed):
        yield case
        facts = {**case.facts, **dict(other_codes(random, policy, case))}
        if facts != case.facts:
            yield replace(case, facts=facts)


def other_codes(random: Random, policy: Policy, case: Case) -> Iterator[tuple[str, Value]]:
    pending = {each.name for each in policy.code_lists if each.pending}
    for field in policy.fields:
        value = case.facts.get(field.name)
        if value is None or random.random() < 0.3:
            continue
        match field.type:
            case ChoiceType(code_list=name) if name in pending:
                yield field.name, OTHER
            case MultiChoiceType(code_list=name) if name in pending:
                assert isinstance(value, frozenset)
                kept = (code for code in sorted(value) if random.random() < 0.5)
                yield field.name, frozenset((*kept, OTHER))


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
        policy = policy if seed % 3 else awaiting(random, policy)
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
            for case in [*cases_of(old, 1), *cases_of(new, 2)]:
                pair = simulate(before, case), simulate(after, case)
                assert not refuted(shift, *pair), f"{name}: {shift}\n{case}"
                shown[shift] += bears_witness(shift, *pair)
    assert told[Shift.LOOSER]
    assert told[Shift.TIGHTER]
    assert told[Shift.HIGHER] + told[Shift.LOWER]
    assert shown[Shift.LOOSER] + shown[Shift.TIGHTER], "no case could have refuted anything"


# --- tests side by side ---------------------------------------------------------------------------


def asked_codes(random: Random, policy: Policy, field: Field) -> Iterator[Value]:
    """Codes of a field, or sets of them: those of the lists, and others."""
    known = [code.value for each in policy.code_lists for code in each.codes]
    some = [*codes_by_field(policy)[field.name], *known, OTHER, "另一个"]
    pending = {each.name for each in policy.code_lists if each.pending}
    assert isinstance(field.type, ChoiceType | MultiChoiceType)
    if field.type.code_list not in pending:
        some = list(codes_by_field(policy)[field.name])
    if isinstance(field.type, ChoiceType):
        yield from some
    else:
        for _ in range(60):
            yield frozenset(random.sample(some, random.randint(0, min(4, len(some)))))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_what_is_told_of_a_test_of_codes_holds_of_every_code(batch: int) -> None:
    random = Random(batch)
    told: Counter[bool] = Counter()
    for seed in range(batch * 40, (batch + 1) * 40):
        policy = awaiting(random, draw_policy(Random(seed)))
        pending = {each.name for each in policy.code_lists if each.pending}
        glossary = glossary_of(policy.code_lists, {each.name: each.type for each in policy.fields})
        for field in policy.fields:
            if not isinstance(field.type, ChoiceType | MultiChoiceType):
                continue
            drawing = Drawing(random, list(INPUTS))
            for _ in range(12):
                tests = [drawing.unary(field, 2) for _ in range(2)]
                if random.random() < 0.3:
                    tests[1] = Not(tests[0])
                shift = shift_of_tests(tests[0], tests[1], (field, field), (policy, policy))
                if shift is None:
                    continue
                told[field.type.code_list in pending] += 1
                less, more = tests if shift is Shift.LOOSER else reversed(tests)
                asks = [check(each, field.name, glossary) for each in (less, more)]
                for day in (date(2023, 10, 1), date(2023, 11, 1), date(2024, 8, 1)):
                    for value in asked_codes(random, policy, field):
                        was, now = (holds(value, Situation({}, {}, day)) for holds in asks)
                        assert rank(was) <= rank(now), f"{field.name}: {tests} {value}"
    assert told[True] > 40
    assert told[False] > 40


def rank(truth: Truth) -> int:
    return (NO, UNKNOWN, YES).index(truth)
