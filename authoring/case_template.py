"""The empty list of projects of a policy: what to fill in, what may stand where, and an example."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from authoring.cases import Known
from authoring.cases.facts import may_be_given
from authoring.cases.golden_row import LISTED
from authoring.cases.sheet import MOST_CASES, SHEET
from authoring.field_types import type_name_of
from authoring.grammar import read_value
from authoring.messages import text
from authoring.spelling import key
from authoring.template.colours import DARK, FACT, FAINT, FONT, INK, LIGHT, WHITE
from authoring.template.dressing import LONGEST_PROMPT, LONGEST_TITLE
from authoring.widths import display_width
from authoring.workbook import NO, YES
from engine.cases import Case, Facts, GoldenCase
from engine.cells import column_letters
from engine.constraints import violated
from engine.dependencies import fields_read
from engine.model import Field, Policy
from engine.phrase import phrase_value
from engine.types import (
    ChoiceType,
    CodeList,
    DateType,
    MultiChoiceType,
    QuantityType,
    TextType,
    YesNoType,
)
from engine.values import Value

FRAME = ("编号", "名称", "基准日期", "涉及主体")
NEEDED = ("编号", "基准日期")
SUBJECTS = "主体"
MOST_CODES = 60
"""So many values of a code list are written out in the explanations."""
AS_TYPED, DAY, GENERAL = "@", "yyyy-mm-dd", "General"
_NARROWEST, _WIDEST = 10, 40
_GUIDE_WIDTHS = (26, 10, 10, 60, 50)
_LINE = Side(style="thin", color="C5CED8")
_RULED = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)

Content = str | date | Decimal


def case_template(policy: Policy, known: Known, example: Case | None = None) -> bytes:
    """An empty list of projects: dropdowns and messages, an explanation of each column.

    Its first row shows how to fill it in, with the facts of ``example`` or else with typical ones;
    the reader passes over that row.
    """
    fields = [field for field in policy.fields if may_be_given(field)]
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    offered = _offered(policy, known, fields)
    places = _write_codes(book.create_sheet(text("projects.codes")), offered)
    _write_headings(sheet, fields)
    _write_example(sheet, _example(policy, known, fields, example))
    for column, (title, prompt, source, only) in enumerate(_offers(fields, places), start=1):
        letters = column_letters(column)
        heading, cells = _validation(title, prompt), _validation(title, prompt, source, only=only)
        heading.add(f"{letters}1")
        cells.add(f"{letters}2:{letters}{MOST_CASES + 1}")
        sheet.add_data_validation(heading)
        sheet.add_data_validation(cells)
    _write_guide(book.create_sheet(text("projects.guide"), 1), fields, known)
    book.properties.creator = ""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def fullest(golden_cases: Iterable[GoldenCase]) -> Case | None:
    """The golden case that says most: the best example that a policy has."""
    cases = [each.case for each in golden_cases]
    return max(cases, key=lambda case: len(case.facts), default=None)


def heading_of(field: Field) -> str:
    """The heading of the column of a field, with its unit."""
    return text("projects.heading", name=field.name, unit=field.unit) if field.unit else field.name


# --- the list -------------------------------------------------------------------------------------


def _font(colour: str = INK, *, bold: bool = False, italic: bool = False) -> Font:
    return Font(name=FONT, size=10, bold=bold, italic=italic, color=colour)


def _put(sheet: Worksheet, row: int, column: int, content: Content, font: Font) -> None:
    """Write a cell; a text is a text, also one that begins like a formula."""
    cell = sheet.cell(row, column)
    cell.value = content if content != "" else None
    if isinstance(content, str) and content:
        cell.data_type = "s"
    cell.font, cell.border = font, _RULED
    cell.alignment = Alignment(vertical="center", wrap_text=row == 1)
    cell.number_format = DAY if isinstance(content, date) else cell.number_format


def _write_headings(sheet: Worksheet, fields: Sequence[Field]) -> None:
    """The headings stay in view, and so do number and name; groups next to each other differ."""
    groups = list(dict.fromkeys(field.group for field in fields))
    kinds: list[Field | None] = [None] * len(FRAME)
    for column, (name, field) in enumerate(
        zip([*FRAME, *map(heading_of, fields)], [*kinds, *fields], strict=True), start=1
    ):
        needed = name in NEEDED
        fill = DARK if needed else LIGHT
        if field is not None and groups.index(field.group) % 2:
            fill = FACT
        _put(sheet, 1, column, name, _font(WHITE if needed else INK, bold=True))
        sheet.cell(1, column).fill = PatternFill("solid", start_color=fill)
        look = sheet.column_dimensions[column_letters(column)]
        look.width = min(max(display_width(name) + 3, _NARROWEST), _WIDEST)
        look.number_format = _format_of(name, field)
        look.font = _font()
    sheet.row_dimensions[1].height = 34
    sheet.freeze_panes = "C2"
    sheet.print_title_rows, sheet.print_title_cols = "1:1", "A:B"
    sheet.page_setup.orientation, sheet.page_setup.scale = "landscape", 60


def _format_of(name: str, field: Field | None) -> str:
    if name == "基准日期" or (field is not None and isinstance(field.type, DateType)):
        return DAY
    worded = TextType | ChoiceType | MultiChoiceType | YesNoType
    return AS_TYPED if field is None or isinstance(field.type, worded) else GENERAL


def _write_example(sheet: Worksheet, cells: Iterable[Content]) -> None:
    for column, content in enumerate(cells, start=1):
        _put(sheet, 2, column, content, _font(FAINT, italic=True))
        look = sheet.column_dimensions[column_letters(column)]
        look.width = min(max(look.width, display_width(str(content)) + 3), _WIDEST)


def _example(
    policy: Policy, known: Known, fields: Sequence[Field], example: Case | None
) -> Iterator[Content]:
    yield text("projects.example_number")
    yield text("projects.example_name")
    yield example.date if example else policy.effective
    yield LISTED.join(sorted(example.subjects or ())) if example else ""
    facts = example.facts if example else _typical_facts(policy, known, fields)
    for field in fields:
        value = facts.get(field.name)
        yield "" if value is None else _spelled(value, field, known)


def _typical_facts(policy: Policy, known: Known, fields: Iterable[Field]) -> Facts:
    """Values that may stand there, without those that contradict each other."""
    facts = {field.name: _typical(policy, field, known) for field in fields}
    for _ in policy.constraints:
        for broken in violated(policy, Case("", "", policy.effective, facts))[:1]:
            named = fields_read(broken.condition)
            facts = {name: value for name, value in facts.items() if name not in named}
    return facts


def _typical(policy: Policy, field: Field, known: Known) -> Value | None:
    """A value that may stand there."""
    if field.typical is not None:
        return field.typical
    match field.type:
        case YesNoType():
            return True
        case DateType():
            return policy.effective
        case ChoiceType(code_list=name) | MultiChoiceType(code_list=name):
            codes = known.code_lists[key(name)].codes
            parents = {code.parent for code in codes}
            leaves = [code.value for code in codes if code.value not in parents][:1]
            if isinstance(field.type, MultiChoiceType):
                return frozenset(leaves) or None
            return leaves[0] if leaves else None
        case TextType():
            return None
    return field.minimum


def _spelled(value: Value, field: Field, known: Known) -> Content:
    """A value as it would be filled in: a day as a day, a number as a number where it is one."""
    if isinstance(value, date):
        return value
    spelled = phrase_value(value, field.type, field.unit)
    bare = spelled.removesuffix(field.unit).replace(",", "")
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return spelled
    read, _ = read_value(bare, field, field.unit, known.vocabulary, None)
    return number if read == value else spelled


# --- what a click offers and says -----------------------------------------------------------------


def _offered(policy: Policy, known: Known, fields: Iterable[Field]) -> Mapping[str, Sequence[str]]:
    """The values to choose from, by the name of their list."""
    offered: dict[str, Sequence[str]] = {SUBJECTS: policy.subjects} if policy.subjects else {}
    for field in fields:
        if isinstance(field.type, ChoiceType | MultiChoiceType):
            codes: CodeList = known.code_lists[key(field.type.code_list)]
            if codes.codes:
                offered[codes.name] = tuple(code.value for code in codes.codes)
    return offered


def _write_codes(sheet: Worksheet, offered: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """Write the values of each list into a column; give its cells as formulas name them."""
    places = {}
    title = sheet.title.replace("'", "''")
    for column, (name, values) in enumerate(offered.items(), start=1):
        letters = column_letters(column)
        for row, content in enumerate((name, *values), start=1):
            _put(sheet, row, column, content, _font(bold=row == 1))
        widest = max(map(display_width, (name, *values)))
        sheet.column_dimensions[letters].width = min(max(widest + 2, _NARROWEST), _WIDEST)
        places[key(name)] = f"'{title}'!${letters}$2:${letters}${len(values) + 1}"
    sheet.freeze_panes = "A2"
    return places


def _offers(
    fields: Iterable[Field], places: Mapping[str, str]
) -> Iterator[tuple[str, str, str, bool]]:
    """Of each column what it is, how it is filled in, what it offers, and whether only that."""
    for number, name in enumerate(FRAME, start=1):
        source = places.get(SUBJECTS, "") if name == "涉及主体" else ""
        yield name, text(f"projects.allowed_{number}"), source, False
    for field in fields:
        note = f"{field.note}\n" if field.note else ""
        match field.type:
            case YesNoType():
                source, only = f'"{YES},{NO}"', True
            case ChoiceType(code_list=codes):
                source, only = places.get(key(codes), ""), True
            case MultiChoiceType(code_list=codes):
                source, only = places.get(key(codes), ""), False
            case _:
                source, only = "", False
        yield field.name, note + _how(field), source, only


def _validation(title: str, prompt: str, source: str = "", *, only: bool = False) -> DataValidation:
    """``only``: whoever writes what is not offered is asked whether that is meant."""
    asked = only and bool(source)
    return DataValidation(
        type="list" if source else None,
        formula1=source or None,
        allow_blank=True,
        showInputMessage=True,
        promptTitle=_clip(title, LONGEST_TITLE),
        prompt=_clip(prompt, LONGEST_PROMPT),
        showErrorMessage=asked,
        errorStyle="warning" if asked else None,
        errorTitle=_clip(title, LONGEST_TITLE) if asked else None,
        error=text("projects.not_offered") if asked else None,
    )


def _clip(words: str, longest: int) -> str:
    """At most so many UTF-16 units, as Excel counts."""
    spelled = words.encode("utf-16-le")
    if len(spelled) <= 2 * longest:
        return words
    return spelled[: 2 * (longest - 1)].decode("utf-16-le", "ignore") + "…"


def _how(field: Field) -> str:
    counted = field.type.unit if isinstance(field.type, QuantityType) else ""
    unit = field.unit or counted or text("template_事实格.pure_number")
    return text(f"template_事实格.{type_name_of(field.type)}", unit=unit)


# --- 填写说明 -------------------------------------------------------------------------------------


def _write_guide(sheet: Worksheet, fields: Iterable[Field], known: Known) -> None:
    names = ("column", "group", "kind", "allowed", "note")
    rows = [
        [text(f"projects.{name}") for name in names],
        *(
            [name, "", text(f"projects.kind_{number}"), text(f"projects.allowed_{number}"), ""]
            for number, name in enumerate(FRAME, start=1)
        ),
        *(
            [
                heading_of(field),
                field.group,
                type_name_of(field.type),
                _allowed(field, known),
                field.note,
            ]
            for field in fields
        ),
    ]
    for number, row in enumerate(rows, start=1):
        for column, content in enumerate(row, start=1):
            _put(sheet, number, column, content, _font(bold=number == 1))
            sheet.cell(number, column).alignment = Alignment(vertical="top", wrap_text=True)
            if number == 1:
                sheet.cell(1, column).fill = PatternFill("solid", start_color=LIGHT)
    for column, width in enumerate(_GUIDE_WIDTHS, start=1):
        sheet.column_dimensions[column_letters(column)].width = width
    sheet.freeze_panes = "B2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(
        fitToPage=True
    )


def _allowed(field: Field, known: Known) -> str:
    how = _how(field)
    if not isinstance(field.type, ChoiceType | MultiChoiceType):
        return how
    codes = known.code_lists[key(field.type.code_list)].codes
    listed = LISTED.join(code.value for code in codes[:MOST_CODES])
    if len(codes) > MOST_CODES:
        listed += text("projects.more", count=len(codes))
    return text("projects.codes_of", how=how, codes=listed) if codes else how
