"""The worksheets of a package: which part is which, adding one, taking one away, and the order in
which Excel insists on the elements of one."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

from authoring.package.parts import (
    OFFICE,
    Package,
    add_link,
    add_part,
    drop_links,
    free_name,
    linked,
    links_of,
    links_part,
)
from authoring.package.splice import (
    Edit,
    Element,
    UnreadablePartError,
    apply,
    attribute,
    find_elements,
    start_tag,
    with_attribute,
)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
DEFAULT_WORKBOOK = "xl/workbook.xml"

_WORKSHEET = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr",
    "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState",
    "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting",
    "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter",
    "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects",
    "controls", "webPublishItems", "tableParts", "extLst",
)  # fmt: skip
"""ECMA-376 Part 1, 18.3.1.99 and the schema of CT_Worksheet. In another order Excel reports a
damaged file."""


def workbook_part(package: Package) -> str:
    """The part of the workbook itself."""
    return linked(package, "", "officeDocument") or DEFAULT_WORKBOOK


def sheet_parts(package: Package) -> Mapping[str, str]:
    """The part of each worksheet, by the sheet's name."""
    workbook = workbook_part(package)
    links = links_of(package, workbook)
    return {
        each.attributes.get("name", ""): links[link].target
        for each in _sheets(package.read(workbook))
        if (link := _link_id(each)) in links and links[link].kind == "worksheet"
    }


def insert_child(found: Iterable[Element], name: str, text: str) -> Edit:
    """Put a child into a worksheet where it must stand: behind all that go before it.

    ``found`` holds at least the children that are there (depth 1).

    Raises:
        UnreadablePartError: this is no worksheet.
    """
    place = _WORKSHEET.index(name)
    before = [
        each.end
        for each in found
        if each.depth == 1 and each.name in _WORKSHEET and _WORKSHEET.index(each.name) <= place
    ]
    if not before:
        raise UnreadablePartError
    return Edit(max(before), max(before), text)


def add_sheet(package: Package, name: str, part: bytes) -> str:
    """Add a worksheet behind the others; the result is its part."""
    workbook = workbook_part(package)
    path = free_name(package, posixpath.join(posixpath.dirname(workbook), "worksheets/sheet{}.xml"))
    add_part(package, path, part, SHEET_TYPE)
    link = add_link(package, workbook, "worksheet", path)
    book = package.read(workbook)
    holder = next(
        iter(find_elements(book, lambda each, depth: (each, depth) == ("sheets", 1))), None
    )
    sheets = _sheets(book)
    if holder is None or not sheets:
        raise UnreadablePartError
    number = max(_number(each.attributes.get("sheetId", "")) for each in sheets) + 1
    added = (
        f'<{holder.tag("sheet")} xmlns:r="{OFFICE}" name="{attribute(name)}"'
        f' sheetId="{number}" r:id="{link}"/>'
    )
    package.write(workbook, apply(book, [Edit(sheets[-1].end, sheets[-1].end, added)]))
    return path


def open_on(package: Package, name: str) -> None:
    """Let the workbook open on a sheet, and have none but that one selected.

    What is typed goes into every sheet that is selected.
    """
    workbook = workbook_part(package)
    book = package.read(workbook)
    names = [each.attributes.get("name") for each in _sheets(book)]
    shown = {"activeTab": str(names.index(name))}
    package.write(workbook, _with_attributes(book, ("workbookView", 2), shown))
    for other, path in sheet_parts(package).items():
        part = package.read(path)
        if other == name:
            package.write(path, _with_attributes(part, ("sheetView", 2), {"tabSelected": "1"}))
        elif b"tabSelected" in part:
            package.write(path, _with_attributes(part, ("sheetView", 2), {"tabSelected": "0"}))


def _with_attributes(part: bytes, which: tuple[str, int], given: Mapping[str, str]) -> bytes:
    edits = []
    for each in find_elements(part, lambda name, depth: (name, depth) == which):
        tag = start_tag(part, each)
        for name, value in given.items():
            tag = with_attribute(tag, name, value)
        edits.append(Edit(each.start, each.inner, tag))
    return apply(part, edits)


def remove_sheet(package: Package, name: str) -> None:
    """Take a worksheet away, with all that only it refers to."""
    workbook = workbook_part(package)
    book = package.read(workbook)
    sheets = _sheets(book)
    index = next(n for n, each in enumerate(sheets) if each.attributes.get("name") == name)
    path = sheet_parts(package)[name]
    edits = [Edit(sheets[index].start, sheets[index].end)]
    edits += _renumbered_names(book, index)
    edits += _renumbered_views(book, index, sheets)
    package.write(workbook, apply(book, edits))
    drop_links(package, workbook, path)
    _remove_with_dependants(package, path)


def _remove_with_dependants(package: Package, path: str) -> None:
    targets = {each.target for each in links_of(package, path).values()}
    package.remove(path)
    used = {
        link.target
        for each in package.names()
        if links_part(each) in package
        for link in links_of(package, each).values()
    }
    for target in targets - used:
        if target in package:
            _remove_with_dependants(package, target)


def _renumbered_names(book: bytes, gone: int) -> Iterable[Edit]:
    """Names that belong to one sheet give its number: those behind move up, its own go."""
    names = find_elements(book, lambda each, depth: (each, depth) == ("definedName", 2))
    own = [each for each in names if each.attributes.get("localSheetId") == str(gone)]
    if own and len(own) == len(names):
        holder = find_elements(book, lambda each, depth: (each, depth) == ("definedNames", 1))[0]
        yield Edit(holder.start, holder.end)
        return
    for each in names:
        if each in own:
            yield Edit(each.start, each.end)
        elif (number := _number(each.attributes.get("localSheetId", ""))) > gone:
            tag = with_attribute(start_tag(book, each), "localSheetId", str(number - 1))
            yield Edit(each.start, each.inner, tag)


def _renumbered_views(book: bytes, gone: int, sheets: tuple[Element, ...]) -> Iterable[Edit]:
    """The sheet on top and the first tab: those behind move up, the one gone gives way."""
    visible = [
        number
        for number, each in enumerate(sheets)
        if number != gone and each.attributes.get("state", "visible") == "visible"
    ]
    for view in find_elements(book, lambda each, depth: (each, depth) == ("workbookView", 2)):
        tag = start_tag(book, view)
        for name in ("activeTab", "firstSheet"):
            shown = _number(view.attributes.get(name, ""))
            if shown == gone:
                shown = min(visible, default=0)
            if shown > gone:
                shown -= 1
            if name in view.attributes:
                tag = with_attribute(tag, name, str(shown))
        if tag != start_tag(book, view):
            yield Edit(view.start, view.inner, tag)


def _sheets(book: bytes) -> tuple[Element, ...]:
    return find_elements(book, lambda each, depth: (each, depth) == ("sheet", 2))


def _link_id(element: Element) -> str:
    return next((v for k, v in element.attributes.items() if k.rpartition(":")[2] == "id"), "")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else -1
