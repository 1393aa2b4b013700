"""What drafters take over into 金额 from the sentence of a policy, and belongs elsewhere or wants
more than was said: limits over years, terms, prices without a quantity, a difference.

Each finding says where the words go and how that is spelled. What a cell means is not guessed:
whole cells are offered only where the fields leave little choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod

from authoring.grammar.characters import normalise
from authoring.grammar.problems import Code
from authoring.grammar.rewrites import CURABLE, MOST_OFFERED, whole_cells
from authoring.grammar.units import word_of
from authoring.grammar.vocabulary import Vocabulary
from authoring.numerals import NUMERAL
from engine.cells import CellRef, Place
from engine.findings import Finding
from engine.model import Term
from engine.notation import CAP, TIMES
from engine.types import QuantityType

UNREADABLE = frozenset(
    {
        Code.UNKNOWN_WORD,
        Code.WRONG_TYPE,
        Code.AMBIGUOUS_WORD,
        Code.CHINESE_NUMERAL,
        Code.NOT_UNDERSTOOD,
        Code.UNFINISHED,
        Code.NO_SUBJECT,
        Code.NO_CONNECTIVE,
        Code.STRAY_LIMIT,
    }
)
"""What is found of words that do not belong into an amount."""

_NUMBER = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_MONEY = rf"{_NUMBER}[十百千万亿]*元"
_COUNT = rf"(?:[0-9]+|{NUMERAL}+)"
_THING = r"(?:m2|[^\W\d_]{1,4}?)"
_OVER_TIME = re.compile(
    rf"(?P<spell>每个?年度?|年度|累计|总计|合计)[^0-9]{{0,6}}?(?:不超过|最高|至多|上限|封顶)[^0-9]{{0,4}}"
    rf"(?P<limit>{_MONEY})"
)
_RISE = re.compile(rf"(?:再增加|再提高|再上浮|上浮|增加|提高)(?P<rate>{_NUMBER}[%‰])")
_PRICE = re.compile(
    rf"每一?(?P<first>{_THING})(?:每一?(?P<second>{_THING}))?(?P<money>{_MONEY})"
    rf"|(?P<price>{_MONEY})(?P<per>(?:/(?:m2|[^\W\d_]{{1,4}})){{2}}|/个?[月年])"
)
_YEARS = re.compile(
    rf"(?:期限|为期|连续|有效期)(?:为|不超过|最长)*{_COUNT}个?[年月]|[前后首头]{_COUNT}个?[年月]"
    rf"|第{_COUNT}年?(?:[至到—~-]第?{_COUNT})?年|分{_COUNT}[年期次]"
)
_STRETCH = re.compile(rf"(?:[前后首头]{_COUNT}|第{_COUNT})个?[年月].*?(?:{_MONEY}|[%‰])")
"""What is given in some of the years: other years have an amount, and so a row, of their own."""
_PART = re.compile(r"(?:以[上下内外]|超过|超出|高于|低于|不足)[^,;。]*?部分")
_CLAUSE = re.compile(r"(?:[^,，;；。]|(?<=[0-9])[,，](?=[0-9]{3}(?![0-9])))+")
_BETWEEN = " ,，;；。"
_TIMES = frozenset({"月", "年", "日"})


@dataclass(frozen=True, slots=True)
class _Habit:
    """A way to say something that is no amount, and the parameters of what is said of it."""

    code: Code
    pattern: re.Pattern[str]
    params: Callable[[re.Match[str]], Mapping[str, object]] = lambda found: {}


def _limit(found: re.Match[str]) -> Mapping[str, object]:
    column = Term.YEAR if "年" in found["spell"] else Term.ALL
    return {"column": column.value, "limit": found["limit"], "cap": CAP + found["limit"]}


def _price(found: re.Match[str]) -> Mapping[str, object]:
    return {"units": tuple(_units(found))}


_OVER = _Habit(Code.LIMIT_OVER_TIME, _OVER_TIME, _limit)
_UNIT_PRICE = _Habit(Code.PRICE_ALONE, _PRICE, _price)
_HABITS = (
    _OVER,
    _Habit(Code.RISE_IN_AMOUNT, _RISE, lambda found: {"rate": found["rate"]}),
    _Habit(Code.RESPECTIVELY, re.compile("分别")),
    _Habit(Code.DIFFERENCE_UNSAID, re.compile("补足|补齐|差额")),
    _Habit(Code.YEARS_IN_AMOUNT, _STRETCH),
    _UNIT_PRICE,
    _Habit(Code.YEARS_IN_AMOUNT, _YEARS),
)
_PARTS = (_Habit(Code.PART_UNSAID, _PART),)


def explained(
    findings: tuple[Finding, ...],
    text: str,
    cell: CellRef | None,
    vocabulary: Vocabulary,
    reads: Callable[[str], bool],
) -> tuple[Finding, ...]:
    """The findings of an amount, with one of its own for each clause that is no amount."""
    told, others = _by_clause(findings, text, cell, _HABITS, vocabulary, reads)
    if not told or not others:
        return (*told, *others)
    rest = _without(text, told)
    meant = whole_cells(rest, vocabulary, reads)
    if not meant or any(each.code not in CURABLE for each in others):
        return (*told, *others)
    span = {"start": min(map(_start, others)), "end": max(map(_end, others))}
    params = {"word": rest} | (span if cell is None else {})
    at = None if cell is None else Place(cell, **span)
    whole = Finding(Code.AMOUNT_IN_WORDS.value, at, params, did_you_mean=meant)
    return (*told, whole)


def explained_part(
    findings: tuple[Finding, ...], text: str, cell: CellRef | None, vocabulary: Vocabulary
) -> tuple[Finding, ...]:
    """The findings of an amount of which a part of something is to be taken."""
    told, others = _by_clause(findings, text, cell, _PARTS, vocabulary, lambda _: False)
    return (*told, *others)


def explained_limit(
    findings: tuple[Finding, ...], text: str, cell: CellRef | None, vocabulary: Vocabulary
) -> tuple[Finding, ...]:
    """The findings of a cap that is one over years."""
    told, others = _by_clause(findings, text, cell, (_OVER,), vocabulary, lambda _: False)
    return (*told, *others)


def of_amounts(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings of unknown words, with the advice that is of use in an amount."""
    return tuple(
        replace(each, code=Code.UNKNOWN_IN_AMOUNT.value) if each.code == Code.UNKNOWN_WORD else each
        for each in findings
    )


