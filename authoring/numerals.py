"""Chinese numerals, as they number articles and write days."""

from __future__ import annotations

import re
from datetime import date

DIGITS = {each: value for value, each in enumerate("〇一二三四五六七八九")} | {
    "○": 0,
    "零": 0,
    "两": 2,
}
_UNITS = {"十": 10, "百": 100}
NUMERAL = "[〇○零一二两三四五六七八九十百]"
_DAY = re.compile(
    rf"(\d{{4}}|[〇○零一二三四五六七八九]{{4}})年(\d{{1,2}}|{NUMERAL}{{1,3}})月"
    rf"(\d{{1,2}}|{NUMERAL}{{1,3}})日"
)


def whole(numeral: str) -> int | None:
    """The number that a numeral means: 12, 十二, 二〇二三; None for what is none."""
    if numeral.isascii() and numeral.isdecimal():
        return int(numeral)
    if not numeral or any(each not in DIGITS and each not in _UNITS for each in numeral):
        return None
    if not any(each in _UNITS for each in numeral):
        return int("".join(str(DIGITS[each]) for each in numeral))
    total, digit = 0, 0
    for each in numeral:
        if each in DIGITS:
            digit = DIGITS[each]
        else:
            total, digit = total + (digit or 1) * _UNITS[each], 0
    return total + digit


def numeral(number: int) -> str:
    """The Chinese numeral of a number below 100: 二十一."""
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    if not tens:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")


def find_day(text: str) -> date | None:
    """The first day in a text, in digits or in numerals; None where there is none."""
    for found in _DAY.finditer(text):
        parts = [whole(each) for each in found.groups()]
        try:
            return date(*[each or 0 for each in parts])
        except ValueError:
            continue
    return None
