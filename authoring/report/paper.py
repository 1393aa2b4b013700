"""A Word document on A4, piece by piece: headings, paragraphs, tables as wide as the text.

It knows nothing of policies. Every text goes through ``printable``.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple, TypeAlias

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table
from docx.text.paragraph import Paragraph

from authoring.printable import printable

WIDTH, HEIGHT, MARGIN = 21.0, 29.7, 2.2
TEXT_WIDTH = WIDTH - 2 * MARGIN
"""Centimetres."""
_BODY, _HEAD, _LATIN = "宋体", "黑体", "Times New Roman"
_INDENT, _CELL_MARGIN = 0.35, 0.15
_LONGEST_UNSPLIT = 400
"""Characters of a cell up to which its row stays on one page."""
_LINE, _HEAD_FILL, _SIDE_FILL, _QUOTE_FILL = "9AA5B1", "E4EAF1", "F3F5F8", "F7F5EE"


class Run(NamedTuple):
    """A piece of text in one look; ``look`` is a key of ``_LOOKS``."""

    text: str
    look: str = ""


class _Look(NamedTuple):
    bold: bool = False
    colour: str = ""
    small: bool = False


_LOOKS = {
    "": _Look(),
    "bold": _Look(bold=True),
    "faint": _Look(colour="6B7480"),
    "small": _Look(colour="6B7480", small=True),
    "yes": _Look(colour="1E7B34"),
    "no": _Look(bold=True, colour="B3261E"),
    "unknown": _Look(colour="8A5A00"),
    "accent": _Look(bold=True, colour="17406D"),
}

Told: TypeAlias = "str | Run | Sequence[Run]"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell of a table; ``indent`` counts steps to the right."""

    told: Told
    indent: int = 0
    right: bool = False


