"""``tiaoli check``: is a workbook understood, and true to its own cases?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from authoring.commands.answer import Answer, Code
from authoring.commands.copies import (
    Mended,
    Wishes,
    annotated_view,
    check_wishes,
    copies_json,
    count_fixable,
    make_annotated,
    make_mended,
    mends_view,
    readings_view,
    write_copy,
)
from authoring.commands.findings import render
from authoring.commands.golden import CaseResult, run_cases, run_contests
from authoring.commands.loading import Reading, read_workbook, reread
from authoring.commands.simulate import expectation_line
from authoring.commands.terminal import counted, progress_over
from authoring.commands.words import say
from authoring.examination import Golden
from authoring.outcome_json import expectations_json, findings_json
from authoring.render_findings import summary
from authoring.render_terminal import shown
from authoring.values_json import Object, place_json, policy_json
from engine.findings import Severity
from engine.simulate import build

NO_WISHES = Wishes()


def answer(path: str, strict: bool, wishes: Wishes = NO_WISHES) -> Answer:
    """Check a workbook; NOT_MET with errors, failing cases, and (``strict``) warnings.

    Where a mended copy was wished for, it is the copy that is checked.
    """
    check_wishes(path, wishes)
    reading = read_workbook(path)
    mended = make_mended(reading) if wishes.fix is not None else None
    if mended is not None:
        reading = reread(path, mended.content)
    golden = _run(reading)
    counts = Counter(finding.severity for finding in reading.understanding.findings)
    failing = golden is not None and not golden.passed
    bad = counts[Severity.ERROR] > 0 or failing or (strict and counts[Severity.WARNING] > 0)
    _write_copies(reading, golden, wishes, mended)
    fixable = 0 if wishes.fix is not None else count_fixable(reading)
    return Answer(
        Code.NOT_MET if bad else Code.FINE,
        lambda: (
            _json(reading, counts, golden, passed=not bad) | copies_json(reading, wishes, mended)
        ),
        Group(
            *(mends_view(wishes, mended) if mended is not None else ()),
            *(readings_view(reading) if wishes.readings and wishes.annotate is None else ()),
            *_view(reading, counts, golden, strict),
            *_fixable(fixable),
            *_annotated(wishes, bool(counts) or failing or bool(mended and mended.mends)),
        ),
    )


def _write_copies(
    reading: Reading, golden: Golden | None, wishes: Wishes, mended: Mended | None
) -> None:
    """Make all copies before any is written."""
    copies: list[tuple[str, bytes]] = []
    if wishes.fix is not None and mended is not None:
        copies.append((wishes.fix, mended.content))
    if wishes.annotate is not None:
        cases, contests = (golden.cases, golden.contests) if golden else ((), ())
        content = make_annotated(reading, mended, cases, contests, wishes.readings)
        copies.append((wishes.annotate, content))
    for out, content in copies:
        write_copy(out, content)


def _annotated(wishes: Wishes, anything: bool) -> Iterator[RenderableType]:
    if wishes.annotate is not None:
        yield annotated_view(wishes.annotate, anything, wishes.readings)


def _run(reading: Reading) -> Golden | None:
    """The golden cases and contests; None when errors keep them from being run."""
    understanding = reading.understanding
    if understanding.policy is None:
        return None
    cases = understanding.golden_cases
    if not cases and not understanding.golden_contests:
        return Golden((), ())
    with (
        closing(build(understanding.policy)) as engine,
        progress_over(len(cases), say("check.progress")) as bar,
    ):
        return Golden(
            tuple(counted(run_cases(engine, cases), bar)),
            tuple(run_contests(engine, understanding.golden_contests)),
        )


def _json(
    reading: Reading,
    counts: Counter[Severity],
    golden: Golden | None,
    passed: bool,
) -> Object:
    policy = reading.understanding.policy
    return {
        "format": "tiaoli-check/1",
        "book": reading.path,
        "policy": None if policy is None else policy_json(policy),
        "passed": passed,
        "counts": {str(severity): counts[severity] for severity in Severity},
        "findings": findings_json(reading.understanding.findings),
        "cases": None
        if golden is None
        else {
            "count": len(golden.cases),
            "passed": sum(result.passed for result in golden.cases),
            "failing": [
                {
                    "id": result.golden.case.id,
                    "name": result.golden.case.name,
                    "place": place_json(result.golden.case.at),
                    **expectations_json(result.unmet),
                }
                for result in golden.cases
                if not result.passed
            ],
        },
        "contests": None
        if golden is None
        else {
            "count": len(golden.contests),
            "passed": sum(contest.passed for contest in golden.contests),
            "failing": [each.golden.id for each in golden.contests if not each.passed],
        },
    }


def _view(
    reading: Reading,
    counts: Counter[Severity],
    golden: Golden | None,
    strict: bool,
) -> Iterator[RenderableType]:
    findings = reading.understanding.findings
    if findings:
        yield render(findings, reading.sheets)
    for result in () if golden is None else golden.cases:
        if not result.passed:
            yield from _failing(result)
    failing = golden is not None and not golden.passed
    if failing:
        yield shown(say("check.see_test", book=reading.path), "dim")
        yield Text()
    policy = reading.understanding.policy
    if policy is not None:
        yield shown(policy.title, "bold")
    yield Text(summary(findings))
    yield from _golden(golden)
    if counts[Severity.ERROR]:
        yield Text(say("check.verdict_errors"), "bold red")
    elif failing:
        yield Text(say("check.verdict_failing"), "bold red")
    elif strict and counts[Severity.WARNING]:
        yield Text(say("check.verdict_warnings"), "bold yellow")
    else:
        yield Text(say("check.verdict_fine"), "bold green")


def _fixable(count: int) -> Iterator[RenderableType]:
    if count:
        yield shown(say("check.fixable", count=count))


def _failing(result: CaseResult) -> Iterator[RenderableType]:
    case = result.golden.case
    heading = say("check.failing", id=case.id, name=case.name, count=len(result.unmet))
    yield shown(heading, "bold red")
    yield Padding(Group(*map(expectation_line, result.unmet)), (0, 0, 1, 0), expand=False)


def _golden(golden: Golden | None) -> Iterator[Text]:
    if golden is None:
        yield Text(say("check.cases_not_run"), "yellow")
        return
    if not golden.cases:
        yield Text(say("check.no_cases"), "yellow")
    for key, results in (("check.cases", golden.cases), ("check.contests", golden.contests)):
        passed = sum(result.passed for result in results)
        failed = len(results) - passed
        if results:
            told = say(key, count=len(results), passed=passed, failed=failed)
            yield Text(told, "red" if failed else "green")
