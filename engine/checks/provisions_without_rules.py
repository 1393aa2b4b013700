"""T334: an article that no rule rests on, and no reason why.

What: a provision that no row of a table, no tier of 评选 and no 同类组 cites (neither itself
nor a paragraph of it), and whose 备注 is blank.
Why: an article that was overlooked pays nothing, and nobody notices. A provision of the kind
可计算, 评选 or 一事一议 must have its rules; the other kinds may do without.
Wrong: 条款 七, 可计算, and no row that cites 七.
Right: the missing rows; another 类型; or in 备注 why there are none (for instance 原则性规定).
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.space.scenes import Survey
from engine.findings import Finding, Severity
from engine.model import Policy, ProvisionKind

_WITH_RULES = (ProvisionKind.COMPUTABLE, ProvisionKind.SELECTION, ProvisionKind.CASE_BY_CASE)
_PARAGRAPH, _AFTER_NUMBER = "-", ("：", ":", "，", "。", " ", "第")


def provisions_without_rules(survey: Survey) -> Iterator[Finding]:
    """Name the articles that nothing rests on."""
    policy = survey.policy
    if not policy.tables and not policy.selections:
        return  # that nothing will be computed is said at once of the whole book
    cited = _cited(policy)
    for provision in policy.provisions:
        number = provision.number
        if provision.note or any(
            each == number or each.startswith(number + _PARAGRAPH) for each in cited
        ):
            continue
        yield Finding(
            "T334",
            provision.at,
            {"number": number, "kind": provision.kind.value},
            Severity.WARNING if provision.kind in _WITH_RULES else Severity.ADVICE,
        )


def _cited(policy: Policy) -> set[str]:
    """The numbers of provisions that rules, tiers and groups cite."""
    cited = {rule.provision for table in policy.tables for rule in table.rules}
    cited |= {tier.provision for each in policy.selections for tier in each.tiers}
    for group in policy.groups:
        cited |= {
            provision.number
            for provision in policy.provisions
            if group.basis == provision.number
            or group.basis.startswith(tuple(provision.number + mark for mark in _AFTER_NUMBER))
        }
    return cited
