"""Whatever stands in a file: findings, or an answer that holds. Nothing raises.

Bytes of a real workbook are changed in the archive, in the XML of its parts, and in the texts of
its cells; case files and notices are spoilt in the same ways. ``TIAOLI_FUZZ=1000`` looks longer.
"""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import date
from functools import cache

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authoring.annotate import annotate
from authoring.canonical_text import canonical_text, raw_text
from authoring.cases import read_case, read_cases
from authoring.commands.copies import cell_readings
from authoring.mend import mend
from authoring.notice import cut, read_paragraphs
from authoring.package.splice import UnreadablePartError
from authoring.remarks import Annotations, remark_of
from authoring.render_findings import finding_json, render_findings
from authoring.template import renew
from authoring.understand import Understanding, understand
from authoring.workbook import Sheet, read_sheets
from engine.cases import Case
from engine.findings import has_errors
from engine.model import Policy
from engine.simulate import build, simulate
from tests.books import Content, Rows, make_book
from tests.rich_book import parts_of, rich_book
from tests.sample_book import sheets

QUICK = settings(
    max_examples=int(os.environ.get("TIAOLI_FUZZ", "30")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SAMPLE = make_book(sheets())
PIECES = (
    b"", b"<", b">", b'"', b"&", b"/>", b"\xff", b"\x00", b"0", b"-1", b"99999999999", b"&#0;",
    b"&#xD800;", b"<c/>", b"<c r='A1' t='s'><v>7</v></c>", b" t='e'", b" t='d'", b" t='b'",
    b" s='99'", b" r='XFD1048576'", b"<row r='0'>", b"]]>", b"<!--", b"<?x", b"NaN", b"1E999",
    b"<!DOCTYPE a>", b"xmlns=''", "全角）".encode(), "<f>1/0</f>".encode("utf-16"),
)  # fmt: skip


@cache
def rich() -> bytes:
    return rich_book()


def check_all(content: bytes) -> None:
    """Everything that is done with a workbook; a policy with it answers an empty case."""
    found, troubles = read_sheets(content)
    assert render_findings(troubles)
    if has_errors(troubles):
        return
    understanding = understand(found, troubles)
    assert (understanding.policy is None) == has_errors(understanding.findings)
    check_answers(content, found, understanding)


def check_answers(content: bytes, found: tuple[Sheet, ...], told: Understanding) -> None:
    assert render_findings(told.findings, found)
    json.dumps([finding_json(each) for each in told.findings], ensure_ascii=False)
    if told.policy is None:
        raw_text(found)
    else:
        canonical_text(told.policy, told.golden_cases, told.golden_contests)
        with closing(build(told.policy, "python")) as engine:
            simulate(engine, Case("空", "", date(2023, 10, 1), {}))
    readings = cell_readings(found, told)
    remarks = tuple(map(remark_of, told.findings))
    copies: tuple[Callable[[], bytes], ...] = (
        lambda: annotate(content, found, Annotations(remarks, readings, show_readings=True)),
        lambda: mend(content, found, told)[0],
        lambda: renew(content, found).file,
    )
    check_copy(copies[len(content) % len(copies)])  # each takes as long as all before it


def check_copy(change: Callable[[], bytes]) -> None:
    """A copy can be read again, or the file cannot be changed at all."""
    try:
        copy = change()
    except UnreadablePartError:
        return
    assert not has_errors(read_sheets(copy)[1])


# --- bytes ----------------------------------------------------------------------------------------


@QUICK
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_bytes_of_the_archive(seed: int, count: int) -> None:
    chance = random.Random(seed)
    content = bytearray(SAMPLE)
    for _ in range(count):
        at = chance.randrange(len(content))
        match chance.randrange(3):
            case 0:
                content[at] = chance.randrange(256)
            case 1:
                del content[at : at + chance.randrange(64)]
            case _:
                content[at:at] = chance.randbytes(chance.randrange(8))
    check_all(bytes(content))


def spoilt(content: bytes, chance: random.Random, count: int, wanted: tuple[str, ...]) -> bytes:
    """A zip with pieces of some of its parts overwritten, cut out or said twice."""
    parts = parts_of(content)
    names = [name for name in parts if name.endswith(wanted)]
    changed = dict(parts)
    for name in chance.choices(names, k=count):
        part = bytearray(changed[name])
        at = chance.randrange(len(part) + 1)
        length = chance.choice((0, 1, 4, 40))
        match chance.randrange(4):
            case 0:
                part[at : at + length] = chance.choice(PIECES)
            case 1:
                part[at:at] = part[at : at + 10 * length]
            case 2:
                del part[at : at + length]
            case _:
                tag = part.find(b"<", at)
                part[tag + 1 : tag + 1] = chance.choice((b"/", b"x:", b"c><", b"row r='3'><"))
        changed[name] = bytes(part)
    if chance.random() < 0.1:
        del changed[chance.choice(list(changed))]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in changed.items():
            archive.writestr(name, bytes(part))
    return target.getvalue()


@pytest.mark.parametrize("dressed", [False, True])
@QUICK
@given(seed=st.integers(0, 2**32), count=st.integers(1, 4))
def test_xml_of_the_parts(dressed: bool, seed: int, count: int) -> None:
    content = rich() if dressed else SAMPLE
    check_all(spoilt(content, random.Random(seed), count, (".xml", ".rels", ".vml")))


# --- texts ----------------------------------------------------------------------------------------

SAYINGS = sorted(
    {cell for rows in sheets().values() for row in rows for cell in row if isinstance(cell, str)}
)
WORDS = (
    "", "—", "同上", "以上", "不超过", "且", "或", "非", "空", "1亿元", "5‰", "三个亿", "2023年9月",
    "50%—20%", "=1", "^", "<", "😀", "\ud7ff", "（（", "”", "决策表", "编号", "条件", "结论",
    "９９", "0", "-1", "1e9", "M1、M1", "分3年 40%、30%、30%", "如果 重大项目 则 1万元 否则 2万元",
)  # fmt: skip
CELLS: st.SearchStrategy[Content] = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(SAYINGS),
    st.tuples(st.sampled_from(SAYINGS), st.sampled_from(WORDS)).map("".join),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(date(1900, 3, 1)),
    st.text(
        st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
        max_size=12,
    ),
)
EDITS = st.lists(
    st.tuples(st.sampled_from(sorted(sheets())), st.integers(0, 9), st.integers(0, 13), CELLS),
    min_size=1,
    max_size=5,
)


@QUICK
@given(EDITS)
def test_texts_of_cells(edits: list[tuple[str, int, int, Content]]) -> None:
    book = sheets()
    for name, row, column, content in edits:
        rows = book[name]
        while len(rows) <= row:
            rows.append([])
        rows[row] += [None] * (column + 1 - len(rows[row]))
        rows[row][column] = content
    check_all(make_book(book))


SHEET_NAMES = st.sampled_from([*sheets(), "奖", "政策信息", "说明", "检查结果", "待核"])


@QUICK
@given(
    st.dictionaries(
        SHEET_NAMES, st.lists(st.lists(CELLS, max_size=8), max_size=8), min_size=1, max_size=6
    )
)
def test_books_of_any_cells(book: dict[str, Rows]) -> None:
    check_all(make_book(book))


# --- cases ----------------------------------------------------------------------------------------


@cache
def policy() -> Policy:
    found = understand(read_sheets(SAMPLE)[0]).policy
    assert found is not None
    return found


NAMES = [*(field.name for field in policy().fields), "编号", "名称", "基准日期", "涉及主体", "期望"]
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from([*WORDS, *SAYINGS]),
    st.text(max_size=8),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=8,
)


