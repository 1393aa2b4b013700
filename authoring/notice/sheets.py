"""A notice as the rows of a workbook: 政策 and 条款 filled, and the sheet 待核 of what to place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from authoring.headings import documented
from authoring.notice.proposals import Matter, Proposal, propose
from authoring.notice.structure import CLOSING, Article, Notice
from authoring.own_sheets import HANDLED_HEADING, TO_PLACE
from engine.model import ProvisionKind

PROPOSALS = PENDING = TO_PLACE
PLACED, NOT_NEEDED = "已放入", "不需要"
STATES = (PENDING, PLACED, NOT_NEEDED)
PROPOSAL_HEADINGS = (
    "条款编号",
    "原句",
    "找到的词",
    "可能是",
    "单元格写法",
    "放到哪里",
    HANDLED_HEADING,
)

_MONEY = (
    Matter.AMOUNT,
    Matter.CEILING,
    Matter.RATE,
    Matter.PER_UNIT,
    Matter.BRACKET,
)


def notice_sheets(notice: Notice) -> dict[str, list[list[str]]]:
    """The rows of 政策, 条款 and 待核, headings first."""
    proposals = [
        _with_day(each, notice) for article in notice.articles for each in propose(article)
    ]
    return {
        "政策": [["项", "值"], *_policy_rows(notice)],
        "条款": [
            ["条款编号", "章", "标题", "条款原文", "类型"],
            *(_article_row(each, proposals) for each in notice.articles),
        ],
        PROPOSALS: [list(PROPOSAL_HEADINGS), *map(_proposal_row, proposals)],
    }


def _with_day(proposal: Proposal, notice: Notice) -> Proposal:
    if proposal.matter is not Matter.EXPIRY or notice.expires is None:
        return proposal
    return replace(proposal, spelling=notice.expires.isoformat())


def _policy_rows(notice: Notice) -> list[list[str]]:
    facts = {
        "标题": notice.title,
        "文号": notice.number,
        "发文机关": notice.issuer,
        "成文日期": "" if notice.issued is None else notice.issued.isoformat(),
        "施行日期": "" if notice.effective is None else notice.effective.isoformat(),
        "失效日期": "" if notice.expires is None else notice.expires.isoformat(),
        "解释部门": notice.interpreter,
        "同类政策": notice.stacking,
    }
    return [[name, facts.get(name, "")] for name in documented("keys", "政策")]


def _article_row(article: Article, proposals: Sequence[Proposal]) -> list[str]:
    matters = {each.matter for each in proposals if each.article == article.number}
    kind = _kind(article, matters).value
    return [article.number, article.chapter, article.title, article.text, kind]


def _kind(article: Article, matters: set[Matter]) -> ProvisionKind:
    """类型 as far as the words tell; a person looks at it again."""
    if article.number == CLOSING:
        return ProvisionKind.ORGANISATION
    if "评选" in article.text and Matter.QUOTA in matters:
        return ProvisionKind.SELECTION
    if not matters.isdisjoint(_MONEY):
        return ProvisionKind.COMPUTABLE
    if Matter.DISCRETION in matters:
        return ProvisionKind.CASE_BY_CASE
    if Matter.REGULATION in matters:
        return ProvisionKind.REFERENCE
    return ProvisionKind.ORGANISATION


def _proposal_row(proposal: Proposal) -> list[str]:
    return [
        proposal.article,
        proposal.sentence,
        proposal.words,
        proposal.matter.value,
        proposal.spelling,
        proposal.goes_to,
        PENDING,
    ]
