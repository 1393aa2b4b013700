"""Sheet 条款: every article with its verbatim text, and the quotes that rules take from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from authoring.messages import text
from authoring.plain_tables import (
    Schema,
    columns_of,
    place_of,
    read_plain_table,
    text_of,
    word_of,
)
from authoring.spelling import key, nearest_number
from authoring.workbook import Sheet
from engine.cells import Place
from engine.findings import Finding
from engine.model import Provision, ProvisionKind

KINDS = tuple(kind.value for kind in ProvisionKind)
SCHEMA = Schema(
    "条款",
    columns_of("条款", filled=["条款编号", "条款原文", "类型"], allowed={"类型": KINDS}),
    identity=("条款编号",),
)


def read_provisions(sheet: Sheet, findings: list[Finding]) -> tuple[Provision, ...]:
    """Read the articles in the order of the sheet."""
    table = read_plain_table(sheet, SCHEMA, findings)
    return tuple(
        Provision(
            number=text_of(row, "条款编号"),
            chapter=text_of(row, "章"),
            title=text_of(row, "标题"),
            text=text_of(row, "条款原文"),
            kind=ProvisionKind(word_of(row, "类型", KINDS)),
            department=text_of(row, "主管部门"),
            note=text_of(row, "备注"),
            at=place_of(row, "条款编号"),
        )
        for row in table.rows
    )


def cited(
    number: str,
    at: Place,
    quote: str,
    quote_at: Place,
    provisions: Mapping[str, Provision],
    findings: list[Finding],
) -> str:
    """Check a citation, and give the provision's number as its own sheet spells it.

    ``provisions`` are keyed by the compared spelling of their numbers. A quote must be a verbatim
    piece of the text; blanks, line breaks and full-width forms make no difference.
    """
    provision = provisions.get(key(number))
    if provision is None:
        findings.append(
            Finding(
                "W250",
                at,
                {"number": number},
                did_you_mean=nearest_number(number, [each.number for each in provisions.values()]),
            )
        )
        return number
    if quote and key(quote) not in key(provision.text):
        findings.append(_misquoted(quote, quote_at, provision, provisions.values()))
    return provision.number


def _misquoted(
    quote: str, at: Place, provision: Provision, provisions: Iterable[Provision]
) -> Finding:
    """Say where a quote does stand, or how far it agrees with its provision."""
    wanted = key(quote)
    others = [each for each in provisions if wanted in key(each.text)]
    if others:
        told = {"number": provision.number, "others": tuple(each.number for each in others)}
        return Finding("W252", at, told, related=tuple(e.at for e in others if e.at is not None))
    common = _agreeing(wanted, key(provision.text))
    agreeing = text("quotes.begins_alike", common=common) if common else text("quotes.unlike")
    related = () if provision.at is None else (provision.at,)
    return Finding("W251", at, {"number": provision.number, "agreeing": agreeing}, related=related)


def _agreeing(quote: str, text: str) -> str:
    """The longest beginning of a quote that does stand in the text."""
    low, high = 0, len(quote)
    while low < high:
        middle = (low + high + 1) // 2
        if quote[:middle] in text:
            low = middle
        else:
            high = middle - 1
    return quote[:low]
