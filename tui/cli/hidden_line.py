"""Asks for a secret on the terminal, without echo, while a connection is kept alive meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import termios
from collections.abc import Iterator

MAX_LINE = 4096
"""Bytes a terminal hands over at most as one line."""


async def ask(prompt: str) -> str:
    """Ask on the terminal that standard input is; return the line. Raises `EOFError`, `OSError`.

    The terminal itself reads the line, so that its keys for editing and for Ctrl-C work.
    """
    descriptor = os.open(os.ttyname(0), os.O_RDWR | os.O_NOCTTY)
    try:
        with interruptible(), _without_echo(descriptor):
            os.write(descriptor, prompt.encode())
            await _readable(descriptor)
            line = os.read(descriptor, MAX_LINE)
    finally:
        os.close(descriptor)
    if not line:
        raise EOFError
    return line.decode(errors="replace").strip()


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Have SIGTERM and SIGHUP interrupt as Ctrl-C does; for the main thread.

    By themselves they end the process at once, and the terminal would stay without echo.
    """
    ending = (signal.SIGTERM, signal.SIGHUP)
    taken = [number for number in ending if signal.getsignal(number) == signal.SIG_DFL]
    for number in taken:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def _without_echo(descriptor: int) -> Iterator[None]:
    before = termios.tcgetattr(descriptor)
    quiet = termios.tcgetattr(descriptor)
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSAFLUSH, quiet)
    try:
        yield
    finally:
        with contextlib.suppress(OSError, termios.error):  # a terminal that is gone
            termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
            os.write(descriptor, b"\n")


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
