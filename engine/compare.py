"""Two versions of a policy on the same cases: whose money changes, and by how much.

Amounts that are not certain are compared at both ends: a ceiling that rises is a gain, a rise of
one end with a fall of the other is neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.cases import Case
from engine.expectations import spell
from engine.model import Policy, Source
from engine.outcome import Outcome, Referred, Undecided, Undetermined, Verdict
from engine.phrase import phrase_money
from engine.portfolio import Money, money_of, worth_of
from engine.simulate import Engine, simulate
from engine.types import ChoiceType, CodeList, FieldType, MultiChoiceType
from engine.values import Bound, Value
from engine.words import word

ABSENT = "—"
"""What stands for the verdict of a measure that a version does not have."""


class Turn(StrEnum):
    """How a case fares under the new version."""

    MORE = "more"
    LESS = "less"
    MIXED = "mixed"
    """One end of what it may get rises, and the other falls."""
    OPEN = "open"
    """What it may get is not known yet under one of them: neither a gain nor a loss."""
    VERDICTS = "verdicts"
    """Verdicts differ, the money does not."""
    SAME = "same"


@dataclass(frozen=True, slots=True)
class MeasureChange:
    """One measure on one case, under both versions; verdicts are spelled as in 用例."""

    measure: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CaseChange:
    """One case under both versions.

    ``left_out`` are facts that one of them cannot take, ``missing`` those that leave it open.
    """

    case: Case
    before: Money
    after: Money
    turn: Turn
    measures: tuple[MeasureChange, ...]
    left_out: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MeasureSum:
    """One measure over all cases that are not open: how often it is granted, and its worth."""

    measure: str
    name: str
    granted_before: int
    granted_after: int
    before: Money
    after: Money

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        return (self.granted_before, self.before) != (self.granted_after, self.after)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All cases under both versions; the sums are those of the cases that are not open."""

    cases: tuple[CaseChange, ...]
    measures: tuple[MeasureSum, ...]
    before: Money
    after: Money

    def count(self, turn: Turn) -> int:
        """How many cases fare so."""
        return sum(each.turn is turn for each in self.cases)


@dataclass(frozen=True, slots=True)
class Pair:
    """A case as each version can take it."""

    before: Case
    after: Case
    left_out: tuple[str, ...] = ()


def from_new(case: Case, old: Policy, new: Policy) -> Pair:
    """A case that was read for the new version."""
    before, left_out = carry(case, new, old)
    return Pair(before, case, left_out)


def from_old(case: Case, old: Policy, new: Policy) -> Pair:
    """A case that was read for the old version."""
    after, left_out = carry(case, old, new)
    return Pair(case, after, left_out)


