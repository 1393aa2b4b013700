"""Every code has words, every word has a code, and both speak of the same parameters."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from authoring.messages import CODE, codes, fill, list_words, text, words

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("engine/**/*.py"), *ROOT.glob("authoring/**/*.py")])


def placeholders(template: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def functions(path: Path) -> Iterator[ast.AST]:
    """A module's functions, and the module itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    yield tree


def keys_of(node: ast.expr | None, scope: ast.AST, line: int) -> set[str] | None:
    """The keys of a dict that a call is given, followed through the last assignment before it."""
    match node:
        case None:
            return set()
        case ast.Dict(keys=keys, values=values):
            found: set[str] = set()
            for key, value in zip(keys, values, strict=True):
                inner = keys_of(value, scope, line) if key is None else {ast.literal_eval(key)}
                if inner is None:
                    return None
                found |= inner
            return found
        case ast.Name(id=name):
            given = [
                each.value
                for each in ast.walk(scope)
                if isinstance(each, ast.Assign | ast.AnnAssign)
                and each.lineno < line
                and ast.unparse(each.targets[0] if isinstance(each, ast.Assign) else each.target)
                == name
            ]
            last = max(given, key=lambda each: each.lineno if each else 0, default=None)
            return keys_of(last, scope, line) if last is not None else None
        case _:
            return None


def made_findings() -> Iterator[tuple[str, set[str], str]]:
    """Code, parameters and place of every ``Finding("X123", …)`` whose parameters can be seen."""
    seen = set()
    for path in SOURCES:
        for scope in functions(path):
            for call in ast.walk(scope):
                if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "Finding"):
                    continue
                where = f"{path.relative_to(ROOT)}:{call.lineno}"
                if where in seen or not isinstance(call.args[0], ast.Constant):
                    continue
                seen.add(where)
                given = call.args[2] if len(call.args) > 2 else None
                keys = keys_of(given, scope, call.lineno)
                if keys is not None:
                    yield str(call.args[0].value), keys, where


def test_codes_and_words_are_one_to_one() -> None:
    used = {
        node.value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value)
    }
    assert used == codes()


@pytest.mark.parametrize(
    ("code", "params", "where"),
    [pytest.param(*made, id=f"{made[0]} {made[2]}") for made in made_findings()],
)
def test_words_and_findings_speak_of_the_same(code: str, params: set[str], where: str) -> None:
    spoken, of_list = words(code), list_words(code)
    asked = placeholders(spoken.message) | placeholders(spoken.help)
    asked_of_list = placeholders(of_list.message) | placeholders(of_list.help)
    assert asked <= params, where
    assert params - asked - asked_of_list <= {"field", "sheet", "measure"}, where
    if "understand/" not in where:
        assert asked_of_list <= params, where


def test_most_findings_can_be_seen() -> None:
    assert len(list(made_findings())) > 130


@pytest.mark.parametrize("code", sorted(codes()))
def test_words_are_whole(code: str) -> None:
    spoken = words(code)
    assert spoken.name == spoken.name.lower().replace(" ", "-")
    assert spoken.name.isascii()
    assert spoken.message
    assert not spoken.message.endswith("。")
    assert spoken.help.endswith(("。", "）", "}"))


def test_names_are_unique() -> None:
    names = [words(code).name for code in codes()]
    assert sorted(names) == sorted(set(names))


def test_texts_are_filled() -> None:
    assert text("findings.error") == "错误"
    assert (
        text("findings.summary", error=1, warning=2, advice=3) == "错误 1 处，警告 2 处，提示 3 处"
    )
    with pytest.raises(KeyError):
        text("findings.nonsense")
    assert fill("可以填：{allowed}。", {"allowed": ("甲", "乙")}) == "可以填：甲、乙。"
    assert fill("{a}", {"a": "{b}"}) == "{b}"
