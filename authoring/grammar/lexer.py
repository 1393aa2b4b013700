"""Text to tokens: atoms first, then runs of word characters segmented wholly, longest first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from enum import Enum

from lark import Token

from authoring.grammar.lexicon import RUN, Kind, Lexicon, Piece, Quantity, segment
from authoring.grammar.problems import Code, problem
from authoring.grammar.units import (
    MONEY_UNITS,
    ExchangeUnit,
    MoneyUnit,
    PriceUnit,
    RateUnit,
)
from engine.expressions import Comparator
from engine.notation import RATE_WORDS


class Grammar(Enum):
    """Where the grammar starts; it decides what a comma and a bracket mean."""

    TESTS = "tests"
    EXPRESSION = "expression"
    CONCLUSION = "conclusion"
    AMOUNT = "amount"
    CAPS = "caps"


class CellToken(Token):
    """A token with its meaning: the comparator of 不低于, the number and unit of 500万元."""

    first: int
    last: int
    meaning: object

    def __new__(cls, kind: str, text: str, first: int, last: int, meaning: object) -> CellToken:
        """Make a token of the characters from ``first`` to ``last``.

        Lark's own constructor serves older ways of calling it, and takes longer than the rest of
        the lexer.
        """
        token = str.__new__(cls, text)
        token.type = kind
        token.value = text
        token.start_pos = token.first = first
        token.end_pos = token.last = last
        token.line = token.column = token.end_line = token.end_column = None
        token.meaning = meaning
        return token


_DATE = r"(?<![0-9])(?P<year>[0-9]{4})(?:(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)" \
        r"(?P<day>[0-9]{1,2})(?![0-9])|年(?P<month2>[0-9]{1,2})月(?P<day2>[0-9]{1,2})[日号])" \
        r"(?P<time>[ T]00:00(?::00)?(?:\.0+)?)?"  # fmt: skip
_ATOM = re.compile(
    r'(?P<quoted>"[^"]*")|' + _DATE + r"|(?P<partial>(?<![0-9])[0-9]{4}年[0-9]{1,2}月(?![0-9]))"
    r"|(?P<grouped>(?<![0-9])(?<![0-9]\.)[0-9]+(?:,[0-9]+)+(?:\.[0-9]+)?)"
)
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_SIGN = re.compile(r">\s*=|<\s*=|!\s*=|<>|》\s*=|《\s*=|==|\.\.+|。。+|—+|~+|\S")
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


def tokenize(text: str, lexicon: Lexicon, own: frozenset[str]) -> list[CellToken]:
    """Cut a normalised text into raw tokens; brackets and commas are settled afterwards.

    ``own`` are the codes of the column's code list, which are names even where they spell a word
    of the language or a number. Raises ``Problem``.
    """
    tokens: list[CellToken] = []
    position = 0
    for start, end, kind, meaning in _atoms(text, lexicon):
        _lex_gap(text, position, start, lexicon, own, tokens)
        tokens.append(make_token(kind, text, start, end, meaning))
        position = end
    _lex_gap(text, position, len(text), lexicon, own, tokens)
    return tokens


def make_token(kind: Kind, text: str, start: int, end: int, meaning: object) -> CellToken:
    """Make a token of the characters from ``start`` to ``end``."""
    return CellToken(kind.value, text[start:end], start, end, meaning)


def _atoms(text: str, lexicon: Lexicon) -> Iterator[tuple[int, int, Kind, object]]:
    """Find what runs and signs must not tear: names with signs, quotes, dates, 1,000."""
    found: list[tuple[int, int, Kind, object]] = [
        (m.start(), m.end(), Kind.NAME, m[0]) for m in _awkward(text, lexicon)
    ]
    names = {(start, end) for start, end, _, _ in found}
    for match in _ATOM.finditer(text):
        inside = any(start <= match.start() and match.end() <= end for start, end in names)
        atom = None if inside else _atom(text, match)
        if atom is not None:
            found.append((match.start(), match.end(), *atom))
    found.sort(key=lambda each: (each[0], -each[1]))
    position = 0
    for start, end, kind, meaning in found:
        if start >= position:
            yield start, end, kind, meaning
            position = end


def _awkward(text: str, lexicon: Lexicon) -> Iterator[re.Match[str]]:
    return iter(()) if lexicon.awkward is None else lexicon.awkward.finditer(text)


def _atom(text: str, match: re.Match[str]) -> tuple[Kind, object] | None:
    start, end = match.span()
    if match["quoted"]:
        return Kind.QUOTED, match[0][1:-1].strip()
    if match["partial"]:
        raise problem(Code.NO_SUCH_DATE, start, end, word=match[0])
    if match["grouped"]:
        if _separates_ends(text, start, end):
            return None
        if not _GROUPED.fullmatch(match[0]):
            raise problem(Code.THOUSANDS, start, end, word=match[0])
        return Kind.NUMBER, Quantity(match[0].replace(",", ""))
    month, day = match["month"] or match["month2"], match["day"] or match["day2"]
    try:
        return Kind.DATE, date(int(match["year"]), int(month), int(day))
    except ValueError:
        raise problem(Code.NO_SUCH_DATE, start, end, word=match[0]) from None


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
    text: str, start: int, end: int, lexicon: Lexicon, own: frozenset[str], tokens: list[CellToken]
) -> None:
    """Cut what lies between two atoms into runs and signs."""
    position = start
    while position < end:
        if text[position].isspace():
            position += 1
            continue
        run = RUN.match(text, position, end)
        if run:
            _lex_run(text, run.start(), run.end(), lexicon, own, tokens)
            position = run.end()
            continue
        sign = _SIGN.match(text, position, end)
        assert sign is not None
        _lex_sign(text, sign.start(), sign.end(), tokens)
        position = sign.end()


def _lex_run(
    text: str, start: int, end: int, lexicon: Lexicon, own: frozenset[str], tokens: list[CellToken]
) -> None:
    run = text[start:end]
    if run in own:
        tokens.append(make_token(Kind.NAME, text, start, end, run))
        return
    if run == "x" and tokens:
        tokens.append(make_token(Kind.TIMES, text, start, end, None))
        return
    per = _is_per(tokens)
    pieces = segment(lexicon, run, per or _ends_in_bare_number(tokens))
    if pieces is not None and per and pieces[0].kind is Kind.UNIT:
        _merge_price(text, start, start + pieces[0].end, tokens)
        pieces = pieces[1:]
    if pieces is None:
        tokens.append(make_token(Kind.WORD, text, start, end, run))
        return
    for piece in pieces:
        _add_piece(piece, text, start, own, tokens)


def _add_piece(
    piece: Piece, text: str, offset: int, own: frozenset[str], tokens: list[CellToken]
) -> None:
    start, end = offset + piece.start, offset + piece.end
    word = text[start:end]
    if word in own:
        tokens.append(make_token(Kind.NAME, text, start, end, word))
    elif piece.kind is Kind.UNIT and _ends_in_bare_number(tokens):
        _merge_unit(text, end, piece.value, tokens)
    elif piece.kind is Kind.NUMERAL:
        raise problem(Code.CHINESE_NUMERAL, start, end, _in_digits(word), word=word)
    elif piece.kind is Kind.AMBIGUOUS:
        raise problem(Code.AMBIGUOUS_WORD, start, end, word=word)
    elif piece.kind is not Kind.NOISE:
        tokens.append(make_token(piece.kind, text, start, end, piece.value))


def _lex_sign(text: str, start: int, end: int, tokens: list[CellToken]) -> None:
    sign = re.sub(r"\s", "", text[start:end])
    if sign in RATE_WORDS and _ends_in_bare_number(tokens):
        _merge_unit(text, end, RateUnit(RATE_WORDS[sign]), tokens)
    elif sign in RATE_WORDS and tokens and tokens[-1].type == Kind.WORD:
        word = tokens.pop()
        tokens.append(make_token(Kind.WORD, text, word.first, end, None))
    elif sign in _COMPARATORS:
        tokens.append(make_token(Kind.CMP, text, start, end, _COMPARATORS[sign]))
    elif sign in _SIGN_KINDS:
        tokens.append(make_token(_SIGN_KINDS[sign], text, start, end, None))
    elif set(sign) <= _RANGE_SIGNS:
        tokens.append(make_token(Kind.TO, text, start, end, None))
    elif len(sign) > 1:
        tokens.append(make_token(Kind.IV_SEP, text, start, end, None))
    elif sign == '"':
        raise problem(Code.UNBALANCED, start, end, word=text[start:end])
    else:
        raise problem(Code.STRANGE_CHARACTER, start, end, word=text[start:end])


def _ends_in_bare_number(tokens: list[CellToken]) -> bool:
    return bool(tokens) and isinstance(tokens[-1].meaning, Quantity) and not tokens[-1].meaning.unit


def _merge_unit(text: str, end: int, unit: object, tokens: list[CellToken]) -> None:
    number = tokens.pop()
    assert isinstance(number.meaning, Quantity)
    meaning = Quantity(number.meaning.digits, unit)  # type: ignore[arg-type]
    tokens.append(make_token(Kind.NUMBER, text, number.first, end, meaning))


def _is_per(tokens: list[CellToken]) -> bool:
    """Whether the tokens end in an amount of money and a stroke: 2000元/."""
    if len(tokens) < 2 or tokens[-1].type != Kind.OVER or tokens[-1] != "/":
        return False
    meaning = tokens[-2].meaning
    return isinstance(meaning, Quantity) and isinstance(meaning.unit, MoneyUnit)


def _merge_price(text: str, start: int, end: int, tokens: list[CellToken]) -> None:
    per = text[start:end]
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
    meaning = Quantity(number.meaning.digits, unit)
    tokens.append(make_token(Kind.NUMBER, text, number.first, end, meaning))


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
