"""What each cell of a book offers and says: the dropdowns and the messages of all its sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from authoring.cases.contests import NOTHING
from authoring.cases.expectations import DOT, TOTAL
from authoring.field_types import type_name_of
from authoring.headings import by_spelling, canonical, documented, resolve, resolve_documented
from authoring.messages import text
from authoring.plain_tables import text_of
from authoring.spelling import key
from authoring.template import columns, sources
from authoring.template.areas import Area, cell
from authoring.template.survey import PlainSheet, Survey
from authoring.template.validations import Validation
from authoring.understand.code_lists import SUBJECTS
from authoring.understand.fields import UNIT_EXAMPLES
from authoring.understand.rules import REQUIREMENT, setting_of
from authoring.understand.table_layout import (
    CONCLUSION,
    CONDITION,
    HEAD_ROWS,
    NUMBER,
    UNLIMITED,
    TableColumn,
    TableLayout,
)
from authoring.workbook import Sheet
from engine.model import Field
from engine.types import ChoiceType, MultiChoiceType, QuantityType, YesNoType

ROOM = 500
"""So many rows below the last one are prepared in a plain sheet."""
ROOM_BELOW_TABLES = 50
LONGEST_TITLE, LONGEST_PROMPT = 32, 255
"""Excel shows no more of a message."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a column offers (a list, as a formula), what it says, and what else it refuses."""

    title: str
    prompt: str
    source: str = ""
    only: tuple[str, ...] = ()
    """The only words that are accepted; none: the list is a suggestion."""


def dress(book: Survey) -> Mapping[str, tuple[Validation, ...]]:
    """The validations of every sheet that the reader reads, by the sheet's title."""
    dressed = {plain.sheet.name: tuple(_plain_sheet(plain, book)) for plain in book.plain.values()}
    titles = {sheet.name: sheet for sheet in book.sheets}
    for title, layouts in book.layouts.items():
        dressed[title] = tuple(
            each for layout in layouts for each in _table(layout, titles[title], book)
        )
    return dressed


def _validations(offer: Offer, *areas: Area, heading: Area | None = None) -> Iterator[Validation]:
    """The validation of a column; its heading says the same and offers nothing."""
    title, prompt = _clip(offer.title, LONGEST_TITLE), _clip(offer.prompt, LONGEST_PROMPT)
    source = offer.source or sources.words(offer.only)
    if heading and not source:
        yield Validation((heading, *areas), title, prompt)
        return
    if heading:
        yield Validation((heading,), title, prompt)
    error = text("template.error", allowed="、".join(offer.only)) if offer.only else ""
    error_title = text("template.error_title") if offer.only else ""
    if areas:
        yield Validation(areas, title, prompt, source, error, error_title)


def _clip(words: str, longest: int) -> str:
    while len(words.encode("utf-16-le")) // 2 > longest:
        words = words[:-2] + "…"
    return words


# --- plain sheets ---------------------------------------------------------------------------------


def _plain_sheet(plain: PlainSheet, book: Survey) -> Iterator[Validation]:
    top = plain.heading_row
    last = max((row for row, _ in plain.sheet.cells), default=top) + ROOM
    for name, heading in plain.headings.items():
        column = heading.at.column
        body = Area(top + 1, column, last, column)
        if (plain.name, name) == ("政策", "值"):
            yield from _policy_values(plain, column, last)
            continue
        yield from _validations(
            _offer(plain, name, heading.unit, book), body, heading=cell(top, column)
        )


def _policy_values(plain: PlainSheet, column: int, last: int) -> Iterator[Validation]:
    """Sheet 政策 says something else beside each of its keys."""
    top = plain.heading_row
    general = Offer("值", text("template_政策.值"))
    yield from _validations(general, heading=cell(top, column))
    free = top + 1
    for row in plain.rows:
        name = canonical(text_of(row, "项"), "keys", "政策")
        if name:
            only = columns.POLICY_WORDS.get(name, ())
            yield from _validations(
                Offer(name, text(f"template_政策项.{name}"), only=only), cell(row.at.row, column)
            )
        free = row.at.row + 1
    yield from _validations(general, Area(free, column, last, column))


