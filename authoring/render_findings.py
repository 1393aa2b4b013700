"""Findings for the terminal, in the manner of rustc: what, where, the row itself, what to do.

Also as plain dicts for JSON. Widths count Chinese characters as two columns.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from authoring.messages import fill, text, words
from authoring.widths import clip, display_width
from authoring.workbook import Sheet
from engine.cells import Place
from engine.findings import Finding, Severity

CELL_WIDTH = 16
MARKED_WIDTH = 48
ROW_WIDTH = 96
GAP = " | "
MOST_NAMED = 12
"""Of how many more cells the places are written."""
MOST_TOLD = 300
"""So many things are told; nobody reads more on a terminal."""


@dataclass(frozen=True, slots=True)
class _Excerpt:
    """A piece of a row on one line, and the columns of it that are meant."""

    line: str
    start: int
    width: int


def render_findings(findings: Iterable[Finding], sheets: Iterable[Sheet] = ()) -> str:
    """All findings, gravest first, with a closing count."""
    found = list(findings)
    return "\n\n".join([*(text for _, text in told(found, sheets)), summary(found)])


def told(findings: Iterable[Finding], sheets: Iterable[Sheet] = ()) -> list[tuple[Severity, str]]:
    """What there is to say, gravest first; what is the same in many cells is said once."""
    by_name = {sheet.name: _Rows(sheet) for sheet in sheets}
    order = list(Severity)
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for each in sorted(findings, key=lambda each: order.index(each.severity)):
        spoken = words(each.code)
        said = fill(spoken.message, each.params), fill(spoken.help, each.params)
        alike.setdefault((each.code, each.severity, said, each.did_you_mean), []).append(each)
    lines = [
        (first.severity, _render(first, by_name, [each.at for each in rest if each.at]))
        for first, *rest in islice(alike.values(), MOST_TOLD)
    ]
    if len(alike) > MOST_TOLD:
        more = text("findings.untold", count=len(alike) - MOST_TOLD)
        lines.append((Severity.ADVICE, more))
    return lines


def summary(findings: Iterable[Finding]) -> str:
    """How many findings there are of each severity."""
    counts = dict.fromkeys(Severity, 0)
    for each in findings:
        counts[each.severity] += 1
    return text("findings.summary", **{str(name): count for name, count in counts.items()})


def render_finding(finding: Finding, sheets: Mapping[str, Sheet] | None = None) -> str:
    """One finding over several lines."""
    return _render(finding, {name: _Rows(sheet) for name, sheet in (sheets or {}).items()})


def _render(finding: Finding, sheets: Mapping[str, _Rows], more: Sequence[Place] = ()) -> str:
    """A finding over several lines; ``more`` are other cells of which the same is to be said."""
    spoken = words(finding.code)
    message = _one_line(fill(spoken.message, finding.params))
    severity = text(f"findings.{finding.severity}")
    lines = [f"{severity}[{finding.code}] {message}"]
    sheet = None
    if finding.at is not None:
        lines.append(f"  --> {_one_line(str(finding.at))}")
        sheet = sheets.get(finding.at.cell.sheet)
    elif inside := finding.params.get("path") or finding.params.get("field"):
        lines.append(f"  --> {_one_line(str(inside))}")
    margin = "   "
    if finding.at is not None and sheet is not None:
        number = str(finding.at.cell.row)
        margin = " " * (len(number) + 2)
        excerpt = _excerpt(sheet, finding.at)
        lines.append(f"{margin}|")
        lines.append(f" {number} | {excerpt.line}".rstrip())
        lines.append(f"{margin}| {' ' * excerpt.start}{'^' * excerpt.width}")
    help_text = _one_line(fill(spoken.help, finding.params))
    lines.append(f"{margin}= {text('findings.help')}{help_text}")
    if finding.did_you_mean:
        meant = text("findings.or").join(f"「{_one_line(each)}」" for each in finding.did_you_mean)
        lines.append(f"{margin}= {text('findings.did_you_mean', meant=meant)}")
    related = [_one_line(str(each)) for each in finding.related]
    if unsaid := [each for each in related if each not in message]:
        lines.append(f"{margin}= {text('findings.related', places='、'.join(unsaid))}")
    if more:
        places = "、".join(_one_line(str(each)) for each in more[:MOST_NAMED])
        key = "findings.more" if len(more) <= MOST_NAMED else "findings.many_more"
        lines.append(f"{margin}= {text(key, count=len(more), places=places)}")
    return "\n".join(lines)


def finding_json(finding: Finding) -> dict[str, object]:
    """A finding as plain data: its code and place for programs, its words for people."""
    spoken = words(finding.code)
    return {
        "code": finding.code,
        "name": spoken.name,
        "severity": finding.severity.value,
        "at": None if finding.at is None else _place_json(finding.at),
        "path": finding.params.get("path"),
        "message": fill(spoken.message, finding.params),
        "help": fill(spoken.help, finding.params),
        "did_you_mean": list(finding.did_you_mean),
        "related": [_place_json(each) for each in finding.related],
    }


def _place_json(place: Place) -> dict[str, object]:
    return {
        "cell": str(place.cell),
        "sheet": place.cell.sheet,
        "row": place.cell.row,
        "column": place.cell.column,
        "start": place.start,
        "end": place.end,
    }


# --- the row --------------------------------------------------------------------------------------


class _Rows:
    """A sheet, and where its rows end."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._last: dict[int, int] | None = None

    def last_column(self, row: int) -> int:
        """The last filled column of a row; 0 when it is blank."""
        if self._last is None:
            self._last = {}
            for at, column in self.sheet.cells:
                self._last[at] = max(column, self._last.get(at, 0))
        return self._last.get(row, 0)


