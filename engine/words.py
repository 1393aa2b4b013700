"""The words of explanations, by key, from ``words.toml``; the engine writes no sentence in code."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


def word(key: str, **params: object) -> str:
    """The text of a key such as ``verdict.granted``, with its placeholders filled.

    Raises:
        KeyError: the key, or a placeholder, is not there (a fault of ours, found by the tests).
    """
    section, _, name = key.partition(".")
    return _words()[section][name].format_map(params) if params else _words()[section][name]


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("engine").joinpath("words.toml").read_text(encoding="utf-8"))
