"""A file of ours on its way to the server, piece by piece. Pure: `now` as in `rooms.window`."""

from __future__ import annotations

from e2ee.file_chunks import CHUNK, Content
from e2ee.mls.group import Group
from rooms import wire
from rooms.window import Window


class Upload:
    """One file that was announced."""

    def __init__(self, name: str, content: Content) -> None:
        self.name = name
        self.content = content
        self._next = 0
        self._window = Window()

    @property
    def done(self) -> int:
        """Bytes the server has taken."""
        return min((self._next - self._window.under_way) * CHUNK, self.content.size)

    @property
    def is_over(self) -> bool:
        """Whether the server has taken all of it."""
        return self._next == self.content.count and not self._window.under_way

    @property
    def has_turn(self) -> bool:
        """Whether another piece may be sent now."""
        return self._next < self.content.count and self._window.has_place

    def send(self, group: Group, now: float) -> wire.SendChunk:
        """Return the next piece, for the epoch of the group."""
        index, self._next = self._next, self._next + 1
        self._window.sent(now)
        return wire.SendChunk(self.content.id, group.epoch, index, self.content.seal(index, group))

    def taken(self, now: float) -> bool:
        """Note that the server has taken the oldest piece under way; False if there is none."""
        return self._window.taken(now)
