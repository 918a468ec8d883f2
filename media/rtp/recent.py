"""What share of something was lost lately: a line that is good again is good again. Pure."""

from __future__ import annotations

from collections import deque

WINDOW = 5.0
"""Seconds that count."""


class RecentShare:
    """How much one counter grew for each that another one did, over the last seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int, int]] = deque()

    def add(self, now: float, part: int, whole: int) -> None:
        """Note both counters as they are at `now`, in seconds."""
        self._samples.append((now, part, whole))
        while len(self._samples) > 2 and self._samples[1][0] <= now - WINDOW:
            self._samples.popleft()

    def share(self) -> float | None:
        """Return 0.0 to 1.0, whatever the other side counts; None if the whole did not grow."""
        if not self._samples:
            return None
        _, part, whole = self._samples[0]
        _, part_now, whole_now = self._samples[-1]
        if whole_now <= whole:
            return None
        return min(1.0, max(0.0, (part_now - part) / (whole_now - whole)))
