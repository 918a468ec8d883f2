"""`sotto join`: knock at a room and hold the call."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import click

from tui.cli.commands import COMMANDS
from tui.cli.face import hold, load
from tui.cli.link_argument import LINK_HELP, WayIn, link_argument
from tui.cli.on_option import CommandWithHooks
from tui.cli.options import CallOptions, call_options
from tui.cli.unlock import unlock
from tui.conduct import RunningCall


@click.command(
    "join",
    cls=CommandWithHooks,
    help=f"""{COMMANDS["join"]}

    {LINK_HELP}""",
)
@link_argument
@call_options
def command(way: WayIn, options: CallOptions) -> int:
    """Knock at a room and hold the call."""
    options.check(reads_link=way.reads_input)
    identity = unlock()
    link = way.link(options.timeout)

    @contextlib.asynccontextmanager
    async def opener() -> AsyncIterator[RunningCall]:
        await load("backend")
        from tui.cli import backend

        yield backend.join(link, options, identity)

    return hold(opener, options, identity=identity)
