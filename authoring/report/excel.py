"""An answer as an Excel workbook: every measure, condition and step a row, money as numbers.

A text is written as a text, whatever it begins with: nothing in the file is a formula.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias, cast

from openpyxl import Workbook
from openpyxl.cell import Cell as OpenpyxlCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from rich.cells import cell_len

from authoring.cell_text import cell_text
from authoring.leading_rules import leading_rules
from authoring.report.material import FactLine, facts_of, joined, named
from authoring.report.words import say
from authoring.shelves import shelf_of
from engine.expectations import kind_of
from engine.narrative import ConditionLine, MeasureNarrative, Narrative, RuleBlock
from engine.notation import CURRENCY_NAMES
from engine.outcome import (
    Amount,
    Certainty,
    Displaced,
    Granted,
    MeasureOutcome,
    Outcome,
    Referred,
    Undecided,
    Undetermined,
    Verdict,
)
from engine.ranking import rank_missing
from engine.truth import NO, UNKNOWN, YES
from engine.types import MoneyType, RateType, UnitPriceType
from engine.values import FEN_PER_YUAN, Bound, Number

Content: TypeAlias = "str | Decimal | None"

_TRUTHS = {YES: "yes", NO: "no", UNKNOWN: "unknown"}
_MONEY, _PLAIN_NUMBER, _RATE, _TEXT = "#,##0.00", "General", "0.00##%", "@"
_DEEPEST_INDENT = 10
_FONT = "Calibri"
_LINE_HEIGHT, _HIGHEST = 14.5, 409
_WIDEST_PAGE = 260
"""So many characters stand beside each other on a sheet of paper that can still be read."""
_MAY_BEGIN_A_FORMULA = ("=", "+", "-", "@", "\t")
_COLOURS = {
    "granted": "DDF1E1", "displaced": "FBEFD5", "undecided": "FBEFD5", "near": "DCEBF7",
    "undetermined": "FBF3CF", "referred": "EFE3F5", "conflict": "F8D9D6", "refused": "F8E3E1",
    "not_applicable": "EDEFF2", "yes": "DDF1E1", "no": "F8E3E1", "unknown": "FBF3CF",
}  # fmt: skip
_LINE = Side(style="thin", color="C5CDD6")
_GRID = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="DDE5EE")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the key of its heading, its width in characters, and the format of its numbers."""

    key: str
    width: int
    number_format: str = _TEXT


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell; ``shade`` is a key of ``_COLOURS``."""

    content: Content
    shade: str = ""
    indent: int = 0
    number_format: str = ""


Row: TypeAlias = "Sequence[Cell | Content]"


def excel_report(outcome: Outcome, narrative: Narrative, made_on: date) -> bytes:
    """Write the workbook. ``made_on`` is the day on which it is written."""
    book = Workbook()
    del book[book.sheetnames[0]]
    properties = book.properties
    properties.creator = properties.lastModifiedBy = say("author")
    properties.created = properties.modified = datetime.combine(made_on, time())
    told = {each.id: each for each in narrative.measures}
    above = _above(outcome, narrative, made_on)
    facts = tuple(facts_of(outcome))
    sheets: tuple[tuple[str, Sequence[Column], Iterable[Row]], ...] = (
        ("verdicts", _VERDICTS, (_verdict(m, told[m.measure.id]) for m in outcome.measures)),
        ("conditions", _CONDITIONS, _conditions(narrative)),
        ("amounts", _AMOUNTS, _amounts(narrative)),
        ("missing", _MISSING, _missing(outcome, narrative)),
        ("facts", _FACTS, map(_fact, facts)),
    )
    for key, columns, rows in sheets:
        _write(book.create_sheet(say(f"excel.{key}")), columns, rows, above)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _above(outcome: Outcome, narrative: Narrative, made_on: date) -> tuple[str, ...]:
    """What stands above the headings of every sheet: whose answer this is."""
    total = narrative.total
    asides = say("aside_and").join(filter(None, (total.certain, total.uncounted, total.at_stake)))
    counted = total.total + (say("aside", asides=asides) if asides else "")
    return (
        say("excel.title", policy=narrative.policy_title),
        say(
            "excel.subtitle",
            project=narrative.case_name or say("unnamed"),
            date=narrative.date,
            made_on=made_on.isoformat(),
            policy_id=outcome.policy.id,
            fingerprint=narrative.fingerprint,
        ),
        say("excel.total", total=counted) + say("excel.total_note"),
    )


# --- the rows of each sheet -----------------------------------------------------------------------

_VERDICTS = (
    Column("id", 11), Column("name", 26), Column("beneficiary", 11), Column("form", 10),
    Column("verdict", 13), Column("low", 18, _MONEY), Column("high", 18, _MONEY),
    Column("certainty", 22), Column("uncounted", 22, _MONEY), Column("headline", 40),
    Column("missing", 28), Column("failed", 28), Column("displaced_by", 14),
    Column("repair", 34), Column("gain", 18), Column("provision", 8), Column("quote", 50),
    Column("department", 18), Column("evidence", 28), Column("notes", 34),
)  # fmt: skip


def _verdict(measure: MeasureOutcome, told: MeasureNarrative) -> Row:
    verdict, shelf = measure.verdict, shelf_of(told)
    granted = verdict.amount if isinstance(verdict, Granted) else None
    open_ = _open_amount(measure)
    named = granted or open_
    return (
        told.id,
        told.name,
        told.beneficiary,
        told.form,
        Cell(say("near_word") if shelf == "near" else told.verdict_word, shelf),
        _yuan(granted.low if granted else None),
        _yuan(granted.high if granted else None),
        _certainty(verdict, named) if named else None,
        _yuan(open_.high if open_ else None),
        told.headline,
        joined(told.missing),
        joined(_failed(told)) if kind_of(verdict) == "refused" else None,
        _displacing(measure),
        "；".join(told.repair),
        told.repair_gain,
        told.provision,
        told.quote,
        told.department,
        joined(told.evidence),
        "；".join(told.notes),
    )


def _certainty(verdict: Verdict, amount: Amount) -> str:
    """What kind of amount it is: of an open measure, only what is sure whatever comes out."""
    kind = say(f"certainty.{amount.certainty.value}")
    match verdict:
        case Undetermined() if amount.counts and amount.certainty is not Certainty.DISCRETIONARY:
            return say("certainty.undetermined")
        case Referred(judgements=judgements) if judgements and amount.counts:
            return say("certainty.referred", kind=kind)
        case _:
            return kind


def _open_amount(measure: MeasureOutcome) -> Amount | None:
    """What is not counted: forgone, or still possible."""
    match measure.verdict:
        case Displaced(amount=amount) | Undetermined(amount=amount):
            return amount
        case Referred(amount=amount) | Undecided(amount=amount):
            return amount
        case _:
            return None


def _failed(told: MeasureNarrative) -> Iterator[str]:
    """The conditions that are not met, of the rule that comes nearest."""
    for block in leading_rules(told):
        for line in block.lines:
            if line.depth == 0 and line.truth is NO:
                yield line.condition


def _displacing(measure: MeasureOutcome) -> str | None:
    match measure.verdict:
        case Displaced(by=str(by)):
            return by
        case Undecided(candidates=candidates):
            return joined(each for each in candidates if each != measure.measure.id)
        case _:
            return None


_CONDITIONS = (
    Column("about", 30), Column("verdict", 13), Column("rule", 12), Column("truth", 11),
    Column("condition", 38), Column("requirement", 32), Column("actual", 28),
    Column("distance", 18), Column("place", 18), Column("provision", 8), Column("headline", 44),
)  # fmt: skip


def _conditions(narrative: Narrative) -> Iterator[Row]:
    """The proof: the rules of every measure, then those behind each derived fact."""
    for measure in narrative.measures:
        about = say("measure", id=measure.id, name=measure.name)
        for block in measure.rules:
            yield from _proof(about, measure.verdict_word, block)
    for field, rules in narrative.derivations.items():
        for block in rules:
            yield from _proof(say("behind", field=field), "", block)


def _proof(about: str, verdict: str, block: RuleBlock) -> Iterator[Row]:
    rule = block.rule or say("rule_default")
    key = _TRUTHS[block.truth]
    head = (Cell(say(f"truth.{key}"), key), None, None, None, None, block.place, block.provision)
    yield (about, verdict, rule, *head, block.outcome)
    for line in block.lines:
        yield (about, verdict, rule, *_condition(line), block.provision, None)


def _condition(line: ConditionLine) -> Row:
    key = "muted" if line.muted else _TRUTHS[line.truth]
    return (
        Cell(say(f"truth.{key}"), "" if line.muted else key),
        Cell(line.condition, indent=line.depth + 1),
        line.requirement,
        line.actual,
        line.distance,
        line.place,
    )


_AMOUNTS = (
    Column("id", 11), Column("name", 28), Column("verdict", 13), Column("step", 18),
    Column("formula", 56), Column("value", 26), Column("step_low", 20, _MONEY),
    Column("step_high", 20, _MONEY), Column("place", 18),
)  # fmt: skip


def _amounts(narrative: Narrative) -> Iterator[Row]:
    for measure in narrative.measures:
        head = (measure.id, measure.name, Cell(measure.verdict_word, shelf_of(measure)))
        for line in measure.amount_lines:
            ends = (_yuan(line.low), _yuan(line.high))
            yield (*head, line.label, line.formula, line.value, *ends, line.place)


_MISSING = (
    Column("field", 26), Column("stake", 24), Column("stake_yuan", 22, _MONEY),
    Column("measures", 60), Column("hint", 50), Column("evidence", 34),
)  # fmt: skip


def _missing(outcome: Outcome, narrative: Narrative) -> Iterator[Row]:
    fields = {field.name: field for field in outcome.policy.fields}
    told = {each.id: each for each in narrative.measures}
    for line, fact in zip(narrative.missing, rank_missing(outcome), strict=True):
        waiting = named(told[each] for each in line.measures)
        evidence = fields[line.field].evidence
        yield (line.field, line.stake, _yuan(fact.stake), waiting, line.hint, evidence)


_FACTS = (
    Column("field", 28), Column("given", 34), Column("number", 22, _PLAIN_NUMBER),
    Column("unit", 12), Column("source", 24), Column("group", 14), Column("evidence", 40),
)  # fmt: skip


def _fact(fact: FactLine) -> Row:
    field = fact.field
    number, unit = _counted(fact)
    return (field.name, fact.text, number, unit, fact.source, field.group, field.evidence)


def _counted(fact: FactLine) -> tuple[Cell | None, str]:
    """A value as a number, and what it counts: money in whole units of its currency."""
    if isinstance(fact.value, bool) or not isinstance(fact.value, int | Fraction):
        return None, ""
    match fact.field.type:
        case MoneyType(currency=currency):
            unit = CURRENCY_NAMES.get(currency, currency)
            return Cell(_decimal(Fraction(fact.value) / FEN_PER_YUAN), number_format=_MONEY), unit
        case UnitPriceType(currency=currency, per=per):
            unit = f"{CURRENCY_NAMES.get(currency, currency)}/{per}"
            return Cell(_decimal(Fraction(fact.value) / FEN_PER_YUAN), number_format=_MONEY), unit
        case RateType():
            return Cell(_decimal(fact.value), number_format=_RATE), ""
        case _:
            return Cell(_decimal(fact.value)), fact.field.unit


# --- cells ----------------------------------------------------------------------------------------


def _yuan(fen: Bound | None) -> Content:
    """An amount in yuan as a number; 不封顶 stays a word."""
    if fen is None:
        return None
    if isinstance(fen, float):
        return say("excel.unbounded")
    return _decimal(Fraction(fen) / FEN_PER_YUAN)


def _decimal(number: Number) -> Decimal:
    exact = Fraction(number)
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _write(
    sheet: Worksheet, columns: Sequence[Column], rows: Iterable[Row], above: Sequence[str]
) -> None:
    for number, text in enumerate(above, start=1):
        cell = _cell(sheet, number, 1)
        _put_text(cell, text)
        cell.font = Font(name=_FONT, bold=number == 1, size=14 if number == 1 else 10)
    head = len(above) + 1
    for at, column in enumerate(columns, start=1):
        cell = _cell(sheet, head, at)
        _put_text(cell, say(f"excel_column.{column.key}"))
        cell.font, cell.fill, cell.border = Font(name=_FONT, size=11, bold=True), _HEAD, _GRID
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(at)].width = column.width
    last, styles = head, _Styles()
    for last, row in enumerate(rows, start=head + 1):
        _write_row(sheet, last, columns, row, styles)
    if last == head:
        _put_text(_cell(sheet, head + 1, 1), say("excel.none"))
    sheet.freeze_panes = f"C{head + 1}"
    sheet.auto_filter.ref = f"A{head}:{get_column_letter(len(columns))}{max(last, head + 1)}"
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    pages = 1 + sum(column.width for column in columns) // _WIDEST_PAGE
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages, 0
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, footer=0.3)
    footer = cast(HeaderFooterItem, sheet.oddFooter)
    footer.center.text = say("page", page="&P", pages="&N")
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_area = f"A1:{get_column_letter(len(columns))}{max(last, head + 1)}"
    sheet.print_title_rows = f"{head}:{head}"
    if pages > 1:
        sheet.print_title_cols = "A:B"


class _Styles:
    """The looks of cells, each made once: openpyxl takes long to make them out."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], StyleArray] = {}

    def dress(self, cell: OpenpyxlCell, column: Column, told: Cell) -> None:
        """Give a cell its look."""
        is_number = isinstance(told.content, Decimal)
        wanted = (told.number_format or column.number_format) if is_number else _TEXT
        right = column.number_format != _TEXT
        guarded = isinstance(told.content, str) and told.content.startswith(_MAY_BEGIN_A_FORMULA)
        key = (wanted, right, told.indent, told.shade, guarded)
        if key not in self._made:
            cell.number_format = wanted
            cell.alignment = Alignment(
                horizontal="right" if right else "left",
                vertical="top",
                wrap_text=not is_number,
                indent=1 if right else min(told.indent, _DEEPEST_INDENT),
            )
            cell.border = _GRID
            if told.shade:
                cell.fill = PatternFill("solid", fgColor=_COLOURS[told.shade])
            cell.quotePrefix = guarded
            self._made[key] = cell._style  # type: ignore[attr-defined]
        cell._style = copy(self._made[key])  # type: ignore[attr-defined]


def _write_row(
    sheet: Worksheet, number: int, columns: Sequence[Column], row: Row, styles: _Styles
) -> None:
    lines = 1
    for at, (column, told) in enumerate(zip(columns, row, strict=True), start=1):
        one = told if isinstance(told, Cell) else Cell(told)
        cell = _cell(sheet, number, at)
        styles.dress(cell, column, one)
        if isinstance(one.content, Decimal):
            cell.value = one.content
        elif one.content:
            _put_text(cell, one.content)
            lines = max(lines, _lines(one.content, column.width - one.indent))
    sheet.row_dimensions[number].height = min(lines * _LINE_HEIGHT + 3, _HIGHEST)


def _cell(sheet: Worksheet, row: int, column: int) -> OpenpyxlCell:
    return cast(OpenpyxlCell, sheet.cell(row, column))


def _put_text(cell: OpenpyxlCell, text: str) -> None:
    """Write a text that stays a text whatever it begins with."""
    cell.value = cell_text(text)
    cell.data_type = "s"


def _lines(text: str, width: int) -> int:
    room = max(width - 2, 4)
    return sum(max(1, -(-cell_len(line) // room)) for line in text.split("\n"))
