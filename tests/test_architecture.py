"""What no linter says about this project's own code; import directions are import-linter's."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def sources(*patterns: str) -> list[Path]:
    """Return the Python files that the patterns name, the empty ones left out."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(path for path in found if path.suffix == ".py" and path.stat().st_size)


def each(*patterns: str) -> pytest.MarkDecorator:
    """Make one test item of every file that the patterns name."""
    files = sources(*patterns)
    return pytest.mark.parametrize("path", files, ids=[str(f.relative_to(ROOT)) for f in files])


def tree_of(path: Path) -> ast.Module:
    """Parse a source file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of whatever is called: `eval`, or `.today` for `date.today()`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name):
                    yield node.lineno, name
                case ast.Attribute(attr=name):
                    yield node.lineno, f".{name}"


def imported(tree: ast.Module) -> set[str]:
    """Return the top-level packages that a module imports."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


@each("*.py", "engine/**/*", "authoring/**/*", "bench/**/*", "requirements/*", "tests/**/*")
def test_every_file_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree_of(path))


@each("streamlit_app.py", "engine/**/*", "authoring/**/*")
def test_no_text_becomes_code(path: Path) -> None:
    found = [call for call in calls(tree_of(path)) if call[1] in {"eval", "exec", "compile"}]
    assert found == []


@each("engine/*")  # the semantics; packages inside may count seconds
def test_money_never_meets_a_float(path: Path) -> None:
    tree = tree_of(path)
    assert [call for call in calls(tree) if call[1] == "float"] == []
    literals = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    assert [value for value in literals if isinstance(value, float)] == []


@each("engine/**/*")
def test_the_engine_has_no_clock_and_no_dice(path: Path) -> None:
    tree = tree_of(path)
    assert imported(tree) & {"random", "secrets", "time", "uuid"} == set()
    assert [call for call in calls(tree) if call[1] in {".now", ".today", ".utcnow"}] == []


def test_the_app_stands_on_authoring_alone() -> None:
    foreign = imported(tree_of(ROOT / "streamlit_app.py")) - sys.stdlib_module_names
    assert foreign <= {"authoring", "streamlit"}
