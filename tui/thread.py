"""What was written, by id, and how people reacted to each line: as a screen draws it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rooms.events import ChatReceived, Reaction

KEPT: Final = 2000
"""Lines; a screen shows no more."""


class Thread:
    """Reactions count by name: who comes back at another leaf is no second person."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, ChatReceived] = OrderedDict()
        self._reactions: dict[str, dict[str, list[str]]] = {}

    def add(self, line: ChatReceived) -> None:
        """Take in a line; the oldest goes if there are too many."""
        self._lines[line.id] = line
        if len(self._lines) > KEPT:
            gone, _ = self._lines.popitem(last=False)
            self._reactions.pop(gone, None)

    def line(self, key: str) -> ChatReceived | None:
        """Return a line by its id, if we have it."""
        return self._lines.get(key)

    def react(self, reaction: Reaction) -> bool:
        """Take in a reaction, or that it was taken back; False if it is to no line we have."""
        if reaction.chat not in self._lines:
            return False
        by_emoji = self._reactions.setdefault(reaction.chat, {})
        names = [name for name in by_emoji.pop(reaction.emoji, []) if name != reaction.name]
        if reaction.on:
            names.append(reaction.name)
        if names:
            by_emoji[reaction.emoji] = names
        return True

    def reactions(self, key: str) -> Mapping[str, Sequence[str]]:
        """Return who reacted to a line, by emoji."""
        return self._reactions.get(key, {})