def _offer(plain: PlainSheet, name: str, unit: str, book: Survey) -> Offer:
    """What a column of a plain sheet offers, by its documented heading."""
    if name not in documented("headings", plain.name):
        field = book.field(name)
        return _fact(field, unit, book) if field else _expectation(name, book)
    params = {"examples": _unit_examples()} if (plain.name, name) == ("指标", "单位") else {}
    prompt = text(f"template_{plain.name}.{name}", **params)
    only = columns.fixed_words(plain.name, name)
    return Offer(name, prompt, "" if only else _suggestions(plain.name, name, book), only)


def _suggestions(sheet: str, name: str, book: Survey) -> str:
    match (sheet, name):
        case ("政策", "项"):
            return sources.words(documented("keys", "政策"))
        case ("指标", "代码表"):
            return sources.words(each.name for each in book.code_lists)
        case ("指标", "单位"):
            return sources.words(UNIT_EXAMPLES.values())
        case ("指标", "主体") | ("评选", "受益主体") | ("用例", "涉及主体"):
            return sources.codes(book, book.code_list(SUBJECTS))
        case ("代码表", "代码表"):
            return sources.words(each.name for each in book.code_lists)
        case ("同类组", "已享受指标"):
            return _fields_of("金额", book)
        case ("评选", "排序指标"):
            return sources.column_below(book.plain.get("指标"), "指标")
        case ("评选", "占比基数"):
            return _fields_of("数量", book)
        case ("评选", "条款"):
            return sources.column_below(book.plain.get("条款"), "条款编号")
        case ("评选用例", "评选项"):
            return sources.words(_selections(book))
        case ("评选用例", "期望"):
            return sources.words((*_selections(book, "分档"), NOTHING))
        case _:
            return ""


def _selections(book: Survey, heading: str = "评选项") -> tuple[str, ...]:
    plain = book.plain.get("评选")
    return tuple(filter(None, (text_of(row, heading) for row in plain.rows))) if plain else ()


def _fields_of(type_name: str, book: Survey) -> str:
    names = (each.name for each in book.fields if type_name_of(each.type) == type_name)
    return sources.words(names) or sources.column_below(book.plain.get("指标"), "指标")


def _unit_examples() -> str:
    return "；".join(f"{name}如 {unit}" for name, unit in UNIT_EXAMPLES.items())


def _fact(field: Field, unit: str, book: Survey) -> Offer:
    told = _about(field, "事实格", unit)
    source = _values(field, book)
    return Offer(field.name, f"{field.note}\n{told}" if field.note else told, source)


def _expectation(name: str, book: Survey) -> Offer:
    target = name.partition(DOT)[2]
    if key(target).startswith(TOTAL):
        return Offer(name, text("template_期望格.total"))
    told = text("template_期望格.measure", name=book.measures.get(target) or target)
    return Offer(name, told, sources.words(columns.EXPECTED))


def _about(field: Field, section: str, unit: str) -> str:
    pure = text("template_事实格.pure_number")
    counted = field.type.unit if isinstance(field.type, QuantityType) else ""
    spelled = unit or field.unit or counted or pure
    return text(f"template_{section}.{type_name_of(field.type)}", unit=spelled)


def _values(field: Field, book: Survey) -> str:
    match field.type:
        case YesNoType():
            return sources.words(columns.YES_NO)
        case ChoiceType(code_list=name) | MultiChoiceType(code_list=name):
            return sources.codes(book, book.code_list(name))
        case _:
            return ""


# --- decision tables ------------------------------------------------------------------------------


def _table(layout: TableLayout, sheet: Sheet, book: Survey) -> Iterator[Validation]:
    top = layout.at.cell.row
    kind = key(setting_of(layout, "类别"))
    yield from _marker_row(layout, kind, sheet)
    first, last = top + HEAD_ROWS, _last_row(layout, sheet)
    for column in layout.columns:
        at = column.at.column
        role = Offer(column.role, text(f"template_角色.{column.role}"))
        suggested = Offer(role.title, role.prompt, sources.words(documented("roles")))
        yield from _validations(suggested, cell(top + 1, at))
        offer = _column(column, kind, book)
        heading = Offer(offer.title, offer.prompt, _headings(column.role, kind, book))
        yield from _validations(heading, cell(column.at.row, at))
        yield from _validations(offer, Area(first, at, last, at))
    yield from _free_columns(layout, kind, sheet, book)