def _excerpt(rows: _Rows, place: Place) -> _Excerpt:
    """As much of the row around a cell as fits on a line."""
    sheet, row, marked = rows.sheet, place.cell.row, place.cell.column
    last = max(marked, rows.last_column(row))
    shown = {column: _cell_text(sheet, row, column) for column in range(1, last + 1)}
    target, start, width = _marked(shown[marked], place)
    pieces = [target]
    room = ROW_WIDTH - display_width(target)
    before, after = marked - 1, marked + 1
    while before >= 1 or after <= last:
        grown = False
        for column, at_front in ((before, True), (after, False)):
            if not 1 <= column <= last:
                continue
            piece = clip(shown[column], CELL_WIDTH)
            needed = display_width(piece) + len(GAP)
            if needed > room:
                continue
            room -= needed
            grown = True
            if at_front:
                pieces.insert(0, piece)
                start += needed
                before -= 1
            else:
                pieces.append(piece)
                after += 1
        if not grown:
            break
    return _Excerpt(GAP.join(pieces), start, width)


def _cell_text(sheet: Sheet, row: int, column: int) -> str:
    cell = sheet.cells.get((row, column))
    return "" if cell is None else _same_length(cell.text or cell.formula)


def _marked(content: str, place: Place) -> tuple[str, int, int]:
    """The marked cell, cut around the characters that are meant; and their columns in it."""
    begin = min(place.start, len(content))
    end = len(content) if place.end is None else min(max(place.end, begin), len(content))
    if display_width(content) > MARKED_WIDTH:
        first = max(0, begin - 8)
        lead = "…" if first else ""
        content = lead + content[first:]
        begin, end = begin - first + len(lead), end - first + len(lead)
        content = clip(content, MARKED_WIDTH)
        begin, end = min(begin, len(content)), min(end, len(content))
    start = display_width(content[:begin])
    return content, start, max(1, display_width(content[begin:end]))


def _same_length(content: str) -> str:
    """The text on one line and without control characters, position by position."""
    return "".join(
        " " if unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp") else each for each in content
    )


def _one_line(content: str) -> str:
    return _same_length(content).strip()
