"""The projects that two versions of a policy are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from authoring.cases import CaseFile, Known, check_constraints, check_fact
from authoring.messages import fill, words
from authoring.spelling import key
from engine.cases import Case, GoldenCase
from engine.compare import Pair, from_new, from_old
from engine.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class Unwelcome:
    """A case of one version that the other would not take as it is filled in, and why."""

    case: Case
    by_new: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pairing:
    """The cases as each version can take them, and those that one of them would refuse.

    ``unread`` are the rows of a file that neither version can read, as the newer one reads them.
    """

    pairs: tuple[Pair, ...]
    unwelcome: tuple[Unwelcome, ...] = ()
    unread: CaseFile | None = None


def pair_up(
    old: Known, new: Known, olds: Iterable[GoldenCase], news: Iterable[GoldenCase]
) -> Pairing:
    """The cases of two workbooks, each once; of two with one number the newer one counts."""
    newer = [each.case for each in news]
    numbers = {key(each.id) for each in newer}
    older = [each.case for each in olds if key(each.case.id) not in numbers]
    return _sorted_out(
        (
            *(_for_old(case, old, new) for case in newer),
            *(_for_new(case, old, new) for case in older),
        )
    )


def pair_files(old: Known, new: Known, before: CaseFile, after: CaseFile) -> Pairing:
    """Each row that at least one version can read, as each can take it.

    A row that both read is taken as each reads it; one that only one reads is carried over.
    """
    olds, news = _by_row(before), _by_row(after)
    found: list[Pair | Unwelcome] = []
    unread: list[int] = []
    for row in sorted({*olds, *news}):
        was, is_ = olds.get(row), news.get(row)
        if was is not None and is_ is not None:
            found.append(Pair(was, is_))
        elif is_ is not None:
            found.append(_for_old(is_, old, new))
        elif was is not None:
            found.append(_for_new(was, old, new))
        else:
            unread.append(row)
    file = after if after.readings else before
    rest = replace(file, readings=tuple(file.readings[row] for row in unread))
    return _sorted_out(found, rest if unread else None)


def _sorted_out(found: Iterable[Pair | Unwelcome], unread: CaseFile | None = None) -> Pairing:
    found = tuple(found)
    return Pairing(
        tuple(each for each in found if isinstance(each, Pair)),
        tuple(each for each in found if isinstance(each, Unwelcome)),
        unread,
    )


def _for_old(case: Case, old: Known, new: Known) -> Pair | Unwelcome:
    pair = from_new(case, old.policy, new.policy)
    reasons = tuple(_objections(pair.before, old))
    return Unwelcome(case, False, reasons) if reasons else pair


def _for_new(case: Case, old: Known, new: Known) -> Pair | Unwelcome:
    pair = from_old(case, old.policy, new.policy)
    reasons = tuple(_objections(pair.after, new))
    return Unwelcome(case, True, reasons) if reasons else pair


def _objections(case: Case, known: Known) -> Iterator[str]:
    """What a version would say of a case that was filled in for it, as far as that is an error."""
    for each in _findings(case, known):
        if each.severity is Severity.ERROR:
            yield fill(words(each.code).message, each.params)


def _findings(case: Case, known: Known) -> Iterator[Finding]:
    for name, value in case.facts.items():
        field = known.fields.get(key(name))
        if field is not None and value is not None:
            yield from check_fact(field, value, case.date, known, None)
    yield from check_constraints(known.policy, case)


def _by_row(file: CaseFile) -> dict[int, Case | None]:
    return {number: case for number, (_, (case, _, _)) in enumerate(file.readings)}
