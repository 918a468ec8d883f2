"""`sotto join`: knock at a room and hold the call."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import AsyncIterator

import click

from tui.cli import report
from tui.cli.commands import COMMANDS
from tui.cli.exits import Exit
from tui.cli.face import hold, load
from tui.cli.options import STANDARD, CallOptions, call_options
from tui.cli.unlock import unlock
from tui.conduct import RunningCall
from tui.lines import read_wrapped

VARIABLE = "SOTTO_LINK"


@click.command(
    "join",
    help=f"""{COMMANDS["join"]}

    NAME is the first word of a passcode: you are asked for the others, or they are read from
    standard input where that is no terminal.

    LINK is a secret, and other people on this machine can see arguments: give - to read it from
    standard input, or put it into {VARIABLE}. Quote it, it contains a #.""",
)
@click.argument("link", envvar=VARIABLE, metavar="LINK|NAME")
@click.option(
    "--server",
    metavar="ADDRESS",
    help="Where the room of this NAME is: HOST:PORT. Default: the setting `server`.",
)
@call_options
def command(options: CallOptions, link: str, server: str | None) -> int:
    """Knock at a room and hold the call."""
    from_input = link == STANDARD
    os.environ.pop(VARIABLE, None)  # for us only, not for the processes we start
    room = None if from_input else _room_named(link)
    if server and room is None:
        raise click.UsageError("--server goes with the name of a room; a link has its server")
    options.check(reads_link=from_input or room is not None)
    if from_input:
        if sys.stdin.isatty():
            print("Link: ", end="", file=sys.stderr, flush=True)
        from e2ee.link import continuation

        link = read_wrapped(continuation)
    identity = unlock()
    if room is not None:
        from tui.cli import by_name

        try:
            link = by_name.link_of(room, server, options.timeout)
        except TimeoutError:
            report.complain(f"not in the room after {options.timeout:g} s", "is a host there?")
            return Exit.TIMEOUT

    @contextlib.asynccontextmanager
    async def opener() -> AsyncIterator[RunningCall]:
        await load("backend")
        from tui.cli import backend

        yield backend.join(link, options, identity)

    return hold(opener, options, identity=identity)


def _room_named(argument: str) -> str | None:
    """Return the room that is named instead of a link, if it is; nothing is loaded for links."""
    if ":" in argument:
        return None
    from tui.cli import by_name

    return by_name.room_named(argument)
