"""The workbooks under ``policies/``, each read once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from authoring.cases import read_case_file
from authoring.understand import Understanding, read_book
from engine.cases import GoldenCase

ROOT = Path(__file__).parent.parent
BOOKS = tuple(sorted((ROOT / "policies").glob("*/*.xlsx")))


@cache
def read(path: Path) -> Understanding:
    """Read a workbook."""
    return read_book(path)


@cache
def examples_beside(path: Path) -> dict[str, GoldenCase | None]:
    """The case files beside a workbook by file name; None for one that cannot be read."""
    policy = read(path).policy
    found: dict[str, GoldenCase | None] = {}
    for file in sorted((path.parent / "examples").glob("*.json")):
        case, expectations, _ = read_case_file(file, policy) if policy else (None, (), ())
        found[file.name] = None if case is None else GoldenCase(case, expectations)
    return found
