"""The form of a case: one widget for each field that can be asked for, and what was read from it.

Everything may stay empty, and empty means unknown. A text that cannot be read is marked at its
field; it never counts as unknown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

import streamlit as st

from authoring.cases import Known, check_fact
from authoring.grammar import MoneyUnit, read_unit, read_value
from authoring.messages import fill, words
from authoring.pages.plain import plain
from authoring.pages.words import say
from authoring.render_html import element
from engine.findings import Finding, Severity
from engine.model import Field, Policy, Source
from engine.phrase import phrase_value
from engine.questions import fields_asked
from engine.types import (
    NUMERIC_TYPES,
    ChoiceType,
    Code,
    CodeList,
    DateType,
    FieldType,
    MoneyType,
    MultiChoiceType,
    QuantityType,
    TextType,
    YesNoType,
)
from engine.values import Range, Value

NONE_OF_THEM = "\0none"
"""The option 无 of a 多选: known to have none, which is not the same as unknown."""

YES_OPTION, NO_OPTION = "yes", "no"
_PICKED = (YesNoType, ChoiceType, MultiChoiceType)


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in one widget: nothing (unknown), a value, or something that cannot be read.

    ``doubt`` says why a value that counts may still be a slip.
    """

    field: Field
    value: Value | None
    wrong: str = ""
    doubt: str = ""


def widget_key(name: str) -> str:
    """The key of a field's widget: also a CSS class, hence ASCII."""
    return "field-" + hashlib.sha256(name.encode()).hexdigest()[:12]


def asked_fields(policy: Policy, subjects: frozenset[str]) -> Mapping[str, tuple[Field, ...]]:
    """The fields to ask for, by 分组, when the case involves these subjects."""
    wanted = fields_asked(policy, subjects)
    groups: dict[str, list[Field]] = {}
    for field in policy.fields:
        if field.source is Source.DERIVED or field.name not in wanted:
            continue
        groups.setdefault(field.group, []).append(field)
    return {name: tuple(fields) for name, fields in groups.items()}


def ask(field: Field, on: date | None, known: Known) -> Entry:
    """Show the widget of a field, and read it as a fact on the reference date."""
    key, label, explanation = widget_key(field.name), _label(field), _explanation(field)
    held: object
    match field.type:
        case YesNoType():
            held = st.segmented_control(
                label,
                (YES_OPTION, NO_OPTION),
                # The blank, which is not shown, says that no emoji comes first: to look for one
                # takes Streamlit longer than all the rest of the widget.
                format_func=lambda option: " " + say(f"form.{option}"),
                key=key,
                help=explanation,
                persist_state="session",
            )
        case ChoiceType(code_list=name):
            codes = known.vocabulary.code_lists.get(name, CodeList(name, (), pending=True))
            held = st.selectbox(
                label,
                [code.value for code in codes.codes],
                index=None,
                format_func=_family_names(codes),
                placeholder=say("form.pending" if codes.pending else "form.unknown"),
                accept_new_options=codes.pending,
                key=key,
                help=explanation,
                persist_state="session",
            )
        case MultiChoiceType(code_list=name):
            codes = known.vocabulary.code_lists.get(name, CodeList(name, (), pending=True))
            held = st.multiselect(
                label,
                [NONE_OF_THEM, *(code.value for code in codes.codes)],
                format_func=_family_names(codes),
                placeholder=say("form.pending" if codes.pending else "form.unknown"),
                accept_new_options=codes.pending,
                key=key,
                help=explanation,
                persist_state="session",
            )
        case _:
            held = st.text_input(
                label,
                placeholder=_placeholder(field),
                key=key,
                help=explanation,
                autocomplete="off",
                persist_state="session",
            )
    entry = read_entry(field, held, on, known)
    if isinstance(held, str) and not isinstance(field.type, _PICKED):
        _show_echo(entry, held)
    if entry.wrong:
        st.html(
            element("p", say("form.wrong", message=entry.wrong), class_="tl-wrong", role="alert")
        )
    elif entry.doubt:
        st.html(element("p", say("form.doubt", message=entry.doubt), class_="tl-doubt"))
    return entry


def read_entry(field: Field, held: object, on: date | None, known: Known) -> Entry:
    """What the widget of a field means that holds this, on the reference date."""
    match field.type:
        case YesNoType():
            return Entry(field, None if held is None else held == YES_OPTION)
        case MultiChoiceType():
            return _read_several(field, cast("list[str]", held or []), on, known)
        case _:
            return _read(field, cast("str", held or ""), on, known)


def ask_date(name: str, key: str, known: Known) -> Entry:
    """Ask for a day that must be there, such as 基准日期."""
    typed = st.text_input(
        plain(name),
        key=key,
        placeholder=say("form.date"),
        help=say("form.reference_date_help"),
        autocomplete="off",
        persist_state="session",
    )
    entry = read_date(name, typed, known)
    if entry.wrong:
        st.html(
            element("p", say("form.wrong", message=entry.wrong), class_="tl-wrong", role="alert")
        )
    else:
        _show_echo(entry, typed)
    return entry


def _show_echo(entry: Entry, typed: str) -> None:
    if echo := echo_of(entry, typed):
        st.html(element("p", say("form.echo", value=echo), class_="tl-echo"))


def read_date(name: str, held: object, known: Known) -> Entry:
    """A day that must be there."""
    entry = _read(Field(name, DateType()), cast("str", held or ""), None, known)
    if entry.value is None and not entry.wrong:
        return Entry(entry.field, None, say("form.date_needed"))
    return entry


