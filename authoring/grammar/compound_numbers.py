"""A number spelled with two scales, as it is spoken: 1亿2000万元, 3亿5千万, 3万5000元."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from authoring.grammar.problems import Code, Issue, Problem

_MYRIAD = 10_000
_FOLDS = {"十": 10, "百": 100, "千": 1000}
_QUOTED = re.compile(r'"[^"]*"')
_SPOKEN = re.compile(
    r"(?<![\d.])(?P<high>\d+)\s*(?:(?P<large>亿)\s*零?\s*(?P<low>\d{1,4}(?:\.\d+)?)\s*(?P<fold>[十百千]?)万"
    r"|万\s*零?\s*(?P<ones>\d{1,4}(?:\.\d+)?)(?=(?:美|欧|港|日)?元))(?P<unit>(?:(?:美|欧|港|日)?元)?)"
)


def refuse_two_scales(text: str, names: Iterable[str]) -> None:
    """Offer the usual spellings of each such number; the text is normalised.

    What stands in quotes, or in one of the names, is no number. Raises ``Problem``.
    """
    plain = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    issues = [
        Issue(Code.TWO_SCALES, *found.span(), {"word": found[0]}, _usual(found))
        for found in _SPOKEN.finditer(plain)
        if not any(found[0] in name for name in names)
    ]
    if issues:
        raise Problem(*issues)


def _usual(found: re.Match[str]) -> tuple[str, ...]:
    """In the larger scale, and in the smaller one: 1.2亿元, 12000万元."""
    large, small = ("亿", "万") if found["large"] else ("万", "")
    low = Decimal(found["low"] or found["ones"]) * _FOLDS.get(found["fold"], 1)
    count = int(found["high"]) * _MYRIAD + low
    numbers = (f"{(count / _MYRIAD).normalize():f}{large}", f"{count.normalize():f}{small}")
    return tuple(f"{each}{found['unit']}" for each in numbers)
