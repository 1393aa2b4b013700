"""Text to syntax tree: lark drives the grammar, the rules below give each node its class."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, UnexpectedToken

from authoring.grammar import syntax as s
from authoring.grammar.brackets import RawInclusion, settle
from authoring.grammar.lexer import Grammar, tokenize
from authoring.grammar.lexicon import CellToken, Kind, Quantity
from authoring.grammar.memory import keep
from authoring.grammar.problems import Code, Issue, Problem, problem
from authoring.grammar.shapes import (
    Pattern,
    are_numbers,
    leaf,
    outline_of,
    shape_of,
    told_again,
)
from authoring.grammar.suggestions import similar_words
from authoring.grammar.units import QuantityUnit
from authoring.grammar.vocabulary import Vocabulary
from engine.expressions import Comparator, Function, Operator

_OPERATORS = {
    Kind.PLUS: Operator.ADD,
    Kind.MINUS: Operator.SUBTRACT,
    Kind.TIMES: Operator.MULTIPLY,
    Kind.OF: Operator.MULTIPLY,
    Kind.OVER: Operator.DIVIDE,
}
_STARTS_AN_OPERAND = frozenset(
    {Kind.NAME, Kind.WORD, Kind.QUOTED, Kind.NUMBER, Kind.DATE, Kind.YESNO, Kind.CALL, Kind.GLP}
)
_ENDS_AN_OPERAND = _STARTS_AN_OPERAND - {Kind.CALL, Kind.GLP} | {Kind.RP, Kind.GRP}


def parse(
    text: str, grammar: Grammar, vocabulary: Vocabulary, code_list: str | None = None
) -> s.Syntax:
    """Parse a normalised text. ``code_list`` is that of the column. Raises ``Problem``."""
    figures = vocabulary.lexicon.figures
    outline = outline_of(text, figures)
    for alike in (outline, text):
        tree = vocabulary.parsed.get((alike, grammar.value, code_list))
        if tree is not None:
            return tree
    own = vocabulary.codes_of(code_list) if code_list else ()
    tokens = tokenize(text, vocabulary.lexicon, own)
    shape = grammar.value, shape_of(tokens)
    pattern = vocabulary.patterns.get(shape)
    if pattern is None:
        settled = settle(tokens, grammar, vocabulary.lexicon.names)
        tree = _grow(settled, text, grammar, vocabulary, code_list)
        keep(vocabulary.patterns, shape, Pattern(tokens, tree), len(text))
    else:
        tree = told_again(pattern, tokens)
    alike = outline if are_numbers(outline, tokens, figures) else text
    keep(vocabulary.parsed, (alike, grammar.value, code_list), tree, len(text))
    return tree


def _grow(
    tokens: list[CellToken],
    text: str,
    grammar: Grammar,
    vocabulary: Vocabulary,
    code_list: str | None,
) -> s.Syntax:
    """Have lark parse settled tokens."""
    parser = _parser().parse_interactive(start=grammar.value)
    try:
        for token in tokens:
            parser.feed_token(cast(Token, token))  # lark asks it for its type only
        return cast(s.Syntax, parser.feed_eof())  # type: ignore[no-untyped-call]
    except UnexpectedInput as error:
        raise _explain(error, text, tokens, vocabulary, code_list) from None


def _explain(
    error: UnexpectedInput,
    text: str,
    tokens: list[CellToken],
    vocabulary: Vocabulary,
    code_list: str | None,
) -> Problem:
    """Say where reading broke off; a word that nobody knows is the likelier cause."""
    unknown = [token for token in tokens if token.type == Kind.WORD]
    if unknown:
        return Problem(
            *(
                Issue(
                    Code.UNKNOWN_WORD,
                    token.first,
                    token.last,
                    {"word": token.text},
                    similar_words(token.text, vocabulary, code_list),
                )
                for token in unknown
            )
        )
    token = error.token if isinstance(error, UnexpectedToken) else None
    reached = token.first if isinstance(token, CellToken) else len(text)
    for left, right in pairwise(tokens):
        apart = left.type in _ENDS_AN_OPERAND and right.type in _STARTS_AN_OPERAND
        if apart and right.first <= reached:
            words = {"left": left.text, "right": right.text}
            return problem(Code.NO_CONNECTIVE, left.first, right.last, **words)
    if not isinstance(token, CellToken):
        return problem(Code.UNFINISHED, max(len(text.rstrip()) - 1, 0), len(text))
    return problem(Code.NOT_UNDERSTOOD, token.first, token.last, word=token.text)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(
        (Path(__file__).parent / "cell.lark").read_text(encoding="utf-8"),
        parser="lalr",
        start=[grammar.value for grammar in Grammar],
        transformer=_Shapes(visit_tokens=False),
        maybe_placeholders=True,
    )


def _nodes(children: list[Any]) -> tuple[Any, ...]:
    """Drop the tokens and what is absent; the nodes remain."""
    return tuple(each for each in children if each is not None and not isinstance(each, CellToken))


def _span(children: list[Any]) -> tuple[int, int]:
    present = [each for each in children if each is not None]
    first, last = present[0], present[-1]
    return (
        first.first if isinstance(first, CellToken) else first.start,
        last.last if isinstance(last, CellToken) else last.end,
    )


def _inclusion(token: CellToken | None) -> s.Inclusion | None:
    if token is None:
        return None
    raw = cast(RawInclusion, token.meaning)
    return s.Inclusion(raw.mark, None if raw.bound is None else leaf(raw.bound))


def _number(token: CellToken) -> s.Number:
    return s.Number(token.first, token.last, cast(Quantity, token.meaning))


def _counts_on(first: s.Test, second: s.Test) -> bool:
    """Whether two tests may be one that counts on from a day: 认定日期起12个月内."""
    match first, second:
        case s.Relation(bound=s.Word() | s.Day()), s.Relation(bound=s.Number(quantity=quantity)):
            return isinstance(quantity.unit, QuantityUnit)
    return False


class _Shapes(Transformer[Token, Any]):
    """One method for each rule of ``cell.lark``: its children become one node of ``syntax``."""

    def excepted(self, children: list[Any]) -> s.Test:
        return s.Denied(*_span(children), children[0])

    def either(self, children: list[Any]) -> s.Test:
        return s.Tests(*_span(children), False, _nodes(children))

    def both(self, children: list[Any]) -> s.Test:
        return s.Tests(*_span(children), True, _nodes(children))

    def both_ends(self, children: list[Any]) -> tuple[s.Test, s.Test]:
        """500万元以上1000万元以下 behind a subject: two conditions, as if 且 stood between."""
        first, second = children
        return first, second

    def exactly(self, children: list[Any]) -> s.Test:
        return s.Exactly(*_span(children), children[0])

    def not_words(self, children: list[Any]) -> s.Test:
        span = _span(children)
        return s.Denied(*span, s.Among(*span, _nodes(children)))

    def denied(self, children: list[Any]) -> s.Test:
        first, *more = _nodes(children)
        tests = s.Tests(first.start, more[-1].end, True, (first, *more)) if more else first
        return s.Denied(*_span(children), tests)

    def negated(self, children: list[Any]) -> s.Test:
        return s.Denied(*_span(children), _nodes(children)[0])

    def plain(self, children: list[Any]) -> Any:
        return _nodes(children)[0]

    satisfies = plain
    inside = plain

    def relation(self, children: list[Any]) -> s.Test:
        sign, bound, inclusion, suffix = children
        marks = () if inclusion is None else (_inclusion(inclusion),)
        also = None if suffix is None else suffix.meaning
        return s.Relation(*_span(children), sign.meaning, bound, cast(Any, marks), also)

    def suffixed(self, children: list[Any]) -> s.Test:
        bound, before, suffix, behind = children
        marks = tuple(_inclusion(each) for each in (before, behind) if each is not None)
        return s.Relation(*_span(children), suffix.meaning, bound, cast(Any, marks))

    def stretch(self, children: list[Any]) -> s.Test:
        low, after_low, _, high, after_high, suffix = children
        if suffix is not None and suffix.meaning is not Comparator.AT_MOST:
            raise problem(Code.NOT_UNDERSTOOD, suffix.first, suffix.last, word=suffix.text)
        marks = _inclusion(after_low), _inclusion(after_high)
        return s.Stretch(*_span(children), low, high, *marks)

    def interval(self, children: list[Any]) -> s.Test:
        opening, low, _, high, closing = children
        return s.Interval(*_span(children), low, high, opening.text == "[", closing.text == "]")

    def among(self, children: list[Any]) -> s.Test:
        return s.Among(*_span(children), _nodes(children))

    listing = among

    def all_among(self, children: list[Any]) -> s.Test:
        return s.Among(*_span(children), _nodes(children), all=True)

    def not_among(self, children: list[Any]) -> s.Test:
        span = _span(children)
        return s.Denied(*span, s.Among(*span, _nodes(children)))

    def relation_list(self, children: list[Any]) -> s.Test:
        span, sign, first = _span(children), children[0], children[1]
        among = s.Among(*span, (first, *_nodes(children[2:])))
        match sign.meaning:
            case Comparator.EQUAL:
                return among
            case Comparator.NOT_EQUAL:
                return s.Denied(*span, among)
        comma = children[2]
        raise problem(Code.NOT_UNDERSTOOD, comma.first, comma.last, word=comma.text)

    def absent(self, children: list[Any]) -> s.Test:
        return s.Blank(*_span(children), absent=True)

    def present(self, children: list[Any]) -> s.Test:
        return s.Blank(*_span(children), absent=False)

    def anything(self, children: list[Any]) -> s.Test:
        return s.Unconstrained(*_span(children))

    def choose(self, children: list[Any]) -> s.Term:
        return s.Choose(*_span(children), *_nodes(children))

    def any(self, children: list[Any]) -> s.Term:
        return s.Chain(*_span(children), False, _nodes(children))

    def every(self, children: list[Any]) -> s.Term:
        return s.Chain(*_span(children), True, _nodes(children))

    def invert(self, children: list[Any]) -> s.Term:
        return s.Invert(*_span(children), children[1])

    def about(self, children: list[Any]) -> s.Term:
        *subject, test = children
        if type(test) is tuple:
            first, second = test
            if _counts_on(first, second):
                both = s.Tests(first.start, second.end, True, (first, second))
                return s.About(subject[0].start, both.end, subject[0], both)
            lead = s.About(subject[0].start, first.end, subject[0], first)
            rest = s.About(second.start, second.end, None, second)
            return s.Chain(*_span([lead, rest]), True, (lead, rest))
        return s.About(*_span(children), subject[0] if subject else None, test)

    def binary(self, children: list[Any]) -> s.Term:
        left, sign, right = children
        kind = Kind(sign.type)
        return s.Binary(*_span(children), _OPERATORS[kind], left, right, kind is Kind.OF)

    def minus(self, children: list[Any]) -> s.Term:
        return s.Minus(*_span(children), children[1])

    def word(self, children: list[Any]) -> s.Term:
        return leaf(children[0])

    def call(self, children: list[Any]) -> s.Term:
        function = cast(Function, children[0].meaning)
        return s.Apply(*_span(children), function, _nodes(children))

    def count(self, children: list[Any]) -> s.Term:
        return s.Count(*_span(children), _nodes(children))

    def member(self, children: list[Any]) -> s.Term:
        return s.Member(*_span(children), _nodes(children))

    def steps(self, children: list[Any]) -> s.Term:
        base, *steps = _nodes(children)
        return s.Steps(*_span(children), base, tuple(steps))

    def step_relation(self, children: list[Any]) -> s.Step:
        sign, bound, _, rate = children
        return self._step(children, sign.meaning, bound, rate)

    def step_suffixed(self, children: list[Any]) -> s.Step:
        bound, _, suffix, _, rate = children
        return self._step(children, suffix.meaning, bound, rate)

    def step_stretch(self, children: list[Any]) -> s.Step:
        low, _, _, high, _, rate = children
        return s.Step(*_span(children), _number(low), _number(high), _number(rate))

    def _step(
        self, children: list[Any], comparator: Comparator, bound: CellToken, rate: CellToken
    ) -> s.Step:
        span = _span(children)
        match comparator:
            case Comparator.AT_LEAST | Comparator.GREATER:
                return s.Step(*span, _number(bound), None, _number(rate))
            case Comparator.AT_MOST | Comparator.LESS:
                return s.Step(*span, None, _number(bound), _number(rate))
        raise problem(Code.BROKEN_BRACKETS, *span)

    def amount(self, children: list[Any]) -> s.Amount:
        grant, *limits = _nodes(children)
        return s.Amount(*_span(children), grant, tuple(limits))

    def up_to(self, children: list[Any]) -> s.UpTo:
        span = _span(children)
        nodes = _nodes(children)
        if len(nodes) == 1:
            return s.UpTo(*span, nodes[0])
        base, share = nodes
        return s.UpTo(*span, s.Binary(*span, Operator.MULTIPLY, base, share, of=True))

    def fixed(self, children: list[Any]) -> s.Plain:
        return s.Plain(*_span(children), children[0].type)

    def limit(self, children: list[Any]) -> s.Limit:
        span, head = _span(children), children[0]
        if isinstance(head, s.Relation):
            return self._compared_limit(span, head)
        amount = children[1] if len(children) > 1 else None
        return s.Limit(*span, head.type != Kind.FLOOR, amount)

    def _compared_limit(self, span: tuple[int, int], relation: s.Relation) -> s.Limit:
        match relation.comparator:
            case Comparator.AT_MOST:
                return s.Limit(*span, True, relation.bound)
            case Comparator.AT_LEAST:
                return s.Limit(*span, False, relation.bound)
        raise problem(Code.STRAY_LIMIT, *span)

    def caps(self, children: list[Any]) -> s.Caps:
        return s.Caps(*_span(children), _nodes(children))
