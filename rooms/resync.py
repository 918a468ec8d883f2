"""When to give our state of the group up and knock for our place: the room went on without us.

Each side of a room that fell apart believes that the other one lost the thread. Who comes first in
rank decides: the side that it is on stays, the other one comes back to it. A single member that
claims to be elsewhere, or really is, moves nobody so. But whoever is alone in an epoch that all
others have left was left behind, and goes, whoever that is. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rooms import roles
from rooms.heartbeat import Sides
from rooms.roster import Roster

SPREAD: Final = 2.0
"""Longest wait, seconds: those who go do not all knock at once."""
FIRST_GAP, LONGEST_GAP = 30.0, 300.0
"""Seconds from one time to the next, twice as many each time."""


def is_lost(roster: Roster, sides: Sides) -> bool:
    """Whether it is for us to go."""
    against = sides.ahead | sides.behind | sides.elsewhere
    if not against:
        return False
    if sides.ahead == against and not sides.with_us:
        return True  # we were left behind
    if sides.behind == against and len(against) == 1:
        return False  # it was
    ours = min(roles.rank(roster, leaf) for leaf in sides.with_us | {roster.me})
    return min(roles.rank(roster, leaf) for leaf in against) < ours


class Resync:
    """How often we may go. `jitter` returns something from 0 to 1."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._not_before = 0.0
        self._gap = FIRST_GAP
        self._due: float | None = None

    def judge(self, lost: bool, now: float) -> bool:
        """Return whether to go now, Unix seconds, `lost` being how things stand."""
        if not lost:
            self._due = None
            return False
        if self._due is None:
            self._due = max(now + SPREAD * self._jitter(), self._not_before)
        if now < self._due:
            return False
        self._due, self._not_before = None, now + self._gap
        self._gap = min(2 * self._gap, LONGEST_GAP)
        return True
