"""The projects that two versions of a policy are compared with."""

from __future__ import annotations

from collections.abc import Iterable

from authoring.cases import CaseFile
from authoring.spelling import key
from engine.cases import Case, GoldenCase
from engine.compare import Pair, from_new, from_old
from engine.model import Policy


def pair_up(
    old: Policy, new: Policy, olds: Iterable[GoldenCase], news: Iterable[GoldenCase]
) -> tuple[Pair, ...]:
    """The cases of two workbooks, each once; of two with one number the newer one counts."""
    newer = [each.case for each in news]
    numbers = {key(each.id) for each in newer}
    older = [each.case for each in olds if key(each.case.id) not in numbers]
    return (
        *(from_new(case, old, new) for case in newer),
        *(from_old(case, old, new) for case in older),
    )


def pair_files(
    old: Policy, new: Policy, before: CaseFile, after: CaseFile
) -> tuple[tuple[Pair, ...], int]:
    """Each row that at least one version can read, as each can take it; how many neither can.

    A row that both read is taken as each reads it; one that only one reads is carried over.
    """
    olds, news = _by_row(before), _by_row(after)
    pairs, skipped = [], 0
    for row in sorted({*olds, *news}):
        was, is_ = olds.get(row), news.get(row)
        if was is not None and is_ is not None:
            pairs.append(Pair(was, is_))
        elif is_ is not None:
            pairs.append(from_new(is_, old, new))
        elif was is not None:
            pairs.append(from_old(was, old, new))
        else:
            skipped += 1
    return tuple(pairs), skipped


def _by_row(file: CaseFile) -> dict[int, Case | None]:
    return {number: case for number, (_, (case, _, _)) in enumerate(file.readings)}