def fill_in(fields: Iterable[Field], facts: Mapping[str, Value | None]) -> None:
    """Put values into the widgets; a field without a value becomes empty. Only in a callback."""
    for field in fields:
        st.session_state[widget_key(field.name)] = _as_entered(facts.get(field.name), field)


def can_stand(held: object, field: Field, known: Known) -> bool:
    """Whether the widget of a field may hold this, which another workbook left in it."""
    match field.type:
        case YesNoType():
            return held in (None, YES_OPTION, NO_OPTION)
        case ChoiceType(code_list=name) | MultiChoiceType(code_list=name):
            codes = known.vocabulary.code_lists.get(name, CodeList(name, (), pending=True))
            several = isinstance(field.type, MultiChoiceType)
            if not isinstance(held, list if several else str | None):
                return False
            offered = {NONE_OF_THEM, *(code.value for code in codes.codes)}
            return codes.pending or offered >= set(
                cast("list[str]", held) if several else {held} - {None}
            )
        case _:
            return isinstance(held, str)


def echo_of(entry: Entry, typed: str) -> str:
    """How a typed text was understood, in the field's unit; empty where that says nothing new."""
    value, field = entry.value, entry.field
    if value is None or isinstance(field.type, TextType):
        return ""
    if isinstance(field.type, MoneyType) and isinstance(value, int):
        return _money_in(value, field)
    text = phrase_value(value, field.type, field.unit)
    said = (text, value.isoformat()) if isinstance(value, date) else (text,)
    return "" if typed.strip() in said else text


def message_of(
    findings: Iterable[Finding], field: str = "", severity: Severity = Severity.ERROR
) -> str:
    """The errors among some findings in words, with what to do; or those of another severity."""
    texts = []
    for finding in findings:
        if finding.severity is severity:
            spoken = words(finding.code)
            params = {"field": field, **finding.params}
            texts += [fill(spoken.message, params), fill(spoken.help, params)]
            if finding.did_you_mean:
                texts.append(say("form.did_you_mean", words="、".join(finding.did_you_mean)))
    return "".join(
        text if text.endswith(("。", "？")) else text + say("form.stop") for text in texts
    )


def _read(field: Field, text: str, on: date | None, known: Known) -> Entry:
    if not text.strip():
        return Entry(field, None)
    value, findings = read_value(text, field, "", known.vocabulary, None)
    if value is not None:
        findings = (*findings, *check_fact(field, value, on, known, None))
    wrong = message_of(findings, field.name)
    doubt = message_of(findings, field.name, Severity.WARNING)
    return Entry(field, None if wrong else value, wrong, doubt)


def _read_several(field: Field, options: list[str], on: date | None, known: Known) -> Entry:
    if not options:
        return Entry(field, None)
    if NONE_OF_THEM in options:
        wrong = say("form.none_and_some") if len(options) > 1 else ""
        return Entry(field, None if wrong else frozenset(), wrong)
    values: set[str] = set()
    for option in options:
        entry = _read(field, option, on, known)
        if not isinstance(entry.value, frozenset):
            return entry
        values |= entry.value
    return Entry(field, frozenset(values))


def _as_entered(value: Value | None, field: Field) -> str | list[str] | None:
    """A value as its widget holds it."""
    match field.type:
        case YesNoType():
            return None if value is None else YES_OPTION if value else NO_OPTION
        case ChoiceType():
            return cast("str | None", value)
        case MultiChoiceType():
            return [] if value is None else sorted(cast("frozenset[str]", value)) or [NONE_OF_THEM]
        case _:
            if value is None or isinstance(value, Range):
                return ""
            if isinstance(value, date):
                return value.isoformat()
            return phrase_value(value, field.type, field.unit)


def _money_in(fen: int, field: Field) -> str:
    """An exact amount in the field's unit, with at least two decimals: ``36,500.00 万元``."""
    unit = read_unit(field.unit)
    scale = unit.scale if isinstance(unit, MoneyUnit) else 1
    amount = (Decimal(fen) / (100 * scale)).normalize()
    places = max(2, -cast(int, amount.as_tuple().exponent))
    return say("form.money", amount=f"{amount:,.{places}f}", unit=field.unit)


def _label(field: Field) -> str:
    inside = say("form.and").join(filter(None, (field.period, field.unit)))
    label = say("form.label", name=field.name, inside=inside) if inside else field.name
    if field.source is Source.JUDGED:
        label = say("form.judged", label=label)
    return plain(label)


def _explanation(field: Field) -> str | None:
    parts = [field.note]
    if field.source is Source.JUDGED:
        parts.append(say("form.judged_help"))
    if field.source is Source.DERIVED_OR_REPORTED:
        parts.append(say("form.derived_help"))
    if field.evidence:
        parts.append(say("form.evidence", evidence=field.evidence))
    return "\n\n".join(plain(part) for part in parts if part) or None


def _placeholder(field: Field) -> str:
    kind: FieldType = field.type
    if field.source is Source.DERIVED_OR_REPORTED:
        return say("form.derived")
    if isinstance(kind, MoneyType):
        return say("form.amount")
    if isinstance(kind, DateType):
        return say("form.date_or_empty")
    if isinstance(kind, NUMERIC_TYPES) and not (isinstance(kind, QuantityType) and not kind.unit):
        return say("form.number", unit=field.unit)
    return say("form.unknown")


def _family_names(codes: CodeList) -> Callable[[str], str]:
    """Name a code with its parent, so that it can be told and searched for: 物联网（地标产业）."""
    by_value: Mapping[str, Code] = {code.value: code for code in codes.codes}

    def name(value: str) -> str:
        if value == NONE_OF_THEM:
            return say("form.none")
        code = by_value.get(value)
        if code is None or code.parent is None:
            return value
        return say("form.code", value=value, parent=code.parent)

    return name
