"""Colour laid over cells by a condition that always holds, and taken away without a trace.

The cells' own formats are never touched: what a cell looked like need not be remembered, a blank
cell needs no ``<c>`` to carry a colour, and inserting a row takes the colour along.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from authoring.package.parts import Package
from authoring.package.sheets import insert_child
from authoring.package.splice import Edit, Element, apply, content, find_elements, text_of

_MOST_AREAS = 200
"""Areas in one list."""
_LEVELS = {"conditionalFormatting": 1, "cfRule": 2, "formula": 3}


def lay_over(
    package: Package, path: str, layers: Iterable[tuple[int, Sequence[str]]], mark: str
) -> None:
    """Colour areas of a sheet (``D7``, ``B3:B9``), each group by the number of its overlay.

    ``mark`` is how the colours are found again. The condition is ``N("mark")=0``: N of a text is 0
    in every spreadsheet program. It comes after the sheet's own conditions, which keep their say.
    """
    part = package.read(path)
    found = find_elements(part, lambda name, depth: depth <= 1 or name == "cfRule")
    priorities = [each.attributes.get("priority", "") for each in found if each.name == "cfRule"]
    priority = max((int(each) for each in priorities if each.isdecimal()), default=0)
    outer, rule, formula = map(found[-1].tag, ("conditionalFormatting", "cfRule", "formula"))
    condition = content(_condition(mark))
    text = ""
    for overlay, areas in layers:
        for first in range(0, len(areas), _MOST_AREAS):
            priority += 1
            text += (
                f'<{outer} sqref="{" ".join(areas[first : first + _MOST_AREAS])}">'
                f'<{rule} type="expression" dxfId="{overlay}" priority="{priority}">'
                f"<{formula}>{condition}</{formula}></{rule}></{outer}>"
            )
    if text:
        package.write(path, apply(part, [insert_child(found, "conditionalFormatting", text)]))


def take_off(package: Package, path: str, mark: str) -> None:
    """Take away every colour with a mark."""
    part = package.read(path)
    if b"conditionalFormatting" not in part:
        return
    edits: list[Edit] = []
    rules: list[tuple[Element, bool]] = []
    marked = False
    for each in find_elements(part, lambda name, depth: _LEVELS.get(name) == depth):
        # Elements come in the order of their end tags: formulas, then their rule, then its group.
        if each.name == "formula":
            marked = marked or "".join(text_of(part, each).split()) == _condition(mark)
        elif each.name == "cfRule":
            rules.append((each, marked))
            marked = False
        else:
            gone = [rule for rule, is_marked in rules if is_marked]
            whole = bool(gone) and len(gone) == len(rules)
            edits += [Edit(one.start, one.end) for one in ([each] if whole else gone)]
            rules = []
    if edits:
        package.write(path, apply(part, edits))


def _condition(mark: str) -> str:
    quoted = mark.replace('"', '""')
    return f'N("{quoted}")=0'