@QUICK
@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=6), VALUES, max_size=8))
def test_any_json_is_a_case_or_findings(mapping: dict[str, object]) -> None:
    case, _, findings = read_case({"基准日期": "2023-10-01", **mapping}, policy())
    assert (case is None) == has_errors(findings)
    assert render_findings(findings)
    if case is not None:
        with closing(build(policy(), "python")) as engine:
            simulate(engine, case)


CASE = json.dumps(
    {
        "编号": "一",
        "基准日期": "2023-10-01",
        "实缴资金": "3000万元",
        "称号": ["专精特新"],
        "期望": {},
    },
    ensure_ascii=False,
)


@QUICK
@given(st.integers(0, 2**32))
def test_bytes_of_a_case_file(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(CASE.encode())
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(content))
        content[at : at + chance.randrange(4)] = chance.choice((*PIECES, b"{", b"[[", b"1e9", b","))
    path = tmp_path_factory.getbasetemp() / "case.json"
    path.write_bytes(bytes(content))
    for _, (case, _, findings) in read_cases(path, policy()).readings:
        assert (case is None) == has_errors(findings)
        assert render_findings(findings)


@QUICK
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_xml_of_a_case_workbook(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "case.xlsx"
    path.write_bytes(spoilt(SAMPLE, random.Random(seed), count, (".xml",)))
    file = read_cases(path, policy())
    assert render_findings(file.findings, file.sheets)
    for _, (case, _, findings) in file.readings:
        assert (case is None) == has_errors(findings)


# --- notices --------------------------------------------------------------------------------------


@cache
def notice() -> bytes:
    document = docx.Document()
    for text in ("关于印发办法的通知", "一、总则", "（一）对实缴资金1000万元以上的，奖励50万元。"):
        document.add_paragraph(text, style="List Number" if text.startswith("一") else None)
    document.add_table(2, 2).cell(0, 0).text = "最高200万元"
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


@QUICK
@given(seed=st.integers(0, 2**32), count=st.integers(1, 4))
def test_xml_of_a_notice(tmp_path_factory: pytest.TempPathFactory, seed: int, count: int) -> None:
    wanted = ("document.xml", "numbering.xml", "styles.xml", ".rels", "[Content_Types].xml")
    path = tmp_path_factory.getbasetemp() / "通知.docx"
    path.write_bytes(spoilt(notice(), random.Random(seed), count, wanted))
    paragraphs, findings = read_paragraphs(path)
    assert bool(paragraphs) != has_errors(findings)
    assert render_findings(findings)
    cut(paragraphs)


@QUICK
@given(st.binary(max_size=300))
def test_any_bytes_are_a_notice_or_a_finding(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "通知.txt"
    path.write_bytes(content)
    paragraphs, findings = read_paragraphs(path)
    assert bool(paragraphs) != has_errors(findings)
    cut(paragraphs)
