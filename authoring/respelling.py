"""The usual spelling of what stands in a cell: half-width digits and signs, no stray blanks, the
simplified words for units. Chinese punctuation is left as it is."""

from __future__ import annotations

import re
from enum import StrEnum
from unicodedata import normalize


class Why(StrEnum):
    """What was mended; the words stand in ``authoring/messages/annotate.toml``."""

    SPELLING = "spelling"
    BLANKS = "blanks"
    UNIT = "unit"
    NAME = "name"


_QUOTED = re.compile(r"(\"[^\"]*\"|“[^”]*”|‘[^’]*’|「[^」]*」|『[^』]*』)")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_SPACES = re.compile("[ \t\u00a0\u2000-\u200a\u3000]+")
_BEFORE_UNIT = re.compile(r"(?<=\d)([百千万亿]*) (?=[百千万亿元美欧港%‰])")
_JOINED = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_FULL_WIDTH = str.maketrans(
    {full: normalize("NFKC", full) for full in map(chr, range(0xFF01, 0xFF5F)) if full.isalnum()}
    | dict(zip("＞＜＝＋＊／％", "><=+*/%", strict=True))
)
_SIGNS = (
    (re.compile(r"(?<=\d)．(?=\d)"), "."),
    (re.compile(r"(?<=\d)，(?=\d{3}(?!\d))"), ","),
    (re.compile(r"》\s*=|>\s+=|[≧⩾]"), ">="),
    (re.compile(r"《\s*=|<\s+=|[≦⩽]"), "<="),
    (re.compile(r"》\s*(?=\d)"), ">"),
    (re.compile(r"《\s*(?=\d)"), "<"),
)
_PLAIN_UNITS = str.maketrans("萬億圆圓", "万亿元元")
_UNITS = re.compile(r"(?<=\d)[百千万亿萬億]*[圆圓元]?")
_YUAN_SIGN = re.compile(r"[￥¥]\s*(?P<number>\d[\d,.]*[百千万亿萬億]*)[圆圓元]?")
_AREA = re.compile(r"(?<=[\d万/])(?:平米|m²)")
_BRACKETS = re.compile(r"[（(][^（()）]+[)）]\s*$")


def respell(text: str) -> tuple[str, tuple[Why, ...]]:
    """A text in the usual spelling, and what was unusual; what stands in quotes stays."""
    pieces = _QUOTED.split(text)
    why: dict[Why, None] = {}
    for step, reason in (
        (_plain_signs, Why.SPELLING),
        (_plain_blanks, Why.BLANKS),
        (_plain_units, Why.UNIT),
    ):
        changed = [piece if n % 2 else step(piece) for n, piece in enumerate(pieces)]
        if reason is Why.BLANKS:
            changed[0] = changed[0].lstrip()
            changed[-1] = changed[-1].rstrip()
        if changed != pieces:
            why[reason] = None
        pieces = changed
    return "".join(pieces), tuple(why)


def join(text: str) -> str:
    """A text without the blanks between Chinese characters."""
    return _JOINED.sub("", text)


def respell_unit(heading: str) -> str:
    """A heading whose unit in brackets is in the usual spelling, without blanks."""
    return _BRACKETS.sub(lambda unit: _joined(unit[0].translate(_PLAIN_UNITS)), heading)


def respell_bare_unit(unit: str) -> tuple[str, tuple[Why, ...]]:
    """A unit that stands alone in its cell, 万 元 or 萬元, as it is usually spelled."""
    spelled = _plain_signs(unit)
    joined = _joined(_INVISIBLE.sub("", spelled))
    plain = joined.translate(_PLAIN_UNITS)
    steps = (
        (Why.SPELLING, unit, spelled),
        (Why.BLANKS, spelled, joined),
        (Why.UNIT, joined, plain),
    )
    return plain, tuple(why for why, before, after in steps if before != after)


def _joined(text: str) -> str:
    return "".join(text.split())


def _plain_signs(text: str) -> str:
    text = text.translate(_FULL_WIDTH)
    for sign, plain in _SIGNS:
        text = sign.sub(plain, text)
    return text


def _plain_blanks(text: str) -> str:
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    while (closer := _BEFORE_UNIT.sub(r"\1", text)) != text:
        text = closer
    return text


def _plain_units(text: str) -> str:
    text = _YUAN_SIGN.sub(lambda found: f"{found['number']}元", text)
    text = _UNITS.sub(lambda found: found[0].translate(_PLAIN_UNITS), text)
    return _AREA.sub("平方米", text)
