"""From a notice to its articles, and to what a drafter must place of them."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from authoring.headings import documented
from authoring.notice import Notice, cut, notice_sheets, propose, read_paragraphs
from authoring.numerals import find_day, numeral, whole
from authoring.spelling import key
from authoring.template import new_book
from authoring.understand import understand
from authoring.workbook import read_sheets
from engine.findings import Severity
from tests.policy_books import ROOT, read

WUXI = ROOT / "policies/wuxi-2023"


def notice_of(text: str) -> Notice:
    return cut([line.strip() for line in text.splitlines() if line.strip()])


def found_in(text: str) -> list[tuple[str, str, str]]:
    """What is found in the articles of a notice: the words, what they may be, the spelling."""
    return [
        (each.words, each.matter.value, each.spelling)
        for article in notice_of(text).articles
        for each in propose(article)
    ]


# --- the reference notice -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wuxi() -> Notice:
    text = (WUXI / "notice.md").read_text("utf-8")
    lines = [line.lstrip("#> ").strip() for line in text.splitlines()]
    return cut([line for line in lines if line])


def test_the_articles_of_the_reference_notice_are_those_of_its_workbook(wuxi: Notice) -> None:
    policy = read(WUXI / "policy.xlsx").policy
    assert policy is not None
    provisions = [each for each in policy.provisions if each.number != "附则"]
    articles = [each for each in wuxi.articles if each.number != "附则"]
    assert [each.number for each in articles] == [each.number for each in provisions]
    assert [each.title for each in articles] == [each.title for each in provisions]
    assert [each.chapter for each in articles] == [each.chapter for each in provisions]
    for article, provision in zip(articles, provisions, strict=True):
        assert key(article.text) == key(provision.text)


def test_the_head_of_the_reference_notice(wuxi: Notice) -> None:
    assert wuxi.title == "关于加强新形势下招商引资工作的若干政策措施"
    assert wuxi.issuer == "无锡市人民政府"
    assert wuxi.issued == wuxi.effective == date(2023, 9, 28)
    assert wuxi.expires is None
    assert wuxi.interpreter == "市商务局、市财政局"
    assert "就高不重复" in wuxi.stacking


def test_every_limit_of_the_reference_workbook_is_proposed(wuxi: Notice) -> None:
    """The numbers that a person put into the workbook all stand among the proposals."""
    spelled = {each.spelling for article in wuxi.articles for each in propose(article)}
    assert spelled >= {
        *("最高50万元", "最高100万元", "5‰", "最高200万元", "最高300万元"),
        *("25%", "30", "5", "10", "20", "≥ 80%", "最高20万元"),
        *("最高2%", "最高5000万元", "最高600万元", "最高200万元", "一事一议", "按有关规定"),
    }


# --- other ways to number -------------------------------------------------------------------------

ARTICLES = """
宜兴市人民政府办公室文件
宜政办发〔2024〕12号
关于印发宜兴市促进总部经济发展若干政策的通知
各镇人民政府：
现将《若干政策》印发给你们。
宜兴市人民政府办公室
2024年3月15日
宜兴市促进总部经济发展若干政策
第一章 总则
第一条 为了发展总部经济，制定本政策。
第二章 支持
第二条 对新认定的总部企业，按实缴注册资本的1%给予奖励：
（一）实缴注册资本5000万元（含）以上的，给予100万元；
（二）实缴注册资本1亿元以上的，给予300万元。
第三条 本政策自2024年4月1日起施行，有效期三年，由市发改委负责解释。
"""


def test_articles_by_word() -> None:
    notice = notice_of(ARTICLES)
    assert notice.title == "宜兴市促进总部经济发展若干政策"
    assert notice.number == "宜政办发〔2024〕12号"
    assert notice.issued == date(2024, 3, 15)
    assert notice.effective == date(2024, 4, 1)
    assert notice.expires == date(2027, 3, 31)
    assert notice.interpreter == "市发改委"
    assert [(each.number, each.chapter) for each in notice.articles] == [
        ("一", "第一章 总则"),
        ("二", "第二章 支持"),
        ("三", "第二章 支持"),
    ]
    assert notice.articles[1].text.endswith("给予300万元。")
    assert notice.articles[1].text.count("\n") == 2


def test_articles_by_chinese_number_alone() -> None:
    notice = notice_of(
        """
        某区招商引资奖励办法（试行）
        一、引荐奖励
        引荐的投资项目，按3‰奖励。
        二、装修补贴
        1. 面积2000平方米（含）以上的，分三年发放。
        2. 每年每户一次。
        三、附则。本办法自印发之日起执行，有效期至2026年12月31日。
        某区管委会
        二〇二四年一月十日
        """
    )
    assert [each.number for each in notice.articles] == ["一", "二", "三"]
    assert notice.articles[1].text == (
        "二、装修补贴\n1. 面积2000平方米（含）以上的，分三年发放。\n2. 每年每户一次。"
    )
    assert notice.issued == notice.effective == date(2024, 1, 10)
    assert notice.expires == date(2026, 12, 31)


def test_numbers_that_begin_anew_are_told_apart() -> None:
    notice = notice_of(
        """
        若干政策
        一、引荐
        （一）甲。甲文。
        （二）乙。乙文。
        二、落户
        （一）丙。丙文。
        """
    )
    assert [each.number for each in notice.articles] == ["一（一）", "一（二）", "二（一）"]


def test_nothing_of_the_text_is_lost() -> None:
    notice = notice_of(
        """
        若干政策
        一、支持标准
        对符合条件的企业给予以下支持：
        （一）甲。甲文。
        补充说明。
        （二）乙。乙文。
        二、附则
        本政策由某局负责解释。
        """
    )
    texts = "\n".join(each.text for each in notice.articles)
    for each in ("给予以下支持", "甲文", "补充说明", "乙文", "由某局负责解释"):
        assert texts.count(each) == 1


def cut_as(text: str) -> list[tuple[str, str, str]]:
    """Number, chapter and title of each article."""
    return [(each.number, each.chapter, each.title) for each in notice_of(text).articles]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "（1）首次认定奖励：对首次认定的给予10万元。\n（2）租金补贴。每月每平方米30元。\n"
            "（3）对晋级的企业给予奖励；已享受的补足差额。",
            [("一", "", "首次认定奖励"), ("二", "", "租金补贴"), ("三", "", "")],
        ),
        ("(1) 首次认定的给予10万元。\n(2) 晋级的补足。", [("一", "", ""), ("二", "", "")]),
        ("1）认定。给予10万元。\n2）晋级。补足。", [("一", "", "认定"), ("二", "", "晋级")]),
        ("①首次认定的给予10万元。\n②晋级的补足差额。", [("一", "", ""), ("二", "", "")]),
        ("⑴ 首次认定的给予10万元。\n⑵ 晋级的补足差额。", [("一", "", ""), ("二", "", "")]),
        ("第一条 对首次认定的给予10万元。", [("一", "", "")]),
        (
            "一、认定奖励\n（1）首次认定。给予10万元。\n（2）晋级。补足差额。\n二、租金补贴\n"
            "（1）对租用的，每月每平方米30元。\n三、本办法自2024年1月1日起施行。",
            [
                ("一（一）", "一、认定奖励", "首次认定"),
                ("一（二）", "一、认定奖励", "晋级"),
                ("二（一）", "二、租金补贴", ""),
                ("三", "", ""),
            ],
        ),
        (
            "一、认定\n①首次认定的给予10万元。\n②晋级的补足差额。\n二、租金\n③每月每平方米30元。",
            [("一", "一、认定", ""), ("二", "一、认定", ""), ("三", "二、租金", "")],
        ),
        (
            "一、做大做强\n（一）首次上规。给予10万元。\n1. 工业企业10万元。\n2. 服务业5万元。\n"
            "（二）连续增长。给予5万元。\n二、支持创新\n（三）研发补助。按10%。",
            [
                ("一", "一、做大做强", "首次上规"),
                ("二", "一、做大做强", "连续增长"),
                ("三", "二、支持创新", "研发补助"),
            ],
        ),
        (
            "一、人才\n1. 安家补贴。给予5万元。\n2. 租房补贴。给予1万元。\n二、项目\n"
            "3. 落户。给予2万元。",
            [
                ("一", "一、人才", "安家补贴"),
                ("二", "一、人才", "租房补贴"),
                ("三", "二、项目", "落户"),
            ],
        ),
        (
            "一、对下列企业给予奖励：\n（一）国家级10万元；\n（二）省级5万元。\n二、补贴\n按租金的50%补贴。",
            [("一", "", ""), ("二", "", "补贴")],
        ),
        (
            "一、奖励标准：\n（1）国家级10万元；\n（2）省级5万元。\n二、申报程序\n（1）企业申报；\n（2）审核。",
            [("一", "", "奖励标准"), ("二", "", "申报程序")],
        ),
    ],
    ids=[
        *("bracketed digits", "half-width", "one bracket", "ringed", "ringed in one letter"),
        *("one article", "beneath", "ringed beneath", "three deep", "digits beneath"),
        *("a list", "two lists"),
    ],
)
def test_articles_by_other_numbers(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert cut_as(f"某区奖励办法\n{text}") == expected
    assert notice_of(f"某区奖励办法\n{text}").title == "某区奖励办法"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "第二条 支持措施\n（一）对引荐的，按3‰奖励。\n"
            "（二）对租用的，每月补贴30元；最高10万元。",
            [
                ("二（一）", "第二章 支持 第二条 支持措施", ""),
                ("二（二）", "第二章 支持 第二条 支持措施", ""),
            ],
        ),
        (
            "第二条 支持措施：\n1. 装修补贴。按每平方米2000元给予补贴。\n2. 租金补贴\n"
            "对租用的给予补贴。",
            [
                ("二（一）", "第二章 支持 第二条 支持措施：", "装修补贴"),
                ("二（二）", "第二章 支持 第二条 支持措施：", "租金补贴"),
            ],
        ),
        (
            "第二条 支持总部企业。鼓励总部企业落户。\n（一）对引荐的，按3‰奖励：\n1. 甲类；\n"
            "2. 乙类。\n（二）对租用的，给予补贴。\n以上就高不重复。",
            [
                ("二", "第二章 支持", "支持总部企业"),
                ("二（一）", "第二章 支持", ""),
                ("二（二）", "第二章 支持", ""),
            ],
        ),
        (
            "第二条 对首次认定的企业给予奖励：\n（一）国家级的，给予200万元；\n"
            "（二）省级的，给予50万元。",
            [("二", "第二章 支持", "")],
        ),
        (
            "第二条 对首次认定的企业给予奖励：\n（一）国家级的，给予200万元。\n"
            "（二）省级的，给予50万元。",
            [("二", "第二章 支持", "")],
        ),
        (
            "第二条 申报条件\n（一）在本区注册。\n（二）年度营业收入2000万元以上。",
            [("二", "第二章 支持", "申报条件")],
        ),
        ("第二条 支持措施\n（一）对引荐的，按3‰奖励。", [("二", "第二章 支持", "支持措施")]),
    ],
    ids=[
        *("clauses", "below a heading with a colon", "below a sentence", "a list"),
        *("led by a colon", "conditions", "a single one"),
    ],
)
def test_items_that_are_clauses_of_their_own_are_articles(
    text: str, expected: list[tuple[str, str, str]]
) -> None:
    whole_text = f"某区奖励办法\n第一章 总则\n第一条 制定本办法。\n第二章 支持\n{text}"
    assert cut_as(whole_text)[1:] == expected
    texts = "\n".join(each.text for each in notice_of(whole_text).articles)
    for line in text.splitlines()[1:]:
        assert texts.count(line) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "一、奖励\n对下列企业给予奖励。\n（一）甲。给予1万元。\n（二）乙。给予2万元。\n"
            "二、补贴\n（一）丙。给予3万元。",
            ["一", "一（一）", "一（二）", "二（一）"],
        ),
        (
            "一、奖励\n对下列企业给予奖励。\n（一）甲。给予1万元。\n（二）乙。给予2万元。\n"
            "二、补贴\n（三）丙。给予3万元。",
            ["一（首段）", "一", "二", "三"],
        ),
        (
            "第一章 总则\n第一条 制定本办法。\n第二章 支持\n下列企业可以申报。\n第二条 给予1万元。",
            ["一", "第二章", "二"],
        ),
        (
            "一、奖励\n（一）甲。给予1万元。\n二、对租用办公用房的总部企业，按照本区有关规定给予租金补贴和装修补贴。"
            "\n（一）丙。给予3万元。\n三、本办法自2024年1月1日起施行。\n细则另行制定。",
            ["一（一）", "二", "二（一）", "三"],
        ),
    ],
    ids=["numbers begin anew", "numbers go on", "chapters", "a long heading"],
)
def test_words_above_the_articles_are_numbered_as_what_they_stand_below(
    text: str, expected: list[str]
) -> None:
    assert [each.number for each in notice_of(f"某区奖励办法\n{text}").articles] == expected


UNNUMBERED = """
某区人民政府文件
关于印发某区奖励办法的通知
各街道办事处，区各有关单位：
现将《某区奖励办法》印发给你们，请认真贯彻执行。
某区人民政府
2024年1月1日
某区奖励办法
支持标准
对首次认定的企业给予奖励：
国家级10万元；
省级5万元。
对租用办公用房的企业，每月每平方米补贴30元。
申报程序
企业应当在每年6月申报。
本办法自2024年1月1日起施行。
附件：申报表
"""


def test_without_any_number_every_paragraph_is_an_article() -> None:
    notice = notice_of(UNNUMBERED)
    assert not notice.numbered
    assert notice.title == "某区奖励办法"
    assert [(each.number, each.chapter, each.text) for each in notice.articles] == [
        ("一", "支持标准", "对首次认定的企业给予奖励：\n国家级10万元；\n省级5万元。"),
        ("二", "支持标准", "对租用办公用房的企业，每月每平方米补贴30元。"),
        ("三", "申报程序", "企业应当在每年6月申报。"),
        ("附则", "", "本办法自2024年1月1日起施行。"),
    ]


@pytest.mark.parametrize(
    ("paragraph", "title"),
    [
        ("第一条 租金补贴。每月每平方米30元。", "租金补贴"),
        ("第一条 支持标准：每月每平方米30元。", "支持标准"),
        ("第一条（租金补贴）每月每平方米30元。", "租金补贴"),
        ("第一条【租金补贴】每月每平方米30元。", "租金补贴"),
        ("第一条　租金补贴　每月每平方米30元。", "租金补贴"),
        ("第一条 开拓应用场景。发布清单。", "开拓应用场景"),
        ("第一条 租金补贴\n每月每平方米30元。", "租金补贴"),
        ("第一条 对首次认定的企业给予奖励：国家级50万元。", ""),
        ("第一条 新认定的给予50万元奖励；晋级的补足差额。", ""),
        ("第一条 企业应当如实申报。弄虚作假的追回。", ""),
        ("第一条 企业租用办公用房的\n每月每平方米30元。", ""),
        ("第一条 租金补贴每月每平方米30元。", ""),
    ],
)
def test_a_title_is_no_half_sentence(paragraph: str, title: str) -> None:
    [article] = notice_of(f"某区奖励办法\n{paragraph}").articles
    assert article.title == title


def test_a_short_closing_sentence_with_a_day_is_no_signature() -> None:
    notice = notice_of(
        "办法\n一、租金补贴\n补贴30元。\n本办法自2024年1月1日起施行。\n2023年12月1日"
    )
    assert [each.text for each in notice.articles][1:] == ["本办法自2024年1月1日起施行。"]
    assert notice.issued == date(2023, 12, 1)


# --- what is found --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "按实际到账外资给予最高2%奖励，对总部和功能性机构，分别给予最高600万元和200万元补助，"
            "再奖励50万元。",
            [
                ("最高2%", "上限", "最高2%"),
                ("最高600万元", "上限", "最高600万元"),
                ("200万元", "上限", "最高200万元"),
                ("50万元", "金额", "50万元"),
            ],
        ),
        (
            "引荐的投资项目，实际投资额1000万元以下部分，按3‰奖励；1000万元—1亿元部分按4‰；"
            "1亿元以上部分按5‰，一次性奖励给引荐人；单个项目最高不超过100万元。",
            [
                ("1000万元以下部分", "分段", ""),
                ("3‰", "比例", "3‰"),
                ("1000万元—1亿元部分", "分段", ""),
                ("4‰", "比例", "4‰"),
                ("1亿元以上部分", "分段", ""),
                ("5‰", "比例", "5‰"),
                ("单个项目最高不超过100万元", "上限", "最高100万元"),
            ],
        ),
        (
            "实际自用办公面积2000平方米（含）以上，实缴注册资本5000万元（含）以上，"
            "按每平方米2000元给予最高不超过600万元装修补贴，分三年按40%、30%、30%发放。",
            [
                ("2000平方米（含）以上", "门槛", "≥ 2000平方米"),
                ("5000万元（含）以上", "门槛", "≥ 5000万元"),
                ("每平方米2000元", "按单位计算", ""),
                ("最高不超过600万元", "上限", "最高600万元"),
                ("分三年按40%、30%、30%", "分期兑付", "分三年按40%、30%、30%"),
            ],
        ),
        (
            "固定资产投资1000万元及以上且亩均投资强度不低于200万元的，按5%—20%给予奖励，"
            "可实行一事一议。",
            [
                ("1000万元及以上", "门槛", "≥ 1000万元"),
                ("亩均投资强度不低于200万元", "亩均、人均", "≥ 200万元/亩"),
                ("5%—20%", "区间", "5% 至 20%"),
                ("一事一议", "一事一议", "一事一议"),
            ],
        ),
        (
            "自认定之日起12个月内申报，增长超过百分之三十的，评选不超过五名。",
            [
                ("自认定之日起12个月内", "期限", "认定日期起12个月内"),
                ("增长超过百分之三十", "增幅", "> 30%"),
                ("不超过五名", "名额", "5"),
            ],
        ),
        (
            "自认定之日起三年内，首次认定为国家级、新认定为省级的，分别给予200万元、50万元；"
            "由省级晋升为国家级的，补足差额。",
            [
                ("自认定之日起三年内", "期限", "认定日期起3年内"),
                ("首次认定", "首次", ""),
                ("新认定", "首次", ""),
                ("200万元", "金额", "200万元"),
                ("50万元", "金额", "50万元"),
                ("由省级晋升为国家级", "晋级", ""),
                ("补足差额", "补差", ""),
            ],
        ),
        (
            "按到账金额的1%奖励，较上年增长20%以上的，奖励比例提高0.5个百分点，"
            "每亩税收20万元以上，再增加10%，单个企业年度累计不超过1000万元。",
            [
                ("1%", "比例", "1%"),
                ("较上年增长20%以上", "增幅", "≥ 20%"),
                ("提高0.5个百分点", "百分点", ""),
                ("每亩税收20万元以上", "亩均、人均", "≥ 20万元/亩"),
                ("10%", "比例", "10%"),
                ("单个企业年度累计不超过1000万元", "上限", "最高1000万元"),
            ],
        ),
        (
            "有效期三年，有效期限自2024年1月1日至2026年12月31日止，补贴期3年。",
            [
                ("有效期三年", "有效期", ""),
                ("有效期限自2024年1月1日至2026年12月31日止", "有效期", ""),
                ("补贴期3年", "年限", ""),
            ],
        ),
        (
            "自投产之日起，前两年按50%、后三年按25%给予奖励；第3至5年的，第一年给予100万元。",
            [
                ("自投产之日起", "起算日", ""),
                ("前两年", "第几年", ""),
                ("50%", "比例", "50%"),
                ("后三年", "第几年", ""),
                ("25%", "比例", "25%"),
                ("第3至5年", "第几年", ""),
                ("第一年", "第几年", ""),
                ("100万元", "金额", "100万元"),
            ],
        ),
        (
            "补贴期限3年，最长不超过五年，投产后3年内的连续三年补贴，超过前三年平均值。",
            [
                ("补贴期限3年", "年限", ""),
                ("最长不超过五年", "年限", ""),
                ("3年内", "期限", ""),
                ("连续三年", "年限", ""),
            ],
        ),
        (
            "房地产企业、类金融企业除外。除商贸流通业和建筑业以外，享受过同类补贴的除外。",
            [
                ("房地产企业、类金融企业除外", "除外", "除房地产企业、类金融企业外"),
                ("除商贸流通业和建筑业以外", "除外", "除商贸流通业、建筑业外"),
                ("享受过同类补贴的除外", "除外", ""),
            ],
        ),
        (
            "未达到100万元的，给予补足差额；市级标准不足的，补足至200万元，不含本数。",
            [
                ("未达到100万元", "门槛", "< 100万元"),
                ("补足差额", "补差", ""),
                ("补足至", "补差", ""),
                ("200万元", "金额", "200万元"),
            ],
        ),
    ],
    ids=[
        *("ceilings", "brackets", "thresholds", "range", "numerals"),
        *("first", "growth", "expiry"),
        *("years", "terms", "exclusions", "top-ups"),
    ],
)
def test_what_has_to_be_placed(sentence: str, expected: list[tuple[str, str, str]]) -> None:
    assert found_in(f"若干政策\n一、{sentence}") == expected


@pytest.mark.parametrize(
    ("sentence", "words", "goes_to"),
    [
        ("按每月每平方米30元、最多1000平方米给予租金补贴。", "最多1000平方米", "取小(面积;"),
        ("同一企业每年最高36万元。", "同一企业每年最高36万元", "合计封顶"),
        ("单个企业年度累计不超过1000万元。", "单个企业年度累计不超过1000万元", "“年度上限”"),
        ("每年最高不超过30万元。", "每年最高不超过30万元", "年度上限"),
        ("每个项目最高10万元。", "每个项目最高10万元", "最高限额"),
        ("按每个项目10万元补贴。", "每个项目10万元", "面积 × 2000元/平方米"),
        ("自认定之日起三年内。", "自认定之日起三年内", "申请日期"),
        ("同一企业就高不重复。", "就高不重复", "“同类组”列写组名"),
        ("有效期3年。", "有效期3年", "“失效日期”"),
        ("提高0.5个百分点。", "提高0.5个百分点", "不写“上浮”"),
        ("累计不超过1000万元。", "累计不超过1000万元", "累计上限"),
        ("单个项目最高不超过100万元。", "单个项目最高不超过100万元", "最高限额"),
        ("按每月每平方米30元补贴。", "每月每平方米30元", "× 30元/平方米 × 月数"),
        ("按30元/平方米/月补贴。", "30元/平方米/月", "× 30元/平方米 × 月数"),
        ("按每平方米30元补贴。", "每平方米30元", "“面积 × 2000元/平方米”"),
        ("期限3年。", "期限3年", "“分期”"),
        ("前两年给予50万元。", "前两年", "“≤ 2”"),
        ("第3至5年给予20万元。", "第3至5年", "“> 2 且 ≤ 5”"),
        ("对差额部分予以补足。", "差额部分予以补足", "“补足至100万元（已享受 某指标）”"),
        ("房地产企业除外。", "房地产企业除外", "“除房地产外”"),
    ],
)
def test_a_piece_goes_where_its_kind_is_written(sentence: str, words: str, goes_to: str) -> None:
    notice = notice_of(f"若干政策\n一、{sentence}")
    places = {each.words: each.goes_to for a in notice.articles for each in propose(a)}
    assert goes_to in places[words]


def test_a_ceiling_of_a_rate_goes_to_the_amount(wuxi: Notice) -> None:
    proposals = {each.words: each for article in wuxi.articles for each in propose(article)}
    assert "最高限额" not in proposals["最高2%"].goes_to
    assert "“金额”（写成“某指标的最高2%”）" in proposals["最高2%"].goes_to
    assert "最高限额" in proposals["最高600万元"].goes_to


def test_the_sheets_hold_it_all_and_nothing_is_live(wuxi: Notice) -> None:
    sheets = notice_sheets(wuxi)
    assert set(sheets) == {"政策", "条款", "待核"}
    assert {row[-1] for row in sheets["待核"][1:]} == {"待核"}
    kinds = {row[0]: row[-1] for row in sheets["条款"][1:]}
    assert kinds["六"] == kinds["十六"] == "可计算"
    assert kinds["十五"] == "评选"
    assert kinds["二"] == "引用他文"


def test_what_is_filled_in_by_itself_and_what_is_not() -> None:
    sheets = notice_sheets(
        notice_of(
            "某区办法\n第一条 给予10万元。同一企业就高不重复。\n"
            "第二条 本办法自2024年1月1日起施行，有效期3年。"
        )
    )
    facts = dict(sheets["政策"][1:])
    assert list(facts) == list(documented("keys", "政策"))
    assert facts["失效日期"] == "2026-12-31"
    assert facts["同类政策"] == facts["取整"] == ""
    assert {row[2]: row[4] for row in sheets["待核"][1:]}["有效期3年"] == "2026-12-31"


# --- files ----------------------------------------------------------------------------------------


def test_word_documents_with_typed_and_with_automatic_numbers(tmp_path: Path) -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    numbering.insert(
        0,
        parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">'
            '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>'
            '<w:lvlText w:val="%1、"/></w:lvl>'
            '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>'
            '<w:lvlText w:val="（%2）"/></w:lvl>'
            '<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimalEnclosedCircle"/>'
            '<w:lvlText w:val="%3"/></w:lvl></w:abstractNum>'
        ),
    )
    numbering.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>')
    )

    def add(text: str, level: int | None = None) -> None:
        paragraph = document.add_paragraph(text)
        if level is not None:
            paragraph._p.get_or_add_pPr().append(
                parse_xml(
                    f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="77"/>'
                    "</w:numPr>"
                )
            )

    add("若干政策措施")
    add("引荐", 0)
    add("甲。给予最高50万元。", 1)
    add("乙。给予最高60万元。", 1)
    add("落户", 0)
    add("丙。给予最高70万元。", 1)
    add("丁类20万元。", 2)
    add("戊类30万元。", 2)
    add("本措施由某局负责解释。")
    path = tmp_path / "通知.docx"
    document.save(str(path))
    paragraphs, findings = read_paragraphs(path)
    assert findings == ()
    notice = cut(paragraphs)
    assert [each.number for each in notice.articles] == [
        "一（一）",
        "一（二）",
        "二（一）",
        "附则",
    ]
    assert notice.articles[1].text == "（二）乙。给予最高60万元。"
    assert notice.articles[2].text == "（一）丙。给予最高70万元。\n①丁类20万元。\n②戊类30万元。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "通知.txt"
    path.write_text("若干政策\n一、甲。给予最高50万元。\n", encoding)
    paragraphs, findings = read_paragraphs(path)
    assert findings == ()
    assert paragraphs == ("若干政策", "一、甲。给予最高50万元。")


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (201 << 20))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "N105"),
        (b"\xff\x00\x00\x01", "N107"),
        (b"PK\x03\x04 broken", "N109"),
        (b"%PDF-1.7\x00\x01", "N107"),
    ],
)
def test_what_is_no_notice_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "通知.docx"
    path.write_bytes(content)
    paragraphs, findings = read_paragraphs(path)
    assert paragraphs == ()
    assert [each.code for each in findings] == [code]


def test_a_document_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "通知.docx"
    path.write_bytes(bomb())
    assert [each.code for each in read_paragraphs(path)[1]] == ["N108"]


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    assert [each.code for each in read_paragraphs(tmp_path / "无.txt")[1]] == ["N101"]
    assert [each.code for each in read_paragraphs(tmp_path)[1]] == ["N102"]


# --- numerals and any text ------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(1, 100))
def test_numerals(number: int) -> None:
    assert whole(numeral(number)) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023年9月28日", date(2023, 9, 28)),
        ("二〇二四年一月十日", date(2024, 1, 10)),
        ("二○二四年十二月三十一日", date(2024, 12, 31)),
        ("2023年13月1日", None),
        ("无", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert find_day(text) == day


WORDS = st.sampled_from(
    (
        *("一、", "（一）", "第一条", "1.", "第二章", "最高", "50万元", "5‰", "以上", "（含）"),
        *("—", "。", "；", "：", "2023年9月28日", "自", "起施行", "有效期", "三年", "至", "由"),
        *("负责解释", "本措施", "\n", "某局", "政策"),
    )
)


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=60).map("".join) | st.text(max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    notice = notice_of(text)
    sheets = notice_sheets(notice)
    numbers = [row[0] for row in sheets["条款"][1:]]
    assert len(set(numbers)) == len(numbers)
    assert all(numbers)


# --- into a workbook ------------------------------------------------------------------------------


def test_a_notice_becomes_a_workbook_to_work_on(wuxi: Notice) -> None:
    """Everything is there verbatim, and nothing is live: no field, no rule, no case."""
    sheets, findings = read_sheets(new_book(wuxi).file)
    assert findings == ()
    named = {sheet.name: sheet for sheet in sheets}
    texts = {cell.text for cell in named["条款"].cells.values()}
    assert texts >= {article.text for article in wuxi.articles}
    draft = understand(sheets).draft
    assert draft is not None
    assert [each.number for each in draft.provisions] == [each.number for each in wuxi.articles]
    assert (draft.title, draft.effective) == (wuxi.title, wuxi.effective)
    assert (draft.fields, draft.measures) == ((), ())
    assert draft.tables == ()
    codes = {each.code: each.severity for each in understand(sheets).findings}
    assert codes == {
        "W241": Severity.ERROR,
        "W295": Severity.WARNING,
        "W297": Severity.ADVICE,
    }
    states = [cell.text for (row, column), cell in named["待核"].cells.items() if column == 7]
    assert states[0] == "处理"
    assert set(states[1:]) == {"待核"}
    assert len(states) - 1 == sum(len(propose(article)) for article in wuxi.articles)
