"""Payment plans (分期): in which parts what is granted is paid out, and what each part comes to.

A plan changes neither verdict nor amount. Every part but the last is rounded as the policy says and
is at most what is left; the last takes the rest, so that the parts add up exactly.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import Measure, PaymentPlan
from engine.outcome import Amount, Granted, Payment, Verdict
from engine.values import INFINITY, Bound, Rounding, round_bound, times


def payments_of(measure: Measure, verdict: Verdict, rounding: Rounding) -> tuple[Payment, ...]:
    """What each instalment of a granted measure comes to; nothing without a plan or a number."""
    if measure.plan is None or not isinstance(verdict, Granted):
        return ()
    return _payments(measure.plan, verdict.amount, rounding)


def _payments(plan: PaymentPlan, amount: Amount, rounding: Rounding) -> tuple[Payment, ...]:
    if amount.low is None or amount.high is None or amount.high == INFINITY:
        return ()
    lows, highs = (_parted(end, plan, rounding) for end in (amount.low, amount.high))
    return tuple(
        Payment(each.label, each.share, low, high)
        for each, low, high in zip(plan.instalments, lows, highs, strict=True)
    )


def _parted(amount: Bound, plan: PaymentPlan, rounding: Rounding) -> Iterator[Bound]:
    """Part one end of an amount."""
    left = amount
    for each in plan.instalments[:-1]:
        part = min(left, round_bound(times(amount, each.share), rounding))
        yield part
        left -= part
    yield left
