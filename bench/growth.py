"""What ten times the rules cost, in compiling a policy and in answering a case."""

from __future__ import annotations

from contextlib import closing
from functools import partial

from bench.answers import LABELS, proved
from bench.books import CELLS, COLUMNS, compile_book, generated_book, limits
from bench.complete import complete_cases
from bench.generated import generated_policy
from bench.timing import ROUNDS, head, least_in_turns, row, seconds_each, speed
from engine import build, simulate
from engine.agenda import compile_program

TIMES = 10


def measure_growth() -> None:
    """Print the figures of a generated policy and of one ten times its size."""
    head("generated policy", "size 1", f"size {TIMES}", "ratio")
    policies = [generated_policy(size) for size in (1, TIMES)]
    books = [generated_book(limits, rules=size * CELLS // COLUMNS) for size in (1, TIMES)]
    reading = least_in_turns(*(partial(compile_book, each) for each in books), rounds=ROUNDS)
    row("workbook to program, s", *reading, reading[1] / reading[0])
    compiling = least_in_turns(*(partial(compile_program, each) for each in policies))
    row("policy to program, ms", *(1000 * each for each in compiling), compiling[1] / compiling[0])
    cases = [complete_cases(each, 60) for each in policies]
    for kind, label in LABELS.items():
        for told, work in (("verdicts", simulate), ("and proofs", proved)):
            times = []
            for policy, of_policy in zip(policies, cases, strict=True):
                with closing(build(policy, kind)) as engine:
                    once = partial(work, engine)
                    seconds_each(once, of_policy[:10])
                    rounds = [seconds_each(once, of_policy) for _ in range(3)]
                times.append(1000 / speed(rounds)[0])
            row(f"{label}: {told}, ms", *times, times[1] / times[0])
