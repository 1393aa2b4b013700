"""Long work beside the script of a page: it tells how far it is, and can be stopped."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Generic, TypeVar, cast

import streamlit as st

from authoring.pages.crashes import log_crash, show_crash
from authoring.pages.line import Line, Turn
from authoring.pages.visit import Visit, this_visit
from authoring.pages.words import say

Result = TypeVar("Result")
Tell = Callable[[int, int], None]
"""How many of how many are done."""

AT_ONCE = 2
"""So many pieces of long work are done at the same time, for all sessions together."""
SECONDS_EACH = 0.5
"""So long each before it lets another go first."""
MOST_BEGUN = 256
"""So many are in the line; more wait for a place in it."""
LONGEST_ABSENCE = 120.0
"""Seconds for which work goes on after the browser of its session is gone."""
LOOK_EVERY = 0.4
"""Seconds between two looks at how far it is."""

_LINE = Line(AT_ONCE, SECONDS_EACH)
_POOL = ThreadPoolExecutor(max_workers=MOST_BEGUN, thread_name_prefix="tiaoli-work")


class Stopped(Exception):
    """The work was asked to stop."""


@dataclass(slots=True)
class Work(Generic[Result]):
    """One piece of work; ``key`` is its place in the session, ``subject`` for what it is done.

    Without a ``visit`` it is done for all sessions.
    """

    key: str
    subject: object
    visit: Visit | None = None
    done: int = 0
    total: int = 0
    crash: str = ""
    abandoned: bool = False
    _stop: Event = field(default_factory=Event)
    _turn: Turn | None = None
    _future: Future[Result | None] | None = None

    @property
    def finished(self) -> bool:
        """Whether there is a result, or there will be none."""
        return self._future is not None and self._future.done()

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    @property
    def before(self) -> int:
        """How much other work comes before it can begin."""
        return 0 if self._turn is None or self.total else _LINE.before(self._turn)

    @property
    def result(self) -> Result | None:
        """What came out; None as long as it runs, and when it was stopped or crashed."""
        if self._future is None or not self._future.done() or self._future.cancelled():
            return None
        return self._future.result()

    def begin(self, job: Callable[[Tell], Result]) -> None:
        """Begin, perhaps again, as soon as it is its turn."""
        self.done = self.total = 0
        self.crash = ""
        self._future = _POOL.submit(self._do, job)

    def stop(self) -> None:
        """Ask it to stop at the next case."""
        self._stop.set()
        if self._future is not None:
            self._future.cancel()

    def _do(self, job: Callable[[Tell], Result]) -> Result | None:
        # No exception goes further: it would hold all that the work had in hand.
        turn = self._turn = Turn(self._is_absent, self._check)
        try:
            with _LINE.joined(turn):
                return job(partial(self._tell, turn))
        except Stopped:
            return None
        except Exception as error:
            self.crash = log_crash(error)
            return None
        finally:
            self._turn = None

    def _tell(self, turn: Turn, done: int, total: int) -> None:
        self._check()
        self.done, self.total = done, total
        _LINE.give_way(turn)

    def _check(self) -> None:
        if self.visit is not None and self.visit.absent_for() > LONGEST_ABSENCE:
            self.abandoned = True
            raise Stopped
        if self._stop.is_set():
            raise Stopped

    def _is_absent(self) -> bool:
        return self.visit is not None and self.visit.is_absent


def work_on(key: str, subject: object, job: Callable[[Tell], Result]) -> Work[Result]:
    """The work that a session does under a key; begun anew when it is for something else, and when
    it was given up because nobody was there."""
    work = cast("Work[Result] | None", st.session_state.get(key))
    if work is None or work.subject != subject or work.abandoned:
        drop_work(key)
        work = Work(key, subject, this_visit())
        work.begin(job)
        st.session_state[key] = work
    return work


def drop_work(key: str) -> None:
    """Stop the work that a session does under a key, and keep no result of it."""
    _stop(key)
    st.session_state.pop(key, None)


def _stop(key: str) -> None:
    work = cast("Work[object] | None", st.session_state.get(key))
    if work is not None:
        work.stop()


def show_work(
    work: Work[Result],
    text: Callable[[int, int], str],
    *,
    shared: bool = False,
    again: Callable[[], None] | None = None,
) -> Result | None:
    """Show how far it is until it is done, then its result, or that it crashed.

    ``shared``: others wait for it too, so that nobody may stop it. ``again`` begins it once more,
    only in a callback; by itself it is begun anew when the page is drawn.
    """
    if not work.finished:
        _look(work, text, shared)
        return None
    result = work.result
    if work.crash or (work.stopped and result is None):
        with st.container(horizontal=True, vertical_alignment="center"):
            if work.crash:
                show_crash(work.crash)
            else:
                st.info(say("work.stopped"), icon=":material/stop_circle:")
            st.button(
                say("work.again"),
                key=f"{work.key}-again",
                on_click=again or partial(drop_work, work.key),
            )
    return result


@st.fragment(run_every=LOOK_EVERY)
def _look(work: Work[Result], text: Callable[[int, int], str], shared: bool) -> None:
    if work.finished:
        st.rerun()
    share = work.done / work.total if work.total else 0.0
    before = work.before
    told = say("work.waiting", count=before) if before else text(work.done, work.total)
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{work.key}-progress"):
        st.progress(min(share, 1.0), text=told)
        if not shared:
            # By its key: Streamlit keeps what a button calls as long as the session.
            st.button(say("work.stop"), key=f"{work.key}-stop", on_click=_stop, args=(work.key,))
