"""The data validations of a worksheet: lists to choose from, and the messages of a click."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from authoring.package.sheets import insert_child
from authoring.package.splice import (
    Edit,
    Element,
    apply,
    attribute,
    content,
    start_tag,
    with_attribute,
)
from authoring.template.areas import Area, read_areas, spell_areas, without
from authoring.template.sheet_part import outline, refill


@dataclass(frozen=True, slots=True)
class Validation:
    """What a click on some cells shows, and what it offers.

    ``source`` is a list in the language of formulas, or "" (nothing is offered). With ``error``,
    anything else is refused, with these words.
    """

    areas: tuple[Area, ...]
    title: str
    prompt: str
    source: str = ""
    error: str = ""
    error_title: str = ""


@dataclass(frozen=True, slots=True)
class _Standing:
    """A validation that the sheet has, the cells that it is about, and those it will keep."""

    element: Element
    sqref: Element | None
    """Where the cells are named, when it is an element (as in the extensions of 2009)."""
    areas: tuple[Area, ...]
    kept: tuple[Area, ...]

    @property
    def kind(self) -> str:
        """``list``, ``none`` (a message only), or another rule."""
        return self.element.attributes.get("type", "none")


def set_validations(part: bytes, ours: Iterable[Validation]) -> bytes:
    """Put validations on a sheet, in the place of lists and messages on the same cells.

    Where nothing is offered, lists of the user stay; rules that are no lists stay anywhere.
    """
    wanted = tuple(ours)
    standing = [_remaining(each, wanted) for each in _standing(part)]
    ruled = [area for each in standing if each.kind not in ("none", "list") for area in each.kept]
    listed = [area for each in standing if each.kind == "list" for area in each.kept]
    root = outline(part).root
    added = ""
    count = 0
    for each in wanted:
        areas = without(each.areas, ruled if each.source else [*ruled, *listed])
        if areas:
            added += _spell(each, areas, root)
            count += 1
    return _write(part, standing, added, count)


def _remaining(each: _Standing, wanted: tuple[Validation, ...]) -> _Standing:
    taken = [
        area
        for validation in wanted
        if each.kind == "none" or (each.kind == "list" and validation.source)
        for area in validation.areas
    ]
    return replace(each, kept=without(each.areas, taken))


def _standing(part: bytes) -> list[_Standing]:
    named = outline(part).named
    standing = []
    for each in named["dataValidation"]:
        sqref = next((other for other in named["sqref"] if each.has(other)), None)
        told = part[sqref.inner : sqref.close].decode() if sqref else each.attributes["sqref"]
        areas = read_areas(told)
        standing.append(_Standing(each, sqref, areas, areas))
    return standing


def _write(part: bytes, standing: list[_Standing], added: str, count: int) -> bytes:
    edits = []
    sheet = outline(part)
    holders = sheet.named["dataValidations"]
    for holder in holders:
        inside = [each for each in standing if holder.has(each.element) and each.kept]
        own = holder.depth == 1
        text = "".join(_kept(part, each) for each in inside) + (added if own else "")
        total = len(inside) + (count if own else 0)
        if total:
            edits.append(refill(part, holder, text, count=str(total)))
        else:
            edits.append(_dropped(part, holder))
    if added and not any(each.depth == 1 for each in holders):
        tag = sheet.root.tag("dataValidations")
        text = f'<{tag} count="{count}">{added}</{tag}>'
        edits.append(insert_child(sheet.children.values(), "dataValidations", text))
    return apply(part, edits)


def _kept(part: bytes, each: _Standing) -> str:
    whole = part[each.element.start : each.element.end]
    if each.kept == each.areas:
        return whole.decode()
    sqref = spell_areas(each.kept)
    if each.sqref:
        start, end = each.sqref.inner, each.sqref.close
        edit = Edit(start - each.element.start, end - each.element.start, sqref)
    else:
        tag = with_attribute(start_tag(part, each.element), "sqref", sqref)
        edit = Edit(0, each.element.inner - each.element.start, tag)
    return apply(whole, [edit]).decode()


def _dropped(part: bytes, holder: Element) -> Edit:
    """Take a list of validations away, and the extension that held nothing else."""
    named = outline(part).named
    around = (*named["ext"], *named["extLst"])
    gone = holder
    for parent in sorted((each for each in around if each.has(holder)), key=lambda it: -it.depth):
        if (part[parent.inner : gone.start] + part[gone.end : parent.close]).strip():
            break
        gone = parent
    return Edit(gone.start, gone.end, "")


def _spell(each: Validation, areas: tuple[Area, ...], root: Element) -> str:
    attributes = {
        **({"type": "list"} if each.source else {}),
        "allowBlank": "1",
        "showInputMessage": "1",
        **({"showErrorMessage": "1", "errorTitle": each.error_title} if each.error else {}),
        **({"error": each.error} if each.error else {}),
        "promptTitle": each.title,
        "prompt": each.prompt,
        "sqref": spell_areas(areas),
    }
    tag, formula = root.tag("dataValidation"), root.tag("formula1")
    told = "".join(f' {name}="{attribute(value)}"' for name, value in attributes.items())
    if not each.source:
        return f"<{tag}{told}/>"
    return f"<{tag}{told}><{formula}>{content(each.source)}</{formula}></{tag}>"
