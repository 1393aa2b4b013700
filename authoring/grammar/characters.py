"""One form for every character, with the way back to where it stood in the cell."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_PLAIN = re.compile(
    r"[ -~\u4e00-\u9fff\u3000-\u3002\u2018\u2019\u201c\u201d\u300a-\u3011"
    r"\u2013-\u2015≥≤≠×÷‰·\uff01-\uff5e]*"
)
"""Texts of these characters keep their length."""

_SIGNS = str.maketrans(
    {
        "【": "[", "】": "]", "〔": "[", "〕": "]", "“": '"', "”": '"', "„": '"', "‟": '"',
        "「": '"', "」": '"', "『": '"', "』": '"', "‘": '"', "’": '"', "'": '"', "`": '"',
        "‐": "-", "‑": "-", "−": "-", "﹣": "-", "―": "—", "–": "—", "─": "—", "〜": "~",
        "•": "·", "・": "·", "‧": "·",
        "\u200b": " ", "\u200c": " ", "\u200d": " ", "\ufeff": " ", "\u2060": " ", "\u00ad": " ",
    }
)  # fmt: skip


class Normalised(NamedTuple):
    """A text in normal form, and as typed. ``origins`` gives, for each character of the normal form
    and for its end, the position in the text as typed; None when nothing moved."""

    text: str
    typed: str
    origins: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from ``start`` to ``end`` stood in the text as typed."""
        if self.origins is None or not self.text:
            return start, end
        last = self.origins[end - 1] if end else 0
        stop = next((at for at in self.origins[end:] if at > last), self.origins[-1])
        return self.origins[start], max(stop, self.origins[start])


def normalise(text: str) -> Normalised:
    """Bring a text to NFKC, with one spelling for quotes, brackets and dashes.

    Superscripts, circled and other unusual digits stay as they are: ``5²`` must not become 52.
    """
    if _PLAIN.fullmatch(text):
        return Normalised(unicodedata.normalize("NFKC", text).translate(_SIGNS), text)
    pieces: list[str] = []
    origins: list[int] = []
    position = 0
    while position < len(text):
        end = position + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        piece = _normal_form(text[position:end])
        pieces.append(piece)
        origins.extend([position] * len(piece))
        position = end
    return Normalised("".join(pieces), text, (*origins, len(text)))


def normal_text(text: str) -> str:
    """Bring a name to the form in which names are compared: normalised and trimmed."""
    return normalise(text).text.strip()


@lru_cache(maxsize=8192)
def _normal_form(cluster: str) -> str:
    first = cluster[0]
    if first == "㎡":
        return "m2"
    form = unicodedata.normalize("NFKC", cluster)
    odd = unicodedata.numeric(first, None) is not None and not first.isalpha()
    if odd and not "０" <= first <= "９":
        return cluster
    return form.translate(_SIGNS)
