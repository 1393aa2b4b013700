"""What a case may say: the checks that every given value meets, wherever it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from authoring.enough import Effort
from authoring.field_types import exceeds
from authoring.grammar import Vocabulary, make_vocabulary
from authoring.spelling import key, nearest, tidy
from engine.cases import Case, Expectation
from engine.cells import Place
from engine.constraints import Watch, violated
from engine.dependencies import fields_read
from engine.evaluate import in_force
from engine.findings import Finding, Severity
from engine.model import BusinessConstraint, Field, Policy, Source
from engine.phrase import phrase_value
from engine.types import ChoiceType, CodeList, MultiChoiceType
from engine.values import Value

SEPARATORS = re.compile("[、，,；;\\n]+")
NOT_APPLICABLE = "not_applicable"
RESERVED = ("编号", "名称", "基准日期", "涉及主体", "期望")


@dataclass(frozen=True, slots=True)
class Known:
    """What cases of a policy may speak of. Mappings are keyed by compared spellings."""

    policy: Policy
    vocabulary: Vocabulary
    fields: Mapping[str, Field]
    code_lists: Mapping[str, CodeList]
    disabled: frozenset[str] = frozenset()
    """Measures (as compared) whose rules are all switched off."""
    unreadable: frozenset[str] = frozenset()
    """Fields and measures (as compared) of a book with errors that could not be read."""


def known_of(
    policy: Policy,
    vocabulary: Vocabulary | None = None,
    disabled: frozenset[str] = frozenset(),
    unreadable: frozenset[str] = frozenset(),
    effort: Effort | None = None,
) -> Known:
    """Prepare a policy for reading its cases; ``effort`` limits a vocabulary that is made here."""
    if vocabulary is None:
        vocabulary = make_vocabulary(
            {field.name: field for field in policy.fields},
            {codes.name: codes for codes in policy.code_lists},
            frozenset(measure.id for measure in policy.measures),
            effort,
        )
    return Known(
        policy,
        vocabulary,
        {key(field.name): field for field in policy.fields},
        {key(codes.name): codes for codes in policy.code_lists},
        disabled,
        unreadable,
    )


def may_be_given(field: Field) -> bool:
    """Whether a case may give the field; a 推导 one is worked out."""
    return field.source is not Source.DERIVED


def check_fact(
    field: Field, value: Value, on: date | None, known: Known, at: Place | None
) -> tuple[Finding, ...]:
    """Check a read value against its bounds and, for codes, against the reference date."""
    params = {"field": field.name, "value": phrase_value(value, field.type, field.unit)}
    if field.minimum is not None and exceeds(field.minimum, value):
        least = phrase_value(field.minimum, field.type, field.unit)
        return (Finding("K410", at, {**params, "least": least}),)
    if field.maximum is not None and exceeds(value, field.maximum):
        most = phrase_value(field.maximum, field.type, field.unit)
        return (Finding("K411", at, {**params, "most": most}),)
    if on is not None and isinstance(value, date) and on < value and in_force(known.policy, on):
        measures = [each.id for each in known.policy.measures if each.event_field == field.name]
        if measures:
            told = {**params, "date": on, "measures": "、".join(measures)}
            return (Finding("K419", at, told, Severity.WARNING),)
    if on is None or not isinstance(field.type, ChoiceType | MultiChoiceType):
        return ()
    codes = {code.value: code for code in known.code_lists[key(field.type.code_list)].codes}
    given = value if isinstance(value, frozenset) else {value}
    findings = []
    for each in sorted(str(one) for one in given):
        code = codes.get(each)
        if code is None:
            continue
        too_early = code.effective is not None and on < code.effective
        too_late = code.expires is not None and on > code.expires
        if too_early or too_late:
            life = {"since": code.effective or "—", "until": code.expires or "—", "date": on}
            findings.append(Finding("K412", at, {"field": field.name, "value": each, **life}))
    return tuple(findings)


def read_subjects(
    names: tuple[str, ...], known: Known, at: Place | None
) -> tuple[frozenset[str] | None, tuple[Finding, ...]]:
    """涉及主体: none stated means all (None)."""
    spelled = {key(subject): subject for subject in known.policy.subjects}
    found, findings = [], []
    for name in filter(None, map(tidy, names)):
        if key(name) in spelled:
            found.append(spelled[key(name)])
        else:
            near = nearest(name, known.policy.subjects)
            findings.append(Finding("K413", at, {"subject": name}, did_you_mean=near))
    return (frozenset(found) if found else None), tuple(findings)


def split_subjects(text: str) -> tuple[str, ...]:
    """The subjects that a cell lists."""
    return tuple(SEPARATORS.split(text))


def check_date(
    on: date, policy: Policy, at: Place | None, expectations: tuple[Expectation, ...] = ()
) -> tuple[Finding, ...]:
    """Warn when the policy is not in force on the date: nothing can then be granted.

    A case that expects exactly that needs no warning; a life that ends before it begins has one.
    """
    if in_force(policy, on):
        return ()
    if policy.expires is not None and policy.expires < policy.effective:
        return ()
    if _expects_nothing(expectations):
        return ()
    life = {"date": on, "since": policy.effective, "until": policy.expires or "—"}
    return (Finding("K414", at, life, Severity.WARNING),)


def _expects_nothing(expectations: tuple[Expectation, ...]) -> bool:
    """Whether every verdict that is expected is 不适用, and every total nothing."""
    verdicts = [each.verdict for each in expectations if each.verdict is not None]
    totals = [(each.low, each.high) for each in expectations if each.verdict is None]
    return bool(verdicts) and set(verdicts) == {NOT_APPLICABLE} and set(totals) <= {(0, 0)}


def check_constraints(
    policy: Policy, case: Case, watched: Watch | None = None
) -> tuple[Finding, ...]:
    """The 业务约束 that the given facts contradict, with the words that their sheet has for it.

    ``watched`` is what ``engine.constraints.watch`` made of the policy, for many cases of it.
    """
    broken = violated(policy, case) if watched is None else watched(case)
    return tuple(_contradiction(policy, case, each) for each in broken)


def _contradiction(policy: Policy, case: Case, constraint: BusinessConstraint) -> Finding:
    """What a case contradicts, and the given facts in it, as they were understood."""
    named = fields_read(constraint.condition)
    given = [
        (field.name, phrase_value(value, field.type, field.unit))
        for field in policy.fields
        if field.name in named and (value := case.facts.get(field.name)) is not None
    ]
    params = {
        "constraint": constraint.id,
        "reason": constraint.message,
        "given": "、".join(map(" ".join, given)),
    }
    related = () if constraint.at is None else (constraint.at,)
    return Finding("K415", case.at, params, related=related)
