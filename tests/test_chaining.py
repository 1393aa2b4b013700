"""The specification of chaining holds for each agenda; ``tests/test_spec.py`` runs it on one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from authoring.understand import read_book
from engine import build, simulate
from engine.agenda import AgendaKind
from engine.expectations import unmet
from tests.books import make_book, sections

SPECIFICATION = Path(__file__).parent / "spec" / "chaining.md"

pytest.importorskip("durable_rules_engine", reason="durable-rules needs Python 3.12 or older")


@pytest.mark.parametrize("kind", ["durable", "inprocess", "python"])
def test_every_agenda_meets_the_specification(kind: AgendaKind) -> None:
    first = sections(SPECIFICATION.read_text("utf-8"))[0]
    understanding = read_book(make_book(first.sheets))
    assert understanding.policy is not None
    assert understanding.golden_cases
    with closing(build(understanding.policy, kind)) as engine:
        assert engine.program.depth == 5
        for golden in understanding.golden_cases:
            assert unmet(golden, simulate(engine, golden.case)) == ()
        assert engine.agenda.notice is None
