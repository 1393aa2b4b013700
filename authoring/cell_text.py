"""Any text as a cell of a workbook can hold it."""

from __future__ import annotations

from authoring.messages import text as message
from authoring.package.cells import MOST_CHARACTERS, spelled_text
from authoring.printable import printable


def cell_text(text: str) -> str:
    """The text in characters that a file may hold, spelled so that it is read back as it is; what
    is too long ends with words that say so."""
    told = spelled_text(printable(text))
    if len(told) <= MOST_CHARACTERS:
        return told
    cut = message("report.clipped")
    return told[: MOST_CHARACTERS - len(cut)] + cut
