"""Noticing that nobody reads what we write, before the next thing is written."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator

from tui.conduct import Opener, RunningCall


def while_read(opener: Opener, descriptor: int) -> Opener:
    """Return an opener whose call is left as soon as the reader of a pipe has gone."""

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[RunningCall]:
        async with opener() as call:
            with when_unread(descriptor, call.leave):
                yield call

    return opened


@contextlib.contextmanager
def when_unread(descriptor: int, do: Callable[[], None]) -> Iterator[None]:
    """Do something once as soon as the reader of a pipe has gone, while the context is open.

    Of anything but a pipe there is no reader to go.
    """
    if not _is_pipe(descriptor):
        yield
        return
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


def _is_pipe(descriptor: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except OSError:
        return False
