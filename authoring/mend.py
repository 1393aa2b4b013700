"""Small faults that can be mended unasked, in a copy of a workbook: unusual digits and signs, stray
blanks, spellings of units, names with one slip of the keyboard.

A mend is kept only when the cell is read afterwards without an error, and, where it was understood
before, is understood just as before. Every mend is shown. Numbers keep their digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from authoring.enough import Effort
from authoring.headings import split_unit
from authoring.package.cells import Position, rich_cells, write_texts
from authoring.package.parts import Package
from authoring.package.sheets import sheet_parts
from authoring.readings import readings_of
from authoring.respelling import Why, join, respell, respell_bare_unit, respell_unit
from authoring.slips import is_slip
from authoring.spelling import key, tidy
from authoring.understand import Understanding, understand
from authoring.understand.table_layout import DITTO
from authoring.workbook import CellKind, Sheet
from engine.cells import CellRef
from engine.findings import Finding, Severity
from engine.notation import ANYTHING_WORDS

WORDS_IN_CELLS = ("C101", "C102", "C144", "C152")
"""Findings whose place is a word inside a cell; it may be a slip for a name of the policy."""
NAMES = ("K434", "W230", "W278", "W280", "W313", "W339", "W360")
"""Findings of a whole cell that should hold a name."""
OWN_WORDS = ("W235", "W306", "W309")
"""Findings of a whole cell that should hold one of a few words of ours."""
UNITS = ("W314",)
"""Findings of the unit in the brackets of a heading."""
HEADINGS = ("K434", "W313")
"""Findings of a heading that names no field; it may be that its unit cannot be read."""
BARE_UNITS = ("W270",)
"""Findings of a unit that stands alone in its cell."""

SHORTEST_NAME, SHORTEST_WORD = 3, 2
MOST_REREAD, LEAST_REREAD = 300_000, 3_000
"""To see whether mends hold, so many cells are read again; each time counts as so many at least."""
MOST_ROUNDS = 6
"""A mended heading may show more to mend below it."""


@dataclass(frozen=True, slots=True)
class Mend:
    """A cell that was changed."""

    at: CellRef
    before: str
    after: str
    why: tuple[Why, ...]


def mend(
    content: bytes, sheets: Sequence[Sheet], understanding: Understanding
) -> tuple[bytes, tuple[Mend, ...]]:
    """The workbook mended, and the mends; ``sheets`` and ``understanding`` are what was read of it.

    Raises:
        UnreadablePartError: the file can be read, but not changed.
    """
    package = Package(content)
    mends = find_mends(sheets, understanding, package)
    paths = sheet_parts(package)
    for name in dict.fromkeys(each.at.sheet for each in mends):
        texts = {(m.at.row, m.at.column): m.after for m in mends if m.at.sheet == name}
        write_texts(package, paths[name], texts)
    return package.to_bytes(), mends


def find_mends(
    sheets: Sequence[Sheet], understanding: Understanding, package: Package
) -> tuple[Mend, ...]:
    """The mends that hold when the workbook is read with them."""
    originals = {sheet.name: sheet for sheet in sheets}
    mends: dict[CellRef, Mend] = {}
    tried: set[tuple[CellRef, str]] = set()
    current = tuple(sheets)
    patience = Effort(MOST_REREAD)
    for _ in range(MOST_ROUNDS):
        proposed = _without_rich(_proposals(current, understanding, tried), package)
        tried |= {(each.at, each.after) for each in proposed}
        kept, current, understanding = _hold(current, understanding, proposed, patience)
        for each in kept:
            first = mends.get(each.at)
            whys = tuple(dict.fromkeys((*(first.why if first else ()), *each.why)))
            before = first.before if first else each.before
            mends[each.at] = Mend(each.at, before, each.after, whys)
        if not proposed:
            break
    order = list(originals)
    return tuple(sorted(mends.values(), key=lambda one: (order.index(one.at.sheet), one.at)))


def _hold(
    sheets: tuple[Sheet, ...], before: Understanding, proposed: Sequence[Mend], patience: Effort
) -> tuple[tuple[Mend, ...], tuple[Sheet, ...], Understanding]:
    """Those mends that hold together, and what is read with them; none when it takes too long."""
    known = _readings(before)
    while proposed and not patience.is_spent:
        patience.spend(LEAST_REREAD + sum(len(sheet.cells) for sheet in sheets))
        mended = _with(sheets, proposed)
        after = understand(mended)
        wrong = _wrong_cells(after.findings)
        read = _readings(after)
        held = [
            each
            for each in proposed
            if each.at not in wrong
            and (each.at not in known or read.get(each.at) == known[each.at])
        ]
        if len(held) == len(proposed):
            return tuple(proposed), mended, after
        proposed = held
    return (), sheets, before


def _with(sheets: Iterable[Sheet], mends: Sequence[Mend]) -> tuple[Sheet, ...]:
    changed: dict[str, dict[Position, str]] = {}
    for each in mends:
        changed.setdefault(each.at.sheet, {})[each.at.row, each.at.column] = each.after
    return tuple(
        replace(
            sheet,
            cells={
                **sheet.cells,
                **{
                    at: sheet.cells[at]._replace(text=text)
                    for at, text in changed.get(sheet.name, {}).items()
                },
            },
        )
        for sheet in sheets
    )


def _without_rich(proposed: Sequence[Mend], package: Package) -> tuple[Mend, ...]:
    """Leave cells alone that have formats inside their text: writing would lose them."""
    paths = sheet_parts(package)
    rich: dict[str, frozenset[Position]] = {}
    for name in {each.at.sheet for each in proposed}:
        among = {(each.at.row, each.at.column) for each in proposed if each.at.sheet == name}
        rich[name] = rich_cells(package, paths[name], among) if name in paths else frozenset(among)
    return tuple(m for m in proposed if (m.at.row, m.at.column) not in rich[m.at.sheet])


def _readings(understanding: Understanding) -> Mapping[CellRef, str]:
    if understanding.draft is None:
        return {}
    return {each.at: each.text for each in readings_of(understanding.draft)}


def _wrong_cells(findings: Iterable[Finding]) -> frozenset[CellRef]:
    return frozenset(each.at.cell for each in findings if each.at and _is_error(each))


def _is_error(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR


# --- what might be mended -------------------------------------------------------------------------


def _proposals(
    sheets: Sequence[Sheet], understanding: Understanding, tried: set[tuple[CellRef, str]]
) -> tuple[Mend, ...]:
    """For each cell the first mend that was not tried yet."""
    by_name = {sheet.name: sheet for sheet in sheets}
    found: dict[CellRef, list[Finding]] = {}
    for finding in understanding.findings:
        if finding.at and _is_error(finding):
            found.setdefault(finding.at.cell, []).append(finding)
    names = _names(understanding)
    mends = []
    for at in dict.fromkeys((*_readings(understanding), *found)):
        written = _typed(by_name, at)
        if written is None:
            continue
        for after, why in _attempts(written, found.get(at, []), names):
            if after != written and (at, after) not in tried:
                mends.append(Mend(at, written, after, why))
                break
    return tuple(mends)


def _typed(sheets: Mapping[str, Sheet], at: CellRef) -> str | None:
    """The text that somebody typed into a cell; no formula, no number, and not 同上 or —."""
    cell = sheets[at.sheet].cells.get((at.row, at.column)) if at.sheet in sheets else None
    if cell is None or cell.formula or cell.kind is not CellKind.TEXT:
        return None
    return None if key(cell.text) in (DITTO, *ANYTHING_WORDS) else cell.text


def _attempts(
    written: str, findings: Sequence[Finding], names: frozenset[str]
) -> Iterator[tuple[str, tuple[Why, ...]]]:
    """What might be meant, the least change first."""
    codes = {finding.code for finding in findings}
    if not codes or any(code.startswith("C") for code in codes):
        yield respell(written)
    if codes & set(WORDS_IN_CELLS):
        named = _with_names(written, findings, names)
        spelled, why = respell(named)
        yield spelled, (*why, *((Why.NAME,) if named != written else ()))
        joined = join(spelled)
        if joined != spelled:
            yield joined, tuple(dict.fromkeys((*why, Why.BLANKS)))
    for finding in findings:
        if finding.code in (*NAMES, *OWN_WORDS):
            shortest = SHORTEST_WORD if finding.code in OWN_WORDS else SHORTEST_NAME
            word, _ = split_unit(written)
            meant = _slips(word, finding.did_you_mean, shortest)
            if len(meant) == 1:
                yield written.replace(word, meant[0], 1), (Why.NAME,)
        if finding.code in (*UNITS, *HEADINGS):
            yield respell_unit(written), (Why.UNIT,)
        elif finding.code in BARE_UNITS:
            yield respell_bare_unit(written)


def _with_names(written: str, findings: Sequence[Finding], names: frozenset[str]) -> str:
    """The text with every word put right that is a slip for just one name."""
    spans = {}
    for finding in findings:
        if finding.code in WORDS_IN_CELLS and finding.at and finding.at.end is not None:
            word = written[finding.at.start : finding.at.end]
            known = [each for each in finding.did_you_mean if each in names]
            meant = _slips(word, known, SHORTEST_NAME)
            if word == finding.params.get("word") and len(meant) == 1:
                spans[finding.at.start] = (finding.at.end, meant[0])
    for start, (end, meant_name) in sorted(spans.items(), reverse=True):
        written = written[:start] + meant_name + written[end:]
    return written


def _slips(word: str, candidates: Iterable[str], shortest: int) -> tuple[str, ...]:
    word = tidy(word)
    if len(word) < shortest:
        return ()
    return tuple(each for each in dict.fromkeys(candidates) if is_slip(word, each))


def _names(understanding: Understanding) -> frozenset[str]:
    policy = understanding.draft
    if policy is None:
        return frozenset()
    fields = (field.name for field in policy.fields)
    codes = (code.value for codes in policy.code_lists for code in codes.codes)
    return frozenset((*fields, *codes, *(codes.name for codes in policy.code_lists)))
