"""From the notice to the book: its articles verbatim, and what of them a drafter must place."""

from __future__ import annotations

from authoring.notice.paragraphs import read_paragraphs
from authoring.notice.proposals import Matter, Proposal, propose
from authoring.notice.sheets import PENDING, PROPOSALS, notice_sheets
from authoring.notice.structure import Article, Notice, cut

__all__ = [
    "PENDING",
    "PROPOSALS",
    "Article",
    "Matter",
    "Notice",
    "Proposal",
    "cut",
    "notice_sheets",
    "propose",
    "read_paragraphs",
]
