"""The words that a policy brings along: its fields, its code lists, its measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.model import Field
from engine.types import CodeList


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a cell may speak of. Make it with ``make_vocabulary``, once a workbook."""

    fields: Mapping[str, Field]
    code_lists: Mapping[str, CodeList]
    measures: frozenset[str] = frozenset()


def make_vocabulary(
    fields: Mapping[str, Field],
    code_lists: Mapping[str, CodeList],
    measures: frozenset[str] = frozenset(),
) -> Vocabulary:
    """Prepare a vocabulary for reading; every map is keyed by name."""
    return Vocabulary(fields, code_lists, measures)
