"""Key frame requests, coalesced: many receivers may ask, a publisher is asked now and then."""

from __future__ import annotations

import math

MIN_INTERVAL = 0.5
"""Seconds between two requests to one publisher."""


class KeyFrameGate:
    """One publisher's requests; a request that comes too early is kept until it is due."""

    __slots__ = ("_last", "_pending")

    def __init__(self) -> None:
        self._last = -math.inf
        self._pending = False

    def request(self) -> None:
        """Somebody needs a key frame."""
        self._pending = True

    def due(self, now: float) -> bool:
        """Return True once when the publisher should be asked now."""
        if not self._pending or now - self._last < MIN_INTERVAL:
            return False
        self._pending = False
        self._last = now
        return True
