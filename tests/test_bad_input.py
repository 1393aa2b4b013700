"""What drafters and others put into a workbook: each has its finding, or is read as it is meant."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing

import openpyxl
import pytest

from authoring.commands.golden import run_cases
from authoring.render_findings import render_findings
from authoring.understand import Understanding, read_book
from engine.findings import has_errors
from engine.fingerprint import fingerprint
from engine.simulate import build
from tests.books import Content, make_book
from tests.rich_book import parts_of
from tests.sample_book import edited, read, sheets

PLAIN = make_book(sheets())
WHOLE = fingerprint(policy) if (policy := read_book(PLAIN).policy) else ""
Parts = dict[str, bytes]


def packed(parts: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def changed(change: Callable[[Parts], None]) -> bytes:
    """The sample, with something done to its parts."""
    parts = dict(parts_of(PLAIN))
    change(parts)
    return packed(parts)


def sheet_part(name: str) -> str:
    return f"xl/worksheets/sheet{list(sheets()).index(name) + 1}.xml"


def with_rows(name: str, rows: str, tail: str = "") -> bytes:
    """The sample with more rows below one of its sheets."""

    def change(parts: Parts) -> None:
        part = parts[sheet_part(name)]
        more = f"{rows}</sheetData>{tail}".encode()
        parts[sheet_part(name)] = part.replace(b"</sheetData>", more)

    return changed(change)


def codes(understanding: Understanding) -> list[str]:
    found = [each.code for each in understanding.findings]
    assert (understanding.policy is None) == has_errors(understanding.findings)
    assert all(code in render_findings(understanding.findings) for code in found)
    return found


def reads_whole(content: bytes) -> Understanding:
    """It means what the sample means."""
    understanding = read_book(content)
    assert codes(understanding) == []
    assert understanding.policy is not None
    assert fingerprint(understanding.policy) == WHOLE
    return understanding


# --- the file -------------------------------------------------------------------------------------


def encrypted() -> bytes:
    """A zip whose entries say that they are encrypted."""
    content = bytearray(PLAIN)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(signature, PLAIN):
            content[found.start() + offset] |= 1
    return bytes(content)


def understated() -> bytes:
    """A zip with an entry that is larger than it says."""
    content = bytearray(packed({"xl/workbook.xml": b"<a/>" * 100_000}))
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (PLAIN[:-500], "W208"),
        (PLAIN.replace(b"PK\x01\x02", b"PK\x01\x03"), "W208"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096, "W205"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 99 + "EncryptedPackage".encode("utf-16-le"), "W206"),
        (encrypted(), "W206"),
        (understated(), "W208"),
    ],
    ids=["cut off", "no directory", "xls", "password", "zip password", "understated"],
)
def test_a_file_that_is_not_as_it_should_be(content: bytes, code: str) -> None:
    assert codes(read_book(content))[-1:] + codes(read_book(content))[:1] == [code, code]


# --- too much of nothing --------------------------------------------------------------------------


def test_a_million_empty_rows_are_no_content() -> None:
    # Every sixteenth, down to the last: all of them take four seconds, and read no differently.
    rows = "".join(f'<row r="{number}"/>' for number in range(1_024, 1_048_577, 16))
    reads_whole(with_rows("条款", rows))


def test_all_columns_may_have_a_format_and_not_a_content() -> None:
    letters = [openpyxl.utils.get_column_letter(number) for number in range(1, 16_385)]
    empty = "".join(f'<c r="{each}99" s="0"/>' for each in letters)
    reads_whole(with_rows("条款", f'<row r="99">{empty}</row>'))
    filled = "".join(f'<c r="{each}99"><v>1</v></c>' for each in letters)
    assert codes(read_book(with_rows("条款", f'<row r="99">{filled}</row>'))) == ["W213"]


# --- what comes along -----------------------------------------------------------------------------


def test_links_to_other_books_are_not_followed() -> None:
    def change(parts: Parts) -> None:
        parts["xl/externalLinks/externalLink1.xml"] = b"no link at all"
        book = parts["xl/workbook.xml"].decode()
        parts["xl/workbook.xml"] = book.replace(
            "</sheets>",
            '</sheets><externalReferences><externalReference r:id="rId99" xmlns:r="http://'
            'schemas.openxmlformats.org/officeDocument/2006/relationships"/></externalReferences>',
        ).encode()

    reads_whole(changed(change))
    assert codes(read(edited({"措施!B4": "=[1]表!A1"}))) == ["W220"]


def test_macros_stay_where_they_are() -> None:
    def change(parts: Parts) -> None:
        parts["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0 Sub Auto_Open()" + b"\0" * 2_000_000
        types = parts["[Content_Types].xml"].decode()
        parts["[Content_Types].xml"] = types.replace(
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        ).encode()

    reads_whole(changed(change))


# --- names ----------------------------------------------------------------------------------------


def test_two_sheets_of_one_name() -> None:
    def change(parts: Parts) -> None:
        book = parts["xl/workbook.xml"].decode()
        parts["xl/workbook.xml"] = book.replace('name="措施"', 'name="推导"').encode()

    assert set(codes(read_book(changed(change)))) >= {"W227"}


@pytest.mark.parametrize(
    ("code", "edits"),
    [
        ("W236", {"指标!A3": "实缴　资金"}),
        ("W236", {"措施!A5": "重－１"}),
        ("W231", {"用例!D1": "名称"}),
        ("W380", {"措施!B1": "重大项目识别"}),
        ("W291", {"政策信息!A1": "项"}),
    ],
)
def test_names_that_stand_twice(code: str, edits: dict[str, Content]) -> None:
    assert code in codes(read(edited(edits)))


# --- merged, hidden, calculated -------------------------------------------------------------------


@pytest.mark.parametrize("edits", [{"条款!C1": "<"}, {"指标!C1": "<"}, {"用例!C1": "<"}])
def test_headings_merged_across(edits: dict[str, Content]) -> None:
    assert "W224" in codes(read(edited(edits)))


def test_hidden_rows_and_sheets_count_and_are_told() -> None:
    assert codes(read_book(make_book(sheets(), hidden=["推导"]))) == ["W290"]
    hidden = read_book(
        changed(
            lambda parts: parts.update(
                {
                    sheet_part("措施"): re.sub(
                        rb'<row r="5"', b'<row hidden="1" r="5"', parts[sheet_part("措施")]
                    )
                }
            )
        )
    )
    assert codes(hidden) == ["W316"]
    assert hidden.policy is not None
    assert fingerprint(hidden.policy) == WHOLE


@pytest.mark.parametrize("formula", ["=B3", "=SUM(1,2)", '=HYPERLINK("http://x","y")', "=1/0"])
def test_a_formula_in_a_condition(formula: str) -> None:
    assert codes(read(edited({"措施!B4": formula}))) == ["W220"]


# --- how people write -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day", ["2023-09-28", "2023/9/28", "2023.9.28", "2023年9月28日", "２０２３年０９月２８日"]
)
def test_a_date_written_as_text(day: str) -> None:
    understanding = read(edited({"用例!C2": day, "用例!I2": day, "政策!B5": day, "代码表!E6": day}))
    assert understanding.policy is not None, codes(understanding)
    assert understanding.golden_cases[0].case.date.isoformat() == "2023-09-28"
    assert understanding.policy.effective.isoformat() == "2023-09-28"


@pytest.mark.parametrize("day", ["28/9/2023", "9-28", "2023年9月", "去年九月", "2023-13-01"])
def test_a_date_that_is_none(day: str) -> None:
    found = read(edited({"政策!B5": day})).findings
    assert "政策!B5" in {str(each.at) for each in found}


def test_numbers_kept_as_text() -> None:
    number = read(edited({"推导!B4": 10000, "用例!E2": 10000, "指标!G2": 0}))
    text = read(edited({"推导!B4": "10000 ", "用例!E2": " 10,000", "指标!G2": "0"}))
    assert number.policy is not None
    assert text.policy == number.policy or codes(text) == codes(number)
    assert text.golden_cases[0].case.facts == number.golden_cases[0].case.facts


def test_smart_quotes() -> None:
    for quoted in ("“制造业”", "「制造业」", '"制造业"', "‘制造业’"):
        understanding = read(edited({"推导!C4": quoted}))
        assert understanding.policy is not None, (quoted, codes(understanding))
        assert fingerprint(understanding.policy) == WHOLE


def test_emoji() -> None:
    told = read(edited({"条款!B2": "总则😀", "用例!B2": "👩‍💻重大项目🏭", "推导!E4": "✅"}))
    assert codes(told) == []
    (finding,) = read(edited({"推导!C4": "制造业😀"})).findings
    assert (finding.code[0], str(finding.at.cell) if finding.at else "") == ("C", "推导!C4")


def wide(content: Content) -> Content:
    """A text as an input method in full-width mode writes it."""
    if not isinstance(content, str) or content in ("^", "<"):
        return content
    return "".join(
        chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else "　" if each == " " else each
        for each in content
    )


def test_a_book_in_full_width() -> None:
    book = {name: [list(map(wide, row)) for row in rows] for name, rows in sheets().items()}
    understanding = read(book)
    assert codes(understanding) == []
    assert understanding.policy is not None
    assert {unicodedata.normalize("NFKC", each.id) for each in understanding.policy.measures} == {
        "M1",
        "M2",
    }
    with closing(build(understanding.policy, "python")) as engine:
        results = tuple(run_cases(engine, understanding.golden_cases))
    assert [each.passed for each in results] == [True, True]
