"""What a check says of a workbook, as HTML: figures, remarks beside their cells, readings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from authoring.examination import Golden, reason_of
from authoring.mend import Mend
from authoring.pages.words import say
from authoring.readings import Reading
from authoring.remarks import Remark, spell_meant
from authoring.render_html import Html, element
from authoring.render_sheet import render_excerpt
from authoring.render_table import long_table
from authoring.workbook import Sheet
from engine.findings import Severity
from engine.roles import TableRole

MOST_PLACES = 12
_LOOKS = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.ADVICE: "hint"}


def group_remarks(remarks: Iterable[Remark]) -> tuple[tuple[Remark, ...], ...]:
    """Remarks gravest first; those that say the same of several cells come together."""
    order = list(Severity)
    alike: dict[tuple[object, ...], list[Remark]] = {}
    for each in sorted(remarks, key=lambda each: order.index(each.severity)):
        said = each.code, each.label, each.message, each.help, each.did_you_mean
        alike.setdefault(said, []).append(each)
    return tuple(map(tuple, alike.values()))


def render_counts(counts: Mapping[Severity, int], golden: Golden | None, unrun: str) -> Html:
    """How many remarks of each severity there are, and how many golden cases passed.

    ``unrun``: why nobody knows that yet, where nobody does.
    """
    figures = [
        _figure(
            element("b", say(f"check.icon_{each}"), class_="tl-icon", aria_hidden="true"),
            say(f"check.{each}"),
            str(counts.get(each, 0)),
            f"tl-figure tl-{_LOOKS[each]}" if counts.get(each) else "tl-figure",
        )
        for each in Severity
    ]
    figures.append(_figure(Html(""), say("check.cases"), *_golden_figure(golden, unrun)))
    return element(
        "section",
        element("dl", *figures, class_="tl-figures tl-even"),
        class_="tl",
        aria_label=say("check.counts"),
    )


def _golden_figure(golden: Golden | None, unrun: str) -> tuple[str, str]:
    if golden is None:
        return unrun, "tl-figure tl-words"
    count = len(golden.cases) + len(golden.contests)
    if not count:
        return say("check.no_cases"), "tl-figure tl-words"
    passed = sum(each.passed for each in golden.cases)
    passed += sum(each.passed for each in golden.contests)
    told = say("check.cases_passed", passed=passed, count=count)
    return told, "tl-figure" if passed == count else "tl-figure tl-bad"


def _figure(icon: Html, name: str, value: str, class_: str = "tl-figure") -> Html:
    return element("div", element("dt", icon, name), element("dd", value), class_=class_)


def render_remarks(groups: Sequence[tuple[Remark, ...]], sheets: Mapping[str, Sheet]) -> Html:
    """One card for each thing that is said, with a picture of the cell that is meant."""
    return element("div", *(_card(group, sheets) for group in groups), class_="tl tl-remarks")


def _card(group: tuple[Remark, ...], sheets: Mapping[str, Sheet]) -> Html:
    first, *rest = group
    icon = element("b", say(f"check.icon_{first.severity}"), aria_hidden="true")
    place = say("check.whole_book") if first.at is None else str(first.at)
    head = element(
        "p",
        element("span", icon, first.label, class_="tl-severity"),
        element("b", place),
        *([element("code", first.code)] if first.code else []),
        class_="tl-remark-head",
    )
    said = [head, element("p", first.message), element("p", say("check.help"), first.help)]
    if first.did_you_mean:
        meant = spell_meant(first.did_you_mean)
        said.append(element("p", say("check.did_you_mean", words=meant)))
    for key, places in (
        ("check.related", [str(each) for each in first.related]),
        ("check.same", [str(each.at) for each in rest if each.at is not None]),
    ):
        if places:
            named = "、".join(places[:MOST_PLACES])
            more = "…" if len(places) > MOST_PLACES else ""
            told = say(key, count=len(places), places=named + more)
            said.append(element("p", told, class_="tl-place"))
    sheet = None if first.at is None else sheets.get(first.at.cell.sheet)
    picture = [render_excerpt(sheet, first.at)] if sheet is not None and first.at else []
    return element(
        "article",
        element("div", *said, class_="tl-said"),
        *picture,
        class_=f"tl-remark-card tl-{_LOOKS[first.severity]}",
    )


def render_readings(readings: Iterable[Reading], sheets: Mapping[str, Sheet]) -> Html:
    """Cell by cell: what is written, and how it was understood."""
    columns = ("place", "rule", "subject", "written", "reading")
    rows = (
        element(
            "tr",
            element("td", str(each.at), class_="tl-place"),
            element("td", each.rule, data_label=say("check.rule")),
            element("td", each.subject, data_label=say("check.subject")),
            element("td", _written(each, sheets), data_label=say("check.written")),
            element("td", each.text, data_label=say("check.reading")),
        )
        for each in readings
    )
    return _table("check", columns, rows, say("check.readings"))


def _written(reading: Reading, sheets: Mapping[str, Sheet]) -> str:
    sheet = sheets.get(reading.at.sheet)
    cell = None if sheet is None else sheet.cells.get((reading.at.row, reading.at.column))
    return "" if cell is None else cell.text


def render_mends(mends: Iterable[Mend]) -> Html:
    """What was mended in a copy, cell by cell."""
    rows = (
        element(
            "tr",
            element("td", str(each.at), class_="tl-place"),
            element("td", each.before, data_label=say("check.before")),
            element("td", each.after, data_label=say("check.after")),
            element("td", reason_of(each), data_label=say("check.why")),
        )
        for each in mends
    )
    return _table("check", ("place", "before", "after", "why"), rows, say("check.mends"))


def render_roles(roles: Iterable[TableRole]) -> Html:
    """The same as the picture of the rules, as a table that can be read aloud and searched."""
    return _table(
        "rules", ("stratum", "table", "reads", "gives"), _role_rows(roles), say("rules.list")
    )


def _role_rows(roles: Iterable[TableRole]) -> Iterator[Html]:
    for role in roles:
        reads = [
            element("b", say("rules.derived", field=each.field, table=each.derived_by))
            if each.derived_by
            else element("span", each.field)
            for each in role.reads
        ]
        gives = [*role.derives, *(f"{measure} {name}" for measure, name in role.grants)]
        yield element(
            "tr",
            element("td", say("rules.number", number=role.level + 1)),
            element("td", role.table.name, data_label=say("rules.table")),
            element("td", *_listed(reads), data_label=say("rules.reads")),
            element("td", "、".join(gives), data_label=say("rules.gives")),
        )


def _listed(parts: Sequence[Html]) -> Iterator[str]:
    for number, part in enumerate(parts):
        if number:
            yield "、"
        yield part


def _table(section: str, columns: Iterable[str], rows: Iterable[Html], label: str) -> Html:
    return long_table((say(f"{section}.{key}") for key in columns), rows, label, "tl")
