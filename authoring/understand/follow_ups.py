"""Findings that only follow from others are held back, so that the cause is what is read.

Readers look names up without asking whether all of them could be read. Afterwards it is known what
was written and not read (``Lost``). A name that is not found may be one of those; then nothing is
certain but the cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import chain

from authoring.headings import split_unit
from authoring.plain_tables import Schema, names_in
from authoring.spelling import key
from authoring.understand.code_lists import PENDING, SUBJECTS
from authoring.understand.code_lists import SCHEMA as CODES
from authoring.understand.doubted_fields import doubted_fields
from authoring.understand.fields import SCHEMA as FIELDS
from authoring.understand.groups import SCHEMA as GROUPS
from authoring.understand.measures import measure_ids, names_every_measure
from authoring.understand.provisions import SCHEMA as PROVISIONS
from authoring.understand.rules import setting_of
from authoring.understand.selections import SCHEMA as SELECTIONS
from authoring.understand.sheets import Sorted, missing_sheet
from authoring.understand.table_layout import CONCLUSION, DITTO
from authoring.workbook import Sheet
from engine.cells import CellRef, Place
from engine.findings import Finding, Severity, has_errors
from engine.model import Policy

CASES, CONTEST_CASES = "用例", "评选用例"
GRANTS = "措施"
MOST_RELATED = 3


class Kind(Enum):
    """What a name may be the name of."""

    FIELD = auto()
    CODE_LIST = auto()
    CODE = auto()
    SUBJECT = auto()
    PROVISION = auto()
    GROUP = auto()
    SELECTION = auto()
    TIER = auto()
    MEASURE = auto()
    MEMBER = auto()
    """A measure of a same-kind group."""
    DERIVED = auto()
    """A field that a table derives."""


COLUMNS: Mapping[Kind, tuple[Schema, str]] = {
    Kind.FIELD: (FIELDS, "指标"),
    Kind.CODE_LIST: (CODES, "代码表"),
    Kind.CODE: (CODES, "值"),
    Kind.PROVISION: (PROVISIONS, "条款编号"),
    Kind.GROUP: (GROUPS, "组"),
    Kind.SELECTION: (SELECTIONS, "评选项"),
    Kind.TIER: (SELECTIONS, "分档"),
}
"""In which column of which plain sheet the names of a kind stand."""

HOMES: Mapping[Kind, str] = {
    **{kind: schema.sheet for kind, (schema, _) in COLUMNS.items()},
    Kind.SUBJECT: CODES.sheet,
}
"""Without which sheet there is nothing of a kind."""

LOOKED_UP: Mapping[str, tuple[str, tuple[Kind, ...]]] = {
    "C102": ("word", (Kind.CODE,)),
    "C144": ("word", (Kind.CODE_LIST,)),
    "K413": ("subject", (Kind.CODE, Kind.SUBJECT)),
    "K420": ("target", (Kind.MEASURE, Kind.SUBJECT)),
    "K427": ("target", (Kind.MEASURE,)),
    "K424": ("field", (Kind.FIELD,)),
    "K434": ("heading", (Kind.FIELD,)),
    "K428": ("heading", (Kind.FIELD, Kind.MEASURE)),
    "K440": ("selection", (Kind.SELECTION,)),
    "K441": ("text", (Kind.TIER,)),
    "W250": ("number", (Kind.PROVISION,)),
    "W260": ("parent", (Kind.CODE,)),
    "W278": ("list", (Kind.CODE_LIST,)),
    "W280": ("subject", (Kind.CODE, Kind.SUBJECT)),
    "W295": ("", (Kind.MEASURE,)),
    "W313": ("heading", (Kind.FIELD,)),
    "W325": ("heading", (Kind.FIELD,)),
    "W339": ("field", (Kind.FIELD,)),
    "W352": ("field", (Kind.FIELD,)),
    "W360": ("group", (Kind.GROUP,)),
    "W362": ("group", (Kind.MEMBER,)),
    "W367": ("field", (Kind.FIELD,)),
    "W368": ("measure", (Kind.MEMBER,)),
    "W373": ("field", (Kind.FIELD,)),
    "W382": ("field", (Kind.DERIVED,)),
}
"""What a finding looked for in vain: the parameter that holds the name, and what it may name."""

_TABLES = (Kind.MEASURE, Kind.MEMBER, Kind.DERIVED)
LOSES: Mapping[str, tuple[Kind, ...]] = {
    **dict.fromkeys(("W292", "W301", "W302", "W303", "W309", "W310"), _TABLES),
    "W360": (Kind.MEMBER,),
}
"""Findings of something that could not be read, whatever names it holds."""

ABOUT_TYPES = frozenset({"W271", "W272", "W276", "W279"})
"""What is said of a field in 指标 whose type may be what is wrong."""

IN_CELLS = (Kind.FIELD, Kind.CODE_LIST, Kind.CODE)
UNKNOWN_WORDS = frozenset(
    {"C101", "C102", "C111", "C117", "C121", "C122", "C132", "C136", "C141", "C143", "C144", "C152"}
)
"""What is said of a cell in which a word is not known, or is cut in the wrong place."""


@dataclass(frozen=True, slots=True)
class Lost:
    """What was written and could not be read.

    ``names`` are as compared; of the kinds in ``whole`` any name may be lost.
    """

    names: Mapping[Kind, frozenset[str]]
    whole: frozenset[Kind]


def lost_of(book: Sorted, policy: Policy) -> Lost:
    """What stands in a workbook and is not in the policy that was read from it."""
    read = {kind: frozenset(map(key, names)) for kind, names in _read(policy).items()}
    names = dict.fromkeys(Kind, frozenset[str]())
    whole = {kind for kind, sheet in HOMES.items() if sheet not in book.plain}
    for kind in COLUMNS.keys() - whole:
        schema, column = COLUMNS[kind]
        written, complete = names_in(book.plain[schema.sheet], schema, column)
        names[kind] = written - read[kind]
        if not complete:
            whole.add(kind)
    if SUBJECTS not in read[Kind.CODE_LIST]:
        whole.add(Kind.SUBJECT)
    granting = [each for each in book.layouts if key(setting_of(each, "类别")) == GRANTS]
    deriving = [each for each in book.layouts if each not in granting]
    names[Kind.MEASURE] = _written_measures(book) - read[Kind.MEASURE]
    names[Kind.DERIVED] = frozenset(
        key(spelling)
        for layout in deriving
        for column in layout.columns
        if column.role == CONCLUSION
        for spelling in (column.heading, split_unit(column.heading)[0])
    )
    if not all(map(names_every_measure, granting)):
        whole.add(Kind.MEASURE)
    if names[Kind.MEASURE] or Kind.MEASURE in whole:
        whole.add(Kind.MEMBER)
    return Lost(names, frozenset(whole))


def _read(policy: Policy) -> Mapping[Kind, Iterable[str]]:
    return {
        Kind.FIELD: (each.name for each in policy.fields),
        Kind.CODE_LIST: (each.name for each in policy.code_lists),
        Kind.CODE: (
            *(code.value for each in policy.code_lists for code in each.codes),
            PENDING,
        ),
        Kind.PROVISION: (each.number for each in policy.provisions),
        Kind.GROUP: (each.name for each in policy.groups),
        Kind.SELECTION: (each.name for each in policy.selections),
        Kind.TIER: (tier.name for each in policy.selections for tier in each.tiers),
        Kind.MEASURE: (each.id for each in policy.measures),
    }


def _written_measures(book: Sorted) -> frozenset[str]:
    return frozenset(key(each) for layout in book.layouts for each in measure_ids(layout))


# --- holding back ---------------------------------------------------------------------------------


def hold_back(
    findings: Iterable[Finding], policy: Policy, book: Sorted, sheets: Iterable[Sheet]
) -> list[Finding]:
    """Leave the findings that are certain, and say what it is that the others follow from.

    ``policy`` is what could be made of the workbook.
    """
    found = list(findings)
    doubted = doubted_fields(found, policy.fields, book.plain.get(CASES))
    lost = lost_of(book, policy)
    more = frozenset(chain.from_iterable(LOSES.get(each.code, ()) for each in found))
    names = {
        **lost.names,
        Kind.FIELD: lost.names[Kind.FIELD] | frozenset(map(key, doubted)) | _spoilt(found, policy),
        Kind.DERIVED: lost.names[Kind.DERIVED] | _misspelt_conclusions(found),
    }
    lost = Lost(names, lost.whole | more)
    doubts = {(each.at,) for each in doubted.values()}
    texts = _Texts({sheet.name: sheet for sheet in sheets})
    kept: list[Finding] = []
    needed: dict[Kind, list[Place]] = {}
    for each in found:
        kinds = _excuses(each, lost, book, texts)
        if not kinds and each.related not in doubts:
            kept.append(each)
        for kind in kinds:
            needed.setdefault(kind, []).extend([each.at] if each.at else [])
    kept = [*doubted.values(), *_with_causes(kept, needed, lost, book)]
    return kept if has_errors(kept) or not has_errors(found) else found


def _spoilt(findings: Iterable[Finding], policy: Policy) -> frozenset[str]:
    """The fields on whose row in 指标 something does not go with their type."""
    rows = {each.at.cell for each in findings if each.at and each.code in ABOUT_TYPES}
    spoilt = {(cell.sheet, cell.row) for cell in rows}
    return frozenset(
        key(each.name)
        for each in policy.fields
        if each.at is not None and (each.at.cell.sheet, each.at.cell.row) in spoilt
    )


def _misspelt_conclusions(findings: Iterable[Finding]) -> frozenset[str]:
    """The fields that a conclusion column without field may be meant for."""
    return frozenset(
        key(name)
        for each in findings
        if each.code == "W313" and each.params["role"] == CONCLUSION
        for name in each.did_you_mean
    )


def _excuses(finding: Finding, lost: Lost, book: Sorted, texts: _Texts) -> tuple[Kind, ...]:
    """The kinds of which something is lost that a finding may have looked for."""
    name, kinds = _looked_up(finding, book)
    spellings = {key(name), key(split_unit(name)[0]), key(name.rpartition("·")[2])}
    excuses = [kind for kind in kinds if kind in lost.whole or spellings & lost.names[kind]]
    if finding.code.startswith("C") and finding.at is not None:
        text = key(texts.at(finding.at.cell))
        for kind in IN_CELLS:
            mentioned = any(len(word) > 1 and word in text for word in lost.names[kind])
            if mentioned or (kind in lost.whole and finding.code in UNKNOWN_WORDS):
                excuses.append(kind)
    return tuple(dict.fromkeys(excuses))


def _looked_up(finding: Finding, book: Sorted) -> tuple[str, tuple[Kind, ...]]:
    if finding.code in LOOKED_UP:
        param, kinds = LOOKED_UP[finding.code]
        return str(finding.params.get(param, "")), kinds
    contests = book.plain.get(CONTEST_CASES)
    at = finding.at
    if finding.code == "W230" and contests and at and at.cell.sheet == contests.name:
        return str(finding.params["heading"]), (Kind.FIELD,)
    return "", ()


def _with_causes(
    kept: list[Finding], needed: Mapping[Kind, list[Place]], lost: Lost, book: Sorted
) -> list[Finding]:
    """Put what is missing and was not missed before, sheets and the list 主体, before all else."""
    absent: dict[str, list[Place]] = {}
    for kind, places in needed.items():
        if kind in HOMES and HOMES[kind] not in book.plain:
            absent.setdefault(HOMES[kind], []).extend(places)
    causes: list[Finding] = []
    for name, places in absent.items():
        guessed = [each for each in kept if each.code == "W296" and each.params["meant"] == name]
        known = [each for each in kept if each.code == "W294" and each.params["sheet"] == name]
        if guessed:
            kept = [each for each in kept if each not in guessed]
            causes += [replace(each, severity=Severity.ERROR) for each in guessed]
        elif not known:
            causes.append(missing_sheet(name, _few(places)))
    unlisted = Kind.CODE_LIST not in lost.whole and SUBJECTS not in lost.names[Kind.CODE_LIST]
    if Kind.SUBJECT in needed and unlisted:
        top = Place(CellRef(book.plain[CODES.sheet].name, 1, 1))
        causes.append(Finding("W281", top, {"list": SUBJECTS}, related=_few(needed[Kind.SUBJECT])))
    return [*causes, *kept]


def _few(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(places))[:MOST_RELATED]


@dataclass(frozen=True, slots=True)
class _Texts:
    """What stands in the cells of a workbook."""

    sheets: Mapping[str, Sheet]

    def at(self, cell: CellRef) -> str:
        """The text of a cell; where it says 同上, of the cell that it repeats."""
        sheet, row = self.sheets[cell.sheet], cell.row
        while (found := sheet.cells.get((row, cell.column))) and key(found.text) == DITTO:
            row -= 1
        return found.text if found else ""
