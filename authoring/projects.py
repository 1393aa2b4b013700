"""A list of projects as an .xlsx: the form to fill in, what is wrong in it, and the results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from authoring.cases import CaseFile, Known
from authoring.cases.facts import may_be_given
from authoring.cases.sheet import SHEET
from authoring.field_types import type_name_of
from authoring.messages import fill, text, words
from authoring.spelling import key
from authoring.workbook import Sheet
from authoring.write_book import Content, write_book
from engine.cells import CellRef, column_letters
from engine.findings import Finding, Severity
from engine.model import Field, Policy
from engine.portfolio import Money, PortfolioTotals, ProjectResult
from engine.types import ChoiceType, MultiChoiceType
from engine.values import Bound
from engine.words import word

FEN_PER_WAN = 1_000_000
MOST_CODES = 60
"""So many values of a code list are written out in the explanations."""
_FRAME = ("编号", "名称", "基准日期", "涉及主体")


@dataclass(frozen=True, slots=True)
class RowError:
    """One cell that cannot be read: where it stands, what is in it, what is wrong, what to do."""

    row: int
    column: str
    written: str
    problem: str
    remedy: str


def case_template(policy: Policy, known: Known) -> bytes:
    """An empty list of projects for a policy, with a sheet that explains each column."""
    fields = [field for field in policy.fields if may_be_given(field)]
    headings = [*_FRAME, *map(_heading, fields)]
    explained = [
        [text(f"projects.{name}") for name in ("column", "kind", "allowed", "note")],
        *(
            [name, text(f"projects.kind_{number}"), text(f"projects.allowed_{number}"), ""]
            for number, name in enumerate(_FRAME, start=1)
        ),
        *([_heading(field), *_explanation(field, known)] for field in fields),
    ]
    return write_book({SHEET: [headings], text("projects.guide"): explained}, headed=True)


def _heading(field: Field) -> str:
    return text("projects.heading", name=field.name, unit=field.unit) if field.unit else field.name


def _explanation(field: Field, known: Known) -> tuple[str, str, str]:
    allowed = ""
    if isinstance(field.type, ChoiceType | MultiChoiceType):
        codes = known.code_lists[key(field.type.code_list)].codes
        allowed = "、".join(code.value for code in codes[:MOST_CODES])
        if len(codes) > MOST_CODES:
            allowed += text("projects.more", count=len(codes))
    kind = type_name_of(field.type)
    return kind, allowed or text(f"projects.how_{_manner(field)}"), field.note


def _manner(field: Field) -> str:
    match type_name_of(field.type):
        case "日期":
            return "date"
        case "是否":
            return "yes_no"
        case "文本":
            return "text"
        case "金额":
            return "money"
        case _:
            return "number"


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
) -> bytes:
    """The results as an .xlsx: one row a project, with the row that it came from."""
    names = ("row", "column", "written", "problem", "remedy")
    sheets: dict[str, Sequence[Sequence[Content]]] = {
        text("projects.results"): list(_result_rows(policy, file, projects)),
        text("projects.by_measure"): list(_measure_rows(totals)),
    }
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
        *(text(f"projects.{name}") for name in ("certain", "low", "high")),
    ]
    for each in totals.measures:
        yield [
            each.measure,
            each.name,
            each.beneficiary,
            *(each.counts[kind] for kind in KINDS),
            *_three(each.money),
        ]


def _three(money: Money) -> Iterable[Content]:
    return map(in_wan, (money.certain, money.low, money.high))


def in_wan(bound: Bound) -> Content:
    """An amount in 万元 as an exact number; a text where it has no end."""
    if isinstance(bound, float):
        return word("amount.unbounded")
    return Decimal(bound.numerator) / Decimal(bound.denominator * FEN_PER_WAN)
