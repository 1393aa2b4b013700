"""Why a fact that nobody gave counts as it does: said beside the condition, once for each rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.narrative import ConditionLine


def remarks_on_blanks(lines: Iterable[ConditionLine]) -> Iterator[str]:
    """What to say beside each line; the same is not said twice, nor where nothing rests on it."""
    told = {""}
    for line in lines:
        remark = "" if line.muted else line.blank
        yield "" if remark in told else remark
        told.add(remark)
