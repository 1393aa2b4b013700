"""假如……: one number moves, and the money with it."""

from __future__ import annotations

import streamlit as st

from authoring.pages.book import Book
from authoring.pages.plain import plain
from authoring.pages.state import Answer
from authoring.pages.words import say
from authoring.pages.work import Tell, show_work, work_on
from authoring.render_curve import render_curve
from engine.model import Field
from engine.varying import movable_numbers
from engine.what_if import Curve, draw_curve

FIELD = "what-if-field"


def show_what_if(book: Book, answer: Answer) -> None:
    """Let a person vary one number of the project that was answered."""
    engine = book.engine
    if engine is None or book.version != answer.version:
        return
    fields = {field.name: field for field in movable_numbers(engine.policy, answer.case)}
    with st.expander(say("what_if.title")):
        if not fields:
            st.info(say("what_if.none"), icon=":material/info:")
            return
        if st.session_state.get(FIELD) not in fields:
            st.session_state.pop(FIELD, None)
        name = st.selectbox(
            say("what_if.field"),
            list(fields),
            index=None,
            format_func=plain,
            placeholder=say("what_if.placeholder"),
            help=say("what_if.about"),
            key=FIELD,
            width=320,
        )
        if name is not None:
            _draw(book, answer, fields[name])


def _draw(book: Book, answer: Answer, field: Field) -> None:
    def job(tell: Tell) -> Curve:
        # The book itself, because its engine ends when nobody holds the book any more.
        assert book.engine is not None
        return draw_curve(book.engine, answer.case, field, tell)

    work = work_on("what-if-work", (book.version, answer.number, field.name), job)
    curve = show_work(work, lambda _done, _total: say("what_if.running"))
    if curve is not None:
        st.html(render_curve(curve))
        if curve.here is None:
            st.caption(say("what_if.unknown_here"))
