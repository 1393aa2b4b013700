"""Parts of a package, changed one by one: what is added stands where Excel wants it, and all else
is as it was, byte for byte."""

from __future__ import annotations

import io
import re
import time
import zipfile

import openpyxl
import pytest

from authoring.package import boxes
from authoring.package.cells import position_of, rich_cells, spelled_text, write_texts
from authoring.package.grid import box_at, read_grid, size_of
from authoring.package.looks import Look, add_looks, add_overlays
from authoring.package.notes import Run, add_notes, cut_notes
from authoring.package.overlays import lay_over, take_off
from authoring.package.pages import Page, Written, spell_page
from authoring.package.parts import Package, drop_links, links_of
from authoring.package.sheets import add_sheet, insert_child, remove_sheet, sheet_parts
from authoring.package.splice import (
    Edit,
    UnreadablePartError,
    apply,
    find_elements,
    plain_utf8,
    put_inside,
    text_of,
    with_attribute,
)
from authoring.workbook import read_sheets
from engine.cells import CellRef
from tests.books import make_book
from tests.rich_book import parts_of, rich_book

pytestmark = pytest.mark.filterwarnings("ignore:Data Validation extension")

SMALL = {"甲": [["一", "二"], ["三", 4]], "乙's 表": [["五"]]}


def rezipped(content: bytes, **parts: bytes | None) -> bytes:
    """A workbook with parts replaced (``/`` in a name spelled ``__``), added or left out."""
    changed = {name.replace("__", "/"): part for name, part in parts.items()}
    old = parts_of(content)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in dict.fromkeys((*old, *changed)):
            part = changed.get(name, old.get(name))
            if part is not None:
                archive.writestr(name, part)
    return target.getvalue()


def opened(package: Package) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(package.to_bytes()))


# --- pieces of XML --------------------------------------------------------------------------------


def test_elements_are_found_where_they_stand() -> None:
    part = "<?xml version='1.0'?><a:x><!-- <b> --><b q='>'/><b>é<c/></b></a:x>".encode()
    found = find_elements(part, lambda name, depth: True)
    assert [part[each.start : each.end].decode() for each in found] == [
        "<b q='>'/>",
        "<c/>",
        "<b>é<c/></b>",
        "<a:x><!-- <b> --><b q='>'/><b>é<c/></b></a:x>",
    ]
    assert [each.depth for each in found] == [1, 2, 1, 0]
    assert found[-1].tag("b") == "a:b"
    assert found[-1].has(found[0])
    assert not found[0].has(found[1])


def test_an_empty_element_is_opened_to_take_something() -> None:
    part = b"<x><y a='1' /></x>"
    (y,) = find_elements(part, lambda name, _: name == "y")
    assert apply(part, [put_inside(part, y, "<z/>")]) == b"<x><y a='1'><z/></y></x>"


def test_edits_are_made_from_left_to_right() -> None:
    edits = [Edit(3, 4, "D"), Edit(1, 1, "-"), Edit(1, 1, "+"), Edit(0, 1, "")]
    assert apply(b"abcd", edits) == b"-+bcD"


@pytest.mark.parametrize(
    "part",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        b"<x>",
        b"<x>&a;</x>",
        b"",
    ],
)
def test_documents_with_entities_and_broken_ones_are_refused(part: bytes) -> None:
    with pytest.raises(UnreadablePartError):
        find_elements(part, lambda name, depth: True)


def test_every_encoding_becomes_utf8() -> None:
    text = '<?xml version="1.0" encoding="{}"?><x>中</x>'
    wanted = '<?xml version="1.0" encoding="UTF-8"?><x>中</x>'.encode()
    assert plain_utf8(text.format("UTF-16").encode("utf-16")) == wanted
    assert plain_utf8(text.format("GBK").encode("gbk")) == wanted
    assert plain_utf8(text.format("utf-8").encode("utf-8-sig")) == wanted
    untouched = text.format("utf-8").encode()
    assert plain_utf8(untouched) is untouched
    with pytest.raises(UnreadablePartError):
        plain_utf8(text.format("klingon").encode())


