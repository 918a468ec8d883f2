"""The last lines written, by id, and how people reacted to each. Pure, and bounded."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

LINES_REMEMBERED: Final = 256
"""Lines remembered so that none is shown twice, and each can be reacted to."""
MAX_REACTIONS: Final = 16
"""Different reactions kept of one line."""
MAX_OWN_REACTIONS: Final = 4
"""Of these, by one person: nobody uses them up alone."""

People = set[bytes]


class Lines:
    """People are identity blobs: who comes back at another leaf is the same one."""

    def __init__(self) -> None:
        self._reactions: OrderedDict[bytes, dict[str, People]] = OrderedDict()

    def __contains__(self, line: bytes) -> bool:
        return line in self._reactions

    def __len__(self) -> int:
        return len(self._reactions)

    def add(self, line: bytes) -> bool:
        """Remember a line; False if there is one of that id.

        Then it was said again, or somebody else took the id, to be answered in place of another.
        """
        if line in self._reactions:
            return False
        self._reactions[line] = {}
        if len(self._reactions) > LINES_REMEMBERED:
            self._reactions.popitem(last=False)
        return True

    def has_place(self, line: bytes, who: bytes, emoji: str) -> bool:
        """Whether somebody can react so to a line, or has done it already."""
        reactions = self._reactions.get(line, {})
        if who in reactions.get(emoji, ()):
            return True
        own = sum(who in people for people in reactions.values())
        return own < MAX_OWN_REACTIONS and (emoji in reactions or len(reactions) < MAX_REACTIONS)

    def react(self, line: bytes, who: bytes, emoji: str, *, on: bool) -> bool:
        """Note a reaction; False if nothing changes: it is so already, or there is no place."""
        reactions = self._reactions.get(line)
        if reactions is None or (who in reactions.get(emoji, ())) == on:
            return False
        if on and not self.has_place(line, who, emoji):
            return False
        people = reactions.setdefault(emoji, People())
        people.symmetric_difference_update({who})
        if not people:
            del reactions[emoji]
        return True
