"""A call that is held for one thing, and left as soon as that is done."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from rooms.events import AnyEvent, Joined
from tui.conduct import Opener, RunningCall

Work = Callable[[RunningCall], Awaitable[None]]
"""What is done in a call from when we are in the room. Raises what ends it badly."""


def on_errand(opener: Opener, work: Work) -> Opener:
    """Return what opens the same call, does `work` in it and leaves.

    What the work raises, the opener raises in the end, unless the call was over before.
    """

    @contextlib.asynccontextmanager
    async def working() -> AsyncIterator[RunningCall]:
        async with opener() as call:
            task = asyncio.create_task(_work(call, work))
            try:
                yield call
            finally:
                task.cancel()
                await asyncio.wait([task])
            if not task.cancelled():
                task.result()

    return working


async def _work(call: RunningCall, work: Work) -> None:
    joined = asyncio.Event()

    def on_event(event: AnyEvent) -> None:
        if isinstance(event, Joined):
            joined.set()

    call.listen(on_event)
    await joined.wait()
    try:
        await work(call)
    finally:
        call.leave()