def test_text_is_read_with_its_entities() -> None:
    part = b"<x>a&amp;b&#20013;&lt;<![CDATA[<&amp;]]></x>"
    (x,) = find_elements(part, lambda name, depth: True)
    assert text_of(part, x) == "a&b中<<&amp;"


def test_an_attribute_is_set_or_added() -> None:
    assert with_attribute("<a b='1' bc=\"2\"/>", "b", '"') == '<a b="&quot;" bc="2"/>'
    assert with_attribute("<a>", "b", "1") == '<a b="1">'
    assert with_attribute("<a xb='1' />", "b", "\\1") == "<a xb='1' b=\"\\1\"/>"


# --- packages -------------------------------------------------------------------------------------


def test_an_untouched_package_is_the_file_itself() -> None:
    content = rich_book()
    assert Package(content).to_bytes() == content


def test_unsafe_packages_are_refused() -> None:
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive:
        archive.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", b"2")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(201 << 20))
    for content in (b"PK", b"", twice.getvalue(), bomb.getvalue()):
        with pytest.raises(UnreadablePartError):
            Package(content)


def test_links_lead_to_parts_whatever_their_spelling() -> None:
    package = Package(rich_book())
    kinds = {link.kind: link.target for link in links_of(package, "xl/workbook.xml").values()}
    assert kinds["sharedStrings"] == "xl/sharedStrings.xml"
    assert sheet_parts(package)["推导"] == "xl/worksheets/sheet5.xml"
    external = b'Type="http://x/hyperlink" Target="https://example.org/" TargetMode="External"'
    assert external.split()[1] not in repr(links_of(package, sheet_parts(package)["措施"])).encode()


def test_dropping_the_last_link_drops_their_part() -> None:
    package = Package(rich_book())
    path = sheet_parts(package)["代码表"]
    (link,) = links_of(package, path).values()
    drop_links(package, path, link.target)
    assert not links_of(package, path)
    assert "xl/worksheets/_rels/sheet4.xml.rels" not in package


# --- sheets ---------------------------------------------------------------------------------------


def test_a_child_goes_where_excel_wants_it() -> None:
    part = (
        b'<worksheet xmlns="m"><sheetData/><pageMargins/><drawing/>'
        b'<mc:AlternateContent xmlns:mc="mc"><controls/></mc:AlternateContent>'
        b"<tableParts/><extLst/></worksheet>"
    )
    found = find_elements(part, lambda _, depth: depth <= 1)
    for name, before, after in (
        ("legacyDrawing", b"<drawing/>", b"<mc:AlternateContent"),
        ("conditionalFormatting", b"<sheetData/>", b"<pageMargins/>"),
        ("extLst", b"<extLst/>", b"</worksheet>"),
    ):
        assert before + b"<new/>" + after in apply(part, [insert_child(found, name, "<new/>")])


def test_a_sheet_is_added_and_taken_away_again() -> None:
    content = rich_book()
    package = Package(content)
    add_sheet(package, "甲 & 乙", spell_page(Page([[Written("内容")]], [10])))
    added = package.to_bytes()
    assert openpyxl.load_workbook(io.BytesIO(added)).sheetnames[-1] == "甲 & 乙"
    package = Package(added)
    remove_sheet(package, "甲 & 乙")
    assert parts_of(package.to_bytes()) == parts_of(content)


def test_taking_a_sheet_away_keeps_names_and_views_right() -> None:
    content = rich_book()
    parts = parts_of(content)
    book = parts["xl/workbook.xml"].decode()
    book = re.sub(r'activeTab="\d+"', 'activeTab="8"', book)
    package = Package(rezipped(content, **{"xl__workbook.xml": book.encode()}))
    remove_sheet(package, "代码表")
    after = opened(package)
    assert "代码表" not in after.sheetnames
    assert after.active.title == openpyxl.load_workbook(io.BytesIO(content)).worksheets[8].title
    assert after["用例"].print_title_rows == "$1:$1"
    assert "xl/charts/chart1.xml" not in package  # only that sheet had it
    assert "xl/media/image1.png" in package


def test_a_sheet_in_front_that_goes_gives_way_to_a_visible_one() -> None:
    content = make_book(SMALL, hidden=["甲"])
    package = Package(content)
    add_sheet(package, "新", spell_page(Page([], [10])))
    book = package.read("xl/workbook.xml")
    package.write("xl/workbook.xml", re.sub(rb'activeTab="\d+"', b'activeTab="2"', book))
    remove_sheet(package, "新")
    assert opened(package).active.title == "乙's 表"


