"""The words of the reports: the ``report`` sections of the message files."""

from __future__ import annotations

from authoring.messages import text


def say(key: str, **params: object) -> str:
    """The text of a key such as ``title`` or ``column.verdict``, with its placeholders filled.

    Raises:
        KeyError: the key, or a placeholder, is not there (a fault of ours, found by the tests).
    """
    section, dot, name = key.rpartition(".")
    return text(f"report_{section}.{name}" if dot else f"report.{name}", **params)
