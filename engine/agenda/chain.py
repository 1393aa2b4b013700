"""The working memory of one case: what each firing does, and the check that it had to happen.

Any agenda drives a chain by calling ``fire``; the chain decides the cells (``engine.evaluate``),
closes the tables, and refuses a firing that the semantics does not support, or the lack of one that
it demands. So every answer is checked as it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, assert_never, cast

from engine.agenda.program import Kind, Program
from engine.cases import Case
from engine.evaluate import Situation, in_force
from engine.model import Source
from engine.tables import Closing, TableResult, close_table, row_of, rows_by_measure
from engine.truth import UNKNOWN, YES, Truth
from engine.values import Value

MOST_KEPT = 256
"""So many ways in which a table came out are remembered."""


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
        "_closings",
        "_fired",
        "_truths",
        "_waits",
        "case",
        "log",
        "program",
        "situation",
    )

    def __init__(self, program: Program, case: Case) -> None:
        self.program = program
        self.case = case
        self.situation = Situation(effective_facts(program, case), case.facts, case.date)
        self.log: list[int] = []
        self._closings: list[Closing | None] = [None] * len(program.tables)
        self._truths: list[Truth] = [UNKNOWN] * program.tests
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
        kind, subject, tokens, _ = self.program.rules[rule]
        for token in tokens:
            if not self._asserted[token]:
                raise CrossCheckError(f"rule {rule} fired without its tokens")
        self.log.append(rule)
        match kind:
            case Kind.ROW:
                if self._fired[subject]:
                    raise CrossCheckError(f"row {subject} fired twice")
                self._fired[subject] = True
                return []
            case Kind.CLOSE:
                return self._assert(self._close(subject))
            case Kind.ADVANCE:
                return self._assert([subject])
            case _:
                assert_never(kind)

    def finish(self) -> None:
        """Make sure that nothing is left to fire.

        Raises:
            CrossCheckError: a table was not closed, or a row of a measure table that holds has not
                fired.
        """
        for table, closing in enumerate(self._closings):
            if closing is None:
                if self.program.tables[table].table.outputs:
                    raise CrossCheckError("the agenda stopped before every table was closed")
                self._closings[table] = self._closed(table)

    @property
    def closings(self) -> list[Closing]:
        """How each table was closed, in the program's order; the chain must be finished."""
        return cast(list[Closing], self._closings)

    @property
    def results(self) -> list[TableResult]:
        """What each table says, in the program's order; the chain must be finished."""
        return [closing.result for closing in self.closings]

    def _assert(self, tokens: list[int]) -> list[int]:
        for token in tokens:
            self._asserted[token] = True
        return tokens

    def _test(self, moment: int) -> list[int]:
        """Make the tests of a moment; give the tokens of the cells that hold."""
        program, truths, situation = self.program, self._truths, self.situation
        tests, cells, _ = program.moments[moment]
        for test, holds in tests:
            truths[test] = holds(situation)
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

    def _closed(self, table: int) -> Closing:
        """Work a table out, or remember how it came out, and check what fired."""
        program, truths = self.program, self._truths
        known = program.recurring[table]
        if known is None:
            closing = self._work_out(table)
        else:
            key = tuple([truths[test] for test in program.tests_of[table]])
            found = known.get(key)
            closing = self._work_out(table) if found is None else found
            if found is None and len(known) < MOST_KEPT:
                known[key] = closing
        first = program.rows_of[table].start
        if self._fired[first : first + len(closing.holding)] != closing.holding:
            raise CrossCheckError(f"table {table}: what fired is not what holds")
        return closing

    def _work_out(self, table: int) -> Closing:
        program, truths = self.program, self._truths
        rows, holding = [], bytearray()
        for number in program.rows_of[table]:
            rule, _, tests, dated = program.rows[number]
            if dated and not in_force(rule, self.case.date):
                holding.append(False)
                continue
            row = row_of(rule, tuple([truths[test] for test in tests]))
            rows.append(row)
            holding.append(row.own is YES)
        result = close_table(program.tables[table], rows, self.situation)
        return Closing(result, bytes(holding), rows_by_measure(result.rows), {}, {})

    def _close(self, table: int) -> list[int]:
        program = self.program
        if self._closings[table] is not None:
            raise CrossCheckError(f"table {table} closed twice")
        closing = self._closings[table] = self._closed(table)
        result = closing.result
        for output, value in zip(result.table.outputs, result.values, strict=True):
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
    given, facts = case.facts, program.unknown.copy()
    for field, when_missing in program.inputs:
        value = given.get(field)
        facts[field] = when_missing if value is None else value
    return facts


def replay(program: Program, case: Case, log: Sequence[int]) -> Chain:
    """Go through firings that happened elsewhere, checking each of them.

    Raises:
        CrossCheckError: the log is not what the semantics demands.
    """
    chain = Chain(program, case)
    chain.begin()
    return follow(chain, log)


def follow(chain: Chain, log: Sequence[int]) -> Chain:
    """Go on as ``replay`` does with a chain that has begun."""
    for rule in log:
        chain.fire(rule)
    chain.finish()
    return chain
