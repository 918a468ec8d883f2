"""A file of ours on its way to the server: a few pieces at a time, so that nothing waits for it.

Pure: `now` in seconds, of any clock that only grows.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from e2ee.file_chunks import CHUNK, Content
from e2ee.mls.group import Group
from rooms import wire

MOST_AHEAD: Final = 8.0
"""Most pieces that are under way. Whatever is said waits behind those at most."""
QUEUE: Final = 0.05
"""Seconds a piece may take longer than the quickest one. If it does, our own line is full, and what
waits there is sound as well: then fewer are under way."""


class Upload:
    """One file that was announced. The pace is that of the acknowledgements."""

    def __init__(self, name: str, content: Content) -> None:
        self.name = name
        self.content = content
        self._next = 0
        self._ahead = 1.0
        self._quickest = float("inf")
        self._sent_at: deque[float] = deque()

    @property
    def done(self) -> int:
        """Bytes the server has taken."""
        return min((self._next - len(self._sent_at)) * CHUNK, self.content.size)

    @property
    def is_over(self) -> bool:
        """Whether the server has taken all of it."""
        return self._next == self.content.count and not self._sent_at

    @property
    def has_turn(self) -> bool:
        """Whether another piece may be sent now."""
        return self._next < self.content.count and len(self._sent_at) < int(self._ahead)

    def send(self, group: Group, now: float) -> wire.SendChunk:
        """Return the next piece, for the epoch of the group."""
        index, self._next = self._next, self._next + 1
        self._sent_at.append(now)
        return wire.SendChunk(self.content.id, group.epoch, index, self.content.seal(index, group))

    def taken(self, now: float) -> bool:
        """Note that the server has taken the oldest piece under way; False if there is none."""
        if not self._sent_at:
            return False
        took = now - self._sent_at.popleft()
        self._quickest = min(self._quickest, took)
        if took > self._quickest + QUEUE:
            self._ahead = max(1.0, self._ahead / 2)
        else:
            self._ahead = min(MOST_AHEAD, self._ahead + 1 / self._ahead)
        return True