def test_a_page_holds_texts_and_links_and_no_formula() -> None:
    target = CellRef("乙's 表", 1, 1)
    texts = ("=1+1", "+2", "@x", "<b>&", "a\nb", "_x000D_", "控\x00制\x1f")
    package = Package(make_book(SMALL))
    rows = [[Written(each, link=target)] for each in texts]
    add_sheet(
        package, "页", spell_page(Page([*rows, [Written(7), None]], [10, 5], 1, (1,), "C00000"))
    )
    sheet = opened(package)["页"]
    cells = [sheet.cell(row, 1) for row in range(1, len(texts) + 1)]
    assert [cell.data_type for cell in cells] == ["s"] * len(texts)
    assert [cell.value for cell in cells] == [*texts[:5], "_x005F_x000D_", "控制"]
    assert {cell.hyperlink.location for cell in cells} == {"'乙''s 表'!A1"}
    assert sheet.cell(len(texts) + 1, 1).value == 7
    read, _ = read_sheets(package.to_bytes())
    assert not any(cell.formula for cell in read[-1].cells.values())


# --- looks ----------------------------------------------------------------------------------------

BOLD = '<font><b/><sz val="10"/><name val="宋体"/></font>'
RED = '<fill><patternFill patternType="solid"><fgColor rgb="FFFF0000"/></patternFill></fill>'


def test_a_look_differs_only_as_asked() -> None:
    content = rich_book()
    package = Package(content)
    path = sheet_parts(package)["推导"]
    cell = re.search(rb'<c r="D4"[^>]*?(?: s="(\d+)")?[^>]*>', package.read(path))
    assert cell
    before = openpyxl.load_workbook(io.BytesIO(content))["推导"]["B4"]
    base = before._style.xfId  # the style of B4 is told apart by its number below
    number = int(re.search(rb'<c r="B4"[^>]* s="(\d+)"', package.read(path))[1])  # type: ignore[index]
    (look,) = add_looks(package, [Look(fill=RED)], number)
    part = package.read(path).replace(b'r="B4" s="%d"' % number, b'r="B4" s="%d"' % look)
    assert part != package.read(path)
    package.write(path, part)
    after = opened(package)["推导"]["B4"]
    assert after.fill.fgColor.rgb == "FFFF0000"
    assert (after.font.name, after.font.b) == ("仿宋", True)
    assert (after.number_format, after._style.xfId) == ("@", base)


def test_looks_and_overlays_are_added_once() -> None:
    package = Package(rich_book())
    looks = [
        Look(font=BOLD, alignment='<alignment wrapText="1"/>'),
        Look(fill=RED, number_format=49),
    ]
    overlay = f"<dxf>{RED}</dxf>"
    first = add_looks(package, looks), add_overlays(package, [overlay])
    once = package.read("xl/styles.xml")
    assert (add_looks(package, looks), add_overlays(package, [overlay])) == first
    assert package.read("xl/styles.xml") == once
    assert len(set(first[0])) == 2
    for list_, member in (("cellXfs", "xf"), ("fonts", "font"), ("fills", "fill"), ("dxfs", "dxf")):
        found = re.search(rf'<{list_} count="(\d+)"[^>]*>(.*?)</{list_}>'.encode(), once, re.S)
        assert found
        count = len(re.findall(rf"<{member}[\s>/]".encode(), found[2]))
        assert (list_, int(found[1])) == (list_, count)


@pytest.mark.parametrize("dxfs", [b"", b'<dxfs count="0"/>', b'<dxfs count="0"></dxfs>'])
def test_the_first_overlay_finds_or_makes_its_list(dxfs: bytes) -> None:
    package = Package(make_book(SMALL))
    styles = re.sub(rb"<dxfs[^>]*/>|<dxfs.*?</dxfs>", b"", package.read("xl/styles.xml"))
    styles = re.sub(rb"<tableStyles", dxfs + b"<tableStyles", styles)
    package.write("xl/styles.xml", styles)
    assert add_overlays(package, ["<dxf/>", "<dxf><font/></dxf>"]) == (0, 1)
    assert len(re.findall(rb"<dxfs", package.read("xl/styles.xml"))) == 1
    assert b'<dxfs count="2"><dxf/><dxf><font/></dxf></dxfs><tableStyles' in package.read(
        "xl/styles.xml"
    )


