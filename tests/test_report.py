"""The reports: read back, they say what the answer says, and hostile text stays text."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
from docx import Document
from docx.document import Document as Opened
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from authoring import cli
from authoring.cases import read_case_file
from authoring.leading_rules import leading_rules
from authoring.printable import printable
from authoring.report import excel_report, word_report
from authoring.report.excel import _certainty
from authoring.shelves import shelf_of
from authoring.understand import read_book
from engine import build, simulate
from engine.cases import Case
from engine.explain import explain
from engine.narrative import MeasureNarrative, Narrative
from engine.outcome import (
    Amount,
    Certainty,
    Displaced,
    Granted,
    Outcome,
    Referred,
    Undetermined,
)
from engine.ranking import rank_missing
from engine.simulate import Engine
from tests.policy_books import BOOKS
from tests.random_cases import draw_cases
from tests.random_policies import draw_policy

WUXI = BOOKS[0]
EXAMPLES = WUXI.parent / "examples"
MADE_ON = date(2026, 11, 27)
SHEETS = ["结论", "条件", "金额", "缺什么", "指标"]
HOSTILE = (
    '=HYPERLINK("http://example.org";"点我")',
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>&amp;",
    "</w:t></w:r><w:r>",
    "字" * 5_000,
    "A" * 5_000,
    "前\x00中\x07后\x1b[31m\x85\ud83d",
    "🚀项目👩‍👩‍👧",
    "右\u202e左",
    "_x000D_与_x0041_",
    "两\n行\r\n三\t行",
    "+1",
    "-1",
    "@SUM(A1)",
    "#N/A",
)


@cache
def engine() -> Engine:
    policy = read_book(WUXI).policy
    assert policy is not None
    return build(policy, "python")


@cache
def answer(name: str) -> tuple[Outcome, Narrative]:
    """The answer to an example of the Wuxi policy."""
    case, _, findings = read_case_file(EXAMPLES / f"{name}.json", engine().policy)
    assert case is not None, findings
    outcome = simulate(engine(), case)
    return outcome, explain(outcome)


def measures_on(narrative: Narrative, shelf: str) -> list[MeasureNarrative]:
    found = [each for each in narrative.measures if shelf_of(each) == shelf]
    assert found, shelf
    return found


# --- Word -----------------------------------------------------------------------------------------


class Read:
    """A Word document as a reader meets it."""

    def __init__(self, content: bytes) -> None:
        self.document: Opened = Document(io.BytesIO(content))
        self.blocks = [*self.document.iter_inner_content()]
        self.paragraphs = [each.text for each in self.blocks if isinstance(each, Paragraph)]
        self.tables = [each for each in self.blocks if isinstance(each, Table)]
        self.rows = [
            tuple(cell.text for cell in row.cells) for table in self.tables for row in table.rows
        ]
        self.cells = {cell for row in self.rows for cell in row}

    @property
    def headings(self) -> list[str]:
        return [
            each.text
            for each in self.blocks
            if isinstance(each, Paragraph) and each.style is not None
            and each.style.name == "Heading 1"
        ]  # fmt: skip

    @property
    def text(self) -> str:
        return "\n".join([*self.paragraphs, *map("\t".join, self.rows)])


@cache
def word(name: str) -> Read:
    return Read(word_report(*answer(name), MADE_ON))


def test_the_particulars_come_first() -> None:
    outcome, narrative = answer("typical-project")
    pairs = dict(word("typical-project").rows[:10])
    assert pairs["项目"] == outcome.case.name
    assert pairs["用例编号"] == "E08"
    assert pairs["基准日期"] == "2024-06-30"
    assert pairs["测算日期"] == "2026-11-27"
    assert pairs["政策"] == outcome.policy.title
    assert pairs["政策编号"] == "wuxi-2023"
    assert pairs["有效期"] == "2023-09-28 至 长期"
    assert pairs["政策指纹"] == narrative.fingerprint
    assert word("typical-project").paragraphs[0] == "测算意见书"


def test_the_conclusion_names_the_total_and_every_open_verdict() -> None:
    _, narrative = answer("typical-project")
    read = word("typical-project")
    lead = next(each for each in read.paragraphs if each.startswith("本项目按基准日期"))
    assert narrative.total.total in lead
    assert narrative.total.certain in lead
    assert narrative.total.uncounted in lead
    listed = {row[1]: row for row in read.rows if len(row) == 6 and row[0] != "结论"}
    for measure in narrative.measures:
        shelf = shelf_of(measure)
        assert (measure.id in listed) == (shelf not in ("refused", "not_applicable")), shelf
    assert listed["M6-3"] == ("✓ 可享受", "M6-3", "项目引荐奖励", "中介机构", "182.5万元", "六")
    assert listed["M16-4"][0] == "⇄ 就高不重复"
    assert listed["M16-4"][4] == "放弃 最高 200万元"


def test_a_ceiling_is_never_an_award() -> None:
    """Wherever the number of a ceiling stands as the worth of a measure, it says that it is one."""
    outcome, narrative = answer("typical-project")
    told = {each.id: each for each in narrative.measures}
    read = word("typical-project")
    ceilings = [
        told[each.measure.id].amount
        for each in outcome.measures
        if isinstance(each.verdict, Granted) and each.verdict.amount.certainty is Certainty.CEILING
    ]
    assert ceilings == ["最高 640万元", "最高 600万元"]
    for text in ceilings:
        bare = text.removeprefix("最高 ")
        cells = [cell for cell in read.cells if cell.replace(" ", "").endswith(bare)]
        steps = [row for row in read.rows if row[0].startswith(("按最高", "不超过"))]
        for cell in cells:
            stated_limit = any(cell == row[1] for row in steps)
            assert stated_limit or cell.startswith(("最高", "0元 至", "放弃")), cell
        headings = [each for each in read.paragraphs if each.endswith(bare)]
        assert headings
        assert all(f"最高 {bare}" in each or "给予" in each for each in headings)
    assert any("不是应得的金额" in each for each in read.paragraphs)


@pytest.mark.parametrize("name", ["typical-project", "introduction-near-miss"])
def test_a_granted_measure_is_told_with_clause_and_proof(name: str) -> None:
    _, narrative = answer(name)
    read = word(name)
    for measure in measures_on(narrative, "granted"):
        assert f"：「{measure.quote}」" in read.text
        assert measure.provision_text in read.paragraphs  # in the annex, whole
        for block in leading_rules(measure):
            assert any(block.outcome in each and block.place in each for each in read.paragraphs)
            for line in block.lines:
                proved = [row for row in read.rows if len(row) == 5 and row[4] == line.place]
                condition, requirement, actual = line.condition, line.requirement, line.actual
                assert any(
                    row[1].startswith(condition)
                    and row[2] == requirement
                    and row[3].startswith(actual)
                    for row in proved
                ), line
        for line in measure.amount_lines:
            assert (line.label, line.formula, line.value, line.place) in read.rows
        for paper in measure.evidence:
            assert any(row[0] == paper and measure.id in row[1] for row in read.rows)


def test_derived_facts_are_told_once() -> None:
    _, narrative = answer("typical-project")
    read = word("typical-project")
    told = [each for each in read.paragraphs if each.endswith("是怎么得出的")]
    assert told
    assert len(told) == len(set(told))
    assert "“符合465集群导向”是怎么得出的" in told
    assert any("（推导过程见前文）" in cell for cell in read.cells)
    for rules in (narrative.derivations["符合465集群导向"],):
        assert all(any(rule.outcome in each for each in read.paragraphs) for rule in rules)


def test_what_was_displaced_stands_in_its_section() -> None:
    _, narrative = answer("typical-project")
    read = word("typical-project")
    assert "三、同类政策就高不重复" in read.headings
    assert all(f"· {line}" in read.paragraphs for line in narrative.group_lines)
    (displaced,) = measures_on(narrative, "displaced")
    assert displaced.headline in read.paragraphs


def test_what_is_missing_stands_with_its_money() -> None:
    _, narrative = answer("foreign-award-unknown-capital")
    read = word("foreign-award-unknown-capital")
    for line in narrative.missing:
        assert (line.field, line.stake, "、".join(line.measures), line.hint) in read.rows
    assert read.rows.index(("指标", "关系到", "影响的支持项", "填写说明")) > 0
    for measure in measures_on(narrative, "undetermined"):
        assert (measure.id, measure.name, measure.amount or "—", measure.headline) in read.rows
    assert "2 项" not in read.headings[0]


def test_a_near_miss_says_what_to_do() -> None:
    _, narrative = answer("introduction-near-miss")
    read = word("introduction-near-miss")
    (near,) = measures_on(narrative, "near")
    assert near.repair == ("中介引荐项目：由 否 改为 是",)
    assert "· 中介引荐项目：由 否 改为 是" in read.paragraphs
    assert "· 之后为 150万元" in read.paragraphs
    row = next(row for row in read.rows if row[0] == "✗ 不满足" and row[1] == "中介引荐项目")
    assert row[2:4] == ("是", "否")


def test_refused_and_absent_measures_are_listed() -> None:
    _, narrative = answer("typical-project")
    read = word("typical-project")
    for measure in measures_on(narrative, "refused"):
        row = next(row for row in read.rows if row[0] == measure.id and len(row) == 4)
        assert (row[1], row[3]) == (measure.name, measure.provision)
        assert row[2].startswith(measure.headline)
    for measure in measures_on(narrative, "not_applicable"):
        row = next(row for row in read.rows if row[0] == measure.headline and len(row) == 2)
        assert f"{measure.id} {measure.name}" in row[1].split("；")


def test_sections_without_content_are_left_out_and_the_others_counted() -> None:
    assert word("before-the-policy").headings[0] == "一、测算结论"
    for name in ("typical-project", "foreign-award-unknown-capital", "before-the-policy"):
        numbered = [each for each in word(name).headings if "、" in each]
        assert [each[0] for each in numbered] == list("一二三四五六七八九"[: len(numbered)])
    assert "附件一　本项目填报的信息" in word("typical-project").headings


def test_the_facts_that_were_given_are_listed() -> None:
    outcome, _ = answer("typical-project")
    read = word("typical-project")
    listed = {row[0] for row in read.rows if len(row) == 3 and row[2] in ("填报", "主管部门认定")}
    assert listed == {name for name, value in outcome.case.facts.items() if value is not None}
    assert ("实缴资金", "36,500万元", "填报") in read.rows


def test_a_case_of_which_nothing_is_known() -> None:
    outcome = simulate(engine(), Case("", "", date(2024, 1, 1), {}))
    read = Read(word_report(outcome, explain(outcome), MADE_ON))
    assert ("项目", "未命名项目") in read.rows
    assert "没有填写任何信息。" in read.paragraphs


def test_the_page_is_a4_with_head_and_numbers() -> None:
    document = word("typical-project").document
    section = document.sections[0]
    assert [round(each.mm) for each in (section.page_width, section.page_height)] == [210, 297]
    assert section.header.paragraphs[0].text.endswith("· 测算意见书")
    footer = section.footer.paragraphs[0]
    fields = [each.text for each in footer._p.iter(qn("w:instrText"))]
    assert fields == ["PAGE", "NUMPAGES"]
    room = section.page_width - section.left_margin - section.right_margin
    for table in word("typical-project").tables:
        widths = [column.width for column in table.columns]
        assert all(widths)
        assert sum(widths) <= room + len(widths) * 700  # whole twips
    long = [table for table in word("typical-project").tables if len(table.columns) > 2]
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in long)


# --- Excel ----------------------------------------------------------------------------------------


@cache
def excel(name: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(excel_report(*answer(name), MADE_ON)))


def records(book: openpyxl.Workbook, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet by heading."""
    rows = [*book[sheet].iter_rows(min_row=4, values_only=True)]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_the_sheets_and_their_heads() -> None:
    outcome, narrative = answer("typical-project")
    book = excel("typical-project")
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet["A1"].value.startswith(outcome.policy.title)
        for text in (outcome.case.name, "2024-06-30", "2026-11-27", narrative.fingerprint):
            assert text in sheet["A2"].value
        assert sheet["A3"].value.startswith(f"合计：{narrative.total.total}")
        assert sheet.freeze_panes == "C5"
        assert sheet.auto_filter.ref == f"A4:{sheet.cell(4, sheet.max_column).column_letter}" + str(
            max(sheet.max_row, 5)
        )
        for cell in sheet[4]:
            assert cell.font.bold
            assert sheet.column_dimensions[cell.column_letter].width >= 8


