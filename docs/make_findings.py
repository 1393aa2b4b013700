"""Writes docs/findings.md: every finding with its severity and its words, and why checks check.

Run it after a change of a message or of a check: ``.venv/bin/python docs/make_findings.py``.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "findings.md"
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


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
