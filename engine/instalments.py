"""Payment plans (分期): in which parts what is granted is paid out, and what each part comes to.

A plan changes neither verdict nor amount. Every part but the last is rounded as the policy says and
is at most what is left; the last takes the rest, so that the parts add up exactly. Of an interval
each part is as little and as much as any amount in it makes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil

from engine.model import Measure, PaymentPlan
from engine.outcome import Amount, Granted, Payment, Verdict
from engine.values import Number, Rounding, round_fen


def payments_of(measure: Measure, verdict: Verdict, rounding: Rounding) -> tuple[Payment, ...]:
    """What each instalment of a granted measure comes to; nothing without a plan or a number."""
    if measure.plan is None or not isinstance(verdict, Granted):
        return ()
    return _payments(measure.plan, verdict.amount, rounding)


def _payments(plan: PaymentPlan, amount: Amount, rounding: Rounding) -> tuple[Payment, ...]:
    low, high = amount.low, amount.high
    if low is None or high is None or isinstance(low, float) or isinstance(high, float):
        return ()
    parted = [_parted(each, plan, rounding) for each in _extremes(low, high, plan, rounding.step)]
    return tuple(
        Payment(each.label, each.share, min(parts), max(parts))
        for each, parts in zip(plan.instalments, zip(*parted, strict=True), strict=True)
    )


def _extremes(low: Number, high: Number, plan: PaymentPlan, step: int) -> set[Number]:
    """Amounts from ``low`` to ``high`` among which every part is at its least and at its most.

    Rounding shifts each part but the last by less than a step, and so the last one by less than
    they are many; over more steps than that takes of it, the last one grows with the amount.
    """
    *others, last = plan.instalments
    reach = ceil(len(others) / last.share) * step if last.share else 0
    return {
        low,
        high,
        *_stepping(low, min(high, low + reach), step),
        *_stepping(max(low, high - reach), high, step),
    }


def _stepping(first: Number, last: Number, step: int) -> Iterator[Number]:
    """The whole steps from one amount to another."""
    return (each * step for each in range(ceil(first / Fraction(step)), last // step + 1))


def _parted(amount: Number, plan: PaymentPlan, rounding: Rounding) -> list[Number]:
    left, parts = amount, list[Number]()
    for each in plan.instalments[:-1]:
        part = min(left, round_fen(amount * each.share, rounding))
        parts.append(part)
        left -= part
    return [*parts, left]
