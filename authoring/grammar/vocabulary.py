"""The words that a policy brings along: its fields, its code lists, its measures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute

from authoring.enough import Effort
from authoring.grammar.characters import normal_text
from authoring.grammar.lexicon import Lexicon, make_lexicon
from authoring.grammar.shapes import Outline, Pattern, Shape
from authoring.grammar.syntax import Syntax
from engine.model import Field
from engine.notation import THE_DAY
from engine.types import (
    ChoiceType,
    CodeList,
    DateType,
    MultiChoiceType,
    QuantityType,
    UnitPriceType,
    children_in,
)


@dataclass(frozen=True, slots=True)
class Name:
    """What a word of the policy may mean: a field, a code of some lists, a code list itself.

    ``codes`` maps each code list in which it is a value to the value as that list spells it.
    """

    field: str | None
    codes: Mapping[str, str]
    code_list: str | None
    is_alias: bool = False
    """Whether it is another way to say a name, and nothing to offer."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a cell may speak of. Make it with ``make_vocabulary``, once a workbook."""

    fields: Mapping[str, Field]
    code_lists: Mapping[str, CodeList]
    measures: frozenset[str]
    names: Mapping[str, Name] = attribute(repr=False)
    lexicon: Lexicon = attribute(repr=False, compare=False)
    parsed: dict[tuple[Outline | str, str, str | None], Syntax] = attribute(
        repr=False, compare=False
    )
    """The trees of texts, by grammar and code list."""

    patterns: dict[tuple[str, Shape], Pattern] = attribute(repr=False, compare=False)
    """The first cell of each shape, by grammar."""

    similar: dict[tuple[str, str | None], tuple[str, ...]] = attribute(repr=False, compare=False)
    """What was offered for unknown words, by code list."""

    codes: Mapping[str, Mapping[str, str]] = attribute(repr=False, compare=False)
    """The codes of each list by their normal form."""

    children: Mapping[str, Mapping[str, Sequence[str]]] = attribute(repr=False, compare=False)
    """Of each list, the codes directly below a code."""

    effort: Effort = attribute(repr=False, compare=False)
    """How much more may be read with it."""

    def codes_of(self, code_list: str) -> Mapping[str, str]:
        """Return the codes of a list by their normal form; none for an unknown list."""
        return self.codes.get(code_list, {})


def make_vocabulary(
    fields: Mapping[str, Field],
    code_lists: Mapping[str, CodeList],
    measures: frozenset[str] = frozenset(),
    effort: Effort | None = None,
) -> Vocabulary:
    """Prepare a vocabulary for reading; every map is keyed by name."""
    effort = effort or Effort()
    field_names = {normal_text(name): name for name in fields}
    list_names = {normal_text(name): name for name in code_lists}
    codes: dict[str, dict[str, str]] = defaultdict(dict)
    by_list = {
        name: {normal_text(code.value): code.value for code in code_list.codes}
        for name, code_list in code_lists.items()
    }
    for list_name, values in by_list.items():
        for word, value in values.items():
            codes[word][list_name] = value
    names = {
        word: Name(field_names.get(word), codes.get(word, {}), list_names.get(word))
        for word in (*field_names, *list_names, *codes)
        if word
    }
    for word, field in _days(fields).items():
        names.setdefault(word, Name(field, {}, None, is_alias=True))
    lexicon = make_lexicon(frozenset(names), frozenset(_counted(fields)))
    children = {name: children_in(code_list) for name, code_list in code_lists.items()}
    return Vocabulary(
        fields, code_lists, measures, names, lexicon, {}, {}, {}, by_list, children, effort
    )


def _days(fields: Mapping[str, Field]) -> dict[str, str]:
    """认定之日 for 认定日期, as statutes speak of a day, where one field alone can be meant."""
    meant: dict[str, list[str]] = defaultdict(list)
    for field in fields.values():
        if isinstance(field.type, DateType):
            name = normal_text(field.name)
            said = next((each for each in _OF_DAYS if name.endswith(each) and name != each), "")
            meant[name.removesuffix(said) + THE_DAY].append(field.name)
    return {word: names[0] for word, names in meant.items() if len(names) == 1}


_OF_DAYS = ("日期", "时间", "之日", "日")


def list_of(field: Field) -> str | None:
    """Return the code list that a field draws on."""
    match field.type:
        case ChoiceType(code_list=name) | MultiChoiceType(code_list=name):
            return name
    return None


def _counted(fields: Mapping[str, Field]) -> set[str]:
    """Collect the counting words that the policy's own fields use."""
    words = set()
    for field in fields.values():
        match field.type:
            case QuantityType(unit=word) | UnitPriceType(per=word):
                words.add(word)
    return words
