"""Waking up once for everything that happens within some milliseconds.

A program whose work nobody waits for pays more for waking up than for the work itself.
"""

from __future__ import annotations

import contextlib
import selectors
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from rooms.events import AnyEvent, Joined
from tui.conduct import Opener, RunningCall

GRAIN: Final = 0.08
"""Seconds: four packets of each voice, as often as a sink pulls, so that one wake is for both."""


class CoalescingSelector(selectors.BaseSelector):
    """A selector that, with nothing to do, looks again after `grain` seconds at the earliest.

    Whatever comes meanwhile (packets, timers, signals) waits that long at most. With a grain of
    0, which it begins with, it is the platform's selector and nothing else.
    """

    def __init__(self) -> None:
        self.grain = 0.0
        self._inner = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready, having waited for `timeout` seconds, or for ever if it is None."""
        pause = self.grain if timeout is None else min(timeout, self.grain)
        if pause <= 0:
            return self._inner.select(timeout)
        if ready := self._inner.select(0):
            return ready
        time.sleep(pause)
        return self._inner.select(None if timeout is None else timeout - pause)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Watch a file."""
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Watch it no more."""
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Watch it for something else."""
        return self._inner.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """Return what is watched."""
        return self._inner.get_map()

    def close(self) -> None:
        """Let go of everything."""
        self._inner.close()


def while_in_room(opener: Opener, selector: CoalescingSelector) -> Opener:
    """Return what opens the same call and wakes up less often while it is in the room."""

    def on_event(event: AnyEvent) -> None:
        if isinstance(event, Joined):
            selector.grain = GRAIN

    @contextlib.asynccontextmanager
    async def coalescing() -> AsyncIterator[RunningCall]:
        async with opener() as call:
            call.listen(on_event)
            try:
                yield call
            finally:
                selector.grain = 0.0

    return coalescing
