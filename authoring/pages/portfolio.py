"""项目库测算: a list of projects at one go; what is wrong in which row; the proof of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import TypeAlias, cast

import streamlit as st

from authoring.archives import MAX_FILE_BYTES, MEBIBYTE
from authoring.case_template import case_template, fullest
from authoring.cases import CaseFile, Known, read_case_list
from authoring.cases.files import LISTS
from authoring.cases.sheet import MOST_CASES
from authoring.contest_words import lines_of
from authoring.messages import text
from authoring.pages.book import Book
from authoring.pages.kept import Kept, ask_file
from authoring.pages.mime import XLSX
from authoring.pages.paging import ask_page
from authoring.pages.paper import head_paper, name_policy, tell_paper
from authoring.pages.plain import plain
from authoring.pages.shell import show_page
from authoring.pages.words import say
from authoring.pages.work import Tell, show_work, work_on
from authoring.project_results import results_book
from authoring.projects import RowError, row_errors, row_warnings
from authoring.remarks import list_remark_of
from authoring.render_budget import render_shares
from authoring.render_check import group_remarks, render_remarks
from authoring.render_contests import render_contest, render_lines, render_open
from authoring.render_html import render
from authoring.render_portfolio import (
    render_errors,
    render_measure_totals,
    render_project,
    render_totals,
)
from authoring.splits import shares_by, shares_by_verdict, splits_of
from engine.explain import explain
from engine.findings import has_errors
from engine.model import Policy
from engine.portfolio import (
    PortfolioTotals,
    ProjectResult,
    add_up,
    run_selections,
    work_out,
)
from engine.selection import SelectionResult
from engine.simulate import Engine, simulate

FILE, VIEW, SORT, OPEN, FIELD, CONTEST = (
    f"portfolio-{name}" for name in ("file", "view", "sort", "open", "field", "contest")
)
VIEWS = ("projects_view", "measures_view", "shares_view", "contests_view", "errors_view")
SORTS = ("by_row", "by_money")
PER_PAGE = 20
LINES_PER_PAGE = 50
WORK = "portfolio-work"

Subject: TypeAlias = tuple[str, str]
"""The versions of the workbook and of the list: a number is that of a project only in these."""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A list of projects, worked out as far as its rows can be read."""

    file: CaseFile
    projects: tuple[ProjectResult, ...]
    totals: PortfolioTotals
    contests: tuple[SelectionResult, ...]


def show() -> None:
    """Draw the page."""
    show_page(_page)


