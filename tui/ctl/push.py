"""Push to talk by a key of somebody else's: it is told when to be open, and closes by itself.

A window manager starts a process for each press, for each repeat of a key that is held, and for
the release. They may come late, in another order, or not at all; then the microphone has to be
closed rather than open. What `tui.talking` does for keys of our own terminal is not enough: that
takes presses in order, and knows what the key is.

Pure: `now` is a parameter, and so is `at`, when the key moved: seconds of one steady clock that
all processes of the machine share. Call, then read `open`, and call `tick` at `next_tick`.
"""

from __future__ import annotations

import math
from typing import Final

from tui.talking import LONGEST

LIMIT: Final = 60.0
"""Seconds the microphone stays open after the last press or repeat."""
QUIET: Final = 1.0
"""Seconds without a repeat after which a press is surely a new one."""


class Push:
    """One key that is pressed and released elsewhere."""

    def __init__(self) -> None:
        self.open = False
        self._pressed = self._last = self._released = -math.inf
        self._spent = False

    def press(self, at: float, now: float) -> None:
        """Take a press or a repeat: one from before the last release is too late to count."""
        if at <= self._released:
            return
        quiet, self._last = now - self._last, now
        if self._spent and quiet < QUIET:
            return
        self._spent = False
        if not self.open:
            self.open, self._pressed = True, now

    def release(self, at: float) -> None:
        """Take a release."""
        self._released = max(self._released, at)
        self.open = self._spent = False

    def stop(self, now: float | None = None) -> None:
        """Close for another reason than the key; repeats of a key that is held do not reopen it.

        `now`: it is a press that is not to count.
        """
        self.open, self._spent = False, True
        self._last = self._last if now is None else now

    def tick(self, now: float) -> None:
        """Close what was open for long enough."""
        if self.open and now >= self._end:
            self.stop()

    @property
    def next_tick(self) -> float | None:
        """When to call `tick`; None while there is nothing to wait for."""
        return self._end if self.open else None

    @property
    def _end(self) -> float:
        return min(self._last + LIMIT, self._pressed + LONGEST)
