"""The workbook that drafters begin with, and the renewal of what helps them to fill it in."""

from __future__ import annotations

from authoring.notice import PROPOSALS, Notice, notice_sheets
from authoring.package.splice import UnreadablePartError
from authoring.template.bare import bare_book
from authoring.template.example import example_pages
from authoring.template.from_notice import notice_pages
from authoring.template.guide import VERSION
from authoring.template.missing import NewHeading
from authoring.template.renew import Renewal, renew
from authoring.workbook import read_sheets

__all__ = ["VERSION", "NewHeading", "Renewal", "UnreadablePartError", "new_book", "renew"]


def new_book(notice: Notice | None = None) -> Renewal:
    """The template: an invented policy that compiles as it stands, or a notice to be worked on."""
    if notice is None:
        file = bare_book(example_pages())
    else:
        file = bare_book(notice_pages(notice), notice_sheets(notice)[PROPOSALS])
    sheets, _ = read_sheets(file)
    return renew(file, sheets, fit_rows=True)
