"""What ten times the rules cost, in compiling a policy and in answering a case."""

from __future__ import annotations

from contextlib import closing

from bench.complete import complete_cases
from bench.generated import generated_policy
from bench.timing import best_of, head, row, seconds_each, speed
from engine import build, simulate
from engine.agenda import AgendaKind, compile_program

KINDS: tuple[AgendaKind, ...] = ("durable", "python")


def measure_growth() -> None:
    """Print the figures of a generated policy and of one ten times its size."""
    head("generated policy", "size 1", "size 10", "ratio")
    small, large = (generated_policy(size) for size in (1, 10))
    compiling = [best_of(lambda each=each: compile_program(each)) for each in (small, large)]  # type: ignore[misc]
    row("compile, s", *compiling, compiling[1] / compiling[0])
    for kind in KINDS:
        times = []
        for policy in (small, large):
            cases = complete_cases(policy, 60)
            with closing(build(policy, kind)) as engine:

                def once(case: object, engine: object = engine) -> object:
                    return simulate(engine, case)  # type: ignore[arg-type]

                seconds_each(once, cases[:10])
                times.append(1000 / speed([seconds_each(once, cases) for _ in range(3)])[0])
        row(f"one case, ms ({kind})", *times, times[1] / times[0])
