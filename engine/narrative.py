"""The explained answer as data: sentences and tables in Chinese, free of any renderer.

``engine.explain`` writes it; the terminal, the page and the documents only lay it out. Nothing
in it is escaped, because only a renderer knows for what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.truth import Truth
from engine.values import Bound


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One line of the proof: 判定 | 条件 | 政策要求 | 本项目 | 出处.

    ``depth`` indents it. ``muted``: another branch already decided, so that this line does not
    matter. ``distance`` is what a failed test lacks. ``behind`` names the derived facts that are
    tested here; the narrative holds their ``derivations``. ``blank`` says why a fact that nobody
    gave comes out as it does.
    """

    depth: int
    truth: Truth
    condition: str
    requirement: str
    actual: str
    distance: str
    place: str
    muted: bool = False
    behind: tuple[str, ...] = ()
    blank: str = ""


@dataclass(frozen=True, slots=True)
class RuleBlock:
    """One rule and how its conditions came out; ``outcome`` says what it concluded, or why not.

    ``firing`` is its step in the agenda's log, counted from 1; None when it did not fire.
    """

    rule: str
    title: str
    truth: Truth
    outcome: str
    provision: str
    quote: str
    place: str
    firing: int | None
    lines: tuple[ConditionLine, ...]


@dataclass(frozen=True, slots=True)
class AmountLine:
    """One step of 金额怎么算: what is done, the formula, and the value after it.

    ``low`` and ``high`` are the value in fen; None where there is no number.
    """

    label: str
    formula: str
    value: str
    place: str = ""
    low: Bound | None = None
    high: Bound | None = None


@dataclass(frozen=True, slots=True)
class GivenLine:
    """One fact as the case gives it; ``source`` where it is no plain report of the project."""

    field: str
    value: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class MissingLine:
    """One missing fact: which measures hang on it, and how much money at most."""

    field: str
    stake: str
    measures: tuple[str, ...]
    hint: str = ""


@dataclass(frozen=True, slots=True)
class TotalLine:
    """A total of one beneficiary (or over all): every text ready to show."""

    beneficiary: str
    total: str
    certain: str
    uncounted: str
    at_stake: str


@dataclass(frozen=True, slots=True)
class MeasureNarrative:
    """One measure, explained.

    ``verdict`` is the key of the verdict (``granted`` …), ``verdict_word`` its name in Chinese.
    ``repair`` says what to change, what must be judged and what is lost by it, one line each;
    ``repair_gain`` what the measure would then be worth, ``repair_fields`` which facts change.
    ``near_miss``: it is 差一点.
    """

    id: str
    name: str
    beneficiary: str
    form: str
    verdict: str
    verdict_word: str
    headline: str
    amount: str
    provision: str
    provision_title: str
    provision_text: str
    quote: str
    department: str
    rules: tuple[RuleBlock, ...]
    amount_lines: tuple[AmountLine, ...]
    group_lines: tuple[str, ...]
    missing: tuple[str, ...]
    near_miss: bool
    repair: tuple[str, ...]
    repair_gain: str
    repair_fields: tuple[str, ...]
    evidence: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Narrative:
    """A whole answer, explained. ``counts`` maps each verdict's key to its number of measures.

    ``derivations`` holds, for each derived fact, the rules that made it, or could have. ``given``
    are the facts of the case, and ``subjects`` whom it is about, empty for everybody.
    """

    policy_title: str
    policy_id: str
    fingerprint: str
    case_name: str
    date: str
    total: TotalLine
    totals: tuple[TotalLine, ...]
    counts: dict[str, int]
    missing: tuple[MissingLine, ...]
    group_lines: tuple[str, ...]
    measures: tuple[MeasureNarrative, ...]
    derivations: Mapping[str, tuple[RuleBlock, ...]]
    given: tuple[GivenLine, ...] = ()
    subjects: tuple[str, ...] = ()
