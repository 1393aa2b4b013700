"""One case at a time, every verdict with its proof, beside other engines on the same rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from bench.peer import PYTHON, Peer
from bench.spelling import fired, names_of, plain_case
from bench.timing import ROUNDS, head, row, seconds_each, speed, typical
from bench.to_pydmn import facts_for_pydmn, to_pydmn
from bench.to_zen import to_zen
from engine import Engine, build, explain, prove, simulate
from engine.agenda import AgendaKind
from engine.cases import Case
from engine.model import Policy
from engine.simulate import conclude

LABELS: Mapping[AgendaKind, str] = {
    "durable": "durable-rules in a worker",
    "inprocess": "durable-rules in this process",
    "python": "agenda in Python",
}
TRACED, UNTRACED, PYDMN = "zen-engine, traced", "zen-engine, not traced", "pyDMNrules"
SLOW = 10
"""How many cases are enough for what takes long."""

Contestant: TypeAlias = Callable[[], list[float]]
"""One round: the seconds of each case."""


def proved(engine: Engine, case: Case) -> object:
    """Answer a case and prove the verdict of every measure."""
    return prove(simulate(engine, case))


def measure_answers(policy: Policy, cases: Sequence[Case]) -> None:
    """Print how long each way to answer takes; all take turns, round after round.

    The ratios are those of the typical case (p50): how many times as fast as the other engine.

    Raises:
        AssertionError: another engine fires other rules, so that there is nothing to compare.
    """
    with ExitStack() as stack:
        contestants = _ours(policy, cases, stack)
        if PYTHON.exists():
            contestants |= _theirs(policy, cases, stack)
        else:
            print("The other engines are not installed: make .venv-bench/.ready\n")
        rounds: dict[str, list[list[float]]] = {label: [] for label in contestants}
        for number in range(1 + ROUNDS):
            for label, each in contestants.items():
                seconds = each()
                if number:  # the first round warms up
                    rounds[label].append(seconds)
    halves = {label: typical(each) for label, each in rounds.items()}
    peers = [each for each in (TRACED, PYDMN) if each in halves]
    head("one case after the other", "p50 ms", "p95 ms", "cases/s", *(f"× {p}" for p in peers))
    for label, half in halves.items():
        a_second, slow = speed(rounds[label])
        ratios = (halves[each] / half for each in peers)
        row(label, half * 1000, slow * 1000, a_second, *ratios)


def _ours(policy: Policy, cases: Sequence[Case], stack: ExitStack) -> dict[str, Contestant]:
    found: dict[str, Contestant] = {}
    for kind, label in LABELS.items():
        engine = stack.enter_context(closing(build(policy, kind)))
        once, whole = partial(simulate, engine), partial(proved, engine)
        found[f"{label}: verdicts with what proves them"] = partial(seconds_each, once, cases)
        found[f"{label}: and every proof unfolded"] = partial(seconds_each, whole, cases)
        if kind == "durable":
            told = partial(_told, engine)
            few = cases[: 2 * SLOW]
            found[f"{label}: and everything put into words"] = partial(seconds_each, told, few)
            found[f"{label}: verdicts, the cases in a row"] = partial(_in_a_row, engine, cases)
    return found


def _told(engine: Engine, case: Case) -> object:
    return explain(simulate(engine, case))


def _in_a_row(engine: Engine, cases: Sequence[Case]) -> list[float]:
    """The worker a few cases ahead: one figure for all, since they overlap."""

    def answer(_: object) -> None:
        for chain in engine.agenda.run_many(cases):
            conclude(engine, chain)

    return [sum(seconds_each(answer, [None])) / len(cases)] * len(cases)


def _theirs(policy: Policy, cases: Sequence[Case], stack: ExitStack) -> dict[str, Contestant]:
    names = names_of(policy)
    graph = to_zen(policy, names)
    plain = [plain_case(case, names) for case in cases]
    zen = stack.enter_context(closing(Peer("zen_peer.py", {"graph": graph.text, "cases": plain})))
    _compare("zen-engine", policy, cases, zen.fired, graph.rules)

    folder = Path(stack.enter_context(TemporaryDirectory()))
    book = to_pydmn(policy, names, folder / "rules.xlsx")
    few = cases[:SLOW]
    facts = [facts_for_pydmn(case, book) for case in few]
    pydmn = stack.enter_context(
        closing(Peer("pydmn_peer.py", {"path": str(book.path), "cases": facts}))
    )
    _compare(PYDMN, policy, few, pydmn.fired, book.rules)
    print("They give no amounts, caps, groups or unknowns.\n")
    return {
        TRACED: partial(zen.seconds, {"trace": True}),
        UNTRACED: partial(zen.seconds, {"trace": False}),
        PYDMN: partial(pydmn.seconds, {}),
    }


def _compare(
    peer: str,
    policy: Policy,
    cases: Sequence[Case],
    answers: Sequence[list[str]],
    known: frozenset[str],
) -> None:
    with closing(build(policy, "python")) as engine:
        ours = [fired(simulate(engine, case).worked, known) for case in cases]
    alike = sum(one == other for one, other in zip(ours, answers, strict=True))
    rules = sum(len(table.rules) for table in policy.tables)
    firings = sum(map(len, ours))
    print(
        f"{peer} holds {len(known)} of {rules} rules, and fires the same of them as we do "
        f"in {alike} of {len(cases)} cases ({firings} firings)."
    )
    assert alike == len(cases), f"{peer} fires other rules"
