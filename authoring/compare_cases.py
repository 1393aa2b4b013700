"""The projects that two versions of a policy are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from authoring.cases import CaseFile, Known, check_constraints, check_fact
from authoring.messages import fill, text, words
from authoring.spelling import key
from engine.cases import Case, GoldenCase
from engine.compare import Pair, carry, from_new, from_old
from engine.constraints import Watch, watch
from engine.findings import Finding, Severity
from engine.model import Policy
from engine.phrase import phrase_value
from engine.values import Value


class Side(StrEnum):
    """Which version would not take a case as it is filled in."""

    OLD = "old"
    NEW = "new"
    BOTH = "both"
    """Each takes it, and reads something else in it."""


@dataclass(frozen=True, slots=True)
class Unwelcome:
    """A case of one version that the other would not take as it is filled in, and why."""

    case: Case
    by: Side
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
    versions = _Versions.of(old, new)
    return _sorted_out((*map(versions.for_old, newer), *map(versions.for_new, older)))


def pair_files(old: Known, new: Known, before: CaseFile, after: CaseFile) -> Pairing:
    """Each row that at least one version can read, as each can take it.

    A row that both read is taken where both read the same in it; one that only one reads is
    carried over.
    """
    olds, news = _by_row(before), _by_row(after)
    versions = _Versions.of(old, new)
    found: list[Pair | Unwelcome] = []
    unread: list[int] = []
    for row in sorted({*olds, *news}):
        was, is_ = olds.get(row), news.get(row)
        if was is not None and is_ is not None:
            found.append(versions.for_both(was, is_))
        elif is_ is not None:
            found.append(versions.for_old(is_))
        elif was is not None:
            found.append(versions.for_new(was))
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


@dataclass(frozen=True, slots=True)
class _Versions:
    """Two versions, and what watches over the 业务约束 of each."""

    old: Known
    new: Known
    watched: tuple[Watch, Watch]

    @classmethod
    def of(cls, old: Known, new: Known) -> _Versions:
        return cls(old, new, (watch(old.policy), watch(new.policy)))

    def for_old(self, case: Case) -> Pair | Unwelcome:
        """A case that was read for the new version."""
        pair = from_new(case, self.old.policy, self.new.policy)
        reasons = tuple(_objections(pair.before, self.old, self.watched[0]))
        return Unwelcome(case, Side.OLD, reasons) if reasons else pair

    def for_new(self, case: Case) -> Pair | Unwelcome:
        """A case that was read for the old version."""
        pair = from_old(case, self.old.policy, self.new.policy)
        reasons = tuple(_objections(pair.after, self.new, self.watched[1]))
        return Unwelcome(case, Side.NEW, reasons) if reasons else pair

    def for_both(self, was: Case, is_: Case) -> Pair | Unwelcome:
        """A case that each version has read for itself."""
        old, new = self.old.policy, self.new.policy
        carried, left_out = carry(is_, new, old)
        shared = _names(old) & _names(new)
        reasons = tuple(
            text(
                "page-compare.read_apart",
                field=name,
                old=_phrase(name, was, old),
                new=_phrase(name, is_, new),
            )
            for name in dict.fromkeys((*is_.facts, *was.facts))
            if name in shared and carried.facts.get(name) != was.facts.get(name)
        )
        if reasons:
            return Unwelcome(is_, Side.BOTH, reasons)
        return Pair(was, is_, left_out)


def _names(policy: Policy) -> frozenset[str]:
    return frozenset(field.name for field in policy.fields)


def _phrase(name: str, case: Case, policy: Policy) -> str:
    """What a version reads for a field, with its unit."""
    value: Value | None = case.facts.get(name)
    if value is None:
        return text("page-compare.read_nothing")
    field = next(each for each in policy.fields if each.name == name)
    return phrase_value(value, field.type, field.unit)


def _objections(case: Case, known: Known, watched: Watch) -> Iterator[str]:
    """What a version would say of a case that was filled in for it, as far as that is an error."""
    for each in _findings(case, known, watched):
        if each.severity is Severity.ERROR:
            yield fill(words(each.code).message, each.params)


def _findings(case: Case, known: Known, watched: Watch) -> Iterator[Finding]:
    for name, value in case.facts.items():
        field = known.fields.get(key(name))
        if field is not None and value is not None:
            yield from check_fact(field, value, case.date, known, None)
    yield from check_constraints(known.policy, case, watched)


def _by_row(file: CaseFile) -> dict[int, Case | None]:
    return {number: case for number, (_, (case, _, _)) in enumerate(file.readings)}