def _free_columns(
    layout: TableLayout, kind: str, sheet: Sheet, book: Survey
) -> Iterator[Validation]:
    """The columns of a role that have no heading yet: what may be put there."""
    roles = layout.at.cell.row + 1
    merges = {each.left: each for (row, _), each in sheet.merges.items() if row == roles}
    for merge in merges.values():
        named = sheet.cells.get(merge.anchor)
        role = canonical(named.text, "roles") if named else None
        if role is None or role == NUMBER:
            continue
        told = text(f"template_空列.{kind if role == CONCLUSION else role}")
        offer = Offer(role, told, _headings(role, kind, book))
        heads = [
            cell(roles + 1, column)
            for column in range(merge.left, merge.right + 1)
            if (roles + 1, column) not in sheet.cells
        ]
        if heads:
            yield from _validations(offer, *heads)


def _last_row(layout: TableLayout, sheet: Sheet) -> int:
    """How far a table may grow: nearly to the next one."""
    top = layout.at.cell.row
    markers = [
        row
        for (row, column), each in sheet.cells.items()
        if column == 1 and row > top and canonical(each.text, "marker")
    ]
    if markers:
        return max(min(markers) - 2, top + HEAD_ROWS)
    return max(row for row, _ in sheet.cells) + ROOM_BELOW_TABLES


def _marker_row(layout: TableLayout, kind: str, sheet: Sheet) -> Iterator[Validation]:
    row = layout.at.cell.row
    for at, name in ((1, "决策表"), (2, "表名")):
        yield from _validations(Offer(name, text(f"template_决策表.{name}")), cell(row, at))
    for setting in layout.settings:
        only: tuple[str, ...] = ()
        if setting.name == "命中策略":
            only = columns.hit_policies(kind)
        elif setting.name == "类别":
            only = columns.KIND_WORDS
        offer = Offer(setting.name, text(f"template_决策表.{setting.name}"), only=only)
        value, label = setting.value.at, setting.at
        yield from _validations(
            offer, cell(value.row, value.column), heading=cell(label.row, label.column)
        )


def _headings(role: str, kind: str, book: Survey) -> str:
    """What may stand at the head of a column of a role."""
    match role:
        case "条件":
            return sources.column_below(book.plain.get("指标"), "指标")
        case "结论" if kind != "措施":
            return sources.words(
                each.name for each in book.fields if each not in book.given_fields
            ) or sources.column_below(book.plain.get("指标"), "指标")
        case "编号":
            return ""
        case _:
            return sources.words(documented("headings", role))


def _column(column: TableColumn, kind: str, book: Survey) -> Offer:
    """What a column of a decision table offers in the rows of its rules."""
    role, heading = column.role, column.heading
    if role == NUMBER:
        return Offer(NUMBER, text("template_编号.编号"))
    of_field = role == CONDITION or (role == CONCLUSION and kind != "措施")
    if of_field and canonical(heading, "headings", CONDITION) != REQUIREMENT:
        found_field = resolve(heading, {key(each.name): each for each in book.fields})
        if found_field is None:
            return Offer(heading, text(f"template_角色.{role}"))
        field, unit = found_field
        section = "条件格" if role == CONDITION else "结论格"
        source = _tested(field, book) if role == CONDITION else _values(field, book)
        return Offer(field.name, _about(field, section, unit), source)
    found = resolve_documented(heading, by_spelling(documented("headings", role)), "headings", role)
    if found is None:
        return Offer(heading, text(f"template_角色.{role}"))
    name = found[0]
    words = columns.fixed_words(role, name)
    source = sources.words(words) or _suggested(role, name, book)
    return Offer(name, text(f"template_{role}.{name}"), source)


def _tested(field: Field, book: Survey) -> str:
    match field.type:
        case YesNoType():
            return sources.words((UNLIMITED, *columns.YES_NO))
        case ChoiceType(code_list=name) | MultiChoiceType(code_list=name):
            return sources.codes_or_any(book, book.code_list(name))
        case _:
            return sources.words((UNLIMITED,))


def _suggested(role: str, name: str, book: Survey) -> str:
    match (role, name):
        case ("结论", "受益主体"):
            return sources.codes(book, book.code_list(SUBJECTS))
        case ("结论", "同类组"):
            return sources.column_below(book.plain.get("同类组"), "组")
        case ("结论", "发生日期"):
            return _fields_of("日期", book)
        case ("依据", "条款"):
            return sources.column_below(book.plain.get("条款"), "条款编号")
        case _:
            return ""
