"""One JSON value of one field: read as a fact, shown as typed, and how it is to be written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation

from authoring.cases.facts import Known, check_fact, may_be_given
from authoring.field_types import type_name_of
from authoring.grammar import read_value
from authoring.messages import fill, text, words
from authoring.spelling import key, tidy
from authoring.workbook import NO, YES
from engine.findings import Finding
from engine.model import Field
from engine.notation import CURRENCY_NAMES, NOTHING
from engine.types import (
    NUMERIC_TYPES,
    ChoiceType,
    DateType,
    ExchangeRateType,
    MoneyType,
    MultiChoiceType,
    RateType,
    TextType,
    YesNoType,
)
from engine.values import Value

MAX_DIGITS = 30
LONGEST_SHOWN = 40
DEEPEST_SHOWN = 3
_OF_A_CELL = {"C113": "case_files.blank", "C123": "case_files.too_long"}
"""What the cell language says of a cell, and a case file says of a text."""


STEP = " › "
"""What stands between the parts of a path into a file."""


class Digits(str):
    """A JSON number, kept digit by digit."""

    __slots__ = ()


def is_text(value: object) -> bool:
    """Whether a JSON value is a text, and not a number kept as one."""
    return isinstance(value, str) and not isinstance(value, Digits)


def as_typed(value: object) -> str:
    """A JSON value as it stands in the file, short enough for a message."""
    return short(_as_typed(value, DEEPEST_SHOWN))


def short(written: str) -> str:
    """A piece of a file, short enough for a message."""
    written = tidy(written)
    return written if len(written) <= LONGEST_SHOWN else f"{written[:LONGEST_SHOWN]}…"


def _as_typed(value: object, depth: int) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str() if is_text(value):
            return json.dumps(value[: 2 * LONGEST_SHOWN], ensure_ascii=False)
        case list() | tuple():
            inside = ", ".join(_as_typed(each, depth - 1) for each in value[:LONGEST_SHOWN])
            return f"[{inside if depth else '…'}]"
        case dict():
            pairs = (
                f"{_as_typed(str(name), 0)}: {_as_typed(each, depth - 1)}"
                for name, each in list(value.items())[:LONGEST_SHOWN]
            )
            return "{" + (", ".join(pairs) if depth else "…") + "}"
        case _:
            return str(value)


def under(findings: Iterable[Finding], *path: str) -> list[Finding]:
    """Findings with their place in the file; where they have one, it lies inside ``path``."""

    def place(finding: Finding) -> str:
        inside = finding.params.get("path")
        return STEP.join([*map(short, path), *([str(inside)] if inside else [])])

    return [replace(each, params={**each.params, "path": place(each)}) for each in findings]


def wrong_kind(field: str, value: object, wanted: str, how: str) -> Finding:
    """Say that a value of this kind cannot stand here."""
    params = {"field": field, "value": as_typed(value), "wanted": wanted, "how": how}
    return Finding("K408", None, params)


def unreadable(field: str, value: object, how: str, trouble: Finding) -> Finding:
    """Say why a text cannot be read; ``trouble`` is what the cell language finds wrong with it."""
    spoken = words(trouble.code)
    params = {"word": "", **trouble.params}
    reason = (
        text(_OF_A_CELL[trouble.code])
        if trouble.code in _OF_A_CELL
        else fill(spoken.message, params)
    )
    meant = tuple(json.dumps(each, ensure_ascii=False) for each in trouble.did_you_mean)
    told = {"field": field, "value": as_typed(value), "reason": reason, "how": how}
    return Finding("K418", None, told, did_you_mean=meant)


def how_to_write(field: Field, known: Known) -> str:
    """How a value of a field is written in a JSON case file."""
    match field.type:
        case YesNoType():
            return text("case_files.how_yes_no")
        case DateType():
            return text("case_files.how_date")
        case TextType():
            return text("case_files.how_text")
        case RateType():
            return text("case_files.how_rate")
        case ChoiceType(code_list=name) | MultiChoiceType(code_list=name):
            several = "_list" if isinstance(field.type, MultiChoiceType) else ""
            codes = known.code_lists[key(name)].codes
            if not codes:
                return text(f"case_files.how_code{several}_pending", list=name)
            parents = {code.parent for code in codes}
            leaf = next((code for code in codes if code.value not in parents), codes[0])
            return text(f"case_files.how_code{several}", list=name, code=leaf.value)
        case MoneyType(currency=currency):
            unit = field.unit or CURRENCY_NAMES.get(currency, currency)
            return text("case_files.how_number", unit=unit, number=3000)
        case ExchangeRateType():
            return text("case_files.how_number", unit=field.unit, number="7.1")
        case _ if field.unit:
            return text("case_files.how_number", unit=field.unit, number=3000)
        case _:
            return text("case_files.how_plain_number")


def read_json_value(
    field: Field, raw: object, day: date | None, known: Known
) -> tuple[Value | None, tuple[Finding, ...]]:
    """Read and check a value; None exactly when there is something wrong with it."""
    if not may_be_given(field):
        return None, (Finding("K409", None, {"field": field.name}),)
    if isinstance(raw, list | tuple):
        value, findings = _read_list(field, list(raw), known)
    else:
        value, findings = _read_single(field, raw, known)
    if value is not None:
        findings = (*findings, *check_fact(field, value, day, known, None))
    return value, findings


def _read_single(
    field: Field, raw: object, known: Known
) -> tuple[Value | None, tuple[Finding, ...]]:
    spelled, findings = _spell(field, raw, known)
    if spelled is None:
        return None, findings
    value, trouble = read_value(spelled, field, "", known.vocabulary, None)
    how = how_to_write(field, known)
    return value, tuple(unreadable(field.name, raw, how, each) for each in trouble)


def _read_list(
    field: Field, items: list[object], known: Known
) -> tuple[Value | None, tuple[Finding, ...]]:
    """A list is a 多选; an empty one is known to be none."""
    if not isinstance(field.type, MultiChoiceType):
        return None, (_wrong_type(field, items, known),)
    values: set[str] = set()
    findings: list[Finding] = []
    empty = False
    for number, item in enumerate(items, start=1):
        value, trouble = (
            _read_single(field, item, known)
            if is_text(item)
            else (None, (_wrong_type(field, item, known),))
        )
        findings.extend(under(trouble, text("case_files.item", number=number)))
        values |= value if isinstance(value, frozenset) else frozenset()
        empty = empty or value == frozenset()
    if empty and values:
        nothing = Finding("C145", None, {"word": NOTHING})
        findings.append(unreadable(field.name, items, how_to_write(field, known), nothing))
    return (None if findings else frozenset(values)), tuple(findings)


def _spell(field: Field, raw: object, known: Known) -> tuple[str | None, tuple[Finding, ...]]:
    """Write a JSON value as a cell would hold it; None with a finding when its type is wrong."""
    match raw:
        case bool():
            if isinstance(field.type, YesNoType):
                return (YES if raw else NO), ()
        case Digits() | int() | float() | Decimal():
            if isinstance(field.type, NUMERIC_TYPES):
                return _spell_number(field, str(raw))
        case str():
            return raw, ()
        case date():
            return raw.isoformat(), ()
    return None, (_wrong_type(field, raw, known),)


def _spell_number(field: Field, digits: str) -> tuple[str | None, tuple[Finding, ...]]:
    try:
        number = Decimal(digits)
    except InvalidOperation:
        number = Decimal("NaN")
    too_long = abs(number.adjusted()) > MAX_DIGITS or len(digits) > 2 * MAX_DIGITS
    if too_long or not number.is_finite():
        params = {"field": field.name, "value": short(digits)}
        return None, (Finding("K417", None, params),)
    return f"{number:f}", ()


def _wrong_type(field: Field, raw: object, known: Known) -> Finding:
    return wrong_kind(field.name, raw, type_name_of(field.type), how_to_write(field, known))
