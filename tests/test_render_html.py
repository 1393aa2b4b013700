"""The HTML of an answer: complete, escaped, and telling each state by icon, word and colour."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from typing import Any

import pytest

from authoring.messages import text as message_text
from authoring.pages.words import say
from authoring.render_html import (
    Html,
    count_shelves,
    element,
    join,
    render,
    render_cards,
)
from authoring.shelves import SHELVES, shelf_of
from engine.expectations import kind_of
from engine.model import Rule
from engine.narrative import ConditionLine, Narrative
from engine.outcome import (
    Absence,
    Amount,
    Certainty,
    Conflict,
    Displaced,
    Granted,
    NotApplicable,
    NothingLeft,
    Referred,
    Refused,
    Undecided,
    Undetermined,
)
from tests.narratives import DISPLACED, GRANTED, LINES, NARRATIVE, NEAR, OPEN

NOTHING = Amount(None, None, Certainty.NONE)
RULE = Rule("甲-1", ())


class Reader(HTMLParser):
    """Collects what a browser would see: the tags with their attributes, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "tags are nested"

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


class Poison:
    """Gives every text of a narrative a hostile twin, and remembers where it stood."""

    SPARED = frozenset({"verdict", "counts"})  # keys, not texts
    NAMES = frozenset({"behind"})  # these lead to another part of the narrative

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def __call__(self, node: Any, path: str = "") -> Any:
        if path in self.NAMES and isinstance(node, str):
            return f"</td><script>{node}</script>"
        if isinstance(node, Mapping):
            return {self(key, "behind"): self(each, path) for key, each in node.items()}
        if isinstance(node, str):
            text = f"</td><script>{path}</script><img src=x onerror='a'>\"&amp;{len(self.texts)}"
            self.texts[text] = path
            return text
        if isinstance(node, tuple):
            return tuple(self(each, path) for each in node)
        if is_dataclass(node) and not isinstance(node, type):
            names = [each.name for each in fields(node) if each.name not in self.SPARED]
            return replace(node, **{name: self(getattr(node, name), name) for name in names})
        return node


@pytest.fixture(scope="module")
def poisoned() -> tuple[Narrative, dict[str, str]]:
    poison = Poison()
    return poison(NARRATIVE), poison.texts


def test_hostile_text_never_becomes_markup(poisoned: tuple[Narrative, dict[str, str]]) -> None:
    reader = read(render(poisoned[0]))
    names = {name for name, _ in reader.tags}
    assert names.isdisjoint({"script", "img", "style", "a", "iframe", "form"})
    attributes = {key for _, attrs in reader.tags for key in attrs}
    assert attributes <= {
        "class", "open", "scope", "colspan", "tabindex", "role", "aria-label", "aria-hidden",
        "data-label",
    }  # fmt: skip


def test_hostile_text_is_shown_as_it_was_written(
    poisoned: tuple[Narrative, dict[str, str]],
) -> None:
    """Texts of every kind reach the reader, letter by letter; the rest is left out on purpose."""
    narrative, texts = poisoned
    shown = read(render(narrative)).text
    everywhere_shown = {path for text, path in texts.items() if text in shown}
    assert set(texts.values()) - everywhere_shown == {
        "fingerprint",  # shortened
        "verdict_word",  # the shelf says it
        "hint",  # stands at the field
    }


def test_every_measure_is_on_exactly_one_shelf() -> None:
    counts = count_shelves(NARRATIVE)
    assert tuple(counts) == SHELVES
    assert sum(counts.values()) == len(NARRATIVE.measures)
    assert counts["granted"] == 2
    assert (counts["near"], counts["refused"]) == (1, 0)


def test_every_verdict_has_a_shelf_and_a_name() -> None:
    """Else a measure would be counted and never shown."""
    kinds = {
        kind_of(verdict)
        for verdict in (
            NotApplicable(Absence.SUBJECT_ABSENT),
            Conflict(()),
            Refused(RULE),
            Undetermined((), NOTHING),
            Referred((), NOTHING),
            Displaced(NothingLeft.EARLIER_AWARD, NOTHING),
            Undecided((), NOTHING),
            Granted((), NOTHING),
        )
    }
    assert kinds | {"near"} == set(SHELVES)
    for shelf in SHELVES:
        assert say(f"shelf.{shelf}")
        assert say(f"icon.{shelf}")
        assert say(f"why.{shelf}")


