"""Sheet 评选用例: the cases of whole contests, and who should win what."""

from __future__ import annotations

from authoring.cases.facts import Known
from authoring.cases.sheet import LEFT_OVER, read_case_row
from authoring.plain_tables import (
    Column,
    Row,
    Schema,
    columns_of,
    place_of,
    read_plain_table,
    text_of,
)
from authoring.spelling import key, nearest
from authoring.workbook import Sheet
from engine.cases import ExpectedPlace, GoldenContest
from engine.findings import Finding
from engine.model import Selection

SHEET = "评选用例"
NOTHING = "未入选"
NEEDED = ("评选项", "场次", "编号", "基准日期")


def read_contest_sheet(
    sheet: Sheet, known: Known, findings: list[Finding]
) -> tuple[GoldenContest, ...]:
    """Read the contests; the rows of one 场次 of one 评选项 make one contest."""
    schema = Schema(
        SHEET,
        (
            *columns_of(SHEET, filled=NEEDED),
            *(Column(field.name) for field in known.policy.fields),
            *(Column(name) for name in known.unreadable),
        ),
        identity=("评选项", "场次", "编号"),
        formulas=True,
        left_over=LEFT_OVER,
    )
    selections = {key(each.name): each for each in known.policy.selections}
    contests: dict[tuple[str, str], list[ExpectedPlace]] = {}
    runs: dict[str, str] = {}
    table = read_plain_table(sheet, schema, findings)
    for row in table.refused:
        read_case_row(row, known, findings)
    for row in table.rows:
        selection = _selection(row, selections, findings)
        golden = read_case_row(row, known, findings)
        if selection is None or golden is None:
            continue
        tier = _tier(row, selection, findings)
        place = ExpectedPlace(golden.case, tier, place_of(row, "期望"))
        run = text_of(row, "场次")
        spelled = runs.setdefault(key(run), run)
        contests.setdefault((selection.name, spelled), []).append(place)
    return tuple(
        GoldenContest(run, selection, tuple(places))
        for (selection, run), places in contests.items()
    )


def _selection(
    row: Row, selections: dict[str, Selection], findings: list[Finding]
) -> Selection | None:
    written = text_of(row, "评选项")
    selection = selections.get(key(written))
    if selection is None:
        near = nearest(written, [each.name for each in selections.values()])
        at = place_of(row, "评选项")
        findings.append(Finding("K440", at, {"selection": written}, did_you_mean=near))
    return selection


def _tier(row: Row, selection: Selection, findings: list[Finding]) -> str | None:
    """The expected tier; "" for 未入选, None where nothing is expected (or what is, is wrong)."""
    written = text_of(row, "期望")
    if not written:
        return None
    tiers = {key(tier.name): tier.name for tier in selection.tiers} | {key(NOTHING): ""}
    if key(written) not in tiers:
        names = [*(tier.name for tier in selection.tiers), NOTHING]
        params = {"text": written, "allowed": names}
        near = nearest(written, names)
        findings.append(Finding("K441", place_of(row, "期望"), params, did_you_mean=near))
    return tiers.get(key(written))
