"""Memory after many simulations: it must not grow."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bench.timing import head, row
from engine import build, simulate
from engine.cases import Case
from engine.model import Policy

MARKS = (1_000, 5_000, 10_000)


def measure_memory(policy: Policy, cases: Sequence[Case]) -> None:
    """Print the resident memory of this process and of its worker as simulations add up."""
    if not Path("/proc/self/statm").exists():
        print("not measured: this system has no /proc")
        return
    head("simulations", "this process MB", "worker MB")
    done = 0
    with closing(build(policy)) as engine:
        for mark in MARKS:
            while done < mark:
                simulate(engine, cases[done % len(cases)])
                done += 1
            row(mark, resident(os.getpid()), sum(map(resident, children(os.getpid()))))


def children(process: int) -> list[int]:
    """The processes that a process has started."""
    path = Path(f"/proc/{process}/task/{process}/children")
    return [int(each) for each in path.read_text().split()]


def resident(process: int) -> float:
    """The resident memory of a process, in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
