"""A clock that goes on evenly when somebody sets the computer's. Pure: `now` is in Unix seconds."""

from __future__ import annotations

from typing import Final

LARGEST_STEP: Final = 30.0
"""Seconds between two looks at the time, at most; beyond, the clock was set, or we slept."""


class SteadyClock:
    """Seconds since 1970 as they would be had nobody set the clock since the first look.

    How late somebody's word comes, and how long nobody was heard, must not depend on that.
    """

    def __init__(self, now: float) -> None:
        self._last = now
        self._ahead = 0.0

    def read(self, now: float) -> float:
        """Return the steady time; a step backwards, or a large one forwards, counts as none."""
        if not 0.0 <= now - self._last <= LARGEST_STEP:
            self._ahead += self._last - now
        self._last = now
        return self.time

    @property
    def time(self) -> float:
        """The steady time when last looked at."""
        return self._last + self._ahead

    def wall(self, steady: float) -> float:
        """Return what the computer's clock will say at a steady time."""
        return steady - self._ahead
