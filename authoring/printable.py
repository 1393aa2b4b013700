"""Text as a file may hold it: what XML forbids, and what turns lines around, becomes ``�``."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u061b\u061d-\u200d\u2010-\u2029\u202f-\u2065\u206a-\ud7ff"
    "\ue000-\ufffd\U00010000-\U0010ffff]"
)


def printable(text: str) -> str:
    """The text without control characters, lone surrogates and marks of direction."""
    return _FORBIDDEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
