"""``tiaoli``, the command line: parse, ask a command, print its answer, exit by its code.

See ``docs/cli.md`` for the exit codes. The commands are imported when they are asked for, so that
help and usage errors come at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated, Any

import typer
from rich.text import Text
from typer._click.exceptions import UsageError

from authoring.commands.answer import Answer, Code, UnusableError
from authoring.commands.terminal import print_json, show, speak_utf8
from authoring.commands.usage import ChineseCommand, ChineseGroup, usage_error_text
from authoring.commands.words import say
from authoring.incidents import record_incident
from authoring.render_terminal import shown

PROGRAM = "tiaoli"

app = typer.Typer(
    cls=ChineseGroup,
    help=say("about.app"),
    epilog=say("about.epilog"),
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        show(Text(say("about.version", version=version(PROGRAM))), sys.stdout)
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help=say("help.version_option"),
        ),
    ] = False,
) -> None:
    """The options of the program itself."""


def _book(help_key: str) -> Any:
    return typer.Argument(metavar=say("metavar.book"), help=say(help_key))


def _json(help_key: str) -> Any:
    return typer.Option("--json", help=say(help_key))


def _copy(name: str, help_key: str) -> Any:
    return typer.Option(name, metavar=say("copy.out"), help=say(help_key))


@app.command("new", cls=ChineseCommand, help=say("new.help"), short_help=say("new.short"))
def _new(
    book: Annotated[str, typer.Argument(metavar=say("new.metavar"), help=say("new.book"))],
    source: Annotated[
        str | None, typer.Option("--from", metavar=say("metavar.book"), help=say("new.from"))
    ] = None,
    notice: Annotated[
        str | None,
        typer.Option("--notice", metavar=say("new.notice_option"), help=say("new.notice")),
    ] = None,
    blank: Annotated[bool, typer.Option("--blank", help=say("new.blank"))] = False,
    tidy: Annotated[bool, typer.Option("--tidy", help=say("new.tidy"))] = False,
    force: Annotated[bool, typer.Option("--force", help=say("new.force"))] = False,
    json: Annotated[bool, _json("new.json")] = False,
) -> _Reply:
    """Write a workbook to begin with."""
    from authoring.commands.new import Wish, answer

    return _ask(lambda: answer(Wish(book, source, notice, blank, tidy, force)), json)


@app.command("check", cls=ChineseCommand, help=say("check.help"), short_help=say("check.short"))
def _check(
    book: Annotated[str, _book("check.book")],
    strict: Annotated[bool, typer.Option("--strict", help=say("check.strict"))] = False,
    annotate: Annotated[str | None, _copy("--annotate", "copy.annotate")] = None,
    fix: Annotated[str | None, _copy("--fix", "copy.fix")] = None,
    readings: Annotated[bool, typer.Option("--readings", help=say("copy.readings"))] = False,
    force: Annotated[bool, typer.Option("--force", help=say("copy.force"))] = False,
    json: Annotated[bool, _json("check.json")] = False,
) -> _Reply:
    """Check a workbook."""
    from authoring.commands.check import answer
    from authoring.commands.copies import Wishes

    return _ask(lambda: answer(book, strict, Wishes(annotate, fix, readings, force)), json)


@app.command(
    "simulate", cls=ChineseCommand, help=say("simulate.help"), short_help=say("simulate.short")
)
def _simulate(
    book: Annotated[str, _book("simulate.book")],
    case: Annotated[
        str,
        typer.Option("--case", "-c", metavar=say("metavar.case"), help=say("simulate.case")),
    ],
    date: Annotated[
        str | None,
        typer.Option("--date", metavar=say("metavar.date"), help=say("simulate.date")),
    ] = None,
    row: Annotated[
        str | None,
        typer.Option("--row", metavar=say("metavar.row"), help=say("simulate.row")),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", "-a", help=say("simulate.all"))] = False,
    report: Annotated[list[str] | None, _copy("--report", "keep.report")] = None,
    save_as: Annotated[str | None, _copy("--save-as", "keep.save_as")] = None,
    force: Annotated[bool, typer.Option("--force", help=say("keep.force"))] = False,
    json: Annotated[bool, _json("simulate.json")] = False,
) -> _Reply:
    """Simulate one project."""
    from authoring.commands.keeping import Keepsakes
    from authoring.commands.simulate import answer

    wanted = Keepsakes(tuple(report or ()), save_as, force)
    return _ask(lambda: answer(book, case, date, row, everything, wanted), json)


@app.command("test", cls=ChineseCommand, help=say("test.help"), short_help=say("test.short"))
def _test(
    books: Annotated[list[str], _book("test.books")],
    json: Annotated[bool, _json("test.json")] = False,
) -> _Reply:
    """Run golden cases."""
    from authoring.commands.test import answer

    return _ask(lambda: answer(books), json)


@app.command(
    "explain", cls=ChineseCommand, help=say("explain.help"), short_help=say("explain.short")
)
def _explain(
    book: Annotated[str, _book("explain.book")],
    json: Annotated[bool, _json("explain.json")] = False,
) -> _Reply:
    """Show the order of the tables."""
    from authoring.commands.explain import answer

    return _ask(lambda: answer(book), json)


@app.command("text", cls=ChineseCommand, help=say("text.help"), short_help=say("text.short"))
def _text(
    book: Annotated[str, _book("text.book")],
    json: Annotated[bool, _json("text.json")] = False,
) -> _Reply:
    """Write a workbook as text."""
    from authoring.commands.text import answer

    return _ask(lambda: answer(book), json)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the result is the exit code. Nothing is raised."""
    speak_utf8()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _run(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = Code.INTERRUPTED
    except BrokenPipeError:
        _stop_writing()
        return Code.READER_GONE
    except Exception as error:
        incident = record_incident(error, f"{PROGRAM} {' '.join(given)}")
        show(shown(str(incident), "bold red"), sys.stderr)
        return Code.OUR_FAULT
    if code == Code.INTERRUPTED:
        show(Text(say("about.interrupted")), sys.stderr)
    return code


def _run(arguments: list[str]) -> int:
    command = typer.main.get_command(app)
    try:
        result = command.main(arguments, prog_name=PROGRAM, standalone_mode=False)
    except UsageError as error:
        show(shown(usage_error_text(error)), sys.stderr)
        return Code.UNUSABLE
    return _print(result) if isinstance(result, _Reply) else int(result or 0)


@dataclass(frozen=True, slots=True)
class _Reply:
    """What a command came to. It is printed outside typer, which has ways of its own with pipes."""

    answer: Answer | UnusableError
    json: bool


def _ask(question: Callable[[], Answer], json: bool) -> _Reply:
    try:
        return _Reply(question(), json)
    except UnusableError as trouble:
        return _Reply(trouble, json)


def _print(reply: _Reply) -> Code:
    answer = reply.answer
    if reply.json:
        print_json(answer.data() if isinstance(answer, Answer) else answer.data)
    if isinstance(answer, UnusableError):
        show(answer.view, sys.stderr)
        return Code.UNUSABLE
    if answer.aside is not None:
        show(answer.aside, sys.stderr)
    if not reply.json:
        show(answer.view, sys.stdout)
    return answer.code


def _stop_writing() -> None:
    """Leave nothing to be flushed into a pipe that nobody reads any more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
