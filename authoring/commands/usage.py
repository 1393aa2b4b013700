"""Help and usage errors in Chinese: typer's own are English and cannot be translated.

typer keeps its parser in a private package, so this is the one module that looks inside;
``tests/test_cli.py`` notices when something there moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from io import StringIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from typer._click.core import Command as AnyCommand
from typer._click.core import Context, Parameter
from typer._click.exceptions import (
    BadOptionUsage,
    MissingParameter,
    NoSuchOption,
    UsageError,
)
from typer._click.formatting import HelpFormatter
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from authoring.chinese_text import ChineseText
from authoring.commands.words import say

HELP_WIDTH = 90


class ChineseCommand(TyperCommand):
    """A command whose help is Chinese."""

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the help page."""
        formatter.write(help_page(self, ctx))

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse, and refuse what is left over."""
        ctx.allow_extra_args = True
        try:
            extra = super().parse_args(ctx, args)
        except UsageError as error:
            error.ctx = error.ctx or ctx
            raise
        if extra:
            raise WrongUsage(say("usage.extra_arguments", names=" ".join(extra)), ctx)
        return extra


class ChineseGroup(TyperGroup):
    """The program itself, with Chinese help, and a suggestion for a mistyped command."""

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the help page."""
        formatter.write(help_page(self, ctx))

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse, and ask for a command when there is none."""
        try:
            rest = super().parse_args(ctx, args)
        except UsageError as error:
            error.ctx = error.ctx or ctx
            raise
        if not ctx._protected_args and not ctx.resilient_parsing:
            names = "、".join(self.commands)
            raise WrongUsage(say("usage.missing_command", names=names), ctx)
        return rest

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, AnyCommand | None, list[str]]:
        """Find the command that is meant."""
        name = args[0]
        if name not in self.commands:
            near = get_close_matches(name, self.commands)
            hint = (
                say("usage.did_you_mean", names="、".join(near))
                if near
                else say("usage.choose_command", names="、".join(self.commands))
            )
            raise WrongUsage(say("usage.no_such_command", command=name) + hint, ctx)
        return name, self.commands[name], args[1:]


class WrongUsage(UsageError):
    """A usage error whose message is Chinese already."""


def usage_error_text(error: UsageError) -> str:
    """What is wrong with a command line, in Chinese, and where to read on."""
    command = error.ctx.command_path if error.ctx is not None else "tiaoli"
    return f"{_what_is_wrong(error)}\n{say('usage.see_help', command=command)}"


def _what_is_wrong(error: UsageError) -> str:
    match error:
        case WrongUsage():
            return error.message
        case MissingParameter(param=TyperOption() as option):
            return say("usage.missing_option", option=option.opts[0], name=_metavar(option))
        case MissingParameter(param=TyperArgument() as argument):
            return say("usage.missing_argument", name=_metavar(argument))
        case NoSuchOption(option_name=name, possibilities=possibilities):
            text = say("usage.no_such_option", option=name)
            if possibilities:
                text += say("usage.did_you_mean", names="、".join(possibilities))
            return text
        case BadOptionUsage(option_name=name):
            given = _option(error.ctx, name)
            if given is None or given.is_flag:
                return say("usage.option_takes_no_value", option=name)
            return say("usage.option_needs_value", option=name, name=_metavar(given))
        case _:
            return say("usage.other", detail=error.format_message())


def _option(ctx: Context | None, name: str) -> TyperOption | None:
    if ctx is None:
        return None
    return next(
        (
            param
            for param in ctx.command.get_params(ctx)
            if isinstance(param, TyperOption) and name in param.opts
        ),
        None,
    )


# --- the help page --------------------------------------------------------------------------------


def help_page(command: AnyCommand, ctx: Context) -> str:
    """The help of a command as plain text."""
    params = command.get_params(ctx)
    arguments = [each for each in params if isinstance(each, TyperArgument)]
    options = [each for each in params if isinstance(each, TyperOption) and not each.hidden]
    out = StringIO()
    console = Console(file=out, width=HELP_WIDTH, color_system=None)
    console.print(Text(f"{say('help.usage')}：{_usage_line(command, ctx, arguments, options)}"))
    for paragraph in (command.help or "").strip().splitlines():
        console.print(Padding(ChineseText(paragraph), (0, 2)))
    if isinstance(command, TyperGroup):
        rows = [(name, each.short_help or "") for name, each in command.commands.items()]
        _section(console, say("help.commands"), rows)
    _section(console, say("help.arguments"), [(_metavar(each), _said(each)) for each in arguments])
    _section(console, say("help.options"), [(_spelling(each), _said(each)) for each in options])
    if isinstance(command, TyperGroup):
        console.print()
        console.print(Text(say("help.more", program=ctx.command_path)))
    for paragraph in (command.epilog or "").strip().splitlines():
        console.print()
        console.print(Text(paragraph))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _usage_line(
    command: AnyCommand,
    ctx: Context,
    arguments: Sequence[TyperArgument],
    options: Sequence[TyperOption],
) -> str:
    parts = [ctx.command_path]
    parts += [_metavar(each) + (" …" if each.nargs == -1 else "") for each in arguments]
    parts += [f"{max(each.opts, key=len)} {_metavar(each)}" for each in options if each.required]
    parts.append(say("help.options_mark"))
    if isinstance(command, TyperGroup):
        parts.append(say("help.command_mark"))
    return " ".join(parts)


def _section(console: Console, title: str, rows: Sequence[tuple[str, str]]) -> None:
    if not rows:
        return
    grid = Table.grid(padding=(0, 3))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for left, right in rows:
        grid.add_row(Text(left), ChineseText(right))
    console.print()
    console.print(Text(f"{title}："))
    console.print(Padding(grid, (0, 0, 0, 2)))


def _metavar(param: Parameter) -> str:
    return param.metavar or param.name or ""


def _spelling(option: TyperOption) -> str:
    names = ", ".join(sorted(option.opts, key=lambda name: (len(name), name)))
    return names if option.is_flag else f"{names} {_metavar(option)}"


def _said(param: TyperArgument | TyperOption) -> str:
    if isinstance(param, TyperOption) and "--help" in param.opts:
        return say("help.help_option")
    text = param.help or ""
    if param.required and isinstance(param, TyperOption):
        text += f"（{say('help.required')}）"
    return text
