"""How we get back into a room after the connection broke: knock for our place, or open it again.

If the server lost the room (it was started anew), whoever comes first in rank opens it under its
old number and keeps the group; the others knock. Pure: `now` in Unix seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from e2ee.identity import Identity
from e2ee.mls.cipher_suite import CipherSuite
from e2ee.mls.key_package import KeyPackageBundle
from e2ee.mls.signing_key import SigningKey
from rooms import roles, wire
from rooms.errors import RoomFullError, RoomMissingError
from rooms.limits import TOO_FAST
from rooms.membership import Membership, new_bundles
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

    def begin(
        self, identity: Identity, name: str, suites: Sequence[CipherSuite], now: float
    ) -> wire.OpenRoom | wire.Knock:
        """Return what opens the room again, or knocks for our place with `bundles`.

        These are made unless there are some. Raises `KeysError` or `RoomsError` if that fails.
        """
        keys, ticket = self.membership.keys, self._ticket
        if self.opens(now):
            return wire.OpenRoom(keys.room_id, leaf=self.membership.roster.me, ticket=ticket)
        if not self.bundles:
            self.bundles = new_bundles(
                identity,
                name,
                keys,
                now=now,
                suites=suites,
                replacing=None if self.as_stranger else self.membership.group,
                knocked=self.knocked,
            )
        return wire.Knock(keys.room_id, seal_offers(keys, self.bundles), ticket=ticket)

    def give_place_up(self) -> None:
        """Knock as a stranger from now on."""
        self.as_stranger, self.bundles = True, ()

    def turned_away(self, code: str, now: float) -> bool:
        """Note the error by which a server does not let us back in; whether it may in a moment."""
        if self.is_too_late(now):
            return False
        match code:
            case RoomMissingError.code:
                if self._missing_since is None:
                    self._missing_since = now
            case wire.ROOM_EXISTS:
                self.room_there()
            case _:
                return code in (RoomFullError.code, TOO_FAST)
        return True

    def room_there(self) -> None:
        """Note that there is a room, which may have seen our knock: another one has to be new."""
        keys = (*self.knocked, *(bundle.signing_key for bundle in self.bundles[:1]))
        self.knocked = keys[-MAX_PLACES:]
        self._missing_since, self.bundles = None, ()
