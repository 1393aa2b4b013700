"""Every golden case of every workbook under ``policies/``, and every case file beside one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from engine import Engine, build, simulate, unmet
from engine.cases import GoldenCase
from engine.findings import has_errors
from tests.policy_books import BOOKS, examples_beside, read


def _cases() -> Iterator[pytest.ParameterSet]:
    for path in BOOKS:
        for golden in read(path).golden_cases:
            name = f"{path.parent.name} {golden.case.id} {golden.case.name}"
            yield pytest.param(path, golden, id=name)


def _examples() -> Iterator[pytest.ParameterSet]:
    for path in BOOKS:
        for file, golden in examples_beside(path).items():
            yield pytest.param(path, golden, id=f"{path.parent.name} {file}")


@pytest.fixture(scope="module")
def engines() -> Iterator[dict[Path, Engine]]:
    with ExitStack() as stack:
        policies = {path: read(path).policy for path in BOOKS}
        yield {
            path: stack.enter_context(closing(build(policy)))
            for path, policy in policies.items()
            if policy is not None
        }


@pytest.mark.parametrize("path", BOOKS, ids=[path.parent.name for path in BOOKS])
def test_the_workbook_reads_without_errors_and_has_cases(path: Path) -> None:
    book = read(path)
    assert not has_errors(book.findings), [str(each) for each in book.findings]
    assert book.golden_cases


@pytest.mark.parametrize(("path", "golden"), list(_cases()))
def test_golden_case(path: Path, golden: GoldenCase, engines: dict[Path, Engine]) -> None:
    _expect(golden, engines[path])


@pytest.mark.parametrize(("path", "golden"), list(_examples()))
def test_example(path: Path, golden: GoldenCase | None, engines: dict[Path, Engine]) -> None:
    assert golden is not None, "the case file cannot be read"
    _expect(golden, engines[path])


def _expect(golden: GoldenCase, engine: Engine) -> None:
    assert golden.expectations
    outcome = simulate(engine, golden.case)
    failing = unmet(golden, outcome)
    told = [f"{each.expectation.target}: {each.expected} / {each.actual}" for each in failing]
    assert told == []
