"""Writes docs/findings.md and, for drafters, docs/findings.zh-CN.md: every finding with its
severity and its words, and why checks check.

Run it after a change of a message or of a check: ``.venv/bin/python docs/make_findings.py``.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "findings.md"
FOR_DRAFTERS = ROOT / "docs" / "findings.zh-CN.md"
CELLS = ROOT / "tests" / "spec" / "cell-language.md"
MESSAGES = ROOT / "authoring" / "messages"
CHECKS = ROOT / "engine" / "checks"
PARTS = ("What", "Why", "Wrong", "Right")
CHAPTERS = (
    ("C", "The text of a cell"),
    ("W", "The workbook"),
    ("T", "The policy as a whole"),
    ("K", "Cases"),
)
HEAD = """# Findings

Every finding that 条理 makes, by code. With an *error* a workbook is not used; a *warning* counts
under `--strict`, *advice* never. Words in braces are filled in.

Made by `docs/make_findings.py` from the message files and the docstrings of `engine/checks`.
"""


def messages() -> dict[str, dict[str, str]]:
    """The words of every code."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(MESSAGES.glob("*.toml")):
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
        found |= {code: words for code, words in sections.items() if "help" in words}
    return {code: words for code, words in found.items() if code[1:].isdigit()}


def severities() -> dict[str, set[str]]:
    """The severities with which each code is reported; those made of ``Code`` are errors."""
    found: dict[str, set[str]] = {}
    for path in sorted([*ROOT.glob("engine/**/*.py"), *ROOT.glob("authoring/**/*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding"):
                continue
            if not (node.args and isinstance(node.args[0], ast.Constant)):
                continue
            given = {
                each.attr.lower()
                for part in (*node.args[1:], *(keyword.value for keyword in node.keywords))
                for each in ast.walk(part)
                if isinstance(each, ast.Attribute) and ast.unparse(each.value) == "Severity"
            }
            found.setdefault(str(node.args[0].value), set()).update(given or {"error"})
    return found


def render() -> str:
    """The whole document."""
    words, weights = messages(), severities()
    lines = [HEAD]
    for letter, title in CHAPTERS:
        lines += [f"## {title} ({letter}…)", ""]
        codes = sorted(code for code in words if code.startswith(letter))
        if letter == "T":
            lines += _checks(words, weights)
        else:
            lines += [*_table(codes, words, weights), ""]
    return "\n".join(lines).rstrip() + "\n"


def _checks(words: dict[str, dict[str, str]], weights: dict[str, set[str]]) -> Iterator[str]:
    """One section for each check, in the order of their codes."""
    documented: dict[str, str] = {}
    for path in CHECKS.glob("*.py"):
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        if doc.startswith("T"):
            documented[path.stem] = doc
    for name, doc in sorted(documented.items(), key=lambda each: each[1]):
        head, _, body = doc.partition("\n\n")
        codes, _, title = head.partition(": ")
        yield f"### {title[0].upper()}{title[1:].rstrip('.')}"
        yield ""
        yield from _table(codes.split(", "), words, weights)
        yield ""
        yield from (f"- {line}" for line in _parts(body))
        yield ""
        yield f"`engine/checks/{name}.py`"
        yield ""


def _parts(body: str) -> list[str]:
    """What, Why, Wrong and Right, each on one line."""
    parts: list[str] = []
    for line in body.splitlines():
        if line.partition(":")[0] in PARTS:
            parts.append(f"**{line.partition(':')[0]}**:{line.partition(':')[2]}")
        elif line.strip():
            parts[-1] += f" {line.strip()}"
    return parts


def _table(
    codes: Iterable[str], words: dict[str, dict[str, str]], weights: dict[str, set[str]]
) -> Iterator[str]:
    yield "| code | severity | message | what to do |"
    yield "|---|---|---|---|"
    for code in codes:
        weight = " or ".join(sorted(weights.get(code, {"error"}), reverse=True))
        told = (words[code]["message"], words[code]["help"])
        message, help_ = (each.replace("|", "\\|").replace("\n", " ") for each in told)
        yield f"| {code} `{words[code]['name']}` | {weight} | {message} | {help_} |"


# --- for drafters ---------------------------------------------------------------------------------

CHAPTERS_IN_CHINESE = (
    ("C", "一格里写的话"),
    ("W", "工作簿和各张表"),
    ("T", "各条规则合起来"),
    ("K", "用例和案例"),
)
SEVERITIES = {"error": "错误", "warning": "警告", "advice": "提示"}
PARTS_IN_CHINESE = {"what": "是什么", "why": "为什么", "wrong": "这样不对", "right": "这样改"}
HEAD_IN_CHINESE = """# 检查出的问题

`tiaoli check` 会指出的每一处问题，按编号排列。
**错误**一定要改，不改不能测算；**警告**看一看，多半要改；**提示**不改也能用。“……”是检查时填进去的内容。
怎样一步一步改，见[手册](handbook.md#检查出了问题怎么看)。

这一页由 `docs/make_findings.py` 从程序自己的话写成，和检查时看到的一样。
"""


def render_for_drafters() -> str:
    """The same in Chinese; the cells come with an example."""
    words, weights = messages(), severities()
    lines = [HEAD_IN_CHINESE]
    for letter, title in CHAPTERS_IN_CHINESE:
        lines += [f"## {title}（{letter}……）", ""]
        codes = sorted(code for code in words if code.startswith(letter))
        if letter == "T":
            lines += _checks_for_drafters(codes, words, weights)
        else:
            lines += [*_rows_for_drafters(codes, words, weights, _examples()), ""]
    return "\n".join(lines).rstrip() + "\n"


def _checks_for_drafters(
    codes: Iterable[str], words: dict[str, dict[str, str]], weights: dict[str, set[str]]
) -> Iterator[str]:
    """One section for each check; its words stand with the first of its codes."""
    groups: list[list[str]] = []
    for code in codes:
        if "title" in words[code]:
            groups.append([code])
        else:
            groups[-1].append(code)
    for group in groups:
        told = words[group[0]]
        yield f"### {told['title']}"
        yield ""
        yield from _rows_for_drafters(group, words, weights, {})
        yield ""
        yield from (f"- **{said}**：{told[part]}" for part, said in PARTS_IN_CHINESE.items())
        yield ""


def _rows_for_drafters(
    codes: Iterable[str],
    words: dict[str, dict[str, str]],
    weights: dict[str, set[str]],
    examples: dict[str, tuple[str, str]],
) -> Iterator[str]:
    codes = list(codes)
    shown = any(code in examples for code in codes)
    yield "| 编号 | 程度 | 问题 | 怎么改 |" + (" 例如写的 | 也许想写 |" if shown else "")
    yield "|---|---|---|---|" + ("---|---|" if shown else "")
    for code in codes:
        found = weights.get(code, {"error"})
        weight = "或".join(said for name, said in SEVERITIES.items() if name in found)
        told = [_said(words[code][part]) for part in ("message", "help")]
        example = examples.get(code, ("", "")) if shown else ()
        yield f"| {' | '.join((code, weight, *told, *example))} |"


def _said(template: str) -> str:
    """A message without what is filled in."""
    plain = re.sub(r"((?<!\{)\{\w+\}(?!\}))+", "……", template)
    return plain.replace("{{", "{").replace("}}", "}").replace("|", "\\|").replace("\n", " ")


def _examples() -> dict[str, tuple[str, str]]:
    """For each code of a cell what somebody wrote, and what may have been meant: from the rows of
    the specification, one with a suggestion before one without."""
    found: dict[str, tuple[str, str]] = {}
    row = re.compile(
        r"\| (?P<written>`[^`]+`) \| (?P<code>C\d{3}) \| `[^`]*` \| (?P<meant>.*?) ?\|"
    )
    for each in row.finditer(CELLS.read_text(encoding="utf-8")):
        meant = "、".join(f"`{one}`" for one in each["meant"].strip().split(" / ") if one)
        if each["code"] not in found or (meant and not found[each["code"]][1]):
            found[each["code"]] = each["written"], meant
    return found


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
    FOR_DRAFTERS.write_text(render_for_drafters(), encoding="utf-8")
