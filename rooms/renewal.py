"""When our own key in the group's tree is to be replaced by a fresh one. Pure; Unix seconds.

Whoever stole our state reads on until our key is fresh (RFC 9750 section 8.2.5), and until we have
renewed it once, our key is the one we knocked with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

FIRST: Final = (10.0, 40.0)
"""Seconds from entering, or from a Proposal that came to nothing, to the next Proposal."""
MEMBER_PERIOD: Final = 3600.0
COMMITTER_PERIOD: Final = 300.0
PERIOD_PER_MEMBER: Final = 5.0
"""In a room of more than sixty a path is so large (kilobytes for each member, in a hybrid suite)
that a committer's period grows with it: this many seconds for each member."""
SPREAD_FROM: Final = 50
"""Above this many members the first Proposals are spread over more time, in proportion: each Commit
that takes some of them has a path."""


class Renewal:
    """Our own schedule. `jitter` returns numbers from 0 to 1: members must not act as one."""

    def __init__(self, now: float, *, members: int, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._since = now
        self._soon = now + self._first(members)
        self._renewed = False
        self._proposed = False

    def due(self, *, committing: bool, members: int) -> float | None:
        """Return when to renew; None while that is under way.

        `committing`: we are who commits, and do it by a path of our own.
        """
        if self._proposed:
            return None
        if committing:
            period = max(COMMITTER_PERIOD, PERIOD_PER_MEMBER * members)
            return self._since + period if self._renewed else self._soon
        return self._soon

    def proposed(self) -> None:
        """Note that a fresh key is proposed, or in a Commit that was sent."""
        self._proposed = True

    def next_epoch(self, now: float, *, renewed: bool, members: int) -> None:
        """Note a new epoch, and whether it brought our fresh key: a Proposal is good for one."""
        if renewed:
            self._since, self._renewed = now, True
            self._soon = now + MEMBER_PERIOD * (0.9 + 0.2 * self._jitter())
        elif self._proposed:
            self._soon = now + self._first(members)
        self._proposed = False

    def _first(self, members: int) -> float:
        low, high = FIRST
        return (low + (high - low) * self._jitter()) * max(1.0, members / SPREAD_FROM)
