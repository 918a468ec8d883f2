"""`sotto call`: run a server in this process, open a room on it, hold the call."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import click

from tui.cli.commands import COMMANDS
from tui.cli.face import hold, load
from tui.cli.on_option import CommandWithHooks
from tui.cli.options import CallOptions, call_options, server_options
from tui.cli.place import Place
from tui.cli.unlock import unlock
from tui.conduct import RunningCall


@click.command("call", cls=CommandWithHooks, help=COMMANDS["call"])
@server_options
@click.option(
    "--server",
    metavar="ADDRESS",
    help="Open the room on this server, as `sotto serve` prints it, instead of one of our own.",
)
@click.option("--passcode", is_flag=True, help="Have words to say aloud, as well as the link.")
@click.option("--qr", is_flag=True, help="Show the link as a QR code as well.")
@click.option(
    "--admit",
    type=click.Choice(["ask", "all"]),
    help="Who comes in by itself. Default: the setting `admit`, which is ask.",
)
@click.option(
    "--admit-keys",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Whoever has a key in FILE comes in by itself: lines as in authorized_keys.",
)
@call_options
def command(
    *,
    options: CallOptions,
    listen: tuple[str, ...],
    port: int,
    server: str | None,
    passcode: bool,
    qr: bool,
    admit: Literal["ask", "all"] | None,
    admit_keys: Path | None,
) -> int:
    """Open a room and hold the call."""
    options.check()
    if server and (listen or port):
        raise click.UsageError("--server stands for another server: there is nothing to listen on")
    if qr and options.plain:
        raise click.UsageError("--qr draws, and --plain writes lines: /link says the link")
    place = Place(listen, port)
    keys = _keys_of(admit_keys)
    identity = unlock()

    @contextlib.asynccontextmanager
    async def opener() -> AsyncIterator[RunningCall]:
        await load("serving", "backend")
        from tui.cli import backend, serving

        async with serving.reaching(server, place) as address:
            yield backend.host(
                address,
                options,
                identity,
                admit=admit,
                admit_keys=keys,
                lasting=server is not None,
                passcode=passcode,
            )

    return hold(opener, options, code=qr, identity=identity)


def _keys_of(file: Path | None) -> frozenset[bytes]:
    """Return the keys in a file, none without one. Raises `AdmitKeysError`."""
    if file is None:
        return frozenset()
    from rooms import admit_keys

    return admit_keys.load(file)
