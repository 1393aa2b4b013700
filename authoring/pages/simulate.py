"""项目测算: describe one project, see what it may receive, and why."""

from __future__ import annotations

from functools import partial
from typing import cast

import streamlit as st

from authoring.cases import Known
from authoring.pages import state
from authoring.pages.book import Book, samples_of
from authoring.pages.case_form import show_folded, show_form
from authoring.pages.choice import chosen
from authoring.pages.downloads import show_downloads
from authoring.pages.paper import head_paper, name_policy
from authoring.pages.plain import plain
from authoring.pages.results import show_results
from authoring.pages.shell import show_page
from authoring.pages.what_if import show_what_if
from authoring.pages.words import say
from engine.cases import Case
from engine.explain import explain
from engine.model import Policy
from engine.simulate import Engine, simulate


def show() -> None:
    """Draw the page."""
    show_page(_page)


def _page(book: Book) -> None:
    policy, known = cast(Policy, book.policy), cast(Known, book.known)
    state.begin(policy, known, book.version)
    _show_header(policy, known)
    if (case := state.wished()) is not None:
        _answer(book, case)
    answer = state.answer()
    if answer is None:
        head_paper(say("simulate.title"), name_policy(book), say("paper.nothing"))
        st.info(say("result.empty"), icon=":material/info:")
    if answer is not None and state.is_folded() and answer.version == book.version:
        show_folded(answer)
    else:
        show_form(policy, known, book.version)
    if answer is not None:
        if answer.version == book.version:
            engine, name = cast(Engine, book.engine), chosen().name
            show_downloads(answer.case, engine, book.version, book.content, name)
        document = policy.number if answer.version == book.version else ""
        show_results(answer, partial(show_what_if, book, answer), document)


def _answer(book: Book, case: Case) -> None:
    """Work out what was asked for."""
    try:
        with st.spinner(say("result.computing")):
            narrative = explain(simulate(cast(Engine, book.engine), case))
    except Exception:
        state.give_up_wish()
        raise
    state.keep_answer(case, book.version, narrative)


def _show_header(policy: Policy, known: Known) -> None:
    samples = samples_of(chosen().path)
    with st.container(horizontal=True, vertical_alignment="center", key="page-header"):
        st.title(say("simulate.title"), width="stretch", anchor=False)
        if samples:
            st.menu_button(
                say("form.samples"),
                list(samples),
                format_func=lambda path: plain(samples[path]),
                key=state.SAMPLE,
                icon=":material/lightbulb:",
                on_click=state.load_sample,
                args=(policy, known),
            )
        st.button(say("form.clear"), on_click=state.clear, args=(policy,), type="tertiary")
    if problem := state.take_problem():
        st.error(plain(problem), icon=":material/error:")
    if state.has_dropped_wish():
        st.warning(say("form.dropped"), icon=":material/published_with_changes:")
