"""A small book to be renewed, and what a spreadsheet program finds in the result."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import openpyxl

from authoring.template import Renewal, renew
from authoring.workbook import read_sheets
from tests.books import Rows

QUOTE = "给予支持"

SHEETS: Mapping[str, Rows] = {
    "说明": [["模板版本", "0"], ["我们自己的话", "不要动"]],
    "政策": [["项", "值"], ["政策编号", "T"], ["标题", "试行"], ["施行日期", "2023-01-01"]],
    "条款": [["条款编号", "条款原文", "类型"], ["一", f"对企业{QUOTE}。", "可计算"]],
    "指标": [
        ["指标", "类型", "单位", "代码表", "来源"],
        ["行业", "单选", None, "行业", "填报"],
        ["总投资", "金额", "万元", None, "填报"],
        ["已落地", "是否", None, None, "填报"],
    ],
    "代码表": [
        ["代码表", "值"],
        ["主体", "企业"],
        ["行业", "制造业"],
        ["行业", "服务业"],
    ],
    "奖励": [
        ["决策表", "奖励", "命中策略", "收集", "类别", "措施"],
        ["编号", "条件", "条件", *["结论"] * 5, "依据", "依据"],
        [
            *("编号", "行业", "总投资", "支持项编号", "支持项", "受益主体", "支持方式", "金额"),
            *("条款", "原文"),
        ],
        ["一-1", "制造业", "500万元以上", "M1", "奖励", "企业", "奖励", "10万元", "一", QUOTE],
    ],
    "用例": [
        ["编号", "基准日期", "行业", "总投资", "期望·M1"],
        ["例1", "2023-10-01", "制造业", 600, "可享受 10万元"],
    ],
}


def renewed(file: bytes) -> Renewal:
    sheets, findings = read_sheets(file)
    assert not findings
    return renew(file, sheets)


def parts(file: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(file: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A package with some of its parts changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in parts(file).items():
            archive.writestr(name, change(name, part))
    return target.getvalue()


def load(file: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(file), rich_text=True)


def rule_at(file: bytes, sheet: str, at: str) -> Any:
    """The one data validation of a cell."""
    found = [each for each in load(file)[sheet].data_validations.dataValidation if at in each.sqref]
    assert len(found) == 1, (at, [each.sqref for each in found])
    return found[0]


def heading(file: bytes, sheet: str, words: str, row: int = 1) -> str:
    """The column letters of a heading."""
    return next(cell.column_letter for cell in load(file)[sheet][row] if cell.value == words)


def saved(book: Any) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
