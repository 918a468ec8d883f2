"""How we get back into a room after the connection broke: knock for our place, or open it again.

If the server lost the room (it was started anew), whoever comes first in rank opens it under its
old number and keeps the group; the others knock. Pure: `now` in Unix seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from e2ee.mls.key_package import KeyPackageBundle
from e2ee.mls.signing_key import SigningKey
from rooms import roles, wire
from rooms.membership import Membership
from rooms.offers import seal_offers
from rooms.replacing import MAX_PLACES

RECONNECT_FOR: Final = 60.0
"""Seconds we try to reach the server again before the call ends."""


class Returning:
    """What we hold of a room we have no connection to, `since` when."""

    def __init__(self, membership: Membership, now: float, ticket: bytes = b"") -> None:
        self.membership = membership
        self._ticket = ticket
        self.since = now
        self.bundles: Sequence[KeyPackageBundle] = ()
        """What we knock with; kept until a room has seen it, because somebody may have to sign."""
        self.as_stranger = False
        """Whether we knock as anybody does: the place we were given is none we can take."""
        self.knocked: tuple[SigningKey, ...] = ()
        """What we knocked with before: one of these knocks may have been answered."""
        self._missing_since: float | None = None

    def is_too_late(self, now: float) -> bool:
        """Whether to give up."""
        return now - self.since > RECONNECT_FOR

    def opens(self, now: float) -> bool:
        """Whether it is our turn to open the room again: the server has none, and whoever is before
        us did not.
        """
        if self._missing_since is None:
            return False
        roster = self.membership.roster
        return now >= self._missing_since + roles.TURN * roles.rank(roster, roster.me)

    def opening(self) -> wire.OpenRoom:
        """Return what opens the room again."""
        room_id, leaf = self.membership.keys.room_id, self.membership.roster.me
        return wire.OpenRoom(room_id, leaf=leaf, ticket=self._ticket)

    def knock(self) -> wire.Knock:
        """Return the knock for our place, with `bundles`."""
        keys = self.membership.keys
        return wire.Knock(keys.room_id, seal_offers(keys, self.bundles), ticket=self._ticket)

    def give_place_up(self) -> None:
        """Knock as a stranger from now on."""
        self.as_stranger, self.bundles = True, ()

    def room_missing(self, now: float) -> None:
        """Note that the server has no such room."""
        if self._missing_since is None:
            self._missing_since = now

    def room_there(self) -> None:
        """Note that there is a room, which may have seen our knock: another one has to be new."""
        keys = (*self.knocked, *(bundle.signing_key for bundle in self.bundles[:1]))
        self.knocked = keys[-MAX_PLACES:]
        self._missing_since, self.bundles = None, ()
