"""`sotto completion`: a script that completes commands, options, choices and files in a shell.

It is written out once, so that no key waits for Python, and asks nobody anything.
"""

from __future__ import annotations

from importlib import import_module

import click

from tui.cli import report
from tui.cli.commands import COMMANDS
from tui.cli.exits import Exit

SHELLS = ("bash", "zsh", "fish")


@click.command(
    "completion",
    help=f"""{COMMANDS["completion"]}

    For bash, put into ~/.bashrc: source <(sotto completion bash)

    For zsh, into ~/.zshrc, below compinit: source <(sotto completion zsh)

    For fish: sotto completion fish > ~/.config/fish/completions/sotto.fish""",
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the script of a shell."""
    from tui.reference.tree import program

    script: str = import_module(f"tui.reference.{shell}").script(program())
    report.answer(script.rstrip("\n"))
    return Exit.DONE
