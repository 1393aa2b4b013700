"""The colours of the template, and which of them a heading has."""

from __future__ import annotations

from authoring.cases.expectations import PREFIX
from authoring.headings import documented
from authoring.template.columns import must_be_filled
from authoring.template.survey import CASES, CONTESTS

FONT = "Microsoft YaHei"
DARK, LIGHT, PAPER, FACT, EXPECTED = "2F5D8A", "DCE6F1", "F5F7FA", "E2EFDA", "FCE4D6"
ROLE = "B8CCE4"
INK, FAINT, WHITE = "1F2933", "6B7785", "FFFFFF"


def heading_fill(sheet: str, heading: str) -> str:
    """The colour behind a heading of a plain sheet."""
    if heading.startswith(PREFIX) and sheet in (CASES, CONTESTS):
        return EXPECTED
    if heading not in documented("headings", sheet):
        return FACT
    return DARK if must_be_filled(sheet, heading) else LIGHT
