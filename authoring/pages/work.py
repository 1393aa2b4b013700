"""Long work beside the script of a page: it tells how far it is, and can be stopped."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from threading import Event
from typing import Generic, TypeVar, cast

import streamlit as st

from authoring.pages.crashes import log_crash, show_crash
from authoring.pages.words import say

Result = TypeVar("Result")
Tell = Callable[[int, int], None]
"""How many of how many are done."""

AT_ONCE = 2
"""So many pieces of long work run at the same time, for all sessions together."""
LOOK_EVERY = 0.4
"""Seconds between two looks at how far it is."""


class Stopped(Exception):
    """The work was asked to stop."""


@dataclass(slots=True)
class Work(Generic[Result]):
    """One piece of work; ``key`` is its place in the session, ``subject`` for what it is done."""

    key: str
    subject: object
    done: int = 0
    total: int = 0
    crash: str = ""
    _stop: Event = field(default_factory=Event)
    _future: Future[Result] | None = None

    @property
    def finished(self) -> bool:
        """Whether there is a result, or there will be none."""
        return self._future is not None and self._future.done()

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    @property
    def result(self) -> Result | None:
        """What came out; None as long as it runs, and when it was stopped or crashed."""
        if self._future is None or not self._future.done():
            return None
        try:
            return self._future.result()
        except Exception:  # stopped, or crashed: `crash` says so
            return None

    def begin(self, job: Callable[[Tell], Result]) -> None:
        """Begin as soon as not too much else is done."""
        self._future = _pool().submit(self._do, job)

    def stop(self) -> None:
        """Ask it to stop at the next case."""
        self._stop.set()
        if self._future is not None:
            self._future.cancel()

    def _do(self, job: Callable[[Tell], Result]) -> Result:
        try:
            return job(self._tell)
        except Stopped:
            raise
        except Exception as error:
            self.crash = log_crash(error)
            raise

    def _tell(self, done: int, total: int) -> None:
        if self._stop.is_set():
            raise Stopped
        self.done, self.total = done, total


def work_on(key: str, subject: object, job: Callable[[Tell], Result]) -> Work[Result]:
    """The work that a session does under a key; begun anew when it is for something else."""
    work = cast("Work[Result] | None", st.session_state.get(key))
    if work is None or work.subject != subject:
        if work is not None:
            work.stop()
        work = Work(key, subject)
        work.begin(job)
        st.session_state[key] = work
    return work


def show_work(
    work: Work[Result], text: Callable[[int, int], str], *, shared: bool = False
) -> Result | None:
    """Show how far it is until it is done, then its result, or that it crashed.

    ``shared``: others wait for it too, so that nobody may stop it.
    """
    if not work.finished:
        _look(work, text, shared)
        return None
    result = work.result
    if work.crash:
        show_crash(work.crash)
    elif work.stopped and result is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(say("work.stopped"), icon=":material/stop_circle:")
            st.button(say("work.again"), on_click=_forget, args=(work.key,))
    return result


def _forget(key: str) -> None:
    st.session_state.pop(key, None)


@st.fragment(run_every=LOOK_EVERY)
def _look(work: Work[Result], text: Callable[[int, int], str], shared: bool) -> None:
    if work.finished:
        st.rerun()
    share = work.done / work.total if work.total else 0.0
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{work.key}-progress"):
        st.progress(min(share, 1.0), text=text(work.done, work.total))
        if not shared:
            st.button(say("work.stop"), key=f"{work.key}-stop", on_click=work.stop)


@st.fragment(run_every=LOOK_EVERY)
def await_work(work: Work[Result]) -> None:
    """Draw the page anew when it is done."""
    if work.finished:
        st.rerun()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="tiaoli-work")
