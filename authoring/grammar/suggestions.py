"""What an author probably meant by a word that nobody knows."""

from __future__ import annotations

import difflib

from authoring.grammar.lexicon import segment
from authoring.grammar.vocabulary import Vocabulary

_MOST = 3


def similar_words(word: str, vocabulary: Vocabulary, code_list: str | None) -> tuple[str, ...]:
    """Return known words like an unknown one, best first; codes of the column's list come first."""
    own = vocabulary.codes_of(code_list) if code_list else {}
    found = _close(word, list(own))
    if not found and code_list is None:
        found = _close(word, [name for name in vocabulary.names if name not in own])
    if not found:
        found = _mended(word, vocabulary) or _close(word, list(vocabulary.lexicon.words))
    return tuple(found[:_MOST])


def _close(word: str, candidates: list[str]) -> list[str]:
    containing = [each for each in candidates if len(word) > 1 and (word in each)]
    close = difflib.get_close_matches(word, candidates, _MOST, 0.5 if len(word) < 4 else 0.6)
    return list(dict.fromkeys((*close, *sorted(containing, key=len)[:_MOST])))


def _mended(word: str, vocabulary: Vocabulary) -> list[str]:
    """Replace the one piece that cannot be read: 500万元一上 is 500万元以上."""
    lexicon = vocabulary.lexicon
    head = next((n for n in range(len(word) - 1, 0, -1) if segment(lexicon, word[:n], False)), 0)
    tails = range(head + 1, len(word) + 1)
    tail = next(
        (n for n in tails if n == len(word) or segment(lexicon, word[n:], False)), len(word)
    )
    piece = word[head:tail]
    if piece == word:
        return []
    close = difflib.get_close_matches(piece, list(lexicon.words), _MOST, 0.45)
    return [word[:head] + each + word[tail:] for each in close]
