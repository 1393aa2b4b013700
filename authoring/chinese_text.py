"""Rich text that breaks lines as Chinese does: anywhere, except where a reader would stumble.

rich breaks at blanks only, so that a Chinese sentence goes to the next line as one long word.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, OverflowMethod
from rich.containers import Lines
from rich.measure import Measurement
from rich.text import Text

CLOSING = frozenset("、，。；：！？）》〉」』】〕”’…—～%‰,.;:!?)]}")
OPENING = frozenset("（《〈「『【〔“‘([{")
BLANK = frozenset(" \u3000")
UNITS = frozenset("万亿元角分美欧个项条年月日天人次步层张")
LEAST_WIDTH = 8


class ChineseText(Text):
    """Text that is broken between Chinese characters."""

    def wrap(
        self,
        console: Console,
        width: int,
        *,
        justify: JustifyMethod | None = None,
        overflow: OverflowMethod | None = None,
        tab_size: int = 8,
        no_wrap: bool | None = None,
    ) -> Lines:
        """Break into lines of at most ``width`` columns."""
        if no_wrap or self.no_wrap:
            return super().wrap(
                console,
                width,
                justify=justify,
                overflow=overflow,
                tab_size=tab_size,
                no_wrap=True,
            )
        lines = Lines()
        for line in self.split(allow_blank=True):
            line.expand_tabs(tab_size)
            pieces = line.divide(breaks(line.plain, width))
            for piece in pieces:
                piece.rstrip()
            if justify or self.justify:
                pieces.justify(console, width, justify=justify or self.justify or "default")
            lines.extend(pieces)
        return lines

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """A line may be as narrow as a few characters."""
        widest = max((cell_len(line) for line in self.plain.splitlines()), default=0)
        least = widest if self.no_wrap else min(widest, LEAST_WIDTH)
        return Measurement(least, widest)


def breaks(line: str, width: int) -> Iterator[int]:
    """Where to break a line: the index of the first character of each further line."""
    start = used = 0
    candidate: int | None = None
    index = 0
    while index < len(line):
        if index > start and may_break(line[index - 1], line[index]):
            candidate = index
        size = cell_len(line[index])
        if used + size > width and index > start and line[index] not in BLANK:
            start = index if candidate is None else candidate
            yield start
            index, used, candidate = start, 0, None
            continue
        used += size
        index += 1


def may_break(before: str, after: str) -> bool:
    """Whether a line may end between two characters."""
    if after in CLOSING or before in OPENING or after in BLANK:
        return False
    if (before.isdigit() or before in "万亿") and after in UNITS:
        return False
    return not (_is_western(before) and _is_western(after))


def _is_western(character: str) -> bool:
    return character.isascii() and character not in BLANK
