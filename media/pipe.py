"""Messages over a stream socket: four bytes of length, then msgpack.

Both ends are ours; the bounds are there so that a broken one is noticed and not obeyed.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TypeVar

import msgspec

from media.errors import MediaProcessError

T = TypeVar("T")

MAX_MESSAGE = 64 * 1024 * 1024
"""Largest message, bytes: a picture of the largest view."""
CROWDED = 512 * 1024
"""Unsent bytes from which pictures are left out: the newest one is worth more than a queue."""

_encoder = msgspec.msgpack.Encoder()


class Pipe:
    """One end of the socket pair between a session and its media process."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, sock: socket.socket) -> Pipe:
        """Take over a connected stream socket."""
        return cls(*await asyncio.open_connection(sock=sock))

    @property
    def is_crowded(self) -> bool:
        """Return whether the other end is slow to read."""
        return self._writer.transport.get_write_buffer_size() > CROWDED

    def send(self, message: msgspec.Struct) -> None:
        """Queue a message; nothing happens once the other end is gone."""
        if not self._writer.is_closing():
            body = _encoder.encode(message)
            self._writer.write(len(body).to_bytes(4, "big") + body)

    async def receive(self, decoder: msgspec.msgpack.Decoder[T]) -> T | None:
        """Return the next message, None once the other end is gone.

        Raises `MediaProcessError` for bytes that are no message.
        """
        try:
            length = int.from_bytes(await self._reader.readexactly(4), "big")
            if length > MAX_MESSAGE:
                raise MediaProcessError("the media process sent a message that is too long")
            body = await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        try:
            return decoder.decode(body)
        except msgspec.MsgspecError:
            raise MediaProcessError("the media process sent something unreadable") from None

    async def close(self) -> None:
        """Send what is queued if the other end still reads, and close; idempotent."""
        self._writer.close()
        try:
            async with asyncio.timeout(1.0):
                await self._writer.wait_closed()
        except (TimeoutError, ConnectionError):
            self._writer.transport.abort()