def test_a_workbook_without_styles_gets_some() -> None:
    content = make_book(SMALL)
    links = parts_of(content)["xl/_rels/workbook.xml.rels"]
    without = re.sub(rb"<Relationship [^>]*styles[^>]*/>", b"", links)
    types = parts_of(content)["[Content_Types].xml"]
    changed = {
        "xl__styles.xml": None,
        "xl___rels__workbook.xml.rels": without,
        "[Content_Types].xml": re.sub(rb"<Override [^>]*styles[^>]*/>", b"", types),
    }
    package = Package(rezipped(content, **changed))
    (look,) = add_looks(package, [Look(font=BOLD)])
    path = sheet_parts(package)["甲"]
    part = package.read(path)
    package.write(path, part.replace(b'<c r="A1"', b'<c r="A1" s="%d"' % look, 1))
    assert opened(package)["甲"]["A1"].font.b


def test_prefixed_parts_are_added_to_under_their_prefix() -> None:
    content = make_book(SMALL)
    prefixed = {}
    for name in ("xl/styles.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        part = parts_of(content)[name].replace(b'xmlns="', b'xmlns:x="', 1)
        part = re.sub(rb"<(/?)(?=[A-Za-z])(?![?!])", rb"<\1x:", part)
        prefixed[name.replace("/", "__")] = part
    package = Package(rezipped(content, **prefixed))
    (overlay,) = add_overlays(package, [f"<dxf>{RED}</dxf>"])
    path = sheet_parts(package)["甲"]
    lay_over(package, path, [(overlay, ["A1"])], "记号")
    add_notes(package, path, "某人", {(1, 1): [Run("注")]})
    add_sheet(package, "新", spell_page(Page([], [10])))
    book = opened(package)
    assert book.sheetnames[-1] == "新"
    assert book["甲"]["A1"].comment.text == "注"
    (formats,) = book["甲"].conditional_formatting
    assert formats.rules[0].dxf.fill.fgColor.rgb == "FFFF0000"
    take_off(package, path, "记号")
    cut_notes(package, path, "某人", "注", "注")
    assert package.read(path) == prefixed["xl__worksheets__sheet1.xml"]


# --- overlays -------------------------------------------------------------------------------------


def test_overlays_come_after_the_sheets_own_and_go_without_a_trace() -> None:
    package = Package(rich_book())
    path = sheet_parts(package)["推导"]
    before = package.read(path)
    many = [f"A{row}" for row in range(1, 302)]
    lay_over(package, path, [(0, ["B4", "D4:D5"]), (0, many)], '"<记号>&')
    rules = [
        (str(group.sqref), rule.priority, rule.formula)
        for group in opened(package)["推导"].conditional_formatting
        for rule in group.rules
    ]
    assert rules[0][:2] == ("D4:D5", 1)
    assert [rule[1] for rule in rules] == [1, 2, 3, 4]
    assert rules[1] == ("B4 D4:D5", 2, ['N("""<记号>&")=0'])
    take_off(package, path, "别的")
    assert package.read(path) != before
    take_off(package, path, '"<记号>&')
    assert package.read(path) == before


def test_an_overlay_merged_into_another_group_is_found() -> None:
    package = Package(make_book(SMALL))
    path = sheet_parts(package)["甲"]
    own = '<cfRule type="expression" priority="1"><formula>A1=1</formula></cfRule>'
    ours = '<cfRule type="expression" priority="2"><formula>N( "记号" ) = 0</formula></cfRule>'
    group = '<conditionalFormatting sqref="A1">{}</conditionalFormatting>'
    text = package.read(path).decode()
    package.write(
        path, text.replace("</sheetData>", f"</sheetData>{group.format(own + ours)}").encode()
    )
    take_off(package, path, "记号")
    assert package.read(path).decode() == text.replace(
        "</sheetData>", f"</sheetData>{group.format(own)}"
    )


# --- notes ----------------------------------------------------------------------------------------


def test_notes_are_added_and_cut_without_a_trace() -> None:
    content = make_book(SMALL)
    package = Package(content)
    path = sheet_parts(package)["甲"]
    add_notes(
        package,
        path,
        "我",
        {(2, 2): [Run("〔始〕", bold=True), Run("<话>\n〔末〕")], (9, 3): [Run("〔始〕〔末〕")]},
    )
    sheet = opened(package)["甲"]
    assert (sheet["B2"].comment.text, sheet["B2"].comment.author) == ("〔始〕<话>\n〔末〕", "我")
    assert sheet["C9"].comment.text == "〔始〕〔末〕"
    cut_notes(package, path, "我", "〔始〕", "〔末〕")
    types = parts_of(package.to_bytes())["[Content_Types].xml"]
    after = parts_of(package.to_bytes()) | {"[Content_Types].xml": types}
    before = parts_of(content)
    assert re.sub(rb'<Default Extension="vml"[^>]*/>', b"", types) == before["[Content_Types].xml"]
    assert after | {"[Content_Types].xml": b""} == before | {"[Content_Types].xml": b""}


@pytest.mark.parametrize(
    "text",
    [
        "<text><t>他的话</t></text>",
        '<text><r><rPr><b/></rPr><t>他</t></r><r><t xml:space="preserve">的话</t></r></text>',
        "<text><r><t>他的话</t></r><rPh sb='0' eb='1'><t>ta</t></rPh></text>",
    ],
)
def test_a_note_of_somebody_else_is_added_to_and_given_back(text: str) -> None:
    package = Package(rich_book())
    path = sheet_parts(package)["推导"]
    part = package.read("xl/comments/comment1.xml").decode()
    package.write("xl/comments/comment1.xml", re.sub("(?s)<text>.*</text>", text, part).encode())
    drawing = package.read("xl/drawings/commentsDrawing1.vml")
    add_notes(package, path, "我", {(4, 3): [Run("〔始〕话〔末〕")]})
    assert "他的话\n\n〔始〕话〔末〕" in opened(package)["推导"]["C4"].comment.text
    cut_notes(package, path, "我", "〔始〕", "〔末〕")
    given_back = package.read("xl/comments/comment1.xml").decode()
    spelled = text.replace("<text><t>他的话</t></text>", "<text><r><t>他的话</t></r></text>")
    assert given_back == re.sub("(?s)<text>.*</text>", spelled, part)
    assert package.read("xl/drawings/commentsDrawing1.vml") == drawing


def test_what_somebody_wrote_into_our_note_stays() -> None:
    package = Package(make_book(SMALL))
    path = sheet_parts(package)["甲"]
    add_notes(package, path, "我", {(1, 1): [Run("〔始〕话"), Run("〔末〕\n记得问王五")]})
    cut_notes(package, path, "我", "〔始〕", "〔末〕")
    assert opened(package)["甲"]["A1"].comment.text.strip() == "记得问王五"


def test_a_drawing_that_is_no_xml_keeps_its_controls() -> None:
    package = Package(rich_book())
    path = sheet_parts(package)["措施"]
    drawing = package.read("xl/drawings/commentsDrawing2.vml")
    assert b"<br>" in drawing
    add_notes(package, path, "我", {(4, 2): [Run("〔始〕〔末〕")]})
    grown = package.read("xl/drawings/commentsDrawing2.vml")
    assert grown.count(b"ObjectType") == drawing.count(b"ObjectType") + 1
    assert b"_x0000_s2000" in grown  # 1999 is the button's
    cut_notes(package, path, "我", "〔始〕", "〔末〕")
    assert package.read("xl/drawings/commentsDrawing2.vml") == drawing


def test_a_box_remembers_its_size() -> None:
    anchor = "3, 15, 2, 10, 4, 31, 5, 1"
    shape = boxes.EMPTY.replace(
        "</xml>",
        '<v:shape id="_x0000_s1025"><x:ClientData ObjectType="Note">'
        f"<x:Anchor>\n {anchor}</x:Anchor>"
        "<x:Row>3</x:Row><x:Column>2</x:Column></x:ClientData></v:shape></xml>",
    ).encode()
    grid = read_grid(())
    grown = boxes.put(shape, grid, {(4, 3): "字" * 400}, ())
    assert anchor.encode() not in re.sub(rb'alt="[^"]*"', b"", grown)
    assert boxes.without(grown, (), {(4, 3)}) == shape.replace(b"\n ", b"")


def test_a_drawing_full_of_open_shapes_is_passed_over_in_a_moment() -> None:
    drawing = b"<xml>" + b"<v:shape >" * 300_000 + b"</xml>"
    started = time.monotonic()
    assert boxes.without(drawing, {(1, 1)}, ()) == drawing
    assert time.monotonic() - started < 5


def test_a_box_is_as_large_as_asked_whatever_the_columns() -> None:
    part = (
        b'<worksheet><sheetFormatPr defaultRowHeight="30" defaultColWidth="3.5"/><cols>'
        b'<col min="2" max="3" width="40.7"/><col min="4" max="4" hidden="1" width="9"/></cols>'
        b'<sheetData><row r="4" ht="75"/><row r="5" hidden="1"/></sheetData></worksheet>'
    )
    grid = read_grid(find_elements(part, lambda _, depth: True))
    anchor = box_at(grid, 3, 0, 300, 120)
    assert anchor[:4] == (1, 15, 2, 10)
    assert size_of(grid, anchor) == (300, 120)
    assert anchor[4] == 2  # the second of the wide columns
    assert anchor[6] == 3  # 40 pixels, then 100: the hidden row is not needed


# --- cells ----------------------------------------------------------------------------------------


def test_positions_are_read() -> None:
    assert position_of("AB12") == (12, 28)
    assert position_of("$C$3") == (3, 3)
    assert position_of("XFD1048576") == (1_048_576, 16_384)
    assert (position_of("A0"), position_of("A"), position_of("a1"), position_of("")) == (None,) * 4
    assert spelled_text("_x000D_ _x0_") == "_x005F_x000D_ _x0_"


def test_texts_are_written_into_cells_and_nothing_else_changes() -> None:
    package = Package(rich_book())
    path = sheet_parts(package)["推导"]
    before = package.read(path)
    write_texts(package, path, {(4, 3): "=1+1 <&>", (5, 2): " ≥1 "})
    cells = opened(package)["推导"]
    assert (cells["C4"].value, cells["C4"].data_type) == ("=1+1 <&>", "s")
    assert cells["B5"].value == " ≥1 "
    pattern = rb'<c r="(?:C4|B5)".*?</c>'
    assert re.sub(pattern, b"", package.read(path)) == re.sub(pattern, b"", before)
    with pytest.raises(UnreadablePartError):
        write_texts(package, path, {(99, 9): "没有这一格"})


def test_cells_that_do_not_say_where_they_are_are_counted() -> None:
    content = make_book(SMALL)
    part = re.sub(rb'<(row|c) r="\w+"', rb"<\1", parts_of(content)["xl/worksheets/sheet1.xml"])
    package = Package(rezipped(content, **{"xl__worksheets__sheet1.xml": part}))
    write_texts(package, "xl/worksheets/sheet1.xml", {(2, 1): "新"})
    sheet = opened(package)["甲"]
    assert [[cell.value for cell in row] for row in sheet.rows] == [["一", "二"], ["新", 4]]


def test_rich_text_is_noticed_in_shared_strings_and_in_cells() -> None:
    package = Package(rich_book())
    path = sheet_parts(package)["条款"]
    positions = [(row, column) for row in (1, 2, 3) for column in range(1, 6)]
    (rich,) = rich_cells(package, path, positions)
    cell = openpyxl.load_workbook(io.BytesIO(package.to_bytes()), rich_text=True)["条款"].cell(
        *rich
    )
    assert isinstance(cell.value, openpyxl.cell.rich_text.CellRichText)
    inline = b'<c r="A1" t="inlineStr"><is><r><t>x</t></r></is></c>'
    part = re.sub(rb'<c r="A1".*?</c>', inline, package.read(path))
    package.write(path, part)
    assert rich_cells(package, path, positions) == {rich, (1, 1)}
    assert rich_cells(package, path, [(1, 2)]) == frozenset()
