"""The form of one case: name, date and subjects, then the fields by group; and its folded line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

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
from authoring.pages.shell import alone
from authoring.pages.words import say
from authoring.render_html import element
from engine.cases import Case
from engine.dependencies import fields_read
from engine.model import Field, Policy

TOGETHER = 12
"""So many fields are drawn anew when one of them is edited: whole rows of one to four columns."""

STALE = "tl-stale-answer"
"""What the styles dim an answer by, and take its downloads away."""
_CONTRADICTING = """
:is(WIDGETS) :is([role=group]:has(input), [data-testid=stTextInputRootElement])
{border-color:#b3261e !important}
:is(WIDGETS) [role=radiogroup] {outline:1px solid #b3261e}
"""

_Part = list[tuple[str | None, tuple[Field, ...]]]
"""Fields that are drawn together, by their group; None: more of a group that began before."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The form as it stands: the case, or None while something stands in the way.

    ``wrong`` are the keys and names of the widgets that cannot be read; ``contradictions`` says
    which 业务约束 the facts break, ``contradicting`` are the keys of the widgets that they are in;
    ``outside`` that the policy is not in force on the date.
    """

    case: Case | None
    filled: int
    asked: int
    wrong: tuple[tuple[str, str], ...] = ()
    contradictions: str = ""
    contradicting: tuple[str, ...] = ()
    outside: bool = False


@dataclass(slots=True)
class _Form:
    """A form that is drawn: for what day and subjects, which field it leads to, and where its
    parts tell what stands in it.

    A part that is drawn alone may write outside itself only where it wrote when all was drawn; and
    it writes single elements there: Streamlit would send what stands in a container before it.
    """

    policy: Policy
    known: Known
    version: str
    on: date | None
    subjects: frozenset[str]
    wanted: state.Wanted | None
    top: DeltaGenerator
    above: DeltaGenerator
    below: DeltaGenerator
    marks: DeltaGenerator
    complete: bool = False

    def give_way(self) -> None:
        """Draw the page instead of a part where more than the part has changed.

        A key for 开始测算 that is pressed in a field comes together with what was typed there.
        """
        held = _day_of(_read_day(self.known)), _read_subjects(), state.wanted()
        if state.wished() is not None or held != (self.on, self.subjects, self.wanted):
            st.rerun()

    def tell(self) -> None:
        """Say what stands in the way, and whether the answer is of something else."""
        if not self.complete:
            for place in (self.top, self.above, self.below, self.marks):
                place.empty()
            return
        draft = read_draft(self.policy, self.known)
        stale = _is_stale(draft.case, self.version)
        _tell(draft, self.above)
        _tell_stale(stale, self.top)
        _tell_stale(stale, self.below)
        _mark(draft.contradicting, stale, self.marks)


def show_form(policy: Policy, known: Known, version: str) -> None:
    """Draw the form for the workbook of this version, and around it whether the answer is stale.

    An edit of a field draws those beside it anew, and what is said of the whole, but nothing else;
    the date and the subjects, on which other fields hang, draw the page.
    """
    top, whole = st.empty(), st.container(border=True, key="form")
    with st.container(key="below-form"):
        below = st.empty()
    with whole:
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
        on, subjects = _day_of(_read_day(known)), _read_subjects()
        with st.container(key="form-notice"):
            places = top, st.empty(), below, st.empty()
        form = _Form(policy, known, version, on, subjects, state.wanted(), *places)
        _ask_frame(form)
        for number, part in enumerate(_parts_of(asked_fields(policy, subjects))):
            _ask_part(form, number, part)
        form.complete = True
        form.tell()
        _lead()


@alone
def _ask_frame(form: _Form) -> None:
    """Ask for what is no field: name, reference date, subjects."""
    form.give_way()
    policy = form.policy
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
            ask_date(say("form.date_label"), state.DATE, form.known)
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
    form.tell()


@alone
def _ask_part(form: _Form, number: int, part: _Part) -> None:
    """Ask for some fields."""
    form.give_way()
    for at, (group, fields) in enumerate(part):
        if group is not None:
            st.html(element("h3", group or say("form.other_group"), class_="tl-group"))
        with st.container(key=f"grid-{number}-{at}"):
            for field in fields:
                with st.container():
                    ask(field, form.on, form.known)
    form.tell()


def _parts_of(groups: Mapping[str, tuple[Field, ...]]) -> list[_Part]:
    """Rows of a large group, or some small groups: each part costs a little where all is drawn."""
    parts: list[_Part] = []
    room = 0
    for group, fields in groups.items():
        for first in range(0, len(fields), TOGETHER):
            some = fields[first : first + TOGETHER]
            if len(some) > room:
                parts.append([])
                room = TOGETHER
            parts[-1].append((None if first else group, some))
            room -= len(some)
    return parts


def read_draft(policy: Policy, known: Known) -> Draft:
    """What stands in the form, without drawing it."""
    held = st.session_state
    day, subjects = _read_day(known), _read_subjects()
    on = _day_of(day)
    fields = [field for group in asked_fields(policy, subjects).values() for field in group]
    entries = [read_entry(field, held.get(widget_key(field.name)), on, known) for field in fields]
    return _draft(day, subjects, policy, entries)


def _start(policy: Policy, known: Known) -> None:
    """Ask for an answer, or lead to the first thing that stands in its way. Only in a callback."""
    draft = read_draft(policy, known)
    if draft.case is not None:
        state.wish(draft.case)
    elif first := next(iter((*(key for key, _ in draft.wrong), *draft.contradicting)), ""):
        state.lead_to(first)


def _read_day(known: Known) -> Entry:
    return read_date(say("form.date_label"), st.session_state.get(state.DATE), known)


def _read_subjects() -> frozenset[str]:
    return frozenset(st.session_state.get(state.SUBJECTS) or ())


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
    if broken := check_constraints(policy, case):
        ids = {each.params["constraint"] for each in broken}
        read = {
            name
            for each in policy.constraints
            if each.id in ids
            for name in fields_read(each.condition)
        }
        keys = tuple(widget_key(name) for name in facts if name in read)
        return Draft(None, filled, asked, (), message_of(broken), keys)
    return Draft(case, filled, asked, outside=bool(check_date(on, policy, None)))


def _tell(draft: Draft, place: DeltaGenerator) -> None:
    """Say what stands in the way."""
    if draft.wrong:
        names = plain("、".join(name for _, name in draft.wrong))
        notice = say("form.wrong_entries", count=len(draft.wrong), fields=names)
        place.error(notice, icon=":material/error:")
    elif draft.contradictions:
        place.error(plain(draft.contradictions), icon=":material/error:")
    elif draft.outside:
        place.warning(say("form.outside"), icon=":material/event_busy:")
    else:
        place.caption(say("form.hint", filled=draft.filled, asked=draft.asked))


def _mark(contradicting: Iterable[str], stale: bool, place: DeltaGenerator) -> None:
    """Mark the widgets that contradict one another, and that the answer is stale."""
    widgets = ", ".join(f".st-key-{key}" for key in contradicting)
    if widgets or stale:
        mark = element("span", class_=STALE if stale else "")
        styles = _CONTRADICTING.replace("WIDGETS", widgets) if widgets else ""
        place.html(f"{mark}<style>{styles}</style>")
    else:
        place.empty()


def _is_stale(case: Case | None, version: str) -> bool:
    """Whether there is an answer, and to something else than this."""
    answer = state.answer()
    return answer is not None and (case, version) != (answer.case, answer.version)


def _tell_stale(stale: bool, place: DeltaGenerator) -> None:
    if stale:
        place.warning(say("result.stale"), icon=":material/history:")
    else:
        place.empty()


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
