"""The click group: loads a command's file only when that command is used."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from importlib import import_module

import click

from tui.cli import commands, report
from tui.cli.exits import Exit


class LazyGroup(click.Group):
    """Commands of `tui.cli.commands`, each imported from its own file on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the visible commands, in the order of the table."""
        return list(commands.COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None for a name that is not in the table."""
        if cmd_name not in commands.COMMANDS and cmd_name not in commands.HIDDEN:
            return None
        command: click.Command = import_module(f"tui.cli.{cmd_name}").command
        return command

    def get_help(self, ctx: click.Context) -> str:
        """Return the overview, the same text `sotto --help` prints without click."""
        return commands.overview()


group = LazyGroup(name=commands.PROGRAM, context_settings={"help_option_names": ["-h", "--help"]})


def run(arguments: Sequence[str]) -> int:
    """Run a command; every way to end becomes an exit code and at most two lines of text."""
    # A crash, in a codec say, writes no memory with keys in it to disk; child processes inherit it.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    return report.ended(lambda: _run(arguments))


def _run(arguments: Sequence[str]) -> int:
    try:
        code = group.main(list(arguments), prog_name=commands.PROGRAM, standalone_mode=False)
    except click.UsageError as error:
        report.complain(" ".join(error.format_message().split()), _usage_hint(error))
        return Exit.USAGE
    except click.ClickException as error:
        report.complain(error.format_message())
        return Exit.PERSON
    except click.Abort:
        return Exit.INTERRUPTED
    return int(code or 0)


def _usage_hint(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else commands.PROGRAM
    return f"{path} --help shows how it is used"
