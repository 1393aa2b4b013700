"""The projects of one case file, read for two versions of a policy."""

from __future__ import annotations

from authoring.cases import CaseFile
from engine.cases import Case
from engine.compare import Pair, from_new, from_old
from engine.model import Policy


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
