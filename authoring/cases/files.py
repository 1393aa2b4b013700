"""Case files: one project as JSON, or as a row of an xlsx in the shape of sheet 用例.

A file comes from anyone, so nothing in it is trusted: keys, types, depth, size, encoding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from authoring.cases.expectations import find_target, read_expectation, unknown_target
from authoring.cases.facts import (
    RESERVED,
    Known,
    check_constraints,
    check_date,
    check_fact,
    known_of,
    may_be_given,
    read_subjects,
    split_subjects,
)
from authoring.cases.sheet import SHEET, read_case_row, read_case_table
from authoring.days import read_day
from authoring.field_types import type_name_of
from authoring.grammar import Vocabulary, read_value
from authoring.headings import canonical
from authoring.messages import text
from authoring.plain_tables import text_of
from authoring.spelling import key, nearest, tidy
from authoring.workbook import NO, YES, read_sheets
from engine.cases import Case, Expectation
from engine.findings import Finding, has_errors
from engine.model import Field, Policy
from engine.types import NUMERIC_TYPES, MultiChoiceType, YesNoType
from engine.values import Value

MAX_BYTES = 1 << 20
MAX_DIGITS = 30
MAX_KEYS = 5_000
CaseReading = tuple[Case | None, tuple[Expectation, ...], tuple[Finding, ...]]
"""The case (None exactly when a finding is an ERROR), what it expects, and what there is to say."""


class _Digits(str):
    """A JSON number, kept digit by digit."""

    __slots__ = ()


class _Refused(Exception):
    """Carries the finding of a file that cannot be read at all; never leaves this module."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def read_case_file(
    path: Path | str,
    policy: Policy,
    vocabulary: Vocabulary | None = None,
    case_id: str | None = None,
    on: date | None = None,
) -> CaseReading:
    """Read a case from a .json or .xlsx file.

    ``case_id`` chooses a row of an xlsx that has several; ``on`` stands in for a 基准日期 that the
    file does not give.
    """
    path = Path(path)
    known = known_of(policy, vocabulary)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _read_workbook(path, known, case_id, on)
    try:
        return _read_mapping(_parse(_load(path)), known, on)
    except _Refused as refused:
        return None, (), (refused.finding,)


def read_case(
    mapping: Mapping[str, object],
    policy: Policy,
    vocabulary: Vocabulary | None = None,
    on: date | None = None,
) -> CaseReading:
    """Read a case from a mapping shaped like a JSON case file."""
    return _read_mapping(mapping, known_of(policy, vocabulary), on)


# --- JSON ----------------------------------------------------------------------------------------