def carry(case: Case, source: Policy, target: Policy) -> tuple[Case, tuple[str, ...]]:
    """A case of one version as another can take it, and the facts that are left out.

    A fact is left out when the other version has no such field, derives it, or has it with another
    type, unit or currency, and when its code list does not name the value. So are subjects that
    the other version does not know; a case that has no other then involves all.
    """
    types = {field.name: field.type for field in source.fields}
    fields = {field.name: field for field in target.fields}
    lists = {each.name: each for each in target.code_lists}
    facts: dict[str, Value | None] = {}
    left_out = []
    for name, value in case.facts.items():
        field = fields.get(name)
        if (
            field is not None
            and field.source is not Source.DERIVED
            and _alike(field.type, types.get(name))
            and (value is None or _has_codes(value, field.type, lists))
        ):
            facts[name] = value
        elif value is not None:
            left_out.append(name)
    subjects = case.subjects
    if subjects:
        unknown = subjects - frozenset(target.subjects)
        left_out += [word("compare.subject", name=each) for each in sorted(unknown)]
        subjects = (subjects - unknown) or None
    return replace(case, facts=facts, subjects=subjects), tuple(left_out)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case under both versions: its change, and what each measure comes to, by its id."""

    change: CaseChange
    before: Mapping[str, Money | None]
    after: Mapping[str, Money | None]


def compare_case(old: Engine, new: Engine, case: Pair) -> CaseResult:
    """A case under both versions, reduced to what is compared."""
    before, after = simulate(old, case.before), simulate(new, case.after)
    sums = money_of(before), money_of(after)
    measures = tuple(_measure_changes(before, after))
    opened = tuple(_opened(before, after))
    turn = Turn.OPEN if opened or _stakes_differ(before, after) else _turn(*sums, bool(measures))
    missing = tuple(dict.fromkeys(name for each in opened for name in _missing(each)))
    change = CaseChange(case.after, *sums, turn, measures, case.left_out, missing)
    return CaseResult(change, _granted(before), _granted(after))


def _opened(before: Outcome, after: Outcome) -> Iterator[Verdict]:
    """The open verdicts of measures that are open under one version only, or for other money."""
    old = {each.measure.id: each.verdict for each in before.measures}
    new = {each.measure.id: each.verdict for each in after.measures}
    for id_ in dict.fromkeys((*new, *old)):
        was, is_ = old.get(id_), new.get(id_)
        if _possible(was) != _possible(is_):
            yield from (each for each in (was, is_) if each and _possible(each))


def _possible(verdict: Verdict | None) -> Bound:
    """What an open verdict could come to at most; nothing for any other."""
    match verdict:
        case Undetermined(amount=amount) | Referred(amount=amount) | Undecided(amount=amount):
            return amount.high or 0
        case _:
            return 0


def _stakes_differ(before: Outcome, after: Outcome) -> bool:
    return before.total.at_stake != after.total.at_stake


def _missing(verdict: Verdict) -> tuple[str, ...]:
    match verdict:
        case Undetermined(missing=names) | Referred(judgements=names):
            return names
        case _:
            return ()


def _alike(kind: FieldType, other: FieldType | None) -> bool:
    """Whether a value means the same under both types; of codes their lists tell."""
    if isinstance(kind, ChoiceType | MultiChoiceType):
        return type(kind) is type(other)
    return kind == other


def _has_codes(value: Value, kind: FieldType, lists: Mapping[str, CodeList]) -> bool:
    """Whether the codes of a value, if it has any, stand in the list."""
    match kind:
        case ChoiceType(code_list=name) | MultiChoiceType(code_list=name):
            codes = lists.get(name)
            given = value if isinstance(value, frozenset) else frozenset({str(value)})
            return codes is None or codes.pending or given <= {each.value for each in codes.codes}
        case _:
            return True


def compare(old: Policy, new: Policy, results: Iterable[CaseResult]) -> Comparison:
    """Add up what single cases come to."""
    results = tuple(results)
    settled = [each for each in results if each.change.turn is not Turn.OPEN]
    names = {each.id: each.name for each in (*old.measures, *new.measures)}
    order = dict.fromkeys([*(each.id for each in new.measures), *names])
    return Comparison(
        tuple(each.change for each in results),
        tuple(_measure_sum(id_, names[id_], settled) for id_ in order),
        sum((each.change.before for each in settled), Money()),
        sum((each.change.after for each in settled), Money()),
    )


def _measure_sum(measure: str, name: str, results: Iterable[CaseResult]) -> MeasureSum:
    before = [money for each in results if (money := each.before.get(measure)) is not None]
    after = [money for each in results if (money := each.after.get(measure)) is not None]
    return MeasureSum(
        measure, name, len(before), len(after), sum(before, Money()), sum(after, Money())
    )


def _granted(outcome: Outcome) -> dict[str, Money | None]:
    return {each.measure.id: worth_of(each.verdict) for each in outcome.measures}


def _measure_changes(before: Outcome, after: Outcome) -> Iterator[MeasureChange]:
    old = {each.measure.id: each for each in before.measures}
    new = {each.measure.id: each for each in after.measures}
    for id_ in dict.fromkeys((*new, *old)):
        was, is_ = (
            ABSENT if each is None else spell(each.verdict) for each in (old.get(id_), new.get(id_))
        )
        if was != is_ and not {was, is_} <= _NOTHING:
            name = (new.get(id_) or old[id_]).measure.name
            yield MeasureChange(id_, name, was, is_)
        elif id_ in old and id_ in new:
            stakes = _possible(old[id_].verdict), _possible(new[id_].verdict)
            if stakes[0] != stakes[1]:
                told = (f"{was} {_at_most(stakes[0])}", f"{is_} {_at_most(stakes[1])}")
                yield MeasureChange(id_, new[id_].measure.name, *told)


def _at_most(bound: Bound) -> str:
    if isinstance(bound, float):
        return word("amount.unbounded")
    return word("amount.at_most") + phrase_money(bound)


_NOTHING = frozenset({ABSENT, word("verdict.not_applicable"), word("verdict.refused")})
"""Spellings of which one gives as little as another: going from one to another touches nobody."""


def _turn(before: Money, after: Money, verdicts_differ: bool) -> Turn:
    rises = after.low > before.low or after.high > before.high
    falls = after.low < before.low or after.high < before.high
    if rises and falls:
        return Turn.MIXED
    if rises or falls:
        return Turn.MORE if rises else Turn.LESS
    return Turn.VERDICTS if verdicts_differ else Turn.SAME
