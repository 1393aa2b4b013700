"""The front end under many sessions at once, over the protocol that a browser speaks."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

from authoring.pages.words import say
from bench.memory import children, resident
from bench.tab import PageError, Tab
from bench.timing import head, row

ROOT = Path(__file__).parents[1]
SESSIONS = (6, 25, 50, 100)
THINK = 5.0
"""Seconds that a person looks at a page before the next click, on the average."""
MEASURED = 45.0
SETTLING = 5.0
"""Seconds of clicks, after all sessions are there, that do not count."""
EDITS = 2
"""So many fields are edited, on the average, before the project is worked out once more."""
SAMPLES = ("集成电路外资总部项目：多项支持并存", "引荐奖励：实缴资金5亿元，触及限额")
AMOUNTS = ("3.65亿", "2000万元", "8500", "500万元", "1.2亿元", "")


@dataclass
class Figures:
    """What was measured: seconds of opening a page, of reruns and of simulations; what failed."""

    opening: list[float] = field(default_factory=list)
    reruns: list[float] = field(default_factory=list)
    simulations: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    received: int = 0


def measure_sessions() -> None:
    """Print how long a click takes, by the number of sessions, each size with a fresh server."""
    head(
        "sessions", "reruns", "p50 s", "p95 s", "simulations", "p50 s", "p95 s",
        "opening p50 s", "KB a click", "its work ms", "errors", "load average", "server MB",
    )  # fmt: skip
    for sessions in SESSIONS:
        with serve() as (address, process):
            figures, worked, memory = asyncio.run(_measure(address, process, sessions))
        clicks = len(figures.reruns) + len(figures.simulations)
        row(
            sessions,
            *_described(figures.reruns),
            *_described(figures.simulations),
            quantiles(figures.opening, n=2)[0],
            round(figures.received / max(clicks, 1) / 1000),
            round(1000 * worked / max(clicks, 1)),
            len(figures.errors),
            os.getloadavg()[0],
            round(memory),
        )
        for error in sorted(set(figures.errors)):
            print(f"  {figures.errors.count(error)} × {error}", file=sys.stderr)


@contextmanager
def serve() -> Iterator[tuple[str, int]]:
    """Run the front end on a free port of this machine: its address, and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += ["--server.port", address.partition(":")[2], "--server.address", "127.0.0.1"]
    command += ["--server.headless", "true"]
    with TemporaryDirectory() as folder, Path(folder, "log").open("w+") as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            while not _answers(address):
                if server.poll() is not None:
                    log.seek(0)
                    raise RuntimeError(log.read())
                sleep(0.1)
            yield address, server.pid
        finally:
            server.terminate()
            server.wait(30)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/_stcore/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def _measure(address: str, process: int, sessions: int) -> tuple[Figures, float, float]:
    """The figures; the seconds that the server was at work; its memory in MB, its worker's too."""
    figures = Figures()
    opened = asyncio.Semaphore(2)
    ready = asyncio.Barrier(sessions + 1)
    done = asyncio.Barrier(sessions + 1)
    async with asyncio.TaskGroup() as users:
        for number in range(sessions):
            users.create_task(_use(address, Random(number), figures, opened, ready, done))
        await ready.wait()
        await asyncio.sleep(SETTLING)
        before = _seconds_at_work(process)
        await asyncio.sleep(MEASURED)
        worked = _seconds_at_work(process) - before
        memory = resident(process) + sum(map(resident, children(process)))
        await done.wait()
    return figures, worked, memory


async def _use(
    address: str,
    random: Random,
    figures: Figures,
    opened: asyncio.Semaphore,
    ready: asyncio.Barrier,
    done: asyncio.Barrier,
) -> None:
    """One person: opens the page, takes a sample, then edits and computes with time to think."""
    async with Tab(address) as tab:
        async with opened:
            figures.opening.append(await tab.open())
            await tab.choose(say("form.samples"), random.choice(SAMPLES))
            await tab.press(say("form.start"))
        await ready.wait()
        counts = perf_counter() + SETTLING
        ends = counts + MEASURED
        received = None
        edited: list[str] = []
        while True:
            await asyncio.sleep(random.expovariate(1 / THINK))
            started = perf_counter()
            if started >= ends:
                break
            if started >= counts and received is None:
                received = tab.received
            try:
                seconds, simulated = await _click(tab, random, edited)
            except (PageError, TimeoutError) as error:
                figures.errors.append(f"{type(error).__name__}: {error}")
                await tab.open()
                edited.clear()
                continue
            if started >= counts:
                (figures.simulations if simulated else figures.reruns).append(seconds)
        figures.received += tab.received - (tab.received if received is None else received)
        await done.wait()


async def _click(tab: Tab, random: Random, edited: list[str]) -> tuple[float, bool]:
    """The seconds of the next click, and whether it was for a simulation.

    ``edited`` are the fields that were edited since the last; when the form tells that they
    contradict one another, the one before is emptied.
    """
    if tab.has_button(say("form.unfold")):
        edited.clear()
        return await tab.press(say("form.unfold")), False
    if edited and tab.is_refused():
        return await tab.type(edited.pop(), ""), False
    if random.random() < EDITS / (EDITS + 1):
        amounts = [each for each in tab.fields() if "万元" in each]
        edited.append(random.choice(amounts))
        return await tab.type(edited[-1], random.choice(AMOUNTS)), False
    seconds = await tab.press(say("form.start"))
    if not tab.has_button(say("form.unfold")):
        raise PageError("nothing was worked out")
    return seconds, True


def _described(seconds: list[float]) -> tuple[int, float, float]:
    """How many, the median, and what one in twenty exceeds."""
    if len(seconds) < 2:
        return len(seconds), *(seconds or [0.0]), *(seconds or [0.0])
    steps = quantiles(seconds, n=20)
    return len(seconds), steps[9], steps[-1]


def _seconds_at_work(process: int) -> float:
    """The processor time of a process and of what it started, so far."""
    ticks = 0
    for each in (process, *children(process)):
        columns = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(columns[11]) + int(columns[12])
    return ticks / os.sysconf("SC_CLK_TCK")
