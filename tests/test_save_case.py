"""存为用例: a case becomes a golden case that is met, in a copy that is otherwise the workbook."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import openpyxl
import pytest

from authoring import cli
from authoring.cases import read_case_file
from authoring.commands.golden import run_cases
from authoring.package.parts import Package
from authoring.package.sheets import sheet_parts
from authoring.printable import printable
from authoring.save_case import NotSavedError, Saved, UnspellableError, save_case
from authoring.spell_book import spell_book
from authoring.spelling import tidy
from authoring.understand import Understanding, read_book
from authoring.write_book import write_book
from engine import build, simulate
from engine.cases import Case, GoldenCase
from engine.expectations import kind_of, spell, total_of
from engine.fingerprint import fingerprint
from engine.model import Policy
from engine.outcome import Outcome
from engine.values import Value
from tests import sample_book
from tests.books import Content, make_book
from tests.policy_books import BOOKS
from tests.random_cases import draw_cases
from tests.random_policies import draw_policy
from tests.rich_book import parts_of, rich_book
from tests.test_round_trip import readable, without_refused_rules

pytestmark = pytest.mark.filterwarnings("ignore:Data Validation extension")

WUXI = BOOKS[0]
EXAMPLES = sorted((WUXI.parent / "examples").glob("*.json"))
HOSTILE = (
    '=HYPERLINK("http://example.org";"点我")',
    "<script>alert(1)</script>&amp;",
    "字" * 5_000,
    "前\x00中\x07后\x1b[31m",
    "🚀项目👩‍👩‍👧",
    "_x000D_与_x0041_",
    "+1-2",
    "@SUM(A1)",
)
POLICIES, CASES, SAVED_AT_LEAST = 7, 5, 30


def facts_of(case: Case) -> dict[str, Value]:
    return {name: value for name, value in case.facts.items() if value is not None}


def check_expected(golden: GoldenCase, outcome: Outcome) -> None:
    """Every measure is expected as it came out, and the total."""
    expected = {each.target: each for each in golden.expectations}
    for each in outcome.measures:
        stated = expected.pop(each.measure.id)
        assert stated.verdict == kind_of(each.verdict)
        assert stated.text == spell(each.verdict)
    total = expected.pop("合计")
    assert (total.low, total.high) == (outcome.total.low, outcome.total.high)
    for target, each in expected.items():
        assert target.startswith("合计·")
        of = total_of(outcome, target)
        assert (each.low, each.high) == (of.low, of.high)


def check_saved(before: Understanding, saved: Iterable[tuple[Saved, Outcome]]) -> None:
    """The last copy holds the old golden cases and the new ones, and all of them are met."""
    saved = list(saved)
    after = read_book(saved[-1][0].file)
    assert after.policy is not None, after.findings
    assert before.policy is not None
    assert fingerprint(after.policy) == fingerprint(before.policy)
    old, new = after.golden_cases[: -len(saved)], after.golden_cases[-len(saved) :]
    assert old == before.golden_cases
    for golden, (one, outcome) in zip(new, saved, strict=True):
        case = golden.case
        assert case.id == one.id
        assert (case.date, case.subjects) == (outcome.case.date, outcome.case.subjects)
        assert facts_of(case) == facts_of(outcome.case)
        assert str(case.at) == f"{one.sheet}!A{one.row}"
        assert len(golden.expectations) == one.expectations
        check_expected(golden, outcome)
    engine = build(after.policy, "python")
    assert all(result.passed for result in run_cases(engine, after.golden_cases))
    assert after.golden_contests == before.golden_contests


def example(path: Path, policy: Policy) -> Case:
    case, _, findings = read_case_file(path, policy)
    assert case is not None, findings
    return case


def test_an_example_of_the_policy_in_its_own_workbook() -> None:
    file = WUXI.read_bytes()
    before = read_book(file)
    assert before.policy is not None
    outcome = simulate(build(before.policy, "python"), example(EXAMPLES[-1], before.policy))
    saved = save_case(file, outcome)
    check_saved(before, [(saved, outcome)])
    old, new = (openpyxl.load_workbook(io.BytesIO(each))["用例"] for each in (file, saved.file))
    assert (new.max_row, new.max_column) == (old.max_row + 1, old.max_column)


def test_every_example_of_the_policy() -> None:
    """One behind the other, in a workbook of few golden cases that is read fast."""
    read = read_book(WUXI)
    assert read.policy is not None
    file = write_book(spell_book(read.policy, read.golden_cases[:3], read.golden_contests))
    before, saved = read_book(file), []
    assert before.policy is not None
    engine = build(before.policy, "python")
    for path in EXAMPLES:
        outcome = simulate(engine, example(path, before.policy))
        saved.append((save_case(file, outcome), outcome))
        file = saved[-1][0].file
    assert len(saved) == 8
    assert [one.id for one, _ in saved] == [outcome.case.id for _, outcome in saved]
    check_saved(before, saved)


def test_random_policies_and_cases() -> None:
    """Their books have no 用例: it is made, and gets the columns that later cases need."""
    count = 0
    for seed in range(POLICIES):
        policy, read = without_refused_rules(readable(draw_policy(Random(seed))))
        if read.policy is None:
            continue
        file, saved = write_book(spell_book(policy)), []
        engine = build(read.policy, "python")
        for case in draw_cases(policy, CASES, seed):
            outcome = simulate(engine, case)
            if case.subjects == frozenset():  # no cell says that a case involves nobody
                with pytest.raises(NotSavedError):
                    save_case(file, outcome)
                continue
            saved.append((save_case(file, outcome), outcome))
            file = saved[-1][0].file
        check_saved(read, saved)
        count += len(saved)
    assert count >= SAVED_AT_LEAST


# --- the sample book ------------------------------------------------------------------------------

FACTS: Mapping[str, Value] = {
    "实缴资金": 500_000_000,
    "总投资": 20_000_000_000,
    "行业": "集成电路",
    "称号": frozenset({"世界500强", "专精特新"}),
    "开工日期": date(2023, 9, 28),
    "职工人数": 12,
    "表现突出": False,
}


def sample(edits: Mapping[str, Content] | None = None) -> bytes:
    return make_book(sample_book.edited(edits or {}))


def answered(file: bytes, **changes: object) -> Outcome:
    policy = read_book(file).policy
    assert policy is not None
    case = Case("新", "新项目", date(2023, 10, 1), FACTS)
    return simulate(build(policy, "python"), replace(case, **changes))  # type: ignore[arg-type]


def row_of(saved: Saved) -> dict[str, object]:
    sheet = openpyxl.load_workbook(io.BytesIO(saved.file))[saved.sheet]
    return {
        sheet.cell(1, column).value: sheet.cell(saved.row, column).value
        for column in range(1, sheet.max_column + 1)
        if sheet.cell(saved.row, column).value is not None
    }


def test_a_row_under_the_headings_that_are_there() -> None:
    file = sample()
    outcome = answered(file)
    saved = save_case(file, outcome)
    check_saved(read_book(file), [(saved, outcome)])
    assert (saved.sheet, saved.row, saved.expectations) == ("用例", 4, 3)
    assert row_of(saved) == {
        "编号": "新",
        "名称": "新项目",
        "基准日期": "2023-10-01",
        "实缴资金": "500万元",
        "总投资（亿元）": "20,000万元",
        "行业": "集成电路",
        "称号": "专精特新、世界500强",
        "开工日期": "2023-09-28",
        "表现突出": "否",
        "期望·M1": "被M2取代",
        "期望·M2": "上限 50万元",
        "期望·合计": "0元—50万元",
        "职工人数": "12人",
    }


def test_headings_that_are_missing_come_behind_everything() -> None:
    far = sample({"用例!P1": "职工人数", "用例!L1": None, "用例!L2": None, "用例!L3": None})
    saved = save_case(far, answered(far))
    sheet = openpyxl.load_workbook(io.BytesIO(saved.file))["用例"]
    headings = [cell.value for cell in sheet[1]]
    assert headings[10:] == ["期望·M1", None, "期望·合计", None, None, "职工人数", "期望·M2"]
    bare = sample({f"用例!{column}{row}": None for column in "KLM" for row in (1, 2, 3)})
    outcome = answered(bare, subjects=frozenset({"企业"}))
    saved = save_case(bare, outcome)
    check_saved(read_book(bare), [(saved, outcome)])
    sheet = openpyxl.load_workbook(io.BytesIO(saved.file))["用例"]
    assert [cell.value for cell in sheet[1]][10:] == ["职工人数", "期望·M1", "期望·M2", "期望·合计"]
    assert sheet.cell(4, 12).number_format == "@"


def test_a_sheet_is_made_where_there_is_none() -> None:
    sheets = {name: rows for name, rows in sample_book.sheets().items() if name != "用例"}
    file = make_book(sheets)
    outcome = answered(file)
    saved = save_case(file, outcome)
    check_saved(read_book(file), [(saved, outcome)])
    assert openpyxl.load_workbook(io.BytesIO(saved.file)).sheetnames[-1] == saved.sheet == "用例"


def test_a_sheet_of_another_name_and_with_a_title_above() -> None:
    sheets = sample_book.sheets()
    rows = sheets.pop("用例")
    file = make_book(sheets | {"测试用例": [["用例一览"], [], *rows]})
    outcome = answered(file)
    saved = save_case(file, outcome)
    check_saved(read_book(file), [(saved, outcome)])
    assert saved.row == 6


def test_rows_that_are_only_formatted_are_filled_and_keep_their_look() -> None:
    book = openpyxl.load_workbook(io.BytesIO(sample()))
    for row in (4, 5, 6):
        for column in range(1, 14):
            book["用例"].cell(row, column).fill = openpyxl.styles.PatternFill("solid", "FFEEEEEE")
    target = io.BytesIO()
    book.save(target)
    saved = save_case(target.getvalue(), answered(target.getvalue()))
    assert saved.row == 4
    sheet = openpyxl.load_workbook(io.BytesIO(saved.file))["用例"]
    assert {sheet.cell(4, column).fill.fgColor.rgb for column in range(1, 14)} == {"FFEEEEEE"}


def test_a_number_that_is_taken_gets_another() -> None:
    file = sample()
    first = save_case(file, answered(file, id="例1"))
    second = save_case(first.file, answered(file, id=" 例１"))
    nameless = save_case(second.file, answered(file, id=""))
    last = save_case(nameless.file, answered(file, id="\u200b"))
    ids = [first.id, second.id, nameless.id, last.id]
    assert ids == ["例1-2", "例１-3", "测算", "测算-2"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_a_text(name: str) -> None:
    file = sample()
    outcome = answered(file, name=name, id=name[:40])
    saved = save_case(file, outcome)
    check_saved(read_book(file), [(saved, outcome)])
    cells = openpyxl.load_workbook(io.BytesIO(saved.file))["用例"][saved.row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert all(cell.data_type == "s" for cell in cells if cell.value is not None)
    golden = read_book(saved.file).golden_cases[-1]
    assert golden.case.name == tidy(printable(name))


def test_codes_that_look_like_lists_are_quoted() -> None:
    file = sample({"代码表!A9": "称号", "代码表!B9": "甲、乙"})
    facts = {**FACTS, "称号": frozenset({"甲、乙", "世界500强"})}
    outcome = answered(file, facts=facts)
    saved = save_case(file, outcome)
    check_saved(read_book(file), [(saved, outcome)])


def test_a_value_that_no_cell_can_hold_is_refused() -> None:
    file = sample()
    with pytest.raises(UnspellableError) as refused:
        save_case(file, answered(file, facts={**FACTS, "行业": "没有的行业"}))
    assert refused.value.fields == ("行业",)


def test_a_case_against_the_constraints_of_the_book_is_refused() -> None:
    file = sample()
    with pytest.raises(NotSavedError):
        save_case(file, answered(file, facts={"实缴资金": 500, "总投资": 100}))


# --- nothing else changes -------------------------------------------------------------------------


def test_every_other_byte_stays() -> None:
    file = rich_book({"推导!C5": "制造业"})
    outcome = answered(file)
    saved = save_case(file, outcome)
    check_saved(read_book(file), [(saved, outcome)])
    path = sheet_parts(Package(file))["用例"]
    old, new = parts_of(file), parts_of(saved.file)
    changed = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    assert changed == {path, "xl/styles.xml"}
    assert list(new) == list(old)
    before, after = old[path].decode(), new[path].decode()
    added = re.search(r'<row r="4">.*?</row>', after, re.S)
    assert added is not None
    after = after.replace(added[0], "")
    after = re.sub(r'<c r="N1"[^>]*>.*?</c>', "", after)
    after = after.replace('<dimension ref="A1:N4"', '<dimension ref="A1:M3"')
    after = re.sub(r"<cols>.*?</cols>", "", after)
    assert re.sub(r' spans="[^"]*"', "", before) == after
    formats = (old["xl/styles.xml"], new["xl/styles.xml"])
    assert formats[1].count(b"<xf ") - formats[0].count(b"<xf ") <= 1


# --- on the command line --------------------------------------------------------------------------


def test_simulate_saves_and_test_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, case, out = tmp_path / "政策.xlsx", tmp_path / "例.json", tmp_path / "新.xlsx"
    untouched = sample()
    book.write_bytes(untouched)
    case.write_text('{"编号": "甲", "基准日期": "2023-10-01", "实缴资金": 100}', "utf-8")
    asked = ["simulate", str(book), "--case", str(case), "--save-as", str(out)]
    assert cli.main(asked) == 0
    told = "".join(capsys.readouterr().err.split())
    assert "：这个项目存为“用例”表第4行的用例，编号是“甲”，3项期望" in told
    assert cli.main(["test", str(out)]) == 0
    assert "用例 3 个：通过 3，未通过 0" in capsys.readouterr().out
    assert cli.main(asked) == 2
    assert "已经存在" in capsys.readouterr().err
    assert cli.main([*asked, "--force", "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("{")
    assert "已写到" in captured.err
    assert cli.main(["simulate", str(book), "--case", str(out), "--save-as", str(out)]) == 2
    assert "就是用例文件" in capsys.readouterr().err
    other = tmp_path / "又.xlsx"
    assert cli.main(["simulate", str(book), "--case", str(out), "--save-as", str(other)]) == 2
    assert "有 3 个项目" in capsys.readouterr().err
    chosen = ["simulate", str(book), "--case", str(out), "--row", "甲", "--save-as", str(other)]
    assert cli.main(chosen) == 0
    assert other.exists()
    assert book.read_bytes() == untouched
