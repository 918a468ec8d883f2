"""`sotto join`: knock at a room and hold the call."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import AsyncIterator

import click

from tui.cli.commands import COMMANDS
from tui.cli.face import hold, load
from tui.cli.options import STANDARD, CallOptions, call_options
from tui.cli.unlock import unlock
from tui.conduct import RunningCall
from tui.lines import read_wrapped

VARIABLE = "SOTTO_LINK"


@click.command(
    "join",
    help=f"""{COMMANDS["join"]}

    LINK is a secret, and other people on this machine can see arguments: give - to read it from
    standard input, or put it into {VARIABLE}. Quote it, it contains a #.""",
)
@click.argument("link", envvar=VARIABLE)
@call_options
def command(options: CallOptions, link: str) -> int:
    """Knock at a room and hold the call."""
    from_input = link == STANDARD
    options.check(reads_link=from_input)
    os.environ.pop(VARIABLE, None)  # for us only, not for the processes we start
    if from_input:
        if sys.stdin.isatty():
            print("Link: ", end="", file=sys.stderr, flush=True)
        from e2ee.link import continuation

        link = read_wrapped(continuation)
    identity = unlock()

    @contextlib.asynccontextmanager
    async def opener() -> AsyncIterator[RunningCall]:
        await load("backend")
        from tui.cli import backend

        yield backend.join(link, options, identity)

    return hold(opener, options)