def _load(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _Refused(Finding("W202", None, {"name": path.name}))
        if not path.exists():
            raise _Refused(Finding("W201", None, {"name": path.name}))
        if path.stat().st_size > MAX_BYTES:
            raise _Refused(Finding("K401", None, {"limit": MAX_BYTES >> 10}))
        return path.read_bytes()
    except (OSError, ValueError):
        raise _Refused(Finding("W203", None, {"name": path.name})) from None


def _parse(content: bytes) -> Mapping[str, object]:
    """Parse JSON strictly: UTF-8, no key twice, no NaN, not too deep."""
    if not content.strip():
        raise _Refused(Finding("W204"))
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Refused(Finding("K402")) from None
    try:
        parsed = json.loads(
            decoded,
            object_pairs_hook=_object,
            parse_int=_Digits,
            parse_float=_Digits,
            parse_constant=_Digits,
        )
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise _Refused(Finding("K403", None, where)) from None
    except RecursionError:
        raise _Refused(Finding("K404")) from None
    if not isinstance(parsed, dict):
        raise _Refused(Finding("K405"))
    return parsed


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for name, value in pairs:
        if name in result:
            raise _Refused(Finding("K406", None, {"key": _shown(name)}))
        result[name] = value
    return result


def _shown(value: object) -> str:
    """A piece of a file, short enough for a message."""
    shown = tidy(str(value))
    return shown if len(shown) <= 40 else f"{shown[:40]}…"


def _read_mapping(mapping: Mapping[str, object], known: Known, on: date | None) -> CaseReading:
    if len(mapping) > MAX_KEYS:
        return None, (), (Finding("K401", None, {"limit": MAX_BYTES >> 10}),)
    findings: list[Finding] = []
    given = _sort_keys(mapping, known, findings)
    name, title = _text(given, "编号", findings), _text(given, "名称", findings)
    day = _read_date(given.get("基准日期"), on, findings)
    subjects, trouble = read_subjects(_subject_names(given.get("涉及主体"), findings), known, None)
    findings.extend(trouble)
    facts: dict[str, Value] = {}
    for field in known.policy.fields:
        raw = given.get(field.name)
        if raw is None:
            continue
        value, found = _read_fact(field, raw, day, known)
        findings.extend(_of_field(each, field) for each in found)
        if value is not None:
            facts[field.name] = value
    expectations = _read_expectations(given.get("期望"), known, findings)
    if day is None:
        return None, expectations, tuple(findings)
    findings.extend(check_date(day, known.policy, None))
    case = Case(name, title, day, facts, subjects)
    if not has_errors(findings):
        findings.extend(check_constraints(known.policy, case))
    return (None if has_errors(findings) else case), expectations, tuple(findings)


def _sort_keys(
    mapping: Mapping[str, object], known: Known, findings: list[Finding]
) -> dict[str, object]:
    """The entries by documented key; unknown keys and spellings of one key are reported."""
    given: dict[str, object] = {}
    for written, value in mapping.items():
        field = known.fields.get(key(written))
        name = field.name if field else next((e for e in RESERVED if e == key(written)), None)
        if name is None:
            names = [*(each.name for each in known.policy.fields), *RESERVED]
            params = {"key": _shown(written)}
            findings.append(Finding("K407", None, params, did_you_mean=nearest(written, names)))
        elif name in given:
            findings.append(Finding("K406", None, {"key": _shown(written)}))
        else:
            given[name] = value
    return given


def _of_field(finding: Finding, field: Field) -> Finding:
    """Without a cell, the field says where a finding belongs."""
    return replace(finding, params={**finding.params, "field": field.name})


def _text(given: Mapping[str, object], name: str, findings: list[Finding]) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return tidy(value)
    findings.append(
        Finding(
            "K408", None, {"field": name, "value": _shown(value), "wanted": text("case_files.text")}
        )
    )
    return ""


def _read_date(value: object, on: date | None, findings: list[Finding]) -> date | None:
    match value:
        case None:
            if on is None:
                findings.append(Finding("K416"))
            return on
        case date():
            return value
        case str() if not isinstance(value, _Digits):
            day, trouble = read_day(tidy(value), None)
            named = (replace(each, params={**each.params, "field": "基准日期"}) for each in trouble)
            findings.extend(named)
            return day
        case _:
            params = {
                "field": "基准日期",
                "value": _shown(value),
                "wanted": text("case_files.date"),
            }
            findings.append(Finding("K408", None, params))
            return None


def _subject_names(value: object, findings: list[Finding]) -> tuple[str, ...]:
    match value:
        case None:
            return ()
        case str() if not isinstance(value, _Digits):
            return split_subjects(value)
        case list() | tuple() if all(isinstance(each, str) for each in value):
            return tuple(value)
        case _:
            params = {
                "field": "涉及主体",
                "value": _shown(value),
                "wanted": text("case_files.list"),
            }
            findings.append(Finding("K408", None, params))
            return ()


def _read_fact(
    field: Field, raw: object, day: date | None, known: Known
) -> tuple[Value | None, tuple[Finding, ...]]:
    if not may_be_given(field):
        return None, (Finding("K409", None, {"field": field.name}),)
    if isinstance(raw, list | tuple):
        value, findings = _read_list(field, list(raw), known)
    else:
        spelled, findings = _spell(field, raw)
        value = None
        if spelled is not None:
            value, findings = read_value(spelled, field, "", known.vocabulary, None)
    if value is not None:
        findings = (*findings, *check_fact(field, value, day, known, None))
    return value, findings


def _read_list(
    field: Field, items: list[object], known: Known
) -> tuple[Value | None, tuple[Finding, ...]]:
    """A list is a 多选; an empty one is known to be none."""
    if not isinstance(field.type, MultiChoiceType):
        return None, (_wrong_type(field, items),)
    values: set[str] = set()
    for item in items:
        if not isinstance(item, str) or isinstance(item, _Digits):
            return None, (_wrong_type(field, item),)
        value, findings = read_value(item, field, "", known.vocabulary, None)
        if not isinstance(value, frozenset):
            return None, findings
        values |= value
    return frozenset(values), ()


def _spell(field: Field, raw: object) -> tuple[str | None, tuple[Finding, ...]]:
    """Write a JSON value as a cell would hold it; None with a finding when its type is wrong."""
    match raw:
        case bool():
            if isinstance(field.type, YesNoType):
                return (YES if raw else NO), ()
        case _Digits() | int() | float() | Decimal():
            if isinstance(field.type, NUMERIC_TYPES):
                return _spell_number(field, str(raw))
        case str():
            return raw, ()
        case date():
            return raw.isoformat(), ()
    return None, (_wrong_type(field, raw),)


def _spell_number(field: Field, digits: str) -> tuple[str | None, tuple[Finding, ...]]:
    try:
        number = Decimal(digits)
    except InvalidOperation:
        number = Decimal("NaN")
    too_long = abs(number.adjusted()) > MAX_DIGITS or len(digits) > 2 * MAX_DIGITS
    if too_long or not number.is_finite():
        params = {"field": field.name, "value": _shown(digits)}
        return None, (Finding("K417", None, params),)
    return f"{number:f}", ()


def _wrong_type(field: Field, raw: object) -> Finding:
    wanted = type_name_of(field.type)
    return Finding("K408", None, {"field": field.name, "value": _shown(raw), "wanted": wanted})


def _read_expectations(
    value: object, known: Known, findings: list[Finding]
) -> tuple[Expectation, ...]:
    if value is None:
        return ()
    if not isinstance(value, dict):
        params = {"field": "期望", "value": _shown(value), "wanted": text("case_files.object")}
        findings.append(Finding("K408", None, params))
        return ()
    expectations = []
    for written, expected in value.items():
        target = find_target(str(written), known)
        if target is None:
            findings.append(unknown_target(_shown(written), known, None))
        elif not isinstance(expected, str) or isinstance(expected, _Digits):
            params = {
                "field": f"期望·{target}",
                "value": _shown(expected),
                "wanted": text("case_files.text"),
            }
            findings.append(Finding("K408", None, params))
        else:
            expectation, trouble = read_expectation(target, expected, known, None)
            findings.extend(trouble)
            if expectation is not None:
                expectations.append(expectation)
    return tuple(expectations)


# --- xlsx ----------------------------------------------------------------------------------------


def _read_workbook(path: Path, known: Known, case_id: str | None, on: date | None) -> CaseReading:
    sheets, trouble = read_sheets(path)
    findings = list(trouble)
    if has_errors(findings):
        return None, (), trouble
    named = [sheet for sheet in sheets if canonical(sheet.name, "sheets") == SHEET]
    chosen = named or [sheet for sheet in sheets if sheet.cells and len(sheets) == 1]
    if not chosen:
        return None, (), (Finding("K430"),)
    table = read_case_table(chosen[0], known, findings, on)
    rows = (*table.rows, *table.refused)
    ids = tuple(text_of(row, "编号") for row in rows)
    wanted = [row for row in rows if case_id is None or key(text_of(row, "编号")) == key(case_id)]
    if len(wanted) != 1:
        if case_id is not None and not wanted:
            near = nearest(case_id, ids)
            findings.append(Finding("K431", None, {"id": case_id}, did_you_mean=near))
        elif not wanted:
            findings.append(Finding("K432", table.at))
        else:
            findings.append(Finding("K433", None, {"ids": ids[:20]}))
        return None, (), tuple(findings)
    number = wanted[0].at.row
    findings = [each for each in findings if _concerns(each, number, table.at.cell.row)]
    golden = None
    if wanted[0] in table.rows:
        golden = read_case_row(wanted[0], known, findings, on)
    if golden is None or has_errors(findings):
        return None, golden.expectations if golden else (), tuple(findings)
    return golden.case, golden.expectations, tuple(findings)


def _concerns(finding: Finding, row: int, heading_row: int) -> bool:
    """Whether a finding of a sheet is about the chosen row, or about all of them."""
    return finding.at is None or finding.at.cell.row in (row, heading_row)
