"""Text to tokens: atoms first, then runs of word characters segmented wholly, longest first."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from datetime import date
from enum import Enum

from authoring.grammar.lexicon import RUN, CellToken, Kind, Lexicon, Quantity, Segmentation, segment
from authoring.grammar.problems import Code, problem
from authoring.grammar.units import (
    MONEY_UNITS,
    PERIOD_UNITS,
    ExchangeUnit,
    MoneyUnit,
    PriceUnit,
    QuantityUnit,
    RateUnit,
)
from authoring.numerals import whole
from engine.expressions import Comparator
from engine.notation import AFTER_WORDS, INSIDE, RATE_WORDS


class Grammar(Enum):
    """Where the grammar starts; it decides what a comma and a bracket mean."""

    TESTS = "tests"
    EXPRESSION = "expression"
    CONCLUSION = "conclusion"
    AMOUNT = "amount"
    CAPS = "caps"


_DATE = r"(?<![0-9])(?P<year>[0-9]{4})(?:(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)" \
        r"(?P<day>[0-9]{1,2})(?![0-9])|年(?P<month2>[0-9]{1,2})月(?P<day2>[0-9]{1,2})[日号])" \
        r"(?P<time>[ T]00:00(?::00)?(?:\.0+)?)?"  # fmt: skip
_ATOM = re.compile(
    r'(?P<quoted>"[^"]*")|' + _DATE + r"|(?P<partial>(?<![0-9])[0-9]{4}年[0-9]{1,2}月(?![0-9]))"
    r"|(?P<parted>(?<![0-9A-Za-z.])[0-9][0-9,]*(?:\s+[0-9]+)+(?:\.[0-9]+)?(?P<behind>[%‰]?[^\W\d至到]*))"
    r"|(?P<grouped>(?<![0-9])(?<![0-9]\.)[0-9]+(?:,[0-9]+)+(?:\.[0-9]+)?)"
)
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_PIECE = re.compile(
    rf"(?P<run>{RUN.pattern})|>\s*=|<\s*=|!\s*=|<>|》\s*=|《\s*=|==|\.\.+|。。+|—+|~+|\S"
)
"""A run of word characters, or a sign."""
_RANGE_SIGNS = frozenset("—~")
_COMPARATORS = {
    ">=": Comparator.AT_LEAST, "》=": Comparator.AT_LEAST, "≥": Comparator.AT_LEAST,
    "≧": Comparator.AT_LEAST, "⩾": Comparator.AT_LEAST,
    "<=": Comparator.AT_MOST, "《=": Comparator.AT_MOST, "≤": Comparator.AT_MOST,
    "≦": Comparator.AT_MOST, "⩽": Comparator.AT_MOST,
    "!=": Comparator.NOT_EQUAL, "<>": Comparator.NOT_EQUAL, "≠": Comparator.NOT_EQUAL,
    ">": Comparator.GREATER, "》": Comparator.GREATER,
    "<": Comparator.LESS, "《": Comparator.LESS,
    "=": Comparator.EQUAL, "==": Comparator.EQUAL,
}  # fmt: skip
_SIGN_KINDS = {
    "+": Kind.PLUS, "-": Kind.MINUS, "*": Kind.TIMES, "×": Kind.TIMES, "x": Kind.TIMES,
    "/": Kind.OVER, "÷": Kind.OVER, "、": Kind.ENUM, ";": Kind.ENUM, ",": Kind.COMMA,
    "(": Kind.LP, "[": Kind.IV_OPEN, ")": Kind.RP, "]": Kind.IV_CLOSE,
}  # fmt: skip


def tokenize(text: str, lexicon: Lexicon, own: Container[str]) -> list[CellToken]:
    """Cut a normalised text into raw tokens; brackets and commas are settled afterwards.

    ``own`` are the codes of the column's code list, which are names even where they spell a word
    of the language or a number. Raises ``Problem``.
    """
    tokens: list[CellToken] = []
    position = 0
    for atom in _atoms(text, lexicon):
        _lex_gap(text, position, atom.first, lexicon, own, tokens)
        tokens.append(atom)
        position = atom.last
    _lex_gap(text, position, len(text), lexicon, own, tokens)
    return tokens


def _atoms(text: str, lexicon: Lexicon) -> Iterator[CellToken]:
    """Find what runs and signs must not tear: names with signs, quotes, dates, 1,000."""
    names: list[CellToken] = []
    if lexicon.awkward:
        names += (CellToken(Kind.NAME, m[0], *m.span()) for m in lexicon.awkward.finditer(text))
    found = list(names)
    for match in _ATOM.finditer(text):
        inside = any(each.first <= match.start() and match.end() <= each.last for each in names)
        atom = None if inside else _atom(text, match, lexicon)
        if atom is not None:
            found.append(atom)
    found.sort(key=lambda each: (each.first, -each.last))
    position = 0
    for each in found:
        if each.first >= position:
            yield each
            position = each.last


def _atom(text: str, match: re.Match[str], lexicon: Lexicon) -> CellToken | None:
    word, (start, end) = match[0], match.span()
    if match["parted"]:
        if _names_digits(text, match, lexicon):
            return None
        raise problem(Code.PARTED_DIGITS, start, end, _readings(word), word=word)
    if match["quoted"]:
        return CellToken(Kind.QUOTED, word, start, end, word[1:-1].strip())
    if match["partial"]:
        raise problem(Code.NO_SUCH_DATE, start, end, word=word)
    if match["grouped"]:
        if _separates_ends(text, start, end):
            return None
        if not _GROUPED.fullmatch(word):
            raise problem(Code.THOUSANDS, start, end, word=word)
        return CellToken(Kind.NUMBER, word, start, end, Quantity(len(word)))
    month, day = match["month"] or match["month2"], match["day"] or match["day2"]
    try:
        meaning = date(int(match["year"]), int(month), int(day))
    except ValueError:
        raise problem(Code.NO_SUCH_DATE, start, end, word=word) from None
    return CellToken(Kind.DATE, word, start, end, meaning)


def _names_digits(text: str, match: re.Match[str], lexicon: Lexicon) -> bool:
    """Whether some of the digits that blanks part are a name, or end one: 2023年2 500万元以上."""
    first, *others = match["parted"].removesuffix(match["behind"]).split()
    before = text[: match.start() + len(first)]
    return any(each in lexicon.names for each in others) or any(
        before.endswith(name) for name in lexicon.names
    )


def _readings(word: str) -> Iterator[str]:
    """One number without its blanks, shorter where it is whole 亿, or a list of numbers."""
    joined = "".join(word.split()).replace(",", "")
    yield joined
    digits, myriads, rest = joined.partition("万")
    if myriads and digits.isdigit() and int(digits) and not int(digits) % 10**4:
        yield f"{int(digits) // 10**4}亿{rest}"
    first, *others = word.split()
    if not any(each.startswith("0") for each in others):
        yield "、".join((first, *others))


def _separates_ends(text: str, start: int, end: int) -> bool:
    """Whether the comma parts the ends of an interval: [500,600) has one comma and a square end."""
    opening = max(text.rfind("[", 0, start), text.rfind("(", 0, start))
    closes = [at for at in (text.find("]", end), text.find(")", end)) if at >= 0]
    if opening < 0 or not closes:
        return False
    closing = min(closes)
    inside = text[opening + 1 : closing]
    square = text[opening] == "[" or text[closing] == "]"
    # An interval with two open ends, (500,600), stands alone in its cell.
    alone = opening == 0 and closing == len(text.rstrip()) - 1
    return (square or alone) and inside.count(",") == 1 and ".." not in inside


def _lex_gap(
    text: str, start: int, end: int, lexicon: Lexicon, own: Container[str], tokens: list[CellToken]
) -> None:
    """Cut what lies between two atoms into runs and signs."""
    for piece in _PIECE.finditer(text, start, end):
        if piece["run"]:
            _lex_run(text, *piece.span(), lexicon, own, tokens)
        else:
            _lex_sign(text, *piece.span(), tokens)


def _lex_run(
    text: str, start: int, end: int, lexicon: Lexicon, own: Container[str], tokens: list[CellToken]
) -> None:
    run = text[start:end]
    if run in own:
        tokens.append(CellToken(Kind.NAME, run, start, end))
        return
    if run == "x" and tokens:
        tokens.append(CellToken(Kind.TIMES, run, start, end))
        return
    per = _is_per(tokens)
    pieces = segment(lexicon, run, per or _ends_in_bare_number(tokens))
    if pieces is None:
        tokens.append(CellToken(Kind.WORD, run, start, end))
        return
    if per and pieces[0].type is Kind.UNIT:
        _merge_price(text, start + pieces[0].last, pieces[0].text, tokens)
        pieces = pieces[1:]
    for at, (kind, word, first, last, meaning) in enumerate(pieces):
        first, last = start + first, start + last
        if word in own:
            tokens.append(CellToken(Kind.NAME, word, first, last))
        elif kind is Kind.UNIT and _ends_in_bare_number(tokens):
            _merge_unit(text, last, meaning, tokens)
        elif kind is Kind.NUMERAL and _counts_a_period(word, pieces[at + 1 : at + 3]):
            tokens.append(CellToken(Kind.NUMBER, word, first, last, Quantity(len(word))))
        elif kind is Kind.NUMERAL:
            raise problem(Code.CHINESE_NUMERAL, first, last, _in_digits(word), word=word)
        elif kind is Kind.AMBIGUOUS and _opens_a_period(word, pieces[at + 1 : at + 4], tokens):
            tokens.append(CellToken(Kind.SUFFIX, word, first, last, Comparator.AT_LEAST))
        elif kind is Kind.AMBIGUOUS:
            raise problem(Code.AMBIGUOUS_WORD, first, last, word=word)
        elif kind is not Kind.NOISE:
            tokens.append(CellToken(kind, word, first, last, meaning))


def _opens_a_period(word: str, following: Segmentation, before: list[CellToken]) -> bool:
    """Whether a 后 stands between a day and a time after it: 认定日期后2年内."""
    kinds = [each.type for each in following[:2]]
    named = bool(before) and before[-1].type in (Kind.NAME, Kind.DATE)
    period = kinds == [Kind.NUMBER, Kind.SUFFIX] and following[1].text.endswith(INSIDE)
    spelt = following[:1] and _counts_a_period(following[0].text, following[1:])
    return named and bool(period or spelt) and word in AFTER_WORDS


def _counts_a_period(word: str, following: Segmentation) -> bool:
    """Whether a numeral stands before 年内, 个月内 or 日内, where it can mean nothing else."""
    if [each.type for each in following] != [Kind.UNIT, Kind.SUFFIX]:
        return False
    unit, inside = following
    period = isinstance(unit.meaning, QuantityUnit) and unit.meaning.word in PERIOD_UNITS
    return period and inside.text.endswith(INSIDE) and whole(word) is not None


def _lex_sign(text: str, start: int, end: int, tokens: list[CellToken]) -> None:
    typed = text[start:end]
    sign = "".join(typed.split())
    if sign in RATE_WORDS and _ends_in_bare_number(tokens):
        _merge_unit(text, end, RateUnit(RATE_WORDS[sign]), tokens)
    elif sign in RATE_WORDS and tokens and tokens[-1].type is Kind.WORD:
        first = tokens.pop().first
        tokens.append(CellToken(Kind.WORD, text[first:end], first, end))
    elif sign in _COMPARATORS:
        tokens.append(CellToken(Kind.CMP, typed, start, end, _COMPARATORS[sign]))
    elif sign in _SIGN_KINDS:
        tokens.append(CellToken(_SIGN_KINDS[sign], typed, start, end))
    elif set(sign) <= _RANGE_SIGNS:
        tokens.append(CellToken(Kind.TO, typed, start, end))
    elif len(sign) > 1:
        tokens.append(CellToken(Kind.IV_SEP, typed, start, end))
    elif sign == '"':
        raise problem(Code.UNBALANCED, start, end, word=typed)
    else:
        raise problem(Code.STRANGE_CHARACTER, start, end, word=typed)


def _ends_in_bare_number(tokens: list[CellToken]) -> bool:
    return bool(tokens) and isinstance(tokens[-1].meaning, Quantity) and not tokens[-1].meaning.unit


def _merge_unit(text: str, end: int, unit: object, tokens: list[CellToken]) -> None:
    number = tokens.pop()
    assert isinstance(number.meaning, Quantity)
    meaning = Quantity(number.meaning.length, unit)  # type: ignore[arg-type]
    tokens.append(CellToken(Kind.NUMBER, text[number.first : end], number.first, end, meaning))


def _is_per(tokens: list[CellToken]) -> bool:
    """Whether the tokens end in an amount of money and a stroke: 2000元/."""
    if len(tokens) < 2 or tokens[-1].type is not Kind.OVER or tokens[-1].text != "/":
        return False
    meaning = tokens[-2].meaning
    return isinstance(meaning, Quantity) and isinstance(meaning.unit, MoneyUnit)


def _merge_price(text: str, end: int, per: str, tokens: list[CellToken]) -> None:
    tokens.pop()
    number = tokens.pop()
    assert isinstance(number.meaning, Quantity)
    money = number.meaning.unit
    assert isinstance(money, MoneyUnit)
    source = MONEY_UNITS.get(per)
    unit: PriceUnit | ExchangeUnit
    if source is not None and source.scale == money.scale == 1:
        unit = ExchangeUnit(source.currency, money.currency)
    else:
        unit = PriceUnit(money, per)
    meaning = Quantity(number.meaning.length, unit)
    tokens.append(CellToken(Kind.NUMBER, text[number.first : end], number.first, end, meaning))


_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}
_PLACES = {"十": 10, "百": 100, "千": 1000}


def _in_digits(numeral: str) -> tuple[str, ...]:
    """Write a numeral such as 三个亿 or 五百万元 with digits: 3亿元, 500万元."""
    unit = next((each for each in ("美元", "元", "人") if numeral.endswith(each)), "")
    for prefix, sign in (("百分之", "%"), ("千分之", "‰")):
        if numeral.startswith(prefix):
            return tuple(f"{each}{sign}" for each in _in_digits(numeral.removeprefix(prefix)))
    if all(character in _DIGITS for character in numeral.removesuffix(unit)):
        return ("".join(str(_DIGITS[each]) for each in numeral.removesuffix(unit)) + unit,)
    total = section = digit = 0
    for character in numeral.removesuffix(unit):
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _PLACES:
            section += (digit or 1) * _PLACES[character]
            digit = 0
        elif character in "万亿":
            scale = 10**4 if character == "万" else 10**8
            total = (
                (total + section + digit) * scale
                if section + digit == 0
                else (total + (section + digit) * scale)
            )
            section = digit = 0
        elif character != "个":
            return ()
    total += section + digit
    if not total:
        return ()
    for word, scale in (("亿", 10**8), ("万", 10**4)):
        if total % scale == 0:
            return (f"{total // scale}{word}{unit or '元'}",)
    return (f"{total}{unit}",)
