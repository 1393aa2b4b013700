"""A list of projects: what is wrong in it, and its results as an .xlsx."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from authoring.cases import CaseFile
from authoring.contest_words import lines_of
from authoring.messages import fill, text, words
from authoring.workbook import Sheet
from authoring.write_book import Content, write_book
from engine.cases import Case
from engine.cells import CellRef, column_letters
from engine.findings import Finding, Severity
from engine.model import Policy
from engine.portfolio import Money, PortfolioTotals, ProjectResult
from engine.selection import SelectionResult
from engine.values import Bound
from engine.words import word

FEN_PER_WAN = 1_000_000


@dataclass(frozen=True, slots=True)
class RowError:
    """One cell that cannot be read: where it stands, what is in it, what is wrong, what to do."""

    row: int
    column: str
    written: str
    problem: str
    remedy: str


# --- what is wrong --------------------------------------------------------------------------------


def row_errors(file: CaseFile) -> tuple[RowError, ...]:
    """The errors in the rows of a file, from above to below."""
    return _told(file, (each for each in _of_rows(file) if each.severity is Severity.ERROR))


def row_warnings(file: CaseFile) -> tuple[RowError, ...]:
    """What else there is to say of a file that can be read, from above to below."""
    found = (*file.findings, *_of_rows(file))
    return _told(file, (each for each in found if each.severity is not Severity.ERROR))


def _of_rows(file: CaseFile) -> Iterator[Finding]:
    for _, (_, _, findings) in file.readings:
        yield from findings


def _told(file: CaseFile, findings: Iterable[Finding]) -> tuple[RowError, ...]:
    sheets = {sheet.name: sheet for sheet in file.sheets}
    found = (_row_error(finding, sheets, file.headings) for finding in findings)
    return tuple(sorted(found, key=lambda each: each.row))


def _row_error(finding: Finding, sheets: Mapping[str, Sheet], headings: CellRef | None) -> RowError:
    spoken = words(finding.code)
    params = {"field": "", **finding.params}
    remedy = fill(spoken.help, params)
    if finding.did_you_mean:
        remedy += text("projects.did_you_mean", words="、".join(finding.did_you_mean))
    row, column, written = 0, "", ""
    if finding.at is not None:
        at = finding.at.cell
        sheet = sheets.get(at.sheet)
        cell = sheet.cells.get((at.row, at.column)) if sheet else None
        row, written = at.row, "" if cell is None else cell.text or cell.formula
        column = column_letters(at.column)
        if heading := _heading_over(sheet, headings, at.column):
            column = text("projects.cell", letters=column, heading=heading)
    return RowError(row, column, written, fill(spoken.message, params), remedy)


def _heading_over(sheet: Sheet | None, headings: CellRef | None, column: int) -> str:
    """What stands at the head of a column of the list."""
    if sheet is None or headings is None or headings.sheet != sheet.name:
        return ""
    cell = sheet.cells.get((headings.row, column))
    return "" if cell is None else cell.text


# --- results --------------------------------------------------------------------------------------


def results_book(
    policy: Policy,
    file: CaseFile,
    projects: Sequence[ProjectResult],
    totals: PortfolioTotals,
    contests: Sequence[SelectionResult] = (),
) -> bytes:
    """The results as an .xlsx: one row a project, with the row that it came from."""
    names = ("row", "column", "written", "problem", "remedy")
    sheets: dict[str, Sequence[Sequence[Content]]] = {
        text("projects.results"): list(_result_rows(policy, file, projects)),
        text("projects.by_measure"): list(_measure_rows(totals)),
    }
    if contests:
        sheets[text("projects.contests")] = list(_contest_rows(policy, file, projects, contests))
    for sheet, told in (("errors", row_errors(file)), ("warnings", row_warnings(file))):
        if told:
            rows: list[list[Content]] = [[text(f"projects.{name}") for name in names]]
            rows += [[e.row, e.column, e.written, e.problem, e.remedy] for e in told]
            sheets[text(f"projects.{sheet}")] = rows
    return write_book(sheets, headed=True)


def _result_rows(
    policy: Policy, file: CaseFile, projects: Sequence[ProjectResult]
) -> Iterator[list[Content]]:
    heads, sources = _source_rows(file)
    yield [
        *(text(f"projects.{name}") for name in ("source", "number", "name", "date")),
        *(text(f"projects.{name}") for name in ("certain", "low", "high", "at_stake")),
        *(text("projects.count", verdict=word(f"verdict.{kind}")) for kind in KINDS),
        *(text("projects.measure", id=each.id, name=each.name) for each in policy.measures),
        *(text("projects.from_source", heading=head) for head in heads),
    ]
    for each in projects:
        row = 0 if each.case.at is None else each.case.at.cell.row
        counts = each.counts
        yield [
            row,
            each.case.id,
            each.case.name,
            each.case.date.isoformat(),
            *_three(each.total),
            in_wan(each.total.at_stake),
            *(counts[kind] for kind in KINDS),
            *(each.measures[measure.id].text for measure in policy.measures),
            *sources.get(row, [""] * len(heads)),
        ]


KINDS = (
    "granted",
    "displaced",
    "undecided",
    "undetermined",
    "referred",
    "conflict",
    "refused",
    "not_applicable",
)
"""Every verdict, as the results count them."""


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


def _measure_rows(totals: PortfolioTotals) -> Iterator[list[Content]]:
    yield [
        *(text(f"projects.{name}") for name in ("measure_id", "measure_name", "beneficiary")),
        *(text("projects.projects", verdict=word(f"verdict.{kind}")) for kind in KINDS),
        *(text(f"projects.{name}") for name in ("certain", "low", "high", "stake_alone")),
    ]
    for each in totals.measures:
        yield [
            each.measure,
            each.name,
            each.beneficiary,
            *(each.counts[kind] for kind in KINDS),
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
    columns = ("contest", "won", "number", "name", "source", "rank", "score", "tie", "why")
    yield [text(f"projects.{name}") for name in columns]
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


def in_wan(bound: Bound) -> Content:
    """An amount in 万元 as an exact number; a text where it has no end."""
    if isinstance(bound, float):
        return word("amount.unbounded")
    return Decimal(bound.numerator) / Decimal(bound.denominator * FEN_PER_WAN)
