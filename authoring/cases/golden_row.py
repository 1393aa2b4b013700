"""A case and what came out of it as the cells of a row of 用例, by documented heading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from authoring.cases.expectations import DOT, PREFIX, TOTAL, read_expectation, target_names
from authoring.cases.facts import Known
from authoring.grammar import read_value
from authoring.printable import printable
from authoring.spelling import tidy
from engine.cases import Case, GoldenCase
from engine.expectations import kind_of, spell, spell_total, total_of, unmet
from engine.model import Field
from engine.outcome import Outcome
from engine.phrase import phrase_value
from engine.values import Value
from engine.words import word

LISTED = "、"


class UnspellableError(Exception):
    """Values that no cell could hold so that they are read as they are; ``fields`` names them."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(fields)
        self.fields = fields


def golden_row(
    number: str, outcome: Outcome, known: Known, units: Mapping[str, str]
) -> dict[str, str]:
    """The cells of a row that expects just what came out, as far as cells can say it.

    ``units`` are those of the headings that are there, by heading: totals of one beneficiary are
    stated only where they have a column, the rest always.

    Raises:
        UnspellableError: a fact cannot be written.
    """
    case = outcome.case
    cells = {"编号": number, "名称": tidy(printable(case.name)), "基准日期": case.date.isoformat()}
    cells["涉及主体"] = LISTED.join(sorted(case.subjects or ()))
    cells |= _facts(case, known, units)
    for target in target_names(known):
        heading = f"{PREFIX}{DOT}{target}"
        if heading in units or not target.startswith(f"{TOTAL}{DOT}"):
            cells[heading] = _expected(target, outcome, known)
    return {heading: text for heading, text in cells.items() if text}


def _facts(case: Case, known: Known, units: Mapping[str, str]) -> dict[str, str]:
    cells, unspellable = {}, []
    for field in known.policy.fields:
        value = case.facts.get(field.name)
        if value is None:
            continue
        unit = units.get(field.name, "")
        found = (
            text
            for text in _spellings(value, field, unit)
            if read_value(text, field, unit, known.vocabulary, None)[0] == value
        )
        spelled = next(found, None)
        if spelled is None:
            unspellable.append(field.name)
        else:
            cells[field.name] = spelled
    if unspellable:
        raise UnspellableError(tuple(unspellable))
    return cells


def _spellings(value: Value, field: Field, unit: str) -> Iterator[str]:
    """How a value may be written, the usual way first."""
    if isinstance(value, date):
        yield value.isoformat()
    yield phrase_value(value, field.type, field.unit)
    yield phrase_value(value, field.type, unit)
    if isinstance(value, frozenset):
        yield LISTED.join(f'"{each}"' for each in sorted(value))


def _expected(target: str, outcome: Outcome, known: Known) -> str:
    """The strongest expectation of a target that can be read again, and that the outcome meets."""
    for text in _expectations(target, outcome):
        expectation, _ = read_expectation(target, text, known, None)
        if expectation is not None and not unmet(GoldenCase(outcome.case, (expectation,)), outcome):
            return text
    return ""


def _expectations(target: str, outcome: Outcome) -> Iterator[str]:
    for each in outcome.measures:
        if each.measure.id == target:
            yield spell(each.verdict)
            yield word(f"verdict.{kind_of(each.verdict)}")
            return
    yield spell_total(total_of(outcome, target))
