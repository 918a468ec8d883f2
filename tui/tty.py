"""A terminal whose keys we take ourselves, one by one, and nothing else of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import termios
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any, Final

from tui.pen import Pen

CHUNK: Final = 4096
LETTING_GO: Final = 0.2
"""Seconds other processes of a call have to mute before this one stops."""
_IFLAG, _LFLAG = 0, 3
"""Places in the list of `termios.tcgetattr`."""


def echoes(source: int, target: int) -> bool:
    """Return whether both are one terminal that reads whole lines and shows what is typed.

    One that does not show it, as in Emacs, has lines of its own behind it.
    """
    try:
        same = os.path.samestat(os.fstat(source), os.fstat(target))
        flags = termios.tcgetattr(source)[_LFLAG]
    except (OSError, termios.error):
        return False
    return same and bool(flags & termios.ECHO) and bool(flags & termios.ICANON)


async def lines(
    pen: Pen, let_go: Callable[[], None], terminal: int = 0
) -> AsyncGenerator[str, None]:
    """Yield the lines that are typed until the end is; `let_go` is called before we are stopped."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        try:
            data = os.read(terminal, CHUNK)
        except OSError:
            data = b""
        for line in pen.keys(data):
            queue.put_nowait(line)
        if not data or pen.ended:
            loop.remove_reader(terminal)
            queue.put_nowait(None)

    before = termios.tcgetattr(terminal)
    _take(terminal)
    loop.add_reader(terminal, read)
    try:
        with _stopping(terminal, before, let_go):
            while (line := await queue.get()) is not None:
                yield line
    finally:
        loop.remove_reader(terminal)
        with contextlib.suppress(OSError, termios.error):  # a terminal that is gone
            _restore(terminal, before)


def _take(terminal: int) -> None:
    """Take keys one by one and show none; Ctrl-C and Ctrl-Z still mean what they mean.

    Ctrl-S does not: a terminal that is held would hold the call.
    """
    wanted = termios.tcgetattr(terminal)
    wanted[_LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
    wanted[_IFLAG] &= ~termios.IXON
    termios.tcsetattr(terminal, termios.TCSADRAIN, wanted)


def _restore(terminal: int, modes: list[Any]) -> None:
    termios.tcsetattr(terminal, termios.TCSADRAIN, modes)


@contextlib.contextmanager
def _stopping(terminal: int, modes: list[Any], let_go: Callable[[], None]) -> Iterator[None]:
    """Give the terminal back while the process is stopped (Ctrl-Z), and take it again after."""
    loop = asyncio.get_running_loop()

    def asked() -> None:
        let_go()
        loop.call_later(LETTING_GO, stop)

    def stop() -> None:
        _restore(terminal, modes)
        loop.remove_signal_handler(signal.SIGTSTP)
        signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)  # returns when continued
        loop.add_signal_handler(signal.SIGTSTP, asked)
        _take(terminal)

    loop.add_signal_handler(signal.SIGTSTP, asked)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTSTP)
