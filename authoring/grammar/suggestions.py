"""What an author probably meant by a word that nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from authoring.grammar.lexicon import Kind, segment
from authoring.grammar.memory import keep
from authoring.grammar.vocabulary import Vocabulary
from authoring.respelling import respell
from authoring.spelling import close_matches, nearest_in_length
from engine.notation import THE_DAY

_MOST = 3
_LONGEST = 40
"""Of a longer word nobody could say what it was meant to be, and looking would take seconds."""
_PER_UNIT = 20
"""So many letters of names are compared while one is read."""
_LIMITING = {Kind.CMP, Kind.SUFFIX, Kind.TO, Kind.AND, Kind.OR, Kind.CAP, Kind.NAME}
_REFUSED = {Kind.AMBIGUOUS, Kind.NUMERAL, Kind.UNIT}


def similar_words(word: str, vocabulary: Vocabulary, code_list: str | None) -> tuple[str, ...]:
    """Return known words like an unknown one, best first; codes of the column's list come first."""
    if len(word) > _LONGEST:
        return ()
    found = vocabulary.similar.get((word, code_list))
    if found is None:
        vocabulary.effort.spend(len(vocabulary.names) * len(word) // _PER_UNIT)
        found = _similar_words(word, vocabulary, code_list)
        keep(vocabulary.similar, (word, code_list), found, len(word))
    return found


def _similar_words(word: str, vocabulary: Vocabulary, code_list: str | None) -> tuple[str, ...]:
    own = vocabulary.codes_of(code_list) if code_list else {}
    found = close_words(word, list(own))
    if not found and code_list is None:
        names = vocabulary.names.items()
        found = close_words(word, [each for each, name in names if not name.is_alias])
    if not found:
        words = vocabulary.lexicon.words
        syntax = [each for each in words if len(each) > 1 and each not in vocabulary.names]
        found = _mended(word, vocabulary, own) or (
            close_words(word, syntax) if len(word) > 1 else []
        )
    return tuple(each for each in found[:_MOST] if each != word)


def close_words(word: str, candidates: list[str]) -> list[str]:
    """The candidates that look like a word or contain it, best first."""
    containing = [each for each in candidates if len(word) > 1 and (word in each)]
    close = close_matches(word, candidates, 0.5 if len(word) < 4 else 0.6)
    return list(dict.fromkeys((*close, *nearest_in_length(word, containing))))


def _mended(word: str, vocabulary: Vocabulary, own: Mapping[str, str]) -> list[str]:
    """Replace the one piece that cannot be read: 500万元一上 is 500万元以上.

    In a column of a code list (``own``) no other name than its codes makes sense, and two names
    that meet never do.
    """
    lexicon = vocabulary.lexicon

    def sensible(run: str) -> bool:
        pieces = segment(lexicon, run, False) or ()
        names = [piece.type is Kind.NAME for piece in pieces]
        foreign = own and any(p.text not in own for p in pieces if p.type is Kind.NAME)
        return not foreign and not any(a and b for a, b in pairwise(names))

    usual = respell(word)[0]

    def reads(run: str) -> bool:
        pieces = segment(lexicon, run, False)
        return pieces is not None and not _REFUSED & {piece.type for piece in pieces}

    if usual != word and reads(usual):
        return [usual]
    head = next((n for n in range(len(word) - 1, 0, -1) if reads(word[:n])), 0)
    tail = next((n for n in range(head + 1, len(word)) if reads(word[n:])), len(word))
    piece = word[head:tail]
    if piece == word:
        return []
    names = vocabulary.names
    of_days = piece.endswith(THE_DAY)
    words = [
        each
        for each, entry in lexicon.words.items()
        if entry.kind in _LIMITING and of_days is (each in names and names[each].is_alias)
    ]
    close = close_matches(piece, words, 0.45)
    return [each for each in (word[:head] + one + word[tail:] for one in close) if sensible(each)]