@pytest.mark.parametrize("name", ["typical-project", "foreign-award-unknown-capital"])
def test_a_row_for_every_measure_with_its_money_as_numbers(name: str) -> None:
    outcome, narrative = answer(name)
    told = {each.id: each for each in narrative.measures}
    rows = records(excel(name), "结论")
    assert [row["支持项编号"] for row in rows] == [each.measure.id for each in outcome.measures]
    for row, each in zip(rows, outcome.measures, strict=True):
        measure = told[each.measure.id]
        near = shelf_of(measure) == "near"
        assert row["结论"] == ("差一点" if near else measure.verdict_word)
        amount = each.verdict.amount if isinstance(each.verdict, Granted) else None
        low, high = (amount.low, amount.high) if amount else (None, None)
        wanted = [None if end is None else Fraction(end) / 100 for end in (low, high)]
        given = [row["可享受最低（元）"], row["可享受最高（元）"]]
        assert given == [None if each is None else float(each) for each in wanted]
        assert (row["还缺"] or "") == "、".join(measure.missing)
        assert (row["说明"], row["条款"] or "") == (measure.headline, measure.provision)
        assert (row["原文"] or "") == measure.quote


def test_what_is_not_granted_is_not_in_the_columns_of_what_is() -> None:
    rows = {row["支持项编号"]: row for row in records(excel("typical-project"), "结论")}
    displaced = rows["M16-4"]
    assert (displaced["可享受最低（元）"], displaced["可享受最高（元）"]) == (None, None)
    assert displaced["未计入合计，最高（元）"] == 2_000_000
    assert displaced["被谁取代"] == "M16-3"
    assert rows["M16-2"]["金额性质"] == "上限，由主管部门核定"
    assert (rows["M16-2"]["可享受最低（元）"], rows["M16-2"]["可享受最高（元）"]) == (0, 6_400_000)
    assert rows["M6-3"]["金额性质"] == "确定"
    open_ = {
        row["支持项编号"]: (row["结论"], row["金额性质"])
        for row in records(excel("foreign-award-unknown-capital"), "结论")
    }
    assert open_["M16-2"] == ("待补充", "尚未确定，补充信息后再算")
    assert open_["M2-4"] == ("待补充", "按有关规定")
    assert open_["M2-1"] == ("待补充", "不涉及金额")
    assert rows["M2-5"]["不满足的条件"] == "机构属性"
    sheet = excel("typical-project")["结论"]
    money = [each for each in sheet["G"][4:] if each.value is not None]
    assert money
    assert all(each.number_format == "#,##0.00" and each.data_type == "n" for each in money)


