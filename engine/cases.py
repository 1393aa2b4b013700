"""A case: a dated description of a project; with expectations it is a golden case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from engine.cells import Place
from engine.values import Bound, Value

Facts: TypeAlias = Mapping[str, Value | None]
"""Values by field name. A name that is absent, or maps to None, is missing."""


@dataclass(frozen=True, slots=True)
class Case:
    """用例: what is known of a project on a reference date (基准日期).

    ``subjects`` (涉及主体) are those that the case involves; None means all.
    """

    id: str
    name: str
    date: date
    facts: Facts
    subjects: frozenset[str] | None = None
    at: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a golden case says of one measure, or of a total, in one cell.

    ``target`` is a 支持项编号, ``合计`` or ``合计·<受益主体>``. ``verdict`` is None for a total.
    ``low`` and ``high`` are fen, ``high`` infinite for 不封顶; None where the cell gives no amount.
    ``certainty`` is the kind of amount that the cell names (上限, 区间), ``missing`` the fields,
    ``by`` the displacing measure.
    """

    target: str
    text: str
    verdict: str | None = None
    low: int | None = None
    high: Bound | None = None
    certainty: str | None = None
    missing: tuple[str, ...] = ()
    by: str | None = None
    at: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """A case with its expected outcome."""

    case: Case
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class ExpectedPlace:
    """One case in a golden contest, and the tier that it should win.

    ``tier`` is "" for one that should win nothing, None where nothing is expected.
    """

    case: Case
    tier: str | None
    at: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class GoldenContest:
    """评选用例: the cases of one run (场次) of a selection, with the expected winners."""

    id: str
    selection: str
    places: tuple[ExpectedPlace, ...]
