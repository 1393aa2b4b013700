"""What ten times the rules cost, in compiling a policy and in answering a case."""

from __future__ import annotations

from contextlib import closing
from functools import partial

from bench.answers import LABELS, proved
from bench.complete import complete_cases
from bench.generated import generated_policy
from bench.timing import best_of, head, row, seconds_each, speed
from engine import build, simulate
from engine.agenda import compile_program

TIMES = 10


def measure_growth() -> None:
    """Print the figures of a generated policy and of one ten times its size."""
    head("generated policy", "size 1", f"size {TIMES}", "ratio")
    policies = [generated_policy(size) for size in (1, TIMES)]
    compiling = [1000 * best_of(partial(compile_program, each)) for each in policies]
    row("compile, ms", *compiling, compiling[1] / compiling[0])
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