def test_the_proof_has_a_row_for_every_line() -> None:
    _, narrative = answer("typical-project")
    rows = records(excel("typical-project"), "条件")
    blocks = [block for measure in narrative.measures for block in measure.rules]
    blocks += [block for rules in narrative.derivations.values() for block in rules]
    assert len(rows) == sum(1 + len(block.lines) for block in blocks)
    given = [(row["条件"] or "", row["政策要求"] or "", row["本项目"] or "") for row in rows]
    for block in blocks:
        for line in block.lines:
            assert (line.condition, line.requirement, line.actual) in given


def test_amounts_missing_facts_and_facts() -> None:
    outcome, narrative = answer("typical-project")
    book = excel("typical-project")
    steps = [line for measure in narrative.measures for line in measure.amount_lines]
    rows = records(book, "金额")
    assert [(row["步骤"], row["结果"]) for row in rows] == [(s.label, s.value) for s in steps]
    first = next(row for row in rows if row["支持项编号"] == "M6-3")
    assert (first["最低（元）"], first["最高（元）"]) == (1_825_000, 1_825_000)
    facts = {row["指标"]: row for row in records(book, "指标")}
    given = {name for name, value in outcome.case.facts.items() if value is not None}
    assert {name for name, row in facts.items() if row["来源"] != "按政策推导"} == given
    assert facts["实缴资金"]["值"] == "36,500万元"
    assert (facts["实缴资金"]["数值"], facts["实缴资金"]["单位"]) == (365_000_000, "元")
    assert facts["符合465集群导向"]["来源"] == "按政策推导"
    assert records(book, "缺什么")[0]["指标"] == "没有。"
    outcome, narrative = answer("foreign-award-unknown-capital")
    missing = records(excel("foreign-award-unknown-capital"), "缺什么")
    assert [row["指标"] for row in missing] == [line.field for line in narrative.missing]
    stakes = [float(Fraction(fact.stake) / 100) for fact in rank_missing(outcome)]
    assert [row["关系到（元）"] for row in missing] == stakes


