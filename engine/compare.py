"""Two versions of a policy on the same cases: whose money changes, and by how much.

Amounts that are not certain are compared at both ends: a ceiling that rises is a gain, a rise of
one end with a fall of the other is neither. What is open, or in conflict, under one version is put
aside, with the same-kind groups that it stands in, unless it is so in the same way under the other
and will come to the same once the missing facts are given; the rest is compared all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.cases import Case
from engine.expectations import spell
from engine.influence import adds_up
from engine.model import Measure, Policy, Source, StackingMode
from engine.outcome import (
    Absence,
    Conflict,
    Granted,
    NotApplicable,
    Outcome,
    Referred,
    Undecided,
    Undetermined,
    Verdict,
)
from engine.phrase import phrase_money
from engine.portfolio import Money, money_of, worth_of
from engine.residue import is_final, is_hopeless, residue, residue_of_group
from engine.settle import at_best, may_rise
from engine.simulate import Engine, simulate
from engine.types import ChoiceType, CodeList, FieldType, MultiChoiceType
from engine.values import Bound, Value, plus
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
    """What it may get is not known yet under one of them, and what is known stays as it is."""
    CONFLICT = "conflict"
    """Rules contradict each other under one of them, and what is known stays as it is."""
    VERDICTS = "verdicts"
    """Verdicts differ, the money does not."""
    SAME = "same"


class Aside(StrEnum):
    """Why a measure is not counted in what a case gains or loses."""

    OPEN = "open"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class MeasureChange:
    """One measure on one case, under both versions; verdicts are spelled as in 用例.

    They read alike where what is open rests on something that is not the same.
    """

    measure: str
    name: str
    before: str
    after: str
    aside: Aside | None = None


@dataclass(frozen=True, slots=True)
class CaseChange:
    """One case under both versions.

    ``before`` and ``after`` are its totals, ``counted`` what of both can be compared, ``aside``
    what the rest may come to at most. ``left_out`` are facts that one of them cannot take,
    ``missing`` those that leave it open.
    """

    case: Case
    before: Money
    after: Money
    turn: Turn
    measures: tuple[MeasureChange, ...]
    left_out: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    counted: tuple[Money, Money] = (Money(), Money())
    asides: frozenset[Aside] = frozenset()
    aside: tuple[Bound, Bound] = (0, 0)

    @property
    def partly(self) -> bool:
        """Whether something is put aside beside what changes for certain."""
        return bool(self.asides) and self.turn in (Turn.MORE, Turn.LESS, Turn.MIXED)


@dataclass(frozen=True, slots=True)
class MeasureSum:
    """One measure over all cases in which it is not put aside: how often granted, its worth."""

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
    """All cases under both versions; the sums are those of all that can be compared."""

    cases: tuple[CaseChange, ...]
    measures: tuple[MeasureSum, ...]
    before: Money
    after: Money

    def count(self, turn: Turn) -> int:
        """How many cases fare so."""
        return sum(each.turn is turn for each in self.cases)

    @property
    def aside(self) -> tuple[Bound, Bound]:
        """What all that is put aside may come to at most."""
        before: Bound = 0
        after: Bound = 0
        for each in self.cases:
            before, after = plus(before, each.aside[0]), plus(after, each.aside[1])
        return before, after

    @property
    def partly(self) -> int:
        """In how many cases something is put aside beside what changes for certain."""
        return sum(each.partly for each in self.cases)


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
    """A case under both versions: its change, and what each measure comes to, by its id.

    Measures that are put aside are not among them.
    """

    change: CaseChange
    before: Mapping[str, Money | None]
    after: Mapping[str, Money | None]


def compare_case(old: Engine, new: Engine, case: Pair) -> CaseResult:
    """A case under both versions, reduced to what is compared."""
    before, after = simulate(old, case.before), simulate(new, case.after)
    standing = _standing(before), _standing(after)
    asides = dict(_put_aside(before, after, *standing))
    worth = [
        {id_: each.worth for id_, each in side.items() if id_ not in asides} for side in standing
    ]
    counted = [sum((each for each in side.values() if each), Money()) for side in worth]
    measures = tuple(_measure_changes(before, after, asides))
    opened = [
        side[id_].verdict
        for id_, aside in asides.items()
        for side in standing
        if aside is Aside.OPEN and id_ in side
    ]
    change = CaseChange(
        case.after,
        money_of(before),
        money_of(after),
        _turn(counted[0], counted[1], frozenset(asides.values()), bool(measures)),
        measures,
        case.left_out,
        tuple(dict.fromkeys(name for each in opened for name in _missing(each))),
        (counted[0], counted[1]),
        frozenset(asides.values()),
        (_at_best(standing[0], asides), _at_best(standing[1], asides)),
    )
    return CaseResult(change, worth[0], worth[1])


@dataclass(frozen=True, slots=True)
class _Standing:
    """A measure under one version; ``best`` is what it comes to if all that is open is granted."""

    verdict: Verdict
    alone: Verdict
    worth: Money | None
    best: Bound
    contest: tuple[str, str] | None

    @property
    def possible(self) -> Bound:
        """What it could come to at most, if it is open."""
        return _possible(self.verdict)

    @property
    def final(self) -> bool:
        """Whether no missing fact can turn it, in its group or by itself."""
        return is_final(self.alone) and is_final(self.verdict)


_NOTHING_THERE = NotApplicable(Absence.RULES_NOT_IN_FORCE)
_NOWHERE = _Standing(_NOTHING_THERE, _NOTHING_THERE, None, 0, None)
"""How a measure stands under a version that does not have it."""


def _standing(outcome: Outcome) -> dict[str, _Standing]:
    alone = {each.measure.id: each.alone for each in outcome.measures}
    verdicts = {each.measure.id: each.verdict for each in outcome.measures}
    settlements = [each.settlement for each in outcome.measures if each.settlement]
    best = at_best(alone, outcome.worked) if may_rise(alone, verdicts, settlements) else verdicts
    across = {group.name for group in outcome.policy.groups if group.across_beneficiaries}
    return {
        measure.id: _Standing(
            verdicts[measure.id],
            alone[measure.id],
            worth_of(verdicts[measure.id], outcome.kept.get(measure.id)),
            (worth_of(best[measure.id]) or Money()).high,
            _contest(measure, across) if _competes(alone[measure.id]) else None,
        )
        for measure in (each.measure for each in outcome.measures)
    }


def _contest(measure: Measure, across: Collection[str]) -> tuple[str, str] | None:
    """The group in which a measure competes, and for whom."""
    if measure.group is None:
        return None
    return measure.group, "" if measure.group in across else measure.beneficiary


def _competes(verdict: Verdict) -> bool:
    """Whether a measure may weigh in its group: one that names no number never does."""
    match verdict:
        case Undetermined(amount=amount) | Referred(amount=amount) | Granted(amount=amount):
            return amount.counts
        case _:
            return True


def _put_aside(
    before: Outcome,
    after: Outcome,
    old: Mapping[str, _Standing],
    new: Mapping[str, _Standing],
) -> Iterator[tuple[str, Aside]]:
    """The measures of which it cannot be said what the change does, with all of their contest."""
    for unit in _units(old, new):
        pairs = [(old.get(id_, _NOWHERE), new.get(id_, _NOWHERE)) for id_ in unit]
        if any(
            isinstance(was.verdict, Conflict) != isinstance(is_.verdict, Conflict)
            for was, is_ in pairs
        ):
            yield from ((id_, Aside.CONFLICT) for id_ in unit)
        elif any(was.possible != is_.possible for was, is_ in pairs) or (
            _at_stake([was for was, _ in pairs]) != _at_stake([is_ for _, is_ in pairs])
        ):
            yield from ((id_, Aside.OPEN) for id_ in unit)
        elif not all(was.final and is_.final for was, is_ in pairs) and not _same_to_come(
            unit, before, after, old, new
        ):
            conflicts = any(isinstance(was.verdict, Conflict) for was, _ in pairs)
            aside = Aside.CONFLICT if conflicts else Aside.OPEN
            yield from ((id_, aside) for id_ in unit)


def _same_to_come(
    unit: Iterable[str],
    before: Outcome,
    after: Outcome,
    old: Mapping[str, _Standing],
    new: Mapping[str, _Standing],
) -> bool:
    """Whether what is open in a unit comes to the same under both, whatever is still missing."""
    unit = tuple(unit)
    sides = [[side[id_] for id_ in unit if id_ in side] for side in (old, new)]
    groups = [{each.contest[0] for each in side if each.contest is not None} for side in sides]
    if groups[0] != groups[1]:
        return False
    single = all(sum(not is_hopeless(each.alone) for each in side) < 2 for side in sides)
    for name in groups[0]:
        was, is_ = (residue_of_group(name, each, single=single) for each in (before, after))
        if was != is_:
            return False
    free = _counts_for_itself(sides, groups[0], after)
    return all(
        (free and old.get(id_, _NOWHERE).final and new.get(id_, _NOWHERE).final)
        or residue(id_, before) == residue(id_, after)
        for id_ in unit
    )


def _counts_for_itself(
    sides: Iterable[Iterable[_Standing]], groups: Collection[str], outcome: Outcome
) -> bool:
    """Whether a certain change in a unit stands, whatever becomes of what is open beside it.

    Its groups say the same under both, and what is at stake in it is the same.
    """
    sides = [tuple(side) for side in sides]
    if any(is_final(each.alone) and not is_final(each.verdict) for side in sides for each in side):
        return False
    bounded = not any(isinstance(_at_stake(side), float) for side in sides)
    return all(
        group.mode is StackingMode.ADDITIVE or (adds_up(group) and bounded)
        for group in outcome.policy.groups
        if group.name in groups
    )


def _units(old: Mapping[str, _Standing], new: Mapping[str, _Standing]) -> Iterable[tuple[str, ...]]:
    """The measures that compete with each other under either version; most stand by themselves."""
    units: dict[str, dict[str, None]] = {id_: {id_: None} for id_ in (*new, *old)}
    for side in (old, new):
        first: dict[tuple[str, str], str] = {}
        for id_, each in side.items():
            if each.contest is None:
                continue
            mine, theirs = units[id_], units[first.setdefault(each.contest, id_)]
            if mine is not theirs:
                theirs.update(mine)
                units.update(dict.fromkeys(mine, theirs))
    return {id(each): tuple(each) for each in units.values()}.values()


def _at_best(standing: Mapping[str, _Standing], ids: Iterable[str]) -> Bound:
    best: Bound = 0
    for id_ in ids:
        best = plus(best, standing.get(id_, _NOWHERE).best)
    return best


def _at_stake(members: Iterable[_Standing]) -> Bound:
    """What some measures together could still rise by."""
    best: Bound = 0
    granted: Bound = 0
    for each in members:
        best, granted = plus(best, each.best), plus(granted, (each.worth or Money()).high)
    return 0 if granted >= best else plus(best, -granted)


def _possible(verdict: Verdict) -> Bound:
    """What an open verdict could come to at most; nothing for any other."""
    match verdict:
        case Undetermined(amount=amount) | Referred(amount=amount) | Undecided(amount=amount):
            return amount.high or 0
        case _:
            return 0


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
    names = {each.id: each.name for each in (*old.measures, *new.measures)}
    order = dict.fromkeys([*(each.id for each in new.measures), *names])
    return Comparison(
        tuple(each.change for each in results),
        tuple(_measure_sum(id_, names[id_], results) for id_ in order),
        sum((each.change.counted[0] for each in results), Money()),
        sum((each.change.counted[1] for each in results), Money()),
    )


def _measure_sum(measure: str, name: str, results: Iterable[CaseResult]) -> MeasureSum:
    before = [money for each in results if (money := each.before.get(measure)) is not None]
    after = [money for each in results if (money := each.after.get(measure)) is not None]
    return MeasureSum(
        measure, name, len(before), len(after), sum(before, Money()), sum(after, Money())
    )


def _measure_changes(
    before: Outcome, after: Outcome, asides: Mapping[str, Aside]
) -> Iterator[MeasureChange]:
    old = {each.measure.id: each for each in before.measures}
    new = {each.measure.id: each for each in after.measures}
    for id_ in dict.fromkeys((*new, *old)):
        was, is_ = (
            ABSENT if each is None else spell(each.verdict) for each in (old.get(id_), new.get(id_))
        )
        name = (new.get(id_) or old[id_]).measure.name
        aside = asides.get(id_)
        if was != is_ and not {was, is_} <= _NOTHING:
            yield MeasureChange(id_, name, was, is_, aside)
        elif id_ in old and id_ in new:
            stakes = _possible(old[id_].verdict), _possible(new[id_].verdict)
            if stakes[0] == stakes[1] and aside is not None and not is_final(new[id_].verdict):
                yield MeasureChange(id_, name, was, is_, aside)
            elif stakes[0] != stakes[1]:
                told = (f"{was} {_at_most(stakes[0])}", f"{is_} {_at_most(stakes[1])}")
                yield MeasureChange(id_, name, *told, aside)


def _at_most(bound: Bound) -> str:
    if isinstance(bound, float):
        return word("amount.unbounded")
    return word("amount.at_most") + phrase_money(bound)


_NOTHING = frozenset({ABSENT, word("verdict.not_applicable"), word("verdict.refused")})
"""Spellings of which one gives as little as another: going from one to another touches nobody."""


def _turn(before: Money, after: Money, asides: frozenset[Aside], verdicts_differ: bool) -> Turn:
    rises = after.low > before.low or after.high > before.high
    falls = after.low < before.low or after.high < before.high
    if rises and falls:
        return Turn.MIXED
    if rises or falls:
        return Turn.MORE if rises else Turn.LESS
    if asides:
        return Turn.OPEN if Aside.OPEN in asides else Turn.CONFLICT
    return Turn.VERDICTS if verdicts_differ else Turn.SAME
