"""Settle what a bracket and a comma mean, so that the grammars need no look-ahead of their own.

A bracket may open a call, an interval, a group of tests, a mark such as （含） or a plain
sub-expression; a comma may part arguments, the ends of an interval, values, or a limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from authoring.grammar.lexer import Grammar
from authoring.grammar.lexicon import CellToken, Kind, Mark
from authoring.grammar.problems import Code, problem
from engine.notation import AT_LEAST

MAX_DEPTH = 50
"""How deep brackets and choices may nest."""


class Holder(Enum):
    """What a bracket holds."""

    CALL = auto()
    COUNT = auto()
    STEPS = auto()
    GROUP = auto()
    INTERVAL = auto()
    PLAIN = auto()
    SATISFIES = auto()


@dataclass(frozen=True, slots=True)
class RawInclusion:
    """（含） or （不含5亿元）: the mark, and the token of the bound that it names."""

    mark: Mark
    bound: CellToken | None


_OPENING = frozenset({Kind.LP, Kind.IV_OPEN})
_CLOSING = frozenset({Kind.RP, Kind.IV_CLOSE})
_MEMBERSHIP = frozenset({Kind.AMONG, Kind.NOT_AMONG, Kind.ALL_AMONG})
_TESTING = frozenset(
    {
        Kind.CMP, Kind.SUFFIX, Kind.ENUM, Kind.COMMA, Kind.OR, Kind.AND, Kind.TO, Kind.NOT,
        Kind.ABSENT, Kind.PRESENT, Kind.EXCEPT, Kind.EXCEPTED, Kind.IV_OPEN, Kind.YESNO,
        *_MEMBERSHIP,
    }
)  # fmt: skip
_OPENED = frozenset(
    {Kind.LP, Kind.GLP, Kind.IV_OPEN, Kind.CALL, Kind.COUNT, Kind.MEMBER, Kind.STEPS}
    | {Kind.SATISFIES}
)
_IDLE = frozenset({Kind.CMP, Kind.AMONG})
_LOOSE = frozenset({Kind.CMP, Kind.SUFFIX, Kind.ENUM, Kind.OR, Kind.AND, Kind.NOT, Kind.TO})
_OPERANDS = frozenset(
    {
        Kind.NAME, Kind.NUMBER, Kind.WORD, Kind.QUOTED, Kind.DATE, Kind.YESNO, Kind.NOTHING,
        Kind.RP, Kind.GRP, Kind.IV_CLOSE, Kind.INCLUSION,
    }
)  # fmt: skip
_SEPARATORS = frozenset({Kind.COMMA, Kind.ENUM})
_HEADS = {
    Holder.CALL: Kind.CALL,
    Holder.COUNT: Kind.COUNT,
    Holder.STEPS: Kind.STEPS,
    Holder.SATISFIES: Kind.SATISFIES,
}


_UNSETTLED = frozenset(
    {
        Kind.FUNCTION, Kind.SATISFIES, Kind.CMP, Kind.AMONG, Kind.TO, Kind.OF, Kind.PART,
        Kind.EXCEPT, Kind.EXCEPT_END, Kind.SUFFIX, Kind.MINUS, *_OPENING, *_CLOSING, *_SEPARATORS,
    }
)  # fmt: skip
"""Whose kind may still change."""


def settle(tokens: Sequence[CellToken], grammar: Grammar, names: frozenset[str]) -> list[CellToken]:
    """Give every bracket, comma and function word its final kind. Raises ``Problem``."""
    partners = _match_brackets(tokens)
    settled: list[CellToken] = []
    holders: list[Holder] = []
    exceptions = 0
    skip_to = 0
    for at, token in enumerate(tokens):
        if at < skip_to:
            continue
        kind = token.type
        if kind not in _UNSETTLED:
            settled.append(token)
            continue
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        called = following is not None and following.type is Kind.LP
        holder = _held_by(token, settled) if called else None
        if holder is not None and following is not None:
            holders.append(holder)
            head = Kind.MEMBER if kind is Kind.AMONG else _HEADS[holder]
            settled.append(_retyped(token, head, following))
            skip_to = at + 2
        elif kind is Kind.LP and (inclusion := _inclusion(tokens, at, partners)) is not None:
            close = tokens[partners[at]]
            settled.append(_retyped(token, Kind.INCLUSION, close, inclusion))
            skip_to = partners[at] + 1
        elif kind in _OPENING:
            inside = tokens[at + 1 : partners[at]]
            opened = _opened(token, inside, tokens[partners[at]], settled, grammar, holders)
            holders.append(opened)
            settled.append(_retyped(token, _opening_kind(opened)))
        elif kind in _CLOSING:
            closed = holders.pop()
            settled.append(_retyped(token, _closing_kind(closed)))
        elif kind in _SEPARATORS:
            _add_separator(token, following, grammar, holders, settled)
        elif kind is Kind.TO and holders and holders[-1] is Holder.INTERVAL:
            settled.append(_retyped(token, Kind.IV_SEP))
        elif kind in (Kind.OF, Kind.PART) and Holder.STEPS in holders[-1:]:
            continue
        elif kind is Kind.FUNCTION:
            settled.append(_retyped(token, Kind.NAME) if token.text in names else token)
        elif kind is Kind.EXCEPT:
            exceptions += 1
            if exceptions > MAX_DEPTH:
                raise problem(Code.TOO_DEEP, token.first, token.last, limit=MAX_DEPTH)
            settled.append(token)
        elif exceptions and (kind is Kind.EXCEPT_END or token.text == "以外"):
            exceptions -= 1
            settled.append(_retyped(token, Kind.EXCEPT_END))
        elif kind is Kind.MINUS and not (settled and settled[-1].type in _OPERANDS):
            settled.append(_retyped(token, Kind.NEGATIVE))
        elif not (kind in _IDLE and _is_idle_since(tokens, at)):
            settled.append(token)
    return settled


def _match_brackets(tokens: Sequence[CellToken]) -> dict[int, int]:
    """Pair every opening bracket with its closing one."""
    partners: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.type in _OPENING:
            opened.append(at)
            if len(opened) > MAX_DEPTH:
                raise problem(Code.TOO_DEEP, token.first, token.last, limit=MAX_DEPTH)
        elif token.type in _CLOSING:
            if not opened:
                raise problem(Code.UNBALANCED, token.first, token.last, word=token.text)
            partners[opened.pop()] = at
    if opened:
        token = tokens[opened[-1]]
        raise problem(Code.UNBALANCED, token.first, token.last, word=token.text)
    return partners


def _held_by(token: CellToken, before: list[CellToken]) -> Holder | None:
    """Say what the round bracket behind a word holds, if the word makes it a call."""
    kind = token.type
    if kind is Kind.FUNCTION:
        return Holder.STEPS if token.meaning is Kind.STEPS else Holder.CALL
    if kind is Kind.SATISFIES:
        return Holder.SATISFIES
    if kind is Kind.CMP and token.text == AT_LEAST:
        return Holder.COUNT
    if kind is Kind.AMONG and not (before and before[-1].type in _OPERANDS):
        return Holder.CALL
    return None


def _inclusion(
    tokens: Sequence[CellToken], at: int, partners: dict[int, int]
) -> RawInclusion | None:
    inside = tokens[at + 1 : partners[at]]
    if not inside or not isinstance(inside[0].meaning, Mark) or len(inside) > 2:
        return None
    bound = inside[1] if len(inside) == 2 else None
    if bound is not None and bound.type not in (Kind.NUMBER, Kind.DATE):
        return None
    return RawInclusion(inside[0].meaning, bound)


def _opened(
    token: CellToken,
    inside: Sequence[CellToken],
    close: CellToken,
    before: list[CellToken],
    grammar: Grammar,
    holders: list[Holder],
) -> Holder:
    """Say what a bracket holds that is neither a call nor a mark."""
    kinds = _kinds_at_top(inside)
    if Kind.IV_OPEN in (token.type, _as_opening(close)) or Kind.IV_SEP in kinds:
        return Holder.INTERVAL
    last = before[-1].type if before else None
    if last in _MEMBERSHIP:
        return Holder.GROUP
    if grammar is not Grammar.TESTS and Holder.SATISFIES not in holders:
        return Holder.PLAIN
    if kinds.count(Kind.COMMA) == 1 and not _LOOSE & set(kinds) and last != Kind.NOT:
        return Holder.INTERVAL
    return Holder.GROUP if last == Kind.NOT or _TESTING & set(kinds) else Holder.PLAIN


def _as_opening(close: CellToken) -> Kind | None:
    return Kind.IV_OPEN if close.type == Kind.IV_CLOSE else None


def _kinds_at_top(tokens: Sequence[CellToken]) -> list[Kind]:
    """Return the kinds of the tokens that stand in no bracket of their own."""
    kinds: list[Kind] = []
    depth = 0
    for token in tokens:
        if token.type in _CLOSING:
            depth -= 1
        if depth == 0:
            kinds.append(token.type)
        if token.type in _OPENING:
            depth += 1
    return kinds


def _opening_kind(holder: Holder) -> Kind:
    if holder is Holder.INTERVAL:
        return Kind.IV_OPEN
    return Kind.GLP if holder is Holder.GROUP else Kind.LP


def _closing_kind(holder: Holder) -> Kind:
    if holder is Holder.INTERVAL:
        return Kind.IV_CLOSE
    return Kind.GRP if holder in (Holder.GROUP, Holder.SATISFIES) else Kind.RP


def _add_separator(
    token: CellToken,
    following: CellToken | None,
    grammar: Grammar,
    holders: list[Holder],
    settled: list[CellToken],
) -> None:
    """Add a comma, 、 or ； with the meaning that its surroundings give it."""
    if following is not None and following.type in (Kind.THEN, Kind.ELSE, Kind.AND, Kind.OR):
        return
    listing = token.text == "、"
    match holders[-1] if holders else None:
        case Holder.CALL | Holder.STEPS:
            kind = Kind.ENUM if listing and _lists_values(settled) else Kind.ARG
        case Holder.COUNT:
            kind = Kind.ENUM if listing else Kind.ARG
        case Holder.INTERVAL:
            kind = Kind.IV_SEP
        case Holder.GROUP | Holder.SATISFIES:
            kind = Kind.ENUM
        case Holder.PLAIN | None:
            tests = grammar is Grammar.TESTS or Holder.SATISFIES in holders
            listed = listing and grammar is not Grammar.CAPS
            kind = Kind.ENUM if tests or listed else Kind.COMMA
    settled.append(_retyped(token, kind))


def _lists_values(settled: list[CellToken]) -> bool:
    """Whether a 、 in a call goes on with the values behind 属于 or =, and begins no argument."""
    depth = 0
    for token in reversed(settled):
        if token.type in (Kind.RP, Kind.GRP, Kind.IV_CLOSE):
            depth += 1
        elif token.type in _OPENED and depth:
            depth -= 1
        elif token.type in _OPENED or token.type == Kind.ARG:
            return False
        elif not depth and token.type in (*_MEMBERSHIP, Kind.CMP):
            return True
    return False


def _is_idle_since(tokens: Sequence[CellToken], at: int) -> bool:
    """Whether a 自, 从 or 在 only opens 自…起 or 在…至…, whose other word says all."""
    following = [token.type for token in tokens[at + 1 : at + 3]]
    match tokens[at].text:
        case "在":
            return following[:1] in ([Kind.NUMBER], [Kind.DATE])
        case "自" | "从":
            return following in ([Kind.DATE, Kind.SUFFIX], [Kind.DATE, Kind.TO])
    return False


def _retyped(
    token: CellToken, kind: Kind, until: CellToken | None = None, meaning: object = None
) -> CellToken:
    end = token.last if until is None else until.last
    return CellToken(
        kind, token.text, token.first, end, token.meaning if meaning is None else meaning
    )
