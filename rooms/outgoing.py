"""What still has to be sent on one WebSocket: in order, bounded, and nobody else's problem."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from rooms.window import Window

FAREWELL: Final = 5.0
"""Seconds a connection that ends has to take what is still to be sent, and the close frame."""
STUCK: Final = 20.0
"""Seconds without a piece of a file arriving until the reader gets none of those that wait."""


class Pool:
    """What all connections of one server may have waiting together, in bytes."""

    def __init__(self, size: int) -> None:
        self.left = size


class Outgoing:
    """Sends to one connection from a task of its own, so that a slow reader delays only itself.

    What waits is shared with the other receivers of the same message: a fan-out costs its bytes
    once. More than `backlog` bytes waiting, and the reader is too slow to take part.

    Pieces of files wait apart: one is sent when there is nothing else and its line has room for it.
    More than `chunk_backlog` bytes of them, or than is left of the `pool`, or none that arrives for
    `STUCK` seconds, and the reader goes without the rest.
    """

    def __init__(
        self, connection: ServerConnection, backlog: int, chunk_backlog: int, pool: Pool
    ) -> None:
        self._connection = connection
        self._backlog = backlog
        self._chunk_backlog = chunk_backlog
        self._pool = pool
        self._waiting: deque[bytes] = deque()
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._chunks_size = 0
        self._window = Window()
        self._patience: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._finished = False
        self._deadline: asyncio.TimerHandle | None = None
        self._task = asyncio.create_task(self._run())

    @property
    def waiting(self) -> int:
        """Bytes that still have to leave this process, files apart."""
        return self._size

    @property
    def chunks_waiting(self) -> int:
        """Bytes of files that still have to leave this process."""
        return self._chunks_size

    def push(self, data: bytes) -> None:
        """Have a message sent. Breaks the connection off if too much is waiting already."""
        if self._finished:
            return
        self._waiting.append(data)
        self._size += len(data)
        self._changed.set()
        if self._size > self._backlog:
            self._break_off()

    def push_chunk(self, data: bytes) -> None:
        """Have a piece of a file sent when there is nothing else to send."""
        stuck = self._patience is None and self._window.under_way > 0
        room = min(self._chunk_backlog - self._chunks_size, self._pool.left)
        if self._finished or stuck or len(data) > room:
            return
        self._chunks.append(data)
        self._hold(len(data))
        self._changed.set()

    def chunk_taken(self) -> None:
        """Note that the oldest piece that was sent has arrived."""
        self._window.taken(asyncio.get_running_loop().time())
        self._watch()
        self._changed.set()

    def finish(self) -> None:
        """Close the connection once all but files is sent, or after `FAREWELL` seconds."""
        self._finished = True
        self._drop_chunks()
        self._changed.set()
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(FAREWELL, self._connection.transport.abort)

    async def stop(self) -> None:
        """Send nothing more; for a connection that is closed."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._drop_chunks()
        self._task.cancel()
        await asyncio.wait([self._task])

    def _break_off(self) -> None:
        self._finished = True
        self._waiting.clear()
        self._drop_chunks()
        self._connection.transport.abort()

    def _watch(self) -> None:
        """Have what waits dropped if nothing arrives any more: the reader has given it up, too."""
        if self._patience is not None:
            self._patience.cancel()
        loop, under_way = asyncio.get_running_loop(), self._window.under_way
        self._patience = loop.call_later(STUCK, self._drop_chunks) if under_way else None

    def _hold(self, size: int) -> None:
        """Count bytes of files that wait, or, negative, no more."""
        self._chunks_size += size
        self._pool.left -= size

    def _drop_chunks(self) -> None:
        self._chunks.clear()
        self._hold(-self._chunks_size)
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    async def _run(self) -> None:
        try:
            await self._send_waiting()
            while not self._finished:
                await self._changed.wait()
                self._changed.clear()
                await self._send_waiting()
            await self._connection.close()
        except ConnectionClosed:
            self._finished = True

    async def _send_waiting(self) -> None:
        """Send all there is. Each call returns when most of it has left this process."""
        while self._waiting or (self._chunks and self._window.has_place):
            if self._waiting:
                data = self._waiting.popleft()
                await self._connection.send(data)
                self._size -= len(data)
            else:
                data = self._chunks.popleft()
                self._hold(-len(data))
                self._window.sent(asyncio.get_running_loop().time())
                self._watch()
                await self._connection.send(data)
