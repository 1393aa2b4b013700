"""The results of a list of projects as an .xlsx to hand on: whose answer it is, and what came out.

One row a project; verdict by verdict, and the rows as they were uploaded, on sheets of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from authoring.cases import CaseFile
from authoring.contest_words import lines_of
from authoring.messages import text
from authoring.money import in_wan, phrase_aside, phrase_sum
from authoring.projects import RowError, row_errors, row_warnings
from authoring.shelves import SHELVES
from authoring.write_book import Content, Table, write_tables
from engine.cases import Case
from engine.fingerprint import fingerprint
from engine.model import Measure, Policy
from engine.portfolio import NEAR, MeasureResult, Money, PortfolioTotals, ProjectResult
from engine.selection import SelectionResult

_WHO = ("source", "number", "name")
_ERRORS = ("row", "column", "written", "problem", "remedy")
_CONTESTS = ("contest", "won", "number", "name", "source", "rank", "score", "tie", "why")


def results_book(
    policy: Policy,
    file: CaseFile,
    projects: Sequence[ProjectResult],
    totals: PortfolioTotals,
    contests: Sequence[SelectionResult] = (),
    *,
    name: str,
    made_on: date,
) -> bytes:
    """The results as an .xlsx; ``name`` is that of the list, ``made_on`` the day of the results."""
    tables = {
        "results": Table(_result_heads(), list(_result_rows(policy, projects)), len(_WHO)),
        "by_measure": Table(_measure_heads(), list(_measure_rows(totals)), 2),
        "one_by_one": Table(_verdict_heads(policy), list(_verdict_rows(policy, projects)), 3),
    }
    if contests:
        rows = list(_contest_rows(policy, file, projects, contests))
        tables["contests"] = Table(_named(_CONTESTS), rows)
    for sheet, told in (("errors", row_errors(file)), ("warnings", row_warnings(file))):
        if told:
            tables[sheet] = Table(_named(_ERRORS), list(map(_error_row, told)))
    heads, sources = _source_rows(file)
    if heads:
        rows = [[number, *row] for number, row in sources.items()]
        tables["given"] = Table([text("projects.source"), *heads], rows, min(len(heads), 2) + 1)
    above = _above(policy, file, projects, totals, name, made_on)
    named = {text(f"projects.{key}"): table for key, table in tables.items()}
    return write_tables(named, above, text("report.page", page="&P", pages="&N"))


def _above(
    policy: Policy,
    file: CaseFile,
    projects: Sequence[ProjectResult],
    totals: PortfolioTotals,
    name: str,
    made_on: date,
) -> tuple[str, ...]:
    """What stands above the headings of every sheet: whose answer this is."""
    read, done = len(file.readings), len(projects)
    stake = totals.money.at_stake
    aside = text("projects.aside", stake=phrase_aside(stake, totals.money)) if stake else ""
    return (
        text("projects.title", policy=policy.title),
        text(
            "projects.subtitle",
            list=name,
            made_on=made_on.isoformat(),
            policy_id=policy.id,
            fingerprint=fingerprint(policy),
        ),
        text(
            "projects.summary",
            read=read,
            done=done,
            wrong=read - done,
            total=phrase_sum(totals.money),
            aside=aside,
        ),
    )


def _named(keys: Iterable[str]) -> list[str]:
    return [text(f"projects.{key}") for key in keys]


def _error_row(each: RowError) -> list[Content]:
    return [each.row, each.column, each.written, each.problem, each.remedy]


# --- one row a project ----------------------------------------------------------------------------


def _result_heads() -> list[str]:
    return [
        *_named((*_WHO, "date", "certain", "low", "high", "at_stake")),
        *(text("projects.count", verdict=_shelf(each)) for each in SHELVES),
        *_named(("granted", "near")),
    ]


def _result_rows(policy: Policy, projects: Sequence[ProjectResult]) -> Iterator[list[Content]]:
    for each in projects:
        counts = each.counts
        yield [
            *_row_of(each.case),
            each.case.date.isoformat(),
            *_three(each.total),
            in_wan(each.total.at_stake),
            *(counts[shelf] for shelf in SHELVES),
            _those(policy, each, "granted"),
            _those(policy, each, NEAR),
        ]


def _row_of(case: Case) -> list[Content]:
    return ["" if case.at is None else case.at.cell.row, case.id, case.name]


def _those(policy: Policy, project: ProjectResult, shelf: str) -> str:
    """The measures of a shelf, by number and name."""
    found = (each for each in policy.measures if project.measures[each.id].shelf == shelf)
    return text("report.named_and").join(map(_name, found))


def _name(measure: Measure) -> str:
    return text("projects.measure", id=measure.id, name=measure.name)


def _shelf(shelf: str) -> str:
    return text(f"page-shelf.{shelf}")


def _verdict_heads(policy: Policy) -> list[str]:
    return [*_named(_WHO), *map(_name, policy.measures)]


def _verdict_rows(policy: Policy, projects: Sequence[ProjectResult]) -> Iterator[list[Content]]:
    for each in projects:
        verdicts = (each.measures[measure.id] for measure in policy.measures)
        yield [*_row_of(each.case), *map(_verdict, verdicts)]


def _verdict(result: MeasureResult) -> str:
    return _shelf(NEAR) if result.near else result.text


def _source_rows(file: CaseFile) -> tuple[list[str], dict[int, list[str]]]:
    """The headings of the uploaded list, and its rows as they were written, by their numbers."""
    head = file.headings
    sheet = next((each for each in file.sheets if head and each.name == head.sheet), None)
    if sheet is None or head is None:
        return [], {}
    rows: dict[int, dict[int, str]] = {}
    for (row, column), cell in sheet.cells.items():
        rows.setdefault(row, {})[column] = cell.text or cell.formula
    headings = rows.get(head.row, {})
    columns = sorted(headings)
    heads = [headings[column] for column in columns]
    found = {
        row: [cells.get(column, "") for column in columns]
        for row, cells in rows.items()
        if row > head.row
    }
    return heads, found


# --- sums and contests ----------------------------------------------------------------------------


def _measure_heads() -> list[str]:
    return [
        *_named(("measure_id", "measure_name", "beneficiary")),
        *(text("projects.projects", verdict=_shelf(each)) for each in SHELVES),
        *_named(("certain", "low", "high", "stake_alone")),
    ]


def _measure_rows(totals: PortfolioTotals) -> Iterator[list[Content]]:
    for each in totals.measures:
        yield [
            each.measure,
            each.name,
            each.beneficiary,
            *(each.counts[shelf] for shelf in SHELVES),
            *_three(each.money),
            in_wan(each.money.at_stake),
        ]


def _contest_rows(
    policy: Policy,
    file: CaseFile,
    projects: Sequence[ProjectResult],
    contests: Sequence[SelectionResult],
) -> Iterator[list[Content]]:
    """Every project in every contest; of one that cannot be decided, what is missing."""
    cases = {each.case.id: each.case for each in projects}
    fields = {each.name: each for each in policy.fields}
    unread = len(file.readings) - len(projects)
    for result in contests:
        name = result.selection.name
        if unread:
            why = text("projects.unread", count=unread)
            yield [name, text("projects.incomplete"), *_who(None), "", "", "", why]
        for gap in result.open:
            case = None if gap.case is None else cases[gap.case]
            missing = "、".join(gap.fields) or text("projects.gap_other")
            why = text("projects.gap" if case else "projects.gap_base", fields=missing)
            yield [name, text("projects.open"), *_who(case), "", "", "", why]
        for line in lines_of(result, fields):
            entry = line.entry
            yield [
                name,
                line.tier or text("contests.not_won"),
                *_who(cases[entry.case]),
                "" if entry.rank is None else entry.rank,
                line.score,
                text("projects.tied") if entry.tied else "",
                line.why,
            ]


def _who(case: Case | None) -> list[Content]:
    if case is None:
        return ["", "", ""]
    return [case.id, case.name, "" if case.at is None else case.at.cell.row]


def _three(money: Money) -> Iterable[Content]:
    return map(in_wan, (money.certain, money.low, money.high))
