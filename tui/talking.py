"""Push to talk: when the microphone is open because a key is held, and when no longer.

Three ways, as the terminal allows. `hold`: it reports when a key is released (kitty's keyboard
protocol). `repeat`: it does not, but repeats a key that is held; the microphone closes soon after
the last repeat. `toggle`: one press opens, the next closes. Which it is shows itself: a release
report proves `hold`, two quick repeats prove `repeat`.

It fails closed. Whoever knows a reason calls `stop`, and after that only a press that is surely a
new one opens the microphone again. Pure: `now` is a parameter, seconds of any steady clock; call,
then read `open`, and call `tick` at `next_tick`.
"""

from __future__ import annotations

import math
from typing import Final, Literal

Tier = Literal["hold", "repeat", "toggle"]

FIRST_GAP: Final = 0.7
"""Seconds a held key may need for its first repeat; the usual delays are 0.25 to 0.66."""
NEXT_GAP: Final = 0.25
"""Seconds between repeats after the first; the usual rates are 10 to 40 a second."""
STALL: Final = 1.0
"""Seconds without a repeat after which a key that did repeat no longer counts as held: its release
may be stuck in a link that stalls."""
LONGEST: Final = 300.0
"""Seconds a key may be held: longer ones lie under something, or their release was lost."""

_LABELS: Final[dict[Tier, str]] = {
    "hold": "hold to talk",
    "repeat": "hold to talk, ends late",
    "toggle": "talk on and off",
}


class Talk:
    """One key to talk with."""

    def __init__(self, tier: Tier = "toggle") -> None:
        self.tier: Tier = tier
        self.open = False
        self._pressed = self._last = self._released = -math.inf
        self._repeats = 0
        self._spent = False

    @property
    def label(self) -> str:
        """How the key works here, for the person."""
        return _LABELS[self.tier]

    def reports_releases(self) -> None:
        """Note that the terminal promised to report releases."""
        self.tier = "hold"

    def press(self, now: float, *, again: bool = False) -> None:
        """Take a press; `again`: the terminal says that it is a repeat."""
        if now <= self._released:
            return
        quiet, self._last = now - self._last, now
        if self._spent and (again or quiet < FIRST_GAP):
            return
        self._spent = False
        match self.tier:
            case "hold":
                self._hold(now, again)
            case "repeat":
                self._repeat(now, quiet)
            case "toggle":
                self._toggle(now, again, quiet)

    def _hold(self, now: float, again: bool) -> None:
        if again:
            self._repeats += 1
        elif self.open:  # twice down and never up: releases do not arrive after all
            self.tier = "repeat"
            self._repeats += 1
        else:
            self._open(now)

    def _repeat(self, now: float, quiet: float) -> None:
        if self.open and quiet < self._gap:
            self._repeats += 1
        else:
            self._open(now)

    def _toggle(self, now: float, again: bool, quiet: float) -> None:
        if again or quiet < NEXT_GAP:
            self._repeats += 1
            if self._repeats == 2:
                self.tier = "repeat"
                self._open(now)
                self._repeats = 2
        elif self.open:
            self._close()
        else:
            self._open(now)

    def release(self, now: float) -> None:
        """Take a report that the key was released; presses from before may still come."""
        self.tier, self._released = "hold", now
        self._close()
        self._spent = False

    def stop(self) -> None:
        """Close the microphone for another reason than the key; a held key does not reopen it."""
        self._close()
        self._spent = True

    def tick(self, now: float) -> None:
        """Close what was held for long enough."""
        if self.open and now >= self._quiet_at:
            self._close()
            self._spent = self.tier == "hold"
        elif self.open and now >= self._too_long_at:
            self.stop()

    @property
    def next_tick(self) -> float | None:
        """When to call `tick`; None while there is nothing to wait for."""
        when = min(self._quiet_at, self._too_long_at)
        return when if self.open and when < math.inf else None

    @property
    def _gap(self) -> float:
        return NEXT_GAP if self._repeats else FIRST_GAP

    @property
    def _quiet_at(self) -> float:
        match self.tier:
            case "hold":
                return self._last + STALL if self._repeats else math.inf
            case "repeat":
                return self._last + self._gap
            case "toggle":
                return math.inf

    @property
    def _too_long_at(self) -> float:
        return math.inf if self.tier == "toggle" else self._pressed + LONGEST

    def _open(self, now: float) -> None:
        self.open, self._pressed, self._repeats = True, now, 0

    def _close(self) -> None:
        self.open, self._repeats = False, 0
