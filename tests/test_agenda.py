"""Forward chaining: three agendas, one answer, whatever durable-rules or its worker does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.agenda import (
    BEYOND_LIMITS,
    WITHOUT_EXTENSION,
    WORKER_LOST,
    Agenda,
    BeyondLimits,
    Chain,
    CrossCheckError,
    DurableAgenda,
    Program,
    PureAgenda,
    WorkerAgenda,
    compile_program,
    durable,
    make_agenda,
)
from engine.cases import Case
from engine.expressions import Disjunction, Literal, Not, OneOf, Satisfies
from engine.model import (
    Condition,
    DecisionTable,
    Field,
    HitPolicy,
    OutputClause,
    Policy,
    Rule,
    Source,
    WhenMissing,
)
from engine.types import YesNoType
from engine.values import Rounding

ROOT = Path(__file__).parent.parent
DAY = date(2024, 1, 1)
YES_NO = YesNoType()
NO = Literal(False, YES_NO)
YES = Literal(True, YES_NO)

pytest.importorskip("durable_rules_engine", reason="durable-rules needs Python 3.12 or older")


# --- small policies -------------------------------------------------------------------------------


def policy_of(fields: list[Field], tables: list[DecisionTable]) -> Policy:
    return Policy(
        id="P",
        title="",
        number="",
        issuer="",
        issued=None,
        effective=DAY,
        expires=None,
        interpreter="",
        default_stacking="",
        rounding=Rounding(),
        subjects=(),
        provisions=(),
        fields=tuple(fields),
        code_lists=(),
        tables=tuple(tables),
        measures=(),
        groups=(),
        selections=(),
        constraints=(),
    )


def holds(*names: str) -> tuple[Condition, ...]:
    return tuple(Condition(Satisfies(name, OneOf((True,))), "是") for name in names)


def table_of(output: str, *rows: tuple[str, ...], name: str = "") -> DecisionTable:
    """A table whose rows each want all the fields they name."""
    rules = tuple(
        Rule(f"{output}-{number}", holds(*names), (YES,)) for number, names in enumerate(rows)
    )
    return DecisionTable(
        name or f"T-{output}", HitPolicy.FIRST, (), (OutputClause(output, NO),), rules
    )


def given(*names: str) -> list[Field]:
    return [Field(name, YES_NO) for name in names]


def derived(*names: str) -> list[Field]:
    return [Field(name, YES_NO, source=Source.DERIVED) for name in names]


def case_of(number: object = 1, **facts: bool | None) -> Case:
    return Case(str(number), "", DAY, facts)


def ladder() -> Program:
    """Four levels, the tables on the sheets in the wrong order. With a, every rule fires."""
    fields = given("a") + derived("b", "c", "d", "e")
    tables = [table_of("e", ("d",)), table_of("c", ("b", "a")), table_of("d", ("c",), ("b", "c"))]
    return compile_program(policy_of(fields, [*tables, table_of("b", ("a",))]))


def random_policy(seed: int) -> Policy:
    """Draw tables that read inputs and, mostly, each other."""
    draw = Random(seed)
    fields = [
        Field(
            f"a{each}", YES_NO, when_missing=draw.choice((WhenMissing.UNKNOWN, WhenMissing.FALSE))
        )
        for each in range(draw.randrange(3, 9))
    ]
    names = [field.name for field in fields]
    tests = (OneOf((True,)), OneOf((False,)), Not(OneOf((True,))))
    tables = []
    for number in range(draw.randrange(4, 13)):
        rules = []
        for row in range(draw.randrange(1, 6)):
            conditions = []
            for name in draw.sample(names, min(len(names), draw.randrange(5))):
                node: Any = Satisfies(name, draw.choice(tests))
                if draw.random() < 0.2:
                    node = Disjunction((node, Satisfies(draw.choice(names), OneOf((True,)))))
                conditions.append(Condition(node, ""))
            over = date(2023, 1, 1) if draw.random() < 0.05 else None
            conclusion = Literal(draw.random() < 0.7, YES_NO)
            rules.append(Rule(f"{number}-{row}", tuple(conditions), (conclusion,), expires=over))
        policy = draw.choice((HitPolicy.FIRST, HitPolicy.ANY, HitPolicy.UNIQUE))
        default = NO if draw.random() < 0.8 else None
        tables.append(
            DecisionTable(
                f"{draw.random()}", policy, (), (OutputClause(f"d{number}", default),), tuple(rules)
            )
        )
        source = draw.choice((Source.DERIVED, Source.DERIVED, Source.DERIVED_OR_REPORTED))
        fields.append(Field(f"d{number}", YES_NO, source=source))
        names += [f"d{number}"] * 3
    draw.shuffle(tables)
    return policy_of(fields, tables)


def random_case(draw: Random, policy: Policy, number: int) -> Case:
    facts = {
        field.name: draw.choice((True, True, False, None))
        for field in policy.fields
        if field.source is not Source.DERIVED and draw.random() < 0.8
    }
    return Case(str(number), "", DAY, facts)


def assert_same(one: Chain, other: Chain) -> None:
    assert one.log == other.log
    assert one.results == other.results
    assert one.situation.facts == other.situation.facts


def assert_right(program: Program, agenda: Agenda, case: Case) -> Chain:
    chain = agenda.run(case)
    assert_same(chain, PureAgenda(program).run(case))
    return chain


# --- one answer -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_durable_rules_and_plain_python_fire_the_same_rules(seed: int) -> None:
    policy = random_policy(seed)
    draw = Random(seed)
    program = compile_program(policy)
    with closing(DurableAgenda(program)) as agenda:
        for number in range(10):
            assert_right(program, agenda, random_case(draw, policy, number))


def test_the_random_policies_chain_over_many_levels() -> None:
    depths = [compile_program(random_policy(seed)).depth for seed in range(40)]
    assert sum(depth > 3 for depth in depths) > 20


def test_the_order_of_the_tables_does_not_matter() -> None:
    draw = Random(1)
    policy = random_policy(1)
    cases = [random_case(draw, policy, number) for number in range(20)]
    expected = [PureAgenda(compile_program(policy)).run(case) for case in cases]
    for _ in range(5):
        tables = draw.sample(policy.tables, len(policy.tables))
        program = compile_program(replace(policy, tables=tuple(tables)))
        with closing(DurableAgenda(program)) as agenda:
            for case, chain in zip(cases, expected, strict=True):
                assert_same(agenda.run(case), chain)


def test_conclusions_wake_rules_over_four_levels() -> None:
    with closing(DurableAgenda(ladder())) as agenda:
        assert agenda.run(case_of(a=True)).situation.facts["e"] is True
        assert agenda.run(case_of(a=False)).situation.facts["e"] is False
        assert agenda.run(case_of()).situation.facts["e"] is None


def test_a_policy_without_tables_has_nothing_to_fire() -> None:
    program = compile_program(policy_of(given("a"), []))
    for kind in ("durable", "inprocess", "python"):
        with closing(make_agenda(program, kind)) as agenda:
            assert agenda.run(case_of(a=True)).log == []


# --- no decoration: what does not fire in durable-rules does not happen ---------------------------


def without(rule: int, create: Callable[[str, str], int]) -> Callable[[str, str], int]:
    """Wrap the library's compiler so that it never hears of one rule."""

    def create_ruleset(name: str, ruleset: str) -> int:
        rules = json.loads(ruleset)
        del rules[str(rule)]
        return create(name, json.dumps(rules))

    return create_ruleset


