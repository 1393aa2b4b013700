"""What only paper says: what the sheet is, of which policy and day, and what was chosen on it."""

from __future__ import annotations

import streamlit as st

from authoring.pages.book import Book
from authoring.pages.words import say
from authoring.render_html import element, render_paper
from engine.fingerprint import short_print


def head_paper(title: str, *lines: str) -> None:
    """Say at the top of a sheet what it is."""
    st.html(render_paper(title, *lines))


def tell_paper(told: str) -> None:
    """Say on paper which part of a page this is, as the controls say on the screen."""
    st.html(element("h2", told, class_="tl-print"))


def note_paper(told: str) -> None:
    """Say something small on paper that a control says on the screen."""
    st.html(element("p", told, class_="tl-print"))


def name_policy(book: Book) -> str:
    """Title, number and fingerprint; of a workbook with errors as much as there is."""
    policy = book.policy or book.understanding.draft
    if policy is None or not policy.title:
        return say("paper.no_policy")
    number = say("paper.and").join(filter(None, (policy.id, policy.number)))
    told = say("paper.policy", title=policy.title, number=number)
    if book.engine is None:
        return told
    short = short_print(book.engine.fingerprint)
    return say("paper.version", policy=told, fingerprint=short)
