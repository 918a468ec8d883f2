"""The clock of a session: has its protocol do in time what is due."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from rooms.protocol import RoomProtocol

MIN_TICK: Final = 0.01
MAX_TICK: Final = 10.0
"""Seconds between two ticks: the clock may be set, and what is due may stay due."""


class Ticker:
    """`drain` passes on what the protocol makes of a tick."""

    def __init__(self, protocol: RoomProtocol, drain: Callable[[], None]) -> None:
        self._protocol = protocol
        self._drain = drain
        self._timer: asyncio.TimerHandle | None = None

    def plan(self) -> None:
        """Wait for what is due next, instead of what was before."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._protocol.next_tick
        if due is not None:
            delay = min(max(due - time.time(), MIN_TICK), MAX_TICK)
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        self._protocol.tick(time.time())
        self._drain()
