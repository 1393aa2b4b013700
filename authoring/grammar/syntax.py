"""What the grammars make of a cell: its shape, before anybody asks about fields, types and units.

``start`` and ``end`` count in the normalised text. Nothing here knows the cell or the column, so
one tree serves every cell with the same text.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple, TypeAlias

from authoring.grammar.lexicon import Mark, Quantity
from engine.expressions import Comparator, Function, Operator


class Number(NamedTuple):
    """A number with its unit."""

    start: int
    end: int
    quantity: Quantity


class Day(NamedTuple):
    """A date."""

    start: int
    end: int
    value: date


class YesNo(NamedTuple):
    """是 or 否."""

    start: int
    end: int
    value: bool


class Word(NamedTuple):
    """A word: known to the policy, unknown, or in quotes. ``text`` is in normal form."""

    start: int
    end: int
    text: str
    quoted: bool = False


class Binary(NamedTuple):
    """Arithmetic; ``of`` when it is written 的."""

    start: int
    end: int
    operator: Operator
    left: Term
    right: Term
    of: bool = False


class Minus(NamedTuple):
    """A negative."""

    start: int
    end: int
    operand: Term


class Apply(NamedTuple):
    """A function with its arguments."""

    start: int
    end: int
    function: Function
    arguments: tuple[Term, ...]


class Step(NamedTuple):
    """One bracket of 分段."""

    start: int
    end: int
    low: Number | None
    high: Number | None
    rate: Number


class Steps(NamedTuple):
    """分段(base; …)."""

    start: int
    end: int
    base: Term
    steps: tuple[Step, ...]


class Choose(NamedTuple):
    """如果 … 则 … 否则 …."""

    start: int
    end: int
    condition: Term
    then: Term
    otherwise: Term


class Chain(NamedTuple):
    """Conditions joined by 且 (``every``) or 或."""

    start: int
    end: int
    every: bool
    operands: tuple[Term, ...]


class Invert(NamedTuple):
    """非 before a condition."""

    start: int
    end: int
    operand: Term


class Count(NamedTuple):
    """至少(k; …). The first argument is the number."""

    start: int
    end: int
    arguments: tuple[Term, ...]


class Member(NamedTuple):
    """属于(field; …) written as a call."""

    start: int
    end: int
    arguments: tuple[Term, ...]


class About(NamedTuple):
    """A test put to a subject; without one it speaks of the subject before it."""

    start: int
    end: int
    subject: Term | None
    test: Test


Term: TypeAlias = (
    Number
    | Day
    | YesNo
    | Word
    | Binary
    | Minus
    | Apply
    | Steps
    | Choose
    | Chain
    | Invert
    | Count
    | Member
    | About
)


class Inclusion(NamedTuple):
    """（含） or （不含5亿元）: the mark, and the bound that it names."""

    mark: Mark
    bound: Term | None


class Relation(NamedTuple):
    """``>= bound``, with a mark （含） that overrides the word."""

    start: int
    end: int
    comparator: Comparator
    bound: Term
    inclusions: tuple[Inclusion, ...] = ()
    also: Comparator | None = None
    """What a second word says: the 起 of 自…起."""


class Stretch(NamedTuple):
    """``low 至 high``, with a mark behind each end or none."""

    start: int
    end: int
    low: Term
    high: Term
    low_inclusion: Inclusion | None
    high_inclusion: Inclusion | None


class Interval(NamedTuple):
    """``[low, high)``."""

    start: int
    end: int
    low: Term
    high: Term
    low_closed: bool
    high_closed: bool


class Exactly(NamedTuple):
    """A value that stands alone."""

    start: int
    end: int
    value: Term


class Among(NamedTuple):
    """属于: any of the words, or all of them."""

    start: int
    end: int
    words: tuple[Term, ...]
    all: bool = False


class Denied(NamedTuple):
    """非, not, 除…外, 不属于."""

    start: int
    end: int
    test: Test


class Blank(NamedTuple):
    """空 (``absent``) or 非空."""

    start: int
    end: int
    absent: bool


class Unconstrained(NamedTuple):
    """—, 不限."""

    start: int
    end: int


class Tests(NamedTuple):
    """Several tests of which every one (``every``) or any must hold."""

    start: int
    end: int
    every: bool
    tests: tuple[Test, ...]


Test: TypeAlias = (
    Relation | Stretch | Interval | Exactly | Among | Denied | Blank | Unconstrained | Tests
)


class UpTo(NamedTuple):
    """最高 …: a ceiling."""

    start: int
    end: int
    amount: Term


class Plain(NamedTuple):
    """一事一议, 按有关规定 or 无."""

    start: int
    end: int
    kind: str


class Limit(NamedTuple):
    """One 最高 or 最低 behind an amount; ``amount`` None stands for 不封顶."""

    start: int
    end: int
    is_cap: bool
    amount: Term | None


class Amount(NamedTuple):
    """A 金额 cell."""

    start: int
    end: int
    grant: Term | UpTo | Plain
    limits: tuple[Limit, ...]


class Caps(NamedTuple):
    """A 最高限额 or 最低 cell."""

    start: int
    end: int
    caps: tuple[Term | Limit, ...]


Syntax: TypeAlias = Test | Term | Amount | Caps
