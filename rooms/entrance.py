"""How we come into the room of a link: what we say at its door, and what becomes of the answer.

Pure: `now` in Unix seconds.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from e2ee.identity import Identity, tidy_name
from e2ee.link import Link, room_keys
from e2ee.mls.cipher_suite import CipherSuite
from e2ee.mls.key_package import KeyPackageBundle
from rooms import bounds, wire
from rooms.known_people import KnownPeople
from rooms.membership import Membership, new_bundles
from rooms.offers import seal_offers
from rooms.policy import Policy, is_link_host
from rooms.returning import Returning
from rooms.text import clean_name


class Entrance:
    """Who we are there. `ticket` is the same for every connection of one participation."""

    def __init__(
        self, link: Link, identity: Identity, name: str, suites: Sequence[CipherSuite]
    ) -> None:
        self.link = link
        self.suites = suites
        self.ticket = secrets.token_bytes(bounds.TICKET_LENGTH)
        self._keys = room_keys(link.secret)
        self._identity = identity
        self._name = tidy_name(clean_name(name))
        self._bundles: Sequence[KeyPackageBundle] = ()

    @property
    def is_ours(self) -> bool:
        """Whether the link names us as its host."""
        return is_link_host(self._identity.public_blob, self.link.host_hash)

    @property
    def knocked(self) -> bool:
        """Whether a knock of ours waits for its Welcome."""
        return bool(self._bundles)

    def open(self) -> wire.OpenRoom:
        """Return what opens the room."""
        return wire.OpenRoom(self._keys.room_id, ticket=self.ticket)

    def knock(self, now: float) -> wire.Knock:
        """Return what knocks."""
        keys = self._keys
        self._bundles = new_bundles(self._identity, self._name, keys, now=now, suites=self.suites)
        return wire.Knock(keys.room_id, seal_offers(keys, self._bundles), ticket=self.ticket)

    def come_back(self, returning: Returning, now: float) -> wire.OpenRoom | wire.Knock:
        """Return what knocks for our place, or opens the room again that the server has lost.

        Raises `KeysError` or `RoomsError` if it cannot be made.
        """
        begin = returning.begin(self._identity, self._name, self.suites, now)
        self._bundles = returning.bundles
        return begin

    def create(self, now: float, known: KnownPeople, policy: Policy) -> Membership:
        """Begin the group of a room we opened."""
        return Membership.create(
            self.link,
            self._keys,
            self._identity,
            self._name,
            now=now,
            known=known,
            suite=self.suites[0],
            policy=policy,
        )

    def enter(self, welcome: bytes, known: KnownPeople, before: Membership | None) -> Membership:
        """Take a Welcome, once for each knock; `before`: whom we were in the room with.

        Raises `UntrustedHostError` if it does not lead into the room of the link.
        """
        bundles, self._bundles = self._bundles, ()
        return Membership.enter(welcome, bundles, self.link, self._keys, known, before=before)
