"""Noticing that nobody reads what we write, before the next thing is written."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

from tui.conduct import Opener, RunningCall

LOOK: Final = 1.0
"""Seconds between two looks at a socket."""


def while_read(opener: Opener, descriptor: int) -> Opener:
    """Return an opener whose call is left as soon as the reader of a pipe or socket has gone."""

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[RunningCall]:
        async with opener() as call:
            with when_unread(descriptor, call.leave):
                yield call

    return opened


@contextlib.contextmanager
def when_unread(descriptor: int, do: Callable[[], None]) -> Iterator[None]:
    """Do something once as soon as the reader of a pipe or a socket has gone, in this context.

    Of anything else, a file or a terminal, there is no reader to go.
    """
    watch = _WATCHES.get(_kind(descriptor), _watching_nothing)
    with watch(descriptor, do):
        yield


@contextlib.contextmanager
def _watching_pipe(descriptor: int, do: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def gone() -> None:
        loop.remove_reader(descriptor)
        do()

    # The end that is written to is never readable: it reports an error when the other one closes.
    loop.add_reader(descriptor, gone)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)


@contextlib.contextmanager
def _watching_socket(descriptor: int, do: Callable[[], None]) -> Iterator[None]:
    """Watch a socket, such as sshd gives: standard input may be the same one, and readable."""
    poll = select.poll()
    poll.register(descriptor, 0)  # that it was closed is told in any case
    loop = asyncio.get_running_loop()
    looking: asyncio.TimerHandle

    def look() -> None:
        nonlocal looking
        if poll.poll(0):
            do()
        else:
            looking = loop.call_later(LOOK, look)

    looking = loop.call_later(LOOK, look)
    try:
        yield
    finally:
        looking.cancel()


@contextlib.contextmanager
def _watching_nothing(_descriptor: int, _do: Callable[[], None]) -> Iterator[None]:
    yield


_WATCHES: Final = {stat.S_IFIFO: _watching_pipe, stat.S_IFSOCK: _watching_socket}


def _kind(descriptor: int) -> int:
    try:
        return stat.S_IFMT(os.fstat(descriptor).st_mode)
    except OSError:
        return 0
