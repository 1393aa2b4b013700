"""Lists to choose from, in the language of formulas: words written out, or cells of the book.

A list of cells follows the book by itself; one of words is renewed by ``tiaoli new --from``.
"""

from __future__ import annotations

from collections.abc import Iterable

from authoring.template.survey import PlainSheet, Survey, code_cells
from authoring.understand.table_layout import UNLIMITED
from engine.cells import column_letters
from engine.types import CodeList

LONGEST = 255
"""Excel takes no longer list of words, and no longer formula for one."""
ROOM = 2000
"""So many rows that are added are noticed."""
_PATTERN = frozenset('*?~<>="')
"""What COUNTIF and MATCH take for more than a letter, and what ends a text in a formula."""


def words(offered: Iterable[str]) -> str:
    """A list of words; "" when Excel could not take it."""
    unique = tuple(dict.fromkeys(offered))
    text = ",".join(unique)
    plain = not any("," in each or '"' in each or each != each.strip() for each in unique)
    units = len(text.encode("utf-16-le")) // 2
    return f'"{text}"' if text and plain and units <= LONGEST else ""


def column_below(plain: PlainSheet | None, heading: str) -> str:
    """The filled cells below a heading, also those that will be added."""
    if plain is None or heading not in plain.headings:
        return ""
    at = plain.headings[heading].at
    filled = sorted(
        row for row, column in plain.sheet.cells if column == at.column and row > at.row
    )
    letters = column_letters(at.column)
    if filled != list(range(at.row + 1, at.row + 1 + len(filled))):
        return f"{_cells(plain, letters, at.row + 1, filled[-1])}"
    below = _cells(plain, letters, at.row + 1, at.row + len(filled) + ROOM)
    head = _cells(plain, letters, at.row, at.row)
    return f"OFFSET({head},1,0,MAX(1,COUNTA({below})),1)"


def codes(book: Survey, code_list: CodeList | None) -> str:
    """The values of a code list, also those that will be added to it."""
    if code_list is None:
        return ""
    cells = code_cells(book, code_list)
    plain = book.plain.get("代码表")
    if not cells or plain is None or "代码表" not in plain.headings:
        return words(code.value for code in code_list.codes)
    (first, column), (last, _) = cells[0], cells[-1]
    if cells != tuple((row, column) for row in range(first, last + 1)):
        return words(code.value for code in code_list.codes)
    letters, top = column_letters(column), plain.heading_row
    names = plain.headings["代码表"].at.column
    bottom = max(row for row, _ in plain.sheet.cells) + ROOM
    listed = _cells(plain, column_letters(names), top + 1, bottom)
    head = _cells(plain, letters, top, top)
    name = code_list.name
    live = f'OFFSET({head},MATCH("{name}",{listed},0),0,COUNTIF({listed},"{name}"),1)'
    spelled = {plain.sheet.cells[row, names].text for row in range(first, last + 1)}
    if spelled != {name} or _PATTERN & set(name) or len(live) > LONGEST:
        return _cells(plain, letters, first, last)
    return live


def codes_or_any(book: Survey, code_list: CodeList | None) -> str:
    """The values of a code list and ``—``; where that is too long, the values alone."""
    if code_list is None:
        return ""
    written = words((UNLIMITED, *(code.value for code in code_list.codes)))
    return written or codes(book, code_list)


def _cells(plain: PlainSheet, letters: str, first: int, last: int) -> str:
    title = plain.sheet.name.replace("'", "''")
    cells = f"'{title}'!${letters}${first}"
    return cells if first == last else f"{cells}:${letters}${last}"
