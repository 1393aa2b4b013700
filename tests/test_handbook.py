"""What the handbook shows was typed, checked and worked through: its chapters, and its patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from authoring.render_findings import render_findings
from authoring.understand import Understanding, read_book
from authoring.workbook import read_sheets
from engine.expectations import unmet
from engine.explain import explain
from engine.findings import Finding, Severity
from engine.selection import misplaced, run_contest
from engine.simulate import build, simulate
from tests.books import DATE, Section, make_book, sections
from tests.handbook import (
    CASES,
    FIRST,
    HANDBOOK,
    NOTICE,
    NOTICE_FILE,
    begin,
    chapters,
    follow,
    steps,
)
from tests.test_patterns import CALCULATION, expected, told

DOCS = HANDBOOK.parent
PATTERNS = DOCS / "patterns.md"
CHAPTERS = chapters(HANDBOOK.read_text(encoding="utf-8"))
EXERCISES = {title: body for title, body in CHAPTERS.items() if title.startswith("练习")}
LARGEST_PICTURE = 100_000


def patterns() -> list[Section]:
    """The patterns, in their order."""
    return sections(PATTERNS.read_text(encoding="utf-8"))


def notice_of(title: str) -> str:
    """The notice that a chapter begins with."""
    if title == FIRST:
        return NOTICE_FILE.read_text(encoding="utf-8")
    found = NOTICE.search(CHAPTERS[title])
    assert found is not None
    return found["text"]


def grave(finding: Finding) -> bool:
    """Whether a finding is more than advice."""
    return finding.severity is not Severity.ADVICE


def sound(file: bytes) -> Understanding:
    """What is read of a book in which neither errors nor warnings are found."""
    understanding = read_book(file)
    shown = render_findings(understanding.findings, read_sheets(file)[0])
    assert not any(map(grave, understanding.findings)), shown
    return understanding


def missed(understanding: Understanding) -> Iterator[tuple[str, object]]:
    """The expectations that are not met."""
    assert understanding.policy is not None
    with closing(build(understanding.policy, "python")) as engine:
        for golden in understanding.golden_cases:
            for each in unmet(golden, simulate(engine, golden.case)):
                yield golden.case.id, (each.expectation.target, each.actual)
        for contest in understanding.golden_contests:
            for astray in misplaced(contest, run_contest(engine, contest)):
                yield astray.expected.case.id, astray.actual


# --- the chapters that tell to type ---------------------------------------------------------------


@pytest.mark.parametrize("title", [FIRST, *EXERCISES])
def test_a_chapter_leads_to_a_sound_book_whose_cases_come_out(title: str) -> None:
    typed = steps(CHAPTERS[title])
    understanding = sound(follow(begin(notice_of(title)), typed))
    [cases] = [step for step in typed if step.sheet == CASES]
    assert len(understanding.golden_cases) == len(cases.rows) - 1 >= 5
    assert all(golden.expectations for golden in understanding.golden_cases)
    assert list(missed(understanding)) == []


def test_the_mistake_of_the_first_chapter_is_found_and_its_mend_offered() -> None:
    typed = steps(CHAPTERS[FIRST])
    before = [step.sheet for step in typed].index("措施") + 1
    [finding] = [
        each
        for each in read_book(follow(begin(notice_of(FIRST)), typed[:before])).findings
        if each.severity is Severity.ERROR
    ]
    [mend] = [step for step in typed if step.again and step.sheet == "措施"]
    assert (finding.code, finding.did_you_mean) == ("C141", (mend.rows[1][1],))


def test_the_notice_of_the_first_chapter_is_the_real_one() -> None:
    whole = (DOCS.parent / "policies/wuxi-2023/notice.md").read_text(encoding="utf-8")
    assert all(line in whole for line in NOTICE_FILE.read_text(encoding="utf-8").splitlines())


def test_the_exercises_have_the_clauses_that_nobody_had_seen() -> None:
    assert len(EXERCISES) == 3
    for title, body in EXERCISES.items():
        clause = notice_of(title).splitlines()[1].removeprefix("第一条 ")
        assert f"> {clause}" in body


def mistyped(title: str, right: str, wrong: str) -> Understanding:
    """What is read when one cell of a solution is typed differently."""
    slips = 0
    typed = []
    for step in steps(CHAPTERS[title]):
        rows = [[wrong if cell == right else cell for cell in row] for row in step.rows]
        slips += rows != list(step.rows)
        typed.append(replace(step, rows=rows))
    assert slips == 1
    return read_book(follow(begin(notice_of(title)), typed))


def test_the_slips_that_the_exercises_warn_of_are_found_as_they_say() -> None:
    brackets, premises, investment = EXERCISES

    amount = steps(CHAPTERS[brackets])[3].rows[1][6]
    clause = "1000万元以下部分，按3‰奖励；1000万元—1亿元部分按4‰；1亿元以上部分按5‰"
    [finding] = [each for each in mistyped(brackets, str(amount), clause).findings if grave(each)]
    assert finding.code == "C141"
    assert [each.startswith("分段(实际投资额; ") for each in finding.did_you_mean] == [True]

    either = "年营业收入8亿元（含）以上 或者 年经济贡献3000万元（含）以上"
    both = mistyped(premises, either, either.replace("或者", "且"))
    assert not [each for each in both.findings if grave(each)]
    assert ("例2", ("M1", "不符合")) in [(case, said) for case, said in missed(both)]
    price = mistyped(premises, "实际自用办公面积 × 2000元/平方米", "每平方米2000元")
    [finding] = [each for each in price.findings if grave(each)]
    assert finding.did_you_mean == ("实际自用办公面积 × 2000元/平方米",)

    unbounded = mistyped(investment, "1000万元以上不满1亿元", "1000万元及以上")
    assert [case for case, _ in missed(unbounded)] == ["例9"]


def test_the_other_reading_of_the_third_exercise_comes_out_as_it_says() -> None:
    title = list(EXERCISES)[2]
    typed = []
    for step in steps(CHAPTERS[title]):
        rows = [list(row) for row in step.rows]
        if step.sheet == "措施":
            rows[1][1] = "1000万元以上"
            rows[2][3] = "M2"
        if step.sheet == CASES:
            rows = [
                [*rows[0], "期望·M2"],
                ["例1", "够1亿元", "2024-06-01", 10000, 10, "", "需人工判断"],
            ]
            rows[1][5] = "区间 500万元—2000万元"
        typed.append(replace(step, rows=rows))
    understanding = sound(follow(begin(notice_of(title)), typed))
    assert len(understanding.golden_cases) == 1
    assert list(missed(understanding)) == []


# --- the patterns ---------------------------------------------------------------------------------


@pytest.mark.parametrize("section", [pytest.param(each, id=each.title) for each in patterns()])
def test_a_pattern_comes_out_as_written(section: Section) -> None:
    sheets = dict(section.sheets)
    calculation = sheets.pop(CALCULATION, [])
    understanding = sound(make_book(sheets))
    assert len(understanding.golden_cases) >= 2 or understanding.golden_contests
    assert all(golden.expectations for golden in understanding.golden_cases)
    assert list(missed(understanding)) == []
    assert understanding.policy is not None
    with closing(build(understanding.policy, "python")) as engine:
        lines = {
            (golden.case.id, measure.id): measure.amount_lines
            for golden in understanding.golden_cases
            for measure in explain(simulate(engine, golden.case)).measures
        }
    for (case, measure), wanted in expected(calculation or [[]]).items():
        columns = [str(each) for each in calculation[0][2:]]
        assert told(lines[str(case), str(measure)], columns) == wanted


def test_every_pattern_quotes_a_clause_and_stands_in_the_index() -> None:
    linked = re.findall(r"\]\(patterns\.md#([^)]+)\)", HANDBOOK.read_text(encoding="utf-8"))
    titles = chapters(PATTERNS.read_text(encoding="utf-8"))
    assert {anchor(title) for title in titles} == set(linked)
    assert [title for title, body in titles.items() if not body.strip().startswith("> ")] == []


def test_the_date_of_cases_without_one_is_said() -> None:
    assert DATE in PATTERNS.read_text(encoding="utf-8")


# --- links and pictures ---------------------------------------------------------------------------


def anchor(title: str) -> str:
    """How GitHub names a heading."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def links() -> Iterator[tuple[Path, str, str]]:
    """Page, file and anchor of every link of the pages for drafters."""
    for page in (HANDBOOK, PATTERNS, DOCS / "cell-language.md", DOCS.parent / "README.zh-CN.md"):
        for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                file, _, place = target.partition("#")
                yield page, file, place


@pytest.mark.parametrize(("page", "file", "place"), list(links()))
def test_links_lead_somewhere(page: Path, file: str, place: str) -> None:
    target = (page.parent / file) if file else page
    assert target.exists()
    if place:
        headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.M)
        assert place in map(anchor, headings)


def test_the_pictures_are_those_of_the_handbook_and_small() -> None:
    shown = set(re.findall(r"images/(handbook-[^)]+)", HANDBOOK.read_text(encoding="utf-8")))
    made = {each.name: each.stat().st_size for each in DOCS.glob("images/handbook-*.png")}
    assert shown == made.keys()
    assert max(made.values()) < LARGEST_PICTURE
