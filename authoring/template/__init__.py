"""The workbook that drafters begin with, and the renewal of what helps them to fill it in."""

from __future__ import annotations

from authoring.notice import PROPOSALS, Notice, notice_sheets
from authoring.package.splice import UnreadablePartError
from authoring.template.bare import bare_book
from authoring.template.blank import blank_pages
from authoring.template.example import example_pages
from authoring.template.guide import VERSION
from authoring.template.missing import NewHeading
from authoring.template.renew import Renewal, renew
from authoring.template.tidy import Column, Tidied, drop_left_over
from authoring.workbook import read_sheets

__all__ = [
    "VERSION",
    "Column",
    "NewHeading",
    "Renewal",
    "Tidied",
    "UnreadablePartError",
    "drop_left_over",
    "new_book",
    "renew",
]


def new_book(notice: Notice | None = None, *, blank: bool = False) -> Renewal:
    """The template: an invented policy that compiles as it stands, or a notice to be worked on.

    ``blank`` leaves the invented policy out.
    """
    if notice is not None:
        written = notice_sheets(notice)
        file = bare_book(blank_pages(written), written[PROPOSALS])
    elif blank:
        file = bare_book(blank_pages())
    else:
        file = bare_book(example_pages(), example=True)
    sheets, _ = read_sheets(file)
    return renew(file, sheets, fit_rows=True)
