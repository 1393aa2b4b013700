"""Taking blank columns out of a worksheet, where all that stands on it can move up.

What is tied to columns in ways that are not followed here (formulas, notes, pictures, tables,
conditional formats …) makes a sheet one to be left alone: nothing may come to stand elsewhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from authoring.package.parts import Package, links_of
from authoring.package.sheets import sheet_parts
from authoring.package.splice import (
    Edit,
    Element,
    UnreadablePartError,
    apply,
    find_elements,
    start_tag,
    text_of,
    with_attribute,
)
from authoring.template.areas import LAST_COLUMN, Area, read_areas, spell_areas

_MOVABLE = frozenset(
    {
        *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData"),
        *("autoFilter", "mergeCells", "phoneticPr", "dataValidations", "hyperlinks"),
        *("printOptions", "pageMargins", "pageSetup", "headerFooter"),
    }
)
_BESIDE = frozenset({"hyperlink", "printerSettings"})
"""Parts to which a sheet may refer: they do not say where on it something stands."""
_AREAS = {
    "dimension": "ref",
    "autoFilter": "ref",
    "mergeCell": "ref",
    "hyperlink": "ref",
    "dataValidation": "sqref",
    "selection": "sqref",
}
_CELLS = {"selection": "activeCell", "pane": "topLeftCell", "sheetView": "topLeftCell"}
_LISTS = {
    "mergeCells": "mergeCell",
    "dataValidations": "dataValidation",
    "hyperlinks": "hyperlink",
    "cols": "col",
}
_READ = frozenset(
    {*("c", "f", "row", "formula1", "formula2", "filterColumn"), *_AREAS, *_CELLS}
    | {*_LISTS, *_LISTS.values()}
)
_FORMULAS = frozenset({"f", "formula", "formula1", "formula2", "definedName"})
_WHOLE_ROWS = re.compile(r"\$?\d+:\$?\d+")
_REFERENCE = re.compile(r"\$?[A-Z]{1,3}\$?\d*(?::\$?[A-Z]{1,3}\$?\d*)?")
_SPANS = re.compile(r"\s+spans=(?:\"[^\"]*\"|'[^']*')")


def may_drop_columns(package: Package, title: str, first: int) -> bool:
    """Whether everything on a sheet, and all that speaks of it elsewhere, can follow.

    ``first`` is the first column to be dropped; what speaks of those left of it need not.
    """
    path = sheet_parts(package)[title]
    part = package.read(path)
    found = find_elements(part, lambda name, depth: depth == 1 or name in _READ)
    if not {each.name for each in found if each.depth == 1} <= _MOVABLE:
        return False
    if not {link.kind for link in links_of(package, path).values()} <= _BESIDE:
        return False
    if any(each.name in ("f", "filterColumn") for each in found):
        return False
    formulas = [text_of(part, each) for each in found if each.name in ("formula1", "formula2")]
    if not all(map(_is_settled, formulas)):
        return False
    return not any(_speaks_of(title, first, each) for each in _formulas_elsewhere(package, path))


def _is_settled(formula: str) -> bool:
    """Whether a formula of a validation names no cell of its own sheet."""
    rest = re.sub(r'"[^"]*"', "", formula)
    rest = re.sub(r"(?:'[^']*'|[\w.]+)!\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?", "", rest)
    return not re.search(r"\$?[A-Z]{1,3}\$?\d", rest)


def _formulas_elsewhere(package: Package, path: str) -> Iterator[str]:
    """The formulas of other sheets and of charts, and the names of the book."""
    names = (each for each in package.names() if each.endswith(".xml") and each != path)
    for part in (package.read(each) for each in names if each.startswith("xl/")):
        if b"!" not in part:
            continue
        for each in find_elements(part, lambda name, _: name in _FORMULAS):
            inside = part[each.inner : each.close]
            if b"<" not in inside:
                yield text_of(part, each)


def _speaks_of(title: str, first: int, formula: str) -> bool:
    """Whether a formula names cells of a sheet that would move; whole rows stay what they are."""
    quoted = re.escape(title.replace("'", "''"))
    spelled = re.compile(rf"'{quoted}'!|(?<![\w.']){re.escape(title)}!")
    for found in spelled.finditer(formula):
        if _WHOLE_ROWS.match(formula, found.end()):
            continue
        named = _REFERENCE.match(formula, found.end())
        if named is None or any(each.right >= first for each in read_areas(named[0])):
            return True
    return False


def drop_columns(part: bytes, headings: Iterable[tuple[int, int]]) -> bytes:
    """A worksheet without the columns of some headings (row and column), blank but for them.

    Raises:
        UnreadablePartError: something else stands in one of them.
    """
    headed = frozenset(headings)
    gone = sorted({column for _, column in headed})
    found = find_elements(part, lambda name, _: name in _READ)
    edits = [edit for each in found for edit in _edits(part, each, gone, headed)]
    for holder in found:
        if holder.name in _LISTS:
            items = [each for each in found if each.name == _LISTS[holder.name]]
            edits = _counted(part, holder, items, edits)
    return apply(part, edits)


def _counted(
    part: bytes, holder: Element, items: Sequence[Element], edits: list[Edit]
) -> list[Edit]:
    """A list says how many items it has, and must not stand there with none."""
    dropped = {(each.start, each.end) for each in edits if not each.text}
    left = sum((each.start, each.end) not in dropped for each in items)
    if left == len(items):
        return edits
    if not left:
        others = [each for each in edits if not holder.start <= each.start < holder.end]
        return [*others, Edit(holder.start, holder.end)]
    if "count" not in holder.attributes:
        return edits
    told = with_attribute(start_tag(part, holder), "count", str(left))
    return [*edits, Edit(holder.start, holder.inner, told)]


def _edits(
    part: bytes, each: Element, gone: Sequence[int], headed: frozenset[tuple[int, int]]
) -> Iterator[Edit]:
    attributes = each.attributes
    tag = start_tag(part, each)
    if each.name == "c":
        if "r" not in attributes:
            raise UnreadablePartError
        [at] = read_areas(attributes["r"])
        if at.left in gone:
            if part[each.inner : each.close].strip() and (at.top, at.left) not in headed:
                raise UnreadablePartError
            yield Edit(each.start, each.end)
            return
        told = with_attribute(tag, "r", spell_areas(_moved(read_areas(attributes["r"]), gone)))
    elif each.name == "row":
        told = _SPANS.sub("", tag, count=1)
    elif each.name == "col":
        last = min(int(attributes.get("max", "1")), LAST_COLUMN)
        [*moved] = _moved([Area(1, int(attributes.get("min", "1")), 1, last)], gone)
        if not moved:
            yield Edit(each.start, each.end)
            return
        told = with_attribute(tag, "min", str(moved[0].left))
        told = with_attribute(told, "max", str(moved[0].right))
    else:
        told = tag
        for names in (_AREAS, _CELLS):
            name = names.get(each.name, "")
            if name in attributes:
                areas = _moved(read_areas(attributes[name]), gone)
                lost = each.name == "mergeCell" and all(map(_is_one_cell, areas))
                if lost or (not areas and each.name in _LISTS.values()):
                    yield Edit(each.start, each.end)
                    return
                told = with_attribute(told, name, spell_areas(areas) or "A1")
    if told != tag:
        yield Edit(each.start, each.inner, told)


def _is_one_cell(area: Area) -> bool:
    return (area.top, area.left) == (area.bottom, area.right)


def _moved(areas: Iterable[Area], gone: Sequence[int]) -> tuple[Area, ...]:
    """Where areas come to stand; those that lose all their columns are gone."""
    moved = []
    for each in areas:
        left = each.left - bisect_left(gone, each.left)
        right = (
            each.right if each.right >= LAST_COLUMN else each.right - bisect_right(gone, each.right)
        )
        if left <= right:
            moved.append(Area(each.top, left, each.bottom, right))
    return tuple(moved)
