"""The working memory of one case: what each firing does, and the check that it had to happen.

Any agenda drives a chain by calling ``fire``; the chain decides the cells (``engine.evaluate``),
closes the tables, and refuses a firing that the semantics does not support, or the lack of one that
it demands. So every answer is checked as it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, assert_never

from engine.agenda.program import Kind, Program
from engine.cases import Case
from engine.evaluate import Situation, in_force
from engine.model import Source, WhenMissing
from engine.tables import TableResult, close_table
from engine.truth import NO, UNKNOWN, YES, Truth
from engine.types import MultiChoiceType
from engine.values import Value


class CrossCheckError(Exception):
    """What an agenda fired is not what the semantics finds true: our fault, never an answer."""


class Agenda(Protocol):
    """Chains forward: fires the rules of its program on a case until nothing more fires.

    ``notice`` is the code of what a person should know of the way it works (a key of the message
    files), or None. An agenda may be shared by threads.
    """

    @property
    def notice(self) -> str | None: ...

    def run(self, case: Case) -> Chain:
        """Work a case out; the chain that comes back is finished and checked.

        Raises:
            CrossCheckError: the firings are not those that the semantics demands.
        """
        ...

    def run_many(self, cases: Iterable[Case]) -> Iterator[Chain]:
        """Work many cases out, in their order; it may read a few of them ahead.

        Raises:
            CrossCheckError: as ``run``, at the case concerned.
        """
        ...

    def close(self) -> None:
        """Give back what the agenda holds (processes, handles). It may be called twice."""
        ...


class Chain:
    """One case being worked on. ``log`` numbers the program's rules in the order they fired."""

    __slots__ = (
        "_asserted",
        "_fired",
        "_truths",
        "_waits",
        "case",
        "log",
        "program",
        "results",
        "situation",
    )

    def __init__(self, program: Program, case: Case) -> None:
        self.program = program
        self.case = case
        self.situation = Situation(effective_facts(program, case), case.facts, case.date)
        self.log: list[int] = []
        self.results: list[TableResult | None] = [None] * len(program.tables)
        self._truths: list[Truth] = [UNKNOWN] * len(program.tests)
        self._asserted = bytearray(program.tokens)
        self._fired = bytearray(len(program.rows))
        self._waits = [moment.waits for moment in program.moments]

    def begin(self) -> list[int]:
        """The tokens that hold before anything has fired."""
        tokens = [0] if self.program.depth else []
        return self._assert(tokens + self._test(0))

    def fire(self, rule: int) -> list[int]:
        """Let a rule of the program act, and return the tokens that it asserts.

        Raises:
            CrossCheckError: there is no such rule, its tokens do not hold, it fired before, or a
                row that must have fired before a table closes has not.
        """
        if not 0 <= rule < len(self.program.rules):
            raise CrossCheckError(f"there is no rule {rule}")
        production = self.program.rules[rule]
        if not all(self._asserted[token] for token in production.tokens):
            raise CrossCheckError(f"rule {rule} fired without its tokens")
        self.log.append(rule)
        match production.kind:
            case Kind.ROW:
                if self._fired[production.subject]:
                    raise CrossCheckError(f"row {production.subject} fired twice")
                self._fired[production.subject] = True
                return []
            case Kind.CLOSE:
                return self._assert(self._close(production.subject))
            case Kind.ADVANCE:
                return self._assert([production.subject])
            case _:
                assert_never(production.kind)

    def finish(self) -> Sequence[TableResult]:
        """Make sure that every table has been closed; give the results in the program's order."""
        results = [result for result in self.results if result is not None]
        if len(results) != len(self.results):
            raise CrossCheckError("the agenda stopped before every table was closed")
        return results

    def _assert(self, tokens: list[int]) -> list[int]:
        for token in tokens:
            self._asserted[token] = True
        return tokens

    def _test(self, moment: int) -> list[int]:
        """Make the tests of a moment; give the tokens of the cells that hold."""
        program, truths, situation = self.program, self._truths, self.situation
        tests, cells, _ = program.moments[moment]
        for test in tests:
            truths[test] = program.tests[test](situation)
        tokens = []
        for row, of_cells, token in cells:
            for test in of_cells:
                if truths[test] is not YES:
                    break
            else:
                at = program.rows[row]
                if not at.dated or in_force(at.rule, self.case.date):
                    tokens.append(token)
        return tokens

    def _close(self, table: int) -> list[int]:
        program = self.program
        compiled = program.tables[table]
        if self.results[table] is not None:
            raise CrossCheckError(f"table {table} closed twice")
        cells, known = [], self._truths
        for row in program.rows_of[table]:
            here = program.rows[row]
            if here.dated and not in_force(here.rule, self.case.date):
                continue
            truths = tuple([known[test] for test in here.tests])
            if (NO not in truths and UNKNOWN not in truths) != self._fired[row]:
                raise CrossCheckError(f"row {here.rule.id}: what fired is not what holds")
            cells.append(truths)
        result = close_table(compiled, cells, self.situation)
        self.results[table] = result
        for output, value in zip(compiled.table.outputs, result.values, strict=True):
            if not self._given_by_hand(output.field):
                self.situation.facts[output.field] = value
        tokens: list[int] = []
        for moment in program.awaiting[table]:
            self._waits[moment] -= 1
            if not self._waits[moment]:
                tokens += self._test(moment)
        return tokens

    def _given_by_hand(self, field: str) -> bool:
        return (
            self.program.fields[field].source is Source.DERIVED_OR_REPORTED
            and self.case.facts.get(field) is not None
        )


def effective_facts(program: Program, case: Case) -> dict[str, Value | None]:
    """The facts that count before anything is derived: what is given, and the declared defaults."""
    facts: dict[str, Value | None] = {}
    for name, field in program.fields.items():
        value = None if field.source is Source.DERIVED else case.facts.get(name)
        if value is None and field.source in (Source.REPORTED, Source.JUDGED):
            match field.when_missing:
                case WhenMissing.UNKNOWN:
                    pass
                case WhenMissing.ZERO:
                    value = 0
                case WhenMissing.FALSE:
                    value = frozenset() if isinstance(field.type, MultiChoiceType) else False
        facts[name] = value
    return facts


def replay(program: Program, case: Case, log: Sequence[int]) -> Chain:
    """Go through firings that happened elsewhere, checking each of them.

    Raises:
        CrossCheckError: the log is not what the semantics demands.
    """
    chain = Chain(program, case)
    chain.begin()
    for rule in log:
        chain.fire(rule)
    chain.finish()
    return chain
