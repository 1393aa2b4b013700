"""Cells that are alike are parsed once: each reads as it would if no other had been read before."""

from __future__ import annotations

import difflib
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authoring.grammar import (
    Vocabulary,
    make_vocabulary,
    memory,
    read_amount,
    read_caps,
    read_conclusion,
    read_condition,
    read_requirement,
    read_value,
)
from authoring.spelling import close_matches
from engine.cells import CellRef
from tests.test_cell_language import VOCABULARY, cases
from tests.test_cell_robustness import PIECES

CELL = CellRef("奖励", 7, 4)
FIELDS = VOCABULARY.fields
ROWS = tuple(cases())
FIGURES = re.compile("[0-9]+")
NEW_FIGURES = st.sampled_from(
    ["0", "1", "2", "5", "9", "12", "28", "31", "100", "300", "500", "000", "2023", "3010", "20000"]
)
LISTS = [[code.value for code in each.codes] for each in VOCABULARY.code_lists.values()]
NAMES = sorted({*FIELDS, *(code for codes in LISTS for code in codes)}, key=len, reverse=True)
NAME = re.compile("|".join(map(re.escape, NAMES)))


def fresh_vocabulary() -> Vocabulary:
    """The words of the specification, and nothing read yet."""
    return make_vocabulary(FIELDS, VOCABULARY.code_lists)


@st.composite
def alike(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A column and some cells that look alike: other figures, other names, sometimes more words."""
    row = draw(st.sampled_from(ROWS))
    name = row.column.partition("（")[0]
    column = name if name in FIELDS else draw(st.sampled_from(sorted(FIELDS)))
    texts = []
    for _ in range(draw(st.integers(2, 4))):
        text = row.typed
        if draw(st.booleans()):
            text = NAME.sub(lambda _: draw(st.sampled_from(NAMES)), text)
        if draw(st.integers(0, 3)):
            text = FIGURES.sub(lambda _: draw(NEW_FIGURES), text)
        if not draw(st.integers(0, 5)):
            at = draw(st.integers(0, len(text)))
            text = text[:at] + draw(PIECES) + text[at:]
        texts.append(text)
    return column, texts


def readings(text: str, column: str, vocabulary: Vocabulary) -> list[str]:
    """All that is made of a cell, its places and its findings included."""
    field = FIELDS[column]
    return [
        repr(each)
        for each in (
            read_condition(text, field, "", vocabulary, CELL),
            read_condition(text, field, field.unit and "万元", vocabulary, CELL),
            read_conclusion(text, field, "", vocabulary, CELL),
            read_requirement(text, vocabulary, CELL),
            read_amount(text, "万元", vocabulary, CELL),
            read_caps(text, "", vocabulary, CELL),
            read_value(text, field, "", vocabulary, CELL),
        )
    ]


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(alike())
def test_a_cell_reads_as_if_it_were_the_first(each: tuple[str, list[str]]) -> None:
    column, texts = each
    kept = fresh_vocabulary()
    for text in texts:
        assert readings(text, column, kept) == readings(text, column, fresh_vocabulary())


@pytest.mark.parametrize(
    ("column", "first", "second"),
    [
        ("企业资质", "世界500强", "世界300强"),
        ("认定日期", "2023-02-28起", "2023-02-30起"),
        ("认定日期", "2023年9月28日起", "2023年9月29日起"),
        ("企业名称", "“甲500”", "“甲300”"),
        ("投资额", "1,000万元以上", "2,500万元以上"),
        ("投资额", "[500,600)", "[700,600)"),
        ("投资额", "500—1000万元", "9000—1000万元"),
        ("投资额", "500万元以上且不超过1000万元", "900万元以上且不超过8000万元"),
        ("投资额", "≥500万元", "≤500万元"),
        ("投资额", "500万元（不含）以上", "500万元（含）以上"),
        ("行业", "集成电路、生物医药", "生物医药、集成电路"),
        ("行业", "除集成电路外", "除生物医药外"),
        ("注册地", "甲公司5号", "甲公司6号"),
    ],
)
def test_what_looks_alike_is_told_apart(column: str, first: str, second: str) -> None:
    kept = fresh_vocabulary()
    before = readings(first, column, kept)
    after = readings(second, column, kept)
    assert before != after
    assert before == readings(first, column, fresh_vocabulary()) == readings(first, column, kept)
    assert after == readings(second, column, fresh_vocabulary())


def test_cells_that_are_alike_are_parsed_once() -> None:
    vocabulary = fresh_vocabulary()
    for number in range(1000, 2000):
        text = f"{number}万元以上且不超过{number + 3000}万元"
        test, _ = read_condition(text, FIELDS["投资额"], "", vocabulary, CELL)
        assert test is not None
    assert (len(vocabulary.parsed), len(vocabulary.patterns)) == (1, 1)
    codes = [code.value for code in VOCABULARY.code_lists["行业"].codes]
    for first in codes:
        for second in codes:
            read_condition(f"{first}、{second}", FIELDS["行业"], "", vocabulary, CELL)
    assert len(vocabulary.patterns) == 2


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST", 20)
    vocabulary = fresh_vocabulary()
    for number in range(200):
        signs = f"{number:08b}".replace("0", "—").replace("1", "、")
        for text in (f"怪词{chr(0x4E00 + number)}", "是".join(signs), "500万元、" * number + "1元"):
            read_condition(text, FIELDS["投资额"], "", vocabulary, CELL)
            read_amount(text, "", vocabulary, CELL)
    kept = (
        vocabulary.parsed,
        vocabulary.patterns,
        vocabulary.similar,
        vocabulary.lexicon.segmented,
    )
    assert all(0 < len(each) <= 20 for each in kept)
    longest = max(len(text) for text, _ in vocabulary.lexicon.segmented)
    tokens = max(len(each.tokens) for each in vocabulary.patterns.values())
    assert max(longest, tokens) <= memory.LONGEST


WORDS = st.text("产业集成电路项目额12345ab", max_size=8)


@given(WORDS.filter(bool), st.lists(WORDS, max_size=40, unique=True), st.sampled_from([0.45, 0.6]))
def test_the_likeliest_words_are_those_of_difflib(
    word: str, candidates: list[str], cutoff: float
) -> None:
    found = difflib.get_close_matches(word, candidates, len(candidates) or 1, cutoff)
    beaten = ratio(found[3], word) if len(found) > 3 else 0
    expected = [each for each in found[:3] if ratio(each, word) > beaten]
    assert close_matches(word, candidates, cutoff) == expected


def ratio(candidate: str, word: str) -> float:
    return difflib.SequenceMatcher(None, candidate, word).ratio()


def test_of_words_that_are_equally_like_one_three_are_no_better_than_none() -> None:
    assert close_matches("甲方", ["甲一", "甲二", "甲三"], 0.4) == ["甲二", "甲三", "甲一"]
    assert close_matches("甲方", ["甲一", "甲二", "甲三", "甲四"], 0.4) == []
    assert close_matches("甲方", ["甲一", "甲二", "甲三", "甲四", "甲方"], 0.4) == ["甲方"]
