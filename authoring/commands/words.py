"""The words of the command line: the ``cli_`` sections of the message files."""

from __future__ import annotations

from authoring.messages import text


def say(key: str, **params: object) -> str:
    """The text of a key such as ``usage.bad_date``, with its placeholders filled.

    Raises:
        KeyError: the key, or a placeholder, is not there (a fault of ours, found by the tests).
    """
    return text(f"cli_{key}", **params).strip()
