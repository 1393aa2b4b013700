"""What cells have in common, so that what is alike is parsed once.

Cells of one *outline* differ in the figures of their numbers alone. They have one tree: it says
where figures stand, not what they are.

Cells of one *shape* differ in the words, numbers and dates that they name. The grammar looks at the
kinds of tokens, and of words of the language at what they say, so that the tree of one cell can be
told again of another, with its leaves and its places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from authoring.grammar import syntax as s
from authoring.grammar.lexicon import FIGURES, CellToken, Kind, Quantity
from engine.notation import NOTHING

Outline: TypeAlias = tuple[str | int, ...]
Shape: TypeAlias = tuple[Kind | str, ...]

_LEAVES = frozenset({Kind.NUMBER, Kind.DATE, Kind.YESNO, Kind.NAME, Kind.WORD, Kind.QUOTED})
_LEAF_NODES = frozenset({s.Number, s.Day, s.YesNo, s.Word})
_BRANCHES = frozenset(
    each
    for each in vars(s).values()
    if isinstance(each, type) and each.__module__ == s.__name__ and each not in _LEAF_NODES
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A cell that was parsed: its raw tokens and its tree."""

    tokens: Sequence[CellToken]
    tree: s.Syntax


def outline_of(text: str, figures: frozenset[str]) -> Outline:
    """A text but for the figures of its numbers, of which only the length matters.

    ``figures`` are those that stand in some name, which are kept: 世界500强 is not 世界300强.
    """
    parts = FIGURES.split(text)
    return tuple(
        len(part) if at % 2 and part not in figures else part for at, part in enumerate(parts)
    )


def are_numbers(outline: Outline, tokens: Sequence[CellToken], figures: frozenset[str]) -> bool:
    """Whether all that an outline leaves out are numbers: then any others may stand there."""
    return len(outline) == 1 or all(
        each in figures
        for token in tokens
        if token.type is not Kind.NUMBER
        for each in FIGURES.findall(token.text)
    )


def shape_of(tokens: Sequence[CellToken]) -> Shape:
    """The kinds of raw tokens; of those that are no leaves, what they say as well."""
    shape: list[Kind | str] = []
    for kind, text, *_ in tokens:
        shape.append(kind)
        if kind not in _LEAVES:
            shape.append(text)
    return tuple(shape)


def leaf(token: CellToken) -> s.Term:
    """The node that a word, a number or a date makes."""
    kind, text, start, end, meaning = token
    match kind:
        case Kind.NAME | Kind.WORD:
            return s.Word(start, end, text)
        case Kind.NUMBER:
            return s.Number(start, end, cast(Quantity, meaning))
        case Kind.DATE:
            return s.Day(start, end, cast(Any, meaning))
        case Kind.YESNO:
            return s.YesNo(start, end, bool(meaning))
        case Kind.QUOTED:
            return s.Word(start, end, str(meaning), quoted=True)
        case Kind.NOTHING:
            return s.Word(start, end, NOTHING)
        case _:
            return s.Word(start, end, text)


def told_again(pattern: Pattern, tokens: Sequence[CellToken]) -> s.Syntax:
    """The tree of a cell that has the shape of another."""
    first = {before.first: now for before, now in zip(pattern.tokens, tokens, strict=True)}
    ends = {before.last: now.last for before, now in zip(pattern.tokens, tokens, strict=True)}

    def told(node: Any) -> Any:
        kind = type(node)
        if kind in _LEAF_NODES:
            return leaf(first[node.start])
        if kind is tuple:
            return tuple([told(each) for each in node])
        if kind not in _BRANCHES:
            return node
        if kind is s.Inclusion:
            return s.Inclusion(node.mark, told(node.bound))
        start, end, *parts = node
        return kind(first[start].first, ends[end], *[told(each) for each in parts])

    return cast(s.Syntax, told(pattern.tree))
