"""``tiaoli check``: is a workbook understood, without contradictions, and true to its own cases?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from authoring.commands.answer import Answer, Code
from authoring.commands.findings import findings_json, render
from authoring.commands.golden import CaseResult, run_cases
from authoring.commands.loading import Reading, read_workbook
from authoring.commands.simulate import expectation_line
from authoring.commands.terminal import counted, progress_over
from authoring.commands.words import say
from authoring.outcome_json import Json, expectations_json, place_json
from authoring.render_findings import summary
from authoring.render_terminal import shown
from engine.findings import Severity
from engine.fingerprint import fingerprint
from engine.simulate import build


def answer(path: str, strict: bool) -> Answer:
    """Check a workbook; NOT_MET with errors, failing cases, and (``strict``) warnings."""
    reading = read_workbook(path)
    results = _run(reading)
    counts = Counter(finding.severity for finding in reading.understanding.findings)
    failing = results is not None and not all(result.passed for result in results)
    bad = counts[Severity.ERROR] > 0 or failing or (strict and counts[Severity.WARNING] > 0)
    return Answer(
        Code.NOT_MET if bad else Code.FINE,
        _json(reading, counts, results, passed=not bad),
        Group(*_view(reading, counts, results, strict)),
    )


def _run(reading: Reading) -> tuple[CaseResult, ...] | None:
    """The golden cases as they came out; None when errors keep them from being run."""
    understanding = reading.understanding
    if understanding.policy is None:
        return None
    cases = understanding.golden_cases
    with (
        closing(build(understanding.policy)) as engine,
        progress_over(len(cases), say("check.progress")) as bar,
    ):
        return tuple(counted(run_cases(engine, cases), bar))


def _json(
    reading: Reading,
    counts: Counter[Severity],
    results: tuple[CaseResult, ...] | None,
    passed: bool,
) -> Json:
    policy = reading.understanding.policy
    return {
        "format": "tiaoli-check/1",
        "book": reading.path,
        "policy": None
        if policy is None
        else {"id": policy.id, "title": policy.title, "fingerprint": fingerprint(policy)},
        "passed": passed,
        "counts": {str(severity): counts[severity] for severity in Severity},
        "findings": findings_json(reading.understanding.findings),
        "cases": None
        if results is None
        else {
            "count": len(results),
            "passed": sum(result.passed for result in results),
            "failing": [
                {
                    "id": result.golden.case.id,
                    "name": result.golden.case.name,
                    "place": place_json(result.golden.case.at),
                    **expectations_json(result.unmet),
                }
                for result in results
                if not result.passed
            ],
        },
    }


def _view(
    reading: Reading,
    counts: Counter[Severity],
    results: tuple[CaseResult, ...] | None,
    strict: bool,
) -> Iterator[RenderableType]:
    findings = reading.understanding.findings
    if findings:
        yield render(findings, reading.sheets)
    failing = [result for result in results or () if not result.passed]
    for result in failing:
        yield from _failing(result)
    if failing:
        yield shown(say("check.see_test", book=reading.path), "dim")
        yield Text()
    policy = reading.understanding.policy
    if policy is not None:
        yield shown(policy.title, "bold")
    yield Text(summary(findings))
    yield _cases(results)
    if counts[Severity.ERROR]:
        yield Text(say("check.verdict_errors"), "bold red")
    elif failing:
        yield Text(say("check.verdict_failing"), "bold red")
    elif strict and counts[Severity.WARNING]:
        yield Text(say("check.verdict_warnings"), "bold yellow")
    else:
        yield Text(say("check.verdict_fine"), "bold green")


def _failing(result: CaseResult) -> Iterator[RenderableType]:
    case = result.golden.case
    heading = say("check.failing", id=case.id, name=case.name, count=len(result.unmet))
    yield shown(heading, "bold red")
    yield Padding(Group(*map(expectation_line, result.unmet)), (0, 0, 1, 0), expand=False)


def _cases(results: tuple[CaseResult, ...] | None) -> Text:
    if results is None:
        return Text(say("check.cases_not_run"), "yellow")
    if not results:
        return Text(say("check.no_cases"), "yellow")
    passed = sum(result.passed for result in results)
    failed = len(results) - passed
    return Text(
        say("check.cases", cases=len(results), passed=passed, failed=failed),
        "red" if failed else "green",
    )
