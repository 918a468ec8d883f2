"""48 kHz mono s16le through standard input and output, never blocking the event loop."""

from __future__ import annotations

import asyncio
import os
import selectors
import stat
from collections.abc import Generator
from contextlib import suppress

from media.audio.files import BatchReader
from media.audio.pcm import FRAME_BYTES, SAMPLE_RATE, Pcm, from_bytes, to_bytes
from media.errors import DeviceError

READ_AHEAD_BYTES = 4 * FRAME_BYTES
"""Beyond this the pipe itself holds the sound back; less would make every read a wake-up."""
QUEUE_BYTES = 2 * SAMPLE_RATE
"""1 s may wait for a slow reader; then whole frames are dropped."""
FLUSH_SECONDS = 1.0
"""How long a slow reader is waited for at the end."""

STDIN = 0
STDOUT = 1


def open_reader(fd: int = STDIN) -> PipeReader | BatchReader:
    """Return a reader of whatever `fd` is. Raises `DeviceError` for a terminal or nothing."""
    mode = _mode(fd, "standard input", "pipe sound into it, or give a file name")
    if stat.S_ISREG(mode) or not _can_be_awaited(fd):
        frames = _read_file(fd)
        return BatchReader(frames, frames.close)
    return PipeReader(fd)


def check_input(fd: int) -> None:
    """Raise `DeviceError` if sound cannot come out of it: a terminal, or nothing at all."""
    _mode(fd, "standard input", "pipe sound into it, or give a file name")


def open_writer(fd: int = STDOUT) -> PipeWriter | FileWriter:
    """Return a writer to whatever `fd` is. Raises `DeviceError` for a terminal or nothing."""
    mode = _mode(fd, "standard output", "send it into a pipe or a file")
    return FileWriter(fd) if stat.S_ISREG(mode) else PipeWriter(fd)


def is_live(reader: PipeReader | BatchReader) -> bool:
    """Whether sound is made while we read (a pipe) rather than lying there (a file)."""
    return isinstance(reader, PipeReader)


def _mode(fd: int, name: str, hint: str) -> int:
    try:
        mode = os.fstat(fd).st_mode
    except OSError as error:
        raise DeviceError(f"{name} is closed", hint=hint) from error
    if os.isatty(fd):
        raise DeviceError(f"{name} is a terminal, not sound", hint=hint)
    return mode


def _can_be_awaited(fd: int) -> bool:
    """Whether the event loop can be told when there is more: not so of /dev/null."""
    with selectors.DefaultSelector() as selector:
        try:
            selector.register(fd, selectors.EVENT_READ)
        except OSError:
            return False
    return True


def _read_file(fd: int) -> Generator[Pcm]:
    with suppress(OSError), os.fdopen(os.dup(fd), "rb") as file:
        while data := file.read(FRAME_BYTES):
            yield _frame(data)


def _frame(data: bytes) -> Pcm:
    """Read a frame, leaving out half a sample at the end of the input."""
    return from_bytes(data[: len(data) // 2 * 2])


class PipeReader:
    """Reads frames from a pipe, socket or character device."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._stream: asyncio.StreamReader | None = None
        self._transport: asyncio.ReadTransport | None = None

    async def read(self) -> Pcm | None:
        """Return the next frame, the last one filled with silence, None at the end."""
        stream = self._stream or await self._connect()
        try:
            return _frame(await stream.readexactly(FRAME_BYTES))
        except asyncio.IncompleteReadError as error:
            return _frame(error.partial) if error.partial else None
        except OSError:
            return None

    async def close(self) -> None:
        """Stop reading; the descriptor goes back to blocking, as we found it."""
        if self._transport is None:
            return
        self._transport.close()
        self._transport = None
        with suppress(OSError):
            os.set_blocking(self._fd, True)

    async def _connect(self) -> asyncio.StreamReader:
        self._stream = stream = asyncio.StreamReader(limit=READ_AHEAD_BYTES)
        loop = asyncio.get_running_loop()
        try:
            # The transport closes what it is given, so it gets a descriptor of its own.
            pipe = os.fdopen(os.dup(self._fd), "rb", buffering=0)
            self._transport, _ = await loop.connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(stream), pipe
            )
        except (OSError, ValueError):
            stream.feed_eof()
        return stream


class PipeWriter(asyncio.BaseProtocol):
    """Writes frames to a pipe, socket or character device; a slow reader loses frames, not us."""

    def __init__(self, fd: int) -> None:
        self.dropped = 0
        self._fd = fd
        self._transport: asyncio.WriteTransport | None = None
        self._lost = asyncio.Event()

    async def write(self, frame: Pcm) -> None:
        """Queue one frame. Raises `DeviceError` once nobody reads any more."""
        await self.put(to_bytes(frame))

    async def put(self, data: bytes) -> None:
        """Queue bytes, all of them or, if too many wait, none. Raises `DeviceError` likewise."""
        transport = self._transport or await self._connect()
        if self._lost.is_set():
            raise DeviceError("nobody reads the sound on standard output any more")
        if transport.get_write_buffer_size() + len(data) > QUEUE_BYTES:
            self.dropped += 1
            return
        transport.write(data)

    async def close(self) -> None:
        """Give a slow reader a moment to take what is queued; then the pipe is let go."""
        if self._transport is None:
            return
        self._transport.close()
        try:
            await asyncio.wait_for(self._lost.wait(), FLUSH_SECONDS)
        except TimeoutError:
            self._transport.abort()
        with suppress(OSError):
            os.set_blocking(self._fd, True)

    def connection_lost(self, _error: Exception | None) -> None:
        """Called by the event loop when the reader has gone, or all is flushed and closed."""
        self._lost.set()

    async def _connect(self) -> asyncio.WriteTransport:
        loop = asyncio.get_running_loop()
        try:
            pipe = os.fdopen(os.dup(self._fd), "wb", buffering=0)
            self._transport, _ = await loop.connect_write_pipe(lambda: self, pipe)
        except (OSError, ValueError) as error:
            raise DeviceError("standard output cannot be written to") from error
        return self._transport


class FileWriter:
    """Writes frames to the file that standard output was sent to."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    async def write(self, frame: Pcm) -> None:
        """Append one frame. Raises `DeviceError` when the disk is full."""
        await self.put(to_bytes(frame))

    async def put(self, data: bytes) -> None:
        """Append bytes. Raises `DeviceError` likewise."""
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError as error:
            raise DeviceError("standard output cannot be written to") from error

    async def close(self) -> None:
        """Nothing is held back and the descriptor is not ours, so there is nothing to do."""
