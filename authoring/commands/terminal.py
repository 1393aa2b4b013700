"""Where the command line speaks: stdout for answers, stderr for all else, both in UTF-8."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TextIO, TypeVar

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from authoring.values_json import Json

T = TypeVar("T")

PLAIN_WIDTH = 100
WIDEST = 120


def speak_utf8() -> None:
    """Write UTF-8 whatever the system's code page is, and never fail on an odd file name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def console_on(stream: TextIO) -> Console:
    """A console: colour and the window's width on a terminal, plain and 100 columns elsewhere."""
    if stream.isatty():
        console = Console(file=stream, highlight=False, markup=False, emoji=False)
        console.width = min(console.width, WIDEST)
        return console
    return Console(
        file=stream,
        width=PLAIN_WIDTH,
        color_system=None,
        force_terminal=False,
        highlight=False,
        markup=False,
        emoji=False,
    )


def show(view: RenderableType, stream: TextIO) -> None:
    """Show something; where nobody looks, without the blanks that fill up a line.

    A plain string is written as it is, however long its lines are.
    """
    if isinstance(view, str):
        stream.write(view)
        return
    console = console_on(stream)
    if stream.isatty():
        console.print(view)
        return
    with console.capture() as captured:
        console.print(view)
    stream.writelines(f"{line.rstrip(' ')}\n" for line in captured.get().splitlines())


def print_json(data: Json) -> None:
    """Write JSON to stdout, and nothing else."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


@contextmanager
def progress_over(total: int, label: str) -> Iterator[Progress]:
    """A bar on stderr while long work goes on; nothing where nobody looks."""
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        console=console_on(sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        bar.add_task(label, total=total)
        yield bar


def counted(items: Iterable[T], bar: Progress) -> Iterator[T]:
    """Go through items while the bar counts them."""
    for item in items:
        yield item
        bar.advance(bar.task_ids[0])
