"""The Wuxi policy against the notice that it claims to be."""

from __future__ import annotations

import io
import re
from contextlib import closing
from dataclasses import replace
from datetime import date

import openpyxl
import pytest

from authoring.understand import Understanding, read_book
from authoring.workbook import read_sheets
from engine import Case, Policy, build, simulate
from engine.cases import Facts
from engine.expectations import spell
from engine.fingerprint import fingerprint
from engine.model import Movement
from engine.outcome import Granted, Outcome
from engine.types import Code
from tests.policy_books import ROOT, read

FOLDER = ROOT / "policies" / "wuxi-2023"
BOOK = FOLDER / "policy.xlsx"
ARTICLES = [*"一二三四五六七八九十", *(f"十{each}" for each in "一二三四五六七八九"), "二十"]
CLOSING = "附则"
PLAIN_SHEETS = {
    "说明",
    "政策",
    "条款",
    "指标",
    "代码表",
    "同类组",
    "评选",
    "业务约束",
    "用例",
    "评选用例",
}
NAMES = {"编号", "支持项编号", "条款", "原文", "备注"}
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:亿|万)?元?[%‰]?")


@pytest.fixture(scope="module")
def policy() -> Policy:
    policy = read(BOOK).policy
    assert policy is not None
    return policy


@pytest.fixture(scope="module")
def outcomes(policy: Policy) -> list[Outcome]:
    with closing(build(policy, "python")) as engine:
        return [simulate(engine, golden.case) for golden in read(BOOK).golden_cases]


def without_space(text: str) -> str:
    return re.sub(r"\s", "", text)


def notice() -> str:
    return without_space((FOLDER / "notice.md").read_text(encoding="utf-8"))


def test_the_articles_are_the_notice_word_for_word(policy: Policy) -> None:
    texts = []
    chapter = ""
    for provision in policy.provisions:
        if provision.chapter and provision.chapter != chapter:
            chapter = provision.chapter
            texts.append(chapter)
        texts.append(provision.text)
    whole = notice()
    body = whole[whole.index("一、创新招商引资模式") :]
    assert without_space("".join(texts)) == body


def test_every_article_is_there_and_is_titled_as_in_the_notice(policy: Policy) -> None:
    assert [each.number for each in policy.provisions] == [*ARTICLES, CLOSING]
    for provision in policy.provisions[:-1]:
        assert provision.text.startswith(f"（{provision.number}）{provision.title}。")


def test_every_article_has_rules_and_what_has_none_says_why(policy: Policy) -> None:
    cited = {rule.provision for table in policy.tables for rule in table.rules}
    assert cited == set(ARTICLES)
    assert policy.provisions[-1].note


def test_the_document_is_what_the_notice_says(policy: Policy) -> None:
    assert policy.issuer in notice()
    assert policy.title in notice()
    assert (policy.issued, policy.effective, policy.expires) == (
        date(2023, 9, 28),
        date(2023, 9, 28),
        None,
    )
    assert "2023年9月28日" in notice()
    for name in policy.interpreter.split("、"):
        assert name in notice()
    assert policy.default_stacking in notice()
    assert policy.number == ""


def test_no_number_is_in_a_rule_that_is_not_in_the_notice() -> None:
    known = set(NUMBER.findall(notice()))
    sheets, _ = read_sheets(BOOK)
    strange = []
    for sheet in sheets:
        if sheet.name in PLAIN_SHEETS - {"同类组", "评选"}:
            continue
        heads: dict[int, str] = {}
        for (row, column), cell in sorted(sheet.cells.items()):
            if (row, 1) in sheet.cells and sheet.cells[row, 1].text in {"编号", "评选项", "组"}:
                heads[column] = cell.text
            elif heads.get(column) not in NAMES | {"次序"}:
                found = set(NUMBER.findall(cell.text)) - known
                strange += [f"{cell.at}: {each}" for each in sorted(found)]
    assert strange == []


def test_the_pending_lists_are_marked_and_empty(policy: Policy) -> None:
    pending = {codes.name: codes.codes for codes in policy.code_lists if codes.pending}
    assert pending == {"3010重点产业链": (), "外资项目类别": ()}


def test_a_published_list_of_chains_decides_without_a_judgement(policy: Policy) -> None:
    chains = tuple(
        replace(codes, codes=(Code("示例产业链"),), pending=False)
        if codes.name == "3010重点产业链"
        else codes
        for codes in policy.code_lists
    )
    published = replace(policy, code_lists=chains)
    facts: Facts = {"所属产业链": "示例产业链", "企业资质": frozenset({"世界500强"})}
    case = Case("", "", date(2023, 10, 10), facts)
    with closing(build(published, "python")) as engine:
        verdicts = {each.measure.id: each.verdict for each in simulate(engine, case).measures}
    assert isinstance(verdicts["M2-1"], Granted)
    assert isinstance(verdicts["M2-3"], Granted)


def test_no_repair_may_change_what_a_project_is(policy: Policy) -> None:
    fixed = {each.name for each in policy.fields if each.movement is Movement.FIXED}
    assert fixed >= {"产业领域", "所属产业链", "行业门类", "企业资质"}


def test_there_are_enough_golden_cases() -> None:
    cases = read(BOOK).golden_cases
    assert len(cases) >= 50
    assert len({golden.case.name for golden in cases}) == len(cases)


def test_every_rule_holds_in_some_golden_case_and_fails_in_another(
    policy: Policy, outcomes: list[Outcome]
) -> None:
    seen: dict[str, set[bool | None]] = {}
    for outcome in outcomes:
        for result in outcome.worked.results.values():
            for row in result.rows:
                seen.setdefault(row.rule.id, set()).add(row.truth)
    rules = [rule.id for table in policy.tables for rule in table.rules]
    assert [each for each in rules if not {True, False} <= seen[each]] == []


def test_every_measure_is_expected_to_be_granted_or_referred_and_refused(policy: Policy) -> None:
    expected: dict[str, set[str | None]] = {measure.id: set() for measure in policy.measures}
    for golden in read(BOOK).golden_cases:
        for expectation in golden.expectations:
            if expectation.target in expected:
                expected[expectation.target].add(expectation.verdict)
    for measure, verdicts in expected.items():
        assert verdicts & {"granted", "referred"}, measure
        assert "refused" in verdicts, measure


@pytest.mark.parametrize("turn", [1, 7, -1])
def test_the_order_of_sheets_means_nothing(
    policy: Policy, outcomes: list[Outcome], turn: int
) -> None:
    turned = reordered(turn)
    assert turned.policy is not None
    with closing(build(turned.policy, "python")) as engine:
        assert engine.fingerprint == fingerprint(policy)
        again = [simulate(engine, golden.case) for golden in turned.golden_cases]
    assert [verdicts(each) for each in again] == [verdicts(each) for each in outcomes]
    assert [each.total for each in again] == [each.total for each in outcomes]


def reordered(turn: int) -> Understanding:
    """The workbook, its sheets turned by some places; -1 turns them back to front."""
    book = openpyxl.load_workbook(BOOK)
    names = book.sheetnames
    wanted = names[::-1] if turn < 0 else names[turn:] + names[:turn]
    assert wanted != names
    for place, name in enumerate(wanted):
        book.move_sheet(name, place - book.sheetnames.index(name))
    assert book.sheetnames == wanted
    content = io.BytesIO()
    book.save(content)
    return read_book(content.getvalue())


def verdicts(outcome: Outcome) -> dict[str, str]:
    """Every verdict as a golden case spells it."""
    return {each.measure.id: spell(each.verdict) for each in outcome.measures}