class Paper:
    """A document while it is written, from top to bottom."""

    def __init__(self, header: str, footer: str, page: str, author: str, title: str) -> None:
        """Begin a document. ``page`` says where the reader is: ``第 {page} 页，共 {pages} 页``."""
        self._document = Document()
        self._ids: dict[str, str | None] = {}
        """Style ids by name: looking a style up for every cell would take most of the time."""
        self._set_up_page()
        self._set_up_styles()
        self._head_and_foot(header, footer, page)
        self._author, self._title = author, title

    def to_bytes(self, on: date) -> bytes:
        """The document as a file, made on a day."""
        properties = self._document.core_properties
        properties.author = properties.last_modified_by = printable(self._author)
        properties.title = printable(self._title)[:255]
        properties.comments = ""
        properties.language = "zh-CN"
        properties.created = properties.modified = datetime.combine(on, time())
        target = io.BytesIO()
        self._document.save(target)
        return target.getvalue()

    # pieces

    def title(self, text: str) -> None:
        """The name of the whole document."""
        self._paragraph(text, "Title")

    def heading(self, told: Told, level: int = 1) -> None:
        """A heading; it stays with what follows."""
        self._paragraph(told, f"Heading {level}")

    def heading_with(self, text: str, beside: str) -> None:
        """A heading of an item with something at the right edge, such as an amount."""
        paragraph = self._paragraph((Run(text), Run("\t"), Run(beside, "accent")), "Heading 2")
        stops = paragraph.paragraph_format.tab_stops
        stops.add_tab_stop(Cm(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)

    def paragraph(self, told: Told, *, keep: bool = False, indent: int = 0) -> None:
        """A paragraph; ``keep`` holds it on the page of what follows."""
        paragraph = self._paragraph(told, "Normal")
        paragraph.paragraph_format.keep_with_next = keep
        if indent:
            paragraph.paragraph_format.left_indent = Cm(_INDENT * indent)

    def quote(self, told: Told) -> None:
        """Words of the policy, shaded."""
        paragraph = self._paragraph(told, "Normal")
        paragraph.paragraph_format.left_indent = Cm(_INDENT)
        paragraph.paragraph_format.right_indent = Cm(_INDENT)
        paragraph.paragraph_format.space_after = Pt(6)
        paragraph._p.get_or_add_pPr().append(_shading(_QUOTE_FILL))

    def bullets(self, texts: Iterable[str]) -> None:
        """Lines with a dot before each."""
        for text in texts:
            paragraph = self._paragraph(f"· {text}", "Normal")
            paragraph.paragraph_format.left_indent = Cm(_INDENT * 2)
            paragraph.paragraph_format.first_line_indent = Cm(-_INDENT)

    def table(
        self,
        headings: Sequence[str],
        widths: Sequence[float],
        rows: Iterable[Sequence[Cell | Told]],
    ) -> None:
        """A table; ``widths`` are shares of the text's width. Headings repeat on each page."""
        every: list[Sequence[Cell | Told]] = [list(headings), *rows]
        table = self._table(every, widths)
        for cell in table.rows[0]._tr.tc_lst:
            cell.get_or_add_tcPr().append(_shading(_HEAD_FILL))
        for run in (run for cell in table.rows[0].cells for run in cell.paragraphs[0].runs):
            run.bold = True
            _set_fonts(run._r.get_or_add_rPr(), _HEAD)
        _flag(table.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")

    def pairs(self, pairs: Iterable[tuple[str, str]], share: float = 0.2) -> None:
        """A table of names and what they stand for."""
        table = self._table([list(pair) for pair in pairs], (share, 1 - share))
        for row in table.rows:
            first = row._tr.tc_lst[0]
            first.get_or_add_tcPr().append(_shading(_SIDE_FILL))

    # how they are made

    def _paragraph(self, told: Told, style: str) -> Paragraph:
        paragraph = self._document.add_paragraph()
        paragraph._p.style = self._ids[style]
        _fill(paragraph, told)
        return paragraph

    def _table(self, rows: Sequence[Sequence[Cell | Told]], widths: Sequence[float]) -> Table:
        table: Table = self._document.add_table(len(rows), len(widths), style="Table Grid")
        table.autofit = False
        properties = table._tbl.tblPr
        properties.append(_borders())
        properties.append(_cell_margins())
        centimetres = [TEXT_WIDTH * each / sum(widths) for each in widths]
        for column, width in zip(table._tbl.tblGrid.gridCol_lst, centimetres, strict=True):
            column.w = Cm(width)
        for row, told in zip(table.rows, rows, strict=True):
            if max(map(_length, told)) <= _LONGEST_UNSPLIT:
                _flag(row._tr.get_or_add_trPr(), "w:cantSplit")
            for cell, each, width in zip(row.cells, told, centimetres, strict=True):
                cell.width = Cm(width)
                paragraph = cell.paragraphs[0]
                paragraph._p.style = self._ids["Tabular"]
                one = each if isinstance(each, Cell) else Cell(each)
                _fill(paragraph, one.told)
                if one.indent:
                    paragraph.paragraph_format.left_indent = Cm(_INDENT * one.indent)
                if one.right:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        self._paragraph("", "Gap")
        return table

    def _set_up_page(self) -> None:
        section = self._document.sections[0]
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Cm(WIDTH), Cm(HEIGHT)
        section.left_margin = section.right_margin = Cm(MARGIN)
        section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.2)
        section.header_distance = section.footer_distance = Cm(1.2)

    def _set_up_styles(self) -> None:
        normal = self._style("Normal", _BODY, 10.5)
        normal.paragraph_format.line_spacing = 1.25
        normal.paragraph_format.space_after = Pt(4)
        normal.paragraph_format.widow_control = True
        self._style(
            "Title", _HEAD, 20, before=0, after=10
        ).paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._style("Heading 1", _HEAD, 14, before=14, after=6)
        self._style("Heading 2", _HEAD, 11.5, before=10, after=3)
        self._style("Heading 3", _HEAD, 10.5, before=6, after=3)
        self._document.styles.add_style("Tabular", 1).base_style = normal
        tabular = self._style("Tabular", _BODY, 9, before=1, after=1)
        tabular.paragraph_format.line_spacing = 1.1
        self._document.styles.add_style("Gap", 1).base_style = normal
        gap = self._style("Gap", _BODY, 4, before=0, after=0)
        gap.paragraph_format.line_spacing = 1.0

    def _style(
        self, name: str, font: str, size: float, before: float = 0, after: float = 4
    ) -> ParagraphStyle:
        style = self._document.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.size = Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.font.italic = False
        style.font.bold = name.startswith(("Title", "Heading"))
        style.paragraph_format.space_before = Pt(before)
        style.paragraph_format.space_after = Pt(after)
        properties = style.element.get_or_add_rPr()
        _set_fonts(properties, font)
        if name == "Title":
            for border in style.element.findall(f".//{qn('w:pBdr')}"):
                border.getparent().remove(border)
        self._ids[name] = None if name == "Normal" else style.style_id
        return style

    def _head_and_foot(self, header: str, footer: str, page: str) -> None:
        section = self._document.sections[0]
        above = section.header.paragraphs[0]
        _fill(above, Run(header, "small"))
        above.alignment = WD_ALIGN_PARAGRAPH.CENTER
        below = section.footer.paragraphs[0]
        stops = self._style("Footer", _BODY, 8.5, after=0).paragraph_format.tab_stops
        stops.clear_all()
        stops.add_tab_stop(Cm(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
        _fill(below, Run(f"{footer}\t", "small"))
        before, _, rest = page.partition("{page}")
        between, _, after = rest.partition("{pages}")
        for text, field in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
            _fill(below, Run(text, "small"))
            if field:
                _add_field(below, field)


def _fill(paragraph: Paragraph, told: Told) -> None:
    if isinstance(told, str):
        told = Run(told)
    for each in (told,) if isinstance(told, Run) else told:
        if not each.text:
            continue
        run = paragraph.add_run(printable(each.text))
        look = _LOOKS[each.look]
        run.bold = look.bold or None
        if look.colour:
            run.font.color.rgb = RGBColor.from_string(look.colour)
        if look.small:
            run.font.size = Pt(8.5)


def _length(told: Cell | Told) -> int:
    """How many characters stand in a cell."""
    match told:
        case Cell(told=inside):
            return _length(inside)
        case str():
            return len(told)
        case Run(text=text):
            return len(text)
        case _:
            return sum(len(each.text) for each in told)


def _add_field(paragraph: Paragraph, name: str) -> None:
    """A number that Word works out: PAGE, NUMPAGES."""
    run = paragraph.add_run()
    run.font.size = Pt(8.5)
    run.font.color.rgb = RGBColor.from_string(_LOOKS["small"].colour)
    for kind in ("begin", "separate", "end"):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run._r.append(mark)
        if kind == "begin":
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = name
            run._r.append(code)
        elif kind == "separate":
            shown = OxmlElement("w:t")
            shown.text = "1"
            run._r.append(shown)


def _set_fonts(properties: object, chinese: str) -> None:
    fonts = properties.get_or_add_rFonts()  # type: ignore[attr-defined]
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name, font in (("ascii", _LATIN), ("hAnsi", _LATIN), ("cs", _LATIN), ("eastAsia", chinese)):
        fonts.set(qn(f"w:{name}"), font)


def _shading(fill: str) -> BaseOxmlElement:
    shading = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        shading.set(qn(f"w:{name}"), value)
    return shading


def _flag(properties: object, name: str) -> None:
    properties.append(OxmlElement(name))  # type: ignore[attr-defined]


def _borders() -> BaseOxmlElement:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", _LINE)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    return borders


def _cell_margins() -> BaseOxmlElement:
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(round(Cm(_CELL_MARGIN).twips)))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    return margins