def _page(book: Book) -> None:
    policy, known = cast(Policy, book.policy), cast(Known, book.known)
    with st.container(horizontal=True, vertical_alignment="center", key="page-header"):
        st.title(say("portfolio.title"), width="stretch", anchor=False)
        st.download_button(
            say("portfolio.template"),
            lambda: case_template(policy, known, fullest(book.understanding.golden_cases)),
            file_name=say("portfolio.template_name", id=policy.id),
            mime=XLSX,
            icon=":material/download:",
            help=say("portfolio.template_help"),
            on_click="ignore",
        )
    st.caption(say("portfolio.about"))
    label = say("portfolio.upload", limit=MOST_CASES)
    endings = tuple(each.removeprefix(".") for each in LISTS)
    file = ask_file(FILE, label, endings, MAX_FILE_BYTES // MEBIBYTE, WORK)
    if file is None:
        _head(book, say("paper.nothing"))
        st.session_state.pop(OPEN, None)
        st.info(say("portfolio.empty"), icon=":material/info:")
        return
    portfolio = _work_out(book, file)
    if portfolio is None:
        return
    if has_errors(portfolio.file.findings):
        _head(book, say("paper.list", name=file.name))
        st.error(say("portfolio.broken"), icon=":material/error:")
        remarks = group_remarks(map(list_remark_of, portfolio.file.findings))
        sheets = {each.name: each for each in portfolio.file.sheets}
        st.html(render_remarks(remarks, sheets))
        return
    subject = (book.version, file.version)
    opened = st.session_state.get(OPEN)
    if opened is not None and opened[0] == subject:
        _one(book, portfolio.projects[opened[1]])
    else:
        st.session_state.pop(OPEN, None)
        _head(book, say("paper.list", name=file.name), *_days(portfolio.projects))
        _all(subject, policy, file, portfolio)


def _head(book: Book, *lines: str) -> None:
    worked_out = say("paper.worked_out", date=date.today().isoformat())
    head_paper(say("portfolio.title"), name_policy(book), *lines, worked_out)


def _days(projects: Sequence[ProjectResult]) -> Iterator[str]:
    """On which reference date, or between which, the projects were looked at."""
    days = sorted({each.case.date for each in projects})
    if len(days) > 1:
        yield say("paper.days", first=days[0].isoformat(), last=days[-1].isoformat())
    elif days:
        yield say("paper.day", date=days[0].isoformat())


def _work_out(book: Book, file: Kept) -> Portfolio | None:
    def job(tell: Tell) -> Portfolio:
        # The book itself, because its engine ends when nobody holds the book any more.
        policy, engine = cast(Policy, book.policy), cast(Engine, book.engine)
        read = read_case_list(file.content, policy, file.name)
        cases = [case for _, (case, _, _) in read.readings if case is not None]
        projects = []
        tell(0, len(cases))
        for done, case in enumerate(cases, start=1):
            projects.append(work_out(engine, case))
            tell(done, len(cases))
        contests = run_selections(policy, projects)
        return Portfolio(read, tuple(projects), add_up(policy, projects), contests)

    def told(done: int, total: int) -> str:
        if not total:
            return say("portfolio.reading")
        return say("portfolio.running", done=done, total=total)

    work = work_on(WORK, (book.version, file.version, file.name), job)
    return show_work(work, told)


def _all(subject: Subject, policy: Policy, file: Kept, portfolio: Portfolio) -> None:
    errors, warnings = row_errors(portfolio.file), row_warnings(portfolio.file)
    read, done = len(portfolio.file.readings), len(portfolio.projects)
    st.html(render_totals(read, done, read - done, portfolio.totals.money))
    _notices(done, read - done, len(warnings))
    views = [each for each in VIEWS if policy.selections or each != "contests_view"]

    def name(view: str) -> str:
        key = "errors_and_warnings" if warnings and view == VIEWS[-1] else view
        return say(f"portfolio.{key}", count=read - done, warned=len(warnings))

    with st.container(horizontal=True, vertical_alignment="center", key="filter"):
        view = st.segmented_control(
            say("portfolio.view"),
            views,
            default=VIEWS[0] if done else VIEWS[-1],
            format_func=name,
            key=VIEW,
            label_visibility="collapsed",
            required=True,
            width="stretch",
        )
        if done:
            _download(policy, file, portfolio)
    tell_paper(name(view))
    match view:
        case "measures_view":
            st.html(render_measure_totals(portfolio.totals))
        case "shares_view":
            _shares(policy, portfolio)
        case "contests_view":
            _contests(policy, portfolio)
        case "errors_view":
            _told(errors, warnings)
        case _:
            _list(subject, portfolio.projects)


def _notices(done: int, wrong: int, warnings: int) -> None:
    """What to look at once more, on one line where some projects could be worked out."""
    more = [say("portfolio.warned", count=warnings)] if warnings else []
    if not done:
        st.error(say("portfolio.nothing_read"), icon=":material/error:")
    elif wrong:
        told = [say("portfolio.skipped", count=wrong), *more]
        st.warning("".join(told), icon=":material/warning:")
    elif more:
        st.info(more[0], icon=":material/info:")


def _download(policy: Policy, file: Kept, portfolio: Portfolio) -> None:
    st.download_button(
        say("portfolio.results"),
        lambda: results_book(
            policy,
            portfolio.file,
            portfolio.projects,
            portfolio.totals,
            portfolio.contests,
            name=file.name,
            made_on=date.today(),
        ),
        file_name=say("portfolio.results_name", name=PurePath(file.name).stem),
        mime=XLSX,
        icon=":material/download:",
        help=say("portfolio.results_help"),
        on_click="ignore",
        type="primary",
    )


def _shares(policy: Policy, portfolio: Portfolio) -> None:
    """The money by a field or another column that a person chooses, and by verdict."""
    projects = portfolio.projects
    st.subheader(say("budget.by_field"), anchor=False)
    splits = {each.name: each for each in splits_of(policy, portfolio.file, projects)}
    if not splits:
        st.info(say("budget.no_field"), icon=":material/info:")
    else:
        if st.session_state.get(FIELD) not in splits:
            st.session_state[FIELD] = next(iter(splits))
        name = st.selectbox(
            say("budget.choose_field"), list(splits), format_func=plain, key=FIELD, width=320
        )
        st.caption(say("budget.field_about"))
        shares = shares_by(splits[name], projects)
        unit = say("budget.field_unit")
        st.html(render_shares(shares, say("budget.by_field"), head=name, unit=unit))
    st.subheader(say("budget.by_verdict"), anchor=False)
    st.caption(say("budget.by_verdict_about"))
    st.html(
        render_shares(
            shares_by_verdict(projects),
            say("budget.by_verdict"),
            head=say("budget.verdict_head"),
            unit=say("budget.verdict_unit"),
            stake="budget.stake_alone",
        )
    )


def _contests(policy: Policy, portfolio: Portfolio) -> None:
    """The contests of the policy over all projects of the list: who is in, who is not, and why."""
    st.caption(say("contests.about"))
    names = {each.selection.name: each for each in portfolio.contests}
    if st.session_state.get(CONTEST) not in names:
        st.session_state[CONTEST] = next(iter(names))
    if len(names) > 1:
        st.selectbox(say("contests.choose"), list(names), format_func=plain, key=CONTEST, width=320)
    result = names[st.session_state[CONTEST]]
    tell_paper(result.selection.name)
    fields = {each.name: each for each in policy.fields}
    st.html(render_contest(result, fields))
    if unread := len(portfolio.file.readings) - len(portfolio.projects):
        st.warning(text("projects.unread", count=unread), icon=":material/warning:")
    if result.open:
        st.warning(say("contests.open"), icon=":material/help:")
        st.html(render_open(result))
        return
    lines = [each for each in lines_of(result, fields) if each.entry.rank is not None]
    others = len(result.entries) - len(lines)
    if lines:
        first = ask_page("contest-page", len(lines), LINES_PER_PAGE)
        cases = {each.case.id: each.case for each in portfolio.projects}
        st.html(render_lines(lines[first : first + LINES_PER_PAGE], cases))
        if others:
            st.caption(say("contests.others", count=others))
    else:
        st.info(say("contests.nobody"), icon=":material/info:")


def _told(errors: Sequence[RowError], warnings: Sequence[RowError]) -> None:
    """What is wrong, and below it what to look at once more."""
    if errors:
        first = ask_page("portfolio-errors", len(errors), LINES_PER_PAGE)
        st.html(render_errors(errors[first : first + LINES_PER_PAGE]))
    else:
        st.info(say("portfolio.no_errors"), icon=":material/check:")
    if warnings:
        label = say("portfolio.warnings")
        st.subheader(label, anchor=False)
        first = ask_page("portfolio-warnings", len(warnings), LINES_PER_PAGE)
        st.html(render_errors(warnings[first : first + LINES_PER_PAGE], label))


def _list(subject: Subject, projects: Sequence[ProjectResult]) -> None:
    """The projects, a page at a time; a click on one opens its proof."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = st.selectbox(
            say("portfolio.sort"),
            SORTS,
            format_func=lambda key: say(f"portfolio.{key}"),
            key=SORT,
            width=200,
            label_visibility="collapsed",
        )
        first = ask_page("portfolio-page", len(projects), PER_PAGE)
    numbers = list(range(len(projects)))
    if order == SORTS[1]:
        numbers.sort(key=lambda number: (-projects[number].total.high, number))
    with st.container(key="projects", gap="xsmall"):
        for number in numbers[first : first + PER_PAGE]:
            project = projects[number]
            with st.container(
                horizontal=True, vertical_alignment="center", key=f"project-{number}"
            ):
                st.html(render_project(project), width="stretch")
                st.button(
                    say("portfolio.open"),
                    key=f"open-{number}",
                    help=say("portfolio.open_help", name=plain(project.case.name)),
                    on_click=_open,
                    args=((subject, number),),
                )


def _open(which: tuple[Subject, int] | None) -> None:
    st.session_state[OPEN] = which


def _one(book: Book, project: ProjectResult) -> None:
    """One project with its proof."""
    with st.container(horizontal=True, vertical_alignment="center", key="one-project"):
        st.html(render_project(project), width="stretch")
        st.button(say("portfolio.back"), icon=":material/arrow_back:", on_click=_open, args=(None,))
    narrative = explain(simulate(cast(Engine, book.engine), project.case))
    st.html(render(narrative))
