"""The sheets 检查结果 and 理解一览 of an annotated workbook: what there is to say, with links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from authoring.messages import text
from authoring.own_sheets import FINDINGS_SHEET, READINGS_SHEET, TITLES
from authoring.package.looks import Look, add_looks
from authoring.package.pages import Page, Written, spell_page
from authoring.package.parts import Package
from authoring.readings import Reading
from authoring.remarks import Annotations, Remark, spell_meant
from authoring.spelling import key
from authoring.workbook import Sheet
from engine.cells import CellRef
from engine.findings import Severity

COLOURS = {Severity.ERROR: "FFC7CE", Severity.WARNING: "FFEB9C", Severity.ADVICE: "DDEBF7"}
_TABS = {Severity.ERROR: "C00000", Severity.WARNING: "E0A000", Severity.ADVICE: "2F5D8A"}
_HEADING_COLOUR = "2F5D8A"
_FACE = '<name val="微软雅黑"/><family val="2"/><charset val="134"/>'
_TOP = '<alignment vertical="top" wrapText="1"/>'
_RULED = (
    '<border><left/><right/><top/><bottom style="thin"><color rgb="FFD9D9D9"/></bottom>'
    "<diagonal/></border>"
)
_TEXT_FORMAT = 49
"""The format @: a text that is edited in Excel stays a text."""
_MOST_WRITTEN = 200

Row = tuple[Written | None, ...]


@dataclass(frozen=True, slots=True)
class Looks:
    """The numbers of the formats that the pages use."""

    title: int
    plain: int
    heading: int
    text: int
    link: int
    severities: Mapping[Severity, int]


def findings_page(
    looks: Looks, annotations: Annotations, sheets: Mapping[str, Sheet], most: int | None
) -> bytes:
    """The sheet 检查结果; where not all cells could have a note, ``most`` says how many have."""
    remarks = annotations.remarks
    rows: list[Row] = [
        (Written(TITLES[FINDINGS_SHEET], looks.title),),
        (Written(_summary(remarks), looks.plain),),
        (Written(text("annotate_findings.how"), looks.plain),),
    ]
    if most is not None:
        rows.append((Written(text("annotate_findings.few_notes", count=most), looks.plain),))
    rows.append(())
    merged = [*range(1, len(rows) + 1)]
    frozen = 0
    if remarks:
        names = ("number", "label", "place", "written", "message", "help", "did_you_mean")
        rows.append(_headings("annotate_findings", (*names, "related", "code"), looks))
        frozen = len(rows)
        for number, remark in enumerate(remarks, start=1):
            rows.append(_remark(number, remark, sheets, looks))
    if annotations.mends:
        count = len(annotations.mends)
        rows.append(())
        rows.append((Written(text("annotate_findings.mends", count=count), looks.title),))
        merged.append(len(rows))
        headings = _headings("annotate_findings", ("place", "before", "after", "why"), looks)
        rows.append((None, None, *headings))
        for at, before, after, why in annotations.mends:
            cells = (Written(each, looks.text) for each in (before, after, why))
            rows.append((None, None, _place(at, sheets, looks), *cells))
    gravest = remarks[0].severity if remarks else Severity.ADVICE
    widths = (6, 10, 18, 26, 40, 46, 20, 18, 8)
    return spell_page(Page(rows, widths, frozen, merged, _TABS[gravest], {1: 26}))


def readings_page(looks: Looks, readings: Sequence[Reading], sheets: Mapping[str, Sheet]) -> bytes:
    """The sheet 理解一览."""
    rows: list[Row] = [
        (Written(TITLES[READINGS_SHEET], looks.title),),
        (Written(text("annotate_readings.how"), looks.plain),),
        (),
        _headings("annotate_readings", ("place", "rule", "subject", "written", "read"), looks),
    ]
    order = {name: number for number, name in enumerate(sheets)}
    for each in sorted(readings, key=lambda one: (order.get(one.at.sheet, 0), one.at)):
        written = _written(each.at, sheets)
        otherwise = key(written) != key(each.text)
        rows.append(
            (
                _place(each.at, sheets, looks),
                *(Written(cell, looks.text) for cell in (each.rule, each.subject, written)),
                Written(each.text, looks.severities[Severity.ADVICE] if otherwise else looks.text),
            )
        )
    widths = (18, 16, 24, 50, 60)
    return spell_page(Page(rows, widths, 4, (1, 2, 3), _HEADING_COLOUR, {1: 26}))


def _summary(remarks: Sequence[Remark]) -> str:
    unmet = sum(not each.code for each in remarks)
    counts = Counter(each.severity for each in remarks if each.code)
    told = text("annotate_findings.summary", **{str(each): counts[each] for each in Severity})
    return told + (text("annotate_findings.summary_unmet", count=unmet) if unmet else "")


def _headings(section: str, names: Sequence[str], looks: Looks) -> Row:
    return tuple(Written(text(f"{section}.{name}"), looks.heading) for name in names)


def _remark(number: int, remark: Remark, sheets: Mapping[str, Sheet], looks: Looks) -> Row:
    if remark.at is None:
        place = Written(text("annotate_findings.whole_book"), looks.text)
        written = ""
    else:
        place = _place(remark.at.cell, sheets, looks)
        written = _written(remark.at.cell, sheets)
    related = "、".join(dict.fromkeys(str(each.cell) for each in remark.related))
    first = remark.related[0].cell if remark.related else None
    return (
        Written(number, looks.text),
        Written(remark.label, looks.severities[remark.severity]),
        place,
        Written(written, looks.text),
        Written(remark.message, looks.text),
        Written(remark.help, looks.text),
        Written(spell_meant(remark.did_you_mean), looks.text),
        Written(related, looks.link if first else looks.text, first),
        Written(remark.code, looks.text),
    )


def _place(at: CellRef, sheets: Mapping[str, Sheet], looks: Looks) -> Written:
    """A place to click on; a hidden sheet cannot be gone to."""
    sheet = sheets.get(at.sheet)
    if sheet is not None and not sheet.hidden:
        return Written(str(at), looks.link, at)
    return Written(text("annotate_findings.hidden", place=at), looks.text)


def _written(at: CellRef, sheets: Mapping[str, Sheet]) -> str:
    sheet = sheets.get(at.sheet)
    cell = sheet.cells.get((at.row, at.column)) if sheet else None
    told = (cell.text or cell.formula) if cell else ""
    return told if len(told) <= _MOST_WRITTEN else told[: _MOST_WRITTEN - 1] + "…"


def add_page_looks(package: Package) -> Looks:
    """Add the formats that the pages use."""

    def font(size: int, before: str = "", colour: str = "") -> str:
        shade = f'<color rgb="FF{colour}"/>' if colour else ""
        return f'<font>{before}<sz val="{size}"/>{shade}{_FACE}</font>'

    def look(font_: str, colour: str = "", alignment: str = _TOP, border: str = "") -> Look:
        fill = (
            f'<fill><patternFill patternType="solid"><fgColor rgb="FF{colour}"/>'
            '<bgColor indexed="64"/></patternFill></fill>'
            if colour
            else ""
        )
        return Look(font_, fill, border, alignment, _TEXT_FORMAT)

    title, plain, heading, text_, link, *severities = add_looks(
        package,
        (
            look(font(14, "<b/>"), alignment='<alignment vertical="center"/>'),
            look(font(10, colour="595959"), alignment='<alignment vertical="top"/>'),
            look(
                font(10, "<b/>", "FFFFFF"),
                _HEADING_COLOUR,
                '<alignment vertical="center" wrapText="1"/>',
            ),
            look(font(10), border=_RULED),
            look(font(10, "<u/>", "0563C1"), border=_RULED),
            *(look(font(10), colour, border=_RULED) for colour in COLOURS.values()),
        ),
    )
    return Looks(title, plain, heading, text_, link, dict(zip(COLOURS, severities, strict=True)))
