"""One room in the list of rooms: what it is called, who hosts it, who is in, when it was seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

from textual.content import Content

from tui.ago import ago
from tui.ports import RoomLine

SEEN: Final = 13
HEADS: Final = 13
"""Cells of the last columns, the space before them included."""
HOSTS_FROM: Final = 56
"""Cells of a row from which on there is room for who hosts."""

Heads = int | Literal["asked", "unknown", "unreached"]
"""How many are in a room, as far as we asked; `unreached`: its server does not answer."""


def heads_in_words(heads: Heads) -> str:
    """Return how many are in, in at most 11 cells."""
    match heads:
        case "asked":
            return "…"
        case "unknown":
            return ""
        case "unreached":
            return "no answer"
        case 0:
            return "nobody in"
        case count:
            return f"{count} in it"


def hosts_in_words(room: RoomLine) -> str:
    """Return who hosts a room."""
    return "yours" if room.mine else ", ".join(room.hosts)


@dataclass(frozen=True)
class RoomRow:
    """A room, how many are in it, and the time there is. All names are text, never markup."""

    room: RoomLine
    now: dt.datetime
    heads: Heads = "unknown"

    @property
    def id(self) -> str:
        """The room's."""
        return self.room.id

    def line(self, width: int) -> Content:
        """Return title and, as far as there is room, hosts, heads and when."""
        seen = ago(self.room.last_seen, self.now)
        last = self._heads() + Content(f"{seen:>{SEEN}}").stylize("$foreground-muted")
        if width <= last.cell_length + 8:
            return Content(self.room.title).truncate(width, ellipsis=True)
        left = width - last.cell_length
        hosts = Content("")
        if width >= HOSTS_FROM:
            whose = "$success" if self.room.mine else "$foreground-muted"
            hosts = _fit(hosts_in_words(self.room), left * 2 // 5).stylize(whose)
            left -= hosts.cell_length
        return _fit(self.room.title, left) + hosts + last

    def _heads(self) -> Content:
        text = f"{heads_in_words(self.heads):>{HEADS}}"
        somebody = isinstance(self.heads, int) and self.heads > 0
        return Content(text).stylize("$success" if somebody else "$foreground-muted")


def _fit(text: str, width: int) -> Content:
    """Return a text in exactly `width` cells, the last of them a space."""
    cut = Content(text).truncate(max(width - 1, 0), ellipsis=True)
    return cut + Content(" " * (width - cut.cell_length))
