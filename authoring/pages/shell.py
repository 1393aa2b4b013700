"""What all pages share: styles, the sidebar that names the policy, and what happens on a crash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, wraps
from importlib.resources import files
from typing import ParamSpec

import streamlit as st

from authoring.messages import fill, words
from authoring.pages.book import Book, open_book
from authoring.pages.choice import ask_choice, chosen, file_of
from authoring.pages.crashes import log_crash, show_crash
from authoring.pages.plain import plain
from authoring.pages.visit import arrive
from authoring.pages.words import say
from authoring.render_html import Html, element
from engine.findings import Finding, Severity
from engine.fingerprint import short_print

Given = ParamSpec("Given")

STYLES = ("page.css", "results.css", "check.css", "compare.css", "portfolio.css", "what_if.css")


def show_page(page: Callable[[Book], None], *, sound: bool = True) -> None:
    """Draw one page for the policy in use; ``sound``: only for one without errors.

    Without a readable policy it says what to do instead. A crash shows a number; what happened
    stands in the log under that number.
    """
    try:
        arrive()
        _dress()
        with st.sidebar:
            ask_choice()
        book = _open()
        if book is not None:
            _sidebar(book)
            if sound and book.engine is None:
                _show_findings(book)
            else:
                page(book)
    except Exception as error:
        show_crash(log_crash(error))


def alone(part: Callable[Given, None]) -> Callable[Given, None]:
    """A part of a page that is drawn anew alone when one of its own widgets is used."""

    @wraps(part)
    def guarded(*args: Given.args, **options: Given.kwargs) -> None:
        try:
            part(*args, **options)
        except Exception as error:
            show_crash(log_crash(error))

    return st.fragment(guarded)


def _dress() -> None:
    st.html(f"<style>{_styles()}</style>")
    st.html(f"<script>{_resource('page.js')}</script>", unsafe_allow_javascript=True)


@cache
def _styles() -> str:
    return "".join(map(_resource, STYLES))


@cache
def _resource(name: str) -> str:
    return files("authoring").joinpath("pages", name).read_text(encoding="utf-8")


def _open() -> Book | None:
    book = chosen()
    try:
        with st.spinner(say("book.reading")):
            return open_book(book)
    except OSError:
        st.title(say("book.missing_title"), anchor=False)
        st.info(say("book.missing", path=plain(str(book.path))), icon=":material/info:")
        return None


def _sidebar(book: Book) -> None:
    policy = book.policy
    warnings = sum(finding.severity is Severity.WARNING for finding in book.findings)
    with st.sidebar:
        if policy is not None:
            lines = [
                element("b", policy.title),
                element("span", policy.number),
                element("span", say("policy.effective", date=policy.effective.isoformat())),
            ]
            if policy.expires is not None:
                lines.append(
                    element("span", say("policy.expires", date=policy.expires.isoformat()))
                )
            if book.engine is not None:
                whole = book.engine.fingerprint
                print_ = element("code", short_print(whole), title=whole)
                lines.append(element("span", say("policy.fingerprint"), print_))
        else:
            lines = [element("b", chosen().name)]
        lines.append(element("span", say("policy.file", name=file_of(chosen()))))
        if _is_tried(book):
            _await_status(book, lines, warnings)
        else:
            _tell_policy(book, lines, warnings)


def _is_tried(book: Book) -> bool:
    """Whether its golden cases still run."""
    return book.trial is not None and not book.trial.finished


@st.fragment(run_every=2.0)
def _await_status(book: Book, lines: Sequence[Html], warnings: int) -> None:
    """Tell how the golden cases came out as soon as they have.

    It draws no page, but itself: a click that meets a page drawn anew would be lost.
    """
    _tell_policy(book, lines, warnings)


def _tell_policy(book: Book, lines: Sequence[Html], warnings: int) -> None:
    title, status = element("h2", say("policy.title")), _status(book, warnings)
    st.html(element("div", title, *lines, status, class_="tl-policy"))


def _status(book: Book, warnings: int) -> Html:
    """Whether one may compute with it."""
    if book.engine is None:
        return element("span", say("policy.broken"), class_="tl-status tl-broken")
    if _is_tried(book):
        return element("span", say("policy.tried"), class_="tl-status")
    if book.golden is None:
        return element("span", say("policy.untried"), class_="tl-status tl-broken")
    if count := book.golden.unmet:
        return element("span", say("policy.astray", count=count), class_="tl-status tl-broken")
    if warnings:
        return element("span", say("policy.warned", count=warnings), class_="tl-status tl-warned")
    return element("span", say("policy.usable"), class_="tl-status tl-usable")


def _show_findings(book: Book) -> None:
    errors = [finding for finding in book.findings if finding.severity is Severity.ERROR]
    st.title(say("book.broken_title"), anchor=False)
    file = chosen()
    key = "book.broken" if book.sheets else "book.unreadable"
    if file.path is None:
        key += "_upload"
    st.warning(say(key, count=len(errors), name=plain(file.name)), icon=":material/rule:")
    columns = ("place", "problem", "remedy")
    head = element("tr", *(element("th", say(f"book.{key}"), scope="col") for key in columns))
    table = element(
        "table",
        element("thead", head),
        element("tbody", *map(_finding_row, errors)),
    )
    st.html(element("div", element("div", table, class_="tl-scroll"), class_="tl"))


def _finding_row(finding: Finding) -> Html:
    spoken = words(finding.code)
    guess = "、".join(finding.did_you_mean)
    remedy = [fill(spoken.help, finding.params)]
    if guess:
        remedy.append(say("form.did_you_mean", words=guess))
    return element(
        "tr",
        element("td", str(finding.at or say("check.whole_book"))),
        element("td", fill(spoken.message, finding.params)),
        element("td", *remedy),
    )
