"""The connection to the server, made again for as long as the room is worth it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

from e2ee.errors import SottovoceError
from rooms import wire
from rooms.client import RoomClient, ServerAddress
from rooms.errors import NetworkError
from rooms.ledger import Ledger
from rooms.phases import Phase
from rooms.protocol import RoomProtocol

GOODBYE_TIMEOUT: Final = 1.0
"""Seconds for the last messages to leave before the connection is closed."""
FIRST_WAIT, LONGEST_WAIT = 0.2, 3.0
"""Seconds between two attempts: twice as many after each, and half of it by chance."""


class Line:
    """A protocol's line to its server. `changed` is called whenever the protocol may have news.

    `prepare` does what has to be done before a knock and may take its time.
    """

    def __init__(
        self,
        server: ServerAddress,
        ledger: Ledger,
        protocol: RoomProtocol,
        *,
        prepare: Callable[[], Coroutine[Any, Any, None]],
        changed: Callable[[], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._server = server
        self._ledger = ledger
        self._protocol = protocol
        self._prepare = prepare
        self._changed = changed
        self._jitter = jitter
        self._wait = FIRST_WAIT
        self._reached = False
        self._outgoing: asyncio.Queue[wire.ClientMessage] = asyncio.Queue()
        self._away = asyncio.Event()

    def send(self, message: wire.ClientMessage) -> None:
        """Have a message sent over the connection there is."""
        self._outgoing.put_nowait(message)

    def settle(self) -> None:
        """Look whether the protocol wants another connection."""
        if self._protocol.phase is Phase.AWAY:
            self._away.set()

    async def run(self) -> None:
        """Talk to the server until the call is over."""
        while self._protocol.phase is not Phase.OVER:
            await self._once()
            if self._protocol.phase is Phase.AWAY:
                await asyncio.sleep(self._wait * (0.5 + self._jitter() / 2))
                self._wait = min(2 * self._wait, LONGEST_WAIT)

    async def _once(self) -> None:
        """Talk to the server over one connection, from its beginning to its end."""
        try:
            await self._prepare()
        except SottovoceError as error:
            self._protocol.fail(error)
            self._changed()
            return
        self._outgoing = asyncio.Queue()  # what was to go over the last one is for nobody now
        try:
            client = await RoomClient.connect(self._server, self._ledger)
        except SottovoceError as error:
            self._reached = False
            self._ended(error)
            return
        if not self._reached:  # it is there again: the room on it will be soon
            self._reached, self._wait = True, FIRST_WAIT
        writing = asyncio.create_task(self._write(client), name="room writer")
        try:
            self._protocol.start(time.time())
            self._away.clear()  # only now: whatever happened meanwhile found the protocol away
            self._changed()
            await self._read(client)
        except SottovoceError as error:
            self._ended(error)
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._outgoing.join(), GOODBYE_TIMEOUT)
            writing.cancel()
            await client.close()

    async def _read(self, client: RoomClient) -> None:
        """Pass on what the server says, until the protocol wants another connection."""
        away = asyncio.create_task(self._away.wait(), name="room away")
        reading = asyncio.create_task(self._receive(client), name="room reader")
        try:
            await asyncio.wait([away, reading], return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
        finally:
            away.cancel()
            reading.cancel()
            await asyncio.gather(away, reading, return_exceptions=True)

    async def _receive(self, client: RoomClient) -> None:
        while True:
            message = await client.receive()
            self._protocol.received(message, time.time())
            if self._protocol.phase is Phase.INSIDE:
                self._wait = FIRST_WAIT
            self._changed()

    async def _write(self, client: RoomClient) -> None:
        outgoing = self._outgoing
        while True:
            message = await outgoing.get()
            with contextlib.suppress(NetworkError):  # whoever reads notices it too
                await client.send(message)
            outgoing.task_done()

    def _ended(self, error: SottovoceError) -> None:
        """Note that a connection could not be made, or broke; others' mistakes end the call."""
        if isinstance(error, NetworkError):
            self._protocol.lost(error, time.time())
        else:
            self._protocol.fail(error)
        self._changed()
