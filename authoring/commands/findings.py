"""Findings as the command line shows them: the words of ``render_findings``, in colour."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from authoring.chinese_text import ChineseText
from authoring.render_findings import told
from authoring.workbook import Sheet
from engine.findings import Finding, Severity

_STYLES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.ADVICE: "bold blue",
}


def render(findings: Sequence[Finding], sheets: Sequence[Sheet]) -> RenderableType:
    """What there is to say, gravest first, each with an empty line after it."""
    return Group(
        *(
            part
            for severity, text in told(findings, sheets)
            for part in _finding(text, _STYLES[severity])
        )
    )


def _finding(text: str, style: str) -> list[RenderableType]:
    first, *rest = text.splitlines()
    return [ChineseText(first, style), *(_line(each, style) for each in rest), Text()]


def _line(line: str, style: str) -> RenderableType:
    """Excerpts keep their columns; advice may be broken, and hangs below its beginning."""
    margin, sign, _ = line.partition("|")
    if sign and not margin.strip(" 0123456789"):
        return Text(line, style if "^" in line else "", no_wrap=True, overflow="ignore")
    lead, colon, advice = line.partition("：")
    if not colon:
        return ChineseText(line, "dim")
    grid = Table.grid()
    grid.add_column(no_wrap=True)
    grid.add_row(Text(lead + colon), ChineseText(advice))
    return grid
