"""`sotto serve`: the server alone; it holds no key that opens anything.

Prints how to open a room on it; logs go to standard error.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import click

from tui.cli import report
from tui.cli.commands import COMMANDS
from tui.cli.exits import Exit
from tui.cli.options import server_options
from tui.cli.place import Place
from tui.conduct import Stop


@click.command("serve", help=COMMANDS["serve"])
@server_options
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep the key and, without --port, the port in DIR, so that links outlive a restart.",
)
def command(listen: tuple[str, ...], port: int, state: Path | None) -> int:
    """Serve rooms until interrupted."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    return asyncio.run(_serve(Place(listen, port, state)))


async def _serve(place: Place) -> int:
    from tui.cli import serving
    from tui.cli.address import format_server

    stop = Stop()
    with stop.on_signals():
        async with serving.running(place) as server:
            report.answer(f"sotto call --server {format_server(server)}")
            await stop.wait()
    return Exit.INTERRUPTED
