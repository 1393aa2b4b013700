"""T338: a clause that speaks of the part above or below a limit, an amount that takes the whole.

What: the quote of a row says 1000万元以下部分, 超过1亿元的部分 or 超出部分, and no row of its
支持项 reckons a part: by 分段, a subtraction, 增量, 每满, 取小 or 取大, be it in a table that
derives what the amount names. Fields that are called a part themselves (超额投资额) will do. A part
that gets nothing (超出部分不再补助) is a cap, and left out.
Why: 部分 pays each part at its own rate and adds them up. A rate of the whole pays another sum,
and jumps at each limit.
Wrong: 1亿元以上部分按5‰ as 投资额的5‰ for projects of 1亿元 and more.
Right: one row with 分段(投资额; 1000万元以下 3‰; 1000万元—1亿元 4‰; 1亿元以上 5‰).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from engine.checks.space.scenes import Survey
from engine.dependencies import amounts, fields_read, rule_expressions, tables_behind, walk
from engine.expressions import Arithmetic, Brackets, Call, Expression, Function, Operator
from engine.findings import Finding, Severity
from engine.model import Benefit, Policy, Rule
from engine.phrase import phrase_amount
from engine.types import MoneyType
from engine.words import word

_REACH = 16
"""So many characters stand at most between 超过 and 部分."""
_OF_PARTS = frozenset({Function.MAX, Function.MIN, Function.INCREASE, Function.EVERY_FULL})


def parts_without_brackets(survey: Survey) -> Iterator[Finding]:
    """Name of each 支持项 the first row whose clause speaks of parts that no row reckons."""
    policy = survey.policy
    for measure, rules in _by_measure(policy).items():
        speaking = [(rule, said) for rule, said in _speaking(rules) if _has_number(rule)]
        if not speaking or any(_reckons_parts(rule, policy) for rule in rules):
            continue
        rule, said = speaking[0]
        grant = rule.grant
        assert grant is not None
        params = {
            "rule": rule.id,
            "measure": measure,
            "words": said,
            "amount": phrase_amount(grant.benefit, None, (), survey.fields),
            "base": _base(grant.benefit, survey),
        }
        yield Finding("T338", grant.at, params, Severity.WARNING)


def _by_measure(policy: Policy) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for table in policy.tables:
        for rule in table.rules:
            if rule.grant is not None:
                found.setdefault(rule.grant.measure, []).append(rule)
    return found


def _speaking(rules: Iterable[Rule]) -> Iterator[tuple[Rule, str]]:
    """The rows whose quote speaks of a part, and the words for it."""
    of_parts = re.compile(word("checks.of_parts", reach=_REACH))
    for rule in rules:
        found = of_parts.search(rule.quote)
        if found:
            yield rule, found[0]


def _has_number(rule: Rule) -> bool:
    return rule.grant is not None and bool(amounts(rule.grant.benefit))


def _reckons_parts(rule: Rule, policy: Policy) -> bool:
    if rule.grant is None:
        return False
    own = amounts(rule.grant.benefit)
    read = fields_read(*own)
    if any(re.search(word("checks.named_part"), name) for name in read):
        return True
    behind = (
        conclusion
        for table in tables_behind(read, policy)
        for each in table.rules
        for conclusion in rule_expressions(each)
    )
    return any(_is_of_parts(node) for each in (*own, *behind) for node in walk(each))


def _is_of_parts(node: Expression) -> bool:
    match node:
        case Brackets() | Arithmetic(operator=Operator.SUBTRACT):
            return True
        case Call(function=function):
            return function in _OF_PARTS
    return False


def _base(benefit: Benefit, survey: Survey) -> str:
    """The sum of money of which an amount is a share, to show how it would be parted."""
    read = sorted(fields_read(*amounts(benefit)))
    money = (name for name in read if isinstance(survey.fields[name].type, MoneyType))
    return next(money, word("checks.some_sum"))
