"""Makes the pictures of docs/handbook.md: the workbook of its first chapter, as it grows.

What is shown is what the handbook tells to type, and what the program answers. Needed: LibreOffice,
pdftoppm, ImageMagick, Chromium. Run it after a change of the template, of the chapter, of the
annotated copy or of the page: ``.venv/bin/python -m docs.make_pictures``.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.styles import Border, Side
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import FloatRect, Page, ViewportSize, expect, sync_playwright

from tests.browsing import CHROMIUM, FLAGS, PATIENCE, compute, load_sample, serve, settle
from tests.handbook import FIRST, HANDBOOK, NOTICE_FILE, Step, begin, chapters, follow, steps

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
BOOK = "引荐奖励.xlsx"
RESOLUTION = 110
COLOURS = 48
GRID = Side("thin", "C8CDD3")
LINE = 15
"""Points of a line of text."""
WINDOW: ViewportSize = {"width": 1180, "height": 1400}
ABOVE = 12


@dataclass(frozen=True)
class Picture:
    """Some columns of a sheet, from its first row to its last with content.

    The columns are as wide as given, since a person drags them until everything can be read.
    """

    name: str
    sheet: str
    first: str
    widths: tuple[int, ...]
    rows: int = 0
    """How many rows to show, where not all."""


BARE = (
    Picture("provisions", "条款", "A", (10, 6, 20, 62, 10)),
    Picture("to-place", "待核", "A", (9, 36, 14, 10, 12, 30, 8)),
)
FIELDS = (
    Picture("policy", "政策", "A", (12, 50), 10),
    Picture("fields", "指标", "A", (24, 8, 8, 8, 8, 8, 8), 6),
)
RULE = (
    Picture("rule-conditions", "措施", "A", (10, 10, 16, 10, 10, 12, 18), 7),
    Picture("rule-conclusions", "措施", "F", (10, 13, 9, 9, 18, 9, 8, 9, 6, 5, 5, 6, 30), 7),
)
CHECKED = (
    Picture("annotated", "措施", "F", (10, 13, 9, 9, 18, 9, 8, 9, 6, 5, 5, 6, 30), 7),
    Picture("findings", "检查结果", "A", (5, 7, 10, 24, 24, 36, 16)),
)
WHOLE = (Picture("cases", "用例", "A", (7, 18, 12, 9, 9, 24, 8, 10, 23), 10),)


def main() -> None:
    """Make them all."""
    told = steps(chapters(HANDBOOK.read_text(encoding="utf-8"))[FIRST])
    kinds = [step.sheet for step in told]
    bare = begin(NOTICE_FILE.read_text(encoding="utf-8"))
    fields = follow(bare, told[: kinds.index("指标") + 1])
    wrong = follow(fields, told[kinds.index("指标") + 1 : kinds.index("措施") + 1])
    whole = follow(bare, told)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        annotated = _annotated(wrong, folder)
        for file, pictures in (
            (bare, BARE),
            (fields, FIELDS),
            (wrong, RULE),
            (annotated, CHECKED),
            (whole, WHOLE),
        ):
            for picture in pictures:
                _draw(file, picture, folder)
        (folder / BOOK).write_bytes(whole)
        _sample(told[-1], folder / "examples")
        _show_result(folder / BOOK, folder)


def _annotated(file: bytes, folder: Path) -> bytes:
    """The copy with notes that ``check`` writes."""
    (folder / BOOK).write_bytes(file)
    out = folder / "annotated.xlsx"
    command = [sys.executable, "-m", "authoring.cli", "check", str(folder / BOOK)]
    answer = subprocess.run([*command, "--annotate", str(out)], cwd=ROOT, capture_output=True)
    assert answer.returncode == 1, answer.stderr.decode()
    return out.read_bytes()


def _draw(file: bytes, picture: Picture, folder: Path) -> None:
    """Print the part of the sheet, with the letters and numbers of its columns and rows."""
    book = openpyxl.load_workbook(io.BytesIO(file), rich_text=True)
    for sheet in book.worksheets:
        if sheet.title != picture.sheet:
            sheet.sheet_state = "hidden"
    sheet = book[picture.sheet]
    book.active = book.worksheets.index(sheet)
    _set_up(sheet, picture)
    source = folder / f"{picture.name}.xlsx"
    book.save(source)
    _run("soffice", "--headless", "--convert-to", "pdf", "--outdir", folder, source)
    stem = folder / picture.name
    _run("pdftoppm", "-png", "-r", RESOLUTION, "-singlefile", source.with_suffix(".pdf"), stem)
    _publish(stem.with_suffix(".png"), picture.name)


def _set_up(sheet: Worksheet, picture: Picture) -> None:
    _unmerge(sheet)
    first = column_index_from_string(picture.first)
    last = first + len(picture.widths) - 1
    bottom = picture.rows or _last_row(sheet)
    for column, width in zip(range(first, last + 1), picture.widths, strict=True):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row in range(1, bottom + 1):
        lines = 1
        for column, width in zip(range(first, last + 1), picture.widths, strict=True):
            cell = sheet.cell(row, column)
            if cell.alignment.wrap_text:
                lines = max(lines, _lines(cell.value, width))
            if row > 1 and not cell.border.bottom.style:
                cell.border = Border(top=GRID, bottom=GRID, left=GRID, right=GRID)
        sheet.row_dimensions[row].height = 6 + LINE * lines
    sheet.print_area = f"{picture.first}1:{get_column_letter(last)}{bottom}"
    sheet.print_title_rows = sheet.print_title_cols = None
    sheet.print_options.headings = True
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A3
    sheet.page_setup.orientation = sheet.ORIENTATION_LANDSCAPE
    sheet.page_setup.scale = None
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    for part in (sheet.oddHeader, sheet.oddFooter):
        part.left.text = part.center.text = part.right.text = None


def _unmerge(sheet: Worksheet) -> None:
    """Let no merged cell reach beyond the picture."""
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(merged))
        rows = list(sheet[str(merged)])
        for cell in (cell for row in rows for cell in row):
            cell.fill = copy(rows[0][0].fill)


def _lines(content: object, width: int) -> int:
    """In how many lines a text stands in a column; a Chinese character takes the room of two."""
    text = str(content) if isinstance(content, str) else ""
    taken = sum(2 if ord(character) > 0x2000 else 1 for character in text)
    return max(1, -(-taken // (width - 1)))


def _last_row(sheet: Worksheet) -> int:
    filled: Iterator[int] = (
        cell.row for row in sheet.iter_rows() for cell in row if cell.value is not None
    )
    return max(filled)


def _sample(cases: Step, folder: Path) -> None:
    """The first case as a file, which the page offers beside the workbook."""
    heads, first, *_ = cases.rows
    told = {h: c for h, c in zip(heads, first, strict=True) if not str(h).startswith("期望")}
    told = {h: {"是": True, "否": False}.get(str(c), c) for h, c in told.items() if c}
    folder.mkdir()
    text = json.dumps(told, ensure_ascii=False)
    (folder / "sample.json").write_text(text, encoding="utf-8")


def _show_result(book: Path, folder: Path) -> None:
    """The page's answer for the first case."""
    with serve(book, folder / "log") as url, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = chromium.new_page(viewport=WINDOW, locale="zh-CN")
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.goto(url)
        settle(page)
        load_sample(page, "刚好到上限")
        expect(page.get_by_role("textbox", name="实缴资金")).to_have_value("40,000万元")
        compute(page)
        page.screenshot(path=folder / "result.png", clip=_box(page), full_page=True)
        chromium.close()
    _publish(folder / "result.png", "result")


def _box(page: Page) -> FloatRect:
    """From the title of the page to the end of the last card."""
    title = page.get_by_role("heading", name="项目测算").bounding_box()
    figures = page.locator(".tl-figures").bounding_box()
    card = page.locator("details[open]").first.bounding_box()
    assert title
    assert figures
    assert card
    top = title["y"] - ABOVE
    height = card["y"] + card["height"] - top
    return {"x": figures["x"], "y": top, "width": figures["width"], "height": height}


def _publish(drawn: Path, name: str) -> None:
    """Cut off the margins, keep few colours."""
    trim = ("-trim", "+repage", "-bordercolor", "white", "-border", 8, "-strip")
    few = ("+dither", "-colors", COLOURS, "-define", "png:compression-level=9")
    _run("convert", drawn, *trim, *few, f"PNG8:{IMAGES / f'handbook-{name}.png'}")


def _run(*command: object) -> None:
    subprocess.run([str(each) for each in command], check=True, capture_output=True)


if __name__ == "__main__":
    main()
