"""The agenda in plain Python: a counter for each rule, and a heap ordered by salience.

It serves where the extension of durable-rules cannot be installed, for books beyond its limits, and
when its worker is lost; and it keeps the same log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from engine.agenda.chain import Chain
from engine.agenda.program import Program
from engine.cases import Case


class PureAgenda:
    """Forward chaining without any library. ``notice`` says why it stands in for another, if so."""

    def __init__(self, program: Program, notice: str | None = None) -> None:
        self.notice = notice
        self.program = program
        self._missing = [len(rule.tokens) for rule in program.rules]
        self._waiting: list[list[int]] = [[] for _ in range(program.tokens)]
        for number, rule in enumerate(program.rules):
            for token in rule.tokens:
                self._waiting[token].append(number)
        self._salience = [rule.salience for rule in program.rules]

    def run(self, case: Case) -> Chain:
        """Fire what is ready, lowest salience first, until nothing is."""
        chain = Chain(self.program, case)
        missing = list(self._missing)
        ready: list[tuple[int, int]] = []
        tokens = chain.begin()
        while True:
            for token in tokens:
                for number in self._waiting[token]:
                    missing[number] -= 1
                    if not missing[number]:
                        heappush(ready, (self._salience[number], number))
            if not ready:
                break
            tokens = chain.fire(heappop(ready)[1])
        chain.finish()
        return chain

    def run_many(self, cases: Iterable[Case]) -> Iterator[Chain]:
        """Work many cases out, one after the other."""
        return map(self.run, cases)

    def close(self) -> None:
        """Nothing is held."""
