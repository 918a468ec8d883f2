"""Items that come from something that blocks, taken in the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Pump(Generic[T]):
    """Takes items out of an iterable in a thread, at most `ahead` of them before they are wanted.

    The thread begins with the first `take` and is a daemon: whatever it waits for, it keeps nobody
    from ending.
    """

    def __init__(self, items: Iterable[T], ahead: int) -> None:
        self._items = items
        self._room = threading.Semaphore(ahead)
        self._queue: asyncio.Queue[tuple[T] | Exception | None] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    async def take(self) -> T | None:
        """Return the next item, None at the end. A cancelled one loses nothing.

        Raises what the iterable raises, once.
        """
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            threading.Thread(target=self._run, args=(self._loop,), daemon=True).start()
        got = await self._queue.get()
        self._room.release()
        match got:
            case (item,):
                return item
            case Exception():
                self._queue.put_nowait(None)
                raise got
            case _:
                self._queue.put_nowait(None)
                return None

    def close(self) -> None:
        """Take no more; the thread ends as soon as it waits for nothing else."""
        self._closed = True
        self._room.release()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        end: Exception | None = None
        try:
            for item in self._items:
                if not self._put(loop, (item,)):
                    return
        except Exception as error:
            end = error
        self._put(loop, end)

    def _put(self, loop: asyncio.AbstractEventLoop, item: tuple[T] | Exception | None) -> bool:
        """Hand an item over, if it is still wanted and there is a loop to take it."""
        self._room.acquire()
        if self._closed or loop.is_closed():
            return False
        try:
            loop.call_soon_threadsafe(self._queue.put_nowait, item)
        except RuntimeError:  # closed this moment
            return False
        return True
