"""Those who wait to be let in, and what a person could read about them before they answer. Pure.

A key pressed for one person must let in nobody else: a knock can be answered once it was shown
for a moment, and who came after all were asked about is not among them. `now` is in seconds of
any steady clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rooms.events import Knock

ASKED: Final = 10.0
"""Seconds within which the second press has to come."""


class Waiting:
    """The knocks, the oldest first. `settle`: seconds one must have been shown to be answered."""

    def __init__(self, settle: float) -> None:
        self.knocks: tuple[Knock, ...] = ()
        self.asked: tuple[Knock, ...] = ()
        self._settle = settle
        self._came: dict[int, float] = {}
        self._first = self._pressed = self._until = float("-inf")

    def show(self, knocks: Sequence[Knock], now: float) -> None:
        """Take note of who waits from now on."""
        knocks = tuple(knocks)
        if knocks[:1] != self.knocks[:1]:
            self._first = now
        known = {knock.knock for knock in self.knocks if knock in knocks}
        self._came = {
            knock.knock: self._came[knock.knock] if knock.knock in known else now
            for knock in knocks
        }
        self.knocks = knocks
        self.asked = tuple(knock for knock in self.asked if knock in knocks)

    def first(self, now: float) -> Knock | None:
        """Return the oldest, if it may be answered now."""
        settled = self.knocks and now - self._first >= self._settle
        return self.knocks[0] if settled else None

    def patience(self, knock: Knock, now: float) -> float:
        """Return for how many seconds somebody waits."""
        return now - self._came[knock.knock]

    def press(self, now: float) -> Sequence[Knock]:
        """Ask about all; return those to let in if they were asked about before.

        Those whose key has changed are never among them: each needs a look of its own. A key
        that is held down is pressed once.
        """
        since, self._pressed = now - self._pressed, now
        if since < self._settle:
            return ()
        self.expire(now)
        found, self.asked = self.asked, ()
        if not found:
            self.asked = tuple(knock for knock in self.knocks if self._may_be_asked(knock, now))
            self._until = now + ASKED
        return found

    def expire(self, now: float) -> None:
        """Forget what was asked, if that is long ago."""
        if self.asked and now > self._until:
            self.asked = ()

    def _may_be_asked(self, knock: Knock, now: float) -> bool:
        return knock.key_state != "changed" and self.patience(knock, now) >= self._settle
