"""Standard input, line by line, without blocking the event loop and without reading too far."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator

MAX_LINE = 64 * 1024
"""Bytes; what is longer is cut into several lines."""


def read_line(descriptor: int = 0) -> str:
    """Read one line, byte by byte: whatever follows stays unread. Blocks; empty at the end."""
    data = bytearray()
    while len(data) < MAX_LINE and (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
        data += byte
    return data.decode(errors="replace").strip()


async def lines(descriptor: int = 0) -> AsyncIterator[str]:
    """Yield each line until the end of the input.

    A daemon thread reads the descriptor itself: `sys.stdin` held by a thread would stop the
    interpreter from ending, and a non-blocking descriptor would be so for the shell as well.
    """
    queue: asyncio.Queue[str | None] = asyncio.Queue(maxsize=0)
    loop = asyncio.get_running_loop()
    reader = threading.Thread(target=_pump, args=(descriptor, loop, queue), daemon=True)
    reader.start()
    while (line := await queue.get()) is not None:
        yield line


def _pump(
    descriptor: int, loop: asyncio.AbstractEventLoop, queue: asyncio.Queue[str | None]
) -> None:
    rest = b""
    with contextlib.suppress(OSError, RuntimeError):  # closed descriptor, loop already gone
        while chunk := os.read(descriptor, MAX_LINE):
            *complete, rest = (rest + chunk).split(b"\n")
            if len(rest) >= MAX_LINE:
                complete, rest = [*complete, rest], b""
            for line in complete:
                loop.call_soon_threadsafe(queue.put_nowait, line.decode(errors="replace"))
        if rest:
            loop.call_soon_threadsafe(queue.put_nowait, rest.decode(errors="replace"))
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(queue.put_nowait, None)
