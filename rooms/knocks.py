"""Those who knock and wait for a decision: opened, verified, and each of them once. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from e2ee.identity import Credential
from e2ee.mls.cipher_suite import SUITES, CipherSuite
from rooms.errors import PolicyError, RoomLockedError, SuiteError
from rooms.events import Knock
from rooms.membership import Membership
from rooms.offers import read_offers
from rooms.replacing import Place

K = TypeVar("K")
V = TypeVar("V")
MAX_KNOCKS: Final = 64
MAX_SEEN: Final = 4096
"""Knocks remembered so that none counts twice, and none under the number of another one; the oldest
are forgotten beyond that."""


@dataclass(frozen=True, slots=True)
class Knocker:
    """Somebody who knocked and whose KeyPackages, by cipher suite, and credential verified.

    `places` are those of which it asks to have one back, if any.
    """

    participant: int
    credential: Credential
    signature_key: bytes
    offers: Mapping[int, bytes] = field(repr=False)
    places: tuple[Place, ...] = ()


class Knocks:
    """The undecided knocks at one room, in `waiting` by the server's number, oldest first."""

    def __init__(self, membership: Membership, suites: Sequence[CipherSuite] = SUITES) -> None:
        self.waiting: dict[int, Knocker] = {}
        self._membership = membership
        self._suites = suites
        self._seen: dict[bytes, None] = {}
        self._numbers: dict[int, bytes] = {}

    def open(self, participant: int, sealed: bytes, *, now: float) -> Knocker:
        """Open a knock and keep it. Raises `KeysError` or `PolicyError`: refuse it silently.

        Raises `SuiteError` for an honest one that cannot be let in: refuse it with a word.
        """
        keys, roster = self._membership.keys, self._membership.roster
        if len(self.waiting) >= MAX_KNOCKS:
            raise PolicyError("the room takes no knocks now")
        offers = read_offers(keys, sealed, now=now)
        knocker = Knocker(
            participant,
            offers.credential,
            offers.signature_key,
            offers.key_packages,
            offers.places,
        )
        stranger = self.left_by(knocker) is None
        role = roster.state.role(offers.credential.public_blob)
        if roster.state.locked and stranger and role != "host":
            raise RoomLockedError("the room is locked")
        # A person says the number of whom they were shown; meanwhile that knock may be withdrawn.
        if self._numbers.get(participant, knocker.signature_key) != knocker.signature_key:
            raise PolicyError("a knock comes with the number of another one")
        # The server can play a knock again: at once, which would make a Commit invalid, or when
        # whoever knocked has long left, which would ask for somebody who is not there.
        if offers.signature_key in self._seen or self._is_member(offers.signature_key):
            raise PolicyError("a knock came twice")
        _remember(self._seen, offers.signature_key, None)
        if not any(suite.id in knocker.offers for suite in self.possible_suites()):
            raise self.suite_error(knocker)
        _remember(self._numbers, participant, knocker.signature_key)
        self.waiting[participant] = knocker
        return knocker

    def take(self, participant: int) -> Knocker | None:
        """Take out a knock that is decided or withdrawn; None if nobody knocks with that number."""
        return self.waiting.pop(participant, None)

    def clear(self) -> None:
        """Forget those undecided; the server tells of them again if they concern us again."""
        for knocker in self.waiting.values():
            self._seen.pop(knocker.signature_key, None)
        self.waiting.clear()

    def break_off(self) -> None:
        """Forget those undecided, and whose the numbers were: a restarted server begins anew."""
        self.clear()
        self._numbers.clear()

    def left_by(self, knocker: Knocker) -> int | None:
        """Return the leaf in the group that a knocker gave up and may have back, if any."""
        who, key = knocker.credential, knocker.signature_key
        return self._membership.given_up(knocker.places, who, key)

    def event(self, knocker: Knocker) -> Knock:
        """Return a knock as the face sees it."""
        roster = self._membership.roster
        return Knock(
            knock=knocker.participant,
            name=roster.name_of_stranger(knocker.credential),
            fingerprint=knocker.credential.fingerprint,
            key_state=roster.key_state(knocker.credential),
        )

    def possible_suites(self) -> Sequence[CipherSuite]:
        """The suites somebody may come in with: while we are alone, the group can begin again."""
        return self._suites if self._membership.can_restart else [self._membership.group.suite]

    def warning(self, knocker: Knocker) -> str:
        """Return what a person should know before letting somebody in; empty if it is nothing."""
        suite = self._membership.group.suite
        if suite.id in knocker.offers:
            return ""
        name = self._membership.roster.name_of_stranger(knocker.credential)
        return f"{name} cannot do {suite.name} keys: letting them in gives the room other ones"

    def suite_error(self, knocker: Knocker) -> SuiteError:
        """Return why somebody who lacks the room's suite cannot be let in."""
        name = self._membership.roster.name_of_stranger(knocker.credential)
        suite = self._membership.group.suite.name
        return SuiteError(
            f"{name} cannot be let in: their sotto does not do this room's {suite} keys",
            hint="have them update it, or open a new room with --suite classic",
        )

    def _is_member(self, signature_key: bytes) -> bool:
        members = self._membership.group.members
        return any(member.signature_key == signature_key for member in members)


def _remember(known: dict[K, V], key: K, value: V) -> None:
    known[key] = value
    if len(known) > MAX_SEEN:
        del known[next(iter(known))]
