"""One case at a time, every verdict with its proof, beside zen-engine on the same rules."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, cast

from bench.spelling import fired, names_of, plain_case
from bench.timing import ROUNDS, head, row, seconds_each, speed
from bench.to_zen import to_zen
from engine import Engine, build, explain, prove, simulate
from engine.agenda import AgendaKind
from engine.cases import Case
from engine.model import Policy

PEERS = Path(".venv-bench/bin/python")
KINDS: tuple[AgendaKind, ...] = ("durable", "inprocess", "python")
LABELS = {
    "durable": "durable-rules in a worker",
    "inprocess": "durable-rules in this process",
    "python": "agenda in Python",
}
Work = Callable[[Engine, Case], object]


def measure_answers(policy: Policy, cases: Sequence[Case]) -> None:
    """Print cases a second and p95 of each way to answer."""
    works: tuple[tuple[str, Work], ...] = (
        ("verdicts with what proves them", simulate),
        ("and every proof unfolded", _proved),
        ("and everything put into words", lambda engine, case: explain(simulate(engine, case))),
    )
    head("one case after the other", "cases/s", "p95 ms")
    best = 0.0
    for kind in KINDS:
        with closing(build(policy, kind)) as engine:
            for told, work in works if kind == "durable" else works[:1]:
                a_second, slow = _measured(engine, work, cases)
                row(f"{LABELS[kind]}: {told}", a_second, slow * 1000)
                best = a_second if (kind, told) == ("durable", works[0][0]) else best
    if not PEERS.exists():
        print("\nzen-engine is not installed: make .venv-bench/.ready")
        return
    _beside_zen(policy, cases, best)


def _proved(engine: Engine, case: Case) -> object:
    outcome = simulate(engine, case)
    return [prove(outcome, each) for each in outcome.measures]


def _measured(engine: Engine, work: Work, cases: Sequence[Case]) -> tuple[float, float]:
    def once(case: Case) -> object:
        return work(engine, case)

    seconds_each(once, cases[:20])
    return speed([seconds_each(once, cases) for _ in range(ROUNDS)])


def _beside_zen(policy: Policy, cases: Sequence[Case], ours: float) -> None:
    names = names_of(policy)
    graph = to_zen(policy, names)
    task = {"graph": json.loads(graph.text), "cases": [plain_case(case, names) for case in cases]}
    with _peer("bench/peers/zen_peer.py") as (to, back):
        _send(to, task)
        answers = cast("dict[str, list[list[str]]]", json.loads(back.readline()))["fired"]
        for trace in (True, False):
            rounds = []
            for _ in range(ROUNDS):
                _send(to, {"trace": trace})
                rounds.append(cast("list[float]", json.loads(back.readline())))
            a_second, slow = speed(rounds)
            label = "zen-engine, the rules it can hold, " + ("traced" if trace else "not traced")
            row(f"{label} (ours is {ours / a_second:.2f} times as fast)", a_second, slow * 1000)
    with closing(build(policy, "python")) as engine:
        alike = sum(
            theirs == fired(simulate(engine, case).worked, graph.rules)
            for theirs, case in zip(answers, cases, strict=True)
        )
    rules = sum(len(table.rules) for table in policy.tables)
    print(f"\nzen-engine holds {len(graph.rules)} of {rules} rules, and fires the same of them as")
    print(f"we do in {alike} of {len(cases)} cases. It gives no amounts, groups or unknowns.")


@contextmanager
def _peer(script: str) -> Iterator[tuple[IO[str], IO[str]]]:
    """A program in the peers' environment, spoken to line by line."""
    with subprocess.Popen(
        [PEERS, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdin, process.stdout
        process.stdin.close()


def _send(to: IO[str], message: object) -> None:
    to.write(json.dumps(message) + "\n")
    to.flush()
