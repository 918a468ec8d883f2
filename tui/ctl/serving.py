"""Serves the control socket of a call, in the call's own event loop.

Whoever can connect is already the same person (the folder is private); the credentials are
checked all the same, and everything is bounded: a script gone wild must not disturb the call.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from media.limits import TokenBucket
from tui.conduct import Opener, RunningCall
from tui.ctl.desk import Desk, refusal
from tui.ctl.errors import BusyError, NotYoursError, RequestError
from tui.ctl.schema import MAX_REQUEST
from tui.ctl.seats import Seat, is_own
from tui.ports import CallPort

CONNECTIONS: Final = 16
RATE: Final = 20.0
BURST: Final = 40.0
"""Requests a second of one connection, and at once."""
SILENCE: Final = 30.0
"""Seconds a connection may ask nothing."""
UNREAD: Final = 5.0
"""Seconds an answer may wait for its reader."""


def reachable(opener: Opener, seat: Seat) -> Opener:
    """Return an opener whose call can be asked from other terminals while it runs."""

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[RunningCall]:
        async with opener() as call, serving(call, seat):
            yield call

    return opened


@contextlib.asynccontextmanager
async def serving(call: CallPort, seat: Seat) -> AsyncIterator[None]:
    """Answer whoever connects at a seat, for one call."""
    reception = Reception(Desk(call, seat.number))
    server = await asyncio.start_unix_server(
        reception.receive, sock=seat.listener, limit=MAX_REQUEST - 1
    )
    try:
        yield
    finally:
        seat.leave()
        server.close()
        await reception.close()


class Reception:
    """All connections to one call."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: set[asyncio.Task[None]] = set()

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends, is silent, or asks what cannot be a request."""
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                if not is_own(writer.get_extra_info("socket")):
                    await _send(writer, refusal(NotYoursError("this call is somebody else's")))
                elif len(self._open) > CONNECTIONS:
                    await _send(writer, refusal(BusyError("too many connections to this call")))
                else:
                    await self._converse(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bucket = TokenBucket(RATE, BURST)
        clock = asyncio.get_running_loop().time
        while True:
            try:
                async with asyncio.timeout(SILENCE):
                    line = await reader.readuntil()
            except asyncio.LimitOverrunError:  # where the next one begins cannot be known
                too_long = RequestError(f"a request has at most {MAX_REQUEST} bytes")
                await _send(writer, refusal(too_long))
                return
            if not bucket.take(clock()):
                await _send(writer, refusal(BusyError("more requests than this call takes")))
                return
            await _send(writer, await self._desk.answer(line))

    async def close(self) -> None:
        """End every connection."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)


async def _send(writer: asyncio.StreamWriter, answer: bytes) -> None:
    writer.write(answer)
    try:
        async with asyncio.timeout(UNREAD):
            await writer.drain()
    except TimeoutError:
        writer.transport.abort()  # closing would go on waiting for the reader
        raise
