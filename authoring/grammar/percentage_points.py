"""提高0.5个百分点: a rate that is another one for some projects, which 上浮 cannot say.

上浮 0.5% adds half a percent of the award; 1% raised by half a point is 1.5% of the base. The right
form is given with the numbers of the cell, and with the policy's own names where they are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from authoring.grammar.characters import normalise
from authoring.grammar.problems import Code
from authoring.grammar.rewrites import MOST_OFFERED, whole_cells
from authoring.grammar.vocabulary import Vocabulary
from authoring.numerals import NUMERAL, whole
from engine.cells import CellRef, Place
from engine.expressions import Comparator, Function
from engine.findings import Finding
from engine.notation import ELSE, IF, OF, SIGNS, THEN
from engine.phrase import phrase_points
from engine.types import NUMERIC_TYPES, ExchangeRateType, MoneyType, YesNoType

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_POINTS = re.compile(rf"(?P<rate>{_NUMBER}|{NUMERAL}+)个?百分点")
_CLAUSE = re.compile(r"[^,，;；。\s](?:[^,，;；。]*[^,，;；。\s])?")
_GROWN = re.compile(rf"[较比](?:上一?年度?|去年|前一年|同期)[^0-9]*(?P<rate>{_NUMBER}%)")
_OVER = ("超过", "高于", "大于")
_SHARE = re.compile(rf"(?P<base>.+){OF}(?P<rate>{_NUMBER})%")
_BEFORE = re.compile("上一?年度?|去年度?|前一年度?|上期")
_NOW = re.compile("本年度?|当年度?|今年度?|年度|本期")
_USUAL = Fraction(1)
"""The rate that an example starts from, where the cell says none."""
_NOW_WORD, _BEFORE_WORD = "本年", "上年"
_USUAL_GROWTH = "≥ 20%"


def pointed(
    findings: tuple[Finding, ...],
    text: str,
    cell: CellRef | None,
    vocabulary: Vocabulary,
    reads: Callable[[str], bool],
) -> tuple[Finding, ...]:
    """The findings of an amount or an uplift, in place of them one where it speaks of points."""
    clauses = list(_CLAUSE.finditer(text))
    said = [normalise(each[0]).text for each in clauses]
    at = next((n for n, each in enumerate(said) if _POINTS.search(each)), None)
    if not findings or at is None:
        return findings
    found = _POINTS.search(said[at])
    assert found is not None
    rate = _rate(found["rate"])
    if rate is None:
        return findings
    low, bases = _share(said[:at], vocabulary, reads)
    pairs = list(_years(vocabulary))
    demands = list(_demands([*said[:at], said[at][: found.start()]], vocabulary, pairs))
    behind = "".join(f"，{each}" for each in said[at + 1 :])
    meant = tuple(
        filter(
            reads, (_either(each, base, low, rate) + behind for base in bases for each in demands)
        )
    )
    now, before = pairs[0] if len(pairs) == 1 else (_NOW_WORD, _BEFORE_WORD)
    demand = demands[0] if demands else _growth(now, before, _USUAL_GROWTH)
    example = _either(demand, bases[0] if bases else _in_yuan(now, vocabulary), low, rate)
    clause = clauses[at]
    span = (
        {"start": 0, "end": len(text)} if meant else {"start": clause.start(), "end": clause.end()}
    )
    params: dict[str, object] = {
        "word": clause[0],
        "rate": phrase_points(rate / 100),
        "example": example,
    }
    place = None if cell is None else Place(cell, **span)
    offered = meant if len(meant) <= MOST_OFFERED else ()
    told = Finding(
        Code.PERCENTAGE_POINTS.value,
        place,
        params | (span if cell is None else {}),
        did_you_mean=offered,
    )
    return (told,)


def _rate(word: str) -> Fraction | None:
    number = whole(word)
    if number is not None:
        return Fraction(number)
    return Fraction(word) if word.isascii() else None


def _share(
    clauses: list[str], vocabulary: Vocabulary, reads: Callable[[str], bool]
) -> tuple[Fraction, list[str]]:
    """The rate from which the points go up, and what it is a rate of; both as far as known."""
    for clause in clauses:
        cells = (clause,) if reads(clause) else whole_cells(clause, vocabulary, reads)
        shares = [each for each in map(_SHARE.fullmatch, cells) if each]
        if shares:
            return Fraction(shares[0]["rate"]), [each["base"] for each in shares]
    written = next((each for each in map(_RATE.search, clauses) if each), None)
    return (Fraction(written["rate"]) if written else _USUAL), []


_RATE = re.compile(rf"{OF}(?P<rate>{_NUMBER})%")


def _demands(
    clauses: list[str], vocabulary: Vocabulary, pairs: list[tuple[str, str]]
) -> Iterator[str]:
    """The conditions on which the higher rate is given."""
    for clause in clauses:
        grown = _GROWN.search(clause)
        if grown:
            over = any(each in grown[0] for each in _OVER)
            sign = SIGNS[Comparator.GREATER if over else Comparator.AT_LEAST]
            for now, before in pairs:
                yield _growth(now, before, f"{sign} {grown['rate']}")
        for field in vocabulary.fields.values():
            if isinstance(field.type, YesNoType) and field.name in clause:
                yield field.name


def _years(vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """The fields that hold the same of this year and of the year before."""
    names: Mapping[str, object] = {
        each.name: each.type
        for each in vocabulary.fields.values()
        if isinstance(each.type, NUMERIC_TYPES)
    }
    for before, type_ in names.items():
        if not _BEFORE.search(before):
            continue
        stem = _BEFORE.sub("", before, count=1)
        for now, same in names.items():
            if now != before and same == type_ and _NOW.sub("", now, count=1) == stem:
                yield now, before


def _in_yuan(name: str, vocabulary: Vocabulary) -> str:
    """An amount as money that can be paid: foreign money converted, where its rate is known."""
    field = vocabulary.fields.get(name)
    if field is None or not isinstance(field.type, MoneyType):
        return name
    for each in vocabulary.fields.values():
        match each.type:
            case ExchangeRateType(source=source, target="CNY") if source == field.type.currency:
                return f"{Function.CONVERT.value}({name}; {each.name})"
    return name


def _growth(now: str, before: str, bound: str) -> str:
    return f"{Function.GROWTH.value}({now}; {before}) {bound}"


def _either(demand: str, base: str, low: Fraction, rate: Fraction) -> str:
    """如果 链主企业 则 投资额的1.5% 否则 投资额的1%."""
    higher, lower = (f"{base}{OF}{phrase_points(each / 100)}%" for each in (low + rate, low))
    return f"{IF} {demand} {THEN} {higher} {ELSE} {lower}"
