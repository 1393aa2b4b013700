"""What the documents for drafters promise, held against the program."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from authoring.understand import read_book
from engine.findings import Finding
from tests.books import make_book, markdown_rows, sections
from tests.test_cell_language import BLANK, Row, read

DOCS = Path(__file__).parent.parent / "docs"
KINDS = {"用例和填报": "填报"}


def written(cell: str) -> list[str]:
    """What stands in backticks; a cell may show several spellings."""
    return [""] if cell == BLANK else re.findall(r"`([^`]+)`", cell)


def rows() -> Iterator[tuple[str, str, list[str]]]:
    """Kind, column and cells of every row of the page on cells, the heads of tables included."""
    text = (DOCS / "cell-language.md").read_text(encoding="utf-8")
    for section in re.split(r"^## ", text, flags=re.M)[1:]:
        title, _, body = section.partition("\n")
        column = re.search(r"^列：(.+)$", body, re.M)
        kind = title.strip().partition("：")[0]
        for block in re.findall(r"(?:^\|.*\|\n)+", body, re.M):
            for cells in markdown_rows(block):
                yield KINDS.get(kind, kind), column[1] if column else "", [str(c) for c in cells]


def found(kind: str, column: str, text: str) -> tuple[Finding, ...]:
    """What is wrong with a cell."""
    return tuple(read(Row(kind, column, text, None))[1])


ACCEPTED = [
    (kind, column, text)
    for kind, column, cells in rows()
    for text in written(cells[0] if len(cells) == 2 else cells[-1])
    if cells[0] not in ("写", "不收")
]
REFUSED = [
    (kind, column, text)
    for kind, column, cells in rows()
    if len(cells) == 3 and cells[0] != "不收"
    for text in written(cells[0])
]


@pytest.mark.parametrize(("kind", "column", "text"), ACCEPTED)
def test_what_may_be_written_reads(kind: str, column: str, text: str) -> None:
    assert found(kind, column, text) == ()


@pytest.mark.parametrize(("kind", "column", "text"), REFUSED)
def test_what_is_refused_does_not_read(kind: str, column: str, text: str) -> None:
    assert found(kind, column, text) != ()


def test_the_guide_to_the_pages_uses_their_words() -> None:
    """What stands in quotes there stands on a page, or in the files that they take and give."""
    guide = (DOCS / "pages.md").read_text(encoding="utf-8")
    said = [
        line
        for file in sorted((DOCS.parent / "authoring" / "messages").glob("*.toml"))
        if file.stem.startswith(("page", "projects", "report"))
        for section in tomllib.loads(file.read_text(encoding="utf-8")).values()
        for line in map(str, section.values())
    ]
    quoted = set(re.findall("“([^”]+)”", guide)) - {"未知", "否"}
    assert len(quoted) > 30
    unknown = [each for each in quoted if not any(_is_like(line, each) for line in said)]
    assert unknown == []
    pictures = set(re.findall(r"images/([^)]+)", guide))
    assert pictures <= {each.name for each in (DOCS / "images").iterdir()}


def _is_like(line: str, quoted: str) -> bool:
    """Whether a message is what is quoted; … stands for what it is filled with."""
    pattern = ".*".join(map(re.escape, quoted.split(" … ")))
    return re.fullmatch(pattern, re.sub(r" ?\{[^}]*\} ?", "", line)) is not None or bool(
        "…" in quoted and re.match(pattern, line)
    )


def test_the_page_shows_enough() -> None:
    assert len(ACCEPTED) > 80
    assert len(REFUSED) > 25


def test_the_minimal_workbook_is_whole_and_minimal() -> None:
    text = (DOCS / "workbook-format.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("\n## A minimal workbook\n")
    [section] = sections(f"## A minimal workbook\n{rest.partition(chr(10) + '## ')[0]}")
    headings = re.findall(r"^### (.+)$", rest.partition("\n## ")[0], re.M)
    assert set(headings) == set(section.sheets)
    understanding = read_book(make_book(section.sheets))
    assert understanding.findings == ()
    assert len(understanding.golden_cases) == 1
    for name in ("政策", "条款", "指标", "代码表"):
        without = {other: rows for other, rows in section.sheets.items() if other != name}
        assert [each.code for each in read_book(make_book(without)).findings] == ["W294"]
