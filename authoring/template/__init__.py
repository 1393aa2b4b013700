"""The workbook that drafters begin with, and the renewal of what helps them to fill it in."""

from __future__ import annotations

from authoring.package.splice import UnreadablePartError
from authoring.template.bare import bare_book
from authoring.template.guide import VERSION
from authoring.template.missing import NewHeading
from authoring.template.renew import Renewal, renew
from authoring.workbook import read_sheets

__all__ = ["VERSION", "NewHeading", "Renewal", "UnreadablePartError", "new_book", "renew"]


def new_book() -> Renewal:
    """The template: an invented policy that compiles as it stands."""
    file = bare_book()
    sheets, _ = read_sheets(file)
    return renew(file, sheets, fit_rows=True)
