"""What a 金额 cell that cannot be read was probably meant to say: whole cells that do read.

Drafters copy the sentence of the policy (按研发费用10%给予奖励), leave out 的 or the percent sign,
or call a field by another name. Each such habit is undone, and what then reads, with the same
numbers and no limit lost, is offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from authoring.grammar.characters import normalise
from authoring.grammar.problems import Code
from authoring.grammar.suggestions import close_words
from authoring.grammar.units import word_of
from authoring.grammar.vocabulary import Vocabulary
from engine.cells import CellRef, Place
from engine.findings import Finding
from engine.notation import BRACKETS, CAP, OF, RATE_WORDS, TIMES
from engine.types import NUMERIC_TYPES, MoneyType, QuantityType

PERCENT, PER_MILLE = RATE_WORDS
SEPARATOR = "; "
MOST_OFFERED = 3
MOST_TRIED = 60
CURABLE = frozenset(
    {
        Code.UNKNOWN_WORD,
        Code.WRONG_TYPE,
        Code.NOT_UNDERSTOOD,
        Code.UNFINISHED,
        Code.NO_SUBJECT,
        Code.NO_CONNECTIVE,
        Code.RATE_OF_NOTHING,
    }
)

_OF_RATES = {Code.WRONG_TYPE, Code.RATE_OF_NOTHING}

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_SAID = (
    *("给予奖励", "给予补助", "给予补贴", "给予资助", "给予支持", "一次性", "按照", "依照", "根据"),
    *("给予", "予以", "奖励", "补助", "补贴", "资助", "扶持", "支持", "奖补", "按"),
)
"""What a sentence says around an amount and an amount does not."""
_CAPS = ("最高", "不超过", "至多", "以内", "封顶")
_FLOORS = ("最低", "不低于", "至少")
_IN_WORDS = re.compile(rf"(?P<hundred>百|千)分之(?P<number>{_NUMBER})")
_LIMIT_IN_BRACKETS = re.compile(r"\((?P<limit>(?:最高|不超过|最低|不低于)[^()]+)\)")
_LIMIT_BEHIND_AND = re.compile(r"\s*(?:且|并且|但|并)\s*(?=(?:最高|不超过|最低|不低于))")
_LIMIT_AT_ONCE = re.compile(r"(?<=[%‰元])\s*(?=最高|不超过|最低|不低于)")
_SHARE = re.compile(
    rf"(?P<first>最高|不超过|至多)?(?P<base>[^0-9,;()%‰]+?)\s*(?P<of>的|×|\*|乘以|x)?\s*(?P<most>最高|不超过|至多)?\s*"
    rf"(?P<number>{_NUMBER})\s*(?P<sign>[%‰])?(?:的(?=$|,))?(?![0-9万亿元])"
)
_PART = "部分"
_AROUND = " (;,:，；："
_BRACKET = re.compile(
    rf"(?P<range>{_NUMBER}[万亿元]*(?:[—~至-]{_NUMBER}[万亿元]*|(?:\((?:不?含)\))?以[上下]))"
    rf"(?:的?{_PART})?[,，]?(?:按照?)?\s*(?P<rate>{_NUMBER}[%‰])"
)
_RATES = re.compile(rf"{_NUMBER}[%‰](?:[—~至]{_NUMBER}[%‰])?")
_EACH = re.compile(
    rf"每(?:一)?(?P<unit>[^\W\d_]{{1,4}}?)(?P<money>{_NUMBER}[万亿]?元)"
    rf"|(?P<money2>{_NUMBER}[万亿]?元)(?:/|每)(?P<unit2>[^\W\d_]{{1,4}})$"
)


def amended(
    findings: tuple[Finding, ...],
    text: str,
    cell: CellRef | None,
    vocabulary: Vocabulary,
    reads: Callable[[str], bool],
) -> tuple[Finding, ...]:
    """The findings of an amount; one for the whole cell where it is known what it was to say.

    ``reads`` says whether a text can be read in the cell.
    """
    if not findings or any(each.code not in CURABLE for each in findings):
        return findings
    offered = whole_cells(text, vocabulary, reads)
    if len(findings) == 1 and (not offered or findings[0].code in _OF_RATES):
        return (_offering(findings[0], offered, text, reads),)
    if not offered:
        return findings
    span = {"start": 0, "end": len(text)}
    params = {"word": text.strip()} | (span if cell is None else {})
    at = None if cell is None else Place(cell, **span)
    return (Finding(Code.AMOUNT_IN_WORDS.value, at, params, did_you_mean=offered),)


def whole_cells(text: str, vocabulary: Vocabulary, reads: Callable[[str], bool]) -> tuple[str, ...]:
    """Whole cells that read, and say as much as a text that does not."""
    normal = normalise(text).text.strip()
    offered: list[str] = []
    for candidate in islice(_candidates(normal, vocabulary), MOST_TRIED):
        new = candidate not in offered and _says_as_much(candidate, normal)
        if len(offered) < MOST_OFFERED and new and reads(candidate):
            offered.append(candidate)
    return tuple(offered)


def bare_limit(
    findings: tuple[Finding, ...], text: str, reads: Callable[[str], bool]
) -> tuple[Finding, ...]:
    """The findings of a cap, with what is left of 单个项目最高不超过100万元 when it reads."""
    if len(findings) != 1 or findings[0].code != Code.UNKNOWN_WORD:
        return findings
    starts = sorted(at for at in map(text.find, _CAPS) if at > 0)
    limit = text[starts[0] :].strip() if starts else ""
    if not limit or not reads(limit):
        return findings
    return (replace(findings[0], did_you_mean=(limit,)),)


def _offering(
    finding: Finding, offered: tuple[str, ...], text: str, reads: Callable[[str], bool]
) -> Finding:
    """A finding with whole cells to offer, or else with those of its own words that would read."""
    if offered or finding.at is None:
        return replace(finding, did_you_mean=offered or finding.did_you_mean)
    before, after = text[: finding.at.start], text[finding.at.end :]
    good = tuple(each for each in finding.did_you_mean if reads(before + each + after))
    return replace(finding, did_you_mean=good)


def _says_as_much(candidate: str, text: str) -> bool:
    """Whether a rewritten text has the numbers of the first, and its limits."""
    if re.findall(_NUMBER, candidate) != re.findall(_NUMBER, text):
        return False
    return all(
        any(word in candidate for word in words)
        for words in (_CAPS, _FLOORS)
        if any(word in text for word in words)
    )


def _candidates(text: str, vocabulary: Vocabulary) -> Iterator[str]:
    yield from _marginal(text, vocabulary)
    for plain in dict.fromkeys((text, _without_sentence(text, vocabulary))):
        joined = _limits_apart(plain)
        yield joined
        yield from _rates_alone(joined, vocabulary)
        yield from _per_unit(joined, vocabulary)
        yield from _shares(joined, vocabulary)


def _without_sentence(text: str, vocabulary: Vocabulary) -> str:
    """Leave out what a sentence says around the amount, but not inside of names."""
    longest = sorted(vocabulary.names, key=len, reverse=True)
    kept = [re.escape(each) for each in longest if any(said in each for said in _SAID)]
    said = [re.escape(each) for each in _SAID]
    names = f"(?P<name>{'|'.join(kept)})|" if kept else ""
    pattern = re.compile(names + "|".join(said))
    return pattern.sub(lambda found: found[0] if found.lastgroup else "", text).strip()


def _limits_apart(text: str) -> str:
    """Put a comma before a limit: （最高200万元） and 且不超过200万元; 百分之5 becomes 5%."""
    text = _IN_WORDS.sub(
        lambda found: found["number"] + (PERCENT if found["hundred"] == "百" else PER_MILLE), text
    )
    text = _LIMIT_IN_BRACKETS.sub(r",\g<limit>", text)
    text = _LIMIT_AT_ONCE.sub(",", text)
    return _LIMIT_BEHIND_AND.sub(",", text).replace(",", "，")


def _marginal(text: str, vocabulary: Vocabulary) -> Iterator[str]:
    """投资额1000万元以下部分，按3‰；1000万元以上部分按5‰: brackets, of a field that is named."""
    found = list(_BRACKET.finditer(text))
    if len(found) < 2 or not (_PART in text or BRACKETS in text):
        return
    steps = (f"{each['range'].replace('-', '—')} {each['rate']}" for each in found)
    inside = SEPARATOR.join(steps)
    named = text[: found[0].start()].removeprefix(BRACKETS).strip(_AROUND)
    behind = text[found[-1].end() :]
    limits = [at for at in map(behind.find, _CAPS) if at >= 0]
    limit = f"，{behind[min(limits) :]}" if limits else ""
    for name in [named] if named in vocabulary.fields else _money_fields(vocabulary):
        yield f"{BRACKETS}({name}{SEPARATOR}{inside}){limit}"


def _rates_alone(text: str, vocabulary: Vocabulary) -> Iterator[str]:
    """5%—20%, of the amounts that there are, where they are few."""
    if _RATES.fullmatch(text):
        for name in _money_fields(vocabulary):
            yield f"{name}{OF}{text}"


def _money_fields(vocabulary: Vocabulary) -> list[str]:
    """The amounts that might be meant; none where they are many."""
    names = [each.name for each in vocabulary.fields.values() if isinstance(each.type, MoneyType)]
    return names if len(names) <= MOST_OFFERED else []


def _per_unit(text: str, vocabulary: Vocabulary) -> Iterator[str]:
    """2万元/人, of the fields that count 人, where they are few."""
    found = _EACH.fullmatch(text)
    if found:
        unit, money = found["unit"] or found["unit2"], found["money"] or found["money2"]
        names = [
            field.name
            for field in vocabulary.fields.values()
            if isinstance(field.type, QuantityType) and word_of(field.type.unit) == word_of(unit)
        ]
        for name in names if len(names) <= MOST_OFFERED else ():
            yield f"{name} {TIMES} {money}/{unit}"


def _shares(text: str, vocabulary: Vocabulary) -> Iterator[str]:
    """研发费用10%, 研发费用的5: with 的, with a sign, of a field that is known."""
    found = _SHARE.match(text)
    if found is None:
        return
    rest = text[found.end() :]
    most = CAP if found["first"] or found["most"] else ""
    signs: Iterable[str] = (found["sign"],) if found["sign"] else (PERCENT, PER_MILLE)
    for base in _bases(found["base"].strip(), vocabulary):
        for sign in signs:
            yield f"{base}{OF}{most}{found['number']}{sign}{rest}"
        if not found["sign"]:
            yield f"{base} {TIMES} {found['number']}{rest}"


def _bases(written: str, vocabulary: Vocabulary) -> list[str]:
    """The numeric field that is named, or those whose names come near."""
    names = [
        each.name for each in vocabulary.fields.values() if isinstance(each.type, NUMERIC_TYPES)
    ]
    return [written] if written in names else close_words(written, names)
