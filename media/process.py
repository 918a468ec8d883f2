"""The media process: `python -m media.process FD`, FD being its end of the session's socket pair.

It takes commands and gives events (`media.control`) until the call is closed or the other end is
gone. It ignores Ctrl+C: the session decides when a call ends.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import traceback
from functools import partial

import msgspec

import media.video.vp8  # noqa: F401 - now, and not when the first picture comes beside the sound
from media.call import MediaCall
from media.control import Command, Event, Picture, Shutdown
from media.engine.embedded_session import EmbeddedSession
from media.errors import MediaProcessError
from media.pipe import Pipe

END_TIMEOUT = 2.0
"""Seconds for closing everything once the session is gone."""

_decoder: msgspec.msgpack.Decoder[Command] = msgspec.msgpack.Decoder(Command)


async def serve(pipe: Pipe) -> None:
    """Run one call for whoever holds the other end of the pipe."""
    call = MediaCall(EmbeddedSession(), partial(pass_on, pipe))
    while not call.closed:
        command = await _next_command(pipe)
        if command is None:
            async with asyncio.timeout(END_TIMEOUT):
                await call.handle(Shutdown())
        else:
            await call.handle(command)
    await pipe.close()


def pass_on(pipe: Pipe, event: Event) -> None:
    """Give an event to the session; pictures are left out while it is slow to read."""
    if not (isinstance(event, Picture) and pipe.is_crowded):
        pipe.send(event)


async def _next_command(pipe: Pipe) -> Command | None:
    try:
        return await pipe.receive(_decoder)
    except MediaProcessError:
        return None


async def _main(descriptor: int) -> None:
    await serve(await Pipe.open(socket.socket(fileno=descriptor)))


def main() -> None:
    """Entry point."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        asyncio.run(_main(int(sys.argv[1])))
    except Exception:
        traceback.print_exc()
        os._exit(1)
    # A device's own threads must not keep alive what nobody listens to any more.
    os._exit(0)


if __name__ == "__main__":
    main()
