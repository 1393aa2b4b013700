"""``tiaoli test``: the golden cases of workbooks, against what they expect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from authoring.commands.answer import Answer, Code, UnusableError
from authoring.commands.golden import (
    CaseResult,
    ContestResult,
    Coverage,
    coverage,
    run_cases,
    run_contests,
)
from authoring.commands.loading import Book, aside_of, notices_of, open_book
from authoring.commands.simulate import expectation_line
from authoring.commands.terminal import counted, progress_over
from authoring.commands.words import say
from authoring.outcome_json import expectations_json, outcome_json
from authoring.render_terminal import render_measure, shown
from authoring.values_json import Json, place_json, policy_json
from engine.expectations import TOTAL
from engine.explain import explain
from engine.narrative import Narrative
from engine.simulate import build

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class BookResult:
    """How the cases of one workbook came out. Failing cases have their narratives."""

    book: Book
    results: tuple[CaseResult, ...]
    contests: tuple[ContestResult, ...]
    narratives: dict[str, Narrative]
    coverage: Coverage
    notice: str | None

    @property
    def failing(self) -> list[CaseResult]:
        """The cases that do not meet an expectation."""
        return [result for result in self.results if not result.passed]

    @property
    def contests_failing(self) -> list[ContestResult]:
        """The contests in which a case wins otherwise than expected."""
        return [contest for contest in self.contests if not contest.passed]


@dataclass(frozen=True, slots=True)
class Refused:
    """A workbook that cannot be used, and why."""

    path: str
    trouble: UnusableError


def answer(books: Sequence[str]) -> Answer:
    """Run the cases of some workbooks. NOT_MET when one fails; UNUSABLE when a workbook cannot be
    used, which takes nothing from the others.
    """
    if len(books) == 1:
        tried: list[BookResult | Refused] = [_run(open_book(books[0]))]
    else:
        tried = [_try(path) for path in books]
    ran = [each for each in tried if isinstance(each, BookResult)]
    refused = [each for each in tried if isinstance(each, Refused)]
    failed = any(each.failing or each.contests_failing for each in ran)
    notices = notices_of(next((each.notice for each in ran if each.notice), None))
    asides = [each.trouble.view for each in refused]
    if notice := aside_of((), notices):
        asides.append(notice)
    return Answer(
        Code.UNUSABLE if refused else Code.NOT_MET if failed else Code.FINE,
        lambda: {
            "format": "tiaoli-test/1",
            "passed": not failed and not refused,
            "books": [
                _json(each) if isinstance(each, BookResult) else _refused_json(each)
                for each in tried
            ],
        },
        Group(
            *(
                part
                for each in tried
                for part in (_view(each) if isinstance(each, BookResult) else _refused_view(each))
            )
        ),
        Group(*asides) if asides else None,
    )


def _try(path: str) -> BookResult | Refused:
    try:
        return _run(open_book(path))
    except UnusableError as trouble:
        return Refused(path, trouble)


def _run(book: Book) -> BookResult:
    with closing(build(book.policy)) as engine:
        with progress_over(len(book.golden_cases), say("test.progress")) as bar:
            results = tuple(counted(run_cases(engine, book.golden_cases), bar))
        return BookResult(
            book,
            results,
            tuple(run_contests(engine, book.golden_contests)),
            {
                result.golden.case.id: explain(result.outcome)
                for result in results
                if not result.passed
            },
            coverage(engine, results),
            engine.agenda.notice,
        )


def _json(ran: BookResult) -> Json:
    return {
        "book": ran.book.path,
        "policy": policy_json(ran.book.policy),
        "error": None,
        "cases": [
            {
                "id": result.golden.case.id,
                "name": result.golden.case.name,
                "place": place_json(result.golden.case.at),
                "expectations": len(result.golden.expectations),
                **expectations_json(result.unmet),
                "outcome": None
                if result.passed
                else outcome_json(result.outcome, ran.narratives[result.golden.case.id]),
            }
            for result in ran.results
        ],
        "contests": [
            {
                "id": contest.golden.id,
                "selection": contest.golden.selection,
                "cases": len(contest.golden.places),
                "open": [
                    {"case": gap.case, "missing": list(gap.fields)} for gap in contest.result.open
                ],
                "tied": list(_tied(contest)),
                "unmet": [
                    {
                        "case": each.expected.case.id,
                        "place": place_json(each.expected.at),
                        "expected": each.expected.tier,
                        "actual": each.actual,
                    }
                    for each in contest.misplaced
                ],
            }
            for contest in ran.contests
        ],
        "coverage": {
            "rules": ran.coverage.rules,
            "fired": ran.coverage.fired,
            "never": [
                {"rule": rule.id, "place": place_json(rule.at)} for rule in ran.coverage.never
            ],
        },
    }


def _refused_json(refused: Refused) -> Json:
    return {
        "book": refused.path,
        "policy": None,
        "error": refused.trouble.data,
        "cases": [],
        "contests": [],
        "coverage": None,
    }


def _refused_view(refused: Refused) -> Iterator[RenderableType]:
    yield shown(refused.path, "dim")
    yield Text(say("test.refused"), "bold red")
    yield Text()


def _view(ran: BookResult) -> Iterator[RenderableType]:
    yield shown(ran.book.policy.title, "bold")
    yield shown(ran.book.path, "dim")
    if not ran.results and not ran.contests:
        yield Text(say("test.no_cases"), "yellow")
        yield Text()
        return
    for result in ran.failing:
        yield from _failing(result, ran.narratives[result.golden.case.id])
    failed = len(ran.failing)
    style = "bold red" if failed else "bold green"
    passed = len(ran.results) - failed
    yield Text(say("test.counts", cases=len(ran.results), passed=passed, failed=failed), style)
    for contest in ran.contests_failing:
        yield from _astray(contest)
    if ran.contests:
        astray = len(ran.contests_failing)
        good = len(ran.contests) - astray
        told = say("test.contests", contests=len(ran.contests), passed=good, failed=astray)
        yield Text(told, "bold red" if astray else "bold green")
    for contest in ran.contests:
        if tied := _tied(contest):
            golden, cases = contest.golden, "、".join(tied)
            told = say("test.tied", selection=golden.selection, id=golden.id, cases=cases)
            yield shown(told, "yellow")
    yield _coverage(ran.coverage)
    yield Text()


def _tied(contest: ContestResult) -> tuple[str, ...]:
    """The cases in a tie that the tie-break leaves."""
    return tuple(entry.case for entry in contest.result.entries if entry.tied)


def _astray(contest: ContestResult) -> Iterator[RenderableType]:
    """A contest that did not come out as expected, case by case."""
    golden = contest.golden
    yield shown(say("test.contest", selection=golden.selection, id=golden.id), "bold red")
    if contest.result.open:
        yield shown(say("test.contest_open"))
        for gap in contest.result.open:
            fields = "、".join(gap.fields) or say("test.gap_other")
            if gap.case is None:
                yield shown(say("test.gap_base", fields=fields))
            else:
                yield shown(say("test.gap", case=gap.case, fields=fields))
        return
    for each in contest.misplaced:
        expected, actual = (
            tier or say("test.nothing") for tier in (each.expected.tier, each.actual)
        )
        case = each.expected.case
        told = say("test.misplaced", case=case.id, expected=expected, actual=actual)
        yield shown(f"{told}　{each.expected.at or ''}")


def _failing(result: CaseResult, narrative: Narrative) -> Iterator[RenderableType]:
    case = result.golden.case
    yield Text()
    heading = shown(say("test.failing", id=case.id, name=case.name), "bold red")
    if case.at is not None:
        heading.append_text(shown(f"　{case.at}", "dim"))
    yield heading
    yield from map(expectation_line, result.unmet)
    targets = dict.fromkeys(each.expectation.target for each in result.unmet)
    yield Padding(Text(say("test.proof"), "dim"), (0, 0, 0, 2), expand=False)
    for target in targets:
        if target.startswith(TOTAL):
            yield Padding(_counted(target, narrative), (0, 0, 0, 2), expand=False)
    for measure in narrative.measures:
        if measure.id in targets:
            yield Padding(
                Group(*render_measure(measure, narrative.derivations)), (0, 0, 0, 2), expand=False
            )
    yield Text()


def _counted(target: str, narrative: Narrative) -> Text:
    """The granted measures that a total is made of."""
    _, _, beneficiary = target.partition("·")
    members = [
        say("test.counted", id=measure.id, name=measure.name, amount=measure.amount)
        for measure in narrative.measures
        if measure.verdict == "granted"
        and measure.amount_lines
        and beneficiary in ("", measure.beneficiary)
    ]
    made_of = "；".join(members) or say("test.counted_none")
    return shown(say("test.total", target=target, members=made_of))


def _coverage(covered: Coverage) -> Text:
    text = Text(say("test.coverage", rules=covered.rules, fired=covered.fired))
    if covered.never:
        names = "、".join(rule.id for rule in covered.never[:MOST_NAMED])
        key = "test.never" if len(covered.never) <= MOST_NAMED else "test.never_more"
        told = say(key, count=len(covered.never), rules=names)
        text.append_text(shown(told, "yellow"))
    return text