@pytest.mark.parametrize("rule", range(len(ladder().rules)))
def test_a_rule_that_is_removed_from_durable_rules_fails_the_cross_check(
    rule: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    extension = durable.load_extension()
    with closing(DurableAgenda(ladder())) as agenda:
        with monkeypatch.context() as patch:
            patch.setattr(extension, "create_ruleset", without(rule, extension.create_ruleset))
            with pytest.raises(CrossCheckError):
                agenda.run(case_of(a=True))
        assert_right(ladder(), agenda, case_of(a=True))


def test_a_log_with_a_rule_too_many_fails_the_cross_check() -> None:
    program = ladder()
    log = PureAgenda(program).run(case_of(a=True)).log
    for wrong in (log[:-1], log[1:], [*log, log[0]], [*log, log[-1]], [*log, 99], [*log, -1]):
        with pytest.raises(CrossCheckError):
            chain_of(program, case_of(a=True), wrong)


def chain_of(program: Program, case: Case, log: list[int]) -> Chain:
    from engine.agenda.chain import replay

    return replay(program, case, log)


# --- trouble in this process ----------------------------------------------------------------------


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("firing", [0, 1, 5])
def test_an_error_in_a_firing_comes_out_and_the_next_case_is_right(
    error: type[BaseException], firing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = ladder()
    fire = Chain.fire

    def failing(chain: Chain, rule: int) -> list[int]:
        if len(chain.log) == firing:
            raise error
        return fire(chain, rule)

    with closing(DurableAgenda(program)) as agenda:
        assert_right(program, agenda, case_of(a=True))
        with monkeypatch.context() as patch:
            patch.setattr(Chain, "fire", failing)
            with pytest.raises(error):
                agenda.run(case_of(a=True))
        assert_right(program, agenda, case_of(a=True))
        assert_right(program, agenda, case_of(a=False))


def test_a_closed_agenda_opens_again() -> None:
    agenda = DurableAgenda(ladder())
    agenda.close()
    assert_right(ladder(), agenda, case_of(a=True))
    agenda.close()
    agenda.close()


# --- the limits of the library --------------------------------------------------------------------


def wide(tables: int) -> Program:
    """Many tables in one stratum, and one that reads the first and the last of them."""
    names = [f"d{number}" for number in range(tables)]
    fields = given("a") + derived(*names, "z")
    last = table_of("z", (names[0], names[-1]))
    return compile_program(policy_of(fields, [*(table_of(name, ("a",)) for name in names), last]))


def long(rows: int) -> Program:
    """One table of many rows, all of which hold together."""
    table = table_of("z", *[("a",)] * rows)
    return compile_program(policy_of(given("a") + derived("z"), [table]))


def joined(patterns: int) -> Program:
    """One row that waits for the input and for all other tables."""
    names = [f"d{number}" for number in range(patterns - 1)]
    tables = [*(table_of(name, ("a",)) for name in names), table_of("z", ("a", *names))]
    return compile_program(policy_of(given("a") + derived(*names, "z"), tables))


@pytest.mark.parametrize(
    "program",
    [
        *(pytest.param(wide(n), id=f"{n} tables") for n in (249, 250, 251, 255, 256, 300, 501)),
        *(pytest.param(long(n), id=f"{n} rows") for n in (24, 25, 26, 63, 64, 65, 511, 512, 513)),
        pytest.param(long(4094), id="4094 rows"),
        pytest.param(joined(16), id="16 patterns"),
    ],
)
def test_books_up_to_the_limits_run_on_durable_rules(program: Program) -> None:
    with closing(DurableAgenda(program)) as agenda:
        for value in (True, False, None, True):
            assert_right(program, agenda, case_of(a=value))


@pytest.mark.parametrize(
    "program",
    [pytest.param(long(4095), id="4095 rows"), pytest.param(joined(17), id="17 patterns")],
)
def test_larger_books_are_refused_by_name_and_run_in_plain_python(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    for refused in (DurableAgenda, WorkerAgenda):
        with pytest.raises(BeyondLimits):
            refused(program)
    agenda = make_agenda(program)
    assert isinstance(agenda, PureAgenda)
    assert agenda.notice == BEYOND_LIMITS
    assert [record.name for record in caplog.records] == ["tiaoli.agenda"]
    assert agenda.run(case_of(a=True)).situation.facts["z"] is True


def test_too_many_tokens_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "MAX_GROUPS", 2)  # stratum tokens and rows share the first group
    DurableAgenda(long(2 * durable.GROUP_SIZE - 1)).close()
    with pytest.raises(BeyondLimits):
        DurableAgenda(long(2 * durable.GROUP_SIZE))


def test_the_library_takes_64_tokens_in_a_fact_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "GROUP_SIZE", 64)
    with closing(DurableAgenda(long(64))) as agenda:
        assert_right(long(64), agenda, case_of(a=True))
    monkeypatch.setattr(durable, "GROUP_SIZE", 65)
    with closing(DurableAgenda(long(65))) as agenda, pytest.raises(Exception, match="303"):
        agenda.run(case_of(a=True))


def fnv(name: str) -> int:
    """Hash a name as the library does, which knows properties by nothing else."""
    value = 2166136261
    for byte in name.encode("ascii"):
        value = (value ^ byte) * 16777619 % (1 << 32)
    return value


def test_no_two_names_share_a_hash() -> None:
    assert fnv("id") == 926444256  # as in the library's source
    properties = ["id", "sid", "start", "$s"]
    properties += [f"g{number}" for number in range(durable.MAX_GROUPS)]
    properties += [f"t{number}" for number in range(durable.GROUP_SIZE)]
    aliases = [f"p{number}" for number in range(durable.MAX_PATTERNS)]
    slots = durable.MAX_GROUPS * durable.GROUP_SIZE
    ids = ["start", "sid-s", *(str(number) for number in range(slots))]
    for names in (properties, aliases, ids):
        assert len({fnv(name) for name in names}) == len(names)


def test_without_the_extension_plain_python_answers(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    for kind in ("durable", "inprocess"):
        agenda = make_agenda(ladder(), kind)
        assert isinstance(agenda, PureAgenda)
        assert agenda.notice == WITHOUT_EXTENSION
        assert agenda.run(case_of(a=True)).situation.facts["e"] is True
    assert {record.name for record in caplog.records} == {"tiaoli.agenda"}


# --- the worker -----------------------------------------------------------------------------------


@pytest.fixture
def worker() -> Iterator[WorkerAgenda]:
    with closing(WorkerAgenda(ladder())) as agenda:
        yield agenda


def child_with(patch: str) -> tuple[str, ...]:
    """A command for a child in which something is different."""
    code = f"import engine.agenda.worker as worker\n{patch}\nworker.serve()"
    return sys.executable, "-P", "-c", code


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def has_ended(process: int) -> bool:
    """Whether a process that is no child of ours has ended, collected by its new parent or not."""
    if not is_running(process):
        return True
    with suppress(FileNotFoundError):
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
    return not is_running(process)


def comes_true(condition: Callable[[], bool], seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "tiaoli.agenda"]


def test_the_worker_answers_like_plain_python(worker: WorkerAgenda) -> None:
    program = ladder()
    cases = [case_of(number, a=(True, False, None)[number % 3]) for number in range(50)]
    for case in cases[:3]:
        assert_right(program, worker, case)
    process = worker.process
    for case, chain in zip(cases, worker.run_many(cases), strict=True):
        assert chain.case is case
        assert_same(chain, PureAgenda(program).run(case))
    assert process is not None
    assert worker.process == process


def test_a_batch_that_is_left_early_disturbs_nobody(worker: WorkerAgenda) -> None:
    batch = worker.run_many(case_of(number, a=True) for number in range(20))
    next(batch)
    assert_right(ladder(), worker, case_of(a=False))
    batch.close()  # type: ignore[attr-defined]
    for value in (True, False, None):
        assert_right(ladder(), worker, case_of(a=value))


def test_a_killed_worker_costs_a_line_in_the_log_and_no_answer(
    worker: WorkerAgenda, caplog: pytest.LogCaptureFixture
) -> None:
    assert_right(ladder(), worker, case_of("first", a=True))
    process = worker.process
    assert process is not None
    assert lines(caplog) == []
    os.kill(process, signal.SIGKILL)
    assert_right(ladder(), worker, case_of("second", a=True))
    assert len(lines(caplog)) == 1
    assert "case second " in lines(caplog)[0]
    assert_right(ladder(), worker, case_of("third", a=False))
    assert worker.process not in (None, process)
    assert len(lines(caplog)) == 1
    assert not is_running(process)


def test_a_worker_that_hangs_is_replaced(caplog: pytest.LogCaptureFixture) -> None:
    with closing(WorkerAgenda(ladder(), seconds=3)) as worker:
        assert_right(ladder(), worker, case_of("first", a=True))
        process = worker.process
        assert process is not None
        os.kill(process, signal.SIGSTOP)
        assert_right(ladder(), worker, case_of("second", a=True))
        assert "case second " in lines(caplog)[0]
        assert "in time" in lines(caplog)[0]
        assert not is_running(process)
        assert_right(ladder(), worker, case_of("third", a=True))
        assert worker.process not in (None, process)


FAILING = """
run = worker.DurableAgenda.run
def failing(agenda, case, **how):
    if case.id == "bad":
        raise ValueError("broken inside")
    return run(agenda, case, **how)
worker.DurableAgenda.run = failing
"""

LYING = """
run = worker.DurableAgenda.run
def lying(agenda, case, **how):
    chain = run(agenda, case, **how)
    if case.id == "bad":
        del chain.log[1]
    return chain
worker.DurableAgenda.run = lying
"""


@pytest.mark.parametrize(
    ("patch", "reason"), [(FAILING, "broken inside"), (LYING, "")], ids=["raises", "wrong log"]
)
def test_a_worker_that_errs_is_replaced(
    patch: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(WorkerAgenda(ladder(), child_with(patch))) as worker:
        assert_right(ladder(), worker, case_of("good", a=True))
        process = worker.process
        assert process is not None
        assert_right(ladder(), worker, case_of("bad", a=True))
        assert len(lines(caplog)) == 1
        assert "case bad " in lines(caplog)[0]
        assert reason in lines(caplog)[0]
        assert not is_running(process)
        assert_right(ladder(), worker, case_of("good", a=True))
        assert worker.process not in (None, process)
        assert worker.notice is None


def test_a_batch_survives_the_loss_of_its_worker(caplog: pytest.LogCaptureFixture) -> None:
    with closing(WorkerAgenda(ladder(), child_with(FAILING))) as worker:
        cases = [case_of("bad" if number in (30, 60) else number, a=True) for number in range(100)]
        for case, chain in zip(cases, worker.run_many(cases), strict=True):
            assert_same(chain, PureAgenda(ladder()).run(case))
        assert worker.notice is None
        assert worker.process is not None
    assert any("case bad " in line for line in lines(caplog))


@pytest.mark.parametrize(
    "command",
    [(sys.executable, "-c", "raise SystemExit(3)"), ("/nonexistent/python",)],
    ids=["ends at once", "cannot start"],
)
def test_where_no_worker_lives_plain_python_takes_over(
    command: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    with closing(WorkerAgenda(ladder(), command)) as worker:
        for number in range(6):
            assert worker.notice == (None if number < 3 else WORKER_LOST)
            assert_right(ladder(), worker, case_of(number, a=True))
        assert worker.process is None
    assert len(lines(caplog)) == 4  # three cases, and that it is given up


def test_a_firing_that_fails_everywhere_comes_out(
    worker: WorkerAgenda, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(chain: Chain, rule: int) -> list[int]:
        raise CrossCheckError("nothing is right")

    assert_right(ladder(), worker, case_of(a=True))
    with monkeypatch.context() as patch:
        patch.setattr(Chain, "fire", failing)
        with pytest.raises(CrossCheckError):
            worker.run(case_of(a=True))
    assert_right(ladder(), worker, case_of(a=True))


def test_an_interrupt_while_waiting_leaves_the_worker_usable(
    worker: WorkerAgenda, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.agenda import worker as module

    def interrupted(*_: object) -> bytes:
        raise KeyboardInterrupt

    assert_right(ladder(), worker, case_of(a=True))
    with monkeypatch.context() as patch:
        patch.setattr(module, "_receive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            worker.run(case_of(a=True))
    assert_right(ladder(), worker, case_of(a=False))


def test_threads_may_share_a_worker_that_keeps_dying(worker: WorkerAgenda) -> None:
    program = ladder()
    expected = {value: PureAgenda(program).run(case_of(a=value)) for value in (True, False, None)}
    wrong: list[object] = []

    def ask(value: bool | None) -> None:
        try:
            for number in range(60):
                assert_same(worker.run(case_of(number, a=value)), expected[value])
            for chain in worker.run_many(case_of(number, a=value) for number in range(60)):
                assert_same(chain, expected[value])
        except BaseException as error:
            wrong.append(error)
            raise

    threads = [threading.Thread(target=ask, args=(value,)) for value in (True, False, None, True)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        time.sleep(0.1)
        process = worker.process
        if process is not None:
            os.kill(process, signal.SIGKILL)
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert not any(thread.is_alive() for thread in threads)


def test_the_worker_ignores_the_interrupt_key(worker: WorkerAgenda) -> None:
    assert_right(ladder(), worker, case_of(a=True))
    process = worker.process
    assert process is not None
    os.kill(process, signal.SIGINT)
    assert_right(ladder(), worker, case_of(a=False))
    assert worker.process == process


def test_the_worker_takes_no_engine_from_the_current_folder(
    worker: WorkerAgenda, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "engine.py").write_text("raise SystemExit('the wrong engine')", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert_right(ladder(), worker, case_of(a=True))
    assert worker.process is not None


def memory_of(process: int) -> int:
    """Return resident bytes."""
    pages = Path(f"/proc/{process}/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_the_worker_does_not_grow(worker: WorkerAgenda) -> None:
    def work(count: int) -> int:
        cases = (case_of(number, a=number % 3 > 0) for number in range(count))
        assert all(chain.results for chain in worker.run_many(cases))
        assert worker.process is not None
        return memory_of(worker.process)

    before = work(1_000)
    assert work(10_000) - before < 1 << 20


# --- nothing is left behind -----------------------------------------------------------------------

USER = """
import sys
from tests.test_agenda import *
agenda = make_agenda(ladder())
assert agenda.run(case_of(a=True)).situation.facts["e"] is True
print(agenda.process, flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("end", ["it exits", "it is killed"])
def test_no_worker_outlives_its_parent(end: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", USER],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        process = int(parent.stdout.readline())
        assert is_running(process)
        if end == "it is killed":
            parent.kill()
        else:
            parent.stdin.write("\n")
        parent.stdin.close()
        assert parent.wait(60) == (-signal.SIGKILL if end == "it is killed" else 0)
    assert comes_true(lambda: has_ended(process))


HANGING = """
import os, pathlib, sys
sys.argv[1] = "1"
def hanging(agenda, case, **how):
    pathlib.Path({path!r}).write_text(f"{{os.getpid()}}.", "ascii")
    while True:
        pass
worker.DurableAgenda.run = hanging
"""


def test_a_worker_that_hangs_ends_even_without_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "process"
    command = child_with(HANGING.format(path=str(path)))
    user = f"from tests.test_agenda import *\nWorkerAgenda(ladder(), {command}).run(case_of())"
    with subprocess.Popen([sys.executable, "-c", user], cwd=ROOT) as parent:
        assert comes_true(lambda: path.exists() and path.read_text("ascii").endswith("."))
        parent.kill()
    process = int(path.read_text("ascii")[:-1])
    assert comes_true(lambda: has_ended(process))


def test_closing_and_forgetting_an_agenda_end_its_process() -> None:
    agenda = WorkerAgenda(ladder())
    agenda.run(case_of(a=True))
    closed = agenda.process
    agenda.close()
    agenda.close()
    agenda.run(case_of(a=True))
    forgotten = agenda.process
    del agenda
    assert closed is not None
    assert forgotten is not None
    assert not is_running(closed)
    assert not is_running(forgotten)