def _by_clause(
    findings: tuple[Finding, ...],
    text: str,
    cell: CellRef | None,
    habits: Sequence[_Habit],
    vocabulary: Vocabulary,
    reads: Callable[[str], bool],
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What there is to say of whole clauses, and the findings of the others."""
    told: dict[int, Finding] = {}
    others: list[Finding] = []
    for finding in findings:
        clause = _clause_at(text, finding) if finding.code in UNREADABLE else None
        said = clause and _habit_of(normalise(clause[0]).text, habits)
        if not clause or not said:
            others.append(finding)
            continue
        habit, found = said
        start, end = clause.start(), clause.end()
        span = {"start": start, "end": end}
        params = {"word": clause[0], **habit.params(found)} | (span if cell is None else {})
        at = None if cell is None else Place(cell, **span)
        meant = _priced(text, clause, found, vocabulary, reads) if habit is _UNIT_PRICE else ()
        told.setdefault(start, Finding(habit.code.value, at, params, did_you_mean=meant))
    return tuple(told.values()), tuple(others)


def _start(finding: Finding) -> int:
    start = finding.params.get("start", 0) if finding.at is None else finding.at.start
    return start if isinstance(start, int) else 0


def _end(finding: Finding) -> int:
    end = finding.params.get("end", 0) if finding.at is None else finding.at.end
    return end if isinstance(end, int) else 0


def _without(text: str, told: Iterable[Finding]) -> str:
    """What is left of a cell without the clauses of some findings."""
    for each in sorted(told, key=_start, reverse=True):
        text = text[: _start(each)].rstrip(_BETWEEN) + text[_end(each) :]
    return text.strip(_BETWEEN)


def _clause_at(text: str, finding: Finding) -> re.Match[str] | None:
    """The clause in which a finding stands, without the blanks around it."""
    for clause in _CLAUSE.finditer(text):
        if clause.start() <= _start(finding) < clause.end():
            return re.compile(r"\S(?:.*\S)?", re.DOTALL).search(text, *clause.span())
    return None


def _habit_of(clause: str, habits: Sequence[_Habit]) -> tuple[_Habit, re.Match[str]] | None:
    for habit in habits:
        found = habit.pattern.search(clause)
        if found:
            return habit, found
    return None


def _units(found: re.Match[str]) -> Iterator[str]:
    """What a price is for, in the words of the cell."""
    if found["per"]:
        yield from found["per"].strip("/").split("/")
    else:
        yield from filter(None, (found["first"], found["second"]))


def _priced(
    text: str,
    clause: re.Match[str],
    found: re.Match[str],
    vocabulary: Vocabulary,
    reads: Callable[[str], bool],
) -> tuple[str, ...]:
    """The price times the fields that count what it is for; nothing where they are many."""
    money = found["money"] or found["price"]
    units = sorted(map(word_of, _units(found)), key=lambda unit: unit in _TIMES)
    counting = [
        [
            each.name
            for each in vocabulary.fields.values()
            if isinstance(each.type, QuantityType) and word_of(each.type.unit) == unit
        ]
        for unit in units
    ]
    offered: list[str] = []
    if prod(map(len, counting)) > MOST_OFFERED:
        return ()
    for first, *others in product(*counting):
        amount = f" {TIMES} ".join((first, f"{money}/{units[0]}", *others))
        whole = text[: clause.start()] + amount + text[clause.end() :]
        if reads(whole):
            offered.append(whole.strip())
    return tuple(offered)
