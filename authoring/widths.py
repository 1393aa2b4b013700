"""How many columns a text takes where a Chinese character takes two."""

from __future__ import annotations

import unicodedata


def display_width(content: str) -> int:
    """How many columns a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in content
    )


def clip(content: str, width: int) -> str:
    """A text cut to a number of columns, with an ellipsis where something is left out."""
    if display_width(content) <= width:
        return content
    kept = ""
    for each in content:
        if display_width(kept + each) > width - 1:
            break
        kept += each
    return kept + "…"
