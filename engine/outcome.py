"""What a simulation answers: one verdict for each measure, its amount, and the totals.

Amounts are in fen. An end of an amount that is infinite is unbounded (不封顶).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import NamedTuple, TypeAlias

from engine.cases import Case
from engine.model import Measure, Policy, Rule, StackingGroup
from engine.values import Bound, Number, Value
from engine.worked import Worked


class Certainty(StrEnum):
    """性质 of an amount."""

    DEFINITE = "definite"
    CEILING = "ceiling"
    INTERVAL = "interval"
    DISCRETIONARY = "discretionary"
    BY_REGULATION = "by_regulation"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Amount:
    """From ``low`` to ``high`` fen. Both None when the measure names no number."""

    low: Bound | None
    high: Bound | None
    certainty: Certainty

    @property
    def counts(self) -> bool:
        """Whether there is a number to add up and to compare."""
        return self.high is not None


class Absence(StrEnum):
    """Why a measure is 不适用."""

    POLICY_NOT_IN_FORCE = "policy_not_in_force"
    RULES_NOT_IN_FORCE = "rules_not_in_force"
    EVENT_OUTSIDE_POLICY = "event_outside_policy"
    SUBJECT_ABSENT = "subject_absent"


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """不适用."""

    reason: Absence


@dataclass(frozen=True, slots=True)
class Conflict:
    """规则冲突: the rules whose conclusions exclude each other."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """不符合: every row is false, or a row that stands before it in a 首个 table holds."""

    nearest: Rule


@dataclass(frozen=True, slots=True)
class Undetermined:
    """待补充: the missing input fields, and the amount that remains possible."""

    missing: tuple[str, ...]
    amount: Amount


@dataclass(frozen=True, slots=True)
class Referred:
    """需人工判断: the blank judgements (none when the amount itself is 一事一议)."""

    judgements: tuple[str, ...]
    amount: Amount


class NothingLeft(Enum):
    """What leaves nothing of a measure in its group when no other measure does."""

    EARLIER_AWARD = "earlier_award"
    """已享受处理 is 不再享受, and something was received before."""
    JOINT_CAP = "joint_cap"
    """合计封顶 is nothing."""


@dataclass(frozen=True, slots=True)
class Displaced:
    """就高不重复: by which measure, or else by what; and the amount that is forgone."""

    by: str | NothingLeft
    amount: Amount


@dataclass(frozen=True, slots=True)
class Undecided:
    """同类未决: members of a group that cannot be compared; ``amount`` is the group's range."""

    candidates: tuple[str, ...]
    amount: Amount


@dataclass(frozen=True, slots=True)
class Granted:
    """可享受."""

    rules: tuple[Rule, ...]
    amount: Amount


Verdict: TypeAlias = (
    NotApplicable | Conflict | Refused | Undetermined | Referred | Displaced | Undecided | Granted
)


@dataclass(frozen=True, slots=True)
class Total:
    """What is granted: between ``low`` and ``high``, of which ``certain`` is definite.

    ``uncounted`` granted items have no number (按有关规定, honours, services).
    ``at_stake`` is what undetermined, referred and undecided items could add at most.
    """

    low: Bound
    high: Bound
    certain: Bound
    uncounted: int
    at_stake: Bound


@dataclass(frozen=True, slots=True)
class Settlement:
    """How one group was settled for one beneficiary (or across them): a step of the proof.

    ``competitors`` are the granted members with what each would be worth alone, ``standing`` those
    that count; ``received`` is what earlier awards took off, in fen.
    """

    group: StackingGroup
    competitors: tuple[tuple[str, Amount], ...]
    standing: tuple[str, ...]
    received: Number | None = None


class Payment(NamedTuple):
    """One instalment of what is granted: its name and share, and from what to what it comes."""

    label: str
    share: Number
    low: Bound
    high: Bound


class MeasureOutcome(NamedTuple):
    """One measure on one case: the verdict, the verdict before groups, and the group's step.

    ``payments`` are the instalments of a granted measure with a payment plan (分期).
    """

    measure: Measure
    verdict: Verdict
    alone: Verdict
    settlement: Settlement | None = None
    payments: tuple[Payment, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One fact to change, from what it is (None: not given) to what would do."""

    field: str
    before: Value | None
    after: Value


@dataclass(frozen=True, slots=True)
class Repair:
    """What would turn a refusal: changes that the project makes, and judgements to be made anew.

    ``verdict`` is what the measure alone would then come to, ``settled`` what its same-kind group
    would make of that, the other measures being as they are. ``lost`` are the measures of the same
    table that would no longer be granted, with what they are worth. ``near``: 差一点.
    """

    changes: tuple[Change, ...]
    judgements: tuple[Change, ...]
    verdict: Granted | Referred
    settled: Verdict
    lost: tuple[tuple[str, Amount], ...]
    near: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one case, with all that proves it.

    ``log`` names the rules of the agenda in the order in which they fired; ``derived`` holds the
    value of each derived field (None: unknown); ``totals`` stand by beneficiary. ``kept`` is what
    ``engine.settle.surely_kept`` says. ``repairs`` keeps what ``engine.repair`` found, by measure;
    ask it, not the outcome.
    """

    policy: Policy
    fingerprint: str
    case: Case
    measures: tuple[MeasureOutcome, ...]
    derived: Mapping[str, Value | None]
    totals: Mapping[str, Total]
    total: Total
    log: tuple[int, ...]
    worked: Worked
    kept: Mapping[str, Bound]
    repairs: dict[str, Repair | None] = field(default_factory=dict, compare=False, repr=False)
