"""The form of one case: name, date and subjects, then the fields by group; and its folded line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from authoring.cases import Known, check_constraints
from authoring.cases.facts import check_date
from authoring.pages import state
from authoring.pages.form import (
    Entry,
    ask,
    ask_date,
    asked_fields,
    message_of,
    read_date,
    read_entry,
    widget_key,
)
from authoring.pages.plain import plain
from authoring.pages.words import say
from authoring.render_html import element
from engine.cases import Case
from engine.model import Policy


@dataclass(frozen=True, slots=True)
class Draft:
    """The form as it stands: the case, or None while something stands in the way.

    ``wrong`` are the keys and names of the widgets that cannot be read; ``contradictions`` says
    which 业务约束 the facts break; ``outside`` that the policy is not in force on the date.
    """

    case: Case | None
    filled: int
    asked: int
    wrong: tuple[tuple[str, str], ...] = ()
    contradictions: str = ""
    outside: bool = False


def show_form(policy: Policy, known: Known) -> Draft:
    """Draw the form; gives what stands in it."""
    with st.container(border=True, key="form"):
        with st.container(horizontal=True, vertical_alignment="center", key="form-head"):
            st.header(say("form.title"), width="stretch", anchor=False)
            st.button(
                say("form.start"),
                type="primary",
                icon=":material/play_arrow:",
                shortcut="Ctrl+Enter",
                on_click=_start,
                args=(policy, known),
            )
        notice = st.container()
        day, subjects = _ask_frame(policy, known)
        on = _day_of(day)
        entries = []
        for number, (group, fields) in enumerate(asked_fields(policy, subjects).items()):
            st.html(element("h3", group or say("form.other_group"), class_="tl-group"))
            with st.container(key=f"grid-{number}"):
                for field in fields:
                    with st.container():
                        entries.append(ask(field, on, known))
    draft = _draft(day, subjects, policy, entries)
    with notice:
        _tell(draft)
    _lead()
    return draft


def read_draft(policy: Policy, known: Known) -> Draft:
    """What stands in the form, without drawing it."""
    held = st.session_state
    day = read_date(say("form.date_label"), held.get(state.DATE), known)
    on = _day_of(day)
    subjects = frozenset(held.get(state.SUBJECTS) or ())
    fields = [field for group in asked_fields(policy, subjects).values() for field in group]
    entries = [read_entry(field, held.get(widget_key(field.name)), on, known) for field in fields]
    return _draft(day, subjects, policy, entries)


def _start(policy: Policy, known: Known) -> None:
    """Ask for an answer, or lead to the first thing that stands in its way. Only in a callback."""
    draft = read_draft(policy, known)
    if draft.case is not None:
        state.wish(draft.case)
    elif draft.wrong:
        state.lead_to(draft.wrong[0][0])


def _day_of(entry: Entry) -> date | None:
    return entry.value if isinstance(entry.value, date) else None


def show_folded(answer: state.Answer) -> None:
    """Draw the form as one line that sums up what was answered; a new answer begins at the top."""
    case = answer.case
    parts = [
        say("form.on_date", date=case.date.isoformat()),
        say("form.filled", filled=len(case.facts)),
    ]
    if case.subjects is not None:
        parts.append(say("form.about", subjects="、".join(sorted(case.subjects))))
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="folded-form"):
        name = element("b", case.name or say("form.unnamed"))
        line = element("div", name, *(element("span", part) for part in parts), class_="tl-folded")
        st.html(line, width="stretch")
        st.html(
            f"<script>/*{answer.number}*/window.tiaoliToTop()</script>",
            unsafe_allow_javascript=True,
        )
        st.button(say("form.unfold"), icon=":material/edit:", on_click=state.unfold)


def _ask_frame(policy: Policy, known: Known) -> tuple[Entry, frozenset[str]]:
    """Ask for what is no field: name, reference date, subjects."""
    with st.container(key="grid-case"):
        with st.container():
            st.text_input(
                say("form.name"),
                key=state.NAME,
                placeholder=say("form.name_placeholder"),
                autocomplete="off",
                persist_state="session",
            )
        with st.container():
            day = ask_date(say("form.date_label"), state.DATE, known)
        chosen: list[str] = []
        if policy.subjects:
            with st.container():
                chosen = st.multiselect(
                    say("form.subjects"),
                    policy.subjects,
                    key=state.SUBJECTS,
                    placeholder=say("form.subjects_placeholder"),
                    help=say("form.subjects_help"),
                    persist_state="session",
                )
                if not chosen:
                    needed = say("form.wrong", message=say("form.subjects_needed"))
                    st.html(element("p", needed, class_="tl-wrong", role="alert"))
    return day, frozenset(chosen)


def _draft(day: Entry, subjects: frozenset[str], policy: Policy, entries: list[Entry]) -> Draft:
    on = _day_of(day)
    facts = {entry.field.name: entry.value for entry in entries if entry.value is not None}
    filled, asked = len(facts), len(entries)
    wrong = [(widget_key(each.field.name), each.field.name) for each in entries if each.wrong]
    if day.wrong:
        wrong.insert(0, (state.DATE, day.field.name))
    if policy.subjects and not subjects:
        wrong.insert(0, (state.SUBJECTS, say("form.subjects")))
    if on is None or wrong:
        return Draft(None, filled, asked, wrong=tuple(wrong))
    name = str(st.session_state.get(state.NAME) or "").strip()
    every = subjects == frozenset(policy.subjects)
    case = Case("", name, on, facts, None if every else subjects)
    if contradictions := message_of(check_constraints(policy, case)):
        return Draft(None, filled, asked, contradictions=contradictions)
    return Draft(case, filled, asked, outside=bool(check_date(on, policy, None)))


def _tell(draft: Draft) -> None:
    """Say what stands in the way, and outline the widgets that cannot be read."""
    if draft.wrong:
        marked = ",".join(
            f".st-key-{key} [role=group]:has(input),"
            f".st-key-{key} [data-testid=stTextInputRootElement]"
            for key, _ in draft.wrong
        )
        st.html(f"<style>{marked}{{border-color:#b3261e!important}}</style>")
        names = plain("、".join(name for _, name in draft.wrong))
        notice = say("form.wrong_entries", count=len(draft.wrong), fields=names)
        st.error(notice, icon=":material/error:")
    elif draft.contradictions:
        st.error(plain(draft.contradictions), icon=":material/error:")
    elif draft.outside:
        st.warning(say("form.outside"), icon=":material/event_busy:")
    else:
        st.caption(say("form.hint", filled=draft.filled, asked=draft.asked))


def _lead() -> None:
    """Bring the widget that is wanted into view, and put the cursor there."""
    wanted = state.wanted()
    if wanted is not None:
        st.html(
            f"<style>.st-key-{wanted.key}{{outline:3px solid #f2b84b;outline-offset:3px;"
            "border-radius:4px}</style>"
            f"<script>/*{wanted.count}*/window.tiaoliLeadTo({wanted.key!r})</script>",
            unsafe_allow_javascript=True,
        )
