"""The agenda on durable-rules: its C module decides which rule fires, and when.

Only a narrow shape of rulesets is handed to it, because outside of that shape the library (2.0.28)
hangs, crashes or is silently wrong:

- a rule is a conjunction of tokens, each pattern two equalities with the literal 1;
- tokens arrive in *facts* of many tokens each. The tokens that may share a fact form a *group*, and
  the tokens of one rule lie in different groups, since a fact serves one pattern of a rule only;
- a token that very many rules wait for has several *slots*, each with its own property;
- one session (sid) lives as long as the handle; its facts are retracted after each case.

The C module is driven directly: the library's own host starts threads and swallows exceptions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from typing import Any, NamedTuple

from engine.agenda.chain import Chain, CrossCheckError
from engine.agenda.program import AgendaRule, Program
from engine.cases import Case

MAX_RULES = 4095
"""4,096 actions fit into a ruleset; one is the sentinel."""
MAX_PATTERNS = 16
MAX_GROUPS = 500
"""512 nodes fit under the root of the network; it hangs while compiling when they are all taken."""
GROUP_SIZE = 25
"""A fact that matches more than 64 nodes at once is refused. Every firing writes its facts out, so
wide facts cost more than they save."""
SLOT_USES = 250
"""256 patterns on one node write past the end of its list."""
MAX_SALIENCE = 65535

_HANDLED, _NOT_HANDLED = 0, 1
_SENTINEL = "start"


class BeyondLimits(Exception):
    """The policy is larger than durable-rules can safely hold."""


class DurableError(Exception):
    """The library answered with a code that it must not answer with."""


class Slot(NamedTuple):
    """One place of a token in the facts: the group, and its property as JSON."""

    group: int
    property: str


class Layout(NamedTuple):
    """What the library is told: the ruleset as JSON, and the slots of each token."""

    ruleset: str
    slots: tuple[tuple[Slot, ...], ...]


def lay_out(program: Program) -> Layout:
    """Say the rules of a program in the words of the library.

    Raises:
        BeyondLimits: it could not hold them.
    """
    if len(program.rules) > MAX_RULES:
        raise BeyondLimits(f"{len(program.rules)} rules")
    slots: list[list[Slot]] = [[] for _ in range(program.tokens)]
    latest: dict[tuple[int, int], tuple[Slot, int]] = {}  # by token and position: slot and uses
    room: dict[int, tuple[int, int]] = {}  # by position: the group being filled, and its size
    groups = 0
    ruleset: dict[str, object] = {_SENTINEL: {"all": [{"p0": {_SENTINEL: 1}}], "pri": 0}}
    for number, rule in enumerate(program.rules):
        _check(rule)
        patterns = []
        for position, token in enumerate(rule.tokens):
            slot, uses = latest.get((token, position), (None, SLOT_USES))
            if slot is None or uses == SLOT_USES:
                group, size = room.get(position, (0, GROUP_SIZE))
                if size == GROUP_SIZE:
                    group, size, groups = groups, 0, groups + 1
                room[position] = group, size + 1
                slot, uses = Slot(group, f'"t{size}":1'), 0
                slots[token].append(slot)
            latest[token, position] = slot, uses + 1
            property_ = slot.property.split('"')[1]
            patterns.append({f"p{position}": {"$and": [{f"g{slot.group}": 1}, {property_: 1}]}})
        ruleset[str(number)] = {"all": patterns, "pri": rule.salience}
    if groups > MAX_GROUPS:
        raise BeyondLimits(f"{program.tokens} tokens")
    return Layout(json.dumps(ruleset), tuple(map(tuple, slots)))


def _check(rule: AgendaRule) -> None:
    if len(rule.tokens) > MAX_PATTERNS:
        raise BeyondLimits(f"{len(rule.tokens)} patterns in a rule")
    if rule.salience > MAX_SALIENCE:
        raise BeyondLimits(f"salience {rule.salience}")


def load_extension() -> Any:
    """The C module of durable-rules.

    Raises:
        ImportError: it is not installed, or not for this Python (it ends with 3.12).
    """
    import durable_rules_engine

    return durable_rules_engine


class DurableAgenda:
    """Forward chaining on durable-rules, in this process.

    A case that fails in any way takes the handle with it; the next case gets a new one.

    Raises:
        ImportError: the extension cannot be loaded.
        BeyondLimits: the policy is too large.
    """

    notice: str | None = None

    def __init__(self, program: Program) -> None:
        self._program = program
        self._layout = lay_out(program)
        self._extension = load_extension()
        self._lock = Lock()
        self._session: _Session | None = None

    def run(self, case: Case, *, finish: bool = True) -> Chain:
        """Fire what the library says, until it says nothing more.

        Who only asks for the log, and goes through it again elsewhere, needs no finished chain.
        """
        with self._lock:
            session = self._session or _Session(self._extension, self._layout)
            self._session = None  # until the case has gone well
            chain = Chain(self._program, case)
            try:
                _chain_forward(session, chain)
                if finish:
                    chain.finish()
                session.forget()
            except BaseException:
                session.close()
                raise
            self._session = session
            return chain

    def run_many(self, cases: Iterable[Case]) -> Iterator[Chain]:
        """Work many cases out, one after the other."""
        return map(self.run, cases)

    def close(self) -> None:
        """Give the ruleset back to the library."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None