def test_an_unbounded_amount_is_a_word() -> None:
    outcome, _ = answer("foreign-award-unknown-capital")
    steps = records(excel("foreign-award-unknown-capital"), "金额")
    assert outcome is not None
    assert [row["最高（元）"] for row in steps if row["步骤"] == "按最高标准计算"][1] == "不封顶"


# --- hostile texts --------------------------------------------------------------------------------


class Poison:
    """Puts a text before every text of a narrative that is not a key to something else."""

    KEYS = frozenset({"verdict", "counts", "id", "provision", "measures", "field", "behind"})

    def __init__(self, told: str) -> None:
        self.told = told

    def __call__(self, node: Any, name: str = "") -> Any:
        if isinstance(node, Mapping):
            return {key: self(each, name) for key, each in node.items()}
        if isinstance(node, str):
            return f"{self.told}{node}" if name not in self.KEYS else node
        if isinstance(node, tuple) and name != "measures":
            return tuple(self(each, name) for each in node)
        if name == "measures" and node and not isinstance(node[0], str):
            return tuple(self(each) for each in node)
        if is_dataclass(node) and not isinstance(node, type):
            return replace(
                node,
                **{each.name: self(getattr(node, each.name), each.name) for each in fields(node)},
            )
        return node


def poisoned(told: str) -> tuple[Outcome, Narrative]:
    outcome, narrative = answer("introduction-near-miss")
    case = replace(outcome.case, name=told, id=told)
    return replace(outcome, case=case), Poison(told)(narrative)


