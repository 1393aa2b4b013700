"""Which rules of a measure speak for its verdict, and what the nearest one lacks."""

from __future__ import annotations

from collections.abc import Iterator

from engine.narrative import ConditionLine, MeasureNarrative, RuleBlock
from engine.truth import NO, UNKNOWN, YES

_OPEN = ("undetermined", "referred")


def leading_rules(measure: MeasureNarrative) -> tuple[RuleBlock, ...]:
    """The rules that decide: those that hold, else those that may, else the nearest to holding.

    Of an open measure both: one part of it may be certain while another still waits.
    """
    open_ = measure.verdict in _OPEN
    for truths in ((YES, UNKNOWN),) if open_ else ((YES,), (UNKNOWN,)):
        deciding = tuple(block for block in measure.rules if block.truth in truths)
        if deciding:
            return deciding
    return tuple(sorted(measure.rules, key=_failures)[:1])


def failing_lines(measure: MeasureNarrative) -> Iterator[ConditionLine]:
    """What a refused measure lacks: the comparisons that the nearest rule fails by."""
    for block in leading_rules(measure)[:1]:
        for line in block.lines:
            if line.truth is NO and not line.muted and (line.requirement or line.actual):
                yield line


def _failures(block: RuleBlock) -> tuple[int, int]:
    whole = [line for line in block.lines if line.depth == 0]
    return sum(each.truth is NO for each in whole), sum(each.truth is UNKNOWN for each in whole)
