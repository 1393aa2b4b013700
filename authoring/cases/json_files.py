"""A JSON case file: one project, ``指标: 值``.

A file comes from anyone, so nothing in it is trusted: keys, types, depth, size, encoding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TypeAlias

from authoring.cases.expectations import find_target, read_expectation, unknown_target
from authoring.cases.facts import (
    RESERVED,
    Known,
    check_constraints,
    check_date,
    read_subjects,
    split_subjects,
)
from authoring.cases.json_values import (
    Digits,
    how_to_write,
    is_text,
    read_json_value,
    short,
    under,
    unreadable,
    wrong_kind,
)
from authoring.days import DAY, read_day
from authoring.enough import EnoughError, Findings
from authoring.messages import text
from authoring.spelling import key, nearest, tidy
from engine.cases import Case, Expectation
from engine.findings import Finding, has_errors
from engine.values import Value

MAX_BYTES = 1 << 20
MAX_KEYS = 5_000

CaseReading: TypeAlias = tuple[Case | None, tuple[Expectation, ...], tuple[Finding, ...]]
"""The case (None exactly when a finding is an ERROR), what it expects, and what there is to say."""


class _Refused(Exception):
    """Carries the finding of a file that cannot be read at all; never leaves this module."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def read_json_file(path: Path, known: Known, on: date | None = None) -> CaseReading:
    """Read a case from a file; ``on`` replaces its 基准日期."""
    try:
        return read_json_case(_parse(_load(path)), known, on)
    except _Refused as refused:
        return None, (), (refused.finding,)


def read_json_case(
    mapping: Mapping[str, object], known: Known, on: date | None = None
) -> CaseReading:
    """Read a case from a mapping shaped like a file; ``on`` replaces its 基准日期."""
    if len(mapping) > MAX_KEYS:
        return None, (), (Finding("K401", None, {"limit": MAX_BYTES >> 10}),)
    findings = Findings()
    try:
        return _read_case(mapping, known, on, findings)
    except EnoughError as enough:
        return None, (), (enough.finding, *findings)


def _read_case(
    mapping: Mapping[str, object], known: Known, on: date | None, findings: list[Finding]
) -> CaseReading:
    given = _sort_keys(mapping, known, findings)
    name, title = _read_text(given, "编号", findings), _read_text(given, "名称", findings)
    day = _read_date(given.get("基准日期"), on, known, findings)
    subjects, trouble = read_subjects(
        _subject_names(given.get("涉及主体"), known, findings), known, None
    )
    findings.extend(under(trouble, "涉及主体"))
    facts: dict[str, Value] = {}
    for field in known.policy.fields:
        raw = given.get(field.name)
        if raw is None:
            continue
        value, trouble = read_json_value(field, raw, day, known)
        findings.extend(under(trouble, field.name))
        if value is not None:
            facts[field.name] = value
    expectations = _read_expectations(given.get("期望"), known, findings)
    if day is None:
        return None, expectations, tuple(findings)
    findings.extend(under(check_date(day, known.policy, None, expectations), "基准日期"))
    case = Case(name, title, day, facts, subjects)
    if not has_errors(findings):
        findings.extend(check_constraints(known.policy, case))
    return (None if has_errors(findings) else case), expectations, tuple(findings)


# --- the file -------------------------------------------------------------------------------------


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
            parse_int=Digits,
            parse_float=Digits,
            parse_constant=Digits,
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
            raise _Refused(Finding("K406", None, {"key": short(name)}))
        result[name] = value
    return result


# --- what stands in it ----------------------------------------------------------------------------


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
            params = {"key": short(written)}
            unknown = Finding("K407", None, params, did_you_mean=nearest(written, names))
            findings.extend(under([unknown], written))
        elif name in given:
            findings.extend(under([Finding("K406", None, {"key": short(written)})], written))
        else:
            given[name] = value
    return given


def _refuse(
    findings: list[Finding], name: str, value: object, wanted: str, how: str, *inside: str
) -> None:
    refused = wrong_kind(name, value, text(f"case_files.{wanted}"), text(f"case_files.{how}"))
    findings.extend(under([refused], *(inside or (name,))))


def _read_text(given: Mapping[str, object], name: str, findings: list[Finding]) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if is_text(value):
        return tidy(str(value))
    _refuse(findings, name, value, "text", "how_text")
    return ""


def _read_date(
    value: object, on: date | None, known: Known, findings: list[Finding]
) -> date | None:
    """基准日期, or the day that replaces it; what the file says must make sense all the same."""
    name = "基准日期"
    day = value if isinstance(value, date) else None
    if is_text(value):
        day, trouble = read_day(tidy(str(value)), None)
        how = how_to_write(DAY, known)
        findings.extend(under([unreadable(name, value, how, each) for each in trouble], name))
    elif value is None:
        if on is None:
            findings.append(Finding("K416"))
    elif day is None:
        _refuse(findings, name, value, "date", "how_date")
    return on or day


def _subject_names(value: object, known: Known, findings: list[Finding]) -> tuple[str, ...]:
    match value:
        case None:
            return ()
        case str() if is_text(value):
            names = split_subjects(value)
        case list() | tuple() if all(map(is_text, value)):
            names = tuple(value)
        case _:
            _refuse(findings, "涉及主体", value, "list", "how_subjects")
            return ()
    if not any(map(tidy, names)):
        findings.extend(under([Finding("K436")], "涉及主体"))
    return names


def _read_expectations(
    value: object, known: Known, findings: list[Finding]
) -> tuple[Expectation, ...]:
    if value is None:
        return ()
    if not isinstance(value, dict):
        _refuse(findings, "期望", value, "object", "how_expectations")
        return ()
    expectations = []
    for written, expected in value.items():
        path = "期望", str(written)
        target = find_target(str(written), known)
        if target is None:
            findings.extend(under([unknown_target(short(str(written)), known, None)], *path))
        elif not is_text(expected):
            _refuse(findings, f"期望·{target}", expected, "text", "how_expectation", *path)
        else:
            expectation, trouble = read_expectation(target, str(expected), known, None)
            findings.extend(under(trouble, *path))
            if expectation is not None:
                expectations.append(expectation)
    return tuple(expectations)
