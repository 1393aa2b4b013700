"""What sheets, headings and keys may be called: ``vocabulary.toml``, and brackets with a unit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import TypeVar

from authoring.grammar import read_unit
from authoring.spelling import key, tidy

Thing = TypeVar("Thing")

_BRACKETS = re.compile(r"(?P<name>.+?)\s*[（(](?P<unit>[^（()）]+)[)）]", re.S)


def canonical(name: str, section: str, part: str = "") -> str | None:
    """The documented name for what a drafter wrote, or None.

    ``section`` and ``part`` say where in the vocabulary: ``("headings", "指标")``, ``("sheets",)``.
    """
    return _spellings(section, part).get(key(name))


def documented(section: str, part: str = "") -> tuple[str, ...]:
    """The documented names of one part of the vocabulary, in order."""
    return tuple(_entries(section, part))


def split_unit(heading: str) -> tuple[str, str]:
    """Part a heading from the unit in its brackets; ("实际到账外资", "万元"). No unit gives ""."""
    heading = tidy(heading)
    found = _BRACKETS.fullmatch(heading)
    if found and read_unit(tidy(found["unit"])) is not None:
        return tidy(found["name"]), tidy(found["unit"])
    return heading, ""


def resolve(heading: str, things: Mapping[str, Thing]) -> tuple[Thing, str] | None:
    """Find what a heading names, and its unit; brackets may be part of the name itself.

    ``things`` are keyed by the compared spelling of their names.
    """
    for name, unit in ((heading, ""), split_unit(heading)):
        found = things.get(key(name))
        if found is not None:
            return found, unit
    return None


def resolve_documented(
    heading: str, names: Mapping[str, str], section: str, part: str
) -> tuple[str, str] | None:
    """Like ``resolve``, and also by the other names that the vocabulary has for documented ones.

    ``names`` are those ``by_spelling``: there may be thousands of them.
    """
    found = resolve(heading, names)
    if found is None:
        for name, unit in ((heading, ""), split_unit(heading)):
            other = canonical(name, section, part)
            if other is not None and names.get(key(other)) == other:
                return other, unit
    return found


def by_spelling(names: Iterable[str]) -> Mapping[str, str]:
    """Names by the spelling by which they are compared."""
    return {key(name): name for name in names}


def canonical_word(heading: str, word: str) -> str:
    """The documented word for what stands in a cell under a heading; else what stands there."""
    known = heading in _entries("words")
    return (canonical(word, "words", heading) if known else None) or word


@cache
def _spellings(section: str, part: str) -> Mapping[str, str]:
    entries = _entries(section, part)
    spelled = {key(other): name for name, others in entries.items() for other in others}
    return spelled | {key(name): name for name in entries}


@cache
def _entries(section: str, part: str = "") -> Mapping[str, list[str]]:
    vocabulary = tomllib.loads(
        files("authoring").joinpath("vocabulary.toml").read_text(encoding="utf-8")
    )
    entries: Mapping[str, list[str]] = vocabulary[section][part] if part else vocabulary[section]
    return entries


def unbuilt(role: str) -> tuple[str, ...]:
    """Headings that are known from real policies and not yet computed."""
    return tuple(_entries("unbuilt", "").get(role, ()))