def test_a_refused_measure_without_repair_is_not_near() -> None:
    assert shelf_of(replace(NEAR, near_miss=False)) == "refused"


def test_a_shelf_alone_shows_its_cards_only() -> None:
    text = read(render_cards(NARRATIVE, "near")).text
    assert NEAR.name in text
    assert GRANTED.name not in text


def test_only_the_first_card_is_open() -> None:
    cards = [attrs for tag, attrs in read(render_cards(NARRATIVE)).tags if _is_card(tag, attrs)]
    assert ["open" in attrs for attrs in cards] == [True, False, False, False, False]


def _is_card(tag: str, attrs: dict[str, str | None]) -> bool:
    return tag == "details" and "tl-card" in (attrs.get("class") or "")


def test_a_judgement_is_told_by_icon_and_word() -> None:
    text = read(render_cards(NARRATIVE)).text
    assert "✓满足" in text
    assert "✗不满足" in text
    assert "?待定" in text


def test_the_distance_stands_beside_what_the_project_has() -> None:
    assert "2600万元还差 400万元" in read(render_cards(NARRATIVE, "near")).text


def test_a_branch_that_no_longer_matters_is_not_judged() -> None:
    html = render_cards(replace(NARRATIVE, measures=(GRANTED,)))
    muted = html.split("须同时满足：")[0].rpartition("<tr")[2]
    assert "tl-muted" in muted
    assert "满足<" not in muted
    assert html.count("不影响结论") == 2, "once for each rule, at the head of the branch"


def test_the_rules_behind_a_derived_fact_can_be_opened() -> None:
    text = read(render_cards(replace(NARRATIVE, measures=(GRANTED,)))).text
    assert "“链主招引对象”是怎么得出的" in text
    assert "得出 链主招引对象 ＝ 是" in text
    assert "推理第 1 步" in text


def test_the_quoted_sentence_is_marked_inside_the_article() -> None:
    assert f"<mark>{GRANTED.quote}</mark>" in render_cards(NARRATIVE, "granted")


def test_an_article_that_lacks_the_quote_is_shown_whole() -> None:
    measure = replace(GRANTED, quote="", provision_text="全文")
    html = render_cards(replace(NARRATIVE, measures=(measure,)))
    assert "<mark>" not in html
    assert "<p>全文</p>" in html


def test_what_is_forgone_is_struck_out() -> None:
    assert f"<s>{DISPLACED.amount}</s>" in render_cards(NARRATIVE, "displaced")


def test_a_ceiling_keeps_its_word() -> None:
    """最高 is never dropped: a ceiling must not read as an award."""
    assert "最高 730万元" in read(render_cards(NARRATIVE, "granted")).text


def test_what_is_missing_is_listed_with_the_measure() -> None:
    assert OPEN.missing[0] in read(render_cards(NARRATIVE, "undetermined")).text


def test_deep_conditions_stay_indented() -> None:
    line = replace(LINES[0], depth=40)
    measure = replace(GRANTED, rules=(replace(GRANTED.rules[0], lines=(line,)),))
    assert "tl-d6" in render_cards(replace(NARRATIVE, measures=(measure,)))


def test_an_answer_without_measures_says_so() -> None:
    assert "没有支持项" in read(render_cards(replace(NARRATIVE, measures=()))).text


def test_an_element_escapes_text_and_attributes() -> None:
    made = element("p", "a<b", element("b", "&"), title='"', class_="", open=False)
    assert made == '<p title="&quot;">a&lt;b<b>&amp;</b></p>'
    assert join(["<", Html("<i>")]) == "&lt;<i>"


def test_the_renderer_needs_no_streamlit() -> None:
    code = "import sys, authoring.render_html; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_line_of_a_proof_with_nothing_to_compare_spans_the_table() -> None:
    line = ConditionLine(0, True, "满足任一即可：", "", "", "", "表!A1")
    measure = replace(GRANTED, rules=(replace(GRANTED.rules[0], lines=(line,)),))
    assert 'colspan="3"' in render_cards(replace(NARRATIVE, measures=(measure,)))


def test_what_does_not_apply_is_folded_away_unless_asked_for() -> None:
    absent = replace(OPEN, id="M9", verdict="not_applicable")
    narrative = replace(NARRATIVE, measures=(GRANTED, absent))
    folded = '<section class="tl-shelf tl-not_applicable"><details><summary><h3>'
    assert folded in render_cards(narrative)
    assert folded not in render_cards(narrative, "not_applicable")
    assert folded not in render_cards(replace(NARRATIVE, measures=(absent,)))