def parts_of(content: bytes) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                yield name, archive.read(name).decode()


@pytest.mark.parametrize("told", HOSTILE)
def test_hostile_texts_stay_texts_in_word(told: str) -> None:
    outcome, narrative = poisoned(told)
    content = word_report(outcome, narrative, MADE_ON)
    read = Read(content)
    shown = printable(told)
    assert dict(read.rows[:5])["项目"] == shown
    assert any(cell.startswith(shown) for row in read.rows[-40:] for cell in row)
    assert sum(shown in each for each in read.paragraphs) > 20
    for _, part in parts_of(content):
        assert "<w:hyperlink" not in part
        assert 'TargetMode="External"' not in part
        assert re.findall(r"<w:instrText[^>]*>([^<]*)", part) in ([], ["PAGE", "NUMPAGES"])


@pytest.mark.parametrize("told", HOSTILE)
def test_hostile_texts_stay_texts_in_excel(told: str) -> None:
    outcome, narrative = poisoned(told)
    content = excel_report(outcome, narrative, MADE_ON)
    for name, part in parts_of(content):
        if name.startswith("xl/worksheets/"):
            assert "<f>" not in part
            assert "<f " not in part
            assert "hyperlink" not in part or "hyperlink" in told.lower()
    book = openpyxl.load_workbook(io.BytesIO(content))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n"}
    shown = printable(told).replace("_x", "_x005F_x")
    column = [cell for cell in book["结论"]["B"][4:] if cell.value]
    assert column
    assert all(cell.value.startswith(shown) for cell in column)
    guarded = told.startswith(("=", "+", "-", "@"))
    assert all(bool(cell.quotePrefix) == guarded for cell in column)


def test_a_text_longer_than_a_cell_is_cut_and_says_so() -> None:
    outcome, narrative = answer("introduction-near-miss")
    first, *rest = narrative.measures
    long = replace(narrative, measures=(replace(first, headline="长" * 40_000), *rest))
    book = openpyxl.load_workbook(io.BytesIO(excel_report(outcome, long, MADE_ON)))
    value = next(cell.value for cell in book["结论"]["J"][4:])
    assert len(value) == 32_767
    assert value.endswith("……（太长，以下略）")


# --- any policy, any case -------------------------------------------------------------------------


def test_reports_of_random_policies_can_be_read() -> None:
    shelves = set()
    for seed in range(8):
        policy = draw_policy(Random(seed))
        random_engine = build(policy, "python")
        for case in draw_cases(policy, 2, seed):
            outcome = simulate(random_engine, case)
            narrative = explain(outcome)
            read = Read(word_report(outcome, narrative, MADE_ON))
            book = openpyxl.load_workbook(io.BytesIO(excel_report(outcome, narrative, MADE_ON)))
            rows = records(book, "结论")
            assert [row["支持项编号"] for row in rows] == [each.id for each in narrative.measures]
            for measure in narrative.measures:
                shelves.add(shelf_of(measure))
                assert measure.id in read.text
            for line in narrative.missing:
                assert any(row[0] == line.field and row[1] == line.stake for row in read.rows)
    assert shelves >= {"granted", "displaced", "undetermined", "referred", "refused"}


