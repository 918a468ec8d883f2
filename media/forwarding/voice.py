"""How much somebody is speaking, from coarse levels: the measure slots are given by."""

from __future__ import annotations

import math

ATTACK = 0.1
"""Seconds a rising level takes to count: a cough does not take a slot."""
RELEASE = 1.0
"""Seconds a falling level takes to fade: a pause between sentences does not lose a slot."""
HIDDEN_LEVEL = 1.0
"""What a packet counts whose sender hides the level: less than speech, more than silence."""
MAX_STEP = 0.1
"""Longest time one packet speaks for, seconds."""


class Voice:
    """A smoothed level of one publisher, 0.0 to 3.0, fading while nothing is sent."""

    __slots__ = ("_score", "last")

    def __init__(self) -> None:
        self.last = -math.inf
        """Time of the last packet, seconds."""
        self._score = 0.0

    def heard(self, level: int | None, now: float) -> None:
        """Account for one audio packet; `level` is None when the sender hides it."""
        target = HIDDEN_LEVEL if level is None else float(level)
        before = self.score(now)
        time_constant = ATTACK if target > before else RELEASE
        step = min(max(now - self.last, 0.0), MAX_STEP)
        self._score = before + (target - before) * (1.0 - math.exp(-step / time_constant))
        self.last = now

    def score(self, now: float) -> float:
        """Return the level as of `now`."""
        silent = max(0.0, now - self.last - MAX_STEP)
        return self._score * math.exp(-silent / RELEASE) if silent else self._score
