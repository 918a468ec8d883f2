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
from tui.ctl.desk import answer, refusal
from tui.ctl.errors import BusyError, NotYoursError, RequestError, SlowReaderError
from tui.ctl.office import Caller, Office
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
PARTING: Final = 0.25
"""Seconds a reader has at the end of the call for what it is behind."""
BACKLOG: Final = 1 << 20
"""Bytes a reader may be behind with what it asked to be told."""


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
    office = Office(call, seat.number)
    reception = Reception(office)
    server = await asyncio.start_unix_server(
        reception.receive, sock=seat.listener, limit=MAX_REQUEST - 1
    )
    try:
        yield
    finally:
        seat.leave()
        server.close()
        await reception.close()
        office.close()


class Reception:
    """All connections to one call."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._open: set[Connection] = set()

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends, is silent, or asks what cannot be a request."""
        connection = Connection(self._office, reader, writer)
        self._open.add(connection)
        try:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                if not is_own(writer.get_extra_info("socket")):
                    await connection.send(refusal(NotYoursError("this call is somebody else's")))
                elif len(self._open) > CONNECTIONS:
                    await connection.send(refusal(BusyError("too many connections to this call")))
                else:
                    await connection.converse()
        finally:
            connection.close()
            await connection.closed(UNREAD)
            self._open.discard(connection)

    async def close(self) -> None:
        """End every connection; whoever reads gets all that was told."""
        for connection in self._open:
            connection.close()
        await asyncio.gather(*(connection.closed(PARTING) for connection in self._open))


class Connection:
    """Somebody who asks; what is told and what is answered goes the same way, line by line."""

    def __init__(
        self, office: Office, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._follow = office.follow
        self._caller = Caller(office, self.tell)
        self._reader, self._writer = reader, writer

    async def converse(self) -> None:
        """Answer until the end. Raises `OSError`, `TimeoutError`, `IncompleteReadError`."""
        bucket = TokenBucket(RATE, BURST)
        clock = asyncio.get_running_loop().time
        while not self._writer.is_closing():
            patience = None if self._follow.follows(self.tell) else SILENCE
            try:
                async with asyncio.timeout(patience):
                    line = await self._reader.readuntil()
            except asyncio.LimitOverrunError:  # where the next one begins cannot be known
                too_long = RequestError(f"a request has at most {MAX_REQUEST} bytes")
                await self.send(refusal(too_long))
                return
            if not bucket.take(clock()):
                await self.send(refusal(BusyError("more requests than this call takes")))
                return
            await self.send(await answer(self._caller, line))

    async def send(self, line: bytes) -> None:
        """Send an answer, once there is room for it. Raises `OSError`, `TimeoutError`."""
        self._writer.write(line)
        try:
            async with asyncio.timeout(UNREAD):
                await self._writer.drain()
        except TimeoutError:
            self._writer.transport.abort()  # closing would go on waiting for the reader
            raise

    def tell(self, line: bytes) -> None:
        """Send what happened; a reader that is too far behind is told so, and that is the end.

        Never waits: what happens in a call waits for nobody who watches it.
        """
        transport = self._writer.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() + len(line) <= BACKLOG:
            self._writer.write(line)
            return
        slow = SlowReaderError("you do not read what you asked to be told; some of it is lost")
        self._writer.write(refusal(slow))
        self.close()

    def close(self) -> None:
        """Take and tell nothing more."""
        self._follow.drop(self.tell)
        self._reader.feed_eof()
        self._writer.close()

    async def closed(self, patience: float) -> None:
        """Return once the other end has read everything, or as many seconds later."""
        try:
            async with asyncio.timeout(patience):
                await self._writer.wait_closed()
        except TimeoutError:
            self._writer.transport.abort()
        except OSError:
            pass
