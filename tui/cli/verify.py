"""`sotto verify`: the verification code of a running call, from another terminal."""

from __future__ import annotations

import click

from tui.cli import plain
from tui.cli.commands import COMMANDS


@click.command(
    "verify",
    help=f"""{COMMANDS["verify"]}

    CALL is its number, or your name in it; with one call running it is not needed.""",
)
@click.argument("call", required=False)
@click.option("--match", is_flag=True, help="The others read the same code as was shown last.")
@click.option("--differs", is_flag=True, help="They do not.")
@click.option("--json", "as_json", is_flag=True, help="The answer as one line of JSON.")
def command(call: str | None, match: bool, differs: bool, as_json: bool) -> int:
    """Show the code, or pass on what came of it."""
    if match and differs:
        raise click.UsageError("the codes match, or they differ: not both")
    return plain.verify(call, match=match, differs=differs, as_json=as_json)
