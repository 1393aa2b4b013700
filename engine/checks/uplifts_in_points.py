"""T341: a clause that raises a rate by 百分点, and a 上浮 that raises the award by that share.

What: the quote of a row says 提高0.5个百分点, and its 上浮 is 0.5%.
Why: 上浮 is a share of the award: 1% of a sum, raised by 0.5%, is 1.005% of it. A rate of 1% that
rises by 0.5个百分点 is 1.5%.
Wrong: 投资额的1% with 上浮 0.5%.
Right: 如果 增幅(投资额; 上年投资额) ≥ 20% 则 投资额的1.5% 否则 投资额的1%; or 上浮 50%.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from engine.checks.space.scenes import Survey
from engine.dependencies import amounts, walk
from engine.expressions import Expression, Literal
from engine.findings import Finding, Severity
from engine.model import Rule
from engine.phrase import phrase_amount, phrase_expression
from engine.types import RateType
from engine.values import Number
from engine.words import word

_HUNDRED = 100


def uplifts_in_points(survey: Survey) -> Iterator[Finding]:
    """Name the rows of which the 上浮 is the number of 百分点 that the clause says."""
    for table in survey.policy.tables:
        for rule in table.rules:
            grant = rule.grant
            said = _points_taken_over(rule)
            if grant is None or grant.uplift is None or said is None:
                continue
            params = {
                "rule": rule.id,
                "measure": grant.measure,
                "words": said,
                "uplift": phrase_expression(grant.uplift.rate, survey.fields),
                "amount": phrase_amount(grant.benefit, None, (), survey.fields),
            }
            at = grant.uplift.rate.at or grant.at
            yield Finding("T341", at, params, Severity.WARNING)


def _points_taken_over(rule: Rule) -> str | None:
    """The words of a quote whose 百分点 stand in the 上浮 of its row as a share."""
    if rule.grant is None or rule.grant.uplift is None or not amounts(rule.grant.benefit):
        return None
    shares = {abs(each) for each in _rates(rule.grant.uplift.rate)}
    for found in re.finditer(word("checks.points"), rule.quote):
        if Fraction(found["number"]) / _HUNDRED in shares:
            return found[0]
    return None


def _rates(node: Expression) -> Iterator[Number]:
    for each in walk(node):
        if isinstance(each, Literal) and isinstance(each.type, RateType):
            value = each.value
            if isinstance(value, int | Fraction):
                yield value
