"""How many pieces of files may be under way on one line: as many as it takes without a queue.

What waits in a queue on the way is sound as well, and a line that is full of files is heard. Used
by whoever sends a file, for the line to the server, and by the server, for each reader's. Pure:
`now` in seconds, of any clock that only grows.
"""

from __future__ import annotations

from collections import deque
from typing import Final

MOST_AHEAD: Final = 8.0
"""Most pieces that are under way. Whatever is said waits behind those at most."""
QUEUE: Final = 0.05
"""Seconds a piece may take longer than the quickest one. If it does, the line is full: then fewer
are under way."""


class Window:
    """One line. It begins with one piece; its pace is that of what comes back for each."""

    def __init__(self) -> None:
        self._ahead = 1.0
        self._quickest = float("inf")
        self._sent_at: deque[float] = deque()

    @property
    def under_way(self) -> int:
        """Pieces that were sent and for which nothing came back yet."""
        return len(self._sent_at)

    @property
    def has_place(self) -> bool:
        """Whether another piece may be sent now."""
        return len(self._sent_at) < int(self._ahead)

    def sent(self, now: float) -> None:
        """Note that a piece is sent."""
        self._sent_at.append(now)

    def taken(self, now: float) -> bool:
        """Note that the oldest piece under way has arrived; False if there is none."""
        if not self._sent_at:
            return False
        took = now - self._sent_at.popleft()
        self._quickest = min(self._quickest, took)
        if took > self._quickest + QUEUE:
            self._ahead = max(1.0, self._ahead / 2)
        else:
            self._ahead = min(MOST_AHEAD, self._ahead + 1 / self._ahead)
        return True
