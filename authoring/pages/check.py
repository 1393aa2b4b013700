"""编辑与校验: what is wrong with a workbook, how its cells are read, what derives what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from graphlib import CycleError
from pathlib import PurePath
from typing import TypeAlias

import streamlit as st

from authoring.examination import (
    NO_GOLDEN,
    Golden,
    annotated_copy,
    cell_readings,
    remarks_of,
)
from authoring.mend import Mend, mend
from authoring.package.splice import UnreadablePartError
from authoring.pages.book import Book, open_book
from authoring.pages.choice import BOOK, Offered, ask_upload, chosen, file_of, labels, offered
from authoring.pages.mime import XLSX
from authoring.pages.paging import ask_page
from authoring.pages.paper import head_paper, name_policy, note_paper, tell_paper
from authoring.pages.plain import plain
from authoring.pages.shell import show_page
from authoring.pages.words import say
from authoring.pages.work import show_work
from authoring.remarks import Remark
from authoring.render_check import (
    group_remarks,
    render_counts,
    render_mends,
    render_readings,
    render_remarks,
    render_roles,
)
from authoring.render_dot import rules_dot
from engine.findings import Severity
from engine.roles import table_roles

VIEW, LEVEL, SHEET = "check-view", "check-level", "check-sheet"
CHECKED, BESIDE = "check-book", "check-beside"
VIEWS = ("findings_view", "readings_view", "rules_view")
ALL, UNMET = "all", "unmet"
PER_PAGE = 30
Mended: TypeAlias = tuple[bytes, tuple[Mend, ...]]


def show() -> None:
    """Draw the page."""
    show_page(_page, sound=False)


def page() -> st.Page:
    """The page, for the navigation and for those who lead to it."""
    return st.Page(show, title=say("check.title"), icon=":material/rule:", url_path="check")


def hand_over(key: str) -> None:
    """Check a workbook when the page is next drawn, whichever is in use. Only in a callback."""
    st.session_state[CHECKED], st.session_state[BESIDE] = key, chosen().key


def _page(book: Book) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="page-title"):
        st.title(say("check.title"), anchor=False)
    st.caption(say("check.about"))
    ask_upload("check", say("check.upload"), choose=CHECKED)
    file = _checked()
    if file.key != chosen().key:
        with st.spinner(say("book.reading")):
            book = open_book(file)
    _name(file, book)
    head_paper(
        say("check.title"),
        name_policy(book),
        say("paper.book", name=file_of(file)),
        say("paper.checked", date=date.today().isoformat()),
    )
    counts = Counter(each.severity for each in book.findings)
    figures = st.container()
    golden = _golden(book)
    figures.html(render_counts(counts, golden, _unrun(book)))
    _verdict(book, counts, golden)
    if not book.sheets:
        _findings(book, golden)
        return
    _downloads(file, book, golden)
    with st.container(key="filter"):
        view = st.segmented_control(
            say("check.view"),
            VIEWS,
            default=VIEWS[0],
            format_func=lambda name: say(f"check.{name}"),
            key=VIEW,
            label_visibility="collapsed",
            required=True,
        )
    tell_paper(say(f"check.{view}"))
    match view:
        case "readings_view":
            _readings(book)
        case "rules_view":
            _rules(book)
        case _:
            _findings(book, golden)


def _checked() -> Offered:
    """The workbook to check: what was uploaded here, until another policy is chosen; else that."""
    in_use = chosen()
    if st.session_state.get(BESIDE) != in_use.key:
        st.session_state.pop(CHECKED, None)
    st.session_state[BESIDE] = in_use.key
    return offered().get(str(st.session_state.get(CHECKED)), in_use)


def _name(file: Offered, book: Book) -> None:
    """What is checked; and, where it is not what the other pages compute with, what that is."""
    told = say("check.checked", name=plain(file_of(file)))
    in_use = chosen()
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key="checked-file"
    ):
        if file.key == in_use.key:
            st.markdown(told, width="stretch")
            return
        aside = say("check.in_use", label=labels(offered())[in_use.key])
        st.markdown(told + aside, width="stretch")
        if book.engine is not None:
            st.button(
                say("check.use"), icon=":material/calculate:", on_click=_use, args=(file.key,)
            )
        st.button(
            say("check.back"), icon=":material/arrow_back:", on_click=_use, args=(in_use.key,)
        )


def _use(key: str) -> None:
    """Compute with a workbook, and check that. Only in a callback."""
    st.session_state[BOOK] = key
    st.session_state.pop(CHECKED, None)


def _golden(book: Book) -> Golden | None:
    """How the golden cases came out; None where errors keep them from it, and until they did."""
    if book.trial is None:
        return None

    def told(done: int, total: int) -> str:
        return say("check.running", done=done, total=total) if total else say("check.waiting")

    return show_work(book.trial, told, shared=True, again=book.try_again)


def _unrun(book: Book) -> str:
    """Why the golden cases have no result."""
    if book.trial is None:
        return say("check.cases_not_run")
    return say("check.cases_crashed" if book.trial.crash else "check.cases_running")


def _verdict(book: Book, counts: Counter[Severity], golden: Golden | None) -> None:
    if counts[Severity.ERROR]:
        key = "check.broken" if book.sheets else "check.unreadable"
        st.error(say(key, count=counts[Severity.ERROR]), icon=":material/block:")
    elif golden is None:
        return
    elif not golden.passed:
        st.error(say("check.failing", count=golden.unmet), icon=":material/rule:")
    elif counts[Severity.WARNING]:
        st.warning(say("check.warned", count=counts[Severity.WARNING]), icon=":material/warning:")
    else:
        key = "check.fine" if golden.cases else "check.fine_no_cases"
        st.success(say(key), icon=":material/check_circle:")


def _downloads(file: Offered, book: Book, golden: Golden | None) -> None:
    """The copies; each is made when it is asked for."""
    stem = PurePath(file.name).stem
    mended = book.made("mended", _mended)
    copy, mends = mended or (b"", ())
    running = golden is None and book.trial is not None and not book.trial.crash
    with st.container(horizontal=True, key="downloads"):
        st.download_button(
            say("check.annotated"),
            lambda: annotated_copy(
                book.content,
                book.sheets,
                book.understanding,
                golden or NO_GOLDEN,
                show_readings=True,
            ),
            disabled=mended is None or running,
            file_name=say("check.annotated_name", name=stem),
            mime=XLSX,
            icon=":material/rate_review:",
            type="primary",
            help=say("check.annotated_help"),
            on_click="ignore",
        )
        if mends:
            st.download_button(
                say("check.mended"),
                copy,
                file_name=say("check.mended_name", name=stem),
                mime=XLSX,
                icon=":material/healing:",
                help=say("check.mended_help"),
                on_click="ignore",
            )
    if mended is None:
        st.info(say("check.locked"), icon=":material/lock:")
    elif mends:
        with st.expander(say("check.mends", count=len(mends))):
            st.html(render_mends(mends))


def _mended(book: Book) -> Mended | None:
    """The workbook with its small faults mended; None when it can be read, but not changed."""
    try:
        return mend(book.content, book.sheets, book.understanding)
    except UnreadablePartError:
        return None


def _findings(book: Book, golden: Golden | None) -> None:
    remarks = remarks_of(book.understanding, golden or NO_GOLDEN)
    groups = group_remarks(remarks)
    if not groups:
        st.info(say("check.nothing"), icon=":material/check:")
        return
    chosen_groups = _of_level(groups, golden)
    first = ask_page("check-page", len(chosen_groups), PER_PAGE)
    sheets = {sheet.name: sheet for sheet in book.sheets}
    st.html(render_remarks(chosen_groups[first : first + PER_PAGE], sheets))


def _of_level(
    groups: Sequence[tuple[Remark, ...]], golden: Golden | None
) -> Sequence[tuple[Remark, ...]]:
    """The groups of the level that a person chooses; each counts what the figures above count."""
    counts: Counter[str] = Counter()
    for group in groups:
        counts[_level(group)] += len(group)
    counts[UNMET] = 0 if golden is None else golden.unmet
    error, *lesser = map(str, Severity)
    levels = [level for level in (error, UNMET, *lesser) if counts[level]]
    if len(levels) == 1:
        return groups
    if st.session_state.get(LEVEL) not in (ALL, *levels):
        st.session_state[LEVEL] = ALL

    def name(level: str) -> str:
        count = counts.total() if level == ALL else counts[level]
        return say("check.option", name=say(f"check.{level}"), count=count)

    with st.container(key="level"):
        level = st.segmented_control(
            say("check.filter"),
            [ALL, *levels],
            format_func=name,
            key=LEVEL,
            label_visibility="collapsed",
            required=True,
        )
    note_paper(name(level or ALL))
    return [group for group in groups if level in (ALL, _level(group))]


def _level(group: Sequence[Remark]) -> str:
    """How grave a group is; that golden cases do not come out is counted by itself."""
    return str(group[0].severity) if group[0].code else UNMET


def _readings(book: Book) -> None:
    st.caption(say("check.readings_about"))
    readings = cell_readings(book.sheets, book.understanding)
    names = list(dict.fromkeys(each.at.sheet for each in readings))
    if not names:
        st.info(say("check.readings_none"), icon=":material/info:")
        return
    if st.session_state.get(SHEET) not in names:
        st.session_state[SHEET] = names[0]
    name = st.selectbox(say("check.sheet"), names, format_func=plain, key=SHEET, width=320)
    note_paper(say("paper.sheet", name=name))
    sheets = {sheet.name: sheet for sheet in book.sheets}
    st.html(render_readings([each for each in readings if each.at.sheet == name], sheets))


def _rules(book: Book) -> None:
    policy = book.understanding.draft
    try:
        roles = () if policy is None else table_roles(policy)
    except CycleError:
        st.warning(say("rules.circle"), icon=":material/sync_problem:")
        return
    dot = rules_dot(roles)
    if dot:
        st.caption(say("rules.about"))
        st.graphviz_chart(dot, width="stretch", alt=say("rules.alt"))
    else:
        st.info(say("rules.none"), icon=":material/info:")
    if roles:
        with st.expander(say("rules.list"), expanded=not dot):
            st.html(render_roles(roles))