OFFICE = shutil.which("soffice")


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_both(tmp_path: Path) -> None:
    assert OFFICE is not None
    made = answer("introduction-near-miss")
    (tmp_path / "意见.docx").write_bytes(word_report(*made, MADE_ON))
    (tmp_path / "明细.xlsx").write_bytes(excel_report(*made, MADE_ON))
    for name, kind in (("意见.docx", "txt:Text (encoded):UTF8"), ("明细.xlsx", "csv")):
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        out = tmp_path / "out"
        command = [OFFICE, "--headless", profile, "--convert-to", kind, "--outdir", out]
        subprocess.run([*command, tmp_path / name], check=True, capture_output=True, timeout=110)
    paper = (tmp_path / "out" / "意见.txt").read_text("utf-8-sig")
    assert "测算意见书" in paper
    assert "中介引荐项目：由 否 改为 是" in paper
    assert (tmp_path / "out" / "明细.csv").stat().st_size > 1000


# --- on the command line --------------------------------------------------------------------------


def test_simulate_writes_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = EXAMPLES / "introduction-near-miss.json"
    paper, sheet = tmp_path / "意见.docx", tmp_path / "明细.xlsx"
    asked = ["simulate", str(WUXI), "--case", str(case)]
    both = [*asked, "--report", str(paper), "--report", str(sheet)]
    assert cli.main(both) == 0
    told = "".join(capsys.readouterr().err.split())
    assert told.count("已写到") == 2
    assert "测算意见书" in Read(paper.read_bytes()).text
    assert openpyxl.load_workbook(sheet).sheetnames == SHEETS
    assert cli.main(both) == 2
    assert "已经存在" in capsys.readouterr().err
    refusals = {
        str(tmp_path / "意见.pdf"): ".docx（《测算意见书》）",
        str(tmp_path): "是一个文件夹",
        str(tmp_path / "无" / "意见.docx"): "没有“",
        str(WUXI): "就是原工作簿",
    }
    for out, reason in refusals.items():
        assert cli.main([*asked, "--report", out]) == 2
        assert reason in "".join(capsys.readouterr().err.split())
    assert cli.main([*asked, "--force"]) == 2
    assert "--force 只和" in capsys.readouterr().err
    twice = tmp_path / "两次.docx"
    assert cli.main([*asked, "--report", str(twice), "--report", str(twice)]) == 2
    assert not twice.exists()


def test_money_is_exact() -> None:
    """Yuan and fen of any amount arrive as they are, not as the nearest binary fraction."""
    outcome, narrative = answer("typical-project")
    content = excel_report(outcome, narrative, MADE_ON)
    part = dict(parts_of(content))["xl/worksheets/sheet1.xml"]
    numbers = re.findall(r'<c r="[FGI]\d+"[^>]*t="n"[^>]*><v>([^<]+)</v>', part)
    assert numbers
    assert {Decimal(each) for each in numbers} >= {Decimal(1_825_000), Decimal(6_400_000)}
    assert all("e" not in each.lower() for each in numbers)


def test_an_amount_that_waits_for_a_judgement_is_not_called_certain() -> None:
    amount = Amount(100, 100, Certainty.DEFINITE)
    assert _certainty(Referred(("甲",), amount), amount) == "待认定；认定通过后：确定"
    ceiling = Amount(0, 100, Certainty.CEILING)
    assert _certainty(Undetermined(("甲",), ceiling), ceiling) == "尚未确定，补充信息后再算"
    case_by_case = Amount(0, 100, Certainty.DISCRETIONARY)
    assert _certainty(Undetermined(("甲",), case_by_case), case_by_case) == "一事一议"
    assert _certainty(Displaced("M1", amount), amount) == "确定"


def test_a_refused_measure_says_what_is_asked_and_what_there_is() -> None:
    text = word("introduction-5yi").text
    assert "项目阶段：政策要求“在谈”，本项目“已落地”。" in text
    assert "这一条只问填没填：没有填，就是不满足" in text
