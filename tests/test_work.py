"""Long work beside the pages: whose turn it is, and what becomes of it when nobody looks."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import authoring.pages.work
from authoring.messages import text
from authoring.pages.line import Line, Turn
from authoring.pages.visit import Visit
from authoring.pages.work import AT_ONCE, Tell, Work
from tests.pages import button, finish

PATIENCE = 20.0
PAGE = """
import streamlit as st
from tests.test_work import JOBS
from authoring.pages.work import show_work, work_on
from authoring.pages.visit import this_visit
result = show_work(work_on("work", st.session_state.get("subject"), JOBS[0]), "{} / {}".format)
st.session_state["visit"] = this_visit()
st.write("result:", result)
"""
JOBS: list[Callable[[Tell], Any]] = []


def soon(happens: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not happens() and time.monotonic() < until:
        time.sleep(0.01)
    return happens()


class Endless:
    """Work that goes on, telling how far it is, until it may end."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.steps = 0

    def __call__(self, tell: Tell) -> str:
        while not self.go_on.is_set():
            self.steps += 1
            tell(1, 2)
            time.sleep(0.005)
        return "done"


@pytest.fixture
def endless() -> Iterator[Callable[[], Endless]]:
    made: list[Endless] = []

    def make() -> Endless:
        made.append(Endless())
        return made[-1]

    yield make
    for each in made:
        each.go_on.set()


def begun(job: Callable[[Tell], Any], visit: Visit | None = None) -> Work[Any]:
    work: Work[Any] = Work("", None, visit)
    work.begin(job)
    return work


# --- whose turn it is -----------------------------------------------------------------------------


def test_short_work_is_done_while_much_long_work_is(endless: Callable[[], Endless]) -> None:
    jobs = [endless() for _ in range(AT_ONCE + 2)]
    works = [begun(job) for job in jobs]
    assert soon(lambda: all(job.steps for job in jobs)), "each has its turn"
    short = begun(lambda tell: tell(1, 1) or "short")
    assert soon(lambda: short.finished)
    assert short.result == "short"
    assert not any(work.finished for work in works)


def test_no_more_work_at_once_than_there_is_room_for() -> None:
    line, inside, most = Line(2, 0.0), [0], [0]
    lock = threading.Lock()

    def go() -> None:
        turn = Turn(lambda: False, lambda: None)
        with line.joined(turn):
            for _ in range(20):
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                time.sleep(0.001)
                with lock:
                    inside[0] -= 1
                line.give_way(turn)

    threads = [threading.Thread(target=go) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(PATIENCE)
    assert not any(each.is_alive() for each in threads)
    assert most == [2]


def test_work_that_nobody_looks_at_waits_for_all_other(endless: Callable[[], Endless]) -> None:
    gone = Visit()
    left = [endless() for _ in range(AT_ONCE)]
    for job in left:
        begun(job, gone)
    assert soon(lambda: all(job.steps for job in left))
    gone.leave()
    seen = [endless() for _ in range(AT_ONCE)]
    for job in seen:
        begun(job, Visit())
    assert soon(lambda: all(job.steps for job in seen))
    steps = [job.steps for job in left]
    time.sleep(2 * authoring.pages.work.SECONDS_EACH)
    assert [job.steps for job in left] == steps, "no turn as long as others want one"
    gone.arrive()
    assert soon(lambda: all(job.steps > 2 + n for job, n in zip(left, steps, strict=True)))


def test_who_waits_is_told_how_much_comes_before(endless: Callable[[], Endless]) -> None:
    """Work that does not tell how far it is cannot give way."""
    blocked = threading.Event()
    works = [begun(lambda _: blocked.wait(PATIENCE)) for _ in range(AT_ONCE)]
    try:
        assert soon(lambda: all(work._turn is not None and not work.before for work in works))
        first, second = begun(lambda _: 1), begun(lambda _: 2)
        assert soon(lambda: {first.before, second.before} == {AT_ONCE, AT_ONCE + 1})
        JOBS[:] = [lambda _: "mine"]
        page = AppTest.from_string(PAGE, default_timeout=60).run()
        assert soon(lambda: page.session_state["work"].before == AT_ONCE + 2)
        page = page.run()
        told = text("page-work.waiting", count=AT_ONCE + 2)
        assert page.get("progress")[0].proto.text == told
    finally:
        blocked.set()
    page = finish(page)
    assert page.markdown[0].value == "result: mine"


def test_work_that_waits_can_be_stopped() -> None:
    blocked = threading.Event()
    works = [begun(lambda _: blocked.wait(PATIENCE)) for _ in range(AT_ONCE)]
    try:
        assert soon(lambda: all(work._turn is not None for work in works))
        third = begun(lambda _: "never")
        third.stop()
        assert soon(lambda: third.finished)
        assert third.result is None
        assert not any(work.finished for work in works)
    finally:
        blocked.set()


# --- nobody looks ---------------------------------------------------------------------------------


def test_abandoned_work_ends_and_begins_anew_for_who_comes_back(
    endless: Callable[[], Endless], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authoring.pages.work, "LONGEST_ABSENCE", 0.3)
    JOBS[:] = [endless()]
    page = AppTest.from_string(PAGE, default_timeout=60).run()
    work, visit = page.session_state["work"], page.session_state["visit"]
    visit.leave()
    assert soon(lambda: work.finished)
    assert work.abandoned
    visit.arrive()
    JOBS[:] = [lambda _: "anew"]
    page = finish(page.run())
    assert not page.info, "nobody stopped it"
    assert page.markdown[0].value == "result: anew"


def test_a_short_absence_and_a_finished_result_cost_nothing(
    endless: Callable[[], Endless], monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, job = Visit(), endless()
    work = begun(job, visit)
    assert soon(lambda: job.steps > 0)
    visit.leave()
    steps = job.steps
    assert soon(lambda: job.steps > steps + 5), "it goes on"
    visit.arrive()
    job.go_on.set()
    assert soon(lambda: work.finished)
    monkeypatch.setattr(authoring.pages.work, "LONGEST_ABSENCE", 0.0)
    visit.leave()
    assert work.result == "done"
    assert not work.abandoned


# --- a crash --------------------------------------------------------------------------------------


def test_work_that_crashed_can_begin_again() -> None:
    def crash(_: Tell) -> str:
        raise MemoryError

    JOBS[:] = [crash]
    page = finish(AppTest.from_string(PAGE, default_timeout=60).run())
    assert "程序出错了" in page.error[0].value
    JOBS[:] = [lambda _: "fine"]
    page = finish(page.run())
    assert "程序出错了" in page.error[0].value, "not by itself"
    page = finish(button(page, text("page-work.again")).click().run())
    assert not page.error
    assert page.markdown[0].value == "result: fine"


@pytest.mark.parametrize("ending", ["done", "stopped", "crashed"])
def test_work_that_has_ended_holds_nothing_it_had_in_hand(
    ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even in a circle, which the collector would have to find."""
    monkeypatch.setattr(authoring.pages.work, "log_crash", lambda _: "number")  # pytest keeps logs

    class File:
        pass

    def job(tell: Tell, file: File) -> None:
        if ending == "crashed":
            raise MemoryError
        while ending == "stopped":
            tell(0, 0)

    file = File()
    gone = weakref.ref(file)
    gc.disable()
    try:
        work = begun(lambda tell, file=file: job(tell, file))
        if ending == "stopped":
            assert soon(lambda: work._turn is not None)
            work.stop()
        assert soon(lambda: work.finished)
        del file
        assert soon(lambda: gone() is None)
    finally:
        gc.enable()
