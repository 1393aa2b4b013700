"""The words of the pages, by key, from ``messages/page.toml``."""

from __future__ import annotations

from authoring.messages import text


def say(key: str, **params: object) -> str:
    """The text of a key such as ``form.start``, with its placeholders filled.

    Raises:
        KeyError: the key, or a placeholder, is not there (a fault of ours, found by the tests).
    """
    return text(f"page-{key}", **params)