def _chain_forward(session: _Session, chain: Chain) -> None:
    session.tell(chain.begin())
    rule = session.first()
    while rule is not None:
        if len(chain.log) == len(chain.program.rules):
            raise CrossCheckError(f"rule {rule} fired after every rule had its turn")
        tokens = chain.fire(rule)
        if tokens:
            session.tell(tokens)
        rule = session.next()


class _Session:
    """A ruleset in the library, and the one session in which all cases are worked on."""

    __slots__ = ("_extension", "_facts", "_handle", "_slots", "_state")

    def __init__(self, extension: Any, layout: Layout) -> None:
        self._extension = extension
        self._slots = layout.slots
        self._facts = 0
        self._handle = extension.create_ruleset("tiaoli", layout.ruleset)
        # The library frees a wild pointer when it deletes a session in which nothing ever fired.
        code, self._state = extension.assert_fact(
            self._handle, f'{{"sid":"s","id":"{_SENTINEL}","{_SENTINEL}":1}}'
        )
        if code != _HANDLED:
            raise DurableError(f"the sentinel was answered with {code}")
        started = extension.start_action_for_state(self._handle, self._state)
        if started is None or self._rule_of(started[1]) is not None:
            raise DurableError("the sentinel did not fire")
        if extension.complete_and_start_action(self._handle, self._state) is not None:
            raise DurableError("something fired without tokens")

    def tell(self, tokens: Sequence[int]) -> None:
        """Assert tokens, in one fact for each group."""
        by_group: dict[int, list[str]] = {}
        for token in tokens:
            for slot in self._slots[token]:
                by_group.setdefault(slot.group, []).append(slot.property)
        for group, properties in by_group.items():
            code, _ = self._extension.assert_fact(
                self._handle,
                # An explicit id: facts without one count as the same when their content is.
                f'{{"sid":"s","id":"{self._facts}","g{group}":1,{",".join(properties)}}}',
            )
            if code not in (_HANDLED, _NOT_HANDLED):  # "not handled": no rule waits for it
                raise DurableError(f"a fact was answered with {code}")
            self._facts += 1

    def first(self) -> int | None:
        """The rule that fires first, or None."""
        started = self._extension.start_action_for_state(self._handle, self._state)
        return None if started is None else self._rule_of(started[1])

    def next(self) -> int | None:
        """Let the current rule be done with; the rule that fires next, or None."""
        message = self._extension.complete_and_start_action(self._handle, self._state)
        return None if message is None else self._rule_of(message)

    def forget(self) -> None:
        """Retract all facts."""
        for fact in range(self._facts):
            code, _ = self._extension.retract_fact(self._handle, f'{{"sid":"s","id":"{fact}"}}')
            if code != _HANDLED:
                raise DurableError(f"a retraction was answered with {code}")
        self._facts = 0

    def close(self) -> None:
        """Delete the session, then the ruleset, which would otherwise leak it."""
        self._extension.delete_state(self._handle, "s")
        self._extension.delete_ruleset(self._handle)

    @staticmethod
    def _rule_of(message: str) -> int | None:
        """The number of the rule in a message such as ``{"12":{"p0":{…}}}``; None: the sentinel."""
        name = message[2 : message.index('"', 2)]
        return None if name == _SENTINEL else int(name)
