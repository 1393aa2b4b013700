"""Runs tests/spec/cell-language.md: every row of its tables is one cell, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from authoring.grammar import (
    AmountReading,
    ExchangeUnit,
    MoneyUnit,
    PriceUnit,
    Reading,
    Vocabulary,
    make_vocabulary,
    read_allowance,
    read_amount,
    read_caps,
    read_conclusion,
    read_condition,
    read_floor,
    read_number_expression,
    read_requirement,
    read_unit,
    read_uplift,
    read_value,
)
from authoring.grammar.problems import Code as FindingCode
from authoring.messages import fill, words
from authoring.spelling import nearest
from engine.cells import CellRef
from engine.expressions import Expression
from engine.findings import Finding
from engine.model import Field, Source, Uplift
from engine.phrase import echo_test, phrase_amount, phrase_expression, phrase_less, phrase_value
from engine.phrase_terms import phrase_uplift
from engine.types import (
    ChoiceType,
    Code,
    CodeList,
    DateType,
    ExchangeRateType,
    FieldType,
    MoneyType,
    MultiChoiceType,
    QuantityType,
    RateType,
    TextType,
    UnitPriceType,
    YesNoType,
)

SPEC = Path(__file__).parent / "spec" / "cell-language.md"
CELL = CellRef("奖励", 7, 4)
BLANK = "（空白）"
NONE = "没有"


@dataclass(frozen=True)
class Row:
    """One row of a table: what is typed, in which column, and what should come of it."""

    kind: str
    column: str
    typed: str
    reading: str | None
    code: str = ""
    marked: str = ""
    meant: str = ""


def tables(text: str) -> Iterator[tuple[str, str, list[dict[str, str]]]]:
    """Yield each table with the title of its section and the column that the section names."""
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        column = re.search(r"^列：(.+)$", body, re.MULTILINE)
        for block in re.findall(r"(?:^\|.*\|\n)+", body, re.MULTILINE):
            heads, _, *lines = [
                [cell.strip() for cell in line.strip().strip("|").split("|")]
                for line in block.splitlines()
            ]
            rows = [dict(zip(heads, line, strict=True)) for line in lines]
            yield title.strip(), column[1].strip() if column else "", rows


def unquoted(cell: str) -> str:
    """What is typed stands in backticks, so that spaces can be seen."""
    return "" if cell == BLANK else cell.removeprefix("`").removesuffix("`")


def cases() -> Iterator[Row]:
    """Read the rows of every section that is about cells."""
    for title, column, rows in tables(SPEC.read_text(encoding="utf-8")):
        kind = title.partition("：")[0]
        for row in rows:
            if "写法" in row:
                yield Row(
                    kind,
                    column,
                    unquoted(row["写法"]),
                    row.get("理解"),
                    row.get("问题", ""),
                    unquoted(row.get("所指", "")),
                    row.get("是否想写", ""),
                )


def type_of(row: Mapping[str, str]) -> FieldType:
    """The type of a field of the specification."""
    unit = read_unit(row["单位"])
    match row["类型"], unit:
        case "金额", MoneyUnit(currency=currency):
            return MoneyType(currency)
        case "单价", PriceUnit(money=money, per=per):
            return UnitPriceType(money.currency, per)
        case "汇率", ExchangeUnit(source=source, target=target):
            return ExchangeRateType(source, target)
        case "数量", _:
            return QuantityType(row["单位"])
        case "单选", _:
            return ChoiceType(row["单位"])
        case "多选", _:
            return MultiChoiceType(row["单位"])
    plain = {"比例": RateType(), "日期": DateType(), "是否": YesNoType(), "文本": TextType()}
    return plain[row["类型"]]


def vocabulary_of(text: str) -> Vocabulary:
    """The fields and the code lists that stand at the head of the specification."""
    by_title = {title: rows for title, _, rows in tables(text)}
    fields = {}
    for row in by_title["指标"]:
        type_ = type_of(row)
        unit = "" if isinstance(type_, ChoiceType | MultiChoiceType) else row["单位"]
        fields[row["指标"]] = Field(row["指标"], type_, unit, source=Source(row["来源"]))
    codes: dict[str, list[Code]] = {}
    for row in by_title["代码表"]:
        codes.setdefault(row["代码表"], []).append(Code(row["值"], row["上级"] or None))
    lists = {name: CodeList(name, tuple(each)) for name, each in codes.items()}
    return make_vocabulary(fields, lists)


VOCABULARY = vocabulary_of(SPEC.read_text(encoding="utf-8"))


def spelt(reading: Reading[AmountReading] | Reading[tuple[Expression, ...]]) -> str:
    """Write what an amount or a list of caps was read as."""
    match reading[0]:
        case AmountReading(benefit=benefit, floor=floor, caps=caps):
            return phrase_amount(benefit, floor, caps, VOCABULARY.fields)
        case tuple() as caps:
            return "；".join(phrase_expression(cap, VOCABULARY.fields) for cap in caps) or NONE
    return ""


def read(row: Row) -> tuple[str, Sequence[Finding]]:
    """Read the cell of a row; return how it is understood, or its findings."""
    fields = VOCABULARY.fields
    name, _, unit = row.column.rstrip("）").partition("（")
    match row.kind:
        case "条件":
            field = fields[name]
            test, findings = read_condition(row.typed, field, unit, VOCABULARY, CELL)
            return "" if test is None else echo_test(test, field, fields), findings
        case "金额":
            amount = read_amount(row.typed, unit, VOCABULARY, CELL)
            return spelt(amount), amount[1]
        case "最高限额":
            caps = read_caps(row.typed, unit, VOCABULARY, CELL)
            return spelt(caps), caps[1]
        case "累计上限":
            allowance, findings = read_allowance(row.typed, unit, VOCABULARY, CELL)
            if not allowance:
                return "" if allowance is None else NONE, findings
            return phrase_less(*allowance, fields), findings
        case "上浮":
            rise, findings = read_uplift(row.typed, VOCABULARY, CELL)
            if rise is None:
                return "", findings
            rate, after_caps = rise
            uplift = Uplift(rate, bool(after_caps))
            return phrase_uplift(uplift, fields, capped=after_caps is not None), findings
        case "最低":
            floors, findings = read_floor(row.typed, unit, VOCABULARY, CELL)
            if floors == ():
                return NONE, findings
            expression = floors[0] if floors else None
        case "填报":
            value, findings = read_value(row.typed, fields[name], unit, VOCABULARY, CELL)
            return "" if value is None else phrase_value(value, fields[name].type), findings
        case "条件式":
            expression, findings = read_requirement(row.typed, VOCABULARY, CELL)
        case "推导结论":
            conclusion = read_conclusion(row.typed, fields[name], unit, VOCABULARY, CELL)
            expression, findings = conclusion
        case "排序指标":
            expression, findings = read_number_expression(row.typed, VOCABULARY, CELL)
        case _:
            raise AssertionError(row.kind)
    return "" if expression is None else phrase_expression(expression, fields), findings


def named(row: Row) -> str:
    """The name of a test item."""
    return f"{row.kind}·{row.column}·{row.typed or BLANK}"


def marked(finding: Finding, typed: str) -> str:
    """The characters that a finding speaks of."""
    assert finding.at is not None
    return typed[finding.at.start : finding.at.end]


@pytest.mark.parametrize("row", [pytest.param(row, id=named(row)) for row in cases()])
def test_cell(row: Row) -> None:
    understood, findings = read(row)
    if row.reading is not None:
        assert (understood, list(findings)) == (row.reading, [])
        return
    assert understood == ""
    found = [
        (each.code, marked(each, row.typed), " / ".join(each.did_you_mean)) for each in findings
    ]
    codes, places, meant = zip(*found, strict=True)
    assert (" ".join(codes), " … ".join(places), " … ".join(filter(None, meant))) == (
        row.code,
        row.marked,
        row.meant,
    )


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=named(row)) for row in cases() if row.code == "C141"]
)
def test_what_an_amount_was_meant_to_say_reads_and_says_as_much(row: Row) -> None:
    numbers = re.findall(r"\d+", row.typed)
    for meant in row.meant.split(" / "):
        assert read(replace(row, typed=meant))[1] == ()
        assert re.findall(r"\d+", meant) == numbers
        assert ("最高" in meant or "不超过" in meant) == (
            "最高" in row.typed or "不超过" in row.typed
        )


def test_every_code_has_a_row_and_words() -> None:
    shown = {code for row in cases() for code in row.code.split()}
    # Texts of more than two thousand characters stand in test_cell_robustness.
    assert shown | {"C123"} == {code.value for code in FindingCode}


@pytest.mark.parametrize("row", [pytest.param(row, id=named(row)) for row in cases() if row.code])
def test_findings_can_be_said(row: Row) -> None:
    for finding in read(row)[1]:
        said = words(finding.code)
        assert fill(said.message, finding.params)
        assert fill(said.help, finding.params)


def test_digits_of_names_are_no_parted_digits() -> None:
    staff = Field("在册人数2023", QuantityType("人"), "人")
    years = CodeList("年度", (Code("2023"), Code("2024")))
    year = Field("年度", ChoiceType("年度"))
    vocabulary = make_vocabulary({"在册人数2023": staff, "年度": year}, {"年度": years})
    assert read_requirement("在册人数2023 500人以上", vocabulary, CELL)[1] == ()
    [missing_comma] = read_condition("2023 2024", year, "", vocabulary, CELL)[1]
    assert missing_comma.code == FindingCode.NO_CONNECTIVE.value
    [parted] = read_requirement("在册人数2023 ≥ 5 000人", vocabulary, CELL)[1]
    assert (parted.code, parted.did_you_mean) == ("C143", ("5000人",))


def offered_for(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """What is offered for a limit that does not say what was received, in a policy of its own."""
    fields = {name: Field(name, MoneyType("CNY"), "万元") for name in names}
    _, (finding,) = read_allowance(text, "", make_vocabulary(fields, {}), CELL)
    assert finding.code == "C142"
    return tuple(
        each.removeprefix(f"{text}（已享受 ").removesuffix("）") for each in finding.did_you_mean
    )


PLAIN = ("奖励基数", "补贴标准", "投资额", "奖励总额", "补助余额")


@pytest.mark.parametrize(
    ("text", "names", "offered"),
    [
        ("300万元", PLAIN, ()),
        ("300万元", (*PLAIN, "已享受租金补贴"), ("已享受租金补贴",)),
        ("300万元", (*PLAIN, "往年所得"), ("往年所得",)),
        ("300万元", PLAIN[:3], ("奖励基数", "补贴标准")),
        ("300万元", ("投资额", "营收"), ()),
        ("300万元", tuple(f"已享受{n}" for n in "甲乙丙丁"), ()),
        ("累计300万元", ("已享受甲", "已享受乙", "已享受丙", "累计已享受"), ("累计已享受",)),
    ],
)
def test_who_is_offered_for_what_was_received_is_never_arbitrary(
    text: str, names: tuple[str, ...], offered: tuple[str, ...]
) -> None:
    assert offered_for(text, names) == offered
    assert offered_for(text, names[::-1]) == offered[::-1]


def test_fields_that_count_are_offered_only_where_they_are_few() -> None:
    fields = {f"{n}数": Field(f"{n}数", QuantityType("人"), "人") for n in "甲乙丙丁"}
    few, many = dict(list(fields.items())[:3]), fields
    for policy, offered in ((few, 3), (many, 0)):
        _, (finding,) = read_amount("每人2万元", "", make_vocabulary(policy, {}), CELL)
        assert (finding.code, len(finding.did_you_mean)) == ("C153", offered)
        _, (finding,) = read_amount("2万元/人", "", make_vocabulary(policy, {}), CELL)
        assert len(finding.did_you_mean) == offered


YEARS_OF_GROWTH = ("年度到账外资", "上年到账外资")


@pytest.mark.parametrize(
    ("text", "names", "offered"),
    [
        (
            "按年度到账外资的1%给予奖励，较上年增长20%以上的，奖励比例提高0.5个百分点，最高500万元",
            YEARS_OF_GROWTH,
            "如果 增幅(年度到账外资; 上年到账外资) ≥ 20% 则 年度到账外资的1.5% "
            "否则 年度到账外资的1%，最高500万元",
        ),
        (
            "年度到账外资的0.8%，比上年增长超过20%的再提高0.25个百分点",
            YEARS_OF_GROWTH,
            "如果 增幅(年度到账外资; 上年到账外资) > 20% 则 年度到账外资的1.05% "
            "否则 年度到账外资的8‰",
        ),
        ("年度到账外资的1%，较上年增长20%以上的提高1个百分点", YEARS_OF_GROWTH[:1], None),
    ],
)
def test_a_rate_raised_by_points_is_a_rate_of_its_own(
    text: str, names: tuple[str, ...], offered: str | None
) -> None:
    fields = {name: Field(name, MoneyType("CNY"), "万元") for name in names}
    vocabulary = make_vocabulary(fields, {})
    _, (finding,) = read_amount(text, "", vocabulary, CELL)
    assert finding.code == "C161"
    if offered is None:
        assert finding.did_you_mean == ()
        return
    [whole] = finding.did_you_mean
    reading = read_amount(whole, "", vocabulary, CELL)[0]
    assert reading is not None
    said = phrase_amount(reading.benefit, reading.floor, reading.caps, fields)
    assert said == offered


def test_an_example_of_points_converts_foreign_money() -> None:
    names = ("年度到账外资", "上年到账外资")
    fields = {name: Field(name, MoneyType("USD"), "万美元") for name in names}
    fields["汇率"] = Field("汇率", ExchangeRateType("USD", "CNY"), "元/美元")
    vocabulary = make_vocabulary(fields, {})
    _, (finding,) = read_uplift("0.5个百分点", vocabulary, CELL)
    example = str(finding.params["example"])
    assert "折算(年度到账外资; 汇率)的1.5%" in example
    assert read_amount(example, "", vocabulary, CELL)[1] == ()


def test_of_names_that_are_equally_near_a_few_are_no_better_than_none() -> None:
    many = tuple(f"{each}奖励金额" for each in "省市区县镇")
    few = ("奖励总额", "奖励标准")
    for names, offered in ((many, ()), ((*many, "奖励额"), ("奖励额",)), (few, few)):
        assert set(nearest("奖励", names)) == set(offered)
        assert nearest("奖励", names) == nearest("奖励", names[::-1])
    long = tuple(f"{each}年度本地奖励金额合计" for each in "省市区县镇")
    assert nearest("奖励", long) == ()
    assert nearest("奖励", long[:2]) == long[:2]
    assert nearest("奖励", (*long, "历年累计本地奖励")) == ("历年累计本地奖励",)
