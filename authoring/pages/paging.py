"""A long list, a page at a time."""

from __future__ import annotations

import streamlit as st

from authoring.pages.paper import note_paper
from authoring.pages.words import say


def ask_page(key: str, count: int, per_page: int) -> int:
    """Where the page begins that a person chose; nothing is asked where one page is enough."""
    pages = -(-count // per_page)
    if pages <= 1:
        return 0
    key = f"{key}-{pages}"

    def name(page: int) -> str:
        return say("paging.of", page=page + 1, pages=pages)

    page = st.selectbox(
        say("paging.label"),
        range(pages),
        format_func=name,
        key=key,
        width=200,
        label_visibility="collapsed",
    )
    note_paper(name(page))
    return page * per_page
