"""Standard input, line by line, without blocking the event loop and without reading too far."""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import AsyncGenerator, Callable, Iterator

from media.pump import Pump

MAX_LINE = 64 * 1024
"""Bytes; what is longer is cut into several lines."""
CHUNK = 16 * 1024
"""Bytes read at once."""
AHEAD = 64
"""Lines that wait for whoever takes them; then nothing more is read, so that whoever writes has to
wait as well."""
LOOK = 0.2
"""Seconds that the next of wrapped lines may take."""

_ahead: dict[int, bytes] = {}
"""What was read of a descriptor to see how it goes on, and is still to be read."""


def read_line(descriptor: int = 0) -> str:
    """Read one line, byte by byte: whatever follows stays unread. Blocks; empty at the end."""
    data = bytearray()
    while len(data) < MAX_LINE and (byte := _read(descriptor, 1)) not in (b"", b"\n"):
        data += byte
    return data.decode(errors="replace").strip()


def read_wrapped(continuation: Callable[[str], str | None], descriptor: int = 0) -> str:
    """Read a text that may be wrapped into several lines, and nothing behind it. Blocks.

    `continuation` says what the line after a text begins with if it belongs to it: empty for
    anything but an empty line, None if none does.
    """
    text = read_line(descriptor)
    while text and (beginning := continuation(text)) is not None:
        if beginning and not _begins_with(beginning, descriptor):
            break
        more = read_line(descriptor)
        if not more:
            break
        text += more
    return text


def _begins_with(beginning: str, descriptor: int) -> bool:
    """Look at what comes next, if it is there already, and leave it to whoever reads next."""
    if not select.select([descriptor], [], [], LOOK)[0]:
        return False
    _ahead[descriptor] = next_byte = os.read(descriptor, 1)
    return next_byte == beginning.encode()


def _read(descriptor: int, size: int) -> bytes:
    return _ahead.pop(descriptor, b"") or os.read(descriptor, size)


async def lines(descriptor: int = 0) -> AsyncGenerator[str, None]:
    """Yield each line until the end of the input, which is read little faster than they are taken.

    A thread reads the descriptor itself: `sys.stdin` held by a thread would stop the interpreter
    from ending, and a non-blocking descriptor would be so for the shell as well.
    """
    pump = Pump(_lines(descriptor), AHEAD)
    while (line := await pump.take()) is not None:
        yield line


def _lines(descriptor: int) -> Iterator[str]:
    rest = b""
    with contextlib.suppress(OSError):  # a closed descriptor
        while chunk := _read(descriptor, CHUNK):
            *complete, rest = (rest + chunk).split(b"\n")
            if len(rest) >= MAX_LINE:
                complete, rest = [*complete, rest], b""
            for line in complete:
                yield line.decode(errors="replace")
    if rest:
        yield rest.decode(errors="replace")
