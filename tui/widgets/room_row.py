"""One room in the list of rooms: what it is called, who hosts it, when it was seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from textual.content import Content

from tui.ago import ago
from tui.ports import RoomLine

SEEN: Final = 13
"""Cells of the last column, the space before it included."""
HOSTS_FROM: Final = 56
"""Cells of a row from which on there is room for who hosts."""


def hosts_in_words(room: RoomLine) -> str:
    """Return who hosts a room."""
    return "yours" if room.mine else ", ".join(room.hosts)


@dataclass(frozen=True)
class RoomRow:
    """A room, and the time there is. All names are text, never markup."""

    room: RoomLine
    now: dt.datetime

    @property
    def id(self) -> str:
        """The room's."""
        return self.room.id

    def line(self, width: int) -> Content:
        """Return title and, as far as there is room, hosts and when."""
        seen = ago(self.room.last_seen, self.now)
        last = Content(f"{seen:>{SEEN}}").stylize("$foreground-muted")
        if width <= last.cell_length + 8:
            return Content(self.room.title).truncate(width, ellipsis=True)
        left = width - last.cell_length
        hosts = Content("")
        if width >= HOSTS_FROM:
            whose = "$success" if self.room.mine else "$foreground-muted"
            hosts = _fit(hosts_in_words(self.room), left * 2 // 5).stylize(whose)
            left -= hosts.cell_length
        return _fit(self.room.title, left) + hosts + last


def _fit(text: str, width: int) -> Content:
    """Return a text in exactly `width` cells, the last of them a space."""
    cut = Content(text).truncate(max(width - 1, 0), ellipsis=True)
    return cut + Content(" " * (width - cut.cell_length))
