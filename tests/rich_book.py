"""A workbook with all that openpyxl drops or rewrites when it saves, as Excel would have left it.

The sample book, dressed up: a picture, a chart, notes of the drafter's, a thread of comments, rich
text in shared strings, validation and conditional formats (also of the kind x14), prefixes that
only ``mc:Ignorable`` speaks of, a form control, names, protection, a hidden sheet, foreign parts.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image as Picture

from tests import sample_book
from tests.books import Content, Rows, make_book

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OWN_NOTE = "张三：\n这一格下周再定。"
THREAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ThreadedComments'
    ' xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
    '<threadedComment ref="B2" dT="2024-01-01T00:00:00.00"'
    ' personId="{11111111-1111-1111-1111-111111111111}"'
    ' id="{22222222-2222-2222-2222-222222222222}"><text>单位对吗</text></threadedComment>'
    "</ThreadedComments>"
)
PERSONS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<personList'
    ' xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
    '<person displayName="李四" id="{11111111-1111-1111-1111-111111111111}" userId="l"'
    ' providerId="None"/></personList>'
)
X14_VALIDATION = (
    '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"'
    ' xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
    '<x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
    '<x14:dataValidation type="list" allowBlank="1"><x14:formula1><xm:f>代码表!$B$2:$B$3</xm:f>'
    "</x14:formula1><xm:sqref>F4:F5</xm:sqref></x14:dataValidation></x14:dataValidations></ext>"
    "</extLst>"
)
IGNORABLE = (
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' mc:Ignorable="x14ac xr"'
    ' xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"'
    ' xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision"'
    ' xr:uid="{33333333-3333-3333-3333-333333333333}"'
)
BUTTON = (
    '<v:shape xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel" id="_x0000_s1999" type="#_x0000_t201">'
    "<v:textbox><div>确定<br>取消</div></v:textbox>"
    '<x:ClientData ObjectType="Button"><x:Anchor>1, 0, 8, 0, 3, 0, 10, 0</x:Anchor></x:ClientData>'
    "</v:shape>"
)
"""Excel writes ``<br>`` into the text of a control: no XML."""


def rich_book(edits: Mapping[str, Content] | None = None, more: Mapping[str, Rows] = {}) -> bytes:
    """The workbook, some cells of the sample overwritten, some sheets added."""
    content = _dressed(make_book(sample_book.edited(edits or {}) | dict(more)))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    _as_excel_leaves_it(parts)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    """The parts of a workbook by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def _dressed(content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    derive, grant = book["推导"], book["措施"]
    derive["C4"].comment = Comment(OWN_NOTE, "张三")
    grant["B5"].comment = Comment("此处不动", "张三")
    derive["B4"].fill = PatternFill("solid", fgColor="FFDDEEDD")
    derive["B4"].font = Font(name="仿宋", bold=True)
    derive["B4"].number_format = "@"
    derive.column_dimensions["B"].width = 34
    derive.row_dimensions[4].height = 40
    derive.conditional_formatting.add(
        "D4:D5",
        CellIsRule(operator="equal", formula=['"是"'], fill=PatternFill(bgColor="FFC6EFCE")),
    )
    validation = DataValidation(type="list", formula1='"奖励,补助"')
    validation.add("G4:G5")
    grant.add_data_validation(validation)
    grant["A4"].hyperlink = "https://example.org/"
    grant.freeze_panes = "B4"
    picture = io.BytesIO()
    Picture.new("RGB", (30, 20), "navy").save(picture, "PNG")
    derive.add_image(Image(picture), "H6")
    chart = BarChart()
    chart.add_data(Reference(book["代码表"], min_col=4, min_row=4, max_row=5))
    book["代码表"].add_chart(chart, "J2")
    book["条款"].protection.sheet = True
    book["条款"].row_dimensions[3].hidden = True
    hidden = book.create_sheet("备查")
    hidden["A1"] = "只是备查"
    hidden.sheet_state = "hidden"
    book.defined_names["行业表"] = openpyxl.workbook.defined_name.DefinedName(
        "行业表", attr_text="代码表!$B$4:$B$5"
    )
    book["用例"].print_title_rows = "1:1"
    book["用例"].auto_filter.ref = "A1:M3"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _as_excel_leaves_it(parts: dict[str, bytes]) -> None:
    sheets = _sheet_parts(parts)
    derive, grant, fields = sheets["推导"], sheets["措施"], sheets["指标"]
    for path in (derive, grant):
        part = parts[path].decode()
        part = part.replace("<worksheet ", f"<worksheet{IGNORABLE} ", 1)
        part = re.sub(r"(<row )", r'\1x14ac:dyDescent="0.25" ', part)
        parts[path] = part.encode()
    parts[grant] = parts[grant].replace(b"</worksheet>", f"{X14_VALIDATION}</worksheet>".encode())
    _share_strings(parts, sheets["条款"])
    drawing = "xl/drawings/commentsDrawing2.vml"  # of 措施
    parts[drawing] = parts[drawing].replace(b"</xml>", f"{BUTTON}</xml>".encode())
    _add(parts, fields, "xl/threadedComments/threadedComment1.xml", THREAD, "threadedComment")
    _add(parts, "xl/workbook.xml", "xl/persons/person.xml", PERSONS, "person")
    legacy = (
        f'<comments xmlns="{MAIN}"><authors><author>tc={{22222222-2222-2222-2222-222222222222}}'
        '</author></authors><commentList><comment ref="B2" authorId="0"><text><t>[Threaded comment]'
        "</t></text></comment></commentList></comments>"
    )
    _add(parts, fields, "xl/comments77.xml", legacy, "comments")
    parts["customXml/item1.xml"] = b"<own/>"
    parts["xl/externalLinks/externalLink1.xml"] = f'<externalLink xmlns="{MAIN}"/>'.encode()


def _share_strings(parts: dict[str, bytes], path: str) -> None:
    """Make the texts of a sheet shared strings, one of them rich text."""
    texts: list[str] = []

    def share(found: re.Match[str]) -> str:
        texts.append(found[2])
        return f'<c{found[1]} t="s"><v>{len(texts) - 1}</v></c>'

    part = re.sub(
        r'<c((?: (?!t=)\w+="[^"]*")*) t="inlineStr"><is><t>(.*?)</t></is></c>',
        share,
        parts[path].decode(),
    )
    assert texts
    strings = [f"<si><t>{text}</t></si>" for text in texts]
    rich = next(number for number, text in enumerate(texts) if "落" in text or "&#33853;" in text)
    strings[rich] = f"<si><r><rPr><b/></rPr><t>{texts[rich]}</t></r></si>"
    parts[path] = part.encode()
    shared = f'<sst xmlns="{MAIN}" count="{len(texts)}">{"".join(strings)}</sst>'
    _add(parts, "xl/workbook.xml", "xl/sharedStrings.xml", shared, "sharedStrings")


def _add(parts: dict[str, bytes], owner: str, name: str, part: str, kind: str) -> None:
    parts[name] = part.encode()
    folder, _, base = owner.rpartition("/")
    links = f"{folder}/_rels/{base}.rels"
    empty = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
    text = parts.get(links, empty.encode()).decode()
    link = f'<Relationship Id="own{kind}" Type="{LINKS}/{kind}" Target="/{name}"/>'
    if text.endswith("/>"):
        text = f"{text[:-2]}></Relationships>"
    parts[links] = text.replace("</Relationships>", f"{link}</Relationships>").encode()
    type_ = {
        "sharedStrings": "spreadsheetml.sharedStrings+xml",
        "comments": "spreadsheetml.comments+xml",
    }.get(kind)
    if type_:
        override = (
            f'<Override PartName="/{name}"'
            f' ContentType="application/vnd.openxmlformats-officedocument.{type_}"/>'
        )
        types = parts["[Content_Types].xml"].decode()
        parts["[Content_Types].xml"] = types.replace("</Types>", f"{override}</Types>").encode()


def _sheet_parts(parts: dict[str, bytes]) -> dict[str, str]:
    book, links = parts["xl/workbook.xml"].decode(), parts["xl/_rels/workbook.xml.rels"].decode()
    targets = {
        re.search(r'Id="(\w+)"', each)[1]: re.search(r'Target="/?([^"]+)"', each)[1]  # type: ignore[index]
        for each in re.findall(r"<Relationship [^>]*>", links)
    }
    found = {}
    for each in re.findall(r"<sheet [^>]*>", book):
        name, link = re.search(r'name="([^"]+)"', each), re.search(r'r:id="(\w+)"', each)
        assert name
        assert link
        found[re.sub(r"&#(\d+);", lambda one: chr(int(one[1])), name[1])] = targets[link[1]]
    return found
