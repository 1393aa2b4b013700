"""The order in which sheets are understood, each with what the ones before it gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from authoring.cases.contests import read_contest_sheet
from authoring.cases.facts import known_of
from authoring.cases.sheet import read_case_sheet
from authoring.enough import READING_WORK, Effort, EnoughError
from authoring.grammar import make_vocabulary
from authoring.plain_tables import Row, count_rows
from authoring.spelling import key, nearest, tidy
from authoring.understand.business_constraints import read_constraints
from authoring.understand.code_lists import SUBJECTS, by_key, read_code_lists
from authoring.understand.derivations import read_derivation
from authoring.understand.fields import read_bounds, read_fields
from authoring.understand.follow_ups import Kind, lost_of
from authoring.understand.groups import check_members, read_groups
from authoring.understand.measures import MeasureRow, measure_ids, read_measures
from authoring.understand.policy_facts import PolicyFacts, read_policy_facts
from authoring.understand.provisions import read_provisions
from authoring.understand.references import (
    check_derivations,
    check_rule_numbers,
    check_table_names,
    collect_measures,
)
from authoring.understand.rules import Context, place_of_setting, setting_of
from authoring.understand.selections import SCHEMA as CONTESTS
from authoring.understand.selections import read_selections
from authoring.understand.sheets import Sorted
from authoring.understand.table_layout import TableLayout
from authoring.workbook import Sheet
from engine.cases import GoldenCase, GoldenContest
from engine.checks import check
from engine.findings import Finding, Severity, has_errors
from engine.model import DecisionTable, Field, Policy, StackingGroup
from engine.types import CodeList
from engine.values import Rounding

DERIVES, GRANTS = "推导", "措施"
KINDS = (DERIVES, GRANTS)
MOST_RULES = 12_000
"""To check, build and run more takes more than a gigabyte."""
NO_FACTS = PolicyFacts("", "", "", "", None, date.min, None, "", "", Rounding())
"""Stands in for a sheet 政策 that cannot be read, so that the other sheets still are."""
ABOUT_LIFE = frozenset({"K414", "K419"})
"""Warnings of cases that mean nothing while it is not known since when the policy is in force."""


@dataclass(frozen=True, slots=True)
class _Tables:
    """What all decision tables together say."""

    tables: tuple[DecisionTable, ...]
    members: tuple[MeasureRow, ...]


@dataclass(frozen=True, slots=True)
class Assembly:
    """A policy with what stands in the workbook to test it."""

    policy: Policy
    golden_cases: tuple[GoldenCase, ...]
    golden_contests: tuple[GoldenContest, ...]


def assemble(book: Sorted, findings: list[Finding]) -> Assembly:
    """Understand the sheets of a workbook; with errors the policy is a makeshift, not for use."""
    plain, layouts = book.plain, tuple(each for each in book.layouts if each.rows)
    facts = read_policy_facts(plain["政策"], findings) if "政策" in plain else None
    provisions = read_provisions(plain["条款"], findings) if "条款" in plain else ()
    code_lists = read_code_lists(plain["代码表"], findings) if "代码表" in plain else ()
    fields, rows = _read_fields(plain, code_lists, findings)
    ids = frozenset(each for layout in layouts for each in measure_ids(layout))
    vocabulary = make_vocabulary(
        {field.name: field for field in fields},
        {codes.name: codes for codes in code_lists},
        ids,
        Effort(READING_WORK),
    )
    fields = tuple(read_bounds(field, rows[field.name], vocabulary, findings) for field in fields)
    context = Context(
        vocabulary,
        {key(field.name): field for field in fields},
        {key(provision.number): provision for provision in provisions},
    )
    if not layouts and not _holds_contests(plain):
        findings.append(Finding("W295", None, {}, Severity.WARNING))
    check_table_names(layouts, findings)
    check_rule_numbers(layouts, findings)
    _check_size(layouts)
    read = _read_tables(layouts, context, code_lists, findings)
    check_derivations(fields, rows, read.tables, findings)
    measures = collect_measures(read.members, findings)
    disabled = frozenset(map(key, ids)) - {key(measure.id) for measure in measures}
    groups: tuple[StackingGroup, ...] = ()
    broken_groups: frozenset[str] = frozenset()
    if "同类组" in plain:
        groups, broken_groups = read_groups(
            plain["同类组"], context.fields, vocabulary, read.members, disabled, findings
        )
    check_members(groups, broken_groups, read.members, context.fields, findings)
    spelled = {key(group.name): group.name for group in groups}
    lists = by_key(code_lists)
    selections = (
        read_selections(
            plain["评选"], context.fields, context.provisions, lists, vocabulary, findings
        )
        if "评选" in plain
        else ()
    )
    constraints = (
        read_constraints(plain["业务约束"], vocabulary, findings) if "业务约束" in plain else ()
    )
    facts = facts or NO_FACTS
    policy = Policy(
        id=facts.id,
        title=facts.title,
        number=facts.number,
        issuer=facts.issuer,
        issued=facts.issued,
        effective=facts.effective,
        expires=facts.expires,
        interpreter=facts.interpreter,
        default_stacking=facts.default_stacking,
        rounding=facts.rounding,
        subjects=tuple(code.value for code in lists[SUBJECTS].codes) if SUBJECTS in lists else (),
        provisions=provisions,
        fields=fields,
        code_lists=code_lists,
        tables=read.tables,
        measures=tuple(
            replace(each, group=spelled.get(key(each.group))) if each.group else each
            for each in measures
        ),
        groups=groups,
        selections=selections,
        constraints=constraints,
    )
    if has_errors(findings):
        names = lost_of(book, policy).names
        unreadable = names[Kind.FIELD] | names[Kind.MEASURE]
        known = known_of(policy, vocabulary, unreadable=unreadable)
    else:
        findings.extend(check(policy))
        known = known_of(policy, vocabulary, disabled)
    of_cases: list[Finding] = []
    assembly = Assembly(
        policy,
        read_case_sheet(plain["用例"], known, of_cases) if "用例" in plain else (),
        read_contest_sheet(plain["评选用例"], known, of_cases) if "评选用例" in plain else (),
    )
    undated = facts is NO_FACTS
    findings.extend(each for each in of_cases if not (undated and each.code in ABOUT_LIFE))
    return assembly


def _holds_contests(plain: Mapping[str, Sheet]) -> bool:
    return "评选" in plain and count_rows(plain["评选"], CONTESTS) > 0


def _check_size(layouts: tuple[TableLayout, ...]) -> None:
    """Stop at the table with which there are too many rules to work with.

    Raises:
        EnoughError: there is such a table.
    """
    rules = 0
    for layout in layouts:
        rules += len(layout.rows)
        if rules > MOST_RULES:
            raise EnoughError(Finding("W228", layout.at, {"limit": MOST_RULES}))


def _read_fields(
    plain: Mapping[str, Sheet], code_lists: tuple[CodeList, ...], findings: list[Finding]
) -> tuple[tuple[Field, ...], dict[str, Row]]:
    if "指标" not in plain:
        return (), {}
    fields, rows = read_fields(plain["指标"], by_key(code_lists), findings)
    return fields, {field.name: row for field, row in zip(fields, rows, strict=True)}


def _read_tables(
    layouts: tuple[TableLayout, ...],
    context: Context,
    code_lists: tuple[CodeList, ...],
    findings: list[Finding],
) -> _Tables:
    lists = by_key(code_lists)
    tables: list[DecisionTable] = []
    members: list[MeasureRow] = []
    for layout in layouts:
        table: DecisionTable | None = None
        match key(setting_of(layout, "类别")):
            case "推导":
                table = read_derivation(layout, context, lists, findings)
            case "措施":
                table, rows = read_measures(layout, context, lists, findings)
                members.extend(rows)
            case _:
                _report_kind(layout, findings)
        if table is not None:
            tables.append(table)
    return _Tables(tuple(tables), tuple(members))


def _report_kind(layout: TableLayout, findings: list[Finding]) -> None:
    text = tidy(setting_of(layout, "类别"))
    if not text:
        params = {"key": "类别", "table": layout.name, "allowed": KINDS}
        findings.append(Finding("W312", layout.at, params))
        return
    params = {"heading": "类别", "text": text, "allowed": KINDS}
    at = place_of_setting(layout, "类别")
    findings.append(Finding("W235", at, params, did_you_mean=nearest(text, KINDS)))
