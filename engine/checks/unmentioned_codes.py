"""T333: a code of which no rule speaks, though rules speak of its siblings.

What: a value of a code list that is nowhere named, neither itself nor through its parent or its
children, while other values under the same parent are. A rule that leaves some out (除房地产外)
speaks of all the others.
Why: when a list grows, a rule for the new value is easily forgotten. Codes that stand for the
rest (其他…, 无, 非 and the name of a sibling) need none.
Wrong: 种子期 and 初创期 have a row each, 成长期 stands in the list and has none.
Right: a row for it; or nothing to do, if it is meant to get nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.space.readers import codes_in_use
from engine.checks.space.scenes import Survey
from engine.findings import Finding, Severity
from engine.types import Code, CodeList
from engine.words import word


def unmentioned_codes(survey: Survey) -> Iterator[Finding]:
    """Name the codes that the rules pass over."""
    policy = survey.policy
    named = codes_in_use(policy)
    for code_list in policy.code_lists:
        for code in _passed_over(code_list, named.get(code_list.name, set())):
            params = {"code": code.value, "list": code_list.name}
            yield Finding("T333", code.at, params, Severity.ADVICE)


def _passed_over(code_list: CodeList, named: set[str]) -> Iterator[Code]:
    parents = {code.value: code.parent for code in code_list.codes}
    above = {each for code in named for each in _line_of(code, parents)}
    siblings_named = {parents.get(code) for code in above}
    siblings: dict[str | None, set[str]] = {}
    for code in code_list.codes:
        siblings.setdefault(code.parent, set()).add(code.value)
    for code in code_list.codes:
        spoken_of = code.value in above or not named.isdisjoint(_line_of(code.value, parents))
        if spoken_of or code.parent not in siblings_named:
            continue
        if not _is_rest(code.value, siblings[code.parent]):
            yield code


def _line_of(code: str, parents: Mapping[str, str | None]) -> list[str]:
    """A code and all above it."""
    line: list[str] = []
    each: str | None = code
    while each is not None and each not in line:
        line.append(each)
        each = parents.get(each)
    return line


def _is_rest(code: str, siblings: set[str]) -> bool:
    """Whether a code is a name for all that its siblings are not."""
    words = word("checks.rest").split("、")
    denied = code.removeprefix(word("checks.not"))
    return code.startswith(tuple(words)) or (denied != code and denied in siblings)
