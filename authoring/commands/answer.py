"""What a command gives back: an exit code, and the answer in both forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from rich.console import RenderableType

from authoring.values_json import Json


class Code(IntEnum):
    """Exit codes; ``docs/cli.md`` explains them."""

    FINE = 0
    NOT_MET = 1
    UNUSABLE = 2
    OUR_FAULT = 70
    INTERRUPTED = 130
    READER_GONE = 141


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, which may be UNUSABLE in part: its code is that of its worst part.

    ``data`` is worked out when it is asked for. ``aside`` is what a person should know beside the
    answer, in either form.
    """

    code: Code
    data: Callable[[], Json]
    view: RenderableType
    aside: RenderableType | None = None


class UnusableError(Exception):
    """The question could not be answered: a file is unusable, or an option means nothing.

    ``data`` and ``view`` say why and what to do.
    """

    def __init__(self, data: Json, view: RenderableType) -> None:
        super().__init__()
        self.data = data
        self.view = view
