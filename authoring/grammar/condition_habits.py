"""What a condition cell was probably meant to say: 房地产企业除外, 前两年, 第3至5年.

Only what then reads is offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

from authoring.grammar.characters import normalise
from authoring.grammar.problems import Code
from authoring.grammar.suggestions import close_words
from authoring.grammar.units import word_of
from authoring.grammar.vocabulary import Vocabulary, list_of
from authoring.numerals import NUMERAL, whole
from engine.cells import CellRef, Place
from engine.findings import Finding
from engine.model import Field
from engine.notation import AMONG, AND, EXCEPT, EXCEPT_END, INSIDE, NOT, NOT_AMONG, SINCE
from engine.types import DateType, QuantityType

MOST_OFFERED = 3
MOST_PIECES = 8
_MISREAD = frozenset(
    {
        Code.UNKNOWN_WORD,
        Code.NOT_IN_CODE_LIST,
        Code.NOT_UNDERSTOOD,
        Code.NO_CONNECTIVE,
        Code.NO_SUBJECT,
    }
)
_HASTY = _MISREAD | {Code.AMBIGUOUS_WORD, Code.CHINESE_NUMERAL}
_COUNT = rf"(?:[0-9]+|{NUMERAL}+)"
_YEARS = re.compile(
    rf"(?P<head>前|首|头|期限|为期|后)(?:为|不超过)?(?P<count>{_COUNT})(?P<unit>年|个?月)"
    rf"|第(?P<low>{_COUNT})年?(?:[至到—~-]第?(?P<high>{_COUNT}))?年"
)
_EXCLUSION = re.compile(
    r"(?:除|不含|不包括|排除)(?P<within>.+?)(?:除外|以外|之外|外)?|(?P<before>.+?)(?:除外|以外|之外)"
)
_BEHIND = ("企业", "行业", "产业", "项目", "领域", "公司", "单位", "机构", "类", "业")
_PARTED = re.compile(r"\s*(?:、|,|;|和|及|以及|与|或)\s*")


def advised(
    findings: tuple[Finding, ...],
    text: str,
    cell: CellRef | None,
    field: Field | None,
    vocabulary: Vocabulary,
    reads: Callable[[str], bool],
) -> tuple[Finding, ...]:
    """The findings of a condition, with what was probably meant where a habit shows.

    ``field`` is that of the column, None in a 条件式.
    """
    if not findings or any(each.code not in _HASTY for each in findings):
        return findings
    plain = normalise(text).text.strip()
    years = _YEARS.fullmatch(plain)
    if years:
        span = {"start": 0, "end": len(text)}
        params = {"word": text.strip()} | (span if cell is None else {})
        at = None if cell is None else Place(cell, **span)
        meant = _few(_years(years, field, vocabulary), reads)
        return (Finding(Code.YEARS_FROM_WHEN.value, at, params, did_you_mean=meant),)
    first, *others = findings
    if first.code not in _MISREAD:
        return findings
    candidates = _exclusions(plain, field, vocabulary)
    meant = _few(candidates, reads) or _few(_codes_behind_names(plain, field, vocabulary), reads)
    if meant:
        return (
            replace(first, did_you_mean=meant),
            *(replace(each, did_you_mean=()) for each in others),
        )
    return tuple(replace(each, did_you_mean=()) if _excludes(each) else each for each in findings)


def _excludes(finding: Finding) -> bool:
    """Whether what is not known is left out, so that a code like it would say the contrary."""
    return _EXCLUSION.fullmatch(str(finding.params.get("word", ""))) is not None


def _few(candidates: Iterable[str], reads: Callable[[str], bool]) -> tuple[str, ...]:
    """Those candidates that read; none where they are many, since any would be a guess."""
    found = tuple(islice(filter(reads, dict.fromkeys(candidates)), MOST_OFFERED + 1))
    return found if len(found) <= MOST_OFFERED else ()


def _years(found: re.Match[str], field: Field | None, vocabulary: Vocabulary) -> Iterator[str]:
    """前两年 as at most 2年, or as a time from a day that the policy knows.

    第三年 begins where 前两年 ends, so that no day and no number lies in both or in none.
    """
    count, low, high = (whole(found[each] or "") for each in ("count", "low", "high"))
    match field:
        case Field(type=QuantityType(unit=unit)) if count is not None and found["head"] != "后":
            if word_of(unit) == word_of(found["unit"]):
                yield f"≤ {count}{found['unit']}"
        case Field(type=QuantityType(unit=unit)) if low is not None and word_of(unit) == "年":
            last = f"≤ {high or low}年"
            yield f"> {low - 1}年 {AND} {last}" if low > 1 else last
        case Field(type=DateType(), name=name):
            for day in vocabulary.fields.values():
                if not isinstance(day.type, DateType) or day.name == name:
                    continue
                if count is not None and found["head"] != "后":
                    yield f"{day.name}{SINCE}{count}{found['unit']}{INSIDE}"
                elif low is not None:
                    last = f"{day.name}{SINCE}{high or low}年{INSIDE}"
                    earlier = f"{day.name}{SINCE}{low - 1}年{INSIDE}"
                    yield f"{last} {AND} {NOT} {earlier}" if low > 1 else last


def _exclusions(text: str, field: Field | None, vocabulary: Vocabulary) -> Iterator[str]:
    """房地产企业除外 as 除房地产外; in a 条件式 as 行业 不属于 房地产."""
    named = next((each for each in vocabulary.fields if text.startswith(each)), "")
    found = _EXCLUSION.fullmatch(text[len(named) :].strip()) or _EXCLUSION.fullmatch(text)
    if found is None:
        return
    pieces = _PARTED.split(found["within"] or found["before"])[:MOST_PIECES]
    if field is None:
        fields = [vocabulary.fields[named]] if named else list(vocabulary.fields.values())
        for each in fields:
            codes = _codes(pieces, vocabulary.codes_of(list_of(each) or ""))
            if codes:
                yield f"{each.name} {NOT_AMONG} {'、'.join(codes)}"
    else:
        codes = _codes(pieces, vocabulary.codes_of(list_of(field) or ""))
        if codes:
            yield f"{EXCEPT}{'、'.join(codes)}{EXCEPT_END}"


def _codes_behind_names(text: str, field: Field | None, vocabulary: Vocabulary) -> Iterator[str]:
    """行业 是 房地产、服务业 in a 条件式 as 行业 属于 房地产、服务业."""
    names = [each.name for each in vocabulary.fields.values() if list_of(each)]
    if field is not None or not names:
        return
    longest = sorted(map(re.escape, names), key=len, reverse=True)
    written, position = "", 0
    for found in re.finditer(rf"({'|'.join(longest)})\s*(?:是|为|等于)?\s*", text):
        if found.start() < position:
            continue
        own = vocabulary.codes_of(list_of(vocabulary.fields[found[1]]) or "")
        codes, end = _codes_from(text, found.end(), own)
        if codes:
            behind = f"= {codes[0]}" if len(codes) == 1 else f"{AMONG} {'、'.join(codes)}"
            written += f"{text[position : found.start()]}{found[1]} {behind}"
            position = end
    if position:
        yield written + text[position:]


def _codes_from(text: str, start: int, own: Mapping[str, str]) -> tuple[list[str], int]:
    """The codes that a text lists from a position on, and where they end."""
    codes: list[str] = []
    end = start
    while True:
        lengths = range(min(len(text) - start, max(map(len, own), default=0)), 0, -1)
        word = next((w for n in lengths if (w := text[start : start + n]) in own), "")
        if not word:
            return codes, end
        codes.append(own[word])
        end = start + len(word)
        mark = _NEXT.match(text, end)
        if mark is None:
            return codes, end
        start = mark.end()


_NEXT = re.compile(r"\s*[、或]\s*")


def _codes(pieces: Iterable[str], own: Mapping[str, str]) -> list[str]:
    """The codes that are named; none where one of the words names none."""
    found = [_code(each, own) for each in pieces]
    return found if all(found) else []


def _code(word: str, own: Mapping[str, str]) -> str:
    """The code that a word is, with or without what kind of thing it is; or that it is like."""
    shorter = (word.removesuffix(each) for each in _BEHIND)
    exact = next((each for each in (word, *shorter) if each in own), "")
    return own[exact] if exact else next(iter(close_words(word, list(own))), "")
