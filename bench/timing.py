"""Rounds of a measurement, and how their figures are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import TypeVar

Item = TypeVar("Item")
ROUNDS = 5


def seconds_each(
    work: Callable[[Item], object],
    items: Iterable[Item],
    clock: Callable[[], float] = perf_counter,
) -> list[float]:
    """The seconds that each item takes, one after the other."""
    seconds = []
    for item in items:
        started = clock()
        work(item)
        seconds.append(clock() - started)
    return seconds


def least_in_turns(*works: Callable[[], object], rounds: int = 2 * ROUNDS) -> list[float]:
    """The least seconds of each of some works that take turns, after one round that does not count.

    They are seconds of this process at work, so that what else a busy machine does counts little.
    """
    for work in works:
        work()
    timed = [seconds_each(lambda work: work(), works, process_time) for _ in range(rounds)]
    return [min(seconds) for seconds in zip(*timed, strict=True)]


def speed(rounds: Sequence[list[float]]) -> tuple[float, float]:
    """Items a second (the median of the rounds) and the 95th percentile of an item, in seconds."""
    a_second = median(len(each) / sum(each) for each in rounds)
    return a_second, median(quantiles(each, n=20)[-1] for each in rounds)


def typical(rounds: Sequence[list[float]]) -> float:
    """The seconds of a typical item: the median over the rounds of each round's median.

    Unlike the mean it is not moved by the pauses that a busy machine inserts.
    """
    return median(map(median, rounds))


def row(*cells: object) -> None:
    """Print one row of a table."""
    print(
        "| "
        + " | ".join(f"{each:,.2f}" if isinstance(each, float) else str(each) for each in cells)
        + " |",
        flush=True,
    )


def head(*cells: str) -> None:
    """Print the head of a table."""
    row(*cells)
    row(*("---" for _ in cells))
