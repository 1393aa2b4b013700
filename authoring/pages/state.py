"""What the page remembers between runs, and the callbacks that change it.

The widgets of the fields keep their own values, by ``form.widget_key``; the rest is here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import cast

import streamlit as st

from authoring.cases import Known, read_case_file
from authoring.cases.facts import may_be_given
from authoring.pages.form import can_stand, fill_in, message_of, read_date, widget_key
from authoring.pages.words import say
from authoring.render_html import Html
from engine.cases import Case
from engine.evaluate import in_force
from engine.model import Policy
from engine.narrative import Narrative

NAME, DATE, SUBJECTS, SAMPLE, SHELF = "case-name", "case-date", "case-subjects", "sample", "shelf"
_ANSWER, _ANSWERS, _FOLDED, _WISH = "answer", "answers", "folded", "wish"
_WANTED, _LEADS, _PROBLEM, _VERSION = "wanted", "leads", "problem", "version"
_USUAL, _ALL, _DROPPED = "usual-date", "all-subjects", "dropped-wish"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was computed, from what, and under which content of the workbook.

    ``number`` counts the answers of the session.
    """

    number: int
    case: Case
    version: str
    narrative: Narrative
    _drawn: dict[str, Html] = field(default_factory=dict, compare=False)

    def drawn(self, part: str, draw: Callable[[], Html]) -> Html:
        """A part of it as HTML, drawn once."""
        if part not in self._drawn:
            self._drawn[part] = draw()
        return self._drawn[part]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The widget that a person is led to; ``count`` tells one leading from the next."""

    key: str
    count: int


def begin(policy: Policy, known: Known, version: str) -> None:
    """Fill what is filled from the start: the reference date, and all subjects.

    When the workbook is another than before, what was typed stays as far as it can still be read;
    a choice that the other workbook does not offer is taken back. An answer that was asked for is
    not given: it would be of another workbook than the one that was seen.
    """
    if st.session_state.get(_VERSION) not in (None, version):
        _carry_over(policy, known)
        if wished() is not None:
            give_up_wish()
            st.session_state[_DROPPED] = True
    st.session_state[_VERSION] = version
    st.session_state[_ALL] = policy.subjects
    if DATE not in st.session_state:
        st.session_state[DATE] = st.session_state[_USUAL] = _usual_day(policy).isoformat()
    st.session_state.setdefault(SUBJECTS, list(policy.subjects))


def _usual_day(policy: Policy) -> date:
    """Today; where the policy is not in force today, its first day."""
    today = date.today()
    return today if in_force(policy, today) else policy.effective


def _carry_over(policy: Policy, known: Known) -> None:
    held = st.session_state
    for each in policy.fields:
        key = widget_key(each.name)
        if key in held and not can_stand(held[key], each, known):
            del held[key]
    day = held.get(DATE)
    if day == held.get(_USUAL) or read_date("", day, known).wrong:
        held.pop(DATE, None)
    chosen = held.get(SUBJECTS) or ()
    kept = [each for each in policy.subjects if each in chosen]
    if len(chosen) == len(held.get(_ALL, ())) or (chosen and not kept):
        held.pop(SUBJECTS, None)
    else:
        held[SUBJECTS] = kept
    held.pop(SAMPLE, None)


def answer() -> Answer | None:
    """The latest answer."""
    return cast("Answer | None", st.session_state.get(_ANSWER))


def wish(case: Case) -> None:
    """Ask for an answer. The wish stays until the answer is kept, even if the connection falls."""
    st.session_state[_WISH] = case
    st.session_state.pop(_DROPPED, None)


def wished() -> Case | None:
    """The case for which an answer was asked that is not there yet."""
    return cast("Case | None", st.session_state.get(_WISH))


def give_up_wish() -> None:
    """Ask for no answer any more."""
    st.session_state.pop(_WISH, None)


def has_dropped_wish() -> bool:
    """Whether an answer was asked for and not given, because the workbook became another."""
    return bool(st.session_state.get(_DROPPED))


def keep_answer(case: Case, version: str, narrative: Narrative) -> None:
    """Remember an answer, and fold the form away."""
    number = int(st.session_state.get(_ANSWERS, 0)) + 1
    st.session_state[_ANSWERS] = number
    st.session_state[_ANSWER] = Answer(number, case, version, narrative)
    st.session_state[_FOLDED] = True
    st.session_state.pop(_WANTED, None)
    give_up_wish()


def is_folded() -> bool:
    """Whether the form is one line only: there is an answer, and nobody is editing."""
    return answer() is not None and bool(st.session_state.get(_FOLDED))


def unfold() -> None:
    """Open the form."""
    st.session_state[_FOLDED] = False
    st.session_state.pop(_WANTED, None)


def lead_to(key: str) -> None:
    """Open the form and lead to one widget."""
    unfold()
    count = int(st.session_state.get(_LEADS, 0)) + 1
    st.session_state[_LEADS] = count
    st.session_state[_WANTED] = Wanted(key, count)


def wanted() -> Wanted | None:
    """The widget to lead to."""
    return cast("Wanted | None", st.session_state.get(_WANTED))


def take_problem() -> str:
    """What went wrong in a callback, once."""
    return str(st.session_state.pop(_PROBLEM, ""))


def clear(policy: Policy) -> None:
    """Empty the form. Only in a callback."""
    fill_in(filter(may_be_given, policy.fields), {})
    day = _usual_day(policy)
    _put(policy, "", day, None)
    st.session_state[_USUAL] = day.isoformat()


def load_sample(policy: Policy, known: Known) -> None:
    """Fill the form with the sample that was chosen. Only in a callback."""
    path = cast("Path | None", st.session_state.get(SAMPLE))
    if path is None:
        return
    case, _, findings = read_case_file(path, policy, known.vocabulary)
    if case is None:
        problem = say("form.bad_sample", name=path.name) + message_of(findings)
        st.session_state[_PROBLEM] = problem
        return
    fill_in(filter(may_be_given, policy.fields), case.facts)
    _put(policy, case.name, case.date, case.subjects)


def _put(policy: Policy, name: str, day: date, subjects: frozenset[str] | None) -> None:
    st.session_state[NAME], st.session_state[DATE] = name, day.isoformat()
    st.session_state[SUBJECTS] = [
        each for each in policy.subjects if subjects is None or each in subjects
    ]
    for key in (_ANSWER, _USUAL, _DROPPED):
        st.session_state.pop(key, None)
    give_up_wish()
    unfold()
