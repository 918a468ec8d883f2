"""Those who knock for their own place: who lost the connection and comes back, nobody asked. Pure.

Any member may give a place back (`rooms.policy`). So that not all do at once, each waits for its
turn, and forgets it if somebody else was first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from media.limits import KeyedLimiter
from rooms.knocks import Knocker, Knocks
from rooms.removals import Removals

SLOW_RETRY: Final = 3.0
"""Seconds until a place is given back again that the server did not let go: it may hold the old
connection for alive."""
MAX_TRIES: Final = 8
RATE, BURST = 0.1, 6.0
"""How often one identity comes back without being asked about, a second and at once: each time
costs everybody in the room a Commit."""


@dataclass(frozen=True, slots=True)
class Return:
    """Somebody who gets their place back from `due` on, Unix seconds."""

    knocker: Knocker
    due: float
    tries: int = 0


class Returns:
    """Who comes back to a room, by the number of the knock."""

    def __init__(self, knocks: Knocks) -> None:
        self.strangers: list[Knocker] = []
        """Whose place has gone, and who wait among the knocks now; to be drained."""
        self._knocks = knocks
        self._returns: dict[int, Return] = {}
        self._limit = KeyedLimiter(RATE, BURST)

    @property
    def knockers(self) -> list[Knocker]:
        """All who come back."""
        return [item.knocker for item in self._returns.values()]

    @property
    def dues(self) -> list[float]:
        """When they may, Unix seconds."""
        return [item.due for item in self._returns.values()]

    def take(self, participant: int, *, due: float) -> bool:
        """Take somebody off the knocks who has a place here; False if there is none, or too often.

        Whoever comes too often is asked about as any other.
        """
        knocker = self._knocks.waiting.get(participant)
        if knocker is None or self._knocks.left_by(knocker) is None:
            return False
        if not self._limit.take(knocker.credential.public_blob, due):
            return False
        self._returns[participant] = Return(self._knocks.waiting.pop(participant), due)
        return True

    def forget(self, participants: Iterable[int]) -> None:
        """Forget some, who are let in or have given up."""
        for participant in participants:
            self._returns.pop(participant, None)

    def clear(self) -> None:
        """Forget all: their knocks were at another connection."""
        self._returns.clear()

    def now_due(
        self, now: float, members: Iterable[bytes], removals: Removals
    ) -> Mapping[int, Return]:
        """Return whose turn it is; forget who is back. `members` are the MLS keys in the group.

        Whoever's place is gone, or is to go, is asked about as any other.
        """
        here = frozenset(members)
        for participant, item in list(self._returns.items()):
            if item.knocker.signature_key in here:
                del self._returns[participant]
            elif (leaf := self._knocks.left_by(item.knocker)) is None or removals.puts_out(leaf):
                del self._returns[participant]
                self._knocks.waiting[participant] = item.knocker
                self.strangers.append(item.knocker)
        return {number: item for number, item in self._returns.items() if item.due <= now}

    def again(self, item: Return, *, due: float) -> None:
        """Try once more from `due` on, unless it was tried too often."""
        if item.tries < MAX_TRIES:
            number = item.knocker.participant
            self._returns[number] = Return(item.knocker, due, item.tries + 1)
