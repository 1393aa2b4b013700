"""What two versions of a policy say differently: cells changed, rows that are new or gone.

A rule is known again by its number, a row of a plain sheet by its name; order is told where it can
decide. Whatever is told here changes the fingerprint, and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from authoring.canonical_text import statements
from authoring.cell_places import CellPlaces
from authoring.compare_contests import PLACES, ROUNDING
from authoring.compare_shifts import BEGINS, CONCLUSION, ENDS, IN_FORCE, JOINED, Shifts
from authoring.headings import split_unit
from authoring.readings import readings_by_sheet
from authoring.spell_book import MARKER
from authoring.workbook import Sheet
from engine.cells import Place
from engine.fingerprint import DECIDED_BY_ORDER, ranked_by_position
from engine.model import Combination, Policy
from engine.tightness import Shift


class Kind(StrEnum):
    """What became of a thing."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    """Rules, tiers or codes stand in another order, and the order can decide."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is said differently.

    ``heading`` is "" where a whole row (or, without ``row``, a whole table) came or went; then the
    texts list what it says. ``role`` is that of the column of a decision table.
    """

    kind: Kind
    sheet: str
    row: str
    heading: str
    before: str
    after: str
    at: Place | None
    shift: Shift | None = None
    role: str = ""

    @property
    def open(self) -> bool:
        """Whether it can decide, and no direction is sure: that depends on the project."""
        return self.shift is None and self._decides

    @property
    def _decides(self) -> bool:
        if self.kind is Kind.MOVED:
            return True
        if self.sheet.startswith(MARKER) and self.role in _MUTE_ROLES:
            return self.heading in (BEGINS, ENDS, _EXCEPTS)
        if self.sheet.startswith(MARKER):
            return self.heading not in _MUTE
        return self.heading in _DECIDING.get(self.sheet, frozenset())


_Key = tuple[str, str, str, str, int]
"""Sheet, row, role and heading, and a number where these come several times."""
_SEPARATOR = "；"
COMBINATION = "同项多行"
_POLICY, _SELECTIONS, _CODES, _GROUPS = "政策", "评选", "代码表", "同类组"
_EXCEPTS = "例外于"
_MUTE_ROLES = frozenset({"依据", "备注"})
_MUTE = frozenset({"支持项", "受益主体", "支持方式", "审核方式", "分担", "分期"})
"""What a conclusion only tells."""
_DECIDING: Mapping[str, frozenset[str]] = {
    _POLICY: frozenset({*IN_FORCE, "取整", "取整方式"}),
    "指标": frozenset({"类型", "单位", "代码表", "来源", "缺省处理"}),
    _CODES: frozenset({"", "上级", "次序", "有效起", "有效止"}),
    _GROUPS: frozenset({"", "规则", "范围", "比较", "次序", "已享受指标", "已享受处理", "封顶"}),
    _SELECTIONS: frozenset(
        {"", "候选条件", "排序指标", PLACES, "占比基数", ROUNDING, "约束", "约束口径", "同分规则"}
    ),
}
"""The columns of plain sheets that can decide; "" is a whole row."""


def differences(
    old: Policy, new: Policy, sheets: tuple[Iterable[Sheet], Iterable[Sheet]] = ((), ())
) -> tuple[Difference, ...]:
    """Everything that is said differently, as the newer version orders it, what is gone last.

    With the sheets of both workbooks each difference has the place of its cell; without, it may be
    that of its row.
    """
    before, after = _by_key(old), _by_key(new)
    places_before, places_after = _Places(old, sheets[0]), _Places(new, sheets[1])
    shifts = Shifts(old, new)
    silent = {*_said_by_blank(old, before), *_said_by_blank(new, after)}
    found: list[Difference] = []
    for name, text in after.items():
        sheet, row, role, heading, _ = name
        at = places_after.of(sheet, row, role, heading)
        if name not in before and name in silent:
            continue
        if name not in before and _is_new(sheet, row, before):
            if heading == "":
                whole, shift = _whole(after, sheet, row), _of_row(shifts.of_new_rule, sheet, row)
                found.append(Difference(Kind.ADDED, sheet, row, "", "", whole, at, shift))
        elif before.get(name) != text:
            kind = Kind.CHANGED if name in before else Kind.ADDED
            shift = _of_cell(shifts, sheet, row, role, heading)
            was = before.get(name, "")
            found.append(Difference(kind, sheet, row, heading, was, text, at, shift, role))
    found += _moved(old, new, places_after)
    for name, text in before.items():
        sheet, row, role, heading, _ = name
        if name in after or name in silent:
            continue
        at = places_before.of(sheet, row, role, heading)
        if not _is_new(sheet, row, after):
            shift = _of_cell(shifts, sheet, row, role, heading)
            found.append(Difference(Kind.REMOVED, sheet, row, heading, text, "", at, shift, role))
        elif heading == "":
            whole, shift = _whole(before, sheet, row), _of_row(shifts.of_lost_rule, sheet, row)
            found.append(Difference(Kind.REMOVED, sheet, row, "", whole, "", at, shift))
    return tuple(found)


def _of_row(shift_of: Callable[[str], Shift | None], sheet: str, row: str) -> Shift | None:
    return shift_of(row) if sheet.startswith(MARKER) else None


def _of_cell(shifts: Shifts, sheet: str, row: str, role: str, heading: str) -> Shift | None:
    if sheet.startswith(MARKER):
        return shifts.of_cell(row, role, heading)
    if sheet == _GROUPS:
        return shifts.of_group(row, heading)
    if sheet == _SELECTIONS:
        return shifts.of_tier(row, heading)
    return shifts.of_policy(heading) if sheet == _POLICY else None


def _by_key(policy: Policy) -> dict[_Key, str]:
    """The statements; where a row has one heading several times, they are counted."""
    found: dict[_Key, str] = {}
    for each in statements(policy):
        number = 0
        while (name := (each.sheet, each.row, each.role, each.heading, number)) in found:
            number += 1
        found[name] = each.text
    return found


def _said_by_blank(policy: Policy, said: Mapping[_Key, str]) -> Iterator[_Key]:
    """The cells that say what a blank in their place would mean: 取高 in 同项多行."""
    sheets = {f"{MARKER} {table.name}" for table in policy.tables if not table.outputs}
    for name, text in said.items():
        sheet, _, role, heading, _ = name
        said_so = (role, heading, text) == (CONCLUSION, COMBINATION, Combination.HIGHEST)
        if said_so and sheet in sheets:
            yield name


def _is_new(sheet: str, row: str, others: Mapping[_Key, str]) -> bool:
    """Whether the other version does not have the row at all."""
    return bool(row) and (sheet, row, "", "", 0) not in others


def _whole(said: Mapping[_Key, str], sheet: str, row: str) -> str:
    return _SEPARATOR.join(
        f"{heading}：{text}"
        for (in_sheet, in_row, _, heading, _), text in said.items()
        if (in_sheet, in_row) == (sheet, row) and heading
    )


def _moved(old: Policy, new: Policy, places: _Places) -> Iterator[Difference]:
    """What stands in another order, where the order can decide."""
    before = {(sheet, name): (order, decides) for sheet, name, order, decides in _orders(old)}
    for sheet, name, order, decides in _orders(new):
        was, decided = before.get((sheet, name), ([], False))
        kept = [each for each in was if each in set(order)]
        now = [each for each in order if each in set(kept)]
        if kept != now and (decides or decided):
            first = now[0] if sheet.startswith(MARKER) else JOINED.join((name, now[0]))
            at = places.of(sheet, "") or places.of(sheet, first)
            yield Difference(Kind.MOVED, sheet, name, "", "、".join(kept), "、".join(now), at)


def _orders(policy: Policy) -> Iterator[tuple[str, str, list[str], bool]]:
    """What stands in an order (rules, tiers, codes), and whether the order can decide."""
    for table in policy.tables:
        ids = [rule.id for rule in table.rules]
        yield f"{MARKER} {table.name}", "", ids, table.hit_policy in DECIDED_BY_ORDER
    for selection in policy.selections:
        yield _SELECTIONS, selection.name, [tier.name for tier in selection.tiers], True
    ranked = ranked_by_position(policy)
    for codes in policy.code_lists:
        yield _CODES, codes.name, [code.value for code in codes.codes], codes.name in ranked


class _Places:
    """Where rows and their cells stand."""

    def __init__(self, policy: Policy, sheets: Iterable[Sheet]) -> None:
        self._rows = dict(_rows_of(policy))
        self._read = dict[tuple[str, str, str], Place]()
        for sheet, reading in readings_by_sheet(policy):
            name = sheet, reading.rule, reading.subject
            self._read.setdefault(name, Place(reading.at))
        self._cells = CellPlaces(sheets)

    def of(self, sheet: str, row: str, role: str = "", heading: str = "") -> Place | None:
        """The cell where something is said, else its row."""
        at = self._rows.get((sheet, row))
        in_row = at if row else None
        name, _ = split_unit(heading)
        read = (self._read.get((sheet, row, each)) for each in (name, heading) if heading)
        found = next(filter(None, read), None)
        return found or self._cells.of(sheet, role, heading, in_row) or at


def _rows_of(policy: Policy) -> Iterator[tuple[tuple[str, str], Place]]:
    """Where the rows of each sheet stand, and (row "") where a decision table begins."""
    rows: list[tuple[str, str, Place | None]] = [
        *(("指标", each.name, each.at) for each in policy.fields),
        *(("条款", each.number, each.at) for each in policy.provisions),
        *((_GROUPS, each.name, each.at) for each in policy.groups),
        *(("业务约束", each.id, each.at) for each in policy.constraints),
    ]
    for codes in policy.code_lists:
        named = ((JOINED.join((codes.name, code.value)), code.at) for code in codes.codes)
        rows += [(_CODES, name, at) for name, at in named]
    for selection in policy.selections:
        for tier in selection.tiers:
            rows.append((_SELECTIONS, JOINED.join((selection.name, tier.name)), tier.at))
    for table in policy.tables:
        sheet = f"{MARKER} {table.name}"
        rows += [(sheet, "", table.at), *((sheet, rule.id, rule.at) for rule in table.rules)]
    for sheet, row, at in rows:
        if at is not None:
            yield (sheet, row), at
