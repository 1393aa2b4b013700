"""Whether a word is another one with a slip of the keyboard: nothing else is mended unasked.

A slip is a character doubled, left out or put in, two characters swapped, or one exchanged for one
that sounds alike, since Chinese is typed by its sound: 集成电炉 for 集成电路, or that looks
alike: 项日 for 项目. 合资企业 and 独资企业
differ by one character too, and are two things.
"""

from __future__ import annotations

TELLING = frozenset(
    "不非无未否除上下左右前后内外里大中小高低多少长短省市区县乡镇村国一二三四五六七八九十百千万亿"
    "零〇两半首末本当今明去正副主次新旧老特超亚准全总分子母进出增减东西南北男女甲乙丙丁戊己庚辛"
)
"""Characters that make another thing of a word: 内资 and 外资, 市级 and 省级."""
_LOOK_ALIKE = (
    "日目曰",
    "己已巳",
    "土士",
    "人入",
    "干千于",
    "天夫",
    "住往",
    "享亨",
    "侯候",
    "崇祟",
    "折拆",
)
"""Characters that are taken for each other, most of all by who reads a scan."""
_LIKE = 12
"""GB 2312 lists its common characters by sound; so near to each other they sound alike."""
_FIRST_RARE = 0xD8
"""From this row on GB 2312 goes by strokes."""


def is_slip(written: str, meant: str) -> bool:
    """Whether one slip makes ``meant`` into ``written``."""
    start = 0
    while start < min(len(written), len(meant)) and written[start] == meant[start]:
        start += 1
    end = 0
    while (
        end < min(len(written), len(meant)) - start
        and written[len(written) - 1 - end] == meant[len(meant) - 1 - end]
    ):
        end += 1
    found, wanted = written[start : len(written) - end], meant[start : len(meant) - end]
    if not all(each.isalpha() and not each.isascii() for each in found + wanted):
        return False
    if not wanted and len(found) == 1 and start and written[start - 1] == found:
        return True  # doubled
    if TELLING & set(found + wanted):
        return False
    if not found or not wanted:
        # At the beginning a character says what kind of thing follows.
        return len(found + wanted) == 1 and start > 0
    if len(found) == len(wanted) == 2:
        return found == wanted[::-1]
    if len(found) != 1 or len(wanted) != 1:
        return False
    return sounds_alike(found, wanted) or looks_alike(found, wanted)


def looks_alike(one: str, other: str) -> bool:
    """Whether two characters differ by a stroke that is easily overlooked."""
    return any(one in each and other in each for each in _LOOK_ALIKE)


def sounds_alike(one: str, other: str) -> bool:
    """Whether two characters are typed by the same sound, or nearly."""
    places = [_place(one), _place(other)]
    return None not in places and abs((places[0] or 0) - (places[1] or 0)) <= _LIKE


def _place(character: str) -> int | None:
    try:
        row, cell = character.encode("gb2312")
    except ValueError:
        return None
    return (row - 0xB0) * 94 + cell - 0xA1 if 0xB0 <= row < _FIRST_RARE else None
