"""The agenda on durable-rules in a child process, which may crash or hang and is then replaced.

The child is told the policy once and compiles it itself; then it takes cases and answers each with
its log, in order. The parent goes through every log again on a chain of its own, which builds the
results and checks each firing. A case that the child did not answer, or answered wrongly, is worked
out by the agenda in plain Python, and the log gets a line about it.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import weakref
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from struct import Struct
from threading import Lock

from engine.agenda.chain import Chain, CrossCheckError, follow
from engine.agenda.durable import DurableAgenda, lay_out, load_extension
from engine.agenda.program import Program, compile_program
from engine.agenda.pure import PureAgenda
from engine.cases import Case

LOGGER = logging.getLogger("tiaoli.agenda")

SECONDS = 10.0
"""How long the child may be silent while it owes an answer."""
START_SECONDS = 60.0
"""How long the child may take to start and to compile the policy, on however busy a machine."""
AHEAD = 8
"""How many cases the child may have before it answers the first of them."""
PATIENCE = 3
"""After so many lost children without one good answer between them, no other is started."""
WORKER_LOST = "agenda_worker_lost"

# -P: the engine comes from where the parent has it, never from the folder that is current.
COMMAND = (sys.executable, "-P", "-c", "from engine.agenda.worker import serve; serve()")

_ROOT = Path(__file__).parents[2]
_LENGTH = Struct(">I")
_LONGEST = 1 << 28
_BUFFER = 1 << 18  # holds AHEAD logs of 4,095 rules, so that neither side ever waits to write
_READY, _LOG, _ERROR = b"R", b"L", b"E"


class WorkerLost(Exception):
    """The child did not answer."""


class WorkerAgenda:
    """Forward chaining on durable-rules in a process of its own, begun with the first case.

    Raises:
        ImportError: the extension cannot be loaded.
        BeyondLimits: the policy is too large.
    """

    def __init__(
        self, program: Program, command: Sequence[str] = COMMAND, seconds: float = SECONDS
    ) -> None:
        load_extension()
        lay_out(program)
        self.notice: str | None = None
        self._program = program
        self._instead = PureAgenda(program)
        self._command = (*command, str(seconds))
        self._seconds = seconds
        self._lock = Lock()
        self._child: _Child | None = None
        self._stop: Callable[[], object] = lambda: None
        self._failures = 0

    @property
    def process(self) -> int | None:
        """The process id of the child, if there is one."""
        child = self._child
        return None if child is None else child.process.pid

    def run(self, case: Case) -> Chain:
        """Ask the child, and check what it says."""
        return self._finish(case, self._ask(case))

    def run_many(self, cases: Iterable[Case]) -> Iterator[Chain]:
        """Work many cases out; the child is a few cases ahead of the check."""
        asked: deque[tuple[Case, _Answer]] = deque()
        for case in cases:
            asked.append((case, self._ask(case)))
            if len(asked) == AHEAD:
                yield self._finish(*asked.popleft())
        while asked:
            yield self._finish(*asked.popleft())

    def close(self) -> None:
        """End the child. A later case would begin another."""
        with self._lock:
            self._discard("the agenda was closed")

    def _ask(self, case: Case) -> _Answer:
        message = _packed(case, self._program)
        answer = _Answer()
        with self._lock:
            if self.notice is not None:
                return answer
            try:
                child = self._living_child()
                while len(child.owed) >= AHEAD:
                    child.receive()
                answer.child = child
                child.owed.append(answer)
                child.send(message)
            except WorkerLost as error:
                self._fail(str(error))
                answer.lost = str(error)
            except BaseException:
                self._discard("a request was interrupted")
                raise
        return answer

    def _finish(self, case: Case, answer: _Answer) -> Chain:
        if answer.child is None and answer.lost is None:
            return self._instead.run(case)
        try:
            chain = Chain(self._program, case)
            chain.begin()  # while the child is at work
            follow(chain, self._log(answer))
        except (WorkerLost, CrossCheckError) as error:
            named = case.id or case.name or "without a number"
            LOGGER.warning("case %s is worked out without the worker: %s", named, error)
            with self._lock:
                if answer.log is not None and answer.child is self._child:
                    self._fail(str(error))  # its log was wrong
            return self._instead.run(case)
        self._failures = 0
        return chain

    def _log(self, answer: _Answer) -> Sequence[int]:
        with self._lock:
            while answer.log is None:
                if answer.lost is not None or answer.child is None:
                    raise WorkerLost(answer.lost)
                try:
                    answer.child.receive()
                except WorkerLost as error:
                    self._fail(str(error))
                except BaseException:  # perhaps in the middle of a message
                    self._discard("a request was interrupted")
                    raise
            return answer.log

    def _living_child(self) -> _Child:
        """The child, a new one if there is none or a fork of this process has left it behind."""
        child = self._child
        if child is None or child.owner != os.getpid():
            child = _Child(self._command)
            self._child = child
            self._stop = weakref.finalize(self, child.stop)  # at the exit of Python, too
            policy = pickle.dumps(self._program.policy, pickle.HIGHEST_PROTOCOL)
            child.begin(policy, self._seconds)
        return child

    def _fail(self, reason: str) -> None:
        self._discard(reason)
        self._failures += 1
        if self._failures == PATIENCE:
            self.notice = WORKER_LOST
            LOGGER.error("no further worker is started, after %d were lost: %s", PATIENCE, reason)

    def _discard(self, reason: str) -> None:
        if self._child is not None:
            for number, answer in enumerate(self._child.owed):
                answer.lost = f"it was lost with an earlier case: {reason}" if number else reason
            self._child = None
            self._stop()


class _Answer:
    """What the child owes for one case: a log, or the reason why there is none.

    Without child and reason, nobody was asked.
    """

    __slots__ = ("child", "log", "lost")

    def __init__(self) -> None:
        self.child: _Child | None = None
        self.log: Sequence[int] | None = None
        self.lost: str | None = None


class _Child:
    """A process that runs ``serve``, and the answers that it owes, oldest first.

    Every method raises WorkerLost when the process has failed in any way.
    """

    __slots__ = ("_socket", "owed", "owner", "process")

    def __init__(self, command: Sequence[str]) -> None:
        self.owed: deque[_Answer] = deque()
        self.owner = os.getpid()
        paths = filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))
        near, far = socket.socketpair()
        with far:
            for end in (near, far):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
                end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            self._socket = near
            try:
                self.process = subprocess.Popen(
                    command,
                    stdin=far.fileno(),
                    stdout=subprocess.DEVNULL,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                    start_new_session=True,  # Ctrl-C in the terminal is the parent's affair
                )
            except OSError as error:
                near.close()
                raise WorkerLost(f"it could not be started: {error}") from error

    def begin(self, policy: bytes, seconds: float) -> None:
        """Tell it the policy, and wait until it is ready; from then on an answer has its limit."""
        self._socket.settimeout(START_SECONDS)
        self.send(policy)
        self._receive(_READY)
        self._socket.settimeout(seconds)

    def send(self, message: bytes) -> None:
        """Send a case."""
        try:
            _send(self._socket, message)
        except OSError as error:
            raise WorkerLost(self._describe(error)) from error

    def receive(self) -> None:
        """Wait for the answer that is due, and hand it over."""
        content = self._receive(_LOG)
        log = array("H")
        log.frombytes(content[: len(content) // log.itemsize * log.itemsize])
        self.owed.popleft().log = log

    def _receive(self, kind: bytes) -> bytes:
        try:
            message = _receive(self._socket)
        except (OSError, EOFError) as error:
            raise WorkerLost(self._describe(error)) from error
        if message[:1] != kind:
            raise WorkerLost(message[1:].decode("utf-8", "replace"))
        return message[1:]

    def stop(self) -> None:
        """End the process, whatever state it is in; a fork of its parent leaves it alone."""
        self._socket.close()
        if self.owner == os.getpid():
            self.process.kill()
            self.process.wait()

    def _describe(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            return "it did not answer in time"
        with suppress(subprocess.TimeoutExpired):
            return f"it ended with code {self.process.wait(1)}"
        return f"{type(error).__name__}: {error}"


def serve() -> None:
    """Be the child: take the policy, then answer case after case until the parent is gone.

    The socket to the parent stands in for standard input, and the first argument is the number of
    seconds that an answer may take. Pickles are safe here: the parent is the only other end.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    seconds = float(sys.argv[1])
    with socket.socket(fileno=0) as parent, suppress(EOFError, OSError):
        program = compile_program(pickle.loads(_receive(parent)))
        agenda = DurableAgenda(program)
        _send(parent, _READY)
        while True:
            case = _unpacked(_receive(parent), program)
            # Nobody else would end a child that hangs in the library when its parent is gone.
            signal.setitimer(signal.ITIMER_REAL, 2 * seconds)
            try:
                answer = _LOG + array("H", agenda.run(case, finish=False).log).tobytes()
            except Exception as error:
                answer = _ERROR + f"{type(error).__name__}: {error}".encode()
            signal.setitimer(signal.ITIMER_REAL, 0)
            _send(parent, answer)


def _packed(case: Case, program: Program) -> bytes:
    """What chaining needs of a case; both ends know the names of the inputs."""
    values = [case.facts.get(each.field) for each in program.inputs]
    return pickle.dumps((case.id, case.date, values, case.subjects), pickle.HIGHEST_PROTOCOL)


def _unpacked(message: bytes, program: Program) -> Case:
    id_, date, values, subjects = pickle.loads(message)
    names = (each.field for each in program.inputs)
    return Case(id_, "", date, dict(zip(names, values, strict=True)), subjects)


def _send(to: socket.socket, message: bytes) -> None:
    to.sendall(_LENGTH.pack(len(message)) + message)


def _receive(origin: socket.socket) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(origin, _LENGTH.size))
    if length > _LONGEST:
        raise EOFError(f"a message of {length} bytes")
    return _exactly(origin, length)


def _exactly(origin: socket.socket, length: int) -> bytes:
    parts = []
    while length:
        part = origin.recv(min(length, _BUFFER))
        if not part:
            raise EOFError("the other end is closed")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
