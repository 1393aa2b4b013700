"""How a narrative looks in a terminal: Chinese line breaks, order, and nothing that steers."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from itertools import pairwise

import pytest
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType

from authoring.chinese_text import ChineseText, breaks
from authoring.render_terminal import render_measure, render_narrative, shown
from authoring.shelves import SHELVES, shelf_of
from engine.narrative import MissingLine
from engine.words import word
from tests.narratives import GRANTED, NARRATIVE, NEAR


def plain(view: RenderableType, width: int = 100) -> list[str]:
    """The lines of a renderable, without colour."""
    out = StringIO()
    Console(file=out, width=width, color_system=None).print(view)
    return [line.rstrip(" ") for line in out.getvalue().splitlines()]


# --- line breaks ----------------------------------------------------------------------------------


def pieces(text: str, width: int) -> list[str]:
    """A text broken at a width."""
    cuts = [0, *breaks(text, width), len(text)]
    return [text[start:end].rstrip() for start, end in pairwise(cuts)]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("对符合要求的项目", 8, ["对符合要", "求的项目"]),
        ("对符合要求，给予", 10, ["对符合要", "求，给予"]),
        ("给予（最高）奖励", 6, ["给予", "（最", "高）奖", "励"]),
        ("最高200万元奖励", 9, ["最高", "200万元奖", "励"]),
        ("见 tiaoli check", 9, ["见 tiaoli", "check"]),
        ("出处 招商渠道!A19", 14, ["出处 招商渠", "道!A19"]),
        ("一二三", 1, ["一", "二", "三"]),
        ("", 5, [""]),
    ],
)
def test_lines_break_as_chinese_does(text: str, width: int, expected: list[str]) -> None:
    assert pieces(text, width) == expected


@pytest.mark.parametrize("width", range(2, 60))
def test_nothing_is_lost_and_nothing_too_wide(width: int) -> None:
    text = "对“465”集群导向的项目（含总部），按5‰给予最高200万元奖励；see docs/cli.md。"
    broken = pieces(text, width)
    assert "".join(broken).replace(" ", "") == text.replace(" ", "")
    assert max(map(cell_len, broken)) <= max(width, 2)


def test_a_table_column_may_become_narrow() -> None:
    assert all(cell_len(line) <= 30 for line in plain(ChineseText("中文" * 40), 30))


# --- what is shown --------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
def test_no_line_is_wider_than_the_window(width: int) -> None:
    lines = plain(render_narrative(NARRATIVE, everything=True), width)
    assert max(map(cell_len, lines)) <= width


def test_measures_stand_under_their_verdicts() -> None:
    lines = plain(render_narrative(NARRATIVE))
    shelves = {shelf_of(measure) for measure in NARRATIVE.measures}
    assert shelves <= set(SHELVES)
    for measure in NARRATIVE.measures:
        assert any(line.strip().startswith(f"{measure.id} {measure.name}") for line in lines)
    order = [
        next(number for number, line in enumerate(lines) if line.startswith(mark))
        for mark in ("✓ 可享受 2 项 ─", "⇄ 就高不重复 1 项 ─", "△ 差一点 1 项 ─", "? 待补充 1 项 ─")
    ]
    assert order == sorted(order)


def test_what_is_not_given_has_no_heading() -> None:
    nothing = replace(
        NARRATIVE.total, total=word("total.none"), uncounted="", at_stake="", certain=""
    )
    bare = replace(NARRATIVE, case_name="", totals=(nothing, nothing))
    lines = plain(render_narrative(bare))
    assert not any(line.startswith(("项目：", "按受益主体")) for line in lines)
    one = replace(bare, totals=(nothing, NARRATIVE.total))
    assert "按受益主体" in plain(render_narrative(one))


def test_a_rule_that_does_not_decide_takes_one_line() -> None:
    def conditions(everything: bool) -> int:
        lines = plain(list_of(render_measure(GRANTED, NARRATIVE.derivations, everything)))
        return sum(line.strip().startswith("判定") for line in lines)

    assert len(GRANTED.rules) == 2
    assert conditions(everything=False) < conditions(everything=True)


def list_of(parts: object) -> RenderableType:
    """Several renderables as one."""
    return Group(*parts)  # type: ignore[misc]


def test_a_fact_is_derived_once_within_a_measure() -> None:
    lines = plain(list_of(render_measure(GRANTED, NARRATIVE.derivations, everything=True)))
    assert sum("规则 二-1" in line for line in lines) == 1


def test_a_near_miss_says_what_to_change_and_what_is_lacking() -> None:
    text = "\n".join(plain(list_of(render_measure(NEAR, NARRATIVE.derivations))))
    for words in (*NEAR.repair, NEAR.repair_gain, "✗ 不满足", "还差 400万元"):
        assert words in text


def test_many_missing_facts_are_not_all_listed() -> None:
    missing = tuple(MissingLine(f"指标{n}", "关系到 1元", ("M1",)) for n in range(14))
    text = "\n".join(plain(render_narrative(replace(NARRATIVE, missing=missing))))
    assert "再补充 14 项信息，可以继续判定 1 项支持" in text
    assert "指标9" in text
    assert "指标10" not in text
    assert "另有 4 项信息" in text


def test_control_characters_are_shown_as_such() -> None:
    assert shown("好\x1b[31m坏\x9b\u202e").plain == "好\ufffd[31m坏\ufffd\ufffd"
    assert shown("一\n二").plain == "一\n二"
