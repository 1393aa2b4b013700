"""The terms of a grant in Chinese, as they stand in columns of their own: 上浮, 年度上限, 分期."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from engine import notation
from engine.model import Allowance, Ceiling, Discretionary, Field, Grant, PaymentPlan, Uplift
from engine.phrase import phrase_expression, phrase_less, phrase_value
from engine.types import RateType
from engine.values import Number

_NUMBERED = re.compile(r"第(?P<number>[0-9]+)(?P<unit>.+)")


def phrase_share(share: Number) -> str:
    """Write a share: 40%, or 1/3 where percents never end."""
    exact = Fraction(share)
    text = phrase_value(exact, RateType())
    return str(exact) if "/" in text else text


def phrase_uplift(uplift: Uplift, fields: Mapping[str, Field], *, capped: bool) -> str:
    """Write an uplift; where there is a cap, with the side of it on which it stands."""
    text = phrase_expression(uplift.rate, fields)
    if uplift.after_caps:
        return f"{text}（{notation.AFTER_CAPS}）"
    return f"{text}（{notation.BEFORE_CAPS}）" if capped else text


def phrase_allowance(allowance: Allowance, fields: Mapping[str, Field]) -> str:
    """Write a yearly or a cumulative cap: 300万元（已享受 累计奖励）."""
    return phrase_less(allowance.limit, allowance.received, fields)


def is_capped(grant: Grant) -> bool:
    """Whether an uplift must say on which side of a cap it stands."""
    match grant.benefit:
        case Ceiling():
            return True
        case Discretionary(ceiling=ceiling):
            return ceiling is not None or bool(grant.caps)
        case _:
            return bool(grant.caps)


def phrase_plan(plan: PaymentPlan) -> str:
    """Write a payment plan: 分3年 40%、30%、30%; 分3年等额; 开工 30%、投产 70%; 一次性."""
    parts = plan.instalments
    if [each.label for each in parts] == [notation.IN_ONE]:
        return notation.IN_ONE
    unit = _period(plan)
    shares = [phrase_share(each.share) for each in parts]
    if not unit or len(parts) == 1:
        return "、".join(f"{each.label} {share}" for each, share in zip(parts, shares, strict=True))
    head = f"{notation.PARTED}{len(parts)}{unit}"
    if len({each.share for each in parts}) == 1:
        return head + notation.IN_EQUAL_PARTS
    return f"{head} {'、'.join(shares)}"


def _period(plan: PaymentPlan) -> str:
    """The word that all instalments count: 年 of 第1年、第2年; "" where they do not count."""
    found = [_NUMBERED.fullmatch(each.label) for each in plan.instalments]
    units = {each["unit"] if each else "" for each in found}
    in_order = all(each and int(each["number"]) == at for at, each in enumerate(found, start=1))
    return units.pop() if in_order and len(units) == 1 else ""
