"""The words of the program: what it says of each finding, and the plain texts of its pages.

Every ``*.toml`` beside this file is merged. A section named by a code (``[W201]``) holds the words
of a finding, with ``list_message`` and ``list_help`` where who fills in a list of projects needs
others than who writes the policy; any other section holds plain texts, asked for by
``section.key``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CODE = re.compile(r"[A-Z]\d{3}")


@dataclass(frozen=True, slots=True)
class Words:
    """A finding in words: its English handle, what is wrong, what to do; ``{name}`` is filled."""

    name: str
    message: str
    help: str


def words(code: str) -> Words:
    """The words of a finding's code.

    Raises:
        KeyError: the code has no words (a fault of ours, found by the tests).
    """
    section = _sections()[code]
    return Words(section["name"], section["message"], section["help"])


def list_words(code: str) -> Words:
    """The words of a finding's code for who fills in a list of projects and writes no policy.

    Raises:
        KeyError: as of ``words``.
    """
    told, section = words(code), _sections()[code]
    message, help_ = section.get("list_message"), section.get("list_help")
    return Words(told.name, message or told.message, help_ or told.help)


def text(key: str, **params: object) -> str:
    """A plain text such as ``findings.error``, with its placeholders filled.

    Raises:
        KeyError: the key, or a placeholder, is not there (a fault of ours, found by the tests).
    """
    section, _, name = key.partition(".")
    template = _sections()[section][name]
    return template.format_map(params) if params else template


def codes() -> frozenset[str]:
    """Every code that has words."""
    return frozenset(name for name in _sections() if CODE.fullmatch(name))


def fill(template: str, params: Mapping[str, object]) -> str:
    """Put a finding's parameters into its message or its help."""
    return template.format_map({name: _spell(value) for name, value in params.items()})


def _spell(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


@cache
def _sections() -> dict[str, dict[str, str]]:
    merged: dict[str, dict[str, str]] = {}
    for part in sorted(files("authoring.messages").iterdir(), key=lambda each: each.name):
        if part.name.endswith(".toml"):
            for name, section in tomllib.loads(part.read_text(encoding="utf-8")).items():
                if merged.setdefault(name, section) is not section:
                    raise ValueError(f"{part.name}: [{name}] is there twice")
    return merged
