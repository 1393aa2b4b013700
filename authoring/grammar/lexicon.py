"""All words that may stand in a cell, and the segmentation of a run into them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias, TypeVar

from authoring.grammar.memory import keep
from authoring.grammar.units import (
    MONEY_UNITS,
    Unit,
    counting_units,
)
from engine import notation


class Kind(StrEnum):
    """The terminals of ``cell.lark``, and those that never reach it."""

    __hash__ = str.__hash__  # Enum's own is many times slower

    NUMBER = "NUMBER"
    DATE = "DATE"
    YESNO = "YESNO"
    NAME = "NAME"
    WORD = "WORD"
    QUOTED = "QUOTED"
    CMP = "CMP"
    SUFFIX = "SUFFIX"
    INCLUSION = "INCLUSION"
    TO = "TO"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    AMONG = "AMONG"
    ALL_AMONG = "ALL_AMONG"
    NOT_AMONG = "NOT_AMONG"
    EXCEPT = "EXCEPT"
    EXCEPT_END = "EXCEPT_END"
    EXCEPTED = "EXCEPTED"
    ABSENT = "ABSENT"
    PRESENT = "PRESENT"
    IF = "IF"
    THEN = "THEN"
    ELSE = "ELSE"
    OF = "OF"
    PLUS = "PLUS"
    MINUS = "MINUS"
    NEGATIVE = "NEGATIVE"
    TIMES = "TIMES"
    OVER = "OVER"
    CALL = "CALL"
    COUNT = "COUNT"
    MEMBER = "MEMBER"
    STEPS = "STEPS"
    SATISFIES = "SATISFIES"
    ENUM = "ENUM"
    COMMA = "COMMA"
    ARG = "ARG"
    LP = "LP"
    RP = "RP"
    GLP = "GLP"
    GRP = "GRP"
    IV_OPEN = "IV_OPEN"
    IV_SEP = "IV_SEP"
    IV_CLOSE = "IV_CLOSE"
    CAP = "CAP"
    FLOOR = "FLOOR"
    NO_CAP = "NO_CAP"
    DISCRETIONARY = "DISCRETIONARY"
    BY_REGULATION = "BY_REGULATION"
    NOTHING = "NOTHING"
    ANY = "ANY"
    # The lexer settles these before the grammar sees them.
    FUNCTION = "FUNCTION"
    MARK = "MARK"
    UNIT = "UNIT"
    PART = "PART"
    NOISE = "NOISE"
    AMBIGUOUS = "AMBIGUOUS"
    NUMERAL = "NUMERAL"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a word is to the grammar; ``value`` is its meaning where the kind alone does not say."""

    kind: Kind
    value: object = None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with the unit that stands behind it. Of its figures only the ``length`` is told:
    they stand in the text, and texts that differ in nothing else are parsed once."""

    length: int
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """含 or 不含; ``both`` speaks of both ends of a range (均含)."""

    included: bool
    both: bool = False


class CellToken(NamedTuple):
    """The characters of a text from ``first`` to ``last``, with their meaning: the comparator of
    不低于, the length and unit of 500万元. ``type`` is what lark calls the kind."""

    type: Kind
    text: str
    first: int
    last: int
    meaning: object = None


Segmentation: TypeAlias = tuple[CellToken, ...]
"""The tokens of a run; their places are counted in the run."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words by their first character, longest first, and those that no run can hold.

    ``figures`` are those that stand in a name or a unit. ``refused`` are looked at only when a run
    cannot be segmented without them. ``awkward`` finds the names that contain signs or spaces:
    汽车及零部件(含新能源汽车).
    """

    names: frozenset[str]
    figures: frozenset[str]
    words: Mapping[str, Entry]
    lengths: Mapping[str, tuple[int, ...]]
    refused: Mapping[str, Entry]
    refused_lengths: Mapping[str, tuple[int, ...]]
    units: Mapping[str, Unit]
    unit_lengths: Mapping[str, tuple[int, ...]]
    awkward: re.Pattern[str] | None
    segmented: dict[tuple[str, bool], Segmentation | None]


FIGURES = re.compile("([0-9]+)")
RUN = re.compile(r"(?:\w|·|(?<=[0-9])\.(?=[0-9]))+")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_NUMERAL = re.compile(
    r"(?:[百千]分之)?(?:[零〇一二三四五六七八九十百千两点]+(?:个?[万亿]+)*)+(?:元|美元|人)?"
)

Meaning = TypeVar("Meaning")


def make_lexicon(names: frozenset[str], counted: frozenset[str]) -> Lexicon:
    """Collect the words of the language and of one policy. ``names`` are in normal form."""
    units: dict[str, Unit] = {**counting_units(counted), **MONEY_UNITS}
    units = {word: unit for word, unit in units.items() if RUN.fullmatch(word)}
    plain = {name for name in names if RUN.fullmatch(name) and not _is_number(name, units)}
    awkward = sorted((name for name in names if not RUN.fullmatch(name)), key=len, reverse=True)
    words = {**_KEYWORDS, **{name: Entry(Kind.NAME, name) for name in plain - _KEYWORDS.keys()}}
    refused = {
        word: Entry(Kind.AMBIGUOUS, word) for word in notation.AMBIGUOUS_WORDS if word not in words
    }
    return Lexicon(
        names,
        frozenset(each for word in (*names, *units) for each in FIGURES.findall(word)),
        words,
        _lengths(words),
        refused,
        _lengths(refused),
        units,
        _lengths(units),
        re.compile("|".join(_whole(name) for name in awkward)) if awkward else None,
        {},
    )


def segment(lexicon: Lexicon, run: str, after_number: bool) -> Segmentation | None:
    """Split a run wholly into known words, numbers and units, longest first; None if it cannot be.

    After a bare number the run may begin with that number's unit.
    """
    key = (run, after_number)
    if key in lexicon.segmented:
        return lexicon.segmented[key]
    found = _segment(lexicon, run, after_number, refused=False)
    if found is None:
        found = _segment(lexicon, run, after_number, refused=True)
    keep(lexicon.segmented, key, found, len(run))
    return found


def name_at(lexicon: Lexicon, text: str, start: int) -> int:
    """Where the name ends that a text has at a position; the position itself where it has none."""
    awkward = lexicon.awkward.search(text, start) if lexicon.awkward else None
    if awkward and awkward.start() == start:
        return awkward.end()
    run = RUN.match(text, start, awkward.start() if awkward else len(text))
    pieces = segment(lexicon, run[0], False) if run else None
    return start + pieces[0].last if pieces and pieces[0].type is Kind.NAME else start


def _segment(lexicon: Lexicon, run: str, after_number: bool, refused: bool) -> Segmentation | None:
    """Search depth first; each position is given up at most once, so the time is bounded."""
    path: list[CellToken] = []
    hopeless: set[int] = set()
    choices: list[Iterator[CellToken]] = [_pieces(lexicon, run, 0, after_number, refused)]
    while choices:
        piece = next(choices[-1], None)
        if piece is None:
            choices.pop()
            if path:
                hopeless.add(path.pop().last)
        elif piece.last not in hopeless:
            path.append(piece)
            if piece.last == len(run):
                return tuple(path)
            choices.append(_pieces(lexicon, run, piece.last, False, refused))
    return None


def _pieces(
    lexicon: Lexicon, run: str, start: int, after_number: bool, refused: bool
) -> Iterator[CellToken]:
    """Yield what may stand at a position of a run, the longest first, numbers last."""
    if after_number or refused:
        for end, word, unit in _found(lexicon.units, lexicon.unit_lengths, run, start):
            yield CellToken(Kind.UNIT, word, start, end, unit)
    for end, word, entry in _found(lexicon.words, lexicon.lengths, run, start):
        yield CellToken(entry.kind, word, start, end, entry.value)
    number = _NUMBER.match(run, start)
    if number:
        digits, behind = number[0], number.end()
        for end, word, unit in _found(lexicon.units, lexicon.unit_lengths, run, behind):
            yield CellToken(Kind.NUMBER, digits + word, start, end, Quantity(len(digits), unit))
        if not _glued(run, behind):
            yield CellToken(Kind.NUMBER, digits, start, behind, Quantity(len(digits)))
    if refused:
        numeral = _NUMERAL.match(run, start)
        if numeral and numeral.end() > start:
            yield CellToken(Kind.NUMERAL, numeral[0], start, numeral.end())
        for end, word, entry in _found(lexicon.refused, lexicon.refused_lengths, run, start):
            yield CellToken(entry.kind, word, start, end)


def _found(
    words: Mapping[str, Meaning], lengths: Mapping[str, tuple[int, ...]], run: str, start: int
) -> Iterator[tuple[int, str, Meaning]]:
    """Find the words that may begin at a position: where each ends and what it means, the longest
    first."""
    for length in lengths.get(run[start : start + 1], ()):
        end = start + length
        word = run[start:end]
        meaning = words.get(word)
        if meaning is not None and end <= len(run) and not _glued(run, end):
            yield end, word, meaning


def _is_number(name: str, units: Mapping[str, Unit]) -> bool:
    """Whether a name reads as a number (2023, 500万元); it is a name in its own column only."""
    number = _NUMBER.match(name)
    return bool(number and (number.end() == len(name) or name[number.end() :] in units))


def _glued(run: str, cut: int) -> bool:
    """Whether a cut would part two digits, or two letters of a Latin word."""
    if run[cut - 1] > "z":
        return False
    pair = run[cut - 1 : cut + 1]
    return len(pair) == 2 and pair.isascii() and (pair.isdigit() or pair.isalpha())


def _lengths(words: Iterable[str]) -> dict[str, tuple[int, ...]]:
    lengths: dict[str, set[int]] = defaultdict(set)
    for word in words:
        lengths[word[0]].add(len(word))
    return {first: tuple(sorted(each, reverse=True)) for first, each in lengths.items()}


def _whole(name: str) -> str:
    """Match a name, but not in the middle of a number or of a Latin word."""
    before = r"(?<![0-9A-Za-z])" if name[0].isascii() and name[0].isalnum() else ""
    after = r"(?![0-9A-Za-z])" if name[-1].isascii() and name[-1].isalnum() else ""
    return before + re.escape(name) + after


def _keywords() -> dict[str, Entry]:
    """Spell the language: every word with the terminal that it is."""
    table: dict[str, Entry] = {}

    def add(kind: Kind, *spellings: str, value: object = None) -> None:
        table.update(dict.fromkeys(spellings, Entry(kind, value)))

    for word, comparator in notation.COMPARISON_WORDS.items():
        add(Kind.CMP, word, value=comparator)
    for word, comparator in notation.SUFFIX_WORDS.items():
        add(Kind.SUFFIX, word, value=comparator)
    for word, function in notation.FUNCTION_WORDS.items():
        add(Kind.FUNCTION, word, value=function)
    add(Kind.FUNCTION, notation.BRACKETS, value=Kind.STEPS)
    add(Kind.TO, notation.TO, "到", "起至", "起到")
    add(Kind.AND, notation.AND, "并且", "同时", "而且", "且须", "并", "但", "and", "AND")
    add(Kind.OR, notation.OR, "或者", "or", "OR")
    add(Kind.NOT, notation.NOT, "not", "NOT")
    add(Kind.AMONG, notation.AMONG, "in", "IN", "在")
    add(Kind.ALL_AMONG, notation.ALL_AMONG, "同时属于")
    add(Kind.NOT_AMONG, notation.NOT_AMONG, "不在")
    add(Kind.EXCEPT, notation.EXCEPT)
    add(Kind.EXCEPT_END, notation.EXCEPT_END)
    add(Kind.EXCEPTED, "除外")
    add(Kind.ABSENT, notation.ABSENT, "为空", "未填")
    add(Kind.PRESENT, notation.PRESENT, "不为空", "已填")
    add(Kind.IF, notation.IF, "若", "if", "IF")
    add(Kind.THEN, notation.THEN, "then", "THEN")
    add(Kind.ELSE, notation.ELSE, "else", "ELSE")
    add(Kind.OF, notation.OF)
    add(Kind.TIMES, "乘以", "乘")
    add(Kind.OVER, "除以")
    add(Kind.PLUS, "加上", "加")
    add(Kind.MINUS, "减去", "减")
    add(Kind.SATISFIES, notation.SATISFIES)
    add(Kind.YESNO, notation.YES_WORD, "true", "TRUE", "True", value=True)
    add(Kind.YESNO, notation.NO_WORD, "false", "FALSE", "False", value=False)
    add(Kind.MARK, notation.INCLUDED, "含本数", "包含", "包括", value=Mark(True))
    add(Kind.MARK, notation.EXCLUDED, "不含本数", "不包含", "不包括", value=Mark(False))
    add(Kind.MARK, "均含", "均含本数", "含两端", value=Mark(True, both=True))
    add(Kind.MARK, "均不含", "均不含本数", "不含两端", value=Mark(False, both=True))
    add(Kind.CAP, *notation.CAP_WORDS)
    add(Kind.FLOOR, *notation.FLOOR_WORDS)
    add(Kind.NO_CAP, notation.NO_CAP, "上不封顶")
    add(Kind.DISCRETIONARY, notation.DISCRETIONARY)
    add(Kind.BY_REGULATION, *notation.BY_REGULATION_WORDS)
    add(Kind.NOTHING, notation.NOTHING)
    add(Kind.ANY, "不限", "任意", "无要求")
    add(Kind.PART, "部分", "的部分")
    add(Kind.NOISE, "人民币", "之间")
    return table


_KEYWORDS = _keywords()