# --- what paper shows -----------------------------------------------------------------------------


def test_the_facts_stand_before_the_answer() -> None:
    text = read(render(NARRATIVE)).text
    for told in ("实际到账外资36,500万元", "链主企业是主管部门认定", "涉及 企业"):
        assert text.index(told) < text.index(say("figure.total"))


def test_an_answer_without_facts_says_so() -> None:
    assert say("given.none") in read(render(replace(NARRATIVE, given=()))).text


def test_what_is_missing_is_a_list_on_paper() -> None:
    text = read(render(NARRATIVE)).text
    assert "首次获评专精特新关系到 50万元M1-3招商项目获奖等次不涉及金额M15-1" in text


def test_a_refused_measure_says_in_its_headline_which_condition_it_lacks() -> None:
    refused = replace(NEAR, near_miss=False, repair=(), repair_gain="")
    html = render_cards(replace(NARRATIVE, measures=(refused,)))
    summary = html.partition("<summary>")[2].partition("</summary>")[0]
    told = "实缴资金：政策要求“≥ 3000万元”，本项目“2600万元”，还差 400万元"
    assert told in read(summary).text
    assert told not in read(render_cards(replace(NARRATIVE, measures=(NEAR,)))).text


def test_what_does_not_apply_is_told_by_reason() -> None:
    absent = [
        replace(OPEN, id=f"M9-{number}", verdict="not_applicable", headline="不涉及“人才”")
        for number in (1, 2)
    ]
    text = read(render_cards(replace(NARRATIVE, measures=(GRANTED, *absent)))).text
    assert f"不涉及“人才”M9-1 {OPEN.name}；M9-2 {OPEN.name}" in text


def test_a_derivation_is_told_to_the_end_once_on_paper() -> None:
    again = replace(GRANTED, id="M16-9")
    html = render_cards(replace(NARRATIVE, measures=(GRANTED, again)))
    assert html.count('class="tl-again"') == 1
    assert html.count("“链主招引对象”是怎么得出的，见前文") == 1
    only = render_cards(replace(NARRATIVE, measures=(GRANTED,)))
    assert "tl-again" not in only


# --- blanks, and what is open in part -------------------------------------------------------------


def test_why_a_blank_counts_so_is_said_once_for_each_rule() -> None:
    open_ = ConditionLine(0, None, "面积", "是", "未填", "", "表!B4", blank="填了才能判定")
    refuses = replace(open_, truth=False, requirement="非空", blank="没有填，就是不满足")
    muted = replace(open_, muted=True, blank="不该说")
    lines = (muted, open_, replace(open_, condition="高度"), refuses)
    measure = replace(OPEN, rules=(replace(OPEN.rules[0], lines=lines),))
    text = read(render_cards(replace(NARRATIVE, measures=(measure,)))).text
    assert text.count("填了才能判定") == 1
    assert text.count("没有填，就是不满足") == 1
    assert "不该说" not in text


def test_an_open_measure_shows_what_is_certain_of_it_and_what_is_open() -> None:
    certain = replace(OPEN.rules[0], rule="甲-1", truth=True, outcome="给予 100万元")
    open_ = replace(OPEN.rules[0], rule="甲-2")
    lost = replace(OPEN.rules[0], rule="甲-3", truth=False, outcome="条件不满足")
    measure = replace(OPEN, rules=(certain, open_, lost))
    html = render_cards(replace(NARRATIVE, measures=(measure,)))
    shown, _, folded = html.partition('class="tl-others"')
    assert "规则 甲-1" in shown
    assert "规则 甲-2" in shown
    assert "规则 甲-3" in folded
    granted = replace(measure, verdict="granted")
    shown = render_cards(replace(NARRATIVE, measures=(granted,))).partition('class="tl-others"')[0]
    assert "规则 甲-2" not in shown


def test_a_verdict_has_one_sign_everywhere() -> None:
    for shelf in SHELVES:
        signs = {
            say(f"icon.{shelf}"),
            message_text(f"terminal_mark.{shelf}"),
            message_text(f"report_mark.{shelf}"),
        }
        assert len(signs) == 1, shelf
