"""A workbook examined: what is wrong with it, how its own cases come out, copies that say so.

Pure: contents in, contents out. The command line and the pages both stand on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from authoring.annotate import annotate
from authoring.commands.golden import CaseResult, ContestResult, run_cases, run_contests
from authoring.mend import Mend
from authoring.messages import text
from authoring.readings import Reading, readings_of
from authoring.remarks import Annotations, Remark, remark_of
from authoring.understand import Understanding
from authoring.workbook import Sheet
from engine.cells import Place
from engine.collector import uncollected
from engine.findings import Severity
from engine.simulate import Engine

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Golden:
    """How the golden cases and contests of a workbook came out."""

    cases: tuple[CaseResult, ...]
    contests: tuple[ContestResult, ...]

    @property
    def unmet(self) -> int:
        """How many do not come out as they say."""
        astray = sum(not case.passed for case in self.cases)
        return astray + sum(not contest.passed for contest in self.contests)

    @property
    def passed(self) -> bool:
        """Whether all of them came out as they say."""
        return not self.unmet


NO_GOLDEN = Golden((), ())


def run_golden(
    engine: Engine, understanding: Understanding, tell: Callable[[int, int], None]
) -> Golden:
    """Run the golden cases and contests; ``tell`` hears how many of how many are done."""
    cases, contests = understanding.golden_cases, understanding.golden_contests
    total = len(cases) + len(contests)

    def told(results: Iterable[Result], before: int = 0) -> Iterator[Result]:
        for done, result in enumerate(results, start=before + 1):
            tell(done, total)
            yield result

    ran = tuple(told(run_cases(engine, cases)))
    return Golden(ran, tuple(told(run_contests(engine, contests), len(cases))))


def remarks_of(understanding: Understanding, golden: Golden) -> tuple[Remark, ...]:
    """All that there is to say, in words: findings, then cases that did not come out."""
    findings = map(remark_of, understanding.findings)
    return (*findings, *_unmet(golden.cases), *_misplaced(golden.contests))


def cell_readings(sheets: Sequence[Sheet], understanding: Understanding) -> tuple[Reading, ...]:
    """How the cells of a workbook were understood, in their order."""
    order = {sheet.name: number for number, sheet in enumerate(sheets)}
    found = () if understanding.draft is None else readings_of(understanding.draft)
    return tuple(sorted(found, key=lambda one: (order.get(one.at.sheet, 0), one.at)))


@uncollected()
def annotated_copy(
    content: bytes,
    sheets: Sequence[Sheet],
    understanding: Understanding,
    golden: Golden = NO_GOLDEN,
    *,
    show_readings: bool = False,
    mends: Sequence[Mend] = (),
) -> bytes:
    """The workbook with all that a check says of it.

    Raises:
        UnreadablePartError: the file can be read, but not changed.
    """
    annotations = Annotations(
        remarks_of(understanding, golden),
        cell_readings(sheets, understanding),
        show_readings,
        tuple((each.at, each.before, each.after, reason_of(each)) for each in mends),
    )
    return annotate(content, sheets, annotations)


def reason_of(each: Mend) -> str:
    """Why a cell was mended."""
    return "；".join(text(f"mend.{why}") for why in each.why)


def _unmet(cases: Sequence[CaseResult]) -> Iterator[Remark]:
    for result in cases:
        for unmet in result.unmet:
            message = text(
                "annotate.unmet_message",
                id=result.golden.case.id,
                target=unmet.expectation.target,
                expected=unmet.expected,
                actual=unmet.actual,
            )
            yield _case_remark(message, unmet.expectation.at or result.golden.case.at)


def _misplaced(contests: Sequence[ContestResult]) -> Iterator[Remark]:
    nothing, undecided = text("annotate.nothing"), text("annotate.undecided")
    for result in contests:
        for each in result.misplaced:
            message = text(
                "annotate.misplaced_message",
                id=each.expected.case.id,
                expected=each.expected.tier or nothing,
                actual=undecided if each.actual is None else each.actual or nothing,
            )
            yield _case_remark(message, each.expected.at)


def _case_remark(message: str, at: Place | None) -> Remark:
    label, help_ = text("annotate.unmet"), text("annotate.unmet_help")
    return Remark(label, Severity.ERROR, message, help_, at)
