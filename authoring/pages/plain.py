"""Text that comes from a workbook or a person, made harmless where Streamlit expects Markdown."""

from __future__ import annotations

import re

_WIDE = str.maketrans({sign: chr(ord(sign) + 0xFEE0) for sign in "\\`*[]<>$~:&@"})
_LOOSE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_BLOCK_MARK = re.compile(r"^(?=[-+#]|\d+[.)])")
_LINK = re.compile(r"(?i)www(?=\.)")
_JOINER = "\u2060"


def plain(text: str) -> str:
    """The text in one line, without a sign that Markdown acts on.

    ``![](http://…)`` in a field's name would otherwise fetch a picture from elsewhere. Such signs
    become their full-width twins: unlike escapes, those also read well aloud, because Streamlit
    takes the name for assistive technology from the raw label.
    """
    one_line = " ".join(text.split()).translate(_WIDE)
    one_line = _LOOSE_UNDERSCORE.sub("\uff3f", one_line)
    return _LINK.sub("www" + _JOINER, _BLOCK_MARK.sub(_JOINER, one_line))
